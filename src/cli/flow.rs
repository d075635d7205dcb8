//! `warung flow`: check, draw or describe the flow files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::dialogue::flow::check::{KeyFacts, KeyKind, KeyUse, LocaleFacts, check, key_uses};
use crate::dialogue::flow::graph::graph;
use crate::dialogue::flow::{Finding, Flows, model, shipped};
use crate::domain::customer::Language;
use crate::i18n::lint::{self, Use};
use crate::i18n::samples::Size;
use crate::i18n::{Locales, MessageFacts, SHELF};

/// Bytes of a flow file that are read.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Flow files of a folder.
const MAX_FILES: usize = 500;

/// Arguments of `warung flow`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  warung flow check\n  warung flow check my-flows --format json\n  warung flow graph --flow checkout > checkout.mmd\n  warung flow schema > flows/schema/flow.schema.json"
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check flows and name everything that would strand a customer, with file, line and column.
    Check {
        /// A flow file or a folder of them; the flows of this program without it.
        path: Option<PathBuf>,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
        format: CheckFormat,
    },
    /// Draw the states and the ways between them.
    Graph {
        /// A flow file or a folder of them; the flows of this program without it.
        path: Option<PathBuf>,
        /// The form of the drawing.
        #[arg(long, value_enum, default_value_t = GraphFormat::Mermaid)]
        format: GraphFormat,
        /// Only this flow.
        #[arg(long, value_name = "NAME")]
        flow: Option<String>,
    },
    /// Print the JSON Schema by which editors complete flow files.
    Schema,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum CheckFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum GraphFormat {
    Mermaid,
    Dot,
    Json,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Check { path, format } => run_check(path.as_deref(), format),
        Command::Graph { path, format, flow } => {
            let files = files(path.as_deref())?;
            let flows = Flows::load(&files).map_err(|findings| unreadable(&findings))?;
            if let Some(name) = flow.as_deref().filter(|name| flows.get(name).is_none()) {
                let known: Vec<&str> = flows.current().map(|flow| flow.name.as_str()).collect();
                return Err(Failure::new(format!(
                    "there is no flow `{name}`; there are {}",
                    known.join(", ")
                )));
            }
            let graph = graph(&flows, flow.as_deref(), None);
            print(&match format {
                GraphFormat::Mermaid => graph.mermaid(),
                GraphFormat::Dot => graph.dot(),
                GraphFormat::Json => graph.json() + "\n",
            })
        }
        Command::Schema => print(&schema()),
    }
}

/// The JSON Schema of flow files.
pub fn schema() -> String {
    let schema = schemars::schema_for!(model::FlowFile);
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// Every finding of a set of flow files, with the shipped locales. `whole` says that they are all the flows there are,
/// so that keys of the locales that none of them uses are findings too.
pub fn findings(flows: &Flows, locales: &Locales, whole: bool) -> Vec<Finding> {
    let uses = key_uses(flows);
    let mut findings = check(flows, Some(&locale_facts(locales)));
    if whole {
        let uses: Vec<Use> = uses.iter().map(lint_use).collect();
        let in_locales =
            lint::lint(locales, &uses).into_iter().filter(|found| found.place.starts_with("locales/"));
        findings.extend(in_locales.map(|found| Finding {
            file: found.place,
            line: u32::try_from(found.line.max(1)).unwrap_or(u32::MAX),
            column: 1,
            code: "F08",
            message: found.message,
        }));
    }
    findings
}

fn run_check(path: Option<&Path>, format: CheckFormat) -> Result<(), Failure> {
    let files = files(path)?;
    let locales = Locales::shipped().map_err(|errors| {
        Failure::new(
            errors.first().map_or_else(|| "the locales cannot be read".to_owned(), ToString::to_string),
        )
    })?;
    let (findings, passed) = match Flows::load(&files) {
        Ok(flows) => {
            let states: usize = flows.current().map(|flow| flow.file.states.len()).sum();
            let passed = format!("{} flows, {states} states, no findings", files.len());
            (findings(&flows, &locales, path.is_none()), passed)
        }
        Err(findings) => (findings, String::new()),
    };
    match format {
        CheckFormat::Json => print(&(serde_json::to_string_pretty(&findings).unwrap_or_default() + "\n"))?,
        CheckFormat::Text if findings.is_empty() => print(&(passed + "\n"))?,
        CheckFormat::Text => {
            let sources: BTreeMap<&str, &str> =
                files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            let framed: Vec<String> = findings
                .iter()
                .map(|found| framed(found, sources.get(found.file.as_str()).copied()))
                .collect();
            print(&(framed.join("\n") + "\n"))?;
        }
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err(Failure::new("1 finding in the flows")),
        many => Err(Failure::new(format!("{many} findings in the flows"))),
    }
}

/// A finding with its line and a caret under the place.
fn framed(finding: &Finding, source: Option<&str>) -> String {
    let mut out = finding.to_string();
    let index = usize::try_from(finding.line).unwrap_or(1).saturating_sub(1);
    if let Some(line) = source.and_then(|source| source.lines().nth(index)) {
        let number = finding.line.to_string();
        let before: String = line
            .chars()
            .take(usize::try_from(finding.column).unwrap_or(1).saturating_sub(1))
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        out.push_str(&format!("\n  {number} | {line}\n  {} | {before}^\n", " ".repeat(number.len())));
    }
    out
}

fn unreadable(findings: &[Finding]) -> Failure {
    let first = findings.first().map(ToString::to_string).unwrap_or_default();
    Failure::new(format!("{first} (run `warung flow check` for all findings)"))
}

/// The flow files of a path, or those of this program.
fn files(path: Option<&Path>) -> Result<Vec<(String, String)>, Failure> {
    let Some(path) = path else { return Ok(shipped::files()) };
    let problem =
        |path: &Path, error: &dyn std::fmt::Display| Failure::new(format!("{}: {error}", path.display()));
    let mut paths = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(|error| problem(path, &error))? {
            let found = entry.map_err(|error| problem(path, &error))?.path();
            if found.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                paths.push(found);
            }
        }
        paths.sort();
    } else {
        paths.push(path.to_owned());
    }
    if paths.is_empty() {
        return Err(problem(path, &"there is no flow file (*.yaml) in this folder"));
    }
    if paths.len() > MAX_FILES {
        return Err(problem(path, &format!("more than {MAX_FILES} flow files")));
    }
    let read = |path: PathBuf| {
        let size = std::fs::metadata(&path).map_err(|error| problem(&path, &error))?.len();
        if size > MAX_FILE_BYTES {
            return Err(problem(&path, &format!("larger than {MAX_FILE_BYTES} bytes; is this a flow file?")));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| problem(&path, &error))?;
        Ok((path.display().to_string(), text))
    };
    paths.into_iter().map(read).collect()
}

