//! Payments that go on whatever their company does: it is down, slow, forgetful, or not there any more. The companies are the
//! fakes on loopback, behind the gateways that the server builds.

use std::sync::Arc;

use chrono::Duration;

use super::stage::Stage;
use crate::edge::webhook::WebhookRequest;
use crate::fakes::company::{Company, CompanyFault};
use crate::fakes::{midtrans, xendit};
use crate::payments::Gateway;
use crate::payments::midtrans::Midtrans;
use crate::payments::xendit::Xendit;
use crate::store::outbox::{CallKind, Lane};

mod refunds;

const URL: &str = "http://127.0.0.1:8080";
/// More calls than any test makes.
const EVERY: usize = 400;

/// A shop with a company, a customer's chat at WhatsApp and the owner's at Telegram.
struct Till<C> {
    stage: Stage,
    company: Arc<C>,
}

async fn at_midtrans() -> Till<midtrans::Fake> {
    let company = midtrans::Fake::open().await.unwrap();
    let url = company.url();
    let stage = Stage::with(|clock| {
        let key = midtrans::SERVER_KEY.into();
        vec![Arc::new(Midtrans::new(&url, key, URL, Arc::clone(clock)).unwrap()) as Arc<dyn Gateway>]
    });
    Till::begin(stage.await, company).await
}

async fn at_xendit() -> Till<xendit::Fake> {
    let company = xendit::Fake::open().await.unwrap();
    let url = company.url();
    let stage = Stage::with(|clock| {
        let keys = (xendit::SECRET_KEY.into(), xendit::CALLBACK_TOKEN.into());
        vec![Arc::new(Xendit::new(&url, keys, URL, Arc::clone(clock)).unwrap()) as Arc<dyn Gateway>]
    });
    Till::begin(stage.await, company).await
}

impl<C: Company> Till<C> {
    async fn begin(stage: Stage, company: Arc<C>) -> Self {
        stage.employ("44").await;
        stage.telegram.take();
        company.set_now(stage.pipeline.clock.now());
        Self { stage, company }
    }

    /// Orders one tea, down to the yes. Returns what the chat said after it.
    async fn orders(&self, chat: &str) -> String {
        for text in ["pesan 1 teh hijau", "checkout", "ambil sendiri"] {
            self.stage.say(chat, text).await;
        }
        // A returning customer is not asked again.
        if self
            .stage
            .whatsapp
            .take()
            .iter()
            .any(|sent| sent.text.contains("nama siapa") || sent.text.contains("Nama"))
        {
            self.stage.say(chat, "Budi Santoso").await;
        }
        if self.stage.whatsapp.take().iter().any(|sent| sent.text.contains("HP")) {
            self.stage.say(chat, "081234567899").await;
        }
        self.stage.whatsapp.take();
        self.stage.say(chat, "ya").await;
        let said: Vec<String> = self.stage.whatsapp.take().into_iter().map(|sent| sent.text).collect();
        said.join("\n")
    }

    async fn cancels(&self, chat: &str) {
        self.stage.say(chat, "batalin pesanan saya").await;
        self.stage.say(chat, "ya").await;
        assert_eq!(self.latest("status").await, "cancelled");
    }

    /// Lets minutes pass, one after the other.
    async fn minutes(&self, minutes: i64) {
        for _ in 0..minutes {
            self.passes(Duration::minutes(1)).await;
        }
    }

    async fn passes(&self, by: Duration) {
        self.company.set_now(self.stage.pipeline.clock.now() + by);
        self.stage.advance(by).await;
    }

    /// A column of the order that was placed last.
    async fn latest(&self, column: &'static str) -> String {
        let statement: &'static str = match column {
            "status" => "select status from orders order by order_number desc limit 1",
            _ => "select metadata ->> 'review' from orders order by order_number desc limit 1",
        };
        self.stage.one(statement).await
    }

    async fn held(&self) -> i64 {
        self.stage.shop.number("select count(*) from inventory_reservations where status = 'reserved'").await
    }

    /// Requests so far with such a method and end of the path.
    fn asked(&self, method: &str, end: &str) -> usize {
        let recorded = self.company.recorded();
        recorded.iter().filter(|it| it.method == method && it.path.ends_with(end)).count()
    }

    /// What the owner has read since this was asked last.
    fn owner_reads(&self, words: &str) -> usize {
        self.stage.telegram.take().iter().filter(|sent| sent.text.contains(words)).count()
    }

    /// The customer pays the latest charge, and its notice is lost.
    fn pays_unheard(&self) {
        let charge = self.company.charges().pop().unwrap();
        self.company.pay(&charge.reference, charge.amount).unwrap();
    }
}

