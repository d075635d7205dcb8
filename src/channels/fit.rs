//! Fitting a neutral message to what a platform allows, for all channels.

use crate::domain::message::{Document, Outbound, OutboundChoice};

use super::Limits;

/// Ends a text that was cut.
const ELLIPSIS: char = '…';
/// Characters of a file's name. WhatsApp names no bound, and every file system takes this many.
pub const MAX_FILE_NAME_CHARS: usize = 60;
/// Characters of the ending of a file's name.
const MAX_ENDING_CHARS: usize = 8;
/// The name of a file without one.
const UNNAMED: &str = "document";

/// A stretch of text of one weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<'a> {
    /// The words, without marks.
    pub text: &'a str,
    /// Whether they stood between asterisks.
    pub bold: bool,
}

/// Cuts a text to at most `max_chars` characters, at a space where one is near, and shows that it was cut.
pub fn clip(text: &str, max_chars: usize) -> String {
    if max_chars == 0 {
        return String::new();
    }
    let Some((limit, _)) = text.char_indices().nth(max_chars) else { return text.to_owned() };
    // One character less, to make room for the ellipsis.
    let end = text.char_indices().nth(max_chars - 1).map_or(limit, |(index, _)| index);
    let kept = &text[..end];
    // A word that is cut late loses little; one that would lose half of the text is cut where it is.
    let at_space = kept.rfind(char::is_whitespace).filter(|space| *space * 4 >= end * 3);
    let kept = kept[..at_space.unwrap_or(end)].trim_end();
    format!("{kept}{ELLIPSIS}")
}

/// Splits a text at its `*bold*` marks. An asterisk is a mark only when it touches the words that it opens or closes
/// and stands at their edge, so that `2 * 3 * 4` and a lone `*` stay as they are; bold never crosses a line.
pub fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some((open, close)) = next_bold(text, from) {
        if open > start {
            runs.push(Run { text: &text[start..open], bold: false });
        }
        runs.push(Run { text: &text[open + 1..close], bold: true });
        start = close + 1;
        from = start;
    }
    if start < text.len() {
        runs.push(Run { text: &text[start..], bold: false });
    }
    runs
}

/// The byte places of the next pair of marks at or after `from`.
fn next_bold(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut search = from;
    loop {
        let open = search + text.get(search..)?.find('*')?;
        let before = text[..open].chars().next_back();
        let after = text[open + 1..].chars().next();
        let opens = before.is_none_or(|c| !c.is_alphanumeric() && c != '*')
            && after.is_some_and(|c| !c.is_whitespace() && c != '*');
        if opens && let Some(close) = closing(text, open + 1) {
            return Some((open, close));
        }
        search = open + 1;
    }
}

/// The byte place of the asterisk that closes words which begin at `start`.
fn closing(text: &str, start: usize) -> Option<usize> {
    let line_end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    // The first asterisk decides: words with an asterisk inside are not marked up.
    let close = start + text[start..line_end].find('*')?;
    let inner_end = text[..close].chars().next_back();
    let after = text[close + 1..].chars().next();
    let closes = inner_end.is_some_and(|c| !c.is_whitespace())
        && after.is_none_or(|c| !c.is_alphanumeric() && c != '*');
    closes.then_some(close)
}

/// The words without marks.
pub fn plain(text: &str) -> String {
    runs(text).into_iter().map(|run| run.text).collect()
}

/// A message within a platform's limits: texts are cut, choices beyond the longest list are left out. The locales'
/// lint keeps our own words from ever getting here too long; what a shop or a customer wrote may.
pub fn fit(message: &Outbound, limits: &Limits) -> Outbound {
    let text_chars = if message.image.is_some() { limits.caption_chars } else { limits.text_chars };
    let shown = limits.buttons.max(limits.list_rows);
    let label_chars =
        if message.choices.len() <= limits.buttons { limits.button_chars } else { limits.list_row_chars };
    let choices = message.choices.iter().take(shown).filter(|choice| choice.data.len() <= limits.data_bytes);
    Outbound {
        text: clip(&message.text, text_chars),
        choices: choices
            .map(|choice| OutboundChoice {
                label: clip(&choice.label, label_chars),
                data: choice.data.clone(),
            })
            .collect(),
        image: message.image.clone(),
        document: message
            .document
            .as_ref()
            .map(|document| Document { name: file_name(&document.name), ..document.clone() }),
        link: message.link.clone().filter(|link| is_web_address(&link.url)),
        ask: message.ask.clone(),
        replaces_pressed: message.replaces_pressed,
        is_forwarded: message.is_forwarded,
        replies: Vec::new(),
        language: message.language,
    }
}

/// Whether an address may be offered as a link: only `http` and `https`, never a script.
pub fn is_web_address(url: &str) -> bool {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")) && !url.contains(char::is_whitespace)
}

