//! Steps over small flows, rule by rule, and a walk over the shipped ones.

mod everywhere;
mod labels;
mod rules;
mod talk;
mod walk;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::dialogue::conversation::{Conversation, Prompt, PromptChoice, Role};
use crate::dialogue::effect::Effect;
use crate::dialogue::event::{Event, Freshness};
use crate::dialogue::flow::Flows;
use crate::dialogue::reply::{Label, Say};
use crate::dialogue::step::{Turn, step};
use crate::dialogue::understand::CatalogIndex;
use crate::dialogue::value::Value;
use crate::dialogue::world::{Store, World};
use crate::domain::cart::Cart;
use crate::domain::catalog::{Catalog, Category, Product, Variant};
use crate::domain::customer::{Customer, Language, Localized};
use crate::domain::money::Rupiah;
use crate::domain::order::{Delivery, Order, OrderLine, OrderStatus, Totals};
use crate::domain::staff::Staff;

/// Every so many steps the same step is taken from the stored form of its inputs and compared.
const SECOND_LOOK: usize = 3;
/// The catalogue is the same in every chat.
static INDEX: std::sync::OnceLock<CatalogIndex> = std::sync::OnceLock::new();

/// One person's chat with a shop of two teas, without a pipeline: choices are rendered as their keys or names.
#[derive(Clone)]
pub struct Chat {
    pub flows: &'static Flows,
    pub conversation: Conversation,
    pub store: Store,
    pub catalog: Catalog,
    pub index: &'static CatalogIndex,
    pub customer: Customer,
    pub staff: Staff,
    pub cart: Cart,
    pub orders: Vec<Order>,
    pub now: DateTime<Utc>,
    /// Everything that was ever offered, with the revision at which it was.
    pub offered: Vec<(PromptChoice, i64)>,
    /// The effect that waits for its outcome.
    pub effect: Option<Effect>,
    pub trace: Vec<String>,
    /// Everything that traces ever said.
    pub passed: std::collections::BTreeSet<String>,
    pub replies: Vec<Say>,
    /// The words in which choices are rendered; without them, their keys.
    pub locales: Option<&'static crate::i18n::Locales>,
    steps: usize,
}

fn rupiah(whole: i64) -> Rupiah {
    Rupiah::new(whole).unwrap()
}

fn product(id: &str, name: &str, category: &str, variants: Vec<Variant>) -> Product {
    Product {
        id: id.into(),
        category: Some(category.into()),
        name: Localized::plain(name),
        description: Localized::default(),
        aliases: Vec::new(),
        sku: None,
        price: rupiah(25_000),
        image: None,
        stock: 20,
        held: 0,
        reorder_level: 5,
        variants,
    }
}

fn order(id: &str, status: OrderStatus, now: DateTime<Utc>) -> Order {
    Order {
        id: id.into(),
        number: format!("ORD-2026-{id}"),
        status,
        lines: vec![OrderLine {
            product: "hijau".into(),
            variant: None,
            name: Localized::plain("Teh Hijau"),
            quantity: 1,
            price: rupiah(25_000),
            subtotal: rupiah(25_000),
            note: None,
        }],
        totals: Totals {
            subtotal: rupiah(25_000),
            tax: Rupiah::ZERO,
            tax_included: Rupiah::ZERO,
            shipping: Rupiah::ZERO,
            discount: Rupiah::ZERO,
            total: rupiah(25_000),
        },
        delivery: Delivery {
            name: "Ayu".into(),
            phone: "+628123456789".into(),
            method: "pickup".into(),
            method_name: Localized::plain("Ambil sendiri"),
            address: String::new(),
            city: String::new(),
        },
        note: None,
        courier: None,
        tracking: None,
        held_until: Some(now + Duration::minutes(30)),
        created_at: now,
        cancel_reason: None,
        accepted_by: None,
        paid_at: None,
        unserved: false,
    }
}

