//! Webhooks: the signature over the raw bytes, then every update of the batch by itself.
//!
//! Meta, "Create a webhook endpoint": bodies of up to 3 MB with up to 1.000 updates; `X-Hub-Signature-256` is
//! `sha256=` and the HMAC of the raw bytes under the app's secret.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::account::Account;
use super::content::{content, is_in_group, kind, product};
use super::identity::{Names, names_in_words, sender};
use super::lenient::{code, each, id, text, whole, words};
use super::statuses;
use super::{MAX_BODY_BYTES, NAME};
use crate::channels::fit::bounded;
use crate::domain::message::{Address, ChannelEvent, Content, Inbound, MAX_TEXT_CHARS};
use crate::edge::json;
use crate::edge::webhook::{WebhookError, WebhookRequest, check_hmac_sha256};

/// The header with the signature.
const SIGNATURE_HEADER: &str = "x-hub-signature-256";
/// What stands before the hex digits in it.
const SIGNATURE_PREFIX: &str = "sha256=";
/// Characters of the words of a system message: a name of any length, and two ids.
const MAX_SYSTEM_CHARS: usize = 1_000;
/// Characters of a field of a referral that are kept.
const MAX_REFERRAL_CHARS: usize = 300;
/// The fields of a referral that are kept: from which advertisement somebody came.
const REFERRAL_FIELDS: [&str; 6] =
    ["source_type", "source_id", "source_url", "headline", "body", "ctwa_clid"];
/// The first believable time stamp: 2018, when shops could first be written to.
const FIRST_SECONDS: i64 = 1_514_764_800;
/// From here on a time stamp is in milliseconds: as seconds it would be in the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;
/// The lists that a change tells its news in; where one stands, its value stands.
const VALUE_FIELDS: [&str; 3] = ["messages", "statuses", "message_echoes"];

/// What a webhook said: events, and what became of single parts of messages.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// The events, in order.
    pub events: Vec<ChannelEvent>,
    /// Rows of the outbox of which the platform has a part that is not the last, with the part's index from 0.
    pub parts: Vec<(i64, usize)>,
}

/// Reads a webhook. Only numbers whose app signed the body are listened to.
///
/// # Errors
/// [`WebhookError`] when nobody signed it or it is no JSON object.
pub(super) fn receive<'a>(
    accounts: impl Iterator<Item = &'a Account>,
    request: &WebhookRequest,
) -> Result<Received, WebhookError> {
    let signed = signed(accounts, request)?;
    if request.body.len() > MAX_BODY_BYTES {
        return Err(WebhookError::Malformed("the body is too long".to_owned()));
    }
    let body = json::parse(&request.body)?;
    // Who relays webhooks may gather several bodies in a list.
    let bodies = match &body {
        Value::Array(bodies) => bodies.as_slice(),
        body => std::slice::from_ref(body),
    };
    if !bodies.iter().any(Value::is_object) {
        return Err(WebhookError::Malformed("a JSON object is expected".to_owned()));
    }
    let mut received = Received::default();
    for body in bodies {
        for (field, value) in changes(body) {
            read_change(&signed, field.as_deref(), value, &mut received);
        }
    }
    Ok(received)
}

/// The changes of a body, each with its field where it names one. Senders leave out the shells around what they tell:
/// Meta's dashboard sends a change alone, relays send its value, and what once ran on the shop's own server sends messages
/// at the top.
fn changes(body: &Value) -> Vec<(Option<String>, &Value)> {
    let entries = match body.get("entry") {
        None | Some(Value::Null) => std::slice::from_ref(body),
        Some(_) => each(body, "entry"),
    };
    let mut changes = Vec::new();
    for entry in entries {
        let inner =
            if entry.get("changes").is_some() { each(entry, "changes") } else { std::slice::from_ref(entry) };
        for change in inner {
            let field = text(change, "field");
            match each(change, "value").first() {
                Some(value) => changes.push((field, value)),
                None if VALUE_FIELDS.iter().any(|list| change.get(list).is_some()) => {
                    changes.push((field, change))
                }
                None => {}
            }
        }
    }
    changes
}

