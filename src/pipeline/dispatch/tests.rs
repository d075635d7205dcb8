//! Sends that fail in every way, on a real database.

use chrono::{DateTime, Duration, Utc};
use rstest::rstest;

use crate::domain::message::{ChannelEvent, Delivery, DeliveryFailure, DeliveryState};
use crate::edge::CallError;
use crate::pipeline::stage::Stage;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store::leases;
use crate::store::outbox::{CALLS, CallKind, Lane, MESSAGES};

impl Stage {
    /// A report of the platform about a message, by the id that its answer had.
    async fn fails(&self, outbox_id: i64, channel_message_id: &str, failure: DeliveryFailure) {
        self.tell(ChannelEvent::Delivery(Delivery {
            account: "n1".to_owned(),
            outbox_id: Some(outbox_id),
            channel_message_id: channel_message_id.to_owned(),
            state: DeliveryState::Failed,
            error: Some("a code".to_owned()),
            failure: Some(failure),
            is_part: false,
        }))
        .await;
    }

    async fn state(&self, outbox_id: i64) -> String {
        sqlx::query_scalar("select state from outbox where id = $1")
            .bind(outbox_id)
            .fetch_one(&self.shop.pool)
            .await
            .unwrap()
    }
}

fn stopped() -> CallError {
    CallError::Stopped { reason: "190".to_owned() }
}

#[tokio::test]
async fn an_account_that_does_not_work_is_left_alone_and_the_shop_hears_of_it_once_elsewhere() {
    let stage = Stage::open().await;
    stage.employ("44").await;

    stage.whatsapp.fail_with(stopped());
    stage.say("628", "halo").await;
    stage.say("629", "halo").await;
    assert_eq!(stage.whatsapp.take().len(), 1, "nothing else is tried with the account");
    let told = stage.telegram.take();
    assert_eq!(told.iter().filter(|sent| sent.text.contains("whatsapp")).count(), 1, "{told:?}");

    stage.whatsapp.fail_with(stopped());
    stage.advance(Duration::minutes(5)).await;
    assert_eq!(stage.telegram.take(), [], "it is the same trouble");
    stage.whatsapp.take();
    stage.advance(Duration::minutes(5)).await;
    let chats: Vec<String> = stage.whatsapp.take().into_iter().map(|sent| sent.chat).collect();
    assert!(chats.contains(&"628".to_owned()) && chats.contains(&"629".to_owned()), "{chats:?}");

    stage.whatsapp.fail_with(stopped());
    stage.say("628", "menu").await;
    assert_eq!(stage.telegram.take().len(), 1, "this is another trouble");
}

/// Dies right after the platform has taken the first message of an answer, and returns the row.
async fn dies_while_sending(stage: &Stage) -> i64 {
    stage.pipeline.faults.arm("dispatch.after_send", 1);
    let said = ChannelEvent::Said(stage.inbound("whatsapp", "n1", "628", "halo"));
    stage.pipeline.accept_event(&"whatsapp".into(), said).await.unwrap();
    assert!(matches!(stage.pipeline.drain().await, Err(PipelineError::Killed(_))));
    stage.whatsapp.take()[0].outbox_id
}

/// How nothing is known of a message that may have gone out.
#[derive(Debug, Clone, Copy)]
enum Doubt {
    /// The process died while it sent it.
    Died,
    /// The connection broke before the answer.
    NoAnswer,
}

/// Something is said of which nobody knows whether it went out; the row.
async fn in_doubt(stage: &Stage, doubt: Doubt) -> i64 {
    match doubt {
        Doubt::Died => {
            let id = dies_while_sending(stage).await;
            // The lease of the process that died is over.
            stage.advance(Duration::seconds(16)).await;
            id
        }
        Doubt::NoAnswer => {
            stage.whatsapp.fail_with(lost());
            stage.say("628", "halo").await;
            let id = stage.whatsapp.take()[0].outbox_id;
            stage.advance(Duration::seconds(16)).await;
            id
        }
    }
}

#[rstest]
#[case(Doubt::Died)]
#[case(Doubt::NoAnswer)]
#[tokio::test]
async fn what_may_have_gone_out_waits_for_the_platforms_report(#[case] doubt: Doubt) {
    let stage = Stage::open().await;
    let id = in_doubt(&stage, doubt).await;
    stage.advance(Duration::seconds(84)).await;
    assert_eq!(stage.whatsapp.take(), [], "it may have gone out");
    stage.report(id, DeliveryState::Sent).await;
    stage.advance(Duration::minutes(10)).await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.outbox_id != id), "it has");
}

