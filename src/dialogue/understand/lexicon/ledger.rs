//! How the shop's people write down stocks and prices in words: `ledger.yaml`.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::Lexicon;
use super::phrases::Phrases;
use crate::dialogue::understand::words::Word;

/// What a word does in a sentence of the ledger. Of two that are said with equally many words, the one that stands first here
/// is meant: a sentence that may say no is not taken for a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::dialogue::understand) enum Said {
    Cost,
    Denies,
    Elsewhere,
    Asks,
    Doubts,
    Price,
    Stock,
    Left,
    To,
    By,
    Out,
    Free,
    Percent,
    Up,
    Down,
    Set,
    Plain,
    OfPrice,
    From,
}

impl Said {
    /// Whether its words only tell more of what another kind says.
    fn is_remark(self) -> bool {
        matches!(self, Self::OfPrice | Self::From)
    }

    /// Whether its words are said with `-nya` too: "harganya".
    fn is_noun(self) -> bool {
        matches!(self, Self::Price | Self::Stock)
    }
}

/// The words of the ledger.
#[derive(Debug, Default)]
pub(in crate::dialogue::understand) struct Ledger {
    phrases: BTreeMap<Said, Phrases>,
    words: BTreeMap<Said, HashSet<String>>,
}

impl Ledger {
    /// What the longest phrase that begins at a word says, and the word after it.
    pub(in crate::dialogue::understand) fn said(&self, words: &[Word], at: usize) -> Option<(Said, usize)> {
        let kinds = self.phrases.iter().filter(|(said, _)| !said.is_remark());
        let found = kinds.filter_map(|(said, phrases)| Some((*said, phrases.said(words, at)?)));
        // Of equals the last one is taken: so they come from the last kind to the first.
        found.rev().max_by_key(|(_, end)| *end)
    }

    /// Whether a word by itself is one of a kind.
    pub(in crate::dialogue::understand) fn is(&self, said: Said, word: &Word) -> bool {
        let words = self.words.get(&said);
        words.is_some_and(|words| words.contains(&word.base) || words.contains(&word.text))
    }
}

impl Lexicon {
    pub(super) fn read_ledger(&mut self, file: BTreeMap<Said, Vec<String>>) {
        let mut ledger = Ledger::default();
        for (said, texts) in file {
            let with_endings = texts.iter().filter(|_| said.is_noun()).map(|text| format!("{text}nya"));
            let all: Vec<_> =
                texts.iter().cloned().chain(with_endings).map(|text| self.phrase(&text)).collect();
            let single = all.iter().filter_map(|phrase| match phrase.as_slice() {
                [word] => Some(word.clone()),
                _ => None,
            });
            ledger.words.insert(said, single.collect());
            ledger.phrases.insert(said, Phrases::of(all.into_iter()));
        }
        self.ledger = ledger;
    }
}
