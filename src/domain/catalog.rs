//! What a shop sells: categories, products, variants and how many of each are free to sell.

use serde::{Deserialize, Serialize};

use super::customer::Localized;
use super::ids::{CategoryId, ProductId, StoreId, VariantId};
use super::money::Rupiah;

/// The whole catalogue of one shop, active products only, in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// The shop.
    pub store: StoreId,
    /// Categories by position.
    pub categories: Vec<Category>,
    /// Products by category and position.
    pub products: Vec<Product>,
}

/// A shelf of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// `products.category_id` of what stands on it.
    pub id: CategoryId,
    /// Its name in both languages.
    pub name: Localized,
}

/// Something for sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The row's id.
    pub id: ProductId,
    /// The shelf, where it has one.
    pub category: Option<CategoryId>,
    /// Its name.
    pub name: Localized,
    /// Its description, empty where the shop wrote none.
    pub description: Localized,
    /// Other words that customers use for it.
    pub aliases: Vec<String>,
    /// The shop's own code for it.
    pub sku: Option<String>,
    /// Price of one piece; variants may have their own.
    pub price: Rupiah,
    /// Picture: a path below `/media/` or an `https` address.
    pub image: Option<String>,
    /// Pieces on the shelf, the sum over its variants where it has any.
    pub stock: i32,
    /// Pieces held for orders that wait for their payment.
    pub held: i32,
    /// At this many free pieces the owner is warned.
    pub reorder_level: i32,
    /// Sizes, flavours and the like; empty for a plain product.
    pub variants: Vec<Variant>,
}

/// One size, flavour or colour of a product, with its own stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// The row's id.
    pub id: VariantId,
    /// Its name.
    pub name: Localized,
    /// The shop's own code for it.
    pub sku: Option<String>,
    /// Its own price, where it differs from the product's.
    pub price: Option<Rupiah>,
    /// Pieces on the shelf.
    pub stock: i32,
    /// Pieces held for unpaid orders.
    pub held: i32,
}

impl Catalog {
    /// The product with an id, where it is still for sale.
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        self.products.iter().find(|product| &product.id == id)
    }

    /// Whether a line of this product and variant can be sold: both are there, and a product with variants is named with one.
    pub fn sells(&self, product: &ProductId, variant: Option<&VariantId>) -> bool {
        self.product(product).is_some_and(|product| match variant {
            Some(variant) => product.variant(variant).is_some(),
            None => product.variants.is_empty(),
        })
    }

    /// The category with an id.
    pub fn category(&self, id: &CategoryId) -> Option<&Category> {
        self.categories.iter().find(|category| &category.id == id)
    }

    /// The products of a category, in order.
    pub fn in_category<'a>(&'a self, id: &'a CategoryId) -> impl Iterator<Item = &'a Product> {
        self.products.iter().filter(move |product| product.category.as_ref() == Some(id))
    }
}

impl Product {
    /// Pieces that a new order may still take, never negative.
    pub fn free(&self) -> u32 {
        if self.variants.is_empty() {
            free(self.stock, self.held)
        } else {
            self.variants.iter().map(Variant::free).sum()
        }
    }

    /// The variant with an id.
    pub fn variant(&self, id: &VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| &variant.id == id)
    }

    /// Price of one piece of the product or of one of its variants.
    pub fn price_of(&self, variant: Option<&VariantId>) -> Rupiah {
        variant.and_then(|id| self.variant(id)).and_then(|variant| variant.price).unwrap_or(self.price)
    }

    /// Free pieces of the product or of one of its variants; none of a variant that does not exist.
    pub fn free_of(&self, variant: Option<&VariantId>) -> u32 {
        match variant {
            Some(id) => self.variant(id).map_or(0, Variant::free),
            None => self.free(),
        }
    }

    /// The name of the product, with the variant's where one is named.
    pub fn full_name(&self, variant: Option<&VariantId>) -> Localized {
        match variant.and_then(|id| self.variant(id)) {
            None => self.name.clone(),
            Some(variant) => Localized {
                id: format!("{} {}", self.name.id, variant.name.id),
                en: (self.name.en.is_some() || variant.name.en.is_some()).then(|| {
                    use super::customer::Language::En;
                    format!("{} {}", self.name.get(En), variant.name.get(En))
                }),
            },
        }
    }
}

impl Variant {
    /// Pieces that a new order may still take, never negative.
    pub fn free(&self) -> u32 {
        free(self.stock, self.held)
    }
}

fn free(stock: i32, held: i32) -> u32 {
    u32::try_from(i64::from(stock) - i64::from(held)).unwrap_or(0)
}
