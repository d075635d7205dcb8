//! F01: names that lead nowhere, and states and flows that nobody reaches.

use std::collections::{BTreeMap, BTreeSet};

use super::{Notes, global_of, is_global, types};
use crate::dialogue::event::SIGNALS;
use crate::dialogue::flow::model::{At, Entries, SlotKind};
use crate::dialogue::flow::ways::{Goal, Kind, Way};
use crate::dialogue::flow::{Flow, Flows};
use crate::dialogue::understand::{self, Intent};

const CODE: &str = "F01";

pub fn check(flows: &Flows, notes: &mut Notes) {
    let entered = entries(flows);
    let begun = reached(flows);
    for flow in flows.current() {
        own_name(flow, notes);
        starts(flows, flow, notes);
        for way in flow.ways() {
            leads(flows, flow, &way, notes);
        }
        named(flow, notes);
        intents(flows, flow, notes);
        if is_global(flow) {
            continue;
        }
        if !begun.contains(flow.name.as_str()) {
            let message =
                "nothing begins this flow: give it `start: { intents: … }` or `commands`, or call it";
            notes.add(flow, flow.file.flow.place(), CODE, message);
        }
        let visited = visited(flow, entered.get(flow.name.as_str()).into_iter().flatten());
        for (name, _) in flow.file.states.placed() {
            if !visited.contains(name.as_str()) {
                let message =
                    format!("nothing leads to the state `{}`; lead there, or delete it", name.value);
                notes.add(flow, name.place(), CODE, message);
            }
        }
    }
}

fn own_name(flow: &Flow, notes: &mut Notes) {
    let file = flow.path.rsplit(['/', '\\']).next().unwrap_or_default();
    if file.strip_suffix(".yaml").is_some_and(|stem| stem != flow.name) {
        let message =
            format!("the flow is called `{}`, its file `{file}`; give both the same name", flow.name);
        notes.add(flow, flow.file.flow.place(), CODE, message);
    }
}

fn starts(flows: &Flows, flow: &Flow, notes: &mut Notes) {
    let state = |name: &At<String>, notes: &mut Notes| {
        if flow.state(name).is_none() {
            let near = types::nearest(name, flow.file.states.keys().map(String::as_str));
            notes.add(flow, name.place(), CODE, format!("there is no state `{}`{near}", name.value));
        }
    };
    let file = &flow.file;
    match &file.start {
        Some(start) => {
            state(&start.at, notes);
            start.otherwise.iter().for_each(|name| state(name, notes));
            if start.guard.is_some() != start.otherwise.is_some() {
                notes.add(
                    flow,
                    start.at.place(),
                    CODE,
                    "`if` and `else` of `start` stand together or not at all",
                );
            }
        }
        None if !is_global(flow) => {
            notes.add(
                flow,
                file.flow.place(),
                CODE,
                "the flow does not say where it begins; add `start: { at: … }`",
            );
        }
        None => {}
    }
    if !is_global(flow) {
        let foreign =
            file.commands.placed().map(|(name, _)| name).chain(file.signals.placed().map(|(name, _)| name));
        for name in foreign.chain(&file.home) {
            notes.add(
                flow,
                name.place(),
                CODE,
                "this stands only in `_global.yaml` and `_staff.yaml`; move it there",
            );
        }
        return;
    }
    let human = file.fallback.as_ref().and_then(|fallback| fallback.human.as_ref());
    for name in file.home.iter().chain(human) {
        flow_named(flows, flow, name, name.place(), notes);
    }
    let place = file.flow.place();
    let fixed = [
        ("home", file.home.is_some()),
        ("fallback", file.fallback.is_some()),
        ("stale", file.stale.is_some()),
        ("used", file.used.is_some()),
        ("unknown_press", file.unknown_press.is_some()),
        ("media", file.media.is_some()),
        ("too_long", file.too_long.is_some()),
        ("restarted", file.restarted.is_some()),
    ];
    for (key, _) in fixed.iter().filter(|(_, there)| !there) {
        notes.add(flow, place, CODE, format!("`{key}:` is missing; without it the chat falls silent there"));
    }
}

fn flow_named(flows: &Flows, flow: &Flow, name: &str, place: (u32, u32), notes: &mut Notes) {
    let known = flows.current().map(|flow| flow.name.as_str()).filter(|name| !name.starts_with('_'));
    match flows.get(name) {
        Some(other) if other.role() != flow.role() => {
            let message = format!(
                "`{name}` is a flow for {:?}, this one is not; lead to a flow of the same role",
                other.file.role
            );
            notes.add(flow, place, CODE, message.to_lowercase());
        }
        Some(other) if !is_global(other) => {}
        _ => {
            notes.add(flow, place, CODE, format!("there is no flow `{name}`{}", types::nearest(name, known)))
        }
    }
}

