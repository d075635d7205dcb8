//! The house rules that a program can check: layers import downward, files stay small and say what they hold, SQL stays
//! in one layer, the core stays pure. Each failure names file, line and rule.

#![expect(clippy::unwrap_used, reason = "a test whose facts cannot be had has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file; past this it is two things.
const MAX_LINES: usize = 500;

/// From the bottom up. A layer imports what stands before it, and itself. What shares a row knows nothing of each other.
const LAYERS: &[&[&str]] = &[
    &["clock", "cluster"],
    &["domain"],
    &["dialogue"],
    &["i18n"],
    &["store"],
    &["edge"],
    &["channels", "payments"],
    &["config"],
    &["telemetry"],
    &["fakes"],
    &["pipeline"],
    &["http"],
    &["app"],
    &["convo"],
    &["cli"],
];

/// What the arrows alone would allow, and why it is not.
const NEVER: &[(&str, &[&str], &str)] = &[
    ("domain", &["clock", "config", "telemetry", "cluster"], "the core is pure: facts are arguments"),
    ("dialogue", &["clock", "config", "telemetry", "cluster"], "the core is pure: facts are arguments"),
    ("i18n", &["clock", "config", "telemetry", "cluster"], "the core is pure: facts are arguments"),
    ("store", &["config", "telemetry", "cluster"], "functions over a connection need no more"),
    ("edge", &["store", "dialogue", "i18n"], "adapters translate and call, nothing else"),
    ("channels", &["store", "dialogue", "i18n"], "adapters translate and call, nothing else"),
    ("payments", &["store", "dialogue", "i18n"], "adapters translate and call, nothing else"),
    ("fakes", &["store", "dialogue", "i18n", "channels", "config"], "a platform knows nothing of the shop"),
    ("pipeline", &["config", "telemetry", "cluster"], "it is given what it needs"),
];

/// Layers that decide and never act, with words that would be acts.
const PURE: &[&str] = &["domain", "dialogue", "i18n"];
const ACTS: &[&str] = &[
    "tokio::",
    "sqlx::",
    "axum::",
    "reqwest::",
    "tracing::",
    "async fn",
    "rand::",
    "std::fs",
    "std::env",
    "std::net",
];

/// Layers that may speak to a terminal. Everything else logs.
const SPEAKERS: &[&str] = &["cli", "convo", "main.rs", "app"];

/// A line of the product's own code.
struct Line {
    number: usize,
    text: String,
}

/// A file with its layer and its code, without comments and without tests.
struct Source {
    path: PathBuf,
    layer: String,
    whole: String,
    code: Vec<Line>,
}

impl Source {
    fn read(path: PathBuf) -> Self {
        let whole = fs::read_to_string(&path).unwrap();
        let inside = path.strip_prefix("src").unwrap();
        let layer = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let layer = if layer == "main.rs" { layer } else { layer.trim_end_matches(".rs").to_owned() };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_test =
            name == "tests.rs" || name.ends_with("_tests.rs") || path.iter().any(|part| part == "tests");
        let mut code = Vec::new();
        if !is_test {
            for (index, text) in whole.lines().enumerate() {
                if text.starts_with("#[cfg(test)]")
                    && whole.lines().nth(index + 1).is_some_and(|next| next.ends_with('{'))
                {
                    break;
                }
                if !text.trim_start().starts_with("//") {
                    code.push(Line { number: index + 1, text: text.to_owned() });
                }
            }
        }
        Self { path, layer, whole, code }
    }
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    walk(Path::new("src"), &mut found);
    assert!(found.len() > 50, "the sources were not found");
    found.into_iter().map(Source::read).collect()
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Fails with every finding at once.
fn check(rule: &str, findings: &[String]) {
    let mut text = String::new();
    for finding in findings {
        writeln!(text, "  {finding}").unwrap();
    }
    assert!(findings.is_empty(), "{rule}\n{text}");
}

fn rank(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&layer))
}

/// The layers that a line names: `crate::store::…`, and each of `crate::{store::…, domain::…}` on one line.
fn named(line: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => names.push(word(rest)),
            Some(list) => {
                let mut depth = 0;
                let mut start = 0;
                for (index, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' | ',' if depth == 0 => {
                            names.push(word(list[start..index].trim_start()));
                            start = index + 1;
                            if c == '}' {
                                break;
                            }
                        }
                        '}' => depth -= 1,
                        _ => {}
                    }
                }
            }
        }
    }
    names
}

