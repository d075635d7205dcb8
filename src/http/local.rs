//! Who comes from this machine itself, with the name of this machine in the address bar.

use axum::http::{HeaderMap, header};

use crate::edge::local::is_loopback;

/// What proxies add: a request that was handed on comes from somewhere else.
const HANDED_ON: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Whether a request was written for this machine and came straight to it. A page of another site that has its own name lead here
/// has that name in `Host`, which no script can change.
pub fn is_local(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    host.is_some_and(is_loopback)
        && hosts.next().is_none()
        && !HANDED_ON.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    #[test]
    fn what_a_proxy_hands_on_does_not_come_from_this_machine() {
        let mut headers = HeaderMap::new();
        assert!(!is_local(&headers), "nothing is said");
        headers.insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
        assert!(is_local(&headers));
        for name in HANDED_ON {
            let mut handed_on = headers.clone();
            handed_on.insert(HeaderName::from_static(name), "1.2.3.4".parse().unwrap());
            assert!(!is_local(&handed_on), "{name}");
        }
        headers.append(header::HOST, "shop.example".parse().unwrap());
        assert!(!is_local(&headers), "two hosts");
    }
}
