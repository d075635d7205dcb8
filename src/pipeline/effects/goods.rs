//! Prices and stock, written by the shop's staff in their chat. All of it goes through `store::goods`: what is big or odd
//! asks first, everything else says from what to what, and all of it can be taken back for some minutes.

use super::{Scene, product_arg, text, variant_arg, word_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::Value;
use crate::dialogue::world::row;
use crate::domain::catalog::Product;
use crate::domain::goods::{
    Change, Count, Draft, Goods, NoPrice, Price, Refusal, Rule, THOUSAND, Variant, VariantDraft, What,
    is_odd_price, is_odd_step, is_odd_stock, meant_price,
};
use crate::domain::ids::{ProductId, VariantId};
use crate::domain::money::Rupiah;
use crate::store::goods::{self, Undone, Writer, Written};

/// What a write is about: a product under lock, and perhaps one of its variants.
struct Target {
    id: ProductId,
    goods: Goods,
    variant: Option<Variant>,
}

impl Target {
    fn price(&self) -> Rupiah {
        self.variant.as_ref().and_then(|variant| variant.price).or(self.goods.price).unwrap_or_default()
    }

    fn stock(&self) -> (i64, i64) {
        match &self.variant {
            Some(variant) => (variant.stock, variant.held),
            None => (self.goods.stock, self.goods.held),
        }
    }

    /// The draft of a write, to be filled.
    fn draft(&self) -> Draft {
        let said = |variant: &Variant| VariantDraft { id: variant.id.clone(), ..VariantDraft::default() };
        let variants = self.variant.iter().map(said).collect();
        // Whoever writes in a chat has been asked where a price is odd.
        Draft { id: Some(self.id.clone()), variants, is_sure: true, ..Draft::default() }
    }

    /// The facts by which the dialogue goes on.
    fn outcome(&self, scene: &Scene<'_>, word: &'static str) -> Outcome {
        let variant = self.variant.as_ref().and_then(|variant| variant.id.as_ref());
        Outcome::new(word)
            .with("product", self.id.as_str())
            .with("variant", variant.map(|id| id.as_str().to_owned()))
            .with("name", scene.catalog.product(&self.id).map(|product| product.full_name(variant)))
    }
}

/// Locks what an effect names; a product with one variant means that one.
async fn target(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<Target>, sqlx::Error> {
    let Some(id) = product_arg(effect) else { return Ok(None) };
    let mut found = goods::load(scene.connection, &scene.store.id, std::slice::from_ref(&id)).await?;
    let Some(goods) = found.remove(id.as_str()) else { return Ok(None) };
    let wanted = variant_arg(effect);
    let variant = match (&wanted, goods.variants.as_slice()) {
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
        (Some(wanted), all) => match all.iter().find(|variant| variant.id.as_ref() == Some(wanted)) {
            Some(variant) => Some(variant.clone()),
            None => return Ok(None),
        },
    };
    Ok(Some(Target { id, goods, variant }))
}

/// The rows of the variants of a product, to choose one.
fn variants(product: Option<&Product>) -> Value {
    let rows = product.into_iter().flat_map(|product| {
        product.variants.iter().map(|variant| {
            row([
                ("product", product.id.as_str().into()),
                ("variant", variant.id.as_str().into()),
                ("name", variant.name.clone().into()),
                ("price", product.price_of(Some(&variant.id)).into()),
                ("free", variant.free().into()),
                ("stock", Value::Int(i64::from(variant.stock))),
            ])
        })
    });
    Value::Rows(rows.collect())
}

fn is_sure(effect: &Effect) -> bool {
    word_arg(effect, "sure").is_some()
}

/// A number by which something changes: up, or down where the effect says so.
fn difference(effect: &Effect) -> Option<i64> {
    let by = effect.arg("by").as_int()?;
    Some(if word_arg(effect, "way") == Some("down") { by.saturating_neg() } else { by })
}

/// Whether the words leave a doubt: it is asked before anything is written.
fn is_doubted(effect: &Effect) -> bool {
    word_arg(effect, "doubt").is_some()
}

/// Whether something becomes less although it is said to become more, or the other way round.
fn goes_other_way(effect: &Effect, from: i64, to: i64) -> bool {
    match word_arg(effect, "way") {
        Some("up") => to < from,
        Some("down") => to > from,
        _ => false,
    }
}

async fn write(scene: &mut Scene<'_>, draft: &Draft) -> Result<Result<Written, Refusal>, sqlx::Error> {
    let user = scene.staff.as_ref().map(|staff| staff.id.clone());
    let writer = Writer::chat(user.as_ref());
    let drafts = std::slice::from_ref(draft);
    let written =
        goods::write(scene.connection, scene.clock, &scene.store.id, drafts, writer, scene.now).await?;
    Ok(match written {
        Ok(mut written) => {
            let Some(written) = written.pop() else { return Err(sqlx::Error::RowNotFound) };
            scene.catalog_changed |= !written.plan.changes.is_empty();
            Ok(written)
        }
        Err(refused) => {
            let first = refused.into_iter().next().map(|refused| refused.refusal);
            Err(first.unwrap_or(Refusal { of: None, column: "sku", rule: Rule::NoProduct }))
        }
    })
}

/// `stock.set`.
pub(super) async fn set_stock(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(target) = target(scene, effect).await? else { return Ok(Outcome::new("not_found")) };
    if target.variant.is_none() && !target.goods.variants.is_empty() {
        let rows = variants(scene.catalog.product(&target.id));
        return Ok(target.outcome(scene, "has_variants").with("variants", rows));
    }
    let (from, held) = target.stock();
    let count = match (difference(effect), effect.arg("quantity").as_int()) {
        (Some(by), _) => Count::By(by),
        (None, Some(quantity)) => Count::To(quantity),
        (None, None) => return Ok(Outcome::new("not_found")),
    };
    let to = count.from(from);
    let variant = target.variant.as_ref().and_then(|variant| variant.id.as_ref());
    let free = |stock: i64| Value::Int((stock - held).max(0));
    // A number that is large for a stock may have been meant for the price.
    let price = Rupiah::new(to).ok().filter(|price| !is_odd_price(target.price(), *price));
    let base =
        target.outcome(scene, "ok").with("from", from).with("to", to).with("held", held).with("price", price);
    let facts = |word| Outcome { word, ..base.clone() };
    if !is_sure(effect) && to != from {
        let usual = goods::usual(scene.connection, &target.id, variant.map(VariantId::as_str)).await?;
        let usual = usual.max(from).max(i64::from(target.goods.details.reorder_level.unwrap_or(0)));
        let is_odd = to > from && is_odd_stock(usual, to);
        let says_more = to >= 0 && (is_doubted(effect) || goes_other_way(effect, from, to));
        if is_odd || says_more {
            return Ok(facts("odd").with("stock", from).with("free", free(from)));
        }
    }
    let mut draft = target.draft();
    match draft.variants.first_mut() {
        Some(variant) => variant.stock = Some(count),
        None => draft.stock = Some(count),
    }
    let done = |word| facts(word).with("stock", to).with("free", free(to));
    let refused = |word| facts(word).with("stock", from).with("free", free(from));
    Ok(match write(scene, &draft).await? {
        Ok(written) if written.plan.changes.is_empty() => done("same"),
        Ok(written) => done("ok").with("event", written.event),
        Err(Refusal { rule: Rule::BelowHeld { .. }, .. }) => refused("below_held"),
        Err(Refusal { rule: Rule::OutOfRange(most), .. }) => refused("out_of_range").with("limit", most),
        Err(_) => Outcome::new("not_found"),
    })
}

/// The price that an effect leads to, from what is.
fn wanted(effect: &Effect, from: Rupiah) -> Result<Price, NoPrice> {
    let read = |name: &str| match effect.arg(name) {
        Value::None => None,
        Value::Money(amount) if *amount == Rupiah::ZERO => Some(Ok(Price::FREE)),
        Value::Text(text) => Some(Price::read(text)),
        value => Some(
            value
                .as_int()
                .and_then(|whole| Rupiah::new(whole).ok())
                .ok_or(NoPrice::Unreadable)
                .and_then(Price::new),
        ),
    };
    match (read("price"), read("by")) {
        (Some(price), _) => price,
        (None, Some(by)) => step(effect, from, by?.amount()).ok_or(NoPrice::Unreadable).and_then(Price::new),
        (None, None) => Err(NoPrice::Unreadable),
    }
}

/// The price that a step leads to.
fn step(effect: &Effect, from: Rupiah, by: Rupiah) -> Option<Rupiah> {
    let is_down = word_arg(effect, "way") == Some("down");
    if is_down { from.minus(by).ok() } else { from.plus(by).ok() }
}

/// The step that an effect takes, where it takes one.
fn by(effect: &Effect) -> Option<Rupiah> {
    match effect.arg("by") {
        Value::Text(text) => Rupiah::read(text),
        value => value.as_int().and_then(|whole| Rupiah::new(whole).ok()),
    }
}

/// `price.set`.
pub(super) async fn set_price(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(target) = target(scene, effect).await? else { return Ok(Outcome::new("not_found")) };
    let every = word_arg(effect, "which") == Some("every");
    let has_variants = target.variant.is_none() && !target.goods.variants.is_empty();
    if has_variants && !every {
        let rows = variants(scene.catalog.product(&target.id));
        return Ok(target.outcome(scene, "has_variants").with("variants", rows));
    }
    let from = target.price();
    let Ok(price) = wanted(effect, from) else {
        return Ok(target.outcome(scene, "unreadable").with("from", from));
    };
    let to = price.amount();
    let base = target.outcome(scene, "ok").with("from", from).with("to", to);
    let facts = |word| Outcome { word, ..base.clone() };
    let old = target
        .goods
        .variants
        .iter()
        .filter(|_| has_variants)
        .filter_map(|it| it.price.or(target.goods.price));
    let is_far = is_odd_price(from, to) || old.into_iter().any(|old| is_odd_price(old, to));
    let by = by(effect);
    let is_small = by.is_some_and(|by| is_odd_step(from, by));
    let says_more = is_doubted(effect) || goes_other_way(effect, from.whole(), to.whole());
    if to != from && (is_far || is_small || says_more) && !is_sure(effect) {
        // Thousands that were left out: of the step where one was said, else of the price.
        let meant = match by.filter(|_| is_small) {
            Some(by) => by.times(THOUSAND).ok().and_then(|by| step(effect, from, by)),
            None => meant_price(from, to),
        };
        return Ok(facts("odd").with("meant", meant.filter(|meant| !is_odd_price(from, *meant))));
    }
    let mut draft = target.draft();
    match draft.variants.first_mut() {
        Some(variant) => variant.price = Some(price),
        None => {
            draft.price = Some(price);
            draft.is_price_of_all = has_variants;
        }
    }
    let done = if has_variants { "every" } else { "ok" };
    Ok(match write(scene, &draft).await? {
        Ok(written) if written.plan.changes.is_empty() => facts("same"),
        Ok(written) => facts(done).with("event", written.event),
        Err(_) => Outcome::new("not_found"),
    })
}

/// `goods.undo`.
pub(super) async fn undo(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(user) = scene.staff.as_ref().map(|staff| staff.id.clone()) else {
        return Ok(Outcome::new("none"));
    };
    let event = text(effect, "event");
    let undone =
        goods::take_back(scene.connection, scene.clock, &scene.store.id, event, &user, scene.now).await?;
    let written = match undone {
        Undone::Done(written) => written,
        Undone::Nothing => return Ok(Outcome::new("none")),
        Undone::Late => return Ok(Outcome::new("late").with("minutes", goods::UNDO_MINUTES)),
        Undone::Already => return Ok(Outcome::new("already")),
        Undone::Changed => return Ok(Outcome::new("changed")),
        Undone::Refused(refused) => {
            let held = refused.iter().find_map(|refused| match refused.refusal.rule {
                Rule::BelowHeld { held } => Some(held),
                _ => None,
            });
            return Ok(match held {
                Some(held) => Outcome::new("below_held").with("held", held),
                None => Outcome::new("changed"),
            });
        }
    };
    scene.catalog_changed = true;
    let product = scene.catalog.product(&written.product).cloned();
    let name = |change: &Change| {
        let named = |variant: &&Variant| change.variant.as_ref() == Some(&variant.name);
        let variant = written.plan.after.variants.iter().find(named).and_then(|variant| variant.id.clone());
        product.as_ref().map(|product| product.full_name(variant.as_ref()))
    };
    let [change] = written.plan.changes.as_slice() else {
        return Ok(Outcome::new("prices").with("name", product.map(|product| product.name)));
    };
    Ok(match change.what {
        What::Stock { from, to } => {
            Outcome::new("stock").with("name", name(change)).with("before", from).with("stock", to)
        }
        What::Price { from, to } => {
            Outcome::new("price").with("name", name(change)).with("from", from).with("to", to)
        }
        _ => Outcome::new("changed"),
    })
}
