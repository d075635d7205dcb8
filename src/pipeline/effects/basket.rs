//! Several things in one breath: goes through them one by one, asks where it must, and comes back with the answer.
//! What is still to be asked travels through the flow as data; nothing of it is kept anywhere else.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::understand::{Change, Intent, Item, Understanding};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{product_row, row};
use crate::domain::cart::{CartLine, MAX_NOTE_CHARS, MAX_QUANTITY};
use crate::domain::ids::{ProductId, VariantId};
use crate::domain::message::MAX_ORDERED_ITEMS;

use super::Scene;
use super::cart::{Refusal, full, put, rows, short_row, variants};

/// From this many pieces of one thing the person is asked whether they mean it.
const MANY_PIECES: u32 = 100;
/// From this sum of one thing too, where there are some of it: a number in an odd place can be dear.
const DEAR_RUPIAH: i64 = 5_000_000;
/// Pieces from which `DEAR_RUPIAH` counts.
const SOME_PIECES: u32 = 20;
/// Things that one message may order.
const MAX_WISHES: usize = MAX_ORDERED_ITEMS;

/// An order that is being gone through.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Basket {
    /// What is still to be put into the cart, the one that was asked about first.
    wishes: VecDeque<Wish>,
    /// What was put into the cart.
    done: Vec<(ProductId, Option<VariantId>, u32)>,
    /// What there is too little of.
    short: Vec<Row>,
    /// Words that fit nothing.
    missing: Vec<String>,
}

/// One thing.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wish {
    text: String,
    product: Option<ProductId>,
    variant: Option<VariantId>,
    candidates: Vec<ProductId>,
    quantity: u32,
    note: Option<String>,
    /// The person was told how few there are and takes those.
    take_rest: bool,
    /// The person was asked about the number and means it.
    #[serde(default)]
    sure: bool,
    /// The cart is to hold so many, whatever it holds already.
    #[serde(default)]
    only: bool,
}

impl Basket {
    fn of(heard: &Understanding) -> Self {
        let items = heard.items.iter().map(|item| Wish {
            text: item.name.clone(),
            product: Some(item.product.clone()),
            variant: item.variant.clone(),
            candidates: Vec::new(),
            quantity: item.quantity,
            note: item.note.clone(),
            take_rest: false,
            sure: false,
            only: heard.only,
        });
        let questions = heard.ambiguous.iter().map(|ambiguous| Wish {
            text: ambiguous.text.clone(),
            product: None,
            variant: None,
            candidates: ambiguous.candidates.clone(),
            quantity: ambiguous.quantity,
            note: None,
            take_rest: false,
            sure: false,
            only: heard.only,
        });
        Self {
            wishes: items.chain(questions).take(MAX_WISHES).collect(),
            missing: heard.unknown.iter().take(MAX_WISHES).cloned().collect(),
            ..Self::default()
        }
    }

    /// What a message orders while a question is open. Where it speaks of what the question was about, it is the answer.
    fn order_more(&mut self, scene: &Scene<'_>, heard: &Understanding) {
        let is_answer = |wish: &Wish, new: &Wish| {
            let product = new.product.as_ref();
            product.is_some_and(|product| wish.candidates.contains(product))
                || (product.is_some() && wish.product.as_ref() == product)
        };
        let mut new = Self::of(heard);
        if let Some(first) = self.wishes.front()
            && new.wishes.iter().any(|wish| is_answer(first, wish))
        {
            let note = first.note.clone();
            for wish in new.wishes.iter_mut().filter(|wish| is_answer(first, wish)) {
                wish.note = wish.note.take().or_else(|| note.clone());
            }
            self.wishes.pop_front();
        }
        // What was said before has been said: only what comes now is told.
        self.done.clear();
        self.missing = new.missing;
        let _ = scene;
        let old = std::mem::take(&mut self.wishes);
        self.wishes = new.wishes.into_iter().chain(old).take(MAX_WISHES).collect();
    }

