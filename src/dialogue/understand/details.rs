//! What is said of an order besides its goods: an address, a phone number, a name, the way of delivery, a note. Asked to be
//! changed ("ganti alamat dong"), or given ("nomor saya 0812…"), one or several of them in one message.

use std::ops::Range;

use super::canonical::Kind;
use super::lexicon::Lexicon;
use super::spans::{self, Phone};
use super::values::{Place, Reader};
use super::words::{self, Tag, Word};
use super::{Detail, Given, Told};

/// Words between the verb of changing and what is to change.
const MAX_BETWEEN: usize = 3;
/// Words between what sets something aside and what it sets aside, itself among them.
const MAX_SET_ASIDE: usize = 6;
/// Digits of a place in a list; a phone number has more.
const PLACE_DIGITS: usize = 2;
/// Characters of a note that is given.
const NOTE_CHARS: std::ops::RangeInclusive<usize> = 2..=200;
/// As flows write the two ways of delivery.
const PICKUP: &str = "pickup";
const COURIER: &str = "courier";

/// What a message says of an order besides its goods.
#[derive(Debug, Default)]
pub(super) struct Details {
    /// What it is about.
    pub(super) told: Option<Told>,
    /// Everything of which it gives a value.
    pub(super) given: Vec<Given>,
}

/// A place in the message that speaks of a detail.
#[derive(Debug, Clone)]
struct Mention {
    kind: Detail,
    /// The words that name it; none where a street stands for itself.
    words: Range<usize>,
    /// The way of delivery that these words are.
    way: Option<&'static str>,
    /// Whether a courier is called by its name.
    courier: bool,
}

/// What was said of details, and whether one is asked to be changed.
pub(super) fn find(text: &str, words: &[Word], phones: &[Phone], lexicon: &Lexicon) -> Details {
    let reader = Reader { text, words, phones, lexicon };
    let mentions = mentions(&reader);
    let mut said: Vec<(usize, Told, bool)> = Vec::new();
    for (place, mention) in mentions.iter().enumerate() {
        let to = match mention.kind {
            Detail::Note => words.len(),
            _ => mentions.get(place + 1).map_or(words.len(), |next| next.words.start),
        };
        let (value, adds) = value(&reader, mention, to, &mentions);
        let asked = mention.way.is_none()
            && !mention.words.is_empty()
            && (mention.courier || verb(words, mention.words.start, mention.words.end, lexicon).is_some());
        let named = !mention.words.is_empty();
        said.push((place, Told { kind: mention.kind, value, asked, named }, adds));
    }
    let by_itself = said.len() < 2;
    // Without a verb only what can be told from anything else is given: "nama menunya apa".
    said.retain(|(place, told, _)| {
        let from = mentions[*place].words.end;
        let is_marked = words
            .get(from)
            .is_some_and(|word| word.tag == Tag::Span || word.is_mark(':') || word.is_mark('='));
        told.asked
            || (told.value.is_some()
                && (told.kind != Detail::Name && told.kind != Detail::Note || is_marked || !by_itself))
    });
    let mut given: Vec<Given> = Vec::new();
    for (_, told, adds) in &said {
        if let Some(value) = &told.value
            && given.iter().all(|given| given.kind != told.kind)
        {
            given.push(Given { kind: told.kind, value: value.clone(), adds: *adds });
        }
    }
    if let Some(phone) = meant_phone(&reader)
        && given.iter().all(|given| given.kind != Detail::Phone)
    {
        given.push(Given { kind: Detail::Phone, value: phone.number.clone(), adds: false });
    }
    Details { told: told(said.into_iter().map(|(_, told, _)| told).collect(), &given), given }
}

