//! Money that goes back: which promises and which payments an amount is taken from.

use crate::domain::ids::PaymentId;
use crate::domain::money::Rupiah;

/// Days for which a gateway is asked what became of a refund. After them a person of the shop looks.
pub const ASKED_DAYS: i64 = 30;

/// Seconds until a gateway is asked again what became of a refund, by the refund's age: a quarter of it, a minute at least and a
/// day at most. Nothing when it has been asked for long enough.
pub fn next_ask_seconds(age_seconds: i64) -> Option<i64> {
    (age_seconds < ASKED_DAYS * 24 * 3_600).then(|| (age_seconds / 4).clamp(60, 24 * 3_600))
}

/// A promise to send money back that nobody has carried out yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The row of `refunds`.
    pub id: String,
    /// How much.
    pub amount: Rupiah,
}

/// Money that came in and has neither gone back nor been promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The payment.
    pub payment: PaymentId,
    /// How much of it.
    pub left: Rupiah,
}

/// A part of a refund: each is one row and one transfer, because gateways send back from one payment at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A promise is kept whole.
    Whole {
        /// The row of `refunds`.
        id: String,
    },
    /// A promise is kept in part; the rest stays promised.
    OfPromise {
        /// The row of `refunds`.
        id: String,
        /// How much of it.
        amount: Rupiah,
    },
    /// Money goes back that had not been promised.
    OfPayment {
        /// The payment.
        payment: PaymentId,
        /// How much of it.
        amount: Rupiah,
    },
}

/// More should go back than is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at most {max} can go back", max = .max.whole())]
pub struct TooMuch {
    /// What can.
    pub max: Rupiah,
}

/// Takes an amount from promises first, oldest first, and then from payments in their order. Never more than is there.
///
/// # Errors
/// [`TooMuch`] when it is more than promises and payments hold together.
pub fn allocate(amount: Rupiah, promises: &[Promise], kept: &[Kept]) -> Result<Vec<Part>, TooMuch> {
    let mut rest = amount.whole();
    let mut parts = Vec::new();
    let mut take = |available: Rupiah| {
        let taken = available.whole().min(rest);
        rest -= taken;
        Rupiah::new(taken).unwrap_or_default()
    };
    for promise in promises {
        match take(promise.amount) {
            Rupiah::ZERO => {}
            taken if taken == promise.amount => parts.push(Part::Whole { id: promise.id.clone() }),
            taken => parts.push(Part::OfPromise { id: promise.id.clone(), amount: taken }),
        }
    }
    for kept in kept {
        match take(kept.left) {
            Rupiah::ZERO => {}
            taken => parts.push(Part::OfPayment { payment: kept.payment.clone(), amount: taken }),
        }
    }
    if rest == 0 {
        return Ok(parts);
    }
    Err(TooMuch { max: Rupiah::new(amount.whole() - rest).unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_refund_of_which_nothing_is_heard_is_asked_about_ever_more_rarely_and_not_for_ever() {
        let (mut age, mut asked) = (0, 0);
        while let Some(wait) = next_ask_seconds(age) {
            age += wait;
            asked += 1;
        }
        assert!((40..90).contains(&asked), "{asked} times in {} days", age / 24 / 3_600);
    }

    fn rp(whole: i64) -> Rupiah {
        Rupiah::new(whole).unwrap()
    }

    fn promise(id: &str, whole: i64) -> Promise {
        Promise { id: id.to_owned(), amount: rp(whole) }
    }

    fn kept(id: &str, whole: i64) -> Kept {
        Kept { payment: id.into(), left: rp(whole) }
    }

    #[test]
    fn promises_are_kept_before_anything_else_goes_back() {
        let parts = allocate(rp(130), &[promise("a", 50), promise("b", 30)], &[kept("p", 100)]);
        let whole = |id: &str| Part::Whole { id: id.to_owned() };
        assert_eq!(
            parts,
            Ok(vec![whole("a"), whole("b"), Part::OfPayment { payment: "p".into(), amount: rp(50) }])
        );
        let part = Part::OfPromise { id: "a".to_owned(), amount: rp(20) };
        assert_eq!(allocate(rp(20), &[promise("a", 50)], &[]), Ok(vec![part]));
        assert_eq!(allocate(rp(151), &[promise("a", 50)], &[kept("p", 100)]), Err(TooMuch { max: rp(150) }));
    }

    proptest! {
        #[test]
        fn parts_add_up_and_none_is_more_than_its_source(
            amount in 0..400_i64,
            promised in proptest::collection::vec(1..100_i64, 0..4),
            left in proptest::collection::vec(0..100_i64, 0..4),
        ) {
            let promises: Vec<_> = promised.iter().enumerate().map(|(i, whole)| promise(&i.to_string(), *whole)).collect();
            let payments: Vec<_> = left.iter().enumerate().map(|(i, whole)| kept(&i.to_string(), *whole)).collect();
            let there: i64 = promised.iter().chain(&left).sum();
            match allocate(rp(amount), &promises, &payments) {
                Err(TooMuch { max }) => prop_assert_eq!((max.whole(), there < amount), (there, true)),
                Ok(parts) => {
                    let of = |part: &Part| match part {
                        Part::Whole { id } => promised[id.parse::<usize>().unwrap()],
                        Part::OfPromise { id, amount } => {
                            assert!(amount.whole() < promised[id.parse::<usize>().unwrap()]);
                            amount.whole()
                        }
                        Part::OfPayment { payment, amount } => {
                            assert!(amount.whole() <= left[payment.as_str().parse::<usize>().unwrap()]);
                            amount.whole()
                        }
                    };
                    prop_assert_eq!(parts.iter().map(of).sum::<i64>(), amount);
                }
            }
        }
    }
}
