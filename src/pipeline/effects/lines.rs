//! Several items in one breath: what a message ordered goes into the cart, with questions in between.
//!
//! What is left to do travels through the flow as the fact and argument `pending`.

use serde::{Deserialize, Serialize};

use super::cart::{Put, put, short_row};
use super::{Scene, product_arg, variant_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{cart_row, product_row, row, variant_rows};
use crate::domain::ids::{ProductId, VariantId};

/// Something that was ordered and is not in the cart yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Todo {
    /// A product, perhaps with a variant to be asked for.
    Item {
        product: ProductId,
        variant: Option<VariantId>,
        quantity: u32,
        note: Option<String>,
        /// Whether what is left will do, because the person said so.
        rest: bool,
    },
    /// Words that fit several products.
    Choice { text: String, candidates: Vec<ProductId>, quantity: u32 },
}

/// What remains between two turns.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Pending {
    /// Still to do; the first is what the open question is about.
    todo: Vec<Todo>,
    /// Lines that went into the cart so far.
    added: Vec<(ProductId, Option<VariantId>)>,
    /// Products of which there is nothing or too little: product, variant, wanted, free.
    short: Vec<(ProductId, Option<VariantId>, u32, u32)>,
    /// Words that fit nothing.
    missing: Vec<String>,
}

impl Pending {
    fn of_message(scene: &Scene<'_>) -> Self {
        let Some(heard) = &scene.conversation.heard else { return Self::default() };
        let items = heard.items.iter().map(|item| Todo::Item {
            product: item.product.clone(),
            variant: item.variant.clone(),
            quantity: item.quantity,
            note: item.note.clone(),
            rest: false,
        });
        let choices = heard.ambiguous.iter().map(|words| Todo::Choice {
            text: words.text.clone(),
            candidates: words.candidates.clone(),
            quantity: words.quantity,
        });
        Self { todo: items.chain(choices).collect(), missing: heard.unknown.clone(), ..Self::default() }
    }

    /// Puts the answer to the open question in its place.
    fn answer(&mut self, product: Option<ProductId>, variant: Option<VariantId>) {
        let Some(product) = product else { return };
        let Some(first) = self.todo.first_mut() else { return };
        let (quantity, note) = match first {
            Todo::Choice { quantity, .. } => (*quantity, None),
            Todo::Item { quantity, note, .. } => (*quantity, note.clone()),
        };
        *first = Todo::Item { product, variant, quantity, note, rest: false };
    }

    fn finish(&self, scene: &Scene<'_>, outcome: Outcome) -> Outcome {
        let items: Vec<Row> = self
            .added
            .iter()
            .filter_map(|(product, variant)| scene.cart.line(product, variant.as_ref()))
            .map(|line| cart_row(&scene.catalog, line))
            .collect();
        let short: Vec<Row> = self
            .short
            .iter()
            .filter_map(|(product, variant, wanted, free)| {
                let name = scene.catalog.product(product)?.full_name(variant.as_ref());
                Some(short_row(product, variant.as_ref(), name, *wanted, *free))
            })
            .collect();
        let missing = self.missing.iter().map(|words| row([("text", words.clone().into())])).collect();
        outcome
            .with("items", Value::Rows(items))
            .with("short", Value::Rows(short))
            .with("missing", Value::Rows(missing))
            .with("pending", Value::Data(serde_json::to_value(self).unwrap_or_default()))
    }
}

/// `cart.add_items`.
pub(super) fn add_items(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let mut pending = match effect.arg("pending") {
        Value::Data(data) => serde_json::from_value(data.clone()).unwrap_or_default(),
        _ => Pending::of_message(scene),
    };
    pending.answer(product_arg(effect), variant_arg(effect));
    let mut too_few = Vec::new();
    while let Some(todo) = pending.todo.first().cloned() {
        if let Some(question) = take(scene, &mut pending, &mut too_few, todo) {
            return question;
        }
    }
    // One question for everything of which there is too little, after everything else went in.
    if !too_few.is_empty() {
        pending.todo = too_few;
        let outcome = pending.finish(scene, Outcome::new("short"));
        pending.short.clear();
        return outcome.with("pending", Value::Data(serde_json::to_value(&pending).unwrap_or_default()));
    }
    let word = match (pending.added.is_empty(), pending.short.is_empty(), pending.missing.is_empty()) {
        (false, true, true) => "added",
        (false, ..) => "partly",
        (true, false, _) => "short",
        (true, true, _) => "not_found",
    };
    pending.finish(scene, Outcome::new(word))
}

/// Takes the first thing to do. Returns a question where it cannot go on without an answer.
fn take(
    scene: &mut Scene<'_>,
    pending: &mut Pending,
    too_few: &mut Vec<Todo>,
    todo: Todo,
) -> Option<Outcome> {
    let (product, variant, quantity, note, rest) = match todo {
        Todo::Choice { text, candidates, quantity } => {
            let known: Vec<Row> =
                candidates.iter().filter_map(|id| scene.catalog.product(id)).map(product_row).collect();
            if known.is_empty() {
                pending.todo.remove(0);
                pending.missing.push(text);
                return None;
            }
            let question = pending.finish(scene, Outcome::new("which"));
            return Some(
                question.with("candidates", Value::Rows(known)).with("text", text).with("quantity", quantity),
            );
        }
        Todo::Item { product, variant, quantity, note, rest } => (product, variant, quantity, note, rest),
    };
    let Some(found) = scene.catalog.product(&product) else {
        pending.todo.remove(0);
        return None;
    };
    let variant =
        super::cart::only_variant(scene, &product, variant).filter(|id| found.variant(id).is_some());
    if variant.is_none() && !found.variants.is_empty() {
        let (rows, name) = (variant_rows(found), found.name.clone());
        let question = pending.finish(scene, Outcome::new("variant"));
        return Some(
            question.with("variants", Value::Rows(rows)).with("name", name).with("quantity", quantity),
        );
    }
    let in_cart = scene.cart.line(&product, variant.as_ref()).map_or(0, |line| line.quantity);
    let mut wanted = in_cart.saturating_add(quantity);
    if rest {
        wanted = wanted.min(found.free_of(variant.as_ref()));
    }
    match put(scene, &product, variant.as_ref(), wanted) {
        Put::Done => {
            let line = scene.cart.lines.iter_mut().find(|line| line.is_of(&product, variant.as_ref()));
            if let (Some(line), Some(note)) = (line, note) {
                line.note = Some(note.chars().take(crate::domain::cart::MAX_NOTE_CHARS).collect());
            }
            pending.todo.remove(0);
            if wanted > 0 && !pending.added.contains(&(product.clone(), variant.clone())) {
                pending.added.push((product, variant));
            }
        }
        Put::Short { free } => {
            pending.todo.remove(0);
            pending.short.push((product.clone(), variant.clone(), wanted, free));
            // With something left the person is asked; without, there is nothing to ask.
            if free > in_cart {
                too_few.push(Todo::Item { product, variant, quantity, note, rest: true });
            }
        }
        Put::Full { limit } => {
            pending.todo.remove(0);
            return Some(pending.finish(scene, Outcome::new("full")).with("limit", limit));
        }
        Put::Unknown => {
            pending.todo.remove(0);
        }
    }
    None
}
