//! What people send by means that only some platforms have, put into words that the dialogue understands everywhere.

use crate::domain::catalog::Catalog;
use crate::domain::customer::Language;
use crate::domain::message::OrderedItem;

/// A cart out of a platform's own shop window, as the order that a person would have typed. Names come from our own
/// catalogue, so they are found again; a code that nobody knows stays as it is and is asked about. Prices of the
/// platform are not read: ours hold, and stock is checked like that of any order.
pub fn order_words(items: &[OrderedItem], note: Option<&str>, catalog: &Catalog) -> String {
    let lines = items.iter().filter(|item| item.quantity > 0).map(|item| {
        let name = name_of(&item.code, catalog).unwrap_or_else(|| item.code.clone());
        format!("{} {name}", item.quantity)
    });
    let lines: Vec<String> = lines.collect();
    match (lines.is_empty(), note) {
        (true, note) => note.unwrap_or_default().to_owned(),
        // The dialogue has one note per order; words beside a platform's cart are most often about it.
        (false, Some(note)) => format!("pesan {}. {note}", lines.join(", ")),
        (false, None) => format!("pesan {}", lines.join(", ")),
    }
}

/// A link into the chat that names a product: the words that open its card. Payloads are a stranger's; what names no
/// product is nothing.
pub fn linked_product(payload: &str, catalog: &Catalog) -> Option<String> {
    let code = payload.strip_prefix("p_").unwrap_or(payload);
    name_of(code, catalog)
}

/// The name of what a code stands for: an id or a SKU of a product or a variant, in any case.
fn name_of(code: &str, catalog: &Catalog) -> Option<String> {
    let is =
        |id: &str, sku: Option<&str>| id == code || sku.is_some_and(|sku| sku.eq_ignore_ascii_case(code));
    for product in &catalog.products {
        let name = product.name.get(Language::Id);
        if is(product.id.as_str(), product.sku.as_deref()) {
            return Some(name.to_owned());
        }
        let variant = product.variants.iter().find(|variant| is(variant.id.as_str(), variant.sku.as_deref()));
        if let Some(variant) = variant {
            return Some(format!("{name} {}", variant.name.get(Language::Id)));
        }
    }
    None
}
