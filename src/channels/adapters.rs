//! The channels of a process, by name. Accounts come and go by exchanging the adapter of a platform as a whole: what is under
//! way ends with the adapter that it began with.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{Channel, ChannelSpec, registry};
use crate::domain::message::{Address, ChannelName};
use crate::edge::CallError;

/// The adapters that run. A platform may have a place here without one: nothing is sent there then and no address answers,
/// and what is written for it waits.
pub struct Adapters {
    places: ArcSwap<BTreeMap<ChannelName, Option<Arc<dyn Channel>>>>,
}

impl Adapters {
    /// The places of these channels.
    pub fn new(channels: impl IntoIterator<Item = Arc<dyn Channel>>) -> Self {
        let places = channels.into_iter().map(|channel| (channel.name(), Some(channel)));
        Self { places: ArcSwap::from_pointee(places.collect()) }
    }

    /// Puts an adapter into the place of a platform, which is made where there is none; nothing leaves the place empty.
    pub fn exchange(&self, name: &ChannelName, adapter: Option<Arc<dyn Channel>>) {
        self.places.rcu(|places| {
            let mut places = BTreeMap::clone(places);
            places.insert(name.clone(), adapter.clone());
            places
        });
    }

    /// The adapter of a channel, where it has one now.
    pub fn get(&self, name: &ChannelName) -> Option<Arc<dyn Channel>> {
        self.places.load().get(name).cloned().flatten()
    }

    /// The adapter of a channel, for a call that can wait for one.
    ///
    /// # Errors
    /// [`CallError::Retry`] while no account of it is connected.
    pub fn connected(&self, name: &ChannelName) -> Result<Arc<dyn Channel>, CallError> {
        self.get(name).ok_or_else(|| CallError::Retry {
            reason: format!("no account of {name} is connected"),
            after_ms: None,
        })
    }

    /// What a channel is. A platform is what its folder says, whatever runs under its name, and also while nothing does.
    pub fn spec(&self, name: &ChannelName) -> Option<&'static ChannelSpec> {
        registry::spec(name.as_str()).or_else(|| self.get(name).map(|adapter| adapter.spec()))
    }

    /// Whether this process can send to a chat.
    pub fn serves(&self, to: &Address) -> bool {
        self.get(&to.channel).is_some_and(|adapter| adapter.serves(&to.chat))
    }

    /// The adapters that there are now.
    pub fn running(&self) -> Vec<Arc<dyn Channel>> {
        self.places.load().values().flatten().cloned().collect()
    }

    /// The channels that this process has a place for.
    pub fn names(&self) -> Vec<ChannelName> {
        self.places.load().keys().cloned().collect()
    }
}

impl std::fmt::Debug for Adapters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
