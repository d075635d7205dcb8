//! Sending: what a person sees, what a second try does, what is done about refusals.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::channels::Image;
use crate::channels::discord::{Command, CommandOption, Words};
use crate::domain::message::{Ask, AskKind, Document, DocumentContent, FileRef, Link, Picture};
use crate::edge::CallError;
use crate::fakes::Fault;
use crate::fakes::discord::{FILE, GUILD};

#[tokio::test]
async fn a_message_arrives_as_it_was_meant() {
    let (fake, discord) = start().await;
    let message = Outbound {
        link: Some(Link { label: "Bayar".to_owned(), url: "https://bayar.id/x".to_owned() }),
        ask: Some(Ask {
            kind: AskKind::Address,
            button: "Isi alamat".to_owned(),
            title: "Alamat kirim".to_owned(),
        }),
        ..offers("*Teh* <@1> [x](https://jahat.id) # a_b", &["k.0", "k.1"])
    };
    let to = to();
    let receipt = discord.send(sending(&fake, &to, 7, &message, None)).await.unwrap();
    let shown = fake.take_shown(USER);
    assert_eq!(shown[0].text, message.text);
    let data: Vec<_> = shown[0].choices.iter().map(|choice| choice.data.as_str()).collect();
    assert_eq!(data, ["k.0", "k.1", "form:address:Alamat kirim"]);
    assert_eq!(shown[0].link.as_deref(), Some("https://bayar.id/x"));
    assert_eq!(receipt.channel_message_id.as_deref(), Some(shown[0].id.as_str()));
    let sent = fake.recorded().pop().unwrap();
    assert_eq!(sent.body["allowed_mentions"], json!({ "parse": [] }));
    assert_eq!((&sent.body["nonce"], &sent.body["enforce_nonce"]), (&json!("7"), &json!(true)));
    // The same row again shows nothing new.
    let again = channel(&fake).send(sending(&fake, &to, 7, &message, None)).await.unwrap();
    assert_eq!((again, fake.take_shown(USER)), (receipt, vec![]));
    nothing_was_refused(&fake);
}

#[tokio::test]
async fn long_texts_become_messages_and_pictures_become_cards() {
    let (fake, discord) = start().await;
    let to = to();
    let long = offers(&"Satu kalimat yang biasa. ".repeat(150), &["k.0"]);
    discord.send(sending(&fake, &to, 1, &long, None)).await.unwrap();
    let shown = fake.take_shown(USER);
    assert_eq!(shown.len(), 2);
    assert!(shown[0].choices.is_empty() && shown[0].text.ends_with("biasa.") && shown[1].choices.len() == 1);
    let image = Image { mime: "image/jpeg".to_owned(), bytes: FILE.to_vec(), uploaded_id: None };
    let card = Outbound {
        image: Some(Picture::Stored { path: "/media/a.jpg".to_owned() }),
        ..offers("*Teh*", &["k.0"])
    };
    discord.send(Send { image: Some(&image), ..sending(&fake, &to, 2, &card, None) }).await.unwrap();
    let shown = fake.take_shown(USER);
    assert_eq!((shown[0].text.as_str(), shown[0].image.as_deref()), ("*Teh*", Some(FILE)));
    nothing_was_refused(&fake);
}

#[tokio::test]
async fn a_document_is_a_file_below_the_words_and_never_left_out() {
    let (fake, discord) = start().await;
    let to = to();
    let file = Image { mime: "application/pdf".to_owned(), bytes: b"%PDF-1.7".to_vec(), uploaded_id: None };
    let content = DocumentContent::Attachment { id: "a".to_owned() };
    let document = Document { name: "Struk WRG/12.pdf".to_owned(), content };
    let message = Outbound { document: Some(document), ..offers("*Struk* Kakak", &["k.0"]) };
    discord.send(Send { document: Some(&file), ..sending(&fake, &to, 1, &message, None) }).await.unwrap();
    let shown = fake.take_shown(USER).remove(0);
    let document = shown.document.unwrap();
    assert_eq!((document.name.as_str(), document.bytes), ("Struk WRG-12.pdf", file.bytes.clone()));
    assert_eq!((shown.text.as_str(), shown.choices.len()), ("*Struk* Kakak", 1));
    assert_eq!(shown.image, None);
    // In the place of the mark that an answer comes, too.
    let inbound = heard(&fake, &discord, "p", &press("k.0"));
    let answer = sending(&fake, &to, 2, &message, inbound.thread.as_ref());
    discord.send(Send { document: Some(&file), ..answer }).await.unwrap();
    assert!(fake.take_shown(USER)[0].document.is_some());
    let without = discord.send(sending(&fake, &to, 3, &message, None)).await;
    assert!(matches!(without, Err(CallError::Fail { .. })), "{without:?}");
    assert_eq!(fake.take_shown(USER), []);
    nothing_was_refused(&fake);
}

