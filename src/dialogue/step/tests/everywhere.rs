//! Words that mean something everywhere, said in every state that the shipped flows come to, in both languages.

use super::Chat;
use super::walk::{BUYERS, REGULARS, SHIPPED, STAFF, turn};
use crate::dialogue::conversation::{Mode, Role};
use crate::dialogue::event::Event;
use crate::dialogue::flow::model::{Slot, SlotKind};
use crate::domain::customer::Language;

/// Answers that lead back from something that was looked at.
const MAX_STEPS_BACK: usize = 4;

/// How a person says each interrupt of `_global`, in Indonesian and in English.
const CUSTOMER_SAYS: [(&str, &str, &str); 25] = [
    ("human", "mau bicara sama admin", "talk to a human"),
    ("language", "bahasa inggris", "bahasa indonesia"),
    ("cancel", "batal", "cancel"),
    ("greet", "halo", "hello"),
    ("order", "pesan 2 teh hijau", "order 2 teh hijau"),
    ("change", "teh hijaunya jadi 3", "make the teh hijau 3"),
    ("remove", "hapus teh hijau", "remove the teh hijau"),
    ("clear", "kosongkan keranjang", "empty my cart"),
    ("view_cart", "lihat keranjang", "my cart"),
    ("checkout", "checkout", "check out"),
    ("browse", "menu", "menu"),
    ("ask_price", "harga teh hijau berapa?", "how much is the teh hijau?"),
    ("ask_stock", "teh hijau masih ada?", "do you have teh hijau?"),
    ("order_status", "pesanan saya", "my orders"),
    ("claims_paid", "sudah bayar", "I have paid"),
    ("help", "bantuan", "help"),
    ("ask_shop", "alamat tokonya di mana?", "where is the shop?"),
    ("deny", "ngga", "no"),
    ("thanks", "makasih ya", "thank you"),
    ("chitchat", "apa kabar", "how are you"),
    ("main_menu", "menu utama", "main menu"),
    ("my_data", "hapus data saya", "delete my data"),
    ("join", "/gabung ABCD-EFGH", "/join ABCD-EFGH"),
    ("split", "pisahkan chat", "split my chats"),
    ("link", "WRG-ABCDE-FGH34-JKM34", "link WRG-ABCDE-FGH34-JKM34"),
];

/// The same for `_staff`.
const STAFF_SAYS: [(&str, &str, &str); 29] = [
    ("link", "WRG-ABCDE-FGH34-JKM34", "link WRG-ABCDE-FGH34-JKM34"),
    ("language", "bahasa inggris", "bahasa indonesia"),
    ("cancel_order", "batalkan pesanan ORD-2026-0001", "cancel order ORD-2026-0001"),
    ("cancel", "batal", "cancel"),
    ("qris", "qris", "/qris"),
    ("qris_new", "qris baru", "qris new"),
    ("money", "", ""),
    ("write_stock", "stok teh hijau 20", "stock of teh hijau is 20"),
    ("write_price", "harga teh hijau jadi 30rb", "price of teh hijau to 30k"),
    ("stock_show", "/stok teh hijau", "/stock teh hijau"),
    ("stock_all", "stok", "stock"),
    ("undo", "urungkan", "undo"),
    ("undo_write", "", ""),
    ("price_cost", "harga modal teh hijau 20rb", "the wholesale price of teh hijau is 20000"),
    ("price_show", "/harga teh hijau", "/price teh hijau"),
    ("price_all", "daftar harga", "price list"),
    ("refund", "refund ORD-2026-0002 20rb", "/refund ORD-2026-0002 20k"),
    ("order_status", "mana ORD-2026-0002", "where is ORD-2026-0002"),
    ("deny", "ngga", "no"),
    ("browse", "lihat teh hijau", "show me teh hijau"),
    ("ask_stock", "teh hijau masih ada?", "do you have teh hijau?"),
    ("ask_price", "harga teh hijau berapa?", "how much is the teh hijau?"),
    ("human", "mau bicara sama admin", "talk to a human"),
    ("see_today", "omzet hari ini", "how are we doing today"),
    ("see_orders", "ada order baru?", "any new orders"),
    ("see_stock", "cek stok", "inventory"),
    ("greet", "halo", "hello"),
    ("help", "bantuan", "help"),
    ("thanks", "makasih ya", "thank you"),
];

