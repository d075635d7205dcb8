//! A scripted conversation as a value: what `parse` reads, `run` plays and `bless` rewrites.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::domain::customer::Language;
use crate::domain::message::Content;

/// Unix time at which a script begins unless it says otherwise: Monday 23 November 2026, 09.00 in Jakarta.
const DEFAULT_CLOCK_SECONDS: i64 = 1_795_399_200;
/// The shop that a script plays in unless it says otherwise.
pub const DEFAULT_SHOP: &str = "bella-teh";
/// The channel of an actor that names none.
pub const DEFAULT_CHANNEL: &str = "chat";

/// One file, kept whole so that it can be written back with only its recorded lines changed.
#[derive(Debug, Clone)]
pub struct Script {
    /// The file, and after it every file that it uses; [`At::file`] counts into this list.
    pub files: Vec<Arc<PathBuf>>,
    /// The lines of the file itself, without their line ends.
    pub lines: Vec<String>,
    /// What stands before the first step.
    pub head: Head,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// Utterance lists that steps name, with their lines.
    pub lists: Vec<(String, Vec<String>)>,
}

/// The directives of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The name of a shop that is shipped, or a path to a catalogue in YAML.
    pub shop: String,
    /// When it begins.
    pub clock: DateTime<Utc>,
    /// What ids, and the sampling of orders, are drawn from.
    pub seed: u64,
    /// Who takes part.
    pub actors: Vec<Actor>,
    /// The languages that the file runs in, once each; empty when every actor keeps their own.
    pub languages: Vec<Language>,
    /// The gateway that new charges go to, where the file chooses one.
    pub payment: Option<String>,
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name that stands before `>`.
    pub name: String,
    /// The channel that they write on.
    pub channel: String,
    /// Their address on it.
    pub chat: String,
    /// The platform's hint of their language.
    pub language: Option<Language>,
    /// Whether they are staff whose chat is linked.
    pub owner: bool,
    /// The name that the platform gives them.
    pub display: Option<String>,
    /// The phone that the platform gives them.
    pub phone: Option<String>,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Which of [`Script::files`].
    pub file: usize,
    /// Line, from 1.
    pub line: usize,
}

/// One step, and the language that it is for, where it is for one only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it stands.
    pub at: At,
    /// The only language in whose runs it counts.
    pub only: Option<Language>,
    /// What it does.
    pub verb: Verb,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Something happens, and the shop answers.
    Act(Act),
    /// Several things happen at once: every order of them must do.
    Together(Vec<Step>),
    /// The shop has answered so.
    Expect(Expect),
    /// The shop has said no more, to anybody or to one actor.
    Silent(Option<String>),
    /// Something holds in the store.
    Invariant(Invariant),
    /// The process ends and another one starts.
    Restart,
    /// Something will go wrong.
    Fault(Fault),
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// An actor writes.
    Say {
        /// Who.
        who: String,
        /// What.
        text: Text,
    },
    /// An actor writes a line of an utterance list; the file runs once per line.
    SayEach {
        /// Who; the last actor when nobody is named.
        who: Option<String>,
        /// The list.
        list: String,
    },
    /// An actor presses a button, once or twice at once.
    Tap {
        /// Who.
        who: String,
        /// Which.
        button: Button,
        /// How often.
        times: u32,
    },
    /// An actor sends button data that no message of ours carries.
    Press {
        /// Who.
        who: String,
        /// The data.
        data: Text,
    },
    /// An actor sends something else than words.
    Send {
        /// Who.
        who: String,
        /// What.
        content: Content,
    },
    /// Time passes.
    Advance(Duration),
    /// Money arrives.
    Pay(Pay),
    /// The platform delivers an actor's last event again.
    Again(Option<String>),
}

/// A button by its words or its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// The words on it, or its place from 1.
    pub which: Which,
    /// The message that it stands on: from 1 at the start, or from -1 at the end; the newest one that has it when missing.
    pub message: Option<i64>,
}

/// How a button is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By its words; the set of letters does not matter.
    Words(Text),
    /// By its place, from 1.
    Place(usize),
}

/// Money that arrives for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pay {
    /// The number of the order.
    pub order: Text,
    /// How.
    pub kind: PayKind,
    /// How much, in whole rupiah; by default what `kind` says.
    pub amount: Option<i64>,
    /// The event: the same id again is the same notice again, not more money.
    pub id: Option<String>,
    /// The words of the shop's bank, `{amount}` in them being the amount; the runner's own where there are none.
    pub notice: Option<String>,
}

/// How money arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayKind {
    /// The exact amount.
    Paid,
    /// A thousand rupiah too little.
    Short,
    /// A thousand rupiah too much.
    Over,
    /// The exact amount, after the order has lapsed.
    Late,
    /// The exact amount, but the gateway's notice is lost.
    Lost,
    /// No money at all: a notice that says so with a wrong signature. It must be refused.
    Forged,
}

