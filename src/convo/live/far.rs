//! The far ends of real platforms: a fake of the platform on loopback, and our channel talking to it over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::broken;
use crate::channels::Channel;
use crate::convo::world::WorldError;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::fakes::Platform;

/// Channels that a script can be played on over the real wire.
pub const PLATFORMS: [&str; 3] = ["whatsapp", "telegram", "discord"];

/// One platform with our channel.
#[derive(Clone)]
pub(super) struct Far {
    /// The platform's side.
    pub(super) platform: Arc<dyn Platform>,
    /// Ours.
    pub(super) channel: Arc<dyn Channel>,
}

/// The platforms of a run, by name.
pub(super) type Fars = BTreeMap<String, Far>;

/// Opens the platform of a name; nothing when it is no platform.
pub(super) async fn open(name: &str) -> Result<Option<Far>, WorldError> {
    let _ = (name, broken("") as WorldError);
    Ok(None)
}

/// The shops of every account: the one that the script plays in.
pub(super) fn accounts(fars: &Fars, store: &StoreId) -> BTreeMap<(ChannelName, String), StoreId> {
    fars.values()
        .flat_map(|far| {
            let name = far.channel.name();
            far.channel.accounts().into_iter().map(move |account| ((name.clone(), account), store.clone()))
        })
        .collect()
}
