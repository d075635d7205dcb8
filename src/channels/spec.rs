//! What a platform is, as data: one constant in the folder of each.

use super::Limits;

/// Facts about a platform that hold for every account on it, also while no account is connected.
#[derive(Debug, Clone, Copy)]
pub struct ChannelSpec {
    /// Its name, in addresses, settings, columns and `/webhooks/<name>`.
    pub name: &'static str,
    /// What its messages may hold.
    pub limits: Limits,
    /// Whether ids of events are unique within an account, and not only within a chat. Then a copy of an event that tells
    /// other names of its chat is known by its id.
    pub has_ids_of_accounts: bool,
    /// Whether a name of a chat is the platform's id of a person, which nobody else ever gets. Chats with different ones are
    /// different people's, even where both have had one phone number.
    pub is_person_id: fn(&str) -> bool,
    /// Whether the platform tells when a message has reached a device. Elsewhere, sent is all that can be known.
    pub reports_deliveries: bool,
    /// Whether the bytes of pictures and documents are wanted with a message ([`super::Send::image`]).
    pub uploads_files: bool,
    /// Where the files are that people send.
    pub peoples_files: PeoplesFiles,
    /// Whether the platform may call: whether requests to `/webhooks/<name>` are for this channel.
    pub takes_webhooks: bool,
}

/// Where the files are that people send on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeoplesFiles {
    /// Nobody can send one.
    Never,
    /// Here already, sent ahead of the message that names them (`store::uploads`).
    KeptHere,
    /// At the platform, which gives them to [`super::Fetch`].
    AtThePlatform,
}

/// No name on the platform is the id of a person.
pub fn nobody(_name: &str) -> bool {
    false
}
