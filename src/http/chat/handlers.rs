//! The handlers of the web chat: sessions, posts, the stream, earlier lines, QRIS pictures.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream};
use serde::Deserialize;
use serde_json::json;

use crate::channels::fit::file_name;
use crate::channels::posted::MAX_BODY_BYTES;
use crate::channels::web::{self, SESSION_HEADER, Session};
use crate::domain::message::{Content, Picture};
use crate::edge::webhook::{WebhookError, WebhookRequest};

use super::door::DoorError;
use super::feed::{END, Feed, Signal, page_after, page_before};
use super::page::is_demo;
use super::session::{self, Pane};
use super::streams::Full;
use super::view::{cursor_text, line_json, parse_cursor, past, start_of};
use super::{Chat, Options};
use crate::http::error::Error;
use crate::http::peers;

/// Seconds between signs of life on a quiet stream: less than what proxies take for dead.
const HEARTBEAT_S: u64 = 15;
/// The wait that browsers keep before they come back, in milliseconds.
const COME_BACK_MS: u64 = 1_000;

/// Kinds of files that people may send.
const UPLOADS: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "application/pdf"];

/// How long to wait where there is no room for a file.
const UPLOADS_WAIT: Duration = Duration::from_secs(600);

/// How long to wait where a session has as many streams as it may have.
const STREAMS_WAIT: Duration = Duration::from_secs(2);

/// Which pane a request is for.
#[derive(Debug, Default, Deserialize)]
pub struct PaneQuery {
    #[serde(default)]
    pane: Pane,
}

/// Where to read on.
#[derive(Debug, Default, Deserialize)]
pub struct LinesQuery {
    #[serde(default)]
    pane: Pane,
    after: Option<String>,
    before: Option<String>,
}

/// A page of another site can post a form, but not JSON, without asking first; so JSON is asked for.
fn require_json(headers: &HeaderMap) -> Result<(), Error> {
    if content_type(headers) == "application/json" { Ok(()) } else { Err(Error::NotJson) }
}

/// The kind of a body, without parameters, in lower case.
fn content_type(headers: &HeaderMap) -> String {
    let whole = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    whole.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

fn require_session(chat: &Chat, headers: &HeaderMap, pane: Pane) -> Result<Session, Error> {
    let Options { secure, signer, .. } = &chat.options;
    session::of(headers, pane, *secure, signer).ok_or(Error::NoSession)
}

/// Where a request comes from, as far as it is known.
fn address_of(headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    peers::address(peer, headers)
}

/// Counts what a chat posts, by itself and with all others of its address.
fn count(chat: &Chat, session: &Session, address: Option<IpAddr>) -> Result<(), Error> {
    let now = Instant::now();
    if let Some(address) = address {
        chat.addresses.take(&address.to_string(), now).map_err(Error::TooFast)?;
    }
    chat.rate.take(&session.chat(), now).map_err(Error::TooFast)
}

/// `POST /chat/session`: the session of a browser, made when it has none or asks for a new one (`{"new": true}`).
pub async fn session(
    State(chat): State<Arc<Chat>>,
    Query(query): Query<PaneQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    #[derive(Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wish {
        #[serde(default)]
        new: bool,
    }
    require_json(&headers)?;
    let wish: Wish = if body.is_empty() {
        Wish::default()
    } else {
        crate::edge::json::parse_as(&body).map_err(|_| Error::Malformed("only `new` is known".to_owned()))?
    };
    let Options { secure, signer, .. } = &chat.options;
    let known = session::of(&headers, query.pane, *secure, signer).filter(|_| !wish.new);
    let fresh = known.is_none();
    let session = match known {
        Some(session) => session,
        None => Session::parse(&chat.door.secret()).ok_or(Error::NotFound)?,
    };
    // The secret is in the cookie alone, which no script reads: a body would be read by any.
    let cookie = session::set_cookie(&session, query.pane, *secure, signer);
    Ok(([(header::SET_COOKIE, cookie)], axum::Json(json!({ "fresh": fresh }))).into_response())
}

