//! What the platform knows: chats with their messages, updates that wait, files, faults.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fakes::{Fault, Recorded, Shown, ShownDocument};

use super::html::Parsed;
use super::rules::Keys;

/// The date of the first message, in seconds since 1970: 2026-11-22. Each further message is a second later.
const FIRST_DATE: i64 = 1_795_305_600;
/// The first update's id: they are not small in the world either.
const FIRST_UPDATE: i64 = 731_000_000;

/// A message of the bot's.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: i64,
    pub(super) words: Parsed,
    pub(super) photo: Option<String>,
    /// The id of its document.
    pub(super) document: Option<String>,
    pub(super) keys: Keys,
    /// The keyboard as it was sent.
    pub(super) markup: Option<Value>,
    pub(super) topic: Option<i64>,
}

/// Everything that is known.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) username: String,
    pub(super) secret: String,
    pub(super) webhook: Option<String>,
    pub(super) chats: HashMap<i64, BTreeMap<i64, Message>>,
    pub(super) shown: HashMap<i64, Vec<Shown>>,
    pub(super) faults: HashMap<i64, VecDeque<Fault>>,
    /// Words with which the next sends to a chat are refused.
    pub(super) refusals: HashMap<i64, VecDeque<String>>,
    pub(super) recorded: Vec<Recorded>,
    /// Updates that wait to be asked for, by id.
    pub(super) updates: BTreeMap<i64, Value>,
    /// Updates that were told of, by chat and the teller's id.
    pub(super) told: HashMap<(i64, String), Value>,
    /// Queries that wait for their answer.
    pub(super) queries: HashSet<String>,
    pub(super) answered: Vec<String>,
    /// How the next answers to queries break.
    pub(super) answer_faults: VecDeque<Fault>,
    /// What stands in an answer in the place of an update, by its id.
    pub(super) garbled: HashMap<i64, Vec<u8>>,
    pub(super) files: HashMap<String, Vec<u8>>,
    /// How long the bytes of a file take to begin.
    pub(super) slow_files: Duration,
    /// The names of those files that are documents.
    pub(super) names: HashMap<String, String>,
    /// Groups that have another id now.
    pub(super) moved: HashMap<i64, i64>,
    pub(super) commands: BTreeMap<String, Value>,
    /// Counts long polls: a new one ends the one that waits.
    pub(super) poll: u64,
    /// How many long polls wait.
    pub(super) polls_waiting: u32,
    messages: i64,
    update_ids: i64,
    file_ids: u64,
}

impl State {
    /// Whatever a chat was shown last, nobody sees.
    pub(super) fn swallow(&mut self, chat: i64) {
        if let Some(shown) = self.shown.get_mut(&chat) {
            shown.pop();
        }
    }

    pub(super) fn new(username: &str, secret: &str) -> Self {
        Self { username: username.to_owned(), secret: secret.to_owned(), ..Self::default() }
    }

    pub(super) fn next_message_id(&mut self) -> i64 {
        self.messages += 1;
        self.messages
    }

    pub(super) fn next_update_id(&mut self) -> i64 {
        self.update_ids += 1;
        FIRST_UPDATE + self.update_ids
    }

    /// Keeps a file; its id.
    pub(super) fn keep(&mut self, bytes: Vec<u8>) -> String {
        self.file_ids += 1;
        let id = format!("AgACAgUAAxkBAAIB{:08}", self.file_ids);
        self.files.insert(id.clone(), bytes);
        id
    }

    pub(super) fn fault(&mut self, chat: i64) -> Option<Fault> {
        self.faults.get_mut(&chat)?.pop_front()
    }

    /// Shows a message, new or changed.
    pub(super) fn show(&mut self, chat: i64, message: &Message, is_edit: bool) {
        let image = message.photo.as_ref().map(|id| self.files.get(id).cloned().unwrap_or_default());
        let document = message.document.as_ref().map(|id| ShownDocument {
            name: self.names.get(id).cloned().unwrap_or_default(),
            bytes: self.files.get(id).cloned().unwrap_or_default(),
        });
        self.shown.entry(chat).or_default().push(Shown {
            id: message.id.to_string(),
            text: message.words.marked.trim().to_owned(),
            choices: message.keys.choices.clone(),
            image,
            document,
            link: message.keys.link.clone(),
            is_edit,
        });
    }

    /// A message of the bot's as the platform describes it.
    pub(super) fn describe(&self, chat: i64, message: &Message, bot_id: i64) -> Value {
        let mut described = json!({
            "message_id": message.id,
            "from": {
                "id": bot_id,
                "is_bot": true,
                "first_name": "Warung",
                "username": self.username,
            },
            "chat": describe_chat(chat, None),
            "date": date(message.id),
        });
        let words = message.words.plain.trim();
        if let Some(photo) = &message.photo {
            let bytes = self.files.get(photo).map_or(0, Vec::len);
            described["photo"] = json!([
                { "file_id": format!("{photo}s"), "file_unique_id": format!("q{photo}s"), "width": 90, "height": 90, "file_size": 1200 },
                { "file_id": photo, "file_unique_id": format!("q{photo}"), "width": 800, "height": 800, "file_size": bytes },
            ]);
            if !words.is_empty() {
                described["caption"] = words.into();
            }
        } else if let Some(document) = &message.document {
            described["document"] = json!({
                "file_id": document, "file_unique_id": format!("q{document}"), "file_name": self.names.get(document),
                "file_size": self.files.get(document).map_or(0, Vec::len),
            });
            if !words.is_empty() {
                described["caption"] = words.into();
            }
        } else {
            described["text"] = words.into();
        }
        if let Some(markup) = message.markup.as_ref().filter(|markup| markup.get("inline_keyboard").is_some())
        {
            described["reply_markup"] = markup.clone();
        }
        if let Some(topic) = message.topic {
            described["message_thread_id"] = topic.into();
            described["is_topic_message"] = true.into();
        }
        described
    }
}

/// When a message was written.
pub(super) fn date(message_id: i64) -> i64 {
    FIRST_DATE + message_id
}

/// A chat as the platform describes it.
pub(super) fn describe_chat(chat: i64, name: Option<&str>) -> Value {
    if chat > 0 {
        json!({ "id": chat, "first_name": name.unwrap_or("Pelanggan"), "type": "private" })
    } else {
        json!({ "id": chat, "title": "Grup", "type": "supergroup" })
    }
}

/// A chat's id. Names that are no numbers get one of their own, always the same.
pub(super) fn chat_id(chat: &str) -> i64 {
    chat.parse().unwrap_or_else(|_| {
        let hash = Sha256::digest(chat.as_bytes());
        let mut digits = String::new();
        for byte in hash.iter().take(4) {
            let _ = write!(digits, "{byte:02x}");
        }
        i64::from_str_radix(&digits, 16).unwrap_or(0) + 1
    })
}
