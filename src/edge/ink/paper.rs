//! Words on a slip of paper, like the receipt of a till.

use ab_glyph::FontRef;
use image::GrayImage;

use super::{InkError, Line, WHITE, fonts, index, pixels, png, whole};

/// Pixels that a slip is wide.
const WIDTH_PX: usize = 720;
/// Pixels around the words.
const MARGIN_PX: f32 = 36.0;
/// The size of the words, in pixels.
const SIZE_PX: f32 = 26.0;
/// Pixels between two columns of a line.
const GAP_PX: f32 = 24.0;
/// Lines that are drawn; a slip that goes on says so.
const MAX_LINES: usize = 200;
/// What stands for the lines that are left out.
const MORE: &str = "…";

/// Draws words line by line as a PNG. A line in `*stars*` is bold; an amount in rupiah at a line's end stands at the
/// right edge; long lines go on below.
///
/// # Errors
/// [`InkError`].
pub fn paper(text: &str) -> Result<Vec<u8>, InkError> {
    let (regular, bold) = fonts()?;
    let room_px = pixels(WIDTH_PX) - 2.0 * MARGIN_PX;
    let mut rows: Vec<Row<'_>> =
        text.lines().flat_map(|line| layout(line, &regular, &bold, room_px)).collect();
    if rows.len() > MAX_LINES {
        rows.truncate(MAX_LINES);
        rows.push(Row { left: Line::fit(MORE, &regular, SIZE_PX, room_px), right: None });
    }
    let line_px = (SIZE_PX * 1.45).ceil();
    let height = whole(line_px * pixels(rows.len()) + 2.0 * MARGIN_PX);
    let mut picture = GrayImage::from_pixel(index(WIDTH_PX), index(height), WHITE);
    let mut top_px = MARGIN_PX;
    for row in &rows {
        if let Some(left) = &row.left {
            left.draw(&mut picture, MARGIN_PX, top_px);
        }
        if let Some(right) = &row.right {
            right.draw(&mut picture, MARGIN_PX + room_px - right.width_px(), top_px);
        }
        top_px += line_px;
    }
    png(&picture)
}

/// A line of the slip: words, and an amount at the right edge.
struct Row<'a> {
    left: Option<Line<'a>>,
    right: Option<Line<'a>>,
}

fn layout<'a>(
    line: &str,
    regular: &'a FontRef<'static>,
    bold: &'a FontRef<'static>,
    room_px: f32,
) -> Vec<Row<'a>> {
    let font = if line.trim_start().starts_with('*') { bold } else { regular };
    let line = line.replace('*', "");
    let (words, amount) = split(line.trim());
    let right = Line::fit(amount, font, SIZE_PX, room_px);
    let beside_px = right.as_ref().map_or(0.0, |right| right.width_px() + GAP_PX);
    let fits = |text: &str, room_px: f32| {
        Line::fit(text, font, SIZE_PX, f32::INFINITY).is_none_or(|line| line.width_px() <= room_px)
    };
    let mut rows: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match rows.last_mut().filter(|row| fits(&format!("{row} {word}"), room_px - beside_px)) {
            Some(row) => {
                row.push(' ');
                row.push_str(word);
            }
            None => rows.push(word.to_owned()),
        }
    }
    if rows.is_empty() {
        rows.push(String::new());
    }
    let count = rows.len();
    let mut right = right;
    rows.into_iter()
        .enumerate()
        .map(|(at, text)| Row {
            left: Line::fit(&text, font, SIZE_PX, room_px - beside_px),
            right: if at + 1 == count { right.take() } else { None },
        })
        .collect()
}

/// The words of a line and the amount that it ends with, where it ends with one.
fn split(line: &str) -> (&str, &str) {
    let is_amount = |text: &str| {
        text.strip_prefix("Rp").is_some_and(|digits| {
            digits.contains(|c: char| c.is_ascii_digit())
                && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',' || c.is_whitespace())
        })
    };
    match line.rfind("Rp") {
        Some(at) if is_amount(&line[at..]) && !line[..at].trim().is_empty() => {
            let words = line[..at].trim_end();
            (words.strip_suffix(['=', ',']).unwrap_or(words).trim_end(), &line[at..])
        }
        _ => (line, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_at_the_end_of_a_line_stands_apart() {
        for (line, words, amount) in [
            ("Total: Rp 50.000", "Total:", "Rp 50.000"),
            ("2 x Teh Hijau Rp 100.000", "2 x Teh Hijau", "Rp 100.000"),
            ("Rp 50.000", "Rp 50.000", ""),
            ("Rp 5.000 per gelas", "Rp 5.000 per gelas", ""),
            ("Toko Rp", "Toko Rp", ""),
            ("", "", ""),
        ] {
            assert_eq!(split(line), (words, amount), "{line}");
        }
    }

    #[test]
    fn a_slip_grows_with_its_words_and_ends_somewhere() {
        let height = |text: &str| image::load_from_memory(&paper(text).unwrap()).unwrap().height();
        let one = height("Total: Rp 50.000");
        assert!(height("*Bella Teh*\n2 x Teh Hijau Rp 100.000\nTotal: Rp 100.000") > one);
        assert!(height(&"panjang ".repeat(40)) > one, "long lines go on below");
        assert!(height(&"baris\n".repeat(10_000)) < 10_000);
        assert!(height("") > 0);
    }
}
