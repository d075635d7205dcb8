//! Realistic values for every argument that flows pass, short and long: what the lint and the sheet of texts are made of.

use chrono::DateTime;

use crate::dialogue::value::Value;
use crate::domain::customer::Localized;
use crate::domain::money::Rupiah;

/// How large a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As on most days.
    Usual,
    /// As long as it gets in earnest.
    Long,
    /// One piece, the last one, and nothing of what may be missing.
    Bare,
}

/// A moment of the samples: 14.35 in Jakarta.
const MOMENT_SECONDS: i64 = 1_795_419_300;

/// A value for an argument by its name; a name that is not listed gets words.
pub fn value(name: &str, size: Size) -> Value {
    match name {
        "number" => text("ORD-2026-0001", "ORD-2026-123456", size),
        "name" | "product" | "category" | "method" => localized(
            ("Teh Hijau Organik", "Organic Green Tea"),
            ("Teh Hijau Organik Premium 250 g", "Premium Organic Green Tea 250 g"),
            size,
        ),
        "example" => maybe("kopi susu", "nasi goreng spesial pedas", size),
        "other_example" => maybe("es jeruk", "ayam geprek sambal matah", size),
        "description" => localized(
            (
                "Daun teh pilihan dari Puncak, segar dan ringan.",
                "Selected leaves from Puncak, fresh and light.",
            ),
            (&"Daun teh pilihan dari Puncak. ".repeat(10), &"Selected leaves from Puncak hills. ".repeat(9)),
            size,
        ),
        "price" | "subtotal" | "total" | "shipping" | "amount" | "received" | "missing" | "surplus"
        | "cost" | "from" | "to" | "tax" | "tax_included" | "takings" | "refund" | "refunded"
        | "to_refund" | "due" | "most" | "discount" => money(size, name),
        "index" | "count" | "quantity" | "wanted" | "limit" | "stock" | "held" | "free" | "before"
        | "orders" | "messages" | "tax_percent" | "new" | "paid" | "unpaid" | "to_pack" | "to_ship"
        | "shipped" | "cancelled" => count(size, name),
        "until" | "created" | "paid_at" | "at" | "date" | "since" => match size {
            Size::Bare if name == "until" => Value::None,
            _ => DateTime::from_timestamp(MOMENT_SECONDS, 0).into(),
        },
        "pickup" | "low" => Value::Bool(size == Size::Bare),
        "has_name" | "has_phone" | "has_address" => Value::Bool(size != Size::Bare),
        "channel" => Value::Word("channel.telegram".to_owned()),
        "about" => Value::Word("detail.address".to_owned()),
        "status" => Value::Word("order-status.payment_initiated".to_owned()),
        "actor" => Value::Word("actor.customer".to_owned()),
        "problem" => Value::Word("payment-problem.late_sold_out".to_owned()),
        "store" => text("Bella Teh Indonesia", "Bella Teh Indonesia Cabang Kemang Raya", size),
        "person" | "customer" | "by" | "accepted_by" => {
            maybe("Budi", "Muhammad Budi Prasetyo Wicaksono", size)
        }
        "phone" => text("+6281234567890", "+6281234567890123", size),
        "address" | "store_address" => maybe(
            "Jl. Kemang Raya 12, Jakarta Selatan 12730",
            "Jl. Kemang Raya 12 RT 03 RW 05, pagar hijau sebelah warung, Bangka, Mampang, Jakarta 12730.",
            size,
        ),
        "greeting" => {
            text("Halo! Selamat datang di Bella Teh.", &"Selamat datang di Bella Teh. ".repeat(10), size)
        }
        "courier" => maybe("JNE", "GoSend Instant", size),
        "reference" => text("ORD-2026-0001-1-K3X9QD", "ORD-2026-123456-12-K3X9QD", size),
        "company" => text("midtrans", "midtrans", size),
        "receipt" => maybe("612345678901", "QR-1234567890-ABCDEF", size),
        "tracking" => maybe("JP1234567890", "JP1234567890123456789", size),
        _ => maybe("tolong jangan terlalu manis ya", &"tolong jangan terlalu manis ya kak ".repeat(4), size),
    }
}

/// How many rows a list has.
pub fn rows(name: &str, size: Size) -> usize {
    match (size, name) {
        (Size::Bare, "short" | "missing" | "low" | "items") => 0,
        (Size::Bare, _) => 1,
        (Size::Usual, _) => 2,
        (Size::Long, _) => 4,
    }
}

/// A value for a column of a list; what people write about one item is short.
pub fn cell(column: &str, size: Size) -> Value {
    match column {
        "note" | "text" => maybe("tanpa gula", "jangan terlalu manis ya kak", size),
        _ => value(column, size),
    }
}

fn text(usual: &str, long: &str, size: Size) -> Value {
    if size == Size::Long { long.into() } else { usual.into() }
}

/// Words that may be missing.
fn maybe(usual: &str, long: &str, size: Size) -> Value {
    if size == Size::Bare { Value::None } else { text(usual, long, size) }
}

fn localized(usual: (&str, &str), long: (&str, &str), size: Size) -> Value {
    let (id, en) = if size == Size::Long { long } else { usual };
    Localized { id: id.to_owned(), en: Some(en.to_owned()) }.into()
}

fn money(size: Size, name: &str) -> Value {
    let whole = match (size, name) {
        (Size::Long, _) => 99_999_999,
        (
            Size::Bare,
            "shipping" | "cost" | "tax" | "tax_included" | "refund" | "refunded" | "to_refund" | "discount",
        ) => 0,
        (_, "shipping" | "cost") => 12_000,
        (Size::Usual, "tax" | "tax_included") => 5_500,
        (_, "price") => 25_000,
        _ => 50_000,
    };
    Rupiah::new(whole).map_or(Value::None, Value::Money)
}

fn count(size: Size, name: &str) -> Value {
    Value::Int(match (size, name) {
        (_, "index") => 1,
        (Size::Bare, "free" | "new" | "held") => 0,
        (Size::Bare, _) => 1,
        (Size::Usual, "tax_percent") => 11,
        (Size::Usual, "free" | "stock") => 12,
        (Size::Usual, _) => 2,
        (Size::Long, _) => 999,
    })
}
