//! What was said in a chat, as the page gets it: lines in one order, with places to go on from.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::channels::fit::{fit, is_web_address, runs};
use crate::channels::web::LIMITS;
use crate::domain::message::{Content, Outbound, Picture};
use crate::store::transcripts::{Cursor, Side};

use super::session::Pane;

/// One line of a chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Who.
    pub side: Side,
    /// The row's id on that side.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub said: Said,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// The person wrote, pressed or sent something.
    Person {
        /// The page's own id of it.
        id: String,
        /// What.
        content: Content,
        /// The words on the button that was pressed.
        label: Option<String>,
    },
    /// The shop wrote.
    Shop(Outbound),
    /// A row that cannot be read any more.
    Nothing,
}

/// A cursor as text, `<inbox>-<outbox>`: the id of an event of the stream.
pub fn cursor_text(cursor: Cursor) -> String {
    format!("{}-{}", cursor.inbox, cursor.outbox)
}

/// Reads a cursor. What is not one is nothing.
pub fn parse_cursor(text: &str) -> Option<Cursor> {
    let (inbox, outbox) = text.split_once('-')?;
    let place = |text: &str| text.parse::<i64>().ok().filter(|id| *id >= 0);
    Some(Cursor { inbox: place(inbox)?, outbox: place(outbox)? })
}

/// Some lines of a chat in the order in which they were said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The lines.
    pub lines: Vec<Line>,
    /// Whether there are more in the direction that was asked for.
    pub more: bool,
}

/// Merges lines after a place. Each side came with at most `limit` lines: where one was cut off, the other must not run
/// ahead of it.
pub fn merge_after(lines: Vec<Line>, limit: usize) -> Page {
    let end = |side: Side| cut_off(&lines, side, limit).and_then(|of_side| of_side.last().map(|l| l.at));
    let ends = [end(Side::In), end(Side::Out)];
    let mut page = Page { lines: ordered(lines), more: ends.iter().any(Option::is_some) };
    if let Some(end) = ends.into_iter().flatten().min() {
        page.lines.retain(|line| line.at <= end);
    }
    page
}

/// Merges the last lines before a place, with the same care for the other end.
pub fn merge_before(lines: Vec<Line>, limit: usize) -> Page {
    let start = |side: Side| cut_off(&lines, side, limit).and_then(|of_side| of_side.first().map(|l| l.at));
    let starts = [start(Side::In), start(Side::Out)];
    let mut page = Page { lines: ordered(lines), more: starts.iter().any(Option::is_some) };
    if let Some(start) = starts.into_iter().flatten().max() {
        page.lines.retain(|line| line.at >= start);
    }
    page
}

/// The lines of a side when there may be more of them.
fn cut_off(lines: &[Line], side: Side, limit: usize) -> Option<Vec<&Line>> {
    let of_side: Vec<&Line> = lines.iter().filter(|line| line.side == side).collect();
    (of_side.len() >= limit && limit > 0).then_some(of_side)
}

/// By time; what a person said stands before the answer of the same instant.
fn ordered(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by_key(|line| (line.at, line.side, line.id));
    lines
}

/// A place that includes a line.
pub fn past(cursor: Cursor, line: &Line) -> Cursor {
    match line.side {
        Side::In => Cursor { inbox: cursor.inbox.max(line.id), ..cursor },
        Side::Out => Cursor { outbox: cursor.outbox.max(line.id), ..cursor },
    }
}

/// The place before all of these lines, for who asks for earlier ones.
pub fn start_of(lines: &[Line], cursor: Cursor) -> Cursor {
    lines.iter().fold(cursor, |cursor, line| match line.side {
        Side::In => Cursor { inbox: cursor.inbox.min(line.id), ..cursor },
        Side::Out => Cursor { outbox: cursor.outbox.min(line.id), ..cursor },
    })
}

/// A line as JSON for the page.
pub fn line_json(line: &Line, pane: Pane) -> Value {
    let at = line.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    match &line.said {
        Said::Person { id, content, label } => {
            json!({"id": format!("i{}", line.id), "from": "me", "at": at, "client": id,
                   "said": person_json(content, label.as_deref())})
        }
        Said::Shop(message) => shop_json(line.id, &at, message, pane),
        Said::Nothing => json!({"id": format!("x{}", line.id), "from": "none", "at": at}),
    }
}

fn person_json(content: &Content, label: Option<&str>) -> Value {
    match content {
        Content::Text { text } => json!({"kind": "text", "text": text}),
        Content::Press { data } => json!({"kind": "press", "data": data, "text": label}),
        Content::Location { latitude, longitude, name } => {
            let place = name.clone().unwrap_or_else(|| format!("{latitude}, {longitude}"));
            json!({"kind": "location", "text": place})
        }
        Content::Media { media, caption, .. } => json!({"kind": "media", "media": media, "text": caption}),
        Content::Order { .. }
        | Content::Phone { .. }
        | Content::Edited { .. }
        | Content::Silent
        | Content::Unknown => json!({"kind": "unknown"}),
    }
}

