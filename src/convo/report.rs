//! Tells people and programs what came of a run: text, JSON, JUnit.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as JUnit, TestCase, TestCaseStatus, TestSuite};

use super::coverage::Coverage;
use super::run::{Case, Report, Summary};

/// Lines of a failing prefix that are shown; earlier ones are left out.
const MAX_PREFIX_LINES: usize = 30;
/// States of a path that are shown, the last ones.
const MAX_STATES: usize = 24;

/// The run as people read it.
pub fn text(summary: &Summary, coverage: Option<&Coverage>) -> String {
    let mut out = String::new();
    for case in &summary.cases {
        match &case.failure {
            None => {
                let _ = writeln!(out, "ok    {}  {:.2} s", name(case), case.seconds);
            }
            Some(failure) => {
                let _ = writeln!(out, "FAIL  {}", name(case));
                out.push_str(&failed(failure));
            }
        }
    }
    for path in &summary.blessed {
        let _ = writeln!(out, "recorded {}", path.display());
    }
    if let Some(coverage) = coverage {
        out.push_str(&coverage.text());
    }
    let runs: usize = summary.cases.iter().map(|case| case.runs).sum();
    let failed = summary.failed();
    let _ = writeln!(out, "{} passed, {failed} failed, {runs} runs", summary.cases.len() - failed);
    out
}

/// The run as one JSON object.
pub fn json(summary: &Summary, coverage: Option<&Coverage>) -> String {
    let failed = summary.failed();
    let value = serde_json::json!({
        "passed": summary.cases.len() - failed,
        "failed": failed,
        "cases": summary.cases,
        "blessed": summary.blessed,
        "coverage": coverage,
    });
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

/// The run as JUnit: one test case per file, channel and language.
///
/// # Errors
/// The line of the writer when it fails.
pub fn junit(summary: &Summary) -> Result<String, String> {
    let mut report = JUnit::new("warung convo");
    let mut suite = TestSuite::new("conversations");
    for case in &summary.cases {
        let status = match &case.failure {
            None => TestCaseStatus::success(),
            Some(failure) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(format!("{}:{}: {}", failure.file.display(), failure.line, failure.what));
                status.set_description(failed(failure));
                status
            }
        };
        let mut test = TestCase::new(name(case), status);
        test.set_classname(case.path.display().to_string());
        test.set_time(Duration::from_secs_f64(case.seconds));
        suite.add_test_case(test);
    }
    report.add_test_suite(suite);
    report.to_string().map_err(|error| error.to_string())
}

/// `file [channel, language]`.
fn name(case: &Case) -> String {
    let language = if case.language.is_empty() { "shop's language" } else { &case.language };
    format!("{} [{}, {language}]", case.path.display(), case.channel)
}

fn failed(failure: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "  {}:{}: {}", failure.file.display(), failure.line, failure.what);
    let skipped = failure.prefix.len().saturating_sub(MAX_PREFIX_LINES);
    if skipped > 0 {
        let _ = writeln!(out, "        … {skipped} lines before");
    }
    for (number, line) in failure.prefix.iter().skip(skipped) {
        let mark = if *number == failure.line { '>' } else { ' ' };
        let _ = writeln!(out, "  {mark} {number:>4} | {line}");
    }
    section(&mut out, "expected", &failure.expected);
    section(&mut out, "got", &failure.got);
    section(&mut out, "recorded (-) and sent (+)", &failure.diff);
    if let Some(order) = &failure.order {
        let _ = writeln!(out, "  together, in this order: lines {order}");
    }
    section(&mut out, "understood", &failure.heard);
    let states: Vec<String> = failure.states.iter().rev().take(MAX_STATES).rev().cloned().collect();
    section(&mut out, "states", &states);
    out
}

fn section(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {title}");
    for line in lines {
        let _ = writeln!(out, "    {line}");
    }
}
