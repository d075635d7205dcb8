//! Walks through the shipped flows in every direction with every kind of event: nobody is ever stuck or met by silence.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Chat, rupiah};
use crate::dialogue::conversation::{Mode, Role};
use crate::dialogue::effect;
use crate::dialogue::event::{Event, Freshness, SIGNALS};
use crate::dialogue::flow::Flows;
use crate::dialogue::step::MAX_EFFECTS_PER_TURN;
use crate::dialogue::value::{Row, Type, Value};
use crate::dialogue::world::row;
use crate::domain::cart::CartLine;
use crate::domain::message::MediaKind;

pub(super) static SHIPPED: LazyLock<Flows> = LazyLock::new(|| Flows::shipped().unwrap());

/// What people type, sense and nonsense.
const TEXTS: &[&str] = &[
    "halo",
    "menu",
    "pesan 2 teh hijau",
    "2 green tea and 1 white tea",
    "keranjang",
    "checkout",
    "ya",
    "tidak",
    "batal",
    "1",
    "2",
    "9",
    "0",
    "-1",
    "999999999",
    "setengah",
    "teh",
    "Ayu Lestari",
    "081234567890",
    "Jl. Kemang Raya 12, Jakarta",
    "mau bicara sama orang",
    "english please",
    "bahasa indonesia",
    "makasih ya",
    "pesanan saya",
    "sudah bayar",
    "/menu",
    "/cart",
    "/orders",
    "/nothing",
    "/",
    "WRG-ABCDE-FGH34-JKM34",
    "teh hijaunya jadi 3",
    "hapus teh putih",
    "kosongkan keranjang",
    "berapa harga teh hijau?",
    "yang kedua",
    "catat: jangan pedas",
    "",
    "   ",
    "\n",
    "🍵🍵🍵",
    "مرحبا كيف حالك",
    "\u{202e}evil\u{202c}",
    "'; drop table orders; --",
    "{ $name }",
    "\u{0}\u{1}",
    "bot",
    "stok teh hijau 20",
    "JNE JP1234567890",
    "hari ini",
    "ORD-2026-0001",
    "buka jam berapa",
    "bisa bayar pakai kartu kredit?",
    "halal ga kak?",
    "omzet",
    "ada order baru?",
];

fn value(kind: Type) -> Value {
    let product: Row = row([
        ("product", "hijau".into()),
        ("variant", Value::None),
        ("name", "Teh Hijau".into()),
        ("price", rupiah(25_000).into()),
        ("free", Value::Int(3)),
        ("stock", Value::Int(3)),
        ("sold_out", false.into()),
        ("order", "0001".into()),
        ("code", "pickup".into()),
        ("pickup", true.into()),
        ("text", "teh poci".into()),
    ]);
    match kind {
        Type::Bool => true.into(),
        Type::Int => Value::Int(2),
        Type::Money => rupiah(25_000).into(),
        Type::Time => chrono::DateTime::from_timestamp(1_795_419_300, 0).into(),
        Type::Text => "0001".into(),
        Type::Word => Value::Word("order-status.paid".into()),
        Type::Localized => crate::domain::customer::Localized::plain("Teh").into(),
        Type::Rows => Value::Rows(vec![product; 13]),
        Type::Qris | Type::Paper => Value::None,
        Type::Data => Value::Data(serde_json::json!({ "wishes": [] })),
    }
}

fn facts(known: &[(&str, Type)]) -> std::collections::BTreeMap<String, Value> {
    known.iter().map(|(name, kind)| ((*name).to_owned(), value(*kind))).collect()
}

