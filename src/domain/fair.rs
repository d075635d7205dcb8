//! What one person may hold and let go before they pay, so that nobody takes a whole shop from the others: bounds that whoever
//! means to buy never meets.

use chrono::{DateTime, Duration, Utc};

/// Orders of one person that wait for their money within their time.
pub const MAX_UNPAID: usize = 5;
/// Orders of one person that wait for their money at all: those whose time is over wait for the word of the shop.
pub const MAX_WAITING: usize = 10;
/// Orders of one person that may end unpaid within an hour.
pub const MAX_ENDED_HOURLY: usize = 10;
/// Orders of one person that may end unpaid for as long as the amounts of a printed code rest: each of them keeps one.
pub const MAX_ENDED_RESTING: usize = 30;
/// After so many orders that ended unpaid within an hour a person holds a share of the stock only.
pub const ENDED_BEFORE_SHARE: usize = 3;
/// The part of the stock of one thing that such a person may hold: one in so many.
pub const SHARE_OF_ONE: i64 = 2;
/// Pieces that anybody may hold, however little there is of a thing.
pub const ALWAYS_PIECES: i64 = 3;
/// Orders of newcomers of a shop that may end unpaid within an hour before newcomers leave a part of everything to others.
/// A newcomer has paid nothing yet and is known by nothing but a browser, so that one person can be many of them.
pub const MAX_NEWCOMERS_ENDED: usize = 10;
/// The part that they leave then, and that anybody leaves who orders more of a thing beside an unpaid order of it: one in so
/// many pieces.
pub const LEFT_TO_OTHERS: i64 = 4;
/// Of the amounts near a price that tell the orders of a printed code apart, newcomers get the first so many; the others are
/// left to people who are known.
pub const NEWCOMERS_AMOUNTS: i32 = 500;

/// What is known of a person who is about to order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the times of their unpaid orders are over; nothing for an order that has none.
    pub unpaid: Vec<Option<DateTime<Utc>>>,
    /// When their orders ended that nobody paid, the latest first, for as long as amounts rest.
    pub ended: Vec<DateTime<Utc>>,
    /// Whether they are a newcomer.
    pub is_newcomer: bool,
    /// Orders of the shop's newcomers that ended unpaid within an hour; counted for newcomers only.
    pub newcomers_ended: usize,
}

/// What is in the way of another order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// So many orders wait for their money.
    Unpaid {
        /// How many.
        count: usize,
    },
    /// Too many orders have ended unpaid.
    Ended {
        /// From when on another one is welcome.
        until: DateTime<Utc>,
    },
}

/// Pieces of one thing that are held for orders that nobody has paid yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// By the person.
    pub own: i64,
    /// By newcomers, the person included where they are one.
    pub newcomers: i64,
}

impl Standing {
    /// Whether the person may place another order now. `resting` is how long the amounts of a printed code rest.
    pub fn bound(&self, now: DateTime<Utc>, resting: Duration) -> Option<Bound> {
        let in_time = self.unpaid.iter().filter(|until| until.is_none_or(|until| until > now)).count();
        if in_time >= MAX_UNPAID || self.unpaid.len() >= MAX_WAITING {
            return Some(Bound::Unpaid { count: self.unpaid.len() });
        }
        [(MAX_ENDED_HOURLY, Duration::hours(1)), (MAX_ENDED_RESTING, resting)]
            .into_iter()
            .filter_map(|(most, within)| {
                // Welcome again when the one that fills the bound has passed out of the time.
                let until = *self.ended.get(most.checked_sub(1)?)? + within;
                (until > now).then_some(until)
            })
            .max()
            .map(|until| Bound::Ended { until })
    }

