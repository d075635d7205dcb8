//! What is not answered by a flow: the ladder for what nobody understood, and the pause between two machines.

use std::collections::BTreeMap;

use super::Machine;
use super::enter::Move;
use crate::dialogue::flow::model::At;
use crate::dialogue::reply::{Action, Choice, Class, Label, Say};
use crate::dialogue::understand::Understanding;

impl Machine<'_> {
    /// Whether words are left without an answer, because the dialogue pauses and no person speaks here. A command, the words of
    /// a button and a short new wish are a person's, and end the pause.
    pub(super) fn pauses(&mut self, text: &str, heard: &Understanding, command: bool) -> bool {
        if !self.conversation.pulse.is_paused(self.world.now) {
            return false;
        }
        if command || self.label(text).is_some() || self.conversation.pulse.ends_with(text, heard) {
            self.conversation.pulse.release();
            return false;
        }
        self.pause();
        true
    }

    /// Leaves what was sent without an answer.
    pub(super) fn pause(&mut self) {
        self.trace.push("paused".to_owned());
        self.is_paused = true;
    }

    /// Nobody understood: a hint, then the choices with the menu and a person, then a person.
    pub(super) fn missed(&mut self) {
        self.conversation.misses = self.conversation.misses.saturating_add(1);
        self.trace.push(format!("missed:{}", self.conversation.misses));
        let Some(global) = self.flows.global(self.conversation.role) else { return };
        let Some(fallback) = global.file.fallback.clone() else { return };
        let way_out = |label: &Option<At<String>>, intent: &str| {
            label.as_ref().map(|label| Choice {
                label: Label::Key { key: label.value.clone(), args: BTreeMap::new() },
                action: Action {
                    flow: global.name.clone(),
                    state: String::new(),
                    set: BTreeMap::new(),
                    intent: Some(intent.to_owned()),
                    goto: None,
                    page: None,
                },
                class: Class::Safe,
            })
        };
        match self.conversation.misses {
            1 => self.explain(Some(fallback.hint.value)),
            2 => {
                let more = [way_out(&fallback.menu, "/menu"), way_out(&fallback.person, "human")];
                self.explain_with(Say::new(fallback.choices.value), more.into_iter().flatten().collect());
            }
            _ => {
                self.conversation.misses = 0;
                match fallback.human {
                    Some(human) => {
                        self.replies.push(Say::new(fallback.stuck.value));
                        let flow = human.value;
                        self.go(Move::Call { flow, at: None, slots: BTreeMap::new(), resume: None });
                    }
                    None => self.explain(Some(fallback.stuck.value)),
                }
            }
        }
    }
}
