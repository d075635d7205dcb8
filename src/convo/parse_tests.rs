//! Every kind of line reads as what it is, and every malformed one says where and what to do.

use std::path::Path;

use chrono::Duration;
use rstest::rstest;

use super::parse::read_with;
use super::script::{Act, Expect, Fact, Fault, Problem, Script, Shows, Text, Verb, Want};

fn read(text: &str) -> Result<Script, Vec<Problem>> {
    read_with(Path::new("dir/x.convo"), &|path| match path.to_string_lossy().as_ref() {
        "dir/x.convo" => Ok(text.to_owned()),
        "dir/people.part" => Ok("@actor budi\n@actor sari owner\n".to_owned()),
        "dir/ring.part" => Ok("@use ring.part\n".to_owned()),
        "dir/UTT.utterances.txt" => Ok("UTT\none\ntwo\n".to_owned()),
        _ => Err(std::io::ErrorKind::NotFound.into()),
    })
}

fn step(line: &str) -> Verb {
    let script = read(&format!("@actor budi\n@actor sari owner\nbudi> x\nbot> k as $order\n{line}\n"));
    script.unwrap_or_else(|problems| panic!("{line}: {problems:?}")).steps.pop().unwrap().verb
}

fn problem(line: &str) -> Problem {
    let text = format!("@actor budi\nbudi> x\n{line}\n");
    read(&text).map(|_| panic!("{line} was read")).unwrap_err().remove(0)
}

#[test]
fn the_sample_of_the_manual_reads_whole() {
    let sample = include_str!("../../tests/conversations/samples/manual.sample");
    let script = read(sample).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(script.head.actors.len(), 3);
    assert_eq!(script.head.seed, 7);
    assert_eq!(script.head.clock.to_rfc3339(), "2026-11-22T02:00:00+00:00");
    assert!(script.steps.iter().any(|step| matches!(&step.verb, Verb::Together(steps) if steps.len() == 3)));
    assert_eq!(script.lines.join("\n") + "\n", sample, "nothing of the file is lost");
}

#[rstest]
#[case("budi> halo # kak", "halo # kak")]
#[case("budi>", "")]
#[case(r"budi> a\nb\\ \u{200f}$$5", "a\nb\\ \u{200f}$5")]
#[case(r"budi> \{ab*3}!", "ababab!")]
#[case("  budi>   two spaces", "  two spaces")]
fn what_is_said_is_taken_letter_for_letter(#[case] line: &str, #[case] words: &str) {
    let Verb::Act(Act::Say { text, .. }) = step(line) else { panic!("{line} says nothing") };
    assert_eq!(text.fill(&Default::default()), words);
}

#[rstest]
#[case("+16m", Duration::minutes(16))]
#[case("+1h30m", Duration::minutes(90))]
#[case("+2d   # later", Duration::days(2))]
#[case("+10s", Duration::seconds(10))]
fn time_passes(#[case] line: &str, #[case] by: Duration) {
    assert_eq!(step(line), Verb::Act(Act::Advance(by)));
}

#[test]
fn an_expectation_has_a_key_arguments_and_options() {
    let Verb::Expect(expect) =
        step("bot~@sari> k-1 a=2 b=\"two words\" c=$order times=2 after=3s as $x # why")
    else {
        panic!("no expectation")
    };
    let Expect { who, anywhere, key, args, bind, times, after, .. } = expect;
    assert_eq!((who.as_deref(), anywhere, key.as_str()), (Some("sari"), true, "k-1"));
    assert_eq!((bind.as_deref(), times, after), (Some("x"), Some(2), Some(Duration::seconds(3))));
    assert_eq!(args[1], ("b".to_owned(), Text::plain("two words")));
    assert_eq!(args[2].1.as_variable(), Some("order"));
}

#[test]
fn recorded_lines_belong_to_the_answer_above_them() {
    let script =
        read("@lang id en\n@actor b\nb> x\nbot> k\nid: | Halo, $5\nen: | Hello\nid: [Ya] [Tidak\\]]\n")
            .unwrap();
    let Verb::Expect(expect) = &script.steps[1].verb else { panic!("no expectation") };
    let shows: Vec<&Shows> = expect.record.iter().map(|line| &line.shows).collect();
    assert_eq!(shows[0], &Shows::Line("Halo, $5".to_owned()));
    assert_eq!(shows[2], &Shows::Buttons(vec!["Ya".to_owned(), "Tidak]".to_owned()]));
}