/// The accounts whose app signed the body.
fn signed<'a>(
    accounts: impl Iterator<Item = &'a Account>,
    request: &WebhookRequest,
) -> Result<BTreeSet<&'a str>, WebhookError> {
    let header = request.header(SIGNATURE_HEADER).ok_or(WebhookError::Unsigned)?;
    let signature = header.trim().strip_prefix(SIGNATURE_PREFIX).ok_or(WebhookError::Unsigned)?;
    // Several numbers of one app have one secret, which is tried once.
    let mut tried: Vec<(&str, bool)> = Vec::new();
    let mut signed = BTreeSet::new();
    for account in accounts {
        let secret = account.app_secret.expose_secret();
        let known = tried.iter().find(|(other, _)| *other == secret).map(|(_, is_right)| *is_right);
        let is_right = known.unwrap_or_else(|| {
            let is_right = check_hmac_sha256(secret.as_bytes(), &request.body, signature).is_ok();
            tried.push((secret, is_right));
            is_right
        });
        if is_right {
            signed.insert(account.id());
        }
    }
    if signed.is_empty() { Err(WebhookError::Unsigned) } else { Ok(signed) }
}

/// One change: messages, statuses, echoes. Other fields (account and template news, calls, history) are not for us.
fn read_change(signed: &BTreeSet<&str>, field: Option<&str>, value: &Value, received: &mut Received) {
    let is_echoes = match field {
        None => value.get("messages").is_none() && value.get("message_echoes").is_some(),
        Some(field) => matches!(field, "smb_message_echoes" | "message_echoes"),
    };
    if field.is_some_and(|field| field != "messages") && !is_echoes {
        return;
    }
    let metadata = each(value, "metadata").first();
    let number = metadata.and_then(|metadata| id(metadata, "phone_number_id"));
    let account = match (number, signed.first()) {
        (Some(number), _) => signed.get(number.as_str()).copied(),
        // Without a name it can only be meant for a lone account.
        (None, Some(lone)) if signed.len() == 1 => Some(*lone),
        (None, _) => None,
    };
    let Some(account) = account else { return };
    warn_of_errors(account, value);
    if is_echoes {
        received
            .events
            .extend(each(value, "message_echoes").iter().filter_map(|echo| read_echo(account, echo)));
        return;
    }
    let (messages, contacts) = (each(value, "messages"), each(value, "contacts"));
    for message in messages.iter().filter(|message| message.is_object()) {
        if kind(message) == "system" {
            received.events.extend(read_system(account, message));
        } else {
            received.events.extend(read_message(account, message, contacts, messages.len() == 1));
        }
    }
    for status in each(value, "statuses") {
        statuses::read(account, status, received);
    }
}

/// Errors of the number itself, which belong to no message.
fn warn_of_errors(account: &str, value: &Value) {
    for error in each(value, "errors") {
        let code = whole(error, "code");
        tracing::warn!(channel = NAME, account, code, "the platform tells of an error");
    }
}

fn read_message(account: &str, message: &Value, contacts: &[Value], alone: bool) -> Option<ChannelEvent> {
    let (names, name) = sender(message, contacts, alone);
    let Some(chat) = names.chat() else {
        tracing::warn!(channel = NAME, account, "a message without a sender is left out");
        return None;
    };
    let from = Address { channel: NAME.into(), chat: chat.to_owned() };
    let content = content(message, names.phone.as_deref());
    let mut inbound = Inbound::new(from, external_id(message, chat), content);
    inbound.sender_name = name;
    inbound.sender_phone = names.international();
    inbound.account = account.to_owned();
    inbound.aliases = names.aliases();
    inbound.thread = thread(message);
    inbound.sent_at = whole(message, "timestamp").and_then(moment);
    inbound.is_in_group = is_in_group(message);
    Some(ChannelEvent::Said(inbound))
}

/// The platform's id of a message, under which it is handled once.
fn external_id(message: &Value, chat: &str) -> String {
    let own = id(message, "id");
    let original = each(message, "edit").first().and_then(|edit| id(edit, "original_message_id"));
    match own {
        // An edit under the id of what it changes must not pass for a repetition of it.
        Some(own) if original.as_ref() == Some(&own) => {
            let at = id(message, "timestamp").unwrap_or_default();
            format!("{own}:edit:{at}")
        }
        Some(own) => own,
        None => {
            let written = serde_json::to_vec(message).unwrap_or_default();
            // Who said it may stand beside the message only, and two people may say the same.
            let written = [chat.as_bytes(), &written].concat();
            format!("sha256:{}", hex::encode(Sha256::digest(&written)))
        }
    }
}

/// A time stamp of the platform: seconds since 1970, which some relays write as milliseconds. What was sent before the
/// platform existed is no time.
fn moment(stamp: i64) -> Option<DateTime<Utc>> {
    let seconds = if stamp >= FIRST_MILLISECONDS { stamp / 1_000 } else { stamp };
    DateTime::from_timestamp(seconds, 0).filter(|_| (FIRST_SECONDS..FIRST_MILLISECONDS).contains(&seconds))
}

