//! Fault cases of payments that need several processes, a dead database or a death at an exact place. `docs/payments.md`
//! lists all 34 with what shows each.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::future::join_all;
use rstest::rstest;
use tower::ServiceExt;

use crate::convo::live::*;
use crate::convo::script::{DEFAULT_CHANNEL, default_clock};
use crate::convo::world::World;
use crate::domain::customer::Language;
use crate::domain::money::Rupiah;
use crate::payments::{ChargeRequest, sandbox::SIGNATURE_HEADER};
use crate::pipeline::faults::POINTS;

/// A shop with a buyer, one order of two pieces out of two, and its code.
struct Scene {
    live: Live,
    databases: Arc<Databases>,
}

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conversations/fixtures/two-left.yaml");
const BUYER: &str = "budi";
const OWNER: &str = "sari";
/// Two pieces at Rp 60.000, tax included.
const TOTAL: i64 = 120_000;

impl Scene {
    /// The shop is open and the buyer has confirmed everything but the order itself.
    async fn before_the_order() -> Self {
        Self::before_the_order_at(crate::payments::sandbox::NAME).await
    }

    async fn before_the_order_at(company: &str) -> Self {
        let url = crate::cluster::testing::url_of("postgres").await.unwrap();
        let databases = Arc::new(Databases::open(&url).await.unwrap());
        let worlds = LiveWorlds::new(Arc::clone(&databases)).unwrap().paying_by(company);
        let actors = [BUYER, OWNER].map(|name| Actor {
            name: name.to_owned(),
            channel: DEFAULT_CHANNEL.to_owned(),
            chat: name.to_owned(),
            language: Some(Language::Id),
            owner: name == OWNER,
            display: Some(name.to_owned()),
            phone: None,
        });
        let setting = Setting {
            shop: SHOP.to_owned(),
            clock: default_clock(),
            seed: 1,
            actors: actors.to_vec(),
            payment: None,
        };
        let live = worlds.build_live(&setting).await.unwrap();
        let mut scene = Self { live, databases };
        scene.say(BUYER, "pesan 2 kopi gayo").await;
        scene.press(BUYER, "Checkout").await;
        scene.press(BUYER, "").await;
        for words in ["Budi", "081234567899"] {
            scene.say(BUYER, words).await;
        }
        scene
    }

    async fn with_a_code() -> Self {
        Self::with_a_code_of(crate::payments::sandbox::NAME).await
    }

    async fn with_a_code_of(company: &str) -> Self {
        let mut scene = Self::before_the_order_at(company).await;
        scene.press(BUYER, "Ya, pesan").await;
        assert_eq!(
            scene.number("select count(*) from payments where details ->> 'qrCode' is not null").await,
            1
        );
        scene
    }

    async fn say(&mut self, who: &str, words: &str) {
        self.live.say(who, words).await.unwrap();
        self.live.settle().await.unwrap();
    }

    /// Presses the first button whose label begins so, of the last message that has buttons.
    async fn press(&mut self, who: &str, label: &str) {
        self.tap(who, label).await;
        self.live.settle().await.unwrap();
    }

    /// The same, and the shop has not answered yet.
    async fn tap(&mut self, who: &str, label: &str) {
        let shown = self.live.take_messages(who).into_iter().rfind(|it| !it.message.choices.is_empty());
        let choices = shown.map(|shown| shown.message.choices).unwrap_or_default();
        let choice = choices.iter().find(|choice| choice.label.starts_with(label));
        let choice = choice.unwrap_or_else(|| panic!("no button {label} among {choices:?}"));
        self.live.press(who, &choice.data).await.unwrap();
    }

