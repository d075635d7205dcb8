//! What is made out of a file that a person sent: the codes in a picture, and what the picture looks like. Reading is pure
//! computing, so it is done beside the threads that carry messages, and before any transaction is open.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ConversationId;
use crate::payments::qris::{self, PictureError};
use crate::store::media::Media;

/// Codes of one picture that are told.
const MAX_CODES: usize = 4;
/// Characters of a code that are told; no QRIS is longer.
const MAX_CODE_CHARS: usize = 1_000;

/// Pixels of the longer side of a picture that is sent on; receipts of phones are readable at that.
const MAX_SENT_PX: u32 = 1_600;
/// A picture that is longer than so many times its shorter side is refused by platforms.
const MAX_RATIO: u32 = 10;
/// How well a picture that is sent on is saved.
const SENT_QUALITY_PERCENT: u8 = 85;

/// What is wanted of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// That it is kept, for whoever looks at the order.
    #[default]
    Keep,
    /// A customer's proof of a payment.
    Proof,
    /// The shop's printed code.
    Code,
    /// That a person of the shop, who talks to the sender, sees it.
    Show,
    /// That a customer sees it, to whom somebody of the shop is writing.
    Answer {
        /// The customer's chat.
        to: ConversationId,
        /// The words that came with it.
        caption: Option<String>,
    },
}

/// What was made out of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Reading {
    /// Nothing was wanted, or the file could not be had.
    #[default]
    Nothing,
    /// A picture.
    Picture {
        /// The texts of the codes in it, where they were wanted.
        codes: Vec<String>,
        /// Whether there is a code in it that cannot be made out.
        is_blurred: bool,
        /// Its dHash, as the column holds it.
        picture_hash: i64,
    },
    /// A document that is no picture.
    Document,
    /// No picture and no document that is known here.
    Unknown,
    /// Larger than is read.
    TooLarge,
}

/// Reads a file. Anything that goes wrong is an answer.
pub async fn read(purpose: Purpose, bytes: Vec<u8>) -> Reading {
    if purpose == Purpose::Keep {
        return Reading::Nothing;
    }
    qris::in_turn(move || make_out(purpose, &bytes)).await.unwrap_or(Reading::Unknown)
}

/// A kept picture as it is shown to others: of a size that every platform takes, and without what the camera wrote into it.
/// Nothing where it is no picture, or of a shape that platforms refuse.
pub async fn for_sending(bytes: Option<Vec<u8>>) -> Option<Media> {
    let bytes = bytes?;
    qris::in_turn(move || redrawn(&bytes)).await.flatten()
}

fn redrawn(bytes: &[u8]) -> Option<Media> {
    let picture = qris::decode(bytes).ok()?;
    let (short, long) = (picture.width().min(picture.height()), picture.width().max(picture.height()));
    if short.saturating_mul(MAX_RATIO) < long {
        return None;
    }
    let picture = if long > MAX_SENT_PX {
        picture.resize(MAX_SENT_PX, MAX_SENT_PX, image::imageops::FilterType::Triangle)
    } else {
        picture
    };
    let mut out = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, SENT_QUALITY_PERCENT);
    picture.to_rgb8().write_with_encoder(encoder).ok()?;
    Some(Media { mime: "image/jpeg".to_owned(), bytes: out })
}

fn make_out(purpose: Purpose, bytes: &[u8]) -> Reading {
    // A file is what its first bytes say, not what its sender calls it.
    if bytes.starts_with(b"%PDF-") {
        return Reading::Document;
    }
    let picture = match qris::decode(bytes) {
        Ok(picture) => picture,
        Err(PictureError::TooLarge) => return Reading::TooLarge,
        Err(_) => return Reading::Unknown,
    };
    let found = match purpose {
        Purpose::Code => qris::read_decoded(&picture),
        _ => Ok(Vec::new()),
    };
    let is_blurred = found == Err(PictureError::Blurred);
    let codes = found.unwrap_or_default().into_iter();
    let codes = codes.filter(|code| code.chars().count() <= MAX_CODE_CHARS).take(MAX_CODES).collect();
    Reading::Picture { codes, is_blurred, picture_hash: qris::picture_hash(&picture).cast_signed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_what_its_bytes_say() {
        let png = qris::png("hello", "", "").unwrap();
        let read_code = read(Purpose::Code, png.clone()).await;
        assert!(matches!(read_code, Reading::Picture { codes, is_blurred: false, .. } if codes == ["hello"]));
        let read_proof = read(Purpose::Proof, png.clone()).await;
        assert!(matches!(read_proof, Reading::Picture { codes, .. } if codes.is_empty()));
        assert_eq!(read(Purpose::Keep, png).await, Reading::Nothing);
        assert_eq!(read(Purpose::Proof, b"%PDF-1.7\n".to_vec()).await, Reading::Document);
        assert_eq!(read(Purpose::Proof, b"MZ\x90".to_vec()).await, Reading::Unknown);
        assert_eq!(read(Purpose::Code, Vec::new()).await, Reading::Unknown);
    }
}