#[rstest]
#[case(Doubt::Died)]
#[case(Doubt::NoAnswer)]
#[tokio::test]
async fn what_nobody_has_reported_goes_out_again(#[case] doubt: Doubt) {
    let stage = Stage::open().await;
    let id = in_doubt(&stage, doubt).await;
    stage.advance(Duration::seconds(105)).await;
    assert_eq!(stage.whatsapp.take()[0].outbox_id, id);
}

fn lost() -> CallError {
    CallError::Unknown { reason: "no answer".to_owned(), after_ms: 120_000 }
}

fn ill(may_have_worked: bool) -> CallError {
    CallError::Down { reason: "500".to_owned(), after_ms: None, may_have_worked }
}

/// Says something of which no answer ever comes, until it is given up; the row.
async fn given_up(stage: &Stage) -> i64 {
    for _ in 0..10 {
        stage.whatsapp.fail_with(lost());
    }
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    for minutes in [3, 11, 61] {
        assert_eq!(stage.state(id).await, "queued");
        stage.advance(Duration::minutes(minutes)).await;
    }
    assert_eq!(stage.state(id).await, "dead");
    assert_eq!(stage.whatsapp.take().len(), 3);
    id
}

#[tokio::test]
async fn a_message_of_which_no_answer_ever_comes_outlasts_an_hour_and_is_then_given_up_and_the_shop_is_told()
{
    let stage = Stage::open().await;
    stage.employ("44").await;
    given_up(&stage).await;
    assert_eq!(stage.telegram.take().len(), 1);
}

/// Telegram tells of no deliveries: what may have gone out is said again after a while, and not for ever.
#[tokio::test]
async fn without_reports_a_message_of_which_no_answer_comes_goes_again_and_is_given_up_after_an_hour() {
    let stage = Stage::open().await;
    for _ in 0..10 {
        stage.telegram.fail_with(lost());
    }
    stage.tell(ChannelEvent::Said(stage.inbound("telegram", "7", "77", "halo"))).await;
    let id = stage.telegram.take()[0].outbox_id;
    for minutes in [3, 11] {
        assert_eq!(stage.state(id).await, "queued");
        stage.advance(Duration::minutes(minutes)).await;
        assert_eq!(stage.telegram.take()[0].outbox_id, id, "after {minutes} minutes");
    }
    assert_eq!(stage.state(id).await, "queued", "it outlasts a bad quarter of an hour");
    stage.advance(Duration::minutes(61)).await;
    assert_eq!(stage.state(id).await, "dead");
    // One answer that comes back is enough.
    stage.telegram.take();
    stage.telegram.heal();
    stage.telegram.fail_with(lost());
    stage.tell(ChannelEvent::Said(stage.inbound("telegram", "7", "78", "halo"))).await;
    let other = stage.telegram.take()[0].outbox_id;
    stage.advance(Duration::minutes(3)).await;
    assert_eq!(stage.state(other).await, "sent");
}

#[tokio::test]
async fn a_message_that_was_held_up_before_is_not_given_up_for_one_broken_connection() {
    let stage = Stage::open().await;
    for _ in 0..3 {
        stage.whatsapp.fail_with(CallError::Retry { reason: "130429".to_owned(), after_ms: Some(5_000) });
    }
    stage.whatsapp.fail_with(lost());
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    for _ in 0..3 {
        stage.advance(Duration::seconds(9)).await;
    }
    assert_eq!(stage.state(id).await, "queued");
    assert_eq!(
        stage.one("select attempts || ' ' || unknown_tries from outbox order by id limit 1").await,
        "4 1"
    );
    stage.advance(Duration::seconds(121)).await;
    assert_eq!(stage.state(id).await, "sent");
}

#[tokio::test]
async fn a_platform_that_is_out_of_order_for_hours_costs_no_message_and_is_not_stormed() {
    for may_have_worked in [false, true] {
        let stage = Stage::open().await;
        stage.employ("44").await;
        for _ in 0..1_000 {
            stage.whatsapp.fail_with(ill(may_have_worked));
        }
        for chat in 0..6 {
            stage.say(&format!("6280{chat}"), "halo").await;
        }
        for _ in 0..60 {
            stage.advance(Duration::minutes(3)).await;
        }
        let tried = stage.whatsapp.take();
        assert!((30..90).contains(&tried.len()), "{}", tried.len());
        let chats: std::collections::BTreeSet<&str> = tried.iter().map(|sent| sent.chat.as_str()).collect();
        assert!(chats.len() > 4, "not the same one again and again: {chats:?}");
        assert_eq!(stage.one("select count(*)::text from outbox where state = 'dead'").await, "0");
        stage.whatsapp.heal();
        for _ in 0..10 {
            stage.advance(Duration::minutes(1)).await;
        }
        assert_eq!(stage.one("select count(*)::text from outbox where state = 'queued'").await, "0");
        assert_eq!(stage.telegram.take(), [], "nobody was told that something did not arrive");
    }
}

