//! The picture of a code: dark on white with its quiet zone, and under it who is paid and how much.

use std::io::Cursor;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use image::{GrayImage, ImageEncoder, Luma};
use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around a code, as the standard asks for.
pub const QUIET_MODULES: usize = 4;
/// Pixels that the code with its quiet zone is wide at least. The rules say 360; screens are finer than that.
pub const MIN_SIDE_PX: usize = 480;
/// Pixels between the caption and the edges.
const MARGIN_PX: f32 = 24.0;
/// Pixels that the captions start from, and the smallest that they shrink to before they are cut.
const TITLE_PX: f32 = 34.0;
const AMOUNT_PX: f32 = 46.0;
const SMALLEST_PX: f32 = 20.0;
/// Characters of a caption that are looked at.
const MAX_CAPTION_CHARS: usize = 120;
const ELLIPSIS: char = '…';
const WHITE: Luma<u8> = Luma([255]);

/// Why a code cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// A QR code holds less than that.
    #[error("the text is too long for a QR code")]
    TooLong,
    /// The picture cannot be written, or the font cannot be read.
    #[error("the picture cannot be made: {0}")]
    Picture(String),
}

/// The modules of a code, dark or not, without the quiet zone.
struct Modules {
    side: usize,
    dark: Vec<bool>,
}

impl Modules {
    fn of(payload: &str) -> Result<Self, DrawError> {
        let code = QrCode::with_error_correction_level(payload.trim(), EcLevel::M)
            .map_err(|_| DrawError::TooLong)?;
        let side = code.width();
        Ok(Self { side, dark: code.to_colors().into_iter().map(|color| color == Color::Dark).collect() })
    }

    /// Whether a module is dark, counted from the outer corner of the quiet zone.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET_MODULES).filter(|at| *at < self.side);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => self.dark.get(y * self.side + x).copied().unwrap_or(false),
            _ => false,
        }
    }

    /// Modules of a side with the quiet zone.
    fn outer(&self) -> usize {
        self.side + 2 * QUIET_MODULES
    }
}

/// Draws a code as a PNG, at least 360 pixels wide, with `title` and `amount` under it; empty ones take no room.
///
/// # Errors
/// [`DrawError`] when the text is too long for a code.
pub fn png(payload: &str, title: &str, amount: &str) -> Result<Vec<u8>, DrawError> {
    let modules = Modules::of(payload)?;
    let scale = MIN_SIDE_PX.div_ceil(modules.outer());
    let side = modules.outer() * scale;
    let font = |bytes: &'static [u8]| {
        FontRef::try_from_slice(bytes).map_err(|error| DrawError::Picture(error.to_string()))
    };
    let (regular, bold) = (font(dejavu::sans::regular())?, font(dejavu::sans::bold())?);
    let width_px = pixels(side) - 2.0 * MARGIN_PX;
    let captions: Vec<Caption<'_>> = [(title, &regular, TITLE_PX), (amount, &bold, AMOUNT_PX)]
        .into_iter()
        .filter_map(|(text, font, size)| Caption::fit(text, font, size, width_px))
        .collect();
    let caption_px: f32 = captions.iter().map(Caption::line_px).sum();
    let bottom_px = if captions.is_empty() { 0.0 } else { MARGIN_PX };
    let height = side + whole(caption_px + bottom_px);
    let mut picture = GrayImage::from_pixel(index(side), index(height), WHITE);
    for y in 0..side {
        for x in 0..side {
            if modules.is_dark(x / scale, y / scale) {
                picture.put_pixel(index(x), index(y), Luma([0]));
            }
        }
    }
    let mut top_px = pixels(side);
    for caption in &captions {
        caption.draw(&mut picture, top_px);
        top_px += caption.line_px();
    }
    encode(&picture)
}

fn encode(picture: &GrayImage) -> Result<Vec<u8>, DrawError> {
    let mut bytes = Cursor::new(Vec::new());
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(picture.as_raw(), picture.width(), picture.height(), image::ExtendedColorType::L8)
        .map_err(|error| DrawError::Picture(error.to_string()))?;
    Ok(bytes.into_inner())
}

