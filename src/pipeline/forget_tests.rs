//! A customer who has used everything that there is wants to be forgotten: afterwards no value of theirs stands in any column
//! of any table, the shop's books are whole, and who writes again is a new customer.

use chrono::Duration;

use crate::domain::message::{ChannelEvent, Content, Document, FileRef, Inbound, MediaKind};
use crate::domain::money::Rupiah;
use crate::pipeline::stage::Stage;

const USER_ID: &str = "ID.BudiUser0123456789";
const PHONE: &str = "6281234567899";
const OTHER_CHAT: &str = "777000111";
const OWNER: &str = "900100200";
const STREET: &str = "Jl. Kenanga Raya 5, Bandung";
/// What the customer is known by, as it must not be found: compared without case, and of numbers without what is between
/// their digits.
const VALUES: [&str; 19] = [
    "Budi Santoso",
    "Budisan WA",
    "Bud Telegram",
    "81234567899",
    "budi@example.com",
    "Kenanga Raya 5",
    "Jangan pakai gula sama sekali",
    "Tolong telepon saya sore ini",
    "ini foto rumah saya",
    "yang pagarnya hijau tua",
    "Rumah Budi",
    "-6.914744",
    "107.609810",
    "apakah buka pas lebaran haji",
    USER_ID,
    OTHER_CHAT,
    "wamid.BUDI",
    "JNE998877",
    "50524f4f464259544553",
];

/// Writes the customer's values wherever another program, an operator or a company may have put them.
const PLANTED: [&str; 11] = [
    "update customers set name = 'Budi Santoso', email = 'budi@example.com', province = 'Jawa Barat',
       preferences = '{\"defaultAddress\": \"Kenanga Raya 5\"}',
       metadata = '{\"note\": \"Budi Santoso\"}' where name = 'Budisan WA'",
    "update orders set internal_note = 'Budi Santoso minta cepat, WA 0812-3456-7899', tracking_number = 'JNE998877',
       customer_note = 'Jangan pakai gula sama sekali',
       items = jsonb_set(items, '{0,note}', '\"Jangan pakai gula sama sekali\"')
     where customer_id = (select id from customers where name = 'Budi Santoso')",
    "update order_status_history set reason = 'kata Budi Santoso' where order_id in
       (select o.id from orders o join customers c on c.id = o.customer_id where c.name = 'Budi Santoso')",
    "update payments set gateway_response = '{\"payer_name\": \"BUDI SANTOSO\", \"phone\": \"+62 812-3456-7899\"}',
       last_attempt_error = 'no answer for Budi Santoso' where order_id in
       (select o.id from orders o join customers c on c.id = o.customer_id where c.name = 'Budi Santoso')",
    "update payment_audit_log set details = '{\"by\": \"Budi Santoso\"}' where payment_id in
       (select p.id from payments p join orders o on o.id = p.order_id join customers c on c.id = o.customer_id
        where c.name = 'Budi Santoso')",
    "insert into payment_webhook_logs (id, gateway, event_type, payload, signature_valid, processed, created_at)
     select 'planted' || p.id, 'sandbox', 'payment', jsonb_build_object('reference', p.reference_number, 'payer_name', 'B. Santoso Putra',
       'text', 'Dana masuk dari BUDI SANTOSO'), true, true, p.created_at from payments p",
    "update event_audit_log set payload = payload || '{\"to\": \"Budi Santoso\"}' where entity_id in
       (select o.id from orders o join customers c on c.id = o.customer_id where c.name = 'Budi Santoso')",
    "update attachments set mime = 'image/png', bytes = 'PROOFBYTES', hash = repeat('ab', 32)",
    "insert into uploads (channel, account, hash, uploaded_id) values ('whatsapp', 'n1', 'document:' || repeat('ab', 16), 'wamid.BUDI.file')",
    "insert into payment_methods (id, customer_id, type, gateway_token, gateway, display_name)
     select 'pm', id, 'ewallet', 'token', 'sandbox', 'Budi Santoso' from customers where name = 'Budi Santoso'",
    "insert into refunds (id, payment_id, order_id, amount, reason, description, status, evidence, last_error, processed_at)
     select 'rf', p.id, p.order_id, 1000, 'customer_request', 'untuk Budi Santoso', 'processed', 'transfer ke 0812 3456 7899',
       'Budisan WA', p.created_at from payments p order by p.created_at, p.id limit 1",
];

