//! The decision about money: a table of cases, and properties over every order of answers.

use proptest::prelude::*;

use super::*;

const PRICE: i64 = 50_000;

fn rp(whole: i64) -> Rupiah {
    Rupiah::new(whole).unwrap()
}

fn standing() -> Standing {
    Standing {
        payment: PaymentStatus::Pending,
        amount: rp(PRICE),
        order: OrderStanding::Unpaid,
        goods: Goods::Held,
        seen: Rupiah::ZERO,
        surplus: Rupiah::ZERO,
        currency_reported: false,
        disputed: false,
        asked_after_deadline: false,
    }
}

fn answer(state: GatewayState, received: i64) -> GatewayStatus {
    GatewayStatus {
        receipt_id: None,
        payer_app: None,
        transactions: Vec::new(),
        returned: Vec::new(),
        reference: "ORD-2026-0001-1".into(),
        external_id: None,
        state,
        received: rp(received),
        receipts: 1,
        currency: "IDR".into(),
    }
}

#[test]
fn every_answer_has_one_meaning() {
    use GatewayState::{Disputed, Expired, Failed, Paid, Pending};
    let pending = standing();
    let late = Standing { asked_after_deadline: true, ..pending };
    let lapsed = Standing {
        payment: PaymentStatus::Expired,
        order: OrderStanding::Lapsed,
        goods: Goods::Free,
        ..pending
    };
    let sold_out = Standing { goods: Goods::Gone, ..lapsed };
    let called_off =
        Standing { payment: PaymentStatus::Cancelled, order: OrderStanding::CalledOff, ..lapsed };
    let confirmed = Standing { payment: PaymentStatus::Confirmed, order: OrderStanding::Paid, ..pending };
    let refunded = Standing { payment: PaymentStatus::Refunded, ..confirmed };
    let paid_twice = Standing { order: OrderStanding::Paid, ..pending };
    let zero = Rupiah::ZERO;
    let cases = [
        ("nothing yet", pending, answer(Pending, 0), Decision::Wait),
        ("paid in time", pending, answer(Paid, PRICE), Decision::Confirm { surplus: zero }),
        ("paid at the last second", late, answer(Paid, PRICE), Decision::Confirm { surplus: zero }),
        ("told again", confirmed, answer(Paid, PRICE), Decision::Nothing),
        ("expired after paid", confirmed, answer(Expired, 0), Decision::Nothing),
        (
            "too little",
            pending,
            answer(Paid, PRICE - 1),
            Decision::Short { received: rp(PRICE - 1), missing: rp(1) },
        ),
        (
            "too little, told again",
            Standing { seen: rp(PRICE - 1), ..pending },
            answer(Paid, PRICE - 1),
            Decision::Wait,
        ),
        (
            "too little until the end",
            Standing { seen: rp(PRICE - 1), ..late },
            answer(Paid, PRICE - 1),
            Decision::Expire,
        ),
        ("too much", pending, answer(Paid, PRICE + 1), Decision::Confirm { surplus: rp(1) }),
        ("paid twice", confirmed, answer(Paid, 2 * PRICE), Decision::Surplus { more: rp(PRICE) }),
        (
            "paid twice, told again",
            Standing { surplus: rp(PRICE), ..confirmed },
            answer(Paid, 2 * PRICE),
            Decision::Nothing,
        ),
        ("gone back, told again", refunded, answer(Paid, PRICE), Decision::Nothing),
        (
            "gone back and paid again",
            refunded,
            answer(Paid, 2 * PRICE),
            Decision::Surplus { more: rp(PRICE) },
        ),
        ("gone back and disputed", refunded, answer(Disputed, PRICE), Decision::Dispute),
        ("two codes paid", paid_twice, answer(Paid, PRICE), Decision::Second { received: rp(PRICE) }),
        ("time is over", late, answer(Pending, 0), Decision::Expire),
        ("expired, says the gateway, but asked too early", pending, answer(Expired, 0), Decision::Wait),
        ("expired, says the gateway", late, answer(Expired, 0), Decision::Expire),
        ("refused", pending, answer(Failed, 0), Decision::Fail),
        ("late, goods free", lapsed, answer(Paid, PRICE), Decision::Revive { surplus: zero }),
        (
            "late, sold out",
            sold_out,
            answer(Paid, PRICE),
            Decision::Unserved { called_off: false, surplus: zero },
        ),
        (
            "after a cancel",
            called_off,
            answer(Paid, PRICE),
            Decision::Unserved { called_off: true, surplus: zero },
        ),
        ("unpaid and lapsed", lapsed, answer(Expired, 0), Decision::Nothing),
        ("the word without the money", late, answer(Paid, 0), Decision::Wait),
        ("the money without the word", late, answer(Pending, PRICE), Decision::Wait),
    ];
    for (name, standing, answer, expected) in cases {
        assert_eq!(decide(&standing, &answer), expected, "{name}");
    }
}

#[test]
fn money_in_another_currency_is_reported_once_and_pays_nothing() {
    let dollars = GatewayStatus { currency: "USD".into(), ..answer(GatewayState::Paid, PRICE) };
    assert_eq!(decide(&standing(), &dollars), Decision::WrongCurrency);
    let reported = Standing { currency_reported: true, ..standing() };
    assert_eq!(decide(&reported, &dollars), Decision::Wait);
    let over = Standing { asked_after_deadline: true, ..reported };
    assert_eq!(decide(&over, &dollars), Decision::Expire);
}