    /// The facts that every outcome comes with.
    fn facts(&self, scene: &Scene<'_>, outcome: Outcome) -> Outcome {
        let missing = self.missing.iter().map(|text| row([("text", text.as_str().into())])).collect();
        outcome
            .with("items", rows(scene, &self.done))
            .with("short", Value::Rows(self.short.clone()))
            .with("missing", Value::Rows(missing))
            .with("pending", Value::Data(serde_json::to_value(self).unwrap_or_default()))
    }
}

/// Puts what the message ordered into the cart.
pub(super) fn add_items(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let more = effect.arg("how").as_text() == Some("more");
    let mut basket = begin(scene, effect);
    if more {
        basket.order_more(scene, &scene.conversation.heard.clone().unwrap_or_default());
    }
    if *effect.arg("pending") == Value::None {
        let heard = scene.conversation.heard.clone().unwrap_or_default();
        if let Some(freed) = take_back(scene, &heard) {
            for wish in basket.wishes.iter_mut().take(1) {
                wish.quantity = freed;
            }
        }
        keep_note(scene, &heard);
        if let Some(item) = only_without_number(&heard) {
            let outcome = Outcome::new("how_many").with("product", item.product.as_str());
            return basket.facts(
                scene,
                outcome.with("variant", item.variant.as_ref().map(|id| id.as_str().to_owned())),
            );
        }
    }
    if effect.arg("skip").as_text() == Some("yes") {
        basket.wishes.pop_front();
    }
    // Whatever needs no question goes in first: whoever leaves a question has not left the rest of what they ordered.
    let mut asked = None;
    let mut open = VecDeque::new();
    for mut wish in std::mem::take(&mut basket.wishes) {
        match place(scene, &wish) {
            Placed::Done(put) => basket.done.extend(put),
            Placed::Short(short) => basket.short.push(short),
            Placed::Missing => basket.missing.push(wish.text),
            Placed::Ask(outcome) => {
                asked.get_or_insert_with(|| (outcome.with("text", wish.text.clone()), None));
                open.push_back(wish);
            }
            Placed::Sure(outcome) => {
                if asked.is_none() {
                    wish.sure = true;
                    asked = Some((outcome, None));
                }
                open.push_back(wish);
            }
            Placed::Rest(short) => {
                if asked.is_none() {
                    wish.take_rest = true;
                    asked = Some((Outcome::new("short"), Some(short)));
                }
                open.push_back(wish);
            }
        }
    }
    basket.wishes = open;
    if let Some((outcome, short)) = asked {
        let outcome = basket.facts(scene, outcome);
        return match short {
            Some(short) => outcome.with("short", Value::Rows(vec![short])),
            None => outcome,
        };
    }
    let whole = basket.short.is_empty() && basket.missing.is_empty();
    let word = match (basket.done.is_empty(), whole) {
        (false, true) => "added",
        (false, false) => "partly",
        (true, _) if !basket.short.is_empty() => "partly",
        (true, true) if *effect.arg("skip") != Value::None => "nothing",
        (true, _) => "not_found",
    };
    basket.facts(scene, Outcome::new(word))
}

/// "Bukan X tapi Y": what was refused leaves the cart before Y comes in. Returns how many Y are meant, where one thing takes
/// the place of another and nobody said a number.
fn take_back(scene: &mut Scene<'_>, heard: &Understanding) -> Option<u32> {
    let mut freed = 0_u32;
    for refused in &heard.refused {
        let is_meant = |line: &&CartLine| line.product == refused.product;
        freed = scene
            .cart
            .lines
            .iter()
            .filter(is_meant)
            .fold(freed, |sum, line| sum.saturating_add(line.quantity));
        scene.cart.lines.retain(|line| line.product != refused.product);
    }
    let is_unsaid = matches!(heard.items.as_slice(), [item] if !item.quantity_said);
    (freed > 0 && is_unsaid && heard.ambiguous.is_empty()).then_some(freed)
}

/// A wish that belongs to no item is one for the whole order; what was wished before stays.
fn keep_note(scene: &mut Scene<'_>, heard: &Understanding) {
    let Some(note) = heard.note.as_deref().map(str::trim).filter(|note| !note.is_empty()) else { return };
    let note = match &scene.cart.note {
        Some(before) if before.contains(note) => return,
        Some(before) => format!("{before}; {note}"),
        None => note.to_owned(),
    };
    scene.cart.note = Some(note.chars().take(MAX_NOTE_CHARS).collect());
}

