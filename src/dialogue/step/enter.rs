//! Moving through states: entering, branching, calling, returning. Every way is bounded by `MAX_MOVES`.

use std::collections::BTreeMap;

use super::fill::typed;
use super::{MAX_MOVES, Machine};
use crate::dialogue::conversation::{Deadline, Frame, MAX_FRAMES};
use crate::dialogue::effect::Effect;
use crate::dialogue::flow::Flow;
use crate::dialogue::flow::model::{Cases, SlotKind, State, Target};
use crate::dialogue::reply::Say;
use crate::dialogue::value::Value;

/// Where to go next.
pub(super) enum Move {
    /// A state of the flow on top.
    Enter(String),
    /// A flow on top of the stack, at its start or at a state.
    Call { flow: String, at: Option<String>, slots: BTreeMap<String, Value>, resume: Option<String> },
    /// A flow instead of everything above home.
    Transfer { flow: String, slots: BTreeMap<String, Value> },
    /// Leave the flow on top and repeat what was asked below it.
    Back,
    /// Leave the flow on top.
    End,
    /// Begin the flow at the bottom.
    Home,
}

impl Machine<'_> {
    pub(super) fn go(&mut self, first: Move) {
        let mut next = Some(first);
        while let Some(way) = next.take() {
            self.moves += 1;
            if self.moves > MAX_MOVES {
                // The checks refuse such flows; a conversation must not hang on what they missed.
                self.trace.push("too-many-moves".to_owned());
                return;
            }
            next = match way {
                Move::Enter(state) => self.enter(&state),
                Move::Call { flow, at, slots, resume } => self.call(&flow, at, slots, resume),
                Move::Transfer { flow, slots } if self.goes_on(&flow) => self.call(&flow, None, slots, None),
                Move::Transfer { flow, slots } => {
                    self.conversation.frames.truncate(self.kept_below());
                    self.stand_on_home();
                    self.call(&flow, None, slots, None)
                }
                Move::Back => self.leave(true),
                Move::End => self.leave(false),
                Move::Home => self.home(),
            };
        }
    }

    fn home(&mut self) -> Option<Move> {
        self.conversation.frames.clear();
        let name = self.flows.home(self.conversation.role)?.name.clone();
        self.call(&name, None, BTreeMap::new(), None)
    }

    /// Whether the flow at the bottom is the home of the role that the conversation has now; linking a chat to the
    /// staff changes it.
    pub(super) fn is_on_home(&self) -> bool {
        let bottom = self.conversation.frames.first().map(|frame| frame.flow.as_str());
        bottom == self.flows.home(self.conversation.role).map(|home| home.name.as_str())
    }

    /// Makes sure that home is at the bottom, without a word.
    pub(super) fn stand_on_home(&mut self) {
        if self.is_on_home() {
            return;
        }
        let said = self.replies.len();
        let next = self.home();
        if let Some(Move::Enter(state)) = next {
            self.go(Move::Enter(state));
        }
        self.replies.truncate(said);
        self.effect = None;
    }

    fn call(
        &mut self,
        name: &str,
        at: Option<String>,
        slots: BTreeMap<String, Value>,
        resume: Option<String>,
    ) -> Option<Move> {
        if at.is_none() && self.goes_on(name) {
            return self.again(name, slots);
        }
        let flow = std::sync::Arc::clone(self.flows.get(name)?);
        // A flow stands on the stack once: calling it again begins it anew where it stands.
        if let Some(depth) = self.conversation.frames.iter().position(|frame| frame.flow == name) {
            self.conversation.frames.truncate(depth);
        }
        if self.conversation.frames.len() >= MAX_FRAMES {
            self.trace.push("stack-full".to_owned());
            self.conversation.frames.truncate(1);
        }
        self.conversation.frames.push(Frame {
            flow: flow.name.clone(),
            hash: flow.hash.clone(),
            state: String::new(),
            slots: typed(&flow.file.slots, slots),
            retries: 0,
            page: 0,
            rows: Vec::new(),
            rest: None,
            resume,
            prompt: None,
        });
        let state = at.or_else(|| self.start_of(&flow))?;
        Some(Move::Enter(state))
    }

    /// How many frames a transfer leaves where they are: home, and what lies below the flow on top and is kept. Whoever
    /// wanders from one thing to the next while a checkout waits still finds it there.
    fn kept_below(&self) -> usize {
        self.kept_below_top().map_or(1, |depth| depth + 1)
    }

    /// The topmost frame below the one on top whose question is kept while something else is looked at.
    pub(super) fn kept_below_top(&self) -> Option<usize> {
        let frames = &self.conversation.frames;
        let keeps = |frame: &Frame| {
            self.flows.of(frame).is_some_and(|flow| {
                let goes_on = flow.file.start.as_ref().is_some_and(|start| start.again.is_some());
                goes_on || flow.state(&frame.state).is_some_and(|state| state.keep)
            })
        };
        (1..frames.len().saturating_sub(1)).rev().find(|depth| keeps(&frames[*depth]))
    }

    /// Whether a flow stands on the stack and goes on there when it is called again.
    fn goes_on(&self, name: &str) -> bool {
        let frame = self.conversation.frames.iter().find(|frame| frame.flow == name);
        let start = frame.and_then(|frame| self.flows.of(frame)).and_then(|flow| flow.file.start.as_ref());
        start.is_some_and(|start| start.again.is_some())
    }

    /// Goes on with a flow that stands on the stack: what lies above it ends, and what it knows stays, but for the words
    /// that say how it was begun.
    fn again(&mut self, name: &str, slots: BTreeMap<String, Value>) -> Option<Move> {
        let depth = self.conversation.frames.iter().position(|frame| frame.flow == name)?;
        self.conversation.frames.truncate(depth + 1);
        let flow = std::sync::Arc::clone(self.flows.of(self.conversation.frames.last()?)?);
        let is_word =
            |slot: &String| flow.file.slots.get(slot).is_some_and(|slot| slot.kind == SlotKind::Word);
        let frame = self.conversation.frames.last_mut()?;
        frame.slots.retain(|slot, _| !is_word(slot));
        frame.slots.extend(typed(&flow.file.slots, slots));
        let again = flow.file.start.as_ref()?.again.as_ref()?.value.clone();
        Some(Move::Enter(again))
    }

    fn start_of(&self, flow: &Flow) -> Option<String> {
        let start = flow.file.start.as_ref()?;
        match &start.otherwise {
            Some(otherwise) if !self.holds(start.guard.as_ref()) => Some(otherwise.value.clone()),
            _ => Some(start.at.value.clone()),
        }
    }

    fn leave(&mut self, repeat: bool) -> Option<Move> {
        let ended = self.conversation.frames.pop();
        self.moved();
        if self.conversation.frames.is_empty() || !self.is_on_home() {
            return Some(Move::Home);
        }
        if let Some(state) = ended.and_then(|frame| frame.resume) {
            return Some(Move::Enter(state));
        }
        let frame = self.conversation.top()?.clone();
        let flow = std::sync::Arc::clone(self.flows.of(&frame)?);
        let mut state = flow.state(&frame.state)?;
        if state.call.is_some()
            && let Some(then) = &state.then
        {
            return self.follow(&then.value, "then");
        }
        if !waits(state) {
            // The call stood between two questions: back to the one before it, or out of a flow that asked none.
            let Some(rest) = frame.rest.clone() else { return Some(Move::End) };
            state = flow.state(&rest)?;
            self.conversation.frames.last_mut()?.state = rest;
        }
        if let Some(again) = &state.again {
            return Some(Move::Enter(again.value.clone()));
        }
        // At the bottom the conversation rests; a menu after every finished flow would be chatter.
        if repeat || self.conversation.frames.len() > 1 {
            self.repeat();
        }
        self.set_deadlines(&state.value);
        None
    }

    /// The state of the conversation is another one now: deadlines and open choices of the last one are void.
    fn moved(&mut self) {
        self.conversation.revision += 1;
        self.conversation.timers.clear();
        self.conversation.prompt = None;
        self.conversation.earlier = None;
    }

    fn enter(&mut self, name: &str) -> Option<Move> {
        let frame = self.conversation.frames.last_mut()?;
        frame.state = name.to_owned();
        let frame = frame.clone();
        self.moved();
        self.trace.push(format!("{}.{name}", frame.flow));
        let flow = std::sync::Arc::clone(self.flows.of(&frame)?);
        let Some(state) = flow.state(name) else {
            // The checks refuse such flows; a frame of an older version may still name what is gone.
            self.restart();
            return Some(Move::Home);
        };
        let state = &state.value;
        if waits(state) {
            let frame = self.conversation.frames.last_mut()?;
            (frame.retries, frame.page) = (0, 0);
            frame.rows.clear();
            frame.rest = Some(name.to_owned());
            let say = self.say_of(&flow, name, state, None);
            self.conversation.frames.last_mut()?.prompt = say.clone();
            self.replies.extend(say);
        } else {
            let say = self.say_of(&flow, name, state, None);
            self.replies.extend(say);
        }
        if let Some(effect) = &state.effect {
            self.effect = Some(Effect { name: effect.value.clone(), args: self.values(&state.with) });
            return None;
        }
        if let Some(when) = &state.when {
            return self.follow(&when.value, "when");
        }
        if let Some(called) = &state.call {
            let slots = self.values(&state.with);
            return Some(Move::Call { flow: called.value.clone(), at: None, slots, resume: None });
        }
        if let Some(flow) = &state.transfer {
            let slots = self.values(&state.with);
            return Some(Move::Transfer { flow: flow.value.clone(), slots });
        }
        if let Some(state) = &state.goto {
            return Some(Move::Enter(state.value.clone()));
        }
        if state.back {
            return Some(Move::Back);
        }
        if state.end.is_some() {
            return Some(Move::End);
        }
        self.set_deadlines(state);
        None
    }

    pub(super) fn keep_prompt(&mut self, say: &Say) {
        if let Some(frame) = self.conversation.frames.last_mut() {
            frame.prompt = Some(say.clone());
        }
    }

    pub(super) fn set_deadlines(&mut self, state: &State) {
        self.conversation.timers = state
            .after
            .keys()
            .map(|wait| Deadline { name: wait.text.clone(), at: self.world.now + wait.duration() })
            .collect();
    }

    /// Says again what the state on top asked, with what is true now. What tells of something that has just happened
    /// ("masuk keranjang") is not told twice: the state that it names for coming back says what is asked.
    pub(super) fn repeat(&mut self) {
        let again = self.here().and_then(|(flow, state)| {
            let again = &state.again.as_ref()?.value;
            flow.state(again).filter(|state| waits(state)).map(|_| again.clone())
        });
        if let Some(again) = again {
            self.go(Move::Enter(again));
            return;
        }
        if let Some(say) = self.question() {
            self.replies.push(say);
        }
    }

    /// What the state on top asks, with what is true now.
    pub(super) fn question(&mut self) -> Option<Say> {
        let frame = self.conversation.top()?.clone();
        let before = frame.prompt.as_ref()?;
        let flow = std::sync::Arc::clone(self.flows.of(&frame)?);
        let state = flow.state(&frame.state)?;
        let say =
            self.say_of(&flow, &frame.state, &state.value, Some(before)).unwrap_or_else(|| before.clone());
        self.keep_prompt(&say);
        Some(say)
    }

    /// The first target whose guard holds: says, sets, and tells where to go.
    pub(super) fn follow(&mut self, cases: &Cases<Target>, way: &str) -> Option<Move> {
        let target = cases.0.iter().find(|target| self.holds(target.guard.as_ref()))?.clone();
        if let Some(frame) = self.conversation.top() {
            self.trace.push(format!("{}.{}>{way}", frame.flow, frame.state));
        }
        self.take(&target)
    }

    pub(super) fn take(&mut self, target: &Target) -> Option<Move> {
        let set = self.values(&target.set);
        if let Some(say) = self.say_of_target(target) {
            self.replies.push(say);
        }
        if let Some(frame) = self.conversation.frames.last_mut() {
            frame.slots.extend(set);
        }
        if let Some(state) = &target.goto
            && target.call.is_none()
        {
            return Some(Move::Enter(state.value.clone()));
        }
        if let Some(flow) = &target.call {
            let slots = self.values(&target.with);
            return Some(Move::Call {
                flow: flow.value.clone(),
                at: target.goto.as_ref().map(|state| state.value.clone()),
                slots,
                resume: target.then.as_ref().map(|state| state.value.clone()),
            });
        }
        if let Some(flow) = &target.transfer {
            let slots = self.values(&target.with);
            return Some(Move::Transfer { flow: flow.value.clone(), slots });
        }
        if target.back {
            return Some(Move::Back);
        }
        if target.end.is_some() {
            return Some(Move::End);
        }
        if target.choices {
            self.repeat();
        }
        None
    }

    pub(super) fn follow_and_go(&mut self, cases: &Cases<Target>, way: &str) {
        if let Some(next) = self.follow(cases, way) {
            self.go(next);
        }
    }

    /// An effect was carried out.
    pub(super) fn outcome(&mut self, outcome: &str) {
        let Some(frame) = self.conversation.top().cloned() else { return };
        let Some(flow) = self.flows.of(&frame).cloned() else { return };
        let Some(state) = flow.state(&frame.state) else { return };
        match state.outcomes.get(outcome) {
            Some(cases) => self.follow_and_go(&cases.value, outcome),
            // The checks refuse flows that forget an outcome; an older version may still do.
            None => self.go(Move::Home),
        }
    }

    /// A deadline has come. One of a state that was left does nothing.
    pub(super) fn timed(&mut self, name: &str, revision: i64) {
        if revision != self.conversation.revision {
            return;
        }
        self.conversation.timers.retain(|deadline| deadline.name != name);
        let Some(frame) = self.conversation.top().cloned() else { return };
        let Some(flow) = self.flows.of(&frame).cloned() else { return };
        let Some(state) = flow.state(&frame.state) else { return };
        if let Some((_, cases)) = state.after.iter().find(|(wait, _)| wait.text == name) {
            self.follow_and_go(&cases.value, &format!("after {name}"));
        }
    }
}

/// Whether a state waits for somebody.
pub(in crate::dialogue) fn waits(state: &State) -> bool {
    state.effect.is_none()
        && state.when.is_none()
        && state.call.is_none()
        && state.transfer.is_none()
        && state.goto.is_none()
        && !state.back
        && state.end.is_none()
}
