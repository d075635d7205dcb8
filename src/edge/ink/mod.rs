//! Words in pictures: lines of text in a font that every machine has, because it is in the program.

mod paper;

use std::io::Cursor;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use image::{GrayImage, ImageEncoder, Luma};

pub use paper::paper;

/// The smallest size that a line shrinks to before it is cut, in pixels.
const SMALLEST_PX: f32 = 20.0;
/// Characters of a line that are looked at.
const MAX_LINE_CHARS: usize = 120;
const ELLIPSIS: char = '…';
/// The colour of paper.
pub const WHITE: Luma<u8> = Luma([255]);

/// Why a picture cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the picture cannot be made: {0}")]
pub struct InkError(String);

/// The regular and the bold font.
///
/// # Errors
/// [`InkError`] when the fonts of the program cannot be read.
pub fn fonts() -> Result<(FontRef<'static>, FontRef<'static>), InkError> {
    let font =
        |bytes: &'static [u8]| FontRef::try_from_slice(bytes).map_err(|error| InkError(error.to_string()));
    Ok((font(dejavu::sans::regular())?, font(dejavu::sans::bold())?))
}

/// A picture as a PNG.
///
/// # Errors
/// [`InkError`].
pub fn png(picture: &GrayImage) -> Result<Vec<u8>, InkError> {
    let mut bytes = Cursor::new(Vec::new());
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(picture.as_raw(), picture.width(), picture.height(), image::ExtendedColorType::L8)
        .map_err(|error| InkError(error.to_string()))?;
    Ok(bytes.into_inner())
}

/// A line of text in the size at which it fits.
pub struct Line<'a> {
    text: String,
    font: &'a FontRef<'static>,
    size_px: f32,
}

impl<'a> Line<'a> {
    /// Shrinks a text until it fits, then cuts it. Characters that the font does not have are left out.
    pub fn fit(text: &str, font: &'a FontRef<'static>, size_px: f32, room_px: f32) -> Option<Self> {
        let known: String = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .filter(|character| *character == ' ' || font.glyph_id(*character).0 != 0)
            .take(MAX_LINE_CHARS)
            .collect();
        let mut line = Self { text: known.trim().to_owned(), font, size_px };
        if line.text.is_empty() {
            return None;
        }
        let width_px = line.width_px();
        if width_px > room_px {
            line.size_px = (size_px * room_px / width_px).floor().max(SMALLEST_PX);
        }
        if line.width_px() > room_px {
            let mut characters: Vec<char> = line.text.chars().collect();
            while line.width_px() > room_px && characters.pop().is_some() {
                line.text = characters.iter().collect::<String>().trim_end().to_owned();
                line.text.push(ELLIPSIS);
            }
        }
        Some(line)
    }

    /// Pixels that it is wide.
    pub fn width_px(&self) -> f32 {
        let font = self.font.as_scaled(PxScale::from(self.size_px));
        let mut last = None;
        self.text.chars().fold(0.0, |width, character| {
            let glyph = font.glyph_id(character);
            let kerning = last.replace(glyph).map_or(0.0, |last| font.kern(last, glyph));
            width + kerning + font.h_advance(glyph)
        })
    }

    /// Pixels that it is high, with the room to the next line.
    pub fn height_px(&self) -> f32 {
        (self.size_px * 1.2).ceil()
    }

    /// Draws the line in black, with its left edge at `left_px` and its upper edge at `top_px`.
    pub fn draw(&self, picture: &mut GrayImage, left_px: f32, top_px: f32) {
        let font = self.font.as_scaled(PxScale::from(self.size_px));
        let baseline = top_px + font.ascent();
        let mut x = left_px;
        let mut last = None;
        for character in self.text.chars() {
            let glyph = font.glyph_id(character);
            x += last.replace(glyph).map_or(0.0, |last| font.kern(last, glyph));
            let placed = glyph.with_scale_and_position(self.size_px, point(x, baseline));
            if let Some(outline) = self.font.outline_glyph(placed) {
                let bounds = outline.px_bounds();
                outline.draw(|dx, dy, coverage| {
                    let at = (whole(bounds.min.x) + dx as usize, whole(bounds.min.y) + dy as usize);
                    if let Some(pixel) = picture.get_pixel_mut_checked(index(at.0), index(at.1)) {
                        let light = f32::from(pixel.0[0]) * (1.0 - coverage.clamp(0.0, 1.0));
                        *pixel = Luma([shade(light)]);
                    }
                });
            }
            x += font.h_advance(glyph);
        }
    }
}

/// Pixels as a picture counts them.
pub fn index(pixels: usize) -> u32 {
    // Pictures here have a few thousand pixels at most.
    u32::try_from(pixels).unwrap_or(u32::MAX)
}

/// Pixels as drawing counts them.
#[expect(clippy::cast_precision_loss, reason = "a picture is a few hundred pixels wide")]
pub fn pixels(count: usize) -> f32 {
    count as f32
}

/// Whole pixels.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a picture has")]
pub fn whole(pixels: f32) -> usize {
    pixels.clamp(0.0, 100_000.0) as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn shade(light: f32) -> u8 {
    light.clamp(0.0, 255.0) as u8
}
