//! Words that mean something everywhere, said in every state that the shipped flows come to, in both languages.

use super::Chat;
use super::walk::{everywhere, turn};
use crate::dialogue::conversation::{Mode, Role};
use crate::dialogue::event::Event;
use crate::dialogue::flow::model::SlotKind;
use crate::domain::customer::Language;

/// Answers that lead back from something that was looked at.
const MAX_STEPS_BACK: usize = 4;

/// What is said everywhere, in both languages, and what shows that it was understood: the beginning of a trace's entry.
const WORDS: [(&str, &str, &[&str]); 8] = [
    ("hapus data saya", "delete my data", &["mydata."]),
    ("data saya", "my data", &["mydata."]),
    ("mau bicara sama admin", "talk to a human", &["human.", "staff-human."]),
    ("bahasa inggris", "bahasa indonesia", &["language."]),
    ("lihat keranjang", "my cart", &["cart."]),
    ("menu", "menu", &["browse."]),
    ("pesanan saya", "my orders", &["orders."]),
    ("menu utama", "main menu", &["main."]),
];

fn customers() -> Vec<Chat> {
    let mut chats = everywhere(Role::Customer, true, true).0;
    chats.append(&mut everywhere(Role::Customer, true, false).0);
    chats.retain(|chat| chat.conversation.mode == Mode::Bot && chat.effect.is_none());
    chats
}

fn say(chat: &Chat, language: Language, text: &str) -> Chat {
    let mut next = chat.clone();
    next.conversation.language = language;
    next.passed.clear();
    turn(&mut next, &Event::Heard { text: text.to_owned() }, 0);
    next
}

#[test]
fn what_is_heard_everywhere_is_heard_in_every_state() {
    let chats = customers();
    assert!(chats.len() > 60, "{}", chats.len());
    let mut deaf = Vec::new();
    for chat in &chats {
        for (id, en, shows) in WORDS {
            for (language, text) in [(Language::Id, id), (Language::En, en)] {
                let next = say(chat, language, text);
                let is_heard =
                    next.passed.iter().any(|entry| shows.iter().any(|show| entry.starts_with(show)));
                // A person of the shop is there already, or the chat has become silent on the way.
                if !is_heard && !chat.state().starts_with("human.") {
                    deaf.push(format!("{} {text:?}: {:?}", chat.state(), next.passed));
                }
            }
        }
    }
    deaf.sort();
    deaf.dedup();
    assert!(deaf.is_empty(), "{} times nothing of it was heard:\n{}", deaf.len(), deaf.join("\n"));
}

/// Whether what comes in between is to come back to where a chat is.
fn is_kept(chat: &Chat) -> bool {
    let Some(frame) = chat.conversation.top() else { return false };
    let Some(state) = chat.flows.of(frame).and_then(|flow| flow.state(&frame.state)) else { return false };
    let asks = state.ask.is_some() || !state.buttons.is_empty() || state.list.is_some();
    state.keep
        || (frame.flow == "checkout" && asks && !["empty", "stuck", "stop"].contains(&frame.state.as_str()))
}

/// Whether any words answer the question of the state.
fn takes_words(chat: &Chat) -> bool {
    let frame = chat.conversation.top().unwrap();
    let flow = chat.flows.of(frame).unwrap();
    let asked = flow.state(&frame.state).and_then(|state| state.ask.as_ref());
    asked.and_then(|slot| flow.file.slots.get(&slot.value)).is_some_and(|slot| slot.kind == SlotKind::Text)
}

#[test]
fn what_comes_in_between_comes_back_to_where_it_was() {
    let mut lost = Vec::new();
    let chats: Vec<Chat> = customers().into_iter().filter(is_kept).collect();
    assert!(chats.len() > 12, "{}", chats.len());
    for chat in &chats {
        for (id, en) in [
            ("harga teh putih berapa?", "how much is the teh putih?"),
            ("teh putih masih ada?", "do you have teh putih?"),
            ("makasih ya", "thank you"),
            ("bantuan", "help"),
            ("lihat keranjang", "my cart"),
            ("menu", "menu"),
            ("pesanan saya", "my orders"),
            ("data saya", "my data"),
        ] {
            let own = [("cart.", "my cart"), ("mydata.", "my data"), ("orders.", "my orders")];
            if own.iter().any(|(flow, words)| chat.state().starts_with(flow) && *words == en) {
                continue;
            }
            if takes_words(chat) && (id.contains("teh") || id.contains("makasih")) {
                continue;
            }
            for (language, text, yes) in [(Language::Id, id, "oke"), (Language::En, en, "okay")] {
                let mut next = say(chat, language, text);
                let mut steps = Vec::new();
                while next.state() != chat.state() && steps.len() < MAX_STEPS_BACK {
                    steps.push(next.state());
                    next = say(&next, language, yes);
                }
                let slots = |chat: &Chat| chat.conversation.top().map(|frame| frame.slots.clone());
                if next.state() != chat.state() || slots(&next) != slots(chat) {
                    lost.push(format!("{} {text:?}: by {steps:?} to {}", chat.state(), next.state()));
                }
            }
        }
    }
    lost.sort();
    lost.dedup();
    assert!(lost.is_empty(), "{} times the way back was lost:\n{}", lost.len(), lost.join("\n"));
}