/// Where a way leads must be there, and what is given along must be slots there.
fn leads(flows: &Flows, flow: &Flow, way: &Way<'_>, notes: &mut Notes) {
    match &way.goal {
        Goal::State(name) if flow.state(name).is_none() => {
            let near = types::nearest(name, flow.file.states.keys().map(String::as_str));
            let global = if is_global(flow) {
                "; a file of what is heard everywhere leads to flows, by `call` or `transfer`"
            } else {
                ""
            };
            notes.add(flow, way.place, CODE, format!("there is no state `{name}`{near}{global}"));
        }
        Goal::Call { flow: name, at } => {
            flow_named(flows, flow, name, way.place, notes);
            given(flows, flow, way, name, notes);
            if let (Some(at), Some(called)) = (at, flows.get(name))
                && called.state(at).is_none()
            {
                notes.add(flow, way.place, CODE, format!("the flow `{name}` has no state `{at}`"));
            }
        }
        Goal::Transfer(name) => {
            flow_named(flows, flow, name, way.place, notes);
            given(flows, flow, way, name, notes);
        }
        _ => {}
    }
}

fn given(flows: &Flows, flow: &Flow, way: &Way<'_>, name: &str, notes: &mut Notes) {
    let Some(called) = flows.get(name) else { return };
    let with = match way.target {
        Some(target) => &target.with,
        None => match way.from.and_then(|state| flow.state(state)) {
            Some(state) => &state.value.with,
            None => return,
        },
    };
    for (slot, _) in with.placed() {
        if !called.file.slots.contains_key(slot) {
            let near = types::nearest(slot, called.file.slots.keys().map(String::as_str));
            notes.add(
                flow,
                slot.place(),
                "F10",
                format!("the flow `{name}` has no slot `{}`{near}", slot.value),
            );
        }
    }
}

/// Slots and signals that are named.
fn named(flow: &Flow, notes: &mut Notes) {
    let slot = |name: &At<String>, notes: &mut Notes| {
        if !flow.file.slots.contains_key(name) {
            let near = types::nearest(name, flow.file.slots.keys().map(String::as_str));
            notes.add(
                flow,
                name.place(),
                "F10",
                format!("the flow has no slot `{}`{near}; declare it under `slots:`", name.value),
            );
        }
    };
    let signal = |name: &At<String>, notes: &mut Notes| {
        if !SIGNALS.iter().any(|(known, _)| *known == name.value) {
            let near = types::nearest(name, SIGNALS.iter().map(|(known, _)| *known));
            notes.add(flow, name.place(), CODE, format!("there is no signal `{}`{near}", name.value));
        }
    };
    for state in flow.file.states.values() {
        if let Some(asked) = &state.ask {
            slot(asked, notes);
            let silent = flow
                .file
                .slots
                .get(asked)
                .is_some_and(|slot| matches!(slot.kind, SlotKind::Id | SlotKind::Data));
            if silent {
                notes.add(flow, asked.place(), "F10", "a slot of type `id` or `data` takes no typed answer; ask for another type, or offer choices");
            }
        }
        state.wait.placed().for_each(|(name, _)| signal(name, notes));
        // What a button that stands for an intent sets belongs to the flow that the intent begins.
        let own = state.buttons.iter().filter(|button| button.intent.is_none()).map(|button| &button.set);
        let listed = state.list.iter().filter(|list| list.intent.is_none()).map(|list| &list.set);
        own.chain(listed).flat_map(Entries::placed).for_each(|(name, _)| slot(name, notes));
    }
    for way in flow.ways() {
        if let Some(target) = way.target {
            target.set.placed().for_each(|(name, _)| slot(name, notes));
        }
    }
    flow.file.signals.placed().for_each(|(name, _)| signal(name, notes));
}

/// Buttons stand for intents that are heard; names that are heard are intents, have a pattern, or stand on a button.
fn intents(flows: &Flows, flow: &Flow, notes: &mut Notes) {
    let pressed: BTreeSet<&str> =
        flows.current().flat_map(|flow| buttons(flow)).map(|(_, intent)| intent.value.as_str()).collect();
    let heard =
        flow.file.states.values().flat_map(|state| state.hears.placed()).chain(flow.file.interrupts.placed());
    for (name, targets) in heard {
        let pattern = targets.0.iter().any(|target| target.pattern.is_some());
        if !pattern && !is_intent(name) && !pressed.contains(name.as_str()) {
            let message = format!(
                "nothing is ever heard as `{}`: it is no intent, has no `match`, and no button stands for it",
                name.value
            );
            notes.add(flow, name.place(), CODE, message);
        }
    }
    for name in flow.file.start.iter().flat_map(|start| &start.intents).filter(|name| !is_intent(name)) {
        notes.add(flow, name.place(), CODE, format!("there is no intent `{}`", name.value));
    }
    for (state, intent) in buttons(flow) {
        if !is_heard(flows, flow, state, intent) {
            let message = format!(
                "nothing hears `{}`, which this stands for; hear it in the state, in the flow, or everywhere",
                intent.value
            );
            notes.add(flow, intent.place(), CODE, message);
        }
    }
    for (_, notices) in flow.file.signals.placed() {
        for button in notices.0.iter().flat_map(|notice| &notice.buttons) {
            if let Some(goto) = &button.goto {
                notes.add(
                    flow,
                    goto.place(),
                    CODE,
                    "a notice has no states to go to; let the button stand for an intent: `as`",
                );
            } else if button.intent.is_none() {
                notes.add(
                    flow,
                    button.place(),
                    CODE,
                    "this button does nothing; let it stand for an intent: `as`",
                );
            }
        }
    }
}

