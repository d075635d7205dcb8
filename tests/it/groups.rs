//! A group is nobody: whoever speaks to the shop there is shown the way to a chat of two, and nothing else comes of it.

use std::path::Path;

use warung::fakes::{Platform as _, telegram};

use crate::support::{Program, answer, database, free_port, person, post, says, settles, text};

const GROUP: &str = "-1002200330044";
const OWNER: &str = "51";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_linked_served_or_shown_anything_in_a_group() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let fake = telegram::Fake::open().await.unwrap();
    let bind = format!("127.0.0.1:{}", free_port());
    let mut settings: Vec<(&str, String)> = fake.settings();
    settings.extend([
        ("DATABASE_URL", database.url.clone()),
        ("WARUNG_BIND", bind.clone()),
        ("WARUNG_PAYMENT", "sandbox".to_owned()),
        ("WARUNG_PUBLIC_URL", "https://toko.example".to_owned()),
    ]);
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(Program::run(dir.path(), &["db", "seed"], &settings).code, Some(0));
    let mut program = Program::start(dir.path(), &["serve"], &settings);
    program.line_with("the shop is open");
    let mut told = 0;
    let mut tell = async |chat: &str, words: &str| {
        told += 1;
        let request = fake.told(&person(chat), &told.to_string(), &text(words));
        assert_eq!(post(&bind, "telegram", &request).await, Some(200));
    };
    let code = |dir: &Path| Program::run(dir, &["staff", "link"], &settings).stdout.trim().to_owned();

    // The owner links the group, and a member uses what was written there.
    let written = code(dir.path());
    tell(GROUP, &format!("/link {written}")).await;
    let pointed = answer(fake.as_ref(), GROUP).await;
    assert!(pointed.contains("Kode") && pointed.contains("chat pribadi"), "{pointed}");
    assert!(!pointed.contains(&written), "{pointed}");
    tell("66", &format!("/link {written}")).await;
    answer(fake.as_ref(), "66").await;
    settles(&database.pool, "select count(*) from conversations where staff_id is not null", 0).await;

    // What belongs to one person is neither begun nor shown there, however it is asked for.
    for words in [
        "/menu",
        "/start",
        "2 teh hijau organik @warung_fake_bot",
        "/data",
        "@warung_fake_bot data saya",
        "/join",
        "/orders",
        "@warung_fake_bot omzet hari ini",
        "/checkout@warung_fake_bot",
        "@warung_fake_bot bicara sama penjual",
    ] {
        tell(GROUP, words).await;
    }
    // A code of their own links the owner in a chat of two, and the group stays nobody.
    tell(OWNER, &format!("/link {}", code(dir.path()))).await;
    says(fake.as_ref(), OWNER, "terhubung").await;
    tell(GROUP, "/orders").await;
    tell(OWNER, "pesanan").await;
    answer(fake.as_ref(), OWNER).await;
    settles(&database.pool, "select count(*) from conversations where staff_id is not null", 1).await;
    settles(&database.pool, "select count(*) from conversations where chat like '-%'", 0).await;
    settles(&database.pool, "select count(*) from carts", 0).await;
    settles(&database.pool, "select count(*) from customer_messages where text like '%data saya%'", 0).await;
    assert_eq!(fake.take_shown(GROUP), [], "the way is shown once for all who read along");

    let refused: Vec<_> = fake.recorded().into_iter().filter_map(|request| request.refusal).collect();
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(program.end("TERM"), Some(0));
    fake.stop().await;
}
