//! Taking a person's values out of words and JSON that stay: messages to the shop's people, notices of gateways, notes.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::person::Person;

/// Characters from which on the name of a chat is told from an amount or a number of pieces.
const MIN_ID_CHARS: usize = 5;
/// Characters from which on words of a person are theirs wherever they stand; shorter ones only where they were passed on.
const MIN_WORDS_CHARS: usize = 16;
/// Digits from which on a number is a phone number.
const MIN_PHONE_DIGITS: usize = 8;
/// The keys under which a person's own words are passed on.
const WORDS_KEYS: [&str; 5] = ["text", "note", "reason", "question", "caption"];
/// The keys under which payment companies and banks name who paid.
const PAYER_KEYS: [&str; 10] = [
    "customer",
    "customer_details",
    "customer_name",
    "payer",
    "payer_name",
    "payer_email",
    "payer_phone",
    "sender_name",
    "source_name",
    "buyer",
];

/// Knows a person's values in every way in which they are written, and what to write in their place.
#[derive(Debug)]
pub struct Mask {
    /// Finds a value as `gone`, or something that only looks like one as `keep`. Nothing for a person of whom nothing is known.
    values: Option<Regex>,
    /// The same for PostgreSQL, and wider: it finds the rows that are worth reading.
    pattern: String,
    /// Words that were passed on, as they were said.
    words: Vec<String>,
    placeholder: String,
}