#[tokio::test]
async fn a_press_is_acknowledged_and_its_message_can_be_replaced() {
    let (fake, discord) = start().await;
    let to = to();
    discord.send(sending(&fake, &to, 1, &offers("Keranjang: 1", &["k.0"]), None)).await.unwrap();
    let card = fake.take_shown(USER).remove(0);
    let inbound = heard(&fake, &discord, "p", &press("k.0"));
    assert_eq!(inbound.content, press("k.0"));
    let thread = inbound.thread.as_ref();
    discord.attend("", &to, thread.unwrap()).await;
    assert_eq!(fake.response(&inbound.external_id), Some((6, None)));
    let changed = Outbound { replaces_pressed: true, ..offers("Keranjang: 2", &["k.1"]) };
    let further = says("Ada lagi?");
    for _ in 0..2 {
        discord.send(sending(&fake, &to, 2, &changed, thread)).await.unwrap();
        discord.send(sending(&fake, &to, 3, &further, thread)).await.unwrap();
    }
    let shown = fake.take_shown(USER);
    assert!(shown[0].is_edit && shown[0].id == card.id && shown[0].text == "Keranjang: 2");
    assert_eq!(shown.iter().filter(|shown| shown.text == "Ada lagi?").count(), 1);
    nothing_was_refused(&fake);
}

#[rstest]
#[case::in_direct_messages(false)]
#[case::in_a_server(true)]
#[tokio::test]
async fn a_command_is_answered_in_its_place_and_in_private(#[case] is_in_guild: bool) {
    let (fake, discord) = start().await;
    let words = |word: &str| Words { default: word.to_owned(), ..Words::default() };
    let order = Command {
        name: words("order"),
        description: words("Order"),
        option: Some(CommandOption { name: words("items"), ..CommandOption::default() }),
    };
    discord.register_commands("", &[order]).await.unwrap();
    fake.set_in_guild(USER, is_in_guild);
    let inbound = heard(&fake, &discord, "c", &text("/order 2 teh"));
    assert_eq!(inbound.content, text("2 teh"));
    let (to, thread) = (to(), inbound.thread.as_ref());
    // Nobody attended: the answer acknowledges first.
    discord.send(sending(&fake, &to, 1, &says("Dua teh."), thread)).await.unwrap();
    discord.send(sending(&fake, &to, 2, &says("Bayar?"), thread)).await.unwrap();
    // Another process tries the first again, and changes nothing.
    channel(&fake).send(sending(&fake, &to, 1, &says("Dua teh."), thread)).await.unwrap();
    let shown = fake.take_shown(USER);
    assert_eq!(shown.iter().map(|shown| shown.text.as_str()).collect::<Vec<_>>(), ["Dua teh.", "Bayar?"]);
    let last = fake
        .recorded()
        .into_iter()
        .rfind(|recorded| recorded.method == "POST" && recorded.body["content"] == "Bayar?");
    assert_eq!(last.unwrap().body.get("flags"), is_in_guild.then(|| json!(64)).as_ref());
    let refused: Vec<_> = fake.recorded().into_iter().filter_map(|recorded| recorded.refusal).collect();
    assert_eq!(refused, ["40060 Interaction has already been acknowledged."]);
}

#[tokio::test]
async fn a_dead_token_leaves_the_direct_messages() {
    let (fake, discord) = start().await;
    let to = to();
    fake.set_in_guild(USER, true);
    let inbound = heard(&fake, &discord, "p", &press("k.0"));
    let thread = inbound.thread.as_ref();
    discord.attend("", &to, thread.unwrap()).await;
    fake.advance(chrono::TimeDelta::minutes(16));
    let late = says("Sudah dikirim");
    discord.send(sending(&fake, &to, 1, &late, thread)).await.unwrap();
    // A clock that stands behind: the platform says that the token is dead.
    let behind = Send { now: chrono::DateTime::UNIX_EPOCH, ..sending(&fake, &to, 2, &late, thread) };
    discord.send(behind).await.unwrap();
    assert_eq!(fake.take_shown(USER).len(), 2);
}