/// Writes to standard output; a reader that has gone away is nothing to complain about.
fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// What the checks must know of the locales.
pub fn locale_facts(locales: &Locales) -> LocaleFacts {
    let messages = |language: Language| {
        let facts = |key: &str| {
            let longest = lint_use(&KeyUse {
                key: key.to_owned(),
                kind: KeyKind::Button,
                args: None,
                rows: BTreeMap::new(),
                file: String::new(),
                place: (0, 0),
            });
            let say = lint::sample(locales, &longest, language, Size::Long);
            let text = locales.render(&say, language, &chrono_tz::Asia::Jakarta).text;
            KeyFacts { arguments: arguments(locales, language, key), longest_chars: text.chars().count() }
        };
        locales.keys(language).map(|key| (key.to_owned(), facts(key))).collect()
    };
    LocaleFacts {
        messages: Language::ALL.into_iter().map(|language| (language, messages(language))).collect(),
    }
}

/// The arguments behind the variables of a message and of those that it includes.
fn arguments(locales: &Locales, language: Language, key: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![key.to_owned()];
    while let Some(key) = open.pop() {
        let Some(facts): Option<&MessageFacts> =
            locales.facts(language, &key).filter(|_| seen.insert(key.clone()))
        else {
            continue;
        };
        // What stands on the shelf is passed to every text.
        let passed = facts.arguments(&|_| false).filter(|name| !SHELF.contains(name));
        found.extend(passed.map(str::to_owned));
        open.extend(facts.includes.iter().cloned());
    }
    found
}

fn lint_use(usage: &KeyUse) -> Use {
    Use {
        key: usage.key.clone(),
        kind: match usage.kind {
            KeyKind::Text => lint::Kind::Text,
            KeyKind::Row => lint::Kind::Row,
            KeyKind::Button => lint::Kind::Button,
            KeyKind::Choice => lint::Kind::Choice,
        },
        args: usage.args.clone(),
        rows: usage.rows.clone(),
        place: usage.file.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_flows_and_locales_have_no_findings() {
        let found = findings(&Flows::shipped().unwrap(), &Locales::shipped().unwrap(), true);
        assert!(found.is_empty(), "\n{}", found.iter().map(|found| format!("{found}\n")).collect::<String>());
    }

    #[test]
    fn the_schema_in_the_folder_is_the_one_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/flows/schema/flow.schema.json");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == schema(), "run `cargo run -- flow schema > flows/schema/flow.schema.json`");
    }

    #[test]
    fn a_finding_is_shown_in_its_line() {
        let finding =
            Finding { file: "a.yaml".into(), line: 2, column: 3, code: "F01", message: "no".into() };
        assert_eq!(framed(&finding, Some("x\n  y: z\n")), "a.yaml:2:3: F01: no\n  2 |   y: z\n    |   ^\n");
        assert_eq!(framed(&finding, None), "a.yaml:2:3: F01: no");
    }

    #[test]
    fn folders_without_flows_are_refused_with_a_line() {
        let folder = tempfile::tempdir().unwrap();
        assert!(files(Some(folder.path())).unwrap_err().to_string().contains("no flow file"));
        assert!(files(Some(&folder.path().join("none.yaml"))).is_err());
        assert!(!files(None).unwrap().is_empty());
    }
}
