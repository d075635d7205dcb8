//! Building replies out of states: words, pictures, and choices, with long lists paged.

use std::collections::BTreeMap;

use super::Machine;
use crate::dialogue::flow::Flow;
use crate::dialogue::flow::guard::Operand;
use crate::dialogue::flow::model::{At, Button, Entries, LinkTo, ListOf, Notice, SlotKind, State, Target};
use crate::dialogue::reply::{Action, Choice, Class, Label, Say};
use crate::dialogue::value::{Row, Value};
use crate::domain::message::{AskKind, MAX_CHOICES};

/// What a question for a slot asks for, where a form could help.
fn asked(flow: &Flow, slot: &str) -> Option<AskKind> {
    match flow.file.slots.get(slot)?.value.kind {
        SlotKind::Name => Some(AskKind::Name),
        SlotKind::Phone => Some(AskKind::Phone),
        SlotKind::Address => Some(AskKind::Address),
        _ => None,
    }
}

/// Rows on one page of a list whose flow names no number.
const DEFAULT_PAGE: u32 = 8;

impl Machine<'_> {
    /// What a state says, or nothing. When it is said again, `before` is what was said first: facts of effects and of
    /// signals are gone by then and are taken from there; everything else is what is true now.
    pub(super) fn say_of(
        &mut self,
        flow: &Flow,
        name: &str,
        state: &State,
        before: Option<&Say>,
    ) -> Option<Say> {
        let lines = &state.say.as_ref()?.0;
        let passing = lines
            .iter()
            .filter_map(|line| line.guard.as_ref())
            .any(|guard| guard.condition.operands().into_iter().any(passes));
        let same =
            before.filter(|_| passing).and_then(|say| lines.iter().find(|line| line.key.value == say.key));
        let line = match same {
            Some(line) => line,
            None => lines.iter().find(|line| self.holds(line.guard.as_ref()))?,
        };
        let mut say = Say::new(line.key.value.clone());
        for (name, operand) in state.args.iter().chain(line.args.iter()) {
            let value = match before.filter(|_| self.is_lost(operand)) {
                Some(before) => before.args.get(name).cloned().unwrap_or(Value::None),
                None => self.value(operand),
            };
            say.args.insert(name.clone(), value);
        }
        say.rows = rows_of(&state.rows);
        say.image = match (&state.image, before) {
            (Some(image), Some(before)) if self.is_lost(image) => before.image.clone(),
            (Some(image), _) => self.value(image),
            (None, _) => Value::None,
        };
        say.link = self.link_of(state.link.as_ref());
        say.choices = self.choices(flow, name, state.list.as_ref(), &state.buttons);
        say.card = state.card.as_ref().or(flow.file.card.as_ref()).map(|card| card.value.clone());
        say.ask = state.ask.as_ref().and_then(|slot| asked(flow, &slot.value));
        Some(say)
    }

    fn value(&self, operand: &Operand) -> Value {
        operand.value(&|path| self.path(path))
    }

    /// Whether what an operand names was known when the state was entered and is not any more.
    fn is_lost(&self, operand: &Operand) -> bool {
        let Operand::Path(path) = operand else { return false };
        if passes(operand) {
            return self.path(path) == Value::None;
        }
        // The order at hand may be another one, when a notice about it came in between.
        let own = self.conversation.slot("order").as_text();
        let known = self.world.order.map(|order| order.id.as_str());
        (path.starts_with("order.") || path.starts_with("payment.")) && own.is_some() && own != known
    }

    /// What a notice says.
    pub(super) fn say_of_notice(&mut self, flow: &Flow, name: &str, notice: &Notice) -> Option<Say> {
        let mut say = Say::new(notice.say.as_ref()?.value.clone());
        say.args = self.values(&notice.args);
        say.rows = rows_of(&notice.rows);
        say.image =
            notice.image.as_ref().map_or(Value::None, |image| image.value.value(&|path| self.path(path)));
        say.link = self.link_of(notice.link.as_ref());
        say.choices = self.choices(flow, name, None, &notice.buttons);
        say.card = notice.card.as_ref().map(|card| card.value.clone());
        Some(say)
    }

    pub(super) fn say_of_target(&self, target: &Target) -> Option<Say> {
        let mut say = Say::new(target.say.as_ref()?.value.clone());
        say.args = self.values(&target.args);
        say.rows = rows_of(&target.rows);
        Some(say)
    }

    fn link_of(&self, link: Option<&LinkTo>) -> Option<(String, String)> {
        let link = link?;
        let url = link.url.value.value(&|path| self.path(path));
        let url = url.as_text().filter(|url| url.starts_with("https://") || url.starts_with("http://"))?;
        Some((link.label.value.clone(), url.to_owned()))
    }

    fn choices(
        &mut self,
        flow: &Flow,
        state: &str,
        list: Option<&At<ListOf>>,
        buttons: &[At<Button>],
    ) -> Vec<Choice> {
        let buttons: Vec<Choice> = buttons
            .iter()
            .filter(|button| self.holds(button.guard.as_ref()))
            .map(|button| Choice {
                label: Label::Key { key: button.label.value.clone(), args: self.values(&button.args) },
                action: Action {
                    flow: flow.name.clone(),
                    state: state.to_owned(),
                    set: self.values(&button.set),
                    intent: button.intent.as_ref().map(|intent| intent.value.clone()),
                    goto: button.goto.as_ref().map(|state| state.value.clone()),
                    page: None,
                },
                class: button.class.class(),
            })
            .collect();
        let (mut choices, back) = match list {
            Some(list) => self.page(flow, state, list, buttons.len()),
            None => (Vec::new(), None),
        };
        choices.extend(buttons);
        // The way back is on no first page: behind everything else it moves no other number.
        choices.extend(back);
        choices.truncate(MAX_CHOICES);
        choices
    }

    /// One page of a list with the choice that turns it on, and the choice that turns it back. Every page has as many rows,
    /// so that a number means the same on all of them: the last one begins earlier where rows are missing, and leads on to
    /// the first.
    fn page(
        &mut self,
        flow: &Flow,
        state: &str,
        list: &ListOf,
        buttons: usize,
    ) -> (Vec<Choice>, Option<Choice>) {
        let rows = match self.value(&list.from) {
            Value::Rows(rows) => {
                if let Some(frame) = self.conversation.frames.last_mut().filter(|_| passes(&list.from)) {
                    frame.rows.clone_from(&rows);
                }
                rows
            }
            _ => self.conversation.top().map(|frame| frame.rows.clone()).unwrap_or_default(),
        };
        let wanted = list.page.unwrap_or(DEFAULT_PAGE).max(1) as usize;
        let room = MAX_CHOICES.saturating_sub(buttons).max(1);
        let fits = rows.len() <= wanted.min(room);
        let size = if fits { rows.len().max(1) } else { wanted.min(room.saturating_sub(2)).max(1) };
        let last = rows.len().saturating_sub(1) / size;
        let page = self.conversation.top().map_or(0, |frame| frame.page as usize).min(last);
        let turn = |key: &str, page: usize| Choice {
            label: Label::Key { key: key.to_owned(), args: BTreeMap::new() },
            action: Action {
                flow: flow.name.clone(),
                state: state.to_owned(),
                set: BTreeMap::new(),
                intent: None,
                goto: None,
                page: u32::try_from(page).ok(),
            },
            class: Class::Current,
        };
        let start = (page * size).min(rows.len().saturating_sub(size));
        let mut choices: Vec<Choice> = rows
            .into_iter()
            .skip(start)
            .take(size)
            .map(|row| self.choice_of_row(flow, state, list, row))
            .collect();
        if page < last {
            choices.push(turn("list-more", page + 1));
        } else if last > 0 {
            choices.push(turn("list-first", 0));
        }
        (choices, page.checked_sub(1).map(|before| turn("list-previous", before)))
    }

    fn choice_of_row(&mut self, flow: &Flow, state: &str, list: &ListOf, row: Row) -> Choice {
        self.item = Some(row.clone());
        let set = self.values(&list.set);
        self.item = None;
        Choice {
            label: Label::Key { key: list.label.value.clone(), args: row },
            action: Action {
                flow: flow.name.clone(),
                state: state.to_owned(),
                set,
                intent: list.intent.as_ref().map(|intent| intent.value.clone()),
                goto: list.goto.as_ref().map(|state| state.value.clone()),
                page: None,
            },
            class: list.class.class(),
        }
    }

    /// Says one key with the choices that are open, so that the person can go on from there.
    pub(super) fn explain(&mut self, key: Option<String>) {
        if let Some(key) = key {
            self.explain_with(Say::new(key), Vec::new());
        }
    }

    /// Says something with the choices that are open and with more of them.
    pub(super) fn explain_with(&mut self, mut say: Say, more: Vec<Choice>) {
        say.choices = self.question().map(|question| question.choices).unwrap_or_default();
        say.choices.truncate(MAX_CHOICES.saturating_sub(more.len()));
        say.choices.extend(more);
        self.replies.push(say);
    }
}

/// Whether an operand is known only while something happens.
fn passes(operand: &Operand) -> bool {
    matches!(operand, Operand::Path(path) if ["fact.", "signal.", "heard."].iter().any(|noun| path.starts_with(noun)))
}

fn rows_of(rows: &Entries<At<String>>) -> BTreeMap<String, String> {
    rows.iter().map(|(name, key)| (name.clone(), key.value.clone())).collect()
}
