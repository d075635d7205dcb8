//! Notices of the shop's own bank, which a phone or a mail reader of the shop sends on. The one that names exactly the amount
//! of one open order confirms it; everything else is told to the shop and confirms nothing.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::accept::{AcceptError, json};
use super::effects::news;
use super::effects::static_qris::printed;
use super::work::Work;
use super::{Pipeline, PipelineError};
use crate::dialogue::value::Value;
use crate::domain::ids::StoreId;
use crate::domain::money::Rupiah;
use crate::domain::payment::UNREPORTED;
use crate::domain::statement::{self, Reading};
use crate::store::{self, webhook_logs};

/// The name of these notices in `payment_webhook_logs`.
pub const NAME: &str = "bank";
/// Minutes in which the same words without an id are the same notice: phones send a notice again when it changes.
const SAME_MINUTES: i64 = 10;
/// Seconds of a minute.
const MINUTE_SECONDS: i64 = 60;
/// Orders that a question about a notice names.
const MAX_ORDERS: i64 = 5;
/// Characters of a notice that the shop's chats show.
const MAX_QUOTE_CHARS: usize = 300;
/// Digits in a row that may be a code or an account.
const MIN_SECRET_DIGITS: usize = 4;

/// A notice as it was sent on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BankNotice {
    /// The shop's slug, where the sender names it: it must be the shop of the token.
    pub store: Option<String>,
    /// What the sender calls the notice, where it has a name for it.
    pub id: Option<String>,
    /// The words.
    pub text: String,
}

