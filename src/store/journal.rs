//! The lines that the log has of orders and payments: one for each row that says what happened to one of them, written where that
//! row is written, so that none is forgotten. They name the order, the shop and the amount, and nobody.
//!
//! What happens in a transaction has happened when it is committed. Whoever opens one around these writes collects their lines
//! with [`collect`] and lets them be told after the commit; outside of that a line is told at once.

use std::cell::RefCell;
use std::future::Future;

/// Lines of one transaction; what comes after them is told by a count.
const MAX_LINES: usize = 100;

tokio::task_local! {
    static LINES: RefCell<Vec<Line>>;
}

/// Something that happened to an order or to its money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What happened: `order placed`, `payment confirmed`.
    pub what: String,
    /// The order's number.
    pub number: String,
    /// The shop's slug.
    pub shop: String,
    /// Whole rupiah that it is about: the order's total, the payment, the refund.
    pub amount: i64,
}

impl Line {
    /// Writes it into the log.
    pub fn tell(&self) {
        let Self { what, number, shop, amount } = self;
        tracing::info!(order.number = %number, %shop, amount, "{what}");
    }
}

/// Runs something and collects the lines of what it writes.
pub async fn collect<T>(work: impl Future<Output = T>) -> (T, Vec<Line>) {
    LINES
        .scope(RefCell::default(), async {
            let done = work.await;
            (done, LINES.with(RefCell::take))
        })
        .await
}

/// Notes what the row that was just written says.
pub(super) fn note(line: Line) {
    let waits = LINES.try_with(|lines| {
        let mut lines = lines.borrow_mut();
        if lines.len() < MAX_LINES {
            lines.push(line.clone());
        } else {
            tracing::warn!(order.number = %line.number, "a turn wrote more than is logged; its rows have all of it");
        }
    });
    if waits.is_err() {
        line.tell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: &str) -> Line {
        Line { what: "order placed".into(), number: number.into(), shop: "toko".into(), amount: 50_000 }
    }

    #[tokio::test]
    async fn what_is_written_together_is_told_together_and_only_so_much() {
        let (done, lines) = collect(async {
            (0..MAX_LINES + 9).for_each(|number| note(line(&number.to_string())));
            7
        })
        .await;
        assert_eq!((done, lines.len()), (7, MAX_LINES));
        assert_eq!(lines[3], line("3"));
        note(line("outside"));
    }
}
