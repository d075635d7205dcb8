//! The web chat over a shop in memory: sessions, posts, the stream and its catching up.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::channels::web::Session;
use crate::domain::message::{
    ChannelName, Content, Document, DocumentContent, Inbound, Outbound, OutboundChoice, Picture,
};
use crate::store::media::Media;
use crate::store::transcripts::{Cursor, Side};

use super::feed::{Feed, Signal};
use super::streams::Streams;
use super::view::{Line, Said};
use super::{Door, DoorError, Options, Signer, router};

pub(super) const SECRET: &str = "00112233445566778899aabbccddeeff";
pub(super) const OTHER: &str = "ffeeddccbbaa99887766554433221100";

/// A shop that keeps what was said in memory, in the order in which it was said.
pub(super) struct Shop {
    uploads: Mutex<Vec<(String, String)>>,
    said: Mutex<Vec<(String, Line)>>,
    typing: Mutex<bool>,
    broken: Mutex<bool>,
    hints: broadcast::Sender<(ChannelName, String)>,
}

impl Shop {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            uploads: Mutex::default(),
            said: Mutex::default(),
            typing: Mutex::default(),
            broken: Mutex::default(),
            hints: broadcast::Sender::new(16),
        })
    }

    fn add(&self, chat: &str, side: Side, said: Said) -> i64 {
        let mut all = self.said.lock().unwrap();
        let id = all.len() as i64 + 1;
        let at = DateTime::<Utc>::from_timestamp(1_700_000_000, 0).unwrap() + Duration::seconds(id);
        all.push((chat.to_owned(), Line { side, id, at, said }));
        id
    }

    fn reply(&self, chat: &str, message: Outbound) -> i64 {
        let id = self.add(chat, Side::Out, Said::Shop(message));
        let _ = self.hints.send(("web".into(), chat.to_owned()));
        id
    }

    fn of(&self, chat: &str, keep: impl Fn(&Line) -> bool) -> Result<Vec<Line>, DoorError> {
        if *self.broken.lock().unwrap() {
            return Err(DoorError("gone".to_owned()));
        }
        let all = self.said.lock().unwrap();
        Ok(all.iter().filter(|(of, line)| of == chat && keep(line)).map(|(_, line)| line.clone()).collect())
    }
}

fn place(cursor: Cursor, side: Side) -> i64 {
    if side == Side::In { cursor.inbox } else { cursor.outbox }
}

#[async_trait]
impl Door for Shop {
    async fn accept(&self, inbound: Inbound) -> Result<Option<i64>, DoorError> {
        let chat = inbound.from.chat.clone();
        let is_known =
            |line: &Line| matches!(&line.said, Said::Person { id, .. } if *id == inbound.external_id);
        if !self.of(&chat, is_known)?.is_empty() {
            return Ok(None);
        }
        let said = Said::Person { id: inbound.external_id, content: inbound.content, label: None };
        Ok(Some(self.add(&chat, Side::In, said)))
    }

    async fn after(&self, chat: &str, cursor: Cursor, limit: i64) -> Result<Vec<Line>, DoorError> {
        let lines = self.of(chat, |line| line.id > place(cursor, line.side))?;
        let of = |side| lines.iter().filter(move |l| l.side == side).take(limit as usize).cloned();
        Ok(of(Side::In).chain(of(Side::Out)).collect())
    }

    async fn before(&self, chat: &str, cursor: Cursor, limit: i64) -> Result<Vec<Line>, DoorError> {
        let lines = self.of(chat, |line| line.id < place(cursor, line.side))?;
        let of = |side| {
            let of_side: Vec<_> = lines.iter().filter(|l| l.side == side).cloned().collect();
            of_side[of_side.len().saturating_sub(limit as usize)..].to_vec()
        };
        Ok([of(Side::In), of(Side::Out)].concat())
    }

    async fn is_typing(&self, _chat: &str) -> Result<bool, DoorError> {
        Ok(*self.typing.lock().unwrap())
    }

    async fn message(&self, chat: &str, outbox_id: i64) -> Result<Option<Outbound>, DoorError> {
        let found = self.of(chat, |line| line.side == Side::Out && line.id == outbox_id)?;
        Ok(found.into_iter().find_map(|line| match line.said {
            Said::Shop(message) => Some(message),
            _ => None,
        }))
    }

