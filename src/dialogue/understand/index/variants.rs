//! Which variant of a product the words of a message name.

use super::{CatalogIndex, SAID, VariantEntry, canonical_words};
use crate::dialogue::understand::lexicon::Lexicon;
use crate::dialogue::understand::similar::likeness;
use crate::domain::catalog::Variant;
use crate::domain::customer::Language;
use crate::domain::ids::{ProductId, VariantId};

impl CatalogIndex {
    /// The only variant of a product of which the words say something that no other variant of it has.
    pub(in crate::dialogue::understand) fn variant_told(
        &self,
        lexicon: &Lexicon,
        product: &ProductId,
        texts: &[&str],
    ) -> Option<VariantId> {
        let entry = self.products.iter().find(|entry| &entry.id == product)?;
        let says = |variant: &VariantEntry, text: &str| {
            variant.names.iter().flatten().any(|word| word == lexicon.synonym(text))
        };
        let tells = |text: &&&str| {
            !entry.words.contains(lexicon.synonym(text))
                && text.chars().all(char::is_alphabetic)
                && entry.variants.iter().filter(|variant| says(variant, text)).count() == 1
        };
        let telling: Vec<&&str> = texts.iter().filter(tells).collect();
        let mut told = entry.variants.iter().filter(|variant| telling.iter().any(|text| says(variant, text)));
        match (told.next(), told.next()) {
            (Some(only), None) => Some(only.id.clone()),
            _ => None,
        }
    }

    /// The variant of a product that the words name, in full.
    pub(in crate::dialogue::understand) fn variant_named(
        &self,
        lexicon: &Lexicon,
        product: &ProductId,
        texts: &[&str],
    ) -> Option<VariantId> {
        let entry = self.products.iter().find(|entry| &entry.id == product)?;
        let typed: Vec<Vec<char>> =
            texts.iter().map(|text| lexicon.synonym(text).chars().collect()).collect();
        let named = entry.variants.iter().filter(|variant| {
            variant.names.iter().any(|name| {
                name.len() == typed.len()
                    && name
                        .iter()
                        .zip(&typed)
                        .all(|(a, b)| likeness(b, &a.chars().collect::<Vec<_>>()) >= SAID)
            })
        });
        let mut named = named.map(|variant| variant.id.clone());
        match (named.next(), named.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

/// The names of a variant in both languages, each once.
pub(super) fn names(lexicon: &Lexicon, variant: &Variant) -> Vec<Vec<String>> {
    let mut names: Vec<Vec<String>> =
        Language::ALL.iter().map(|language| canonical_words(lexicon, variant.name.get(*language))).collect();
    names.sort();
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}
