//! The channel of scripts that are about no platform: it shows everything that the dialogue may send, and files are drawn by
//! their names.

use async_trait::async_trait;

use super::live::files;
use super::script::DEFAULT_CHANNEL;
use crate::channels::{
    Abilities, Channel, ChannelSpec, Fetch, Image, Limits, PeoplesFiles, Receipt, Send, spec,
};
use crate::domain::message::{ChannelEvent, FileRef};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

/// What it is.
pub const SPEC: ChannelSpec = ChannelSpec {
    name: DEFAULT_CHANNEL,
    limits: Limits {
        text_chars: 4_096,
        caption_chars: 4_096,
        buttons: 10,
        button_chars: 80,
        list_rows: 10,
        list_row_chars: 80,
        data_bytes: 64,
    },
    has_ids_of_accounts: false,
    is_person_id: spec::nobody,
    reports_deliveries: false,
    uploads_files: false,
    peoples_files: PeoplesFiles::AtThePlatform,
    takes_webhooks: false,
};

/// The channel.
#[derive(Debug, Clone, Copy)]
pub struct Neutral;

#[async_trait]
impl Channel for Neutral {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn accounts(&self) -> Vec<String> {
        Vec::new()
    }

    fn only_chat(&self) -> Option<String> {
        None
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities { fetch: Some(self), ..Abilities::default() }
    }

    fn receive(&self, _: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        Err(WebhookError::Malformed("nothing but a script writes on this channel".to_owned()))
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        let id = format!("{DEFAULT_CHANNEL}-{}", send.outbox_id);
        Ok(Receipt { channel_message_id: Some(id), uploaded: None })
    }
}

#[async_trait]
impl Fetch for Neutral {
    async fn fetch(&self, _account: &str, file: &FileRef, _max_bytes: usize) -> Result<Image, CallError> {
        files::drawn(&file.id)
            .ok_or_else(|| CallError::Fail { reason: format!("nothing can be drawn for `{}`", file.id) })
    }
}
