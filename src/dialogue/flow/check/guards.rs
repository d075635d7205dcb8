//! F05: guards that compare what cannot be compared, lists of guards with a hole, and entries that can never be taken.

use std::collections::BTreeMap;

use super::scan::{Read, Scope, scan};
use super::{Notes, types};
use crate::dialogue::flow::guard::{Comparison, Condition, Guard, Operand};
use crate::dialogue::flow::model::{At, SlotKind, Targets};
use crate::dialogue::flow::{Flow, Flows};
use crate::dialogue::value::Type;
use crate::domain::customer::Language;
use crate::domain::order::OrderStatus;

const CODE: &str = "F05";
/// What `order.status` can be.
const ORDER_STATUSES: [OrderStatus; 8] = [
    OrderStatus::Created,
    OrderStatus::PaymentInitiated,
    OrderStatus::Paid,
    OrderStatus::Packed,
    OrderStatus::Shipped,
    OrderStatus::Delivered,
    OrderStatus::Completed,
    OrderStatus::Cancelled,
];

pub fn check(flows: &Flows, notes: &mut Notes) {
    for flow in flows.current() {
        let scan = scan(flow);
        for guarded in &scan.guards {
            condition(flow, guarded.guard, &guarded.guard.condition, guarded.scope, notes);
        }
        for read in &scan.reads {
            match types::of(flow, read.operand, read.scope) {
                Err((code, message)) => notes.add(flow, read.operand.place(), code, message),
                Ok(kind) => put(flow, read, kind, notes),
            }
        }
        for state in flow.file.states.values() {
            let whole = [&state.filled, &state.when, &state.then].into_iter().flatten();
            let whole = whole
                .chain(state.outcomes.values())
                .chain(state.wait.values())
                .chain(state.after.values())
                .chain(state.retry.iter().filter_map(|retry| retry.then.as_ref()));
            whole.for_each(|targets| total(flow, targets, notes));
            state.hears.values().for_each(|targets| reachable(flow, targets, notes));
            if let Some(say) = &state.say {
                let guards: Vec<_> = say.0.iter().map(|line| line.guard.as_ref()).collect();
                taken(flow, &guards, say.place(), notes);
            }
        }
        flow.file.interrupts.values().for_each(|targets| reachable(flow, targets, notes));
    }
}

/// What is put into a slot must be of its kind.
fn put(flow: &Flow, read: &Read<'_>, kind: Option<Type>, notes: &mut Notes) {
    let Some(slot) = read.slot.and_then(|name| flow.file.slots.get(name)) else { return };
    if let (Some(wanted), Some(given)) = (types::of_slot(slot), kind)
        && !types::fits(wanted, given)
    {
        let message = format!("the slot wants {}, this is {}", a_kind(wanted), a_kind(given));
        notes.add(flow, read.operand.place(), "F10", message);
    } else if let (SlotKind::Word, Operand::Text(word)) = (slot.kind, &read.operand.value)
        && !slot.values.contains(word)
    {
        let message = format!("`{word}` is none of the words of the slot: {}", slot.values.join(", "));
        notes.add(flow, read.operand.place(), "F10", message);
    }
}

/// A list of targets must end with one that is always taken.
fn total(flow: &Flow, targets: &Targets, notes: &mut Notes) {
    reachable(flow, targets, notes);
    if let Some(guard) = targets.0.last().and_then(|last| last.guard.as_ref()) {
        notes.add(
            flow,
            guard.place(),
            CODE,
            "the last entry has a guard, so that nothing may be left to do; add one without `if`",
        );
    }
}

fn reachable(flow: &Flow, targets: &Targets, notes: &mut Notes) {
    let guards: Vec<_> = targets
        .0
        .iter()
        .filter(|target| target.pattern.is_none())
        .map(|target| target.guard.as_ref())
        .collect();
    taken(flow, &guards, targets.place(), notes);
}

/// Entries behind one that always holds, or whose guard was tried before, are never taken.
fn taken(flow: &Flow, guards: &[Option<&At<Guard>>], place: (u32, u32), notes: &mut Notes) {
    let mut seen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut before: Vec<&Condition> = Vec::new();
    for (index, guard) in guards.iter().enumerate() {
        let Some(guard) = guard else {
            if index + 1 < guards.len() {
                let place = guards[index + 1].map_or(place, At::place);
                notes.add(flow, place, CODE, "an entry before this one has no guard, so this one is never taken; move that one to the end");
            }
            return;
        };
        let words = equals(&guard.condition);
        let known = words.as_ref().is_some_and(|(path, words)| {
            seen.get(path).is_some_and(|seen| words.iter().all(|word| seen.contains(word)))
        });
        if before.contains(&&guard.condition) || known {
            notes.add(
                flow,
                guard.place(),
                CODE,
                "an entry before this one holds whenever this one does; delete it or change its guard",
            );
        }
        if let Some((path, words)) = words {
            seen.entry(path).or_default().extend(words);
        }
        before.push(&guard.condition);
    }
}

