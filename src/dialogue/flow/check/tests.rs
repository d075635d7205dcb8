//! Every finding, from a flow that has it.

use super::*;

const GLOBAL: &str = "flow: _global
version: 1
home: main
fallback: { hint: hint, choices: choices, stuck: stuck, human: human }
stale: stale
used: used
unknown_press: unknown
media: media
too_long: too-long
restarted: restarted
interrupts:
  human: { strong: true, call: human }
  browse: { transfer: sub }
commands: { menu: { transfer: main } }
";
const MAIN: &str = "flow: main
version: 1
start: { at: menu }
states: { menu: { say: menu, buttons: [ { label: btn, as: browse } ] } }
";
const HUMAN: &str = "flow: human
version: 1
start: { at: ring }
states: { ring: { do: human.call, outcomes: { called: { end: done }, busy: { end: done }, nobody: { end: done } } } }
";
const SUB: &str = "flow: sub
version: 1
start: { at: ask }
slots: { id: { type: id } }
states:
  ask: { say: hi, list: { from: catalog.products, label: row, set: { id: item.product }, goto: look } }
  look: { say: look, args: { id: slot.id }, end: done }
";

fn load(texts: &[&str]) -> Flows {
    let file = |text: &&str| {
        let name = text.lines().next().unwrap_or_default().replace("flow: ", "");
        (format!("flows/{}.yaml", name.trim()), (*text).to_owned())
    };
    Flows::load(&texts.iter().map(file).collect::<Vec<_>>()).unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// Findings in a flow `a` that `main` begins, beside small flows without findings.
fn found(body: &str) -> Vec<Finding> {
    let flow = format!("flow: a\nversion: 1\nstart: {{ at: x, commands: [a] }}\n{body}");
    check(&load(&[GLOBAL, MAIN, HUMAN, SUB, &flow]), None)
}

#[test]
fn good_flows_have_no_findings() {
    assert_eq!(check(&load(&[GLOBAL, MAIN, HUMAN, SUB]), None), []);
    assert_eq!(found("states:\n  x: { say: hi, end: done }\n"), []);
}

#[test]
fn the_shipped_flows_have_no_findings() {
    let flows = Flows::shipped().unwrap();
    let findings: Vec<String> = check(&flows, None).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// Code, a part of its sentence, and the rest of a flow with `§` where the finding is.
const BAD: &[(&str, &str, &str)] = &[
    // F01: names that lead nowhere, states and flows that nobody reaches.
    ("F01", "no state `w`", "states:\n  x: { goto: §w }\n"),
    ("F01", "nothing leads", "states:\n  x: { end: done }\n  §z: { end: done }\n"),
    (
        "F01",
        "no flow `sup`; did you mean `sub`?",
        "states:\n  x: { call: §sup, then: z }\n  z: { end: done }\n",
    ),
    (
        "F01",
        "nothing is ever heard as `dance`",
        "states:\n  x: { say: hi, hears: { §dance: z } }\n  z: { end: done }\n",
    ),
    ("F01", "nothing hears `affirm`", "states:\n  x: { say: hi, buttons: [ { label: b, as: §affirm } ] }\n"),
    (
        "F01",
        "no signal `payment.payed`; did you mean `payment.paid`?",
        "states:\n  x: { say: hi, wait: { §payment.payed: z }, after: { 1h: z } }\n  z: { end: done }\n",
    ),
    ("F01", "move it there", "commands: { §go: { transfer: main } }\nstates:\n  x: { end: done }\n"),
    // F02: dead ends, and targets that do not say where they lead.
    ("F02", "nobody gets on", "states:\n  §x: { say: hi }\n"),
    ("F02", "never come", "states:\n  §x: { say: hi, wait: { payment.paid: z } }\n  z: { end: done }\n"),
    ("F02", "by `goto` and by `end`", "states:\n  §x: { goto: z, end: done }\n  z: { end: done }\n"),
    ("F02", "never heard", "states:\n  §x: { say: hi, hears: { affirm: z }, goto: z }\n  z: { end: done }\n"),
    (
        "F02",
        "leads nowhere",
        "slots: { q: { type: integer } }\nstates:\n  x: { say: hi, ask: §q, hears: { affirm: z } }\n  z: { end: done }\n",
    ),
    (
        "F02",
        "does not say where",
        "states:\n  x: { say: hi, hears: { affirm: z, deny: { say: §hm } } }\n  z: { end: done }\n",
    ),
    (
        "F02",
        "button leads nowhere",
        "states:\n  x: { say: hi, buttons: [ §{ label: b } ], hears: { deny: z } }\n  z: { end: done }\n",
    ),
    (
        "F02",
        "without a word",
        "states:\n  x: { say: hi, hears: { affirm: z, §deny: { stay: true } } }\n  z: { end: done }\n",
    ),
    (
        "F02",
        "has outcomes without `do`",
        "states:\n  §x: { say: hi, outcomes: { ok: z }, goto: z }\n  z: { end: done }\n",
    ),
    // F03: loops in which nobody is asked anything.
    ("F03", "a.x → a.z → a.x", "states:\n  §x: { goto: z }\n  z: { say: hi, goto: x }\n"),
    (
        "F03",
        "let a state",
        "states:\n  §x: { do: catalog.search, outcomes: { one: x, many: z, none: z } }\n  z: { end: done }\n",
    ),
    // F04: effects.
    (
        "F04",
        "did you mean `catalog.search`?",
        "states:\n  x: { do: §catalog.serch, outcomes: { one: z } }\n  z: { end: done }\n",
    ),
    (
        "F04",
        "outcome `none`",
        "states:\n  x: { do: §catalog.search, outcomes: { one: z, many: z } }\n  z: { end: done }\n",
    ),
    (
        "F04",
        "never comes to `two`",
        "states:\n  x: { do: catalog.search, outcomes: { one: z, many: z, none: z, §two: z } }\n  z: { end: done }\n",
    ),
    (
        "F04",
        "needs `method`",
        "states:\n  x: { do: §shipping.quote, outcomes: { ok: z, unknown: z, too_large: z } }\n  z: { end: done }\n",
    ),
    (
        "F04",
        "takes no `colour`",
        "states:\n  x: { do: catalog.search, with: { §colour: cart.note }, outcomes: { one: z, many: z, none: z } }\n  z: { end: done }\n",
    ),
    (
        "F04",
        "wants `query`",
        "states:\n  x: { do: catalog.search, with: { query: §cart.count }, outcomes: { one: z, many: z, none: z } }\n  z: { end: done }\n",
    ),
    ("F04", "for staff", "states:\n  x: { do: §staff.today, outcomes: { ok: z } }\n  z: { end: done }\n"),
    (
        "F04",
        "finds out no `colour`",
        "states:\n  x: { do: cart.clear, outcomes: { empty: z, cleared: { say: hi, args: { c: §fact.colour }, goto: z } } }\n  z: { end: done }\n",
    ),
    // F05: guards.
    (
        "F05",
        "no path `cart.cuont`; did you",
        "states:\n  x: { when: [ { if: §'cart.cuont', goto: z }, { goto: z } ] }\n  z: { end: done }\n",
    ),
    (
        "F05",
        "a number with a text",
        "states:\n  x: { when: [ { if: §'cart.count == many', goto: z }, { goto: z } ] }\n  z: { end: done }\n",
    ),
    (
        "F05",
        "did you mean `paid`?",
        "states:\n  x: { when: [ { if: §'order.status == payd', goto: z }, { goto: z } ] }\n  z: { end: done }\n",
    ),
    (
        "F05",
        "last entry has a guard",
        "states:\n  x: { when: [ { if: §'cart.count', goto: z } ] }\n  z: { end: done }\n",
    ),
    (
        "F05",
        "holds whenever this one does",
        "states:\n  x: { when: [ { if: 'cart.count', goto: z }, { if: §'cart.count', goto: z }, { goto: z } ] }\n  z: { end: done }\n",
    ),
    (
        "F05",
        "holds whenever this one does",
        "states:\n  x: { when: [ { if: 'order.status in [paid, packed]', goto: z }, { if: §'order.status == paid', goto: z }, { goto: z } ] }\n  z: { end: done }\n",
    ),
    (
        "F05",
        "never taken",
        "states:\n  x: { when: [ { goto: z }, { if: §'cart.count', goto: z } ] }\n  z: { end: done }\n",
    ),
    ("F05", "outside of a list", "states:\n  x: { say: hi, args: { a: §item.name }, end: done }\n"),
    (
        "F05",
        "no column `nane`; did you mean `name`?",
        "slots: { s: { type: text } }\nstates:\n  x: { say: hi, args: { s: slot.s }, list: { from: cart.lines, label: l, set: { s: §item.nane }, goto: z } }\n  z: { end: done }\n",
    ),
    // F06: patterns. F07: claims.
    (
        "F06",
        "empty text",
        "states:\n  x: { say: hi, hears: { p: { match: §'^a*$', goto: z } } }\n  z: { end: done }\n",
    ),
    (
        "F06",
        "not anchored",
        "states:\n  x: { say: hi, hears: { p: { match: §'note .+', goto: z } } }\n  z: { end: done }\n",
    ),
    (
        "F06",
        "not anchored",
        "states:\n  x: { say: hi, hears: { p: { match: §'^a|b$', goto: z } } }\n  z: { end: done }\n",
    ),
    (
        "F06",
        "never heard: `p`",
        "states:\n  x:\n    say: hi\n    hears:\n      p: { match: '(?i)^note .+$', goto: z }\n      q: { match: §'^note (?:a|b)$', goto: z }\n  z: { end: done }\n",
    ),
    ("F07", "way to a person", "states:\n  x: { say: hi, hears: { §human: z } }\n  z: { end: done }\n"),
    // F09: choices.
    (
        "F09",
        "do not fit",
        "states:\n  §x:\n    say: hi\n    buttons:\n      - { label: b, goto: z }\n      - { label: b, goto: z }\n      - { label: b, goto: z }\n      - { label: b, goto: z }\n      - { label: b, goto: z }\n      - { label: b, goto: z }\n      - { label: b, goto: z }\n      - { label: b, goto: z }\n    list: { from: catalog.products, label: l, goto: z }\n  z: { end: done }\n",
    ),
    // F10: slots.
    (
        "F10",
        "nothing fills `s`",
        "slots: { §s: { type: integer } }\nstates:\n  x: { say: hi, args: { s: slot.s }, end: done }\n",
    ),
    (
        "F10",
        "nothing reads `s`",
        "slots: { §s: { type: integer } }\nstates:\n  x: { say: hi, ask: s, filled: z }\n  z: { end: done }\n",
    ),
    ("F10", "no slot `s`", "states:\n  x: { say: hi, args: { s: §slot.s }, end: done }\n"),
    (
        "F10",
        "no typed answer",
        "slots: { s: { type: id } }\nstates:\n  x: { say: hi, ask: §s, filled: z }\n  z: { say: hi, args: { s: slot.s }, end: done }\n",
    ),
    (
        "F10",
        "none of the words",
        "slots: { s: { type: word, values: [a] } }\nstates:\n  x: { when: [ { set: { s: §\"'b'\" }, goto: z } ] }\n  z: { say: hi, args: { s: slot.s }, end: done }\n",
    ),
    (
        "F10",
        "flow `sub` has no slot `ida`; did you mean `id`?",
        "states:\n  x: { when: [ { transfer: sub, with: { §ida: cart.note } } ] }\n",
    ),
    (
        "F10",
        "which this pattern fills",
        "states:\n  x: { say: hi, hears: { p: { match: §'^n (?P<s>.+)$', goto: z } } }\n  z: { end: done }\n",
    ),
    (
        "F10",
        "is not filled",
        "slots: { m: { type: text } }\nstates:\n  x: { say: hi, hears: { affirm: q }, ask: m, filled: q }\n  q: { do: shipping.quote, with: { method: §slot.m }, outcomes: { ok: z, unknown: z, too_large: z } }\n  z: { end: done }\n",
    ),
    // F11: a flow that calls itself.
    ("F11", "call `a` again", "states:\n  x: { say: hi, hears: { affirm: { call: §a } } }\n"),
    // F12: money without a yes.
    (
        "F12",
        "from its start",
        "states:\n  x: { do: §order.cancel, with: { order: order.id }, outcomes: { cancelled: z, already_paid: z, not_possible: z } }\n  z: { end: done }\n",
    ),
    (
        "F12",
        "without a yes",
        "states:\n  x: { say: hi, buttons: [ { label: b, goto: §c } ] }\n  c: { do: order.cancel, with: { order: order.id }, outcomes: { cancelled: z, already_paid: z, not_possible: z } }\n  z: { end: done }\n",
    ),
];

#[test]
fn every_finding_is_found_where_it_is() {
    let mut wrong = Vec::new();
    for (code, part, body) in BAD {
        let at = body.find('§').unwrap();
        let line = 4 + body[..at].matches('\n').count();
        let column = 1 + body[body[..at].rfind('\n').map_or(0, |end| end + 1)..at].chars().count();
        let all = found(&body.replace('§', ""));
        let hit = all.iter().any(|found| {
            found.code == *code
                && (found.line as usize, found.column as usize) == (line, column)
                && found.message.contains(part)
                && found.file == "flows/a.yaml"
        });
        if !hit {
            let all: String = all.iter().map(|found| format!("  {found}\n")).collect();
            wrong.push(format!("{code} {line}:{column} {part}\n{body}found:\n{all}"));
        }
        assert!(all.iter().all(|found| found.message.chars().count() > 20), "{body}");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_that_miss_what_everybody_needs_are_found() {
    for (gone, code, part) in [
        ("home: main\n", "F01", "`home:` is missing"),
        ("stale: stale\n", "F01", "`stale:` is missing"),
        ("commands: { menu: { transfer: main } }\n", "F02", "no way to the menu"),
        ("  human: { strong: true, call: human }\n", "F02", "no way to a person"),
        ("  browse: { transfer: sub }\n", "F01", "nothing begins this flow"),
    ] {
        let all = check(&load(&[&GLOBAL.replace(gone, ""), MAIN, HUMAN, SUB]), None);
        assert!(
            all.iter().any(|found| found.code == code && found.message.contains(part)),
            "{gone}: {all:?}"
        );
    }
}

#[test]
fn a_flow_that_two_words_begin_twice_is_found() {
    let twice = "flow: b\nversion: 1\nstart: { at: x, commands: [menu], intents: [browse] }\nstates:\n  x: { say: hi, end: done }\n";
    let all = check(&load(&[GLOBAL, MAIN, HUMAN, SUB, twice]), None);
    let claims: Vec<&str> =
        all.iter().filter(|found| found.code == "F07").map(|found| found.message.as_str()).collect();
    assert_eq!(claims.len(), 2, "{all:?}");
}

#[test]
fn buttons_of_notices_outlive_their_prompt() {
    let global = format!(
        "{GLOBAL}signals:\n  order.packed: {{ say: hi, buttons: [ {{ label: b, as: browse }}, {{ label: c, goto: x, class: safe }} ] }}\n"
    );
    let codes: Vec<&str> =
        check(&load(&[&global, MAIN, HUMAN, SUB]), None).iter().map(|found| found.code).collect();
    assert_eq!(codes, ["F09", "F01"]);
}

#[test]
fn home_that_asks_for_an_effect_before_it_greets_is_found() {
    let main = "flow: main\nversion: 1\nstart: { at: menu }\nstates: { menu: { do: customer.data, outcomes: { ok: hi } }, hi: { say: hi, buttons: [ { label: b, as: browse } ] } }\n";
    let all = check(&load(&[GLOBAL, main, HUMAN, SUB]), None);
    assert!(all.iter().any(|found| found.code == "F02" && found.message.contains("greet first")), "{all:?}");
}

#[test]
fn words_that_a_locale_lacks_or_cannot_fill_are_found() {
    let flows = load(&[GLOBAL, MAIN, HUMAN, SUB]);
    let mut locales = LocaleFacts::default();
    let known = |arguments: &[&str], longest_chars: usize| KeyFacts {
        arguments: arguments.iter().map(|name| (*name).to_owned()).collect(),
        longest_chars,
    };
    for language in Language::ALL {
        let messages = key_uses(&flows).into_iter().map(|usage| (usage.key, known(&[], 10))).collect();
        locales.messages.insert(language, messages);
    }
    assert_eq!(check(&flows, Some(&locales)), []);
    let english = locales.messages.get_mut(&Language::En).unwrap();
    english.remove("hi");
    english.insert("look".into(), known(&["id", "colour"], 10));
    english.insert("btn".into(), known(&[], 21));
    let all: Vec<String> = check(&flows, Some(&locales)).iter().map(ToString::to_string).collect();
    assert_eq!(
        all,
        [
            "flows/main.yaml:4:50: F09: `btn` grows to 21 characters in `locales/en`, 20 at most fit on a button; shorten it",
            "flows/sub.yaml:6:15: F08: `locales/en` has no `hi`; write it there",
            "flows/sub.yaml:7:16: F08: `look` reads `$colour` in `locales/en`, which is not passed; add it to `args`",
        ]
    );
}
