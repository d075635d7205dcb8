//! The demo shop as data: `demo/catalog.yaml` and the pictures beside it, compiled in.

use serde::Deserialize;

use crate::domain::customer::Localized;

const CATALOG: &str = include_str!("../../../demo/catalog.yaml");

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    /// The shop.
    pub store: Shop,
    /// Its owner.
    pub owner: Person,
    /// Buyers whom it knows.
    pub customers: Vec<Buyer>,
    /// What it sells.
    pub categories: Vec<Category>,
}

/// The shop.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    pub name: String,
    pub slug: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub city: String,
    pub province: String,
    pub zip_code: String,
    pub description: String,
    pub metadata: serde_json::Value,
}

/// The owner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub email: String,
    pub phone: String,
    pub name: String,
}

/// A buyer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    pub key: String,
    pub name: String,
    pub phone: String,
    pub segment: String,
}

/// A shelf.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Names its row for good.
    pub key: String,
    /// Its name.
    pub name: Localized,
    /// What stands on it.
    pub products: Vec<Product>,
}

/// A product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Names its row and its picture.
    pub key: String,
    /// Its name.
    pub name: Localized,
    /// Its description.
    pub description: Localized,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// The shop's code.
    pub sku: String,
    /// Rupiah.
    pub price: i32,
    /// Rupiah that the shop pays.
    pub cost: i32,
    /// Reorder level.
    pub reorder: i32,
    /// Opening stock of a product without variants.
    #[serde(default)]
    pub stock: i32,
    /// Variants.
    #[serde(default)]
    pub variants: Vec<Variant>,
}

/// A variant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Names its row.
    pub key: String,
    /// Its name.
    pub name: Localized,
    /// Rupiah, where it differs from the product's.
    pub price: Option<i32>,
    /// Opening stock.
    pub stock: i32,
}

/// Reads the file. It is compiled in, so a mistake in it is ours, and a test finds it.
///
/// # Errors
/// The parser's message with line and column.
pub fn read() -> Result<Demo, String> {
    serde_saphyr::from_str(CATALOG).map_err(|error| format!("demo/catalog.yaml: {error}"))
}

macro_rules! pictures {
    ($($key:literal),+ $(,)?) => {
        /// The picture of a product, PNG.
        pub fn picture(key: &str) -> Option<&'static [u8]> {
            match key {
                $($key => Some(include_bytes!(concat!("../../../demo/pictures/", $key, ".png"))),)+
                _ => None,
            }
        }
    };
}

pictures! {
    "teh-hijau", "teh-putih", "teh-hitam", "teh-melati", "teh-oolong", "wedang-jahe", "es-teh-lemon", "teh-tarik",
    "kombucha", "leci", "kukis", "keripik", "pisang-sale", "brownies", "paket-hadiah", "teko-kaca", "saringan", "cangkir",
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_demo_catalogue_is_whole() {
        let demo = read().unwrap();
        let products: Vec<_> = demo.categories.iter().flat_map(|category| &category.products).collect();
        assert_eq!(demo.categories.len(), 4);
        assert!(products.len() >= 17);
        assert_eq!(products.iter().map(|p| &p.key).collect::<HashSet<_>>().len(), products.len());
        assert_eq!(products.iter().map(|p| &p.sku).collect::<HashSet<_>>().len(), products.len());
        for product in &products {
            assert!(picture(&product.key).is_some_and(|png| png.starts_with(b"\x89PNG")), "{}", product.key);
            assert!(product.name.en.is_some() && product.description.en.is_some(), "{}", product.key);
            assert!(product.cost < product.price, "{}", product.key);
            assert!(product.variants.is_empty() || product.stock == 0, "{}", product.key);
        }
        let stock = |p: &Product| p.stock + p.variants.iter().map(|v| v.stock).sum::<i32>();
        assert!(products.iter().any(|p| stock(p) == 0), "one is sold out");
        assert!(
            products.iter().filter(|p| stock(p) > 0 && stock(p) <= p.reorder).count() >= 3,
            "a few are low"
        );
    }

    #[test]
    fn the_two_teas_of_the_shared_seed_are_exactly_there() {
        let demo = read().unwrap();
        let products: Vec<_> = demo.categories.iter().flat_map(|category| &category.products).collect();
        let row = |name: &str| {
            let product = products.iter().find(|p| p.name.id == name).unwrap();
            (product.price, product.cost, product.stock, product.reorder)
        };
        assert_eq!(row("Teh Hijau Organik"), (50_000, 20_000, 100, 20));
        assert_eq!(row("Teh Putih Premium"), (75_000, 30_000, 50, 15));
    }
}
