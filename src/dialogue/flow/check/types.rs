//! What a path is: its type, or why it can never be there.

use super::scan::Scope;
use crate::dialogue::effect::{self, EffectSpec};
use crate::dialogue::event::SIGNALS;
use crate::dialogue::flow::Flow;
use crate::dialogue::flow::guard::Operand;
use crate::dialogue::flow::model::{Slot, SlotKind};
use crate::dialogue::value::Type;
use crate::dialogue::world::{PATHS, PRODUCT_ROW, ROWS};

/// Why a path cannot be read: the code of the finding and its sentence.
pub type Unknown = (&'static str, String);

/// The type of an operand; nothing where it cannot be known before the conversation.
pub fn of(flow: &Flow, operand: &Operand, scope: Scope<'_>) -> Result<Option<Type>, Unknown> {
    match operand {
        Operand::Int(_) => Ok(Some(Type::Int)),
        Operand::Bool(_) => Ok(Some(Type::Bool)),
        Operand::Text(_) => Ok(Some(Type::Text)),
        Operand::Path(path) => of_path(flow, path, scope),
    }
}

fn of_path(flow: &Flow, path: &str, scope: Scope<'_>) -> Result<Option<Type>, Unknown> {
    let (noun, name) = path.split_once('.').unwrap_or((path, ""));
    match noun {
        "slot" => match flow.file.slots.get(name) {
            Some(slot) => Ok(of_slot(slot)),
            None => {
                let message =
                    format!("the flow has no slot `{name}`; declare it under `slots:` or mend the name");
                Err(("F10", message))
            }
        },
        "fact" => fact(flow, name, scope),
        "signal" => signal(flow, name, scope),
        "item" => item(flow, name, scope),
        _ => match PATHS.iter().find(|(known, _)| *known == path) {
            Some((_, kind)) => Ok(Some(*kind)),
            None => {
                let near = nearest(path, PATHS.iter().map(|(known, _)| *known));
                Err(("F05", format!("there is no path `{path}`{near}")))
            }
        },
    }
}

/// The type of what a slot holds.
pub fn of_slot(slot: &Slot) -> Option<Type> {
    match slot.kind {
        SlotKind::Integer => Some(Type::Int),
        SlotKind::Money => Some(Type::Money),
        SlotKind::Word => Some(Type::Word),
        SlotKind::Data => None,
        SlotKind::Text | SlotKind::Name | SlotKind::Phone | SlotKind::Address | SlotKind::Id => {
            Some(Type::Text)
        }
    }
}

/// The effects whose facts may be there: the one at hand, else all of the flow.
fn effects<'a>(flow: &'a Flow, scope: Scope<'a>) -> Vec<&'static EffectSpec> {
    match scope.effect {
        Some(name) => effect::spec(name).into_iter().collect(),
        None => flow
            .file
            .states
            .values()
            .filter_map(|state| state.effect.as_ref())
            .filter_map(|name| effect::spec(name))
            .collect(),
    }
}

fn fact(flow: &Flow, name: &str, scope: Scope<'_>) -> Result<Option<Type>, Unknown> {
    let specs = effects(flow, scope);
    let mut kinds: Vec<Type> = specs
        .iter()
        .flat_map(|spec| spec.facts)
        .filter(|(known, _)| *known == name)
        .map(|(_, kind)| *kind)
        .collect();
    kinds.dedup();
    match (kinds.as_slice(), specs.as_slice()) {
        ([], []) => {
            Err(("F04", format!("`fact.{name}` is read, but no effect of this flow finds anything out")))
        }
        ([], [one]) => {
            let near = nearest(name, one.facts.iter().map(|(known, _)| *known));
            Err(("F04", format!("`{}` finds out no `{name}`{near}", one.name)))
        }
        ([], _) => Err(("F04", format!("no effect of this flow finds out `{name}`"))),
        ([kind], _) => Ok(Some(*kind)),
        _ => Ok(None),
    }
}

fn signal(flow: &Flow, name: &str, scope: Scope<'_>) -> Result<Option<Type>, Unknown> {
    let waits = |signal: &str| flow.file.states.values().any(|state| state.wait.contains_key(signal));
    let possible: Vec<_> = SIGNALS
        .iter()
        .filter(|(known, _)| scope.signal.map_or_else(|| waits(known), |signal| signal == *known))
        .collect();
    if name == "order" && !possible.is_empty() {
        return Ok(Some(Type::Text));
    }
    possible
        .iter()
        .flat_map(|(_, facts)| *facts)
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| Some(*kind))
        .ok_or_else(|| {
            (
                "F05",
                format!("no signal that is heard here brings `{name}`; `event.rs` lists what each brings"),
            )
        })
}

fn item(flow: &Flow, name: &str, scope: Scope<'_>) -> Result<Option<Type>, Unknown> {
    let Some(Operand::Path(list)) = scope.list else {
        return Err(("F05", format!("`item.{name}` is read outside of a list")));
    };
    let columns = match list.as_str() {
        "fact.products" | "fact.candidates" => {
            // Other effects add columns to their products; what all have is checked, the rest is theirs to know.
            let staff = effects(flow, Scope::default()).iter().any(|spec| spec.name == "stock.find");
            if staff {
                return Ok(None);
            }
            PRODUCT_ROW
        }
        _ => match ROWS.iter().find(|(known, _)| known == list) {
            Some((_, columns)) => columns,
            None => return Ok(None),
        },
    };
    match columns.iter().find(|(known, _)| *known == name) {
        Some((_, kind)) => Ok(Some(*kind)),
        None => {
            let near = nearest(name, columns.iter().map(|(known, _)| *known));
            Err(("F05", format!("the rows of `{list}` have no column `{name}`{near}")))
        }
    }
}

/// Whether a value of one type may be given where another is wanted.
pub fn fits(wanted: Type, given: Type) -> bool {
    wanted == given
        || matches!(
            (wanted, given),
            (Type::Text, Type::Word)
                | (Type::Word, Type::Text)
                | (Type::Money, Type::Int)
                | (_, Type::Data)
                | (Type::Data, _)
        )
}

/// `; did you mean x?`, or nothing.
pub fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    let distance = |a: &str, b: &str| {
        let b: Vec<char> = b.chars().collect();
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, left) in a.chars().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for (j, right) in b.iter().enumerate() {
                let replaced = diagonal + usize::from(left != *right);
                diagonal = row[j + 1];
                row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
            }
        }
        row[b.len()]
    };
    known
        .map(|name| (distance(wrong, name), name))
        .filter(|(far, name)| *far * 3 <= name.chars().count().max(3))
        .min()
        .map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}
