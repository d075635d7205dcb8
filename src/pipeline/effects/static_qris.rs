//! The shop's own printed code: read, checked, put in use after a yes, and the amounts that tell one order from another.

use chrono::Duration;

use super::{Scene, news, payment::own_order, text};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::event::{Event, Freshness};
use crate::dialogue::reply::{Action, Class};
use crate::dialogue::value::Value;
use crate::domain::fair::NEWCOMERS_AMOUNTS;
use crate::domain::money::Rupiah;
use crate::payments::qris::{self, Qris, QrisError};
use crate::pipeline::reading::Reading;
use crate::store;
use crate::store::orders::Locked;
use crate::store::static_qris::{MAX_DISCOUNT_RUPIAH, Taken};

/// Digits of the national merchant number that are shown: enough to compare with the sticker, too few to copy.
const NMID_DIGITS: usize = 4;

/// Hours for which a code that was read waits for its yes.
const OFFER_HOURS: i64 = 24;

/// What stands on a printed code, as people compare it with their sticker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pipeline) struct Printed {
    /// The merchant's name.
    pub merchant: String,
    /// The merchant's city.
    pub city: String,
    /// The last digits of the national merchant number.
    pub nmid: String,
}

/// Looks at a printed code that a shop wants to be paid by. `Err` is a word of `qris-refusal`.
pub(in crate::pipeline) fn printed(code: &str) -> Result<Printed, &'static str> {
    let read = Qris::parse(code)
        .map_err(|_| if code.trim_start().starts_with("0002") { "damaged" } else { "other-code" })?;
    // The smallest amount: what is refused now would be refused for every order.
    let one = Rupiah::new(1).unwrap_or_default();
    qris::make_dynamic(code, one).map_err(|error| match error {
        QrisError::AlreadyDynamic => "dynamic",
        QrisError::Transfer => "transfer",
        QrisError::NoNational => "no-national",
        QrisError::Refused(finding) => match finding.tag {
            Some(qris::CRC) => "checksum",
            Some(qris::CURRENCY | qris::COUNTRY) => "foreign",
            _ => "damaged",
        },
        _ => "damaged",
    })?;
    let nmid = read.nmid().unwrap_or_default();
    let hidden = nmid.chars().count().saturating_sub(NMID_DIGITS);
    Ok(Printed {
        merchant: read.get(qris::NAME).unwrap_or_default().to_owned(),
        city: read.get(qris::CITY).unwrap_or_default().to_owned(),
        nmid: nmid.chars().skip(hidden).collect(),
    })
}

/// The one printed code among the codes of a picture.
fn only(codes: &[String]) -> Result<&str, &'static str> {
    let mut payable = codes.iter().filter(|code| code.trim_start().starts_with("0002"));
    match (payable.next(), payable.next(), codes) {
        (Some(code), None, _) | (None, None, [code]) => Ok(code),
        (Some(_), Some(_), _) => Err("several"),
        (None, _, []) => Err("no-code"),
        (None, _, _) => Err("other-code"),
    }
}

/// A picture that a member of staff sent was read: its code is offered for a yes, or the reason why not is told.
pub(in crate::pipeline) async fn code_read(
    scene: &mut Scene<'_>,
    attachment: &str,
    reading: &Reading,
) -> Result<Vec<Event>, sqlx::Error> {
    let found = match reading {
        Reading::Picture { codes, is_blurred: true, .. } if codes.is_empty() => Err("blurred"),
        Reading::Picture { codes, .. } => only(codes).and_then(|code| printed(code).map(|_| code)),
        Reading::Document | Reading::Unknown => Err("no-picture"),
        Reading::TooLarge => Err("too-large"),
        Reading::Nothing => Err("not-fetched"),
    };
    Ok(vec![match found {
        Ok(code) => {
            let (store, now) = (&scene.store.id, scene.now);
            store::static_qris::offer(
                scene.connection,
                &scene.clock.id(),
                store,
                code,
                Some(attachment),
                now,
            )
            .await?;
            asks()
        }
        Err(word) => {
            let problem = Value::Word(format!("qris-refusal.{word}"));
            Event::Signal {
                name: "staff.qris_refused".to_owned(),
                facts: news::facts([("problem", problem)]),
            }
        }
    }])
}

