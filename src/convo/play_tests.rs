//! The runner on a scripted world: what must pass passes, what must fail fails at the right line, and recording touches
//! nothing but recorded lines.

use std::path::Path;

use rstest::rstest;

use super::fake::FakeWorlds;
use super::parse::read_with;
use super::play::{Plan, Played, play};
use super::script::Script;
use crate::domain::customer::Language;

fn script(steps: &str) -> Script {
    let text = format!("@actor budi\n@actor sari owner\n{steps}\n");
    read_with(Path::new("x.convo"), &|_| Ok(text.clone())).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn worlds() -> FakeWorlds {
    FakeWorlds {
        table: vec![
            ("halo", "welcome name=Budi [Belanja] [Bayar]"),
            ("two", "first n=1"),
            ("two", "second n=2"),
            ("press Bayar", "pay-qris total=95000 number=ORD-1"),
            ("press Pay", "pay-qris total=95000"),
            ("money", "paid number=ORD-1"),
            ("money", "@sari staff-paid number=ORD-1"),
            ("udah?", "checking"),
            ("slow", "+3s late"),
        ],
    }
}

async fn run(steps: &str, plan: &Plan) -> Played {
    play(&script(steps), plan, &worlds()).await
}

#[rstest]
#[case("budi> halo\nbot> welcome")]
#[case("budi> halo\nbot> welcome name=Budi\n| words of welcome\n| second line\n[Belanja] [Bayar]")]
#[case("budi> halo\nbot> welcome\n| …\n| second line")]
#[case("budi> two\nbot> first\nbot> second\nsilent")]
#[case("budi> two\nbot~> second\nbot> first\nsilent")]
#[case("budi> two\nbot> first")]
#[case("budi> two\nbot> first n=$n\nbot> second\nbudi> two\nbot> first n=$n")]
#[case("budi> halo\ntap budi [bayar]\nbot> pay-qris as $order\n= order $order paid")]
#[case(
    "budi> halo\ntap budi [#2]\nbot> pay-qris number=$order\nbudi> two\ntap budi [Bayar @1]\nbot> pay-qris number=$order"
)]
#[case("budi> halo\ntap2 budi [Bayar]\nbot> pay-qris times=2\nsilent")]
#[case("pay X paid id=e\npay X paid id=e\nsilent\n= payments 1\n= stock teh -1")]
#[case(
    "pay X paid\nbot@budi> paid\nbot@sari> staff-paid\nsilent\n= staff notices 1\n= messages 1\n= messages@sari 1"
)]
#[case(
    "together\npay X paid id=e\nbudi> udah?\npay X paid id=e\nend\nrestart\nbot@budi> paid times=1\nbot@budi> checking\nsilent@budi\n= payments 1"
)]
#[case("budi> slow\nsilent\n+3s\nbot> late")]
#[case("budi> slow\nbot> late after=3s")]
#[case("budi> nothing\nsilent\nbot> welcome times=0\n= outbox empty")]
#[case("budi> halo\nsari> two\nbot> first\nbot@sari> second")]
#[tokio::test]
async fn what_holds_passes(#[case] steps: &str) {
    let played = run(steps, &Plan::default()).await;
    assert!(played.result.is_ok(), "{steps}\n{:?}", played.result);
}

#[rstest]
#[case("budi> halo\nbot> goodbye", 4)]
#[case("budi> halo\nbot> welcome name=Ayu", 4)]
#[case("budi> halo\nbot> welcome nick=Budi", 4)]
#[case("budi> halo\nbot> welcome\n| other words", 4)]
#[case("budi> halo\nbot> welcome\n[Belanja]", 4)]
#[case("budi> halo\nbot> welcome\nsilent\nbot> welcome", 6)]
#[case("budi> two\nbot> second", 4)]
#[case("budi> two\nbot> first\nsilent", 5)]
#[case("budi> halo\nsilent", 4)]
#[case("budi> halo\ntap budi [Kabur]", 4)]
#[case("budi> halo\ntap budi [Bayar @2]", 4)]
#[case("budi> halo\ntap2 budi [Bayar]\nbot> pay-qris times=1", 5)]
#[case("budi> halo\n= cart teh-hijau:3", 4)]
#[case("pay X paid\n= stock teh -2", 4)]
#[case("pay X paid id=a\npay X paid id=b\n= payments 1", 5)]
#[case("budi> halo\n= total 5", 4)]
#[case("budi> halo\nbot> ?", 4)]
#[case("budi> slow\nbot> late", 4)]
#[case("budi> slow\nbot> late after=4s", 4)]
#[case("budi> halo\nbot@sari> welcome", 4)]
#[tokio::test]
async fn what_does_not_hold_fails_at_its_line(#[case] steps: &str, #[case] line: usize) {
    let failure = run(steps, &Plan::default()).await.result.unwrap_err();
    assert_eq!(failure.at.line, line, "{steps}\n{failure:?}");
}

