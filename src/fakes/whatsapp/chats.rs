//! Chats: what they take, what they show, and what is reported of it.

use chrono::Duration;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::rules::{Checked, Message, template_parameters, template_payloads};
use super::{Fake, State, chat_key};
use crate::fakes::{Shown, ShownChoice, ShownDocument};

/// How long after a message of theirs a person may be written to freely.
const WINDOW: Duration = Duration::hours(24);
/// The share of time that one message to one person takes.
const PAIR_STEP: Duration = Duration::seconds(6);
/// Messages in a row that may borrow from the future.
const PAIR_BURST: i32 = 45;

/// Kinds of what can be pressed, which are told differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressable {
    /// A reply button.
    Reply,
    /// A row of a list.
    Row,
    /// A quick reply of a template.
    Template,
}

impl Fake {
    /// Checks what depends on the chat: the picture, the template, the window, the rate.
    pub(super) fn admit_message(&self, message: &Message, body: &Value) -> Checked<()> {
        let mut state = self.lock();
        let now = state.moment();
        if let Some(id) = &message.picture {
            // The platform takes a file only as what it is.
            let is_document = message.kind == "document";
            let is_there = state
                .files
                .get(id)
                .is_some_and(|file| file.mime.starts_with("image/") != is_document && !file.has_lapsed(now));
            if !is_there {
                return Err(Refusal::parameter("the file's id is unknown, of another kind or has lapsed"));
            }
        }
        let chat = chat_key(&message.to);
        if message.kind == "template" {
            let template = &body["template"];
            let (text, labels) = find_template(&state, template)
                .ok_or_else(|| Refusal::new(132_001, "the template does not exist in this language"))?;
            if let Some(index) = template_payloads(template).keys().find(|index| **index >= labels.len()) {
                return Err(Refusal::new(132_000, format!("the template has no button {index}")));
            }
            let (wanted, given) = (placeholders(text), template_parameters(template).len());
            if wanted != given {
                return Err(Refusal::new(132_000, format!("{given} parameters, {wanted} are wanted")));
            }
        } else if state.now.is_some() {
            let is_open = state.last_heard.get(&chat).is_some_and(|at| now - *at < WINDOW);
            if !is_open {
                return Err(Refusal::new(131_047, "more than 24 hours since the person wrote"));
            }
        }
        if state.pair_rate {
            let used_until = state.pairs.get(&chat).copied().unwrap_or(now).max(now) + PAIR_STEP;
            if used_until - now > PAIR_STEP * PAIR_BURST {
                return Err(Refusal::new(131_056, "too many messages to one person"));
            }
            state.pairs.insert(chat, used_until);
        }
        Ok(())
    }

    pub(super) fn mark_read(&self, id: &str) -> Checked<()> {
        let mut state = self.lock();
        if !state.heard.contains_key(id) {
            return Err(Refusal::parameter("no message of this id has come in"));
        }
        state.read.insert(id.to_owned());
        Ok(())
    }

    /// Takes a message: shows it, reports it, or reports later that it failed.
    pub(super) fn accept(&self, message: &Message, body: &Value, fails: Option<i64>) -> Value {
        let chat = chat_key(&message.to);
        let id = {
            let mut state = self.lock();
            let number = state.next_id();
            super::webhooks::wamid_of(&format!("out{number}"))
        };
        let states: &[&str] = if fails.is_some() { &["failed"] } else { &["sent", "delivered", "read"] };
        let reports: Vec<_> = states.iter().map(|state| self.report(message, &id, state, fails)).collect();
        let mut state = self.lock();
        state.reports.extend(reports);
        if fails.is_none() {
            let (shown, kind) = show(&state, &id, body);
            for choice in &shown.choices {
                let key = (chat.clone(), choice.data.clone());
                state.pressable.insert(key, (kind, choice.label.clone()));
            }
            state.shown.entry(chat).or_default().push(shown);
        }
        accepted(message, &id)
    }

    /// Answers as if a message were on its way. Nobody ever sees it, and no report comes.
    pub(super) fn swallow(&self, message: &Message) -> Value {
        let number = self.lock().next_id();
        accepted(message, &super::webhooks::wamid_of(&format!("out{number}")))
    }
}

fn accepted(message: &Message, id: &str) -> Value {
    let contact = if message.is_user_id {
        json!({"input": message.to, "user_id": message.to})
    } else {
        json!({"input": message.to, "wa_id": chat_key(&message.to)})
    };
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": id}]})
}

fn find_template<'a>(state: &'a State, template: &Value) -> Option<&'a (String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    state.templates.get(&(text(&template["name"]), text(&template["language"]["code"])))
}

/// How many parameters a template has.
fn placeholders(text: &str) -> usize {
    (1..).take_while(|number| text.contains(&format!("{{{{{number}}}}}"))).count()
}

/// A message as the person sees it, and of which kind its choices are.
fn show(state: &State, id: &str, body: &Value) -> (Shown, Pressable) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let picture = |image: &Value| {
        let kept = image["id"].as_str().and_then(|id| state.files.get(id)).map(|file| file.bytes.clone());
        image.is_object().then(|| kept.unwrap_or_default())
    };
    let mut shown = Shown { id: id.to_owned(), ..Shown::default() };
    let mut kind = Pressable::Reply;
    let interactive = &body["interactive"];
    match text(&body["type"]).as_str() {
        "text" => shown.text = text(&body["text"]["body"]),
        "image" => {
            shown.text = text(&body["image"]["caption"]);
            shown.image = picture(&body["image"]);
        }
        "document" => {
            let document = &body["document"];
            shown.text = text(&document["caption"]);
            shown.document =
                picture(document).map(|bytes| ShownDocument { name: text(&document["filename"]), bytes });
        }
        "interactive" => {
            shown.text = text(&interactive["body"]["text"]);
            shown.image = picture(&interactive["header"]["image"]);
            let action = &interactive["action"];
            shown.link = action["parameters"]["url"].as_str().map(str::to_owned);
            let choice =
                |choice: &Value| ShownChoice { label: text(&choice["title"]), data: text(&choice["id"]) };
            let buttons = action["buttons"].as_array().into_iter().flatten();
            let rows = action["sections"].as_array().into_iter().flatten();
            let rows = rows.flat_map(|section| section["rows"].as_array().into_iter().flatten());
            if action["sections"].is_array() {
                kind = Pressable::Row;
            }
            shown.choices = buttons.map(|button| &button["reply"]).chain(rows).map(choice).collect();
        }
        _ => {
            let template = &body["template"];
            let (words, labels) = find_template(state, template).cloned().unwrap_or_default();
            shown.text = words;
            for (index, parameter) in template_parameters(template).iter().enumerate() {
                shown.text = shown.text.replace(&format!("{{{{{}}}}}", index + 1), parameter);
            }
            let payloads = template_payloads(template);
            let choice = |(index, label): (usize, String)| {
                // A button without data of its own sends its words.
                let data = payloads.get(&index).cloned().unwrap_or_else(|| label.clone());
                ShownChoice { label, data }
            };
            shown.choices = labels.into_iter().enumerate().map(choice).collect();
            kind = Pressable::Template;
        }
    }
    (shown, kind)
}
