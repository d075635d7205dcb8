//! Reads a flow for what the checks look at: guards, values, and keys of the locales, each with what is known around it.

use std::collections::{BTreeMap, BTreeSet};

use crate::dialogue::flow::Flow;
use crate::dialogue::flow::guard::{Guard, Operand};
use crate::dialogue::flow::model::{
    Args, At, Button, Entries, LinkTo, ListOf, Notice, State, Target, Targets,
};

/// What surrounds a guard or a value, and so decides which paths it may read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The signal that has come.
    pub signal: Option<&'a str>,
    /// The effect that has been carried out.
    pub effect: Option<&'a str>,
    /// The list whose row is at hand.
    pub list: Option<&'a Operand>,
}

/// A value that is read.
#[derive(Debug, Clone, Copy)]
pub struct Read<'a> {
    /// What is read.
    pub operand: &'a At<Operand>,
    /// What surrounds it.
    pub scope: Scope<'a>,
    /// The slot that it is put into, where it is.
    pub slot: Option<&'a str>,
}

/// A guard.
#[derive(Debug, Clone, Copy)]
pub struct Guarded<'a> {
    /// The guard.
    pub guard: &'a At<Guard>,
    /// What surrounds it.
    pub scope: Scope<'a>,
}

/// What a message is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// A reply.
    Text,
    /// A row of a list inside a reply.
    Row,
    /// A button or the label of a link.
    Button,
    /// A choice of a list, which channels may cut.
    Choice,
}

/// One use of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The key.
    pub key: String,
    /// What it is used as.
    pub kind: KeyKind,
    /// The arguments that it is given; `None` when they are the columns of a list that is not known here.
    pub args: Option<BTreeSet<String>>,
    /// For arguments that are lists, the key of a row.
    pub rows: BTreeMap<String, String>,
    /// The file.
    pub file: String,
    /// Line and column.
    pub place: (u32, u32),
}

/// What a flow reads and says.
#[derive(Debug, Default)]
pub struct Scan<'a> {
    /// Its guards.
    pub guards: Vec<Guarded<'a>>,
    /// Its values.
    pub reads: Vec<Read<'a>>,
    /// Its keys.
    pub keys: Vec<KeyUse>,
    file: &'a str,
}

/// Reads a flow.
pub fn scan(flow: &Flow) -> Scan<'_> {
    let mut scan = Scan { file: &flow.path, ..Scan::default() };
    let file = &flow.file;
    if let Some(guard) = file.start.as_ref().and_then(|start| start.guard.as_ref()) {
        scan.guard(Some(guard), Scope::default());
    }
    for targets in file.interrupts.values().chain(file.commands.values()) {
        scan.targets(targets, Scope::default());
    }
    for (signal, notices) in file.signals.placed() {
        for notice in &notices.0 {
            scan.notice(notice, notices, Scope { signal: Some(signal), ..Scope::default() });
        }
    }
    if let Some(fallback) = &file.fallback {
        for key in [&fallback.hint, &fallback.choices, &fallback.stuck] {
            scan.key(key, KeyKind::Text, Some(BTreeSet::new()), BTreeMap::new(), key.place());
        }
        for key in [&fallback.menu, &fallback.person].into_iter().flatten() {
            scan.key(key, KeyKind::Button, Some(BTreeSet::new()), BTreeMap::new(), key.place());
        }
    }
    for key in
        [&file.stale, &file.used, &file.unknown_press, &file.media, &file.restarted].into_iter().flatten()
    {
        scan.key(key, KeyKind::Text, Some(BTreeSet::new()), BTreeMap::new(), key.place());
    }
    if let Some(key) = &file.too_long {
        scan.key(
            key,
            KeyKind::Text,
            Some(BTreeSet::from(["limit".to_owned()])),
            BTreeMap::new(),
            key.place(),
        );
    }
    for state in file.states.values() {
        scan.state(state);
    }
    scan
}

fn names<T>(args: &Entries<T>) -> BTreeSet<String> {
    args.keys().cloned().collect()
}

fn row_keys(rows: &Entries<At<String>>) -> BTreeMap<String, String> {
    rows.iter().map(|(name, key)| (name.clone(), key.value.clone())).collect()
}

impl<'a> Scan<'a> {
    fn key(
        &mut self,
        key: &At<String>,
        kind: KeyKind,
        args: Option<BTreeSet<String>>,
        rows: BTreeMap<String, String>,
        place: (u32, u32),
    ) {
        let place = if key.line > 0 { key.place() } else { place };
        self.keys.push(KeyUse {
            key: key.value.clone(),
            kind,
            args,
            rows,
            file: self.file.to_owned(),
            place,
        });
    }

    fn guard(&mut self, guard: Option<&'a At<Guard>>, scope: Scope<'a>) {
        self.guards.extend(guard.map(|guard| Guarded { guard, scope }));
    }

