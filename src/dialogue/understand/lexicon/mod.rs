//! How customers write, as data: the files of `lexicon/`, compiled in, read strictly and once.

mod ledger;
mod phrases;
mod shop;
mod units;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(super) use self::ledger::{Ledger, Said};
pub(super) use self::phrases::{Details, Negations, Phrases, Spans, Talks};
use super::{Errand, Intent, Period, Topic};
use crate::domain::customer::Language;

/// A file of the lexicon that cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("lexicon/{file}: {problem}")]
pub struct LexiconError {
    file: &'static str,
    problem: String,
}

/// Everything that is known of how customers write.
#[derive(Debug, Default)]
pub struct Lexicon {
    pub(super) numbers: Numbers,
    pub(super) units: HashMap<String, Unit>,
    slang: HashMap<String, String>,
    synonyms: HashMap<String, String>,
    pub(super) affixes: Affixes,
    pub(super) vocatives: HashSet<String>,
    pub(super) particles: HashSet<String>,
    pub(super) separators: HashSet<String>,
    pub(super) each: HashSet<String>,
    fillers: HashSet<String>,
    addresses: HashSet<String>,
    light: HashSet<String>,
    neutral: HashSet<String>,
    spared: HashSet<String>,
    sizes: HashMap<String, Size>,
    /// Words of daily life; no likeness makes a product or a cue of them.
    everyday: HashSet<String>,
    pub(super) spans: Spans,
    pub(super) negations: Negations,
    pub(super) talk: Talks,
    pub(super) details: Details,
    function: [HashSet<String>; 2],
    /// Words of cue phrases by language: they tell a language, but may name a product too ("tahu").
    phrase_words: [HashSet<String>; 2],
    pub(super) note_openers: Vec<Vec<String>>,
    pub(super) note_alone: HashSet<String>,
    pub(super) rules: Vec<Rule>,
    pub(super) ledger: Ledger,
    /// How they name the times of which they want figures.
    pub(super) periods: Vec<(Period, Phrase)>,
    /// How the shop's people name their errands.
    pub(super) errands: Vec<(Errand, Phrase)>,
    /// Messages that must name one; a test says them all.
    pub(super) errand_tries: Vec<(Errand, String)>,
    /// Rule and phrase by the phrase's first word.
    pub(super) starts: HashMap<String, Vec<(usize, usize)>>,
    /// Words that are a cue by themselves.
    cues: HashSet<String>,
    /// Cue words that a typo may be mended to.
    pub(super) mendable: Vec<Vec<char>>,
}

/// By what one of several choices is told from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Size {
    /// The one that holds most.
    Largest,
    /// The one that holds least.
    Smallest,
    /// The one that costs least.
    Cheapest,
    /// The one that costs most.
    Dearest,
}

/// A unit of quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub(super) name: String,
    pub(super) pieces: i64,
}

/// Number words, resolved.
#[derive(Debug, Default)]
pub struct Numbers {
    pub(super) words: HashMap<String, NumberWord>,
    pub(super) ordinals: HashMap<String, u32>,
    pub(super) ordinal_before: HashSet<String>,
    pub(super) not_before: HashSet<String>,
    pub(super) not_after: HashSet<String>,
}

/// What a number word does in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberWord {
    /// Zero to nine.
    Digit(i64),
    /// A number by itself.
    Whole(i64),
    /// Takes a digit after it.
    Tens(i64),
    /// Adds ten to the digit before.
    Teen,
    /// Multiplies what stands before it.
    Multiplier(i64),
    /// One of a multiplier.
    One(i64),
    /// A sum of money in street words.
    Street(i64),
    /// A part of one piece.
    Half,
}

/// Chat affixes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affixes {
    pub(super) suffixes: Vec<String>,
    pub(super) plurals: Vec<String>,
    pub(super) prefixes: Vec<String>,
    pub(super) minimum: usize,
}

/// One rule of the intents.
#[derive(Debug)]
pub struct Rule {
    pub(super) name: String,
    pub(super) intent: Intent,
    pub(super) weight: i32,
    pub(super) when: Vec<Condition>,
    pub(super) phrases: Vec<Phrase>,
    /// What a question is about, of rules that hear questions about the shop.
    pub(super) topic: Option<Topic>,
    /// Messages that must fire the rule; a test says them all.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests read them"))]
    pub(super) tries: Vec<String>,
}