/// Every button that stands for an intent, with its state.
fn buttons(flow: &Flow) -> impl Iterator<Item = (Option<&str>, &At<String>)> {
    let of_states = flow.file.states.iter().flat_map(|(name, state)| {
        let list = state.list.iter().filter_map(|list| list.intent.as_ref());
        let buttons = state.buttons.iter().filter_map(|button| button.intent.as_ref());
        buttons.chain(list).map(move |intent| (Some(name.as_str()), intent))
    });
    let of_signals =
        flow.file.signals.values().flat_map(|notices| &notices.0).flat_map(|notice| &notice.buttons);
    of_states.chain(of_signals.filter_map(|button| button.intent.as_ref()).map(|intent| (None, intent)))
}

fn is_heard(flows: &Flows, flow: &Flow, state: Option<&str>, intent: &str) -> bool {
    let here =
        state.and_then(|state| flow.state(state)).is_some_and(|state| state.hears.contains_key(intent));
    let role = flow.role();
    if let Some(command) = intent.strip_prefix('/') {
        let global = global_of(flows, flow).is_some_and(|global| global.file.commands.contains_key(command));
        return global || flows.by_command(command, role).is_some();
    }
    here || flow.file.interrupts.contains_key(intent)
        || (!matches!(intent, "affirm" | "deny")
            && (global_of(flows, flow).is_some_and(|global| global.file.interrupts.contains_key(intent))
                || flows.by_intent(intent, role).is_some()))
}

/// Whether understanding can come to an intent.
pub fn is_intent(name: &str) -> bool {
    if understand::is_name(name) {
        return true;
    }
    serde_json::from_value::<Intent>(serde_json::Value::String(name.to_owned()))
        .is_ok_and(|intent| intent != Intent::None)
}

/// States at which other flows begin a flow.
fn entries(flows: &Flows) -> BTreeMap<&str, BTreeSet<String>> {
    let mut entries: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for flow in flows.current() {
        for way in flow.ways() {
            if let Goal::Call { flow: name, at: Some(at) } = way.goal
                && let Some(called) = flows.get(&name)
            {
                entries.entry(called.name.as_str()).or_default().insert(at);
            }
        }
    }
    entries
}

/// Flows that something begins, from home and from what is heard everywhere.
fn reached(flows: &Flows) -> BTreeSet<&str> {
    let mut open: Vec<&str> = Vec::new();
    for flow in flows.current() {
        let start = flow.file.start.as_ref();
        if is_global(flow)
            || start.is_some_and(|start| !start.intents.is_empty() || !start.commands.is_empty())
        {
            open.push(&flow.name);
        }
    }
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some(flow) = flows.get(name).filter(|flow| !found.contains(flow.name.as_str())) else { continue };
        found.insert(flow.name.as_str());
        let human = flow.file.fallback.as_ref().and_then(|fallback| fallback.human.as_ref());
        open.extend(flow.file.home.iter().chain(human).map(|name| name.value.as_str()));
        for way in flow.ways() {
            if let Goal::Call { flow: name, .. } | Goal::Transfer(name) = &way.goal
                && let Some(next) = flows.get(name)
            {
                open.push(&next.name);
            }
        }
    }
    found
}

/// States that can be entered.
fn visited<'a>(flow: &'a Flow, entries: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let mut open: Vec<String> = entries.cloned().collect();
    if let Some(start) = &flow.file.start {
        open.push(start.at.value.clone());
        open.extend(start.otherwise.iter().map(|name| name.value.clone()));
    }
    let ways = flow.ways();
    let states = |way: &Way<'_>| match &way.goal {
        Goal::State(name) => Some(name.clone()),
        _ => None,
    };
    open.extend(ways.iter().filter(|way| way.kind == Kind::Interrupt).filter_map(states));
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        if found.insert(name.clone()) {
            open.extend(ways.iter().filter(|way| way.from == Some(name.as_str())).filter_map(states));
        }
    }
    found
}
