//! Which states and transitions of the flows some conversations have passed, and which they have not.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use crate::dialogue::flow::Flows;
use crate::dialogue::flow::model::State;

/// What was visited of what there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// States that were entered.
    pub states_visited: BTreeSet<String>,
    /// States that were not.
    pub states_missed: BTreeSet<String>,
    /// Transitions that were taken.
    pub transitions_visited: BTreeSet<String>,
    /// Transitions that were not.
    pub transitions_missed: BTreeSet<String>,
}

impl Coverage {
    /// Compares what the flows have with what was passed: states are `flow.state`, transitions `flow.state>way`.
    pub fn of_flows(flows: &Flows, passed: &BTreeSet<String>) -> Self {
        let mut states = BTreeSet::new();
        let mut transitions = BTreeSet::new();
        for flow in flows.current() {
            for (name, state) in flow.file.states.iter() {
                let name = format!("{}.{name}", flow.name);
                transitions.extend(ways(&state.value).into_iter().map(|way| format!("{name}>{way}")));
                states.insert(name);
            }
        }
        Self::of(states, transitions, passed)
    }

    fn of(states: BTreeSet<String>, transitions: BTreeSet<String>, passed: &BTreeSet<String>) -> Self {
        let was_passed = |name: &String| passed.contains(name);
        let (states_visited, states_missed) = states.into_iter().partition(was_passed);
        let (transitions_visited, transitions_missed) = transitions.into_iter().partition(was_passed);
        Self { states_visited, states_missed, transitions_visited, transitions_missed }
    }

    /// As people read it: shares, then what is missing.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let parts = [
            ("states", &self.states_visited, &self.states_missed),
            ("transitions", &self.transitions_visited, &self.transitions_missed),
        ];
        for (what, visited, missed) in parts {
            let all = visited.len() + missed.len();
            let _ = writeln!(out, "{what}: {} of {all} visited", visited.len());
            for name in missed {
                let _ = writeln!(out, "  not visited: {name}");
            }
        }
        out
    }
}

/// The ways out of a state, as `step` names them when it takes them.
fn ways(state: &State) -> Vec<String> {
    let mut ways: Vec<String> = Vec::new();
    ways.extend(state.hears.keys().cloned());
    ways.extend(state.wait.keys().cloned());
    ways.extend(state.outcomes.keys().cloned());
    ways.extend(state.filled.iter().map(|_| "filled".to_owned()));
    ways.extend(
        state
            .buttons
            .iter()
            .filter_map(|button| button.value.goto.as_ref())
            .map(|to| format!("goto {}", to.value)),
    );
    ways
}