impl Pipeline {
    /// Stores a notice of the shop's bank whose sender has proved who it is, and hands it to the chat of the buyer whose
    /// amount it names.
    ///
    /// # Errors
    /// [`AcceptError`].
    pub async fn accept_bank(
        &self,
        store: &StoreId,
        notice: &BankNotice,
        body: &[u8],
    ) -> Result<(), AcceptError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        if let Some(slug) = &notice.store {
            let named = store::stores::by_slug(&mut transaction, slug).await?;
            if named.is_none_or(|named| named.id != *store) {
                return Err(AcceptError::Unsigned);
            }
        }
        let (key, before) = keys(store, notice, now);
        for key in [&key, &before] {
            if webhook_logs::is_known(&mut transaction, NAME, key).await? {
                return Ok(());
            }
        }
        let log =
            webhook_logs::insert(&mut transaction, &self.clock, NAME, "statement", &key, body, now).await?;
        let names = shop_names(&mut transaction, store).await?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let question = match statement::read(&notice.text, &names) {
            Reading::Unknown { sums } => Some(self.unknown(&mut transaction, store, &sums).await?),
            Reading::CameIn(amount) => self.came_in(&mut transaction, store, &log, amount, now).await?,
        };
        if let Some(question) = question {
            webhook_logs::mark_processed(&mut transaction, &log, Some(question.error), now).await?;
            // Before its first order asks for money at the printed code, all that comes by it is of the counter. From then on
            // nothing is: a buyer may pay a code of last week.
            if store::static_qris::was_any_taken(&mut transaction, store).await? {
                let words = quote(&notice.text);
                self.ask_shop(&mut transaction, store, &log, &question, words, now).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The shop of a token with which notices are sent in.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub async fn store_of_bank_token(&self, token: &str) -> Result<Option<StoreId>, PipelineError> {
        let mut connection = self.pool.acquire().await?;
        Ok(store::bank_tokens::store_of(&mut connection, token).await?)
    }

    /// Money came in: the order that waits for exactly that gets it, and anything else is a question.
    async fn came_in(
        &self,
        connection: &mut sqlx::PgConnection,
        store: &StoreId,
        log: &str,
        amount: Rupiah,
        now: DateTime<Utc>,
    ) -> Result<Option<Question>, PipelineError> {
        let question = |word, error, order| Question { word, error, amount: Some(amount), order };
        let found = store::static_qris::matching(connection, store, amount).await?;
        Ok(match found {
            Some(found) if found.is_open => {
                let taken = self.hand_over(connection, &found.order, log, amount, now).await?;
                (!taken).then(|| question("elsewhere", "the order is paid another way", Some(found)))
            }
            Some(found) => Some(question("closed", "the order is not open", Some(found))),
            None => Some(question("none", "no order", None)),
        })
    }

    /// A notice that nobody knows: the shop looks, with the order at hand that waits for a sum of it.
    async fn unknown(
        &self,
        connection: &mut sqlx::PgConnection,
        store: &StoreId,
        sums: &[Rupiah],
    ) -> Result<Question, PipelineError> {
        let mut question =
            Question { word: "unclear", error: "unclear", amount: sums.first().copied(), order: None };
        for sum in sums {
            let found = store::static_qris::matching(connection, store, *sum).await?;
            if let Some(found) = found.filter(|found| found.is_open) {
                question.amount = Some(*sum);
                question.order = Some(found);
                break;
            }
        }
        Ok(question)
    }

    /// Leaves the money for the conversation of the buyer, whose turn decides under the lock of the order. False when the
    /// order does not wait for money by the printed code any more, or has no conversation.
    async fn hand_over(
        &self,
        connection: &mut sqlx::PgConnection,
        order: &crate::domain::ids::OrderId,
        log: &str,
        amount: Rupiah,
        now: DateTime<Utc>,
    ) -> Result<bool, PipelineError> {
        let Some(payment) = store::payments::last_of_order(connection, order).await? else {
            return Ok(false);
        };
        let reference = Some(payment.reference.as_str());
        let named = store::payments::named(connection, UNREPORTED, reference, None, None).await?;
        let Some(named) = named else { return Ok(false) };
        let work = Work::Statement { payment: payment.id, log: log.to_owned(), amount };
        let (to, key) = (named.conversation, format!("statement:{log}"));
        store::inbox::insert(connection, &to, NAME, &key, &json(&work), now).await?;
        self.schedule.wake(&to);
        Ok(true)
    }

    /// Asks the shop's people about a notice: what it says, its sum, and the orders that it could be for.
    async fn ask_shop(
        &self,
        connection: &mut sqlx::PgConnection,
        store: &StoreId,
        log: &str,
        question: &Question,
        words: String,
        now: DateTime<Utc>,
    ) -> Result<(), PipelineError> {
        let Question { word, amount, order, .. } = question;
        let waiting = match order {
            Some(_) => Vec::new(),
            None => store::static_qris::waiting(connection, store, *amount, MAX_ORDERS).await?,
        };
        let row = |order: store::static_qris::Waiting| {
            let cells = [
                ("number", order.number.into()),
                ("total", order.amount.into()),
                ("name", order.name.into()),
            ];
            cells.into_iter().map(|(name, value): (&str, Value)| (name.to_owned(), value)).collect()
        };
        let mut facts = news::facts([
            ("amount", (*amount).into()),
            ("problem", Value::Word(format!("bank-problem.{word}"))),
            ("number", order.as_ref().map(|order| order.number.clone()).into()),
            ("words", words.into()),
            ("orders", Value::Rows(waiting.into_iter().map(row).collect())),
        ]);
        if let Some(order) = order {
            facts.insert("order".to_owned(), order.order.as_str().into());
        }
        let mut is_told = false;
        for to in store::staff::conversations(connection, store).await? {
            let work = Work::Signal { name: "staff.bank_notice".to_owned(), facts: facts.clone() };
            let key = format!("staff.bank_notice:{log}:{to}");
            store::inbox::insert(connection, &to, NAME, &key, &json(&work), now).await?;
            self.schedule.wake(&to);
            is_told = true;
        }
        if !is_told {
            tracing::warn!(
                "a notice of the bank needs a person, and the shop has no staff chat; `warung staff link` makes one"
            );
        }
        Ok(())
    }
}

/// What the shop is called: by itself, and by the printed code that it is paid by.
async fn shop_names(
    connection: &mut sqlx::PgConnection,
    store: &StoreId,
) -> Result<Vec<String>, sqlx::Error> {
    let shop = store::stores::load(connection, store).await?;
    let code = store::static_qris::current(connection, store).await?;
    let merchant = code.and_then(|code| printed(&code.code).ok()).map(|printed| printed.merchant);
    Ok(shop.map(|shop| shop.name).into_iter().chain(merchant).collect())
}

/// What the shop is asked about a notice.
struct Question {
    /// `bank-problem-*`.
    word: &'static str,
    /// For the log of notices.
    error: &'static str,
    /// The sum in question.
    amount: Option<Rupiah>,
    /// The order that has this sum for its own.
    order: Option<store::static_qris::Match>,
}

/// The words of a notice for the shop's chat: bounded, and without codes and account numbers, which are for one person alone.
/// Sums stay.
fn quote(text: &str) -> String {
    let short: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_QUOTE_CHARS).collect();
    let mut quoted = String::with_capacity(short.len());
    let mut digits = String::new();
    for c in short.chars().chain([' ']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let is_sum = {
            let before = quoted.trim_end_matches([' ', '.', ':']).to_lowercase();
            before.ends_with("rp") || before.ends_with("idr")
        };
        if digits.len() < MIN_SECRET_DIGITS || is_sum {
            quoted.push_str(&digits);
        } else {
            quoted.push_str("****");
        }
        digits.clear();
        quoted.push(c);
    }
    quoted.pop();
    quoted
}

/// What makes a notice known again: its id, or its words within some minutes; and what it was called just before.
fn keys(store: &StoreId, notice: &BankNotice, now: DateTime<Utc>) -> (String, String) {
    let digest = |what: &str| hex::encode(Sha256::digest(format!("{store}\n{what}")));
    if let Some(id) = notice.id.as_deref().filter(|id| !id.is_empty()) {
        let key = format!("id:{}", digest(id));
        return (key.clone(), key);
    }
    let slot = now.timestamp() / (SAME_MINUTES * MINUTE_SECONDS);
    let words = digest(&notice.text.split_whitespace().collect::<Vec<_>>().join(" "));
    (format!("text:{words}:{slot}"), format!("text:{words}:{}", slot - 1))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::cluster::testing::{ThrowAway, throw_away_database};
    use crate::dialogue::flow::Flows;
    use crate::i18n::Locales;
    use crate::payments::static_qris::StaticQris;
    use crate::pipeline::Parts;

    /// A shop with somebody of its staff, and one order over Rp 49.999 that waits for its money.
    async fn shop() -> (ThrowAway, Pipeline) {
        let database = throw_away_database(&store::MIGRATOR).await.unwrap();
        for statement in [
            "insert into users (id, email, name, password_hash, store_id) values ('u', 'u@example.com', 'U', '', 's')",
            "insert into stores (id, owner_id, name, slug, email, phone) values ('s', 'u', 'S', 's', 's@example.com', '')",
            "insert into customers (id, store_id, name, phone) values ('c', 's', 'C', ''), ('d', 's', 'D', '')",
            "insert into orders (id, store_id, customer_id, order_number, subtotal, discount_amount, total_amount, status,
               shipping_address) values ('o', 's', 'c', 'ORD-2026-0001', 50000, 1, 49999, 'payment_initiated', '{}')",
            "insert into payments (id, store_id, order_id, reference_number, amount, gateway, method, details, status)
               values ('p', 's', 'o', 'ORD-2026-0001-1', 49999, 'qris', 'qris', '{\"provider\": \"static\"}', 'pending')",
            "insert into unique_amounts (order_id, store_id, amount, discount, taken_at)
               values ('o', 's', 49999, 1, '2026-11-23')",
        ] {
            sqlx::query(statement).execute(&database.pool).await.unwrap();
        }
        let clock = Arc::new(Clock::fixed(DateTime::from_timestamp(1_795_400_000, 0).unwrap(), 1));
        let pipeline = Pipeline::new(Parts {
            pool: database.pool.clone(),
            clock: Arc::clone(&clock),
            flows: Arc::new(Flows::shipped().unwrap()),
            locales: Arc::new(Locales::shipped().unwrap()),
            channels: Vec::new(),
            gateways: vec![Arc::new(StaticQris)],
            store_id: "s".into(),
            accounts: Default::default(),
        });
        for (chat, customer) in [("buyer", "c"), ("staff", "d")] {
            let address = crate::domain::message::Address { channel: "web".into(), chat: chat.into() };
            let state = crate::dialogue::conversation::Conversation::default();
            let mut connection = database.pool.acquire().await.unwrap();
            let (id, store, customer) = (chat.into(), "s".into(), customer.into());
            store::conversations::insert(
                &mut connection,
                &id,
                &store,
                &address,
                &customer,
                &state,
                clock.now(),
            )
            .await
            .unwrap();
        }
        sqlx::query("update conversations set staff_id = 'u' where id = 'staff'")
            .execute(&database.pool)
            .await
            .unwrap();
        (database, pipeline)
    }