/// `path == word` and `path in [words]`, as path and words.
fn equals(condition: &Condition) -> Option<(&str, Vec<String>)> {
    let word = |operand: &Operand| match operand {
        Operand::Text(text) => Some(text.clone()),
        Operand::Int(number) => Some(number.to_string()),
        Operand::Bool(value) => Some(value.to_string()),
        Operand::Path(_) => None,
    };
    match condition {
        Condition::Compare(Operand::Path(path), Comparison::Equal, right) => Some((path, vec![word(right)?])),
        Condition::In(Operand::Path(path), set) => Some((path, set.iter().map(word).collect::<Option<_>>()?)),
        _ => None,
    }
}

fn condition(flow: &Flow, at: &At<Guard>, condition: &Condition, scope: Scope<'_>, notes: &mut Notes) {
    match condition {
        Condition::Not(inner) => self::condition(flow, at, inner, scope, notes),
        Condition::And(all) | Condition::Or(all) => {
            all.iter().for_each(|inner| self::condition(flow, at, inner, scope, notes));
        }
        Condition::Holds(operand) => match operand {
            Operand::Path(_) => {
                known(flow, at, operand, scope, notes);
            }
            _ => notes.add(
                flow,
                at.place(),
                CODE,
                format!("`{}` is not a path, so it always holds; name a path", at.text),
            ),
        },
        Condition::Compare(left, comparison, right) => {
            let (Some(a), Some(b)) =
                (known(flow, at, left, scope, notes), known(flow, at, right, scope, notes))
            else {
                return;
            };
            compared(flow, at, (left, a), *comparison, (right, b), notes);
        }
        Condition::In(operand, set) => {
            let Some(kind) = known(flow, at, operand, scope, notes) else { return };
            for entry in set {
                if let Some(other) = known(flow, at, entry, scope, notes) {
                    compared(flow, at, (operand, kind), Comparison::Equal, (entry, other), notes);
                }
            }
        }
    }
}

fn known(
    flow: &Flow,
    at: &At<Guard>,
    operand: &Operand,
    scope: Scope<'_>,
    notes: &mut Notes,
) -> Option<Type> {
    match types::of(flow, operand, scope) {
        Ok(kind) => kind,
        Err((code, message)) => {
            notes.add(flow, at.place(), code, message);
            None
        }
    }
}

fn compared(
    flow: &Flow,
    at: &At<Guard>,
    left: (&Operand, Type),
    comparison: Comparison,
    right: (&Operand, Type),
    notes: &mut Notes,
) {
    let number = |kind: Type| matches!(kind, Type::Int | Type::Money);
    let word = |kind: Type| matches!(kind, Type::Text | Type::Word | Type::Localized);
    let fits = match comparison {
        Comparison::Equal | Comparison::NotEqual => {
            (number(left.1) && number(right.1)) || (word(left.1) && word(right.1)) || left.1 == right.1
        }
        _ => number(left.1) && number(right.1),
    };
    if !fits {
        let message = format!(
            "`{}` compares {} with {}, which never compare; compare numbers with numbers and words with words",
            at.text,
            a_kind(left.1),
            a_kind(right.1)
        );
        notes.add(flow, at.place(), CODE, message);
        return;
    }
    for (path, literal) in [(left.0, right.0), (right.0, left.0)] {
        if let (Operand::Path(path), Operand::Text(word)) = (path, literal)
            && let Some(words) = words_of(flow, path)
            && !words.contains(&word.as_str())
        {
            let near = types::nearest(word, words.iter().copied());
            notes.add(
                flow,
                at.place(),
                CODE,
                format!("`{path}` is never `{word}`, it is one of {}{near}", words.join(", ")),
            );
        }
    }
}

/// The words that a path can be, where they are a closed set.
fn words_of<'a>(flow: &'a Flow, path: &str) -> Option<Vec<&'a str>> {
    match path {
        "order.status" => Some(ORDER_STATUSES.iter().map(|status| status.code()).collect()),
        "conversation.language" | "heard.language" => {
            Some(Language::ALL.iter().map(|language| language.code()).collect())
        }
        _ => {
            let slot = flow.file.slots.get(path.strip_prefix("slot.")?)?;
            (slot.kind == SlotKind::Word).then(|| slot.values.iter().map(String::as_str).collect())
        }
    }
}

fn a_kind(kind: Type) -> &'static str {
    match kind {
        Type::Bool => "a yes or no",
        Type::Int => "a number",
        Type::Money => "an amount",
        Type::Time => "a moment",
        Type::Text => "a text",
        Type::Word => "a word",
        Type::Localized => "a text of the shop",
        Type::Rows => "a list",
        Type::Qris => "a QRIS",
        Type::Paper => "a picture of words",
        Type::Data => "data",
    }
}
