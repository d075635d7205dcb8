//! Reads `*.convo` files. Every line is of one kind, known by how it begins; a line of no kind is an error that says
//! what to do, and all errors of a file are reported at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::cursor::{self, Bad, Cursor};
use super::script::{
    Act, Actor, At, DEFAULT_SHOP, Expect, Head, Problem, Recorded, Script, Shows, Step, Text, Verb,
};
use super::verbs;
use crate::domain::customer::Language;

/// Files that may use each other in a chain.
pub(super) const MAX_USES: usize = 8;
/// Lines of a script with everything that it uses.
const MAX_STEPS: usize = 10_000;

/// How files are read: the disk, or a table in tests.
pub type Reader<'a> = &'a dyn Fn(&Path) -> std::io::Result<String>;

/// Reads a file and every file that it uses.
///
/// # Errors
/// Every [`Problem`] of it, at least one.
pub fn read(path: &Path) -> Result<Script, Vec<Problem>> {
    read_with(path, &|path| std::fs::read_to_string(path))
}

/// The same with another way of reading files.
///
/// # Errors
/// Every [`Problem`] of it, at least one.
pub fn read_with(path: &Path, reader: Reader<'_>) -> Result<Script, Vec<Problem>> {
    let mut parser = Parser {
        reader,
        files: Vec::new(),
        head: HeadParts::default(),
        steps: Vec::new(),
        lists: Vec::new(),
        together: None,
        bound: BTreeSet::new(),
        problems: Vec::new(),
    };
    let lines = parser.file(path, 0, None);
    let head = parser.head(path);
    if parser.problems.is_empty() {
        Ok(Script { files: parser.files, lines, head, steps: parser.steps, lists: parser.lists })
    } else {
        Err(parser.problems)
    }
}

/// The directives read so far.
#[derive(Default)]
pub(super) struct HeadParts {
    pub(super) shop: Option<String>,
    pub(super) clock: Option<DateTime<Utc>>,
    pub(super) seed: Option<u64>,
    pub(super) actors: Vec<Actor>,
    pub(super) languages: Vec<Language>,
    pub(super) payment: Option<String>,
}

