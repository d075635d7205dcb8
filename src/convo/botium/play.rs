//! Plays Botium's conversations on virtual time: one person, one message of the bot per `#bot`.

use std::collections::{BTreeMap, VecDeque};

use chrono::Duration;

use super::logic;
use super::{Convo, Logic, MAX_INCLUDES, Section, Tag};
use crate::convo::matching;
use crate::convo::play::Plan;
use crate::convo::run::Report;
use crate::convo::script::{self, Actor, DEFAULT_CHANNEL, DEFAULT_SHOP};
use crate::convo::world::{Delivered, Setting, World, Worlds};
use crate::domain::message::OutboundChoice;

/// The only actor.
const ME: &str = "me";
/// How long a bot may take, in milliseconds.
const WAIT_MS: i64 = 10_000;
/// Runs of one file.
const MAX_RUNS: usize = 200;

/// Plays every case of the memory, and every line of the first utterance list that is said.
pub(super) async fn play(convo: &Convo, plan: &Plan, worlds: &dyn Worlds) -> Result<(), Report> {
    let said = convo.sections.iter().filter(|section| section.tag == Tag::Me);
    let lists = said.filter_map(|section| convo.utterances.get(&section.text));
    let utterances = lists.map(Vec::len).max().unwrap_or(1).max(1);
    let cases = if convo.cases.is_empty() { vec![BTreeMap::new()] } else { convo.cases.clone() };
    let runs = cases.iter().flat_map(|case| (0..utterances).map(move |utterance| (case, utterance)));
    for (case, utterance) in runs.take(MAX_RUNS) {
        let setting = Setting {
            shop: DEFAULT_SHOP.to_owned(),
            clock: script::default_clock(),
            seed: 1,
            actors: vec![Actor {
                name: ME.to_owned(),
                channel: plan.channel.clone().unwrap_or_else(|| DEFAULT_CHANNEL.to_owned()),
                chat: ME.to_owned(),
                language: plan.language,
                owner: false,
                display: None,
                phone: None,
            }],
            payment: None,
        };
        let world = worlds.build(&setting).await.map_err(|error| report(convo, 1, error.to_string()))?;
        let mut player = Player {
            convo,
            world,
            memory: case.clone(),
            utterance,
            unread: VecDeque::new(),
            said: String::new(),
            last_choices: Vec::new(),
        };
        let result = player.sections(&convo.sections, 0).await;
        let states = player.world.trace(ME).await;
        let broken = player.world.broken_promises().await;
        player.world.end().await;
        result.map_err(|failed| Report { states, ..*failed })?;
        if let Some(broken) = broken.into_iter().next() {
            return Err(report(convo, 1, broken));
        }
    }
    Ok(())
}

struct Player<'a> {
    convo: &'a Convo,
    world: Box<dyn World>,
    memory: BTreeMap<String, String>,
    utterance: usize,
    unread: VecDeque<Delivered>,
    said: String,
    last_choices: Vec<OutboundChoice>,
}

type Failed = Box<Report>;

fn report(convo: &Convo, line: usize, what: impl Into<String>) -> Report {
    let lines = convo.lines.iter().enumerate().map(|(index, text)| (index + 1, text.clone()));
    Report {
        file: convo.path.clone(),
        line,
        what: what.into(),
        prefix: lines
            .take_while(|(number, _)| *number <= line)
            .filter(|(_, text)| !text.trim().is_empty())
            .collect(),
        expected: Vec::new(),
        got: Vec::new(),
        diff: Vec::new(),
        states: Vec::new(),
        heard: Vec::new(),
        order: None,
    }
}

