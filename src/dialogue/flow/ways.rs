//! The ways through a flow: from which state, by what, to where. The graph draws them and the checks walk them.

use std::collections::BTreeSet;

use super::Flow;
use super::model::{At, State, Target, Targets};
use crate::dialogue::reply::Class;

/// Where a way leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// A state of the flow.
    State(String),
    /// A flow on top, at its start or at a state.
    Call {
        /// The flow.
        flow: String,
        /// The state, where it is not the start.
        at: Option<String>,
    },
    /// A flow instead of everything above home.
    Transfer(String),
    /// What was asked below.
    Back,
    /// The end of the flow.
    End(String),
    /// The same state, without entering it again.
    Stay,
}

/// What makes a way be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// At once, on entering.
    AtOnce,
    /// An outcome of the effect of the state.
    Outcome,
    /// The end of the flow that the state called.
    Then,
    /// Something that the state hears.
    Hears,
    /// An interrupt of the flow.
    Interrupt,
    /// A button or a choice of a list.
    Choice(Class),
    /// The answer to the question of the state.
    Filled,
    /// Too many wrong answers.
    Retry,
    /// A signal.
    Wait,
    /// A deadline.
    After,
}

/// One way.
#[derive(Debug, Clone)]
pub struct Way<'a> {
    /// The state that it leaves; nothing for what is heard in every state of the flow.
    pub from: Option<&'a str>,
    /// What takes it.
    pub kind: Kind,
    /// As a step's trace names it: the part of `flow.state>label` after the arrow.
    pub label: String,
    /// Where it leads.
    pub goal: Goal,
    /// Line and column.
    pub place: (u32, u32),
    /// The target, for ways that have one.
    pub target: Option<&'a Target>,
    /// The targets that are tried before this one.
    pub before: &'a [Target],
    /// Slots that are known to be filled after it, beside those of the target: of the choice, or the answered one.
    pub fills: BTreeSet<&'a str>,
}

impl Flow {
    /// Every way of the flow.
    pub fn ways(&self) -> Vec<Way<'_>> {
        let mut ways = Vec::new();
        for (name, state) in self.file.states.placed() {
            of_state(&name.value, state, name.place(), &mut ways);
        }
        for (name, targets) in self.file.interrupts.placed() {
            push(&mut ways, None, Kind::Interrupt, name, targets, name.place());
        }
        for (name, targets) in self.file.commands.placed() {
            push(&mut ways, None, Kind::Interrupt, &format!("/{}", name.value), targets, name.place());
        }
        ways
    }

    /// What a trace can say of this flow's states: `flow.state` each.
    pub fn state_names(&self) -> impl Iterator<Item = String> {
        self.file.states.keys().map(|state| format!("{}.{state}", self.name))
    }
}

