//! Words of a catalogue that are one word in two spellings.

use std::collections::HashMap;

use super::{CatalogIndex, Reading};
use crate::dialogue::understand::similar::likeness;

/// From this likeness two words of the catalogue are one in two spellings.
const TWIN: f32 = 0.92;
/// Words with the same consonants that are compared with each other.
const MAX_TWINS: usize = 16;

impl CatalogIndex {
    /// Finds words of names that are one word in two spellings: the same consonants, and nearly the same vowels.
    pub(super) fn pair(&mut self) {
        let mut alike: HashMap<String, Vec<u32>> = HashMap::new();
        for (id, word) in (0u32..).zip(&self.words) {
            let consonants: String =
                word.letters.iter().filter(|letter| !"aeiou".contains(**letter)).collect();
            if consonants.len() > 1 && word.letters.iter().all(|letter| letter.is_alphabetic()) {
                alike.entry(consonants).or_default().push(id);
            }
        }
        for group in alike.into_values().filter(|group| (2..=MAX_TWINS).contains(&group.len())) {
            for own in &group {
                let letters = self.words[*own as usize].letters.clone();
                let likeness = |other: &u32| likeness(&letters, &self.words[*other as usize].letters);
                let twins = group.iter().filter(|other| *other != own);
                let twins: Vec<Reading> = twins
                    .map(|other| Reading { word: *other, likeness: likeness(other) })
                    .filter(|twin| twin.likeness >= TWIN)
                    .collect();
                self.words[*own as usize].twins = twins;
            }
        }
    }
}
