//! What words mean here: open choices, strong interrupts, what the state hears, answers, interrupts, and the ladder for
//! what nobody understood. The order is the contract of `docs/flows.md`.

use std::collections::BTreeMap;

use super::Machine;
use super::enter::Move;
use super::fill;
use crate::dialogue::conversation::{Mode, Role};
use crate::dialogue::flow::Flow;
use crate::dialogue::flow::model::{At, Cases, SlotKind, State, Target};
use crate::dialogue::understand::{self, ASK_SHOP, Expectation, Intent, Topic, Understanding};
use crate::dialogue::value::Value;

/// Messages in a row in the other language that switch the conversation's.
const SWITCH_AFTER: u8 = 2;
/// Words that must speak for a language before a message counts as one in it.
const SWITCH_CUES: u8 = 2;
/// Where any words are an answer, a strong interrupt has no more words than these, and no digits: "mau bicara sama
/// orang aja" interrupts, an address that names a language does not.
const STRONG_WORDS: usize = 6;

impl Machine<'_> {
    pub(super) fn heard(&mut self, text: &str) {
        let heard = self.with_line(self.understand(text));
        let fresh = self.conversation.frames.is_empty();
        if command_of(text).is_none() && !self.is_pattern(text) {
            // A command or a code is in no language.
            self.language(&heard, fresh);
        }
        self.trace.push(format!("heard:{}", intent_name(heard.intent)));
        self.conversation.heard = Some(heard.clone());
        let command = command_of(text).is_some();
        if self.pauses(text, &heard, command) {
            return;
        }
        if self.conversation.mode != Mode::Bot {
            if !command {
                // A person of the shop answers. Only what the state itself offers by its words, or hears, is ours; a
                // number may be meant for the person.
                let _ = self.by_label(text) || self.by_state(text, &heard);
                return;
            }
            self.conversation.mode = Mode::Bot;
        }
        if fresh {
            self.greet(text, &heard, command);
        } else {
            self.interpret(text, &heard);
        }
    }

    /// An order that was put together without words. It answers no question, whatever the state asks for, and means the
    /// same as an order in words everywhere.
    pub(super) fn ordered(&mut self, heard: &Understanding) {
        let intent = intent_name(heard.intent);
        self.trace.push(format!("ordered:{intent}"));
        self.conversation.pulse.release();
        self.conversation.heard = Some(heard.clone());
        if self.conversation.mode != Mode::Bot {
            return;
        }
        if self.conversation.frames.is_empty() {
            self.go(Move::Home);
            if self.effect.is_some() {
                return;
            }
            // The choices of the greeting are not the ones to choose from.
            self.replies.iter_mut().for_each(|say| say.choices.clear());
        }
        if self.intent(&intent, &BTreeMap::new()) {
            self.conversation.misses = 0;
        } else {
            self.missed();
        }
    }

    /// The first message: a greeting, and then what was wanted, if anything was.
    fn greet(&mut self, text: &str, heard: &Understanding, command: bool) {
        self.go(Move::Home);
        let known = command || self.is_pattern(text);
        let small_talk =
            matches!(heard.intent, Intent::Greet | Intent::None | Intent::Chitchat | Intent::Thanks)
                && heard.topic.is_none()
                && heard.errand.is_none();
        if self.effect.is_some() || (small_talk && !known) {
            return;
        }
        let greeting = self.conversation.revision;
        let said = self.replies.len();
        self.interpret(text, heard);
        if self.conversation.revision == greeting {
            return;
        }
        if known {
            // Somebody who knows the commands, or brings a code, needs no greeting first.
            self.replies.drain(..said);
        } else {
            // The choices of the greeting are not the ones to choose from any more.
            self.replies.iter_mut().take(said).for_each(|say| say.choices.clear());
        }
    }

    fn interpret(&mut self, text: &str, heard: &Understanding) {
        if self.by_choice(text, heard)
            || self.by_strong(text, heard)
            || self.by_state(text, heard)
            || self.by_plain_words(text, heard)
            || self.by_answer(text, heard)
            || self.by_flow(text, heard)
            || self.by_global(text, heard)
            || self.by_return(heard)
        {
            self.conversation.misses = 0;
        } else {
            self.missed();
        }
    }

    /// Where any words would be an answer, a message that says nothing but what it wants of the shop is none.
    fn by_plain_words(&mut self, text: &str, heard: &Understanding) -> bool {
        let Some(kind) = self.asked().filter(|_| self.asks_for_words()) else { return false };
        // What the shop writes to somebody goes to them as it stands.
        if self.conversation.role == Role::Staff {
            return false;
        }
        fill::is_no_answer(kind, heard) && (self.by_flow(text, heard) || self.by_global(text, heard))
    }

    /// A yes or a no that nobody here asked for ends what was only looked at, and repeats the question below it.
    fn by_return(&mut self, heard: &Understanding) -> bool {
        let is_answer = matches!(heard.intent, Intent::Affirm | Intent::Deny) && heard.whole;
        let frames = &self.conversation.frames;
        let below =
            frames.len().checked_sub(2).filter(|below| *below > 0).and_then(|below| frames.get(below));
        if !is_answer || below.is_none() {
            return false;
        }
        self.note("return");
        self.go(Move::Back);
        true
    }

    pub(super) fn understand(&self, text: &str) -> Understanding {
        let labels = self
            .conversation
            .prompt
            .as_ref()
            .map(|prompt| prompt.choices.iter().map(|choice| choice.label.clone()).collect::<Vec<_>>());
        let expectation = match (self.asked(), labels) {
            (Some(SlotKind::Integer | SlotKind::Money), _) => Expectation::Number,
            (Some(SlotKind::Text | SlotKind::Name | SlotKind::Address), _) => Expectation::FreeText,
            (_, Some(labels)) => Expectation::Choices(labels),
            _ => Expectation::None,
        };
        let mut heard = understand::understand(
            text,
            self.conversation.language,
            self.world.index,
            self.world.catalog,
            &expectation,
        );
        // Customers ask about the shop, its people look after it.
        match self.conversation.role {
            Role::Customer => {
                heard.errand = None;
                // Who is asked something and asks back means the question.
                heard.topic = heard.topic.filter(|topic| *topic != Topic::Unknown || self.asked().is_none());
            }
            Role::Staff => heard.topic = None,
        }
        heard
    }

    /// Explicit choice, then the conversation, then the text: one clear message decides in a new conversation, two in
    /// a row in an old one.
    fn language(&mut self, heard: &Understanding, fresh: bool) {
        if self.conversation.language_chosen {
            return;
        }
        let Some(language) = heard.lang else { return };
        if language == self.conversation.language {
            self.conversation.other_language_run = 0;
            return;
        }
        if fresh && heard.language_cues > 0 {
            self.conversation.language = language;
            return;
        }
        if heard.language_cues >= SWITCH_CUES {
            self.conversation.other_language_run += 1;
            if self.conversation.other_language_run >= SWITCH_AFTER {
                self.conversation.language = language;
                self.conversation.other_language_run = 0;
            }
        }
    }

    /// The type of the slot that the state asks for.
    pub(super) fn asked(&self) -> Option<SlotKind> {
        let (flow, state) = self.here()?;
        let slot = state.ask.as_ref()?;
        flow.file.slots.get(slot.as_str()).map(|slot| slot.kind)
    }

    /// Whether the state takes any words for an answer.
    pub(super) fn asks_for_words(&self) -> bool {
        matches!(self.asked(), Some(SlotKind::Text | SlotKind::Name | SlotKind::Address))
    }

    /// The flow and state on top.
    pub(super) fn here(&self) -> Option<(&Flow, &State)> {
        let frame = self.conversation.top()?;
        let flow = self.flows.of(frame)?;
        Some((flow, &flow.state(&frame.state)?.value))
    }

    /// Commands, and interrupts that are heard even where any words are an answer.
    fn by_strong(&mut self, text: &str, heard: &Understanding) -> bool {
        let role = self.conversation.role;
        let global = self.flows.global(role).map(|flow| flow.file.interrupts.clone()).unwrap_or_default();
        if let Some(name) = command_of(text) {
            // `/stock teh 20` is more than the command `/stock`, where a pattern reads it whole.
            if self.by_patterns(global.iter(), text) || self.command(&name, &BTreeMap::new()) {
                return true;
            }
        }
        let is_long =
            text.split_whitespace().count() > STRONG_WORDS || text.contains(|c: char| c.is_numeric());
        let may_be_answer = self.asks_for_words() && is_long;
        let intent = name_of(heard);
        let local = self.here().map(|(flow, _)| flow.file.interrupts.clone()).unwrap_or_default();
        for (interrupts, here) in [(local, true), (global, false)] {
            let strong = |cases: &At<Cases<Target>>| cases.0.iter().any(|target| target.strong);
            // A pattern reads the whole text, so that it takes no answer for something else.
            if self.by_patterns(interrupts.iter().filter(|(_, cases)| strong(cases)), text) {
                return true;
            }
            if may_be_answer {
                continue;
            }
            if let Some(cases) = interrupts.get(&intent).filter(|cases| strong(cases))
                && !self.is_heard_here(&intent)
                && self.take_first(&cases.value, &intent, &BTreeMap::new(), here)
            {
                return true;
            }
        }
        false
    }

    /// Whether the state itself hears an intent: then what it means here comes before what it means everywhere.
    pub(super) fn is_heard_here(&self, intent: &str) -> bool {
        self.here().is_some_and(|(_, state)| state.hears.contains_key(intent))
    }

    pub(super) fn command(&mut self, name: &str, set: &BTreeMap<String, Value>) -> bool {
        let role = self.conversation.role;
        let cases = self.flows.global(role).and_then(|flow| flow.file.commands.get(name)).cloned();
        if let Some(cases) = cases {
            return self.take_first(&cases.value, &format!("/{name}"), set, false);
        }
        let Some(flow) = self.flows.by_command(name, role) else { return false };
        self.note(&format!("/{name}"));
        let flow = flow.name.clone();
        self.go(Move::Call { flow, at: None, slots: set.clone(), resume: None });
        true
    }

    fn by_state(&mut self, text: &str, heard: &Understanding) -> bool {
        if self.by_state_patterns(text) {
            return true;
        }
        let intent = name_of(heard);
        let Some(cases) = self.here().and_then(|(_, state)| state.hears.get(&intent)).cloned() else {
            return false;
        };
        // "Pembayarannya lewat apa?" speaks of paying and asks: only words that say nothing else commit money and goods.
        let says_more = heard.question || !heard.whole;
        let target = cases.value.0.iter().find(|target| self.holds(target.guard.as_ref()));
        let commits = target
            .and_then(|target| target.goto.as_ref())
            .is_some_and(|state| self.here().is_some_and(|(flow, _)| flow.committing.contains(&state.value)));
        if commits && says_more {
            self.trace.push("says-more".to_owned());
            return false;
        }
        self.take_first(&cases.value, &intent, &BTreeMap::new(), true)
    }

    fn by_state_patterns(&mut self, text: &str) -> bool {
        let hears = self.here().map(|(_, state)| state.hears.clone()).unwrap_or_default();
        self.by_patterns(hears.iter(), text)
    }

    pub(super) fn by_flow(&mut self, text: &str, heard: &Understanding) -> bool {
        let interrupts = self.here().map(|(flow, _)| flow.file.interrupts.clone()).unwrap_or_default();
        if self.by_patterns(interrupts.iter(), text) {
            return true;
        }
        let intent = name_of(heard);
        interrupts
            .get(&intent)
            .is_some_and(|cases| self.take_first(&cases.value, &intent, &BTreeMap::new(), true))
    }

    pub(super) fn by_global(&mut self, text: &str, heard: &Understanding) -> bool {
        let role = self.conversation.role;
        let interrupts = self.flows.global(role).map(|flow| flow.file.interrupts.clone()).unwrap_or_default();
        if self.by_patterns(interrupts.iter(), text) {
            return true;
        }
        let name = name_of(heard);
        (name != intent_name(Intent::None) && self.intent(&name, &BTreeMap::new()))
            || self.by_bare_command(text)
    }

    /// A command that is typed without its stroke ("hari ini", "pesanan"), where its words mean nothing else.
    fn by_bare_command(&mut self, text: &str) -> bool {
        let name: String = understand::normalise(text).split_whitespace().collect();
        let global = self.flows.global(self.conversation.role);
        let is_command = global.is_some_and(|flow| flow.file.commands.contains_key(&name));
        is_command && self.command(&name, &BTreeMap::new())
    }

    /// An intent, said or pressed, wherever it is heard: here, in this flow, everywhere, or as the start of a flow.
    /// `/name` stands for the command.
    pub(super) fn intent(&mut self, name: &str, set: &BTreeMap<String, Value>) -> bool {
        if let Some(command) = name.strip_prefix('/') {
            return self.command(command, set);
        }
        let local = self.here().and_then(|(flow, state)| {
            let cases = state.hears.get(name).or_else(|| flow.file.interrupts.get(name))?;
            Some(cases.value.clone())
        });
        if let Some(cases) = local
            && self.take_first(&cases, name, set, true)
        {
            return true;
        }
        if is_answer(name) {
            return false;
        }
        let role = self.conversation.role;
        let global = self.flows.global(role).and_then(|flow| flow.file.interrupts.get(name)).cloned();
        if let Some(cases) = global {
            return self.take_first(&cases.value, name, set, false);
        }
        let Some(flow) = self.flows.by_intent(name, role) else { return false };
        self.note(name);
        let flow = flow.name.clone();
        self.go(Move::Call { flow, at: None, slots: set.clone(), resume: None });
        true
    }

    /// Takes the first target whose guard holds. Slots of a choice go to the flow that the target calls, or stay here.
    fn take_first(
        &mut self,
        cases: &Cases<Target>,
        way: &str,
        set: &BTreeMap<String, Value>,
        here: bool,
    ) -> bool {
        let Some(target) = cases.0.iter().find(|target| self.holds(target.guard.as_ref())).cloned() else {
            return false;
        };
        if here {
            self.keep(set.clone());
        }
        self.note(way);
        if let Some(mut next) = self.take(&target) {
            if let Move::Call { slots, .. } | Move::Transfer { slots, .. } = &mut next {
                slots.extend(set.clone());
            }
            self.go(next);
        }
        true
    }

    /// Fills slots of the flow on top.
    pub(super) fn keep(&mut self, values: BTreeMap<String, Value>) {
        let Some(flow) = self.conversation.top().and_then(|frame| self.flows.of(frame)).cloned() else {
            return;
        };
        if let Some(frame) = self.conversation.frames.last_mut() {
            frame.slots.extend(fill::typed(&flow.file.slots, values));
        }
    }

    pub(super) fn note(&mut self, way: &str) {
        if let Some(frame) = self.conversation.top() {
            self.trace.push(format!("{}.{}>{way}", frame.flow, frame.state));
        }
    }

    /// The first pattern that the whole text matches; its named groups fill slots.
    fn by_patterns<'x>(
        &mut self,
        entries: impl Iterator<Item = (&'x String, &'x At<Cases<Target>>)>,
        text: &str,
    ) -> bool {
        for (name, cases) in entries {
            for target in &cases.0 {
                let Some(groups) = target.pattern.as_ref().and_then(|pattern| groups(&pattern.0, text))
                else {
                    continue;
                };
                if self.holds(target.guard.as_ref()) {
                    let only = Cases(vec![target.clone()]);
                    return self.take_first(&only, name, &groups, true);
                }
            }
        }
        false
    }

    pub(super) fn is_pattern(&self, text: &str) -> bool {
        self.flows.global(self.conversation.role).is_some_and(|flow| {
            flow.file
                .interrupts
                .values()
                .flat_map(|cases| &cases.0)
                .filter_map(|target| target.pattern.as_ref())
                .any(|pattern| groups(&pattern.0, text).is_some())
        })
    }
}

