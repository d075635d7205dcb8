//! What may stand in a hole of a template. A hole takes what has the form of its kind and nothing else: a name is a run of
//! words that are written like a name, and no word of it is one by which sentences say that money is not there, not yet, not
//! for good or not from a buyer.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::tokens::{End, Token, Word};
use crate::domain::money::Rupiah;

/// Words of a name or a place.
const MAX_NAME_WORDS: usize = 10;
/// Words of a name that is written without capitals: a longer run is the sentence going on.
const MAX_SMALL_WORDS: usize = 2;
/// Words of a note.
const MAX_NOTE_WORDS: usize = 120;
/// Words of a group of words in the lists, with room for a pause.
const MAX_PHRASE_WORDS: usize = 5;
/// Words of an account, a reference or a moment.
const MAX_CODE_WORDS: usize = 8;
/// Characters of a verb that is known by its two ends.
const MIN_VERB_CHARS: usize = 8;
/// The longest day with its time and zone in one word.
const MAX_MOMENT_BYTES: usize = 25;
/// Letters that "-nya" leaves of a word: "SONYA" has none of it.
const MIN_STEM_BYTES: usize = 3;
/// Digits of a sum without marks. Fewer are a house number, more a day or an account.
const PLAIN_SUM_DIGITS: std::ops::RangeInclusive<usize> = 4..=7;

/// What may stand in a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hole {
    /// What came in.
    Amount,
    /// Another sum that the notice tells: a balance, the sales of the day.
    Balance,
    /// What the bank keeps.
    Fee,
    /// Who paid: the name of a person, a shop, a wallet.
    Who,
    /// A place that has a name: a shop, a counter.
    Place,
    /// An app, a bank or another way by which money travels.
    App,
    /// What belongs to the reader: "rekening BCA kamu".
    Own,
    /// The payer's own words: anything but a sum, up to the end of a sentence.
    Note,
    /// A note that may be the bank's: it says nothing against the sentence.
    Remark,
    /// An account, also half hidden.
    Account,
    /// A number by which the payment is found.
    Ref,
    /// A moment.
    Date,
}

impl Hole {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "amount" => Self::Amount,
            "balance" => Self::Balance,
            "fee" => Self::Fee,
            "who" => Self::Who,
            "place" => Self::Place,
            "app" => Self::App,
            "own" => Self::Own,
            "note" => Self::Note,
            "remark" => Self::Remark,
            "account" => Self::Account,
            "ref" => Self::Ref,
            "date" => Self::Date,
            _ => return None,
        })
    }

    /// Pieces that it takes at most; none for sums, which are one piece of their own.
    fn most(self) -> usize {
        match self {
            Self::Amount | Self::Balance | Self::Fee => 0,
            Self::Note | Self::Remark => MAX_NOTE_WORDS,
            Self::Account | Self::Ref | Self::Date => MAX_CODE_WORDS,
            Self::Who | Self::Place | Self::App | Self::Own => MAX_NAME_WORDS,
        }
    }
}

/// Words and groups of words, by the first word of each.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub(super) struct Phrases(HashMap<String, Vec<Vec<String>>>);

impl From<Vec<String>> for Phrases {
    fn from(phrases: Vec<String>) -> Self {
        let mut by_first: HashMap<String, Vec<Vec<String>>> = HashMap::new();
        for phrase in phrases {
            let mut words = phrase.split_whitespace().map(str::to_owned);
            if let Some(first) = words.next() {
                by_first.entry(first).or_default().push(words.collect());
            }
        }
        Self(by_first)
    }
}

impl Phrases {
    /// Whether one of them begins here that has this many words or more.
    fn begins(&self, words: &[&str], least: usize) -> bool {
        let Some((first, after)) = words.split_first() else { return false };
        self.0.get(*first).is_some_and(|phrases| {
            phrases.iter().any(|rest| {
                rest.len() + 1 >= least
                    && rest.len() <= after.len()
                    && rest.iter().zip(after).all(|(known, word)| known == word)
            })
        })
    }
}

