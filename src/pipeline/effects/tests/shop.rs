//! A small shop on a throw-away database, with chats that ask for effects and rows to settle.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use sqlx::PgPool;

use crate::clock::Clock;
use crate::cluster::testing::{ThrowAway, throw_away_database};
use crate::dialogue::conversation::Conversation;
use crate::dialogue::effect::{Effect, Outcome, spec};
use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::domain::customer::Customer;
use crate::domain::goods::{Count, Details, Draft, Price, VariantDraft};
use crate::domain::ids::{ConversationId, OrderId, StoreId};
use crate::domain::message::Address;
use crate::domain::money::Rupiah;
use crate::domain::payment::{GatewayState, GatewayStatus};
use crate::domain::staff::Staff;
use crate::payments::Charge;
use crate::pipeline::effects::{Gone, Scene, Signal, run};
use crate::pipeline::settle::settle;
use crate::pipeline::work::{Call, Work};
use crate::store::goods::{self, Door, Writer};
use crate::store::{self, facts};

/// The moment at which tests begin.
pub(in crate::pipeline) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// A gateway that is not configured.
pub(in crate::pipeline) const GONE: &str = "gone";

/// A shop.
pub(in crate::pipeline) struct Shop {
    pub(in crate::pipeline) pool: PgPool,
    pub(in crate::pipeline) clock: Arc<Clock>,
    pub(in crate::pipeline) store: StoreId,
    goods: &'static str,
    _database: Arc<ThrowAway>,
}

/// A chat with all that a scene lends and takes back.
pub(in crate::pipeline) struct Chat {
    pub(in crate::pipeline) id: ConversationId,
    pub(in crate::pipeline) conversation: Conversation,
    pub(in crate::pipeline) customer: Customer,
    pub(in crate::pipeline) staff: Option<Staff>,
}

/// What an effect or a row left behind.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Left {
    pub(in crate::pipeline) signals: Vec<Signal>,
    pub(in crate::pipeline) calls: Vec<Call>,
    pub(in crate::pipeline) timers: Vec<(String, String, DateTime<Utc>)>,
}

impl Left {
    /// The names of the signals, sorted.
    pub(in crate::pipeline) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .signals
            .iter()
            .filter_map(|signal| match &signal.work {
                Work::Signal { name, .. } => Some(name.clone()),
                _ => None,
            })
            .collect();
        names.sort();
        names
    }
}

impl Shop {
    /// A shop with tea (50.000, `stock` pieces), and coffee in two variants (10 small, 5 large).
    pub(in crate::pipeline) async fn open(stock: i32) -> Self {
        let database = Arc::new(throw_away_database(&store::MIGRATOR).await.unwrap());
        let clock = Arc::new(Clock::fixed(start(), 7));
        Self::in_database(database, clock, "shop", "", stock).await
    }

    /// A second shop with the same goods, in the same database.
    pub(in crate::pipeline) async fn beside(&self, stock: i32) -> Self {
        let (database, clock) = (Arc::clone(&self._database), Arc::clone(&self.clock));
        Self::in_database(database, clock, "other", "other-", stock).await
    }

    /// `prefix` stands before the ids of what it sells.
    async fn in_database(
        database: Arc<ThrowAway>,
        clock: Arc<Clock>,
        store: &'static str,
        prefix: &'static str,
        stock: i32,
    ) -> Self {
        let shop = Self {
            pool: database.pool.clone(),
            clock,
            store: store.into(),
            goods: prefix,
            _database: database,
        };
        let mut connection = shop.pool.acquire().await.unwrap();
        let new = facts::NewShop {
            id: store,
            name: "Bella Teh",
            slug: store,
            city: "Bandung",
            tax_percent: 11,
            settings: serde_json::json!({}),
        };
        facts::insert_shop(&mut connection, &new, start()).await.unwrap();
        let id = |id: &str| format!("{prefix}{id}");
        let price = |whole| Price::new(Rupiah::new(whole).unwrap()).ok();
        let product = |key: &str, name: &str, whole, stock: Option<i32>| Draft {
            id: Some(id(key).into()),
            may_add: true,
            name: Some(name.to_owned()),
            price: price(whole),
            stock: stock.map(|stock| Count::To(stock.into())),
            details: Details { reorder_level: Some(2), ..Details::default() },
            ..Draft::default()
        };
        let variant = |key: &str, name: &str, price, stock| VariantDraft {
            id: Some(id(key).into()),
            name: Some(name.to_owned()),
            price,
            stock: Some(Count::To(stock)),
            ..VariantDraft::default()
        };
        let mut coffee = product("coffee", "Kopi", 20_000, None);
        coffee.variants =
            vec![variant("small", "Kecil", None, 10), variant("large", "Besar", price(30_000), 5)];
        let drafts = [
            product("tea", "Teh Hijau", 50_000, Some(stock)),
            coffee,
            product("gold", "Teh Emas", 2_147_483_647, Some(5)),
        ];
        let ids = Clock::fixed(start(), u64::MAX - prefix.len() as u64);
        let writer = Writer::of(Door::Script);
        let written =
            goods::write(&mut connection, &ids, &shop.store, &drafts, writer, start()).await.unwrap();
        assert!(written.is_ok(), "{written:?}");
        drop(connection);
        shop
    }

