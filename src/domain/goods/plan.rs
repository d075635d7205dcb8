//! The planner: a draft, what is there, and what comes of it.

use super::{
    Change, Count, Details, Draft, Goods, MAX_ALIASES, MAX_DESCRIPTION_CHARS, MAX_IMAGE_CHARS,
    MAX_NAME_CHARS, MAX_PIECES, MAX_SKU_CHARS, MAX_VARIANTS, Plan, Refusal, Rule, Variant, VariantDraft,
    What, is_odd_new_price, is_odd_price, name_key, tidy_name,
};
use crate::domain::money::{MAX_RUPIAH, Rupiah};

/// What a draft would make of a product. Pure: the caller has locked what is there, and writes what comes out.
///
/// # Errors
/// Every rule that forbids it; then nothing may be written of the draft.
pub fn plan(before: Option<&Goods>, draft: &Draft) -> Result<Plan, Vec<Refusal>> {
    if before.is_none() && !draft.may_add {
        return Err(vec![Refusal { of: None, column: "sku", rule: Rule::NoProduct }]);
    }
    let mut work = Work {
        draft,
        before,
        after: before.cloned().unwrap_or_else(|| Goods { id: draft.id.clone(), ..Goods::default() }),
        changes: Vec::new(),
        refusals: Vec::new(),
    };
    work.texts();
    work.sale();
    work.variants();
    work.prices();
    work.stock();
    if work.refusals.is_empty() {
        Ok(Plan { before: before.cloned(), after: work.after, changes: work.changes })
    } else {
        Err(work.refusals)
    }
}

struct Work<'a> {
    draft: &'a Draft,
    before: Option<&'a Goods>,
    after: Goods,
    changes: Vec<Change>,
    refusals: Vec<Refusal>,
}