/// What the shop is expected to have answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// To whom; the last actor when nobody is named.
    pub who: Option<String>,
    /// Somewhere among the answers instead of next.
    pub anywhere: bool,
    /// The reply's key; `?` waits to be recorded.
    pub key: String,
    /// Some of its arguments.
    pub args: Vec<(String, Text)>,
    /// The variable that keeps the reply's order or argument of that name.
    pub bind: Option<String>,
    /// How often, exactly.
    pub times: Option<usize>,
    /// Not before this much virtual time after what it answers.
    pub after: Option<Duration>,
    /// The message as it reads.
    pub record: Vec<Recorded>,
}

/// A recorded line below an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Where it stands.
    pub at: At,
    /// The only language in whose runs it counts.
    pub only: Option<Language>,
    /// What it shows.
    pub shows: Shows,
}

/// What a recorded line shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// One line of the words; `…` alone stands for any lines, `?` alone waits to be recorded.
    Line(String),
    /// The buttons; a lone `?` waits to be recorded.
    Buttons(Vec<String>),
}

/// Something that must hold in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// What is asked.
    pub fact: Fact,
    /// What must come out.
    pub want: Want,
}

/// What can be asked of the store. Products go by the slug of their Indonesian name, variants after them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// `slug:quantity` for every line of an actor's cart, sorted, or `empty`.
    Cart(Option<String>),
    /// The sum of an actor's cart.
    Total(Option<String>),
    /// Orders, of everybody or of one actor.
    Orders(Option<String>),
    /// The status of an order.
    OrderStatus(Text),
    /// What an order costs.
    OrderTotal(Text),
    /// Pieces that can still be sold.
    Stock(String),
    /// Pieces on the shelf, held ones included.
    Shelf(String),
    /// Pieces held for unpaid orders, over all products or of one.
    Holds(Option<String>),
    /// Confirmed payments, over all orders or of one.
    Payments(Option<Text>),
    /// Messages that have reached an actor.
    Messages(Option<String>),
    /// Messages that have reached staff.
    Notices,
    /// Rows that wait to be sent: `empty` or their number.
    Outbox,
    /// `ok` when the movements of every product add up to its stock, else the slugs where they do not.
    Ledger,
    /// The language of an actor's conversation.
    Language(Option<String>),
    /// Where an actor's conversation is: `flow.state`.
    State(Option<String>),
    /// Who answers an actor: `bot` or `human`.
    Mode(Option<String>),
}

/// What must come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Exactly this.
    Is(Text),
    /// This much more or less than at the start.
    Changed(i64),
}

/// Something that will go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The process dies the next times it passes a point.
    Crash {
        /// The point, one of `pipeline::faults::POINTS`.
        point: String,
        /// How often.
        times: u32,
    },
    /// Sending to an actor fails.
    Send {
        /// To whom.
        who: String,
        /// What the platform answers: an HTTP status, or 0 for a message that arrives while its answer is lost.
        status: u16,
        /// What it asks to wait.
        retry_after: Option<Duration>,
        /// How often.
        times: u32,
    },
    /// The platform takes the next messages to an actor and loses them.
    Drop {
        /// To whom.
        who: String,
        /// How many.
        times: u32,
    },
}

/// Words with variables in them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(pub Vec<Part>);

/// A piece of [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Words.
    Words(String),
    /// A variable.
    Variable(String),
}

impl Text {
    /// Words without variables.
    pub fn plain(words: impl Into<String>) -> Self {
        Self(vec![Part::Words(words.into())])
    }

    /// The variable that the text consists of, when it is nothing else.
    pub fn as_variable(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Variable(name)] => Some(name),
            _ => None,
        }
    }

    /// The text with its variables filled in.
    pub fn fill(&self, variables: &std::collections::BTreeMap<String, String>) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Words(words) => words.as_str(),
                Part::Variable(name) => variables.get(name).map_or("", String::as_str),
            })
            .collect()
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Words(words) => f.write_str(words),
            Part::Variable(name) => write!(f, "${name}"),
        })
    }
}

/// A place in a file with what is wrong there and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", file.display())]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl Script {
    /// The actor of a name.
    pub fn actor(&self, name: &str) -> Option<&Actor> {
        self.head.actors.iter().find(|actor| actor.name == name)
    }

    /// The path of the script.
    pub fn path(&self) -> &std::path::Path {
        self.files.first().map_or(std::path::Path::new(""), |path| path.as_path())
    }

    /// The path of the file that a step stands in.
    pub fn path_of(&self, at: At) -> &std::path::Path {
        self.files.get(at.file).map_or(self.path(), |path| path.as_path())
    }
}

/// The moment at which a script begins unless it says otherwise.
pub fn default_clock() -> DateTime<Utc> {
    DateTime::from_timestamp(DEFAULT_CLOCK_SECONDS, 0).unwrap_or_default()
}

/// The slug of a name: lower case, every run of anything but letters and digits one hyphen.
pub fn slug(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}