    /// The pieces of a thing of which `stock` are there that the person may order on top of what is held; nothing where there
    /// is no bound.
    pub fn most(&self, stock: i64, held: Held, now: DateTime<Utc>) -> Option<i64> {
        let hour_ago = now - Duration::hours(1);
        let ended_lately = self.ended.iter().filter(|at| **at > hour_ago).count();
        let share = || (stock + SHARE_OF_ONE - 1).div_euclid(SHARE_OF_ONE).max(ALWAYS_PIECES) - held.own;
        let left = |held: i64| stock - stock.div_euclid(LEFT_TO_OTHERS) - held;
        let lets_go = (ended_lately >= ENDED_BEFORE_SHARE).then(share);
        let orders_more = (held.own > 0).then(|| left(held.own));
        let newcomers =
            (self.is_newcomer && self.newcomers_ended >= MAX_NEWCOMERS_ENDED).then(|| left(held.newcomers));
        lets_go.into_iter().chain(orders_more).chain(newcomers).min().map(|most| most.max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap() + Duration::minutes(minutes)
    }

    fn bound(standing: &Standing) -> Option<Bound> {
        standing.bound(at(0), Duration::days(3))
    }

    #[test]
    fn a_few_unpaid_orders_are_welcome_and_no_more() {
        let unpaid =
            |count: usize, until| Standing { unpaid: vec![Some(at(until)); count], ..Standing::default() };
        assert_eq!(bound(&unpaid(MAX_UNPAID - 1, 10)), None);
        assert_eq!(bound(&unpaid(MAX_UNPAID, 10)), Some(Bound::Unpaid { count: MAX_UNPAID }));
        assert_eq!(bound(&unpaid(MAX_UNPAID, -10)), None, "those wait for the word of the shop");
        assert_eq!(bound(&unpaid(MAX_WAITING, -10)), Some(Bound::Unpaid { count: MAX_WAITING }));
    }

    #[test]
    fn whoever_lets_order_after_order_go_is_welcome_again_when_the_oldest_has_passed() {
        let ended = |count: usize, first: i64| Standing {
            ended: (0..count).map(|number| at(first - i64::try_from(number).unwrap())).collect(),
            ..Standing::default()
        };
        assert_eq!(bound(&ended(MAX_ENDED_HOURLY - 1, -1)), None);
        let until = at(-1 - i64::try_from(MAX_ENDED_HOURLY).unwrap() + 1) + Duration::hours(1);
        assert_eq!(bound(&ended(MAX_ENDED_HOURLY, -1)), Some(Bound::Ended { until }));
        assert_eq!(bound(&ended(MAX_ENDED_HOURLY, -61)), None);
        let Some(Bound::Ended { until }) = bound(&ended(MAX_ENDED_RESTING, -61)) else {
            panic!("none is left")
        };
        assert!(until > at(2 * 24 * 60), "each of them keeps an amount");
    }

    #[rstest]
    #[case::the_first_order_of_everything(Standing::default(), 10, Held::default(), None)]
    #[case::another_order_beside_an_unpaid_one(Standing::default(), 10, Held { own: 4, newcomers: 0 }, Some(4))]
    #[case::nothing_more(Standing::default(), 10, Held { own: 10, newcomers: 0 }, Some(0))]
    #[case::of_little_all_of_it(Standing::default(), 3, Held { own: 1, newcomers: 0 }, Some(2))]
    #[case::who_lets_go_again_and_again(
        Standing { ended: vec![at(-1), at(-2), at(-3)], ..Standing::default() }, 10, Held::default(), Some(5))]
    #[case::who_let_go_long_ago(
        Standing { ended: vec![at(-61), at(-62), at(-63)], ..Standing::default() }, 10, Held::default(), None)]
    #[case::a_newcomer_on_a_quiet_day(
        Standing { is_newcomer: true, newcomers_ended: 9, ..Standing::default() }, 10, Held { own: 0, newcomers: 9 }, None)]
    #[case::a_newcomer_among_many_who_let_go(
        Standing { is_newcomer: true, newcomers_ended: 10, ..Standing::default() }, 10, Held { own: 0, newcomers: 7 }, Some(1))]
    fn what_a_person_may_hold(
        #[case] standing: Standing,
        #[case] stock: i64,
        #[case] held: Held,
        #[case] most: Option<i64>,
    ) {
        assert_eq!(standing.most(stock, held, at(0)), most);
    }
}