impl Stage {
    async fn hears(&self, content: Content) {
        let plain = self.inbound("whatsapp", "n1", USER_ID, "");
        let inbound = Inbound {
            external_id: format!("wamid.BUDI.{}", plain.external_id),
            aliases: vec![PHONE.to_owned()],
            sender_name: Some("Budisan WA".to_owned()),
            sender_phone: Some(format!("+{PHONE}")),
            content,
            ..plain
        };
        self.tell(ChannelEvent::Said(inbound)).await;
    }

    async fn budi(&self, text: &str) -> String {
        self.whatsapp.take();
        self.hears(Content::Text { text: text.to_owned() }).await;
        self.whatsapp.take().into_iter().map(|sent| sent.text).collect::<Vec<_>>().join("\n")
    }

    async fn at_telegram(&self, text: &str) {
        let plain = self.inbound("telegram", "7", OTHER_CHAT, text);
        let inbound = Inbound { sender_name: Some("Bud Telegram".to_owned()), ..plain };
        self.tell(ChannelEvent::Said(inbound)).await;
    }

    async fn pays_newest(&self) {
        let newest = "from payments where status = 'pending' order by created_at desc, id desc limit 1";
        let row: (String, i32) =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("select reference_number, amount {newest}")))
                .fetch_one(&self.shop.pool)
                .await
                .unwrap();
        let notice = self.sandbox.pay(&row.0, Rupiah::new(i64::from(row.1)).unwrap()).await.unwrap();
        self.pipeline.accept_notice("sandbox", notice).await.unwrap();
        self.pipeline.drain().await.unwrap();
    }

    async fn run(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.shop.pool).await.unwrap();
    }

    /// Everything that there is in a chat.
    async fn live(&self) {
        self.employ(OWNER).await;
        for text in ["halo", "2 teh hijau", "checkout", "2", STREET, "ya"] {
            self.budi(text).await;
        }
        let photo = |caption: &str| Content::Media {
            media: MediaKind::Image,
            caption: Some(caption.to_owned()),
            file: Some(FileRef { id: "wamid.BUDI.photo".to_owned(), mime: None, size_bytes: None }),
        };
        self.hears(photo("ini foto rumah saya")).await;
        self.pays_newest().await;
        let number = self.one("select order_number from orders").await;
        self.says_at_shop(OWNER, &number).await;
        self.says_at_shop(OWNER, "Sudah dikemas").await;
        // A person of the shop has the word, and both sides write.
        self.budi("mau bicara dengan orang").await;
        self.budi("Tolong telepon saya sore ini ya, 0812-3456-7899").await;
        self.budi("ya").await;
        self.hears(Content::Edited { text: "yang pagarnya hijau tua".to_owned() }).await;
        self.hears(Content::Location {
            latitude: "-6.914744".to_owned(),
            longitude: "107.609810".to_owned(),
            name: Some("Rumah Budi".to_owned()),
        })
        .await;
        self.hears(photo("ini foto rumah saya")).await;
        self.says_at_shop(OWNER, "Balas").await;
        self.says_at_shop(OWNER, "Baik Kak Budi Santoso, nanti ke Jl. Kenanga Raya 5, Bandung").await;
        self.says_at_shop(OWNER, "Serahkan ke bot").await;
        self.budi("apakah buka pas lebaran haji kak?").await;
        // An order that is called off, and one that is picked up; then the money of the first goes back.
        for text in ["1 kopi kecil", "checkout", "ambil", "ya", "batal", "ya"] {
            self.budi(text).await;
        }
        for text in ["1 teh hijau", "checkout", "ambil", "ya"] {
            self.budi(text).await;
        }
        self.pays_newest().await;
        // Another chat of the same person.
        self.at_telegram("halo").await;
        let code = self.budi("/join").await;
        let code = code.split('*').nth(1).unwrap_or_default().to_owned();
        self.at_telegram(&format!("/join {code}")).await;
        self.at_telegram("ya, gabungkan").await;
        self.budi("ya, gabungkan").await;
        self.run("update orders set status = 'completed', delivered_at = created_at where status in ('paid', 'packed')").await;
    }

    /// Another customer, whose data is nobody else's business.
    async fn neighbour(&self) {
        for text in ["1 teh hijau", "checkout", "ambil", "Siti Rahma", "081311122233", "ya"] {
            self.say("628555", text).await;
        }
    }

    /// Every column of every row of every table, as `table: row`.
    async fn dump(&self) -> Vec<String> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.tables
             where table_schema = 'public' and table_type = 'BASE TABLE'",
        )
        .fetch_all(&self.shop.pool)
        .await
        .unwrap();
        let mut rows = Vec::new();
        for table in tables {
            let query = format!("select '{table}: ' || to_jsonb(t)::text from {table} t");
            rows.extend(
                sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(query))
                    .fetch_all(&self.shop.pool)
                    .await
                    .unwrap(),
            );
        }
        rows
    }

    /// What the books break; values that were planted may break some of it.
    async fn broken(&self) -> Vec<String> {
        let broken = crate::pipeline::verify::violations(&self.shop.pool).await.unwrap();
        broken.iter().map(ToString::to_string).collect()
    }

    async fn leaks(&self) -> Vec<String> {
        let rows = self.dump().await;
        let plain = |text: &str| text.to_lowercase();
        let digits = |text: &str| text.replace([' ', '-', '.', '(', ')'], "");
        VALUES
            .iter()
            .flat_map(|value| {
                let found = rows.iter().filter(move |row| {
                    plain(row).contains(&plain(value))
                        || (value.starts_with('8') && digits(row).contains(value))
                });
                found.map(move |row| format!("{value} in {row}"))
            })
            .collect()
    }
}

