//! One step of a conversation: state and event in, state, replies and at most one effect out. Pure and total.
//!
//! `enter` moves through states, `hear` decides what words mean here, `choose` takes choices, `answer` and `fill` read
//! answers, `signal` takes news, `speak` builds replies.

mod answer;
mod choose;
mod enter;
mod fill;
mod hear;
mod ladder;
mod named;
mod signal;
mod speak;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conversation::{Conversation, Mode};
use super::effect::Effect;
use super::event::Event;
use super::flow::Flows;
use super::heard::heard_text;
use super::reply::Say;
use super::value::{Row, Value};
use super::world::World;

pub(super) use enter::waits;

/// Effects that one turn may ask for, a bound on loops through effects.
pub const MAX_EFFECTS_PER_TURN: usize = 16;
/// Replies that one step may give.
pub const MAX_REPLIES: usize = 8;
/// States that one step may pass, a bound on loops that the checks missed.
pub const MAX_MOVES: usize = 64;

/// What one step decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The conversation afterwards.
    pub conversation: Conversation,
    /// What to say, in order.
    pub replies: Vec<Say>,
    /// What to carry out before stepping again with [`Event::Outcome`].
    pub effect: Option<Effect>,
    /// States that were entered (`flow.state`), ways that were taken (`flow.state>how`), and what was heard (`heard:…`).
    pub trace: Vec<String>,
}

/// Decides one step. Never waits, fails, reads a clock, draws an id or touches I/O.
pub fn step(flows: &Flows, conversation: &Conversation, event: &Event, world: &World<'_>) -> Turn {
    let mut machine = Machine {
        flows,
        world,
        event,
        conversation: conversation.clone(),
        replies: Vec::new(),
        effect: None,
        trace: Vec::new(),
        facts: BTreeMap::new(),
        signal: BTreeMap::new(),
        item: None,
        moves: 0,
        is_paused: false,
    };
    machine.run();
    machine.replies.truncate(MAX_REPLIES);
    Turn {
        conversation: machine.conversation,
        replies: machine.replies,
        effect: machine.effect,
        trace: machine.trace,
    }
}

/// A step under way.
struct Machine<'a> {
    flows: &'a Flows,
    world: &'a World<'a>,
    event: &'a Event,
    conversation: Conversation,
    replies: Vec<Say>,
    effect: Option<Effect>,
    trace: Vec<String>,
    facts: BTreeMap<String, Value>,
    signal: BTreeMap<String, Value>,
    item: Option<Row>,
    moves: usize,
    /// Whether this event is left without an answer: see [`crate::dialogue::brake`].
    is_paused: bool,
}

impl<'a> Machine<'a> {
    fn run(&mut self) {
        if let Mode::Human { until } = self.conversation.mode
            && until <= self.world.now
        {
            self.conversation.mode = Mode::Bot;
        }
        let event = self.event;
        if !matches!(event, Event::Outcome { .. } | Event::Timer { .. }) {
            if !self.fits() {
                self.restart();
            } else if !self.conversation.frames.is_empty() && !self.is_on_home() {
                // Another role than before: its own home is at the bottom now.
                self.stand_on_home();
            }
        }
        match event {
            Event::Heard { text } => self.heard(text),
            Event::Ordered { heard } => self.ordered(heard),
            Event::Press { action, class, freshness } => self.pressed(action, *class, *freshness),
            Event::UnknownPress => {
                let key = self.global_key(|file| file.unknown_press.as_ref());
                self.meet();
                self.explain(key);
            }
            Event::Media { caption, .. } => self.media(caption.as_deref()),
            Event::Location { place } => self.location(place),
            Event::Signal { name, facts } => {
                self.signal = facts.clone();
                self.signalled(name);
            }
            Event::Timer { name, revision } => self.timed(name, *revision),
            Event::Outcome { outcome, facts } => {
                self.facts = facts.clone();
                self.outcome(outcome);
            }
        }
        self.break_silence();
    }

    /// Whoever says something hears something, unless a person of the shop has the conversation.
    fn break_silence(&mut self) {
        let from_person =
            !matches!(self.event, Event::Signal { .. } | Event::Timer { .. } | Event::Outcome { .. });
        if !from_person
            || self.conversation.mode != Mode::Bot
            || self.is_paused
            || self.effect.is_some()
            || !self.replies.is_empty()
        {
            return;
        }
        self.trace.push("silent".to_owned());
        self.repeat();
        if self.replies.is_empty() {
            let hint = self.flows.global(self.conversation.role).and_then(|flow| flow.file.fallback.as_ref());
            self.explain(hint.map(|fallback| fallback.hint.value.clone()));
        }
    }

    /// Whether every frame still has its flow and state.
    fn fits(&self) -> bool {
        self.conversation
            .frames
            .iter()
            .all(|frame| self.flows.of(frame).is_some_and(|flow| flow.state(&frame.state).is_some()))
    }

    /// Begins anew at home. Cart and orders stand in their own rows and are untouched.
    fn restart(&mut self) {
        self.conversation.frames.clear();
        self.conversation.prompt = None;
        self.conversation.earlier = None;
        self.conversation.timers.clear();
        self.trace.push("restarted".to_owned());
        if let Some(key) = self.global_key(|file| file.restarted.as_ref()) {
            self.replies.push(Say::new(key));
        }
    }

    fn global_key(
        &self,
        key: impl Fn(&super::flow::model::FlowFile) -> Option<&super::flow::model::At<String>>,
    ) -> Option<String> {
        let global = self.flows.global(self.conversation.role)?;
        key(&global.file).map(|key| key.value.clone())
    }

    /// The value of a path of the world, a slot, a fact, the signal, or the row at hand.
    fn path(&self, path: &str) -> Value {
        let Some((noun, name)) = path.split_once('.') else { return Value::None };
        let from = |values: &BTreeMap<String, Value>| values.get(name).cloned().unwrap_or(Value::None);
        match noun {
            "slot" => self.conversation.slot(name).clone(),
            "fact" => from(&self.facts),
            "signal" => from(&self.signal),
            "item" => self.item.as_ref().map_or(Value::None, from),
            "heard" if name == "text" => heard_text(self.event).into_value(),
            "conversation" if name == "waits_below" => self.kept_below_top().is_some().into(),
            "conversation" if name == "kept" => self.here().is_some_and(|(_, state)| state.keep).into(),
            _ => self.world.get(path, &self.conversation),
        }
    }

    fn holds(&self, guard: Option<&super::flow::model::At<super::flow::guard::Guard>>) -> bool {
        guard.is_none_or(|guard| guard.holds(&|path| self.path(path)))
    }

    fn values(&self, args: &super::flow::model::Args) -> BTreeMap<String, Value> {
        args.iter()
            .map(|(name, operand)| (name.clone(), operand.value.value(&|path| self.path(path))))
            .collect()
    }
}

trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Option<&str> {
    fn into_value(self) -> Value {
        self.map_or(Value::None, Value::from)
    }
}