#[tokio::test]
async fn an_order_at_a_gateway_that_is_gone_lapses_in_time_and_the_next_one_gets_its_code() {
    let mut till = at_midtrans().await;
    assert!(till.orders("628").await.contains("Scan"), "a code is shown");
    let reference = till.company.charges()[0].reference.clone();
    till.stage.forget_companies();
    till.stage.telegram.take();
    till.minutes(16).await;
    assert_eq!((till.latest("status").await.as_str(), till.held().await), ("cancelled", 0));
    let told = till.stage.telegram.take();
    let named: Vec<_> = told.iter().filter(|sent| sent.text.contains(&reference)).collect();
    assert!(
        named.len() == 1 && named[0].text.contains("midtrans"),
        "once, by what it can be looked up: {told:?}"
    );
    assert!(till.orders("628").await.contains("Scan"));
    till.passes(Duration::hours(80)).await;
    assert_eq!(till.owner_reads(&reference), 0);
    assert_eq!(
        till.stage.one("select count(*)::text from outbox where state = 'queued' and lane = 'call'").await,
        "0"
    );
    till.stage.shop.check().await;
}

#[tokio::test]
async fn a_code_that_a_gateway_was_to_make_before_it_went_is_made_by_the_next_one() {
    let mut till = at_midtrans().await;
    for _ in 0..EVERY {
        till.company.fault_at("POST", "charge", CompanyFault::Down);
    }
    assert!(!till.orders("628").await.contains("Scan"));
    till.stage.forget_companies();
    assert!(till.orders("629").await.contains("Scan"), "others go on");
    till.minutes(4).await;
    assert_eq!(
        till.stage.one("select status from payments order by reference_number limit 1").await,
        "failed"
    );
    let said = till.stage.whatsapp.take();
    assert!(said.iter().any(|sent| sent.chat == "628"), "{said:?}");
    till.stage.say("628", "bayar pesanan saya").await;
    till.stage.shop.check().await;
}

#[tokio::test]
async fn a_cancel_that_fails_again_and_again_keeps_no_code_waiting() {
    let till = at_midtrans().await;
    till.orders("628").await;
    for _ in 0..EVERY {
        till.company.fault_at("POST", "cancel", CompanyFault::Down);
    }
    till.cancels("628").await;
    assert!(till.orders("628").await.contains("Scan"), "at once");
    assert_eq!(till.company.charges().len(), 2);
}

#[tokio::test]
async fn a_gateway_that_knows_no_such_charge_is_asked_ever_more_rarely_and_the_goods_are_let_go() {
    let till = at_midtrans().await;
    till.orders("628").await;
    let reference = till.company.charges()[0].reference.clone();
    for _ in 0..EVERY {
        till.company.fault_at("GET", "status", CompanyFault::Says(404));
    }
    till.minutes(15).await;
    let before = till.asked("GET", "status");
    till.stage.telegram.take();
    till.minutes(58).await;
    assert_eq!((till.latest("status").await.as_str(), till.held().await), ("payment_initiated", 1));
    let asked = till.asked("GET", "status") - before;
    assert!((5..=25).contains(&asked), "{asked} questions in an hour");
    assert_eq!(till.owner_reads(&reference), 1, "the shop knows until when");
    till.minutes(4).await;
    assert_eq!((till.latest("status").await.as_str(), till.held().await), ("cancelled", 0));
    assert_eq!(till.owner_reads(&reference), 1, "and that it is over");
    till.stage.shop.check().await;
}

