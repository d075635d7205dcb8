//! What strangers try at the web chat.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use axum::middleware::from_fn;
use serde_json::json;
use tower::ServiceExt as _;

use super::tests::{OTHER, SECRET, Shop, ask, get, kept, options, post, read, token, upload};
use super::{Door, router};
use crate::http::in_our_words;

#[rstest::rstest]
#[case::no_session("image/png", None, b"x".to_vec(), 401)]
#[case::a_page("text/html", Some(SECRET), b"x".to_vec(), 415)]
#[case::a_form("multipart/form-data", Some(SECRET), b"x".to_vec(), 415)]
#[case::nothing("image/png", Some(SECRET), Vec::new(), 400)]
#[case::too_large("image/png", Some(SECRET), vec![0; 5_000_001], 413)]
#[case::no_room("image/png", Some(SECRET), b"full".to_vec(), 429)]
#[tokio::test]
async fn what_is_no_file_is_refused(
    #[case] kind: &str,
    #[case] secret: Option<&str>,
    #[case] body: Vec<u8>,
    #[case] status: u16,
) {
    let answer = ask(&Shop::new(), upload(kind, secret, body)).await;
    assert_eq!(answer.status().as_u16(), status);
}

#[tokio::test]
async fn the_name_of_anothers_file_is_no_file_of_ones_own() {
    let shop = Shop::new();
    let answer = ask(&shop, upload("image/jpeg", Some(SECRET), vec![1; 9])).await;
    let name = read(answer).await.1["upload"].clone();
    let named = json!({"id": "m1", "media": {"kind": "image", "upload": name}}).to_string();
    let stolen = ask(&shop, post("/chat/messages", Some(OTHER), named.clone())).await;
    assert_eq!(stolen.status(), StatusCode::NOT_FOUND);
    let own = ask(&shop, post("/chat/messages", Some(SECRET), named)).await;
    assert_eq!(own.status(), StatusCode::ACCEPTED);
    let invented = json!({"id": "m2", "media": {"kind": "image", "upload": "invented"}}).to_string();
    let invented = ask(&shop, post("/chat/messages", Some(SECRET), invented)).await;
    assert_eq!(invented.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_streams_of_one_invented_session_end_where_its_places_do() {
    let shop = Shop::new();
    let router = router(Arc::clone(&shop) as Arc<dyn Door>, options(false));
    let mut open = Vec::new();
    let refused = loop {
        let response = router.clone().oneshot(get("/chat/events", SECRET)).await.unwrap();
        if response.status() != StatusCode::OK {
            break response;
        }
        open.push(response);
        assert!(open.len() < 1_100, "one session holds every stream");
    };
    let (status, body) = read(refused).await;
    assert_eq!((status, body["error"]["code"].as_str()), (StatusCode::TOO_MANY_REQUESTS, Some("too_fast")));
    let other = router.clone().oneshot(get("/chat/events", OTHER)).await.unwrap();
    assert_eq!(other.status(), StatusCode::OK, "a customer has a place");
    open.pop();
    let again = router.clone().oneshot(get("/chat/events", SECRET)).await.unwrap();
    assert_eq!(again.status(), StatusCode::OK, "a place that was given back is free");
}

#[tokio::test]
async fn the_secret_of_a_session_stands_in_its_cookie_alone() {
    let shop = Shop::new();
    for secret in [None, Some(OTHER)] {
        let answer = ask(&shop, post("/chat/session", secret, "{}")).await;
        assert!(kept(&answer).contains("HttpOnly"));
        assert_eq!(read(answer).await.1, json!({ "fresh": secret.is_none() }));
    }
}

#[tokio::test]
async fn a_session_that_a_client_made_up_opens_nothing_and_is_not_adopted() {
    let shop = Shop::new();
    let forged = format!("{OTHER}{}", &token(SECRET)[OTHER.len()..]);
    for made_up in [OTHER.to_owned(), forged, "x".repeat(96)] {
        let with = |path: &str, method: &str| {
            let request = Request::builder().method(method).uri(path);
            let request = request.header(header::CONTENT_TYPE, "application/json");
            let cookies = format!("warung_chat={made_up}; warung_owner={made_up}");
            request.header(header::COOKIE, cookies).body(Body::from(r#"{"id":"1","text":"x"}"#)).unwrap()
        };
        for (path, method) in [
            ("/chat/messages", "POST"),
            ("/chat/uploads", "POST"),
            ("/chat/events", "GET"),
            ("/chat/lines", "GET"),
        ] {
            assert_eq!(ask(&shop, with(path, method)).await.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
        let mut wanted = with("/chat/session", "POST");
        *wanted.body_mut() = Body::empty();
        let given = ask(&shop, wanted).await;
        assert!(kept(&given).contains(&token(SECRET)) && !kept(&given).contains(&made_up));
        assert_eq!(read(given).await.1, json!({ "fresh": true }));
    }
}

/// A request as it comes through a proxy that speaks for somebody.
fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let proxy: SocketAddr = "127.0.0.1:1".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(proxy));
    request.headers_mut().insert("x-forwarded-for", address.parse().unwrap());
    request
}

#[tokio::test]
async fn sessions_without_end_send_the_files_of_one_address() {
    let shop = Shop::new();
    let router = router(Arc::clone(&shop) as Arc<dyn Door>, options(false));
    let mut taken = 0;
    for number in 0..100 {
        let secret = format!("{number:032x}");
        let request = from("203.0.113.7", upload("image/png", Some(&secret), vec![1]));
        let status = router.clone().oneshot(request).await.unwrap().status();
        assert!([StatusCode::CREATED, StatusCode::TOO_MANY_REQUESTS].contains(&status));
        taken += usize::from(status == StatusCode::CREATED);
    }
    assert_eq!(taken, 30);
    let other = from("203.0.113.8", upload("image/png", Some(SECRET), vec![1]));
    assert_eq!(router.oneshot(other).await.unwrap().status(), StatusCode::CREATED);
}

#[tokio::test]
async fn what_a_stranger_sends_is_not_said_back_at_length() {
    let router = router(Shop::new() as Arc<dyn Door>, options(false)).layer(from_fn(in_our_words));
    let long = "x".repeat(60_000);
    let lines = get(&format!("/chat/lines?after={long}"), SECRET);
    let pane = get(&format!("/chat/lines?pane={long}"), SECRET);
    let wish = post("/chat/session", None, json!({ &*long: long }).to_string());
    for request in [lines, pane, wish] {
        let response = router.clone().oneshot(request).await.unwrap();
        let head: usize = response.headers().iter().map(|(_, value)| value.len()).sum();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert!(head < 2_000 && body.len() < 1_000, "{head} {}", body.len());
    }
}

#[tokio::test]
async fn who_writes_too_fast_is_asked_to_wait() {
    let shop = Shop::new();
    let router = router(Arc::clone(&shop) as Arc<dyn Door>, options(false));
    let mut last = None;
    for number in 0..100 {
        let body = json!({"id": format!("m{number}"), "text": "x"}).to_string();
        let response = router.clone().oneshot(post("/chat/messages", Some(SECRET), body)).await.unwrap();
        if response.status() != StatusCode::ACCEPTED {
            last = Some((number, response));
            break;
        }
    }
    let (number, response) = last.expect("a hundred at once are too many");
    assert!(number >= 30, "a burst is fine");
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}

/// A request of a session of the owner's pane, written for a host.
fn of_owner(method: &str, path: &str, host: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, host);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    request.header(header::COOKIE, format!("warung_owner={}", token(SECRET))).body("{}".into()).unwrap()
}

#[tokio::test]
async fn the_owners_side_is_offered_in_the_demo_on_its_own_machine_only() {
    const CODE: &str = "/chat/demo/owner-code";
    const HERE: &str = "127.0.0.1:8080";
    let shop = Shop::new();
    let code = read(ask(&shop, of_owner("POST", CODE, HERE)).await).await;
    assert_eq!(code, (StatusCode::OK, json!({"code": "KODE-1"})));
    assert_eq!(ask(&shop, of_owner("GET", "/owner", "localhost:8080")).await.status(), StatusCode::OK);

    let plain = router(Arc::clone(&shop) as Arc<dyn Door>, options(false));
    for request in [of_owner("POST", CODE, HERE), of_owner("GET", "/owner", HERE)] {
        assert_eq!(plain.clone().oneshot(request).await.unwrap().status(), StatusCode::NOT_FOUND);
    }
    // By a name that anybody can have: from afar, or a page of another site that has its name lead to this machine.
    for host in ["shop.example", "evil.example:8080", "127.0.0.1.evil.example", "192.168.1.7:8080"] {
        for request in [of_owner("POST", CODE, host), of_owner("GET", "/owner", host)] {
            assert_eq!(ask(&shop, request).await.status(), StatusCode::NOT_FOUND, "{host}");
        }
        let page = to_bytes(ask(&shop, of_owner("GET", "/", host)).await.into_body(), 1 << 20).await.unwrap();
        assert!(
            !String::from_utf8(page.to_vec()).unwrap().contains("\"owner\"]"),
            "{host} is shown the owner's pane"
        );
    }
    // Through a proxy that calls this machine by its own name.
    let mut handed_on = of_owner("POST", CODE, HERE);
    handed_on.headers_mut().insert("x-forwarded-for", "1.2.3.4".parse().unwrap());
    assert_eq!(ask(&shop, handed_on).await.status(), StatusCode::NOT_FOUND);
    // Without a session of the pane.
    let mut stranger = of_owner("POST", CODE, HERE);
    stranger.headers_mut().remove(header::COOKIE);
    assert_eq!(ask(&shop, stranger).await.status(), StatusCode::UNAUTHORIZED);
}
