//! What a customer of this shop could write: names off its own shelf, for the examples in texts.

use super::understand::{CatalogIndex, Expectation, understand};
use crate::domain::catalog::{Catalog, Product};
use crate::domain::customer::Language;

/// Names that a text has at most.
pub const MAX_EXAMPLES: usize = 2;
/// Pieces that the examples speak of.
pub const PIECES: u32 = 2;
/// Products that are tried: enough to find some that are understood, and a bound on what a text may cost.
const MAX_TRIED: usize = 12;
/// Characters of a name that reads easily inside of a sentence.
const EASY_CHARS: usize = 24;

/// Names of products that a customer could order now, as people type them, the best example first; at most
/// [`MAX_EXAMPLES`]. Whoever writes "2 NAME" gets that product without a question where the shelf allows it: what has no
/// variants and is easy to read comes first, and a name that would be misread is left out. Nothing of a shelf without such.
pub fn examples(catalog: &Catalog, index: &CatalogIndex, language: Language) -> Vec<String> {
    let mut shelf: Vec<(&Product, String)> = catalog
        .products
        .iter()
        .filter(|product| product.free() >= PIECES)
        .map(|product| (product, typed(product.name.get(language))))
        .collect();
    shelf.sort_by_key(|(product, name)| (!product.variants.is_empty(), name.chars().count() > EASY_CHARS));
    shelf
        .into_iter()
        .take(MAX_TRIED)
        .filter(|(product, name)| is_understood(product, name, catalog, index, language))
        .map(|(_, name)| name)
        .take(MAX_EXAMPLES)
        .collect()
}

/// A name as people type it into a sentence.
fn typed(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !matches!(c, '"' | '*' | '_' | '~' | '`')).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn is_understood(
    product: &Product,
    name: &str,
    catalog: &Catalog,
    index: &CatalogIndex,
    language: Language,
) -> bool {
    let heard = understand(&format!("{PIECES} {name}"), language, index, catalog, &Expectation::None);
    let [item] = heard.items.as_slice() else { return false };
    item.product == product.id && item.quantity == PIECES && heard.ambiguous.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::understand::shops::{tea, warung};

    #[test]
    fn what_a_text_offers_as_an_example_can_be_ordered_with_it() {
        for catalog in [tea(), warung()] {
            let index = CatalogIndex::new(&catalog);
            for language in Language::ALL {
                let names = examples(&catalog, &index, language);
                assert!(!names.is_empty(), "{language:?}");
                for name in &names {
                    let text = format!("pesan {PIECES} {name}");
                    let heard = understand(&text, language, &index, &catalog, &Expectation::None);
                    assert_eq!(heard.items.len(), 1, "{text}: {:?}", heard.evidence);
                }
            }
        }
    }

    #[test]
    fn a_shelf_with_nothing_to_sell_gives_no_example() {
        let mut catalog = tea();
        for product in &mut catalog.products {
            product.stock = 0;
            product.variants.iter_mut().for_each(|variant| variant.stock = 0);
        }
        let index = CatalogIndex::new(&catalog);
        assert_eq!(examples(&catalog, &index, Language::Id), Vec::<String>::new());
    }
}
