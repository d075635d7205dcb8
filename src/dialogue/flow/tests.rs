//! Reading flow files strictly.

use super::*;

fn finding(text: &str) -> Finding {
    Flows::load(&[("flows/a.yaml".to_owned(), text.to_owned())]).unwrap_err().remove(0)
}

#[test]
fn malformed_files_are_refused_with_line_and_column() {
    let mut wrong = Vec::new();
    for (text, line, column, part) in [
        ("flow: a\nversion: 1\nstates:\n  x: { sai: hi }\n", 4, 8, "sai"),
        ("flow: a\nversion: 1\nversion: 2\n", 3, 1, "twice"),
        ("flow: a\nversion: 1\nstates:\n  x: { end: a }\n  x: { end: b }\n", 5, 3, "twice"),
        ("flow: a\nversion: 1\nstates:\n  yes: { end: done }\n", 4, 3, "YAML 1.1"),
        ("flow: a\nversion: 1\nstates:\n  x: &a { end: done }\n", 4, 9, "anchors"),
        ("flow: a\nversion: 1\nstates:\n  x: { end: !!str done }\n", 4, 19, "tag"),
        ("flow: a\nversion: 1\nstates:\n  x: { when: [ { if: 'a.b ==', goto: x } ] }\n", 4, 22, "too early"),
        ("flow: a\nversion: 1\nstates:\n  x: { after: { soon: x } }\n", 4, 17, "wait"),
        (
            "flow: a\nversion: 1\nstates:\n  x: { hears: { a: { match: '(', goto: x } } }\n",
            4,
            29,
            "regular expression",
        ),
        ("flow: a\nversion: 1\nstates: [\n", 3, 9, "mapping"),
        ("", 1, 1, ""),
        ("flow: a\nversion: eleven\n", 2, 10, ""),
    ] {
        let found = finding(text);
        if !found.message.contains(part) || (found.line, found.column) != (line, column) {
            wrong.push(format!("{text}\n{line}:{column} {part:?} expected, got {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