#[tokio::test]
async fn nothing_of_a_person_stays_in_any_column_of_any_table() {
    let stage = Stage::with(|_| Vec::new()).await;
    stage.live().await;
    stage.neighbour().await;
    for statement in PLANTED {
        stage.run(statement).await;
    }
    let before = stage.leaks().await;
    for value in VALUES {
        assert!(before.iter().any(|leak| leak.starts_with(value)), "the life has left no {value}");
    }
    assert_eq!(stage.one("select count(*)::text from orders").await, "4");
    let broken = stage.broken().await;

    stage.budi("hapus data saya").await;
    stage.budi("hapus").await;
    let last = stage.budi("ya").await;
    assert!(last.contains("sudah saya hapus"), "{last}");
    assert_eq!(stage.leaks().await, Vec::<String>::new());

    // What the shop reads is whole but for the person, and nobody else is touched.
    let read =
        stage.one("select string_agg(payload ->> 'text', ' ') from outbox where channel = 'telegram'").await;
    let number = stage.one("select min(order_number) from orders").await;
    assert!(read.contains("(dihapus)") && read.contains(&number) && read.contains("Teh Hijau"), "{read}");
    let books = "select string_agg(concat_ws('/', total_amount, (items -> 0 ->> 'name'),
         (select count(*) from payments p where p.order_id = o.id)), ' '
         order by order_number) from orders o";
    assert!(stage.one(books).await.contains("Teh Hijau/1"), "{}", stage.one(books).await);
    assert!(stage.dump().await.iter().any(|row| row.contains("Siti Rahma")));
    assert_eq!(stage.broken().await, broken, "the books are as they were");

    let people = stage.one("select count(*)::text from customers").await.parse::<u32>().unwrap();
    stage.budi("halo").await;
    assert_eq!(stage.one("select count(*)::text from customers").await, (people + 1).to_string());
    let orders = stage.budi("pesanan saya").await;
    assert!(!orders.contains("ORD-"), "{orders}");
    assert_eq!(
        stage.one("select count(*)::text from conversations where chat like 'forgotten:%'").await,
        "2"
    );
}

