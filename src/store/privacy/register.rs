//! What every table and every column of the database does with a person who wants to be forgotten, or to have their data. A
//! test compares this with a migrated database: a new column cannot come without saying here what it does.

use Fate::{Books, Cleared, Deleted, Machinery, Masked, Readdressed};

/// What becomes of a column when a person is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It holds nothing of a person: ids of rows, states, counters, moments of the machinery, the shop's own data.
    Machinery,
    /// It stays for the books, without the person: amounts, dates, items, numbers of orders. It is in the person's file.
    Books,
    /// It is emptied in the person's own rows. It is in the person's file.
    Cleared,
    /// The row goes. It is in the person's file, but for secrets.
    Deleted,
    /// A value that leads nowhere takes its place, once nothing more is to be sent there. It is in the person's file.
    Readdressed,
    /// It is searched for the person's values, in others' rows too, and a placeholder takes their place. Of the person's own
    /// rows it is in their file.
    Masked,
}

/// What one table holds.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What its rows are called in a person's file; nothing where they are not handed out.
    pub called: Option<&'static str>,
    /// Its columns, with blanks between them, by what becomes of them. A column may be named twice: cleared in the person's
    /// own rows, and masked in others'.
    pub columns: &'static [(Fate, &'static str)],
}

impl Table {
    /// Whether anything of it goes when a person is forgotten.
    pub fn is_touched(&self) -> bool {
        self.columns.iter().any(|(fate, _)| !matches!(fate, Machinery | Books))
    }

    /// The columns that a person is given of their own rows.
    pub fn handed_out(&self) -> impl Iterator<Item = &'static str> + '_ {
        let groups = self.columns.iter().filter(|(fate, _)| *fate != Machinery);
        groups.flat_map(|(_, columns)| columns.split_whitespace())
    }
}

const fn table(name: &'static str, columns: &'static [(Fate, &'static str)]) -> Table {
    Table { name, called: None, columns }
}

const fn handed(name: &'static str, called: &'static str, columns: &'static [(Fate, &'static str)]) -> Table {
    Table { name, called: Some(called), columns }
}

