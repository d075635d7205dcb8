//! What words mean here: open choices, strong interrupts, what the state hears, answers, interrupts, and the ladder for
//! what nobody understood. The order is the contract of `docs/flows.md`.

use std::collections::BTreeMap;

use super::Machine;
use super::enter::Move;
use super::fill;
use super::named::{command_of, groups, intent_name, is_answer, name_of};
use crate::dialogue::conversation::{Mode, Role};
use crate::dialogue::flow::Flow;
use crate::dialogue::flow::model::{At, Cases, SlotKind, State, Target};
use crate::dialogue::understand::{self, Expectation, Intent, Topic, Understanding};
use crate::dialogue::value::Value;

/// Characters of an answer that is a number or an amount; sentences are longer.
const MAX_CODE_CHARS: i64 = 30;
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
        // What a strong pattern reads whole ("hapus data saya") is for the program as a command is, whoever answers.
        let command = command_of(text).is_some() || self.is_strong_pattern(text);
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
        let known = command || self.is_pattern(text) || heard.entry.is_some();
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
            || self.by_question_below(text, heard)
            || self.by_global(text, heard)
            || self.by_return(heard)
            || self.by_given(text, heard)
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
        fill::is_no_answer(kind, text, heard) && (self.by_flow(text, heard) || self.by_global(text, heard))
    }

    /// A yes or a no that nobody here asked for ends what was only looked at, and repeats the question below it. With nothing
    /// below, a no means that nothing is wanted.
    fn by_return(&mut self, heard: &Understanding) -> bool {
        let is_answer = matches!(heard.intent, Intent::Affirm | Intent::Deny) && heard.whole;
        if !is_answer {
            return false;
        }
        if self.conversation.frames.len() > 2 {
            self.note("return");
            self.go(Move::Back);
            return true;
        }
        let name = intent_name(heard.intent);
        let global = self.flows.global(self.conversation.role);
        let cases = global.and_then(|flow| flow.file.interrupts.get(&name)).cloned();
        cases.is_some_and(|cases| self.take_first(&cases.value, &name, &BTreeMap::new(), false))
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
            Role::Staff => {
                heard.topic = None;
                heard.entry =
                    understand::entry(text, self.conversation.language, self.world.index, self.world.catalog);
            }
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

    /// Whether what it takes may be a sentence, and not only a number or an amount.
    fn asks_for_sentences(&self) -> bool {
        let asked = self.here().and_then(|(flow, state)| flow.file.slots.get(&state.ask.as_ref()?.value));
        self.asks_for_words() && asked.and_then(|slot| slot.max).is_none_or(|max| max > MAX_CODE_CHARS)
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
            // `/stock teh 20` is more than the command `/stock`, where an entry or a pattern reads it whole.
            if self.by_entry(heard)
                || self.by_patterns(global.iter(), text)
                || self.command(&name, &BTreeMap::new())
            {
                return true;
            }
        }
        // Where sentences are an answer, what is told of a stock goes to the customer who is written to.
        if !self.asks_for_sentences() && self.by_entry(heard) {
            return true;
        }
        let is_long =
            text.split_whitespace().count() > STRONG_WORDS || text.contains(|c: char| c.is_numeric());
        let says_more = role == Role::Staff && !heard.whole;
        let may_be_answer = self.asks_for_words() && (is_long || says_more);
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

    /// What a person of the shop writes down of a stock or a price, heard everywhere in their chat.
    fn by_entry(&mut self, heard: &Understanding) -> bool {
        let Some(entry) = &heard.entry else { return false };
        self.intent(entry.name(), &entry.slots())
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

    pub(super) fn by_state(&mut self, text: &str, heard: &Understanding) -> bool {
        if self.by_state_patterns(text) {
            return true;
        }
        let intent = name_of(heard);
        // Where any words are an answer, a yes or a no is all that is said: "pembeli tidak mau" is a reason.
        if is_answer(&intent)
            && !heard.whole
            && self.asks_for_words()
            && self.conversation.role == Role::Staff
        {
            return false;
        }
        // "Ya kan?" agrees to nothing.
        if heard.intent == Intent::Affirm && heard.question {
            return false;
        }
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

    /// Whether a pattern of the state on top reads the whole text.
    pub(super) fn is_read_here(&self, text: &str) -> bool {
        self.here().is_some_and(|(_, state)| {
            let targets = state.hears.values().flat_map(|cases| &cases.0);
            targets.filter_map(|target| target.pattern.as_ref()).any(|read| groups(&read.0, text).is_some())
        })
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
        let Some(cases) = interrupts.get(&intent) else { return false };
        if heard.intent == Intent::Change {
            self.keep_given(heard, None);
        }
        self.take_first(&cases.value, &intent, &BTreeMap::new(), true)
    }

    pub(super) fn by_global(&mut self, text: &str, heard: &Understanding) -> bool {
        let role = self.conversation.role;
        let interrupts = self.flows.global(role).map(|flow| flow.file.interrupts.clone()).unwrap_or_default();
        if self.by_patterns(interrupts.iter(), text) {
            return true;
        }
        let name = name_of(heard);
        let agrees = !(heard.intent == Intent::Affirm && heard.question);
        (name != intent_name(Intent::None) && agrees && self.intent(&name, &heard.errand_slots()))
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
        self.is_read_by(text, |_| true)
    }

    fn is_strong_pattern(&self, text: &str) -> bool {
        self.is_read_by(text, |target| target.strong)
    }

    /// Whether a pattern of what is heard everywhere reads the whole text.
    fn is_read_by(&self, text: &str, counts: impl Fn(&Target) -> bool) -> bool {
        self.flows.global(self.conversation.role).is_some_and(|flow| {
            flow.file
                .interrupts
                .values()
                .flat_map(|cases| &cases.0)
                .filter(|target| counts(target))
                .filter_map(|target| target.pattern.as_ref())
                .any(|pattern| groups(&pattern.0, text).is_some())
        })
    }
}
