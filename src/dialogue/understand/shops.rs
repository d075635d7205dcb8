//! Two shops for tests: one sells tea, one cooks.

use crate::domain::catalog::{Catalog, Category, Product, Variant};
use crate::domain::customer::Localized;
use crate::domain::money::Rupiah;

fn named(id: &str, en: &str) -> Localized {
    Localized { id: id.to_owned(), en: (!en.is_empty()).then(|| en.to_owned()) }
}

fn product(id: &str, name: &str, english: &str, aliases: &[&str], variants: &[(&str, &str)]) -> Product {
    let variant = |(name, english): &(&str, &str)| Variant {
        id: format!("{id}/{}", name.to_lowercase().replace(' ', "-")).into(),
        name: named(name, english),
        sku: None,
        price: None,
        stock: 10,
        held: 0,
    };
    Product {
        id: id.into(),
        category: None,
        name: named(name, english),
        description: Localized::default(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        sku: (id == "th-hijau").then(|| "TGR-01".to_owned()),
        price: Rupiah::new(25_000).unwrap(),
        image: None,
        stock: 20,
        held: 0,
        reorder_level: 5,
        variants: variants.iter().map(variant).collect(),
    }
}

fn category(id: &str, name: &str, english: &str) -> Category {
    Category { id: id.into(), name: named(name, english) }
}

/// A tea shop.
pub(crate) fn tea() -> Catalog {
    Catalog {
        store: "tea".into(),
        categories: vec![category("c1", "Teh Celup", "Tea Bags"), category("c2", "Perlengkapan", "Teaware")],
        products: vec![
            product("th-hijau", "Teh Hijau Organik", "Organic Green Tea", &[], &[]),
            product("th-putih", "Teh Putih Premium", "Premium White Tea", &[], &[]),
            product(
                "th-hitam",
                "Teh Hitam Ceylon",
                "Ceylon Black Tea",
                &[],
                &[("Celup", "Tea Bags"), ("Tubruk", "Loose Leaf")],
            ),
            product(
                "th-melati",
                "Teh Melati",
                "Jasmine Tea",
                &["teh wangi"],
                &[("100 gram", "100 grams"), ("250 gram", "250 grams")],
            ),
            product("th-oolong", "Teh Oolong", "Oolong Tea", &[], &[]),
            product("th-tarik", "Teh Tarik Instan", "Instant Teh Tarik", &[], &[]),
            product("th-rosella", "Teh Rosella", "Rosella Tea", &["hibiscus"], &[]),
            product("kopi3", "Kopi 3in1", "3in1 Coffee", &[], &[]),
            product("madu", "Madu Hutan", "Forest Honey", &[], &[]),
            product("gula", "Gula Aren", "Palm Sugar", &[], &[]),
            product("saring", "Saringan Teh", "Tea Strainer", &[], &[]),
            product("poci", "Poci Tanah Liat", "Clay Teapot", &[], &[]),
            product("jahe-m", "Wedang Jahe Merah", "Red Ginger Drink", &[], &[]),
            product("jahe-s", "Wedang Jahe Serai", "Lemongrass Ginger Drink", &[], &[]),
        ],
    }
}

/// A small place to eat.
pub(crate) fn warung() -> Catalog {
    Catalog {
        store: "warung".into(),
        categories: vec![category("c1", "Minuman", "Drinks"), category("c2", "Makanan", "Food")],
        products: vec![
            product("nasgor", "Nasi Goreng", "Fried Rice", &["nasgor"], &[]),
            product("nasgor-s", "Nasi Goreng Spesial", "Special Fried Rice", &[], &[]),
            product(
                "geprek",
                "Ayam Geprek",
                "Smashed Chicken",
                &[],
                &[("Paha", "Thigh"), ("Dada", "Breast")],
            ),
            product("bakar", "Ayam Bakar", "Grilled Chicken", &[], &[]),
            product("mie", "Mie Goreng Jawa", "Javanese Fried Noodles", &["bakmi"], &[]),
            product("tahu", "Tahu Isi", "Stuffed Tofu", &[], &[]),
            product("tempe", "Tempe Mendoan", "", &[], &[]),
            product("esteh", "Es Teh Manis", "Sweet Iced Tea", &["es teh"], &[]),
            product("esjeruk", "Es Jeruk", "Iced Orange", &[], &[]),
            product("apel", "Jus Apel", "Apple Juice", &[], &[]),
            product("aqua", "Aqua 600 ml", "Aqua 600 ml", &[], &[]),
            product("aqua-b", "Aqua 1500 ml", "Aqua 1500 ml", &[], &[]),
            product("oreo", "Oreo 137g", "", &[], &[]),
            product("mas", "Ikan Mas Bakar", "Grilled Carp", &[], &[]),
            product("minyak", "Minyak Goreng", "Cooking Oil", &[], &[]),
            product("kopi", "Kopi Hitam", "Black Coffee", &[], &[]),
        ],
    }
}
