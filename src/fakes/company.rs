//! What the payment companies on loopback have in common.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Recorded;
use crate::domain::money::Rupiah;
use crate::edge::webhook::WebhookRequest;

/// A charge in the books of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The shop's reference.
    pub reference: String,
    /// The company's own id.
    pub external_id: String,
    /// What was asked for.
    pub amount: Rupiah,
    /// The code.
    pub qris: String,
    /// What has come in.
    pub received: Rupiah,
    /// What has gone back.
    pub refunded: Rupiah,
    /// The company's word for where it stands.
    pub state: String,
}

/// A refund in the books of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedRefund {
    /// The shop's key of it, or what names it at this company.
    pub key: String,
    /// The shop's reference of the charge.
    pub reference: String,
    /// How much.
    pub amount: Rupiah,
    /// The company's word for where it stands.
    pub state: String,
}

/// How a company breaks. Each is used up by one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompanyFault {
    /// 503 before anything is done.
    Down,
    /// 500 before anything is done.
    Broken,
    /// 429.
    TooMany,
    /// A refusal with this code of the company's, before anything is done.
    Says(u16),
    /// It is done, and the connection breaks before the answer.
    LostAnswer,
    /// It is done, and the answer is a page in HTML with status 200.
    Html,
    /// It is done, and the answer is empty.
    Empty,
    /// It is done, and the answer is far too long.
    Huge,
    /// The answer comes after this long.
    Slow(Duration),
}

/// A payment company. The gateway under test is given [`Company::url`] instead of the real address. It tells of what
/// happens by notices that the caller delivers, drops, repeats or shuffles.
#[async_trait]
pub trait Company: Send + Sync {
    /// The gateway's name.
    fn name(&self) -> &'static str;

    /// What stands in the gateway's `*_API_URL`.
    fn url(&self) -> String;

    /// The settings with which a shop is this company's customer: the account that it knows, and its address.
    fn settings(&self) -> Vec<(&'static str, String)>;

    /// The moment by the company's clock; it stands still in between.
    fn set_now(&self, now: DateTime<Utc>);

    /// The charges, oldest first.
    fn charges(&self) -> Vec<Booked>;

    /// Somebody pays a code, whether or not it still should be. Returns the notices about it.
    ///
    /// # Errors
    /// One line when there is no such charge, or this company would not let it be paid.
    fn pay(&self, reference: &str, amount: Rupiah) -> Result<Vec<WebhookRequest>, String>;

    /// Notices about what has happened by itself since the last call: charges that have lapsed, refunds that are decided.
    fn news(&self) -> Vec<WebhookRequest>;

    /// The refunds, oldest first.
    fn refunds(&self) -> Vec<BookedRefund> {
        Vec::new()
    }

    /// The company decides a refund that waits. Returns the notices about it.
    ///
    /// # Errors
    /// One line when there is no such refund, or it is decided already, or this company decides at once.
    fn decide_refund(&self, key: &str, succeeds: bool) -> Result<Vec<WebhookRequest>, String> {
        let _ = (key, succeeds);
        Err("this company decides refunds by itself".to_owned())
    }

    /// A notice that says of a charge that it is paid, with everything right but the proof that the company sent it.
    fn forge(&self, reference: &str, amount: Rupiah) -> WebhookRequest;

    /// The next call breaks in this way.
    fn fault(&self, fault: CompanyFault);

    /// Every request so far.
    fn recorded(&self) -> Vec<Recorded>;
}
