//! Templates of notices: words, and typed holes for what differs. A template fits a notice as a whole or not at all.
//!
//! `[a|b]` is one of these or nothing, `(a|b)` one of these, `<name>` a phrase that is written once, `{who}` a hole, and a
//! full stop a pause that may be there.

use std::collections::{BTreeMap, HashSet};

use super::tokens::{Token, cut};
use crate::domain::money::Rupiah;

/// Places that one look at a notice visits, so that no text takes long. One that needs more is shown to the shop.
const MAX_STEPS: usize = 1_000_000;
/// Words of a name or a place.
const MAX_NAME_WORDS: usize = 10;
/// Words of a note.
const MAX_NOTE_WORDS: usize = 120;
/// Words of an account, a reference or a moment.
const MAX_CODE_WORDS: usize = 8;
/// Last words of a name that are looked at where the sentence goes on after it.
const UNDOING_REACH: usize = 3;
/// Phrases in phrases, at most.
const MAX_DEPTH: usize = 8;

/// What may stand in a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hole {
    /// What came in.
    Amount,
    /// Another sum that the notice tells: a balance, the sales of the day.
    Balance,
    /// What the bank keeps.
    Fee,
    /// Who paid: any words.
    Who,
    /// Where, or by which app: any words.
    Place,
    /// What belongs to the reader: "rekening BCA kamu".
    Own,
    /// The payer's own words: anything but a sum.
    Note,
    /// An account, also half hidden.
    Account,
    /// A number by which the payment is found.
    Ref,
    /// A moment.
    Date,
}

impl Hole {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "amount" => Self::Amount,
            "balance" => Self::Balance,
            "fee" => Self::Fee,
            "who" => Self::Who,
            "place" => Self::Place,
            "own" => Self::Own,
            "note" => Self::Note,
            "account" => Self::Account,
            "ref" => Self::Ref,
            "date" => Self::Date,
            _ => return None,
        })
    }
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Word(String),
    /// A pause that may be there.
    Pause,
    /// A hole, and whether words of the template come after it.
    Hole(Hole, bool),
    /// One of these.
    One(Vec<Vec<Part>>),
    /// Any number of these, with pauses between.
    Many(Vec<Vec<Part>>),
}

/// What the words of people are checked against at the edges of a hole: inside they may be anything.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// What no payer's name begins with: the reader, a promotion, a request.
    pub(super) no_payer: Vec<Vec<String>>,
    /// Last words that take back what the sentence says: "BUDI gagal", "BUDI was not".
    pub(super) undoing: Vec<String>,
    /// Last words of what is the reader's own.
    pub(super) own: Vec<String>,
    /// Words of moments beside numbers.
    pub(super) dates: Vec<String>,
}

/// Reads a template.
///
/// # Errors
/// One line that says what is wrong.
pub(super) fn parse(
    text: &str,
    phrases: &BTreeMap<String, String>,
    abbreviations: &[String],
) -> Result<Vec<Part>, String> {
    let mut reader = Reader { rest: text, phrases, abbreviations, depth: 0 };
    let mut parts = reader.sequence()?;
    if !reader.rest.is_empty() {
        return Err(format!("`{}` closes nothing", reader.rest));
    }
    if may_be_empty(&parts) {
        return Err("fits where nothing is written; one word or hole of it must be there".to_owned());
    }
    mark(&mut parts, false);
    Ok(parts)
}

fn may_be_empty(parts: &[Part]) -> bool {
    parts.iter().all(|part| match part {
        Part::Word(_) | Part::Hole(..) => false,
        Part::Pause | Part::Many(_) => true,
        Part::One(ways) => ways.iter().any(|way| may_be_empty(way)),
    })
}

/// Marks the holes after which the sentence goes on. Returns whether it does.
fn mark(parts: &mut [Part], mut goes_on: bool) -> bool {
    for part in parts.iter_mut().rev() {
        match part {
            Part::Word(_) => goes_on = true,
            Part::Pause => {}
            Part::Hole(_, before_words) => *before_words = goes_on,
            Part::One(ways) => {
                // What may be left out takes nothing back and promises nothing.
                let mut inside = true;
                for way in ways {
                    inside &= mark(way, goes_on);
                }
                goes_on |= inside;
            }
            Part::Many(ways) => ways.iter_mut().for_each(|way| {
                mark(way, goes_on);
            }),
        }
    }
    goes_on
}

struct Reader<'a> {
    rest: &'a str,
    phrases: &'a BTreeMap<String, String>,
    abbreviations: &'a [String],
    depth: usize,
}

