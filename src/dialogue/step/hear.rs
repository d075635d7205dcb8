//! What a message means here: presses, choices by number or words, what the state hears, answers, interrupts, and the
//! ladder for what nobody understood. The order is the contract of `docs/flows.md`.

use std::collections::BTreeMap;

use super::Machine;
use super::enter::Move;
use super::fill::{self, Filled};
use crate::dialogue::conversation::{Mode, PromptChoice};
use crate::dialogue::event::Freshness;
use crate::dialogue::flow::Flow;
use crate::dialogue::flow::model::{At, Cases, SlotKind, State, Target};
use crate::dialogue::reply::{Action, Class};
use crate::dialogue::understand::{self, Expectation, Intent, Understanding};
use crate::dialogue::value::Value;

/// Messages in a row in the other language that switch the conversation's.
const SWITCH_AFTER: u8 = 2;
/// Words that must speak for a language before a message counts as one in it.
const SWITCH_CUES: u8 = 2;
/// Characters that a typed part of a label must have to choose it.
const MIN_PART_CHARS: usize = 4;

impl Machine<'_> {
    pub(super) fn heard(&mut self, text: &str) {
        let heard = self.understand(text);
        let fresh = self.conversation.frames.is_empty();
        self.language(&heard, fresh);
        self.trace.push(format!("heard:{}", intent_name(heard.intent)));
        self.conversation.heard = Some(heard.clone());
        let command =
            text.trim().strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic()));
        if self.conversation.mode != Mode::Bot && !command {
            // A person of the shop has the word. Only what the waiting state itself hears is ours ("bot").
            let _ = self.by_choice(text, &heard) || self.by_state(text, &heard);
            return;
        }
        if command && self.conversation.mode != Mode::Bot {
            self.conversation.mode = Mode::Bot;
        }
        if fresh {
            self.go(Move::Home);
            let small_talk =
                matches!(heard.intent, Intent::Greet | Intent::None | Intent::Chitchat | Intent::Thanks);
            let meant = command || self.is_pattern(text) || !small_talk;
            if !meant || self.effect.is_some() {
                return;
            }
            if command || self.is_pattern(text) {
                // Somebody who knows the commands, or brings a code, needs no greeting first.
                self.replies.clear();
            }
        }
        if self.by_choice(text, &heard)
            || self.by_strong(text, &heard)
            || self.by_state(text, &heard)
            || self.by_answer(text, &heard)
            || self.by_flow(text, &heard)
            || self.by_global(text, &heard)
        {
            self.conversation.misses = 0;
            return;
        }
        self.missed();
    }

    fn understand(&self, text: &str) -> Understanding {
        let labels = self
            .conversation
            .prompt
            .as_ref()
            .map(|prompt| prompt.choices.iter().map(|choice| choice.label.clone()).collect::<Vec<_>>());
        let expectation = match (self.asked(), labels) {
            (Some(SlotKind::Integer), _) => Expectation::Number,
            (Some(SlotKind::Text | SlotKind::Name | SlotKind::Address), _) => Expectation::FreeText,
            (_, Some(labels)) => Expectation::Choices(labels),
            _ => Expectation::None,
        };
        understand::understand(
            text,
            self.conversation.language,
            self.world.index,
            self.world.catalog,
            &expectation,
        )
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
    fn asked(&self) -> Option<SlotKind> {
        let (flow, state) = self.here()?;
        let slot = state.ask.as_ref()?;
        flow.file.slots.get(slot.as_str()).map(|slot| slot.kind)
    }

    /// The flow and state on top.
    pub(super) fn here(&self) -> Option<(&Flow, &State)> {
        let frame = self.conversation.top()?;
        let flow = self.flows.of(frame)?;
        Some((flow, &flow.state(&frame.state)?.value))
    }

    fn by_choice(&mut self, text: &str, heard: &Understanding) -> bool {
        let Some(prompt) = &self.conversation.prompt else { return false };
        let asked = self.asked();
        let typed = understand::normalise(text);
        let exact = prompt.choices.iter().position(|choice| understand::normalise(&choice.label) == typed);
        let numbered = || {
            let number = typed.parse::<u32>().ok().or(heard.ordinal)?;
            let index = usize::try_from(number.checked_sub(1)?).ok()?;
            (index < prompt.choices.len()).then_some(index)
        };
        let part = || {
            let long_enough = typed.chars().count() >= MIN_PART_CHARS;
            let plain = matches!(heard.intent, Intent::None | Intent::Choose);
            (long_enough && plain).then(|| only_label_with(&prompt.choices, &typed)).flatten()
        };
        let free_text = matches!(asked, Some(SlotKind::Text | SlotKind::Name | SlotKind::Address));
        let index = match asked {
            _ if exact.is_some() && !typed.is_empty() => exact,
            Some(SlotKind::Integer) => None,
            _ if free_text => numbered().filter(|_| typed.parse::<u32>().is_ok()),
            _ => numbered().or_else(part),
        };
        let Some(choice) = index.and_then(|index| prompt.choices.get(index)).cloned() else { return false };
        self.trace.push("choice".to_owned());
        self.choose(&choice.action);
        true
    }

    /// A press of a button that is ours.
    pub(super) fn pressed(&mut self, action: &Action, class: Class, freshness: Freshness) {
        self.meet();
        if self.conversation.mode != Mode::Bot
            && self.conversation.role == crate::dialogue::conversation::Role::Customer
        {
            // Whoever presses a button of the bot wants the bot.
            self.conversation.mode = Mode::Bot;
        }
        let from_notice =
            self.flows.global(self.conversation.role).is_some_and(|global| global.name == action.flow);
        let acts = match (class, freshness) {
            (_, Freshness::Used) => {
                let key = self.global_key(|file| file.used.as_ref());
                self.explain(key);
                return;
            }
            (Class::Safe, _) => true,
            (Class::Current | Class::Once, Freshness::Current) => true,
            (Class::Once, Freshness::Stale) => from_notice || action.intent.is_some(),
            (Class::Current, Freshness::Stale) => false,
        };
        if acts {
            self.trace.push("press".to_owned());
            self.conversation.misses = 0;
            self.choose(action);
        } else {
            self.trace.push("stale".to_owned());
            let key = self.global_key(|file| file.stale.as_ref());
            if let Some(key) = key {
                self.replies.push(crate::dialogue::reply::Say::new(key));
            }
            self.repeat();
        }
    }

    /// Makes sure that there is a flow at the bottom.
    pub(super) fn meet(&mut self) {
        if self.conversation.frames.is_empty() {
            self.go(Move::Home);
            self.replies.clear();
        }
    }

    /// What a choice does.
    fn choose(&mut self, action: &Action) {
        let here = self.conversation.top().is_some_and(|frame| frame.flow == action.flow);
        if let Some(page) = action.page.filter(|_| here) {
            self.turn_page(page);
            return;
        }
        if here && let Some(frame) = self.conversation.frames.last_mut() {
            frame.slots.extend(action.set.clone());
        }
        if let Some(state) = &action.goto {
            if here {
                self.note(&format!("goto {state}"));
                self.go(Move::Enter(state.clone()));
            } else {
                let (flow, at, slots) = (action.flow.clone(), Some(state.clone()), action.set.clone());
                self.go(Move::Call { flow, at, slots, resume: None });
            }
            return;
        }
        if let Some(intent) = &action.intent {
            if !self.intent(intent, &action.set) {
                self.missed();
            }
            return;
        }
        let filled = self.here().and_then(|(_, state)| state.filled.clone());
        match filled.filter(|_| here) {
            Some(cases) => self.follow_and_go(&cases.value, "filled"),
            None => self.repeat(),
        }
    }

    fn turn_page(&mut self, page: u32) {
        let Some(frame) = self.conversation.frames.last_mut() else { return };
        frame.page = page;
        let frame = frame.clone();
        let Some(flow) = self.flows.of(&frame).cloned() else { return };
        let Some(state) = flow.state(&frame.state) else { return };
        if let Some(say) = self.say_of(&flow, &frame.state, &state.value) {
            self.keep_prompt(&say);
            self.replies.push(say);
        }
    }

    /// An intent, said or pressed, wherever it is heard: here, in this flow, everywhere, or as the start of a flow.
    fn intent(&mut self, name: &str, set: &BTreeMap<String, Value>) -> bool {
        let local = self.here().and_then(|(flow, state)| {
            let cases = state.hears.get(name).or_else(|| flow.file.interrupts.get(name))?;
            Some(cases.value.clone())
        });
        if let Some(cases) = local {
            return self.take_first(&cases, name, set, true);
        }
        if name == "affirm" || name == "deny" {
            return false;
        }
        let role = self.conversation.role;
        let global = self.flows.global(role).and_then(|flow| flow.file.interrupts.get(name)).cloned();
        if let Some(cases) = global {
            return self.take_first(&cases.value, name, set, false);
        }
        if let Some(flow) = self.flows.by_intent(name, role) {
            self.note(name);
            let flow = flow.name.clone();
            self.go(Move::Call { flow, at: None, slots: set.clone(), resume: None });
            return true;
        }
        false
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
        if here && let Some(frame) = self.conversation.frames.last_mut() {
            frame.slots.extend(set.clone());
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

    fn note(&mut self, way: &str) {
        if let Some(frame) = self.conversation.top() {
            self.trace.push(format!("{}.{}>{way}", frame.flow, frame.state));
        }
    }

    /// Commands, and interrupts that are heard even where any words are an answer.
    fn by_strong(&mut self, text: &str, heard: &Understanding) -> bool {
        if let Some(command) = text.trim().strip_prefix('/') {
            let name = command.split_whitespace().next().unwrap_or_default().to_lowercase();
            if self.command(&name) {
                return true;
            }
        }
        let intent = intent_name(heard.intent);
        let role = self.conversation.role;
        let flow = self.here().map(|(flow, _)| flow.file.interrupts.clone());
        let global = self.flows.global(role).map(|flow| flow.file.interrupts.clone());
        for (interrupts, here) in [(flow, true), (global, false)] {
            let Some(interrupts) = interrupts else { continue };
            let strong = |cases: &At<Cases<Target>>| cases.0.iter().any(|target| target.strong);
            if self.by_patterns(interrupts.iter().filter(|(_, cases)| strong(cases)), text) {
                return true;
            }
            if let Some(cases) = interrupts.get(&intent).filter(|cases| strong(cases))
                && !self.is_heard_here(&intent)
            {
                return self.take_first(&cases.value, &intent, &BTreeMap::new(), here);
            }
        }
        false
    }

    /// Whether the state itself hears an intent: then what it means here comes before what it means everywhere.
    fn is_heard_here(&self, intent: &str) -> bool {
        self.here().is_some_and(|(_, state)| state.hears.contains_key(intent))
    }

    fn command(&mut self, name: &str) -> bool {
        let role = self.conversation.role;
        let cases = self.flows.global(role).and_then(|flow| flow.file.commands.get(name)).cloned();
        if let Some(cases) = cases {
            return self.take_first(&cases.value, name, &BTreeMap::new(), false);
        }
        let Some(flow) = self.flows.by_command(name, role) else { return false };
        self.note(name);
        let flow = flow.name.clone();
        self.go(Move::Call { flow, at: None, slots: BTreeMap::new(), resume: None });
        true
    }

    fn by_state(&mut self, text: &str, heard: &Understanding) -> bool {
        let Some(hears) = self.here().map(|(_, state)| state.hears.clone()) else { return false };
        if self.by_patterns(hears.iter(), text) {
            return true;
        }
        let intent = intent_name(heard.intent);
        match hears.get(&intent) {
            Some(cases) => self.take_first(&cases.value, &intent, &BTreeMap::new(), true),
            None => false,
        }
    }

    fn by_flow(&mut self, text: &str, heard: &Understanding) -> bool {
        let Some(interrupts) = self.here().map(|(flow, _)| flow.file.interrupts.clone()) else {
            return false;
        };
        if self.by_patterns(interrupts.iter(), text) {
            return true;
        }
        let intent = intent_name(heard.intent);
        match interrupts.get(&intent) {
            Some(cases) => self.take_first(&cases.value, &intent, &BTreeMap::new(), true),
            None => false,
        }
    }

    fn by_global(&mut self, text: &str, heard: &Understanding) -> bool {
        let role = self.conversation.role;
        let interrupts = self.flows.global(role).map(|flow| flow.file.interrupts.clone()).unwrap_or_default();
        if self.by_patterns(interrupts.iter(), text) {
            return true;
        }
        if heard.intent == Intent::None {
            return false;
        }
        self.intent(&intent_name(heard.intent), &BTreeMap::new())
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

    fn is_pattern(&self, text: &str) -> bool {
        self.flows.global(self.conversation.role).is_some_and(|flow| {
            flow.file
                .interrupts
                .values()
                .flat_map(|cases| &cases.0)
                .filter_map(|target| target.pattern.as_ref())
                .any(|pattern| groups(&pattern.0, text).is_some())
        })
    }

    /// The answer to the question of the state.
    fn by_answer(&mut self, text: &str, heard: &Understanding) -> bool {
        let Some((flow, state)) = self.here() else { return false };
        let Some(name) = state.ask.as_ref().map(|slot| slot.value.clone()) else { return false };
        let Some(slot) = flow.file.slots.get(&name).cloned() else { return false };
        let (filled_targets, retry) = (state.filled.clone(), state.retry.clone());
        match fill::fill(&slot.value, text, heard) {
            Filled::Value(value) => {
                if let Some(frame) = self.conversation.frames.last_mut() {
                    frame.slots.insert(name, value);
                }
                if let Some(cases) = filled_targets {
                    self.follow_and_go(&cases.value, "filled");
                }
                true
            }
            Filled::Nothing => false,
            Filled::Wrong => {
                // Something else may have been meant; only if nobody hears it is it a wrong answer.
                if self.by_flow(text, heard) || self.by_global(text, heard) {
                    return true;
                }
                let Some(retry) = retry else { return false };
                let Some(frame) = self.conversation.frames.last_mut() else { return false };
                frame.retries = frame.retries.saturating_add(1);
                self.trace.push("wrong-answer".to_owned());
                if frame.retries <= retry.max {
                    self.explain(Some(retry.say.value.clone()));
                    return true;
                }
                match &retry.then {
                    Some(cases) => {
                        self.follow_and_go(&cases.value, "retry");
                        true
                    }
                    None => {
                        self.explain(Some(retry.say.value.clone()));
                        true
                    }
                }
            }
        }
    }

    /// A place on the map answers a question for an address.
    pub(super) fn location(&mut self, place: &str) {
        self.meet();
        if self.conversation.mode != Mode::Bot {
            return;
        }
        if self.asked() == Some(SlotKind::Address) {
            let heard = self.understand("");
            if self.by_answer(place, &heard) {
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
        let key = self.global_key(|file| file.media.as_ref());
        self.explain(key);
    }

    /// Nobody understood: a hint, then the choices, then a person.
    pub(super) fn missed(&mut self) {
        self.conversation.misses = self.conversation.misses.saturating_add(1);
        self.trace.push(format!("missed:{}", self.conversation.misses));
        let Some(fallback) =
            self.flows.global(self.conversation.role).and_then(|flow| flow.file.fallback.clone())
        else {
            return;
        };
        match self.conversation.misses {
            1 => self.explain(Some(fallback.hint.value)),
            2 => self.explain(Some(fallback.choices.value)),
            _ => {
                self.conversation.misses = 0;
                match fallback.human {
                    Some(human) => {
                        self.replies.push(crate::dialogue::reply::Say::new(fallback.stuck.value));
                        let flow = human.value;
                        self.go(Move::Call { flow, at: None, slots: BTreeMap::new(), resume: None });
                    }
                    None => self.explain(Some(fallback.stuck.value)),
                }
            }
        }
    }
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

/// The one choice whose words contain what was typed.
fn only_label_with(choices: &[PromptChoice], typed: &str) -> Option<usize> {
    let mut found = None;
    for (index, choice) in choices.iter().enumerate() {
        let label = understand::normalise(&choice.label);
        let words: Vec<&str> = label.split(' ').collect();
        if typed.split(' ').all(|word| words.contains(&word)) {
            if found.is_some() {
                return None;
            }
            found = Some(index);
        }
    }
    found
}

/// An intent as flows write it.
fn intent_name(intent: Intent) -> String {
    serde_json::to_value(intent).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
