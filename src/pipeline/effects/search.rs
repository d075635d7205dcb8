//! Finding products by the words of the message.

use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::understand::{CatalogIndex, Expectation, Understanding, understand};
use crate::dialogue::value::Value;
use crate::dialogue::world::product_row;
use crate::domain::catalog::Product;
use crate::domain::ids::ProductId;

use super::Scene;

/// Products that one answer lists.
const MAX_FOUND: usize = 30;

/// Carries out `catalog.*`.
///
/// # Errors
/// None; the signature is that of all effects.
pub async fn run(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let heard = heard(scene, effect.arg("query"));
    let query = effect.arg("query").as_text().unwrap_or_default().to_owned();
    let found = products(scene, &heard);
    Ok(match found.as_slice() {
        [] => Outcome::new("none").with("query", query),
        [only] => Outcome::new("one").with("product", only.id.as_str()).with("query", query),
        many => {
            let rows = many.iter().take(MAX_FOUND).map(|product| product_row(product)).collect();
            Outcome::new("many").with("products", Value::Rows(rows)).with("query", query)
        }
    })
}

/// What the message meant, or what words given by the flow mean.
pub(super) fn heard(scene: &Scene<'_>, query: &Value) -> Understanding {
    match query.as_text() {
        Some(query) if !query.trim().is_empty() => {
            let index = CatalogIndex::new(&scene.catalog);
            understand(query, scene.conversation.language, &index, &scene.catalog, &Expectation::None)
        }
        _ => scene.conversation.heard.clone().unwrap_or_default(),
    }
}

/// The products that were meant, or may have been, each once, in the order in which they were named.
fn products<'a>(scene: &'a Scene<'_>, heard: &Understanding) -> Vec<&'a Product> {
    let sure = heard.items.iter().map(|item| &item.product);
    let maybe = heard.ambiguous.iter().flat_map(|ambiguous| &ambiguous.candidates);
    let mut ids: Vec<&ProductId> = Vec::new();
    for id in sure.chain(maybe) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.into_iter().filter_map(|id| scene.catalog.product(id)).collect()
}