#[tokio::test]
async fn a_gateway_that_is_down_at_the_deadline_holds_goods_for_an_hour_and_late_money_is_found() {
    let till = at_xendit().await;
    till.orders("628").await;
    till.minutes(14).await;
    for _ in 0..EVERY {
        till.company.fault_at("GET", "", CompanyFault::Down);
    }
    till.minutes(70).await;
    assert_eq!((till.latest("status").await.as_str(), till.held().await), ("cancelled", 0));
    till.pays_unheard();
    for _ in 0..30 {
        till.passes(Duration::hours(2)).await;
    }
    // The outage has used up its faults or not: what matters is that it is found once it is over.
    assert_ne!(till.stage.one("select count(*)::text from payments where status = 'pending'").await, "1");
    till.stage.shop.check().await;
}

#[tokio::test]
async fn money_that_came_before_a_charge_was_called_off_is_seen_at_once() {
    let till = at_midtrans().await;
    till.orders("628").await;
    till.pays_unheard();
    till.stage.telegram.take();
    till.cancels("628").await;
    assert_eq!(till.stage.one("select status from payments").await, "confirmed", "no clock has moved");
    assert_eq!(till.latest("review").await, "after_cancel");
    assert!(!till.stage.telegram.take().is_empty());
    till.stage.shop.check().await;
}

#[tokio::test]
async fn a_code_that_is_paid_after_it_was_called_off_is_seen_within_minutes() {
    let till = at_xendit().await;
    till.orders("628").await;
    till.minutes(3).await;
    till.cancels("628").await;
    till.pays_unheard();
    till.minutes(3).await;
    assert_eq!(till.stage.one("select status from payments").await, "confirmed");
    assert_eq!(till.latest("review").await, "after_cancel");
    till.stage.shop.check().await;
}

#[tokio::test]
async fn a_code_that_is_paid_after_its_order_lapsed_brings_it_back_within_minutes() {
    let till = at_xendit().await;
    till.orders("628").await;
    till.minutes(16).await;
    assert_eq!(till.latest("status").await, "cancelled");
    till.pays_unheard();
    till.minutes(3).await;
    assert_eq!(till.latest("status").await, "paid");
    till.stage.shop.check().await;
}

#[tokio::test]
async fn what_has_ended_unpaid_is_looked_at_soon_and_then_rarely_for_three_days() {
    let till = at_xendit().await;
    till.orders("628").await;
    till.cancels("628").await;
    let asked = async |minutes: i64, step: i64| {
        let before = till.asked("GET", "payments");
        for _ in 0..minutes / step {
            till.passes(Duration::minutes(step)).await;
        }
        till.asked("GET", "payments") - before
    };
    let (first, day, rest) = (asked(30, 1).await, asked(1_440, 10).await, asked(2_880, 30).await);
    assert!((4..=8).contains(&first), "{first} in the first half of an hour");
    assert!((5..=12).contains(&day), "{day} in the day after it");
    assert!((1..=6).contains(&rest), "{rest} in the two days after that");
    assert_eq!(asked(2_880, 60).await, 0, "then it is over");
}

#[tokio::test]
async fn calls_wait_for_what_they_are_about_and_for_nothing_else() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    let queue = "insert into outbox
                   (conversation_id, lane, kind, about, channel, chat, payload, due_at, created_at)
                 select c.id, 'call', $1, $2, 'sandbox', '', '{}', c.created_at, c.created_at from conversations c";
    for (kind, about) in [
        ("cancel", "p1"),
        ("question", "p1"),
        ("question", "p1"),
        ("charge", "p2"),
        ("question", "p2"),
        ("question", "p3"),
        ("charge", "p4"),
        ("refund", "r1"),
        ("look", "r1"),
    ] {
        sqlx::query(queue).bind(kind).bind(about).execute(&stage.shop.pool).await.unwrap();
    }
    let take = async |kind| stage.pipeline.lease(Lane::Calls(kind), 8).await.unwrap().len();
    assert_eq!(take(CallKind::Question).await, 2, "the first of p1 and the one of p3; p2 is not made yet");
    assert_eq!(take(CallKind::Charge).await, 2);
    assert_eq!(take(CallKind::Look).await, 0, "nobody asks after what has not been sent back yet");
    assert_eq!((take(CallKind::Refund).await, take(CallKind::Cancel).await), (1, 1));
    assert_eq!(take(CallKind::Question).await, 0, "those that wait wait for answers");
}
