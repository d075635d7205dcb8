//! What the platform remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::decode;
use crate::fakes::{Fault, Recorded, Shown, ShownChoice, ShownDocument};

/// Milliseconds from 1970 to the platform's first second.
const EPOCH_MS: i64 = 1_420_070_400_000;

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum File {
    /// Shown in a card.
    Picture(Vec<u8>),
    /// Offered below the words.
    Document(ShownDocument),
}

/// A message of the bot.
#[derive(Debug, Clone, Default)]
pub(super) struct Posted {
    pub chat: String,
    /// Content, embeds, components and attachments as they are now.
    pub body: Value,
    pub file: Option<File>,
    /// Whether it only says that an answer comes.
    pub is_loading: bool,
    pub is_ephemeral: bool,
}

impl Posted {
    fn parts(&self) -> Vec<&Value> {
        let rows = self.body["components"].as_array().map_or(&[][..], Vec::as_slice);
        rows.iter().flat_map(|row| row["components"].as_array().map_or(&[][..], Vec::as_slice)).collect()
    }

    /// What may be pressed.
    pub fn choices(&self) -> Vec<ShownChoice> {
        let choice = |label: &Value, data: &Value| {
            Some(ShownChoice { label: label.as_str()?.to_owned(), data: data.as_str()?.to_owned() })
        };
        let mut choices = Vec::new();
        for part in self.parts() {
            choices.extend(choice(&part["label"], &part["custom_id"]));
            for option in part["options"].as_array().map_or(&[][..], Vec::as_slice) {
                choices.extend(choice(&option["label"], &option["value"]));
            }
        }
        choices
    }

    /// The select that a value belongs to.
    pub fn select_of(&self, value: &str) -> Option<String> {
        let holds = |part: &&Value| {
            part["options"]
                .as_array()
                .is_some_and(|options| options.iter().any(|option| option["value"] == value))
        };
        self.parts().into_iter().find(holds).and_then(|part| part["custom_id"].as_str().map(str::to_owned))
    }

    fn shown(&self, id: &str, is_edit: bool) -> Shown {
        let embeds = self.body["embeds"].as_array().map_or(&[][..], Vec::as_slice);
        let texts =
            std::iter::once(&self.body["content"]).chain(embeds.iter().map(|embed| &embed["description"]));
        let texts: Vec<String> = texts.filter_map(Value::as_str).map(decode::shown).collect();
        let (image, document) = match self.file.clone() {
            Some(File::Picture(bytes)) => (Some(bytes), None),
            Some(File::Document(document)) => (None, Some(document)),
            None => (None, None),
        };
        Shown {
            id: id.to_owned(),
            text: texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
            choices: self.choices(),
            image,
            document,
            link: self.parts().iter().find_map(|part| part["url"].as_str().map(str::to_owned)),
            is_edit,
        }
    }
}

/// An interaction that waits for answers.
#[derive(Debug, Clone)]
pub(super) struct Interaction {
    pub chat: String,
    pub token: String,
    pub kind: u8,
    pub at: DateTime<Utc>,
    /// The kind of the first response, once there was one.
    pub response: Option<u64>,
    /// The message that `@original` names.
    pub original: Option<String>,
    /// The form that was opened.
    pub modal: Option<Value>,
}

/// A session of the gateway.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Everything that was told in it, numbered from one.
    pub log: Vec<Value>,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct State {
    pub now: DateTime<Utc>,
    pub bot_id: String,
    drawn: i64,
    pub channels: BTreeMap<String, String>,
    pub messages: BTreeMap<String, Posted>,
    pub interactions: BTreeMap<String, Interaction>,
    pub nonces: HashMap<(String, String), (String, DateTime<Utc>)>,
    pub commands: Vec<Value>,
    pub in_guild: BTreeSet<String>,
    pub told: HashMap<String, Value>,
    pub faults: HashMap<String, VecDeque<Fault>>,
    fresh: HashMap<String, Vec<Shown>>,
    /// Files that people can send, with their kinds.
    pub files: HashMap<String, (String, Vec<u8>)>,
    pub recorded: Vec<Recorded>,
    pub sessions: BTreeMap<String, Session>,
    pub identified: usize,
    pub resumed: usize,
    pub connections: usize,
    pub heartbeats: usize,
}

impl State {
    /// Whatever a chat was shown last, nobody sees.
    pub fn swallow(&mut self, chat: &str) {
        if let Some(fresh) = self.fresh.get_mut(chat) {
            fresh.pop();
        }
    }

    pub fn new(now: DateTime<Utc>, bot_id: String) -> Self {
        Self { now, bot_id, ..Self::default() }
    }

    /// A fresh id that holds the moment.
    pub fn next_id(&mut self) -> String {
        self.drawn += 1;
        let ms = (self.now.timestamp_millis() - EPOCH_MS).max(0);
        ((ms << 22) | (self.drawn & 0x3f_ffff)).to_string()
    }

    /// The direct message channel of a user, opened when there is none.
    pub fn channel_of(&mut self, chat: &str) -> String {
        if let Some(channel) = self.channels.get(chat) {
            return channel.clone();
        }
        let channel = self.next_id();
        self.channels.insert(chat.to_owned(), channel.clone());
        channel
    }

    /// Whose direct message channel it is.
    pub fn user_of(&self, channel_id: &str) -> Option<String> {
        self.channels.iter().find(|(_, channel)| *channel == channel_id).map(|(chat, _)| chat.clone())
    }

    /// Makes a message, and shows it unless it only says that an answer comes.
    pub fn post(&mut self, posted: Posted) -> String {
        let id = self.next_id();
        if !posted.is_loading {
            self.fresh.entry(posted.chat.clone()).or_default().push(posted.shown(&id, false));
        }
        self.messages.insert(id.clone(), posted);
        id
    }

    /// Changes a message: fields that are given take the place of what it had.
    pub fn edit(&mut self, id: &str, body: &Value, file: Option<File>) {
        let Some(message) = self.messages.get_mut(id) else { return };
        for field in ["content", "embeds", "components", "attachments"] {
            if let Some(value) = body.get(field) {
                message.body[field] = value.clone();
            }
        }
        let keeps_file = body.get("attachments").is_none();
        if file.is_some() || !keeps_file {
            message.file = file;
        }
        let is_edit = !std::mem::take(&mut message.is_loading);
        let (chat, shown) = (message.chat.clone(), message.shown(id, is_edit));
        self.fresh.entry(chat).or_default().push(shown);
    }

    /// The message as the platform gives it back.
    pub fn message_json(&self, id: &str) -> Value {
        let Some(message) = self.messages.get(id) else { return Value::Null };
        let flags = u64::from(message.is_ephemeral) << 6 | u64::from(message.is_loading) << 7;
        json!({
            "id": id, "channel_id": self.channels.get(&message.chat), "type": 0, "flags": flags,
            "content": message.body["content"].as_str().unwrap_or_default(),
            "embeds": message.body.get("embeds").cloned().unwrap_or_else(|| json!([])),
            "components": message.body.get("components").cloned().unwrap_or_else(|| json!([])),
            "author": { "id": self.bot_id, "username": "warung", "bot": true },
            "attachments": [], "timestamp": self.now.to_rfc3339(), "tts": false, "pinned": false,
        })
    }

    pub fn take_shown(&mut self, chat: &str) -> Vec<Shown> {
        self.fresh.remove(chat).unwrap_or_default()
    }

    /// The next fault of a chat, used up.
    pub fn fault(&mut self, chat: &str) -> Option<Fault> {
        self.faults.get_mut(chat)?.pop_front()
    }
}
