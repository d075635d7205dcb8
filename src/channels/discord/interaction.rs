//! Reading interactions, and what each must be answered with first.
//!
//! Source: `interactions/receiving-and-responding.mdx`. Every interaction wants a first response within three seconds,
//! exactly one. Presses get a deferred update (6), which leaves the message as it is; commands and forms get a deferred
//! reply (5), which shows that an answer comes; a press of the button of a form gets the form (9), which can only be
//! a first response. Kinds that are not known get whichever of the first two is allowed.

use serde_json::{Value, json};
use serenity::all::{CreateActionRow, CreateInputText, CreateModal, InputTextStyle};

use crate::channels::measure;
use crate::domain::message::{AskKind, ChannelEvent, Content, Inbound};

use super::receive::{address, bounded, name};
use super::wire;

/// How the data of a button begins that opens a form: `form:<kind>:<title>`.
pub const FORM: &str = "form:";
/// Characters of a form's title and of the words over its field. Source: `components/reference.mdx`, "Modal".
pub const FORM_TITLE_UNITS: usize = 45;
/// The id of the field of a form.
const FIELD: &str = "text";
/// Characters that the field of a form takes; the platform allows 4.000.
const FIELD_CHARS: u16 = 1_000;
/// Depth to which the parts of a form are looked through.
const MAX_DEPTH: usize = 6;
/// Options of a command that are read; the platform allows 25.
const MAX_OPTIONS: usize = 25;
/// Characters of a token; real ones have about 230.
const MAX_TOKEN_CHARS: usize = 1_024;
/// The command whose option is an order in the customer's words.
const ORDER_COMMAND: &str = "order";
/// The flag of messages that only one person sees. Source: `resources/message.mdx`, "Message Flags".
pub const EPHEMERAL: u64 = 1 << 6;

/// What a dispatch gave.
#[derive(Debug, Default)]
pub struct Heard {
    /// Events for the shop, in order.
    pub events: Vec<ChannelEvent>,
    /// The interaction that waits for its first response.
    pub waiting: Option<Waiting>,
}

impl Heard {
    /// Events, and nothing that waits.
    pub fn only(events: Vec<ChannelEvent>) -> Self {
        Self { events, waiting: None }
    }
}

/// An interaction that waits for its first response.
#[derive(Clone)]
pub struct Waiting {
    /// The interaction's id.
    pub id: String,
    /// Its token.
    pub token: String,
    /// The body of the first response.
    pub response: Value,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What comes back with the answers to an interaction: `Inbound::thread`.
#[derive(Clone, PartialEq, Eq)]
pub struct Thread {
    /// The interaction's id.
    pub interaction_id: String,
    /// Its token, good for fifteen minutes.
    pub token: String,
    /// The application, for the routes of follow-ups.
    pub application_id: String,
    /// Whether others would see an answer that is not marked as private.
    pub ephemeral: bool,
    /// What it was.
    pub kind: Kind,
    /// The direct message channel, outside servers.
    pub channel_id: Option<String>,
    /// The message whose button was pressed.
    pub message_id: Option<String>,
    /// When it was made, in seconds since 1970.
    pub at: Option<i64>,
}

impl std::fmt::Debug for Thread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Thread").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Kinds of interactions, by what their first response may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A button or a select of one of our messages.
    Component,
    /// A slash command.
    Command,
    /// A form that was sent in.
    Modal,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Command => "command",
            Self::Modal => "modal",
        }
    }
}

impl Thread {
    /// Reads a thread as [`Thread::write`] wrote it; nothing for threads of plain messages.
    pub fn read(thread: &Value) -> Option<Self> {
        let kind = [Kind::Component, Kind::Command, Kind::Modal]
            .into_iter()
            .find(|kind| thread.get("kind").and_then(Value::as_str) == Some(kind.name()))?;
        Some(Self {
            interaction_id: wire::id(thread.get("interaction_id"))?,
            token: token(thread.get("token"))?,
            application_id: wire::id(thread.get("application_id"))?,
            ephemeral: thread.get("ephemeral").and_then(Value::as_bool).unwrap_or(true),
            kind,
            channel_id: wire::id(thread.get("channel_id")),
            message_id: wire::id(thread.get("message_id")),
            at: wire::number(thread.get("at")),
        })
    }

