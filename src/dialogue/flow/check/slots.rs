//! F10: slots that nobody fills, that nobody reads, or that an effect needs before they can be filled.

use std::collections::{BTreeMap, BTreeSet};

use super::scan::scan;
use super::{Notes, is_global};
use crate::dialogue::effect;
use crate::dialogue::flow::guard::{Comparison, Condition, Guard, Operand};
use crate::dialogue::flow::model::{Args, At, SlotKind};
use crate::dialogue::flow::ways::{Goal, Kind, Way};
use crate::dialogue::flow::{Flow, Flows};
use crate::dialogue::reply::Class;
use crate::dialogue::understand;

const CODE: &str = "F10";
/// What is often not known.
const UNSURE: [&str; 3] = ["heard.", "customer.", "store."];
/// Slots by which the world knows what `product.*`, `category.*` and `order.*` are about.
const READ_BY_WORLD: [&str; 4] = ["category", "product", "variant", "order"];

pub fn check(flows: &Flows, notes: &mut Notes) {
    let callers = callers(flows);
    for flow in flows.current().filter(|flow| !is_global(flow)) {
        let filled = filled(flow, &callers);
        let read = read(flow);
        for (slot, declared) in flow.file.slots.placed() {
            if declared.kind == SlotKind::Word && declared.values.is_empty() {
                notes.add(
                    flow,
                    slot.place(),
                    CODE,
                    format!("the words of `{}` are missing; add `values: […]`", slot.value),
                );
            }
            if !filled.contains(slot.value.as_str()) {
                notes.add(
                    flow,
                    slot.place(),
                    CODE,
                    format!("nothing fills `{}`; ask for it, set it, or delete it", slot.value),
                );
            } else if !read.contains(slot.value.as_str()) && !READ_BY_WORLD.contains(&slot.value.as_str()) {
                notes.add(
                    flow,
                    slot.place(),
                    CODE,
                    format!("nothing reads `{}`; use it or delete it", slot.value),
                );
            }
        }
        needed(flow, &callers, notes);
    }
}

/// What other flows, and buttons of notices, give a flow when they begin it: one set for each place that does.
type Callers = BTreeMap<String, Vec<BTreeSet<String>>>;

fn callers(flows: &Flows) -> Callers {
    let mut callers = Callers::new();
    for flow in flows.current() {
        for way in flow.ways() {
            let (Goal::Call { flow: name, at: None } | Goal::Transfer(name)) = &way.goal else { continue };
            let with = match way.target {
                Some(target) => target.with.keys().cloned().collect::<BTreeSet<String>>(),
                None => way
                    .from
                    .and_then(|state| flow.state(state))
                    .map(|state| state.with.keys().cloned().collect())
                    .unwrap_or_default(),
            };
            let groups = way.target.and_then(|target| target.pattern.as_ref());
            let groups =
                groups.into_iter().flat_map(|pattern| pattern.0.capture_names().flatten()).map(str::to_owned);
            let heard = understand::filled_by(&way.label).iter().map(|slot| (*slot).to_owned());
            callers
                .entry(name.clone())
                .or_default()
                .push(with.into_iter().chain(groups).chain(heard).collect());
        }
    }
    // A button that stands for an intent carries its slots to the flow that the intent begins.
    for flow in flows.current() {
        let states = flow.file.states.values().flat_map(|state| &state.buttons);
        let notices =
            flow.file.signals.values().flat_map(|notices| &notices.0).flat_map(|notice| &notice.buttons);
        for button in states.chain(notices) {
            let Some(intent) = &button.intent else { continue };
            let begun = super::global_of(flows, flow).and_then(|global| global.file.interrupts.get(intent));
            for target in begun.into_iter().flat_map(|targets| &targets.0) {
                if let Some(name) = target.call.as_ref().or(target.transfer.as_ref()) {
                    let given = button.set.keys().chain(target.with.keys()).cloned().collect();
                    callers.entry(name.value.clone()).or_default().push(given);
                }
            }
        }
    }
    callers
}

fn filled<'a>(flow: &'a Flow, callers: &'a Callers) -> BTreeSet<&'a str> {
    let mut filled: BTreeSet<&str> = flow.ways().into_iter().flat_map(|way| way.fills).collect();
    for state in flow.file.states.values() {
        filled.extend(state.ask.iter().map(|slot| slot.as_str()));
        let sets =
            state.buttons.iter().map(|button| &button.set).chain(state.list.iter().map(|list| &list.set));
        filled.extend(sets.flat_map(Args::keys).map(String::as_str));
    }
    filled.extend(callers.get(&flow.name).into_iter().flatten().flatten().map(String::as_str));
    filled
}

fn read(flow: &Flow) -> BTreeSet<&str> {
    let scan = scan(flow);
    let operands = scan
        .reads
        .iter()
        .map(|read| &read.operand.value)
        .chain(scan.guards.iter().flat_map(|guarded| guarded.guard.condition.operands()));
    operands.filter_map(slot_of).collect()
}

fn slot_of(operand: &Operand) -> Option<&str> {
    match operand {
        Operand::Path(path) => path.strip_prefix("slot."),
        _ => None,
    }
}