#[test]
fn polls_back_off_and_are_never_faster_than_ten_seconds() {
    for (age, wait) in [(0, 30), (60, 30), (200, 50), (1_200, 300), (1_000_000, 300)] {
        assert_eq!(next_poll_seconds(age), wait, "{age}");
    }
}

/// What `settle` does to the rows, in small.
fn apply(standing: &mut Standing, answer: &GatewayStatus, goods_after_lapse: Goods, refunds: &mut i64) {
    let decision = decide(standing, answer);
    let confirm = |standing: &mut Standing, surplus: Rupiah, refunds: &mut i64| {
        standing.payment = PaymentStatus::Confirmed;
        standing.surplus = surplus;
        *refunds += surplus.whole();
    };
    match decision {
        Decision::Confirm { surplus } | Decision::Revive { surplus } => {
            confirm(standing, surplus, refunds);
            standing.order = OrderStanding::Paid;
        }
        Decision::Unserved { surplus, .. } => {
            confirm(standing, surplus, refunds);
            *refunds += standing.amount.whole();
        }
        Decision::Surplus { more } => {
            standing.surplus = standing.surplus.plus(more).unwrap();
            *refunds += more.whole();
        }
        Decision::Short { received, .. } => standing.seen = received,
        Decision::Expire => {
            standing.payment = PaymentStatus::Expired;
            standing.order = OrderStanding::Lapsed;
            standing.goods = goods_after_lapse;
        }
        Decision::Fail => standing.payment = PaymentStatus::Failed,
        Decision::WrongCurrency => standing.currency_reported = true,
        Decision::Dispute => standing.disputed = true,
        Decision::Nothing | Decision::Wait | Decision::Second { .. } => {}
    }
}

fn answers() -> impl Strategy<Value = Vec<(GatewayStatus, bool)>> {
    let one = (0..7_usize, any::<bool>()).prop_map(|(kind, after_deadline)| {
        let answer = match kind {
            0 => answer(GatewayState::Pending, 0),
            1 => answer(GatewayState::Expired, 0),
            2 => answer(GatewayState::Failed, 0),
            3 => answer(GatewayState::Paid, PRICE),
            4 => answer(GatewayState::Pending, PRICE / 2),
            5 => answer(GatewayState::Disputed, PRICE),
            _ => answer(GatewayState::Paid, 2 * PRICE),
        };
        (answer, after_deadline)
    });
    proptest::collection::vec(one, 1..8)
}

proptest! {
    /// Whatever comes first: once full payment is among the answers, the order is paid and the rest goes back.
    #[test]
    fn every_order_of_answers_ends_the_same(mut answers in answers(), seed in any::<u64>()) {
        let run = |answers: &[(GatewayStatus, bool)]| {
            let (mut standing, mut refunds) = (standing(), 0);
            for (answer, after_deadline) in answers {
                standing.asked_after_deadline = *after_deadline;
                apply(&mut standing, answer, Goods::Free, &mut refunds);
            }
            (standing, refunds)
        };
        let (one, refunds_one) = run(&answers);
        let most = answers.iter().filter(|(answer, _)| answer.state == GatewayState::Paid)
            .map(|(answer, _)| answer.received.whole()).max().unwrap_or(0);
        // Any other order, drawn from the seed.
        let mut state = seed;
        for index in (1..answers.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            answers.swap(index, usize::try_from(state >> 33).unwrap() % (index + 1));
        }
        let (other, refunds_other) = run(&answers);
        if most >= PRICE {
            prop_assert_eq!(one.payment, PaymentStatus::Confirmed);
            prop_assert_eq!(one.order, OrderStanding::Paid);
            prop_assert_eq!((one.payment, one.order, one.surplus), (other.payment, other.order, other.surplus));
            prop_assert_eq!(refunds_one, most - PRICE);
        }
        prop_assert_eq!(refunds_one, refunds_other);
    }

    /// Sold out or not: every rupiah that came in either pays the order or goes back, never both, never neither.
    #[test]
    fn no_rupiah_is_lost(answers in answers(), gone in any::<bool>()) {
        let (mut standing, mut refunds) = (standing(), 0);
        let goods = if gone { Goods::Gone } else { Goods::Free };
        let mut most = 0;
        for (answer, after_deadline) in &answers {
            standing.asked_after_deadline = *after_deadline;
            if answer.state == GatewayState::Paid && answer.received >= rp(PRICE) {
                most = most.max(answer.received.whole());
            }
            apply(&mut standing, answer, goods, &mut refunds);
            let sold = if standing.order == OrderStanding::Paid { PRICE } else { 0 };
            prop_assert_eq!(sold + refunds, most);
        }
    }
}

#[test]
fn what_has_ended_is_looked_at_ever_more_rarely_and_no_longer_than_three_days() {
    let mut looks = Vec::new();
    let mut age = 180 + FIRST_LOOK_SECONDS;
    while let Some(wait) = next_look_seconds(age) {
        looks.push(wait);
        age += wait;
    }
    assert!(looks.is_sorted() && looks.len() < 25, "{looks:?}");
    let days = 24 * 3_600;
    assert!((2 * days..=3 * days).contains(&age), "the last look is at {age} seconds");
}

#[test]
fn a_gateway_that_cannot_say_is_asked_ever_more_rarely_until_the_goods_are_let_go() {
    let (mut past, mut asked) = (1, 0);
    while past < KEPT_MINUTES * 60 {
        past += next_ask_seconds(past);
        asked += 1;
    }
    assert!((5..=20).contains(&asked), "{asked}");
}