/// The number that is meant: the last one where an earlier one is taken back ("bukan 0812… tapi 0813…", "0812… eh salah, 0813…").
fn meant_phone<'a>(reader: &Reader<'a>) -> Option<&'a Phone> {
    let (first, last) = (reader.phones.first()?, reader.phones.last()?);
    let takes_back = |at: usize| {
        let word = &reader.words[at];
        let is_wrong =
            matches!(word.base.as_str(), "salah" | "keliru" | "wrong" | "sorry" | "maaf" | "ralat" | "eh");
        (is_wrong || reader.is_turn(at) || reader.contrary(at).is_some()) && word.span.start < last.span.start
    };
    let is_taken_back = (0..reader.words.len()).any(takes_back);
    Some(if is_taken_back { last } else { first })
}

/// What the message is about: what is asked to be changed, before what is only given, and a value of its own kind with it. A way
/// of delivery beside an address is about the address.
fn told(said: Vec<Told>, given: &[Given]) -> Option<Told> {
    let rank = |told: &&Told| {
        let is_way = told.kind == Detail::Delivery;
        (told.asked && told.value.is_some(), told.value.is_some() && !is_way, told.asked, !is_way)
    };
    // The first of the best.
    let best = said.iter().rev().max_by_key(rank).cloned();
    let is_named = said.iter().any(|told| told.named);
    match best {
        Some(mut told) => {
            let known = given.iter().find(|given| given.kind == told.kind);
            told.value = told.value.or_else(|| known.map(|given| given.value.clone()));
            told.named |= is_named;
            Some(told)
        }
        None => given.iter().find(|given| given.kind == Detail::Phone).map(|given| Told {
            kind: Detail::Phone,
            value: Some(given.value.clone()),
            asked: false,
            named: false,
        }),
    }
}

/// Every place that speaks of a detail, in their order.
fn mentions(reader: &Reader<'_>) -> Vec<Mention> {
    let (words, lexicon) = (reader.words, reader.lexicon);
    let says_way = says_way(reader);
    let mut mentions: Vec<Mention> = Vec::new();
    // Whether an address is being said, so that its streets and numbers begin nothing.
    let mut in_address = false;
    let mut at = 0;
    while at < words.len() {
        if words[at].is_mark('\n') || reader.is_turn(at) {
            in_address = false;
        }
        if words[at].kind != Kind::Word {
            at += 1;
            continue;
        }
        if let Some((kind, end)) = noun(reader, at, in_address) {
            in_address = kind == Detail::Address;
            mentions.push(Mention { kind, words: at..end, way: None, courier: false });
            if kind == Detail::Note {
                break;
            }
            at = end;
            continue;
        }
        if !in_address && let Some((way, end)) = way(reader, at) {
            let is_off = is_set_aside(reader, at);
            let courier = way.is_none();
            if says_way && (!is_off || courier) {
                mentions.push(Mention { kind: Detail::Delivery, words: at..end, way, courier });
            }
            at = end;
            continue;
        }
        if !in_address && lexicon.begins_address(&words[at].text) && words[at].tag == Tag::Span {
            in_address = true;
            if !is_set_aside(reader, at) {
                mentions.push(Mention { kind: Detail::Address, words: at..at, way: None, courier: false });
            }
        }
        at += 1;
    }
    mentions
}

/// The detail that is named here, and where its name ends.
fn noun(reader: &Reader<'_>, at: usize, in_address: bool) -> Option<(Detail, usize)> {
    let words = reader.words;
    let said = reader.lexicon.details.kinds.iter();
    let (kind, end) = said
        .filter_map(|(kind, phrases)| Some((*kind, phrases.said(words, at)?)))
        .max_by_key(|(_, end)| *end)?;
    if kind == Detail::Phone {
        // "Ganti nomor 1 jadi 2" is about a line of a list, "Jl. Mawar nomor 7" about a house.
        let next = words.get(end);
        let is_place = next.is_some_and(|word| word.kind == Kind::Number && word.text.len() <= PLACE_DIGITS);
        let from = words[at].span.start;
        let has_number = reader.phones.iter().any(|phone| phone.span.start > from);
        if is_place || (in_address && !has_number) {
            return None;
        }
    }
    // "Jl. Kurir 3", "dekat kantor ekspedisi".
    (kind != Detail::Delivery || !in_address).then_some((kind, end))
}