/// What words are, where a hole must know it. The lists stand in `lexicon/notices/_shared.yaml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Words {
    /// What takes back what the sentence says: "pending", "dalam proses", "dikembalikan".
    pub(super) undoing: Phrases,
    /// What no name has for a word: words of sentences, and what is no buyer's money.
    pub(super) no_name: Phrases,
    /// What no word of a name has within: "LAZPAYLATER".
    pub(super) within: Vec<String>,
    /// The reader, who pays nothing to the reader.
    pub(super) selves: Phrases,
    /// Words of those lists that are first names where a name begins: WILL, VIA.
    pub(super) given_names: HashSet<String>,
    /// After one of these at its beginning a name goes on with any word: "PT. GAGAL MAJU".
    pub(super) titles: HashSet<String>,
    /// Small words within names that are written with capitals: "bin".
    pub(super) particles: HashSet<String>,
    /// Last words of what is the reader's own.
    pub(super) own: HashSet<String>,
    /// First words of what is the reader's own.
    pub(super) own_first: HashSet<String>,
    /// What the reader owns, besides apps: "rekening".
    pub(super) own_things: HashSet<String>,
    /// Words of the names of ways of paying, and of all apps.
    #[serde(rename = "channels")]
    pub(super) apps: HashSet<String>,
    /// Words of moments beside numbers.
    pub(super) dates: HashSet<String>,
    /// Those that tell a span after a number: "2 jam".
    pub(super) spans: HashSet<String>,
    /// Words that tell a sum: "ribu", "goceng".
    pub(super) sums: HashSet<String>,
    /// Words that tell one after a number: "50 k".
    pub(super) sum_units: HashSet<String>,
}

impl Words {
    /// How many of these pieces fill a hole, in every way. None of the pieces is a sum: that is the amount of a hole of its
    /// own, or the notice is unknown. The names of the shop are its own, whatever their words mean.
    pub(super) fn fits(&self, hole: Hole, pieces: &[Token], shop: &[Vec<Token>]) -> Vec<usize> {
        let mut lengths: Vec<usize> = (1..=pieces.len().min(hole.most()))
            .take_while(|end| self.may_begin(hole, &pieces[..*end]))
            .filter(|end| self.may_be(hole, &pieces[..*end]))
            .collect();
        if matches!(hole, Hole::Place | Hole::Own) {
            let is_here =
                |name: &&Vec<Token>| name.len() <= pieces.len() && is_run(name, &pieces[..name.len()]);
            lengths.extend(shop.iter().filter(|name| !name.is_empty()).filter(is_here).map(Vec::len));
        }
        if hole == Hole::Who {
            // Nobody buys at their own shop: that is money from one pocket into the other. A name of one word may be a part
            // of many others.
            let is_own = |name: &Vec<Token>, length: usize| {
                (name.len() > 1 && pieces.len() >= name.len() && is_run(name, &pieces[..name.len()]))
                    || is_run(name, &pieces[..length])
            };
            lengths.retain(|length| !shop.iter().any(|name| is_own(name, *length)));
        }
        lengths
    }

    /// Whether what fills a hole may begin with these pieces. Where it may not, nothing longer may.
    fn may_begin(&self, hole: Hole, pieces: &[Token]) -> bool {
        let Some((last, before)) = pieces.split_last() else { return false };
        let word = match last {
            Token::Money(_) => return false,
            Token::Pause(end) => {
                return match hole {
                    Hole::Note | Hole::Remark => *end == End::Part,
                    Hole::Date => true,
                    _ => false,
                };
            }
            Token::Word(word) => word.text.as_str(),
        };
        let has_digit = word.contains(|c: char| c.is_ascii_digit());
        match hole {
            Hole::Amount | Hole::Balance | Hole::Fee => false,
            Hole::Note => !self.tells_sum(before.last(), word),
            // What stands further back has been looked at when it was the end.
            Hole::Remark => {
                let end = &pieces[pieces.len().saturating_sub(MAX_PHRASE_WORDS)..];
                !self.tells_sum(before.last(), word) && !self.is_undone(end)
            }
            Hole::Who | Hole::Place => !self.tells_sum(before.last(), word) && self.is_name(hole, pieces),
            Hole::App => self.apps.contains(word),
            Hole::Own => {
                let lists = [&self.own, &self.own_first, &self.own_things, &self.apps];
                self.is_yours(word) || lists.iter().any(|list| list.contains(word))
            }
            Hole::Account => has_digit || (word.len() > 1 && word.chars().all(|c| matches!(c, 'x' | '*'))),
            Hole::Ref => has_digit && !is_delay(word),
            Hole::Date => self.is_of_moment(word),
        }
    }

    /// Whether pieces with which it may begin are all of it.
    fn may_be(&self, hole: Hole, pieces: &[Token]) -> bool {
        let words = words(pieces);
        let (Some(first), Some(last), Some(Token::Word(_))) = (words.first(), words.last(), pieces.last())
        else {
            return false;
        };
        match hole {
            Hole::Own => {
                self.own.contains(&last.text)
                    || self.is_yours(&last.text)
                    || (words.len() > 1 && self.own_first.contains(&first.text))
            }
            Hole::Date => self.is_moment(&words),
            // "Livin by Mandiri" has a small word within, and neither begins nor ends with one.
            Hole::App => [first, last]
                .iter()
                .all(|word| self.own_things.contains(&word.text) || !self.no_name.begins(&[&word.text], 1)),
            _ => true,
        }
    }

