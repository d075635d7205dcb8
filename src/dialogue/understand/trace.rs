//! The stages in their order, with what each came to.

use std::ops::Range;

use super::canonical::{Kind, normalise};
use super::index::{CatalogIndex, Verdict};
use super::intents::{self, Facts, Hit};
use super::items::{self, Found};
use super::lexicon::Lexicon;
use super::numbers::{Amount, ONE};
use super::words::{self, Tag, Word};
use super::{Ambiguous, Change, Expectation, Intent, Understanding};
use super::{details, evidence, instead, names, negation, sizes, spans, tags, talk};
use crate::domain::catalog::Catalog;
use crate::domain::customer::Language;

/// Words of the message that may speak for a language.
const MAX_CUES: usize = u8::MAX as usize;

/// What a message means, and how that was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What it means.
    pub understanding: Understanding,
    /// Every word: bytes in the text, canonical form, plain spelling, what it does.
    pub words: Vec<(Range<usize>, String, String, String)>,
    /// Every group of words that was held against the catalogue: bytes in the text, and the outcome.
    pub windows: Vec<(Range<usize>, String)>,
    /// Bytes in the text of every group of words that names something sold.
    pub named: Vec<Range<usize>>,
    /// Every cue that counted: bytes in the text, and its rule with the weight.
    pub cues: Vec<(Range<usize>, String)>,
}

/// What a message means. Pure and total; linear in the length of the text, of which only the first [`super::MAX_CHARS`]
/// characters and [`super::MAX_TOKENS`] words are read. `language` is the conversation's, for what the text leaves open.
pub fn understand(
    text: &str,
    language: Language,
    index: &CatalogIndex,
    catalog: &Catalog,
    expectation: &Expectation,
) -> Understanding {
    explain(text, language, index, catalog, expectation).understanding
}