fn shop() -> Store {
    Store {
        id: "shop".into(),
        name: "Warung Teh".into(),
        slug: "warung-teh".into(),
        address: Some("Bogor".into()),
        phone: "+628111".into(),
        zone: chrono_tz::Asia::Jakarta,
        language: Language::Id,
        tax_percent: 0,
        prices_include_tax: true,
        hold_minutes: 30,
        shipping: Vec::new(),
        greeting: None,
    }
}

impl Chat {
    pub fn new(flows: &'static Flows) -> Self {
        let now = DateTime::from_timestamp(1_795_419_300, 0).unwrap();
        let catalog = Catalog {
            store: "shop".into(),
            categories: vec![Category { id: "teh".into(), name: Localized::plain("Teh Celup") }],
            products: vec![
                product("hijau", "Teh Hijau", "teh", Vec::new()),
                product("putih", "Teh Putih", "teh", Vec::new()),
            ],
        };
        Self {
            flows,
            conversation: Conversation::default(),
            store: shop(),
            index: INDEX.get_or_init(|| CatalogIndex::new(&catalog)),
            catalog,
            customer: Customer {
                id: "ayu".into(),
                name: Some("Ayu".into()),
                phone: None,
                address: None,
                city: None,
                order_count: 0,
            },
            staff: Staff { id: "sari".into(), name: "Sari".into() },
            cart: Cart::default(),
            orders: vec![order("0001", OrderStatus::Created, now), order("0002", OrderStatus::Paid, now)],
            now,
            offered: Vec::new(),
            effect: None,
            trace: Vec::new(),
            passed: std::collections::BTreeSet::new(),
            replies: Vec::new(),
            locales: None,
            steps: 0,
        }
    }

    /// A chat over flow files, given as texts; `_global` gets the keys that every global file needs.
    pub fn over(texts: &[&str]) -> Self {
        let files: Vec<(String, String)> = texts
            .iter()
            .map(|text| {
                let name = text.lines().next().unwrap_or_default().replace("flow: ", "");
                (format!("flows/{}.yaml", name.trim()), (*text).to_owned())
            })
            .collect();
        Self::new(Box::leak(Box::new(Flows::load(&files).unwrap_or_else(|findings| panic!("{findings:?}")))))
    }

    /// Steps once and checks what every step owes: the same again from the stored form, and no more than it may say.
    pub fn step(&mut self, event: &Event) -> Turn {
        let named = match event {
            Event::Signal { facts, .. } | Event::Outcome { facts, .. } => facts.get("order"),
            Event::Press { action, .. } => action.set.get("order"),
            _ => None,
        };
        let id = named.and_then(Value::as_text).or_else(|| self.conversation.slot("order").as_text());
        let order = id.and_then(|id| self.orders.iter().find(|order| order.id.as_str() == id));
        let world = World {
            now: self.now,
            store: &self.store,
            catalog: &self.catalog,
            index: self.index,
            customer: &self.customer,
            returning: false,
            staff: (self.conversation.role == Role::Staff).then_some(&self.staff),
            cart: &self.cart,
            order,
            payment: None,
            buyer: Some(&self.customer),
        };
        let turn = step(self.flows, &self.conversation, event, &world);
        self.steps += 1;
        if self.steps.is_multiple_of(SECOND_LOOK) {
            let again = self.again(event, &world);
            assert_eq!(again, serde_json::to_string(&turn).unwrap(), "same inputs, same turn");
        }
        assert!(turn.replies.len() <= crate::dialogue::step::MAX_REPLIES);
        self.conversation = turn.conversation.clone();
        self.effect.clone_from(&turn.effect);
        self.trace = turn.trace.clone();
        self.passed.extend(turn.trace.iter().cloned());
        self.replies.clone_from(&turn.replies);
        self.open();
        turn
    }