impl Work<'_> {
    fn refuse(&mut self, of: Option<usize>, column: &'static str, rule: Rule) {
        self.refusals.push(Refusal { of, column, rule });
    }

    fn change(&mut self, of: Option<usize>, variant: Option<&str>, what: What) {
        self.changes.push(Change { of, variant: variant.map(str::to_owned), what });
    }

    /// A text as it is kept, where the draft says one; what is wrong with it is noted.
    fn text(
        &mut self,
        of: Option<usize>,
        column: &'static str,
        said: Option<&String>,
        max_chars: usize,
    ) -> Option<String> {
        let text = said?.trim();
        if text.chars().count() > max_chars {
            self.refuse(of, column, Rule::TooLong(max_chars));
        } else if text.contains(|letter: char| letter.is_control() && letter != '\n') {
            self.refuse(of, column, Rule::Control);
        }
        Some(text.to_owned())
    }

    /// A name as it is kept, where the draft says one.
    fn name(&mut self, of: Option<usize>, column: &'static str, said: Option<&String>) -> Option<String> {
        self.text(of, column, said, MAX_NAME_CHARS).map(|name| tidy_name(&name))
    }

    fn texts(&mut self) {
        let draft = self.draft;
        let sku = self.text(None, "sku", draft.sku.as_ref(), MAX_SKU_CHARS).filter(|sku| !sku.is_empty());
        // A code names a product for good.
        self.after.sku = self.after.sku.take().or(sku);
        let name = self.name(None, "name", draft.name.as_ref());
        match name {
            Some(name) if name.is_empty() => self.refuse(None, "name", Rule::Empty),
            None if self.before.is_none() => self.refuse(None, "name", Rule::Empty),
            None => {}
            // What goes by its name has it already, however it is spaced.
            Some(name)
                if draft.sku.is_none() && draft.id.is_none() && same(Some(&self.after.name), &name) => {}
            Some(name) => self.after.name = name,
        }
        let said = &draft.details;
        let name_en = self.name(None, "name_en", said.name_en.as_ref());
        let category = self.name(None, "category", said.category.as_ref());
        let description = self.text(None, "description", said.description.as_ref(), MAX_DESCRIPTION_CHARS);
        let description_en =
            self.text(None, "description_en", said.description_en.as_ref(), MAX_DESCRIPTION_CHARS);
        let image = self.text(None, "image", said.image.as_ref(), MAX_IMAGE_CHARS);
        let is_address = |image: &String| image.starts_with("https://") || image.starts_with("/media/");
        if image.as_ref().is_some_and(|image| !is_address(image)) {
            self.refuse(None, "image", Rule::NoPicture);
        }
        if said.aliases.as_ref().is_some_and(|aliases| aliases.len() > MAX_ALIASES) {
            self.refuse(None, "aliases", Rule::TooMany(MAX_ALIASES));
        }
        let aliases: Option<Vec<String>> = said.aliases.as_ref().map(|aliases| {
            aliases.iter().filter_map(|word| self.text(None, "aliases", Some(word), MAX_NAME_CHARS)).collect()
        });
        for (column, number, max) in
            [("cost", said.cost, MAX_RUPIAH), ("reorder_level", said.reorder_level, MAX_PIECES)]
        {
            if number.is_some_and(|number| !(0..=max).contains(&i64::from(number))) {
                self.refuse(None, column, Rule::OutOfRange(max));
            }
        }
        let old = std::mem::take(&mut self.after.details);
        self.after.details = Details {
            name_en: name_en.or(old.name_en),
            // A category is a shelf of the shop, whatever the case of its letters.
            category: category
                .filter(|name| !name.is_empty() && !same(old.category.as_ref(), name))
                .or(old.category),
            description: description.or(old.description),
            description_en: description_en.or(old.description_en),
            aliases: aliases.or(old.aliases),
            cost: said.cost.or(old.cost),
            reorder_level: said.reorder_level.or(old.reorder_level),
            image: image.or(old.image),
            position: said.position.or(old.position),
        };
        self.compare_details();
    }

    fn compare_details(&mut self) {
        let Some(before) = self.before else { return self.change(None, None, What::Added) };
        let (old, new) = (&before.details, &self.after.details);
        let columns = [
            ("sku", before.sku != self.after.sku),
            ("name", before.name != self.after.name),
            ("name_en", old.name_en != new.name_en),
            ("category", old.category != new.category),
            ("description", old.description != new.description),
            ("description_en", old.description_en != new.description_en),
            ("aliases", old.aliases != new.aliases),
            ("cost", old.cost != new.cost),
            ("reorder_level", old.reorder_level != new.reorder_level),
            ("image", old.image != new.image),
            ("position", old.position != new.position),
        ];
        for (column, _) in columns.into_iter().filter(|(_, differs)| *differs) {
            self.change(None, None, What::Detail(column));
        }
    }

    /// Whoever adds products puts what they name on sale.
    fn sale(&mut self) {
        if self.draft.may_add && !self.after.is_active {
            self.after.is_active = true;
            if self.before.is_some() {
                self.change(None, None, What::OnSale);
            }
        }
    }

    /// Finds or makes the variants that the draft speaks of; their prices and stocks follow.
    fn variants(&mut self) {
        let draft = self.draft;
        let held = self.after.held;
        if !draft.variants.is_empty() && self.after.variants.is_empty() && held > 0 {
            self.refuse(None, "variant", Rule::HeldWithoutVariant { held });
        }
        for (of, said) in draft.variants.iter().enumerate() {
            let name = self.name(Some(of), "variant", said.name.as_ref());
            let name_en = self.name(Some(of), "variant_en", said.name_en.as_ref());
            let sku = self.text(Some(of), "sku", said.sku.as_ref(), MAX_SKU_CHARS);
            let Some(at) = find(&self.after.variants, said) else {
                self.add(of, said, name, name_en, sku);
                continue;
            };
            let twice =
                draft.variants.iter().take(of).any(|other| find(&self.after.variants, other) == Some(at));
            if twice {
                self.refuse(Some(of), "variant", Rule::VariantTwice);
                continue;
            }
            let variant = &mut self.after.variants[at];
            let kept = variant.name.clone();
            if name_en.is_some() && name_en != variant.name_en {
                variant.name_en = name_en;
                self.change(Some(of), Some(&kept), What::Detail("variant_en"));
            }
        }
        if self.after.variants.len() > MAX_VARIANTS {
            self.refuse(None, "variant", Rule::TooMany(MAX_VARIANTS));
        }
    }

    fn add(
        &mut self,
        of: usize,
        said: &VariantDraft,
        name: Option<String>,
        name_en: Option<String>,
        sku: Option<String>,
    ) {
        if !self.draft.may_add {
            return self.refuse(Some(of), "variant", Rule::NoVariant);
        }
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return self.refuse(Some(of), "variant", Rule::Empty);
        };
        let pieces = self.before.filter(|before| before.variants.is_empty()).map_or(0, |before| before.stock);
        if pieces != 0 && said.stock.is_none() {
            self.refuse(Some(of), "stock", Rule::PiecesWithoutVariant { pieces });
        }
        self.change(Some(of), Some(&name), What::Added);
        let position = said.position;
        let id = said.id.clone();
        self.after.variants.push(Variant { id, name, name_en, sku, position, ..Variant::default() });
    }

    /// Prices: a variant that is spoken of costs what is said; what is not spoken of costs what it did.
    fn prices(&mut self) {
        let draft = self.draft;
        let had_variants = self.before.is_some_and(|before| !before.variants.is_empty());
        let first = draft.variants.iter().find_map(|said| said.price).filter(|_| !had_variants);
        let names_none = draft.variants.is_empty() && !draft.is_price_of_all;
        if had_variants && names_none && draft.price.is_some() {
            return self.refuse(None, "price", Rule::HasVariants);
        }
        match draft.price.or(first) {
            Some(price) => self.after.price = Some(price.amount()),
            None if self.before.is_none() => self.refuse(None, "price", Rule::NoPrice),
            None => {}
        }
        if draft.is_price_of_all {
            self.after.variants.iter_mut().for_each(|variant| variant.price = None);
        }
        for said in &draft.variants {
            let (Some(price), Some(at)) = (said.price, find(&self.after.variants, said)) else { continue };
            let base = self.after.price;
            let variant = &mut self.after.variants[at];
            if variant.price.or(base) != Some(price.amount()) {
                variant.price = Some(price.amount());
            }
        }
        // A price that no variant has is shown nowhere; the product is listed at the lowest of theirs.
        if let Some(lowest) = self.after.variants.iter().map(|variant| variant.price).min().flatten() {
            self.after.price = Some(lowest);
        }
        self.compare_prices();
    }

    fn compare_prices(&mut self) {
        let before = self.before;
        let old_of = |id: &Variant| {
            let before = before?;
            let old = before.variants.iter().find(|old| id.id.is_some() && old.id == id.id)?;
            old.price.or(before.price)
        };
        if self.after.variants.is_empty() {
            let (from, to) = (before.and_then(|before| before.price), self.after.price);
            self.priced(None, None, from, to);
            return;
        }
        // What a plain product cost is gone with it, and is told beside what its variants cost.
        if let Some(before) = before.filter(|before| before.variants.is_empty()) {
            self.priced(None, None, before.price, self.after.price);
        }
        let priced: Vec<_> = self
            .after
            .variants
            .iter()
            .map(|variant| {
                let of = self.draft.variants.iter().position(|said| is(variant, said));
                (of, variant.name.clone(), old_of(variant), variant.price.or(self.after.price))
            })
            .collect();
        for (of, name, from, to) in priced {
            self.priced(of, Some(&name), from, to);
        }
    }

    /// Notes a price that differs, where it may.
    fn priced(&mut self, of: Option<usize>, variant: Option<&str>, from: Option<Rupiah>, to: Option<Rupiah>) {
        let Some(to) = to.filter(|to| from != Some(*to)) else { return };
        let is_odd = from.map_or_else(|| is_odd_new_price(to), |from| is_odd_price(from, to));
        if is_odd && !self.draft.is_sure {
            let from = from.map(Rupiah::whole);
            return self.refuse(of, "price", Rule::OddPrice { from, to: to.whole() });
        }
        self.change(of, variant, What::Price { from, to });
    }

    fn stock(&mut self) {
        let draft = self.draft;
        if self.after.variants.is_empty() {
            if let Some(count) = draft.stock {
                let (from, held) = (self.after.stock, self.after.held);
                self.after.stock = self.counted(None, None, count, from, held);
            }
            return;
        }
        if draft.stock.is_some() {
            self.refuse(None, "stock", Rule::HasVariants);
        }
        for (of, said) in draft.variants.iter().enumerate() {
            let (Some(count), Some(at)) = (said.stock, find(&self.after.variants, said)) else { continue };
            let Variant { stock, held, name, .. } = &self.after.variants[at];
            let (stock, held, name) = (*stock, *held, name.clone());
            self.after.variants[at].stock = self.counted(Some(of), Some(&name), count, stock, held);
        }
        self.after.stock = self.after.variants.iter().map(|variant| variant.stock).sum();
        // The pieces of a plain product become those of its variants.
        if let Some(before) = self.before.filter(|before| before.variants.is_empty()) {
            let (from, to) = (before.stock, self.after.stock);
            if from != to {
                self.change(None, None, What::Stock { from, to });
            }
        }
    }

    /// The pieces that a count leads to, where it may.
    fn counted(
        &mut self,
        of: Option<usize>,
        variant: Option<&str>,
        count: Count,
        from: i64,
        held: i64,
    ) -> i64 {
        let to = count.from(from);
        if to == from {
            return from;
        }
        if !(0..=MAX_PIECES).contains(&to) && (to > from || held <= 0) {
            self.refuse(of, "stock", Rule::OutOfRange(MAX_PIECES));
        } else if to < held && to < from {
            self.refuse(of, "stock", Rule::BelowHeld { held });
        } else {
            self.change(of, variant, What::Stock { from, to });
            return to;
        }
        from
    }
}

/// Whether a draft speaks of a variant: by its id, or by its name, however that is spaced and whatever the case of its letters.
fn is(variant: &Variant, said: &VariantDraft) -> bool {
    match (&said.id, &said.name) {
        (Some(id), _) if variant.id.as_ref() == Some(id) => true,
        (_, Some(name)) => same(Some(&variant.name), name.trim()),
        _ => false,
    }
}

fn find(variants: &[Variant], said: &VariantDraft) -> Option<usize> {
    variants.iter().position(|variant| is(variant, said))
}

fn same(kept: Option<&String>, said: &str) -> bool {
    kept.is_some_and(|kept| name_key(kept) == name_key(said))
}