/// The only thing that was named, when nobody said how many of it, or said a number that cannot be sold.
fn only_without_number(heard: &Understanding) -> Option<&Item> {
    let alone = heard.ambiguous.is_empty() && heard.unknown.is_empty() && heard.refused.is_empty();
    match heard.items.as_slice() {
        [item] if alone && !item.quantity_said => Some(item),
        _ => None,
    }
}

fn begin(scene: &Scene<'_>, effect: &Effect) -> Basket {
    let Value::Data(data) = effect.arg("pending") else {
        return Basket::of(&scene.conversation.heard.clone().unwrap_or_default());
    };
    let mut basket: Basket = serde_json::from_value(data.clone()).unwrap_or_default();
    if effect.arg("how").as_text() != Some("sure") {
        basket.wishes.iter_mut().for_each(|wish| wish.sure = false);
    }
    if let Some(first) = basket.wishes.front_mut() {
        let given = |name: &str| effect.arg(name).as_text().filter(|id| !id.is_empty());
        if let Some(product) = given("product") {
            let changed = first.product.as_ref().is_none_or(|known| known.as_str() != product);
            first.product = Some(product.into());
            first.variant = first.variant.take().filter(|_| !changed);
        }
        if let Some(variant) = given("variant") {
            first.variant = Some(variant.into());
        }
    }
    basket
}

/// What came of one wish.
enum Placed {
    Done(Option<(ProductId, Option<VariantId>, u32)>),
    /// There is nothing of it.
    Short(Row),
    Missing,
    Ask(Outcome),
    /// There is less than was asked for: the person decides.
    Rest(Row),
    /// So many that it may be a slip, or another number altogether.
    Sure(Outcome),
}

/// Whether so many pieces of one thing are more than people order without being asked.
fn is_unusual(quantity: u32, price: crate::domain::money::Rupiah) -> bool {
    let is_dear = price.times(quantity).map_or(true, |sum| sum.whole() >= DEAR_RUPIAH);
    quantity >= MANY_PIECES || (quantity >= SOME_PIECES && is_dear)
}

fn place(scene: &mut Scene<'_>, wish: &Wish) -> Placed {
    let Some(product) = &wish.product else {
        let known: Vec<Row> =
            wish.candidates.iter().filter_map(|id| scene.catalog.product(id)).map(product_row).collect();
        if known.is_empty() {
            return Placed::Missing;
        }
        let outcome =
            Outcome::new("which").with("candidates", Value::Rows(known)).with("quantity", wish.quantity);
        return Placed::Ask(outcome);
    };
    let Some(found) = scene.catalog.product(product).cloned() else { return Placed::Missing };
    let variant = wish.variant.as_ref();
    let held = scene.cart.line(product, variant).map_or(0, |line| line.quantity);
    let before = if wish.only { 0 } else { held };
    let price = found.price_of(variant);
    let whole = before.saturating_add(wish.quantity);
    let fits = found.free_of(variant) >= whole && whole <= MAX_QUANTITY;
    if !wish.sure
        && fits
        && is_unusual(wish.quantity, price)
        && (found.variants.is_empty() || variant.is_some())
    {
        let outcome = Outcome::new("sure")
            .with("name", found.full_name(variant))
            .with("quantity", wish.quantity)
            .with("total", price.times(wish.quantity).ok());
        return Placed::Sure(outcome);
    }
    match put(scene, product, variant, before.saturating_add(wish.quantity)) {
        Ok(()) => Placed::Done(finish(scene, wish, product, wish.quantity)),
        Err(Refusal::Variant) if found.free() == 0 => {
            Placed::Short(short_row(&found, None, wish.quantity, 0))
        }
        Err(Refusal::Variant) => Placed::Ask(variants(scene, product, wish.quantity)),
        Err(Refusal::NotFound) => Placed::Missing,
        Err(Refusal::Full(limit)) => Placed::Ask(full(limit)),
        Err(Refusal::Short(free)) => {
            let left = free.saturating_sub(before);
            let row = short_row(&found, variant, wish.quantity, left);
            if left == 0 {
                Placed::Short(row)
            } else if wish.take_rest && put(scene, product, variant, free).is_ok() {
                Placed::Done(finish(scene, wish, product, left))
            } else {
                Placed::Rest(row)
            }
        }
    }
}

