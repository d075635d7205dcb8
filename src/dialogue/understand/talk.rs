//! Sentences that only speak of goods: of what went wrong with them, of another day or another shop, or to ask about what is in
//! the cart already. And acts that are refused: "jangan hapus kukisnya" takes nothing out.

use std::ops::Range;

use super::canonical::Kind;
use super::evidence::part_of;
use super::intents::Hit;
use super::lexicon::Lexicon;
use super::words::{Tag, Word};
use super::{Detail, Intent};

/// Words between a word of refusing and the act that it refuses ("jangan dulu ya dihapus").
const MAX_BETWEEN: usize = 3;
/// Words between what keeps trouble away and the trouble ("jangan sampai ada yang pecah").
const CALM_REACH: usize = 4;

/// What a message says of goods without ordering any.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Talk {
    /// Something is wrong with what was bought.
    pub(super) trouble: bool,
    /// Goods are only spoken of.
    pub(super) speaks: bool,
    /// An act is refused.
    pub(super) refuses: bool,
}

/// Finds the parts of a message that order nothing, takes their goods and numbers out of what is read further, and their cues
/// out of `hits`.
pub(super) fn mute(words: &mut [Word], hits: &mut Vec<Hit>, lexicon: &Lexicon) -> Talk {
    let mut talk = Talk::default();
    note(words, hits, lexicon);
    if let Some(end) = taken_back(words, lexicon) {
        talk.refuses = true;
        silence(words, hits, &(0..end), lexicon);
    }
    let mut at = 0;
    while at < words.len() {
        let part = part_of(words, at);
        if let Some(scope) = refused_act(words, &part, hits, lexicon) {
            talk.refuses = true;
            silence(words, hits, &scope, lexicon);
        }
        let kind = speaks(words, &part, lexicon);
        talk.trouble |= kind == Some(Speech::Trouble);
        // "Resep minuman: 3 teh hijau, 1 gelas air": what such a head says it says of all that follows.
        let heads =
            kind == Some(Speech::Elsewhere) && words.get(part.end).is_some_and(|mark| mark.is_mark(':'));
        let scope = part.start..if heads { words.len() } else { part.end };
        if kind.is_some() && scope.clone().any(|at| is_read(&words[at])) {
            talk.speaks = true;
            silence(words, hits, &scope, lexicon);
        }
        at = part.end + 1;
    }
    talk
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speech {
    Trouble,
    Elsewhere,
    Other,
}

/// Whether goods or numbers are read out of a word.
fn is_read(word: &Word) -> bool {
    matches!(word.tag, Tag::Content | Tag::Weak | Tag::Quantity)
}

/// "2 teh hijau, catatan: 3 kukis buat contoh": what stands behind such a head is a note about what stands before it.
fn note(words: &mut [Word], hits: &mut Vec<Hit>, lexicon: &Lexicon) {
    let Some((_, heads)) = lexicon.details.kinds.iter().find(|(kind, _)| *kind == Detail::Note) else {
        return;
    };
    let head = (1..words.len()).find_map(|at| {
        let end = heads.said(words, at)?;
        let is_marked = words.get(end).is_some_and(|mark| mark.is_mark(':') || mark.is_mark('='));
        (is_marked && words[..at].iter().any(is_read)).then_some(end + 1)
    });
    let Some(from) = head else { return };
    for word in words[from..].iter_mut().filter(|word| matches!(word.kind, Kind::Word | Kind::Number)) {
        word.tag = Tag::Note;
    }
    hits.retain(|hit| hit.words.start < from);
}

/// Where the message ends that its last words take back as a whole: "tambah 1, eh jangan", "2 teh hijau, ga jadi deh".
fn taken_back(words: &[Word], lexicon: &Lexicon) -> Option<usize> {
    let last = part_of(words, words.len().checked_sub(1)?);
    let light = |word: &Word| lexicon.is_filler(&word.base) || lexicon.is_filler(&word.text);
    let mut at = last.start;
    let mut takes_back = false;
    while at < last.end {
        match lexicon.negations.after.said(words, at) {
            Some(end) => (at, takes_back) = (end, true),
            None if light(&words[at]) => at += 1,
            None => return None,
        }
    }
    (takes_back && last.start > 0).then_some(last.start)
}

/// What a part of the sentence does instead of ordering.
fn speaks(words: &[Word], part: &Range<usize>, lexicon: &Lexicon) -> Option<Speech> {
    let phrases = &lexicon.talk;
    // Words of the catalogue's own names speak of themselves.
    let is_sold = |range: Range<usize>| words[range].iter().any(|word| word.likeness() >= 1.0);
    let said = |list: &super::lexicon::Phrases| {
        part.clone().find(|at| list.said(words, *at).is_some_and(|end| !is_sold(*at..end)))
    };
    if let Some(at) = said(&phrases.trouble) {
        let before = at.saturating_sub(CALM_REACH).max(part.start);
        let is_calm = (before..at).any(|near| phrases.calm.said(words, near).is_some_and(|end| end <= at));
        if !is_calm {
            return Some(Speech::Trouble);
        }
    }
    if said(&phrases.elsewhere).is_some() {
        return Some(Speech::Elsewhere);
    }
    // "2 teh putih atau 3 teh hijau": one of them, and nobody knows which.
    let is_either = part.clone().any(|at| {
        phrases.either.said(words, at).is_some_and(|end| {
            words[part.start..at].iter().any(is_read)
                && words[end.min(part.end)..part.end].iter().any(is_read)
        })
    });
    if is_either {
        return Some(Speech::Other);
    }
    let wishes = said(&phrases.wishes).is_some();
    let is_question = words.get(part.end).is_some_and(|mark| mark.is_mark('?'));
    let talks = said(&phrases.past).is_some() || (is_question && said(&phrases.asks).is_some());
    (talks && !wishes).then_some(Speech::Other)
}

/// An act that takes something away or goes on to pay, behind a word of refusing: what it covers.
fn refused_act(words: &[Word], part: &Range<usize>, hits: &[Hit], lexicon: &Lexicon) -> Option<Range<usize>> {
    // "Jangan tambah teh hijau" refuses the tea, and that is read where goods are; "jangan pesan dulu" names none.
    let names_goods =
        words[part.clone()].iter().any(|word| word.tag == Tag::Content && word.likeness() > 0.0);
    let is_act = |hit: &Hit| {
        let rule = &lexicon.rules[hit.rule];
        if rule.intent == Intent::Order && !names_goods {
            return true;
        }
        let takes = [Intent::Cancel, Intent::Remove, Intent::Clear, Intent::Change, Intent::Checkout];
        takes.contains(&rule.intent) && rule.name != "change-more"
    };
    part.clone().find_map(|at| {
        let end = lexicon.negations.acts.said(words, at)?;
        // "Jangan lupa", "belum bayar": the two words together say something of their own.
        let means_more = lexicon.negations.not.said(words, at).is_some_and(|other| other > end)
            || hits.iter().any(|hit| hit.words.contains(&at) && hit.words.end > end);
        if means_more {
            return None;
        }
        let light = |word: &Word| {
            matches!(word.tag, Tag::Filler | Tag::Common | Tag::Negation)
                || lexicon.is_light(&word.base)
                || lexicon.is_filler(&word.base)
        };
        let acts = hits.iter().any(|hit| {
            let from = hit.words.start;
            from >= end
                && from < part.end
                && from - end <= MAX_BETWEEN
                && words[end..from].iter().all(light)
                && is_act(hit)
        });
        let turns = (end + 1..part.end).find(|at| lexicon.negations.turns.said(words, *at).is_some());
        acts.then(|| at..turns.unwrap_or(part.end))
    })
}

/// Takes goods, numbers and cues of ordering out of a part of the sentence.
fn silence(words: &mut [Word], hits: &mut Vec<Hit>, scope: &Range<usize>, lexicon: &Lexicon) {
    for word in &mut words[scope.clone()] {
        word.refused = false;
        word.tag = match word.tag {
            Tag::Content | Tag::Weak | Tag::Unit | Tag::Each | Tag::Note | Tag::Negation => Tag::Common,
            Tag::Quantity => Tag::OtherNumber,
            tag => tag,
        };
        debug_assert!(word.kind != Kind::Word || word.tag != Tag::Content);
    }
    hits.retain(|hit| {
        let orders = matches!(
            lexicon.rules[hit.rule].intent,
            Intent::Order
                | Intent::Change
                | Intent::Remove
                | Intent::Clear
                | Intent::Checkout
                | Intent::Cancel
                | Intent::Choose
        );
        !(orders && scope.contains(&hit.words.start))
    });
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::dialogue::understand::shops::tea;
    use crate::dialogue::understand::tests::hear;

    /// What nobody has ordered, and nobody may lose.
    #[rstest]
    #[case::yesterday("dua hari lalu kemarin saya beli 2 teh hijau, mantap")]
    #[case::last_week("minggu lalu beli teh putih 3 bungkus habis dalam sehari")]
    #[case::bought("we bought 2 green tea last month and loved it")]
    #[case::torn("2 teh hijau yang datang bungkusnya sobek")]
    #[case::leaking("one of my 2 green tea is leaking")]
    #[case::not_here("pesanan 2 teh putih saya belum sampai juga nih")]
    #[case::complains("mau komplain teh hijau 3 bau apek")]
    #[case::recipe("resep minuman: 3 teh hijau, 1 teh putih")]
    #[case::other_shop("di tokopedia 2 teh hijau cuma 50rb")]
    #[case::automatic("Balasan otomatis: 2 teh hijau sedang kami siapkan")]
    #[case::asks_what_is_there("pesanan saya 2 teh hijau kan?")]
    #[case::asks_why("kenapa 2 teh hijau jadi mahal sekali?")]
    #[case::asks_enough("are 2 green tea enough for ten people?")]
    #[case::keeps("jangan hapus teh hijau")]
    #[case::keeps_in_english("please don't remove the green tea")]
    #[case::keeps_its_number("ga usah kurangi teh putihnya")]
    #[case::stays("jangan ubah teh hijau jadi 5")]
    #[case::not_yet("belum mau checkout, masih lihat-lihat")]
    #[case::not_cancelled("jangan dibatalkan dulu ya kak")]
    #[case::not_emptied("do not empty my cart")]
    #[case::not_ordered("jangan pesan dulu")]
    #[case::taken_back("tambah 2 teh hijau, eh jangan")]
    #[case::taken_back_in_english("add 2 green tea, not needed")]
    #[case::either("2 teh putih atau 3 teh hijau ya enaknya?")]
    #[case::either_number("2 atau 3 teh hijau")]
    #[case::either_in_english("either 2 green tea or 2 white tea, whichever is cheaper")]
    #[case::complains_of_the_cart("kok ada 2 teh hijau di keranjang saya")]
    #[case::complains_in_english("you put 2 green tea in my cart")]
    #[case::asked("I asked for 3 green teas")]
    #[case::thought("2 teh hijau bukannya 100rb?")]
    #[case::thought_of_the_cart("bukannya tadi 2 teh hijau?")]
    #[case::except("selain teh putih, semuanya 1")]
    #[case::all_but("hapus semua kecuali teh hijau")]
    #[case::crushed("2 teh putih yang saya terima hancur")]
    #[case::allergic("anak saya alergi 2 teh hijau")]
    #[case::sold("we sold 3 green tea today")]
    #[case::tomorrow("besok aja saya pesan 2 teh hijau")]
    #[case::maybe("maybe I'll get 2 green tea tomorrow")]
    fn what_only_speaks_of_goods_orders_and_takes_out_nothing(#[case] text: &str) {
        let heard = hear(text, &tea());
        let acts = [
            Intent::Order,
            Intent::Change,
            Intent::Remove,
            Intent::Clear,
            Intent::Checkout,
            Intent::Cancel,
            Intent::Choose,
        ];
        assert!(heard.items.is_empty() && heard.refused.is_empty(), "{heard:?}");
        assert!(!acts.contains(&heard.intent), "{heard:?}");
    }

    #[rstest]
    #[case::of_yesterdays("mau 2 teh hijau yang kemarin dong", 1)]
    #[case::again("kemarin enak, pesan lagi 2 teh hijau", 1)]
    #[case::carefully("2 teh hijau ya, jangan sampai pecah", 1)]
    #[case::carefully_in_one_breath("2 teh hijau jangan sampai rusak ya", 1)]
    #[case::both("teh putihnya sudah sampai, sekarang 2 teh hijau", 1)]
    #[case::politely("boleh pesan 2 teh hijau kan?", 1)]
    #[case::dont_forget("jangan lupa 2 teh hijau", 1)]
    #[case::before("pesan 2 teh hijau dulu", 1)]
    #[case::note("2 teh hijau, catatan: 3 teh putih buat contoh", 1)]
    #[case::note_in_english("2 green tea note: 3 white tea bonus please", 1)]
    #[case::exchanged("teh hijaunya ganti 3 teh putih", 1)]
    #[case::exchanged_in_english("please change the green tea to 3 white tea", 1)]
    fn what_orders_beside_such_words_is_ordered(#[case] text: &str, #[case] items: usize) {
        let heard = hear(text, &tea());
        assert_eq!((heard.intent, heard.items.len()), (Intent::Order, items), "{heard:?}");
    }

    #[test]
    fn what_is_wrong_with_goods_is_for_the_shop_to_hear() {
        for text in ["3 teh hijau saya rusak semua", "1 of my 3 green tea came damaged"] {
            assert!(hear(text, &tea()).topic.is_some(), "{text}");
        }
    }
}
