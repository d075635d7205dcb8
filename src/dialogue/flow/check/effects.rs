//! F04: effects whose outcomes or arguments do not fit. F12: money that moves, or stock that is taken, without a yes.

use std::collections::BTreeSet;

use super::scan::Scope;
use super::{Notes, types};
use crate::dialogue::conversation::Role;
use crate::dialogue::effect::{self, EFFECTS, EffectSpec};
use crate::dialogue::flow::guard::Operand;
use crate::dialogue::flow::model::{At, Entries, State};
use crate::dialogue::flow::ways::{Goal, Kind, Way};
use crate::dialogue::flow::{Flow, Flows};

pub fn check(flows: &Flows, notes: &mut Notes) {
    for flow in flows.current() {
        for state in flow.file.states.values() {
            let Some(name) = &state.effect else { continue };
            let Some(spec) = effect::spec(name) else {
                let near = types::nearest(name, EFFECTS.iter().map(|spec| spec.name));
                notes.add(flow, name.place(), "F04", format!("there is no effect `{}`{near}", name.value));
                continue;
            };
            outcomes(flow, name.place(), spec, state, notes);
            arguments(flow, name.place(), spec, &state.with, notes);
            if spec.staff && flow.role() == Role::Customer {
                let message =
                    format!("`{}` is for staff; a flow with `role: customer` may not ask for it", spec.name);
                notes.add(flow, name.place(), "F04", message);
            }
        }
        confirmed(flow, notes);
    }
}

fn outcomes(flow: &Flow, place: (u32, u32), spec: &EffectSpec, state: &State, notes: &mut Notes) {
    for word in spec.outcomes.iter().filter(|word| !state.outcomes.contains_key(word)) {
        let message = format!("the outcome `{word}` of `{}` is not handled; add it to `outcomes`", spec.name);
        notes.add(flow, place, "F04", message);
    }
    for (word, _) in state.outcomes.placed() {
        if !spec.outcomes.contains(&word.value.as_str()) {
            let near = types::nearest(word, spec.outcomes.iter().copied());
            notes.add(
                flow,
                word.place(),
                "F04",
                format!("`{}` never comes to `{}`{near}", spec.name, word.value),
            );
        }
    }
}

fn arguments(
    flow: &Flow,
    place: (u32, u32),
    spec: &EffectSpec,
    with: &Entries<At<Operand>>,
    notes: &mut Notes,
) {
    for (name, _, _) in spec.args.iter().filter(|(name, _, needed)| *needed && !with.contains_key(name)) {
        notes.add(flow, place, "F04", format!("`{}` needs `{name}`; add it to `with`", spec.name));
    }
    for (name, operand) in with.placed() {
        let Some((_, wanted, _)) = spec.args.iter().find(|(known, _, _)| *known == name.value) else {
            let near = types::nearest(name, spec.args.iter().map(|(known, _, _)| *known));
            notes.add(flow, name.place(), "F04", format!("`{}` takes no `{}`{near}", spec.name, name.value));
            continue;
        };
        if let Ok(Some(given)) = types::of(flow, operand, Scope::default())
            && !types::fits(*wanted, given)
        {
            let message =
                format!("`{}` wants `{}` to be {wanted:?}, this is {given:?}", spec.name, name.value);
            notes.add(flow, operand.place(), "F04", message);
        }
    }
}

/// Whether a way is taken without anybody waiting.
fn quiet(kind: Kind) -> bool {
    matches!(kind, Kind::AtOnce | Kind::Outcome | Kind::Then)
}

/// An effect that moves money or takes stock is reached only from a question that a yes answers.
fn confirmed(flow: &Flow, notes: &mut Notes) {
    let ways = flow.ways();
    let costly = flow.file.states.placed().filter_map(|(name, state)| {
        let effect = state.effect.as_ref()?;
        effect::spec(effect)
            .filter(|spec| spec.needs_confirmation)
            .map(|spec| (name.value.as_str(), effect, spec))
    });
    for (costly, effect, spec) in costly {
        let leading = leading(&ways, costly);
        let begins = flow.file.start.iter().flat_map(|start| start.otherwise.iter().chain([&start.at]));
        if begins.into_iter().any(|name| leading.contains(name.value.as_str())) {
            let message = format!(
                "the flow comes to `{}` from its start without asking; ask for a yes first",
                spec.name
            );
            notes.add(flow, effect.place(), "F12", message);
        }
        let enters = |way: &&Way<'_>| matches!(&way.goal, Goal::State(to) if leading.contains(to.as_str()));
        for way in ways.iter().filter(|way| !quiet(way.kind)).filter(enters) {
            let asked = way.from.is_some_and(|from| {
                ways.iter()
                    .filter(enters)
                    .any(|yes| yes.from == Some(from) && yes.label == "affirm" && yes.kind == Kind::Hears)
            });
            if !asked
                || matches!(way.kind, Kind::Interrupt | Kind::Filled | Kind::Retry | Kind::Wait | Kind::After)
            {
                let message = format!(
                    "this leads to `{}` without a yes; lead to a question that hears `affirm` first",
                    spec.name
                );
                notes.add(flow, way.place, "F12", message);
            }
        }
    }
}

/// States from which a state is reached without anybody waiting, itself included.
fn leading<'a>(ways: &'a [Way<'a>], state: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([state]);
    loop {
        let more: Vec<&str> = ways
            .iter()
            .filter(|way| quiet(way.kind))
            .filter(|way| matches!(&way.goal, Goal::State(to) if found.contains(to.as_str())))
            .filter_map(|way| way.from)
            .filter(|from| !found.contains(from))
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}