    async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.live.process.pool).await.unwrap()
    }

    async fn reference(&self) -> String {
        sqlx::query_scalar("select reference_number from payments")
            .fetch_one(&self.live.process.pool)
            .await
            .unwrap()
    }

    async fn order_number(&self) -> String {
        sqlx::query_scalar("select order_number from orders")
            .fetch_one(&self.live.process.pool)
            .await
            .unwrap()
    }

    /// The buyer pays at the company; the notice is on its way.
    async fn pay(&self) -> WebhookRequest {
        let reference = self.reference().await;
        let amount = Rupiah::new(TOTAL).unwrap();
        self.live.till.pay(&reference, amount).await.unwrap().remove(0)
    }

    /// Another process of the same shop.
    async fn another(&self) -> Arc<Pipeline> {
        Arc::new(self.process().await)
    }

    async fn process(&self) -> Pipeline {
        self.live.process.start().await.unwrap().pipeline
    }

    /// Several processes work until nothing is left.
    async fn rush(&mut self, processes: usize) {
        let mut others = Vec::new();
        for _ in 0..processes {
            others.push(self.another().await);
        }
        for done in join_all(others.iter().map(|process| process.drain())).await {
            done.unwrap();
        }
        self.live.settle().await.unwrap();
    }

    async fn ends(mut self, paid: i64) {
        assert_eq!(self.number("select count(*) from orders where paid_at is not null").await, paid);
        assert_eq!(self.number("select count(*) from payments where status = 'confirmed'").await, paid);
        assert_eq!(
            self.number(
                "select -coalesce(sum(quantity), 0) from inventory_movements where type = 'outbound'"
            )
            .await,
            2 * paid
        );
        let told = self.live.take_messages(BUYER).into_iter().flat_map(|it| it.message.replies);
        assert_eq!(told.filter(|reply| reply.key == "news-paid").count(), paid as usize, "told once");
        let broken = crate::pipeline::verify::violations(&self.live.process.pool).await.unwrap();
        assert_eq!(broken, []);
        self.live.end().await;
        self.databases.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_1_the_same_notice_fifty_times_in_parallel_confirms_once() {
    let mut scene = Scene::with_a_code().await;
    let notice = scene.pay().await;
    let processes = [scene.another().await, scene.another().await];
    let all = (0..50).map(|number| processes[number % 2].accept_notice("sandbox", notice.clone()));
    assert!(join_all(all).await.into_iter().all(|accepted| accepted.is_ok()), "each gets its 200");
    scene.rush(2).await;
    assert_eq!(scene.number("select count(*) from payment_webhook_logs").await, 1);
    scene.ends(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_6_7_and_9_a_payment_before_the_answer_to_the_charge_is_stored_is_found() {
    let mut scene = Scene::before_the_order().await;
    scene.tap(BUYER, "Ya, pesan").await;
    assert!(scene.live.pipeline.faults.arm("call.after_answer", 1));
    assert!(
        matches!(scene.live.pipeline.drain().await, Err(PipelineError::Killed(_))),
        "after the charge was made"
    );
    assert_eq!(scene.number("select count(*) from payments where external_id is not null").await, 0);
    let notice = scene.pay().await;
    scene.live.notify(notice).await.unwrap();
    scene.live.die().await.unwrap();
    scene.live.settle().await.unwrap();
    assert_eq!(
        scene.number("select count(*) from sandbox_charges").await,
        1,
        "the same key is the same charge"
    );
    scene.ends(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_11_a_death_between_the_log_and_the_work_loses_nothing_when_nobody_comes_again() {
    let mut scene = Scene::with_a_code().await;
    let notice = scene.pay().await;
    assert!(scene.live.pipeline.faults.arm("accept.before_commit", 1));
    assert!(scene.live.pipeline.accept_notice("sandbox", notice).await.is_err());
    assert_eq!(scene.number("select count(*) from payment_webhook_logs").await, 1, "it was kept first");
    scene.live.die().await.unwrap();
    scene.live.advance(Duration::minutes(2)).await.unwrap();
    scene.ends(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_13_a_poll_and_a_notice_at_the_same_instant_in_two_processes_confirm_once() {
    let mut scene = Scene::with_a_code().await;
    let notice = scene.pay().await;
    scene.live.process.clock.advance(Duration::seconds(31));
    let (one, two) = (scene.another().await, scene.another().await);
    let (polled, told) = tokio::join!(one.fire_timers(), two.accept_notice("sandbox", notice));
    assert!(polled.unwrap() > 0, "the poll was due");
    told.unwrap();
    scene.rush(3).await;
    scene.ends(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_24_the_shop_cancels_while_the_customer_pays() {
    let mut scene = Scene::with_a_code().await;
    let number = scene.order_number().await;
    scene.live.take_messages(OWNER);
    scene.say(OWNER, &format!("/order {number}")).await;
    scene.press(OWNER, "Batalkan").await;
    scene.say(OWNER, "kopinya basah semua").await;
    scene.tap(OWNER, "Ya, batalkan").await;
    let notice = scene.pay().await;
    scene.live.notify(notice).await.unwrap();
    scene.rush(3).await;
    scene.live.advance(Duration::minutes(2)).await.unwrap();
    // Whoever was first: the money is in the books, and as the order does not stand, all of it is promised back.
    assert_eq!(scene.number("select count(*) from payments where status = 'confirmed'").await, 1);
    assert_eq!(scene.number("select count(*) from orders where status = 'cancelled'").await, 1);
    assert_eq!(scene.number("select sum(amount) from refunds where status <> 'failed'").await, TOTAL);
    assert_eq!(scene.number("select stock::bigint from products where name = 'Kopi Gayo'").await, 2);
    let broken = crate::pipeline::verify::violations(&scene.live.process.pool).await.unwrap();
    assert_eq!(broken, []);
    scene.live.end().await;
    scene.databases.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_26_the_deadline_and_the_money_at_the_same_instant() {
    let mut scene = Scene::with_a_code().await;
    scene.live.advance(Duration::minutes(14) + Duration::seconds(55)).await.unwrap();
    let notice = scene.pay().await;
    scene.live.process.clock.advance(Duration::seconds(6));
    let (one, two) = (scene.another().await, scene.another().await);
    let (fired, told) = tokio::join!(one.fire_timers(), two.accept_notice("sandbox", notice));
    assert!(fired.unwrap() > 0, "the deadline was due");
    told.unwrap();
    scene.rush(3).await;
    scene.ends(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_17_a_notice_of_one_shops_account_names_no_payment_of_another_shop() {
    let mut scene = Scene::with_a_code_of("xendit").await;
    let notice = scene.pay().await;
    // The company's account is now another shop's, on the same server.
    let mut elsewhere = scene.process().await;
    elsewhere.store_id = "another-shop".into();
    elsewhere.accept_notice("xendit", notice.clone()).await.unwrap();
    elsewhere.drain().await.unwrap();
    let unmatched = "select count(*) from payment_webhook_logs where error = 'no payment of ours'";
    assert_eq!(scene.number(unmatched).await, 1, "it is kept");
    assert_eq!(scene.number("select count(*) from inbox where source = 'xendit'").await, 0);
    assert_eq!(scene.number("select count(*) from payments where status = 'confirmed'").await, 0);
    // For the shop whose account it is, the same payment counts.
    scene.live.advance(Duration::minutes(1)).await.unwrap();
    scene.live.settle().await.unwrap();
    scene.ends(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_18_a_signed_notice_about_a_charge_of_nobody_changes_nothing() {
    let mut scene = Scene::with_a_code().await;
    let amount = Rupiah::new(TOTAL).unwrap();
    let request = ChargeRequest {
        reference: "ORD-of-another-program-1".to_owned(),
        amount,
        merchant: "Lain".to_owned(),
        city: "Bandung".to_owned(),
        expires_at: scene.live.process.clock.now() + Duration::hours(1),
        code: None,
    };
    let gateway = &scene.live.pipeline.gateways[&scene.live.pipeline.gateway];
    gateway.charge(&request).await.unwrap();
    let notice = scene.live.till.pay(&request.reference, amount).await.unwrap().remove(0);
    scene.live.notify(notice).await.unwrap();
    scene.live.settle().await.unwrap();
    assert_eq!(scene.number("select count(*) from payment_webhook_logs where error is not null").await, 1);
    scene.ends(0).await;
}

#[rstest]
#[case::of_another_secret(&"00".repeat(32))]
#[case::too_short("00")]
#[case::too_long(&"00".repeat(33))]
#[case::no_hex(&"zz".repeat(32))]
#[case::empty("")]
#[tokio::test(flavor = "multi_thread")]
async fn case_19_a_notice_with_a_wrong_signature_is_kept_and_refused(#[case] signature: &str) {
    let mut scene = Scene::with_a_code().await;
    let mut notice = scene.pay().await;
    for (name, value) in &mut notice.headers {
        if name == SIGNATURE_HEADER {
            *value = signature.to_owned();
        }
    }
    let refused = scene.live.pipeline.accept_notice("sandbox", notice.clone()).await;
    assert!(matches!(refused, Err(AcceptError::Unsigned)));
    notice.headers.clear();
    let refused = scene.live.pipeline.accept_notice("sandbox", notice).await;
    assert!(matches!(refused, Err(AcceptError::Unsigned)), "without any");
    scene.live.settle().await.unwrap();
    assert!(
        scene.number("select count(*) from payment_webhook_logs where signature_valid = false").await > 0
    );
    scene.ends(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_22_an_old_notice_after_everything_went_back_changes_nothing() {
    let mut scene = Scene::with_a_code().await;
    let notice = scene.pay().await;
    scene.live.notify(notice.clone()).await.unwrap();
    scene.live.settle().await.unwrap();
    let number = scene.order_number().await;
    scene.say(OWNER, &format!("/refund {number}")).await;
    scene.press(OWNER, "").await;
    scene.press(OWNER, "Ya, kembalikan").await;
    assert_eq!(scene.number("select count(*) from payments where status = 'refunded'").await, 1);
    let before = scene.number("select count(*) from inventory_movements").await;
    scene.live.take_messages(BUYER);
    // The company has forgotten that it told this already, and gives the event another name.
    scene.live.notify(notice).await.unwrap();
    let repeated = scene.pay().await;
    scene.live.notify(repeated).await.unwrap();
    scene.live.settle().await.unwrap();
    assert_eq!(
        scene.number("select count(*) from inventory_movements").await,
        before,
        "no second cut of stock"
    );
    let broken = crate::pipeline::verify::violations(&scene.live.process.pool).await.unwrap();
    assert_eq!(broken, []);
    scene.live.end().await;
    scene.databases.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_every_place_of_a_confirmation_loses_and_repeats_nothing(#[values(1, 2, 3)] times: u32) {
    for point in POINTS {
        let mut scene = Scene::with_a_code().await;
        let notice = scene.pay().await;
        assert!(scene.live.pipeline.faults.arm(point, times));
        scene.live.notify(notice).await.unwrap();
        scene.live.settle().await.unwrap();
        scene.live.advance(Duration::minutes(5)).await.unwrap();
        scene.ends(1).await;
    }
}

/// Posts a notice to the server of a shop whose database is in trouble.
async fn posted(pipeline: Arc<Pipeline>, notice: &WebhookRequest) -> StatusCode {
    let mut request = Request::post("/webhooks/sandbox");
    for (name, value) in &notice.headers {
        request = request.header(name, value);
    }
    let request = request.body(Body::from(notice.body.clone())).unwrap();
    crate::http::router(pipeline, None, axum::Router::new()).oneshot(request).await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_while_the_database_is_down_or_read_only_is_answered_503_and_counts_when_it_comes_again() {
    let mut scene = Scene::with_a_code().await;
    let notice = scene.pay().await;
    let process = async |pool: PgPool| {
        let mut process = scene.process().await;
        process.pool = pool;
        Arc::new(process)
    };
    let read_only = scene.live.process.pool.connect_options().as_ref().clone();
    let read_only = PgPool::connect_lazy_with(read_only.options([("default_transaction_read_only", "on")]));
    assert_eq!(posted(process(read_only).await, &notice).await, StatusCode::SERVICE_UNAVAILABLE, "read-only");
    let down = PgPool::connect_lazy_with(scene.live.process.pool.connect_options().as_ref().clone());
    down.close().await;
    assert_eq!(posted(process(down).await, &notice).await, StatusCode::SERVICE_UNAVAILABLE, "down");
    assert_eq!(posted(scene.another().await, &notice).await, StatusCode::OK);
    scene.live.settle().await.unwrap();
    scene.ends(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_whose_price_has_changed_since_it_was_shown_wants_another_yes() {
    let mut scene = Scene::with_a_code().await;
    scene.live.advance(Duration::minutes(16)).await.unwrap();
    scene.say(OWNER, "/stock kopi gayo 0").await;
    let notice = scene.pay().await;
    scene.live.notify(notice).await.unwrap();
    scene.live.settle().await.unwrap();
    scene.press(OWNER, "Ganti barang").await;
    scene.say(OWNER, "1 kopi toraja").await;
    sqlx::query("update products set price = price + 1000 where name like '%Toraja%'")
        .execute(&scene.live.process.pool)
        .await
        .unwrap();
    scene.press(OWNER, "Ya, ganti").await;
    let replies = scene.live.take_messages(OWNER).into_iter().flat_map(|it| it.message.replies);
    assert!(replies.into_iter().any(|reply| reply.key == "late-exchange-changed"));
    assert_eq!(scene.number("select count(*) from orders where status = 'paid'").await, 0);
    scene.say(OWNER, "1 kopi toraja").await;
    scene.press(OWNER, "Ya, ganti").await;
    assert_eq!(scene.number("select total_amount::bigint from orders where status = 'paid'").await, 66_000);
    let broken = crate::pipeline::verify::violations(&scene.live.process.pool).await.unwrap();
    assert_eq!(broken, []);
    scene.live.end().await;
    scene.databases.close().await;
}
