//! What is asked about the shop itself, and what its people ask for: `topics.yaml`, `errands.yaml` and `periods.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{BothLanguages, Condition, Lexicon, LexiconError, Phrase, RuleEntry};
use crate::dialogue::understand::{Errand, Intent, Period, Topic};

/// Weight of a question about the shop: more than what its words mean by themselves ("bayar", "berapa"), less than what
/// somebody says that they have done ("sudah transfer").
const TOPIC_WEIGHT: i32 = 62;

/// An entry of `lexicon/topics.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicEntry {
    topic: Topic,
    say: BothLanguages,
    #[serde(default)]
    when: Vec<Condition>,
    tries: Vec<String>,
}

/// An entry of `lexicon/errands.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrandEntry {
    errand: Errand,
    say: BothLanguages,
    tries: Vec<String>,
}

impl Lexicon {
    /// Questions are rules like any other, that know what they are about.
    pub(super) fn add_topics(&mut self, entries: Vec<TopicEntry>) -> Result<(), LexiconError> {
        for TopicEntry { topic, say, when, tries } in entries {
            let rule = format!("topic-{}", topic.as_str());
            let entry = RuleEntry { rule, intent: Intent::Help, weight: TOPIC_WEIGHT, say, when, tries };
            self.add_rule(entry, Some(topic))?;
        }
        Ok(())
    }

    pub(super) fn add_periods(&mut self, entries: BTreeMap<Period, Vec<String>>) {
        for (period, texts) in entries {
            let phrases: Vec<Phrase> = texts.iter().map(|text| self.phrase(text)).collect();
            self.periods.extend(phrases.into_iter().map(|phrase| (period, phrase)));
        }
    }

    pub(super) fn add_errands(&mut self, entries: Vec<ErrandEntry>) {
        for ErrandEntry { errand, say, tries } in entries {
            let phrases: Vec<Phrase> = say.id.iter().chain(&say.en).map(|text| self.phrase(text)).collect();
            self.errands.extend(phrases.into_iter().map(|phrase| (errand, phrase)));
            self.errand_tries.extend(tries.into_iter().map(|text| (errand, text)));
        }
    }
}