/// The same with every stage.
pub fn explain(
    text: &str,
    language: Language,
    index: &CatalogIndex,
    catalog: &Catalog,
    expectation: &Expectation,
) -> Trace {
    let Ok(lexicon) = Lexicon::shipped() else {
        return Trace {
            understanding: Understanding::default(),
            words: vec![],
            windows: vec![],
            named: vec![],
            cues: vec![],
        };
    };
    let mut words = words::read(text, lexicon, index);
    let phones = spans::phones(text);
    spans::mark(&mut words, &phones, lexicon, index);
    let amounts = tags::amounts(&mut words, lexicon, index);
    let mut hits = intents::hits(&words, &amounts, lexicon);
    tags::tag(&mut words, &amounts, &hits, lexicon, index);
    let talk = talk::mute(&mut words, &mut hits, lexicon);
    let mut found = items::find(text, &words, &amounts, &hits, (lexicon, index, catalog));
    let only_refused = refuses_all(&mut found);
    let said = details::find(text, &words, &phones, lexicon);
    let told = said.told.filter(|_| found.items.is_empty() && found.ambiguous.is_empty());
    let given = said.given;
    let order_number = order_number(&words);
    let ordinal = ordinal(&words, &amounts, lexicon);
    keep_unknown(&mut found, &hits, lexicon, order_number.is_some());
    let facts = facts(&words, &found, ordinal.is_some(), order_number.is_some());
    let (mut intent, mut evidence, counted) = intents::decide(&words, &hits, &facts, expectation, lexicon);
    if talk.refuses && matches!(intent, Intent::None | Intent::Browse) {
        intent = Intent::Deny;
        evidence.push("an act is refused".to_owned());
    }
    if talk.speaks {
        evidence.push("goods are only spoken of".to_owned());
    }
    let mut number =
        found.number.filter(|hundredths| hundredths % ONE == 0).map(|hundredths| hundredths / ONE);
    let mut ordinal = ordinal;
    let by_size = match expectation {
        Expectation::Choices(labels) if ordinal.is_none() && found.items.is_empty() => {
            sizes::place(&words, labels, lexicon)
        }
        _ => None,
    };
    if only_refused && !matches!(intent, Intent::ClaimsPaid | Intent::Clear | Intent::Human) {
        intent = Intent::Remove;
        evidence.push("all that is named is refused".to_owned());
    }
    // "Ga jadi dikirim, ambil sendiri aja": the way is called off, not the order.
    let says_way = given.iter().any(|given| given.kind == super::Detail::Delivery);
    let is_change = gives_way(intent) || (intent == Intent::Cancel && says_way);
    if told.as_ref().is_some_and(|told| told.named) && is_change {
        intent = Intent::Change;
        found.unknown.clear();
        evidence.push("something of the order besides its goods".to_owned());
    }
    if let Some(place) = by_size {
        (intent, ordinal, number) = (Intent::Choose, u32::try_from(place + 1).ok(), None);
        found.unknown.clear();
        evidence.push("the size of an open choice".to_owned());
    } else {
        choose(text, expectation, &mut intent, &mut ordinal, &mut number, &mut evidence);
    }
    if intent == Intent::Remove && !found.items.is_empty() && !found.refused.is_empty() && !only_refused {
        intent = Intent::Order;
        evidence.push("something else is wanted beside what is refused".to_owned());
    }
    if intent == Intent::Remove && !only_refused && instead::replaces(&mut found) {
        intent = Intent::Order;
        evidence.push("something else is wanted instead".to_owned());
    }
    if intent == Intent::Change && instead::exchanges(&words, &mut found) {
        intent = Intent::Order;
        evidence.push("one thing is wanted instead of another".to_owned());
    }
    let corrected = match found.items.as_slice() {
        [item]
            if intent == Intent::Order
                && item.quantity_said
                && negation::corrects_number(&words, lexicon) =>
        {
            intent = Intent::Change;
            evidence.push("a number is refused for another".to_owned());
            Some(Change::Set(item.quantity))
        }
        _ => None,
    };
    let only = says_only(&words, &found, &counted, lexicon);
    let change =
        (intent == Intent::Change).then(|| change(&words, &amounts, &counted, lexicon, &found)).flatten();
    let change = corrected.or(change);
    if intent == Intent::Change {
        number = number.or_else(|| {
            change.map(|change| match change {
                Change::Set(to) => i64::from(to),
                Change::By(by) => i64::from(by.unsigned_abs()),
            })
        });
        // "teh hijau jadi 2, kukis jadi 3": each has its own number.
        let several = found.items.len() > 1;
        for item in found.items.iter_mut().filter(|item| !(several && item.quantity_said)) {
            if let Some(Change::Set(to @ 1..)) = change {
                (item.quantity, item.quantity_said) = (to, true);
            }
        }
    }
    if intent == Intent::Order {
        ask_for_odd_numbers(&mut found);
    }
    let (lang, language_cues) = language_of(&words, lexicon);
    let topic = names::topic(intent, &words, &counted, &facts, language_cues, lexicon)
        .or((talk.trouble && intent == Intent::None).then_some(super::Topic::Other));
    evidence.extend(topic.map(|topic| format!("about the shop: {}", topic.as_str())));
    let errand = names::errand(&words, &amounts, lexicon, facts.known_items);
    let period = errand.and_then(|_| names::period(&words, &amounts, lexicon));
    let language_wanted =
        (intent == Intent::Language).then(|| language_wanted(&words, lang.unwrap_or(language))).flatten();
    evidence.extend(found.remarks.iter().cloned());
    evidence.extend(found.items.iter().map(|item| format!("item: {} x{}", item.name, item.quantity)));
    let named: Vec<Range<usize>> = found
        .windows
        .iter()
        .filter(|window| window.verdict != Verdict::Nothing)
        .map(|window| window.words.clone())
        .collect();
    let whole = by_size.is_some()
        || (intent == Intent::Change && told.is_some())
        || evidence::is_whole(&words, intent, &hits, &named, lexicon);
    let windows = windows(&found, &words);
    let named = named.iter().map(|named| span(&words, named)).collect();
    let understanding = Understanding {
        lang,
        language_cues,
        intent,
        items: found.items,
        ambiguous: found.ambiguous,
        unknown: found.unknown,
        change,
        number,
        ordinal,
        order_number,
        language_wanted,
        refused: found.refused,
        question: facts.question,
        only,
        note: found.note,
        told,
        given,
        whole,
        topic,
        errand,
        period,
        entry: None,
        evidence,
    };
    let cues =
        counted.iter().map(|hit| (span(&words, &hit.words), lexicon.rules[hit.rule].describe())).collect();
    let words =
        words.into_iter().map(|word| (word.span, word.text, word.base, format!("{:?}", word.tag))).collect();
    Trace { understanding, words, windows, named, cues }
}

/// Whether everything that is named is refused; then that is what the message is about.
fn refuses_all(found: &mut Found) -> bool {
    let named =
        !found.refused.is_empty() || !found.refused_ambiguous.is_empty() || !found.refused_unknown.is_empty();
    if !named || !found.items.is_empty() || !found.ambiguous.is_empty() || !found.unknown.is_empty() {
        return false;
    }
    found.items = std::mem::take(&mut found.refused);
    found.ambiguous = std::mem::take(&mut found.refused_ambiguous);
    found.unknown = std::mem::take(&mut found.refused_unknown);
    true
}

/// Whether an intent means no more than that something is to change.
fn gives_way(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::None
            | Intent::Change
            | Intent::Choose
            | Intent::Order
            | Intent::Deny
            | Intent::Help
            | Intent::Browse
            | Intent::Affirm
            | Intent::Human
    )
}