#[rstest]
#[case("= cart b:2 a:1", Fact::Cart(None), Want::Is(Text::plain("a:1 b:2")))]
#[case("= cart@sari empty", Fact::Cart(Some("sari".into())), Want::Is(Text::plain("empty")))]
#[case("= stock teh -3", Fact::Stock("teh".into()), Want::Changed(-3))]
#[case("= free teh =8", Fact::Stock("teh".into()), Want::Is(Text::plain("8")))]
#[case("= stock teh 8", Fact::Stock("teh".into()), Want::Is(Text::plain("8")))]
#[case("= holds 3 # all", Fact::Holds(None), Want::Is(Text::plain("3")))]
#[case("= holds teh 3", Fact::Holds(Some("teh".into())), Want::Is(Text::plain("3")))]
#[case("= payments 1", Fact::Payments(None), Want::Is(Text::plain("1")))]
#[case("= staff notices 2", Fact::Notices, Want::Is(Text::plain("2")))]
#[case("= outbox empty", Fact::Outbox, Want::Is(Text::plain("empty")))]
#[case("= state menu.menu", Fact::State(None), Want::Is(Text::plain("menu.menu")))]
fn invariants(#[case] line: &str, #[case] fact: Fact, #[case] want: Want) {
    let Verb::Invariant(invariant) = step(line) else { panic!("{line} is no invariant") };
    assert_eq!((invariant.fact, invariant.want), (fact, want));
}

#[rstest]
#[case("fault crash@before_commit", "turn.before_commit", 1)]
#[case("fault crash@accept.before_commit times=2", "accept.before_commit", 2)]
#[case("fault crash@after_send", "dispatch.after_send", 1)]
fn crashes(#[case] line: &str, #[case] point: &str, #[case] times: u32) {
    assert_eq!(step(line), Verb::Fault(Fault::Crash { point: point.to_owned(), times }));
}

#[test]
fn other_verbs_read() {
    for line in [
        "tap budi [Checkout @1]   # stale",
        "tap2 budi [#2]",
        "tap budi [Bayar @-1]",
        "press budi x.1",
        "photo budi \"ini\"",
        "voice budi",
        "location budi -6.2,106.8 \"Monas\"",
        "edit budi> baru",
        "dup",
        "dup sari",
        "drop sari times=2",
        "restart",
        "silent",
        "silent@sari",
        "fault send@sari 429 retry_after=3 times=2",
        "fault send@sari timeout",
        "pay $order short amount=5000 id=e-1",
        "pay ORD-1",
        "@say UTT",
        "budi> @say UTT",
    ] {
        step(line);
    }
}

#[rstest]
#[case("ayu> halo", 1, "@actor ayu")]
#[case("tap ayu [X]", 5, "@actor ayu")]
#[case("tap budi", 9, "brackets")]
#[case("tap budi [X", 10, "]")]
#[case("+16x", 1, "+16m")]
#[case("bot> key word", 10, "name=value")]
#[case("bot> key a=\"x", 12, "quote")]
#[case("bot>", 5, "key")]
#[case("sya hello", 1, "no step")]
#[case("= karts 1", 3, "no invariant")]
#[case("= orders many", 10, "whole number")]
#[case("= cart teh", 8, "slug:2")]
#[case("budi> $nobody", 7, "no value yet")]
#[case("budi> a\\qb", 8, "\\\\")]
#[case("pay ORD-1 gratis", 11, "paid|short")]
#[case("pay ORD-1 amount=-5", 18, "whole rupiah")]
#[case("fault crash@nowhere", 7, "turn.before_commit")]
#[case("end", 1, "closes nothing")]
#[case("@shop x", 1, "before the first step")]
#[case("@what", 1, "no directive")]
#[case("@use ring.part", 1, "ring")]
#[case("@use gone.part", 1, "cannot be read")]
#[case("id: budi> x", 1, "@lang id en")]
#[case("restart now", 9, "too much")]
#[case("together\nbudi> x", 1, "not closed")]
#[case("together\nbot> k\nend", 1, "after `end`")]
fn malformed_lines_say_where_and_what_to_do(#[case] line: &str, #[case] column: usize, #[case] advice: &str) {
    let problem = problem(line);
    assert!(problem.message.contains(advice), "{line}: {problem}");
    assert_eq!(problem.column, column, "{line}: {problem}");
}

#[test]
fn a_recorded_line_without_an_answer_is_refused() {
    let problems = read("@actor b\nb> x\n| words\n").unwrap_err();
    assert!(problems[0].message.contains("bot> …"), "{problems:?}");
    let problems = read("@lang id en\n@actor b\nb> x\nbot> k\n| words\n").unwrap_err();
    assert!(problems[0].message.contains("`id: `"), "{problems:?}");
}

#[test]
fn every_problem_of_a_file_is_reported() {
    let problems = read("@actor b\nbb> x\nnonsense\n+1y\n").unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn files_that_are_used_bring_their_people() {
    let script = read("@use people.part\nbudi> x\nbot@sari> y\n").unwrap();
    assert_eq!(script.head.actors.len(), 2);
    assert_eq!(script.files.len(), 2);
    assert_eq!(script.steps[0].at.file, 0);
}

proptest::proptest! {
    #[test]
    fn no_line_makes_the_reader_panic(line in "\\PC{0,60}") {
        drop(read(&format!("@actor budi\nbudi> x\n{line}\n")));
    }

    #[test]
    fn a_value_reads_back_as_it_was_written(value in "\\PC{0,30}") {
        let Verb::Expect(expect) = step(&format!("bot> k v={}", super::matching::quoted(&value))) else {
            panic!("no expectation")
        };
        proptest::prop_assert_eq!(expect.args[0].1.fill(&Default::default()), value);
    }
}