fn customers() -> Vec<Chat> {
    REGULARS.0.iter().chain(&BUYERS.0).filter(|chat| is_open(chat)).cloned().collect()
}

/// Whether the program, and not a person, waits for words there.
fn is_open(chat: &Chat) -> bool {
    chat.conversation.mode == Mode::Bot && chat.effect.is_none()
}

fn say(chat: &Chat, language: Language, text: &str) -> Chat {
    let mut next = chat.clone();
    next.conversation.language = language;
    next.passed.clear();
    turn(&mut next, &Event::Heard { text: text.to_owned() }, 0);
    next
}

/// Every interrupt of a role with its words, held against those that the flow file has.
fn spoken(role: Role) -> Vec<(&'static str, bool, [&'static str; 2])> {
    let says: &[(&str, &str, &str)] = if role == Role::Staff { &STAFF_SAYS } else { &CUSTOMER_SAYS };
    let interrupts = &SHIPPED.global(role).unwrap().file.interrupts;
    let unsaid: Vec<&String> =
        interrupts.keys().filter(|name| !says.iter().any(|(said, ..)| *said == name.as_str())).collect();
    assert!(unsaid.is_empty(), "nobody says them here: {unsaid:?}");
    let gone: Vec<&str> = says
        .iter()
        .map(|(said, ..)| *said)
        .filter(|said| !interrupts.keys().any(|name| name == said))
        .collect();
    assert!(gone.is_empty(), "the flow has none of them: {gone:?}");
    let strong =
        |name: &str| interrupts.get(name).is_some_and(|cases| cases.0.iter().any(|target| target.strong));
    let said = says.iter().filter(|(_, id, _)| !id.is_empty());
    said.map(|(name, id, en)| (*name, strong(name), [*id, *en])).collect()
}

/// The states in which something that is said everywhere was not heard.
fn deaf(role: Role, chats: &[Chat]) -> Vec<String> {
    let mut deaf = Vec::new();
    for chat in chats {
        for (name, is_strong, texts) in spoken(role) {
            // Where any words are an answer, only what is strong is something else; and what the shop's people write to
            // somebody may speak of stocks and prices.
            if takes_words(chat) && (!is_strong || (name.starts_with("write_") && takes_sentences(chat))) {
                continue;
            }
            for (language, text) in [Language::Id, Language::En].into_iter().zip(texts) {
                let next = say(chat, language, text);
                // A no answers the question of a state, even where another answer is needed.
                let is_answer = name == "deny" && next.passed.iter().any(|entry| entry == "wrong-answer");
                let is_heard = next.passed.iter().any(|entry| {
                    let way = entry.split_once('>');
                    entry == "choice"
                        || way.is_some_and(|(state, way)| {
                            way == name || state == chat.state() && name == "deny"
                        })
                }) || is_answer;
                // A person of the shop is there already, or the chat has become silent on the way.
                if !is_heard && !chat.state().starts_with("human.") {
                    deaf.push(format!("{name} {text:?} {}: {:?}", chat.state(), next.passed));
                }
            }
        }
    }
    deaf.sort();
    deaf.dedup();
    deaf
}

#[test]
fn what_is_heard_everywhere_is_heard_in_every_state_of_a_customers_chat() {
    let chats = customers();
    assert!(chats.len() > 60, "{}", chats.len());
    let deaf = deaf(Role::Customer, &chats);
    assert!(deaf.is_empty(), "{} times nothing of it was heard:\n{}", deaf.len(), deaf.join("\n"));
}

#[test]
fn what_is_heard_everywhere_is_heard_in_every_state_of_a_staff_chat() {
    let chats: Vec<Chat> = STAFF.0.iter().filter(|chat| is_open(chat)).cloned().collect();
    assert!(chats.len() > 40, "{}", chats.len());
    let deaf = deaf(Role::Staff, &chats);
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
    asked(chat).is_some_and(|slot| slot.kind == SlotKind::Text)
}

/// Whether they may be more than a number or an amount.
fn takes_sentences(chat: &Chat) -> bool {
    asked(chat).is_some_and(|slot| slot.max.is_none_or(|max| max > 30))
}