/// Nobody can order none, or half of one: such a product is asked about instead of being taken once.
fn ask_for_odd_numbers(found: &mut Found) {
    for (product, text) in std::mem::take(&mut found.odd) {
        let before = found.items.len();
        found.items.retain(|item| item.product != product || item.quantity_said);
        if found.items.len() < before {
            found.ambiguous.push(Ambiguous { text, candidates: vec![product], quantity: 1 });
        }
    }
}

fn span(words: &[Word], range: &Range<usize>) -> Range<usize> {
    match (words.get(range.start), words.get(range.end.wrapping_sub(1))) {
        (Some(first), Some(last)) => first.span.start..last.span.end,
        _ => 0..0,
    }
}

fn windows(found: &Found, words: &[Word]) -> Vec<(Range<usize>, String)> {
    let describe = |verdict: &Verdict| match verdict {
        Verdict::Accept(fit) => format!("taken: {} {:.3}", fit.product, fit.score),
        Verdict::Ask(fits) => {
            let fits: Vec<String> =
                fits.iter().map(|fit| format!("{} {:.3}", fit.product, fit.score)).collect();
            format!("asked: {}", fits.join(", "))
        }
        Verdict::Nothing => "fits nothing".to_owned(),
    };
    found.windows.iter().map(|window| (span(words, &window.words), describe(&window.verdict))).collect()
}

/// Words that fit no product matter only where a product is spoken of: after a verb of ordering, beside a number.
fn keep_unknown(found: &mut Found, hits: &[Hit], lexicon: &Lexicon, has_order_number: bool) {
    let about_products = hits.iter().any(|hit| {
        let inside = hits.iter().any(|other| {
            other.words.len() > hit.words.len()
                && other.words.start <= hit.words.start
                && other.words.end >= hit.words.end
        });
        !inside
            && matches!(
                lexicon.rules[hit.rule].intent,
                Intent::Order | Intent::AskStock | Intent::AskPrice | Intent::Remove | Intent::Change
            )
    });
    let beside_items = !found.items.is_empty() || !found.ambiguous.is_empty();
    if has_order_number || !(about_products || beside_items || found.counted_unknown) {
        found.unknown.clear();
    }
}

fn facts(words: &[Word], found: &Found, ordinal: bool, order_number: bool) -> Facts {
    let known_items = found.items.len() + found.ambiguous.len();
    Facts {
        items: known_items + found.unknown.len() + found.refused.len(),
        known_items,
        with_quantity: found.counted,
        with_note: found.items.iter().any(|item| item.note.is_some()),
        number: found.number.is_some(),
        ordinal,
        unknown_words: found.has_unknown_words,
        order_number,
        question: words.iter().any(|word| word.is_mark('?')),
        category: found.category.is_some(),
    }
}

/// An answer to open choices by their words or their number.
fn choose(
    text: &str,
    expectation: &Expectation,
    intent: &mut Intent,
    ordinal: &mut Option<u32>,
    number: &mut Option<i64>,
    evidence: &mut Vec<String>,
) {
    let Expectation::Choices(labels) = expectation else { return };
    let typed = normalise(text);
    let place = labels.iter().position(|label| !typed.is_empty() && normalise(label) == typed);
    if let Some(place) = place {
        *intent = Intent::Choose;
        *ordinal = u32::try_from(place + 1).ok();
        evidence.clear();
        evidence.push("the words of an open choice".to_owned());
    } else if *intent == Intent::Choose && ordinal.is_none() {
        let place = number.and_then(|number| usize::try_from(number).ok());
        match place.filter(|place| (1..=labels.len()).contains(place)) {
            Some(place) => *ordinal = u32::try_from(place).ok(),
            None => *intent = Intent::None,
        }
    }
}

/// Words before a number that is the right one.
const SHOULD_BE: [&str; 4] = ["harusnya", "seharusnya", "mestinya", "should"];

/// Words that bound a number: so many and no more.
const ONLY: [&str; 5] = ["saja", "cuma", "hanya", "only", "just"];

/// "teh putih 1 aja": so many and no more, whatever the cart holds of it.
fn says_only(words: &[Word], found: &Found, counted: &[Hit], lexicon: &Lexicon) -> bool {
    let is_counted = |name: &str| counted.iter().any(|hit| lexicon.rules[hit.rule].name == name);
    let is_only = |word: Option<&Word>| word.is_some_and(|word| ONLY.contains(&word.base.as_str()));
    let beside_number = words.iter().enumerate().any(|(at, word)| {
        word.tag == Tag::Quantity
            && (is_only(words.get(at + 1))
                || at.checked_sub(1).is_some_and(|before| is_only(words.get(before))))
    });
    // "1 teh hijau saja": behind the name as well as beside the number.
    let behind_name = found.items.iter().any(|item| item.quantity_said)
        && found.windows.iter().any(|window| is_only(words.get(window.words.end)));
    (beside_number || behind_name) && !is_counted("order-add") && !is_counted("change-more")
}