/// One thing that happens, chosen by two numbers.
fn event(chat: &Chat, kind: u8, pick: u16) -> Event {
    let pick = usize::from(pick);
    match kind % 16 {
        0..=4 => Event::Heard { text: TEXTS[pick % TEXTS.len()].to_owned() },
        5 => Event::Heard { text: "a".repeat(pick % 2 * 6_000 + 4_000) },
        6..=9 => match &chat.conversation.prompt {
            Some(prompt) if !prompt.choices.is_empty() => {
                let choice = prompt.choices[pick % prompt.choices.len()].clone();
                Event::Press { action: choice.action, class: choice.class, freshness: Freshness::Current }
            }
            _ => Event::UnknownPress,
        },
        10 => match chat.offered.len() {
            0 => Event::UnknownPress,
            many => {
                let (choice, _) = chat.offered[pick % many].clone();
                let freshness = if pick % 3 == 0 { Freshness::Used } else { Freshness::Stale };
                Event::Press { action: choice.action, class: choice.class, freshness }
            }
        },
        11 => Event::UnknownPress,
        12 => Event::Media {
            media: [MediaKind::Image, MediaKind::Audio, MediaKind::Sticker][pick % 3],
            caption: (pick % 2 == 0).then(|| TEXTS[pick % TEXTS.len()].to_owned()),
        },
        13 => {
            Event::Location { place: ["-6.2, 106.8", "Kebun Raya Bogor, Jl. Juanda 13"][pick % 2].to_owned() }
        }
        14 => match chat.conversation.timers.get(pick % 3) {
            Some(timer) => Event::Timer {
                name: timer.name.clone(),
                revision: chat.conversation.revision - i64::from(pick % 5 == 0),
            },
            None => Event::Timer { name: "1m".into(), revision: chat.conversation.revision },
        },
        _ => {
            let (name, known) = SIGNALS[pick % SIGNALS.len()];
            let mut facts = facts(known);
            facts.insert("order".into(), ["0001", "0002", "none"][pick % 3].into());
            Event::Signal { name: name.to_owned(), facts }
        }
    }
}

/// A whole turn as the pipeline runs it, the effects coming to the outcomes that `pick` chooses. How many replies it
/// gave, and how many outcomes the first effect could have had.
pub(super) fn turn(chat: &mut Chat, event: &Event, pick: u16) -> (usize, usize) {
    let (mut said, mut outcomes) = (0, 0);
    let mut event = event.clone();
    for round in 0..=MAX_EFFECTS_PER_TURN {
        let before = chat.state();
        let human = chat.conversation.mode != Mode::Bot;
        let turn = chat.step(&event);
        said += turn.replies.len();
        let from_person =
            !matches!(event, Event::Signal { .. } | Event::Timer { .. } | Event::Outcome { .. });
        assert!(
            human || !from_person || !turn.replies.is_empty() || turn.effect.is_some(),
            "silence at {before}: {event:?} {:?}",
            turn.trace
        );
        assert!(!turn.trace.iter().any(|entry| entry == "too-many-moves"), "{before}: {:?}", turn.trace);
        for say in &turn.replies {
            assert!(say.choices.len() <= crate::domain::message::MAX_CHOICES, "{}", say.key);
        }
        let Some(effect) = turn.effect else { return (said, outcomes) };
        assert!(round < MAX_EFFECTS_PER_TURN, "{before}: a loop of effects: {}", effect.name);
        let spec = effect::spec(&effect.name).unwrap_or_else(|| panic!("{}", effect.name));
        for (name, _, needed) in spec.args {
            assert!(
                !needed || *effect.arg(name) != Value::None,
                "{before}: {} without {name}: {effect:?}",
                effect.name
            );
        }
        outcomes = outcomes.max(spec.outcomes.len());
        let outcome =
            spec.outcomes[(usize::from(pick) + round * 7 * usize::from(pick > 9)) % spec.outcomes.len()];
        match (effect.name.as_str(), outcome) {
            ("human.call", "called") => {
                chat.conversation.mode = Mode::Human { until: chat.now + chrono::Duration::hours(1) };
            }
            ("human.release", _) => chat.conversation.mode = Mode::Bot,
            ("staff.link", "linked") => chat.conversation.role = Role::Staff,
            ("staff.unlink", _) => chat.conversation.role = Role::Customer,
            _ => {}
        }
        event = Event::Outcome { outcome: outcome.to_owned(), facts: facts(spec.facts) };
    }
    (said, outcomes)
}