#[rstest]
#[case::wait(Fault::TooMany { retry_after_seconds: Some(3) }, "retry 3000")]
#[case::down(Fault::Down, "down")]
#[case::closed(Fault::Code(50_007), "unreachable")]
#[case::no_server(Fault::Code(50_278), "unreachable")]
#[case::too_fast(Fault::Code(40_003), "unreachable")]
#[case::no_token(Fault::Code(401), "stopped")]
#[case::forbidden(Fault::Code(403), "unreachable")]
#[case::wrong(Fault::Code(50_035), "fail")]
#[case::lost(Fault::LostAnswer, "retry")]
#[tokio::test]
async fn refusals_say_what_to_do(#[case] fault: Fault, #[case] expected: &str) {
    let (fake, discord) = start().await;
    let (to, first) = (to(), says("Halo"));
    discord.send(sending(&fake, &to, 1, &first, None)).await.unwrap();
    fake.take_shown(USER);
    fake.arm(USER, fault.clone());
    let secret = says("rahasia");
    let error = discord.send(sending(&fake, &to, 2, &secret, None)).await.unwrap_err();
    let kind = match &error {
        CallError::Retry { after_ms: Some(after_ms), .. } => format!("retry {after_ms}"),
        CallError::Retry { .. } => "retry".to_owned(),
        CallError::Down { .. } => "down".to_owned(),
        CallError::Unreachable { .. } => "unreachable".to_owned(),
        CallError::Stopped { .. } => "stopped".to_owned(),
        CallError::Fail { .. } => "fail".to_owned(),
        CallError::Unknown { .. } => "unknown".to_owned(),
    };
    assert_eq!(kind, expected);
    let told = error.to_string();
    assert!(
        !told.contains("rahasia")
            && !told.contains(TOKEN)
            && !told.contains(USER)
            && !told.contains("127.0.0.1")
    );
    if fault == Fault::LostAnswer {
        discord.send(sending(&fake, &to, 2, &secret, None)).await.unwrap();
        assert_eq!(fake.take_shown(USER).len(), 1);
    }
    if expected == "retry 3000" {
        // The bucket is closed meanwhile: no second request is made.
        let before = fake.recorded().len();
        assert!(discord.send(sending(&fake, &to, 3, &secret, None)).await.is_err());
        assert_eq!(fake.recorded().len(), before);
    }
}

#[tokio::test]
async fn a_follow_up_whose_answer_is_lost_is_not_sent_again_blindly() {
    let (fake, discord) = start().await;
    let to = to();
    fake.set_in_guild(USER, true);
    let inbound = heard(&fake, &discord, "p", &press("k.0"));
    fake.arm(USER, Fault::LostAnswer);
    let answer = says("Ya");
    let error = discord.send(sending(&fake, &to, 1, &answer, inbound.thread.as_ref())).await.unwrap_err();
    assert!(matches!(error, CallError::Unknown { .. }), "{error}");
}

#[tokio::test]
async fn accounts_are_tested_and_strangers_are_refused() {
    let (fake, discord) = start().await;
    assert_eq!(discord.accounts(), ["123456789012345678"]);
    assert_eq!(discord.test("123456789012345678").await.as_deref(), Ok("warung"));
    assert!(matches!(discord.test("9").await, Err(CallError::Fail { .. })));
    let wrong = Account::new(SecretString::from("wrong"), None).unwrap();
    let wrong = Discord::new(vec![wrong], &fake.url()).unwrap();
    assert!(matches!(wrong.test("").await, Err(CallError::Stopped { .. })));
    let nobody = Address { channel: "discord".into(), chat: "../me".to_owned() };
    assert!(matches!(discord.send(Send::plain(&nobody, 1, &says("x"))).await, Err(CallError::Fail { .. })));
    assert!(matches!(discord.send(Send::plain(&to(), 1, &says(" "))).await, Err(CallError::Fail { .. })));
    assert!(Discord::new(Vec::new(), "discord.com").is_err());
}