/// A file's name that no system takes for a path and no header for its own: one line, with its ending, of at most
/// [`MAX_FILE_NAME_CHARS`] characters.
pub fn file_name(name: &str) -> String {
    let line: String = clean(name)
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .map(|c| if matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') { '-' } else { c })
        .collect();
    let (stem, ending) = line.rsplit_once('.').unwrap_or((&line, ""));
    let is_ending = (1..=MAX_ENDING_CHARS).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (stem, ending) =
        if is_ending { (stem, format!(".{ending}")) } else { (line.as_str(), String::new()) };
    let stem: String = stem.chars().take(MAX_FILE_NAME_CHARS - ending.len()).collect();
    let stem = stem.trim_matches([' ', '.', '-']);
    format!("{}{ending}", if stem.is_empty() { UNNAMED } else { stem })
}

/// Text of a person as it may be kept: control characters that no platform shows are dropped, line ends are one kind.
pub fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

/// Cleaned text of at most this many characters.
pub fn bounded(text: &str, max_chars: usize) -> String {
    let mut text = clean(text);
    if let Some((end, _)) = text.char_indices().nth(max_chars) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::channels::TIGHTEST;
    use crate::domain::message::Link;

    #[rstest]
    #[case("", 5, "")]
    #[case("teh", 3, "teh")]
    #[case("teh hijau", 0, "")]
    #[case("teh hijau", 1, "…")]
    #[case("teh hijau wangi", 11, "teh hijau…")]
    #[case("tehhijauwangi", 6, "tehhi…")]
    #[case("🍵🍵🍵🍵", 3, "🍵🍵…")]
    fn a_text_is_cut_where_it_hurts_least(#[case] text: &str, #[case] max: usize, #[case] expected: &str) {
        assert_eq!(clip(text, max), expected);
    }

    #[rstest]
    #[case("Struk WRG-12.pdf", "Struk WRG-12.pdf")]
    #[case("../../etc/passwd", "etc-passwd")]
    #[case("a\"\r\nX: b.pdf", "a- X- b.pdf")]
    #[case("", "document")]
    #[case(".pdf", "document.pdf")]
    #[case("🍵.p/df", "🍵.p-df")]
    fn a_files_name_is_a_name_and_nothing_else(#[case] name: &str, #[case] kept: &str) {
        assert_eq!(file_name(name), kept);
        let long = file_name(&format!("{name}{}.pdf", "x".repeat(200)));
        assert!(long.chars().count() <= MAX_FILE_NAME_CHARS && long.ends_with("x.pdf"), "{long}");
    }

    #[rstest]
    #[case("biasa", "biasa")]
    #[case("*Teh Hijau*", "[Teh Hijau]")]
    #[case("Total *Rp 50.000*, ya", "Total [Rp 50.000], ya")]
    #[case("2 * 3 * 4", "2 * 3 * 4")]
    #[case("a*b*c", "a*b*c")]
    #[case("**", "**")]
    #[case("*", "*")]
    #[case("*buka\ntutup*", "*buka\ntutup*")]
    #[case("* * *x*", "* * [x]")]
    #[case("*satu* dan *dua*", "[satu] dan [dua]")]
    #[case("(*é*)", "([é])")]
    fn bold_marks_are_found_and_nothing_else_is(#[case] text: &str, #[case] expected: &str) {
        let shown: String = runs(text)
            .into_iter()
            .map(|run| if run.bold { format!("[{}]", run.text) } else { run.text.to_owned() })
            .collect();
        assert_eq!(shown, expected);
    }

    #[rstest]
    #[case("https://toko.example/p/1", true)]
    #[case("HTTP://toko.example", true)]
    #[case("javascript:alert(1)", false)]
    #[case("data:text/html,x", false)]
    #[case("https://a b", false)]
    #[case("é", false)]
    #[case("", false)]
    fn only_web_addresses_become_links(#[case] url: &str, #[case] expected: bool) {
        assert_eq!(is_web_address(url), expected);
    }

    proptest! {
        #[test]
        fn a_fitted_message_is_within_the_limits(text in "\\PC{0,2000}", label in "\\PC{0,60}", count in 0usize..15) {
            let message = Outbound {
                text,
                choices: (0..count).map(|i| OutboundChoice { label: label.clone(), data: format!("t.{i}") }).collect(),
                link: Some(Link { label: "x".to_owned(), url: "javascript:x".to_owned() }),
                ..Outbound::default()
            };
            let fitted = fit(&message, &TIGHTEST);
            prop_assert!(fitted.text.chars().count() <= TIGHTEST.text_chars);
            prop_assert!(fitted.choices.len() <= TIGHTEST.list_rows);
            prop_assert!(fitted.choices.iter().all(|c| c.label.chars().count() <= TIGHTEST.list_row_chars));
            prop_assert_eq!(fitted.link, None);
        }

        #[test]
        fn runs_hold_every_character_but_the_marks(text in "[a *\\n]{0,40}") {
            let runs = runs(&text);
            let bold = runs.iter().filter(|run| run.bold).count();
            let length: usize = runs.iter().map(|run| run.text.len()).sum();
            prop_assert_eq!(length + 2 * bold, text.len());
        }

        #[test]
        fn a_cleaned_text_is_clean(text in any::<String>()) {
            let cleaned = clean(&text);
            let odd = cleaned.contains(['\0', '\r', '\u{1b}']);
            prop_assert!(!odd);
            prop_assert_eq!(clean(&cleaned), cleaned);
        }
    }
}
