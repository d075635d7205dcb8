//! Flow files: from YAML text to a checked set of flows, in every version that conversations may be in.

pub mod check;
pub mod graph;
pub mod guard;
pub mod model;
pub mod pattern;
pub mod place;
pub mod shipped;
pub mod ways;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use self::model::{At, FlowFile, RoleName, State};
use crate::dialogue::conversation::{Frame, Role};

/// The file of what is heard everywhere in customers' conversations.
pub const GLOBAL: &str = "_global";
/// The same for staff's conversations.
pub const STAFF: &str = "_staff";
/// Bytes of a flow file.
pub const MAX_FILE_BYTES: usize = 256 * 1024;

/// Something that is wrong with a flow file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Finding {
    /// The file, as it was named when it was loaded.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// `F01` to `F12`, or `F00` for a file that cannot be read.
    pub code: &'static str,
    /// What is wrong and how to mend it, in a sentence.
    pub message: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}: {}", self.file, self.line, self.column, self.code, self.message)
    }
}

/// One version of one flow.
#[derive(Debug)]
pub struct Flow {
    /// Its name.
    pub name: String,
    /// Where it was read from.
    pub path: String,
    /// Its text.
    pub source: String,
    /// SHA-256 of its text, in hex.
    pub hash: String,
    /// What stands in it.
    pub file: FlowFile,
    /// States from which an effect that moves money or takes stock follows without another question.
    pub committing: BTreeSet<String>,
}

impl Flow {
    /// Whom it is for.
    pub fn role(&self) -> Role {
        match self.file.role {
            RoleName::Customer => Role::Customer,
            RoleName::Staff => Role::Staff,
        }
    }

    /// A state by its name.
    pub fn state(&self, name: &str) -> Option<&At<State>> {
        self.file.states.get(name)
    }
}

/// Every flow that conversations may be in: the current versions, and older ones that are still in use.
#[derive(Debug, Default)]
pub struct Flows {
    current: BTreeMap<String, Arc<Flow>>,
    by_hash: HashMap<String, Arc<Flow>>,
}

impl Flows {
    /// Reads flow files, each a path and a text. Reading is strict, checking is `check`'s.
    ///
    /// # Errors
    /// Every file that cannot be read, with its place.
    pub fn load(files: &[(String, String)]) -> Result<Self, Vec<Finding>> {
        let mut flows = Self::default();
        let mut findings = Vec::new();
        for (path, text) in files {
            match read(path, text) {
                Ok(flow) => {
                    if let Some(other) = flows.current.get(&flow.name) {
                        findings.push(Finding {
                            file: path.clone(),
                            line: flow.file.flow.line,
                            column: flow.file.flow.column,
                            code: "F00",
                            message: format!(
                                "the flow `{}` stands in {} too; rename one of them",
                                flow.name, other.path
                            ),
                        });
                    }
                    flows.insert(flow, true);
                }
                Err(finding) => findings.push(finding),
            }
        }
        if findings.is_empty() { Ok(flows) } else { Err(findings) }
    }

    /// The flows that the program carries.
    ///
    /// # Errors
    /// As [`Flows::load`].
    pub fn shipped() -> Result<Self, Vec<Finding>> {
        Self::load(&shipped::files())
    }

    fn insert(&mut self, flow: Flow, current: bool) {
        let flow = Arc::new(flow);
        self.by_hash.insert(flow.hash.clone(), Arc::clone(&flow));
        if current {
            self.current.insert(flow.name.clone(), flow);
        }
    }

    /// Adds an older version that conversations may still be in. Returns false when it cannot be read any more.
    pub fn add_version(&mut self, hash: &str, source: &str) -> bool {
        match read("an older version", source) {
            Ok(flow) if flow.hash == hash => {
                self.insert(flow, false);
                true
            }
            _ => false,
        }
    }

    /// The current versions, by name.
    pub fn current(&self) -> impl Iterator<Item = &Arc<Flow>> {
        self.current.values()
    }

    /// The current version of a flow.
    pub fn get(&self, name: &str) -> Option<&Arc<Flow>> {
        self.current.get(name)
    }

    /// The version that a frame runs on.
    pub fn of(&self, frame: &Frame) -> Option<&Arc<Flow>> {
        self.by_hash.get(&frame.hash)
    }

    /// What is heard everywhere by a role.
    pub fn global(&self, role: Role) -> Option<&Arc<Flow>> {
        self.get(match role {
            Role::Customer => GLOBAL,
            Role::Staff => STAFF,
        })
    }

    /// The flow at the bottom of a role's stack.
    pub fn home(&self, role: Role) -> Option<&Arc<Flow>> {
        self.global(role)?.file.home.as_ref().and_then(|home| self.get(home))
    }

