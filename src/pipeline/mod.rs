//! The line of data: accept stores, turn decides and commits, dispatch sends, timers wake.
//!
//! Everything from outside comes in through [`accept`], is handled by [`turn`] in one transaction under the lock of
//! its conversation, and leaves through [`dispatch`]. Conversations speak to each other through the inbox too.

pub mod accept;
mod arrivals;
pub mod bank;
pub mod channel_events;
mod crowd;
#[cfg(test)]
#[path = "tests/crowds.rs"]
mod crowds_tests;
pub mod dispatch;
pub mod effects;
pub mod faults;
#[cfg(test)]
mod forget_tests;
mod groups;
#[cfg(test)]
#[path = "tests/groups.rs"]
mod groups_tests;
mod identity;
#[cfg(test)]
mod liveness_tests;
mod notices;
pub mod reading;
pub mod sandbox;
pub mod schedule;
pub mod settle;
pub mod shop;
pub mod speak;
#[cfg(test)]
#[path = "tests/stage.rs"]
mod stage;
pub mod timers;
pub mod turn;
pub mod verify;
pub mod witness;
pub mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::PgPool;
use tokio::sync::broadcast;

use crate::channels::Channel;
use crate::channels::adapters::Adapters;
use crate::clock::Clock;
use crate::dialogue::flow::Flows;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::i18n::Locales;
use crate::payments::Gateway;

/// Everything that the line of data needs, built once by `app`.
pub struct Pipeline {
    /// The database.
    pub pool: PgPool,
    /// Time and ids.
    pub clock: Arc<Clock>,
    /// What the bot says and hears.
    pub flows: Arc<Flows>,
    /// The words.
    pub locales: Arc<Locales>,
    /// The channels that this process serves. They may be exchanged while it runs.
    pub channels: Adapters,
    /// The gateways that this process can call.
    pub gateways: BTreeMap<String, Arc<dyn Gateway>>,
    /// The gateway that new charges go to.
    pub gateway: String,
    /// The shop that answers on channels that belong to one shop (web, console, accounts out of the settings).
    pub store_id: StoreId,
    /// The shops of the accounts of other channels, by channel and account.
    accounts: RwLock<BTreeMap<(ChannelName, String), StoreId>>,
    /// When silent payments were last looked for.
    swept_at: std::sync::Mutex<Option<chrono::DateTime<chrono::Utc>>>,
    /// When calls that nobody can make were last looked for.
    unmade_at: std::sync::Mutex<Option<chrono::DateTime<chrono::Utc>>>,
    /// Bounds the courtesies (read marks, typing signs) that are under way at once.
    courtesies: Arc<tokio::sync::Semaphore>,
    /// When groups were shown the way to a chat of two.
    pointed: groups::Pointed,
    /// Bounds the acknowledgements that are under way at once.
    acknowledgements: Arc<tokio::sync::Semaphore>,
    /// Tells that something was written for a chat. A hint: who listens looks into the outbox, and polls slowly besides.
    pub outgoing: broadcast::Sender<(ChannelName, String)>,
    /// Tells the dispatcher that something is written to be sent, or can be sent now.
    pub outbound: tokio::sync::Notify,
    /// The accounts that do not work just now.
    pub stopped: dispatch::Stopped,
    /// The accounts whose platforms are ill just now.
    pub outages: dispatch::Outages,
    /// How long reports of each account are waited for.
    report_waits: dispatch::ReportWaits,
    /// When this process began.
    started_at: chrono::DateTime<chrono::Utc>,
    /// Where scripted conversations make the process die.
    pub faults: Arc<faults::Faults>,
    /// Who watches what is sent, in scripted conversations.
    pub witness: Option<Arc<dyn witness::Witness>>,
    /// Conversations of this process that have work.
    pub schedule: schedule::Schedule,
    /// Shops and their catalogues, as long as they do not change.
    pub shops: shop::Shops,
}

/// Chats that may be told about before a slow listener misses a hint.
const OUTGOING_HINTS: usize = 1_024;

/// The parts of a [`Pipeline`] that differ from process to process.
pub struct Parts {
    /// The database.
    pub pool: PgPool,
    /// Time and ids.
    pub clock: Arc<Clock>,
    /// What the bot says and hears.
    pub flows: Arc<Flows>,
    /// The words.
    pub locales: Arc<Locales>,
    /// The channels that this process serves.
    pub channels: Vec<Arc<dyn Channel>>,
    /// The gateways that this process can call; new charges go to the first.
    pub gateways: Vec<Arc<dyn Gateway>>,
    /// The shop of channels that belong to one shop.
    pub store_id: StoreId,
    /// The shops of accounts that are not that shop's.
    pub accounts: BTreeMap<(ChannelName, String), StoreId>,
}

/// Acknowledgements that platforms wait for and that may be under way at once.
const MAX_ACKNOWLEDGEMENTS: usize = 1_024;
/// Courtesies that may be under way at once; further ones are left out.
const MAX_COURTESIES: usize = 64;

impl Pipeline {
    /// Puts a pipeline together. Nothing runs yet: see [`Pipeline::drain`] and `app`.
    pub fn new(parts: Parts) -> Self {
        let started_at = parts.clock.now();
        let gateway = parts.gateways.first().map(|gateway| gateway.name().to_owned()).unwrap_or_default();
        Self {
            pool: parts.pool,
            clock: parts.clock,
            flows: parts.flows,
            locales: parts.locales,
            channels: Adapters::new(parts.channels),
            gateways: parts
                .gateways
                .into_iter()
                .map(|gateway| (gateway.name().to_owned(), gateway))
                .collect(),
            gateway,
            store_id: parts.store_id,
            accounts: RwLock::new(parts.accounts),
            swept_at: std::sync::Mutex::default(),
            unmade_at: std::sync::Mutex::default(),
            courtesies: Arc::new(tokio::sync::Semaphore::new(MAX_COURTESIES)),
            pointed: groups::Pointed::default(),
            acknowledgements: Arc::new(tokio::sync::Semaphore::new(MAX_ACKNOWLEDGEMENTS)),
            outbound: tokio::sync::Notify::new(),
            stopped: dispatch::Stopped::default(),
            outages: dispatch::Outages::default(),
            report_waits: dispatch::ReportWaits::default(),
            started_at,
            outgoing: broadcast::Sender::new(OUTGOING_HINTS),
            faults: Arc::default(),
            witness: None,
            schedule: schedule::Schedule::default(),
            shops: shop::Shops::default(),
        }
    }

    /// Exchanges the accounts of these channels, and their shops, for those that there are now.
    pub fn set_accounts(
        &self,
        channels: &BTreeSet<ChannelName>,
        accounts: &BTreeMap<(ChannelName, String), StoreId>,
    ) {
        let is_meant = |channel: &ChannelName| channels.contains(channel);
        let mut known = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(channel, _), _| !is_meant(channel));
        let new = accounts.iter().filter(|((channel, _), _)| is_meant(channel));
        known.extend(new.map(|(account, shop)| (account.clone(), shop.clone())));
    }
}

/// A fault of the line of data. The transaction that it ended has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A scripted conversation asked for the process to die here.
    #[error("killed at {0}")]
    Killed(&'static str),
    /// A shop that a conversation belongs to is gone.
    #[error("there is no shop {0}")]
    NoStore(StoreId),
}
