//! What a channel can do beside receiving and sending. Each is a trait of its own, and each channel names all that it has.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Image, Sink};
use crate::domain::customer::Language;
use crate::domain::message::{Address, FileRef};
use crate::edge::CallError;

/// What a channel can do; nothing where it cannot.
#[derive(Clone, Copy, Default)]
pub struct Abilities<'a> {
    /// Asks a platform that does not call.
    pub listen: Option<&'a dyn Listen>,
    /// Fetches the files that people send.
    pub fetch: Option<&'a dyn Fetch>,
    /// Shows people that they were heard.
    pub attend: Option<&'a dyn Attend>,
    /// Answers who owns a webhook address.
    pub handshake: Option<&'a dyn Handshake>,
    /// Tells the platform where to call and which commands there are.
    pub announce: Option<&'a dyn Announce>,
    /// Asks the platform whether an account works.
    pub probe: Option<&'a dyn Probe>,
    /// Shows people in a group the way to a chat of their own. Where it is missing, what is said in a group is answered to the
    /// person alone, or not at all.
    pub point: Option<&'a dyn Point>,
}

impl Abilities<'_> {
    /// Whether the platform calls for an account, and is not asked.
    pub fn is_called(&self, account: &str) -> bool {
        self.handshake.is_some() || self.announce.is_some_and(|announce| announce.is_called(account))
    }
}

/// Listening to a platform that is asked instead of calling.
#[async_trait]
pub trait Listen: Send + Sync {
    /// Listens until `stop`. Reconnects by itself and never gives up; returns at once where there is nothing to listen to.
    async fn listen(&self, sink: Arc<dyn Sink>, stop: CancellationToken);
}

/// Fetching files from a platform.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Fetches the bytes of a file that a person sent, at most `max_bytes`, and their kind.
    ///
    /// # Errors
    /// [`CallError`].
    async fn fetch(&self, account: &str, file: &FileRef, max_bytes: usize) -> Result<Image, CallError>;
}

/// Showing that somebody is heard.
#[async_trait]
pub trait Attend: Send + Sync {
    /// Tells the platform, as well as it can, that an event was heard and is being answered: read marks, typing signs,
    /// the end of a button's spinning. Called once the event is stored; failures are nobody's news.
    async fn attend(&self, account: &str, to: &Address, thread: &serde_json::Value);
}

/// Showing people the way out of a group.
#[async_trait]
pub trait Point: Send + Sync {
    /// Tells who spoke to the shop in a group where they can speak to it alone; failures are nobody's news.
    async fn point(&self, account: &str, group: &Address, thread: &serde_json::Value, pointer: &Pointer);
}

/// What is told there: nothing that is not for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The words.
    pub text: String,
    /// What stands on the button that leads to a chat of two.
    pub label: String,
}

/// The question by which a platform asks who owns a webhook address.
pub trait Handshake: Send + Sync {
    /// Answers it, given the query of a GET request; nothing when it is refused.
    fn handshake(&self, query: &[(String, String)]) -> Option<String>;
}

/// Telling a platform about us.
#[async_trait]
pub trait Announce: Send + Sync {
    /// Whether the platform is told to call for this account.
    fn is_called(&self, account: &str) -> bool;

    /// Tells the platform where to call, and which commands there are.
    ///
    /// # Errors
    /// [`CallError`] of what failed; everything else was tried all the same.
    async fn announce(&self, account: &str, announcement: &Announcement) -> Result<(), CallError>;

    /// Tells the platform to call no longer, because the account leaves this server.
    ///
    /// # Errors
    /// [`CallError`].
    async fn withdraw(&self, account: &str) -> Result<(), CallError>;
}

/// Asking a platform about an account.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Asks whether an account works: its name there, as an operator knows it.
    ///
    /// # Errors
    /// [`CallError`], saying what is wrong with it.
    async fn test(&self, account: &str) -> Result<String, CallError>;
}

/// What a platform is told when the server starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcement {
    /// Where it may call.
    pub webhook_url: String,
    /// The commands that it may offer.
    pub commands: Vec<Command>,
}

/// Words in every language of the shop, Indonesian first.
pub type Words = Vec<(Language, String)>;

/// A command that people can choose from a menu of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What arrives when it is chosen.
    pub name: &'static str,
    /// Its name where the platform shows one in the reader's language.
    pub titles: Words,
    /// What it does, in a line.
    pub descriptions: Words,
    /// Words that have to be typed after it, for platforms that have a field for them; others leave the command out.
    pub field: Option<Field>,
}

/// A field of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its name in the reader's language.
    pub titles: Words,
    /// What is expected.
    pub descriptions: Words,
}
