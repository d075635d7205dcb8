//! Answers to the question of a state: typed, or sent as a place on the map; and what cannot be an answer.

use super::Machine;
use super::fill::{self, Filled};
use crate::dialogue::conversation::Mode;
use crate::dialogue::flow::Flow;
use crate::dialogue::flow::model::{At, PICTURE, Retry, SlotKind, Targets};
use crate::dialogue::reply::Say;
use crate::dialogue::understand::{Detail, Understanding};
use crate::dialogue::value::Value;

impl Machine<'_> {
    /// The answer to the question of the state.
    pub(super) fn by_answer(&mut self, text: &str, heard: &Understanding) -> bool {
        let Some((_, state)) = self.here() else { return false };
        let Some(name) = state.ask.as_ref().map(|slot| slot.value.clone()) else { return false };
        let (filled, retry) = (state.filled.clone(), state.retry.clone());
        let Some(flow) = self.conversation.top().and_then(|frame| self.flows.of(frame)).cloned() else {
            return false;
        };
        let Some(slot) = flow.file.slots.get(&name).cloned() else { return false };
        match fill::fill(&slot.value, text, heard) {
            Filled::Value(value) => {
                self.keep_phone(&flow, &name, heard);
                self.take_answer(name, value, filled);
                true
            }
            Filled::Nothing => false,
            Filled::TooLong { limit } => {
                self.trace.push("too-long".to_owned());
                let Some(key) = self.global_key(|file| file.too_long.as_ref()) else { return false };
                let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
                self.explain_with(Say::new(key).with("limit", limit), Vec::new());
                true
            }
            // Something else may have been meant; only if nobody hears it is it a wrong answer.
            Filled::Wrong => self.by_flow(text, heard) || self.by_global(text, heard) || self.retry(retry),
        }
    }

    /// "Budi 0812…": a phone number beside a name or an address is not asked for again.
    fn keep_phone(&mut self, flow: &Flow, answered: &str, heard: &Understanding) {
        let told = heard.told.as_ref().filter(|told| told.kind == Detail::Phone && !told.asked);
        let Some(number) = told.and_then(|told| told.value.clone()) else { return };
        let is_words = matches!(self.asked(), Some(SlotKind::Name | SlotKind::Address));
        let open = flow.file.slots.placed().find(|(slot, spec)| {
            spec.kind == SlotKind::Phone
                && slot.value != answered
                && *self.conversation.slot(slot) == Value::None
        });
        let Some((slot, _)) = open.filter(|_| is_words) else { return };
        if let Some(frame) = self.conversation.frames.last_mut() {
            frame.slots.insert(slot.value.clone(), Value::Text(number));
        }
    }

    fn take_answer(&mut self, slot: String, value: Value, filled: Option<Targets>) {
        if let Some(frame) = self.conversation.frames.last_mut() {
            frame.slots.insert(slot, value);
        }
        if let Some(cases) = filled {
            self.follow_and_go(&cases.value, "filled");
        }
    }

    /// A picture is the answer where the slot that is asked for takes pictures.
    fn by_picture(&mut self) -> bool {
        let Some((flow, state)) = self.here() else { return false };
        let Some(name) = state.ask.as_ref().map(|slot| slot.value.clone()) else { return false };
        let takes = flow.file.slots.get(&name).is_some_and(|slot| slot.value.pictures);
        let filled = state.filled.clone();
        if takes {
            self.conversation.misses = 0;
            self.take_answer(name, Value::Word(PICTURE.to_owned()), filled);
        }
        takes
    }

    /// A wrong answer: the hint as often as the flow says, then where the flow says, or the ladder.
    fn retry(&mut self, retry: Option<At<Retry>>) -> bool {
        let Some(retry) = retry else { return false };
        let Some(frame) = self.conversation.frames.last_mut() else { return false };
        frame.retries = frame.retries.saturating_add(1);
        let again = frame.retries <= retry.max;
        self.trace.push("wrong-answer".to_owned());
        match &retry.then {
            _ if again => self.explain(Some(retry.say.value.clone())),
            Some(cases) => self.follow_and_go(&cases.value, "retry"),
            None => return false,
        }
        true
    }

    /// A place on the map answers a question for an address.
    pub(super) fn location(&mut self, place: &str) {
        self.meet();
        if self.conversation.mode != Mode::Bot {
            return;
        }
        if self.conversation.pulse.is_paused(self.world.now) {
            self.pause();
            return;
        }
        if self.asked() == Some(SlotKind::Address) {
            let heard = self.understand("");
            if self.by_answer(&as_address(place), &heard) {
                self.conversation.misses = 0;
                return;
            }
        }
        let key = self.global_key(|file| file.media.as_ref());
        self.explain(key);
    }

    /// Pictures and voice notes cannot be read; their captions can.
    pub(super) fn media(&mut self, caption: Option<&str>) {
        if let Some(caption) = caption.filter(|caption| !caption.trim().is_empty()) {
            self.heard(caption);
            return;
        }
        self.meet();
        if self.conversation.mode != Mode::Bot {
            return;
        }
        if self.conversation.pulse.is_paused(self.world.now) {
            self.pause();
            return;
        }
        if self.by_picture() {
            return;
        }
        let key = self.global_key(|file| file.media.as_ref());
        self.explain(key);
    }
}

/// Coordinates alone are no words that an address could be; a link to the map is, and couriers can open it.
fn as_address(place: &str) -> String {
    if place.contains(char::is_alphabetic) {
        return place.to_owned();
    }
    format!("https://maps.google.com/?q={}", place.replace(' ', ""))
}
