//! Orders written: a new one with its lines, and every later move with its history row.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::rows::{AddressJson, Extra, ItemJson};
use crate::clock::Clock;
use crate::domain::ids::{CustomerId, OrderId, PaymentId, StoreId};
use crate::domain::money::Rupiah;
use crate::domain::order::{Order, OrderStatus};
use crate::store::journal::{self, Line};

/// The next order number of a shop and year. The counter's row is locked until the transaction ends, so that no number
/// is given twice. Numbers that another program gave in the same form are passed over.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn next_number(
    connection: &mut PgConnection,
    store: &StoreId,
    year: i32,
) -> Result<String, sqlx::Error> {
    let last = sqlx::query_scalar!(
        "insert into order_counters (store_id, year, last) values ($1, $2, 1)
         on conflict (store_id, year) do update set last = order_counters.last + 1
         returning last",
        store.as_str(),
        year,
    )
    .fetch_one(&mut *connection)
    .await?;
    let number = format!("ORD-{year}-{last:04}");
    let taken = sqlx::query_scalar!(
        r#"select exists (select 1 from orders where store_id = $1 and order_number = $2) as "taken!""#,
        store.as_str(),
        number,
    )
    .fetch_one(&mut *connection)
    .await?;
    if !taken {
        return Ok(number);
    }
    let prefix = format!("ORD-{year}-");
    let last = sqlx::query_scalar!(
        r#"update order_counters set last = 1 + (
             select coalesce(max(substr(order_number, length($3) + 1)::integer), 0) from orders
             where store_id = $1 and order_number ~ ('^' || $3 || '[0-9]{1,9}$')
           )
           where store_id = $1 and year = $2
           returning last"#,
        store.as_str(),
        year,
        prefix,
    )
    .fetch_one(connection)
    .await?;
    Ok(format!("{prefix}{last:04}"))
}

/// An order to be placed.
#[derive(Debug)]
pub struct NewOrder<'a> {
    /// The shop.
    pub store: &'a StoreId,
    /// The buyer.
    pub customer: &'a CustomerId,
    /// The order itself.
    pub order: &'a Order,
    /// What the chat keeps.
    pub extra: &'a Extra,
}

/// Writes a new order, its lines and the first row of its history.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    clock: &Clock,
    new: &NewOrder<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let order = new.order;
    let items = items(order);
    let address = AddressJson {
        street: order.delivery.address.clone(),
        city: order.delivery.city.clone(),
        zip: String::new(),
        name: order.delivery.name.clone(),
        phone: order.delivery.phone.clone(),
    };
    let totals = &order.totals;
    sqlx::query!(
        "insert into orders
           (id, store_id, customer_id, order_number, subtotal, tax_amount, discount_amount, shipping_cost,
            total_amount, status, payment_method, shipping_address, shipping_method, customer_note, items, metadata,
            created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'qris', $11, $12, $13, $14, $15, $16, $16)",
        order.id.as_str(),
        new.store.as_str(),
        new.customer.as_str(),
        order.number,
        totals.subtotal.column(),
        totals.tax.column(),
        totals.discount.column(),
        totals.shipping.column(),
        totals.total.column(),
        order.status.code(),
        Json(&address) as _,
        order.delivery.method,
        order.note,
        Json(&items) as _,
        Json(new.extra) as _,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    insert_lines(connection, clock, order, now).await?;
    insert_history(connection, clock, &order.id, None, order.status, None, "customer", now).await
}

/// The lines as they stand in `orders.items`.
fn items(order: &Order) -> Vec<ItemJson> {
    let items = order.lines.iter().map(|line| ItemJson {
        product_id: line.product.as_str().to_owned(),
        name: line.name.id.clone(),
        price: line.price,
        quantity: line.quantity,
        variant_id: line.variant.as_ref().map(|id| id.as_str().to_owned()),
        name_en: line.name.en.clone(),
        note: line.note.clone(),
    });
    items.collect()
}

/// Writes other lines and amounts into a locked order of which nothing has been sold yet.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn exchange(
    connection: &mut PgConnection,
    clock: &Clock,
    order: &Order,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (totals, items) = (&order.totals, items(order));
    let tax_included = (totals.tax_included > Rupiah::ZERO).then_some(totals.tax_included);
    sqlx::query!(
        "update orders set subtotal = $2, tax_amount = $3, discount_amount = $4, total_amount = $5, items = $6,
           updated_at = $7
         where id = $1",
        order.id.as_str(),
        totals.subtotal.column(),
        totals.tax.column(),
        totals.discount.column(),
        totals.total.column(),
        Json(&items) as _,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    let patch = serde_json::json!({ "tax_included": tax_included });
    merge_extra(&mut *connection, &order.id, &patch, now).await?;
    sqlx::query!("delete from order_items where order_id = $1", order.id.as_str())
        .execute(&mut *connection)
        .await?;
    insert_lines(connection, clock, order, now).await
}

