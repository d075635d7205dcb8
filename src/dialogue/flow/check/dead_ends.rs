//! F02: states in which a person is stuck, and targets that do not say where they lead.

use super::{Notes, is_global};
use crate::dialogue::conversation::Role;
use crate::dialogue::flow::model::{State, Target};
use crate::dialogue::flow::ways::{Goal, Kind};
use crate::dialogue::flow::{Flow, Flows};

const CODE: &str = "F02";

pub fn check(flows: &Flows, notes: &mut Notes) {
    for flow in flows.current() {
        for (name, state) in flow.file.states.placed() {
            one_way(flow, name.place(), state, notes);
            way_out(flow, name.place(), state, notes);
            answers(flow, state, notes);
        }
        for way in flow.ways() {
            if let Some(target) = way.target {
                complete(flow, way.place, way.kind, target, notes);
            }
        }
        if is_global(flow) {
            global(flows, flow, notes);
        }
    }
}

/// A state either waits or goes on in one way.
fn one_way(flow: &Flow, place: (u32, u32), state: &State, notes: &mut Notes) {
    let ways = [
        ("do", state.effect.is_some()),
        ("when", state.when.is_some()),
        ("call", state.call.is_some()),
        ("transfer", state.transfer.is_some()),
        ("goto", state.goto.is_some()),
        ("back", state.back),
        ("end", state.end.is_some()),
    ];
    let waits = [
        ("buttons", !state.buttons.is_empty()),
        ("list", state.list.is_some()),
        ("ask", state.ask.is_some()),
        ("hears", !state.hears.is_empty()),
        ("wait", !state.wait.is_empty()),
        ("after", !state.after.is_empty()),
    ];
    let on: Vec<&str> = ways.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    let waiting: Vec<&str> = waits.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    if let [first, second, ..] = on.as_slice() {
        notes.add(
            flow,
            place,
            CODE,
            format!("the state goes on by `{first}` and by `{second}`; split it in two"),
        );
    } else if let ([on], [waits, ..]) = (on.as_slice(), waiting.as_slice()) {
        notes.add(
            flow,
            place,
            CODE,
            format!("the state goes on at once by `{on}`, so its `{waits}` is never heard; split it in two"),
        );
    }
    let misplaced = [
        ("outcomes", !state.outcomes.is_empty() && state.effect.is_none(), "do"),
        ("then", state.then.is_some() && state.call.is_none(), "call"),
        (
            "filled",
            state.filled.is_some() && state.ask.is_none() && state.buttons.is_empty() && state.list.is_none(),
            "ask",
        ),
        ("retry", state.retry.is_some() && state.ask.is_none(), "ask"),
        (
            "with",
            !state.with.is_empty()
                && state.effect.is_none()
                && state.call.is_none()
                && state.transfer.is_none(),
            "do",
        ),
        ("choices", state.say.is_none() && (!state.buttons.is_empty() || state.list.is_some()), "say"),
    ];
    for (key, _, needs) in misplaced.iter().filter(|(_, wrong, _)| *wrong) {
        notes.add(
            flow,
            place,
            CODE,
            format!("the state has {key} without `{needs}`, where they mean nothing; add `{needs}`"),
        );
    }
}

/// Whoever comes to a state that waits can leave it by its own means, or time does it for them.
fn way_out(flow: &Flow, place: (u32, u32), state: &State, notes: &mut Notes) {
    if !crate::dialogue::step::waits(state) || is_global(flow) {
        return;
    }
    let leads = |targets: &crate::dialogue::flow::model::Targets| {
        targets.0.iter().any(|target| target.goal() != Some(Goal::Stay))
    };
    let choices = state.list.is_some() || !state.buttons.is_empty();
    let person = choices || state.ask.is_some() || state.hears.values().any(leads);
    let time = state.after.values().any(leads);
    if person || time {
        return;
    }
    let message = if state.wait.is_empty() {
        "nobody gets on from here: say what comes next with buttons, hears, ask, goto or end"
    } else {
        "this waits for a signal that may never come: add `after`, or something that the person can do"
    };
    notes.add(flow, place, CODE, message);
}

/// An answer, and a choice that only sets, need a place to go.
fn answers(flow: &Flow, state: &State, notes: &mut Notes) {
    if state.filled.is_some() {
        return;
    }
    if let Some(asked) = &state.ask {
        notes.add(flow, asked.place(), CODE, "the answer leads nowhere; add `filled`");
    }
    for button in state.buttons.iter().filter(|button| button.goto.is_none() && button.intent.is_none()) {
        notes.add(
            flow,
            button.place(),
            CODE,
            "this button leads nowhere; add `goto` or `as` to it, or `filled` to the state",
        );
    }
    if let Some(list) = state.list.as_ref().filter(|list| list.goto.is_none() && list.intent.is_none()) {
        notes.add(
            flow,
            list.place(),
            CODE,
            "the choices of this list lead nowhere; add `goto` or `as` to it, or `filled` to the state",
        );
    }
}