impl Reader<'_> {
    fn sequence(&mut self) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        loop {
            let end = self.rest.find(['[', '(', '{', '<', '|', ']', ')']).unwrap_or(self.rest.len());
            let (words, rest) = self.rest.split_at(end);
            self.words(words, &mut parts)?;
            self.rest = rest;
            let Some(mark) = rest.chars().next() else { return Ok(parts) };
            match mark {
                '[' | '(' => {
                    self.rest = &rest[1..];
                    let mut ways = self.ways(if mark == '[' { ']' } else { ')' })?;
                    if mark == '[' {
                        ways.push(Vec::new());
                    }
                    parts.push(Part::One(ways));
                }
                '{' => {
                    let name = self.name('}')?;
                    let hole = Hole::parse(&name).ok_or(format!("there is no hole `{name}`"))?;
                    parts.push(Part::Hole(hole, false));
                }
                '<' => {
                    let name = self.name('>')?;
                    let phrase = self.phrases.get(&name).ok_or(format!("there is no phrase `{name}`"))?;
                    if self.depth == MAX_DEPTH {
                        return Err(format!("the phrase `{name}` stands in itself"));
                    }
                    let mut inner = Reader { rest: phrase, depth: self.depth + 1, ..*self };
                    parts.extend(inner.sequence()?);
                    if !inner.rest.is_empty() {
                        return Err(format!("`{}` closes nothing", inner.rest));
                    }
                }
                _ => return Ok(parts),
            }
        }
    }

    fn ways(&mut self, close: char) -> Result<Vec<Vec<Part>>, String> {
        let mut ways = vec![self.sequence()?];
        while let Some(rest) = self.rest.strip_prefix('|') {
            self.rest = rest;
            ways.push(self.sequence()?);
        }
        self.rest = self.rest.strip_prefix(close).ok_or(format!("`{close}` is missing"))?;
        Ok(ways)
    }

    fn name(&mut self, close: char) -> Result<String, String> {
        let end = self.rest.find(close).ok_or(format!("`{close}` is missing"))?;
        let name = self.rest[1..end].to_owned();
        self.rest = &self.rest[end + 1..];
        Ok(name)
    }

    fn words(&self, text: &str, parts: &mut Vec<Part>) -> Result<(), String> {
        // A mark alone is a pause, also before and after holes.
        for chunk in text.split_whitespace() {
            if chunk.chars().all(|c| !c.is_alphanumeric()) {
                parts.push(Part::Pause);
                continue;
            }
            let mut cut = cut(chunk, self.abbreviations);
            if chunk.ends_with(['.', ',', ':', ';', '!']) {
                cut.push(Token::Pause);
            }
            for token in cut {
                parts.push(match token {
                    Token::Word(word) => Part::Word(word),
                    Token::Pause => Part::Pause,
                    Token::Money(_) => return Err(format!("`{chunk}` is a sum; write {{amount}}")),
                });
            }
        }
        Ok(())
    }
}

/// A place in the templates, and where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Word(String, usize),
    Pause(usize),
    Hole(Hole, bool, usize),
    Split(Vec<usize>),
    End,
}

/// Templates as one graph, so that no place is visited twice for the same place of a notice.
#[derive(Debug)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    start: usize,
}

impl Graph {
    pub(super) fn new(parts: &[Part]) -> Self {
        let mut graph = Self { nodes: vec![Node::End], start: 0 };
        graph.start = graph.sequence(parts, 0);
        graph
    }

    fn push(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// The place where these parts begin that lead to `next`.
    fn sequence(&mut self, parts: &[Part], mut next: usize) -> usize {
        for part in parts.iter().rev() {
            next = match part {
                Part::Word(word) => self.push(Node::Word(word.clone(), next)),
                Part::Pause => self.push(Node::Pause(next)),
                Part::Hole(hole, goes_on) => self.push(Node::Hole(*hole, *goes_on, next)),
                Part::One(ways) => {
                    let starts = ways.iter().map(|way| self.sequence(way, next)).collect();
                    self.push(Node::Split(starts))
                }
                Part::Many(ways) => {
                    let split = self.push(Node::Split(Vec::new()));
                    let again = self.push(Node::Pause(split));
                    let mut starts: Vec<usize> = ways.iter().map(|way| self.sequence(way, again)).collect();
                    starts.push(next);
                    self.nodes[split] = Node::Split(starts);
                    again
                }
            };
        }
        next
    }
}

/// What a reading has come to: where in the templates, where in the notice, and the sum that came in as it is known by then.
type State = (usize, usize, Sum);

/// The sum of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sum {
    /// None has been named.
    None,
    /// This much.
    One(Rupiah),
    /// Two sums that differ, or one that cannot be read.
    Unclear,
}

impl Sum {
    fn and(self, more: Option<Rupiah>) -> Self {
        match (self, more) {
            (Self::None, Some(sum)) => Self::One(sum),
            (Self::One(known), Some(sum)) if known == sum => self,
            _ => Self::Unclear,
        }
    }
}

/// A look at one notice.
pub(super) struct Look<'a> {
    graph: &'a Graph,
    tokens: &'a [Token],
    edges: &'a Edges,
    seen: HashSet<State>,
    todo: Vec<State>,
}

