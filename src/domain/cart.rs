//! The basket of one customer. It belongs to the customer, not to a chat, so that every channel shows the same one.

use serde::{Deserialize, Serialize};

use super::catalog::Catalog;
use super::customer::Localized;
use super::ids::{ProductId, VariantId};
use super::money::{OutOfRange, Rupiah};

/// Lines that a cart may have.
pub const MAX_LINES: usize = 30;
/// Pieces of one line.
pub const MAX_QUANTITY: u32 = 999;
/// Characters of a note.
pub const MAX_NOTE_CHARS: usize = 200;

/// What a customer means to order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cart {
    /// One line per product and variant, in the order in which they came.
    pub lines: Vec<CartLine>,
    /// A note for the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Some pieces of one product or variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// The product.
    pub product: ProductId,
    /// The variant, for products that have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<VariantId>,
    /// Pieces, from 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
    /// The price of one piece that the customer was last shown; placing an order compares it with the current one.
    pub price: Rupiah,
    /// A note for this line ("tanpa gula").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What it was called when it came in: the catalogue does not know it any more once it is not sold. Nothing in lines of
    /// older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Localized>,
}

impl CartLine {
    /// Whether the line is of this product and variant.
    pub fn is_of(&self, product: &ProductId, variant: Option<&VariantId>) -> bool {
        &self.product == product && self.variant.as_ref() == variant
    }
}

impl Cart {
    /// Takes what another cart of the same person holds: pieces of the same thing are added up, within the bounds of a
    /// cart, and a note is kept where this one has none.
    pub fn absorb(&mut self, other: Cart) {
        for line in other.lines {
            let own = self.lines.iter().position(|own| own.is_of(&line.product, line.variant.as_ref()));
            if let Some(own) = own.and_then(|index| self.lines.get_mut(index)) {
                own.quantity = own.quantity.saturating_add(line.quantity).min(MAX_QUANTITY);
            } else if self.lines.len() < MAX_LINES {
                self.lines.push(line);
            }
        }
        self.note = self.note.take().or(other.note);
    }

    /// Gives back what came in by [`Self::absorb`], as far as it is still there: `gone` is what the other cart held before,
    /// `kept` what this one held. Of a thing that both had, this one gives up what is more than its own.
    pub fn part(&mut self, kept: &Self, gone: &Self) -> Self {
        let mut other = Self::default();
        for line in &gone.lines {
            let own = kept.line(&line.product, line.variant.as_ref()).map_or(0, |line| line.quantity);
            let here = self.lines.iter_mut().find(|here| here.is_of(&line.product, line.variant.as_ref()));
            let Some(here) = here else { continue };
            let quantity = here.quantity.saturating_sub(own).min(line.quantity);
            here.quantity -= quantity;
            if quantity > 0 {
                other.lines.push(CartLine { quantity, ..line.clone() });
            }
        }
        self.lines.retain(|line| line.quantity > 0);
        if gone.note.is_some() && self.note == gone.note && kept.note != gone.note {
            other.note = self.note.take();
        }
        other
    }

    /// Takes out the lines of what is not sold any more: a product or a variant that has gone, or a product that has variants
    /// now and none is named. Returns them.
    pub fn take_gone(&mut self, catalog: &Catalog) -> Vec<CartLine> {
        let is_sold = |line: &CartLine| catalog.sells(&line.product, line.variant.as_ref());
        let (sold, gone) = std::mem::take(&mut self.lines).into_iter().partition(is_sold);
        self.lines = sold;
        gone
    }

    /// Pieces over all lines.
    pub fn count(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    /// The sum of all lines.
    ///
    /// # Errors
    /// [`OutOfRange`] when the sum does not fit an amount.
    pub fn subtotal(&self) -> Result<Rupiah, OutOfRange> {
        self.lines.iter().try_fold(Rupiah::ZERO, |sum, line| sum.plus(line.price.times(line.quantity)?))
    }

    /// The line of a product and variant.
    pub fn line(&self, product: &ProductId, variant: Option<&VariantId>) -> Option<&CartLine> {
        self.lines.iter().find(|line| line.is_of(product, variant))
    }

    /// Sets the quantity of a line at the catalogue's current price: adds the line when it is new, drops it at 0.
    /// Returns false, and changes nothing, when the product is unknown or a limit would be passed.
    pub fn set(
        &mut self,
        catalog: &Catalog,
        product: &ProductId,
        variant: Option<&VariantId>,
        quantity: u32,
    ) -> bool {
        if quantity == 0 {
            self.lines.retain(|line| !line.is_of(product, variant));
            return true;
        }
        let Some(found) = catalog.product(product) else { return false };
        let (price, name) = (found.price_of(variant), Some(found.full_name(variant)));
        if quantity > MAX_QUANTITY {
            return false;
        }
        if let Some(line) = self.lines.iter_mut().find(|line| line.is_of(product, variant)) {
            line.quantity = quantity;
            line.price = price;
            line.name = name;
            return true;
        }
        if self.lines.len() >= MAX_LINES {
            return false;
        }
        self.lines.push(CartLine {
            product: product.clone(),
            variant: variant.cloned(),
            quantity,
            price,
            note: None,
            name,
        });
        true
    }
}
