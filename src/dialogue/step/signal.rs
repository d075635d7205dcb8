//! Signals: what happened elsewhere. A state that waits for it moves on, everybody else is told and stays where they are.

use super::Machine;
use crate::dialogue::conversation::Mode;
use crate::dialogue::value::Value;

/// The shop hands the conversation back to the dialogue.
const RELEASED: &str = "human.released";

impl Machine<'_> {
    pub(super) fn signalled(&mut self, name: &str) {
        self.meet();
        if name == RELEASED {
            self.conversation.mode = Mode::Bot;
            self.conversation.pulse.clear();
        }
        self.trace.push(format!("signal:{name}"));
        if let Some(depth) = self.waiting_for(name) {
            // What was called on top of a wait for money ends with the wait: the money is the news.
            self.conversation.frames.truncate(depth + 1);
            let cases = self.here().and_then(|(_, state)| state.wait.get(name)).cloned();
            if let Some(cases) = cases {
                self.follow_and_go(&cases.value, name);
                return;
            }
        }
        let Some(global) = self.flows.global(self.conversation.role).cloned() else { return };
        let Some(cases) = global.file.signals.get(name) else { return };
        let Some(notice) = cases.0.iter().find(|notice| self.holds(notice.guard.as_ref())).cloned() else {
            return;
        };
        if let Some(say) = self.say_of_notice(&global, name, &notice) {
            if !say.choices.is_empty() && self.conversation.earlier.is_none() {
                self.conversation.earlier = self.conversation.prompt.clone();
            }
            self.replies.push(say);
        }
    }

    /// The topmost frame whose state waits for a signal about the order that it is about.
    fn waiting_for(&self, name: &str) -> Option<usize> {
        let order = self.signal.get("order").and_then(Value::as_text);
        self.conversation.frames.iter().rposition(|frame| {
            let waits = self
                .flows
                .of(frame)
                .and_then(|flow| flow.state(&frame.state))
                .is_some_and(|state| state.wait.contains_key(name));
            let own = frame.slots.get("order").and_then(Value::as_text);
            waits && (own.is_none() || order.is_none() || own == order)
        })
    }
}
