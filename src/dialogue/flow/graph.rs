//! Draws flows: one graph of states and ways, as Mermaid, DOT or JSON, coloured by what conversations passed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::Flows;
use super::model::State;
use super::ways::Goal;

/// States and the ways between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// The states.
    pub states: Vec<Node>,
    /// The ways.
    pub edges: Vec<Edge>,
}

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// `flow.state`, as a step's trace has it.
    pub id: String,
    /// The flow.
    pub flow: String,
    /// The state.
    pub state: String,
    /// What it does: `say`, `ask`, `do`, `when`, `call`, `end`, …
    pub kind: &'static str,
    /// The file.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// How often conversations entered it, where that was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<u64>,
}

/// A way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// `flow.state`, or `flow.*` for what is heard in every state of the flow.
    pub from: String,
    /// `flow.state`, or `end` and `back`.
    pub to: String,
    /// What takes it.
    pub label: String,
    /// Its guard, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
    /// Its line in the file of the flow that it leaves.
    pub line: u32,
    /// How often conversations took it, where that was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<u64>,
}

/// The graph of the current flows, or of one of them. `passed` counts the entries of traces.
pub fn graph(flows: &Flows, only: Option<&str>, passed: Option<&BTreeMap<String, u64>>) -> Graph {
    let mut graph = Graph { states: Vec::new(), edges: Vec::new() };
    let count = |entry: &str| passed.map(|passed| passed.get(entry).copied().unwrap_or(0));
    for flow in flows.current().filter(|flow| only.is_none_or(|name| name == flow.name)) {
        for (name, state) in flow.file.states.placed() {
            let id = format!("{}.{}", flow.name, name.value);
            graph.states.push(Node {
                visits: count(&id),
                id,
                flow: flow.name.clone(),
                state: name.value.clone(),
                kind: kind(state),
                file: flow.path.clone(),
                line: name.line,
            });
        }
        for way in flow.ways() {
            let from = format!("{}.{}", flow.name, way.from.unwrap_or("*"));
            let begin = |name: &str, at: Option<&String>| {
                let start = || flows.get(name)?.file.start.as_ref().map(|start| start.at.value.clone());
                format!("{name}.{}", at.cloned().or_else(start).unwrap_or_else(|| "?".to_owned()))
            };
            let to = match &way.goal {
                Goal::State(state) => format!("{}.{state}", flow.name),
                Goal::Call { flow, at } => begin(flow, at.as_ref()),
                Goal::Transfer(flow) => begin(flow, None),
                Goal::Back => "back".to_owned(),
                Goal::End(_) => "end".to_owned(),
                Goal::Stay => from.clone(),
            };
            let guard = way.target.and_then(|target| target.guard.as_ref()).map(|guard| guard.text.clone());
            let visits = way.from.and_then(|_| count(&format!("{from}>{}", way.label)));
            graph.edges.push(Edge { from, to, label: way.label, guard, line: way.place.0, visits });
        }
    }
    graph
}

fn kind(state: &State) -> &'static str {
    let kinds = [
        (state.effect.is_some(), "do"),
        (state.when.is_some(), "when"),
        (state.call.is_some(), "call"),
        (state.transfer.is_some(), "transfer"),
        (state.end.is_some(), "end"),
        (state.back, "back"),
        (state.ask.is_some(), "ask"),
        (!state.wait.is_empty(), "wait"),
    ];
    kinds.iter().find(|(there, _)| *there).map_or("say", |(_, kind)| kind)
}

impl Graph {
    /// For Markdown pages.
    pub fn mermaid(&self) -> String {
        let mut out = String::from("flowchart TD\n");
        self.by_flow(
            &mut out,
            |flow| format!("  subgraph {}[\"{flow}\"]\n", id(flow)),
            "  end\n",
            |node| {
                let (open, close) = match node.kind {
                    "do" => ("[[", "]]"),
                    "when" => ("{{", "}}"),
                    "end" | "back" => ("((", "))"),
                    _ => ("(", ")"),
                };
                format!("    {}{open}\"{}\"{close}\n", id(&node.id), node.state)
            },
        );
        for edge in &self.edges {
            let label = edge.words().replace('"', "'").replace('|', "/");
            let _ = writeln!(out, "  {} -->|\"{label}\"| {}", id(&edge.from), id(&edge.to));
        }
        for (class, colour) in [("passed", "#c8e6c9"), ("missed", "#ffcdd2")] {
            let states: Vec<String> = self
                .states
                .iter()
                .filter(|node| node.visits.is_some_and(|visits| (visits > 0) == (class == "passed")))
                .map(|node| id(&node.id))
                .collect();
            if !states.is_empty() {
                let _ =
                    writeln!(out, "  classDef {class} fill:{colour}\n  class {} {class}", states.join(","));
            }
        }
        out
    }