/// A line of text in the size at which it fits.
struct Caption<'a> {
    text: String,
    font: &'a FontRef<'static>,
    size_px: f32,
    room_px: f32,
}

impl<'a> Caption<'a> {
    /// Shrinks a text until it fits, then cuts it. Characters that the font does not have are left out.
    fn fit(text: &str, font: &'a FontRef<'static>, size_px: f32, room_px: f32) -> Option<Self> {
        let known: String = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .filter(|character| *character == ' ' || font.glyph_id(*character).0 != 0)
            .take(MAX_CAPTION_CHARS)
            .collect();
        let mut caption = Self { text: known.trim().to_owned(), font, size_px, room_px };
        if caption.text.is_empty() {
            return None;
        }
        let width_px = caption.width_px();
        if width_px > room_px {
            caption.size_px = (size_px * room_px / width_px).floor().max(SMALLEST_PX);
        }
        if caption.width_px() > room_px {
            let mut characters: Vec<char> = caption.text.chars().collect();
            while caption.width_px() > room_px && characters.pop().is_some() {
                caption.text = characters.iter().collect::<String>().trim_end().to_owned();
                caption.text.push(ELLIPSIS);
            }
        }
        Some(caption)
    }

    fn width_px(&self) -> f32 {
        let font = self.font.as_scaled(PxScale::from(self.size_px));
        let mut last = None;
        self.text.chars().fold(0.0, |width, character| {
            let glyph = font.glyph_id(character);
            let kerning = last.replace(glyph).map_or(0.0, |last| font.kern(last, glyph));
            width + kerning + font.h_advance(glyph)
        })
    }

    fn line_px(&self) -> f32 {
        (self.size_px * 1.2).ceil()
    }

    /// Draws the line, centred, with its upper edge at `top_px`.
    fn draw(&self, picture: &mut GrayImage, top_px: f32) {
        let font = self.font.as_scaled(PxScale::from(self.size_px));
        let baseline = top_px + font.ascent();
        let mut x = MARGIN_PX + (self.room_px - self.width_px()) / 2.0;
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

/// Draws a code as an SVG of one path, a module being one unit.
///
/// # Errors
/// [`DrawError::TooLong`] when the text is too long for a code.
pub fn svg(payload: &str) -> Result<String, DrawError> {
    use std::fmt::Write as _;
    let modules = Modules::of(payload)?;
    let outer = modules.outer();
    let mut path = String::new();
    for y in 0..outer {
        let mut x = 0;
        while x < outer {
            let run = (x..outer).take_while(|x| modules.is_dark(*x, y)).count();
            if run > 0 {
                // Writing into a text cannot fail.
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {outer} {outer}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{outer}v{outer}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

/// Draws a code as lines of half blocks for a terminal, two rows of modules to a line. With `colour`, black on white is
/// set by escape sequences; without it, the light modules are drawn, as fits a dark terminal.
///
/// # Errors
/// [`DrawError::TooLong`] when the text is too long for a code.
pub fn half_blocks(payload: &str, colour: bool) -> Result<String, DrawError> {
    let modules = Modules::of(payload)?;
    let outer = modules.outer();
    let mut text = String::new();
    for y in (0..outer).step_by(2) {
        if colour {
            text.push_str("\u{1b}[30;107m");
        }
        for x in 0..outer {
            // Below the last row of an odd number of rows there is nothing, which must not look like a dark module.
            let (upper, lower) = (modules.is_dark(x, y), y + 1 < outer && modules.is_dark(x, y + 1));
            let inked = |dark: bool| dark == colour;
            text.push(match (inked(upper), inked(lower)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        if colour {
            text.push_str("\u{1b}[0m");
        }
        text.push('\n');
    }
    Ok(text)
}

fn index(pixels: usize) -> u32 {
    // A code has at most 185 modules, so a picture has far fewer pixels than that.
    u32::try_from(pixels).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a picture is a few hundred pixels wide")]
fn pixels(count: usize) -> f32 {
    count as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a picture has")]
fn whole(pixels: f32) -> usize {
    pixels.clamp(0.0, 100_000.0) as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn shade(light: f32) -> u8 {
    light.clamp(0.0, 255.0) as u8
}
