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
    pub(super) fn of(phrases: impl Iterator<Item = Phrase>) -> Self {
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
    /// Before an act: it is not done.
    pub(in crate::dialogue::understand) acts: Phrases,
}

/// Words by which a sentence only speaks of goods.
#[derive(Debug, Default)]
pub(in crate::dialogue::understand) struct Talks {
    pub(in crate::dialogue::understand) trouble: Phrases,
    pub(in crate::dialogue::understand) elsewhere: Phrases,
    pub(in crate::dialogue::understand) past: Phrases,
    pub(in crate::dialogue::understand) asks: Phrases,
    pub(in crate::dialogue::understand) wishes: Phrases,
    pub(in crate::dialogue::understand) calm: Phrases,
    pub(in crate::dialogue::understand) either: Phrases,
}

/// How a change of something else than goods is asked for.
#[derive(Debug, Default)]
pub(in crate::dialogue::understand) struct Details {
    pub(in crate::dialogue::understand) verbs: Phrases,
    pub(in crate::dialogue::understand) joints: HashSet<String>,
    pub(in crate::dialogue::understand) kinds: Vec<(Detail, Phrases)>,
    /// Words before a value that are no part of it.
    pub(in crate::dialogue::understand) leads: HashSet<String>,
    /// Words that set a value aside.
    pub(in crate::dialogue::understand) contrary: Phrases,
    /// Words after which stands what is meant instead.
    pub(in crate::dialogue::understand) turns: HashSet<String>,
    /// Words that complete an address and begin none.
    pub(in crate::dialogue::understand) additions: HashSet<String>,
    /// Words that make a place of what stands beside them.
    pub(in crate::dialogue::understand) places: HashSet<String>,
    /// Given names that are words of a language as well.
    pub(in crate::dialogue::understand) names: HashSet<String>,
    /// Ways by which people fetch an order.
    pub(in crate::dialogue::understand) pickup: Phrases,
    /// Ways by which the shop sends one.
    pub(in crate::dialogue::understand) courier: Phrases,
    /// Couriers by their names.
    pub(in crate::dialogue::understand) couriers: Phrases,
    /// Words that make a question or a report of a way of delivery.
    pub(in crate::dialogue::understand) reports: HashSet<String>,
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
    acts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TalkFile {
    trouble: Vec<String>,
    elsewhere: Vec<String>,
    past: Vec<String>,
    asks: Vec<String>,
    wishes: Vec<String>,
    calm: Vec<String>,
    either: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailsFile {
    verbs: Vec<String>,
    joints: Vec<String>,
    kinds: BTreeMap<Detail, Vec<String>>,
    leads: Vec<String>,
    contrary: Vec<String>,
    turns: Vec<String>,
    additions: Vec<String>,
    places: Vec<String>,
    names: Vec<String>,
    pickup: Vec<String>,
    courier: Vec<String>,
    couriers: Vec<String>,
    reports: Vec<String>,
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
            acts: phrases(&negations.acts),
        };
        let details = Details {
            verbs: phrases(&details.verbs),
            joints: plain(&details.joints),
            kinds: details.kinds.iter().map(|(kind, texts)| (*kind, phrases(texts))).collect(),
            leads: plain(&details.leads),
            contrary: phrases(&details.contrary),
            turns: plain(&details.turns),
            additions: plain(&details.additions),
            places: details.places.into_iter().collect(),
            names: details.names.into_iter().collect(),
            pickup: phrases(&details.pickup),
            courier: phrases(&details.courier),
            couriers: phrases(&details.couriers),
            reports: plain(&details.reports),
        };
        (self.spans, self.negations, self.details) = (spans, negations, details);
    }

    /// Takes in the words by which a sentence only speaks of goods.
    pub(super) fn read_talk(&mut self, file: TalkFile) {
        let phrases = |texts: &[String]| Phrases::of(texts.iter().map(|text| self.phrase(text)));
        self.talk = Talks {
            trouble: phrases(&file.trouble),
            elsewhere: phrases(&file.elsewhere),
            past: phrases(&file.past),
            asks: phrases(&file.asks),
            wishes: phrases(&file.wishes),
            calm: phrases(&file.calm),
            either: phrases(&file.either),
        };
    }
}
