//! Sessions of the page: one cookie per pane, kept from scripts, sent by the same site only.

use axum::http::{HeaderMap, header};
use serde::Deserialize;

use crate::channels::web::Session;

/// How long a browser keeps its chat, in seconds: half a year.
const MAX_AGE_S: u32 = 180 * 24 * 60 * 60;

/// Which side of the counter a visitor stands on. In the demo one browser has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pane {
    /// The buyer.
    #[default]
    Customer,
    /// The shop's owner.
    Owner,
}

impl Pane {
    /// As it stands in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Pane::Customer => "customer",
            Pane::Owner => "owner",
        }
    }

    /// The name of its cookie. Over TLS the name itself makes browsers refuse one that another place of the same site, or
    /// somebody on a way without TLS, wants to set.
    fn cookie(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Pane::Customer, true) => "__Host-warung_chat",
            (Pane::Owner, true) => "__Host-warung_owner",
            (Pane::Customer, false) => "warung_chat",
            (Pane::Owner, false) => "warung_owner",
        }
    }
}

/// Whether a request comes from a page: browsers say so, and no script can keep them from it.
pub fn is_of_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site")
}

/// The session of a request: its cookie, or for programs `Authorization: Bearer`.
pub fn of(headers: &HeaderMap, pane: Pane, secure: bool) -> Option<Session> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    if let Some(secret) = bearer {
        return Session::parse(secret.trim());
    }
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == pane.cookie(secure))
        .and_then(|(_, secret)| Session::parse(secret))
}

/// The header that makes a browser keep a session.
pub fn set_cookie(session: &Session, pane: Pane, secure: bool) -> String {
    let (name, secret) = (pane.cookie(secure), session.secret());
    let scope = if secure { "Path=/; Secure" } else { "Path=/chat" };
    format!("{name}={secret}; {scope}; Max-Age={MAX_AGE_S}; HttpOnly; SameSite=Strict")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ONE: &str = "00112233445566778899aabbccddeeff";
    const TWO: &str = "ffeeddccbbaa99887766554433221100";

    fn found(name: header::HeaderName, value: &str, pane: Pane) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        of(&headers, pane, false).map(|session| session.secret().to_owned())
    }

    #[rstest]
    #[case(&format!("a=b; warung_chat={ONE}; warung_owner={TWO}"), Pane::Customer, Some(ONE))]
    #[case(&format!("warung_chat={ONE};warung_owner={TWO}"), Pane::Owner, Some(TWO))]
    #[case(&format!("warung_chat={ONE}"), Pane::Owner, None)]
    #[case("warung_chat=short", Pane::Customer, None)]
    #[case("warung_chat", Pane::Customer, None)]
    #[case("", Pane::Customer, None)]
    fn a_cookie_belongs_to_its_pane(
        #[case] cookies: &str,
        #[case] pane: Pane,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(found(header::COOKIE, cookies, pane).as_deref(), expected);
    }

    #[test]
    fn programs_use_a_bearer_token() {
        let bearer = format!("Bearer {ONE}");
        assert_eq!(found(header::AUTHORIZATION, &bearer, Pane::Owner).as_deref(), Some(ONE));
        assert_eq!(found(header::AUTHORIZATION, ONE, Pane::Owner), None);
    }

    #[test]
    fn scripts_and_other_sites_cannot_use_the_cookie() {
        let session = Session::parse(ONE).unwrap();
        let cookie = set_cookie(&session, Pane::Customer, true);
        for part in ["__Host-warung_chat=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/;", ONE] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let plain = set_cookie(&session, Pane::Owner, false);
        assert!(plain.contains("Path=/chat;") && !plain.contains("Secure") && !plain.contains("__Host-"));
    }

    #[test]
    fn over_tls_a_cookie_that_another_place_could_have_set_is_none() {
        let mut headers = HeaderMap::new();
        headers
            .insert(header::COOKIE, format!("warung_chat={ONE}; __Host-warung_chat={TWO}").parse().unwrap());
        assert_eq!(of(&headers, Pane::Customer, true).unwrap().secret(), TWO);
        headers.insert(header::COOKIE, format!("warung_chat={ONE}").parse().unwrap());
        assert!(of(&headers, Pane::Customer, true).is_none());
    }
}
