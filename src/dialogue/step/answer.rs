//! Answers to the question of a state: typed, or sent as a place on the map; and what cannot be an answer.

use std::collections::BTreeMap;

use super::Machine;
use super::enter::Move;
use super::fill::{self, Filled};
use super::named::name_of;
use crate::dialogue::conversation::Mode;
use crate::dialogue::flow::model::{At, ListOf, PICTURE, Retry, SlotKind, Target, Targets};
use crate::dialogue::reply::Say;
use crate::dialogue::understand::{Detail, Intent, Understanding, is_only_place, name};
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
                self.keep_given(heard, Some(&name));
                self.keep(BTreeMap::from([(name, value)]));
                if !self.by_what_stands_beside(slot.value.kind, text, heard, filled.as_ref())
                    && let Some(cases) = filled
                {
                    self.follow_and_go(&cases.value, "filled");
                }
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

    /// "Budi 0812…", "alamat: …, hp …": what is given of an order fills the slots that the flow has for it, but for the one that
    /// is answered. What completes an address ("RT 03") is put behind the one that is known.
    pub(super) fn keep_given(&mut self, heard: &Understanding, answered: Option<&str>) {
        let Some(flow) = self.conversation.top().and_then(|frame| self.flows.of(frame)).cloned() else {
            return;
        };
        let mut values = BTreeMap::new();
        for given in &heard.given {
            let kind = match given.kind {
                Detail::Name => SlotKind::Name,
                Detail::Phone => SlotKind::Phone,
                Detail::Address => SlotKind::Address,
                Detail::Delivery | Detail::Note => continue,
            };
            let mut slots = flow.file.slots.iter();
            let Some((slot, _)) = slots.find(|(_, slot)| slot.kind == kind) else { continue };
            if answered == Some(slot.as_str()) {
                continue;
            }
            let known = self.conversation.slot(slot).as_text();
            let value = match (given.adds, known) {
                (false, _) => given.value.clone(),
                (true, Some(known)) => format!("{known}, {}", given.value),
                (true, None) => continue,
            };
            values.insert(slot.clone(), Value::Text(value));
        }
        self.keep(values);
    }

    /// "Rina, 0812…" beside a question about something else: what the flow still needs is kept, and the question asked again.
    pub(super) fn by_given(&mut self, text: &str, heard: &Understanding) -> bool {
        let says_more = heard.intent != Intent::None || heard.topic.is_some() || heard.question;
        let Some((flow, _)) = self.here().filter(|_| !says_more) else { return false };
        let slots: Vec<(String, SlotKind)> =
            flow.file.slots.iter().map(|(name, slot)| (name.clone(), slot.kind)).collect();
        let open = |kind: SlotKind| {
            let found = slots.iter().find(|(_, known)| *known == kind).map(|(name, _)| name);
            found.filter(|name| *self.conversation.slot(name) == Value::None).cloned()
        };
        let needs = |detail: Detail, kind: SlotKind| {
            heard.given.iter().any(|given| given.kind == detail) && open(kind).is_some()
        };
        if !(needs(Detail::Phone, SlotKind::Phone) || needs(Detail::Address, SlotKind::Address)) {
            return false;
        }
        let name = open(SlotKind::Name).zip(name(text, false));
        self.keep_given(heard, None);
        if let Some((slot, name)) = name {
            self.keep(BTreeMap::from([(slot, Value::Text(name))]));
        }
        self.trace.push("given".to_owned());
        self.repeat();
        true
    }

    /// "0812… dan tambah 1 kukis", "Budi, bisa COD?": what is wanted beside an answer is done, and the question goes on from there.
    fn by_what_stands_beside(
        &mut self,
        kind: SlotKind,
        text: &str,
        heard: &Understanding,
        filled: Option<&Targets>,
    ) -> bool {
        if !matches!(kind, SlotKind::Name | SlotKind::Phone | SlotKind::Address) {
            return false;
        }
        let is_place = kind == SlotKind::Address && is_only_place(text);
        let names_goods = !is_place && heard.names_goods();
        let wants = match heard.intent {
            Intent::Order | Intent::Change | Intent::Remove => names_goods,
            Intent::AskPrice | Intent::AskStock | Intent::OrderStatus => heard.question,
            Intent::Help | Intent::None => heard.topic.is_some(),
            _ => false,
        };
        let resume = filled.and_then(|cases| cases.value.0.first()).and_then(|target| target.goto.clone());
        let Some(resume) = resume.filter(|_| wants) else { return false };
        let name = name_of(heard);
        let local = self.here().and_then(|(flow, _)| flow.file.interrupts.get(&name)).cloned();
        let global = || self.flows.global(self.conversation.role)?.file.interrupts.get(&name).cloned();
        let Some(cases) = local.or_else(global) else { return false };
        let target = cases.value.0.iter().find(|target| self.holds(target.guard.as_ref()));
        let Some(Target { call: Some(called), with, .. }) = target.cloned() else { return false };
        let slots = self.values(&with);
        self.note(&name);
        self.go(Move::Call { flow: called.value, at: None, slots, resume: Some(resume.value) });
        true
    }

    /// While something is looked at above a question, its answer is still one: a phone number after "pesanan saya", a way of
    /// delivery after "menu". What was looked at ends.
    pub(super) fn by_question_below(&mut self, text: &str, heard: &Understanding) -> bool {
        let Some(depth) = self.kept_below_top() else { return false };
        let is_of_goods =
            |list: &ListOf| list.set.contains_key("product") || list.set.contains_key("category");
        let looks_for_goods =
            self.here().is_some_and(|(_, state)| state.list.as_ref().is_some_and(|list| is_of_goods(list)));
        let above = self.conversation.frames.split_off(depth + 1);
        let answers = self.is_answer_here(text, heard, looks_for_goods);
        let asked = self.conversation.top().map(|frame| frame.state.clone());
        self.conversation.frames.extend(above.iter().cloned());
        let Some(asked) = asked.filter(|_| answers) else { return false };
        self.conversation.frames.truncate(depth + 1);
        self.trace.push(format!("below:{asked}"));
        self.by_state(text, heard) || self.by_answer(text, heard) || self.by_flow(text, heard)
    }

    /// Whether words answer what the state on top asks, or give what its flow needs, and mean nothing else.
    fn is_answer_here(&mut self, text: &str, heard: &Understanding, may_be_goods: bool) -> bool {
        let Some((flow, state)) = self.here() else { return false };
        let gives = heard.intent == Intent::Change
            && heard.told.as_ref().is_some_and(|told| told.named)
            && flow.file.interrupts.contains_key("change");
        if gives || self.is_read_here(text) {
            return true;
        }
        let Some(slot) = state.ask.as_ref().and_then(|name| flow.file.slots.get(&name.value)) else {
            return false;
        };
        let is_plain = heard.intent == Intent::None && heard.topic.is_none();
        let may_answer = match slot.kind {
            SlotKind::Phone => true,
            SlotKind::Address => is_plain,
            // A word over a list of goods may be what is looked for there.
            SlotKind::Name => is_plain && !may_be_goods,
            _ => false,
        };
        may_answer && matches!(fill::fill(&slot.value, text, heard), Filled::Value(_))
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
