//! What strangers try at the web chat.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use tower::ServiceExt as _;

use super::tests::{OTHER, SECRET, Shop, ask, get, options, post, read, upload};
use super::{Door, router};

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
async fn no_script_of_a_page_reads_the_secret_of_its_session() {
    let shop = Shop::new();
    for (name, value) in [("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")] {
        for secret in [None, Some(OTHER)] {
            let mut request = post("/chat/session", secret, "{}");
            request.headers_mut().insert(name, value.parse().unwrap());
            let answer = ask(&shop, request).await;
            assert!(answer.headers()["set-cookie"].to_str().unwrap().contains("HttpOnly"));
            assert_eq!(read(answer).await.1, json!({ "fresh": secret.is_none() }));
        }
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
    request.header(header::COOKIE, format!("warung_owner={SECRET}")).body("{}".into()).unwrap()
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
