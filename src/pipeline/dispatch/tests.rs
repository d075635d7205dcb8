//! Sends that fail in every way, on a real database.

use chrono::{DateTime, Duration, Utc};

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

#[tokio::test]
async fn what_a_process_was_sending_when_it_died_waits_for_the_platforms_report() {
    let stage = Stage::open().await;
    let id = dies_while_sending(&stage).await;
    stage.advance(Duration::seconds(100)).await;
    assert_eq!(stage.whatsapp.take(), [], "it may have gone out");
    stage.report(id, DeliveryState::Sent).await;
    stage.advance(Duration::minutes(10)).await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.outbox_id != id), "it has");
}

#[tokio::test]
async fn what_nobody_has_reported_after_a_crash_goes_out_again() {
    let stage = Stage::open().await;
    let id = dies_while_sending(&stage).await;
    stage.advance(Duration::seconds(121)).await;
    assert_eq!(stage.whatsapp.take()[0].outbox_id, id);
}

#[tokio::test]
async fn a_message_of_which_no_answer_ever_comes_is_given_up_and_the_shop_is_told() {
    let stage = Stage::open().await;
    stage.employ("44").await;
    for _ in 0..10 {
        let reason = "no answer".to_owned();
        stage.whatsapp.fail_with(CallError::Unknown { reason, after_ms: 120_000 });
    }
    stage.say("628", "halo").await;
    stage.telegram.take();
    let id = stage.whatsapp.take()[0].outbox_id;
    for _ in 0..2 {
        assert_eq!(stage.state(id).await, "queued");
        stage.advance(Duration::seconds(121)).await;
    }
    assert_eq!(stage.state(id).await, "dead");
    assert_eq!(stage.telegram.take().len(), 1);
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