    fn read(&mut self, operand: &'a At<Operand>, scope: Scope<'a>) {
        self.reads.push(Read { operand, scope, slot: None });
    }

    fn args(&mut self, args: &'a Args, scope: Scope<'a>) {
        for operand in args.values() {
            self.read(operand, scope);
        }
    }

    fn set(&mut self, set: &'a Args, scope: Scope<'a>) {
        for (slot, operand) in set.iter() {
            self.reads.push(Read { operand, scope, slot: Some(slot) });
        }
    }

    fn rows(&mut self, rows: &'a Entries<At<String>>) {
        for key in rows.values() {
            self.key(key, KeyKind::Row, None, BTreeMap::new(), key.place());
        }
    }

    fn link(&mut self, link: Option<&'a LinkTo>, scope: Scope<'a>) {
        let Some(link) = link else { return };
        self.key(&link.label, KeyKind::Button, Some(BTreeSet::new()), BTreeMap::new(), link.label.place());
        self.read(&link.url, scope);
    }

    fn buttons(&mut self, buttons: &'a [At<Button>], scope: Scope<'a>) {
        for button in buttons {
            self.guard(button.guard.as_ref(), scope);
            self.args(&button.args, scope);
            // What a button that stands for an intent sets belongs to the flow that the intent begins.
            match button.intent {
                Some(_) => self.args(&button.set, scope),
                None => self.set(&button.set, scope),
            }
            let place = button.label.place();
            self.key(&button.label, KeyKind::Button, Some(names(&button.args)), BTreeMap::new(), place);
        }
    }

    fn list(&mut self, list: Option<&'a At<ListOf>>, scope: Scope<'a>) {
        let Some(list) = list else { return };
        self.read(&list.from, scope);
        self.set(&list.set, Scope { list: Some(&list.from.value), ..scope });
        self.key(&list.label, KeyKind::Choice, None, BTreeMap::new(), list.label.place());
    }

    fn target(&mut self, target: &'a Target, place: (u32, u32), scope: Scope<'a>) {
        self.guard(target.guard.as_ref(), scope);
        self.args(&target.args, scope);
        self.set(&target.set, scope);
        self.args(&target.with, scope);
        self.rows(&target.rows);
        if let Some(key) = &target.say {
            self.key(key, KeyKind::Text, Some(names(&target.args)), row_keys(&target.rows), place);
        }
    }

    fn targets(&mut self, targets: &'a Targets, scope: Scope<'a>) {
        for target in &targets.0 {
            self.target(target, targets.place(), scope);
        }
    }

    fn notice(&mut self, notice: &'a Notice, at: &At<impl Sized>, scope: Scope<'a>) {
        self.guard(notice.guard.as_ref(), scope);
        self.args(&notice.args, scope);
        self.rows(&notice.rows);
        if let Some(image) = &notice.image {
            self.read(image, scope);
        }
        self.link(notice.link.as_ref(), scope);
        self.buttons(&notice.buttons, scope);
        if let Some(key) = &notice.say {
            self.key(key, KeyKind::Text, Some(names(&notice.args)), row_keys(&notice.rows), at.place());
        }
    }

    fn state(&mut self, state: &'a At<State>) {
        let scope = Scope::default();
        self.args(&state.args, scope);
        self.rows(&state.rows);
        for line in state.say.iter().flat_map(|say| &say.0) {
            self.guard(line.guard.as_ref(), scope);
            self.args(&line.args, scope);
            let mut given = names(&state.args);
            given.extend(names(&line.args));
            let place = state.say.as_ref().map_or(state.place(), At::place);
            self.key(&line.key, KeyKind::Text, Some(given), row_keys(&state.rows), place);
        }
        if let Some(image) = &state.image {
            self.read(image, scope);
        }
        self.link(state.link.as_ref(), scope);
        self.list(state.list.as_ref(), scope);
        self.buttons(&state.buttons, scope);
        self.args(&state.with, scope);
        if let Some(retry) = &state.retry {
            self.key(&retry.say, KeyKind::Text, Some(BTreeSet::new()), BTreeMap::new(), retry.say.place());
            retry.then.iter().for_each(|targets| self.targets(targets, scope));
        }
        let others = [&state.filled, &state.when, &state.then].into_iter().flatten();
        for targets in others.chain(state.hears.values()).chain(state.after.values()) {
            self.targets(targets, scope);
        }
        for (signal, targets) in state.wait.iter() {
            self.targets(targets, Scope { signal: Some(signal), ..scope });
        }
        let effect = state.effect.as_ref().map(|effect| effect.as_str());
        for targets in state.outcomes.values() {
            self.targets(targets, Scope { effect, ..scope });
        }
    }
}