/// What goes back with answers: the message to mark as read; and from where somebody came, for those who count it.
fn thread(message: &Value) -> Option<Value> {
    let mut thread = serde_json::json!({"message_id": code(message, "id")?});
    if let Some(referral) = each(message, "referral").first() {
        let kept = REFERRAL_FIELDS.iter().filter_map(|field| {
            Some(((*field).to_owned(), Value::String(words(referral, field, MAX_REFERRAL_CHARS)?)))
        });
        thread["referral"] = Value::Object(kept.collect());
    }
    let context = each(message, "context").first();
    let referral = each(message, "referral").first();
    let asked_about = context.and_then(|context| each(context, "referred_product").first());
    let advertised = referral.and_then(|referral| each(referral, "product").first()).or(referral);
    let of = |product: &Value| code(product, "product_retailer_id");
    let sent = each(message, "interactive").first().and_then(product);
    if let Some(code) = sent.or_else(|| asked_about.and_then(of)).or_else(|| advertised.and_then(of)) {
        thread["product"] = Value::String(code);
    }
    if let Some(quoted) = context.and_then(|context| id(context, "id")) {
        thread["quotes"] = Value::String(quoted);
    }
    Some(thread)
}

/// News about a person: a changed number, a new id. Both come as `user_changed_number` or `user_changed_user_id`, with
/// the old names outside and under `previous_…`, the new ones in `user_id` and `wa_id` (older: `new_wa_id`).
fn read_system(account: &str, message: &Value) -> Vec<ChannelEvent> {
    let Some(system) = each(message, "system").first() else { return Vec::new() };
    let kind = text(system, "type").unwrap_or_default();
    // A changed security code (`customer_identity_changed`) names the same person again.
    let is_move = kind.contains("changed_number") || kind.contains("changed_user_id");
    if !is_move && !kind.is_empty() {
        return Vec::new();
    }
    // Both stand in the words too: "… changed from OLD to NEW"; of some changes nothing else tells one of them.
    let said = words(system, "body", MAX_SYSTEM_CHARS).filter(|_| is_move);
    let [said_old, said_new] = said.map(|said| names_in_words(&said)).unwrap_or_default();
    let number = id(system, "new_wa_id").or_else(|| id(system, "wa_id"));
    let told = [id(system, "user_id"), number, id(system, "parent_user_id")];
    // The words count only where no field tells a name of that kind.
    let new = Names::of(told.iter().map(Option::as_deref).chain([said_new.as_deref()]));
    let Some(to) = new.chat() else { return Vec::new() };
    let old = [
        id(system, "previous_user_id"),
        id(message, "from_user_id"),
        id(system, "previous_parent_user_id"),
        id(message, "from"),
        id(system, "customer"),
        said_old,
    ];
    let mut seen = BTreeSet::from([to.to_owned()]);
    let mut moves = Vec::new();
    for old in old.iter().map(|old| Names::of([old.as_deref()])) {
        let Some(from) = old.chat().filter(|from| seen.insert((*from).to_owned())) else { continue };
        // What already is one of the new names was no move.
        if new.phone.as_deref() == Some(from) {
            continue;
        }
        moves.push(ChannelEvent::Moved {
            account: account.to_owned(),
            from: Address { channel: NAME.into(), chat: from.to_owned() },
            to: to.to_owned(),
            aliases: new.aliases(),
            phone: new.international(),
        });
    }
    moves
}

/// What the owner wrote with the platform's app (Meta: `smb_message_echoes`). Edits and takings back are no news.
fn read_echo(account: &str, echo: &Value) -> Option<ChannelEvent> {
    let kind = text(echo, "type").unwrap_or_default();
    if matches!(kind.as_str(), "edit" | "revoke" | "reaction") {
        return None;
    }
    let to = [
        id(echo, "to_user_id"),
        id(echo, "recipient_user_id"),
        id(echo, "to"),
        id(echo, "to_parent_user_id"),
    ];
    let names = Names::of(to.iter().map(Option::as_deref));
    let chat = Address { channel: NAME.into(), chat: names.chat()?.to_owned() };
    let words = match content(echo, None) {
        Content::Text { text } => text,
        Content::Media { caption, .. } => caption.unwrap_or_default(),
        _ => String::new(),
    };
    Some(ChannelEvent::Echo {
        account: account.to_owned(),
        chat,
        external_id: external_id(echo, names.chat()?),
        text: bounded(&words, MAX_TEXT_CHARS + 1),
        aliases: names.aliases(),
    })
}
