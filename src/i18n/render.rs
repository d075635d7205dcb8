//! From a [`Say`] to words: arguments as people read them, lists line by line, and a way out when a message fails.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fluent_bundle::{FluentArgs, FluentValue};

use super::bundle::DROP_MARK;
use super::{DEAR_KEY, GENERIC_KEY, GENERIC_LABEL_KEY, GENERIC_LINK_KEY, Locales, SHELF, TITLES_KEY, format};
use crate::dialogue::reply::{Label, Say};
use crate::dialogue::value::{Row, Value};
use crate::domain::customer::Language;

type Args = BTreeMap<String, Value>;
type RowKeys = BTreeMap<String, String>;

/// Arguments that name somebody who may be spoken to.
const ADDRESSED: [&str; 2] = ["person", "customer"];

/// A reply in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The labels of the choices, one for each, in order.
    pub labels: Vec<String>,
    /// The label of the link, where the reply has one.
    pub link_label: Option<String>,
}

impl Locales {
    /// Renders a reply with its choices and its link, moments in the zone of the shop. It never fails: what the
    /// language lacks is said in the other one, and what both lack by generic words, so that nobody reads a key or a
    /// brace.
    pub fn render(&self, say: &Say, language: Language, zone: &Tz) -> Rendered {
        let voice = Voice { locales: self, language, zone: *zone };
        let labels = say.choices.iter().map(|choice| match &choice.label {
            Label::Key { key, args } => voice.label(key, args, GENERIC_LABEL_KEY),
            Label::Text(text) => one_line(&clean(text)),
        });
        Rendered {
            text: voice.words(&say.key, &say.args, &say.rows, GENERIC_KEY),
            labels: labels.collect(),
            link_label: say.link.as_ref().map(|(key, _)| voice.label(key, &Args::new(), GENERIC_LINK_KEY)),
        }
    }

    /// The arguments of a reply as its words have them: amounts, moments and words of closed sets in the language, lists
    /// line by line.
    pub fn shown(&self, say: &Say, language: Language, zone: &Tz) -> BTreeMap<String, String> {
        let voice = Voice { locales: self, language, zone: *zone };
        let shown = |(name, value): (&String, &Value)| {
            let text = voice.shown(value, say.rows.get(name).map(String::as_str));
            (name.clone(), text.replace(DROP_MARK, ""))
        };
        say.args.iter().map(shown).collect()
    }

    /// Renders one message without lists; it never fails either.
    pub fn text(&self, key: &str, args: &Args, language: Language, zone: &Tz) -> String {
        Voice { locales: self, language, zone: *zone }.words(key, args, &RowKeys::new(), GENERIC_KEY)
    }

    /// An amount as the language writes it, for pictures of codes.
    pub fn money(&self, amount: crate::domain::money::Rupiah, language: Language) -> String {
        format::money(amount, language)
    }
}

/// A language and a zone to speak in.
#[derive(Clone, Copy)]
struct Voice<'a> {
    locales: &'a Locales,
    language: Language,
    zone: Tz,
}

impl<'a> Voice<'a> {
    /// The message in this language, else in the other, else the spare one.
    fn words(self, key: &str, args: &Args, rows: &RowKeys, spare: &str) -> String {
        self.message(key, args, rows)
            .or_else(|| self.other().message(key, args, rows))
            .or_else(|| self.message(spare, &Args::new(), &RowKeys::new()))
            .unwrap_or_else(|| "…".to_owned())
    }

    fn label(self, key: &str, args: &Args, spare: &str) -> String {
        one_line(&self.words(key, args, &RowKeys::new(), spare))
    }

    fn other(self) -> Self {
        let language = match self.language {
            Language::Id => Language::En,
            Language::En => Language::Id,
        };
        Self { language, ..self }
    }

