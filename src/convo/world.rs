//! What a script plays in. The runner only knows this trait: the real line of data stands behind it in `live`, a
//! scripted one in the runner's own tests, an echo in Botium's.

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};

use super::script::{Actor, Fact, Fault, PayKind};
use crate::domain::customer::Language;
use crate::domain::message::{Content, Outbound};

/// Something that keeps a script from being played on: the shop refused what no shop should refuse, or the world broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WorldError(pub String);

impl WorldError {
    /// An error with one clear line.
    pub fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }
}

/// What a world is built from.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The name of a shop that is shipped, or a path to a catalogue in YAML.
    pub shop: String,
    /// When it begins.
    pub clock: DateTime<Utc>,
    /// What ids are drawn from.
    pub seed: u64,
    /// Who takes part, their channel and language settled for this run.
    pub actors: Vec<Actor>,
    /// The gateway that new charges go to; the world's own where the script chooses none.
    pub payment: Option<String>,
}

/// A message that has reached an actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// When, in virtual time.
    pub at: DateTime<Utc>,
    /// What.
    pub message: Outbound,
}

/// Money that arrives, its variables filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The number of the order.
    pub order: String,
    /// How.
    pub kind: PayKind,
    /// How much in whole rupiah, where the script says so.
    pub amount: Option<i64>,
    /// The id of the event, where the script gives one.
    pub id: Option<String>,
    /// The words of the shop's bank, where the script gives them.
    pub notice: Option<String>,
}

/// A shop with its customers, a virtual clock and ways to break it. What comes in is only stored; [`World::settle`] lets
/// the shop answer.
#[async_trait]
pub trait World: Send {
    /// An actor writes.
    async fn say(&mut self, actor: &str, text: &str) -> Result<(), WorldError>;

    /// An actor sends button data.
    async fn press(&mut self, actor: &str, data: &str) -> Result<(), WorldError>;

    /// An actor sends something else.
    async fn send(&mut self, actor: &str, content: Content) -> Result<(), WorldError>;

    /// The platform delivers an actor's last event again, under the same id.
    async fn again(&mut self, actor: &str) -> Result<(), WorldError>;

    /// Money arrives.
    async fn pay(&mut self, money: &Money) -> Result<(), WorldError>;

    /// Virtual time passes; whatever becomes due on the way happens at its moment.
    async fn advance(&mut self, by: Duration) -> Result<(), WorldError>;

    /// Runs until nothing is left to do at the present moment.
    async fn settle(&mut self) -> Result<(), WorldError>;

    /// The present moment.
    fn now(&self) -> DateTime<Utc>;

    /// What has reached an actor since this was asked last.
    fn take_messages(&mut self, actor: &str) -> Vec<Delivered>;

    /// The process ends without warning and another one starts on the same database.
    async fn restart(&mut self) -> Result<(), WorldError>;

    /// Something will go wrong.
    async fn fault(&mut self, fault: &Fault) -> Result<(), WorldError>;

    /// What platforms refused because it broke their rules, one line each.
    async fn complaints(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// What the shop promises at every moment about money and goods, where that does not hold; see `warung db verify`.
    async fn broken_promises(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// The run is over: what the world holds is let go of.
    async fn end(&mut self);

    /// Something of the store, as a script writes it. Actors and variables are filled in.
    async fn fact(&mut self, fact: &Fact) -> Result<String, WorldError>;

    /// The number of the newest order of an actor, or of anybody where the actor has none.
    async fn newest_order(&mut self, actor: &str) -> Result<Option<String>, WorldError>;

    /// The states and transitions that an actor's conversation has passed since the run began, oldest first.
    async fn trace(&mut self, actor: &str) -> Vec<String>;

    /// What the shop understood of a text, line by line.
    async fn explain(&mut self, actor: &str, text: &str) -> Vec<String>;

    /// The words of a button in another language, where it is a button of the locales.
    fn translate(&self, label: &str, from: Language, to: Language) -> Option<String>;
}

/// Builds worlds: every run has its own.
#[async_trait]
pub trait Worlds: Send + Sync {
    /// A fresh world.
    ///
    /// # Errors
    /// [`WorldError`] when the shop is not there or no database can be had.
    async fn build(&self, setting: &Setting) -> Result<Box<dyn World>, WorldError>;
}
