//! Templates of notices: words, and typed holes for what differs. A template fits a notice as a whole or not at all.
//!
//! `[a|b]` is one of these or nothing, `(a|b)` one of these, `<name>` a phrase that is written once, `{who}` a hole, a full
//! stop a pause that may be there, and a colon by itself one that must be.

use std::collections::{BTreeMap, HashSet};

use super::holes::{Hole, Words};
use super::tokens::{End, Token, cut};
use crate::domain::money::Rupiah;

/// Places that one look at a notice visits, so that no text takes long. One that needs more is shown to the shop.
const MAX_STEPS: usize = 1_000_000;
/// Phrases in phrases, at most.
const MAX_DEPTH: usize = 8;

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Word(String),
    /// A pause, and whether it must be there.
    Pause(bool),
    Hole(Hole),
    /// One of these.
    One(Vec<Vec<Part>>),
    /// Any number of these, with pauses between.
    Many(Vec<Vec<Part>>),
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
    let parts = reader.sequence()?;
    if !reader.rest.is_empty() {
        return Err(format!("`{}` closes nothing", reader.rest));
    }
    if may_be_empty(&parts) {
        return Err("fits where nothing is written; one word or hole of it must be there".to_owned());
    }
    Ok(parts)
}

fn may_be_empty(parts: &[Part]) -> bool {
    parts.iter().all(|part| match part {
        Part::Word(_) | Part::Hole(_) | Part::Pause(true) => false,
        Part::Pause(false) | Part::Many(_) => true,
        Part::One(ways) => ways.iter().any(|way| may_be_empty(way)),
    })
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
                    parts.push(Part::Hole(hole));
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
                parts.push(Part::Pause(chunk == ":"));
                continue;
            }
            let mut cut = cut(chunk, self.abbreviations);
            if chunk.ends_with(['.', ',', ':', ';', '!']) {
                cut.push(Token::Pause(End::Part));
            }
            for token in cut {
                parts.push(match token {
                    Token::Word(word) => Part::Word(word.text),
                    Token::Pause(_) => Part::Pause(false),
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
    Pause(bool, usize),
    Hole(Hole, usize),
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
                Part::Pause(must) => self.push(Node::Pause(*must, next)),
                Part::Hole(hole) => self.push(Node::Hole(*hole, next)),
                Part::One(ways) => {
                    let starts = ways.iter().map(|way| self.sequence(way, next)).collect();
                    self.push(Node::Split(starts))
                }
                Part::Many(ways) => {
                    let split = self.push(Node::Split(Vec::new()));
                    let again = self.push(Node::Pause(false, split));
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
    words: &'a Words,
    shop: &'a [Vec<Token>],
    seen: HashSet<State>,
    todo: Vec<State>,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        tokens: &'a [Token],
        words: &'a Words,
        shop: &'a [Vec<Token>],
    ) -> Self {
        Self { graph, tokens, words, shop, seen: HashSet::new(), todo: Vec::new() }
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
                    if matches!(self.tokens.get(at), Some(Token::Word(found)) if found.text == *word) {
                        self.go(*next, at + 1, sum);
                    }
                }
                Node::Pause(must, next) => match self.tokens.get(at) {
                    Some(Token::Pause(_)) => self.go(*next, at + 1, sum),
                    _ if *must => {}
                    _ => self.go(*next, at, sum),
                },
                Node::Split(ways) => ways.iter().for_each(|way| self.go(*way, at, sum)),
                Node::Hole(hole, next) => self.fill(*hole, *next, at, sum),
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

    fn fill(&mut self, hole: Hole, next: usize, at: usize, sum: Sum) {
        if let Some(Token::Money(named)) = self.tokens.get(at) {
            match hole {
                Hole::Amount => self.go(next, at + 1, sum.and(*named)),
                Hole::Balance | Hole::Fee => self.go(next, at + 1, sum),
                _ => {}
            }
            return;
        }
        for length in self.words.fits(hole, &self.tokens[at..], self.shop) {
            self.go(next, at + length, sum);
        }
    }
}
