//! Sends: parts of a message one after another, what Telegram does not take mended and tried once more.

use std::time::Instant;

use serde_json::Value;
use teloxide::types::ReplyMarkup;

use crate::channels::{Receipt, Send, Upload};
use crate::edge::CallError;
use crate::edge::pulse::SHORT_WAIT;

use super::Line;
use super::client::{Bytes, Refusal, Trouble};
use super::compose::{Composed, Kind, Place, Style, changed_message, new_message};
use super::errors::outcome;
use super::wire::{field, id, is_true, number};

/// Calls that one part may cost: the first, and one for each thing that can be mended.
const MAX_CALLS_PER_PART: usize = 7;

/// One send on its way.
struct Course<'a> {
    line: &'a Line,
    send: &'a Send<'a>,
    to: Place,
    style: Style,
    composed: Composed<'a>,
}

/// Sends one message.
pub(super) async fn send(line: &Line, send: &Send<'_>) -> Result<Receipt, CallError> {
    let chat: i64 =
        send.to.chat.parse().map_err(|_| CallError::Fail {
            reason: "telegram: the chat's address is not a number".to_owned(),
        })?;
    let topic = send.thread.and_then(|thread| number(thread, "topic"));
    let is_private = chat > 0;
    let composed = Composed::new(send, is_private);
    let mut course = Course { line, send, to: Place { chat, topic }, style: Style::Html, composed };
    if send.message.document.is_some() && course.composed.attached.is_none() {
        // A message that promises a document is none without it.
        return Err(CallError::Fail {
            reason: "telegram: the document of the message is missing or too large".to_owned(),
        });
    }
    if course.composed.parts.is_empty() {
        return Err(CallError::Fail {
            reason: "telegram: the message has no words and no picture".to_owned(),
        });
    }
    let done = match course.change().await {
        Ok(Some(receipt)) => Ok(receipt),
        Ok(None) => course.send_parts().await,
        Err(error) => Err(error),
    };
    let goes_again =
        matches!(done, Err(CallError::Retry { .. } | CallError::Down { .. } | CallError::Unknown { .. }));
    if !goes_again {
        line.memory.set_sent(send.outbox_id, &send.to.chat, None);
    }
    done
}

