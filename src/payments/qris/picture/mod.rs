//! Reading a code out of a picture: a photograph of the shop's printed code, or a company's drawing of one. And the hash
//! by which a picture is known again after it was made smaller or sent on.

use image::{DynamicImage, GrayImage, Luma, imageops};
use tokio::sync::Semaphore;

/// Bytes of a picture that are read.
pub const MAX_PICTURE_BYTES: usize = 20 * 1024 * 1024;
/// Pixels of a side; larger pictures are not read into memory.
const MAX_SIDE_PX: u32 = 12_000;
/// Pixels of a picture: those of a good phone's photograph, twice over.
const MAX_PIXELS: u64 = 36_000_000;
/// Bytes that the pixels of a picture may need in memory.
const MAX_MEMORY_BYTES: u64 = 128 * 1024 * 1024;
/// Bytes of what a file carries beside its pixels (colour profiles, notes), unpacked. None of it is used.
const MAX_SIDE_BYTES: u64 = 4 * 1024 * 1024;
/// Longer sides that a picture is tried at: large photographs are noisy, small ones too coarse.
const SIDES_PX: [u32; 4] = [1_024, 640, 1_600, 2_400];
/// Pictures up to this size are tried as they are.
const OWN_PX: u32 = 1_600;
/// Tries after a code was found: a second code in the picture may need another size.
const TRIES_AFTER_FOUND: usize = 3;
/// Of the darkest and of the brightest pixels, the part in thousands that says nothing: reflections and dust.
const IGNORED_PERMILLE: u64 = 10;
/// White around a picture that is cut off close to its code, in parts of its side.
const MARGIN_DIVISOR: u32 = 8;

/// Why no code was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
    /// There is a code in it that is too blurred, too small or covered.
    #[error(
        "there is a code in the picture, but it cannot be made out: photograph it closer, sharper, without reflections"
    )]
    Blurred,
}

/// Pictures that are read at once; the next ones wait. One may need as much memory as everything else together.
const MAX_AT_ONCE: usize = 1;
static READERS: Semaphore = Semaphore::const_new(MAX_AT_ONCE);

/// Does something with a picture beside the threads that carry messages, when it is its turn: everything that unpacks one goes
/// through here, so that many pictures need no more memory than one. Nothing when it did not end.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _permit = READERS.acquire().await.ok()?;
    tokio::task::spawn_blocking(work).await.ok()
}

/// The texts of all codes in a picture, each once.
///
/// # Errors
/// [`PictureError`].
pub fn read_picture(bytes: &[u8]) -> Result<Vec<String>, PictureError> {
    read_decoded(&decode(bytes)?)
}

/// The same of a picture that was read into memory.
///
/// # Errors
/// [`PictureError::NoCode`] or [`PictureError::Blurred`].
pub fn read_decoded(picture: &DynamicImage) -> Result<Vec<String>, PictureError> {
    let mut found: Vec<String> = Vec::new();
    let mut is_blurred = false;
    let mut left = usize::MAX;
    for grey in variants(picture) {
        if left == 0 {
            break;
        }
        left -= 1;
        let before = found.len();
        is_blurred |= scan(&grey, &mut found);
        if before == 0 && !found.is_empty() {
            left = TRIES_AFTER_FOUND;
        }
    }
    match (found.is_empty(), is_blurred) {
        (false, _) => Ok(found),
        (true, true) => Err(PictureError::Blurred),
        (true, false) => Err(PictureError::NoCode),
    }
}

/// Adds the codes of one try to those that were found. Returns whether one was seen that could not be read.
fn scan(grey: &GrayImage, found: &mut Vec<String>) -> bool {
    let (width, height) = grey.dimensions();
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
            let at = (u32::try_from(x).unwrap_or(0), u32::try_from(y).unwrap_or(0));
            grey.get_pixel_checked(at.0, at.1).map_or(255, |pixel| pixel.0[0])
        });
    let mut is_blurred = false;
    for grid in prepared.detect_grids() {
        match grid.decode() {
            Ok((_, text)) if !text.is_empty() => {
                if !found.contains(&text) {
                    found.push(text);
                }
            }
            _ => is_blurred = true,
        }
    }
    is_blurred
}

