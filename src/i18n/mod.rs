//! Words: Fluent bundles of both languages, and how money, dates and lists are written in each.
//!
//! What a message is given. For an argument `x` that a flow passes:
//! - `$x` is the value as people read it: money as `Rp50.000`, a moment as `Senin, 23 Nov 2026 14.35 WIB`, a word of a
//!   closed set by its message (`order-status.paid` by `order-status-paid`), a list line by line by the message that
//!   the flow names for its rows, a whole number as a number (so that English plurals can select on it).
//! - `$x-n` is its number, for selectors: rupiah, pieces, rows of a list; 1 or 0 for anything else, known or not.
//! - `$x-time` and `$x-date` are the parts of a moment: `14.35` and `Senin, 23 Nov`.
//! - `$x-dear` is a name as the language addresses its bearer: `Kak Budi`, but `Bu Tini`, who brings her title with her.
//!
//! Every text may read [`SHELF`], names of goods that the shop sells now, which nobody passes: examples come from the shop's
//! own shelf. Without goods `$example-n` is 0, and a text that names one selects on it.
//!
//! A line of a message that holds an unknown value (or `{ DROP() }`) vanishes, so an order card needs no selectors for
//! what an order does not have. What people wrote is stripped of marks that turn or hide text.

mod bundle;
mod facts;
pub mod format;
pub mod lint;
mod render;
pub mod samples;

use std::borrow::Cow;
use std::fmt;

use crate::domain::customer::Language;

use bundle::Bundle;

pub use facts::MessageFacts;
pub use render::Rendered;

/// What is said when a message cannot be rendered: words that are right at any time.
pub const GENERIC_KEY: &str = "generic";
/// The label of a choice whose own label cannot be rendered.
pub const GENERIC_LABEL_KEY: &str = "generic-label";
/// The label of a link whose own label cannot be rendered.
pub const GENERIC_LINK_KEY: &str = "generic-link";

/// Variables that every text may read: products that can be ordered now, as people type their names. See
/// `dialogue::examples`.
pub const SHELF: [&str; 2] = ["example", "other_example"];
/// The message that writes a name with the word by which people are addressed.
pub const DEAR_KEY: &str = "dear";
/// The message that lists the titles which take the place of that word, in small letters.
pub const TITLES_KEY: &str = "titles";

/// Keys that Rust names, not a flow: the fixed situations of the pipeline and the parts of dates.
pub const KEYS_OF_RUST: &[&str] = &[
    GENERIC_KEY,
    GENERIC_LABEL_KEY,
    GENERIC_LINK_KEY,
    DEAR_KEY,
    TITLES_KEY,
    crate::dialogue::brake::PAUSED_KEY,
    crate::dialogue::brake::STAFF_PAUSED_KEY,
    "error-try-again",
    "global-group",
    "global-group-code",
    "btn-private-chat",
    "person-forgotten",
    "mydata-file-name",
    "reply-cut",
    "reply-edited",
    "ask-name-button",
    "ask-name-title",
    "ask-phone-button",
    "ask-phone-title",
    "ask-address-button",
    "ask-address-title",
    "command-menu",
    "command-browse",
    "command-cart",
    "command-checkout",
    "command-orders",
    "command-language",
    "command-help",
    "command-human",
    "command-order",
    "command-order-items",
    "command-menu-name",
    "command-browse-name",
    "command-cart-name",
    "command-checkout-name",
    "command-orders-name",
    "command-language-name",
    "command-help-name",
    "command-human-name",
    "command-order-name",
    "command-order-items-name",
    "list-first",
    "list-more",
    "list-previous",
    "date-short",
    "date-time",
    "day-mon",
    "day-tue",
    "day-wed",
    "day-thu",
    "day-fri",
    "day-sat",
    "day-sun",
    "month-1",
    "month-2",
    "month-3",
    "month-4",
    "month-5",
    "month-6",
    "month-7",
    "month-8",
    "month-9",
    "month-10",
    "month-11",
    "month-12",
];

/// The sets of words that values render by; see [`crate::dialogue::value::Value::Word`].
pub const SETS_OF_WORDS: &[&str] = &[
    "order-status",
    "detail",
    "payment-status",
    "actor",
    "channel",
    "language",
    "order-next",
    "order-limit",
    "payment-problem",
    "proof-problem",
    "sent",
    "qris-refusal",
    "bank-problem",
    "refund-problem",
    "evidence",
];

