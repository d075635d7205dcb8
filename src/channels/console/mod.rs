//! The terminal's channel: one chat belongs to one process, and sending is printing.

pub mod draw;

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::message::{Address, ChannelEvent, Inbound, Outbound};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

use super::fit::fit;
use super::posted::{self, Posted};
use super::{Abilities, Channel, ChannelSpec, PeoplesFiles, Receipt, Send, spec};

pub use super::posted::LIMITS;

/// The channel's name.
pub const NAME: &str = "console";
/// What a terminal is. It posts to the process that it runs in; nobody can send a file.
pub const SPEC: ChannelSpec = ChannelSpec {
    name: NAME,
    limits: LIMITS,
    has_ids_of_accounts: false,
    is_person_id: spec::nobody,
    reports_deliveries: false,
    uploads_files: false,
    peoples_files: PeoplesFiles::Never,
    takes_webhooks: false,
};
/// The header that names the chat. The terminal needs no secret: who runs the process holds the database.
pub const CHAT_HEADER: &str = "x-warung-chat";
/// Characters of a chat's name.
pub const MAX_CHAT_CHARS: usize = 64;

/// Where messages are printed.
pub trait Printer: std::marker::Send + Sync {
    /// Prints a message of a chat. The same `outbox_id` may come twice, when a process died before it noted the send.
    ///
    /// # Errors
    /// [`std::io::Error`] when the terminal is gone; the message then waits for the next start.
    fn print(&self, chat: &str, outbox_id: i64, message: &Outbound) -> std::io::Result<()>;
}

/// The channel of one terminal.
#[derive(Clone)]
pub struct Console {
    chat: Option<String>,
    printer: Arc<dyn Printer>,
}

impl Console {
    /// A terminal that shows one chat.
    pub fn new(chat: impl Into<String>, printer: Arc<dyn Printer>) -> Self {
        Self { chat: Some(chat.into()), printer }
    }

    /// A terminal that shows every chat: for scripted conversations, which play several people.
    pub fn for_all(printer: Arc<dyn Printer>) -> Self {
        Self { chat: None, printer }
    }

    /// Whether the terminal shows a chat.
    fn shows(&self, chat: &str) -> bool {
        self.chat.as_ref().is_none_or(|only| only == chat)
    }

    /// Reads what a terminal posted.
    ///
    /// # Errors
    /// [`WebhookError`] when it is another terminal's or the body is not an event.
    pub fn read(&self, request: &WebhookRequest) -> Result<Inbound, WebhookError> {
        let chat = request.header(CHAT_HEADER).filter(|chat| self.shows(chat) && *chat == chat_of(chat));
        let chat = chat.ok_or(WebhookError::Unsigned)?;
        let from = Address { channel: NAME.into(), chat: chat.to_owned() };
        posted::parse(&request.body, from)
    }
}

/// The name of the chat of a person: what is left of their name after spaces and odd characters are gone, in small
/// letters, so that the same name finds the same conversation.
pub fn chat_of(name: &str) -> String {
    let chat: String = name
        .trim()
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .take(MAX_CHAT_CHARS)
        .collect();
    let chat = chat.trim_matches('-');
    if chat.is_empty() { "guest".to_owned() } else { chat.to_owned() }
}

/// The request that a terminal makes to post an event.
pub fn request(chat: &str, posted: &Posted) -> WebhookRequest {
    posted::request(CHAT_HEADER, chat, posted)
}

#[async_trait]
impl Channel for Console {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    /// It is the server's shop's own.
    fn accounts(&self) -> Vec<String> {
        Vec::new()
    }

    fn only_chat(&self) -> Option<String> {
        self.chat.clone()
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::default()
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        Ok(vec![ChannelEvent::Said(self.read(request)?)])
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        let message = fit(send.message, &LIMITS);
        match self.printer.print(&send.to.chat, send.outbox_id, &message) {
            Ok(()) => Ok(Receipt { channel_message_id: Some(send.outbox_id.to_string()), uploaded: None }),
            Err(error) => Err(CallError::Retry {
                reason: format!("the terminal does not take it: {}", error.kind()),
                after_ms: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use rstest::rstest;

    use super::*;

    #[derive(Default)]
    struct Paper(Mutex<Vec<(i64, String)>>);

    impl Printer for Paper {
        fn print(&self, _chat: &str, id: i64, message: &Outbound) -> std::io::Result<()> {
            self.0.lock().unwrap().push((id, message.text.clone()));
            Ok(())
        }
    }

    struct Gone;

    impl Printer for Gone {
        fn print(&self, _chat: &str, _id: i64, _message: &Outbound) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }

    fn message() -> Outbound {
        Outbound { text: "halo".to_owned(), ..Outbound::default() }
    }

    #[rstest]
    #[case("Ayu", "ayu")]
    #[case("  Bu Sari ", "bu-sari")]
    #[case("../../etc", "etc")]
    #[case("", "guest")]
    #[case("🍵", "guest")]
    #[case("Ñandú", "ñandú")]
    fn a_name_finds_its_chat_again(#[case] name: &str, #[case] chat: &str) {
        assert_eq!(chat_of(name), chat);
        assert_eq!(chat_of(chat), chat);
    }

    #[tokio::test]
    async fn sending_is_printing_and_a_gone_terminal_is_tried_again() {
        let (paper, message) = (Arc::new(Paper::default()), message());
        let to = Address { channel: NAME.into(), chat: "ayu".to_owned() };
        let send = || Send::plain(&to, 7, &message);
        Console::new("ayu", paper.clone()).send(send()).await.unwrap();
        assert_eq!(*paper.0.lock().unwrap(), [(7, "halo".to_owned())]);
        let gone = Console::new("ayu", Arc::new(Gone)).send(send()).await;
        assert!(matches!(gone, Err(CallError::Retry { .. })));
    }

    #[test]
    fn a_terminal_hears_and_serves_only_its_own_chat() {
        let console = Console::new("ayu", Arc::new(Gone));
        assert!(console.shows("ayu") && !console.shows("budi"));
        assert_eq!(console.only_chat().as_deref(), Some("ayu"));
        let posted = Posted { id: "1".to_owned(), text: Some("halo".to_owned()), ..Posted::default() };
        assert_eq!(console.receive(&request("ayu", &posted)).map(|events| events.len()), Ok(1));
        assert_eq!(console.receive(&request("budi", &posted)), Err(WebhookError::Unsigned));
        assert!(Console::for_all(Arc::new(Gone)).receive(&request("budi", &posted)).is_ok());
    }
}