    /// A chat of a customer.
    pub(in crate::pipeline) async fn chat(&self, name: &str) -> Chat {
        let mut transaction = self.pool.begin().await.unwrap();
        let address = Address { channel: "web".into(), chat: name.to_owned() };
        let customer = store::customers::find_or_insert(
            &mut transaction,
            &self.clock,
            &self.store,
            &address,
            Some(name),
            None,
            self.clock.now(),
        )
        .await
        .unwrap();
        let id = store::conversations::insert(
            &mut transaction,
            &self.clock.id().into(),
            &self.store,
            &address,
            &customer,
            &Conversation::default(),
            self.clock.now(),
        )
        .await
        .unwrap();
        let customer = store::customers::load(&mut transaction, &customer).await.unwrap().unwrap();
        transaction.commit().await.unwrap();
        Chat { id, conversation: Conversation::default(), customer, staff: None }
    }

    /// A chat of the owner.
    pub(in crate::pipeline) async fn owner(&self, chat: &str) -> Chat {
        let mut chat = self.chat(chat).await;
        let mut connection = self.pool.acquire().await.unwrap();
        let code = store::staff::new_code(&self.clock.secret());
        let expires_at = self.clock.now() + Duration::minutes(15);
        let user = "shop-owner".into();
        store::staff::insert_code(&mut connection, &self.store, &user, &code, expires_at, self.clock.now())
            .await
            .unwrap();
        let (outcome, _) = self.act(&mut chat, "staff.link", [("code", code.as_str().into())]).await;
        assert_eq!(outcome.word, "linked");
        sqlx::query("update conversations set staff_id = 'shop-owner' where id = $1")
            .bind(chat.id.as_str())
            .execute(&self.pool)
            .await
            .unwrap();
        chat
    }

