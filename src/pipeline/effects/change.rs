//! Changes to lines of the cart in words: set, one more, one less, away with it.

use serde::{Deserialize, Serialize};

use super::cart::{Put, put, short_row};
use super::{Scene, product_arg, variant_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::understand::{Change, Intent, Understanding};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{cart_row, row};
use crate::domain::ids::{ProductId, VariantId};

/// A line and what becomes of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Todo {
    /// The lines that it may be about; one when it is clear.
    lines: Vec<(ProductId, Option<VariantId>)>,
    /// How its quantity changes.
    change: Change,
    /// The words, where the line must be asked for.
    text: Option<String>,
}

/// What remains between two turns.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Pending {
    todo: Vec<Todo>,
    missing: Vec<String>,
    changed: Vec<(ProductId, Option<VariantId>)>,
}

/// `cart.change_items`.
pub(super) fn change_items(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    if scene.cart.lines.is_empty() {
        return Outcome::new("empty");
    }
    let mut pending = match effect.arg("pending") {
        Value::Data(data) => serde_json::from_value(data.clone()).unwrap_or_default(),
        _ => of_message(scene),
    };
    if let (Some(product), Some(first)) = (product_arg(effect), pending.todo.first_mut()) {
        first.lines = vec![(product, variant_arg(effect))];
    }
    let mut removed: Vec<Row> = Vec::new();
    let mut facts = Facts::default();
    while let Some(todo) = pending.todo.first().cloned() {
        let [(product, variant)] = todo.lines.as_slice() else {
            return which(scene, &pending, &todo);
        };
        pending.todo.remove(0);
        let Some(line) = scene.cart.line(product, variant.as_ref()) else { continue };
        let (before, from) = (cart_row(&scene.catalog, line), line.quantity);
        let wanted = match todo.change {
            Change::Set(to) => to,
            Change::By(by) => u32::try_from(i64::from(from) + i64::from(by)).unwrap_or(0),
        };
        facts = Facts { name: before.get("name").cloned(), from, quantity: wanted };
        if wanted == 0 {
            scene.cart.lines.retain(|line| !line.is_of(product, variant.as_ref()));
            removed.push(before);
            continue;
        }
        match put(scene, product, variant.as_ref(), wanted) {
            Put::Done => pending.changed.push((product.clone(), variant.clone())),
            Put::Full { limit } => return facts.on(Outcome::new("full")).with("limit", limit),
            Put::Short { free } => return short(scene, product, variant.as_ref(), &facts, free),
            // It is not for sale any more; it may leave the cart, and cannot be changed.
            Put::Unknown => return short(scene, product, variant.as_ref(), &facts, 0),
        }
    }
    finish(scene, &pending, removed, facts)
}

/// What is told of the last line that changed.
#[derive(Debug, Default)]
struct Facts {
    name: Option<Value>,
    from: u32,
    quantity: u32,
}

impl Facts {
    fn on(&self, outcome: Outcome) -> Outcome {
        let outcome = outcome.with("from", self.from).with("quantity", self.quantity);
        match &self.name {
            Some(name) => outcome.with("name", name.clone()),
            None => outcome,
        }
    }
}

fn finish(scene: &Scene<'_>, pending: &Pending, removed: Vec<Row>, facts: Facts) -> Outcome {
    let changed: Vec<Row> = pending
        .changed
        .iter()
        .filter_map(|(product, variant)| scene.cart.line(product, variant.as_ref()))
        .map(|line| cart_row(&scene.catalog, line))
        .collect();
    let missing = pending.missing.iter().map(|words| row([("text", words.clone().into())])).collect();
    let (word, items) = if !changed.is_empty() {
        ("changed", changed)
    } else if !removed.is_empty() {
        ("removed", removed)
    } else {
        ("not_in_cart", Vec::new())
    };
    facts.on(Outcome::new(word)).with("items", Value::Rows(items)).with("missing", Value::Rows(missing))
}

