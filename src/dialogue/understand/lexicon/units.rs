//! Units of quantity: `units.yaml`.

use std::collections::HashMap;

use serde::Deserialize;

use super::{LexiconError, Unit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitEntry {
    unit: String,
    pieces: i64,
    words: Vec<String>,
}

pub(super) fn read(entries: Vec<UnitEntry>) -> Result<HashMap<String, Unit>, LexiconError> {
    let mut units = HashMap::new();
    for entry in entries {
        for word in entry.words {
            let unit = Unit { name: entry.unit.clone(), pieces: entry.pieces };
            if let Some(Unit { name, .. }) = units.insert(word.clone(), unit) {
                let problem = format!("`{word}` stands under `{name}` and `{}`; keep one", entry.unit);
                return Err(LexiconError { file: "units.yaml", problem });
            }
        }
    }
    Ok(units)
}