/// Whether a line holds something that does not go on to the left: `rand::` is not in `operand::`.
fn has_word(line: &str, wanted: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(wanted).any(|(at, _)| !line[..at].ends_with(goes_on))
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn layers_import_downward_only() {
    let mut findings = Vec::new();
    for source in sources() {
        let Some(own) = rank(&source.layer) else { continue };
        for line in &source.code {
            for name in named(&line.text) {
                let Some(other) = rank(&name) else { continue };
                let at = format!("{}:{}: {} uses {name}", source.path.display(), line.number, source.layer);
                if name != source.layer && other >= own {
                    findings.push(format!("{at}, which does not stand below it"));
                }
                // Tests of any layer may start what they need.
                let for_tests = line.text.contains("cluster::testing");
                for (layer, never, why) in NEVER {
                    if !for_tests && source.layer == *layer && never.contains(&name.as_str()) {
                        findings.push(format!("{at}: {why}"));
                    }
                }
            }
        }
    }
    check("Each layer imports only what stands below it:", &findings);
}

#[test]
fn every_module_is_in_the_map() {
    let unknown: Vec<String> = sources()
        .iter()
        .filter(|source| {
            !["lib", "main.rs"].contains(&source.layer.as_str()) && rank(&source.layer).is_none()
        })
        .map(|source| format!("{}: give {} a place in LAYERS", source.path.display(), source.layer))
        .collect();
    check("A new layer is a decision:", &unknown);
}

#[test]
fn the_core_decides_and_never_acts() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.layer.as_str())) {
        for line in &source.code {
            for act in ACTS.iter().filter(|act| has_word(&line.text, act)) {
                findings.push(format!("{}:{}: {act}", source.path.display(), line.number));
            }
        }
    }
    check("Nothing in the core waits, asks, logs or draws:", &findings);
}

#[test]
fn sql_is_written_in_the_store_only() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| source.layer != "store") {
        for line in &source.code {
            if ["query!", "query_as!", "query_scalar!", "query_file"]
                .iter()
                .any(|name| has_word(&line.text, name))
            {
                findings.push(format!("{}:{}", source.path.display(), line.number));
            }
        }
    }
    check("Queries live in src/store:", &findings);
}

/// Layers that go through the registry of channels.
const KNOWS_NO_PLATFORM: &[&str] = &[
    "domain", "dialogue", "i18n", "store", "edge", "payments", "config", "pipeline", "http", "app", "convo",
    "cli",
];

#[test]
fn a_platform_is_known_to_its_folder_and_the_registry_and_to_nobody_else() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| KNOWS_NO_PLATFORM.contains(&source.layer.as_str())) {
        for line in &source.code {
            for name in ["whatsapp", "telegram", "discord"] {
                if [format!("\"{name}\""), format!("{name}::")].iter().any(|word| has_word(&line.text, word))
                {
                    findings.push(format!("{}:{}: {name}", source.path.display(), line.number));
                }
            }
        }
    }
    check(
        "What a platform is stands in its ChannelSpec, and the list of them in channels/registry.rs:",
        &findings,
    );
}

/// Where amounts of money are read, decided, stored and sent.
const MONEY_PATH: &[&str] = &["domain", "store", "payments", "pipeline", "i18n"];
/// Files on it that measure pictures and no money.
const PICTURES: &[&str] = &["src/payments/qris/draw.rs", "src/payments/qris/picture.rs"];

#[test]
fn goods_are_written_at_one_place_only() {
    const GOODS: [&str; 3] = ["products", "product_variants", "inventory_movements"];
    let mut findings = Vec::new();
    for source in sources() {
        if source.path.starts_with("src/store/goods") || source.path.starts_with("src/store/stock") {
            continue;
        }
        for line in &source.code {
            let text = line.text.to_lowercase();
            for act in ["insert into ", "update ", "delete from "] {
                let written = text.split(act).skip(1).map(word).find(|table| GOODS.contains(&table.as_str()));
                if let Some(table) = written {
                    findings.push(format!("{}:{}: writes {table}", source.path.display(), line.number));
                }
            }
        }
    }
    check("Products, prices and stock are written by `store::goods` and `store::stock` alone:", &findings);
}

