//! F06: patterns that match too much, or what another takes before them. F07: words that two places claim.

use std::collections::BTreeMap;

use super::{Notes, global_of, is_global};
use crate::dialogue::flow::model::{At, Cases, Entries, Target};
use crate::dialogue::flow::pattern::Pattern;
use crate::dialogue::flow::{Flow, Flows};

pub fn check(flows: &Flows, notes: &mut Notes) {
    for flow in flows.current() {
        for state in flow.file.states.values() {
            patterns(flows, flow, &state.hears, notes);
        }
        patterns(flows, flow, &flow.file.interrupts, notes);
        hides_person(flows, flow, notes);
    }
    claims(flows, notes);
}

fn patterns(flows: &Flows, flow: &Flow, heard: &Entries<At<Cases<Target>>>, notes: &mut Notes) {
    let mut before: Vec<(&At<Pattern>, &str)> = Vec::new();
    let entries =
        heard.iter().flat_map(|(name, targets)| targets.0.iter().map(move |target| (name.as_str(), target)));
    for (name, target) in entries {
        let Some(pattern) = &target.pattern else { continue };
        let place = pattern.place();
        let text = pattern.0.as_str();
        if pattern.0.is_match("") {
            notes.add(
                flow,
                place,
                "F06",
                format!("`{name}` matches an empty text; make a part of it necessary"),
            );
        }
        if !is_anchored(text) {
            notes.add(
                flow,
                place,
                "F06",
                format!(
                    "`{name}` is not anchored; write `^(?:…)$`, patterns are held against the whole text"
                ),
            );
        }
        let samples = pattern.samples();
        let shadow = before.iter().find(|(earlier, _)| {
            !samples.is_empty() && samples.iter().all(|sample| earlier.0.is_match(sample))
        });
        if let Some((earlier, other)) = shadow {
            let message = format!(
                "`{name}` is never heard: `{other}` in line {} takes everything before it; put this one first",
                earlier.line
            );
            notes.add(flow, place, "F06", message);
        }
        before.push((pattern, name));
        groups(flows, flow, target, pattern, notes);
    }
}

/// Named groups fill slots, of this flow or of the one that is begun.
fn groups(flows: &Flows, flow: &Flow, target: &Target, pattern: &At<Pattern>, notes: &mut Notes) {
    let begun = target.call.as_ref().or(target.transfer.as_ref()).and_then(|name| flows.get(name));
    let slots = begun.map_or(&flow.file.slots, |flow| &flow.file.slots);
    for group in pattern.0.capture_names().flatten().filter(|group| !slots.contains_key(group)) {
        let whose = begun.map_or("the flow".to_owned(), |flow| format!("the flow `{}`", flow.name));
        notes.add(
            flow,
            pattern.place(),
            "F10",
            format!("{whose} has no slot `{group}`, which this pattern fills"),
        );
    }
}

/// Whether a pattern begins with `^`, ends with `$`, and has no `|` outside of brackets.
fn is_anchored(pattern: &str) -> bool {
    let mut body = pattern;
    if let Some((flags, rest)) = body.strip_prefix("(?").and_then(|rest| rest.split_once(')'))
        && flags.chars().all(|flag| flag.is_ascii_alphabetic() || flag == '-')
    {
        body = rest;
    }
    let (mut depth, mut escaped, mut class) = (0_i32, false, false);
    let mut ends = false;
    for letter in body.chars() {
        ends = letter == '$' && !escaped && !class;
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth -= 1,
            '|' if !class && depth == 0 => return false,
            _ => {}
        }
    }
    body.starts_with('^') && ends
}

/// A state or flow that hears `human` for itself must still lead to a person.
fn hides_person(flows: &Flows, flow: &Flow, notes: &mut Notes) {
    let Some(global) = global_of(flows, flow) else { return };
    let human = global.file.fallback.as_ref().and_then(|fallback| fallback.human.as_ref());
    let Some(human) = human.filter(|human| human.value != flow.name) else { return };
    if is_global(flow) {
        return;
    }
    let heard = flow
        .file
        .states
        .values()
        .filter_map(|state| state.hears.placed().find(|(name, _)| name.value == "human"));
    let own = flow.file.interrupts.placed().find(|(name, _)| name.value == "human");
    for (name, targets) in heard.chain(own) {
        let leads = targets.0.iter().any(|target| {
            target.call.as_ref().or(target.transfer.as_ref()).is_some_and(|flow| flow.value == human.value)
        });
        if !leads {
            let message = format!(
                "this hides the way to a person; lead to the flow `{}`, or do not hear `human` here",
                human.value
            );
            notes.add(flow, name.place(), "F07", message);
        }
    }
}

/// An intent or a command that two places claim is heard by one of them only.
fn claims(flows: &Flows, notes: &mut Notes) {
    let mut taken: BTreeMap<(bool, String), String> = BTreeMap::new();
    for flow in flows.current().filter(|flow| is_global(flow)) {
        let staff = flow.role() == crate::dialogue::conversation::Role::Staff;
        for name in flow.file.interrupts.keys() {
            taken.insert((staff, name.clone()), flow.path.clone());
        }
        for name in flow.file.commands.keys() {
            taken.insert((staff, format!("/{name}")), flow.path.clone());
        }
    }
    for flow in flows.current() {
        let staff = flow.role() == crate::dialogue::conversation::Role::Staff;
        let Some(start) = &flow.file.start else { continue };
        let intents = start.intents.iter().map(|name| (name, name.value.clone()));
        let commands = start.commands.iter().map(|name| (name, format!("/{}", name.value)));
        for (name, claim) in intents.chain(commands) {
            if let Some(other) = taken.insert((staff, claim.clone()), flow.path.clone()) {
                let message = format!(
                    "`{claim}` is claimed by {other} too, so that only one of them hears it; keep one"
                );
                notes.add(flow, name.place(), "F07", message);
            }
        }
    }
}
