//! F03: loops in which nobody is asked anything. F11: flows that call themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::Notes;
use super::slots::true_slots;
use crate::dialogue::flow::guard::{Comparison, Condition, Operand};
use crate::dialogue::flow::model::Args;
use crate::dialogue::flow::ways::{Goal, Kind, Way};
use crate::dialogue::flow::{Flow, Flows};

/// A state of a flow.
type Node<'a> = (&'a str, &'a str);

pub fn check(flows: &Flows, notes: &mut Notes) {
    silent(flows, notes);
    recursive(flows, notes);
}

/// Ways that are taken without anybody waiting, between states of all flows.
fn silent(flows: &Flows, notes: &mut Notes) {
    let passing = passing(flows);
    let mut edges: BTreeMap<Node<'_>, Vec<Node<'_>>> = BTreeMap::new();
    for flow in flows.current() {
        for way in flow.ways() {
            let Some(from) = way.from else { continue };
            let called = flow.state(from).and_then(|state| state.call.as_ref());
            let quiet = match way.kind {
                Kind::AtOnce | Kind::Outcome => true,
                // What was called may come back without having asked anything.
                Kind::Then => called.is_some_and(|called| passing.contains(called.value.as_str())),
                _ => false,
            };
            let Some((from, _)) = flow.file.states.placed().find(|(name, _)| name.value == from && quiet)
            else {
                continue;
            };
            edges.entry((&flow.name, &from.value)).or_default().extend(goal_states(flows, flow, &way));
        }
    }
    for node in edges.keys() {
        if let Some(path) = cycle(&edges, *node)
            && path.iter().min() == Some(node)
            && let Some(flow) = flows.get(node.0)
        {
            let place = flow.file.states.place_of(node.1).unwrap_or((1, 1));
            let names: Vec<String> =
                path.iter().chain([node]).map(|(flow, state)| format!("{flow}.{state}")).collect();
            let message = format!(
                "a loop in which nobody is asked anything: {}; let a state of it wait",
                names.join(" → ")
            );
            notes.add(flow, place, "F03", message);
        }
    }
}

/// The states that a way leads to. A flow that is begun is followed through the branch at its start, without the entries
/// that need slots which nobody gives it: they are empty then.
fn goal_states<'a>(flows: &'a Flows, flow: &'a Flow, way: &Way<'_>) -> Vec<Node<'a>> {
    let begun = |name: &str| -> Option<(&'a Flow, Vec<String>)> {
        let begun: &Flow = flows.get(name)?;
        let start = begun.file.start.as_ref()?.at.value.clone();
        let with =
            way.target.map(|target| &target.with).or_else(|| Some(&flow.state(way.from?)?.value.with))?;
        let Some(when) = begun.state(&start).and_then(|state| state.when.as_ref()) else {
            return Some((begun, vec![start]));
        };
        let mut possible = Vec::new();
        for target in &when.0 {
            let mut needs = BTreeSet::new();
            if let Some(guard) = &target.guard {
                true_slots(&guard.condition, &mut needs);
            }
            if needs.iter().all(|slot| with.contains_key(slot)) {
                possible.extend(target.goto.as_ref().map(|state| state.value.clone()));
            }
            if target.guard.as_ref().is_some_and(|guard| is_given(&guard.condition, with)) {
                break;
            }
        }
        Some((begun, possible))
    };
    let found = match &way.goal {
        Goal::State(name) => Some((flow, vec![name.clone()])),
        Goal::Call { flow: name, at: Some(at) } => {
            flows.get(name).map(|flow| (flow.as_ref(), vec![at.clone()]))
        }
        Goal::Call { flow: name, at: None } | Goal::Transfer(name) => begun(name),
        Goal::Back | Goal::End(_) | Goal::Stay => None,
    };
    let Some((flow, names)) = found else { return Vec::new() };
    let node = |name: &String| {
        let (name, _) = flow.file.states.placed().find(|(known, _)| known.value == *name)?;
        Some((flow.name.as_str(), name.value.as_str()))
    };
    names.iter().filter_map(node).collect()
}

/// Whether a condition holds because of a word that is given: `slot.at == all`, given `at: "'all'"`.
fn is_given(condition: &Condition, with: &Args) -> bool {
    match condition {
        Condition::Compare(Operand::Path(path), Comparison::Equal, word @ Operand::Text(_)) => path
            .strip_prefix("slot.")
            .and_then(|slot| with.get(slot))
            .is_some_and(|given| given.value == *word),
        _ => false,
    }
}

/// Flows that may come from their start to their end without waiting for anybody.
fn passing(flows: &Flows) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for flow in flows.current() {
        let Some(start) = &flow.file.start else { continue };
        let mut open = vec![start.at.value.clone()];
        open.extend(start.otherwise.iter().map(|name| name.value.clone()));
        let mut seen = BTreeSet::new();
        let ways = flow.ways();
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let quiet = |kind: Kind| matches!(kind, Kind::AtOnce | Kind::Outcome);
            for way in ways.iter().filter(|way| way.from == Some(name.as_str()) && quiet(way.kind)) {
                match &way.goal {
                    Goal::State(next) => open.push(next.clone()),
                    Goal::End(_) | Goal::Back => {
                        found.insert(flow.name.as_str());
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

/// The shortest way from a node back to itself, without its end.
fn cycle<'a>(edges: &BTreeMap<Node<'a>, Vec<Node<'a>>>, start: Node<'a>) -> Option<Vec<Node<'a>>> {
    let mut came: BTreeMap<Node<'a>, Node<'a>> = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        for next in edges.get(&node).into_iter().flatten() {
            if *next == start {
                let mut path = vec![node];
                while let Some(before) =
                    path.last().filter(|last| **last != start).and_then(|last| came.get(last))
                {
                    path.push(*before);
                }
                path.reverse();
                return Some(path);
            }
            if !came.contains_key(next) {
                came.insert(*next, node);
                open.push_back(*next);
            }
        }
    }
    None
}

/// A flow stands on the stack once: one that comes to call itself would throw away what lies between.
fn recursive(flows: &Flows, notes: &mut Notes) {
    let calls = |flow: &Flow| -> Vec<(String, (u32, u32))> {
        flow.ways()
            .into_iter()
            .filter_map(|way| match way.goal {
                Goal::Call { flow, .. } => Some((flow, way.place)),
                _ => None,
            })
            .collect()
    };
    for flow in flows.current().filter(|flow| !super::is_global(flow)) {
        for (called, place) in calls(flow) {
            let mut open = vec![called.clone()];
            let mut seen = BTreeSet::new();
            while let Some(name) = open.pop() {
                if name == flow.name {
                    let message = format!(
                        "calling `{called}` may come to call `{}` again, which would drop the answers given so far; use `transfer`, or end first",
                        flow.name
                    );
                    notes.add(flow, place, "F11", message);
                    break;
                }
                if seen.insert(name.clone())
                    && let Some(next) = flows.get(&name)
                {
                    open.extend(calls(next).into_iter().map(|(name, _)| name));
                }
            }
        }
    }
}
