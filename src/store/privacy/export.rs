//! What is known of a person, as they are given it: their rows, table by table, with the columns that the register hands out.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::person::Person;
use super::register::{REGISTER, Table};
use crate::domain::ids::ConversationId;

/// Rows of one table in a file: more than a person has, and a bound on what one wish costs.
const MAX_ROWS: i64 = 20_000;
/// Bytes of pictures and other files in a file; of those beyond it, only what they are is told.
const MAX_FILE_BYTES: i32 = 400_000;

/// The file of the person of a chat, as bytes; nothing when they were forgotten.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn file_of(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    now: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let Some(person) = Person::of_chat(connection, conversation).await? else { return Ok(None) };
    let file = export(connection, &person, now).await?;
    Ok(serde_json::to_vec_pretty(&file).ok())
}

/// Everything that is known of a person.
///
/// # Errors
/// [`sqlx::Error`] when the database fails, or the register hands out a table that nothing is written for.
pub async fn export(
    connection: &mut PgConnection,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<Value, sqlx::Error> {
    let mut file = Map::new();
    let shop = sqlx::query_scalar!("select name from stores where id = $1", person.store)
        .fetch_optional(&mut *connection)
        .await?;
    file.insert("shop".to_owned(), json!(shop));
    file.insert("written_at".to_owned(), json!(now.to_rfc3339()));
    for table in REGISTER {
        let Some(called) = table.called else { continue };
        let rows = rows(connection, person, table.name).await?;
        let rows: Vec<Value> = rows.into_iter().map(|row| picked(row, table)).collect();
        file.insert(called.to_owned(), Value::Array(rows));
    }
    Ok(Value::Object(file))
}

/// The columns of a row that are handed out and hold something.
fn picked(row: Value, table: &Table) -> Value {
    let Value::Object(mut fields) = row else { return row };
    let columns = table.handed_out().filter_map(|column| Some((column.to_owned(), fields.remove(column)?)));
    let is_empty = |value: &Value| value.is_null() || *value == json!({}) || *value == json!("");
    Value::Object(columns.filter(|(_, value)| !is_empty(value)).collect())
}

/// The rows of one table that are a person's.
async fn rows(
    connection: &mut PgConnection,
    person: &Person,
    table: &str,
) -> Result<Vec<Value>, sqlx::Error> {
    let (customer, chats, orders) = (person.customer.as_str(), &person.conversations, &person.orders);
    macro_rules! rows {
        ($query:literal, $of:expr) => {
            sqlx::query_scalar!($query, $of, MAX_ROWS).fetch_all(connection).await
        };
    }
    match table {
        "customers" => {
            rows!(r#"select to_jsonb(t) as "row!" from customers t where id = $1 limit $2"#, customer)
        }
        "carts" => {
            rows!(r#"select to_jsonb(t) as "row!" from carts t where customer_id = $1 limit $2"#, customer)
        }
        "chat_aliases" => rows!(
            r#"select to_jsonb(t) as "row!" from chat_aliases t where conversation_id = any($1) limit $2"#,
            chats
        ),
        "questions" => rows!(
            r#"select to_jsonb(t) as "row!" from questions t where conversation_id = any($1) order by id limit $2"#,
            chats
        ),
        "payment_methods" => {
            rows!(
                r#"select to_jsonb(t) as "row!" from payment_methods t where customer_id = $1 limit $2"#,
                customer
            )
        }
        "orders" => rows!(
            r#"select to_jsonb(t) as "row!" from orders t where customer_id = $1 order by created_at, id limit $2"#,
            customer
        ),
        "order_items" => rows!(
            r#"select to_jsonb(t) || jsonb_build_object('order_id', o.order_number) as "row!"
               from order_items t join orders o on o.id = t.order_id
               where t.order_id = any($1) order by o.created_at, t.id limit $2"#,
            orders
        ),
        "order_status_history" => rows!(
            r#"select to_jsonb(t) || jsonb_build_object('order_id', o.order_number) as "row!"
               from order_status_history t join orders o on o.id = t.order_id
               where t.order_id = any($1) order by t.created_at, t.id limit $2"#,
            orders
        ),
        "payments" => rows!(
            r#"select to_jsonb(t) || jsonb_build_object('order_id', o.order_number) as "row!"
               from payments t join orders o on o.id = t.order_id
               where t.order_id = any($1) order by t.created_at, t.id limit $2"#,
            orders
        ),
        "refunds" => rows!(
            r#"select to_jsonb(t) || jsonb_build_object('order_id', o.order_number) as "row!"
               from refunds t join orders o on o.id = t.order_id
               where t.order_id = any($1) order by t.created_at, t.id limit $2"#,
            orders
        ),
        "event_audit_log" => rows!(
            r#"select to_jsonb(t) as "row!" from event_audit_log t
               where entity_type in ('order', 'customer') and entity_id = any($1) order by created_at, id limit $2"#,
            &[orders.as_slice(), &[customer.to_owned()]].concat()
        ),
        "customer_messages" => rows!(
            r#"select to_jsonb(t) as "row!" from customer_messages t
               where customer_id = $1 order by created_at, id limit $2"#,
            customer
        ),
        "inbox" => rows!(
            r#"select to_jsonb(t) as "row!" from inbox t where conversation_id = any($1) order by id limit $2"#,
            chats
        ),
        "attachments" => files(connection, chats).await,
        "conversations" => rows!(
            r#"select to_jsonb(t) as "row!" from conversations t where id = any($1) order by created_at, id limit $2"#,
            chats
        ),
        _ => Err(sqlx::Error::Protocol(format!("nobody hands out {table}"))),
    }
}

/// The files that a person sent, with their bytes in base64 as long as they are small.
async fn files(connection: &mut PgConnection, chats: &[String]) -> Result<Vec<Value>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select (to_jsonb(t) - 'bytes') || jsonb_build_object('bytes', case
             when length(t.bytes) <= $3 then translate(encode(t.bytes, 'base64'), E'\n', '')
             when t.bytes is not null then length(t.bytes)::text || ' bytes' end) as "row!"
           from (select * from attachments where conversation_id = any($1) order by created_at, id limit $2) t"#,
        chats,
        MAX_ROWS,
        MAX_FILE_BYTES,
    )
    .fetch_all(connection)
    .await
}
