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
        let button = |kind: &str, name: &str, class: &str| {
            format!("<button class=\"{class}\" name=\"kind\" value=\"{kind}\">{}</button>", word(name))
        };
        let mut body = String::from("<section>");
        self.state_of(&mut body, state);
        if self.state == GatewayState::Pending {
            // Writing into a text cannot fail.
            let _ = write!(
                body,
                "<img src=\"/sandbox/qr/{reference}.png\" alt=\"{alt} {merchant}\" width=\"480\" height=\"600\">\
                 <form method=\"post\">{}</form>",
                button("exact", pay, "main"),
                reference = escape(&entry.reference),
                alt = word("alt"),
                merchant = escape(&merchant(entry)),
            );
        } else {
            let _ = write!(
                body,
                "<p>{}</p><a class=\"main\" href=\"/\">{}</a>",
                word(if self.state == GatewayState::Paid { "back_paid" } else { "back_over" }),
                word("back"),
            );
        }
        let _ = write!(
            body,
            "<p class=\"soft\">{} {} · {} {}</p></section>",
            word("until"),
            until.format("%H.%M %Z"),
            word("reference"),
            escape(&entry.reference),
        );
        // What only somebody who tries the shop out needs stands below, folded up.
        let _ = write!(
            body,
            "<details class=\"card\"><summary>{}</summary><form method=\"post\" class=\"pair\">{}{}{}{}{}</form>",
            word("more_title"),
            if self.state == GatewayState::Pending { String::new() } else { button("exact", pay, "") },
            button("twice", "twice", ""),
            if entry.receipts > 0 { button("repeat", "repeat", "") } else { String::new() },
            button("less", "less", ""),
            button("more", "more", ""),
        );
        if self.state == GatewayState::Pending {
            let _ = write!(body, "<p class=\"soft\">{}</p>", word("late"));
        }
        body.push_str("</details>");
        page(self.language, &body)
    }

    /// Where it stands, first of all, with the amount and what came of the last press.
    fn state_of(&self, body: &mut String, state: &str) {
        let word = |name: &str| word(self.language, name);
        let entry = self.entry;
        let _ = write!(
            body,
            "<p class=\"soft\">{title}. {notice}</p><h1 class=\"state {state}\" role=\"status\">{state_word}</h1>\
             <p class=\"amount\">{amount}</p>",
            title = word("title"),
            notice = word("notice"),
            state_word = word(state),
            amount = escape(&money(entry.amount, self.language)),
        );
        if let Some(said) = self.said.filter(|said| matches!(*said, "delivered" | "undelivered" | "refused"))
        {
            let _ = write!(body, "<p class=\"said {said}\">{}</p>", word(said));
        }
        if entry.receipts > 0 {
            let received = escape(&money(entry.received, self.language));
            let _ = write!(body, "<p>{} {received} ({}×)</p>", word("received"), entry.receipts);
        }
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

    fn shown(state: GatewayState, receipts: u32, language: Language) -> String {
        let entry = entry(receipts);
        View { entry: &entry, state, said: Some("<x>"), zone: Tz::Asia__Jakarta, language }.render()
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
                let page = shown(state, receipts, language);
                assert!(page.contains(word(language, name)), "{name}");
                assert!(page.contains("value=\"exact\""));
                assert_eq!(page.contains("value=\"repeat\""), receipts > 0);
                assert!(page.contains("15.53 WIB"), "{page}");
                assert!(!page.contains("<x>") && !page.contains("{body}"));
            }
        }
    }

    #[test]
    fn after_the_payment_come_its_state_and_the_way_back_before_anything_to_try() {
        for language in Language::ALL {
            let page = shown(GatewayState::Paid, 1, language);
            let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("no {words} in {page}"));
            let (state, back) = (place(&format!("{}</h1>", word(language, "paid"))), place("href=\"/\""));
            assert!(state < back && back < place("<details") && place("<details") < place("value=\"exact\""));
            assert!(
                !page.contains("/sandbox/qr/") && !page.contains("class=\"main\" name"),
                "nothing to pay"
            );
            let open = shown(GatewayState::Pending, 0, language);
            assert!(open.contains("/sandbox/qr/") && open.find("value=\"exact\"") < open.find("<details"));
        }
    }
}
