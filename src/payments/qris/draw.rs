//! The picture of a code: dark on white with its quiet zone, and under it who is paid and how much.

use image::{GrayImage, Luma};
use qrcode::{Color, EcLevel, QrCode};

use crate::edge::ink::{self, InkError, Line, WHITE, index, pixels, whole};

/// Modules of white around a code, as the standard asks for.
pub const QUIET_MODULES: usize = 4;
/// Pixels that the code with its quiet zone is wide at least. The rules say 360; screens are finer than that.
pub const MIN_SIDE_PX: usize = 480;
/// Pixels between the caption and the edges.
const MARGIN_PX: f32 = 24.0;
/// Pixels that the captions start from; they shrink where they do not fit.
const TITLE_PX: f32 = 34.0;
const AMOUNT_PX: f32 = 46.0;

/// Why a code cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// A QR code holds less than that.
    #[error("the text is too long for a QR code")]
    TooLong,
    /// The picture cannot be written, or the font cannot be read.
    #[error(transparent)]
    Picture(#[from] InkError),
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
    let (regular, bold) = ink::fonts()?;
    let room_px = pixels(side) - 2.0 * MARGIN_PX;
    let captions: Vec<Line<'_>> = [(title, &regular, TITLE_PX), (amount, &bold, AMOUNT_PX)]
        .into_iter()
        .filter_map(|(text, font, size)| Line::fit(text, font, size, room_px))
        .collect();
    let caption_px: f32 = captions.iter().map(Line::height_px).sum();
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
        caption.draw(&mut picture, MARGIN_PX + (room_px - caption.width_px()) / 2.0, top_px);
        top_px += caption.height_px();
    }
    Ok(ink::png(&picture)?)
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
