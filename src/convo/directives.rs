//! The lines of a script that begin with `@`.

use chrono::{DateTime, Utc};

use super::cursor::{Bad, Cursor};
use super::parse::{MAX_USES, Parser};
use super::script::{Act, Actor, At, Verb};
use super::verbs;
use crate::domain::customer::Language;

impl Parser<'_> {
    pub(super) fn directive(&mut self, at: At, cursor: &mut Cursor<'_>, depth: usize) -> Result<(), Bad> {
        let column = cursor.column();
        let word = cursor.expect("a directive")?.value;
        let late = !self.steps.is_empty();
        let early = |what: &str| format!("{what} must stand before the first step: move it up");
        match word.as_str() {
            "@shop" | "@clock" | "@seed" | "@lang" | "@payment" if late => {
                return Err((column, early(&word)));
            }
            "@shop" => {
                let shop = cursor.expect("a shop's name or a YAML file")?.value;
                let shop = if shop.ends_with(".yaml") || shop.ends_with(".yml") {
                    self.beside(at, &shop).display().to_string()
                } else {
                    shop
                };
                self.head.shop.get_or_insert(shop);
            }
            "@clock" => {
                let token = cursor.expect("a moment")?;
                let clock = moment(&token.value).ok_or((
                    token.column,
                    "this is no moment: write it like 2026-11-22T09:00+07:00".to_owned(),
                ))?;
                self.head.clock.get_or_insert(clock);
            }
            "@seed" => {
                let token = cursor.expect("a number")?;
                let seed = token
                    .value
                    .parse()
                    .map_err(|_| (token.column, format!("`{}` is no whole number from 0", token.value)))?;
                self.head.seed.get_or_insert(seed);
            }
            "@lang" => {
                while let Some(token) = cursor.token()? {
                    self.head.languages.push(language(&token.value, token.column)?);
                }
                if self.head.languages.is_empty() {
                    return Err((column, "name the languages: `@lang id en`".to_owned()));
                }
            }
            "@payment" => {
                let token = cursor.expect("sandbox or static")?;
                if !matches!(token.value.as_str(), "sandbox" | "static") {
                    return Err((token.column, "scripts pay by `sandbox` or by `static`".to_owned()));
                }
                self.head.payment.get_or_insert(token.value);
            }
            "@actor" => {
                let actor = verbs::actor(cursor)?;
                self.actor(actor, column)?;
            }
            "@use" => {
                let path = self.beside(at, &cursor.expect("a file")?.value);
                cursor.end()?;
                if depth >= MAX_USES {
                    return Err((column, "these files use each other in a ring: break it".to_owned()));
                }
                self.file(&path, depth + 1, Some(at));
                return Ok(());
            }
            "@say" => {
                let list = cursor.expect("the name of an utterance list")?.value;
                self.list(at, &list, column)?;
                cursor.end()?;
                return self.push(at, None, Verb::Act(Act::SayEach { who: None, list }), column);
            }
            other => {
                return Err((
                    column,
                    format!(
                        "`{other}` is no directive: there are @shop @clock @seed @lang @payment @actor @use @say"
                    ),
                ));
            }
        }
        cursor.end()
    }

    fn actor(&mut self, actor: Actor, column: usize) -> Result<(), Bad> {
        if self.head.actors.iter().any(|other| other.name == actor.name) {
            return Err((column, format!("there are two actors `{}`: rename one", actor.name)));
        }
        let same = |other: &&Actor| other.channel == actor.channel && other.chat == actor.chat;
        if let Some(other) = self.head.actors.iter().find(same) {
            return Err((
                column,
                format!("`{}` and `{}` share one chat: change one", other.name, actor.name),
            ));
        }
        self.head.actors.push(actor);
        Ok(())
    }

    /// Loads an utterance list: `NAME.utterances.txt` beside the script, its first line being the name.
    pub(super) fn list(&mut self, at: At, name: &str, column: usize) -> Result<(), Bad> {
        if self.lists.iter().any(|(known, _)| known == name) {
            return Ok(());
        }
        let path = self.beside(at, &format!("{name}.utterances.txt"));
        let text = (self.reader)(&path).map_err(|error| {
            (column, format!("the list {} cannot be read ({error}): write it there", path.display()))
        })?;
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        if lines.next() != Some(name) {
            return Err((column, format!("the first line of {} must be `{name}`", path.display())));
        }
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        if lines.is_empty() {
            return Err((column, format!("{} holds no utterances: add some, one per line", path.display())));
        }
        self.lists.push((name.to_owned(), lines));
        Ok(())
    }
}

/// Reads a moment with its offset; seconds may be left out.
fn moment(raw: &str) -> Option<DateTime<Utc>> {
    let raw = raw.strip_suffix('Z').map_or_else(|| raw.to_owned(), |rest| format!("{rest}+00:00"));
    ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%dT%H:%M%:z"]
        .iter()
        .find_map(|form| DateTime::parse_from_str(&raw, form).ok())
        .map(|moment| moment.to_utc())
}

/// Reads `id` or `en`.
pub(super) fn language(raw: &str, column: usize) -> Result<Language, Bad> {
    Language::ALL
        .into_iter()
        .find(|language| language.code() == raw)
        .ok_or_else(|| (column, format!("`{raw}` is no language of the shop: write id or en")))
}