#[tokio::test]
async fn a_message_that_makes_its_platform_fail_keeps_nobody_else_waiting_and_is_given_up_alone() {
    let stage = Stage::open().await;
    stage.whatsapp.poison("628");
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    for round in 0..100 {
        // Another person each time: somebody who says the same for hours is taken for a machine.
        let other = format!("629{round}");
        stage.say(&other, "menu").await;
        for _ in 0..5 {
            stage.advance(Duration::minutes(1)).await;
        }
        assert!(stage.whatsapp.take().iter().any(|sent| sent.chat == other), "{round}");
        let waiting = "select count(*)::text from outbox where state = 'queued' and chat like '629%'";
        assert_eq!(stage.one(waiting).await, "0");
        if stage.state(id).await == "dead" {
            assert!(round > 20, "not at once: {round}");
            return;
        }
    }
    panic!("it is tried for ever");
}

#[tokio::test]
async fn a_report_brings_back_what_was_given_up_and_the_shop_hears_that_it_arrived() {
    for state in [DeliveryState::Sent, DeliveryState::Delivered, DeliveryState::Read] {
        let stage = Stage::open().await;
        stage.employ("44").await;
        let id = given_up(&stage).await;
        assert_eq!(stage.telegram.take().len(), 1);
        stage.whatsapp.heal();
        stage.report(id, state).await;
        assert_ne!(stage.state(id).await, "dead", "{state:?}");
        let told = stage.telegram.take();
        assert!(told.len() == 1 && told[0].text.contains("ternyata sampai"), "{told:?}");
        stage.report(id, DeliveryState::Read).await;
        assert_eq!(stage.telegram.take(), [], "once");
    }
}

#[tokio::test]
async fn a_late_word_that_the_platform_took_a_message_does_not_undo_that_it_could_not_deliver_it() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    stage.fails(id, &format!("whatsapp-{id}"), DeliveryFailure::Unreachable).await;
    stage.report(id, DeliveryState::Sent).await;
    assert_eq!(stage.state(id).await, "dead");
    stage.report(id, DeliveryState::Delivered).await;
    assert_eq!(stage.state(id).await, "delivered", "a device has it");
}

/// So many messages of which the platform reports within so long that it has them.
async fn reported(stage: &Stage, count: usize, within: Duration) {
    for number in 0..count {
        let chat = format!("6285{number}");
        stage.say(&chat, "halo").await;
        let id = stage.whatsapp.take()[0].outbox_id;
        stage.advance(within).await;
        stage.report(id, DeliveryState::Sent).await;
        stage.whatsapp.take();
    }
}

#[rstest]
#[case(Doubt::Died)]
#[case(Doubt::NoAnswer)]
#[tokio::test]
async fn a_report_is_waited_for_as_long_as_those_of_the_account_take(#[case] doubt: Doubt) {
    let stage = Stage::open().await;
    reported(&stage, 6, Duration::seconds(5)).await;
    stage.advance(Duration::minutes(2)).await;
    let id = in_doubt(&stage, doubt).await;
    stage.advance(Duration::seconds(3)).await;
    assert_eq!(stage.whatsapp.take(), [], "four times as long as usual is not over");
    stage.advance(Duration::seconds(2)).await;
    assert_eq!(stage.whatsapp.take()[0].outbox_id, id);
}

#[rstest]
#[case(Doubt::Died)]
#[case(Doubt::NoAnswer)]
#[tokio::test]
async fn whoever_writes_again_is_not_left_waiting_for_a_report(#[case] doubt: Doubt) {
    let stage = Stage::open().await;
    let id = in_doubt(&stage, doubt).await;
    assert_eq!(stage.whatsapp.take(), []);
    stage.say("629", "halo").await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.outbox_id != id), "somebody else has written");
    stage.say("628", "halo?").await;
    assert_eq!(stage.whatsapp.take()[0].outbox_id, id);
}

#[rstest]
#[case(Doubt::Died)]
#[case(Doubt::NoAnswer)]
#[tokio::test]
async fn a_report_of_a_later_message_ends_the_wait_for_an_earlier_one(#[case] doubt: Doubt) {
    let stage = Stage::open().await;
    let id = in_doubt(&stage, doubt).await;
    stage.say("629", "halo").await;
    let later = stage.whatsapp.take()[0].outbox_id;
    stage.report(later, DeliveryState::Sent).await;
    assert!(stage.whatsapp.take().iter().any(|sent| sent.outbox_id == id));
}