/// Where bodies come in from outside.
const DOORS: &[&str] = &["http", "channels", "payments", "pipeline"];
/// Files of these layers that read JSON of our own.
const OWN_JSON: &[&str] = &[
    "src/http/sandbox/page.rs",
    "src/http/chat/page.rs",
    "src/channels/whatsapp/settings.rs",
    // One field of a body that `edge::json` has taken apart.
    "src/payments/midtrans/notice.rs",
];

#[test]
fn what_comes_from_outside_is_read_by_one_tolerant_reader() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| DOORS.contains(&source.layer.as_str())) {
        let path = source.path.display().to_string();
        if OWN_JSON.contains(&path.as_str()) || path.contains("tests") {
            continue;
        }
        for line in &source.code {
            let reads =
                ["serde_json::from_slice", "serde_json::from_str", "from_reader", ".json::<", ".json()"];
            if reads.iter().any(|name| line.text.contains(name)) {
                findings.push(format!("{path}:{}", line.number));
            }
        }
    }
    check("Half an emoji in a body is no reason to refuse it; read it by `edge::json`:", &findings);
}

#[test]
fn no_amount_of_money_is_ever_a_float() {
    let mut findings = Vec::new();
    let on_the_path = |source: &&Source| MONEY_PATH.contains(&source.layer.as_str());
    for source in sources().iter().filter(on_the_path) {
        let path = source.path.display().to_string();
        for line in source.code.iter().filter(|_| !PICTURES.contains(&path.as_str())) {
            if ["f32", "f64", "as_f64", "from_f64"].iter().any(|name| has_word(&line.text, name)) {
                findings.push(format!("{path}:{}", line.number));
            }
        }
    }
    for entry in fs::read_dir("migrations").unwrap() {
        let path = entry.unwrap().path();
        for (index, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let code = line.split("--").next().unwrap();
            let mut words = code.split(|c: char| !c.is_alphanumeric());
            if words.any(|word| ["real", "float", "float4", "float8", "double"].contains(&word)) {
                findings.push(format!("{}:{}", path.display(), index + 1));
            }
        }
    }
    check("Money is whole rupiah, never a float (I16):", &findings);
}

#[test]
fn only_commands_speak_to_a_terminal() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| !SPEAKERS.contains(&source.layer.as_str())) {
        for line in &source.code {
            if ["println!", "print!", "eprintln!", "eprint!"].iter().any(|name| has_word(&line.text, name)) {
                findings.push(format!("{}:{}", source.path.display(), line.number));
            }
        }
    }
    check("Everything below the commands logs by tracing:", &findings);
}

#[test]
fn files_open_with_what_they_hold_and_stay_small() {
    let mut findings = Vec::new();
    let mut paths: Vec<(PathBuf, String)> =
        sources().into_iter().map(|source| (source.path, source.whole)).collect();
    for dir in ["tests", "benches", "examples"] {
        let mut found = Vec::new();
        if Path::new(dir).is_dir() {
            walk(Path::new(dir), &mut found);
        }
        paths.extend(found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())));
    }
    for (path, text) in paths {
        let (shown, lines) = (path.display(), text.lines().count());
        if !text.starts_with("//! ") {
            findings.push(format!("{shown}:1: the first line says what lives here: //! …"));
        }
        if lines > MAX_LINES {
            findings.push(format!("{shown}: {lines} lines; {MAX_LINES} is the limit"));
        }
        for (index, line) in text.lines().enumerate() {
            // Written in two parts, so that this file does not find itself.
            if line.contains(concat!("super::", "super::")) {
                findings.push(format!("{shown}:{}: name it from the crate's root", index + 1));
            }
            if line.trim_start().starts_with(concat!("#[", "allow(")) {
                findings.push(format!("{shown}:{}: #[expect(…, reason = …)] instead", index + 1));
            }
        }
    }
    check("Files:", &findings);
}

#[test]
fn imports_are_read_as_they_are_written() {
    assert_eq!(named("use crate::store::orders;"), ["store"]);
    assert_eq!(named("use crate::{domain::{ids::A, money::B}, store};"), ["domain", "store"]);
    assert_eq!(named("    crate::clock::Clock::system()"), ["clock"]);
    assert!(named("use std::fs;").is_empty());
}
