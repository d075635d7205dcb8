//! What people send by means that only some platforms have, put into what the dialogue understands everywhere.

use std::collections::BTreeSet;

use super::shop::Shop;
use crate::dialogue::conversation::PromptChoice;
use crate::dialogue::understand::{Expectation, Intent, Item, Understanding, understand};
use crate::domain::cart::MAX_NOTE_CHARS;
use crate::domain::catalog::{Catalog, Product};
use crate::domain::customer::Language;
use crate::domain::ids::VariantId;
use crate::domain::message::OrderedItem;

/// Characters of a code that nobody knows, as people see it again.
const MAX_CODE_CHARS: usize = 60;
/// How sure a match by its code is, in thousandths.
const SURE: u32 = 1_000;

/// A cart out of a platform's own shop window as the order that it is. Nothing of it goes through words, which could be read
/// as something else: a code stands for one product or for none. A code that nobody knows is told as it is, and so is a
/// quantity that is none. Prices of the platform are not read: ours hold, and stock is checked like that of any order.
pub fn ordered(items: &[OrderedItem], note: Option<&str>, catalog: &Catalog) -> Understanding {
    let mut heard = Understanding {
        intent: Intent::Order,
        // Words beside a platform's cart are about the order.
        note: note.map(|note| shortened(note, MAX_NOTE_CHARS)),
        ..Understanding::default()
    };
    for item in items {
        let Some((product, variant)) = find(&item.code, catalog) else {
            heard.unknown.push(shortened(&item.code, MAX_CODE_CHARS));
            continue;
        };
        let name = product.full_name(variant).get(Language::Id).to_owned();
        let quantity = u32::try_from(item.quantity.max(0)).unwrap_or(u32::MAX);
        // One thing without a number that can be sold is asked about; of several, the others must not wait for it.
        if quantity == 0 && items.len() > 1 {
            let written = item.unclear.clone().unwrap_or_else(|| item.quantity.to_string());
            heard.unknown.push(format!("{written} × {name}"));
            continue;
        }
        heard.items.push(Item {
            product: product.id.clone(),
            variant: variant.cloned(),
            name,
            quantity: quantity.max(1),
            quantity_said: quantity > 0,
            unit: None,
            note: None,
            score: SURE,
        });
    }
    heard
}

/// An order in words, for people of the shop.
pub fn order_words(heard: &Understanding) -> String {
    let items = heard.items.iter().map(|item| format!("{} × {}", item.quantity, item.name));
    items.chain(heard.unknown.iter().cloned()).chain(heard.note.clone()).collect::<Vec<_>>().join(", ")
}

/// The words of a person, with the product that they point to without naming it: by a link into the chat, which says
/// nothing else, or by the `code` of what they were written about.
pub fn heard_words(text: String, code: Option<&str>, language: Language, shop: &Shop) -> String {
    if let Some(payload) = text.strip_prefix("/start ") {
        return linked_product(payload.trim(), &shop.catalog).unwrap_or(text);
    }
    let Some(name) = code.and_then(|code| name_of(code, &shop.catalog)) else { return text };
    let heard = understand(&text, language, &shop.index, &shop.catalog, &Expectation::None);
    let names_something = !heard.items.is_empty()
        || !heard.ambiguous.is_empty()
        || !heard.unknown.is_empty()
        || heard.order_number.is_some();
    match heard.intent {
        _ if names_something || text.trim_start().starts_with('/') => text,
        Intent::Greet => name,
        Intent::None | Intent::Order | Intent::AskPrice | Intent::AskStock => format!("{name} {text}"),
        _ => text,
    }
}

/// The product, or its variant, that a message with these choices is about; nothing where they name several products.
pub fn only_product(choices: &[PromptChoice]) -> Option<String> {
    let named = |slot: &str| -> BTreeSet<&str> {
        choices.iter().filter_map(|choice| choice.action.set.get(slot)?.as_text()).collect()
    };
    let only = |names: BTreeSet<&str>| match names.len() {
        1 => names.first().map(|name| (*name).to_owned()),
        _ => None,
    };
    let product = only(named("product"))?;
    Some(only(named("variant")).unwrap_or(product))
}

/// A link into the chat that names a product: the words that open its card. Payloads are a stranger's; what names no
/// product is nothing.
fn linked_product(payload: &str, catalog: &Catalog) -> Option<String> {
    let code = payload.strip_prefix("p_").unwrap_or(payload);
    name_of(code, catalog)
}

/// The name of what a code stands for.
fn name_of(code: &str, catalog: &Catalog) -> Option<String> {
    let (product, variant) = find(code, catalog)?;
    Some(product.full_name(variant).get(Language::Id).to_owned())
}

/// What a code stands for: an id or a SKU of a product or a variant, in any case.
fn find<'a>(code: &str, catalog: &'a Catalog) -> Option<(&'a Product, Option<&'a VariantId>)> {
    let is =
        |id: &str, sku: Option<&str>| id == code || sku.is_some_and(|sku| sku.eq_ignore_ascii_case(code));
    for product in &catalog.products {
        if is(product.id.as_str(), product.sku.as_deref()) {
            return Some((product, None));
        }
        let variant = product.variants.iter().find(|variant| is(variant.id.as_str(), variant.sku.as_deref()));
        if let Some(variant) = variant {
            return Some((product, Some(&variant.id)));
        }
    }
    None
}

fn shortened(text: &str, max_chars: usize) -> String {
    text.trim().chars().take(max_chars).collect()
}
