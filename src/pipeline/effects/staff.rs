//! Staff chats: linked by a one-time code, and what they ask for.

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use super::{Scene, guesses, orders as own, text, word_arg};
use crate::dialogue::conversation::{Mode, Role};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::understand::Period;
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::product_row;
use crate::domain::money::{MAX_RUPIAH, Rupiah};
use crate::domain::order::OrderStatus;
use crate::store;
use crate::store::guesses::Kind;
use crate::store::staff::CodeUse;

/// Products that the day's summary names as low.
const MAX_LOW: usize = 20;

/// `staff.link`.
pub(super) async fn link(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    if let Some(staff) = scene.staff.as_ref() {
        return Ok(Outcome::new("already")
            .with("name", staff.name.clone())
            .with("store", scene.store.name.clone()));
    }
    if !guesses::may_try(scene, Kind::Staff).await? {
        return Ok(Outcome::new("too_many"));
    }
    let code = text(effect, "code").unwrap_or_default();
    let used = store::staff::use_code(scene.connection, &scene.store.id, code, scene.now).await?;
    let staff = match used {
        CodeUse::Invalid => {
            guesses::wrong(scene, Kind::Staff).await?;
            return Ok(Outcome::new("invalid"));
        }
        CodeUse::Expired => return Ok(Outcome::new("expired")),
        CodeUse::Linked(staff) => staff,
    };
    let event = store::audit::Event {
        name: "staff:linked",
        entity: "staff",
        id: staff.id.as_str(),
        payload: serde_json::json!({ "conversation": scene.conversation_id }),
        by: Some(&staff.id),
    };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await?;
    scene.conversation.role = Role::Staff;
    scene.conversation.mode = Mode::Bot;
    let name = staff.name.clone();
    *scene.staff = Some(staff);
    Ok(Outcome::new("linked").with("name", name).with("store", scene.store.name.clone()))
}

/// `staff.unlink`.
pub(super) fn unlink(scene: &mut Scene<'_>) -> Outcome {
    *scene.staff = None;
    scene.conversation.role = Role::Customer;
    Outcome::new("ok")
}

/// `staff.orders`. Filters: `unpaid`, `paid`, `packed`, `shipped`, `done`, `all`; without one, what the shop must act on.
pub(super) async fn orders(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    use OrderStatus::{Cancelled, Completed, Created, Delivered, Packed, Paid, PaymentInitiated, Shipped};
    let (statuses, newest_first): (&[OrderStatus], bool) = match word_arg(effect, "filter") {
        Some("unpaid") => (&[Created, PaymentInitiated], false),
        Some("paid") => (&[Paid], false),
        Some("packed") => (&[Packed], false),
        Some("shipped") => (&[Shipped], false),
        Some("done") => (&[Delivered, Completed, Cancelled], true),
        Some("all") => {
            (&[Created, PaymentInitiated, Paid, Packed, Shipped, Delivered, Completed, Cancelled], true)
        }
        _ => (&[Paid, Packed, Shipped], false),
    };
    let listed = store::orders::for_staff(scene.connection, &scene.store.id, statuses, newest_first).await?;
    Ok(own::listing(&listed))
}

/// `staff.order_open`.
pub(super) async fn open(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(id) = own::named(scene, effect).await? else { return Ok(Outcome::new("not_found")) };
    let found = store::orders::load(scene.connection, &scene.store.id, &id).await?;
    Ok(match found {
        Some(_) => Outcome::new("ok").with("order", id.as_str()),
        None => Outcome::new("not_found"),
    })
}

/// The moment at which a day begins in a zone. Zones of Indonesia have no gaps; in others the first moment that exists.
fn begin(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    match zone.from_local_datetime(&midnight).earliest() {
        Some(at) => at.with_timezone(&Utc),
        None => zone.from_utc_datetime(&midnight).with_timezone(&Utc),
    }
}

/// The first day of a period and the day after its last one, which is today at the latest.
fn days(period: Period, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let monday = today - Duration::days(i64::from(today.weekday().num_days_from_monday()));
    let first = today.with_day(1)?;
    let tomorrow = today.succ_opt()?;
    match period {
        Period::Yesterday => Some((today.pred_opt()?, today)),
        Period::ThisWeek => Some((monday, tomorrow)),
        Period::LastWeek => Some((monday - Duration::days(7), monday)),
        Period::ThisMonth => Some((first, tomorrow)),
        Period::LastMonth => Some((first.pred_opt()?.with_day(1)?, first)),
        Period::Other => None,
    }
}

/// `staff.today`.
pub(super) async fn today(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let zone = scene.store.zone;
    let day = scene.now.with_timezone(&zone).date_naive();
    let wanted = word_arg(effect, "period").map(str::to_owned);
    let period = Period::ALL.into_iter().find(|period| wanted.as_deref() == Some(period.code()));
    let (first, end) = match period {
        None => (day, day + Duration::days(1)),
        Some(period) => match days(period, day) {
            Some(days) => days,
            None => return Ok(Outcome::new("unknown")),
        },
    };
    let (from, to) = (begin(first, zone), begin(end, zone));
    let sums = store::orders::today(scene.connection, &scene.store.id, from, to).await?;
    let low: Vec<Row> = scene
        .catalog
        .products
        .iter()
        .filter(|product| i64::from(product.free()) <= i64::from(product.reorder_level))
        .take(MAX_LOW)
        .map(product_row)
        .collect();
    let takings = Rupiah::new(sums.takings.clamp(0, MAX_RUPIAH)).unwrap_or_default();
    let back = store::refunds::of_day(scene.connection, &scene.store.id, from, to).await?;
    Ok(Outcome::new(if period.is_some() { "past" } else { "ok" })
        .with("since", from)
        .with("last", begin(end - Duration::days(1), zone))
        .with("refunded", back.processed)
        .with("to_refund", back.pending)
        .with("new", sums.new)
        .with("unpaid", sums.unpaid)
        .with("to_pack", sums.to_pack)
        .with("to_ship", sums.to_ship)
        .with("shipped", sums.shipped)
        .with("cancelled", sums.cancelled)
        .with("paid", sums.paid)
        .with("takings", takings)
        .with("low", Value::Rows(low))
        .with("date", scene.now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::yesterday("2026-12-01", Period::Yesterday, Some(("2026-11-30", "2026-12-01")))]
    #[case::this_week_ends_today("2026-12-03", Period::ThisWeek, Some(("2026-11-30", "2026-12-04")))]
    #[case::on_monday_the_week_is_one_day("2026-11-30", Period::ThisWeek, Some(("2026-11-30", "2026-12-01")))]
    #[case::last_week("2026-12-06", Period::LastWeek, Some(("2026-11-23", "2026-11-30")))]
    #[case::this_month("2026-12-15", Period::ThisMonth, Some(("2026-12-01", "2026-12-16")))]
    #[case::last_month_of_a_new_year("2027-01-31", Period::LastMonth, Some(("2026-12-01", "2027-01-01")))]
    #[case::another_time("2026-12-15", Period::Other, None)]
    fn a_period_is_bounded_by_days(
        #[case] today: NaiveDate,
        #[case] period: Period,
        #[case] bounds: Option<(&str, &str)>,
    ) {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(days(period, today), bounds.map(|(first, end)| (date(first), date(end))));
    }
}