/// Every table, in the order in which a person is taken out of them: what is found by something goes before that does.
pub const REGISTER: &[Table] = &[
    // The person.
    handed("customers", "person", &[
        (Machinery, "id store_id updated_at"),
        (Books, "total_spent order_count last_order_at segment created_at"),
        (Cleared, "name email phone channel_ids address city province zip_code preferences status metadata"),
    ]),
    handed("chat_aliases", "other_names_of_chats", &[
        (Machinery, "store_id conversation_id"),
        (Deleted, "channel alias"),
    ]),
    handed("carts", "cart", &[(Machinery, "customer_id"), (Deleted, "cart updated_at")]),
    handed("questions", "questions", &[
        (Machinery, "id store_id conversation_id words answered_by"),
        (Deleted, "topic text asked_at answered_at"),
    ]),
    handed("payment_methods", "saved_ways_to_pay", &[
        (Machinery, "id customer_id gateway_token updated_at"),
        (Deleted, "type gateway display_name last_4 is_default is_active created_at"),
    ]),
    table("join_codes", &[
        (Machinery, "customer_id conversation_id"),
        (Deleted, "code_hash person expires_at used_at created_at"),
    ]),
    table("join_requests", &[
        (Machinery, "id store_id asker_id asker_conversation asked_id asked_conversation state expires_at created_at
            ended_at"),
        (Cleared, "asker_person asked_person"),
    ]),
    table("customer_joins", &[
        (Machinery, "id position store_id kept_id gone_id kept_conversation gone_conversation conversations orders
            messages joined_at undone_at undone_by"),
        (Cleared, "kept_before gone_before kept_cart gone_cart"),
    ]),
    // What they bought.
    handed("orders", "orders", &[
        (Machinery, "id store_id customer_id payment_id updated_at"),
        (Books, "order_number subtotal tax_amount discount_amount shipping_cost total_amount currency status
            payment_method shipping_method created_at paid_at packed_at shipped_at delivered_at cancelled_at"),
        (Cleared, "shipping_address tracking_number customer_note items"),
        (Masked, "internal_note metadata"),
    ]),
    handed("order_items", "order_lines", &[
        (Machinery, "id product_id variant_id"),
        (Books, "order_id quantity price subtotal variant_name created_at"),
    ]),
    handed("order_status_history", "order_history", &[
        (Machinery, "id changed_by"),
        (Books, "order_id previous_status new_status created_at"),
        (Masked, "reason"),
    ]),
    // Whose money it was stands with companies and banks; here is what came when.
    handed("payments", "payments", &[
        (Machinery, "id store_id attempt_count last_attempt_at webhook_received webhook_received_at updated_at provider"),
        (Books, "order_id external_id reference_number amount currency gateway method status created_at confirmed_at
            failed_at expires_at"),
        (Masked, "gateway_response details metadata last_attempt_error"),
    ]),
    handed("refunds", "refunds", &[
        (Machinery, "id payment_id stage carried_out_by updated_at"),
        (Books, "order_id amount currency reason status external_id created_at processed_at"),
        (Masked, "description evidence metadata last_error"),
    ]),
    table("payment_audit_log", &[
        (Machinery, "id payment_id action previous_status new_status source created_at"),
        (Masked, "details"),
    ]),
    table("payment_webhook_logs", &[
        (Machinery, "id gateway event_type signature signature_valid processed processed_at created_at event_key"),
        (Masked, "payload error"),
    ]),
    handed("event_audit_log", "what_happened", &[
        (Machinery, "id entity_id user_id"),
        (Books, "event_type entity_type created_at"),
        (Masked, "payload"),
    ]),
    table("payment_receipts", &[(Machinery, "provider transaction_id payment_id noted_at")]),
    table("unique_amounts", &[(Machinery, "order_id store_id amount discount taken_at released_at freed_at")]),
    table("inventory_reservations", &[
        (Machinery, "id order_id product_id quantity status created_at released_at committed_at variant_id expires_at"),
    ]),
    table("inventory_movements", &[
        (Machinery, "id product_id type quantity reference_type reference_id reason notes stock_before stock_after
            created_at variant_id position"),
    ]),
    // A receipt that is sent again is known by its hash; the picture is gone.
    table("payment_proofs", &[(Machinery, "attachment_id store_id order_id hash picture_hash created_at")]),
    // What was said.
    handed("customer_messages", "messages", &[
        (Machinery, "id store_id customer_id conversation_id"),
        (Books, "direction channel type created_at"),
        (Cleared, "text channel_message_id metadata"),
        (Masked, "text metadata"),
    ]),
    table("prompts", &[
        (Machinery, "token conversation_id revision used created_at"),
        (Deleted, "choices card"),
        (Masked, "choices card"),
    ]),
    handed("inbox", "received", &[
        (Machinery, "id conversation_id handled_at attempts due_at"),
        (Books, "source received_at"),
        (Readdressed, "external_id"),
        (Cleared, "payload error"),
        (Masked, "payload"),
    ]),
    table("outbox", &[
        (Machinery, "id conversation_id lane channel state attempts due_at leased_until sent_at created_at account subject
            delivered_at read_at parts_sent called_at unknown_tries awaited_until report_ms kind about wipe_at"),
        (Readdressed, "chat"),
        (Cleared, "payload thread channel_message_id error"),
        (Masked, "payload thread error"),
    ]),
    table("timers", &[(Machinery, "id conversation_id kind subject due_at")]),
    // Files: what platforms keep of them is found by the hash.
    table("uploads", &[(Machinery, "channel account expires_at"), (Deleted, "hash uploaded_id")]),
    handed("attachments", "files", &[
        (Machinery, "id conversation_id order_id hash"),
        (Books, "kind created_at"),
        (Cleared, "file mime bytes error"),
    ]),
    table("page_uploads", &[
        (Machinery, "id mime created_at store_id standing"),
        (Readdressed, "chat"),
        (Cleared, "bytes"),
    ]),
    // Where they are reached goes last: everything else is found by it.
    handed("conversations", "chats", &[
        (Machinery, "id store_id customer_id staff_id timer_at updated_at account joined_into"),
        (Books, "channel turns last_inbound_at created_at"),
        (Readdressed, "chat"),
        (Cleared, "person_id state"),
        (Masked, "state"),
    ]),
    // The shop, its people and its goods: none of it is a customer's.
    table("users", &[
        (Machinery, "id email phone name password_hash email_verified email_verified_at phone_verified store_id role
            language timezone theme status last_login_at metadata created_at updated_at"),
    ]),
    table("stores", &[
        (Machinery, "id owner_id name description slug email phone address city province zip_code business_type tax_id
            bank_account whatsapp_number telegram_username instagram_handle currency tax_rate auto_reply_message status
            logo_url cover_image_url metadata created_at updated_at"),
    ]),
    table("categories", &[(Machinery, "id store_id name names position created_at")]),
    table("products", &[
        (Machinery, "id store_id name description sku barcode price cost_price currency stock reorder_level category_id
            tags image_url image_urls has_variants status metadata created_at updated_at"),
    ]),
    table("product_variants", &[
        (Machinery, "id product_id name sku price stock attributes created_at updated_at"),
    ]),
    table("channel_accounts", &[
        (Machinery, "id store_id channel external_id name settings status created_at updated_at"),
    ]),
    table("bank_tokens", &[(Machinery, "token_hash store_id created_at ended_at")]),
    table("staff_codes", &[(Machinery, "code_hash store_id user_id expires_at used_at created_at")]),
    table("code_guesses", &[(Machinery, "id store_id conversation_id kind guessed_at")]),
    table("server_keys", &[(Machinery, "name key created_at")]),
    table("store_codes", &[(Machinery, "id store_id code attachment_id set_by created_at set_at ended_at")]),
    table("order_counters", &[(Machinery, "store_id year last")]),
    table("media", &[(Machinery, "hash mime bytes created_at")]),
    table("flow_versions", &[(Machinery, "hash flow version source created_at")]),
    table("listener_notes", &[(Machinery, "channel account note updated_at")]),
    table("system_logs", &[(Machinery, "id level source message details created_at")]),
    table("sandbox_charges", &[
        (Machinery, "reference external_id amount qris status received receipts expires_at created_at updated_at"),
    ]),
    table("sandbox_refunds", &[(Machinery, "refund_key reference amount created_at")]),
    table("sandbox_secret", &[(Machinery, "id secret")]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cluster::testing::throw_away_database;

    /// Columns that the register and a database do not both know, as `table.column`.
    fn differences(columns: &BTreeSet<(String, String)>) -> Vec<String> {
        let said: BTreeSet<(String, String)> = REGISTER
            .iter()
            .flat_map(|table| {
                let columns = table.columns.iter().flat_map(|(_, columns)| columns.split_whitespace());
                columns.map(|column| (table.name.to_owned(), column.to_owned()))
            })
            .collect();
        let unsaid = columns
            .difference(&said)
            .map(|(table, column)| format!("{table}.{column} is not in the register"));
        let gone = said
            .difference(columns)
            .map(|(table, column)| format!("{table}.{column} is not in the database"));
        unsaid.chain(gone).collect()
    }

    #[tokio::test]
    async fn every_column_of_the_database_says_what_it_does_with_a_person() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        // What keeps track of migrations is the driver's.
        let columns: BTreeSet<(String, String)> = sqlx::query_as::<_, (String, String)>(
            "select c.table_name::text, c.column_name::text
             from information_schema.columns c
             join information_schema.tables t using (table_schema, table_name)
             where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name <> '_sqlx_migrations'",
        )
        .fetch_all(&database.pool)
        .await
        .unwrap()
        .into_iter()
        .collect();
        assert!(columns.len() > 300, "{}", columns.len());
        assert_eq!(differences(&columns), Vec::<String>::new());
        let mut more = columns;
        more.insert(("customers".to_owned(), "nickname".to_owned()));
        more.insert(("friends".to_owned(), "name".to_owned()));
        assert_eq!(
            differences(&more),
            ["customers.nickname is not in the register", "friends.name is not in the register"]
        );
    }

    #[test]
    fn a_table_is_named_once_and_hands_out_no_keys_of_the_machinery() {
        let names: BTreeSet<&str> = REGISTER.iter().map(|table| table.name).collect();
        assert_eq!(names.len(), REGISTER.len());
        let methods = REGISTER.iter().find(|table| table.name == "payment_methods").unwrap();
        assert!(!methods.handed_out().any(|column| column == "gateway_token"));
    }
}