/// Whether a change is absolute or relative, by the cues that spoke for it.
fn change(
    words: &[Word],
    amounts: &[Option<Amount>],
    counted: &[Hit],
    lexicon: &Lexicon,
    found: &Found,
) -> Option<Change> {
    // "Kurang 1, harusnya 4": what it should be, whatever is missing.
    let should_be = words.iter().position(|word| SHOULD_BE.contains(&word.base.as_str()));
    let meant = should_be.and_then(|at| {
        amounts.iter().skip(at).take(3).find_map(|amount| amount.and_then(|amount| whole(amount.hundredths)))
    });
    if let Some(meant) = meant {
        return Some(Change::Set(meant));
    }
    let rule = |name: &str| counted.iter().find(|hit| lexicon.rules[hit.rule].name == name);
    let inside =
        |hit: &Hit| hit.words.clone().find_map(|at| amounts[at]).and_then(|amount| whole(amount.hundredths));
    if let Some(hit) = rule("change-to") {
        return inside(hit).map(Change::Set);
    }
    let said = amounts
        .iter()
        .enumerate()
        .filter(|(at, _)| words[*at].tag == Tag::Quantity)
        .find_map(|(_, amount)| amount.and_then(|amount| whole(amount.hundredths)));
    let by = said.unwrap_or(1);
    let signed = i32::try_from(by).unwrap_or(i32::MAX);
    if rule("change-less").is_some() {
        return Some(Change::By(-signed));
    }
    if rule("change-more").is_some() {
        return Some(Change::By(signed));
    }
    let _ = found;
    said.map(Change::Set)
}

/// Whole pieces, none included.
fn whole(hundredths: i64) -> Option<u32> {
    if hundredths == 0 { Some(0) } else { items::pieces(hundredths) }
}

/// `ORD-2026-0001`, however it is typed.
fn order_number(words: &[Word]) -> Option<String> {
    let at = words.iter().position(|word| matches!(word.text.as_str(), "ord"))?;
    let groups: Vec<&str> = words[at + 1..]
        .iter()
        .filter(|word| !word.is_mark('#'))
        .take_while(|word| word.kind == Kind::Number)
        .take(3)
        .map(|word| word.text.as_str())
        .collect();
    (!groups.is_empty()).then(|| format!("ORD-{}", groups.join("-")))
}

fn ordinal(words: &[Word], amounts: &[Option<Amount>], lexicon: &Lexicon) -> Option<u32> {
    let by_word = words
        .iter()
        .filter(|word| word.tag != Tag::Content)
        .find_map(|word| lexicon.numbers.ordinals.get(&word.text));
    if let Some(place) = by_word {
        return Some(*place);
    }
    words.iter().enumerate().find_map(|(at, word)| {
        let amount = amounts[at].filter(|_| word.tag == Tag::OtherNumber)?;
        let place = items::pieces(amount.hundredths)?;
        let suffix = words
            .get(amount.end)
            .is_some_and(|word| word.glued && matches!(word.text.as_str(), "st" | "nd" | "rd" | "th"));
        (suffix || tags::is_ordinal(words, at, amount.end, lexicon)).then_some(place)
    })
}

fn language_of(words: &[Word], lexicon: &Lexicon) -> (Option<Language>, u8) {
    let mut counts = [0u8; 2];
    let plain =
        words.iter().filter(|word| word.kind == Kind::Word && !matches!(word.tag, Tag::Content | Tag::Weak));
    for word in plain.take(MAX_CUES) {
        if let Some(language) = lexicon.language_of(&word.text, &word.base) {
            counts[language as usize] = counts[language as usize].saturating_add(1);
        }
    }
    let [id, en] = counts;
    match id.cmp(&en) {
        std::cmp::Ordering::Greater => (Some(Language::Id), id),
        std::cmp::Ordering::Less => (Some(Language::En), en),
        std::cmp::Ordering::Equal => (None, 0),
    }
}

/// The language that is asked for; without a name it is the other one.
fn language_wanted(words: &[Word], _: Language) -> Option<Language> {
    words.iter().rev().find_map(|word| match word.base.as_str() {
        "inggris" => Some(Language::En),
        "indonesia" => Some(Language::Id),
        _ => None,
    })
}

impl super::lexicon::Rule {
    fn describe(&self) -> String {
        format!("{} {:?} +{}", self.name, self.intent, self.weight)
    }
}