fn walk(role: Role, way: &[(u8, u16)]) {
    let mut chat = Chat::new(&SHIPPED);
    chat.conversation.role = role;
    for (kind, pick) in way {
        if pick % 7 == 0 {
            chat.cart.lines = vec![CartLine {
                product: "hijau".into(),
                variant: None,
                quantity: 2,
                price: rupiah(25_000),
                note: None,
                name: None,
            }];
        } else if pick % 31 == 0 {
            chat.cart.lines.clear();
        }
        let event = event(&chat, *kind, *pick);
        turn(&mut chat, &event, pick.wrapping_mul(40_503).rotate_left(7) ^ u16::from(*kind));
        assert!(
            !chat.conversation.frames.is_empty()
                || chat.conversation.mode != Mode::Bot
                || matches!(event, Event::Timer { .. })
        );
    }
    // From wherever this led, the menu is one word away, and so are the words of a state.
    let (said, _) = turn(&mut chat, &Event::Heard { text: "/menu".into() }, 0);
    assert!(said > 0);
    assert_eq!(chat.conversation.mode, Mode::Bot);
    assert_eq!(chat.conversation.frames.len(), 1, "{}", chat.state());
    let home = chat.flows.home(chat.conversation.role).unwrap().name.clone();
    assert_eq!(chat.conversation.frames[0].flow, home);
}

/// What is tried in every state besides its own choices and deadlines.
const TRIED: [&str; 17] = [
    "ya",
    "tidak",
    "batal",
    "1",
    "3",
    "2 teh hijau",
    "jadi 3 teh hijau",
    "checkout",
    "keranjang",
    "Jl. Kemang Raya 12, Jakarta",
    "081234567890",
    "sudah bayar",
    "catat: jangan pedas",
    "zzz",
    "berapa harga teh hijau?",
    "mana ORD-2026-0002",
    "stok teh hijau 20",
];

/// Everything that can be tried where a chat is.
pub(super) fn tries(chat: &Chat) -> Vec<Event> {
    let mut events: Vec<Event> = TRIED.iter().map(|text| Event::Heard { text: (*text).to_owned() }).collect();
    for choice in chat.conversation.prompt.iter().flat_map(|prompt| &prompt.choices) {
        let action = choice.action.clone();
        events.push(Event::Press { action, class: choice.class, freshness: Freshness::Current });
    }
    for timer in &chat.conversation.timers {
        events.push(Event::Timer { name: timer.name.clone(), revision: chat.conversation.revision });
    }
    let top = chat.conversation.top().unwrap();
    let state = chat.flows.of(top).unwrap().state(&top.state).unwrap();
    for signal in state.wait.keys().map(String::as_str).chain([
        "payment.paid",
        "order.shipped",
        "staff.order_paid",
        "staff.human_wanted",
        "staff.payment_problem",
        "staff.payment_said",
    ]) {
        let (_, known) = SIGNALS.iter().find(|(name, _)| *name == signal).unwrap();
        let mut facts = facts(known);
        facts.insert("order".into(), chat.conversation.slot("order").as_text().unwrap_or("0001").into());
        events.push(Event::Signal { name: signal.to_owned(), facts });
    }
    for text in [
        "alamat toko di mana?",
        "ongkir berapa?",
        "bisa cod?",
        "minimal order berapa?",
        "sudah termasuk pajak?",
        "nomor toko berapa?",
        "bisa pakai gopay?",
        "ganti alamat dong",
        "ubah nama jadi Budi",
        "harga teh hijau 30rb",
        "stok teh hijau +5",
        "stok teh hijau belum habis",
        "harga teh hijau kemarin 30rb",
        "ambil sendiri",
        "kirim lewat JNE",
        "ganti alamat ke Jl. Melati 5",
        "ganti nomor jadi 081298765432",
        "menu utama",
        "pesanan saya",
        "produk",
        "bahasa",
        "mau bicara sama admin",
        "data saya",
        "stok",
        "/help",
        "/unlink",
        "/link",
        "/today",
        "/refund ORD-2026-0002 20rb",
        "/qris",
        "/qris baru",
        "/join",
        "/join ABCD-EFGH",
        "/split",
        "buka jam berapa",
        "ongkir berapa",
        "bisa COD?",
        "omzet hari ini",
    ] {
        if chat.conversation.frames.len() == 1 {
            events.push(Event::Heard { text: text.to_owned() });
        }
    }
    events
}

