//! Shops and their settings. Settings stand in `stores.metadata` under [`Settings`]; what a shop does not say, or says
//! in a way that cannot be read, comes out of `shop_defaults.json`.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::dialogue::world::{ShippingMethod, Store};
use crate::domain::customer::Language;
use crate::domain::ids::StoreId;

/// What stands in `stores.metadata` for a shop without settings. Words of shops are data, not code.
const DEFAULTS: &str = include_str!("shop_defaults.json");
/// The longest time for which a shop may hold unpaid stock, in minutes.
const MAX_HOLD_MINUTES: u32 = 24 * 60;

/// `stores.metadata`, as far as Warung reads it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// IANA name of the zone.
    pub zone: Option<String>,
    /// `id` or `en`.
    pub language: Option<String>,
    /// Whether prices already include the tax.
    pub prices_include_tax: Option<bool>,
    /// Minutes for which the stock of an unpaid order is held.
    pub hold_minutes: Option<u32>,
    /// Ways of delivery.
    pub shipping: Option<Vec<ShippingMethod>>,
}

impl Settings {
    /// Reads each setting by itself, so that one that is malformed does not take the others with it.
    fn read(metadata: Option<&serde_json::Value>) -> Self {
        fn one<T: serde::de::DeserializeOwned>(from: Option<&serde_json::Value>, name: &str) -> Option<T> {
            from.and_then(|value| value.get(name))
                .and_then(|value| serde_json::from_value(value.clone()).ok())
        }
        let defaults: Option<serde_json::Value> = serde_json::from_str(DEFAULTS).ok();
        let defaults = defaults.as_ref();
        Self {
            zone: one(metadata, "zone").or_else(|| one(defaults, "zone")),
            language: one(metadata, "language").or_else(|| one(defaults, "language")),
            prices_include_tax: one(metadata, "prices_include_tax")
                .or_else(|| one(defaults, "prices_include_tax")),
            hold_minutes: one(metadata, "hold_minutes").or_else(|| one(defaults, "hold_minutes")),
            shipping: one::<Vec<ShippingMethod>>(metadata, "shipping")
                .filter(|methods| !methods.is_empty())
                .or_else(|| one(defaults, "shipping")),
        }
    }
}

/// A row of `stores` as the queries below return it.
struct Row {
    id: String,
    name: String,
    slug: String,
    phone: String,
    address: Option<String>,
    city: Option<String>,
    tax_rate: Option<i32>,
    auto_reply_message: Option<String>,
    metadata: Option<serde_json::Value>,
}

impl Row {
    fn into_store(self) -> Store {
        let settings = Settings::read(self.metadata.as_ref());
        let known = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let address = match (known(self.address), known(self.city)) {
            (Some(street), Some(city)) if !street.contains(&city) => Some(format!("{street}, {city}")),
            (street, city) => street.or(city),
        };
        Store {
            id: self.id.into(),
            name: self.name,
            slug: self.slug,
            address,
            phone: self.phone,
            zone: settings.zone.and_then(|zone| zone.parse().ok()).unwrap_or(Tz::Asia__Jakarta),
            language: settings.language.and_then(|tag| Language::parse(&tag)).unwrap_or_default(),
            tax_percent: self.tax_rate.and_then(|rate| u32::try_from(rate).ok()).unwrap_or(0),
            prices_include_tax: settings.prices_include_tax.unwrap_or(false),
            hold_minutes: settings.hold_minutes.unwrap_or(1).clamp(1, MAX_HOLD_MINUTES),
            shipping: settings.shipping.unwrap_or_default(),
            greeting: known(self.auto_reply_message),
        }
    }
}

/// A shop that is not deleted, by its id.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn load(connection: &mut PgConnection, id: &StoreId) -> Result<Option<Store>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, name, slug, phone, address, city, tax_rate, auto_reply_message, metadata
         from stores where id = $1 and status is distinct from 'deleted'",
        id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Row::into_store))
}

/// A shop that is not deleted, by its name in addresses and commands.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn by_slug(connection: &mut PgConnection, slug: &str) -> Result<Option<Store>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, name, slug, phone, address, city, tax_rate, auto_reply_message, metadata
         from stores where slug = $1 and status is distinct from 'deleted'",
        slug,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Row::into_store))
}

/// The city that stands on the shop's QRIS codes; empty where the shop has not said.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn city(connection: &mut PgConnection, id: &StoreId) -> Result<String, sqlx::Error> {
    let city = sqlx::query_scalar!("select city from stores where id = $1", id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(city.flatten().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(metadata: Option<serde_json::Value>) -> Row {
        Row {
            id: "s".into(),
            name: "Shop".into(),
            slug: "shop".into(),
            phone: String::new(),
            address: Some("Jl. Melati 1".into()),
            city: Some("Bandung".into()),
            tax_rate: Some(12),
            auto_reply_message: Some(" ".into()),
            metadata,
        }
    }

    #[test]
    fn a_shop_that_says_nothing_can_sell() {
        let store = row(None).into_store();
        assert_eq!(store.zone, Tz::Asia__Jakarta);
        assert_eq!(store.hold_minutes, 15);
        assert_eq!(store.address.as_deref(), Some("Jl. Melati 1, Bandung"));
        assert_eq!(store.greeting, None);
        assert!(store.shipping.iter().any(|method| method.pickup));
        assert!(store.shipping.iter().any(|method| !method.pickup));
    }

    #[test]
    fn one_malformed_setting_does_not_spoil_the_others() {
        let store = row(Some(serde_json::json!({
            "zone": "Asia/Jayapura", "language": 7, "hold_minutes": "soon", "prices_include_tax": true, "shipping": []
        })))
        .into_store();
        assert_eq!(store.zone, Tz::Asia__Jayapura);
        assert_eq!(store.language, Language::Id);
        assert_eq!(store.hold_minutes, 15);
        assert!(store.prices_include_tax);
        assert_eq!(store.shipping.len(), 2);
    }
}