    fn message(self, key: &str, args: &Args, rows: &RowKeys) -> Option<String> {
        let mut fluent = FluentArgs::with_capacity(args.len() * 2);
        for (name, value) in args {
            self.put(&mut fluent, name, value, rows.get(name).map(String::as_str));
        }
        // Nobody need pass what stands on the shelf; without it there is no example.
        for name in SHELF.iter().filter(|name| !args.contains_key(**name)) {
            self.put(&mut fluent, name, &Value::None, None);
        }
        let raw = self.locales.bundle(self.language).message(key, &fluent)?;
        // Words that would vanish as a whole lose only the unknown value.
        let text = Some(tidy(&raw))
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| tidy(&raw.replace(DROP_MARK, "")));
        Some(text).filter(|text| !text.is_empty())
    }

    /// Gives Fluent an argument under its name and the names that the module's header promises.
    fn put(self, fluent: &mut FluentArgs<'_>, name: &str, value: &Value, row_key: Option<&str>) {
        fluent.set(format!("{name}-n"), FluentValue::from(number_of(value)));
        if let Value::Text(text) = value
            && ADDRESSED.contains(&name)
        {
            fluent.set(format!("{name}-dear"), self.dear(text));
        }
        let shown = match value {
            Value::Int(number) => FluentValue::from(*number),
            Value::Bool(yes) => FluentValue::from(i64::from(*yes)),
            Value::Money(_) => self.shown(value, row_key).into(),
            Value::Time(at) => {
                fluent.set(format!("{name}-time"), format::time(*at, self.language, self.zone));
                fluent.set(format!("{name}-date"), self.moment("date-short", *at));
                self.shown(value, row_key).into()
            }
            _ => known(self.shown(value, row_key)).into(),
        };
        if matches!(value, Value::None) {
            for suffix in ["time", "date", "dear"] {
                fluent.set(format!("{name}-{suffix}"), known(String::new()));
            }
        }
        fluent.set(name.to_owned(), shown);
    }

    /// A value as people read it; nothing where there is nothing to read.
    fn shown(self, value: &Value, row_key: Option<&str>) -> String {
        match value {
            Value::Int(number) => number.to_string(),
            Value::Bool(yes) => i64::from(*yes).to_string(),
            Value::Money(amount) => format::money(*amount, self.language),
            Value::Time(at) => self.moment("date-time", *at),
            Value::Text(text) => clean(text),
            Value::Word(word) => self.word(word),
            Value::Localized(text) => clean(text.get(self.language)),
            Value::Rows(rows) => self.rows(rows, row_key),
            Value::None | Value::Qris { .. } | Value::Paper | Value::Data(_) => String::new(),
        }
    }

    /// A name with the word by which people are addressed, or with the title that it brings: who calls herself Bu Tini is
    /// no Kak Bu Tini.
    fn dear(self, name: &str) -> String {
        let name = capitalised(&clean(name));
        let none = (Args::new(), RowKeys::new());
        let titles = self.message(TITLES_KEY, &none.0, &none.1).unwrap_or_default();
        let first = name.split_whitespace().next().unwrap_or_default().trim_end_matches('.').to_lowercase();
        if name.is_empty() || titles.split_whitespace().any(|title| title == first) {
            return known(name);
        }
        let args = Args::from([("name".to_owned(), Value::Text(name.clone()))]);
        self.message(DEAR_KEY, &args, &none.1).unwrap_or(name)
    }

    /// A word of a closed set by its message; a word without one is said as it is, without its set.
    fn word(self, word: &str) -> String {
        let key = word.replace(['.', '_'], "-");
        let none = (Args::new(), RowKeys::new());
        self.message(&key, &none.0, &none.1)
            .or_else(|| self.other().message(&key, &none.0, &none.1))
            .unwrap_or_else(|| clean(word.rsplit('.').next().unwrap_or_default()).replace('_', " "))
    }

    fn rows(self, rows: &[Row], key: Option<&str>) -> String {
        let Some(key) = key else { return String::new() };
        let none = RowKeys::new();
        let lines = rows.iter().zip(1i64..).filter_map(|(row, index)| {
            let mut args = row.clone();
            args.insert("index".to_owned(), Value::Int(index));
            self.message(key, &args, &none).or_else(|| self.other().message(key, &args, &none))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// A moment by one of the messages `date-short` and `date-time`.
    fn moment(self, key: &str, at: DateTime<Utc>) -> String {
        let (day, month, date, year) = format::date_parts(at, self.zone);
        let name = |key: &str| self.message(key, &Args::new(), &RowKeys::new()).unwrap_or_default();
        let mut fluent = FluentArgs::with_capacity(6);
        fluent.set("day", name(day));
        fluent.set("date", date.to_string());
        fluent.set("month", name(month));
        fluent.set("year", year.to_string());
        fluent.set("time", format::time(at, self.language, self.zone));
        fluent.set("zone", format::zone_name(at, self.zone));
        self.locales.bundle(self.language).message(key, &fluent).unwrap_or_else(|| at.to_rfc3339())
    }
}

/// A name that was typed in small letters alone, as names are written.
fn capitalised(name: &str) -> String {
    if name.chars().any(char::is_uppercase) {
        return name.to_owned();
    }
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split_whitespace().map(word).collect::<Vec<String>>().join(" ")
}

/// The number behind a value, for selectors.
fn number_of(value: &Value) -> i64 {
    match value {
        Value::Int(number) => *number,
        Value::Money(amount) => amount.whole(),
        Value::Rows(rows) => i64::try_from(rows.len()).unwrap_or(i64::MAX),
        other => i64::from(!other.is_empty()),
    }
}

/// The text, or the mark that makes its line vanish.
fn known(text: String) -> String {
    if text.is_empty() { DROP_MARK.to_string() } else { text }
}

/// Takes out of people's words what turns or hides text: marks of direction, control characters, private ones of ours.
fn clean(text: &str) -> String {
    let kept = text.chars().filter_map(|character| match character {
        '\u{061C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}' => None,
        DROP_MARK => None,
        '\n' => Some('\n'),
        '\t' => Some(' '),
        control if control.is_control() => None,
        other => Some(other),
    });
    kept.collect::<String>().trim().to_owned()
}

/// Drops the lines that hold unknown values, the blanks at the ends, and blank lines in a row.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for line in text.lines().map(str::trim_end).filter(|line| !line.contains(DROP_MARK)) {
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if blank { "\n\n" } else { "\n" });
        }
        out.push_str(line);
        blank = false;
    }
    out
}

/// Words on one line, as labels need them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