impl Mask {
    /// The mask of a person. `kept` are names of the shop and its goods: a customer who is called like one of them leaves it
    /// as it is.
    pub fn new(person: &Person, kept: &[String], placeholder: &str) -> Self {
        let mut values: Vec<String> = Vec::new();
        values.extend(person.phones.iter().filter_map(|phone| phone_pattern(phone)));
        let long = person.words.iter().filter(|words| words.chars().count() >= MIN_WORDS_CHARS);
        values
            .extend(person.names.iter().chain(&person.places).chain(long).filter_map(|text| flexible(text)));
        let ids = person.chats.iter().filter(|id| id.chars().count() >= MIN_ID_CHARS);
        values.extend(ids.filter_map(|id| flexible(id)));
        // The longest first: a name may be the beginning of an address.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        let mut hints: Vec<String> = Vec::new();
        hints.extend(person.phones.iter().filter_map(|phone| digits_pattern(phone)));
        let texts = person.names.iter().chain(&person.places).chain(&person.chats);
        hints.extend(texts.filter_map(|text| hint(text)));
        // Short words stand in many rows; they are looked for where something begins with them.
        hints.extend(
            person.words.iter().filter_map(|text| hint(text)).map(|hint| format!(r#": ".{{0,4}}{hint}"#)),
        );
        let long = person.words.iter().filter(|words| words.chars().count() >= MIN_WORDS_CHARS);
        hints.extend(long.filter_map(|text| hint(text)));
        let kept: Vec<String> = match build(&values.join("|")) {
            Some(any) => {
                kept.iter().filter(|name| any.is_match(name)).filter_map(|name| flexible(name)).collect()
            }
            None => Vec::new(),
        };
        let found = format!("(?P<gone>{})", values.join("|"));
        let whole = if kept.is_empty() { found } else { format!("(?P<keep>{})|{found}", kept.join("|")) };
        Self {
            values: if values.is_empty() { None } else { build(&whole) },
            pattern: if hints.is_empty() { "$^".to_owned() } else { hints.join("|") },
            words: person.words.clone(),
            placeholder: placeholder.to_owned(),
        }
    }

    /// What PostgreSQL compares rows with (`~*`) to find those that may hold a value.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// What stands in the place of a value.
    pub fn placeholder(&self) -> &str {
        &self.placeholder
    }

    /// A text without the person.
    pub fn text(&self, text: &str) -> String {
        let Some(values) = &self.values else { return text.to_owned() };
        let replaced = values.replace_all(text, |found: &regex::Captures<'_>| {
            found.name("keep").map_or_else(|| self.placeholder.clone(), |kept| kept.as_str().to_owned())
        });
        replaced.into_owned()
    }

    /// Takes the person out of JSON. Returns whether anything changed.
    pub fn json(&self, value: &mut Value) -> bool {
        let before = value.clone();
        let mut passed_on = Vec::new();
        self.walk(value, None, &mut passed_on);
        // What was passed on stands in the rendered words as well.
        if let Some(Value::String(text)) = value.get_mut("text") {
            for words in passed_on.iter().filter(|words| !words.is_empty()) {
                *text = text.replace(words.as_str(), &self.placeholder);
            }
        }
        *value != before
    }

    fn walk(&self, value: &mut Value, key: Option<&str>, passed_on: &mut Vec<String>) {
        match value {
            Value::String(text) => {
                let is_passed_on = key.is_some_and(|key| WORDS_KEYS.contains(&key));
                if is_passed_on && self.words.iter().any(|words| words == text) {
                    passed_on.push(std::mem::replace(text, self.placeholder.clone()));
                } else {
                    *text = self.text(text);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, key, passed_on)),
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    self.walk(field, Some(name), passed_on);
                }
            }
            Value::Number(number) => {
                // A phone number that somebody wrote as a number.
                let written = number.to_string();
                let masked = self.text(&written);
                if masked != written {
                    *value = Value::String(masked);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The rows that change, as they become.
    pub fn changed(&self, rows: impl Iterator<Item = (String, Value)>) -> (Vec<String>, Vec<Value>) {
        rows.filter_map(|(id, mut body)| self.json(&mut body).then_some((id, body))).unzip()
    }
}

/// Takes out of a company's answer who paid, whatever their name is.
pub fn drop_payer(value: &mut Value, placeholder: &str) -> bool {
    match value {
        Value::Object(fields) => {
            let mut changed = false;
            for (name, field) in fields.iter_mut() {
                if PAYER_KEYS.contains(&name.to_ascii_lowercase().as_str()) && !field.is_null() {
                    changed |= field.as_str() != Some(placeholder);
                    *field = Value::String(placeholder.to_owned());
                } else {
                    changed |= drop_payer(field, placeholder);
                }
            }
            changed
        }
        Value::Array(items) => {
            items.iter_mut().fold(false, |changed, item| drop_payer(item, placeholder) | changed)
        }
        _ => false,
    }
}

fn build(pattern: &str) -> Option<Regex> {
    if pattern.is_empty() {
        return None;
    }
    // A person with a hundred addresses is still one person: the bound is on memory, not on them.
    RegexBuilder::new(pattern).case_insensitive(true).size_limit(64 << 20).build().ok()
}

/// The digits of a phone number without the country's prefix and without the zero that stands for it at home.
fn national(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("62").or_else(|| digits.strip_prefix('0')).unwrap_or(&digits);
    (national.len() >= MIN_PHONE_DIGITS).then(|| national.to_owned())
}

fn digits_pattern(phone: &str) -> Option<String> {
    let digits: Vec<String> = national(phone)?.chars().map(String::from).collect();
    Some(digits.join(r"[\s().-]*"))
}

/// A phone number in every way in which it is written: `0812…`, `+62812…`, `62812…`, with blanks, dots and dashes.
fn phone_pattern(phone: &str) -> Option<String> {
    Some(format!(r"(?:\+?\(?(?:62|0)\)?[\s().-]*)?{}", digits_pattern(phone)?))
}

/// A text with any blanks between its words, as a whole: not as a part of a longer word.
fn flexible(text: &str) -> Option<String> {
    let words: Vec<String> = text.split_whitespace().map(regex::escape).collect();
    let is_word =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let text = text.trim();
    let (first, last) = (is_word(text.chars().next()), is_word(text.chars().last()));
    let (before, after) = (if first { r"\b" } else { "" }, if last { r"\b" } else { "" });
    (!words.is_empty()).then(|| format!("{before}{}{after}", words.join(r"\s+")))
}

/// What PostgreSQL finds a text by in the written form of JSON, where blanks and quotes may be escaped.
fn hint(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(".{1,8}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn person() -> Person {
        Person {
            names: vec!["Budi Santoso".to_owned(), "Melati".to_owned()],
            phones: vec!["+6281234567899".to_owned()],
            places: vec!["Jl. Kenanga No. 5".to_owned()],
            words: vec!["ya".to_owned(), "tolong bungkus kado warna biru".to_owned()],
            chats: vec!["ID.77xyz".to_owned()],
            ..Person::default()
        }
    }

    #[rstest]
    #[case("Halo Budi Santoso!", "Halo (dihapus)!")]
    #[case("BUDI  SANTOSO", "(dihapus)")]
    #[case("Budiman Santoso", "Budiman Santoso")]
    #[case("WA 0812-3456-7899 ya", "WA (dihapus) ya")]
    #[case("+62 812 3456 7899", "(dihapus)")]
    #[case("6281234567899@c.us", "(dihapus)@c.us")]
    #[case("kirim ke Jl. Kenanga No. 5, Bandung", "kirim ke (dihapus), Bandung")]
    #[case("Tolong bungkus kado warna biru.", "(dihapus).")]
    #[case("ya, 2 Teh Melati untuk Melati: Rp 50.000", "ya, 2 Teh Melati untuk (dihapus): Rp 50.000")]
    #[case("chat ID.77xyz", "chat (dihapus)")]
    fn a_person_is_taken_out_in_every_way_of_writing_and_goods_stay(
        #[case] text: &str,
        #[case] expected: &str,
    ) {
        let mask = Mask::new(&person(), &["Teh Melati".to_owned(), "Kopi".to_owned()], "(dihapus)");
        assert_eq!(mask.text(text), expected);
    }

    #[test]
    fn short_words_go_where_they_were_passed_on_and_nowhere_else() {
        let mask = Mask::new(&person(), &[], "(dihapus)");
        let mut value = json!({"text": "Dari Budi Santoso: ya",
            "replies": [{"args": {"text": "ya", "label": "ya"}}], "n": 81234567899_u64});
        assert!(mask.json(&mut value));
        let expected = json!({"text": "Dari (dihapus): (dihapus)",
            "replies": [{"args": {"text": "(dihapus)", "label": "ya"}}], "n": "(dihapus)"});
        assert_eq!(value, expected);
        assert!(!mask.json(&mut json!({"text": "2 Teh Hijau: Rp 50.000"})));
    }

    #[test]
    fn who_paid_goes_whatever_their_name_is() {
        let mut value = json!({"data": {"payer_name": "B SANTOSO", "amount": 5, "customer": {"id": 1}}});
        assert!(drop_payer(&mut value, "-"));
        assert_eq!(value, json!({"data": {"payer_name": "-", "amount": 5, "customer": "-"}}));
        assert!(!drop_payer(&mut value, "-"));
    }

    #[test]
    fn of_nobody_nothing_is_taken_out() {
        let mask = Mask::new(&Person::default(), &["Teh".to_owned()], "-");
        assert_eq!(mask.text("Budi minum Teh"), "Budi minum Teh");
        assert_eq!(mask.pattern(), "$^");
    }
}
