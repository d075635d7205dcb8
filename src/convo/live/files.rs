//! Files that scripts send, drawn on the spot: a code, a receipt of a bank's app, a document.

use image::{GrayImage, ImageEncoder as _, Luma};

use crate::channels::Image;
use crate::payments::qris;

/// Pixels of a receipt.
const RECEIPT_PX: (u32, u32) = (360, 640);
/// Blocks of a receipt, across and down.
const BLOCKS: (u32, u32) = (9, 8);

/// The file that a script names: `qris:TEXT`, `receipt:NUMBER` or `pdf:NUMBER`.
pub(in crate::convo) fn drawn(name: &str) -> Option<Image> {
    let (kind, what) = name.split_once(':')?;
    let (mime, bytes) = match kind {
        "qris" => ("image/png", qris::png(what, "", "").ok()?),
        "receipt" => ("image/png", receipt(what.parse().ok()?)?),
        "pdf" => ("application/pdf", format!("%PDF-1.7\n% {what}\n").into_bytes()),
        _ => return None,
    };
    Some(Image { mime: mime.to_owned(), bytes, uploaded_id: None })
}

/// A picture that is the same for a number, and looks like no other number's.
fn receipt(number: u32) -> Option<Vec<u8>> {
    let (width, height) = RECEIPT_PX;
    let picture = GrayImage::from_fn(width, height, |x, y| {
        let block = x / (width / BLOCKS.0) + y / (height / BLOCKS.1) * BLOCKS.0;
        let drawn = (block + 1).wrapping_mul(2_654_435_761).wrapping_add(number.wrapping_mul(40_503));
        let drawn = drawn ^ (drawn >> 15).wrapping_mul(number.wrapping_add(7));
        Luma([u8::try_from(drawn >> 8 & 0xff).unwrap_or(0)])
    });
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(&picture, width, height, image::ExtendedColorType::L8).ok()?;
    Some(bytes)
}
