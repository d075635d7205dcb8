//! Buyers and the languages that they read.

use serde::{Deserialize, Serialize};

use super::ids::CustomerId;

/// A language that the shop speaks. Indonesian is the default everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Indonesian.
    #[default]
    Id,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Language; 2] = [Language::Id, Language::En];

    /// The code that stands in columns, folders and arguments: `id` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Language::Id => "id",
            Language::En => "en",
        }
    }

    /// Reads a code or an IETF tag (`en-US`, `id_ID`); anything else is nothing.
    pub fn parse(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            // `in` is the old ISO 639 code for Indonesian, which some Android clients still send.
            "id" | "in" => Some(Language::Id),
            "en" => Some(Language::En),
            _ => None,
        }
    }
}

/// A text in both languages. The Indonesian one is always there; the other falls back to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Localized {
    /// The Indonesian text.
    pub id: String,
    /// The English text, where the shop has written one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Localized {
    /// The same text in every language.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { id: text.into(), en: None }
    }

    /// The text in a language, or the Indonesian one where there is none.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => self.en.as_deref().unwrap_or(&self.id),
            Language::Id => &self.id,
        }
    }
}

/// What a turn knows of the buyer. Unknown attributes are `None`, never an empty text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The row's id.
    pub id: CustomerId,
    /// How the platform or the buyer calls them.
    pub name: Option<String>,
    /// Phone in international form without spaces (`+62812…`).
    pub phone: Option<String>,
    /// Street address of the last delivery.
    pub address: Option<String>,
    /// City of the last delivery.
    pub city: Option<String>,
    /// Orders that were paid so far.
    pub order_count: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platform_tags_are_read_as_languages() {
        for (tag, expected) in [
            ("id", Some(Language::Id)),
            ("in_ID", Some(Language::Id)),
            ("EN-gb", Some(Language::En)),
            ("pt-br", None),
            ("", None),
        ] {
            assert_eq!(Language::parse(tag), expected, "{tag}");
        }
    }
}
