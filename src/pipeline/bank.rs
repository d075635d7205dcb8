//! Notices of the shop's own bank, which a phone or a mail reader of the shop sends on. The one that names exactly the amount
//! of one open order confirms it; everything else is told to the shop and confirms nothing.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::accept::{AcceptError, json};
use super::effects::news;
use super::work::Work;
use super::{Pipeline, PipelineError};
use crate::dialogue::value::Value;
use crate::domain::ids::StoreId;
use crate::domain::money::Rupiah;
use crate::domain::payment::UNREPORTED;
use crate::domain::statement::{self, Incoming};
use crate::store::{self, webhook_logs};

/// The name of these notices in `payment_webhook_logs`.
pub const NAME: &str = "bank";
/// Minutes in which the same words without an id are the same notice: phones send a notice again when it changes.
const SAME_MINUTES: i64 = 10;
/// Seconds of a minute.
const MINUTE_SECONDS: i64 = 60;

/// A notice as it was sent on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BankNotice {
    /// The shop's slug; the shop of the server where there is none.
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
    pub async fn accept_bank(&self, notice: &BankNotice, body: &[u8]) -> Result<(), AcceptError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let store = match &notice.store {
            None => Some(self.store_id.clone()),
            Some(slug) => store::stores::by_slug(&mut transaction, slug).await?.map(|store| store.id),
        };
        let store = store.ok_or_else(|| AcceptError::Malformed("there is no such store".to_owned()))?;
        let (key, before) = keys(&store, notice, now);
        for key in [&key, &before] {
            if webhook_logs::is_known(&mut transaction, NAME, key).await? {
                return Ok(());
            }
        }
        let log =
            webhook_logs::insert(&mut transaction, &self.clock, NAME, "statement", &key, body, now).await?;
        let problem = match statement::incoming(&notice.text) {
            Incoming::Nothing => Some((None, "nothing came in", None)),
            Incoming::Unclear => Some((Some("unclear"), "unclear", None)),
            Incoming::One(amount) => {
                let found = store::static_qris::matching(&mut transaction, &store, amount).await?;
                match found {
                    Some(found) if found.is_open => {
                        let taken = self.hand_over(&mut transaction, &found.order, &log, amount, now).await?;
                        let about = Some((amount, Some(found.number)));
                        (!taken).then_some((Some("elsewhere"), "the order is paid another way", about))
                    }
                    Some(found) => {
                        Some((Some("closed"), "the order is not open", Some((amount, Some(found.number)))))
                    }
                    None => Some((Some("none"), "no order", Some((amount, None)))),
                }
            }
        };
        if let Some((word, error, about)) = problem {
            webhook_logs::mark_processed(&mut transaction, &log, Some(error), now).await?;
            // Where no order waits, the money is of the counter, and nobody who looks after orders wants to hear of each.
            if let Some(word) = word
                && store::static_qris::is_any_taken(&mut transaction, &store).await?
            {
                self.tell_shop(&mut transaction, &store, &log, word, about, now).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
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

    async fn tell_shop(
        &self,
        connection: &mut sqlx::PgConnection,
        store: &StoreId,
        log: &str,
        word: &str,
        about: Option<(Rupiah, Option<String>)>,
        now: DateTime<Utc>,
    ) -> Result<(), PipelineError> {
        let (amount, number) = about.map_or((Value::None, None), |(amount, number)| (amount.into(), number));
        let facts = news::facts([
            ("amount", amount),
            ("problem", Value::Word(format!("bank-problem.{word}"))),
            ("number", number.into()),
        ]);
        for to in store::staff::conversations(connection, store).await? {
            let work = Work::Signal { name: "staff.bank_notice".to_owned(), facts: facts.clone() };
            let key = format!("staff.bank_notice:{log}:{to}");
            store::inbox::insert(connection, &to, NAME, &key, &json(&work), now).await?;
            self.schedule.wake(&to);
        }
        Ok(())
    }
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
            "insert into payments (id, store_id, order_id, reference_number, amount, gateway, method, status)
               values ('p', 's', 'o', 'ORD-2026-0001-1', 49999, 'static', 'qris', 'pending')",
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
        pipeline.accept_bank(&notice, text.as_bytes()).await.unwrap();
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
        tell(&pipeline, "Diterima Rp 49.999 dan Rp 10.000", None).await;
        assert_eq!(number(&database, TOLD).await, 2);
        tell(&pipeline, "Transfer ke BUDI Rp 49.999 berhasil", None).await;
        tell(&pipeline, "Selamat pagi", None).await;
        assert_eq!(number(&database, TOLD).await, 2, "what speaks of no money that came in is nobody's news");
        assert_eq!(number(&database, CONFIRMED).await, 0);
    }

    #[tokio::test]
    async fn money_by_the_printed_code_for_an_order_that_is_paid_at_a_gateway_by_now_is_told_to_the_shop() {
        let (database, pipeline) = shop().await;
        sqlx::query("update payments set gateway = 'sandbox'").execute(&database.pool).await.unwrap();
        tell(&pipeline, "Pembayaran QRIS Rp 49.999 diterima dari BUDI", Some("n1")).await;
        assert_eq!((number(&database, CONFIRMED).await, number(&database, TOLD).await), (0, 1));
        let told = "select count(*) from inbox
                    where payload ->> 'name' = 'staff.bank_notice' and payload::text like '%ORD-2026-0001%'";
        assert_eq!(number(&database, told).await, 1, "with the order that it fits");
        let kept = "select count(*) from payment_webhook_logs where error = 'the order is paid another way'";
        assert_eq!(number(&database, kept).await, 1);
    }

    #[tokio::test]
    async fn money_of_the_counter_is_nobodys_news_while_no_order_waits_for_any() {
        let (database, pipeline) = shop().await;
        sqlx::query("update unique_amounts set freed_at = now()").execute(&database.pool).await.unwrap();
        tell(&pipeline, "Pembayaran diterima Rp 50.000 dari AYU", None).await;
        tell(&pipeline, "Diterima Rp 49.999 dan Rp 10.000", None).await;
        assert_eq!(number(&database, TOLD).await, 0);
        let kept = "select count(*) from payment_webhook_logs where error in ('no order', 'unclear')";
        assert_eq!(number(&database, kept).await, 2);
    }
}