/// What an effect must be given is filled on every way to it.
fn needed(flow: &Flow, callers: &Callers, notes: &mut Notes) {
    let known = known(flow, callers);
    for (name, state) in flow.file.states.placed() {
        let Some(spec) = state.effect.as_ref().and_then(|name| effect::spec(name)) else { continue };
        let Some(known) = known.get(name.value.as_str()) else { continue };
        for (argument, operand) in state.with.placed() {
            let must = spec.args.iter().any(|(known, _, must)| *known == argument.value && *must);
            let Some(slot) = slot_of(operand).filter(|_| must) else { continue };
            if !known.contains(slot) {
                let message = format!(
                    "`{}` needs `{}`, but a way leads here on which the slot `{slot}` is not filled; ask for it first, or guard that way",
                    spec.name, argument.value
                );
                notes.add(flow, operand.place(), CODE, message);
            }
        }
    }
}

/// For each state the slots that are filled whenever it is entered; states that are never entered are left out.
fn known<'a>(flow: &'a Flow, callers: &'a Callers) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let ways = flow.ways();
    let mut open: Vec<(String, BTreeSet<&str>)> = Vec::new();
    if let Some(start) = &flow.file.start {
        let given = at_start(flow, callers);
        open.push((start.at.value.clone(), given.clone()));
        open.extend(start.otherwise.iter().map(|state| (state.value.clone(), given.clone())));
    }
    // A press of class `safe` begins the flow at the state with nothing but its own slots.
    for way in ways.iter().filter(|way| way.kind == Kind::Choice(Class::Safe)) {
        if let Goal::State(name) = &way.goal {
            open.push((name.clone(), way.fills.clone()));
        }
    }
    while let Some((name, before)) = open.pop() {
        let Some((name, _)) = flow.file.states.placed().find(|(known, _)| known.value == name) else {
            continue;
        };
        let name = name.value.as_str();
        let now: BTreeSet<&str> = match known.get(name) {
            Some(seen) => seen.intersection(&before).copied().collect(),
            None => before,
        };
        if known.get(name) == Some(&now) {
            continue;
        }
        known.insert(name, now.clone());
        for way in ways.iter().filter(|way| way.from == Some(name) || way.from.is_none()) {
            if let Goal::State(to) = &way.goal {
                let implied = implied(way);
                let mut after = now.clone();
                // What is set to something that may not be there is not filled for sure.
                after.extend(way.fills.iter().copied().filter(|slot| !may_be_nothing(way, slot)));
                after.extend(implied);
                open.push((to.clone(), after));
            }
        }
    }
    known
}

/// What every place that begins the flow gives it.
fn at_start<'a>(flow: &Flow, callers: &'a Callers) -> BTreeSet<&'a str> {
    let heard =
        flow.file.start.as_ref().is_some_and(|start| !start.intents.is_empty() || !start.commands.is_empty());
    let mut sets = callers.get(&flow.name).into_iter().flatten().filter(|_| !heard);
    let Some(first) = sets.next() else { return BTreeSet::new() };
    let first: BTreeSet<&str> = first.iter().map(String::as_str).collect();
    sets.fold(first, |all, next| all.into_iter().filter(|slot| next.contains(*slot)).collect())
}

/// Whether a way sets a slot to what may not be known, without a guard that it is.
fn may_be_nothing(way: &Way<'_>, slot: &str) -> bool {
    let Some(target) = way.target else { return false };
    let Some(Operand::Path(path)) = target.set.get(slot).map(|operand| &operand.value) else { return false };
    let known = target.guard.as_ref().is_some_and(|guard| holds_path(&guard.condition, path));
    UNSURE.iter().any(|noun| path.starts_with(noun)) && !known
}

fn holds_path(condition: &Condition, path: &str) -> bool {
    match condition {
        Condition::Holds(Operand::Path(known)) => known == path,
        Condition::And(all) => all.iter().any(|inner| holds_path(inner, path)),
        _ => false,
    }
}

/// Slots that are filled because the guards of a way and of those before it say so.
fn implied<'a>(way: &Way<'a>) -> BTreeSet<&'a str> {
    let mut slots = BTreeSet::new();
    let holds = |guard: &'a At<Guard>, slots: &mut BTreeSet<&'a str>| true_slots(&guard.condition, slots);
    if let Some(guard) = way.target.and_then(|target| target.guard.as_ref()) {
        holds(guard, &mut slots);
    }
    for guard in way.before.iter().filter_map(|target| target.guard.as_ref()) {
        if let Condition::Not(inner) = &guard.condition {
            true_slots(inner, &mut slots);
        }
    }
    slots
}

/// Slots that are filled when a condition holds.
pub(super) fn true_slots<'a>(condition: &'a Condition, slots: &mut BTreeSet<&'a str>) {
    match condition {
        Condition::Holds(operand)
        | Condition::Compare(
            operand,
            Comparison::Equal | Comparison::GreaterOrEqual | Comparison::Greater,
            _,
        )
        | Condition::In(operand, _) => {
            slots.extend(slot_of(operand));
            // What is known of an order is known of the one in the slot.
            if matches!(operand, Operand::Path(path) if path.starts_with("order.") || path.starts_with("payment."))
            {
                slots.insert("order");
            }
        }
        Condition::And(all) => all.iter().for_each(|inner| true_slots(inner, slots)),
        _ => {}
    }
}