#[tokio::test]
async fn commands_are_registered_everywhere_and_in_the_server_at_once() {
    let fake = Fake::start(TOKEN).await.unwrap();
    let discord = channel_in(&fake, Some(GUILD));
    let words = |default: &str, id: &str| Words {
        default: default.to_owned(),
        by_locale: [("id".to_owned(), id.to_owned())].into(),
    };
    let menu = Command {
        name: words("menu", "menu"),
        description: words("See the menu", "Lihat menu"),
        option: None,
    };
    let cart = Command { name: words("cart", "keranjang"), description: words("", ""), option: None };
    discord.register_commands("123456789012345678", &[menu, cart]).await.unwrap();
    let paths: Vec<_> = fake.recorded().into_iter().map(|recorded| recorded.path).collect();
    assert_eq!(paths.len(), 2);
    assert!(paths[1].ends_with(&format!("/guilds/{GUILD}/commands")));
    nothing_was_refused(&fake);
}

#[tokio::test]
async fn files_are_fetched_from_the_platform_alone() {
    let (fake, discord) = start().await;
    let photo = Content::Media { media: crate::domain::message::MediaKind::Image, caption: None, file: None };
    let Content::Media { file: Some(file), .. } = heard(&fake, &discord, "m", &photo).content else {
        panic!("no file was read")
    };
    let image = discord.fetch("", &file, 100).await.unwrap();
    assert_eq!((image.mime.as_str(), image.bytes.as_slice()), ("image/png", FILE));
    assert!(discord.fetch("", &file, 5).await.is_err());
    for id in ["http://169.254.169.254/x", "https://cdn.discordapp.com.evil.id/x", "file:///etc/passwd", ""] {
        let file = FileRef { id: id.to_owned(), mime: None, size_bytes: None };
        assert!(matches!(discord.fetch("", &file, 100).await, Err(CallError::Fail { .. })), "{id}");
    }
}

fn outbound() -> impl Strategy<Value = (Outbound, bool)> {
    let text = "(\\PC|[*_#>\\-\n ]|https://[a-z.*)]{0,9}|<@1>){0,300}";
    let choice = ("\\PC{0,120}", "[a-z0-9.]{0,110}").prop_map(|(label, data)| OutboundChoice { label, data });
    let ask = ("\\PC{0,100}", "\\PC{0,60}").prop_map(|(button, title)| Ask {
        kind: AskKind::Address,
        button,
        title,
    });
    let url = prop_oneof![
        "https://[a-z]{1,9}\\.id/[a-z]{0,600}",
        "\\PC{0,30}".prop_map(|rest| format!("https://{rest}")),
    ];
    let link = ("\\PC{0,100}", url).prop_map(|(label, url)| Link { label, url });
    (
        (text, 0_usize..30).prop_map(|(text, times)| text.repeat(times)),
        prop::collection::vec(choice, 0..28),
        prop::option::of(ask),
        prop::option::of(link),
        any::<[bool; 3]>(),
    )
        .prop_map(|(text, choices, ask, link, [has_image, has_bytes, replaces_pressed])| {
            let image = has_image.then(|| Picture::Stored { path: "https://toko.id/a.png".to_owned() });
            (Outbound { text, choices, ask, link, image, replaces_pressed, ..Outbound::default() }, has_bytes)
        })
}

#[test]
fn no_message_breaks_a_rule_of_the_platform() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (fake, discord) = runtime.block_on(start());
    let next = std::sync::atomic::AtomicI64::new(1);
    let config = ProptestConfig { cases: 96, ..ProptestConfig::default() };
    proptest!(config, |((message, has_bytes) in outbound(), by_press in any::<bool>(), in_guild in any::<bool>())| {
        let id = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let image = Image { mime: "image/png".to_owned(), bytes: FILE.to_vec(), uploaded_id: None };
        fake.set_in_guild(USER, in_guild);
        if by_press {
            let card = offers("Kartu", &["k.0"]);
            runtime.block_on(discord.send(sending(&fake, &to(), -id, &card, None))).unwrap();
        }
        let inbound = by_press.then(|| heard(&fake, &discord, &format!("p{id}"), &press("k.0")));
        let thread = inbound.as_ref().and_then(|inbound| inbound.thread.as_ref());
        let to = to();
        let send = Send { image: has_bytes.then_some(&image), ..sending(&fake, &to, id, &message, thread) };
        let sent = runtime.block_on(discord.send(send));
        let refused: Vec<_> = fake.recorded().into_iter().filter_map(|recorded| recorded.refusal).collect();
        prop_assert_eq!(refused, Vec::<String>::new());
        prop_assert!(sent.is_ok() || matches!(sent, Err(CallError::Fail { .. })), "{:?}", sent);
    });
}