/// A way of delivery that is said here, or nothing for a courier's name, and where it ends.
fn way(reader: &Reader<'_>, at: usize) -> Option<(Option<&'static str>, usize)> {
    let details = &reader.lexicon.details;
    let said = [
        (details.pickup.said(reader.words, at), Some(PICKUP)),
        (details.courier.said(reader.words, at), Some(COURIER)),
        (details.couriers.said(reader.words, at), None),
    ];
    said.into_iter().filter_map(|(end, way)| Some((way, end?))).max_by_key(|(_, end)| *end)
}

/// Whether the words right before say that this is not meant ("jangan ke Jl. Mawar").
fn is_set_aside(reader: &Reader<'_>, at: usize) -> bool {
    let goes_on = |at: usize| reader.is_lead(at) && !reader.words[at].is_mark(',');
    (at.saturating_sub(MAX_SET_ASIDE)..at)
        .any(|from| reader.contrary(from).is_some_and(|end| end <= at && (end..at).all(goes_on)))
}

/// Whether a message wishes for a way of delivery: it asks and reports nothing, and says nothing else but where to.
fn says_way(reader: &Reader<'_>) -> bool {
    let (words, lexicon) = (reader.words, reader.lexicon);
    let details = &lexicon.details;
    let reports = |word: &Word| details.reports.contains(&word.base) || details.reports.contains(&word.text);
    if words.iter().any(|word| word.is_mark('?') || (word.tag != Tag::Span && reports(word))) {
        return false;
    }
    let mut at = 0;
    while at < words.len() {
        let phrase = way(reader, at)
            .map(|(_, end)| end)
            .or_else(|| reader.contrary(at))
            .or_else(|| details.verbs.said(words, at))
            .or_else(|| noun(reader, at, false).map(|(_, end)| end));
        if let Some(end) = phrase {
            at = end;
            continue;
        }
        let word = &words[at];
        let is_light = word.kind != Kind::Word && word.kind != Kind::Number
            || word.tag == Tag::Span
            || lexicon.is_light(&word.base)
            || lexicon.is_light(&word.text)
            || lexicon.is_filler(&word.text)
            || reader.is_lead(at)
            || reader.is_turn(at)
            || matches!(
                word.text.as_str(),
                "toko" | "tokonya" | "shop" | "store" | "kantor" | "kos" | "home"
            );
        if !is_light {
            return false;
        }
        at += 1;
    }
    true
}

/// The verb of changing beside what is to change: before it, or after it.
fn verb(words: &[Word], at: usize, end: usize, lexicon: &Lexicon) -> Option<(usize, usize)> {
    let is_light =
        |word: &Word| matches!(word.tag, Tag::Filler | Tag::Common | Tag::Open | Tag::Separator | Tag::Weak);
    let before = (at.saturating_sub(MAX_BETWEEN + 1)..at).rev().find_map(|verb| {
        let verb_end = lexicon.details.verbs.said(words, verb)?;
        (verb_end <= at && words[verb_end..at].iter().all(is_light)).then_some((verb, verb_end))
    });
    before.or_else(|| {
        (end..(end + MAX_BETWEEN + 1).min(words.len())).find_map(|verb| {
            let verb_end = lexicon.details.verbs.said(words, verb)?;
            words[end..verb].iter().all(is_light).then_some((verb, verb_end))
        })
    })
}

/// The value that a mention has, and whether it only completes what is known.
fn value(reader: &Reader<'_>, mention: &Mention, to: usize, all: &[Mention]) -> (Option<String>, bool) {
    let part = mention.words.end..to;
    let is_asked = reader.words.iter().any(|word| word.is_mark('?'));
    match mention.kind {
        Detail::Phone => (phone(reader, mention, to, all), false),
        Detail::Delivery => (mention.way.map(str::to_owned), false),
        _ if is_asked => (None, false),
        Detail::Name => (reader.name(part, false), false),
        Detail::Address => match reader.place(part) {
            Some(Place { value, adds }) => (Some(value), adds),
            None => (None, false),
        },
        Detail::Note => (note(reader, part), false),
    }
}