#[tokio::test]
async fn a_message_that_the_platform_could_not_deliver_for_now_goes_again_once() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    let again = DeliveryFailure::Retry { after_ms: None };
    stage.fails(id, &format!("whatsapp-{id}"), again).await;
    stage.fails(id, &format!("whatsapp-{id}"), again).await;
    assert_eq!(stage.whatsapp.take(), [], "not at once");
    stage.advance(Duration::seconds(2)).await;
    let sent = stage.whatsapp.take();
    assert_eq!(sent.iter().filter(|sent| sent.outbox_id == id).count(), 1);
    assert_eq!(stage.state(id).await, "sent");
}

#[tokio::test]
async fn a_report_about_an_earlier_try_does_not_take_a_later_one_back() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    stage.fails(id, "whatsapp-of-an-earlier-try", DeliveryFailure::Unreachable).await;
    assert_eq!(stage.state(id).await, "sent");
    stage.fails(id, &format!("whatsapp-{id}"), DeliveryFailure::Unreachable).await;
    assert_eq!(stage.state(id).await, "dead");
}

#[tokio::test]
async fn one_account_reports_nothing_about_the_messages_of_another() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    for state in [DeliveryState::Failed, DeliveryState::Read] {
        let report = Delivery {
            account: "n2".to_owned(),
            outbox_id: Some(id),
            channel_message_id: format!("whatsapp-{id}"),
            state,
            error: None,
            failure: None,
            is_part: false,
        };
        stage.tell(ChannelEvent::Delivery(report)).await;
        assert_eq!(stage.state(id).await, "sent");
    }
}

#[tokio::test]
async fn a_window_that_the_platform_calls_shut_is_shut_for_the_next_try() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    stage.fails(id, &format!("whatsapp-{id}"), DeliveryFailure::WindowShut).await;
    stage.advance(Duration::seconds(2)).await;
    let again = stage.whatsapp.take();
    let written_at = again[0].last_inbound_at.unwrap();
    assert!(
        again[0].outbox_id == id && stage.pipeline.clock.now() - written_at >= Duration::hours(24),
        "{written_at}"
    );
}

#[tokio::test]
async fn rows_that_nobody_here_can_send_do_not_keep_others_from_being_sent() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    stage.whatsapp.take();
    let insert =
        "insert into conversations (id, store_id, channel, chat, customer_id, state, created_at, updated_at)
           select 'c' || n, store_id, 'web', 'w' || n, customer_id, state, created_at, updated_at
           from conversations, generate_series(1, 200) as n where chat = '628'";
    sqlx::query(insert).execute(&stage.shop.pool).await.unwrap();
    let queue = "insert into outbox (conversation_id, lane, channel, chat, payload, due_at, created_at)
           select c.id, $1, 'gone', c.chat, '{}', c.created_at, c.created_at from conversations c
           where c.channel = 'web'";
    for lane in [MESSAGES, CALLS] {
        sqlx::query(queue).bind(lane).execute(&stage.shop.pool).await.unwrap();
    }
    sqlx::query("insert into outbox (conversation_id, lane, channel, chat, payload, due_at, created_at)
                 select id, 'call', 'sandbox', '', '{}', created_at, created_at from conversations where chat = '628'")
        .execute(&stage.shop.pool)
        .await
        .unwrap();
    assert_eq!(stage.pipeline.lease(Lane::Calls(CallKind::Question), 8).await.unwrap().len(), 1);
    assert_eq!(stage.pipeline.lease(Lane::Messages, 8).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_lease_holds_for_as_long_as_it_is_renewed_and_no_longer() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    sqlx::query("update outbox set state = 'queued' where id = (select min(id) from outbox)")
        .execute(&stage.shop.pool)
        .await
        .unwrap();
    let lease = async |pipeline: &Pipeline| pipeline.lease(Lane::Messages, 8).await.unwrap();
    let row = lease(&stage.pipeline).await.remove(0);
    let renew = async |until: DateTime<Utc>| {
        leases::renew(&mut stage.shop.pool.acquire().await.unwrap(), &[row.id], until).await.unwrap();
    };
    stage.pipeline.clock.advance(Duration::seconds(10));
    renew(stage.pipeline.clock.now() + Duration::seconds(15)).await;
    stage.pipeline.clock.advance(Duration::seconds(10));
    assert_eq!(lease(&stage.pipeline).await.len(), 0);
    stage.pipeline.clock.advance(Duration::seconds(6));
    assert_eq!(lease(&stage.pipeline).await.len(), 1);
}
