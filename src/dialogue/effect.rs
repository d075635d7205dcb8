//! What the dialogue may ask the server to do. A closed set: flows name effects, `pipeline::effects` carries them out.
//!
//! To add one: a line in [`EFFECTS`] and an arm in `pipeline::effects::run`; a test there walks the table, so a name
//! without an arm, or an outcome word that the table lacks, fails.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::value::{Type, Value};

/// An effect with its arguments, checked against [`EFFECTS`] when the flow was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// One of the names of [`EFFECTS`].
    pub name: String,
    /// Its arguments; optional ones may be missing or [`Value::None`].
    pub args: BTreeMap<String, Value>,
}

/// What came of an effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// One of the effect's outcome words.
    pub word: &'static str,
    /// What it found out, read by flows as `fact.<name>`.
    pub facts: BTreeMap<String, Value>,
}

impl Outcome {
    /// An outcome without facts.
    pub fn new(word: &'static str) -> Self {
        Self { word, facts: BTreeMap::new() }
    }

    /// The same with one more fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

impl Effect {
    /// An argument, or nothing.
    pub fn arg(&self, name: &str) -> &Value {
        self.args.get(name).unwrap_or(&Value::None)
    }
}

/// What the checker knows of an effect.
#[derive(Debug, Clone, Copy)]
pub struct EffectSpec {
    /// Its name, `<noun>.<verb>`.
    pub name: &'static str,
    /// What it does, for the manual and for editors.
    pub about: &'static str,
    /// Arguments: name, type, whether it must be given.
    pub args: &'static [(&'static str, Type, bool)],
    /// Every outcome; a flow must handle all of them.
    pub outcomes: &'static [&'static str],
    /// Facts that some outcome comes with. Not every outcome has all of them.
    pub facts: &'static [(&'static str, Type)],
    /// Whether it moves money or takes stock, and so must stand behind an explicit yes (F12).
    pub needs_confirmation: bool,
    /// Whether only staff conversations may ask for it.
    pub staff: bool,
}

const fn customer(
    name: &'static str,
    about: &'static str,
    args: &'static [(&'static str, Type, bool)],
    outcomes: &'static [&'static str],
    facts: &'static [(&'static str, Type)],
) -> EffectSpec {
    EffectSpec { name, about, args, outcomes, facts, needs_confirmation: false, staff: false }
}

const fn confirmed(spec: EffectSpec) -> EffectSpec {
    EffectSpec { needs_confirmation: true, ..spec }
}

const fn staff(spec: EffectSpec) -> EffectSpec {
    EffectSpec { staff: true, ..spec }
}

use Type::{Data, Int, Localized, Money, Rows, Text, Time, Word};

/// The facts of every effect that changes the cart. `items` rows: name, quantity, price, subtotal. `short` rows: name,
/// wanted, free. `missing` rows: text. `candidates` rows: product, name, price, free. `variants` rows: product,
/// variant, name, price, free. `pending` is what remains to be asked about.
const CART_FACTS: &[(&str, Type)] = &[
    ("items", Rows),
    ("short", Rows),
    ("missing", Rows),
    ("candidates", Rows),
    ("variants", Rows),
    ("pending", Data),
    ("product", Text),
    ("variant", Text),
    ("text", Text),
    ("quantity", Int),
    ("name", Localized),
    ("from", Int),
    ("limit", Int),
];

/// Rows of orders: order (id), number, status (word `order-status.*`), total, created, count, customer, next (word).
const ORDER_ROWS: &[(&str, Type)] = &[("orders", Rows), ("count", Int)];

/// The facts of every effect about refunds: the order, what is asked for, what is the most, what is promised, and whom
/// it goes back to.
const REFUND_FACTS: &[(&str, Type)] = &[
    ("order", Text),
    ("number", Text),
    ("amount", Money),
    ("max", Money),
    ("all", Type::Bool),
    ("due", Money),
    ("person", Text),
    ("phone", Text),
];

