//! What the dialogue may ask the server to do. A closed set: flows name effects, `pipeline::effects` carries them out.
//!
//! To add one: a line in [`EFFECTS`] (`table.rs`) and an arm in `pipeline::effects::run`; a test there walks the table, so a name
//! without an arm, or an outcome word that the table lacks, fails.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::value::{Type, Value};

mod goods;
mod join;
mod shop;
mod table;

pub use table::EFFECTS;

/// An effect with its arguments, checked against [`EFFECTS`] when the flow was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// One of the names of [`EFFECTS`].
    pub name: String,
    /// Its arguments; optional ones may be missing or [`Value::None`].
    pub args: BTreeMap<String, Value>,
}

/// What came of an effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// One of the effect's outcome words.
    pub word: &'static str,
    /// What it found out, read by flows as `fact.<name>`.
    pub facts: BTreeMap<String, Value>,
}

impl Outcome {
    /// An outcome without facts.
    pub fn new(word: &'static str) -> Self {
        Self { word, facts: BTreeMap::new() }
    }

    /// The same with one more fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

impl Effect {
    /// An argument, or nothing.
    pub fn arg(&self, name: &str) -> &Value {
        self.args.get(name).unwrap_or(&Value::None)
    }
}

/// What the checker knows of an effect.
#[derive(Debug, Clone, Copy)]
pub struct EffectSpec {
    /// Its name, `<noun>.<verb>`.
    pub name: &'static str,
    /// What it does, for the manual and for editors.
    pub about: &'static str,
    /// Arguments: name, type, whether it must be given.
    pub args: &'static [(&'static str, Type, bool)],
    /// Every outcome; a flow must handle all of them.
    pub outcomes: &'static [&'static str],
    /// Facts that some outcome comes with. Not every outcome has all of them.
    pub facts: &'static [(&'static str, Type)],
    /// Whether it moves money or takes stock, and so must stand behind an explicit yes (F12).
    pub needs_confirmation: bool,
    /// Whether only staff conversations may ask for it.
    pub staff: bool,
}

const fn customer(
    name: &'static str,
    about: &'static str,
    args: &'static [(&'static str, Type, bool)],
    outcomes: &'static [&'static str],
    facts: &'static [(&'static str, Type)],
) -> EffectSpec {
    EffectSpec { name, about, args, outcomes, facts, needs_confirmation: false, staff: false }
}

const fn confirmed(spec: EffectSpec) -> EffectSpec {
    EffectSpec { needs_confirmation: true, ..spec }
}

const fn staff(spec: EffectSpec) -> EffectSpec {
    EffectSpec { staff: true, ..spec }
}

/// The specification of an effect.
pub fn spec(name: &str) -> Option<&'static EffectSpec> {
    EFFECTS.iter().find(|spec| spec.name == name)
}