    fn write(&self) -> Value {
        json!({
            "interaction_id": self.interaction_id,
            "token": self.token,
            "application_id": self.application_id,
            "ephemeral": self.ephemeral,
            "kind": self.kind.name(),
            "channel_id": self.channel_id,
            "message_id": self.message_id,
            "at": self.at,
        })
    }

    /// Whether the first response leaves the pressed message as `@original`, to be changed in place.
    pub fn can_replace(&self) -> bool {
        self.kind == Kind::Component
    }

    /// The body of the first response.
    pub fn first_response(&self) -> Value {
        match self.kind {
            Kind::Component => json!({ "type": 6 }),
            Kind::Command | Kind::Modal if self.ephemeral => {
                json!({ "type": 5, "data": { "flags": EPHEMERAL } })
            }
            Kind::Command | Kind::Modal => json!({ "type": 5 }),
        }
    }
}

/// Reads an interaction. One without a person or without an application is acknowledged and gives no event.
pub fn read(account: &str, data: &Value) -> Heard {
    let (Some(id), Some(token)) = (wire::id(data.get("id")), token(data.get("token"))) else {
        return Heard::default();
    };
    let waiting = |response: Value| Some(Waiting { id: id.clone(), token: token.clone(), response });
    let kind = wire::number(data.get("type")).unwrap_or_default();
    let inner = data.get("data").unwrap_or(&Value::Null);
    let custom_id = wire::text(inner.get("custom_id"));
    match kind {
        // The platform asks whether somebody is there, or for suggestions, of which there are none.
        1 => return Heard { events: Vec::new(), waiting: waiting(json!({ "type": 1 })) },
        4 => {
            return Heard {
                events: Vec::new(),
                waiting: waiting(json!({ "type": 8, "data": { "choices": [] } })),
            };
        }
        3 => {
            if let Some(form) = custom_id.as_deref().and_then(|custom_id| form(custom_id, data)) {
                return Heard { events: Vec::new(), waiting: waiting(form) };
            }
        }
        _ => {}
    }
    let user = data.get("member").and_then(|member| member.get("user")).or_else(|| data.get("user"));
    let is_direct = match wire::number(data.get("context")) {
        Some(context) => context == 1,
        None => data.get("member").is_none_or(Value::is_null) && wire::id(data.get("guild_id")).is_none(),
    };
    let has_message = data.get("message").is_some_and(Value::is_object);
    let thread = Thread {
        interaction_id: id.clone(),
        token: token.clone(),
        application_id: wire::id(data.get("application_id")).unwrap_or_else(|| account.to_owned()),
        ephemeral: !is_direct,
        kind: match kind {
            2 => Kind::Command,
            5 => Kind::Modal,
            _ if has_message || kind == 3 => Kind::Component,
            _ => Kind::Command,
        },
        channel_id: wire::id(data.get("channel_id"))
            .or_else(|| wire::id(data.get("channel").and_then(|channel| channel.get("id"))))
            .filter(|_| is_direct),
        message_id: data.get("message").and_then(|message| wire::id(message.get("id"))),
        at: wire::drawn_at(&id).map(|at| at.timestamp()),
    };
    let waiting = waiting(thread.first_response());
    let Some(user_id) = user.and_then(|user| wire::id(user.get("id"))) else {
        return Heard { events: Vec::new(), waiting };
    };
    let content = match kind {
        2 => command(inner),
        3 => press(inner, custom_id),
        5 => submitted(inner),
        _ => Content::Unknown,
    };
    let mut inbound = Inbound::new(address(user_id), id.clone(), content);
    inbound.sender_name = user.and_then(name);
    inbound.language_hint = wire::field(data.get("locale"));
    account.clone_into(&mut inbound.account);
    inbound.thread = Some(thread.write());
    Heard { events: vec![ChannelEvent::Said(inbound)], waiting }
}

/// A slash command as typed words: `/menu`, `/language en`. What is ordered stands alone, so that it is understood
/// like an order in any other message. The platform sends the command's own name, whatever the person's language.
fn command(data: &Value) -> Content {
    // Commands out of the context menu of a user or a message are none of ours.
    if !matches!(wire::number(data.get("type")), None | Some(1)) {
        return Content::Unknown;
    }
    let Some(name) = wire::field(data.get("name")) else { return Content::Unknown };
    let mut words = Vec::new();
    options(data.get("options"), &mut words, 0);
    let words = words.join(" ");
    let text = match (name.as_str(), words.is_empty()) {
        (_, true) => format!("/{name}"),
        (ORDER_COMMAND, false) => words,
        (_, false) => format!("/{name} {words}"),
    };
    Content::Text { text: bounded(text) }
}

