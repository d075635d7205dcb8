//! Which states and transitions of the flows some conversations have passed, and which they have not.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

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

/// What separates the two ends of a transition in a trace.
const ARROW: &str = " -> ";

impl Coverage {
    /// Compares what the flows have with what was passed. A transition is `from -> to`; everything else is a state.
    pub fn of(states: &BTreeSet<String>, transitions: &BTreeSet<String>, passed: &BTreeSet<String>) -> Self {
        let entered: BTreeSet<&str> = passed
            .iter()
            .flat_map(|entry| entry.split(ARROW))
            .map(|state| state.split_whitespace().next().unwrap_or_default())
            .collect();
        let (states_visited, states_missed) =
            states.iter().cloned().partition(|state| entered.contains(state.as_str()));
        let (transitions_visited, transitions_missed) =
            transitions.iter().cloned().partition(|transition| passed.contains(transition));
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