/// Reads a picture within bounds: what its head says is held against them before a pixel is read.
///
/// # Errors
/// [`PictureError`].
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    use image::ImageDecoder as _;
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(PictureError::TooLarge);
    }
    let problem = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::NotAPicture,
    };
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|_| PictureError::NotAPicture)?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PX);
    limits.max_image_height = Some(MAX_SIDE_PX);
    limits.max_alloc = Some(MAX_SIDE_BYTES);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(problem)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureError::NotAPicture);
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY_BYTES {
        return Err(PictureError::TooLarge);
    }
    limits.max_alloc = Some(decoder.total_bytes() + MAX_SIDE_BYTES);
    decoder.set_limits(limits).map_err(problem)?;
    DynamicImage::from_decoder(decoder).map_err(problem)
}

/// The dHash of a picture: 64 bits, each saying whether a part of it is brighter than the part to its right. Pictures that
/// look the same differ in few bits, whatever their size and format.
pub fn picture_hash(picture: &DynamicImage) -> u64 {
    let small = imageops::resize(&picture.to_luma8(), 9, 8, imageops::FilterType::Triangle);
    let mut hash = 0;
    for y in 0..8 {
        for x in 0..8 {
            let is_brighter = small.get_pixel(x, y).0[0] > small.get_pixel(x + 1, y).0[0];
            hash = (hash << 1) | u64::from(is_brighter);
        }
    }
    hash
}

/// The picture as it is tried, one after the other: at several sizes, each as it is and with its contrast stretched, and
/// at last with white around it, because codes that are cut off close to their edge are not found.
fn variants(picture: &DynamicImage) -> impl Iterator<Item = GrayImage> + '_ {
    let longest = picture.width().max(picture.height());
    let own = (longest <= OWN_PX).then(|| on_white(picture));
    let sized = SIDES_PX
        .into_iter()
        .filter(move |side| longest > *side || longest * 2 < *side)
        .map(|side| on_white(&picture.resize(side, side, imageops::FilterType::Triangle)));
    let framed = std::iter::once_with(|| {
        let side = SIDES_PX[0];
        framed(&stretched(&on_white(&picture.resize(side, side, imageops::FilterType::Triangle))))
    });
    own.into_iter()
        .chain(sized)
        .flat_map(|grey| {
            let stretched = stretched(&grey);
            [grey, stretched]
        })
        .chain(framed)
}

/// The picture in shades of grey. What is transparent counts as white, as on the screen that it was saved from.
fn on_white(picture: &DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.to_luma8();
    }
    let picture = picture.to_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [grey, alpha] = picture.get_pixel(x, y).0;
        let (grey, alpha) = (u16::from(grey), u16::from(alpha));
        let mixed = (grey * alpha + 255 * (255 - alpha)) / 255;
        Luma([u8::try_from(mixed).unwrap_or(255)])
    })
}

/// The picture with its darkest pixels black and its brightest white.
fn stretched(grey: &GrayImage) -> GrayImage {
    let mut counts = [0_u64; 256];
    for pixel in grey.pixels() {
        counts[usize::from(pixel.0[0])] += 1;
    }
    let ignored = u64::from(grey.width()) * u64::from(grey.height()) * IGNORED_PERMILLE / 1_000;
    let (dark, bright) = (level(&counts, 0..256, ignored), level(&counts, (0..256).rev(), ignored));
    let span = bright.saturating_sub(dark).max(1);
    let mut out = grey.clone();
    for pixel in out.pixels_mut() {
        let raised = usize::from(pixel.0[0]).saturating_sub(dark) * 255 / span;
        pixel.0[0] = u8::try_from(raised).unwrap_or(255);
    }
    out
}

/// The first level at which more pixels were passed than are ignored.
fn level(counts: &[u64; 256], levels: impl Iterator<Item = usize>, ignored: u64) -> usize {
    let mut passed = 0;
    for level in levels {
        passed += counts.get(level).copied().unwrap_or(0);
        if passed > ignored {
            return level;
        }
    }
    0
}

/// The picture with white around it.
fn framed(grey: &GrayImage) -> GrayImage {
    let margin = grey.width().max(grey.height()) / MARGIN_DIVISOR;
    let mut out = GrayImage::from_pixel(grey.width() + 2 * margin, grey.height() + 2 * margin, Luma([255]));
    imageops::replace(&mut out, grey, i64::from(margin), i64::from(margin));
    out
}

#[cfg(test)]
mod tests;