#[tokio::test]
async fn a_failure_shows_what_came_and_how() {
    let failure = run("budi> halo\nbot> goodbye\n", &Plan::default()).await.result.unwrap_err();
    assert_eq!(failure.expected, ["goodbye"]);
    assert_eq!(failure.got, ["welcome name=Budi"]);
    assert_eq!(failure.states, ["heard.halo"]);
    assert_eq!(failure.heard, ["intent of \"halo\""]);
}

#[tokio::test]
async fn every_order_of_what_happens_together_is_tried() {
    let steps = "together\nbudi> two\nbudi> halo\nsari> two\nend\nbot@budi> first";
    let script = script(steps);
    let super::script::Verb::Together(together) = &script.steps[0].verb else { panic!("not together") };
    assert_eq!(super::orders::count(together), 6);
    let orders: std::collections::BTreeSet<_> = (0..6).map(|n| super::orders::nth(together, 1, n)).collect();
    assert_eq!(orders.len(), 6);
    for order in 0..6 {
        let played = play(&script, &Plan { order, ..Plan::default() }, &worlds()).await;
        assert!(played.result.is_ok());
    }
}

#[test]
fn longer_lists_are_sampled_and_twins_count_once() {
    let seven = script(&format!("together\n{}end", "budi> a\nsari> b\n".repeat(4)));
    let super::script::Verb::Together(steps) = &seven.steps[0].verb else { panic!("not together") };
    assert_eq!(super::orders::count(steps), 64);
    let twins = script("together\nbudi> a\nbudi> a\nbudi> b\nend");
    let super::script::Verb::Together(steps) = &twins.steps[0].verb else { panic!("not together") };
    assert_eq!(super::orders::count(steps), 3);
}

#[tokio::test]
async fn a_button_is_found_in_the_language_of_the_run() {
    let text = "@lang id en\n@actor budi\nbudi> english\ntap budi [Bayar]\nbot> pay-qris\n";
    let script = read_with(Path::new("x.convo"), &|_| Ok(text.to_owned())).unwrap();
    let mut worlds = worlds();
    worlds.table.push(("english", "welcome [Pay]"));
    let plan = Plan { language: Some(Language::En), ..Plan::default() };
    let played = play(&script, &plan, &worlds).await;
    assert!(played.result.is_ok(), "{:?}", played.result);
}

#[tokio::test]
async fn recording_rewrites_answers_words_and_buttons_and_nothing_else() {
    let steps = "# a comment\nbudi> halo\nbot> goodbye name=Ayu as $order # why\n| old\n| older\n[Old]\n= cart teh-hijau:2\nbudi> two\nbot> second\n";
    let script = script(steps);
    let played = play(&script, &Plan { bless: true, ..Plan::default() }, &worlds()).await;
    assert!(played.result.is_ok(), "{:?}", played.result);
    let expected = "@actor budi\n@actor sari owner\n# a comment\nbudi> halo\nbot> welcome name=Budi as $order # why\n\
                    | words of welcome\n| second line\n[Belanja] [Bayar]\n= cart teh-hijau:2\nbudi> two\nbot> second\n";
    let blessed = played.edits.apply(&script);
    assert!(blessed.starts_with(
        "@actor budi\n@actor sari owner\n# a comment\nbudi> halo\nbot> welcome name=Budi as $order # why\n"
    ));
    assert!(
        blessed.contains("| words of welcome\n| second line\n[Belanja] [Bayar]\n= cart teh-hijau:2\n"),
        "{blessed}\n{expected}"
    );
    // What was recorded holds.
    let again = read_with(Path::new("x.convo"), &|_| Ok(blessed.clone())).unwrap();
    let played = play(&again, &Plan::default(), &worlds()).await;
    assert!(played.result.is_ok(), "{blessed}\n{:?}", played.result);
}

#[tokio::test]
async fn recording_never_makes_a_wrong_invariant_right() {
    let played =
        run("budi> halo\nbot> goodbye\n= cart wrong:1", &Plan { bless: true, ..Plan::default() }).await;
    assert_eq!(played.result.unwrap_err().at.line, 5);
}

#[tokio::test]
async fn a_file_that_holds_is_recorded_as_it_is() {
    let script = script("budi> halo\nbot> welcome\n| …\n| second line\nbudi> two\nbot> first");
    let played = play(&script, &Plan { bless: true, ..Plan::default() }, &worlds()).await;
    assert!(played.edits.is_empty(), "{:?}", played.edits);
}

#[tokio::test]
async fn a_run_that_leaves_nothing_to_play_is_refused_and_not_a_success() {
    use super::run::{Options, Refusal, run};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.convo");
    std::fs::write(&path, "@lang id\n@actor budi\nbudi> halo\n").unwrap();
    let asked = |languages| Options { paths: vec![path.clone()], languages, ..Options::default() };
    let shared: std::sync::Arc<dyn super::world::Worlds> = std::sync::Arc::new(worlds());
    let refused = run(&asked(vec![Language::En]), &shared).await;
    assert!(matches!(refused, Err(Refusal::NoneInLanguage(_))), "{refused:?}");
    assert_eq!(run(&asked(vec![Language::Id]), &shared).await.unwrap().cases.len(), 1);
}