    /// Whether these words are written like a name and say nothing.
    fn is_name(&self, hole: Hole, pieces: &[Token]) -> bool {
        let words = words(pieces);
        let is_written = |word: &&Word| {
            let mut chars = word.text.chars();
            word.text == "&"
                || chars.all(|c| {
                    c.is_alphanumeric() || matches!(c, '.' | '\'' | '-' | '/' | '&' | '*' | '_' | '@')
                })
        };
        // A title, a first name: what stands there is a name, whatever it means elsewhere.
        let is_free = |at: usize| match at {
            0 => words[0].is_capital && self.given_names.contains(&words[0].text),
            1 => words[1].is_capital && self.titles.contains(&words[0].text),
            _ => false,
        };
        let lists: &[&Phrases] = match hole {
            Hole::Who => &[&self.undoing, &self.no_name, &self.selves],
            _ => &[&self.undoing, &self.no_name],
        };
        words.iter().all(is_written)
            && self.is_cased(hole, &words)
            && !says(&words, |at, rest| {
                // A group of words says what it says wherever it stands.
                let least = if is_free(at) { 2 } else { 1 };
                lists.iter().any(|list| list.begins(rest, least))
                    || (!is_free(at) && self.is_no_word_of(hole, rest[0]))
            })
    }

    /// Whether a word is in no list and yet tells by its form that it is of no name.
    fn is_no_word_of(&self, hole: Hole, word: &str) -> bool {
        is_verb(word)
            || self.within.iter().any(|part| word.contains(part))
            || (hole == Hole::Who && self.is_yours(word))
    }

    /// Whether the letters are those of a name. Where a name has capitals, small words are the sentence going on ("BUDI masih
    /// menunggu"), but for those that stand within names; a place has capitals, and a name without any is short.
    fn is_cased(&self, hole: Hole, words: &[&Word]) -> bool {
        // Digits and hidden letters are neither.
        let letters = || {
            words.iter().filter(|word| {
                !word.text.contains(|c: char| c.is_ascii_digit() || c == '*') && word.text != "&"
            })
        };
        let is_within = |word: &Word| self.particles.contains(&word.text) || self.titles.contains(&word.text);
        let small = letters().filter(|word| !word.is_capital).count();
        if letters().any(|word| word.is_capital) {
            letters().all(|word| word.is_capital || is_within(word))
        } else {
            small == 0 || (hole == Hole::Who && small <= MAX_SMALL_WORDS)
        }
    }

    /// Whether a word is a thing or an app with "your" at its end: "saldomu", "GoPaymu".
    fn is_yours(&self, word: &str) -> bool {
        word.strip_suffix("mu")
            .is_some_and(|thing| self.own_things.contains(thing) || self.apps.contains(thing))
    }

    /// Whether a remark says something against the sentence.
    fn is_undone(&self, pieces: &[Token]) -> bool {
        says(&words(pieces), |_, rest| self.undoing.begins(rest, 1) || is_verb(rest[0]))
    }

    /// Whether a word, with the one before it, tells a sum, however people write it: "50rb", "50.000", "lima puluh ribu".
    fn tells_sum(&self, before: Option<&Token>, word: &str) -> bool {
        let is_after_number = || matches!(before, Some(Token::Word(number)) if number.text.starts_with(|c: char| c.is_ascii_digit()));
        if self.sums.contains(word) || (self.sum_units.contains(word) && is_after_number()) {
            return true;
        }
        let runs = runs(word);
        let is_unit = |run: &str| self.sums.contains(run) || self.sum_units.contains(run);
        let is_number = |run: &str| run.starts_with(|c: char| c.is_ascii_digit());
        if runs.windows(2).any(|pair| {
            is_number(pair[0]) && (is_unit(pair[1]) || pair[1].strip_suffix("an").is_some_and(is_unit))
        }) || split(word).iter().any(|part| self.sums.contains(*part))
        {
            return true;
        }
        let number = word.trim_matches(|c: char| !c.is_ascii_digit());
        let Some(sum) = Rupiah::read(number).map(Rupiah::whole) else { return false };
        let is_marked = number.contains(['.', ',']) && sum >= 1_000;
        let is_plain = number == word
            && PLAIN_SUM_DIGITS.contains(&word.len())
            && !word.starts_with('0')
            && (sum % 100 == 0 || sum >= 10_000);
        is_marked || is_plain
    }

