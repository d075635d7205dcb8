//! Every scripted conversation holds on the real line of data, and the runner can tell when one does not.

use std::path::PathBuf;
use std::sync::Arc;

use warung::convo::databases::Databases;
use warung::convo::live::LiveWorlds;
use warung::convo::run::{self, Options, Summary};
use warung::convo::world::Worlds;

async fn play(paths: Vec<PathBuf>) -> Summary {
    let url = warung::cluster::testing::url_of("postgres").await.unwrap();
    let databases = Arc::new(Databases::open(&url).await.unwrap());
    let worlds: Arc<dyn Worlds> = Arc::new(LiveWorlds::new(Arc::clone(&databases)).unwrap());
    let summary = run::run(&Options { paths, ..Options::default() }, &worlds).await.unwrap();
    databases.close().await;
    summary
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_holds() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let summary = play(vec![folder.join("tests/conversations"), folder.join("tests/botium")]).await;
    assert!(summary.cases.len() >= 80, "only {} cases", summary.cases.len());
    assert_all_passed(&summary);
}

/// Fails with the cases that failed, and none that passed.
fn assert_all_passed(summary: &Summary) {
    let text = warung::convo::report::text(summary, None);
    let failures: Vec<&str> = text.lines().filter(|line| !line.starts_with("ok ")).collect();
    assert_eq!(summary.failed(), 0, "{}", failures.join("\n"));
}

/// Each platform gets every twelfth conversation; `.ci/run` plays every one on every platform.
#[tokio::test(flavor = "multi_thread")]
async fn conversations_hold_over_the_wire_of_each_platform() {
    let url = warung::cluster::testing::url_of("postgres").await.unwrap();
    let databases = Arc::new(Databases::open(&url).await.unwrap());
    let worlds: Arc<dyn Worlds> = Arc::new(LiveWorlds::new(Arc::clone(&databases)).unwrap());
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conversations");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|kind| kind == "convo"));
    files.sort();
    for (turn, channel) in ["whatsapp", "telegram", "discord"].into_iter().enumerate() {
        let paths = files.iter().skip(turn).step_by(12).cloned().collect();
        let options = Options { paths, channels: vec![channel.to_owned()], ..Options::default() };
        let summary = run::run(&options, &worlds).await.unwrap();
        assert!(summary.cases.len() >= 20, "only {} cases on {channel}", summary.cases.len());
        assert_all_passed(&summary);
    }
    databases.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_does_not_hold_fails_at_its_line() {
    let right = "@actor budi lang=id\nbudi> pesan 2 teh hijau organik\nbot~> order-added count=2\n\
                 = cart teh-hijau-organik:2\n= stock teh-hijau-organik -0\n";
    let wrong = [
        (right.replace("count=2", "count=3"), 3),
        (right.replace("order-added", "order-which"), 3),
        (right.replace("organik:2", "organik:1"), 4),
        (right.replace("-0", "-1"), 5),
        (format!("{right}bot~> checkout-method\n"), 6),
        (format!("{right}= orders 1\n"), 6),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (index, text) in std::iter::once(right).chain(wrong.iter().map(|(text, _)| text.as_str())).enumerate()
    {
        let path = folder.path().join(format!("{index}.convo"));
        std::fs::write(&path, text).unwrap();
        paths.push(path);
    }
    let summary = play(paths).await;
    let lines: Vec<Option<usize>> =
        summary.cases.iter().map(|case| case.failure.as_ref().map(|failure| failure.line)).collect();
    let expected: Vec<Option<usize>> =
        std::iter::once(None).chain(wrong.iter().map(|(_, line)| Some(*line))).collect();
    assert_eq!(lines, expected, "{}", warung::convo::report::text(&summary, None));
    let failure = summary.cases[1].failure.as_ref().unwrap();
    assert!(failure.got.iter().any(|got| got.starts_with("order-added count=2")), "{failure:?}");
    assert!(failure.states.iter().any(|state| state == "order.added"), "{failure:?}");
}
