//! Listening at the fake's gateway: nothing lost, nothing twice, every interaction acknowledged.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::fakes::Fault;

struct Listening {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Listening {
    fn start(discord: &Discord, kept: &Arc<Kept>) -> Self {
        let stop = CancellationToken::new();
        let (discord, sink, token) = (discord.clone(), Arc::clone(kept), stop.clone());
        let task = tokio::spawn(async move { discord.listen(sink, token).await });
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(10), self.task).await.unwrap().unwrap();
    }
}

async fn listening() -> (Arc<Fake>, Discord, Arc<Kept>, Listening) {
    let (fake, discord) = start().await;
    let kept = Arc::new(Kept::default());
    let listening = Listening::start(&discord, &kept);
    assert!(fake.until(|fake| fake.gateway() == (1, 0, 1)).await);
    (fake, discord, kept, listening)
}

/// Waits until so much was stored. Storing makes no sound at the platform, so this asks again and again.
async fn stored(kept: &Kept, count: usize) {
    let events = || kept.lock().events.len();
    // The time is for the next one, not for all of them.
    let mut known = events();
    while known < count {
        let wait = async {
            while events() == known {
                tokio::task::yield_now().await;
            }
        };
        let more = tokio::time::timeout(Duration::from_secs(10), wait).await;
        assert!(more.is_ok(), "{known} of {count} are stored");
        known = events();
    }
}

#[tokio::test]
async fn what_people_send_is_stored_and_what_they_press_is_acknowledged() {
    let (fake, _, kept, listening) = listening().await;
    fake.push(&person(), "1", &text("halo"));
    fake.push(&person(), "2", &press("k.0"));
    fake.push_raw(json!({ "t": "INTERACTION_CREATE", "d": { "type": 99, "weird": true } }));
    assert!(fake.until(|fake| fake.unanswered() == 0 && fake.recorded().len() >= 2).await);
    stored(&kept, 2).await;
    assert_eq!(kept.contents(), [text("halo"), press("k.0")]);
    listening.stop().await;
    nothing_was_refused(&fake);
    fake.stop().await;
}

#[tokio::test]
async fn a_form_opens_at_once_and_its_words_are_heard() {
    let (fake, _, kept, listening) = listening().await;
    fake.push(&person(), "1", &press("form:address:Alamat kirim"));
    assert!(fake.until(|fake| fake.recorded().iter().any(|recorded| recorded.body["type"] == 9)).await);
    fake.push_form(&person(), "form:address:Alamat kirim", "Jl. Melati 5");
    stored(&kept, 1).await;
    assert_eq!(kept.contents(), [text("Jl. Melati 5")]);
    assert!(fake.until(|fake| fake.unanswered() == 0).await);
    listening.stop().await;
    nothing_was_refused(&fake);
}

#[tokio::test]
async fn a_broken_connection_is_taken_up_without_loss_or_repeat() {
    let (fake, _, kept, listening) = listening().await;
    fake.push(&person(), "1", &text("satu"));
    stored(&kept, 1).await;
    fake.arm(USER, Fault::Disconnect);
    fake.push(&person(), "2", &text("dua"));
    assert!(fake.until(|fake| fake.gateway() == (1, 1, 1)).await);
    fake.reconnect();
    fake.push(&person(), "3", &text("tiga"));
    assert!(fake.until(|fake| fake.gateway() == (1, 2, 1)).await);
    stored(&kept, 3).await;
    assert_eq!(kept.contents(), [text("satu"), text("dua"), text("tiga")]);
    assert_eq!(kept.lock().repeats, 0);
    listening.stop().await;
}