/// Whether an intent only answers a question, and means nothing where none was asked.
pub(super) fn is_answer(intent: &str) -> bool {
    matches!(intent, "affirm" | "deny")
}

/// The name of a command: `/cart@shop now` is `cart`.
fn command_of(text: &str) -> Option<String> {
    let rest = text.trim().strip_prefix('/')?;
    let name = rest.split(|c: char| c.is_whitespace() || c == '@').next().unwrap_or_default();
    name.starts_with(char::is_alphabetic).then(|| name.to_lowercase())
}

/// The named groups of a pattern that the whole text matches, as slots.
fn groups(pattern: &regex::Regex, text: &str) -> Option<BTreeMap<String, Value>> {
    let text = text.trim();
    let captures = pattern.captures(text)?;
    if captures.get(0)?.as_str() != text {
        return None;
    }
    Some(
        pattern
            .capture_names()
            .flatten()
            .filter_map(|name| Some((name.to_owned(), Value::from(captures.name(name)?.as_str()))))
            .collect(),
    )
}

/// What was heard, as flows write it: an errand of the shop's people, a question about the shop, or the intent.
pub(super) fn name_of(heard: &Understanding) -> String {
    match (heard.errand, heard.topic) {
        (Some(errand), _) if !matches!(heard.intent, Intent::Cancel | Intent::Language) => {
            errand.name().to_owned()
        }
        (_, Some(_)) if matches!(heard.intent, Intent::Help | Intent::None) => ASK_SHOP.to_owned(),
        _ => intent_name(heard.intent),
    }
}

/// An intent as flows write it.
fn intent_name(intent: Intent) -> String {
    serde_json::to_value(intent).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
