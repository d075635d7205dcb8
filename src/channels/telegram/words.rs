//! Words as Telegram shows them: bold as HTML, long ones in parts.

use std::ops::Range;

use teloxide::utils::html;

use crate::channels::fit::{clean, runs};
use crate::channels::measure::{head, last_division};

/// Units of a text (Bot API, `sendMessage`: `text`, 1-4096 characters after entities parsing).
pub(super) const MAX_TEXT_UNITS: usize = 4_096;
/// Units of the words under a picture (Bot API, `sendPhoto`: `caption`, 0-1024 characters after entities parsing).
pub(super) const MAX_CAPTION_UNITS: usize = 1_024;
/// Messages that one text is split into; what is longer ends in an ellipsis.
const MAX_PARTS: usize = 8;
/// Ends a text that was cut.
const ELLIPSIS: char = '…';

/// Words and which of them are bold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Without marks.
    pub(super) plain: String,
    /// Bytes of `plain`, in order.
    bold: Vec<Range<usize>>,
}

impl Words {
    /// Words with `*bold*` marks.
    pub(super) fn marked(text: &str) -> Self {
        let text = clean(text);
        let mut words = Self::default();
        for run in runs(&text) {
            let start = words.plain.len();
            words.plain.push_str(run.text);
            if run.bold {
                words.bold.push(start..words.plain.len());
            }
        }
        words
    }

    /// The words as Telegram's HTML: every character of theirs escaped.
    pub(super) fn html(&self) -> String {
        let mut out = String::with_capacity(self.plain.len() + 16);
        let mut at = 0;
        for bold in &self.bold {
            out.push_str(&html::escape(&self.plain[at..bold.start]));
            out.push_str(&html::bold(&html::escape(&self.plain[bold.clone()])));
            at = bold.end;
        }
        out.push_str(&html::escape(&self.plain[at..]));
        out
    }

    /// More words on a line of their own.
    pub(super) fn push_line(&mut self, line: &str) {
        if !self.plain.is_empty() {
            self.plain.push('\n');
        }
        self.plain.push_str(&clean(line));
    }

    /// Whether Telegram would take the words for none: it drops what shows nothing.
    pub(super) fn is_blank(&self) -> bool {
        is_blank(&self.plain)
    }

    /// The words in parts, the first of at most `first_max` units and the others of at most [`MAX_TEXT_UNITS`], cut at
    /// the ends of paragraphs, lines, sentences or words. No part is blank.
    pub(super) fn parts(&self, first_max: usize) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut start = 0;
        while parts.len() < MAX_PARTS {
            let max = if parts.is_empty() { first_max } else { MAX_TEXT_UNITS };
            let rest = &self.plain[start..];
            let window = head(rest, max);
            let is_whole = window.len() == rest.len();
            let is_last = parts.len() + 1 == MAX_PARTS;
            let mut part = if is_whole {
                self.slice(start..self.plain.len())
            } else if is_last {
                let mut part = self.slice(start..start + head(rest, max.saturating_sub(1)).len());
                part.plain.push(ELLIPSIS);
                part
            } else {
                self.slice(start..start + last_division(window))
            };
            let next = start + if is_whole { rest.len() } else { last_division(window) };
            part.trim();
            if !part.is_blank() {
                parts.push(part);
            }
            if is_whole || is_last {
                break;
            }
            start = next;
        }
        parts
    }

    fn slice(&self, range: Range<usize>) -> Self {
        let bold = self.bold.iter().filter_map(|bold| {
            let start = bold.start.max(range.start);
            let end = bold.end.min(range.end);
            (start < end).then(|| start - range.start..end - range.start)
        });
        Self { plain: self.plain[range.clone()].to_owned(), bold: bold.collect() }
    }

    fn trim(&mut self) {
        let end = self.plain.trim_end().len();
        let start = self.plain.len() - self.plain.trim_start().len();
        if end <= start {
            *self = Self::default();
        } else if start > 0 || end < self.plain.len() {
            *self = self.slice(start..end);
        }
    }
}

/// Whether nothing of a text shows.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            )
            || matches!(c, '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}')
            || matches!(c, '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{e0000}'..='\u{e0fff}')
    })
}