fn complete(flow: &Flow, place: (u32, u32), kind: Kind, target: &Target, notes: &mut Notes) {
    let ways = [
        ("goto", target.goto.is_some() && target.call.is_none()),
        ("call", target.call.is_some()),
        ("transfer", target.transfer.is_some()),
        ("back", target.back),
        ("stay", target.stay),
        ("end", target.end.is_some()),
    ];
    let on: Vec<&str> = ways.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    match on.as_slice() {
        [] => notes.add(
            flow,
            place,
            CODE,
            "this does not say where it leads: add goto, call, transfer, back, stay or end",
        ),
        [first, second, ..] => {
            notes.add(flow, place, CODE, format!("this leads on by `{first}` and by `{second}`; keep one"));
        }
        ["stay"] => {
            if matches!(kind, Kind::AtOnce | Kind::Outcome | Kind::Then) {
                notes.add(
                    flow,
                    place,
                    CODE,
                    "nothing waits here, so staying is a dead end; lead on to a state",
                );
            } else if target.say.is_none() && !target.choices {
                notes.add(flow, place, CODE, "this stays without a word; add `say`, or `choices: true`");
            }
        }
        [_] => {}
    }
    if target.choices && !target.stay {
        notes.add(flow, place, CODE, "`choices: true` belongs to `stay: true`");
    }
    if target.then.is_some() && target.call.is_none() {
        notes.add(flow, place, CODE, "`then` belongs to `call`");
    }
    if !target.with.is_empty() && target.call.is_none() && target.transfer.is_none() {
        notes.add(
            flow,
            place,
            CODE,
            "`with` belongs to `call` and `transfer`; slots of this flow are filled by `set`",
        );
    }
    if target.strong && kind != Kind::Interrupt {
        notes.add(
            flow,
            place,
            CODE,
            "`strong` belongs to `interrupts`; what a state hears comes first anyway",
        );
    }
    if target.pattern.is_some() && !matches!(kind, Kind::Interrupt | Kind::Hears) {
        notes.add(flow, place, CODE, "`match` belongs to `hears` and `interrupts`");
    }
}

/// From everywhere there is a way to the menu and, for customers, to a person; and the menu greets by itself.
fn global(flows: &Flows, flow: &Flow, notes: &mut Notes) {
    let file = &flow.file;
    let place = file.flow.place();
    let home = file.home.as_ref().map(|home| home.value.as_str());
    let leads_home = |name: &str| {
        let targets = file.commands.get(name).into_iter().flat_map(|targets| &targets.0);
        targets.into_iter().any(|target| {
            target.transfer.as_ref().or(target.call.as_ref()).map(|flow| flow.value.as_str()) == home
        })
    };
    if !leads_home("menu") {
        notes.add(
            flow,
            place,
            CODE,
            "there is no way to the menu from everywhere: add `commands: { menu: { transfer: <home> } }`",
        );
    }
    let person =
        file.interrupts.get("human").is_some_and(|targets| targets.0.iter().any(|target| target.strong));
    if flow.role() == Role::Customer && !person {
        notes.add(
            flow,
            place,
            CODE,
            "there is no way to a person from everywhere: add a strong `human` to `interrupts`",
        );
    }
    if let Some(home) = home.and_then(|home| flows.get(home))
        && let Some(state) = asks_for_effect(home)
    {
        let place = home.file.states.place_of(&state).unwrap_or((1, 1));
        let message = format!(
            "home comes to the effect of `{state}` before it says anything; greet first, the first message waits for it"
        );
        notes.add(home, place, CODE, message);
    }
}

/// A state with an effect that the flow comes to from its start without waiting.
fn asks_for_effect(flow: &Flow) -> Option<String> {
    let start = flow.file.start.as_ref()?;
    let mut open = vec![start.at.value.clone()];
    open.extend(start.otherwise.iter().map(|name| name.value.clone()));
    let ways = flow.ways();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        if flow.state(&name).is_some_and(|state| state.effect.is_some()) {
            return Some(name);
        }
        for way in ways.iter().filter(|way| way.kind == Kind::AtOnce && way.from == Some(name.as_str())) {
            if let Goal::State(next) = &way.goal {
                open.push(next.clone());
            }
        }
    }
    None
}
