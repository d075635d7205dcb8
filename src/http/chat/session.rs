//! Sessions of the page: one cookie per pane, kept from scripts, sent by the same site only, and signed: a session that
//! somebody made up, or made somebody else's browser keep, is none.

use axum::http::{HeaderMap, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::channels::web::Session;
use crate::edge::webhook::{check_hmac_sha256, hmac_sha256_hex};

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

/// What tells the sessions that the server gave out from those that it did not.
#[derive(Debug, Clone)]
pub struct Signer(SecretString);

/// What is signed is the session behind these words, so that no other signature of the server's is one of a session.
const SIGNED: &str = "warung session ";
/// Characters of a session's secret in its token; the rest is the signature.
const SECRET_CHARS: usize = 32;

impl Signer {
    /// Signs with a key, which may be any text that nobody else has.
    pub fn new(key: SecretString) -> Self {
        Self(key)
    }

    /// A session as its browser keeps it: the secret, and that it is one of ours.
    pub fn token(&self, session: &Session) -> String {
        let secret = session.secret();
        format!("{secret}{}", hmac_sha256_hex(self.key(), signed(secret).as_bytes()))
    }

    /// The session of a token; nothing where it is none that was given out.
    pub fn read(&self, token: &str) -> Option<Session> {
        let (secret, signature) = token.split_at_checked(SECRET_CHARS)?;
        check_hmac_sha256(self.key(), signed(secret).as_bytes(), signature).ok()?;
        Session::parse(secret)
    }

    fn key(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

fn signed(secret: &str) -> String {
    format!("{SIGNED}{secret}")
}

/// The session of a request: its cookie, or for programs `Authorization: Bearer` with what stands in the cookie.
pub fn of(headers: &HeaderMap, pane: Pane, secure: bool, signer: &Signer) -> Option<Session> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    if let Some(token) = bearer {
        return signer.read(token.trim());
    }
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == pane.cookie(secure))
        .find_map(|(_, token)| signer.read(token))
}

/// The header that makes a browser keep a session.
pub fn set_cookie(session: &Session, pane: Pane, secure: bool, signer: &Signer) -> String {
    let (name, token) = (pane.cookie(secure), signer.token(session));
    let scope = if secure { "Path=/; Secure" } else { "Path=/chat" };
    format!("{name}={token}; {scope}; Max-Age={MAX_AGE_S}; HttpOnly; SameSite=Strict")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ONE: &str = "00112233445566778899aabbccddeeff";
    const TWO: &str = "ffeeddccbbaa99887766554433221100";

    fn signer() -> Signer {
        Signer::new("a key of this test".into())
    }

    fn token(secret: &str) -> String {
        signer().token(&Session::parse(secret).unwrap())
    }

    fn found(name: header::HeaderName, value: &str, pane: Pane, secure: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        of(&headers, pane, secure, &signer()).map(|session| session.secret().to_owned())
    }

    #[rstest]
    #[case(&format!("a=b; warung_chat={}; warung_owner={}", token(ONE), token(TWO)), Pane::Customer, Some(ONE))]
    #[case(&format!("warung_chat={};warung_owner={}", token(ONE), token(TWO)), Pane::Owner, Some(TWO))]
    #[case(&format!("warung_chat={}", token(ONE)), Pane::Owner, None)]
    #[case("warung_chat=short", Pane::Customer, None)]
    #[case("warung_chat", Pane::Customer, None)]
    #[case("", Pane::Customer, None)]
    fn a_cookie_belongs_to_its_pane(
        #[case] cookies: &str,
        #[case] pane: Pane,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(found(header::COOKIE, cookies, pane, false).as_deref(), expected);
    }

    #[test]
    fn a_session_that_somebody_made_up_is_none() {
        let (one, two) = (token(ONE), token(TWO));
        let other = Signer::new("another key".into()).token(&Session::parse(ONE).unwrap());
        let mixed = format!("{ONE}{}", &two[SECRET_CHARS..]);
        let unmarked = format!("{ONE}{}", hmac_sha256_hex(b"a key of this test", ONE.as_bytes()));
        for made_up in [ONE, &other, &mixed, &unmarked, &one[..95], &format!("{ONE}{ONE}{ONE}"), "\u{e9}"] {
            assert!(signer().read(made_up).is_none(), "{made_up}");
        }
        assert_eq!(signer().read(&one).unwrap().secret(), ONE);
        assert!(!format!("{:?}", signer()).contains("this test"));
        // One that is planted before the real one does not hide it.
        let planted = format!("warung_chat={ONE}; warung_chat={two}");
        assert_eq!(found(header::COOKIE, &planted, Pane::Customer, false).as_deref(), Some(TWO));
    }

    #[test]
    fn programs_use_a_bearer_token() {
        let bearer = format!("Bearer {}", token(ONE));
        assert_eq!(found(header::AUTHORIZATION, &bearer, Pane::Owner, false).as_deref(), Some(ONE));
        for wrong in [token(ONE), format!("Bearer {ONE}")] {
            assert_eq!(found(header::AUTHORIZATION, &wrong, Pane::Owner, false), None);
        }
    }

    #[test]
    fn scripts_and_other_sites_cannot_use_the_cookie() {
        let session = Session::parse(ONE).unwrap();
        let cookie = set_cookie(&session, Pane::Customer, true, &signer());
        for part in ["__Host-warung_chat=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/;", &token(ONE)] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let plain = set_cookie(&session, Pane::Owner, false, &signer());
        assert!(plain.contains("Path=/chat;") && !plain.contains("Secure") && !plain.contains("__Host-"));
    }

    #[test]
    fn over_tls_a_cookie_that_another_place_could_have_set_is_none() {
        let both = format!("warung_chat={}; __Host-warung_chat={}", token(ONE), token(TWO));
        assert_eq!(found(header::COOKIE, &both, Pane::Customer, true).as_deref(), Some(TWO));
        let plain = format!("warung_chat={}", token(ONE));
        assert_eq!(found(header::COOKIE, &plain, Pane::Customer, true), None);
    }
}