/// The number that belongs to a mention: the last one behind it, so that a new one counts before an old one.
fn phone(reader: &Reader<'_>, mention: &Mention, to: usize, all: &[Mention]) -> Option<String> {
    let is_only = all.iter().filter(|other| other.kind == Detail::Phone).count() == 1;
    let from = reader.words[mention.words.start].span.start;
    let end = reader.words.get(to).map_or(usize::MAX, |word| word.span.start);
    let behind = reader.phones.iter().rfind(|phone| (from..end).contains(&phone.span.start));
    behind.or_else(|| reader.phones.first().filter(|_| is_only)).map(|phone| phone.number.clone())
}

fn note(reader: &Reader<'_>, part: Range<usize>) -> Option<String> {
    let is_lead = |at: &usize| {
        let word = &reader.words[*at];
        reader.lexicon.details.joints.contains(&word.base)
            || reader.lexicon.is_filler(&word.base)
            || matches!(word.kind, Kind::Mark(':' | '=' | '.'))
    };
    let from = part.start + part.clone().take_while(is_lead).count();
    let (first, last) = (reader.words.get(from)?, reader.words.last()?);
    let value = reader.text.get(first.span.start..last.span.end)?;
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = NOTE_CHARS.contains(&value.chars().count()) && value.chars().any(char::is_alphabetic);
    fits.then_some(value)
}

/// The name that answers the question for one. `beside_goods` tells that the message orders something as well, behind a mark.
pub fn name(text: &str, beside_goods: bool) -> Option<String> {
    let lexicon = Lexicon::shipped().ok()?;
    let (words, phones) = (words::plain(text, lexicon), spans::phones(text));
    let reader = Reader { text, words: &words, phones: &phones, lexicon };
    let named = |at: usize| noun(&reader, at, false).filter(|(_, end)| *end < words.len());
    // "0812… atas nama Rina": the name stands behind its own noun, or behind the number.
    let own = (0..words.len()).rev().find_map(|at| named(at).filter(|(kind, _)| *kind == Detail::Name));
    let leading =
        words.iter().take_while(|word| phones.iter().any(|phone| phone.span.contains(&word.span.start)));
    let from = own.map_or(leading.count(), |(_, end)| end);
    let is_street = |at: &usize| lexicon.begins_address(&words[*at].text) && *at > from;
    let other = (from + 1..words.len()).find(|at| named(*at).is_some());
    let parts = |at: &usize| {
        words[*at].is_mark('\n') || (beside_goods && matches!(words[*at].kind, Kind::Mark(',' | '.' | ';')))
    };
    let ends = [(from..words.len()).find(is_street), other, (from..words.len()).find(parts)];
    let end = ends.into_iter().flatten().min();
    if beside_goods && end.is_none() {
        return None;
    }
    reader.name(from..end.unwrap_or(words.len()), false)
}

/// The address that answers the question for one.
pub fn address(text: &str, beside_goods: bool) -> Option<String> {
    let lexicon = Lexicon::shipped().ok()?;
    let (words, phones) = (words::plain(text, lexicon), spans::phones(text));
    let reader = Reader { text, words: &words, phones: &phones, lexicon };
    let is_order = |at: &usize| *at > 0 && lexicon.spans.orders.contains(&words[*at].base);
    let order = (0..words.len()).find(is_order).filter(|_| beside_goods);
    let end = match order {
        Some(order) => order,
        None if beside_goods && !is_only_place(text) => return None,
        None => words.len(),
    };
    reader.place(0..end).filter(|place| !place.adds).map(|place| place.value)
}

/// Whether a text tells a place, by a word that makes one of what stands beside it ("Jl.", "Residence"), and orders nothing: streets
/// and houses are named like goods too ("23 Jasmine Street").
pub fn is_only_place(text: &str) -> bool {
    let Ok(lexicon) = Lexicon::shipped() else { return false };
    let words = words::plain(text, lexicon);
    words.iter().any(|word| lexicon.details.places.contains(&word.text))
        && !words.iter().any(|word| lexicon.spans.orders.contains(&word.base))
}
