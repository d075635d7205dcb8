//! The brake between two machines, on every channel: see [`crate::dialogue::brake`].

use super::OpenTurn;
use crate::dialogue::brake::{self, Sent};
use crate::dialogue::conversation::{Mode, Role};
use crate::dialogue::value::Value;
use crate::domain::message::Content;
use crate::pipeline::work::Work;
use crate::pipeline::{PipelineError, effects};
use crate::store;

/// What a row of the inbox is for the brake; nothing where no person and no machine sent it.
pub(super) fn sent(work: &Work) -> Option<Sent<'_>> {
    let Work::Inbound { inbound } = work else { return None };
    match &inbound.content {
        Content::Text { text } | Content::Phone { phone: text } | Content::Edited { text } => {
            Some(Sent::Words(text))
        }
        Content::Media { media, caption, .. } => {
            Some(Sent::Words(caption.as_deref().filter(|words| !words.is_empty()).unwrap_or(media.as_str())))
        }
        Content::Location { .. } => Some(Sent::Words("location")),
        Content::Unknown => Some(Sent::Words("unknown")),
        Content::Press { .. } | Content::Order { .. } => Some(Sent::Act),
        Content::Silent => None,
    }
}

impl OpenTurn<'_> {
    /// Notes what was said by both, and pauses the dialogue where that has gone in circles: the other side is told once how to go
    /// on, and the shop who it is.
    pub(super) async fn brake(
        &mut self,
        sent: Sent<'_>,
        moved: bool,
        was_paused: bool,
    ) -> Result<(), PipelineError> {
        if was_paused && self.conversation.pulse.is_paused(self.now) {
            return Ok(());
        }
        let Some(until) = self.conversation.pulse.note(sent, &self.says, moved, self.now) else {
            return Ok(());
        };
        metrics::counter!("warung_conversations_paused_total").increment(1);
        let role = self.conversation.role;
        if self.conversation.mode == Mode::Bot {
            self.says = vec![brake::notice(&self.pipeline.flows, role, until)];
        }
        let Sent::Words(words) = sent else { return Ok(()) };
        let name = match (role, &self.loaded.staff) {
            (Role::Staff, Some(staff)) => Some(staff.name.clone()),
            _ => self.loaded.customer.name.clone(),
        };
        let facts = effects::news::facts([
            ("customer", Value::from(name)),
            ("conversation", Value::from(self.loaded.id.as_str())),
            ("text", Value::from(shortened(words))),
            ("until", until.into()),
        ]);
        let occasion = self.pipeline.clock.id();
        for to in store::staff::conversations(self.connection, &self.loaded.store).await? {
            if to != self.loaded.id {
                let work = Work::Signal { name: "staff.auto_replies".to_owned(), facts: facts.clone() };
                self.signals.push(effects::Signal { key: format!("auto:{occasion}:{to}"), to, work });
            }
        }
        Ok(())
    }
}

/// Characters of what was said that the shop reads: enough to know an answering machine by.
const MAX_SHOWN_CHARS: usize = 200;

fn shortened(words: &str) -> String {
    match words.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words.to_owned(),
    }
}