    /// The same step from the stored form of everything.
    fn again(&self, event: &Event, world: &World<'_>) -> String {
        let stored = serde_json::to_string(&self.conversation).unwrap();
        let read: Conversation = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, self.conversation, "a conversation reads back as it was written");
        let event: Event = serde_json::from_str(&serde_json::to_string(event).unwrap()).unwrap();
        serde_json::to_string(&step(self.flows, &read, &event, world)).unwrap()
    }

    /// What the pipeline does with choices: renders them, and the newest ones are open.
    pub fn open(&mut self) {
        for say in self.replies.iter().filter(|say| !say.choices.is_empty()) {
            let language = self.conversation.language;
            let rendered = self.locales.map(|locales| locales.render(say, language, &self.store.zone).labels);
            let mut words = rendered.unwrap_or_default().into_iter();
            let choices: Vec<PromptChoice> = say
                .choices
                .iter()
                .map(|choice| PromptChoice {
                    label: words.next().unwrap_or_else(|| match &choice.label {
                        Label::Key { key, args } => match args.get("name") {
                            Some(name) => name.raw(),
                            None => key.clone(),
                        },
                        Label::Text(text) => text.clone(),
                    }),
                    action: choice.action.clone(),
                    class: choice.class,
                })
                .collect();
            let revision = self.conversation.revision;
            self.offered.extend(choices.iter().map(|choice| (choice.clone(), revision)));
            self.conversation.prompt = Some(Prompt { token: format!("p{revision}"), choices });
        }
    }

    fn keys(&self) -> Vec<String> {
        self.replies.iter().map(|say| say.key.clone()).collect()
    }

    /// Types something; the keys that are answered.
    pub fn hear(&mut self, text: &str) -> Vec<String> {
        self.step(&Event::Heard { text: text.to_owned() });
        self.keys()
    }

    /// Presses the newest button with a label.
    pub fn press(&mut self, label: &str) -> Vec<String> {
        let (choice, revision) = self
            .offered
            .iter()
            .rev()
            .find(|(choice, _)| choice.label == label)
            .cloned()
            .unwrap_or_else(|| panic!("no button {label}"));
        let freshness =
            if revision == self.conversation.revision { Freshness::Current } else { Freshness::Stale };
        self.press_with(choice, freshness)
    }

    pub fn press_with(&mut self, choice: PromptChoice, freshness: Freshness) -> Vec<String> {
        self.step(&Event::Press { action: choice.action, class: choice.class, freshness });
        self.keys()
    }

    /// The outcome of the effect that was asked for.
    pub fn outcome(&mut self, word: &str, facts: &[(&str, Value)]) -> Vec<String> {
        assert!(self.effect.is_some(), "no effect was asked for");
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.step(&Event::Outcome { outcome: word.to_owned(), facts });
        self.keys()
    }

    pub fn signal(&mut self, name: &str, facts: &[(&str, &str)]) -> Vec<String> {
        let facts: BTreeMap<String, Value> =
            facts.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        self.step(&Event::Signal { name: name.to_owned(), facts });
        self.keys()
    }

    /// Lets the time of a deadline pass.
    pub fn timer(&mut self, name: &str) -> Vec<String> {
        let revision = self.conversation.revision;
        self.step(&Event::Timer { name: name.to_owned(), revision });
        self.keys()
    }

    /// Where the conversation is.
    pub fn state(&self) -> String {
        self.conversation.top().map(|frame| format!("{}.{}", frame.flow, frame.state)).unwrap_or_default()
    }

    pub fn labels(&self) -> Vec<String> {
        self.conversation
            .prompt
            .iter()
            .flat_map(|prompt| &prompt.choices)
            .map(|choice| choice.label.clone())
            .collect()
    }
}

/// What is heard everywhere in the small flows.
pub const GLOBAL: &str = "flow: _global
version: 1
home: main
fallback: { hint: hint, choices: choices, stuck: stuck, human: human, menu: btn-menu, person: btn-person }
stale: stale
used: used
unknown_press: unknown
media: media
too_long: too-long
restarted: restarted
interrupts:
  human:     { strong: true, call: human }
  cancel:    { strong: true, say: cancelled, transfer: main }
  view_cart: { call: look }
  browse:    { transfer: shelf }
  thanks:    { say: welcome, stay: true }
  greet:     { transfer: main }
  code:      { match: '(?i)^kode (?P<number>[0-9]+)$', call: ask, with: {} }