fn shop_json(id: i64, at: &str, message: &Outbound, pane: Pane) -> Value {
    let message = fit(message, &LIMITS);
    let runs: Vec<Value> = runs(&message.text).iter().map(|run| json!([run.text, run.bold])).collect();
    let choices: Vec<Value> =
        message.choices.iter().map(|choice| json!({"label": choice.label, "data": choice.data})).collect();
    let image = message.image.as_ref().and_then(|picture| match picture {
        Picture::Qris { title, amount, .. } => Some(json!({
            "kind": "qris", "url": format!("/chat/qris/{id}.png?pane={}", pane.as_str()),
            "title": title, "amount": amount,
        })),
        Picture::Paper { .. } => {
            let url = format!("/chat/qris/{id}.png?pane={}", pane.as_str());
            Some(json!({"kind": "paper", "url": url}))
        }
        // A path of ours or an address of the open web; anything else is not a picture.
        Picture::Stored { path } if is_own_path(path) || is_secure_address(path) => {
            Some(json!({"kind": "photo", "url": path}))
        }
        Picture::Kept { .. } => {
            Some(json!({"kind": "paper", "url": format!("/chat/kept/{id}.jpg?pane={}", pane.as_str())}))
        }
        Picture::Stored { .. } => None,
    });
    let document = message.document.as_ref().map(
        |document| json!({"name": document.name, "url": format!("/chat/files/{id}?pane={}", pane.as_str())}),
    );
    let link = message.link.as_ref().map(|link| json!({"label": link.label, "url": link.url}));
    json!({"id": format!("o{id}"), "from": "shop", "at": at, "runs": runs, "choices": choices,
           "image": image, "document": document, "link": link})
}

fn is_own_path(path: &str) -> bool {
    path.starts_with("/media/") && !path.contains("..")
}

fn is_secure_address(path: &str) -> bool {
    is_web_address(path) && path.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("https:"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn line(side: Side, id: i64, second: i64) -> Line {
        let at = DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap();
        Line { side, id, at, said: Said::Nothing }
    }

    fn order(page: &Page) -> Vec<(Side, i64)> {
        page.lines.iter().map(|line| (line.side, line.id)).collect()
    }

    #[test]
    fn an_answer_follows_what_it_answers() {
        let lines =
            vec![line(Side::Out, 9, 1), line(Side::Out, 10, 3), line(Side::In, 4, 1), line(Side::In, 5, 2)];
        let page = merge_after(lines, 10);
        assert_eq!(order(&page), [(Side::In, 4), (Side::Out, 9), (Side::In, 5), (Side::Out, 10)]);
        assert!(!page.more);
    }

    #[test]
    fn a_side_that_was_cut_off_is_not_overtaken() {
        let lines =
            vec![line(Side::In, 1, 1), line(Side::In, 2, 2), line(Side::Out, 1, 1), line(Side::Out, 2, 9)];
        let after = merge_after(lines.clone(), 2);
        assert!(after.more);
        assert_eq!(order(&after), [(Side::In, 1), (Side::Out, 1), (Side::In, 2)]);
        let before = merge_before(lines, 2);
        assert!(before.more);
        assert_eq!(order(&before).len(), 4);
    }

    #[rstest]
    #[case("12-34", Some((12, 34)))]
    #[case("0-0", Some((0, 0)))]
    #[case("-1-0", None)]
    #[case("1-", None)]
    #[case("1", None)]
    #[case("", None)]
    #[case("99999999999999999999-0", None)]
    fn a_cursor_is_read_or_refused(#[case] text: &str, #[case] expected: Option<(i64, i64)>) {
        let read = parse_cursor(text);
        assert_eq!(read.map(|cursor| (cursor.inbox, cursor.outbox)), expected);
        if let Some(cursor) = read {
            assert_eq!(cursor_text(cursor), text);
        }
    }

    #[rstest]
    #[case("/media/abc", true)]
    #[case("https://toko.example/a.png", true)]
    #[case("http://toko.example/a.png", false)]
    #[case("/media/../chat/session", false)]
    #[case("//evil.example/a.png", false)]
    #[case("javascript:alert(1)", false)]
    fn only_pictures_of_known_places_are_shown(#[case] path: &str, #[case] shown: bool) {
        let message =
            Outbound { image: Some(Picture::Stored { path: path.to_owned() }), ..Outbound::default() };
        let line = Line { said: Said::Shop(message), ..line(Side::Out, 1, 1) };
        assert_eq!(line_json(&line, Pane::Customer)["image"].is_object(), shown);
    }

    proptest! {
        /// Whatever the bounds of a page, going on from page to page shows every line once, each side in order.
        #[test]
        fn pages_show_everything_once(seconds in prop::collection::vec((any::<bool>(), 0i64..9), 0..40), limit in 1usize..6) {
            let mut clock = 0;
            let (mut inbox, mut outbox) = (0, 0);
            let all: Vec<Line> = seconds.iter().map(|(inbound, wait)| {
                clock += wait;
                if *inbound { inbox += 1; line(Side::In, inbox, clock) } else { outbox += 1; line(Side::Out, outbox, clock) }
            }).collect();
            let take = |cursor: Cursor| {
                let of = |side: Side, from: i64| all.iter().filter(move |l| l.side == side && l.id > from).take(limit).cloned();
                let mut lines: Vec<Line> = of(Side::In, cursor.inbox).collect();
                lines.extend(of(Side::Out, cursor.outbox));
                merge_after(lines, limit)
            };
            let (mut cursor, mut seen) = (Cursor::default(), Vec::new());
            for _ in 0..=all.len() {
                let page = take(cursor);
                cursor = page.lines.iter().fold(cursor, past);
                let more = page.more;
                seen.extend(page.lines);
                if !more { break; }
            }
            prop_assert_eq!(seen.len(), all.len());
            for side in [Side::In, Side::Out] {
                let ids: Vec<i64> = seen.iter().filter(|l| l.side == side).map(|l| l.id).collect();
                prop_assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }
}