/// A phrase of a rule: words after slang, `NUMBER` standing for any number.
pub type Phrase = Vec<String>;

/// What else must hold for a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Condition {
    Item,
    NoItem,
    Quantity,
    NoQuantity,
    Number,
    NoNumber,
    Question,
    Alone,
    First,
    Ordinal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumbersFile {
    digits: BTreeMap<i64, Vec<String>>,
    whole: BTreeMap<i64, Vec<String>>,
    tens: BTreeMap<i64, Vec<String>>,
    teens: Vec<String>,
    multipliers: BTreeMap<i64, Vec<String>>,
    ones: BTreeMap<i64, Vec<String>>,
    street: BTreeMap<i64, Vec<String>>,
    halves: Vec<String>,
    not_before: Vec<String>,
    not_after: Vec<String>,
    ordinals: BTreeMap<u32, Vec<String>>,
    ordinal_before: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct BothLanguages {
    pub(super) id: Vec<String>,
    pub(super) en: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsFile {
    vocatives: Vec<String>,
    particles: Vec<String>,
    separators: Vec<String>,
    each: Vec<String>,
    fillers: Vec<String>,
    addresses: Vec<String>,
    light: Vec<String>,
    neutral: Vec<String>,
    spared: Vec<String>,
    sizes: BTreeMap<Size, Vec<String>>,
    function: BothLanguages,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotesFile {
    openers: BothLanguages,
    alone: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    rule: String,
    intent: Intent,
    weight: i32,
    say: BothLanguages,
    #[serde(default)]
    when: Vec<Condition>,
    tries: Vec<String>,
}

fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, LexiconError> {
    // The parser's message carries line and column.
    serde_saphyr::from_str(text).map_err(|error| LexiconError { file, problem: error.to_string() })
}

/// The text of a file of the lexicon, compiled in.
macro_rules! file {
    ($name:literal) => {
        read($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/lexicon/", $name)))
    };
}

static SHIPPED: OnceLock<Result<Lexicon, LexiconError>> = OnceLock::new();

impl Lexicon {
    /// The lexicon that is compiled in.
    ///
    /// # Errors
    /// [`LexiconError`] with file, line and column; a test keeps shipped files from ever giving one.
    pub fn shipped() -> Result<&'static Lexicon, LexiconError> {
        SHIPPED.get_or_init(Self::load).as_ref().map_err(LexiconError::clone)
    }

    fn load() -> Result<Self, LexiconError> {
        let mut lexicon = Lexicon {
            numbers: numbers(file!("numbers.yaml")?)?,
            units: units::read(file!("units.yaml")?)?,
            slang: spellings("slang.yaml", file!("slang.yaml")?)?,
            synonyms: spellings("synonyms.yaml", file!("synonyms.yaml")?)?,
            affixes: file!("affixes.yaml")?,
            ..Lexicon::default()
        };
        let words: WordsFile = file!("words.yaml")?;
        lexicon.vocatives = words.vocatives.into_iter().collect();
        lexicon.particles = words.particles.into_iter().collect();
        lexicon.separators = words.separators.into_iter().collect();
        lexicon.each = words.each.into_iter().collect();
        lexicon.fillers = words.fillers.into_iter().collect();
        lexicon.addresses = words.addresses.into_iter().collect();
        lexicon.light = words.light.into_iter().collect();
        lexicon.neutral = words.neutral.into_iter().collect();
        lexicon.spared = words.spared.into_iter().collect();
        let sizes = words.sizes.into_iter();
        lexicon.sizes =
            sizes.flat_map(|(size, words)| words.into_iter().map(move |word| (word, size))).collect();
        lexicon.function = [words.function.id.into_iter().collect(), words.function.en.into_iter().collect()];
        let notes: NotesFile = file!("notes.yaml")?;
        lexicon.note_openers =
            notes.openers.id.iter().chain(&notes.openers.en).map(|phrase| lexicon.phrase(phrase)).collect();
        // The longest opener that fits is the one that is meant.
        lexicon.note_openers.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        lexicon.note_alone = notes.alone.into_iter().collect();
        let everyday: BothLanguages = file!("everyday.yaml")?;
        lexicon.everyday = everyday.id.into_iter().chain(everyday.en).collect();
        lexicon.read_phrases(file!("spans.yaml")?, file!("negations.yaml")?, file!("details.yaml")?);
        lexicon.read_talk(file!("talk.yaml")?);
        let rules: Vec<RuleEntry> = file!("intents.yaml")?;
        for entry in rules {
            lexicon.add_rule(entry, None)?;
        }
        lexicon.add_topics(file!("topics.yaml")?)?;
        lexicon.add_errands(file!("errands.yaml")?);
        lexicon.read_ledger(file!("ledger.yaml")?);
        lexicon.add_periods(file!("periods.yaml")?);
        lexicon.mendable =
            lexicon.cues.iter().filter(|cue| cue.len() >= 5).map(|cue| cue.chars().collect()).collect();
        lexicon.mendable.sort();
        Ok(lexicon)
    }

    fn add_rule(&mut self, entry: RuleEntry, topic: Option<Topic>) -> Result<(), LexiconError> {
        let mut phrases = Vec::new();
        for (language, said) in [(Language::Id, &entry.say.id), (Language::En, &entry.say.en)] {
            for text in said {
                let phrase = self.phrase(text);
                if phrase.is_empty() {
                    let problem = format!("rule `{}`: the phrase {text:?} has no word", entry.rule);
                    return Err(LexiconError { file: "intents.yaml", problem });
                }
                self.starts.entry(phrase[0].clone()).or_default().push((self.rules.len(), phrases.len()));
                for word in &phrase {
                    self.phrase_words[language as usize].insert(word.clone());
                }
                if let [word] = phrase.as_slice() {
                    self.cues.insert(word.clone());
                }
                phrases.push(phrase);
            }
        }
        let RuleEntry { rule: name, intent, weight, when, tries, .. } = entry;
        self.rules.push(Rule { name, intent, weight, when, phrases, topic, tries });
        Ok(())
    }

    /// The words of a phrase as messages are compared with it.
    fn phrase(&self, text: &str) -> Phrase {
        text.split_whitespace()
            .flat_map(|word| match word {
                "NUMBER" => vec![word.to_owned()],
                _ => super::canonical::tokens(word)
                    .into_iter()
                    .filter(|token| !matches!(token.kind, super::canonical::Kind::Mark(_)))
                    .map(|token| self.resolve(&token.text).to_owned())
                    .collect(),
            })
            .collect()
    }

    /// The plain spelling of a chat word, or the word itself.
    pub(super) fn resolve<'a>(&'a self, word: &'a str) -> &'a str {
        self.slang.get(word).map_or(word, String::as_str)
    }

    /// The plain spelling of a word of a catalogue, or the word itself.
    pub(super) fn synonym<'a>(&'a self, word: &'a str) -> &'a str {
        self.synonyms.get(word).map_or(word, String::as_str)
    }

    /// Whether a word means itself, however much it looks like a slip or a form of a cue.
    pub(super) fn is_spared(&self, word: &str) -> bool {
        self.spared.contains(word)
    }

    /// Whether a word, or what remains of it without its chat affixes, is one of daily life.
    pub(super) fn is_everyday(&self, word: &str) -> bool {
        let known = |word: &str| self.everyday.contains(word);
        let long = |rest: &&str| rest.len() > self.affixes.minimum;
        let stems =
            || self.affixes.suffixes.iter().filter_map(|end| word.strip_suffix(end.as_str())).filter(long);
        let ends =
            || self.affixes.plurals.iter().filter_map(|end| word.strip_suffix(end.as_str())).filter(long);
        let begun = |stem: &str| {
            self.affixes
                .prefixes
                .iter()
                .filter_map(|front| stem.strip_prefix(front.as_str()))
                .filter(long)
                .any(known)
        };
        known(word) || begun(word) || stems().any(|stem| known(stem) || begun(stem)) || ends().any(known)
    }

    /// Whether a word is no product by itself: a cue, a particle, a plain word of either language.
    pub(super) fn is_common(&self, word: &str) -> bool {
        self.cues.contains(word)
            || self.particles.contains(word)
            || self.vocatives.contains(word)
            || self.separators.contains(word)
            || self.fillers.contains(word)
            || self.each.contains(word)
            || self.numbers.ordinals.contains_key(word)
            || self.numbers.ordinal_before.contains(word)
            || self.numbers.not_before.contains(word)
            || self.function.iter().any(|words| words.contains(word))
    }

    /// Which of several choices a word names by its size or price.
    pub(super) fn size(&self, word: &str) -> Option<Size> {
        self.sizes.get(word).copied()
    }

    /// Whether an address begins with this word, so that what follows is a place and not an order.
    pub(super) fn begins_address(&self, word: &str) -> bool {
        self.addresses.contains(word)
    }

    /// Whether a word says nothing of its own beside others.
    pub(super) fn is_light(&self, word: &str) -> bool {
        self.light.contains(word)
    }

    /// Whether a word colours a sentence without changing what it asks for.
    pub(super) fn is_filler(&self, word: &str) -> bool {
        self.particles.contains(word) || self.vocatives.contains(word) || self.fillers.contains(word)
    }

    /// Whether a cue or a unit can be made out of a word, so that an affix may be stripped to it.
    pub(super) fn is_base(&self, word: &str) -> bool {
        self.cues.contains(word) || self.units.contains_key(word) || self.slang.contains_key(word)
    }

    /// The language for which a word speaks, where it speaks for one.
    pub(super) fn language_of(&self, typed: &str, resolved: &str) -> Option<Language> {
        if self.neutral.contains(typed) || self.neutral.contains(resolved) {
            return None;
        }
        let speaks = |language: Language| {
            let of = [&self.function[language as usize], &self.phrase_words[language as usize]];
            of.iter().any(|words| words.contains(typed) || words.contains(resolved))
        };
        match (speaks(Language::Id), speaks(Language::En)) {
            (true, false) => Some(Language::Id),
            (false, true) => Some(Language::En),
            _ => None,
        }
    }
}

fn numbers(file: NumbersFile) -> Result<Numbers, LexiconError> {
    let mut words: HashMap<String, NumberWord> = HashMap::new();
    let mut add = |spellings: Vec<String>, meaning: NumberWord| {
        for word in spellings {
            if let Some(other) = words.insert(word.clone(), meaning) {
                let problem = format!("`{word}` means both {other:?} and {meaning:?}; keep one");
                return Err(LexiconError { file: "numbers.yaml", problem });
            }
        }
        Ok(())
    };
    for (table, meaning) in [
        (file.digits, NumberWord::Digit as fn(i64) -> NumberWord),
        (file.whole, NumberWord::Whole),
        (file.tens, NumberWord::Tens),
        (file.multipliers, NumberWord::Multiplier),
        (file.ones, NumberWord::One),
        (file.street, NumberWord::Street),
    ] {
        for (value, spellings) in table {
            add(spellings, meaning(value))?;
        }
    }
    add(file.teens, NumberWord::Teen)?;
    add(file.halves, NumberWord::Half)?;
    let (not_before, not_after) =
        (file.not_before.into_iter().collect(), file.not_after.into_iter().collect());
    let ordinals =
        file.ordinals.into_iter().flat_map(|(place, words)| words.into_iter().map(move |word| (word, place)));
    let ordinal_before = file.ordinal_before.into_iter().collect();
    Ok(Numbers { words, ordinals: ordinals.collect(), ordinal_before, not_before, not_after })
}

fn spellings(
    file: &'static str,
    table: BTreeMap<String, Vec<String>>,
) -> Result<HashMap<String, String>, LexiconError> {
    let mut plain = HashMap::new();
    for (word, spellings) in table {
        for spelling in spellings {
            if let Some(other) = plain.insert(spelling.clone(), word.clone()) {
                let problem = format!("`{spelling}` stands under `{other}` and `{word}`; keep one");
                return Err(LexiconError { file, problem });
            }
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lexicon_is_read_without_a_complaint() {
        if let Err(error) = Lexicon::shipped() {
            panic!("{error}");
        }
    }

    #[test]
    fn a_mistake_is_named_with_file_and_line() {
        let error = read::<WordsFile>("words.yaml", "vocatives: [kak]\nparticle: [dong]\n").err().unwrap();
        let text = error.to_string();
        assert!(text.starts_with("lexicon/words.yaml: ") && text.contains("line 2"), "{text}");
        let twice = BTreeMap::from([
            ("mau".to_owned(), vec!["mo".to_owned()]),
            ("mo".to_owned(), vec!["mo".to_owned()]),
        ]);
        assert!(spellings("slang.yaml", twice).is_err());
    }
}