impl Player<'_> {
    fn failed(&self, line: usize, what: impl Into<String>) -> Failed {
        Box::new(report(self.convo, line, what))
    }

    async fn sections(&mut self, sections: &[Section], depth: usize) -> Result<(), Failed> {
        if depth > MAX_INCLUDES {
            let line = sections.first().map_or(1, |section| section.line);
            return Err(self.failed(line, "these partial conversations include each other in a ring"));
        }
        for section in sections {
            match section.tag {
                Tag::Me => self.me(section, depth).await?,
                Tag::Bot => self.bot(section, depth).await?,
                Tag::Frame | Tag::Include => {
                    for logic in &section.logic {
                        self.hook(logic, depth).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A hook, or `unsupported`. Asserters are none.
    async fn hook(&mut self, logic: &Logic, depth: usize) -> Result<(), Failed> {
        let wrong = |what: &str| format!("{}: {what}", logic.word);
        match logic.word.as_str() {
            "PAUSE" => {
                let ms = logic.args.first().and_then(|ms| ms.parse().ok());
                let ms = ms.ok_or_else(|| self.failed(logic.line, wrong("write milliseconds")))?;
                self.pass(logic.line, ms).await
            }
            "WAITFORBOT" => {
                let ms = logic.args.first().map_or(Some(WAIT_MS), |ms| ms.parse().ok());
                let ms = ms.ok_or_else(|| self.failed(logic.line, wrong("write milliseconds")))?;
                if self.unread.is_empty() { self.pass(logic.line, ms).await } else { Ok(()) }
            }
            "INCLUDE" => {
                let convo = self.convo;
                for name in &logic.args {
                    let partial = convo.partials.get(name);
                    let partial = partial
                        .ok_or_else(|| self.failed(logic.line, wrong("no such partial conversation")))?;
                    Box::pin(self.sections(partial, depth + 1)).await?;
                }
                Ok(())
            }
            "SET_SCRIPTING_MEMORY" => {
                if let [name, value, ..] = logic.args.as_slice() {
                    let value = self.filled(value);
                    self.memory.insert(name.trim_start_matches('$').to_owned(), value);
                    return Ok(());
                }
                Err(self.failed(logic.line, wrong("write a name and a value")))
            }
            "CLEAR_SCRIPTING_MEMORY" => {
                logic.args.iter().for_each(|name| drop(self.memory.remove(name.trim_start_matches('$'))));
                Ok(())
            }
            word => Err(self.failed(logic.line, format!("unsupported: {word}"))),
        }
    }

    /// Lets virtual time pass and takes what is sent meanwhile.
    async fn pass(&mut self, line: usize, ms: i64) -> Result<(), Failed> {
        let by = Duration::try_milliseconds(ms).unwrap_or_default();
        let passed = self.world.advance(by).await;
        passed.map_err(|error| self.failed(line, error.to_string()))?;
        self.take(line).await
    }

    async fn take(&mut self, line: usize) -> Result<(), Failed> {
        let settled = self.world.settle().await;
        settled.map_err(|error| self.failed(line, error.to_string()))?;
        self.unread.extend(self.world.take_messages(ME));
        Ok(())
    }

    /// A text with the variables of the memory filled in; without a memory `$name` is text.
    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // Longer names first, so that `$name` does not eat the beginning of `$names`.
        let mut names: Vec<(&String, &String)> = self.memory.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, value) in names {
            text = text.replace(&format!("${name}"), value);
        }
        text
    }

    async fn me(&mut self, section: &Section, depth: usize) -> Result<(), Failed> {
        let mut pressed = false;
        for logic in &section.logic {
            if logic.word != "BUTTON" {
                self.hook(logic, depth).await?;
                continue;
            }
            pressed = true;
            let data = self.button(logic)?;
            let sent = self.world.press(ME, &data).await;
            sent.map_err(|error| self.failed(logic.line, error.to_string()))?;
        }
        if !pressed || !section.text.is_empty() {
            let words = match self.convo.utterances.get(&section.text) {
                Some(lines) if !lines.is_empty() => lines[self.utterance % lines.len()].clone(),
                _ => section.text.clone(),
            };
            self.said = self.filled(&words);
            let said = self.said.clone();
            let sent = self.world.say(ME, &said).await;
            sent.map_err(|error| self.failed(section.line, error.to_string()))?;
        }
        self.take(section.line).await
    }

    /// The data of `BUTTON payload|text`: of the newest message, read or not, that has it; else the payload itself.
    fn button(&self, logic: &Logic) -> Result<String, Failed> {
        let payload = logic.args.first().ok_or_else(|| self.failed(logic.line, "BUTTON: name the button"))?;
        let wanted: Vec<String> = logic.args.iter().map(|arg| self.filled(arg).to_lowercase()).collect();
        let choices = self.unread.iter().rev().flat_map(|delivered| &delivered.message.choices);
        let shown = choices.chain(self.last_choices.iter());
        let mut found = shown
            .filter(|choice| wanted.contains(&choice.label.to_lowercase()) || wanted.contains(&choice.data));
        Ok(found.next().map_or_else(|| payload.clone(), |choice| choice.data.clone()))
    }

    async fn bot(&mut self, section: &Section, depth: usize) -> Result<(), Failed> {
        let is_hook = |logic: &&Logic| matches!(logic.word.as_str(), "PAUSE" | "WAITFORBOT" | "INCLUDE");
        for logic in section.logic.iter().filter(is_hook) {
            self.hook(logic, depth).await?;
        }
        if self.unread.is_empty() {
            self.pass(section.line, WAIT_MS).await?;
        }
        let only_counts = section.text.is_empty()
            && !section.logic.is_empty()
            && section.logic.iter().all(|logic| logic.word.starts_with("BOT_"));
        if only_counts {
            return section.logic.iter().try_for_each(|logic| self.consumed(logic));
        }
        let Some(next) = self.unread.front().cloned() else {
            return if section.optional {
                Ok(())
            } else {
                Err(self.failed(section.line, "the bot said nothing"))
            };
        };
        match self.checked(section, &next).await {
            Ok(()) => {
                self.unread.pop_front();
                self.last_choices.clone_from(&next.message.choices);
                let after = section.logic.iter().filter(|logic| {
                    logic.word.starts_with("BOT_") || logic.word.ends_with("_SCRIPTING_MEMORY")
                });
                for logic in after {
                    if logic.word.starts_with("BOT_") {
                        self.consumed(logic)?
                    } else {
                        self.hook(logic, depth).await?
                    }
                }
                Ok(())
            }
            // A message that an optional step does not expect is left for the next one.
            Err(failed) if section.optional && !failed.what.starts_with("unsupported") => Ok(()),
            Err(failed) => Err(failed),
        }
    }

    /// Whether the next message is what a section expects.
    async fn checked(&mut self, section: &Section, next: &Delivered) -> Result<(), Failed> {
        let got = || vec![format!("{} {}", next.message.text, matching::bracketed(&labels(next)))];
        if !section.text.is_empty() {
            let wants = match self.convo.utterances.get(&section.text) {
                Some(lines) => lines.clone(),
                None => vec![section.text.clone()],
            };
            let mut agrees = false;
            for want in &wants {
                let want = self.captured(&self.filled(want), &next.message.text);
                agrees |= logic::text_agrees(&want, &next.message.text)
                    .map_err(|what| self.failed(section.line, what))?;
            }
            if agrees == section.not {
                let mut failed = self.failed(section.line, "the bot said something else");
                let not = if section.not { "not " } else { "" };
                failed.expected = wants.iter().map(|want| format!("{not}{want}")).collect();
                failed.got = got();
                return Err(failed);
            }
        }
        for logic in &section.logic {
            let is_hook = matches!(logic.word.as_str(), "PAUSE" | "WAITFORBOT" | "INCLUDE")
                || logic.word.starts_with("BOT_")
                || logic.word.ends_with("_SCRIPTING_MEMORY");
            if is_hook {
                continue;
            }
            let said = self.said.clone();
            let heard = self.world.explain(ME, &said).await;
            let mut filled = logic.clone();
            filled.args = logic.args.iter().map(|arg| self.filled(arg)).collect();
            let held = logic::holds(&filled, &next.message, &heard);
            if !held.map_err(|what| self.failed(logic.line, what))? {
                let mut failed = self.failed(logic.line, format!("{} does not hold", logic.word));
                failed.expected = vec![filled.args.join(" | ")];
                failed.got = got();
                failed.heard = heard;
                return Err(failed);
            }
        }
        Ok(())
    }

    /// With a memory, variables without a value take one word of what was said.
    fn captured(&mut self, want: &str, got: &str) -> String {
        if self.memory.is_empty() || !want.contains('$') {
            return want.to_owned();
        }
        let mut want = want.to_owned();
        while let Some(start) = want.find('$') {
            let name: String = want[start + 1..]
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            if name.is_empty() {
                break;
            }
            let before = logic::normal(&want[..start]).to_lowercase();
            let got = logic::normal(got);
            let at = got.to_lowercase().find(&before).map(|at| at + before.len());
            let value = at.and_then(|at| got.get(at..)).and_then(|rest| rest.split_whitespace().next());
            let Some(value) = value.map(str::to_owned) else { break };
            want = want.replacen(&format!("${name}"), &value, 1);
            self.memory.insert(name, value);
        }
        want
    }

    fn consumed(&self, logic: &Logic) -> Result<(), Failed> {
        let left = self.unread.len();
        let holds = match logic.word.as_str() {
            "BOT_CONSUMED" => left == 0,
            "BOT_UNCONSUMED_COUNT" => {
                let want = logic.args.first().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
                left == want
            }
            word => return Err(self.failed(logic.line, format!("unsupported: {word}"))),
        };
        if holds != logic.not {
            return Ok(());
        }
        let mut failed = self.failed(logic.line, format!("{} does not hold", logic.word));
        failed.got = self.unread.iter().map(|delivered| delivered.message.text.clone()).collect();
        Err(failed)
    }
}

fn labels(delivered: &Delivered) -> Vec<String> {
    delivered.message.choices.iter().map(|choice| choice.label.clone()).collect()
}