/// Every effect.
pub const EFFECTS: &[EffectSpec] = &[
    // Finding things.
    customer(
        "catalog.search",
        "Finds products by words, by default those that the message spoke of.",
        &[("query", Text, false)],
        &["one", "many", "none"],
        &[("products", Rows), ("product", Text), ("query", Text)],
    ),
    // The cart.
    customer(
        "cart.add_items",
        "Puts what the message ordered into the cart; with `pending` it goes on after a question, `product` or `variant` being the answer; with `pending` alone, after `short`, it takes what is left.",
        &[("pending", Data, false), ("product", Text, false), ("variant", Text, false)],
        &["added", "partly", "which", "variant", "how_many", "short", "not_found", "full"],
        CART_FACTS,
    ),
    customer(
        "cart.change_items",
        "Changes quantities as the message said (set, one more, one less), or removes what it named.",
        &[("pending", Data, false), ("product", Text, false), ("variant", Text, false)],
        &["changed", "removed", "which", "short", "not_in_cart", "full", "empty"],
        CART_FACTS,
    ),
    customer(
        "cart.add",
        "Adds pieces of one product or variant.",
        &[("product", Text, true), ("variant", Text, false), ("quantity", Int, false)],
        &["added", "variant", "short", "sold_out", "not_found", "full"],
        CART_FACTS,
    ),
    customer(
        "cart.set",
        "Sets the quantity of one line; 0 removes it.",
        &[("product", Text, true), ("variant", Text, false), ("quantity", Int, true)],
        &["changed", "removed", "short", "not_found", "full"],
        CART_FACTS,
    ),
    customer(
        "cart.remove",
        "Removes one line.",
        &[("product", Text, true), ("variant", Text, false)],
        &["removed", "not_in_cart"],
        CART_FACTS,
    ),
    customer("cart.clear", "Empties the cart.", &[], &["cleared", "empty"], &[("count", Int)]),
    customer(
        "cart.note",
        "Sets the note of the whole order, or of one line; an empty note removes it.",
        &[("note", Text, false), ("product", Text, false), ("variant", Text, false)],
        &["saved"],
        &[],
    ),
    // The person.
    customer("language.set", "Switches the language for good.", &[("language", Word, true)], &["ok"], &[]),
    customer(
        "customer.save",
        "Remembers name, phone, address and city; what is not given stays.",
        &[("name", Text, false), ("phone", Text, false), ("address", Text, false), ("city", Text, false)],
        &["saved"],
        &[],
    ),
    customer(
        "customer.data",
        "Gathers what the shop knows of the person.",
        &[],
        &["ok"],
        &[
            ("name", Text),
            ("phone", Text),
            ("address", Text),
            ("orders", Int),
            ("messages", Int),
            ("since", Time),
        ],
    ),
    customer(
        "customer.forget",
        "Blanks the person and keeps the bookkeeping; refused while an order is under way.",
        &[],
        &["forgotten", "open_orders"],
        &[("number", Text)],
    ),
    customer(
        "customer.join_code",
        "Makes a one-time code with which the customer joins another chat to this one.",
        &[],
        &["ok"],
        &[("code", Text), ("minutes", Int)],
    ),
    customer(
        "customer.join",
        "Makes this chat and the one that the code comes from one customer's: one cart, one list of orders.",
        &[("code", Text, true)],
        &["ok", "unknown", "expired", "self", "too_many"],
        &[("orders", Int), ("count", Int)],
    ),
    customer(
        "human.call",
        "Asks the shop to take over and silences the dialogue for a while.",
        &[("text", Text, false)],
        &["called", "nobody"],
        &[],
    ),
    customer("human.release", "Lets the dialogue answer again.", &[], &["ok"], &[]),
    // Checkout, orders, payment.
    customer(
        "shipping.methods",
        "Lists the ways of delivery with their cost for the current cart.",
        &[],
        &["some", "none"],
        &[("methods", Rows)],
    ),
    customer(
        "shipping.quote",
        "Adds up the order with a way of delivery.",
        &[("method", Word, true)],
        &["ok", "unknown", "too_large"],
        &[
            ("subtotal", Money),
            ("tax", Money),
            ("tax_percent", Int),
            ("tax_included", Money),
            ("shipping", Money),
            ("total", Money),
            ("method", Localized),
        ],
    ),
    confirmed(customer(
        "order.place",
        "Places the order: checks prices and stock under lock, holds the stock, empties the cart.",
        &[
            ("method", Word, true),
            ("name", Text, true),
            ("phone", Text, true),
            ("address", Text, false),
            ("note", Text, false),
        ],
        &["ok", "out_of_stock", "price_changed", "empty", "too_large"],
        &[
            ("order", Text),
            ("number", Text),
            ("held_until", Time),
            ("total", Money),
            ("short", Rows),
            ("changed", Rows),
        ],
    )),
    confirmed(customer(
        "payment.request",
        "Asks the gateway for a QRIS of the order; the answer comes as a signal.",
        &[("order", Text, true)],
        &["requested", "already_paid", "not_payable", "too_large", "unavailable"],
        &[("limit", Money)],
    )),
    customer(
        "payment.recheck",
        "Asks the gateway whether the order has been paid; the answer comes as a signal. Where nobody reports payments, the shop is asked to look.",
        &[("order", Text, true)],
        &["asked", "shop", "already_paid", "none"],
        &[],
    ),
    customer(
        "payment.printed",
        "Shows the shop's printed code, for wallets that refuse the one with the amount in it.",
        &[("order", Text, true)],
        &["ok", "none"],
        &[("code", Type::Qris), ("amount", Money)],
    ),
    customer(
        "order.list",
        "The person's orders, newest first.",
        &[("open_only", Type::Bool, false)],
        &["some", "none"],
        ORDER_ROWS,
    ),
    customer(
        "order.open",
        "Loads one of the person's orders, by id or by number; without either, the newest.",
        &[("order", Text, false), ("number", Text, false)],
        &["ok", "not_found"],
        &[("order", Text)],
    ),
    confirmed(customer(
        "order.cancel",
        "Cancels an unpaid order and lets its stock go.",
        &[("order", Text, true), ("reason", Text, false)],
        &["cancelled", "already_paid", "not_possible"],
        &[],
    )),
    customer(
        "order.received",
        "The customer says that the order has arrived.",
        &[("order", Text, true)],
        &["ok", "not_possible"],
        &[],
    ),
    customer(
        "order.reorder",
        "Puts the lines of an old order into the cart, as far as they are for sale.",
        &[("order", Text, true)],
        &["added", "partly", "none"],
        CART_FACTS,
    ),
    // Staff.
    customer(
        "staff.link",
        "Makes this chat a staff chat, with a one-time code.",
        &[("code", Text, true)],
        &["linked", "invalid", "expired", "already"],
        &[("name", Text), ("store", Text)],
    ),
    staff(customer(
        "staff.orders",
        "The shop's orders that need something, oldest first.",
        &[("filter", Word, false)],
        &["some", "none"],
        ORDER_ROWS,
    )),
    staff(customer(
        "staff.order_open",
        "Loads an order of the shop, by id or number.",
        &[("order", Text, false), ("number", Text, false)],
        &["ok", "not_found"],
        &[("order", Text)],
    )),
    staff(customer(
        "order.accept",
        "A member of staff says that the shop will make it.",
        &[("order", Text, true)],
        &["ok", "already", "not_possible"],
        &[("by", Text), ("at", Time), ("status", Word)],
    )),
    staff(customer(
        "order.move",
        "Moves a paid order on: packed, shipped, delivered, completed.",
        &[("order", Text, true), ("to", Word, true), ("courier", Text, false), ("tracking", Text, false)],
        &["ok", "already", "not_possible"],
        &[("by", Text), ("at", Time), ("status", Word)],
    )),
    staff(confirmed(customer(
        "order.cancel_by_staff",
        "Cancels an order of the shop with a reason; stock goes back.",
        &[("order", Text, true), ("reason", Text, true)],
        &["ok", "already", "not_possible"],
        &[("by", Text), ("at", Time), ("status", Word), ("refund_due", Money)],
    ))),
    staff(customer(
        "payment.received",
        "A member of staff says that the money of an order is there, the exact amount or another one.",
        &[("order", Text, true), ("amount", Text, false)],
        &["ok", "short", "unserved", "unreadable", "already", "not_possible"],
        &[
            ("by", Text),
            ("at", Time),
            ("status", Word),
            ("received", Money),
            ("missing", Money),
            ("surplus", Money),
        ],
    )),
    staff(customer(
        "payment.not_received",
        "A member of staff has looked and not found the money; the buyer is told kindly, the order waits on.",
        &[("order", Text, true)],
        &["ok", "already", "not_possible"],
        &[("by", Text), ("at", Time), ("status", Word)],
    )),
    staff(customer(
        "payment.give_up",
        "A member of staff calls off an order whose time is over and whose money has not come.",
        &[("order", Text, true)],
        &["ok", "already", "not_possible"],
        &[("by", Text), ("at", Time), ("status", Word)],
    )),
    staff(customer(
        "payment.wait",
        "A member of staff gives an order more time for its money.",
        &[("order", Text, true)],
        &["ok", "already", "not_possible"],
        &[("until", Time), ("by", Text), ("at", Time), ("status", Word)],
    )),
    staff(customer(
        "qris.show",
        "Shows the shop's printed code that payments go to.",
        &[],
        &["set", "none"],
        &[
            ("code", Type::Qris),
            ("merchant", Text),
            ("city", Text),
            ("nmid", Text),
            ("by", Text),
            ("at", Time),
        ],
    )),
    staff(customer(
        "qris.offered",
        "Shows the code that was last read out of a picture of this chat and waits for a yes.",
        &[],
        &["one", "none"],
        &[("code", Text), ("merchant", Text), ("city", Text), ("nmid", Text)],
    )),
    staff(confirmed(customer(
        "qris.use",
        "Puts a code that was read out of a picture in use; only the owner and admins may.",
        &[("code", Text, true)],
        &["ok", "gone", "not_allowed", "none"],
        &[("merchant", Text)],
    ))),
    staff(customer(
        "order.resolve",
        "What the shop does about an order that was paid when its goods were gone: `wait` for stock, or `replace` them after a word with the buyer.",
        &[("order", Text, true), ("choice", Word, true)],
        &["ok", "not_possible"],
        &[("conversation", Text), ("customer", Text)],
    )),
    staff(confirmed(customer(
        "order.serve",
        "Takes an order up again that was paid when its goods were gone, now that they are there; the promise to send the money back is withdrawn.",
        &[("order", Text, true)],
        &["ok", "sold_out", "not_possible"],
        &[("status", Word)],
    ))),
    // Money that goes back.
    staff(customer(
        "refund.look",
        "What can go back for an order, by default what has been promised, else all of it. `by_hand`: a person is sending it back and has not said how yet.",
        &[("order", Text, false), ("number", Text, false), ("amount", Text, false)],
        &["ok", "by_hand", "under_way", "too_much", "unreadable", "nothing", "not_found"],
        REFUND_FACTS,
    )),
    staff(confirmed(customer(
        "refund.start",
        "Sends money back through the gateway, or says that a person must.",
        &[("order", Text, true), ("amount", Money, true), ("reason", Word, false)],
        &["asked", "by_hand", "too_much", "nothing"],
        REFUND_FACTS,
    ))),
    staff(customer(
        "refund.by_hand",
        "A person will send back what is promised.",
        &[("order", Text, true)],
        &["ok", "none"],
        REFUND_FACTS,
    )),
    staff(customer(
        "refund.done",
        "A person has sent the money back; the note says how it is found.",
        &[("order", Text, true), ("note", Text, true)],
        &["ok", "none"],
        REFUND_FACTS,
    )),
    staff(customer(
        "stock.find",
        "Finds the product whose stock is asked for or set.",
        &[("query", Text, false)],
        &["one", "many", "none", "all"],
        &[
            ("products", Rows),
            ("product", Text),
            ("variant", Text),
            ("name", Localized),
            ("stock", Int),
            ("held", Int),
            ("free", Int),
            ("query", Text),
            ("quantity", Int),
        ],
    )),
    staff(customer(
        "stock.set",
        "Sets the counted stock of a product or variant.",
        &[("product", Text, true), ("variant", Text, false), ("quantity", Int, true)],
        &["ok", "below_held", "has_variants", "not_found"],
        &[
            ("name", Localized),
            ("from", Int),
            ("stock", Int),
            ("held", Int),
            ("free", Int),
            ("variants", Rows),
        ],
    )),
    staff(customer(
        "staff.today",
        "Sums up the shop's day in its own zone.",
        &[],
        &["ok"],
        &[
            ("new", Int),
            ("unpaid", Int),
            ("to_pack", Int),
            ("to_ship", Int),
            ("shipped", Int),
            ("cancelled", Int),
            ("paid", Int),
            ("takings", Money),
            ("refunded", Money),
            ("to_refund", Money),
            ("low", Rows),
            ("date", Time),
        ],
    )),
    staff(customer(
        "human.answer",
        "Sends words of the shop to a customer whose conversation asked for a person.",
        &[("conversation", Text, true), ("text", Text, true)],
        &["sent", "not_found"],
        &[],
    )),
    staff(customer(
        "human.hand_back",
        "Lets the dialogue answer a customer again.",
        &[("conversation", Text, true)],
        &["ok", "not_found"],
        &[],
    )),
    staff(customer("staff.unlink", "This chat stops being a staff chat.", &[], &["ok"], &[])),
];

/// The specification of an effect.
pub fn spec(name: &str) -> Option<&'static EffectSpec> {
    EFFECTS.iter().find(|spec| spec.name == name)
}