    /// The flow of a role that an intent begins.
    pub fn by_intent(&self, intent: &str, role: Role) -> Option<&Arc<Flow>> {
        self.of_role(role).find(|flow| {
            flow.file.start.as_ref().is_some_and(|start| start.intents.iter().any(|known| **known == intent))
        })
    }

    /// The flow of a role that a command begins.
    pub fn by_command(&self, command: &str, role: Role) -> Option<&Arc<Flow>> {
        self.of_role(role).find(|flow| {
            flow.file
                .start
                .as_ref()
                .is_some_and(|start| start.commands.iter().any(|known| **known == command))
        })
    }

    fn of_role(&self, role: Role) -> impl Iterator<Item = &Arc<Flow>> {
        let wanted = match role {
            Role::Customer => RoleName::Customer,
            Role::Staff => RoleName::Staff,
        };
        self.current.values().filter(move |flow| flow.file.role == wanted)
    }
}

fn read(path: &str, text: &str) -> Result<Flow, Finding> {
    let wrong = |line: u64, column: u64, message: String| Finding {
        file: path.to_owned(),
        line: u32::try_from(line).unwrap_or(u32::MAX).max(1),
        column: u32::try_from(column).unwrap_or(u32::MAX).max(1),
        code: "F00",
        message,
    };
    if text.len() > MAX_FILE_BYTES {
        return Err(wrong(1, 1, format!("the file is larger than {MAX_FILE_BYTES} bytes; split the flow")));
    }
    if let Some((line, column, message)) = hidden(text) {
        return Err(wrong(line as u64, column as u64, message.to_owned()));
    }
    let file: FlowFile = serde_saphyr::from_str_with_options(text, strict()).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
        wrong(line, column, sentence(&error))
    })?;
    let mut flow = Flow {
        name: file.flow.value.clone(),
        path: path.to_owned(),
        source: text.to_owned(),
        hash: hex::encode(Sha256::digest(text.as_bytes())),
        file,
        committing: BTreeSet::new(),
    };
    flow.committing = committing(&flow);
    Ok(flow)
}

/// The states whose effect needs a yes, and those that lead to them at once or by an outcome.
fn committing(flow: &Flow) -> BTreeSet<String> {
    let needs_yes = |state: &State| {
        let spec = state.effect.as_ref().and_then(|name| crate::dialogue::effect::spec(name));
        spec.is_some_and(|spec| spec.needs_confirmation)
    };
    let states = flow.file.states.placed();
    let mut found: BTreeSet<String> =
        states.filter(|(_, state)| needs_yes(state)).map(|(name, _)| name.value.clone()).collect();
    let ways = flow.ways();
    loop {
        let before = found.len();
        for way in &ways {
            let at_once = matches!(way.kind, ways::Kind::AtOnce | ways::Kind::Outcome);
            if let (Some(from), ways::Goal::State(to)) = (way.from, &way.goal)
                && at_once
                && found.contains(to)
            {
                found.insert(from.to_owned());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Anchors, aliases and tags hide what a file says from those who read it: the first one with its place.
fn hidden(text: &str) -> Option<(usize, usize, &'static str)> {
    use serde_saphyr::granit_parser::{Event, Parser};
    for (event, span) in Parser::new_from_str(text).map_while(Result::ok) {
        let message = match event {
            Event::Scalar(.., 0, None)
            | Event::SequenceStart(.., 0, None)
            | Event::MappingStart(.., 0, None) => continue,
            Event::Scalar(.., Some(_))
            | Event::SequenceStart(.., Some(_))
            | Event::MappingStart(.., Some(_)) => "tags are not read in flow files; write the plain value",
            Event::Alias(_) | Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => {
                "anchors and aliases are not read in flow files; write the value out"
            }
            _ => continue,
        };
        return Some((span.start.line(), span.start.col() + 1, message));
    }
    None
}

/// How flow files are read: no merge keys, one document, and the words of YAML 1.1 stay words.
fn strict() -> serde_saphyr::Options {
    let mut budget = serde_saphyr::Budget::default();
    budget.max_documents = 1;
    let mut options = serde_saphyr::Options::default();
    options.budget = Some(budget);
    options.merge_keys = serde_saphyr::options::MergeKeyPolicy::Error;
    options.strict_booleans = true;
    options.reject_unsupported_tags = true;
    options.reject_tagged_field_names = true;
    options.with_snippet = false;
    options
}

/// What the reader has to say, without the place, which stands in front already.
fn sentence(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let text = text.split(" at line ").next().unwrap_or_default().to_owned();
    if let Some(key) = text.strip_prefix("duplicate mapping key: ").and_then(|rest| rest.split(',').next()) {
        return format!("the key `{key}` stands here twice; keep one");
    }
    text
}

#[cfg(test)]
mod tests;