#[tokio::test]
async fn the_next_process_hears_what_was_said_meanwhile() {
    let (fake, discord, kept, listening) = listening().await;
    fake.push(&person(), "1", &text("satu"));
    stored(&kept, 1).await;
    // Killed: nothing is closed or kept any more.
    listening.task.abort();
    assert!(fake.until(|fake| fake.gateway().2 == 0).await);
    fake.push(&person(), "2", &text("dua"));
    let next = Listening::start(&channel(&fake), &kept);
    assert!(fake.until(|fake| fake.gateway() == (1, 1, 1)).await);
    stored(&kept, 2).await;
    assert_eq!(kept.contents(), [text("satu"), text("dua")]);
    next.stop().await;
    drop(discord);
}

#[tokio::test]
async fn a_session_that_is_over_is_followed_by_a_new_one() {
    let (fake, _, kept, listening) = listening().await;
    fake.invalidate();
    let is_back = fake.until(|fake| fake.gateway().0 == 2).await;
    // The platform asks for a pause of up to five seconds.
    assert!(is_back || fake.until(|fake| fake.gateway().0 == 2).await);
    fake.push(&person(), "1", &text("halo"));
    stored(&kept, 1).await;
    listening.stop().await;
}

#[tokio::test]
async fn what_was_written_between_two_sessions_is_read_from_the_chats_of_the_shop() {
    let (fake, discord, kept, listening) = listening().await;
    fake.push(&person(), "1", &text("satu"));
    stored(&kept, 1).await;
    kept.lock().heard = vec![
        LastHeard { chat: USER.to_owned(), at: fake.now() },
        LastHeard { chat: "x".to_owned(), at: fake.now() },
    ];
    let shown = says("Halo");
    discord.send(sending(&fake, &to(), 1, &shown, None)).await.unwrap();
    listening.task.abort();
    assert!(fake.until(|fake| fake.gateway().2 == 0).await);
    // More than one page, in the order in which it was written, and never what the bot itself said.
    fake.invalidate();
    fake.advance(chrono::TimeDelta::hours(5));
    let words: Vec<String> = (0..150).map(|number| format!("pesan {number}")).collect();
    for (number, words) in words.iter().enumerate() {
        fake.push(&person(), &format!("away{number}"), &text(words));
    }
    // The place of the new session is kept only when all that was missed is stored.
    kept.lock().failures = 2;
    let next = Listening::start(&channel(&fake), &kept);
    stored(&kept, 151).await;
    let said: Vec<Content> = words.iter().map(|words| text(words)).collect();
    assert_eq!(kept.contents()[1..], said);
    assert_eq!(kept.lock().repeats, 1);
    fake.push(&person(), "last", &text("terakhir"));
    stored(&kept, 152).await;
    next.stop().await;
    let note = kept.lock().note.clone().unwrap();
    assert_eq!(note["session_id"], "session2");
    nothing_was_refused(&fake);
}

#[tokio::test]
async fn an_event_is_stored_in_the_end_and_acknowledged_in_time() {
    let (fake, _, kept, listening) = listening().await;
    kept.lock().failures = 3;
    fake.push(&person(), "1", &press("k.0"));
    stored(&kept, 1).await;
    assert!(fake.until(|fake| fake.unanswered() == 0).await);
    // A store that hangs does not keep the person waiting.
    kept.lock().hangs = true;
    fake.push(&person(), "2", &press("k.1"));
    assert!(fake.until(|fake| fake.unanswered() == 0).await);
    assert_eq!(kept.contents().len(), 1);
    listening.task.abort();
}

