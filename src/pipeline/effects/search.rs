//! Finding products by words.

use super::{Scene, text};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::understand::{self, CatalogIndex, Expectation, Understanding};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::product_row;
use crate::domain::catalog::Product;
use crate::domain::customer::Language;
use crate::domain::ids::{ProductId, VariantId};

/// Products that a search shows.
const MAX_FOUND: usize = 30;

/// What words were found to mean.
pub(super) struct Found {
    /// Products, best first, each once.
    pub(super) products: Vec<ProductId>,
    /// The variant, where one product with one variant was named.
    pub(super) variant: Option<VariantId>,
    /// The words.
    pub(super) query: Option<String>,
    /// The number that came with them.
    pub(super) quantity: Option<u32>,
}

/// The products that an argument, or else the message, speaks of.
pub(super) fn find(scene: &Scene<'_>, effect: &Effect) -> Found {
    let given = text(effect, "query").map(str::to_owned);
    let read = given.as_deref().map(|query| {
        let index = CatalogIndex::new(&scene.catalog);
        let language = scene.conversation.language;
        understand::understand(query, language, &index, &scene.catalog, &Expectation::None)
    });
    let heard = read.as_ref().or(scene.conversation.heard.as_ref());
    let mut products: Vec<ProductId> = Vec::new();
    if let Some(heard) = heard {
        for id in heard.items.iter().map(|item| &item.product).chain(candidates(heard)) {
            if !products.contains(id) && scene.catalog.product(id).is_some() {
                products.push(id.clone());
            }
        }
    }
    let words = heard.map(|heard| heard.unknown.join(" ")).filter(|words| !words.is_empty());
    let query = given.or(words);
    if products.is_empty()
        && let Some(query) = &query
    {
        products = by_text(scene, query);
    }
    products.truncate(MAX_FOUND);
    let named = heard.and_then(|heard| heard.items.first()).filter(|_| products.len() == 1);
    Found {
        variant: named.and_then(|item| item.variant.clone()),
        quantity: named.filter(|item| item.quantity_said).map(|item| item.quantity),
        query,
        products,
    }
}

fn candidates(heard: &Understanding) -> impl Iterator<Item = &ProductId> {
    heard.ambiguous.iter().flat_map(|words| words.candidates.iter())
}

/// Letters that the beginning of a word must have to stand for the word: "card" is no car.
const MIN_BEGINNING: usize = 4;

fn says(said: &str, word: &str) -> bool {
    said == word || (word.chars().count() >= MIN_BEGINNING && said.starts_with(word))
}

/// Products of which some text holds every word.
fn by_text(scene: &Scene<'_>, query: &str) -> Vec<ProductId> {
    let query = understand::normalise(query);
    let words: Vec<&str> = query.split_whitespace().collect();
    if words.is_empty() {
        return Vec::new();
    }
    let holds = |product: &&Product| {
        let mut all = String::new();
        for language in Language::ALL {
            all.push_str(product.name.get(language));
            all.push(' ');
            all.push_str(product.description.get(language));
            all.push(' ');
        }
        all.push_str(&product.aliases.join(" "));
        if let Some(category) = product.category.as_ref().and_then(|id| scene.catalog.category(id)) {
            for language in Language::ALL {
                all.push(' ');
                all.push_str(category.name.get(language));
            }
        }
        let all = understand::normalise(&all);
        words.iter().all(|word| all.split_whitespace().any(|said| says(said, word)))
    };
    scene.catalog.products.iter().filter(holds).map(|product| product.id.clone()).collect()
}

/// `catalog.search`.
pub(super) fn search(scene: &Scene<'_>, effect: &Effect) -> Outcome {
    let found = find(scene, effect);
    let rows: Vec<Row> =
        found.products.iter().filter_map(|id| scene.catalog.product(id)).map(product_row).collect();
    let word = match rows.len() {
        0 => "none",
        1 => "one",
        _ => "many",
    };
    Outcome::new(word)
        .with("product", found.products.first().map(|id| id.as_str().to_owned()))
        .with("products", Value::Rows(rows))
        .with("query", found.query)
}
