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

/// The texts of a locale file by their keys, as they stand there, comments aside.
fn messages(language: Language) -> Vec<(String, String)> {
    let folder = Path::new(ROOT).join("locales").join(language.code());
    let mut messages: Vec<(String, String)> = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            match line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
                Some((key, value)) => messages.push((key.to_owned(), value.to_owned())),
                None => messages.iter_mut().last().into_iter().for_each(|(_, text)| {
                    text.push('\n');
                    text.push_str(line);
                }),
            }
        }
    }
    messages
}

/// Every text that people read: both locales, and the words of the web page and of the sandbox's page.
fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = Language::ALL
        .into_iter()
        .flat_map(|language| {
            messages(language)
                .into_iter()
                .map(move |(key, text)| (format!("{}/{key}", language.code()), text))
        })
        .collect();
    for file in ["web/words/id.json", "web/words/en.json", "src/http/sandbox/words.json", "web/chat.html"] {
        texts.push((file.to_owned(), std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap()));
    }
    texts
}

/// Fails with every text that a rule is broken in.
fn none_of(rule: &str, broken: impl Fn(&str, &str) -> bool) {
    let found: Vec<String> = texts()
        .into_iter()
        .filter(|(key, text)| broken(key, text))
        .map(|(key, text)| format!("  {key}: {text}"))
        .collect();
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn no_text_names_what_only_the_demo_shop_sells() {
    let demo = std::fs::read_to_string(Path::new(ROOT).join("demo/catalog.yaml")).unwrap();
    let demo: Node = serde_saphyr::from_str(&demo).unwrap();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for product in
        demo["categories"].as_array().unwrap().iter().flat_map(|c| c["products"].as_array().unwrap())
    {
        let of = |node: &Node| node.as_str().unwrap().to_lowercase();
        let aliases = product["aliases"].as_array().into_iter().flatten().map(of);
        let spoken = ["id", "en"].map(|language| of(&product["name"][language]));
        for name in spoken.into_iter().chain(aliases) {
            // "Teh Hijau Organik" is also said as "teh hijau"; "Organic Green Tea" as "green tea".
            let words: Vec<&str> = name.split(' ').collect();
            names.extend(words.windows(2).map(|pair| pair.join(" ")));
            names.insert(name.clone());
        }
    }
    // Words that stand beside each other in a name and elsewhere too.
    names
        .retain(|name| name.chars().any(char::is_alphabetic) && !["600 ml", "teko"].contains(&name.as_str()));
    none_of("An example comes from the shop's own shelf: `$example`", |_, text| {
        let text = text.to_lowercase();
        names.iter().any(|name| text.contains(name.as_str()))
    });
}

/// Whether a number has its thousands apart by a mark: `20.000`.
fn thousands(text: &str, mark: char) -> bool {
    text.match_indices(mark).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_digit());
        let after: Vec<char> = text[at + 1..].chars().take(4).collect();
        let digits = after.iter().take_while(|c| c.is_ascii_digit()).count();
        before && digits == 3
    })
}

#[test]
fn money_has_one_form_in_each_language() {
    none_of("Amounts are arguments, or written as `Rp50.000` and in English `Rp50,000`", |key, text| {
        let separator = if key.starts_with("en/") { '.' } else { ',' };
        text.match_indices("Rp").any(|(at, _)| {
            let amount: String =
                text[at + 2..].chars().take_while(|c| c.is_ascii_digit() || ".,".contains(*c)).collect();
            let amount = amount.trim_end_matches(['.', ',']);
            text[at + 2..].starts_with(' ') || amount.contains(separator)
        }) || thousands(text, if key.starts_with("en/") { '.' } else { ',' })
    });
}

#[test]
fn quotes_are_straight() {
    none_of("One style of quotes: \" and '", |_, text| {
        text.contains(['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'])
    });
}

#[test]
fn nobody_is_called_kak_before_a_title_of_their_own() {
    none_of("A name is addressed by `$person-dear`", |_, text| {
        ["Kak { $person", "Kak { $customer", "Kak { $name }!"].iter().any(|form| text.contains(form))
    });
}

#[test]
fn the_shops_people_are_not_addressed_as_customers() {
    let staff: BTreeSet<String> = uses()
        .into_iter()
        .filter(|usage| usage.place.contains("staff"))
        .flat_map(|usage| usage.rows.into_values().chain([usage.key]))
        .collect();
    none_of("Words for the shop's people have no `Kak`", |key, text| {
        key.strip_prefix("id/").is_some_and(|key| staff.contains(key)) && text.contains("Kak")
    });
}

#[test]
fn nobody_reads_a_word_of_the_trade() {
    let trade =
        ["gateway", "webhook", "checksum", "token", "payload", "timeout", "backend", "null", "database"];
    none_of("A word that a shopkeeper does not use", |key, text| {
        let is_text = key.starts_with("id/") || key.starts_with("en/");
        is_text
            && trade
                .iter()
                .any(|word| text.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|said| said == *word))
    });
}

/// Words that natives stumbled over when they read every text aloud.
#[test]
fn nobody_reads_again_what_made_readers_stumble() {
    let strange = [
        "mau ngapain",
        "kata gateway",
        "several fit",
        "is no picture",
        "knows of you",
        "a person of the shop",
        "was not told so",
    ];
    none_of("A phrase that no native would write", |_, text| {
        let text = text.to_lowercase();
        strange.iter().any(|phrase| text.contains(phrase))
            || (text.starts_with("how does") && text.contains("travel"))
    });
}

#[test]
fn names_are_addressed_as_their_language_does_it() {
    let locales = locales();
    let said = |name: &str, language: Language| {
        let args = BTreeMap::from([("person".to_owned(), name.into())]);
        locales.text("checkout-ask-phone", &args, language, &chrono_tz::Asia::Jakarta)
    };
    for (name, dear) in [
        ("Budi", "Kak Budi"),
        ("budi santoso", "Kak Budi Santoso"),
        ("bu tini", "Bu Tini"),
        ("Pak Joko", "Pak Joko"),
        ("H. Mahmud", "H. Mahmud"),
        ("mbak RINA", "mbak RINA"),
        ("Masyita", "Kak Masyita"),
        ("Ibunda Sari", "Kak Ibunda Sari"),
    ] {
        let text = said(name, Language::Id);
        assert!(text.contains(&format!("HP {dear} yang")), "{name}: {text}");
        assert!(said(name, Language::En).contains("Thanks, "), "{name}");
    }
    assert!(said("bu tini", Language::En).contains("Bu Tini"));
}