/// The question whether a code is to be used, as if the person had asked for it: sending the picture was asking.
fn asks() -> Event {
    let action = Action {
        flow: "_staff".to_owned(),
        state: String::new(),
        set: news::facts([]),
        intent: Some("qris_new".to_owned()),
        goto: None,
        page: None,
    };
    Event::Press { action, class: Class::Safe, freshness: Freshness::Current }
}

fn describe(printed: &Printed) -> news::Facts {
    news::facts([
        ("merchant", printed.merchant.clone().into()),
        ("city", printed.city.clone().into()),
        ("nmid", printed.nmid.clone().into()),
    ])
}

/// `qris.show`.
pub(super) async fn show(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let Some(code) = store::static_qris::current(scene.connection, &scene.store.id).await? else {
        return Ok(Outcome::new("none"));
    };
    let Ok(printed) = printed(&code.code) else { return Ok(Outcome::new("none")) };
    let picture = Value::Qris { payload: code.code, title: printed.merchant.clone(), amount: Rupiah::ZERO };
    let mut outcome =
        Outcome::new("set").with("code", picture).with("by", code.set_by).with("at", code.set_at);
    outcome.facts.extend(describe(&printed));
    Ok(outcome)
}

/// `qris.offered`.
pub(super) async fn offered(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let since = scene.now - Duration::hours(OFFER_HOURS);
    let chat = scene.conversation_id;
    let newest = store::static_qris::newest_offer(scene.connection, &scene.store.id, chat, since).await?;
    let Some((id, code)) = newest else { return Ok(Outcome::new("none")) };
    let Ok(printed) = printed(&code) else { return Ok(Outcome::new("none")) };
    let mut outcome = Outcome::new("one").with("code", id);
    outcome.facts.extend(describe(&printed));
    Ok(outcome)
}

/// `qris.use`.
pub(super) async fn put_in_use(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(staff) = scene.staff.clone() else { return Ok(Outcome::new("none")) };
    // Whoever changes the code changes where all money goes: that is for those who answer for the shop.
    if !store::staff::may_decide(scene.connection, &scene.store.id, &staff.id).await? {
        return Ok(Outcome::new("not_allowed"));
    }
    let id = text(effect, "code").unwrap_or_default().to_owned();
    let Some(code) = store::static_qris::offered(scene.connection, &scene.store.id, &id).await? else {
        return Ok(Outcome::new("gone"));
    };
    let Ok(printed) = printed(&code.code) else { return Ok(Outcome::new("gone")) };
    let (store, now) = (&scene.store.id, scene.now);
    if !store::static_qris::put_in_use(scene.connection, store, &id, Some(&staff.id), now).await? {
        return Ok(Outcome::new("gone"));
    }
    let event = store::audit::Event {
        name: "qris:set",
        entity: "store",
        id: scene.store.id.as_str(),
        payload: serde_json::json!({ "code": id }),
        by: Some(&staff.id),
    };
    store::audit::insert(scene.connection, scene.clock, event, now).await?;
    let mut facts = describe(&printed);
    facts.insert("by".to_owned(), staff.name.into());
    news::tell_staff(scene, "staff.qris_changed", None, &id, facts).await?;
    Ok(Outcome::new("ok").with("merchant", printed.merchant))
}