commands:
  menu: { transfer: main }
  cart: { call: look }
signals:
  payment.paid:
    - { if: 'order.number', say: paid, args: { number: order.number, order: signal.order }, buttons: [ { label: btn-look, as: view_cart, class: safe }, { label: btn-open, as: browse, class: once, set: { order: signal.order } } ] }
  order.packed: { say: packed }
";
/// Home, a person, and a look that comes back.
pub const MAIN: &str = "flow: main
version: 1
start: { at: menu }
states:
  menu:
    say: menu
    buttons:
      - { label: btn-shelf, as: browse, class: safe }
      - { label: btn-ask, goto: ask }
    hears: { affirm: ask }
  ask: { call: ask, then: thanks }
  thanks: { say: thanks, goto: menu }
";
pub const HUMAN: &str = "flow: human
version: 1
start: { at: ring }
states:
  ring: { do: human.call, outcomes: { called: wait, busy: { say: nobody, goto: leave }, nobody: { say: nobody, goto: leave } } }
  wait:
    say: called
    buttons: [ { label: btn-bot, goto: release, class: safe } ]
    hears: { bot: { match: '^bot$', goto: release } }
    after: { 24h: release }
  release: { do: human.release, outcomes: { ok: leave } }
  leave: { end: done }
";
pub const LOOK: &str = "flow: look
version: 1
start: { at: look }
states:
  look: { say: look, args: { count: cart.count }, end: seen }
";
pub const SHELF: &str = "flow: shelf
version: 1
start: { at: find }
slots: { product: { type: id }, order: { type: id } }
states:
  find: { do: catalog.search, outcomes: { one: list, many: list, none: { say: none, goto: list } } }
  list:
    say: shelf
    args: { found: fact.query, count: cart.count }
    list: { from: fact.products, label: label, set: { product: item.product }, goto: card, page: 4, class: safe }
    buttons: [ { label: btn-back, goto: leave } ]
  card:
    say: card
    args: { product: slot.product }
    buttons: [ { label: btn-back, goto: leave }, { label: btn-yes, as: affirm, class: once } ]
    hears: { affirm: leave }
  leave: { end: done }
";
pub const ASK: &str = "flow: ask
version: 1
start: { at: number }
slots:
  number:  { type: integer, min: 1, max: 999 }
  name:    { type: name }
  phone:   { type: phone }
  address: { type: address }
  note:    { type: text, max: 20 }
  way:     { type: word, values: [pickup, courier] }
interrupts:
  help: { say: help, stay: true, choices: true }
states:
  number:
    say: ask-number
    ask: number
    buttons: [ { label: btn-skip, goto: name }, { label: btn-stop, goto: stop } ]
    retry: { max: 2, say: retry-number, then: name }
    filled: name
  name:    { say: ask-name, ask: name, filled: phone, retry: { max: 5, say: retry-name } }
  phone:   { say: ask-phone, ask: phone, filled: address, retry: { max: 1, say: retry-phone } }
  address: { say: ask-address, ask: address, filled: note, retry: { max: 5, say: retry-address } }
  note:    { say: ask-note, ask: note, filled: way }
  way:
    say: ask-way
    ask: way
    buttons:
      - { label: btn-pickup, set: { way: pickup } }
      - { label: btn-courier, set: { way: courier } }
    filled:
      - { if: 'slot.way == courier', say: by-courier, goto: stop }
      - { goto: stop }
    after: { 30m: { say: remind, stay: true, choices: true }, 24h: stop }
    wait: { order.packed: { say: was-packed, goto: stop } }
  stop: { end: done }
";
/// The small flows.
pub fn small() -> Chat {
    Chat::over(&[GLOBAL, MAIN, HUMAN, LOOK, SHELF, ASK])
}
