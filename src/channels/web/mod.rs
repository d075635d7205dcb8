//! The web chat's channel: a browser session is a chat. Messages stay in the outbox, where the page reads them.

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::domain::message::{Address, ChannelEvent, Inbound};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

use super::posted::{self, Posted};
use super::{Abilities, Channel, ChannelSpec, PeoplesFiles, Receipt, Send, spec};

pub use super::posted::LIMITS;

/// The channel's name.
pub const NAME: &str = "web";
/// What the page is. It has a door of its own, which knows its sessions; it sends a file ahead of the message that names it.
pub const SPEC: ChannelSpec = ChannelSpec {
    name: NAME,
    limits: LIMITS,
    has_ids_of_accounts: false,
    is_person_id: spec::nobody,
    reports_deliveries: false,
    uploads_files: false,
    peoples_files: PeoplesFiles::KeptHere,
    takes_webhooks: false,
};
/// The header in which the session's secret reaches [`Channel::receive`].
pub const SESSION_HEADER: &str = "x-warung-session";
/// Characters of a session's secret: 128 bits in hex.
const SECRET_CHARS: usize = 32;

/// A browser's session: a secret that only the browser and this process see.
#[derive(Clone, PartialEq, Eq)]
pub struct Session(String);

impl Session {
    /// Reads a secret as a browser gives it back.
    pub fn parse(secret: &str) -> Option<Self> {
        let well_formed = secret.len() == SECRET_CHARS
            && secret.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        well_formed.then(|| Self(secret.to_owned()))
    }

    /// The secret, for the browser alone.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// The chat's address. It does not lead back to the secret, so who reads the database or a log cannot take a
    /// session over.
    pub fn chat(&self) -> String {
        let mut hash = hex::encode(Sha256::digest(self.0.as_bytes()));
        hash.truncate(SECRET_CHARS);
        hash
    }

    /// Where messages of this session come from and go to.
    pub fn address(&self) -> Address {
        Address { channel: NAME.into(), chat: self.chat() }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

/// The channel.
#[derive(Debug, Clone, Copy, Default)]
pub struct Web;

/// The request that a page of this session makes to post an event.
pub fn request(session: &Session, posted: &Posted) -> WebhookRequest {
    posted::request(SESSION_HEADER, session.secret(), posted)
}

/// Reads what a page posted.
///
/// # Errors
/// [`WebhookError`] when there is no session or the body is not an event.
pub fn read(request: &WebhookRequest) -> Result<Inbound, WebhookError> {
    let session = request.header(SESSION_HEADER).and_then(Session::parse).ok_or(WebhookError::Unsigned)?;
    posted::parse(&request.body, session.address())
}

#[async_trait]
impl Channel for Web {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    /// It is the server's shop's own.
    fn accounts(&self) -> Vec<String> {
        Vec::new()
    }

    fn only_chat(&self) -> Option<String> {
        None
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::default()
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        Ok(vec![ChannelEvent::Said(read(request)?)])
    }

    /// Nothing to carry: the row in the outbox is what the page shows, at once or when it comes back.
    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        Ok(Receipt { channel_message_id: Some(send.outbox_id.to_string()), uploaded: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Content;

    const SECRET: &str = "00112233445566778899aabbccddeeff";

    #[test]
    fn a_session_is_a_chat_and_the_chat_does_not_tell_the_secret() {
        let session = Session::parse(SECRET).unwrap();
        let posted = Posted { id: "m1".to_owned(), text: Some("halo".to_owned()), ..Posted::default() };
        let event = read(&request(&session, &posted)).unwrap();
        assert_eq!(event.from, session.address());
        assert_eq!(event.external_id, "m1");
        assert_eq!(event.content, Content::Text { text: "halo".to_owned() });
        assert_ne!(session.chat(), SECRET);
        assert_eq!(session.chat().len(), SECRET_CHARS);
        assert!(!format!("{session:?}").contains(SECRET));
    }

    #[test]
    fn without_a_session_nothing_is_read() {
        for secret in [None, Some(""), Some("zz"), Some("00112233445566778899AABBCCDDEEFF"), Some("é")] {
            let headers = secret.map(|secret| (SESSION_HEADER.to_owned(), secret.to_owned()));
            let request = WebhookRequest {
                headers: headers.into_iter().collect(),
                body: br#"{"id":"a","text":"halo"}"#.to_vec(),
            };
            assert_eq!(Web.receive(&request), Err(WebhookError::Unsigned), "{secret:?}");
        }
    }
}
