//! Finds files, reads all of them before anything runs, plays every file on every channel and in every language that
//! was asked for, and gathers what came of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use serde::Serialize;
use tokio_util::task::AbortOnDropHandle;

use super::bless::Edits;
use super::botium;
use super::orders;
use super::parse;
use super::play::{self, Failure, Plan};
use super::script::{Act, Problem, Script, Step, Verb};
use super::world::Worlds;
use crate::domain::customer::Language;

/// Cases that are played at the same time, beyond one for each core: what waits for the database leaves its core to another.
const MORE_THAN_CORES: usize = 1;
/// Cases that are played at the same time at most, each in a database of its own.
const MAX_PARALLEL: usize = 16;
/// Folders below a path that was given.
const MAX_DEPTH: usize = 8;

/// What to run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Channels, instead of those of the actors.
    pub channels: Vec<String>,
    /// Languages, instead of those of the files.
    pub languages: Vec<Language>,
    /// Whether to record.
    pub bless: bool,
    /// Whether to stop at the first case that fails.
    pub fail_fast: bool,
}

/// What can be run.
#[derive(Debug)]
enum Source {
    Ours(Box<Script>),
    Botium(Box<botium::Convo>),
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No file was found.
    #[error(
        "no conversation found in {0}: give files that end in .convo or .convo.txt, or folders that hold some"
    )]
    Nothing(String),
    /// None of the files is written for a language that was asked for.
    #[error("nothing to play: no conversation in {0} is written for this language (see their @lang lines)")]
    NoneInLanguage(String),
    /// Some files cannot be read; none was run.
    #[error("{}", lines(.0))]
    Malformed(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    let mut out: Vec<String> = problems.iter().map(ToString::to_string).collect();
    out.push(format!(
        "{} malformed; nothing was run",
        if problems.len() == 1 { "1 line is" } else { "Lines are" }
    ));
    out.join("\n")
}

/// One file on one channel in one language, with every order and utterance of it.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// The file.
    pub path: PathBuf,
    /// The channel that was asked for, or those of the actors.
    pub channel: String,
    /// The language that was asked for, or those of the actors.
    pub language: String,
    /// Runs that it took.
    pub runs: usize,
    /// Seconds that it took.
    pub seconds: f64,
    /// What is wrong, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Report>,
    /// States and transitions that it passed.
    #[serde(skip)]
    pub passed: BTreeSet<String>,
}

/// A failure as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file of the line.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in one line.
    pub what: String,
    /// The smallest prefix of the file that fails: numbered lines, the last one being the one that does not hold.
    pub prefix: Vec<(usize, String)>,
    /// What the script expects.
    pub expected: Vec<String>,
    /// What came instead.
    pub got: Vec<String>,
    /// A diff of recorded words: `-` recorded, `+` sent.
    pub diff: Vec<String>,
    /// The path of states.
    pub states: Vec<String>,
    /// What was understood of the last words.
    pub heard: Vec<String>,
    /// The order of what happened together.
    pub order: Option<String>,
}

/// What came of everything.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Every case, in the order of the files.
    pub cases: Vec<Case>,
    /// Files that were rewritten.
    pub blessed: Vec<PathBuf>,
}

impl Summary {
    /// Cases that failed.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| case.failure.is_some()).count()
    }
}

/// Runs everything.
///
/// # Errors
/// [`Refusal`] when nothing can be run; a case that fails is no error.
pub async fn run(options: &Options, worlds: &Arc<dyn Worlds>) -> Result<Summary, Refusal> {
    let files = find(&options.paths);
    let paths = || options.paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    if files.is_empty() {
        return Err(Refusal::Nothing(paths()));
    }
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        let read = if botium::is_convo(&file) {
            botium::read(&file).map(|convo| Source::Botium(Box::new(convo)))
        } else {
            parse::read(&file).map(|script| Source::Ours(Box::new(script)))
        };
        match read {
            Ok(source) => sources.push(Arc::new(source)),
            Err(more) => problems.extend(more),
        }
    }
    if !problems.is_empty() {
        return Err(Refusal::Malformed(problems));
    }
    let mut plans = Vec::new();
    for source in &sources {
        plans.extend(variants(source, options).into_iter().map(|plan| (source, plan)));
    }
    if plans.is_empty() {
        return Err(Refusal::NoneInLanguage(paths()));
    }
    // Each case is a task of its own, so that all cores play.
    let mut playing = futures::stream::iter(plans.into_iter().map(|(source, plan)| {
        let (played, worlds) = (Arc::clone(source), Arc::clone(worlds));
        async move {
            let case =
                AbortOnDropHandle::new(tokio::spawn(async move { case(&played, plan, &*worlds).await }));
            (source, case.await)
        }
    }))
    .buffered(parallel());
    let mut summary = Summary::default();
    let mut edits: Vec<(&Script, Edits)> = Vec::new();
    while let Some((source, played)) = playing.next().await {
        let (case, recorded) = match played {
            Ok(played) => played,
            // What panics in a case is a fault of ours and ends the run as it would have in this task.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => continue,
            },
        };
        let failed = case.failure.is_some();
        summary.cases.push(case);
        if let (Source::Ours(script), Some(new)) = (&**source, recorded.filter(|_| !failed)) {
            match edits.iter_mut().find(|(known, _)| known.path() == script.path()) {
                Some((_, edits)) => edits.merge(new),
                None => edits.push((script.as_ref(), new)),
            }
        }
        if failed && options.fail_fast {
            break;
        }
    }
    drop(playing);
    for (script, edits) in edits {
        let failed = summary.cases.iter().any(|case| case.path == script.path() && case.failure.is_some());
        if !edits.is_empty() && !failed && std::fs::write(script.path(), edits.apply(script)).is_ok() {
            summary.blessed.push(script.path().to_owned());
        }
    }
    Ok(summary)
}