    async fn document(&self, document: &Document) -> Result<Option<Media>, DoorError> {
        let bytes = document.name.clone().into_bytes();
        Ok(Some(Media { mime: "application/pdf".to_owned(), bytes }))
    }

    async fn kept(&self, id: &str) -> Result<Option<Vec<u8>>, DoorError> {
        Ok((id != "gone").then(|| id.as_bytes().to_vec()))
    }

    async fn upload(
        &self,
        chat: &str,
        mime: &str,
        bytes: Vec<u8>,
        is_spent: bool,
    ) -> Result<Option<String>, DoorError> {
        let id = format!("{}-{}", mime.replace('/', "-"), bytes.len());
        self.uploads.lock().unwrap().push((chat.to_owned(), id.clone()));
        Ok((bytes != b"full" && !is_spent).then_some(id))
    }

    async fn has_upload(&self, chat: &str, id: &str) -> Result<bool, DoorError> {
        Ok(self.uploads.lock().unwrap().contains(&(chat.to_owned(), id.to_owned())))
    }

    fn draw(&self, picture: &Picture) -> Result<Vec<u8>, DoorError> {
        match picture {
            Picture::Qris { payload, .. } => Ok(payload.as_bytes().to_vec()),
            other => Err(DoorError(format!("{other:?}"))),
        }
    }

    fn hints(&self) -> broadcast::Receiver<(ChannelName, String)> {
        self.hints.subscribe()
    }

    fn secret(&self) -> String {
        SECRET.to_owned()
    }

    async fn owner_code(&self) -> Result<Option<String>, DoorError> {
        Ok(Some("KODE-1".to_owned()))
    }
}

fn message(text: &str) -> Outbound {
    Outbound { text: text.to_owned(), ..Outbound::default() }
}

pub(super) fn options(demo: bool) -> Options {
    Options {
        shop: "Teh <b>\"Bella\"</b></script>".to_owned(),
        zone: Some("Asia/Jakarta".to_owned()),
        demo,
        secure: false,
        signer: signer(),
        connections: 10_000,
        shutdown: CancellationToken::new(),
    }
}

fn signer() -> Signer {
    Signer::new("a key of these tests".into())
}

/// What a browser keeps of a session; what is none goes as it is.
pub(super) fn token(secret: &str) -> String {
    Session::parse(secret).map_or_else(|| secret.to_owned(), |session| signer().token(&session))
}

pub(super) async fn ask(shop: &Arc<Shop>, request: Request<Body>) -> Response {
    router(Arc::clone(shop) as Arc<dyn Door>, options(true)).oneshot(request).await.unwrap()
}

pub(super) fn post(path: &str, secret: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(secret) = secret {
        request = request.header(header::COOKIE, format!("warung_chat={}", token(secret)));
    }
    request.body(body.into()).unwrap()
}

pub(super) fn get(path: &str, secret: &str) -> Request<Body> {
    let token = token(secret);
    Request::get(path)
        .header(header::COOKIE, format!("warung_chat={token}; warung_owner={token}"))
        .body(Body::empty())
        .unwrap()
}

pub(super) async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn chat() -> String {
    Session::parse(SECRET).unwrap().chat()
}