fn finish(
    scene: &mut Scene<'_>,
    wish: &Wish,
    product: &ProductId,
    quantity: u32,
) -> Option<(ProductId, Option<VariantId>, u32)> {
    let variant = wish.variant.clone();
    if let Some(note) = &wish.note
        && let Some(line) = scene.cart.lines.iter_mut().find(|line| line.is_of(product, variant.as_ref()))
    {
        line.note = Some(note.chars().take(MAX_NOTE_CHARS).collect());
    }
    Some((product.clone(), variant, quantity))
}

/// A change that waits for the line that it is about.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Wanted {
    change: Option<Change>,
    remove: bool,
}

/// Changes quantities as the message said, or removes what it named.
pub(super) fn change_items(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    if let Some(removed) = removed_already(scene) {
        return removed;
    }
    if scene.cart.lines.is_empty()
        && scene.conversation.heard.as_ref().is_none_or(|heard| heard.items.is_empty())
    {
        return Outcome::new("empty");
    }
    if let Value::Data(data) = effect.arg("pending") {
        let wanted: Wanted = serde_json::from_value(data.clone()).unwrap_or_default();
        let given = |name: &str| effect.arg(name).as_text().filter(|id| !id.is_empty());
        let line = given("product").map(|id| (ProductId::from(id), given("variant").map(VariantId::from)));
        return match line {
            Some(line) => apply(scene, vec![(line, wanted.change)], wanted.remove),
            None => which(&wanted),
        };
    }
    let heard = scene.conversation.heard.clone().unwrap_or_default();
    let remove = heard.intent == Intent::Remove;
    let wanted = Wanted { change: heard.change, remove };
    let mut lines = Vec::new();
    let mut missing = Vec::new();
    let names_nothing = heard.items.is_empty() && heard.ambiguous.is_empty() && heard.unknown.is_empty();
    if heard.ordinal.is_some() && names_nothing {
        // A place that the list that was shown does not have.
        return which(&wanted);
    }
    for item in &heard.items {
        let own = own_change(&heard, item, remove);
        match in_cart(scene, std::slice::from_ref(&item.product), item.variant.as_ref()).as_slice() {
            [] if remove => missing.push(item.name.clone()),
            // Only more of something, or so many of it, can begin a line.
            [] if own.is_none() => missing.push(item.name.clone()),
            // "Tambah 1 teh putih" with no teh putih in the cart means to begin with one.
            [] => lines.push(((item.product.clone(), item.variant.clone()), own)),
            [line] => lines.push((line.clone(), own)),
            _ => return which(&wanted),
        }
    }
    for ambiguous in &heard.ambiguous {
        match in_cart(scene, &ambiguous.candidates, None).as_slice() {
            [] => missing.push(ambiguous.text.clone()),
            [line] => lines.push((line.clone(), heard.change)),
            _ => return which(&wanted),
        }
    }
    missing.extend(heard.unknown.iter().cloned());
    if lines.is_empty() && missing.is_empty() {
        // Nothing was named: with one line in the cart it is that one.
        match scene.cart.lines.as_slice() {
            [only] => lines.push(((only.product.clone(), only.variant.clone()), heard.change)),
            _ => return which(&wanted),
        }
    }
    if lines.is_empty() {
        let rows = missing.iter().map(|text| row([("text", text.as_str().into())])).collect();
        return Outcome::new("not_in_cart").with("missing", Value::Rows(rows));
    }
    apply(scene, lines, remove)
}