impl Course<'_> {
    /// Changes the message that was pressed, where that gives what is to be shown; nothing where it does not.
    async fn change(&mut self) -> Result<Option<Receipt>, CallError> {
        let pressed = self.send.thread.filter(|_| self.send.message.replaces_pressed);
        let Some(thread) = pressed.filter(|thread| field(thread, "callback_id").is_some()) else {
            return Ok(None);
        };
        let Some(message_id) = number(thread, "message_id") else { return Ok(None) };
        let had_photo = is_true(thread, "has_photo");
        if self.send.message.document.is_some() {
            // A document stays where it was sent, so a message with one is always new.
            return Ok(None);
        }
        let (home, has_photo) = (self.to.chat, self.composed.attached.is_some());
        for _ in 0..MAX_CALLS_PER_PART {
            // A text cannot lose its picture, so a message without one comes anew where there was one.
            let shows_old_picture = had_photo && self.send.message.image.is_none();
            let [words] = self.composed.parts.as_slice() else { return Ok(None) };
            if shows_old_picture || self.composed.ask.is_some() {
                return Ok(None);
            }
            let photo = self.composed.attached;
            let markup = self.composed.buttons().map(ReplyMarkup::from);
            let (method, fields) = changed_message(
                self.to.chat,
                message_id,
                had_photo,
                words,
                photo.as_ref(),
                markup.as_ref(),
                self.style,
            );
            let file = photo.and_then(|photo| photo.file());
            match self.call(method, &fields, file).await {
                Ok(result) => return Ok(Some(receipt(&result, file.is_some(), Some(message_id)))),
                Err(Trouble::Refused(refusal)) if refusal.is_unchanged() => {
                    return Ok(Some(receipt(&Value::Null, false, Some(message_id))));
                }
                Err(trouble) => match self.mend(method, trouble) {
                    // A group that moved left its messages behind, and a picture that was refused would leave the old
                    // one; what cannot be changed for another reason may still be sent.
                    Ok(()) if self.to.chat != home || self.composed.attached.is_some() != has_photo => {
                        return Ok(None);
                    }
                    Ok(()) => {}
                    Err(CallError::Fail { .. }) => return Ok(None),
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(None)
    }

    async fn send_parts(&mut self) -> Result<Receipt, CallError> {
        let chat = &self.send.to.chat;
        let memory = &self.line.memory;
        let mut whole = Receipt::default();
        let last = self.composed.parts.len().saturating_sub(1);
        let mut at = memory.sent(self.send.outbox_id, chat).max(self.send.parts_sent).min(last);
        while at < self.composed.parts.len() {
            let (result, uploaded) = self.send_part(at).await?;
            at += 1;
            if at < self.composed.parts.len() {
                memory.set_sent(self.send.outbox_id, chat, Some(at));
                self.send.note_parts(at).await;
            }
            let part = receipt(&result, uploaded, None);
            whole = Receipt {
                channel_message_id: part.channel_message_id.or(whole.channel_message_id),
                uploaded: part.uploaded.or(whole.uploaded),
            };
        }
        Ok(whole)
    }

    /// Sends one part; whether its file was uploaded.
    async fn send_part(&mut self, at: usize) -> Result<(Value, bool), CallError> {
        for _ in 0..MAX_CALLS_PER_PART {
            let Some(words) = self.composed.parts.get(at) else { break };
            let is_last = at + 1 == self.composed.parts.len();
            let attached = self.composed.attached.filter(|_| at == 0);
            let (markup, keyboard) = if is_last { self.markup() } else { (None, None) };
            let (method, fields) =
                new_message(self.to, words, attached.as_ref(), markup.as_ref(), self.style);
            let file = attached.and_then(|attached| attached.file());
            match self.call(method, &fields, file).await {
                Ok(result) => {
                    if let Some(shown) = keyboard {
                        self.line.memory.set_keyboard(&self.send.to.chat, shown);
                    }
                    return Ok((result, file.is_some()));
                }
                Err(trouble) => {
                    self.mend(method, trouble)?;
                }
            }
        }
        Err(CallError::Fail { reason: "telegram: no way of writing the message is accepted".to_owned() })
    }

    /// What stands below the last part, and whether the chat shows the sharing keyboard from then on.
    fn markup(&self) -> (Option<ReplyMarkup>, Option<bool>) {
        if let Some(buttons) = self.composed.buttons() {
            return (Some(buttons.into()), None);
        }
        if let Some(ask) = &self.composed.ask {
            return (Some(ask.clone()), Some(true));
        }
        // The keyboard stays below the chat until it is pressed or taken away.
        if self.line.memory.has_keyboard(&self.send.to.chat) {
            return (Some(super::keys::remove()), Some(false));
        }
        (None, None)
    }

    /// One call, unless the platform wants to be left alone.
    async fn call(&self, method: &str, fields: &Value, file: Option<Bytes<'_>>) -> Result<Value, Trouble> {
        let chat = self.to.chat.to_string();
        let pace = &self.line.pace;
        if let Some(left) = pace.left(&chat, pace.pulse.now()) {
            if left > SHORT_WAIT {
                return Err(wait(left));
            }
            tokio::time::sleep(left).await;
        }
        // How fast messages really go out is a matter of the machine's own time, whatever clock decides about pauses.
        let turn = pace.turn(Instant::now()).map_err(wait)?;
        if !turn.is_zero() {
            tokio::time::sleep(turn).await;
        }
        let called = self.line.client.upload(method, fields, file).await;
        if let Err(Trouble::Refused(refusal)) = &called
            && let Some(seconds) = refusal.pause_seconds()
        {
            pace.pause(&chat, seconds, pace.pulse.now());
        }
        called
    }

    /// Mends what can be mended about a refused call; otherwise says what the refusal means.
    fn mend(&mut self, method: &str, trouble: Trouble) -> Result<(), CallError> {
        let Trouble::Refused(refusal) = &trouble else { return Err(outcome(method, &trouble)) };
        if let Some(to) = refusal.migrate_to.filter(|to| *to != self.to.chat) {
            self.to = Place { chat: to, topic: None };
        } else if refusal.is_markup() && self.style == Style::Html {
            self.style = Style::Plain;
        } else if refusal.is_topic() && self.to.topic.is_some() {
            self.to.topic = None;
        } else if refusal.is_link() && self.composed.link.is_some() {
            self.composed.write_link_out();
        } else if let Some(attached) = self.composed.attached.filter(|_| refusal.is_picture()) {
            match attached.next() {
                Some(next) => self.composed.attached = Some(next),
                None if attached.kind == Kind::Document => return Err(outcome(method, &trouble)),
                None => self.composed.drop_attached(),
            }
        } else {
            return Err(outcome(method, &trouble));
        }
        Ok(())
    }
}

/// A wait that we know of, as the platform would say it.
fn wait(left: std::time::Duration) -> Trouble {
    Trouble::Refused(Refusal {
        code: 429,
        description: String::new(),
        // In whole seconds, as the platform tells them, and never too early.
        retry_after_seconds: Some(left.as_secs() + u64::from(left.subsec_nanos() > 0)),
        migrate_to: None,
    })
}

fn receipt(result: &Value, uploaded: bool, message_id: Option<i64>) -> Receipt {
    let kept = field(result, "photo").and_then(Value::as_array).and_then(|sizes| {
        let area = |size: &&Value| {
            number(size, "width").unwrap_or(0).saturating_mul(number(size, "height").unwrap_or(0))
        };
        sizes.iter().max_by_key(area).and_then(|size| id(size, "file_id"))
    });
    let kept = kept.or_else(|| id(field(result, "document")?, "file_id"));
    Receipt {
        channel_message_id: id(result, "message_id").or_else(|| message_id.map(|id| id.to_string())),
        uploaded: kept.filter(|_| uploaded).map(|id| Upload { id, expires_at: None }),
    }
}