fn asked(chat: &Chat) -> Option<&Slot> {
    let frame = chat.conversation.top()?;
    let flow = chat.flows.of(frame)?;
    let asked = flow.state(&frame.state)?.ask.as_ref()?;
    flow.file.slots.get(&asked.value).map(|slot| &slot.value)
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
            ("kapan sampai?", "when will it arrive?"),
            ("ORD-2026-0001", "ORD-2026-0001"),
            ("berapa totalnya?", "how much in total?"),
        ] {
            let own = [
                ("cart.", "my cart"),
                ("cart.", "how much in total?"),
                ("mydata.", "my data"),
                ("orders.", "my orders"),
                ("orders.", "when will it arrive?"),
                ("orders.", "ORD-2026-0001"),
            ];
            if own.iter().any(|(flow, words)| chat.state().starts_with(flow) && *words == en) {
                continue;
            }
            // A note may ask, thank, and speak of goods and orders.
            let may_be_note = ["teh", "makasih", "sampai", "ORD", "totalnya"];
            if takes_words(chat) && may_be_note.iter().any(|word| id.contains(word)) {
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

#[test]
fn an_answer_is_heard_while_something_else_is_looked_at() {
    let asks = |chat: &Chat, kind: SlotKind| asked(chat).is_some_and(|slot| slot.kind == kind);
    let answers = [
        (SlotKind::Phone, "081298765432"),
        (SlotKind::Name, "Rina Hartono"),
        (SlotKind::Address, "Jl. Kenanga 7, Bogor"),
    ];
    let looks = [
        ("menu", "menu"),
        ("pesanan saya", "my orders"),
        ("data saya", "my data"),
        ("kapan sampai?", "when will it arrive?"),
        ("berapa totalnya?", "how much in total?"),
    ];
    let chats: Vec<Chat> = customers().into_iter().filter(is_kept).collect();
    let (mut heard, mut deaf) = (0, Vec::new());
    for (kind, answer) in answers {
        for chat in chats.iter().filter(|chat| asks(chat, kind)) {
            for (id, en) in looks {
                for (language, text) in [(Language::Id, id), (Language::En, en)] {
                    let next = say(&say(chat, language, text), language, answer);
                    heard += 1;
                    // A name over a list of products may be what is looked for there.
                    let over_list = kind == SlotKind::Name && text == "menu";
                    if !over_list && next.passed.iter().any(|entry| entry.starts_with("missed:")) {
                        deaf.push(format!("{} {text:?} {answer:?}: {:?}", chat.state(), next.passed));
                    }
                }
            }
        }
    }
    assert!(heard > 20, "{heard}");
    assert!(deaf.is_empty(), "{}", deaf.join("\n"));
}

/// What a line of a locale file tells people to type: `/menu`, and with it whatever follows.
fn slashed(line: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| !c.is_ascii_lowercase();
    line.match_indices('/').filter_map(move |(at, _)| {
        let is_start = line[..at].chars().last().is_none_or(|before| " (\"“*`".contains(before));
        let name = line[at + 1..].split(ends).next().unwrap_or_default();
        (is_start && !name.is_empty()).then_some(name)
    })
}

#[test]
fn every_stroke_command_that_a_text_names_is_heard_by_whom_it_is_told() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let (mut named, mut deaf) = (std::collections::BTreeSet::new(), Vec::new());
    for language in [Language::Id, Language::En] {
        for file in std::fs::read_dir(folder.join(language.code())).unwrap() {
            let path = file.unwrap().path();
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                for name in slashed(line) {
                    named.insert(name.to_owned());
                    let hears = |role: Role| {
                        let mut chat = Chat::new(&SHIPPED);
                        chat.conversation.role = role;
                        turn(&mut chat, &Event::Heard { text: "halo".into() }, 0);
                        let next = say(&chat, language, &format!("/{name}"));
                        !next.passed.iter().any(|entry| entry.starts_with("missed:"))
                    };
                    // What only the shop's people can do is told to nobody else; what customers can do, they read too.
                    let is_staff = path.file_name().unwrap().to_string_lossy().starts_with("staff");
                    let heard = if is_staff {
                        hears(Role::Staff)
                    } else {
                        hears(Role::Customer) || hears(Role::Staff)
                    };
                    if !heard {
                        deaf.push(format!("{}: /{name}", path.display()));
                    }
                }
            }
        }
    }
    assert!(named.len() >= 8, "{named:?}");
    assert!(deaf.is_empty(), "{}", deaf.join("\n"));
}