#[tokio::test]
async fn last_words_that_must_wait_keep_their_address_until_they_are_sent() {
    let stage = Stage::with(|_| Vec::new()).await;
    stage.budi("halo").await;
    stage.budi("hapus data saya").await;
    stage.budi("hapus").await;
    stage.whatsapp.fail_with(crate::edge::CallError::Retry { reason: "429".to_owned(), after_ms: None });
    stage.budi("ya").await;
    let waiting =
        "select count(*)::text from outbox where chat = 'ID.BudiUser0123456789' and wipe_at is not null";
    assert_ne!(stage.one(waiting).await, "0");
    assert_eq!(stage.one("select string_agg(alias, '') from chat_aliases").await, "");
    stage.advance(Duration::minutes(1)).await;
    let sent = stage.whatsapp.take();
    assert!(
        sent.iter().any(|sent| sent.chat == USER_ID && sent.text.contains("sudah saya hapus")),
        "{sent:?}"
    );
    assert_eq!(stage.leaks().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_message_that_had_come_in_before_begins_a_new_chat() {
    let stage = Stage::with(|_| Vec::new()).await;
    stage.budi("halo").await;
    stage.budi("hapus data saya").await;
    stage.budi("hapus").await;
    let said = |text: &str| {
        ChannelEvent::Said(Inbound {
            aliases: vec![PHONE.to_owned()],
            ..stage.inbound("whatsapp", "n1", USER_ID, text)
        })
    };
    let events = vec![said("ya"), said("2 teh hijau")];
    stage.pipeline.accept_events(&"whatsapp".into(), events).await.unwrap();
    stage.pipeline.drain().await.unwrap();
    stage.pipeline.drain().await.unwrap();
    let carts =
        "select string_agg(v.chat, ',') from carts c join conversations v on v.customer_id = c.customer_id
                 where c.cart::text like '%tea%'";
    assert_eq!(stage.one(carts).await, USER_ID);
    let old = "select string_agg(m.text, '') from customer_messages m join conversations v on v.customer_id = m.customer_id
               where v.chat like 'forgotten:%'";
    assert_eq!(stage.one(old).await, "");
}

#[tokio::test]
async fn the_file_of_a_person_holds_everything_of_theirs_and_nothing_of_others() {
    let stage = Stage::with(|_| Vec::new()).await;
    stage.live().await;
    stage.neighbour().await;
    for statement in PLANTED {
        stage.run(statement).await;
    }
    stage.budi("data saya").await;
    let said = stage.budi("1").await;
    assert!(said.contains("Ini semua data Kakak"), "{said}");
    let sent = stage.one("select (payload -> 'document')::text from outbox where payload ? 'document'").await;
    let document: Document = serde_json::from_str(&sent).unwrap();
    assert_eq!(document.name, "data-saya.txt");
    let file = stage.pipeline.document(&document).await.unwrap().unwrap();
    let file = String::from_utf8(file.bytes).unwrap();
    let digits = file.replace([' ', '-', '.', '(', ')'], "");
    for value in VALUES {
        // Bytes are written in base64.
        let value = if value == "50524f4f464259544553" { "UFJPT0ZCWVRFUw==" } else { value };
        assert!(
            file.to_lowercase().contains(&value.to_lowercase()) || digits.contains(value),
            "{value} is not in {file}"
        );
    }
    for number in sqlx::query_scalar::<_, String>(
        "select order_number from orders where order_number < 'ORD-2026-0004'",
    )
    .fetch_all(&stage.shop.pool)
    .await
    .unwrap()
    {
        assert!(file.contains(&number), "{number} is not in {file}");
    }
    for other in ["Siti Rahma", "81311122233", "628555", OWNER, "ORD-2026-0004", "password"] {
        assert!(!file.contains(other), "{other} is in {file}");
    }
}