    /// For Graphviz.
    pub fn dot(&self) -> String {
        let mut out = String::from(
            "digraph flows {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fillcolor=white];\n",
        );
        self.by_flow(
            &mut out,
            |flow| format!("  subgraph \"cluster_{flow}\" {{\n    label=\"{flow}\";\n"),
            "  }\n",
            |node| {
                let shape = match node.kind {
                    "do" => ", shape=component",
                    "when" => ", shape=diamond",
                    "end" | "back" => ", shape=circle",
                    _ => "",
                };
                let colour = match node.visits {
                    Some(0) => ", fillcolor=\"#ffcdd2\"",
                    Some(_) => ", fillcolor=\"#c8e6c9\"",
                    None => "",
                };
                format!("    \"{}\" [label=\"{}\"{shape}{colour}];\n", node.id, node.state)
            },
        );
        for edge in &self.edges {
            let label = edge.words().replace('\\', "\\\\").replace('"', "\\\"");
            let _ = writeln!(out, "  \"{}\" -> \"{}\" [label=\"{label}\"];", edge.from, edge.to);
        }
        out.push_str("}\n");
        out
    }

    /// For programs.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    fn by_flow(
        &self,
        out: &mut String,
        open: impl Fn(&str) -> String,
        close: &str,
        line: impl Fn(&Node) -> String,
    ) {
        let flows: BTreeSet<&str> = self.states.iter().map(|node| node.flow.as_str()).collect();
        for flow in flows {
            out.push_str(&open(flow));
            self.states.iter().filter(|node| node.flow == flow).for_each(|node| out.push_str(&line(node)));
            out.push_str(close);
        }
    }
}

impl Edge {
    /// The label with its guard.
    fn words(&self) -> String {
        match &self.guard {
            Some(guard) => format!("{} [{guard}]", self.label),
            None => self.label.clone(),
        }
    }
}

/// A name that Mermaid takes: letters, digits and underscores, none of its own words.
fn id(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("n_{plain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flows() -> Flows {
        let text = "flow: a\nversion: 1\nstart: { at: x }\nstates:\n  x:\n    say: hi\n    hears: { affirm: w, deny: { stay: true, say: no } }\n  w: { when: [ { if: 'cart.count == 1', goto: x }, { goto: z } ] }\n  z: { end: done }\n";
        Flows::load(&[("flows/a.waml".into(), text.into())]).unwrap()
    }

    #[test]
    fn states_and_ways_are_drawn_in_every_form() {
        let passed = BTreeMap::from([("a.x".to_owned(), 3), ("a.x>affirm".to_owned(), 2)]);
        let graph = graph(&flows(), None, Some(&passed));
        assert_eq!(graph.states.iter().map(|node| node.kind).collect::<Vec<_>>(), ["say", "when", "end"]);
        assert_eq!(graph.states[0].visits, Some(3));
        assert_eq!(graph.edges[0].visits, Some(2));
        insta::assert_snapshot!(graph.mermaid(), @r#"
        flowchart TD
          subgraph n_a["a"]
            n_a_x("x")
            n_a_w{{"w"}}
            n_a_z(("z"))
          end
          n_a_x -->|"affirm"| n_a_w
          n_a_x -->|"deny"| n_a_x
          n_a_w -->|"when [cart.count == 1]"| n_a_x
          n_a_w -->|"when"| n_a_z
          n_a_z -->|"end"| n_end
          classDef passed fill:#c8e6c9
          class n_a_x passed
          classDef missed fill:#ffcdd2
          class n_a_w,n_a_z missed
        "#);
        assert!(
            graph.dot().contains("\"a.w\" -> \"a.x\" [label=\"when [cart.count == 1]\"];"),
            "{}",
            graph.dot()
        );
        let json: serde_json::Value = serde_json::from_str(&graph.json()).unwrap();
        assert_eq!(json["edges"][0]["line"], 7);
        assert_eq!(json["states"][1]["id"], "a.w");
    }

    #[test]
    fn one_flow_is_drawn_alone() {
        assert!(graph(&flows(), Some("b"), None).states.is_empty());
        assert_eq!(graph(&flows(), Some("a"), None).states.len(), 3);
    }
}