    async fn scene<T>(
        &self,
        chat: &mut Chat,
        work: impl AsyncFnOnce(&mut Scene<'_>) -> Result<T, sqlx::Error>,
    ) -> (T, Left) {
        let mut transaction = self.pool.begin().await.unwrap();
        let shop = store::stores::load(&mut transaction, &self.store).await.unwrap().unwrap();
        let catalog = Arc::new(store::catalog::load(&mut transaction, &self.store).await.unwrap());
        let mut cart = store::carts::load(&mut transaction, &chat.customer.id).await.unwrap();
        let before = cart.clone();
        let mut scene = Scene {
            connection: &mut transaction,
            clock: &self.clock,
            now: self.clock.now(),
            store: &shop,
            catalog,
            conversation_id: &chat.id,
            conversation: &mut chat.conversation,
            customer: &mut chat.customer,
            cart: &mut cart,
            staff: &mut chat.staff,
            gateway: "sandbox",
            gone: &Gone::default(),
            callable: &|gateway| gateway != GONE,
            signals: Vec::new(),
            calls: Vec::new(),
            timers: Vec::new(),
            cancelled_timers: Vec::new(),
            catalog_changed: false,
        };
        let result = work(&mut scene).await.unwrap();
        let Scene { signals, calls, timers, .. } = scene;
        let left = Left { signals, calls, timers };
        if cart != before {
            store::carts::save(&mut transaction, &chat.customer.id, &cart, self.clock.now()).await.unwrap();
        }
        store::customers::update(&mut transaction, &chat.customer, self.clock.now()).await.unwrap();
        transaction.commit().await.unwrap();
        (result, left)
    }

    /// Asks for an effect in a transaction of its own, and holds its outcome against the table.
    pub(in crate::pipeline) async fn act<const N: usize>(
        &self,
        chat: &mut Chat,
        name: &str,
        args: [(&str, Value); N],
    ) -> (Outcome, Left) {
        let args: BTreeMap<String, Value> =
            args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let effect = Effect { name: name.to_owned(), args };
        let (outcome, left) = self.scene(chat, async |scene| run(scene, &effect).await).await;
        let spec = spec(name).unwrap();
        assert!(spec.outcomes.contains(&outcome.word), "{name} ended in {}", outcome.word);
        for fact in outcome.facts.keys() {
            assert!(spec.facts.iter().any(|(known, _)| known == fact), "{name} has no fact {fact}");
        }
        (outcome, left)
    }

    /// Settles a row about money or a deadline.
    pub(in crate::pipeline) async fn settle(&self, chat: &mut Chat, work: Work) -> (Vec<String>, Left) {
        let (events, left) = self.scene(chat, async |scene| settle(scene, &work).await).await;
        let names = events
            .into_iter()
            .map(|event| match event {
                Event::Signal { name, .. } => name,
                other => panic!("not a signal: {other:?}"),
            })
            .collect();
        (names, left)
    }

    /// Puts tea into a cart.
    pub(in crate::pipeline) async fn take_tea(&self, chat: &mut Chat, quantity: i64) -> Outcome {
        let args = [("product", format!("{}tea", self.goods).into()), ("quantity", Value::Int(quantity))];
        self.act(chat, "cart.add", args).await.0
    }

    /// Places what is in the cart, to be fetched.
    pub(in crate::pipeline) async fn place(&self, chat: &mut Chat) -> (Outcome, Left) {
        let args = [("method", "pickup".into()), ("name", "Ayu".into()), ("phone", "+62811".into())];
        self.act(chat, "order.place", args).await
    }

    /// Orders tea and returns the order.
    pub(in crate::pipeline) async fn order_tea(&self, chat: &mut Chat, quantity: i64) -> OrderId {
        assert_eq!(self.take_tea(chat, quantity).await.word, "added");
        let (outcome, _) = self.place(chat).await;
        assert_eq!(outcome.word, "ok", "{outcome:?}");
        outcome.facts["order"].as_text().unwrap().into()
    }

    /// Asks for a code of an order and lets the gateway make it. Returns the payment.
    pub(in crate::pipeline) async fn charge(&self, chat: &mut Chat, order: &OrderId) -> Charged {
        let (outcome, left) = self.act(chat, "payment.request", [("order", order.as_str().into())]).await;
        assert_eq!(outcome.word, "requested");
        let Some(Call::Charge { payment, request, .. }) = left.calls.into_iter().next() else {
            panic!("no charge was asked for")
        };
        let made = code(&request);
        let charge = Charge {
            external_id: format!("ext-{}", request.reference),
            qris: made,
            url: None,
            account: None,
        };
        let work = Work::Charged { payment: payment.clone(), result: Ok(charge) };
        let (events, _) = self.settle(chat, work).await;
        assert_eq!(events, ["payment.ready"]);
        Charged { payment, reference: request.reference, amount: request.amount.whole() }
    }

    /// The one number that a query returns.
    pub(in crate::pipeline) async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    /// The one text that a query returns.
    pub(in crate::pipeline) async fn text(&self, query: &'static str) -> String {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    /// Checks what must hold after every step.
    pub(in crate::pipeline) async fn check(&self) {
        let broken = crate::pipeline::verify::violations(&self.pool).await.unwrap();
        assert!(
            broken.is_empty(),
            "{}",
            broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        );
    }
}

/// A code that waits for its money.
pub(in crate::pipeline) struct Charged {
    pub(in crate::pipeline) payment: crate::domain::ids::PaymentId,
    pub(in crate::pipeline) reference: String,
    pub(in crate::pipeline) amount: i64,
}

impl Charged {
    /// An answer of the gateway about it.
    pub(in crate::pipeline) fn answer(&self, why: &str, state: GatewayState, received: i64) -> Work {
        Work::Status {
            payment: self.payment.clone(),
            why: why.to_owned(),
            result: Ok(GatewayStatus {
                receipt_id: None,
                payer_app: None,
                // One transaction of this charge and of no other.
                transactions: (received > 0).then(|| format!("tx-{}", self.reference)).into_iter().collect(),
                returned: Vec::new(),
                reference: self.reference.clone(),
                external_id: None,
                state,
                received: crate::domain::money::Rupiah::new(received).unwrap(),
                receipts: u32::from(received > 0),
                currency: "IDR".to_owned(),
            }),
        }
    }

    /// The gateway says that exactly the amount came.
    pub(in crate::pipeline) fn paid(&self, why: &str) -> Work {
        self.answer(why, GatewayState::Paid, self.amount)
    }
}

/// A code of a merchant that does not exist.
fn code(request: &crate::payments::ChargeRequest) -> String {
    use crate::payments::qris::{Acquirer, Additional, Merchant, build};
    let merchant = Merchant {
        name: "BELLA TEH".to_owned(),
        city: "BANDUNG".to_owned(),
        postal_code: "40111".to_owned(),
        category: "5499".to_owned(),
        acquirer: Acquirer {
            domain: "ID.CO.EXAMPLE.WWW".to_owned(),
            pan: "936009990000000001".to_owned(),
            merchant_id: "TEST00001".to_owned(),
            criteria: "UMI".to_owned(),
        },
        nmid: "ID1020000000001".to_owned(),
    };
    build(&merchant, Some(request.amount), &Additional::default()).unwrap()
}
