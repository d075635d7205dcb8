//! The page to pay on, written out: plain forms, so that it works without scripts. Its words stand in `words.json`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono_tz::Tz;

use crate::domain::customer::Language;
use crate::domain::money::Rupiah;
use crate::domain::payment::GatewayState;
use crate::payments::qris::Qris;
use crate::payments::sandbox::Entry;

const PAGE: &str = include_str!("page.html");
/// Words by language and name.
static WORDS: LazyLock<HashMap<String, HashMap<String, String>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("words.json")).unwrap_or_default());

fn word(language: Language, name: &str) -> &'static str {
    WORDS.get(language.code()).and_then(|words| words.get(name)).map_or("", String::as_str)
}

/// The amount as people read it.
pub fn money(amount: Rupiah, language: Language) -> String {
    crate::i18n::format::money(amount, language)
}

/// The merchant's name in the code.
pub fn merchant(entry: &Entry) -> String {
    Qris::parse(&entry.qris).ok().and_then(|code| code.get(59).map(str::to_owned)).unwrap_or_default()
}

/// What the page shows.
pub struct View<'a> {
    /// The charge.
    pub entry: &'a Entry,
    /// Where it stands.
    pub state: GatewayState,
    /// What came of the last press: `delivered`, `undelivered` or `refused`.
    pub said: Option<&'a str>,
    /// The zone of the times.
    pub zone: Tz,
    /// The language.
    pub language: Language,
}

impl View<'_> {
    /// The page.
    pub fn render(&self) -> String {
        let word = |name: &str| word(self.language, name);
        let entry = self.entry;
        let state = match self.state {
            GatewayState::Pending => "pending",
            GatewayState::Paid => "paid",
            GatewayState::Expired => "expired",
            GatewayState::Failed | GatewayState::Disputed => "failed",
        };
        let pay = match self.state {
            GatewayState::Pending => "pay",
            GatewayState::Paid | GatewayState::Disputed => "pay_again",
            GatewayState::Expired | GatewayState::Failed => "pay_late",
        };
        let until = entry.expires_at.with_timezone(&self.zone);
        let mut body = String::new();
        // Writing into a text cannot fail.
        let _ = write!(
            body,
            "<section><h1>{title}</h1><p class=\"soft\">{notice}</p>",
            title = word("title"),
            notice = word("notice"),
        );
        if let Some(said) = self.said.filter(|said| matches!(*said, "delivered" | "undelivered" | "refused"))
        {
            let _ = write!(body, "<p class=\"said {said}\" role=\"status\">{}</p>", word(said));
        }
        let _ = write!(
            body,
            "<img src=\"/sandbox/qr/{reference}.png\" alt=\"{alt} {merchant}\" width=\"480\" height=\"600\">\
             <p class=\"amount\">{amount}</p><p><span class=\"state {state}\">{state_word}</span></p>",
            reference = escape(&entry.reference),
            alt = word("alt"),
            merchant = escape(&merchant(entry)),
            amount = escape(&money(entry.amount, self.language)),
            state_word = word(state),
        );
        if entry.receipts > 0 {
            let received = escape(&money(entry.received, self.language));
            let _ = write!(body, "<p>{} {received} ({}×)</p>", word("received"), entry.receipts);
        }
        let _ = write!(
            body,
            "<p class=\"soft\">{} {} · {} {}</p>",
            word("until"),
            until.format("%H.%M %Z"),
            word("reference"),
            escape(&entry.reference),
        );
        let button = |kind: &str, name: &str, class: &str| {
            format!("<button class=\"{class}\" name=\"kind\" value=\"{kind}\">{}</button>", word(name))
        };
        let _ = write!(
            body,
            "<form method=\"post\">{}</form></section><section><h2>{}</h2><form method=\"post\" class=\"pair\">{}{}{}{}</form>",
            button("exact", pay, "main"),
            word("more_title"),
            button("twice", "twice", ""),
            if entry.receipts > 0 { button("repeat", "repeat", "") } else { String::new() },
            button("less", "less", ""),
            button("more", "more", ""),
        );
        if self.state == GatewayState::Pending {
            let _ = write!(body, "<p class=\"soft\">{}</p>", word("late"));
        }
        body.push_str("</section>");
        page(self.language, &body)
    }
}

/// The page for a reference that the sandbox does not know.
pub fn unknown(language: Language) -> String {
    page(language, &format!("<section><h1>{}</h1></section>", word(language, "unknown")))
}

fn page(language: Language, body: &str) -> String {
    PAGE.replace("{lang}", language.code())
        .replace("{title}", word(language, "title"))
        .replace("{body}", body)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn entry(receipts: u32) -> Entry {
        Entry {
            reference: "ORD-2026-0001-1".into(),
            external_id: "sbx_1".into(),
            amount: Rupiah::new(50_000).unwrap(),
            qris: "<script>".into(),
            cancelled: false,
            received: Rupiah::new(50_000 * i64::from(receipts)).unwrap(),
            receipts,
            expires_at: DateTime::from_timestamp(1_760_000_000, 0).unwrap(),
        }
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let names = |language: Language| {
            let mut names: Vec<_> = WORDS[language.code()].keys().collect();
            names.sort();
            names
        };
        assert_eq!(names(Language::Id), names(Language::En));
        assert!(names(Language::Id).len() > 20);
    }

    #[test]
    fn every_state_can_be_paid_and_says_what_it_is() {
        for language in Language::ALL {
            for (state, receipts, name) in [
                (GatewayState::Pending, 0, "pending"),
                (GatewayState::Paid, 1, "paid"),
                (GatewayState::Expired, 0, "expired"),
                (GatewayState::Failed, 0, "failed"),
            ] {
                let entry = entry(receipts);
                let view =
                    View { entry: &entry, state, said: Some("<x>"), zone: Tz::Asia__Jakarta, language };
                let page = view.render();
                assert!(page.contains(word(language, name)), "{name}");
                assert!(page.contains("value=\"exact\""));
                assert_eq!(page.contains("value=\"repeat\""), receipts > 0);
                assert!(page.contains("15.53 WIB"), "{page}");
                assert!(!page.contains("<x>") && !page.contains("{body}"));
            }
        }
    }
}