impl<'a> Look<'a> {
    pub(super) fn new(graph: &'a Graph, tokens: &'a [Token], edges: &'a Edges) -> Self {
        Self { graph, tokens, edges, seen: HashSet::new(), todo: Vec::new() }
    }

    /// The sum that came in by every way to read the whole notice. Nothing where there is none, where two ways differ, or
    /// where the text has more ways than are looked at.
    pub(super) fn sum(mut self) -> Option<Rupiah> {
        let mut found = Sum::None;
        self.go(self.graph.start, 0, Sum::None);
        while let Some((node, at, sum)) = self.todo.pop() {
            if self.seen.len() > MAX_STEPS {
                return None;
            }
            match &self.graph.nodes[node] {
                Node::Word(word, next) => {
                    if matches!(self.tokens.get(at), Some(Token::Word(found)) if found == word) {
                        self.go(*next, at + 1, sum);
                    }
                }
                Node::Pause(next) => {
                    self.go(*next, at + usize::from(self.tokens.get(at) == Some(&Token::Pause)), sum);
                }
                Node::Split(ways) => ways.iter().for_each(|way| self.go(*way, at, sum)),
                Node::Hole(hole, goes_on, next) => self.fill(*hole, *goes_on, *next, at, sum),
                Node::End if at == self.tokens.len() => {
                    found = match sum {
                        Sum::One(sum) => found.and(Some(sum)),
                        _ => Sum::Unclear,
                    };
                }
                Node::End => {}
            }
        }
        match found {
            Sum::One(sum) => Some(sum),
            _ => None,
        }
    }

    fn go(&mut self, node: usize, at: usize, sum: Sum) {
        if self.seen.insert((node, at, sum)) {
            self.todo.push((node, at, sum));
        }
    }

    fn fill(&mut self, hole: Hole, goes_on: bool, next: usize, at: usize, sum: Sum) {
        if let Some(Token::Money(named)) = self.tokens.get(at) {
            match hole {
                Hole::Amount => self.go(next, at + 1, sum.and(*named)),
                Hole::Balance | Hole::Fee => self.go(next, at + 1, sum),
                _ => {}
            }
            return;
        }
        let most = match hole {
            Hole::Amount | Hole::Balance | Hole::Fee => return,
            Hole::Note => MAX_NOTE_WORDS,
            Hole::Account | Hole::Ref | Hole::Date => MAX_CODE_WORDS,
            _ => MAX_NAME_WORDS,
        };
        for end in at + 1..=self.tokens.len().min(at + most) {
            if !self.may_hold(hole, &self.tokens[end - 1]) {
                return;
            }
            if self.is_filled(hole, goes_on, at, end) {
                self.go(next, end, sum);
            }
        }
    }

    /// Whether a piece may stand in a hole. A sum never does: it is the amount of a hole of its own, or the notice is unknown.
    fn may_hold(&self, hole: Hole, token: &Token) -> bool {
        let word = match token {
            Token::Money(_) => return false,
            Token::Pause => return matches!(hole, Hole::Note | Hole::Date),
            Token::Word(word) => word.as_str(),
        };
        let has_digit = word.contains(|c: char| c.is_ascii_digit());
        match hole {
            Hole::Note => true,
            Hole::Date => {
                (has_digit && word.len() <= 25) || self.edges.dates.iter().any(|known| known == word)
            }
            Hole::Account => has_digit || word.chars().all(|c| matches!(c, 'x' | '*')),
            Hole::Ref => has_digit,
            _ => !matches!(word, "?" | "-"),
        }
    }

    /// Whether these pieces fill a hole: its edges must not say something else than the template.
    fn is_filled(&self, hole: Hole, goes_on: bool, at: usize, end: usize) -> bool {
        let words: Vec<&str> = self.tokens[at..end]
            .iter()
            .filter_map(|token| match token {
                Token::Word(word) => Some(word.as_str()),
                _ => None,
            })
            .collect();
        let (Some(last), true) = (words.last(), self.tokens[end - 1] != Token::Pause) else { return false };
        let ends_with = |list: &[String]| list.iter().any(|known| known == last);
        let is_undoing = |word: &str| self.edges.undoing.iter().any(|known| known == word);
        let undone = || {
            let reach = match hole {
                Hole::Own => words.len(),
                _ if goes_on => UNDOING_REACH,
                _ => 1,
            };
            let tail = &words[words.len().saturating_sub(reach)..];
            tail.iter().any(|word| is_undoing(word))
        };
        let begins = |phrase: &Vec<String>| {
            phrase.len() <= words.len() && phrase.iter().zip(&words).all(|(known, word)| known == word)
        };
        match hole {
            Hole::Who => !undone() && !ends_with(&self.edges.own) && !self.edges.no_payer.iter().any(begins),
            Hole::Place => !undone() && !words.first().is_some_and(|word| is_undoing(word)),
            Hole::Own => ends_with(&self.edges.own) && !undone(),
            Hole::Date => words.iter().any(|word| word.contains(|c: char| c.is_ascii_digit())),
            _ => true,
        }
    }
}