/// The files that are meant: given ones as they are, folders by their endings, sorted.
fn find(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() { walk(path, 0, &mut found) } else { found.push(path.clone()) }
    }
    found
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if depth < MAX_DEPTH && !name.starts_with('.') {
                walk(&path, depth + 1, found);
            }
        } else if name.ends_with(".convo") || (botium::is_convo(&path) && !botium::is_skipped(name)) {
            found.push(path);
        }
    }
}

/// The channels and languages in which a file is played: one case each.
fn variants(source: &Source, options: &Options) -> Vec<Plan> {
    let own: &[Language] = match source {
        Source::Ours(script) => &script.head.languages,
        Source::Botium(_) => &[],
    };
    let languages: Vec<Option<Language>> = match (options.languages.as_slice(), own) {
        ([], []) => vec![None],
        ([], own) => own.iter().copied().map(Some).collect(),
        (asked, []) => asked.iter().copied().map(Some).collect(),
        // A file that is written for some languages says nothing in others.
        (asked, own) => asked.iter().copied().filter(|language| own.contains(language)).map(Some).collect(),
    };
    let channels: Vec<Option<String>> = match options.channels.as_slice() {
        [] => vec![None],
        channels => channels.iter().cloned().map(Some).collect(),
    };
    channels
        .iter()
        .flat_map(|channel| {
            languages.iter().map(move |language| Plan {
                channel: channel.clone(),
                language: *language,
                bless: options.bless,
                ..Plan::default()
            })
        })
        .collect()
}

/// Every order of what happens together, then every other utterance.
fn runs(script: &Script, plan: &Plan) -> Vec<Plan> {
    let orders = script.steps.iter().map(|step| match &step.verb {
        Verb::Together(steps) => orders::count(steps),
        _ => 1,
    });
    let said = |step: &Step| matches!(step.verb, Verb::Act(Act::SayEach { .. }));
    let utterances = if script.steps.iter().any(said) {
        script.lists.iter().map(|(_, lines)| lines.len()).max().unwrap_or(1)
    } else {
        1
    };
    // What is recorded is what the first order and the first utterance give.
    let (orders, utterances) = if plan.bless { (1, 1) } else { (orders.max().unwrap_or(1), utterances) };
    let mut runs: Vec<Plan> = (0..orders).map(|order| Plan { order, ..plan.clone() }).collect();
    runs.extend((1..utterances).map(|utterance| Plan { utterance, ..plan.clone() }));
    runs
}

/// How many cases are played at the same time.
fn parallel() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (cores + MORE_THAN_CORES).min(MAX_PARALLEL)
}

async fn case(source: &Source, plan: Plan, worlds: &dyn Worlds) -> (Case, Option<Edits>) {
    // How long a case takes is told to people and decides nothing.
    let began = Instant::now();
    let mut case = Case {
        path: PathBuf::new(),
        channel: String::new(),
        language: plan.language.map_or_else(String::new, |language| language.code().to_owned()),
        runs: 0,
        seconds: 0.0,
        failure: None,
        passed: BTreeSet::new(),
    };
    let mut recorded = None;
    match source {
        Source::Botium(convo) => {
            convo.path.clone_into(&mut case.path);
            case.channel = plan.channel.clone().unwrap_or_else(|| super::script::DEFAULT_CHANNEL.to_owned());
            case.runs = 1;
            case.failure = botium::play(convo, &plan, worlds).await.err();
        }
        Source::Ours(script) => {
            case.path = script.path().to_owned();
            let actors = play::cast(script, &plan);
            let channels: BTreeSet<&str> = actors.iter().map(|actor| actor.channel.as_str()).collect();
            case.channel = channels.into_iter().collect::<Vec<_>>().join("+");
            let languages: BTreeSet<&str> =
                actors.iter().filter_map(|actor| actor.language).map(Language::code).collect();
            case.language = languages.into_iter().collect::<Vec<_>>().join("+");
            for run in runs(script, &plan) {
                let played = play::play(script, &run, worlds).await;
                case.runs += 1;
                case.passed.extend(played.passed);
                match played.result {
                    Ok(()) => recorded = Some(played.edits),
                    Err(failure) => {
                        case.failure = Some(report(script, &run, *failure));
                        break;
                    }
                }
            }
        }
    }
    case.seconds = began.elapsed().as_secs_f64();
    (case, recorded)
}

/// A failure with the lines that lead to it.
fn report(script: &Script, run: &Plan, failure: Failure) -> Report {
    let file = script.path_of(failure.at).to_owned();
    let lines: Vec<String> = if failure.at.file == 0 {
        script.lines.clone()
    } else {
        std::fs::read_to_string(&file).unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let prefix = lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .take_while(|(line, _)| *line <= failure.at.line)
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .collect();
    let mut what = failure.what;
    if run.utterance > 0 {
        what.push_str(&format!(" (utterance {} of its list)", run.utterance + 1));
    }
    Report {
        file,
        line: failure.at.line,
        what,
        prefix,
        expected: failure.expected,
        got: failure.got,
        diff: failure.diff,
        states: failure.states,
        heard: failure.heard,
        order: failure.order,
    }
}