/// What is to be removed has just left the cart by itself, because it is not sold any more: no likeness of its name to
/// another one's may remove that.
fn removed_already(scene: &Scene<'_>) -> Option<Outcome> {
    let is_removal = scene.conversation.heard.as_ref().is_some_and(|heard| heard.intent == Intent::Remove);
    let last = scene.gone.named.last().filter(|_| is_removal)?;
    let items = scene.gone.named.iter().map(|name| row([("name", name.clone().into())])).collect();
    Some(Outcome::new("removed").with("items", Value::Rows(items)).with("name", last.clone()))
}

/// How one thing of the message changes: "kukis jadi 3", "hapus 1 kukis".
fn own_change(heard: &Understanding, item: &Item, remove: bool) -> Option<Change> {
    let said = item.quantity_said.then_some(item.quantity);
    let pieces = |by: u32| i32::try_from(by).unwrap_or(i32::MAX);
    match (heard.change, said) {
        (_, Some(quantity)) if remove => Some(Change::By(-pieces(quantity))),
        (Some(Change::By(by)), Some(quantity)) if heard.items.len() > 1 => {
            Some(Change::By(by.signum() * pieces(quantity)))
        }
        (Some(Change::Set(_)), Some(quantity)) if heard.items.len() > 1 => Some(Change::Set(quantity)),
        (Some(change), _) => Some(change),
        (None, said) => said.map(Change::Set),
    }
}

type LineOf = (ProductId, Option<VariantId>);

fn which(wanted: &Wanted) -> Outcome {
    Outcome::new("which").with("pending", Value::Data(serde_json::to_value(wanted).unwrap_or_default()))
}

/// The lines of the cart that some products may mean.
fn in_cart(scene: &Scene<'_>, products: &[ProductId], variant: Option<&VariantId>) -> Vec<LineOf> {
    let fits = |line: &&CartLine| {
        products.contains(&line.product) && (variant.is_none() || line.variant.as_ref() == variant)
    };
    scene.cart.lines.iter().filter(fits).map(|line| (line.product.clone(), line.variant.clone())).collect()
}

fn apply(scene: &mut Scene<'_>, lines: Vec<(LineOf, Option<Change>)>, remove: bool) -> Outcome {
    if let Some(((product, variant), _)) = lines.iter().find(|(_, change)| change.is_none() && !remove) {
        // "Ganti yang teh hijau": nothing says to how many, so nothing has changed.
        let outcome = Outcome::new("how_many").with("product", product.as_str());
        return outcome.with("variant", variant.as_ref().map(|id| id.as_str().to_owned()));
    }
    let mut changed = Vec::new();
    let mut removed = Vec::new();
    let mut name = Value::None;
    for ((product, variant), change) in lines {
        let Some(found) = scene.catalog.product(&product).cloned() else { continue };
        let full_name = found.full_name(variant.as_ref());
        name = full_name.clone().into();
        let before = scene.cart.line(&product, variant.as_ref()).map_or(0, |line| line.quantity);
        let quantity = match change {
            Some(Change::By(by)) if !remove || before > by.unsigned_abs() => before.saturating_add_signed(by),
            Some(Change::Set(quantity)) if !remove => quantity,
            _ if remove => 0,
            _ => before,
        };
        if quantity == 0 {
            scene.cart.lines.retain(|line| !line.is_of(&product, variant.as_ref()));
            removed.push(row([("name", full_name.into())]));
            continue;
        }
        match put(scene, &product, variant.as_ref(), quantity) {
            Ok(()) => changed.push((product, variant, quantity)),
            Err(Refusal::Short(free)) => {
                let short = short_row(&found, variant.as_ref(), quantity, free);
                return Outcome::new("short").with("short", Value::Rows(vec![short]));
            }
            Err(Refusal::Full(limit)) => return full(limit),
            Err(Refusal::Variant | Refusal::NotFound) => {
                let missing = row([("text", found.name.id.into())]);
                return Outcome::new("not_in_cart").with("missing", Value::Rows(vec![missing]));
            }
        }
    }
    if changed.is_empty() {
        return Outcome::new("removed").with("items", Value::Rows(removed)).with("name", name);
    }
    let items = rows(scene, &changed);
    Outcome::new("changed").with("items", items).with("name", name)
}