#[tokio::test]
async fn heartbeats_keep_the_connection() {
    let (fake, discord) = start().await;
    fake.set_heartbeat(Duration::from_millis(40));
    let kept = Arc::new(Kept::default());
    let listening = Listening::start(&discord, &kept);
    assert!(fake.until(|fake| fake.gateway() == (1, 0, 1)).await);
    // The fake counts a heartbeat as a change; a connection that beats is not opened again.
    assert!(fake.until(|fake| fake.heartbeats() >= 3).await);
    assert_eq!(fake.gateway(), (1, 0, 1));
    listening.stop().await;
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_the_listener_can_still_be_stopped() {
    let fake = Fake::start("other").await.unwrap();
    let discord = channel(&fake);
    let kept = Arc::new(Kept::default());
    let listening = Listening::start(&discord, &kept);
    assert!(fake.until(|fake| fake.recorded().iter().any(|recorded| recorded.status == 401)).await);
    listening.stop().await;
}

/// The shop heard a person, the bot went, its session ended, and five hours have passed.
async fn away(fake: &Fake, kept: &Kept, listening: Listening) {
    fake.push(&person(), "1", &text("satu"));
    stored(kept, 1).await;
    kept.lock().heard = vec![LastHeard { chat: USER.to_owned(), at: fake.now() }];
    listening.task.abort();
    assert!(fake.until(|fake| fake.gateway().2 == 0).await);
    fake.invalidate();
    fake.advance(chrono::TimeDelta::hours(5));
}

#[tokio::test]
async fn a_page_that_is_longer_than_is_read_at_once_is_read_in_smaller_ones() {
    let (fake, _, kept, listening) = listening().await;
    away(&fake, &kept, listening).await;
    let words: Vec<String> = (0..130).map(|number| format!("{number} {}", "🍵".repeat(3_900))).collect();
    for (number, words) in words.iter().enumerate() {
        fake.push(&person(), &format!("away{number}"), &text(words));
    }
    let next = Listening::start(&channel(&fake), &kept);
    stored(&kept, 131).await;
    let said: Vec<Content> = words.iter().map(|words| text(words)).collect();
    assert_eq!(kept.contents()[1..], said);
    next.stop().await;
    nothing_was_refused(&fake);
}

#[tokio::test]
async fn reading_again_what_one_person_wrote_keeps_nobody_else_waiting_and_loses_nothing_when_it_is_broken_off()
 {
    let (fake, _, kept, listening) = listening().await;
    away(&fake, &kept, listening).await;
    fake.push(&person(), "away", &text("dua"));
    fake.arm(USER, Fault::Slow(Duration::from_secs(600)));
    let next = Listening::start(&channel(&fake), &kept);
    assert!(fake.until(|fake| fake.gateway().0 == 2).await);
    let other = Person { chat: "200000000000000002".to_owned(), ..person() };
    fake.push(&person(), "after", &text("tiga"));
    fake.push(&other, "other", &text("halo"));
    stored(&kept, 2).await;
    assert_eq!(kept.contents(), [text("satu"), text("halo")]);
    // Only its note tells the next process which chat is still to be read, and where its session stood.
    next.task.abort();
    assert!(fake.until(|fake| fake.gateway().2 == 0).await);
    kept.lock().heard.clear();
    let last = Listening::start(&channel(&fake), &kept);
    stored(&kept, 4).await;
    assert_eq!(kept.contents()[2..], [text("dua"), text("tiga")]);
    last.stop().await;
    assert_eq!(kept.lock().note.clone().unwrap()["unread"], json!([]));
}

#[tokio::test]
async fn everything_that_is_pressed_is_acknowledged_while_the_store_does_nothing() {
    let (fake, _, kept, listening) = listening().await;
    fake.push(&person(), "1", &text("satu"));
    stored(&kept, 1).await;
    kept.lock().hangs = true;
    for number in 0..600 {
        fake.push(&person(), &format!("p{number}"), &press("k.0"));
    }
    // However slow the machine is: every fifty of them are waited for like anything else.
    for left in (0..600).step_by(50).rev() {
        assert!(fake.until(|fake| fake.unanswered() <= left).await, "{} unanswered", fake.unanswered());
    }
    assert_eq!(kept.contents(), [text("satu")]);
    // Nothing of it is noted as heard, so that the next process is told it again.
    listening.task.abort();
    assert!(fake.until(|fake| fake.gateway().2 == 0).await);
    kept.lock().hangs = false;
    let next = Listening::start(&channel(&fake), &kept);
    stored(&kept, 601).await;
    next.stop().await;
}