#[tokio::test]
async fn a_browser_gets_a_session_once_and_keeps_it() {
    let shop = Shop::new();
    let response = ask(&shop, post("/chat/session", None, "{}")).await;
    assert!(kept(&response).starts_with(&format!("warung_chat={}; ", token(SECRET))));
    assert_eq!(read(response).await.1, json!({"fresh": true}));
    for (wish, secret, fresh) in [("", OTHER, false), (r#"{"new":true}"#, SECRET, true)] {
        let again = ask(&shop, post("/chat/session", Some(OTHER), wish)).await;
        assert!(kept(&again).contains(&token(secret)), "{wish}");
        assert_eq!(read(again).await.1, json!({"fresh": fresh}));
    }
}

pub(super) fn kept(response: &Response) -> String {
    response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_message_sent_again_is_one_message() {
    let shop = Shop::new();
    let body = r#"{"id":"m1","text":"<script>alert(1)</script>"}"#;
    let (status, first) = read(ask(&shop, post("/chat/messages", Some(SECRET), body)).await).await;
    assert_eq!((status, first), (StatusCode::ACCEPTED, json!({"id": 1, "repeated": false})));
    let (status, again) = read(ask(&shop, post("/chat/messages", Some(SECRET), body)).await).await;
    assert_eq!((status, again), (StatusCode::ACCEPTED, json!({"id": null, "repeated": true})));
    let (_, page) = read(ask(&shop, get("/chat/lines", SECRET)).await).await;
    assert_eq!(page["lines"].as_array().unwrap().len(), 1);
    assert_eq!(page["lines"][0]["said"]["text"], "<script>alert(1)</script>");
    assert_eq!(page["lines"][0]["client"], "m1");
}

#[tokio::test]
async fn what_is_refused_is_refused_as_json_and_changes_nothing() {
    let shop = Shop::new();
    let text = r#"{"id":"a","text":"x"}"#;
    let mut plain = post("/chat/messages", Some(SECRET), text);
    plain.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
    let long = json!({"id": "a", "text": "x".repeat(200_000)}).to_string();
    for (request, status, code) in [
        (post("/chat/messages", None, text), 401, "no_session"),
        (post("/chat/messages", Some("short"), text), 401, "no_session"),
        (plain, 415, "not_json"),
        (post("/chat/messages", Some(SECRET), "halo"), 400, "malformed"),
        (post("/chat/messages", Some(SECRET), r#"{"id":"a"}"#), 400, "malformed"),
        (post("/chat/messages", Some(SECRET), vec![0xff, 0xfe]), 400, "malformed"),
        (post("/chat/messages", Some(SECRET), long), 413, "too_large"),
        (post("/chat/session", None, r#"{"admin":true}"#), 400, "malformed"),
        (get("/chat/lines?after=x", SECRET), 400, "malformed"),
        (get("/chat/qris/1.png", SECRET), 404, "not_found"),
        (get("/chat/qris/..%2f1.png", SECRET), 404, "not_found"),
        (get("/chat/assets/x/secrets.env", SECRET), 404, "not_found"),
    ] {
        let asked = format!("{} {}", request.method(), request.uri());
        let (got, body) = read(ask(&shop, request).await).await;
        assert_eq!((got.as_u16(), body["error"]["code"].as_str()), (status, Some(code)), "{asked}");
    }
    assert!(shop.said.lock().unwrap().is_empty());
    *shop.broken.lock().unwrap() = true;
    let down = ask(&shop, post("/chat/messages", Some(SECRET), text)).await;
    assert_eq!(down.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(down.headers().contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn a_code_is_shown_to_its_own_chat_only() {
    let shop = Shop::new();
    let picture = Picture::Qris { payload: "0002".into(), title: "Bella".into(), amount: "Rp 1".into() };
    let id = shop.reply(&chat(), Outbound { image: Some(picture), ..message("Silakan bayar") });
    let path = format!("/chat/qris/{id}.png");
    let mine = ask(&shop, get(&path, SECRET)).await;
    assert_eq!(mine.headers()[header::CONTENT_TYPE], "image/png");
    assert_eq!(to_bytes(mine.into_body(), 100).await.unwrap(), "0002");
    assert_eq!(ask(&shop, get(&path, OTHER)).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_picture_that_somebody_sent_is_shown_to_the_chat_that_a_message_shows_it_to_only() {
    let shop = Shop::new();
    let picture = Picture::Kept { id: "receipt-7".into() };
    let id = shop.reply(&chat(), Outbound { image: Some(picture), ..message("Bukti transfer") });
    let path = format!("/chat/kept/{id}.jpg");
    let mine = ask(&shop, get(&path, SECRET)).await;
    assert_eq!(mine.headers()[header::CONTENT_TYPE], "image/jpeg");
    assert_eq!(mine.headers()[header::CACHE_CONTROL], "private, no-store", "a receipt names people");
    assert_eq!(to_bytes(mine.into_body(), 100).await.unwrap(), "receipt-7");
    assert_eq!(ask(&shop, get(&path, OTHER)).await.status(), StatusCode::NOT_FOUND);
    // A picture that is gone, a message without one, a name that was guessed.
    let gone = Picture::Kept { id: "gone".into() };
    let gone = shop.reply(&chat(), Outbound { image: Some(gone), ..message("Bukti transfer") });
    let words = shop.reply(&chat(), message("Halo"));
    for name in
        [format!("{gone}.jpg"), format!("{words}.jpg"), "receipt-7.jpg".to_owned(), format!("{id}.png")]
    {
        let answer = ask(&shop, get(&format!("/chat/kept/{name}"), SECRET)).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{name}");
    }
}

pub(super) fn upload(kind: &str, secret: Option<&str>, body: Vec<u8>) -> Request<Body> {
    let mut request = Request::post("/chat/uploads").header(header::CONTENT_TYPE, kind);
    if let Some(secret) = secret {
        request = request.header(header::COOKIE, format!("warung_chat={}", token(secret)));
    }
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn a_file_is_sent_ahead_and_named_by_the_message_after_it() {
    let shop = Shop::new();
    let answer = ask(&shop, upload("image/jpeg; x=1", Some(SECRET), vec![1; 200_000])).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let body: Value = serde_json::from_slice(&to_bytes(answer.into_body(), 1_000).await.unwrap()).unwrap();
    assert_eq!(body, json!({"upload": "image-jpeg-200000"}));
    let media = json!({"id": "m1", "media": {"kind": "image", "upload": body["upload"]}});
    assert_eq!(
        ask(&shop, post("/chat/messages", Some(SECRET), media.to_string())).await.status(),
        StatusCode::ACCEPTED
    );
    let said = shop.said.lock().unwrap().last().cloned().unwrap().1.said;
    let Said::Person { content: Content::Media { file: Some(file), .. }, .. } = said else {
        panic!("{said:?}")
    };
    assert_eq!(file.id, "image-jpeg-200000");
}

#[tokio::test]
async fn a_document_is_saved_under_its_name_by_its_own_chat_only() {
    let shop = Shop::new();
    let content = DocumentContent::Attachment { id: "x".to_owned() };
    let document = Document { name: "Struk \"Ñ\"\r\nX.pdf".to_owned(), content };
    let id = shop.reply(&chat(), Outbound { document: Some(document), ..message("Struk") });
    let path = format!("/chat/files/{id}");
    let mine = ask(&shop, get(&path, SECRET)).await;
    assert_eq!(mine.status(), StatusCode::OK);
    assert_eq!(mine.headers()[header::CONTENT_TYPE], "application/pdf");
    let disposition = mine.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(
        disposition,
        "attachment; filename=\"Struk -_- X.pdf\"; filename*=UTF-8''Struk%20-%C3%91-%20X.pdf"
    );
    assert_eq!(ask(&shop, get(&path, OTHER)).await.status(), StatusCode::NOT_FOUND);
    let words = shop.reply(&chat(), message("Halo"));
    for path in [format!("/chat/files/{words}"), "/chat/files/x".to_owned()] {
        assert_eq!(ask(&shop, get(&path, SECRET)).await.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_page_is_guarded_and_its_settings_cannot_break_out() {
    let shop = Shop::new();
    let response = ask(&shop, get("/", SECRET)).await;
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let html = String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    assert!(!html.contains("<b>") && !html.contains("{{"), "{html}");
    assert_eq!(html.matches("</script>").count(), 2);
    let asset = html.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    let script = ask(&shop, get(asset, SECRET)).await;
    assert!(script.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
}

fn feed(shop: &Arc<Shop>, cursor: Option<Cursor>, shutdown: &CancellationToken) -> Feed {
    let place = Streams::new(10).take(&chat(), None).unwrap();
    Feed::new(Arc::clone(shop) as Arc<dyn Door>, chat(), cursor, shutdown.clone(), place)
}

async fn texts_until_ready(feed: &mut Feed) -> (Vec<i64>, Option<Cursor>, Cursor) {
    let (mut ids, mut end) = (Vec::new(), Cursor::default());
    loop {
        match feed.next().await.unwrap() {
            Signal::Line { cursor, line } => {
                ids.push(line.id);
                end = cursor;
            }
            Signal::Ready { earlier } => return (ids, earlier, end),
            Signal::Typing(_) => {}
        }
    }
}

#[tokio::test]
async fn a_stream_catches_up_from_where_it_broke_and_then_follows() {
    let (shop, shutdown) = (Shop::new(), CancellationToken::new());
    for number in 0..5 {
        let content = Content::Text { text: number.to_string() };
        shop.add(&chat(), Side::In, Said::Person { id: number.to_string(), content, label: None });
        shop.reply(&chat(), message("ya"));
    }
    shop.reply("another chat", message("not for you"));
    let (all, earlier, end) = texts_until_ready(&mut feed(&shop, None, &shutdown)).await;
    assert_eq!((all, earlier), ((1..=10).collect(), None));
    // The page went away here; two more messages came, and more than one page of them would be fine too.
    shop.reply(&chat(), message("a"));
    shop.reply(&chat(), message("b"));
    let mut again = feed(&shop, Some(end), &shutdown);
    assert_eq!(texts_until_ready(&mut again).await.0, [12, 13]);
    assert_eq!(again.next().await, Some(Signal::Typing(false)));
    // Told by a hint, not by the poll.
    *shop.typing.lock().unwrap() = true;
    let _ = shop.hints.send(("web".into(), chat()));
    assert_eq!(again.next().await, Some(Signal::Typing(true)));
    *shop.typing.lock().unwrap() = false;
    let id = shop.reply(&chat(), message("c"));
    assert!(matches!(again.next().await, Some(Signal::Line { line, .. }) if line.id == id));
    assert_eq!(again.next().await, Some(Signal::Typing(false)));
    shutdown.cancel();
    assert_eq!(again.next().await, None);
}

#[tokio::test]
async fn a_long_absence_is_caught_up_page_by_page_without_gaps() {
    let (shop, shutdown) = (Shop::new(), CancellationToken::new());
    let mut expected = Vec::new();
    for number in 0..200 {
        if number % 3 == 0 {
            let said = Said::Person { id: number.to_string(), content: Content::Unknown, label: None };
            expected.push(shop.add(&chat(), Side::In, said));
        }
        expected.push(shop.reply(&chat(), message("x")));
    }
    let from_start = texts_until_ready(&mut feed(&shop, Some(Cursor::default()), &shutdown)).await.0;
    assert_eq!(from_start, expected);
    // A page that knows nothing gets the end, and asks for earlier lines until there are none.
    let (mut seen, mut earlier, _) = texts_until_ready(&mut feed(&shop, None, &shutdown)).await;
    while let Some(before) = earlier {
        let path = format!("/chat/lines?before={}-{}", before.inbox, before.outbox);
        let (_, page) = read(ask(&shop, get(&path, SECRET)).await).await;
        let ids = page["lines"].as_array().unwrap().iter();
        let mut ids: Vec<i64> = ids.map(|line| line["id"].as_str().unwrap()[1..].parse().unwrap()).collect();
        ids.append(&mut seen);
        seen = ids;
        earlier = page["before"].as_str().and_then(super::view::parse_cursor);
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_stream_speaks_the_events_that_browsers_read() {
    let shop = Shop::new();
    let choices = vec![OutboundChoice { label: "Lihat menu".into(), data: "t.0".into() }];
    shop.reply(&chat(), Outbound { choices, ..message("Halo *Ayu*\n\ndata: <img onerror=x>") });
    let response = ask(&shop, get("/chat/events", SECRET)).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut body = response.into_body().into_data_stream();
    let mut text = String::new();
    while !text.contains("event: typing") {
        let bytes = futures::StreamExt::next(&mut body).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    let line = text.split("\n\n").find(|event| event.contains("event: line")).unwrap();
    assert!(line.contains("id: 0-1"), "{line}");
    let data = line.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["runs"], json!([["Halo ", false], ["Ayu", true], ["\n\ndata: <img onerror=x>", false]]));
    assert_eq!(data["choices"], json!([{"label": "Lihat menu", "data": "t.0"}]));
}