fn short(
    scene: &Scene<'_>,
    product: &ProductId,
    variant: Option<&VariantId>,
    facts: &Facts,
    free: u32,
) -> Outcome {
    let name = scene.catalog.product(product).map(|found| found.full_name(variant)).unwrap_or_default();
    let row = short_row(product, variant, name, facts.quantity, free);
    facts.on(Outcome::new("short")).with("short", Value::Rows(vec![row])).with("limit", free)
}

fn which(scene: &Scene<'_>, pending: &Pending, todo: &Todo) -> Outcome {
    let candidates = todo
        .lines
        .iter()
        .filter_map(|(product, variant)| scene.cart.line(product, variant.as_ref()))
        .map(|line| {
            let mut row = cart_row(&scene.catalog, line);
            let free = scene.catalog.product(&line.product).map_or(0, |it| it.free_of(line.variant.as_ref()));
            row.insert("free".to_owned(), free.into());
            row
        })
        .collect();
    Outcome::new("which")
        .with("candidates", Value::Rows(candidates))
        .with("text", todo.text.clone())
        .with("pending", Value::Data(serde_json::to_value(pending).unwrap_or_default()))
}

/// What a message changes. A change without a product is about the line that was put in last.
fn of_message(scene: &Scene<'_>) -> Pending {
    let Some(heard) = &scene.conversation.heard else { return Pending::default() };
    let mut pending = Pending { missing: heard.unknown.clone(), ..Pending::default() };
    let named = !heard.items.is_empty() || !heard.ambiguous.is_empty() || !heard.unknown.is_empty();
    for item in &heard.items {
        let change = change_of(heard, Some((item.quantity, item.quantity_said)));
        let lines = lines_of(scene, std::slice::from_ref(&item.product), item.variant.as_ref());
        pending.add(lines, change, &item.name);
    }
    for words in &heard.ambiguous {
        let change = change_of(heard, Some((words.quantity, words.quantity > 1)));
        pending.add(lines_of(scene, &words.candidates, None), change, &words.text);
    }
    if !named && let Some(last) = scene.cart.lines.last() {
        let change = change_of(heard, heard.number.and_then(|n| u32::try_from(n).ok()).map(|n| (n, true)));
        let line = (last.product.clone(), last.variant.clone());
        pending.todo.push(Todo { lines: vec![line], change, text: None });
    }
    pending
}

impl Pending {
    fn add(&mut self, lines: Vec<(ProductId, Option<VariantId>)>, change: Change, words: &str) {
        if lines.is_empty() {
            self.missing.push(words.to_owned());
        } else {
            self.todo.push(Todo { lines, change, text: Some(words.to_owned()) });
        }
    }
}

/// The lines of the cart that some products stand in.
fn lines_of(
    scene: &Scene<'_>,
    products: &[ProductId],
    variant: Option<&VariantId>,
) -> Vec<(ProductId, Option<VariantId>)> {
    scene
        .cart
        .lines
        .iter()
        .filter(|line| products.contains(&line.product))
        .filter(|line| variant.is_none() || line.variant.as_ref() == variant)
        .map(|line| (line.product.clone(), line.variant.clone()))
        .collect()
}

/// How a line changes: away with it, to the number of the item, or by it.
fn change_of(heard: &Understanding, said: Option<(u32, bool)>) -> Change {
    if heard.intent == Intent::Remove && heard.change.is_none() {
        return Change::Set(0);
    }
    let number = said.filter(|(_, said)| *said).map(|(number, _)| number);
    match heard.change {
        Some(Change::Set(to)) => Change::Set(number.unwrap_or(to)),
        Some(Change::By(by)) => {
            let size = number.and_then(|number| i32::try_from(number).ok()).unwrap_or(by.saturating_abs());
            Change::By(if by < 0 { -size } else { size })
        }
        None => Change::Set(number.unwrap_or(1)),
    }
}
