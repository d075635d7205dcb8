//! The line of data: accept stores, turn decides and commits, dispatch sends, timers wake.
//!
//! Everything from outside comes in through [`accept`], is handled by [`turn`] in one transaction under the lock of
//! its conversation, and leaves through [`dispatch`]. Conversations speak to each other through the inbox too.

pub mod accept;
pub mod dispatch;
pub mod effects;
pub mod settle;
pub mod timers;
pub mod turn;
pub mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::PgPool;

use crate::channels::Channel;
use crate::clock::Clock;
use crate::dialogue::flow::Flows;
use crate::domain::message::ChannelName;
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
    pub locales: Arc<crate::i18n::Locales>,
    /// The channels that this process serves.
    pub channels: BTreeMap<ChannelName, Arc<dyn Channel>>,
    /// The gateways that this process can call.
    pub gateways: BTreeMap<String, Arc<dyn Gateway>>,
    /// The gateway that new charges go to.
    pub gateway: String,
}
