//! Many people in one body: the same as one after the other, in few statements.

use serde_json::json;

use crate::domain::message::{ChannelEvent, Content, Inbound};
use crate::pipeline::stage::Stage;

fn said(stage: &Stage, chat: &str, aliases: &[&str], words: &str) -> Inbound {
    let inbound = stage.inbound("whatsapp", "n1", chat, words);
    Inbound {
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        sender_name: Some(format!("Nama {chat}")),
        sender_phone: Some(format!("+{chat}")),
        language_hint: chat.starts_with("ID").then(|| "en".to_owned()),
        thread: Some(json!({ "message_id": words })),
        ..inbound
    }
}

#[tokio::test]
async fn a_thousand_people_cost_one_transaction_for_each_hundred() {
    let stage = Stage::open().await;
    let crowd = |round: &str| -> Vec<ChannelEvent> {
        (0..1_000)
            .map(|number| {
                let chat = format!("ID.{number}");
                ChannelEvent::Said(said(
                    &stage,
                    &chat,
                    &[&format!("62800{number}")],
                    &format!("halo {round}"),
                ))
            })
            .collect()
    };
    for (body, rows, transactions) in
        [(crowd("satu"), "1000 1000 1000", "10"), (crowd("dua"), "1000 1000 2000", "20")]
    {
        stage.pipeline.accept_events(&"whatsapp".into(), body.clone()).await.unwrap();
        // The platform comes again, and nothing is stored twice.
        stage.pipeline.accept_events(&"whatsapp".into(), body).await.unwrap();
        let stored = "select (select count(*) from customers where name like 'Nama%') || ' ' ||
                        (select count(*) from chat_aliases) || ' ' || (select count(*) from inbox)";
        assert_eq!(stage.one(stored).await, rows);
        // A row knows the transaction that wrote it.
        let wrote = "select count(distinct xmin::text)::text from inbox";
        assert_eq!(stage.one(wrote).await, transactions);
    }
    let messages = "select count(*)::text from customer_messages where direction = 'inbound'";
    assert_eq!(stage.one(messages).await, "2000");
}

/// What came of events: conversations with their people and what each heard, in order.
async fn outcome(stage: &Stage) -> String {
    stage
        .one(
            "select string_agg(line, E'\n' order by line) from (
               select concat_ws(' | ', c.chat, c.person_id, k.name, k.phone, c.state ->> 'language', c.joined_into is not null,
                 (select string_agg(a.alias, ',' order by a.alias) from chat_aliases a where a.conversation_id = c.id),
                 (select string_agg(i.external_id || ' ' || (i.payload #>> '{inbound,thread,message_id}'), ',' order by i.id)
                  from inbox i where i.conversation_id = c.id),
                 (select string_agg(m.text, ',' order by m.text) from customer_messages m
                  where m.customer_id = c.customer_id and m.direction = 'inbound')) as line
               from conversations c join customers k on k.id = c.customer_id
               where c.chat not like 'joined%'
             ) lines",
        )
        .await
}

#[tokio::test]
async fn a_crowd_leaves_what_the_same_people_leave_one_after_the_other() {
    let bodies = |stage: &Stage| -> Vec<Vec<ChannelEvent>> {
        let say = |chat: &str, aliases: &[&str], words: &str| said(stage, chat, aliases, words);
        let twice = say("62801", &[], "dua kali");
        let odd = Inbound { thread: Some(json!({ "message_id": "x\0y" })), ..say("62809", &[], "nul") };
        let press =
            Inbound { content: Content::Press { data: "nobody.0".to_owned() }, ..say("62803", &[], "p") };
        let bodies = vec![
            // Known by number alone; by id alone; somebody who will have another id.
            vec![say("62801", &[], "a"), say("ID.2", &[], "b"), say("ID.4", &["62804"], "c")],
            vec![
                // A new id beside a number that is known, several messages of one person, a repeat, a press.
                say("ID.1", &["62801"], "d"),
                say("ID.1", &["62801"], "e"),
                twice.clone(),
                twice,
                press,
                // A number beside an id that is known: two names, one chat.
                say("ID.2", &["62802"], "f"),
                // The number has passed to somebody else.
                say("ID.5", &["62804"], "g"),
                say("62806", &[], "h"),
                odd,
                Inbound { content: Content::Silent, ..say("62807", &[], "i") },
                // Names of one account say nothing of those of another.
                Inbound { account: "nobody".to_owned(), ..say("62808", &[], "j") },
            ],
            // Two that were taken for two people, and others beside them.
            vec![say("62802", &[], "k"), say("62806", &["ID.7"], "l"), say("62810", &[], "m")],
        ];
        bodies.into_iter().map(|body| body.into_iter().map(ChannelEvent::Said).collect()).collect()
    };
    let (together, apart) = (Stage::open().await, Stage::open().await);
    for body in bodies(&together) {
        together.pipeline.accept_events(&"whatsapp".into(), body).await.unwrap();
    }
    for event in bodies(&apart).into_iter().flatten() {
        apart.pipeline.accept_events(&"whatsapp".into(), vec![event]).await.unwrap();
    }
    let expected = outcome(&apart).await;
    assert!(expected.lines().count() >= 8, "{expected}");
    same_lines(&outcome(&together).await, &expected);
}

fn same_lines(found: &str, expected: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

#[tokio::test]
async fn two_bots_that_count_alike_lose_nothing_of_each_other() {
    let stage = Stage::open().await;
    let accounts = std::collections::BTreeMap::from([
        (("telegram".into(), "7".to_owned()), stage.shop.store.clone()),
        (("telegram".into(), "8".to_owned()), stage.shop.store.clone()),
    ]);
    stage.pipeline.set_accounts(&["telegram".into()].into(), &accounts);
    let said = |account: &str| {
        let inbound = stage.inbound("telegram", account, "44", "halo");
        ChannelEvent::Said(Inbound { external_id: "u1".to_owned(), ..inbound })
    };
    for account in ["7", "8", "7", "8"] {
        stage.pipeline.accept_event(&"telegram".into(), said(account)).await.unwrap();
    }
    let keys = "select string_agg(external_id, ' ' order by id) from inbox";
    assert_eq!(stage.one(keys).await, "7/44:u1 8/44:u1");
    // What was stored before the account was part of the key is known, and only to its own account.
    sqlx::query("update inbox set external_id = '44:u1' where external_id = '7/44:u1'")
        .execute(&stage.shop.pool)
        .await
        .unwrap();
    stage.pipeline.accept_events(&"telegram".into(), vec![said("7"), said("8"), said("7")]).await.unwrap();
    assert_eq!(stage.one(keys).await, "44:u1 8/44:u1");
}

#[tokio::test]
async fn an_event_that_the_database_can_never_take_is_answered_all_the_same() {
    let stage = Stage::open().await;
    let odd = Inbound {
        thread: Some(json!({ "callback_id": "\0" })),
        ..stage.inbound("telegram", "7", "44", "halo")
    };
    crate::channels::Sink::accept(&stage.pipeline, &"telegram".into(), ChannelEvent::Said(odd))
        .await
        .unwrap();
    stage.pipeline.drain().await.unwrap();
    assert!(!stage.telegram.take().is_empty(), "the person hears that it could not be read");
}
