//! Botium's `.convo.txt`: the subset that `docs/conversations.md` lists, with Botium's own defaults. Import only: what is
//! not in the subset fails as `unsupported: WORD`, never silently.

mod logic;
mod parse;
mod play;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::play::Plan;
use super::run::Report;
use super::script::Problem;
use super::world::Worlds;

/// Partial conversations that may include each other in a chain.
const MAX_INCLUDES: usize = 8;

/// One conversation with everything that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Convo {
    /// The file.
    pub path: PathBuf,
    /// Its first line.
    pub name: String,
    /// Its lines, for reports.
    pub lines: Vec<String>,
    /// Its sections, in order.
    pub sections: Vec<Section>,
    /// Utterance lists by name.
    pub utterances: BTreeMap<String, Vec<String>>,
    /// Partial conversations by name.
    pub partials: BTreeMap<String, Vec<Section>>,
    /// Cases of scripting memory: one run each. Without any there is no scripting memory.
    pub cases: Vec<BTreeMap<String, String>>,
}

/// A part of a conversation that begins with a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Line of the tag, from 1.
    pub line: usize,
    /// Who.
    pub tag: Tag,
    /// The words, joined.
    pub text: String,
    /// What else stands there.
    pub logic: Vec<Logic>,
    /// Whether the step may be missing.
    pub optional: bool,
    /// Whether the words must not match.
    pub not: bool,
}

/// The tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `#begin` and `#end`.
    Frame,
    /// `#me`.
    Me,
    /// `#bot`.
    Bot,
    /// `#include`.
    Include,
}

/// A line whose first word is a known asserter, hook or input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logic {
    /// Its line, from 1.
    pub line: usize,
    /// The word.
    pub word: String,
    /// What `|` separates behind it.
    pub args: Vec<String>,
    /// Whether it must not hold.
    pub not: bool,
}

/// Whether a file is one of Botium's conversations.
pub fn is_convo(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".convo.txt"))
}

/// Whether Botium leaves a file of this name out.
pub fn is_skipped(name: &str) -> bool {
    ["skip.", "skip-", "skip_"].iter().any(|start| name.starts_with(start))
}

/// Reads a conversation, and the lists, partial conversations and memories beside it.
///
/// # Errors
/// Every [`Problem`], at least one.
pub fn read(path: &Path) -> Result<Convo, Vec<Problem>> {
    parse::read(path)
}

/// Plays a conversation: every case of its memory, every line of the utterance lists that it says.
///
/// # Errors
/// The [`Report`] of the first run that fails.
pub async fn play(convo: &Convo, plan: &Plan, worlds: &dyn Worlds) -> Result<(), Report> {
    play::play(convo, plan, worlds).await
}