fn of_state<'a>(name: &'a str, state: &'a At<State>, place: (u32, u32), ways: &mut Vec<Way<'a>>) {
    let from = Some(name);
    let plain = |kind: Kind, label: &str, goal: Goal, place: (u32, u32), fills: BTreeSet<&'a str>| Way {
        from,
        kind,
        label: label.to_owned(),
        goal,
        place,
        target: None,
        before: &[],
        fills,
    };
    for button in &state.buttons {
        let fills = button.set.keys().map(String::as_str).collect();
        if let Some(to) = &button.goto {
            let label = format!("goto {}", to.value);
            let kind = Kind::Choice(button.class.class());
            ways.push(plain(kind, &label, Goal::State(to.value.clone()), to.place(), fills));
        }
    }
    if let Some(list) = &state.list
        && let Some(to) = &list.goto
    {
        let fills = list.set.keys().map(String::as_str).collect();
        let label = format!("goto {}", to.value);
        let kind = Kind::Choice(list.class.class());
        ways.push(plain(kind, &label, Goal::State(to.value.clone()), to.place(), fills));
    }
    if let Some(targets) = &state.filled {
        let first = ways.len();
        push(ways, from, Kind::Filled, "filled", targets, targets.place());
        if let Some(asked) = &state.ask {
            ways[first..].iter_mut().for_each(|way| way.fills = BTreeSet::from([asked.as_str()]));
        }
    }
    if let Some(targets) = state.retry.as_ref().and_then(|retry| retry.then.as_ref()) {
        push(ways, from, Kind::Retry, "retry", targets, targets.place());
    }
    for (intent, targets) in state.hears.placed() {
        push(ways, from, Kind::Hears, intent, targets, intent.place());
    }
    for (signal, targets) in state.wait.placed() {
        push(ways, from, Kind::Wait, signal, targets, signal.place());
    }
    for (outcome, targets) in state.outcomes.placed() {
        push(ways, from, Kind::Outcome, outcome, targets, outcome.place());
    }
    if let Some(targets) = &state.when {
        push(ways, from, Kind::AtOnce, "when", targets, targets.place());
    }
    if let Some(flow) = &state.call {
        let goal = Goal::Call { flow: flow.value.clone(), at: None };
        ways.push(plain(Kind::AtOnce, "call", goal, flow.place(), BTreeSet::new()));
    }
    if let Some(targets) = &state.then {
        push(ways, from, Kind::Then, "then", targets, targets.place());
    }
    if let Some(to) = &state.again {
        ways.push(plain(Kind::Then, "again", Goal::State(to.value.clone()), to.place(), BTreeSet::new()));
    }
    for (wait, targets) in &state.after {
        push(ways, from, Kind::After, &format!("after {}", wait.text), targets, targets.place());
    }
    if let Some(flow) = &state.transfer {
        let goal = Goal::Transfer(flow.value.clone());
        ways.push(plain(Kind::AtOnce, "transfer", goal, flow.place(), BTreeSet::new()));
    }
    if let Some(to) = &state.goto {
        ways.push(plain(Kind::AtOnce, "goto", Goal::State(to.value.clone()), to.place(), BTreeSet::new()));
    }
    if state.back {
        ways.push(plain(Kind::AtOnce, "back", Goal::Back, place, BTreeSet::new()));
    }
    if let Some(word) = &state.end {
        ways.push(plain(Kind::AtOnce, "end", Goal::End(word.value.clone()), word.place(), BTreeSet::new()));
    }
}

fn push<'a>(
    ways: &mut Vec<Way<'a>>,
    from: Option<&'a str>,
    kind: Kind,
    label: &str,
    targets: &'a Targets,
    place: (u32, u32),
) {
    for (index, target) in targets.0.iter().enumerate() {
        let here = target.place().unwrap_or(place);
        let fills: BTreeSet<&str> = target
            .pattern
            .iter()
            .flat_map(|pattern| pattern.0.capture_names().flatten())
            .chain(target.set.keys().map(String::as_str))
            .collect();
        ways.push(Way {
            from,
            kind,
            label: label.to_owned(),
            goal: target.goal().unwrap_or(Goal::Stay),
            place: here,
            target: Some(target),
            before: &targets.0[..index],
            fills: fills.clone(),
        });
        if let (Some(_), Some(state)) = (&target.call, &target.then) {
            ways.push(Way {
                from,
                kind: Kind::Then,
                label: "then".to_owned(),
                goal: Goal::State(state.value.clone()),
                place: state.place(),
                target: None,
                before: &[],
                fills,
            });
        }
    }
}

impl Target {
    /// Where it leads, if it says so.
    pub fn goal(&self) -> Option<Goal> {
        if let Some(flow) = &self.call {
            let at = self.goto.as_ref().map(|state| state.value.clone());
            return Some(Goal::Call { flow: flow.value.clone(), at });
        }
        if let Some(state) = &self.goto {
            return Some(Goal::State(state.value.clone()));
        }
        if let Some(flow) = &self.transfer {
            return Some(Goal::Transfer(flow.value.clone()));
        }
        if self.back {
            return Some(Goal::Back);
        }
        if let Some(word) = &self.end {
            return Some(Goal::End(word.value.clone()));
        }
        self.stay.then_some(Goal::Stay)
    }

    /// Where what it leads to stands in the file; nothing for a target that is one word, which its list places.
    fn place(&self) -> Option<(u32, u32)> {
        let named = [&self.call, &self.goto, &self.transfer, &self.end, &self.say];
        let place = named.into_iter().flatten().next().map(At::place)?;
        (place.0 > 0).then_some(place)
    }
}