pub(super) struct Parser<'a> {
    pub(super) reader: Reader<'a>,
    files: Vec<Arc<PathBuf>>,
    pub(super) head: HeadParts,
    pub(super) steps: Vec<Step>,
    pub(super) lists: Vec<(String, Vec<String>)>,
    /// The open `together`: where it began, and what it holds.
    together: Option<(At, Vec<Step>)>,
    /// Variables that some line above gives a value.
    bound: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Parser<'_> {
    pub(super) fn file(&mut self, path: &Path, depth: usize, used_at: Option<At>) -> Vec<String> {
        let file = self.files.len();
        let text = match (self.reader)(path) {
            Ok(text) => text,
            Err(error) => {
                let (at_file, line) = used_at.map_or((path.to_owned(), 1), |at| (self.path(at), at.line));
                self.problems.push(Problem {
                    file: at_file,
                    line,
                    column: 1,
                    message: format!("{} cannot be read ({error}): check the path", path.display()),
                });
                return Vec::new();
            }
        };
        self.files.push(Arc::new(path.to_owned()));
        let lines: Vec<String> = text.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect();
        for (index, line) in lines.iter().enumerate() {
            let at = At { file, line: index + 1 };
            if let Err((column, message)) = self.line(at, line, depth) {
                self.problems.push(Problem { file: path.to_owned(), line: at.line, column, message });
            }
        }
        if let Some((at, _)) = self.together.take() {
            let file = self.path(at);
            self.problems.push(Problem {
                file,
                line: at.line,
                column: 1,
                message: "`together` is not closed: add a line `end`".to_owned(),
            });
        }
        lines
    }

    fn path(&self, at: At) -> PathBuf {
        self.files.get(at.file).map_or_else(PathBuf::new, |path| path.as_path().to_owned())
    }

    fn head(&mut self, path: &Path) -> Head {
        let head = std::mem::take(&mut self.head);
        let mut languages = head.languages;
        languages.sort_unstable();
        languages.dedup();
        if languages.is_empty() && self.problems.is_empty() {
            self.check_untagged();
        } else {
            self.check_records_are_tagged(&languages);
        }
        if self.steps.is_empty() && self.problems.is_empty() {
            self.problems.push(Problem {
                file: path.to_owned(),
                line: 1,
                column: 1,
                message: "nothing happens in this file: add a line like `budi> halo`".to_owned(),
            });
        }
        Head {
            shop: head.shop.unwrap_or_else(|| DEFAULT_SHOP.to_owned()),
            clock: head.clock.unwrap_or_else(super::script::default_clock),
            seed: head.seed.unwrap_or(1),
            actors: head.actors,
            languages,
            payment: head.payment,
        }
    }

    /// A tag on a line means nothing in a file that does not run in several languages.
    fn check_untagged(&mut self) {
        let tagged = self.steps.iter().find(|step| step.only.is_some()).map(|step| step.at);
        if let Some(at) = tagged {
            let file = self.path(at);
            self.problems.push(Problem {
                file,
                line: at.line,
                column: 1,
                message:
                    "this line is for one language: say at the top which the file runs in: `@lang id en`"
                        .to_owned(),
            });
        }
    }

    /// Recorded words cannot be the same in two languages.
    fn check_records_are_tagged(&mut self, languages: &[Language]) {
        if languages.len() < 2 {
            return;
        }
        let bare = self.steps.iter().filter(|step| step.only.is_none()).find_map(|step| match &step.verb {
            Verb::Expect(expect) => expect.record.iter().find(|line| line.only.is_none()).map(|line| line.at),
            _ => None,
        });
        if let Some(at) = bare {
            let file = self.path(at);
            self.problems.push(Problem {
                file,
                line: at.line,
                column: 1,
                message: "recorded words are of one language: begin the line with `id: ` or `en: `"
                    .to_owned(),
            });
        }
    }

    fn line(&mut self, at: At, line: &str, depth: usize) -> Result<(), Bad> {
        let mut start = line.len() - line.trim_start().len();
        if line[start..].is_empty() || line[start..].starts_with('#') {
            return Ok(());
        }
        let mut only = None;
        if let Some((tag, rest)) = line[start..].split_once(": ")
            && let Some(language) = Language::ALL.into_iter().find(|language| language.code() == tag)
        {
            only = Some(language);
            start = line.len() - rest.trim_start().len();
        }
        let body = &line[start..];
        let mut cursor = Cursor::new(line, start);
        if body.starts_with('@') {
            return self.directive(at, &mut cursor, depth);
        }
        if self.steps.len() >= MAX_STEPS {
            return Err((1, format!("more than {MAX_STEPS} steps: split the file")));
        }
        if body.starts_with('|') || body.starts_with('[') {
            return self.recorded(at, only, line, start);
        }
        if let Some((name, target, anywhere, end)) = speaker(body) {
            let after = start + end;
            if name == "bot" {
                let expect = self.expect(line, after, target, anywhere)?;
                return self.push(at, only, Verb::Expect(expect), cursor.column());
            }
            if target.is_some() || anywhere {
                return Err((cursor.column(), "only `bot` has `@` or `~` before `>`".to_owned()));
            }
            self.known(&name, cursor.column())?;
            let act = self.said(at, line, after, name)?;
            return self.push(at, only, Verb::Act(act), cursor.column());
        }
        let column = cursor.column();
        match body.split_whitespace().next() {
            Some("together") => {
                if self.together.is_some() {
                    return Err((
                        column,
                        "`together` stands inside `together`: close the first with `end`".into(),
                    ));
                }
                self.together = Some((at, Vec::new()));
                Ok(())
            }
            Some("end") => {
                let (at, steps) = self
                    .together
                    .take()
                    .ok_or_else(|| (column, "`end` closes nothing: take it away".to_owned()))?;
                if steps.is_empty() {
                    return Err((column, "nothing happens together: put steps before `end`".to_owned()));
                }
                self.steps.push(Step { at, only, verb: Verb::Together(steps) });
                Ok(())
            }
            _ => {
                let verb = verbs::read(&mut cursor, &self.names())?;
                self.uses(&verb, column)?;
                self.push(at, only, verb, column)
            }
        }
    }

    fn names(&self) -> Vec<&str> {
        self.head.actors.iter().map(|actor| actor.name.as_str()).collect()
    }

    pub(super) fn push(
        &mut self,
        at: At,
        only: Option<Language>,
        verb: Verb,
        column: usize,
    ) -> Result<(), Bad> {
        let step = Step { at, only, verb };
        match &mut self.together {
            None => self.steps.push(step),
            Some((_, steps)) => {
                if !matches!(step.verb, Verb::Act(_)) || matches!(step.verb, Verb::Act(Act::Advance(_))) {
                    return Err((
                        column,
                        "only what arrives can stand between `together` and `end`: put this line after `end`"
                            .into(),
                    ));
                }
                steps.push(step);
            }
        }
        Ok(())
    }

    /// What an actor writes, letter for letter.
    fn said(&mut self, at: At, line: &str, after: usize, who: String) -> Result<Act, Bad> {
        let raw = line[after..].strip_prefix(' ').unwrap_or(&line[after..]);
        let column = cursor::column_of(line, line.len() - raw.len());
        if let Some(list) = raw.strip_prefix("@say ") {
            let list = list.trim().to_owned();
            self.list(at, &list, column)?;
            return Ok(Act::SayEach { who: Some(who), list });
        }
        let text = cursor::text(raw, column)?;
        self.check_bound(&text, column)?;
        Ok(Act::Say { who, text })
    }

    fn expect(
        &mut self,
        line: &str,
        after: usize,
        who: Option<String>,
        anywhere: bool,
    ) -> Result<Expect, Bad> {
        let mut cursor = Cursor::new(line, after);
        if let Some(who) = &who {
            self.known(who, 1)?;
        }
        let expect = verbs::expectation(&mut cursor, who, anywhere)?;
        for (_, value) in &expect.args {
            // A lone variable that has no value yet gets it here.
            match value.as_variable() {
                Some(name) => drop(self.bound.insert(name.to_owned())),
                None => self.check_bound(value, after + 1)?,
            }
        }
        self.bound.extend(expect.bind.clone());
        Ok(expect)
    }

    /// A recorded line, which belongs to the expectation above it.
    fn recorded(&mut self, at: At, only: Option<Language>, line: &str, start: usize) -> Result<(), Bad> {
        let column = cursor::column_of(line, start);
        let shows = if let Some(words) = line[start..].strip_prefix('|') {
            Shows::Line(words.strip_prefix(' ').unwrap_or(words).trim_end().to_owned())
        } else {
            let mut cursor = Cursor::new(line, start);
            let mut buttons = Vec::new();
            while let Some((_, label)) = cursor.bracket()? {
                buttons.push(label.replace("\\]", "]"));
            }
            cursor.end()?;
            Shows::Buttons(buttons)
        };
        match self.steps.last_mut() {
            Some(Step { verb: Verb::Expect(expect), .. }) if self.together.is_none() => {
                expect.record.push(Recorded { at, only, shows });
                Ok(())
            }
            _ => Err((
                column,
                "recorded words need an answer above them: put a line `bot> …` there".to_owned(),
            )),
        }
    }

    pub(super) fn beside(&self, at: At, name: &str) -> PathBuf {
        self.path(at).parent().map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
    }

    fn known(&self, name: &str, column: usize) -> Result<(), Bad> {
        if self.head.actors.iter().any(|actor| actor.name == name) {
            return Ok(());
        }
        Err((column, format!("nobody is called `{name}`: add a line `@actor {name}` at the top")))
    }

    fn check_bound(&self, text: &Text, column: usize) -> Result<(), Bad> {
        for part in &text.0 {
            if let super::script::Part::Variable(name) = part
                && !self.bound.contains(name)
            {
                return Err((
                    column,
                    format!(
                        "`${name}` has no value yet: end a `bot>` line above with `as ${name}`, or write `$$`"
                    ),
                ));
            }
        }
        Ok(())
    }

    fn uses(&self, verb: &Verb, column: usize) -> Result<(), Bad> {
        verbs::texts(verb).into_iter().try_for_each(|text| self.check_bound(text, column))
    }
}

/// `name>`, `bot@name>`, `bot~>`, `bot~@name>`: the speaker, the target, the `~`, and the bytes up to after `>`.
fn speaker(body: &str) -> Option<(String, Option<String>, bool, usize)> {
    let end = body.find('>')?;
    let mut head = &body[..end];
    let mut anywhere = false;
    if let Some(rest) = head.strip_suffix('~') {
        (head, anywhere) = (rest, true);
    }
    let (name, target) = head.split_once('@').map_or((head, None), |(name, target)| (name, Some(target)));
    let name = name.strip_suffix('~').inspect(|_| anywhere = true).unwrap_or(name);
    let is_name = |name: &str| verbs::is_name(name);
    (is_name(name) && target.is_none_or(is_name))
        .then(|| (name.to_owned(), target.map(str::to_owned), anywhere, end + 1))
}
