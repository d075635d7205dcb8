//! Everything by which a person is known, gathered before any of it goes: what must not be found anywhere afterwards.

use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, CustomerId, StoreId};

/// What a shop knows a person by, and the ids of what is theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The row of `customers`.
    pub customer: String,
    /// The shop.
    pub store: String,
    /// Their chats, but for those in which they work for the shop.
    pub conversations: Vec<String>,
    /// Their orders.
    pub orders: Vec<String>,
    /// The payments of their orders.
    pub payments: Vec<String>,
    /// How companies and banks call those payments.
    pub references: Vec<String>,
    /// How they call themselves, and how platforms call them.
    pub names: Vec<String>,
    /// Phone numbers, as they are written somewhere.
    pub phones: Vec<String>,
    /// Addresses, places on the map, e-mail addresses.
    pub places: Vec<String>,
    /// Words of theirs that others have read: notes, questions, what was passed on to a person of the shop.
    pub words: Vec<String>,
    /// The names of their chats on their platforms.
    pub chats: Vec<String>,
}

/// The names of chats that are phone numbers with the country's prefix.
fn is_phone(chat: &str) -> bool {
    let digits = chat.strip_prefix('+').unwrap_or(chat);
    digits.starts_with("62")
        && (10..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

impl Person {
    /// Gathers a person. Their chats stay locked until the transaction ends: a turn of another one may be under way and
    /// want the customer's row at its end.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database fails.
    pub async fn gather(
        connection: &mut PgConnection,
        store: &StoreId,
        customer: &CustomerId,
    ) -> Result<Self, sqlx::Error> {
        let mut person = Self { customer: customer.to_string(), store: store.to_string(), ..Self::default() };
        let chats = sqlx::query!(
            "select id, chat, person_id from conversations
             where customer_id = $1 and staff_id is null order by id for update",
            customer.as_str(),
        )
        .fetch_all(&mut *connection)
        .await?;
        for row in chats {
            person.conversations.push(row.id);
            person.chats.extend([Some(row.chat), row.person_id].into_iter().flatten());
        }
        person.gather_names(connection).await?;
        person.gather_orders(connection).await?;
        person.gather_words(connection).await?;
        person.phones.extend(person.chats.iter().filter(|chat| is_phone(chat)).cloned());
        for list in
            [&mut person.names, &mut person.phones, &mut person.places, &mut person.words, &mut person.chats]
        {
            list.iter_mut().for_each(|text| *text = text.trim().to_owned());
            list.retain(|text| !text.is_empty());
            list.sort();
            list.dedup();
        }
        Ok(person)
    }

    /// The person of a chat; nothing when they were forgotten.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database fails.
    pub async fn of_chat(
        connection: &mut PgConnection,
        conversation: &ConversationId,
    ) -> Result<Option<Self>, sqlx::Error> {
        let row = sqlx::query!(
            "select store_id, customer_id from conversations where id = $1 and chat not like 'forgotten:%'",
            conversation.as_str(),
        )
        .fetch_optional(&mut *connection)
        .await?;
        match row {
            Some(row) => {
                Self::gather(connection, &row.store_id.into(), &row.customer_id.into()).await.map(Some)
            }
            None => Ok(None),
        }
    }

    async fn gather_names(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let known = sqlx::query!(
            r#"select name, phone, email, address,
                 array(select v.value from jsonb_each_text(
                   case when jsonb_typeof(channel_ids) = 'object' then channel_ids else '{}' end) v) as "ids!"
               from customers where id = $1"#,
            self.customer,
        )
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(row) = known {
            self.names.push(row.name);
            self.phones.push(row.phone);
            self.places.extend([row.email, row.address].into_iter().flatten());
            self.chats.extend(row.ids);
        }
        self.chats.extend(
            sqlx::query_scalar!(
                "select alias from chat_aliases where conversation_id = any($1)",
                &self.conversations
            )
            .fetch_all(&mut *connection)
            .await?,
        );
        let sent = sqlx::query!(
            r#"select distinct payload #>> '{inbound,sender_name}' as name,
                 payload #>> '{inbound,sender_phone}' as phone,
                 payload #>> '{inbound,content,phone}' as shared,
                 payload #>> '{inbound,content,name}' as place,
                 payload #>> '{inbound,content,latitude}' as latitude,
                 payload #>> '{inbound,content,longitude}' as longitude
               from inbox where conversation_id = any($1)"#,
            &self.conversations,
        )
        .fetch_all(connection)
        .await?;
        for row in sent {
            self.names.extend(row.name);
            self.phones.extend([row.phone, row.shared].into_iter().flatten());
            self.places.extend([row.place, row.latitude, row.longitude].into_iter().flatten());
        }
        Ok(())
    }

    async fn gather_orders(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let orders = sqlx::query!(
            r#"select id, shipping_address ->> 'name' as name, shipping_address ->> 'phone' as phone,
                 shipping_address ->> 'street' as street, customer_note, tracking_number,
                 array(select item ->> 'note' from jsonb_array_elements(
                   case when jsonb_typeof(items) = 'array' then items else '[]' end) item
                   where item ->> 'note' is not null) as "notes!",
                 case when metadata ->> 'called_off_by' = 'customer' then metadata ->> 'cancel_reason' end as reason
               from orders where customer_id = $1"#,
            self.customer,
        )
        .fetch_all(&mut *connection)
        .await?;
        for row in orders {
            self.orders.push(row.id);
            self.names.extend(row.name);
            self.phones.extend(row.phone);
            self.places.extend([row.street, row.tracking_number].into_iter().flatten());
            self.words.extend([row.customer_note, row.reason].into_iter().flatten());
            self.words.extend(row.notes);
        }
        let payments = sqlx::query!(
            "select id, reference_number, external_id from payments where order_id = any($1)",
            &self.orders,
        )
        .fetch_all(connection)
        .await?;
        for row in payments {
            self.payments.push(row.id);
            self.references.extend([row.reference_number, row.external_id].into_iter().flatten());
        }
        Ok(())
    }

    /// What was passed on: questions, and everything that signals carried to the chats of the shop's people.
    async fn gather_words(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let asked = sqlx::query_scalar!(
            "select text from questions where conversation_id = any($1)",
            &self.conversations,
        )
        .fetch_all(&mut *connection)
        .await?;
        self.words.extend(asked);
        let passed_on = sqlx::query_scalar!(
            r#"select distinct said.value as "value!"
               from conversations c
               join inbox i on i.conversation_id = c.id
               cross join lateral (
                 values (i.payload #>> '{facts,text,text}'), (i.payload #>> '{facts,reason,text}'),
                   (i.payload #>> '{facts,note,text}')
               ) said (value)
               where c.store_id = $1 and c.staff_id is not null and i.source = 'signal' and said.value is not null
                 and (i.payload #>> '{facts,conversation,text}' = any($2)
                   or i.payload #>> '{facts,order,text}' = any($3))"#,
            self.store,
            &self.conversations,
            &self.orders,
        )
        .fetch_all(connection)
        .await?;
        self.words.extend(passed_on);
        Ok(())
    }

    /// What a chat that leads nowhere is called.
    pub const GONE: &'static str = "forgotten:";

    /// Whether a chat is one of a person who was forgotten.
    pub fn is_gone(chat: &str) -> bool {
        chat.starts_with(Self::GONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_chats_that_are_numbers_are_known_as_numbers() {
        assert!(is_phone("6281234567899") && is_phone("+6281234567899"));
        assert!(!is_phone("62812") && !is_phone("8123456789") && !is_phone("62-81234567899"));
    }
}
