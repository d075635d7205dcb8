//! Every command of ours that a message, a page, a help text or a document names can be typed as it stands.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use regex::Regex;

use super::Cli;

/// Where commands are named. What tests say to each other suggests nothing to anybody.
const PLACES: [&str; 12] = [
    "src",
    "locales",
    "docs",
    "flows",
    "scripts",
    "web",
    "demo",
    "README.md",
    "CONTRIBUTING.md",
    ".env.example",
    "docker-compose.yml",
    "Dockerfile",
];
/// Kinds of files that hold no words.
const NO_WORDS: [&str; 6] = ["png", "webp", "jpg", "svg", "ttf", "ico"];
/// There are about a hundred of them; far fewer would mean that they are not found.
const MIN_COMMANDS: usize = 70;

/// What stands for something else in a command, and a value that it may have.
const VALUES: [(&str, &str); 5] = [
    ("N", "50000"),
    ("DAYS", "90"),
    ("PHONE", "081234567890"),
    ("EMAIL", "s@example.com"),
    ("ADDRESS", "127.0.0.1:9001"),
];

fn walk(path: &Path, found: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_test = name == "tests.rs" || name.ends_with("_tests.rs");
        if !NO_WORDS.contains(&kind) && !is_test {
            found.push(path.to_owned());
        }
        return;
    }
    let mut below: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    below.sort();
    below.iter().filter(|path| !path.ends_with("tests")).for_each(|path| walk(path, found));
}

/// The commands that a text names, each with its line.
fn commands(text: &str, is_rust: bool) -> Vec<(usize, String)> {
    // In Rust a string goes on where a line ends in a backslash; its new lines and quotes are escaped.
    let text = if is_rust {
        let text = Regex::new(r"\\\n\s*").unwrap().replace_all(text, "").into_owned();
        text.replace("\\n", "\n").replace("\\\"", "\"")
    } else {
        text.to_owned()
    };
    let quoted =
        Regex::new(r"`(?:[A-Z_]+=\S+ )*(?:cargo run (?:--release )?-- |warung)(?: ([^`]*))?`").unwrap();
    let typed = Regex::new(
        r"^[\s#/*\x22|$]*(?:docker compose run --rm (?:-T )?)?(?:[A-Z_]+=\S+ )*(?:cargo run (?:--release )?-- |warung )(.*)$",
    )
    .unwrap();
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut is_quoted = false;
        for groups in quoted.captures_iter(line) {
            is_quoted = true;
            found.push((number + 1, groups.get(1).map_or(String::new(), |words| words.as_str().to_owned())));
        }
        if !is_quoted && let Some(groups) = typed.captures(line) {
            found.push((number + 1, groups[1].to_owned()));
        }
    }
    found
}

/// The words of a command as a shell would take them, up to what is no part of it.
fn words(command: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    // Two spaces begin an explanation.
    let command = command.split("  ").next()?;
    // The end of a string of Rust.
    let command = command.split("\")").next()?.split("\",").next()?;
    let is_cut = command.matches('"').count() % 2 == 1;
    let command = if is_cut { command.trim_end_matches('"') } else { command };
    for letter in command.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (None, '>' | '<' | ';' | '&' | '#') => break,
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// The ways in which a command may be typed: what is optional is there, one word out of several is each of them, and what stands
/// for something is something.
fn ways(words: &[String]) -> Vec<Vec<String>> {
    let placeholder = Regex::new(r"\{[^{}]*\}").unwrap();
    let mut ways = vec![vec!["warung".to_owned()]];
    for word in words {
        let is_text = word.contains(' ');
        let plain = placeholder.replace_all(word, "x1").replace("\\|", "|").replace('…', "x1");
        let plain = if is_text { plain } else { plain.trim_matches(['[', ']', ',', '.', ':']).to_owned() };
        if plain.is_empty() || plain == "|" {
            continue;
        }
        let any: Vec<&str> = if is_text { vec![&plain] } else { plain.split('|').collect() };
        let value = |word: &str| {
            VALUES.iter().find(|(name, _)| *name == word).map_or(word, |(_, value)| value).to_owned()
        };
        ways = ways
            .into_iter()
            .flat_map(|way| {
                any.iter().map(move |word| [way.clone(), vec![value(word)]].concat()).collect::<Vec<_>>()
            })
            .collect();
    }
    ways
}

/// Whether every word names a command: then a thing is spoken of, and nobody is told to type it.
fn is_name(way: &[String]) -> bool {
    let mut command = Cli::command();
    for word in &way[1..] {
        match command.find_subcommand(word).cloned() {
            Some(next) => command = next,
            None => return false,
        }
    }
    true
}

fn mistake(way: &[String]) -> Option<String> {
    match Cli::try_parse_from(way) {
        Ok(_) => None,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => None,
        Err(_) if is_name(way) => None,
        Err(error) => Some(error.to_string().lines().next().unwrap_or_default().to_owned()),
    }
}

#[test]
fn every_command_that_is_suggested_can_be_typed() {
    let mut files = Vec::new();
    PLACES.iter().for_each(|place| walk(Path::new(place), &mut files));
    let (mut known, mut wrong) = (BTreeSet::new(), Vec::new());
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let is_rust = file.extension().is_some_and(|kind| kind == "rs");
        for (line, command) in commands(&text, is_rust) {
            let Some(words) = words(&command) else { continue };
            for way in ways(&words) {
                if let Some(mistake) = mistake(&way) {
                    wrong.push(format!("{}:{line}: {}: {mistake}", file.display(), way.join(" ")));
                }
                known.insert(way.join(" "));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(known.len() >= MIN_COMMANDS, "only {} were found: {known:#?}", known.len());
}

#[test]
fn a_command_that_is_not_there_is_found_out() {
    for (text, is_rust, wrong) in [
        ("make it with `warung store create --slug x`", false, true),
        ("run `warung store list`", false, false),
        ("        \"run `warung product set-stock {sku} \\\n            {pieces}`\",", true, true),
        ("  warung channel connect telegram --store kopi-sari", false, false),
        ("#   docker compose run --rm warung shop list", false, true),
        ("`warung convo run a.convo --channel web|console`", false, false),
        ("the type `warung::cluster::testing` is no command", false, false),
        ("Warung is a program, `warung` is its name", false, false),
    ] {
        let found = commands(text, is_rust);
        let mistakes = found.iter().filter_map(|(_, command)| words(command)).flat_map(|words| ways(&words));
        assert_eq!(mistakes.filter(|way| mistake(way).is_some()).count() > 0, wrong, "{text}: {found:?}");
    }
}