/// The values of options, those of sub-commands after the sub-command's name.
fn options(list: Option<&Value>, words: &mut Vec<String>, depth: usize) {
    for option in wire::list(list).iter().take(MAX_OPTIONS) {
        if let Some(value) = wire::text(option.get("value")) {
            words.push(value.trim().to_owned());
        } else if depth < MAX_DEPTH && matches!(wire::number(option.get("type")), Some(1 | 2)) {
            words.extend(wire::field(option.get("name")));
            options(option.get("options"), words, depth + 1);
        }
    }
}

/// A button's data, or the first choice of a select.
fn press(data: &Value, custom_id: Option<String>) -> Content {
    let values = wire::list(data.get("values"));
    let pressed = match wire::number(data.get("component_type")) {
        Some(3) => wire::text(values.first()),
        None | Some(2) => wire::text(values.first()).or(custom_id),
        // Selects of people, roles and channels, and what is newer than this.
        _ => None,
    };
    pressed.map_or(Content::Unknown, |data| Content::Press { data })
}

/// The words of a form that was sent in.
fn submitted(data: &Value) -> Content {
    let mut words = Vec::new();
    fields(data.get("components"), &mut words, 0);
    if words.is_empty() {
        return Content::Unknown;
    }
    Content::Text { text: bounded(words.join("\n")) }
}

/// The values of text fields: in rows, as they were, or in labels, as they are now.
fn fields(part: Option<&Value>, words: &mut Vec<String>, depth: usize) {
    match part {
        Some(Value::Array(parts)) if depth < MAX_DEPTH => {
            for part in parts.iter().take(MAX_OPTIONS) {
                fields(Some(part), words, depth + 1);
            }
        }
        Some(part @ Value::Object(_)) if depth < MAX_DEPTH => {
            words.extend(wire::text(part.get("value")).map(|value| value.trim().to_owned()));
            fields(part.get("component"), words, depth + 1);
            fields(part.get("components"), words, depth + 1);
        }
        _ => {}
    }
}

/// The data of the button that opens a form. The title travels in it, because the press must be answered with the
/// form at once, before anybody can be asked.
pub fn form_data(kind: AskKind, title: &str) -> String {
    let kind = match kind {
        AskKind::Name => "name",
        AskKind::Phone => "phone",
        AskKind::Address => "address",
    };
    format!("{FORM}{kind}:{}", measure::line(title, FORM_TITLE_UNITS))
}

/// The form that a press of its button is answered with.
fn form(custom_id: &str, data: &Value) -> Option<Value> {
    let (kind, title) = custom_id.strip_prefix(FORM)?.split_once(':')?;
    let style = if kind == "address" { InputTextStyle::Paragraph } else { InputTextStyle::Short };
    let title = Some(title.trim()).filter(|title| !title.is_empty());
    let title = title.map(str::to_owned).or_else(|| label_of(custom_id, data))?;
    let title = measure::line(&title, FORM_TITLE_UNITS);
    let field = CreateInputText::new(style, title.clone(), FIELD).max_length(FIELD_CHARS);
    let modal = CreateModal::new(custom_id, title).components(vec![CreateActionRow::InputText(field)]);
    Some(json!({ "type": 9, "data": serde_json::to_value(modal).ok()? }))
}

/// The words on the button that was pressed, as the pressed message holds them.
fn label_of(custom_id: &str, data: &Value) -> Option<String> {
    let rows = wire::list(data.get("message")?.get("components"));
    let mut buttons = rows.iter().flat_map(|row| wire::list(row.get("components")));
    let button = buttons.find(|button| button.get("custom_id").and_then(Value::as_str) == Some(custom_id))?;
    wire::field(button.get("label"))
}

/// A token that may stand in a path.
fn token(value: Option<&Value>) -> Option<String> {
    let token = value.and_then(Value::as_str)?;
    let is_plain = !token.is_empty()
        && token.len() <= MAX_TOKEN_CHARS
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=' | b':'));
    // Two points would climb out of the route.
    (is_plain && token.bytes().any(|byte| byte != b'.')).then(|| token.to_owned())
}