/// `payment.printed`.
pub(super) async fn plain(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(locked) = own_order(scene, effect).await? else { return Ok(Outcome::new("none")) };
    let pending = store::payments::lock_pending(scene.connection, &locked.order.id).await?;
    let code = store::static_qris::current(scene.connection, &scene.store.id).await?;
    let (Some(pending), Some(code)) = (pending, code) else { return Ok(Outcome::new("none")) };
    if crate::domain::payment::is_reported(&pending.gateway) {
        return Ok(Outcome::new("none"));
    }
    let amount = pending.payment.missing().unwrap_or(pending.payment.amount);
    let title = printed(&code.code).map(|printed| printed.merchant).unwrap_or_default();
    let picture = Value::Qris { payload: code.code, title, amount };
    Ok(Outcome::new("ok").with("code", picture).with("amount", amount))
}

/// What an order is asked for by the shop's own code.
pub(super) struct Asked {
    /// The printed code.
    pub code: String,
    /// The order's own amount, and its total from now on.
    pub taken: Taken,
}

/// Gives an unpaid order an amount of its own. `Err` is a word of `payment-problem` that says what the shop must do.
pub(super) async fn ask(
    scene: &mut Scene<'_>,
    locked: &Locked,
) -> Result<Result<Asked, &'static str>, sqlx::Error> {
    let store = &scene.store.id;
    let Some(code) = store::static_qris::current(scene.connection, store).await? else {
        return Ok(Err("no-code"));
    };
    let order = &locked.order;
    // A person who can be new at will leaves amounts to the others.
    let is_newcomer = store::fair::is_newcomer(scene.connection, &locked.customer).await?;
    let most = if is_newcomer { NEWCOMERS_AMOUNTS } else { MAX_DISCOUNT_RUPIAH };
    let total = (order.totals.total, most);
    let taken = store::static_qris::take(scene.connection, store, &order.id, total, scene.now).await?;
    Ok(taken.map(|taken| Asked { code: code.code, taken }).ok_or("no-amount"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CODE: &str = "00020101021126570011ID.DANA.WWW011893600915300000000002090000000000303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581253033605802ID5912TOKO CONTOH 6007BANDUNG61054011163046E6B";

    /// The code with a part of it changed and its checksum made right again.
    fn changed(from: &str, to: &str) -> String {
        let body = CODE.strip_suffix("6E6B").unwrap().replace(from, to);
        let crc = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740).checksum(body.as_bytes());
        format!("{body}{crc:04X}")
    }

    #[test]
    fn a_printed_code_is_described_by_what_stands_on_the_sticker() {
        let printed = printed(&changed("x", "x")).unwrap();
        assert_eq!((printed.city.as_str(), printed.nmid.as_str()), ("BANDUNG", "0001"));
    }

    #[rstest]
    #[case::dynamic(changed("010211", "010212"), "dynamic")]
    #[case::foreign_money(changed("5303360", "5303702"), "foreign")]
    #[case::foreign(changed("5802ID", "5802SG"), "foreign")]
    #[case::no_national(changed("51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI", ""), "no-national")]
    #[case::transfer(changed("2657", "4057"), "transfer")]
    #[case::cut("0002010102", "damaged")]
    #[case::a_page("https://example.com", "other-code")]
    fn a_code_that_cannot_be_used_is_refused_with_its_reason(
        #[case] code: impl AsRef<str>,
        #[case] word: &'static str,
    ) {
        assert_eq!(printed(code.as_ref()), Err(word));
    }

    #[test]
    fn a_wrong_checksum_is_told_as_such() {
        let right = changed("x", "x");
        let digit = if right.ends_with('0') { '1' } else { '0' };
        let wrong = format!("{}{digit}", &right[..right.len() - 1]);
        assert_eq!(printed(&wrong), Err("checksum"));
    }

    #[test]
    fn one_payment_code_among_other_codes_is_the_one_that_was_meant() {
        let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        assert_eq!(only(&codes(&["https://a.example", CODE])), Ok(CODE));
        assert_eq!(only(&codes(&[CODE, "000201x"])), Err("several"));
        assert_eq!(only(&codes(&["WIFI:", "https://a.example"])), Err("other-code"));
        assert_eq!(only(&[]), Err("no-code"));
    }
}
