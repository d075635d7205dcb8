//! Reading a code out of a picture: a photograph of the shop's printed code, or a company's drawing of one.

use image::{DynamicImage, GrayImage, imageops};

/// Bytes of a picture that are read.
pub const MAX_PICTURE_BYTES: usize = 20 * 1024 * 1024;
/// Pixels of a side; larger pictures are not read into memory.
const MAX_SIDE_PX: u32 = 12_000;
/// Bytes that a picture may need in memory.
const MAX_MEMORY_BYTES: u64 = 256 * 1024 * 1024;
/// Longer sides that a picture is tried at: large photographs are noisy, small ones too coarse.
const SIDES_PX: [u32; 4] = [1_024, 640, 1_600, 2_400];

/// Why no code was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The bytes are no picture that is known here.
    #[error("the file is no picture that can be read (PNG, JPEG or WebP)")]
    NotAPicture,
    /// The picture is larger than is read.
    #[error("the picture is too large")]
    TooLarge,
    /// There is no code in it, or none that can be made out.
    #[error("no code can be made out in the picture")]
    NoCode,
}

/// The texts of all codes in a picture, each once.
///
/// # Errors
/// [`PictureError`].
pub fn read_picture(bytes: &[u8]) -> Result<Vec<String>, PictureError> {
    let picture = decode(bytes)?;
    let mut found: Vec<String> = Vec::new();
    for grey in variants(&picture) {
        let (width, height) = grey.dimensions();
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
                let at = (u32::try_from(x).unwrap_or(0), u32::try_from(y).unwrap_or(0));
                grey.get_pixel(at.0, at.1).0[0]
            });
        for grid in prepared.detect_grids() {
            if let Ok((_, text)) = grid.decode()
                && !found.contains(&text)
            {
                found.push(text);
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Err(PictureError::NoCode)
}

/// Reads a picture within bounds.
///
/// # Errors
/// [`PictureError`].
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(PictureError::TooLarge);
    }
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|_| PictureError::NotAPicture)?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PX);
    limits.max_image_height = Some(MAX_SIDE_PX);
    limits.max_alloc = Some(MAX_MEMORY_BYTES);
    reader.limits(limits);
    reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::NotAPicture,
    })
}

/// The picture as it is tried, one after the other: at several sizes, as it is and with its contrast stretched.
fn variants(picture: &DynamicImage) -> impl Iterator<Item = GrayImage> + '_ {
    let longest = picture.width().max(picture.height());
    let own = (longest <= SIDES_PX[2]).then(|| picture.to_luma8());
    let sized = SIDES_PX
        .into_iter()
        .filter(move |side| longest > *side || longest * 2 < *side)
        .map(|side| picture.resize(side, side, imageops::FilterType::Triangle).to_luma8());
    own.into_iter().chain(sized).flat_map(|grey| {
        let stretched = imageops::contrast(&grey, 40.0);
        [grey, stretched]
    })
}