/// `POST /chat/messages`: stores what a person did, and only then says so.
pub async fn messages(
    State(chat): State<Arc<Chat>>,
    Query(query): Query<PaneQuery>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Error> {
    let session = require_session(&chat, &headers, query.pane)?;
    require_json(&headers)?;
    let body = body.map_err(|_| Error::TooLarge)?;
    if body.len() > MAX_BODY_BYTES {
        return Err(Error::TooLarge);
    }
    count(&chat, &session, address_of(&headers, &extensions))?;
    let request = WebhookRequest {
        headers: vec![(SESSION_HEADER.to_owned(), session.secret().to_owned())],
        body: body.to_vec(),
    };
    let inbound = web::read(&request).map_err(|error| match error {
        WebhookError::Unsigned => Error::NoSession,
        WebhookError::Malformed(what) => Error::Malformed(what),
    })?;
    if let Content::Media { file: Some(file), .. } = &inbound.content
        && !chat.door.has_upload(&session.chat(), &file.id).await?
    {
        return Err(Error::NotFound);
    }
    let id = chat.door.accept(inbound).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(json!({"id": id, "repeated": id.is_none()}))).into_response())
}

/// `POST /chat/uploads`: keeps a file for the message that will name it. The kinds are none that a form of another site
/// could send without asking first, and what they say is checked when the file is opened.
pub async fn upload(
    State(chat): State<Arc<Chat>>,
    Query(query): Query<PaneQuery>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Error> {
    let session = require_session(&chat, &headers, query.pane)?;
    let mime = content_type(&headers);
    if !UPLOADS.contains(&mime.as_str()) {
        return Err(Error::NotAFile);
    }
    let body = body.map_err(|_| Error::TooLarge)?;
    if body.is_empty() {
        return Err(Error::Malformed("the file is empty".to_owned()));
    }
    let address = address_of(&headers, &extensions);
    count(&chat, &session, address)?;
    let is_spent =
        address.is_some_and(|address| chat.uploads.take(&address.to_string(), Instant::now()).is_err());
    let full = || Error::TooFast(UPLOADS_WAIT);
    let id = chat.door.upload(&session.chat(), &mime, body.to_vec(), is_spent).await?.ok_or_else(full)?;
    Ok((StatusCode::CREATED, axum::Json(json!({ "upload": id }))).into_response())
}

/// `GET /chat/events`: the stream, from `Last-Event-ID` or `after` on, else with the last lines first.
pub async fn events(
    State(chat): State<Arc<Chat>>,
    Query(query): Query<LinesQuery>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Response, Error> {
    let session = require_session(&chat, &headers, query.pane)?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let cursor = last.or(query.after.as_deref()).and_then(parse_cursor);
    let place = chat.streams.take(&session.chat(), address_of(&headers, &extensions));
    let place = place.map_err(|full| match full {
        Full::Own => Error::TooFast(STREAMS_WAIT),
        Full::All => Error::TooBusy,
    })?;
    let shutdown = chat.options.shutdown.clone();
    let feed = Feed::new(Arc::clone(&chat.door), session.chat(), cursor, shutdown, place);
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(HEARTBEAT_S));
    let sse = Sse::new(as_events(feed, query.pane)).keep_alive(keep_alive);
    Ok(([("x-accel-buffering", "no")], sse).into_response())
}

fn as_events(feed: Feed, pane: Pane) -> impl Stream<Item = Result<Event, Infallible>> {
    let begin = Event::default().retry(Duration::from_millis(COME_BACK_MS)).comment("warung");
    let rest = stream::unfold(feed, move |mut feed| async move {
        let event = match feed.next().await? {
            Signal::Line { cursor, line } => Event::default()
                .event("line")
                .id(cursor_text(cursor))
                .data(line_json(&line, pane).to_string()),
            Signal::Ready { earlier } => {
                Event::default().event("ready").data(json!({"earlier": earlier.map(cursor_text)}).to_string())
            }
            Signal::Typing(typing) => {
                Event::default().event("typing").data(json!({"typing": typing}).to_string())
            }
        };
        Some((Ok(event), feed))
    });
    futures::StreamExt::chain(stream::once(async { Ok(begin) }), rest)
}

/// `GET /chat/lines`: lines before or after a place, for scrolling back and for pages in the background.
pub async fn lines(
    State(chat): State<Arc<Chat>>,
    Query(query): Query<LinesQuery>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let session = require_session(&chat, &headers, query.pane)?;
    let read = |text: &str| {
        parse_cursor(text).ok_or_else(|| Error::Malformed("a place looks like `12-34`".to_owned()))
    };
    let door = chat.door.as_ref();
    let (page, after, before) = if let Some(after) = &query.after {
        let cursor = read(after)?;
        let page = page_after(door, &session.chat(), cursor).await?;
        let end = page.lines.iter().fold(cursor, past);
        (page, Some(cursor_text(end)), None)
    } else {
        let cursor = query.before.as_deref().map_or(Ok(END), read)?;
        let page = page_before(door, &session.chat(), cursor).await?;
        let start = page.more.then(|| cursor_text(start_of(&page.lines, cursor)));
        (page, None, start)
    };
    let lines: Vec<_> = page.lines.iter().map(|line| line_json(line, query.pane)).collect();
    let body = json!({"lines": lines, "more": page.more, "after": after, "before": before});
    Ok(axum::Json(body).into_response())
}

/// `GET /chat/qris/<id>.png`: the drawn picture of a message, for the chat that it was sent to.
pub async fn qris(
    State(chat): State<Arc<Chat>>,
    Path(file): Path<String>,
    Query(query): Query<PaneQuery>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let session = require_session(&chat, &headers, query.pane)?;
    let id: i64 = file.strip_suffix(".png").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    let message = chat.door.message(&session.chat(), id).await?.ok_or(Error::NotFound)?;
    let picture = match message.image {
        Some(picture @ (Picture::Qris { .. } | Picture::Paper { .. })) => picture,
        _ => return Err(Error::NotFound),
    };
    let door = Arc::clone(&chat.door);
    // Drawing takes a few milliseconds of pure computing: not on a thread that carries other requests.
    let png = tokio::task::spawn_blocking(move || door.draw(&picture))
        .await
        .map_err(|_| Error::from(DoorError("the drawing was stopped".to_owned())))??;
    let headers =
        [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, max-age=86400, immutable")];
    Ok((headers, png).into_response())
}

/// `GET /chat/kept/<id>.jpg`: a picture that somebody sent to the shop, for the chat that a message shows it to. A receipt
/// names people and accounts, so it has no address of its own.
pub async fn kept(
    State(chat): State<Arc<Chat>>,
    Path(file): Path<String>,
    Query(query): Query<PaneQuery>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let session = require_session(&chat, &headers, query.pane)?;
    let id: i64 = file.strip_suffix(".jpg").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    let message = chat.door.message(&session.chat(), id).await?.ok_or(Error::NotFound)?;
    let Some(Picture::Kept { id }) = message.image else { return Err(Error::NotFound) };
    let picture = chat.door.kept(&id).await?.ok_or(Error::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, picture).into_response())
}

/// `GET /chat/files/<id>`: the document of a message, for the chat that it was sent to. It is saved and never shown: a
/// file that somebody else made must not run as a page of ours.
pub async fn document(
    State(chat): State<Arc<Chat>>,
    Path(id): Path<String>,
    Query(query): Query<PaneQuery>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let session = require_session(&chat, &headers, query.pane)?;
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let message = chat.door.message(&session.chat(), id).await?.ok_or(Error::NotFound)?;
    let document = message.document.ok_or(Error::NotFound)?;
    let file = chat.door.document(&document).await?.ok_or(Error::NotFound)?;
    let name = file_name(&document.name);
    // RFC 6266: a name for old readers, and the real one percent-encoded.
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect();
    let encoded: String = name.bytes().map(percent).collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let headers = [
        (header::CONTENT_TYPE, file.mime),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable".to_owned()),
    ];
    Ok((headers, file.bytes).into_response())
}

/// A byte of a name in a header (RFC 8187, `attr-char`, without those that few readers know).
fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// `POST /chat/demo/owner-code`: what the visitor of the demo, on the machine that it runs on, sends to become the owner.
pub async fn owner_code(State(chat): State<Arc<Chat>>, headers: HeaderMap) -> Result<Response, Error> {
    require_json(&headers)?;
    if !is_demo(&chat, &headers) {
        return Err(Error::NotFound);
    }
    require_session(&chat, &headers, Pane::Owner)?;
    let code = chat.door.owner_code().await?.ok_or(Error::NotFound)?;
    Ok(axum::Json(json!({"code": code})).into_response())
}