    /// Whether a word may stand in a moment: numbers with marks, and names of days, months and zones.
    fn is_of_moment(&self, word: &str) -> bool {
        if !word.contains(|c: char| c.is_ascii_digit()) {
            return self.dates.contains(word);
        }
        let mut letters = word.split(|c: char| !c.is_alphabetic()).filter(|run| !run.is_empty());
        word.len() <= MAX_MOMENT_BYTES
            && word.starts_with(|c: char| c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "/:.-+".contains(c))
            && letters.all(|run| {
                matches!(run, "t" | "z") || (self.dates.contains(run) && !self.spans.contains(run))
            })
            && !self.tells_sum(None, word)
            && is_possible(word)
    }

    /// Whether these words tell when something was, and not how long it takes: "2 jam" and "3 hari" are spans.
    fn is_moment(&self, words: &[&Word]) -> bool {
        let is_plain = |word: &Word| word.text.chars().all(|c| c.is_ascii_digit());
        let has_digit = |word: &Word| word.text.contains(|c: char| c.is_ascii_digit());
        let is_span = words.windows(2).enumerate().any(|(at, pair)| {
            let goes_on = words.get(at + 2).is_some_and(|next| has_digit(next));
            is_plain(pair[0]) && self.spans.contains(&pair[1].text) && !goes_on
        });
        words.iter().any(|word| has_digit(word)) && !is_span
    }
}

/// Whether a word says that the money comes some days later: "H+1", "T+2".
fn is_delay(word: &str) -> bool {
    let days = word.strip_prefix(['h', 't']).and_then(|rest| rest.strip_prefix('+'));
    days.is_some_and(|days| !days.is_empty() && days.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a day that is written in figures, with its year last or first, is one of the calendar.
fn is_possible(word: &str) -> bool {
    let day = word.split(['T', 't', '.', ':']).next().unwrap_or(word);
    let parts: Vec<Option<u32>> = day.split(['/', '-']).map(|part| part.parse().ok()).collect();
    let [Some(first), Some(month), Some(last)] = parts[..] else { return true };
    let (year, day) = if first > 31 { (first, last) } else { (last, first) };
    i32::try_from(year).is_ok_and(|year| chrono::NaiveDate::from_ymd_opt(year, month, day).is_some())
}

/// Whether pieces are the words of a name, all of them.
fn is_run(name: &[Token], pieces: &[Token]) -> bool {
    !name.is_empty()
        && name.len() == pieces.len()
        && name.iter().zip(pieces).all(|(own, piece)| is_same(own, piece))
}

/// Whether two pieces are the same but for capitals.
fn is_same(one: &Token, other: &Token) -> bool {
    match (one, other) {
        (Token::Word(one), Token::Word(other)) => one.text == other.text,
        (Token::Pause(_), Token::Pause(_)) => true,
        _ => false,
    }
}

/// The words of some pieces.
fn words(pieces: &[Token]) -> Vec<&Word> {
    pieces
        .iter()
        .filter_map(|piece| match piece {
            Token::Word(word) => Some(word),
            _ => None,
        })
        .collect()
}

/// Whether some words say one thing anywhere. `is_said` is given a word's place, and what begins there in every form in
/// which it may be meant: as it is written ("isn't"), in its parts ("BUDI/PENDING"), in one ("re-fund"), and without "-nya".
fn says(words: &[&Word], is_said: impl Fn(usize, &[&str]) -> bool) -> bool {
    let parts: Vec<(usize, &str)> = words
        .iter()
        .enumerate()
        .flat_map(|(at, word)| split(&word.text).into_iter().map(move |part| (at, part)))
        .collect();
    let in_parts = (0..parts.len()).any(|start| {
        let mut rest: Vec<&str> = parts[start..].iter().map(|(_, part)| *part).collect();
        if is_said(parts[start].0, &rest) {
            return true;
        }
        let stem = rest[0].strip_suffix("nya").filter(|stem| stem.len() >= MIN_STEM_BYTES);
        stem.is_some_and(|stem| {
            rest[0] = stem;
            is_said(parts[start].0, &rest)
        })
    });
    in_parts
        || words.iter().enumerate().any(|(at, word)| {
            let joined: String = word.text.chars().filter(|c| c.is_alphanumeric()).collect();
            is_said(at, &[&word.text]) || is_said(at, &[&joined])
        })
}

/// The parts of a word that has marks within it.
fn split(word: &str) -> Vec<&str> {
    word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect()
}

/// The numbers and the letters of a word: "2x25rb" is "2", "x", "25", "rb".
fn runs(word: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    for part in split(word) {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let is_digit = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            runs.push(run);
            rest = after;
        }
    }
    runs
}

/// Whether a word is a verb by its two ends: "ditangguhkan", "menyatakan". No name has both.
fn is_verb(word: &str) -> bool {
    word.len() >= MIN_VERB_CHARS
        && word.ends_with("kan")
        && (word.starts_with("di") || word.starts_with("me"))
}
