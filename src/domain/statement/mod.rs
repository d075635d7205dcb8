//! What a notice of a bank or a wallet says, by the grammar of such notices.
//!
//! Each app writes a few sentences of its own, with holes for a name, a sum, a note. Those by which money *came in* are
//! templates in `lexicon/notices/`, and a notice that one of them fits from its first to its last word is income. Nothing
//! else is: not a request, a promotion, a failure, money that left, nor what nobody has seen before. A hole takes what has the
//! form of its kind: a name is written like a name and holds no word of sentences, a note is anything up to its end, and
//! neither takes a sum. What could be read both ways is no income.

mod holes;
mod notices;
mod template;
mod tokens;

pub use notices::{NoticesError, check};

use super::money::Rupiah;
use notices::Notices;
use template::Look;
use tokens::Token;

/// Characters of a notice that are read.
pub const MAX_NOTICE_CHARS: usize = 2_000;
/// Words and pauses of a notice that are read; a longer text is no notice.
const MAX_TOKENS: usize = 250;
/// Sums of an unknown notice that are looked for among the orders.
pub const MAX_SUMS: usize = 5;

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// This much came in.
    CameIn(Rupiah),
    /// It is not one of the sentences by which money comes in, or it is and its sum cannot be read: a person must look.
    Unknown {
        /// The sums that it names, in its order.
        sums: Vec<Rupiah>,
    },
}

/// Reads a notice that was sent to the shop of these names, which are its own wherever a place or a destination is told.
pub fn read(text: &str, shop: &[&str]) -> Reading {
    let Ok(notices) = Notices::shipped() else { return Reading::Unknown { sums: Vec::new() } };
    // A text that goes on is not known to its end.
    let is_whole = text.chars().nth(MAX_NOTICE_CHARS).is_none();
    let text: String = text.chars().take(MAX_NOTICE_CHARS).collect();
    let tokens = tokens::cut(&text, &notices.abbreviations);
    let mut sums: Vec<Rupiah> = Vec::new();
    for token in &tokens {
        if let Token::Money(Some(sum)) = token
            && !sums.contains(sum)
            && sums.len() < MAX_SUMS
        {
            sums.push(*sum);
        }
    }
    if is_whole && tokens.len() <= MAX_TOKENS && !sums.is_empty() {
        let shop: Vec<Vec<Token>> =
            shop.iter().map(|name| tokens::cut(name, &notices.abbreviations)).collect();
        let look = Look::new(&notices.came_in, &tokens, &notices.words, &shop);
        if let Some(sum) = look.sum() {
            return Reading::CameIn(sum);
        }
    }
    Reading::Unknown { sums }
}

#[cfg(test)]
mod tests;
