//! Carts: one row per customer, shared by all of their chats.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::domain::cart::Cart;
use crate::domain::ids::CustomerId;

/// The cart of a customer; empty where there is none, or where an older version wrote one that no longer reads.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn load(connection: &mut PgConnection, customer: &CustomerId) -> Result<Cart, sqlx::Error> {
    let cart = sqlx::query_scalar!("select cart from carts where customer_id = $1", customer.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(cart.and_then(|cart| serde_json::from_value(cart).ok()).unwrap_or_default())
}

/// Writes the cart of a customer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn save(
    connection: &mut PgConnection,
    customer: &CustomerId,
    cart: &Cart,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into carts (customer_id, cart, updated_at) values ($1, $2, $3)
         on conflict (customer_id) do update set cart = excluded.cart, updated_at = excluded.updated_at",
        customer.as_str(),
        Json(cart) as _,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks the cart of a customer until the transaction ends and returns what is stored: two chats of one customer that
/// place the same cart at the same instant come one after the other, and the second sees that it is empty.
/// A customer without a row gets one with `cart` in it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock(
    connection: &mut PgConnection,
    customer: &CustomerId,
    cart: &Cart,
    now: DateTime<Utc>,
) -> Result<Cart, sqlx::Error> {
    let stored = sqlx::query_scalar!(
        "insert into carts (customer_id, cart, updated_at) values ($1, $2, $3)
         on conflict (customer_id) do update set updated_at = carts.updated_at
         returning cart",
        customer.as_str(),
        Json(cart) as _,
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    Ok(serde_json::from_value(stored).unwrap_or_default())
}
