//! Phrases that are no intent of their own: what begins a span, what refuses, what names a detail of an order.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::{Lexicon, Phrase};
use crate::dialogue::understand::Detail;
use crate::dialogue::understand::words::Word;

/// Phrases by their first word.
#[derive(Debug, Default)]
pub(in crate::dialogue::understand) struct Phrases(HashMap<String, Vec<Phrase>>);

impl Phrases {
    fn of(phrases: impl Iterator<Item = Phrase>) -> Self {
        let mut by_first: HashMap<String, Vec<Phrase>> = HashMap::new();
        for phrase in phrases {
            if let Some(first) = phrase.first() {
                by_first.entry(first.clone()).or_default().push(phrase);
            }
        }
        Self(by_first)
    }

    /// Where the longest of the phrases that begin at a word ends, if one is said there.
    pub(in crate::dialogue::understand) fn said(&self, words: &[Word], at: usize) -> Option<usize> {
        let word = words.get(at)?;
        let by_text = self.0.get(&word.text).filter(|_| word.text != word.base);
        let begun = self.0.get(&word.base).into_iter().chain(by_text).flatten();
        let fits = |phrase: &&Phrase| {
            phrase.len() <= words.len() - at
                && phrase
                    .iter()
                    .zip(&words[at..])
                    .all(|(part, word)| part == &word.base || part == &word.text)
        };
        begun.filter(fits).map(|phrase| at + phrase.len()).max()
    }
}

/// What begins something that is no order.
#[derive(Debug, Default)]
pub(in crate::dialogue::understand) struct Spans {
    pub(in crate::dialogue::understand) labels: Phrases,
    pub(in crate::dialogue::understand) names: Phrases,
    pub(in crate::dialogue::understand) orders: HashSet<String>,
}

/// Words by which something is not wanted.
#[derive(Debug, Default)]
pub(in crate::dialogue::understand) struct Negations {
    pub(in crate::dialogue::understand) refuse: Phrases,
    pub(in crate::dialogue::understand) remove: Phrases,
    pub(in crate::dialogue::understand) after: Phrases,
    pub(in crate::dialogue::understand) not: Phrases,
    pub(in crate::dialogue::understand) turns: Phrases,
}

/// How a change of something else than goods is asked for.
#[derive(Debug, Default)]
pub(in crate::dialogue::understand) struct Details {
    pub(in crate::dialogue::understand) verbs: Phrases,
    pub(in crate::dialogue::understand) joints: HashSet<String>,
    pub(in crate::dialogue::understand) kinds: Vec<(Detail, Phrases)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpansFile {
    labels: Vec<String>,
    names: Vec<String>,
    orders: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NegationsFile {
    refuse: Vec<String>,
    remove: Vec<String>,
    after: Vec<String>,
    not: Vec<String>,
    turns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailsFile {
    verbs: Vec<String>,
    joints: Vec<String>,
    kinds: BTreeMap<Detail, Vec<String>>,
}

impl Lexicon {
    /// Takes in the phrases of three files, as messages are compared with them.
    pub(super) fn read_phrases(&mut self, spans: SpansFile, negations: NegationsFile, details: DetailsFile) {
        let phrases = |texts: &[String]| Phrases::of(texts.iter().map(|text| self.phrase(text)));
        let plain = |texts: &[String]| texts.iter().map(|text| self.resolve(text).to_owned()).collect();
        let spans = Spans {
            labels: phrases(&spans.labels),
            names: phrases(&spans.names),
            orders: plain(&spans.orders),
        };
        let negations = Negations {
            refuse: phrases(&negations.refuse),
            remove: phrases(&negations.remove),
            after: phrases(&negations.after),
            not: phrases(&negations.not),
            turns: phrases(&negations.turns),
        };
        let details = Details {
            verbs: phrases(&details.verbs),
            joints: plain(&details.joints),
            kinds: details.kinds.iter().map(|(kind, texts)| (*kind, phrases(texts))).collect(),
        };
        (self.spans, self.negations, self.details) = (spans, negations, details);
    }
}
