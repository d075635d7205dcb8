//! A message as lines of a terminal: bold, numbered choices, and a QRIS code made of half blocks.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::channels::fit::{plain, runs};
use crate::domain::message::{DocumentContent, Outbound, Picture};

/// Modules of quiet around a code; scanners need them.
const QUIET_ZONE: usize = 4;

/// How a message is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With colours and weights (ANSI).
    pub colours: bool,
    /// With QRIS codes drawn; else their string is printed.
    pub codes: bool,
}

impl Style {
    /// For pipes and files.
    pub const PLAIN: Self = Self { colours: false, codes: false };
    /// For a terminal.
    pub const TERMINAL: Self = Self { colours: true, codes: true };
}

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";
/// Black on white, whatever the terminal's own colours are.
const PAPER: &str = "\x1b[30;47m";

/// Draws a message: picture, words, choices with their numbers, link. It ends with a line end.
pub fn draw(message: &Outbound, style: Style) -> String {
    let mut out = String::new();
    match &message.image {
        Some(Picture::Qris { payload, title, amount }) => {
            draw_code(&mut out, payload, style);
            let _ = writeln!(out, "{} · {}", quiet(title), quiet(amount));
        }
        Some(Picture::Stored { path }) => {
            let _ = writeln!(out, "{}", paint(&format!("[{}]", quiet(path)), DIM, style));
        }
        Some(Picture::Paper { text }) => draw_text(&mut out, text, style),
        Some(Picture::Kept { .. }) => {
            let _ = writeln!(out, "{}", paint("[▣]", DIM, style));
        }
        None => {}
    }
    if let Some(document) = &message.document {
        // A terminal shows no files: it says which one there is, and where the server serves it.
        let place = match &document.content {
            DocumentContent::Stored { path } => format!("{}: {path}", document.name),
            DocumentContent::Attachment { .. } | DocumentContent::Person { .. } => document.name.clone(),
        };
        let _ = writeln!(out, "{}", paint(&format!("[{}]", quiet(&place)), DIM, style));
    }
    // The words beside a slip of paper are its first line.
    if !message.text.is_empty() && !matches!(message.image, Some(Picture::Paper { .. })) {
        draw_text(&mut out, &message.text, style);
    }
    for (index, choice) in message.choices.iter().enumerate() {
        let number = paint(&format!("[{}]", index + 1), CYAN, style);
        let _ = writeln!(out, "  {number} {}", quiet(&choice.label));
    }
    if let Some(link) = &message.link {
        let _ = writeln!(out, "  {}: {}", quiet(&link.label), paint(&quiet(&link.url), CYAN, style));
    }
    out
}

fn draw_text(out: &mut String, text: &str, style: Style) {
    if style.colours {
        for run in runs(text) {
            if run.bold {
                let _ = write!(out, "{BOLD}{}{RESET}", quiet(run.text));
            } else {
                out.push_str(&quiet(run.text));
            }
        }
    } else {
        out.push_str(&quiet(&plain(text)));
    }
    out.push('\n');
}

fn draw_code(out: &mut String, payload: &str, style: Style) {
    let code = style.codes.then(|| QrCode::with_error_correction_level(payload, EcLevel::M).ok()).flatten();
    let Some(code) = code else {
        let _ = writeln!(out, "QRIS: {}", quiet(payload));
        return;
    };
    let (width, colours) = (code.width(), code.to_colors());
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET_ZONE).filter(|at| *at < width);
        matches!((inside(x), inside(y)), (Some(x), Some(y)) if colours[y * width + x] == Color::Dark)
    };
    let size = width + 2 * QUIET_ZONE;
    for y in (0..size).step_by(2) {
        if style.colours {
            out.push_str(PAPER);
        }
        for x in 0..size {
            out.push(match (is_dark(x, y), is_dark(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            });
        }
        if style.colours {
            out.push_str(RESET);
        }
        out.push('\n');
    }
}

/// Words without anything that a terminal would obey: a product's name must not move the cursor.
fn quiet(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

fn paint(text: &str, colour: &str, style: Style) -> String {
    if style.colours { format!("{colour}{text}{RESET}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::{Document, Link, OutboundChoice};

    fn message(text: &str) -> Outbound {
        Outbound { text: text.to_owned(), ..Outbound::default() }
    }

    #[test]
    fn a_message_is_drawn_plain_for_pipes_and_painted_for_people() {
        let message = Outbound {
            choices: ["Lihat menu", "Bantuan"]
                .map(|label| OutboundChoice { label: label.to_owned(), data: "t.0".to_owned() })
                .to_vec(),
            link: Some(Link { label: "Bayar".to_owned(), url: "http://127.0.0.1/x".to_owned() }),
            image: Some(Picture::Stored { path: "/media/a".to_owned() }),
            ..message("Halo *Ayu*!")
        };
        assert_eq!(
            draw(&message, Style::PLAIN),
            "[/media/a]\nHalo Ayu!\n  [1] Lihat menu\n  [2] Bantuan\n  Bayar: http://127.0.0.1/x\n"
        );
        let painted = draw(&message, Style::TERMINAL);
        assert!(painted.contains("Halo \x1b[1mAyu\x1b[0m!"), "{painted:?}");
    }

    #[test]
    fn a_document_is_a_line_that_says_where_it_is() {
        let with = |content| Outbound {
            document: Some(Document { name: "Struk.pdf".to_owned(), content }),
            ..message("Struk Kakak:")
        };
        let stored = with(DocumentContent::Stored { path: "/media/ab.pdf".to_owned() });
        assert_eq!(draw(&stored, Style::PLAIN), "[Struk.pdf: /media/ab.pdf]\nStruk Kakak:\n");
        let attached = with(DocumentContent::Attachment { id: "x".to_owned() });
        assert_eq!(draw(&attached, Style::PLAIN), "[Struk.pdf]\nStruk Kakak:\n");
    }

    #[test]
    fn no_word_can_steer_the_terminal() {
        for style in [Style::PLAIN, Style::TERMINAL] {
            let drawn = draw(&message("a\x1b[2J\x07b"), style);
            assert_eq!(drawn, "a[2Jb\n");
        }
    }

    #[test]
    fn a_code_is_drawn_in_half_blocks_with_its_quiet_zone() {
        let picture = |payload: &str| Outbound {
            image: Some(Picture::Qris {
                payload: payload.to_owned(),
                title: "Bella Teh".to_owned(),
                amount: "Rp 50.000".to_owned(),
            }),
            ..message("")
        };
        let drawn = draw(&picture("0002010102"), Style { colours: false, codes: true });
        let lines: Vec<_> = drawn.lines().collect();
        // A code of 21 modules and twice 4 of quiet: 29 wide, half as many lines, and the words under it.
        assert_eq!(lines.len(), 16);
        assert!(lines[..15].iter().all(|line| line.chars().count() == 29));
        assert!(lines[0].trim().is_empty() && lines[1].trim().is_empty());
        assert_eq!(lines[15], "Bella Teh · Rp 50.000");
        assert!(draw(&picture("0002010102"), Style::PLAIN).starts_with("QRIS: 0002010102\n"));
    }
}