/// Chats in every state that is come to from the menu, each once, with what was passed on the way.
pub(super) type Everywhere = (Vec<Chat>, BTreeSet<String>);

/// Customers whom nothing is known of, and whose cart is empty.
pub(super) static STRANGERS: LazyLock<Everywhere> = LazyLock::new(|| walked(Role::Customer, false, false));
/// Customers with a cart and an address.
pub(super) static REGULARS: LazyLock<Everywhere> = LazyLock::new(|| walked(Role::Customer, true, true));
/// Customers with a cart of whom nothing is known.
pub(super) static BUYERS: LazyLock<Everywhere> = LazyLock::new(|| walked(Role::Customer, true, false));
/// People of the shop.
pub(super) static STAFF: LazyLock<Everywhere> = LazyLock::new(|| walked(Role::Staff, false, true));

fn walked(role: Role, cart: bool, known: bool) -> Everywhere {
    let line = CartLine {
        product: "hijau".into(),
        variant: None,
        quantity: 2,
        price: rupiah(25_000),
        note: None,
        name: None,
    };
    let mut root = Chat::new(&SHIPPED);
    root.conversation.role = role;
    if cart {
        root.cart.lines.push(line);
    }
    root.customer.address = known.then(|| "Jl. Kemang Raya 12".to_owned());
    root.customer.phone = known.then(|| "+628123456789".to_owned());
    turn(&mut root, &Event::Heard { text: "halo".into() }, 0);
    let mut passed = BTreeSet::new();
    let mut seen = BTreeSet::from([format!("{} ", root.state())]);
    let mut open = vec![root];
    let mut chats = Vec::new();
    while let Some(chat) = open.pop() {
        for event in tries(&chat) {
            let mut outcomes = 1;
            let mut pick = 0;
            while pick < outcomes {
                let mut next = chat.clone();
                next.passed.clear();
                let (_, could) = turn(&mut next, &event, u16::try_from(pick).unwrap());
                outcomes = outcomes.max(could);
                pick += 1;
                passed.append(&mut next.passed);
                // A notice at the menu leaves the state as it is and brings choices of its own.
                let is_notice = matches!(event, Event::Signal { .. }) && chat.conversation.frames.len() == 1;
                let notice = if is_notice { next.labels().join("|") } else { String::new() };
                if next.conversation.role == role && seen.insert(format!("{} {notice}", next.state())) {
                    next.offered.clear();
                    open.push(next);
                }
            }
        }
        chats.push(chat);
    }
    (chats, passed)
}

/// From the menu through everything that can be said, pressed or waited for, with every outcome of every effect.
#[test]
fn every_state_is_come_to_and_survives_everything() {
    let mut passed = BTreeSet::new();
    for walked in [&STRANGERS, &REGULARS, &STAFF] {
        passed.extend(walked.1.iter().cloned());
    }
    let all: BTreeSet<String> =
        SHIPPED.current().flat_map(|flow| flow.state_names().collect::<Vec<_>>()).collect();
    let missed: Vec<&String> = all.difference(&passed).collect();
    assert!(
        missed.len() * 8 < all.len(),
        "{} of {} states were not entered: {missed:?}",
        missed.len(),
        all.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn customers_are_never_stuck_whatever_happens(way in proptest::collection::vec((any::<u8>(), any::<u16>()), 1..40)) {
        walk(Role::Customer, &way);
    }

    #[test]
    fn staff_are_never_stuck_whatever_happens(way in proptest::collection::vec((any::<u8>(), any::<u16>()), 1..40)) {
        walk(Role::Staff, &way);
    }
}
