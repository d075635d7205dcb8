//! The shipped locales against the shipped flows: same keys, same arguments, nothing too long; and one sheet with
//! every text in both languages, for people to read.

#![expect(clippy::unwrap_used, reason = "a test says where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value as Node;
use warung::domain::customer::Language;
use warung::i18n::lint::{self, Kind, Use};
use warung::i18n::samples::Size;
use warung::i18n::{KEYS_OF_RUST, Locales};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn locales() -> Locales {
    Locales::shipped()
        .unwrap_or_else(|errors| panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>()))
}

/// Every use of a message in the flow files, read loosely: the strict reading is the flow checker's.
fn uses() -> Vec<Use> {
    let mut uses = Vec::new();
    let mut files: Vec<_> =
        std::fs::read_dir(Path::new(ROOT).join("flows")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "yaml")) {
        let text = std::fs::read_to_string(file).unwrap();
        let node: Node =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let place = format!("flows/{}", file.file_name().unwrap().to_string_lossy());
        walk(&node, &place, &mut uses);
        let mut plain = |key: &Node| {
            if let Some(key) = key.as_str() {
                uses.push(text_use(key, BTreeSet::new(), BTreeMap::new(), &place));
            }
        };
        for name in ["stale", "used", "unknown_press", "media", "too_long", "restarted"] {
            node.get(name).into_iter().for_each(&mut plain);
        }
        for name in ["hint", "choices", "stuck"] {
            node.get("fallback").and_then(|fallback| fallback.get(name)).into_iter().for_each(&mut plain);
        }
        for name in ["menu", "person"] {
            let label = node.get("fallback").and_then(|fallback| fallback.get(name)).and_then(Node::as_str);
            uses.extend(label.map(|key| Use {
                kind: Kind::Button,
                ..text_use(key, BTreeSet::new(), BTreeMap::new(), &place)
            }));
        }
    }
    uses
}

fn text_use(key: &str, args: BTreeSet<String>, rows: BTreeMap<String, String>, place: &str) -> Use {
    Use { key: key.to_owned(), kind: Kind::Text, args: Some(args), rows, place: place.to_owned() }
}

fn walk(node: &Node, place: &str, uses: &mut Vec<Use>) {
    match node {
        Node::Array(nodes) => nodes.iter().for_each(|node| walk(node, place, uses)),
        Node::Object(map) => {
            let names = |name: &str| -> BTreeSet<String> {
                map.get(name)
                    .and_then(Node::as_object)
                    .into_iter()
                    .flat_map(|args| args.keys().cloned())
                    .collect()
            };
            let rows: BTreeMap<String, String> = map
                .get("rows")
                .and_then(Node::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(name, key)| Some((name.clone(), key.as_str()?.to_owned())))
                .collect();
            let said = match map.get("say") {
                Some(Node::String(key)) => vec![key.as_str()],
                Some(Node::Array(list)) => {
                    list.iter().filter_map(|entry| entry.get("key")?.as_str()).collect()
                }
                _ => Vec::new(),
            };
            for key in said {
                uses.push(text_use(key, names("args"), rows.clone(), place));
            }
            for key in rows.values() {
                uses.push(Use {
                    key: key.clone(),
                    kind: Kind::Row,
                    args: None,
                    rows: BTreeMap::new(),
                    place: place.to_owned(),
                });
            }
            if let Some(Node::String(key)) = map.get("label") {
                let kind = if map.contains_key("from") { Kind::Choice } else { Kind::Button };
                let args = (kind == Kind::Button).then(|| names("args"));
                uses.push(Use {
                    key: key.clone(),
                    kind,
                    args,
                    rows: BTreeMap::new(),
                    place: place.to_owned(),
                });
            }
            map.values().for_each(|node| walk(node, place, uses));
        }
        _ => {}
    }
}

#[test]
fn flows_and_both_locales_agree_and_fit_every_channel() {
    let findings = lint::lint(&locales(), &uses());
    assert!(
        findings.is_empty(),
        "{}",
        findings.iter().map(|finding| format!("{finding}\n")).collect::<String>()
    );
}

#[test]
fn every_locale_file_is_in_the_binary() {
    let locales = locales();
    for language in Language::ALL {
        let folder = Path::new(ROOT).join("locales").join(language.code());
        let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| {
                format!("locales/{}/{}", language.code(), file.unwrap().file_name().to_string_lossy())
            })
            .collect();
        let shipped: BTreeSet<String> = locales
            .keys(language)
            .filter_map(|key| Some(locales.facts(language, key)?.path.clone()))
            .collect();
        assert_eq!(on_disk, shipped);
    }
}

#[test]
fn every_key_of_rust_exists() {
    let locales = locales();
    for (key, language) in KEYS_OF_RUST.iter().flat_map(|key| Language::ALL.map(|language| (key, language))) {
        assert!(locales.facts(language, key).is_some(), "{key} in {language:?}");
    }
}

#[test]
fn every_text_in_both_languages_reads_as_it_was_approved() {
    let locales = locales();
    let uses: BTreeMap<String, Use> = uses().into_iter().map(|usage| (usage.key.clone(), usage)).collect();
    let mut sheet = String::new();
    for usage in uses.values() {
        writeln!(sheet, "## {}", usage.key).unwrap();
        for language in Language::ALL {
            let mut seen = BTreeSet::new();
            for size in [Size::Usual, Size::Bare] {
                let say = lint::sample(&locales, usage, language, size);
                let text = locales.render(&say, language, &chrono_tz::Asia::Jakarta).text;
                if seen.insert(text.clone()) {
                    let mark = if size == Size::Usual {
                        language.code().to_owned()
                    } else {
                        format!("{}, bare", language.code())
                    };
                    writeln!(sheet, "[{mark}]\n{text}").unwrap();
                }
            }
        }
        sheet.push('\n');
    }
    insta::assert_snapshot!("texts", sheet);
}