    async fn tell(pipeline: &Pipeline, text: &str, id: Option<&str>) {
        let notice = BankNotice { store: None, id: id.map(str::to_owned), text: text.to_owned() };
        pipeline.accept_bank(&"s".into(), &notice, text.as_bytes()).await.unwrap();
        pipeline.drain().await.unwrap();
    }

    async fn number(database: &ThrowAway, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&database.pool).await.unwrap()
    }

    const CONFIRMED: &str = "select count(*) from payments where status = 'confirmed'";
    const TOLD: &str = "select count(*) from inbox where payload ->> 'name' = 'staff.bank_notice'";

    #[tokio::test]
    async fn a_notice_over_exactly_one_open_amount_confirms_once() {
        let (database, pipeline) = shop().await;
        tell(&pipeline, "Pembayaran QRIS Rp 49.999 diterima dari BUDI", Some("n1")).await;
        assert_eq!(number(&database, CONFIRMED).await, 1);
        let evidence = "select count(*) from payment_audit_log where new_status = 'confirmed' and details ->> 'why' = 'statement'";
        assert_eq!(number(&database, evidence).await, 1);
        tell(&pipeline, "Pembayaran QRIS Rp 49.999 diterima dari BUDI", Some("n1")).await;
        assert_eq!(
            number(&database, "select count(*) from payment_webhook_logs").await,
            1,
            "the same line, once"
        );
        assert_eq!(number(&database, TOLD).await, 0);
        // The same amount once more is other money, which belongs to no open order.
        tell(&pipeline, "Pembayaran QRIS Rp 49.999 diterima dari BUDI", Some("n2")).await;
        assert_eq!((number(&database, CONFIRMED).await, number(&database, TOLD).await), (1, 1));
    }

    #[tokio::test]
    async fn what_does_not_fit_confirms_nothing_and_the_shop_is_told() {
        let (database, pipeline) = shop().await;
        tell(&pipeline, "Pembayaran diterima Rp 50.000 dari AYU", None).await;
        tell(&pipeline, "Pembayaran  diterima Rp 50.000 dari AYU", None).await;
        assert_eq!(number(&database, TOLD).await, 1, "the same words within minutes are one notice");
        for (count, text) in [
            "Diterima Rp 49.999 dan Rp 10.000",
            "Transfer ke BUDI Rp 49.999 berhasil",
            "Kamu menerima permintaan pembayaran Rp49.999 dari BUDI",
            "You have received a payment request of Rp49.999 from BUDI",
            "Permintaan uang Rp49.999 diterima",
            "Pembayaran Rp49.999 dari BUDI belum diterima",
            "Selamat pagi",
        ]
        .iter()
        .enumerate()
        {
            tell(&pipeline, text, None).await;
            assert_eq!(
                number(&database, TOLD).await,
                2 + i64::try_from(count).unwrap(),
                "{text}: nothing is dropped"
            );
        }
        assert_eq!(number(&database, CONFIRMED).await, 0);
        let asked = "select count(*) from inbox where payload ->> 'name' = 'staff.bank_notice'
                     and payload -> 'facts' -> 'order' ->> 'text' = 'o'";
        assert_eq!(number(&database, asked).await, 6, "with the order that waits for just that");
    }

    #[tokio::test]
    async fn names_and_notes_hide_no_income() {
        for text in [
            "Pembayaran QRIS Rp49.999 diterima dari BUNGA LESTARI",
            "Kamu menerima Rp49.999 dari BILL GUNAWAN",
            "Kamu menerima pembayaran Rp49.999 di KEDAI TEH TARIK",
            "Dana masuk Rp49.999 dari BUDI. Catatan: belanja teh",
        ] {
            let (database, pipeline) = shop().await;
            tell(&pipeline, text, None).await;
            assert_eq!((number(&database, CONFIRMED).await, number(&database, TOLD).await), (1, 0), "{text}");
        }
    }

    #[tokio::test]
    async fn money_that_goes_to_the_shop_by_its_own_name_is_its_own_and_to_another_name_is_not() {
        for (name, counts) in [("Toko Titipan Bu Tini", (1, 0)), ("Toko Titipan Bu Ani", (0, 1))] {
            let (database, pipeline) = shop().await;
            sqlx::query("update stores set name = $1").bind(name).execute(&database.pool).await.unwrap();
            tell(&pipeline, "Dana masuk Rp49.999 dari BUDI ke TOKO TITIPAN BU TINI", None).await;
            assert_eq!((number(&database, CONFIRMED).await, number(&database, TOLD).await), counts, "{name}");
        }
    }

    #[test]
    fn the_shops_chats_read_the_words_without_codes_and_accounts() {
        assert_eq!(
            quote("OTP 829301 untuk\n transaksi Rp111998 dari 0123456789 tgl 23/11/2026"),
            "OTP **** untuk transaksi Rp111998 dari **** tgl 23/11/****"
        );
        assert_eq!(quote(&"a1".repeat(400)).chars().count(), MAX_QUOTE_CHARS);
    }

    #[tokio::test]
    async fn money_by_the_printed_code_for_an_order_that_is_paid_at_a_gateway_by_now_is_told_to_the_shop() {
        let (database, pipeline) = shop().await;
        sqlx::query("update payments set details = '{\"provider\": \"sandbox\"}'")
            .execute(&database.pool)
            .await
            .unwrap();
        tell(&pipeline, "Pembayaran QRIS Rp 49.999 diterima dari BUDI", Some("n1")).await;
        assert_eq!((number(&database, CONFIRMED).await, number(&database, TOLD).await), (0, 1));
        let told = "select count(*) from inbox
                    where payload ->> 'name' = 'staff.bank_notice' and payload::text like '%ORD-2026-0001%'";
        assert_eq!(number(&database, told).await, 1, "with the order that it fits");
        let kept = "select count(*) from payment_webhook_logs where error = 'the order is paid another way'";
        assert_eq!(number(&database, kept).await, 1);
    }

    #[tokio::test]
    async fn a_notice_is_told_to_the_shop_however_long_ago_its_last_order_ended() {
        let (database, pipeline) = shop().await;
        sqlx::query("update unique_amounts set freed_at = now()").execute(&database.pool).await.unwrap();
        tell(&pipeline, "Pembayaran diterima Rp 50.000 dari AYU", None).await;
        tell(&pipeline, "Diterima Rp 49.999 dan Rp 10.000", None).await;
        assert_eq!(
            number(&database, TOLD).await,
            2,
            "a printed code has no end, and somebody may pay it late"
        );
        assert_eq!(number(&database, CONFIRMED).await, 0);
        let kept = "select count(*) from payment_webhook_logs where error in ('no order', 'unclear')";
        assert_eq!(number(&database, kept).await, 2);
    }

    #[tokio::test]
    async fn money_of_the_counter_is_nobodys_news_before_the_first_order_asks_for_any() {
        let (database, pipeline) = shop().await;
        sqlx::query("delete from unique_amounts").execute(&database.pool).await.unwrap();
        tell(&pipeline, "Pembayaran diterima Rp 50.000 dari AYU", None).await;
        assert_eq!(number(&database, TOLD).await, 0);
        let kept = "select count(*) from payment_webhook_logs where error = 'no order'";
        assert_eq!(number(&database, kept).await, 1);
    }
}