async fn insert_lines(
    connection: &mut PgConnection,
    clock: &Clock,
    order: &Order,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let lines = &order.lines;
    let ids: Vec<String> = lines.iter().map(|_| clock.id()).collect();
    let products: Vec<String> = lines.iter().map(|line| line.product.as_str().to_owned()).collect();
    let variants: Vec<Option<String>> =
        lines.iter().map(|line| line.variant.as_ref().map(|id| id.as_str().to_owned())).collect();
    let quantities: Vec<i32> =
        lines.iter().map(|line| i32::try_from(line.quantity).unwrap_or(i32::MAX)).collect();
    let prices: Vec<i32> = lines.iter().map(|line| line.price.column()).collect();
    let subtotals: Vec<i32> = lines.iter().map(|line| line.subtotal.column()).collect();
    sqlx::query!(
        "insert into order_items
           (id, order_id, product_id, variant_id, variant_name, quantity, price, subtotal, created_at)
         select i.id, $7, i.product_id, i.variant_id, v.name, i.quantity, i.price, i.subtotal, $8
         from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::integer[])
           with ordinality as i (id, product_id, variant_id, quantity, price, subtotal, place)
         left join product_variants v on v.id = i.variant_id
         order by i.place",
        &ids,
        &products,
        &variants as &[Option<String>],
        &quantities,
        &prices,
        &subtotals,
        order.id.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one argument per column")]
async fn insert_history(
    connection: &mut PgConnection,
    clock: &Clock,
    order: &OrderId,
    from: Option<OrderStatus>,
    to: OrderStatus,
    reason: Option<&str>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query!(
        "with history as (
           insert into order_status_history
             (id, order_id, previous_status, new_status, reason, changed_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7)
         )
         select o.order_number, o.total_amount, s.slug from orders o join stores s on s.id = o.store_id
         where o.id = $2",
        clock.id(),
        order.as_str(),
        from.map(OrderStatus::code),
        to.code(),
        reason,
        by,
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    let what = match to {
        OrderStatus::Created => "order placed",
        OrderStatus::PaymentInitiated => "order waits for payment",
        OrderStatus::Paid => "order paid",
        OrderStatus::Packed => "order packed",
        OrderStatus::Shipped => "order shipped",
        OrderStatus::Delivered => "order delivered",
        OrderStatus::Completed => "order completed",
        OrderStatus::Cancelled if by == "system" => "order lapsed",
        OrderStatus::Cancelled => "order cancelled",
    };
    journal::note(Line {
        what: what.to_owned(),
        number: row.order_number,
        shop: row.slug,
        amount: row.total_amount.into(),
    });
    Ok(())
}

/// Moves a locked order on, with its time column and its history row. `by` is `system`, `customer` or a user's id.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_status(
    connection: &mut PgConnection,
    clock: &Clock,
    order: &Order,
    to: OrderStatus,
    by: &str,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update orders set status = $2, updated_at = $3,
           paid_at = case when $2 = 'paid' then $3 else paid_at end,
           packed_at = case when $2 = 'packed' then $3 else packed_at end,
           shipped_at = case when $2 = 'shipped' then $3 else shipped_at end,
           delivered_at = case when $2 = 'delivered' then $3 else delivered_at end,
           cancelled_at = case when $2 = 'cancelled' then $3 when $2 = 'paid' then null else cancelled_at end
         where id = $1",
        order.id.as_str(),
        to.code(),
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    insert_history(connection, clock, &order.id, Some(order.status), to, reason, by, now).await
}

/// Adds to what the chat keeps of an order; keys that `patch` does not name stay, and those that it sets to null go.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn merge_extra(
    connection: &mut PgConnection,
    order: &OrderId,
    patch: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update orders set updated_at = $3,
           metadata = jsonb_strip_nulls(
             case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end || $2::jsonb)
         where id = $1",
        order.as_str(),
        patch,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Names the payment that an order waits for, or was paid by.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_payment(
    connection: &mut PgConnection,
    order: &OrderId,
    payment: &PaymentId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update orders set payment_id = $2, updated_at = $3 where id = $1",
        order.as_str(),
        payment.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes the courier's tracking number.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_shipment(
    connection: &mut PgConnection,
    order: &OrderId,
    tracking: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update orders set tracking_number = coalesce($2, tracking_number), updated_at = $3 where id = $1",
        order.as_str(),
        tracking,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who last moved an order, and when: the name of the member of staff, or nothing when it was the customer or the
/// server.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn last_move(
    connection: &mut PgConnection,
    order: &OrderId,
    to: OrderStatus,
) -> Result<Option<(Option<String>, DateTime<Utc>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select u.name as "name?", h.created_at
           from order_status_history h left join users u on u.id = h.changed_by
           where h.order_id = $1 and h.new_status = $2
           order by h.created_at desc limit 1"#,
        order.as_str(),
        to.code(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.name, row.created_at.and_utc())))
}
