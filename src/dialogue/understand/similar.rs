//! How alike two words are: an edit distance in which the slips of chat are cheap, and trigrams.

/// Cost of a vowel left out or added, the commonest way to shorten a word ("hjau").
const VOWEL_DROPPED: f32 = 0.35;
/// Cost of one vowel for another ("puteh").
const VOWEL_SWAPPED: f32 = 0.3;
/// Cost of an `h` left out or added ("itam").
const H_DROPPED: f32 = 0.4;
/// Cost of letters that sound alike ("coklat", "coclat").
const SOUNDS_ALIKE: f32 = 0.4;
/// Cost of a letter doubled or halved ("tehh").
const DOUBLED: f32 = 0.2;
/// Cost of two neighbours swapped ("pesna").
const TRANSPOSED: f32 = 0.8;
/// Words of this length or shorter may differ by one edit only.
const SHORT_CHARS: usize = 3;
/// What may differ of a word, as a share of its letters: "test" is no teapot, however cheap its missing vowels are.
const MAX_DIFFERENT: f32 = 0.34;
/// Likeness of a word and its beginning of three letters or more.
const PREFIX: f32 = 0.8;

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')
}

fn substitution(a: char, b: char) -> f32 {
    if a == b {
        return 0.0;
    }
    if is_vowel(a) && is_vowel(b) {
        return VOWEL_SWAPPED;
    }
    let pair = if a < b { (a, b) } else { (b, a) };
    match pair {
        ('c', 'k') | ('f', 'v') | ('f', 'p') | ('p', 'v') | ('b', 'p') | ('d', 't') | ('i', 'y') => {
            SOUNDS_ALIKE
        }
        ('k', 'q') | ('s', 'z') | ('j', 'z') => SOUNDS_ALIKE,
        _ => 1.0,
    }
}

/// Cost of `word[at]` being there or not.
fn gap(word: &[char], at: usize) -> f32 {
    let letter = word[at];
    if at > 0 && word[at - 1] == letter {
        DOUBLED
    } else if is_vowel(letter) {
        VOWEL_DROPPED
    } else if letter == 'h' {
        H_DROPPED
    } else {
        1.0
    }
}

/// The weighted Damerau distance (neighbours swapped at most once each). Words are short: callers cap their length.
pub fn distance(a: &[char], b: &[char]) -> f32 {
    let width = b.len() + 1;
    let mut rows = [vec![0.0f32; width], vec![0.0f32; width], vec![0.0f32; width]];
    for j in 1..width {
        rows[1][j] = rows[1][j - 1] + gap(b, j - 1);
    }
    // rows[0] is two rows up, rows[1] one row up, rows[2] the row that is filled.
    for i in 1..=a.len() {
        rows[2][0] = rows[1][0] + gap(a, i - 1);
        for j in 1..width {
            let mut best = rows[1][j - 1] + substitution(a[i - 1], b[j - 1]);
            best = best.min(rows[1][j] + gap(a, i - 1)).min(rows[2][j - 1] + gap(b, j - 1));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[0][j - 2] + TRANSPOSED);
            }
            rows[2][j] = best;
        }
        rows.rotate_left(1);
    }
    rows[1][width - 1]
}

/// How alike two words are, from 0 to 1. Words with digits are alike only when they are equal.
pub fn likeness(a: &[char], b: &[char]) -> f32 {
    if a == b {
        return 1.0;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() || a.iter().chain(b).any(char::is_ascii_digit) {
        return 0.0;
    }
    let prefix = a.len() >= SHORT_CHARS && b.len() > a.len() && b.starts_with(a);
    if long.len() - short.len() > 3 && !prefix {
        return 0.0;
    }
    let length = f32::from(u16::try_from(long.len()).unwrap_or(u16::MAX));
    let distance = distance(a, b);
    let edits = 1.0 - distance / length;
    let said = f32::from(u16::try_from(short.len()).unwrap_or(u16::MAX));
    let is_other = short.len() < SHORT_CHARS
        || (short.len() == SHORT_CHARS && distance > 1.0)
        || distance > said * MAX_DIFFERENT;
    let likeness = if is_other { 0.0 } else { edits };
    if prefix { likeness.max(PREFIX) } else { likeness.max(0.0) }
}

/// The trigrams of a text with its edges, sorted, each once.
pub fn trigrams(text: &str) -> Vec<u64> {
    let letters: Vec<char> = std::iter::once(' ').chain(text.chars()).chain(std::iter::once(' ')).collect();
    let mut grams: Vec<u64> = letters
        .windows(3)
        .map(|gram| gram.iter().fold(0, |key, letter| key << 21 | u64::from(u32::from(*letter))))
        .collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// The share of trigrams that two sorted lists have in common.
pub fn jaccard(a: &[u64], b: &[u64]) -> f32 {
    let (mut i, mut j, mut common) = (0, 0, 0u16);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                (i, j) = (i + 1, j + 1);
                common = common.saturating_add(1);
            }
        }
    }
    let union = u16::try_from(a.len() + b.len() - usize::from(common)).unwrap_or(u16::MAX);
    if union == 0 { 0.0 } else { f32::from(common) / f32::from(union) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alike(a: &str, b: &str) -> f32 {
        likeness(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }

    #[test]
    fn the_slips_of_chat_are_cheap_and_other_words_are_far() {
        for (typed, word) in [
            ("hjau", "hijau"),
            ("puteh", "putih"),
            ("coklat", "cokelat"),
            ("itam", "hitam"),
            ("pesna", "pesan"),
            ("premiun", "premium"),
        ] {
            assert!(alike(typed, word) >= 0.8, "{typed} {word} {}", alike(typed, word));
        }
        for (typed, word) in [("putih", "hitam"), ("600", "500"), ("es", "as"), ("kopi", "roti")] {
            assert!(alike(typed, word) < 0.6, "{typed} {word} {}", alike(typed, word));
        }
        assert!(alike("choco", "chocolates") >= 0.8);
    }

    proptest! {
        #[test]
        fn the_distance_never_passes_the_plain_one_and_is_symmetric(a in "[a-z]{0,9}", b in "[a-z]{0,9}") {
            let (x, y): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            let plain = strsim::osa_distance(&a, &b);
            prop_assert!(f64::from(distance(&x, &y)) <= plain as f64 + 1e-4);
            prop_assert!((distance(&x, &y) - distance(&y, &x)).abs() < 1e-4);
        }
    }
}