/// One file of a locale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocaleFile {
    /// The language that its folder names.
    pub language: Language,
    /// Its path, for errors.
    pub path: String,
    /// Its text.
    pub text: Cow<'static, str>,
}

/// Something wrong in a locale file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {message}")]
pub struct LocaleError {
    /// The file.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// The loaded locales: one bundle for each language. Rendering never fails; see [`Locales::text`].
pub struct Locales {
    id: Bundle,
    en: Bundle,
}

impl Locales {
    /// Reads locale files. Both languages must hold [`GENERIC_KEY`], so that there is always something to say.
    ///
    /// # Errors
    /// Every syntax error and every key that stands twice, with file, line and column.
    pub fn load(files: Vec<LocaleFile>) -> Result<Self, Vec<LocaleError>> {
        let mut errors = Vec::new();
        let mut locales = Self { id: Bundle::new(Language::Id), en: Bundle::new(Language::En) };
        for file in files {
            let bundle = match file.language {
                Language::Id => &mut locales.id,
                Language::En => &mut locales.en,
            };
            bundle.add(file, &mut errors);
        }
        for language in Language::ALL {
            let bundle = locales.bundle(language);
            for key in [GENERIC_KEY, GENERIC_LABEL_KEY, GENERIC_LINK_KEY] {
                if errors.is_empty() && bundle.facts(key).is_none() {
                    errors.push(LocaleError {
                        path: format!("locales/{}", language.code()),
                        line: 1,
                        column: 1,
                        message: format!(
                            "the message `{key}` is missing; it is said when nothing else can be"
                        ),
                    });
                }
            }
        }
        if errors.is_empty() { Ok(locales) } else { Err(errors) }
    }

    /// The locales that the binary carries.
    ///
    /// # Errors
    /// As [`Locales::load`]; a test keeps this from happening.
    pub fn shipped() -> Result<Self, Vec<LocaleError>> {
        Self::load(SHIPPED.iter().map(ShippedFile::file).collect())
    }

    fn bundle(&self, language: Language) -> &Bundle {
        match language {
            Language::Id => &self.id,
            Language::En => &self.en,
        }
    }

    /// What is known of a message, for checking flows against the locales.
    pub fn facts(&self, language: Language, key: &str) -> Option<&MessageFacts> {
        self.bundle(language).facts(key)
    }

    /// Whether a message, or one that it includes, reads something of the shop's shelf: one of [`SHELF`].
    pub fn reads_shelf(&self, language: Language, key: &str) -> bool {
        self.facts(language, key).is_some_and(|facts| {
            facts.variables.iter().any(|variable| SHELF.contains(&facts::base(variable)))
                || facts
                    .includes
                    .iter()
                    .any(|included| included != key && self.reads_shelf(language, included))
        })
    }

    /// The keys of a language, in order.
    pub fn keys(&self, language: Language) -> impl Iterator<Item = &str> {
        self.bundle(language).keys()
    }
}

impl fmt::Debug for Locales {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locales").field("id", &self.id.len()).field("en", &self.en.len()).finish()
    }
}

/// A locale file inside the binary.
struct ShippedFile {
    language: Language,
    path: &'static str,
    text: &'static str,
}

impl ShippedFile {
    fn file(&self) -> LocaleFile {
        LocaleFile { language: self.language, path: self.path.to_owned(), text: Cow::Borrowed(self.text) }
    }
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(
            ShippedFile {
                language: Language::Id,
                path: concat!("locales/id/", $name, ".ftl"),
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/id/", $name, ".ftl")),
            },
            ShippedFile {
                language: Language::En,
                path: concat!("locales/en/", $name, ".ftl"),
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en/", $name, ".ftl")),
            },
        )+]
    };
}

/// Every locale file, one pair for each name; a test compares the list with the folders.
static SHIPPED: &[ShippedFile] = shipped![
    "browse", "buttons", "cart", "checkout", "commands", "common", "global", "main", "order", "orders",
    "pay", "person", "qris", "refund", "shop", "staff", "words"
];

#[cfg(test)]
mod tests;
