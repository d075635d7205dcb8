//! What the web chat needs of the shop behind it, and how a pipeline gives it.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::dialogue::examples::examples;
use crate::domain::customer::Language;
use crate::domain::message::{ChannelName, Document, Inbound, Outbound, Picture};
use crate::edge::ink;
use crate::payments::qris;
use crate::pipeline::Pipeline;
use crate::pipeline::reading;
use crate::pipeline::work::Work;
use crate::store;
use crate::store::media::Media;
use crate::store::transcripts::{self, Cursor, Row, Side};
use crate::store::uploads::{self, NewUpload, Standing};

use super::view::{Line, Said};

/// The shop cannot be reached now; the page tries again. What is behind it goes to the log, not to the page.
#[derive(Debug, thiserror::Error)]
#[error("the shop cannot be reached: {0}")]
pub struct DoorError(pub String);

impl From<sqlx::Error> for DoorError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

/// Minutes for which a code of [`owner_code`] is good.
const CODE_MINUTES: i64 = 10;

/// A fresh one-time code that makes the chat which sends it a chat of the shop's owner.
///
/// # Errors
/// [`DoorError`] when the database fails or nobody owns the shop.
pub async fn owner_code(pipeline: &Pipeline) -> Result<String, DoorError> {
    let mut connection = pipeline.pool.acquire().await?;
    let members = store::staff::members(&mut connection, &pipeline.store_id).await?;
    let owner = members.iter().find(|member| member.role == "owner").or(members.first());
    let owner = owner.ok_or_else(|| DoorError("the shop has no people".to_owned()))?;
    let now = pipeline.clock.now();
    let code = store::staff::new_code(&pipeline.clock.secret());
    let expires_at = now + chrono::Duration::minutes(CODE_MINUTES);
    store::staff::insert_code(&mut connection, &pipeline.store_id, &owner.staff.id, &code, expires_at, now)
        .await?;
    Ok(code)
}

/// The shop behind the page. Tests stand one up in memory.
#[async_trait]
pub trait Door: Send + Sync {
    /// Stores what a person sent. Returns its row, or nothing when it was stored before.
    async fn accept(&self, inbound: Inbound) -> Result<Option<i64>, DoorError>;

    /// Lines after a place, at most `limit` of each side, each side in order.
    async fn after(&self, chat: &str, cursor: Cursor, limit: i64) -> Result<Vec<Line>, DoorError>;

    /// The last lines before a place, at most `limit` of each side, each side in order.
    async fn before(&self, chat: &str, cursor: Cursor, limit: i64) -> Result<Vec<Line>, DoorError>;

    /// Whether the shop is about to say something.
    async fn is_typing(&self, chat: &str) -> Result<bool, DoorError>;

    /// One message of the shop in a chat.
    async fn message(&self, chat: &str, outbox_id: i64) -> Result<Option<Outbound>, DoorError>;

    /// A picture that is drawn when it is asked for, as PNG.
    fn draw(&self, picture: &Picture) -> Result<Vec<u8>, DoorError> {
        match picture {
            Picture::Qris { payload, title, amount } => {
                qris::png(payload, title, amount).map_err(|error| DoorError(error.to_string()))
            }
            Picture::Paper { text } => ink::paper(text).map_err(|error| DoorError(error.to_string())),
            Picture::Stored { .. } | Picture::Kept { .. } => {
                Err(DoorError("a kept picture is not drawn".to_owned()))
            }
        }
    }

    /// A picture that somebody sent to the shop, as JPEG; only for whom a message shows it.
    async fn kept(&self, id: &str) -> Result<Option<Vec<u8>>, DoorError> {
        let _ = id;
        Ok(None)
    }

    /// Keeps a file of a chat for the message that will name it. Returns its name; nothing where there is no room. Where its
    /// address has spent its room (`is_spent`) there is some for buyers alone, who share addresses with others.
    async fn upload(
        &self,
        chat: &str,
        mime: &str,
        bytes: Vec<u8>,
        is_spent: bool,
    ) -> Result<Option<String>, DoorError>;

    /// Whether a chat has sent a file of this name ahead.
    async fn has_upload(&self, chat: &str, id: &str) -> Result<bool, DoorError>;

    /// The bytes of a document with their kind; nothing where they are not kept (any more).
    async fn document(&self, document: &Document) -> Result<Option<Media>, DoorError>;

    /// Hints that something was written for a chat.
    fn hints(&self) -> broadcast::Receiver<(ChannelName, String)>;

    /// A fresh secret of 128 bits in hex.
    fn secret(&self) -> String;

    /// Products that can be ordered now, as people type their names, for examples; none where there are no goods.
    async fn examples(&self, language: Language) -> Result<Vec<String>, DoorError> {
        let _ = language;
        Ok(Vec::new())
    }

    /// What to send to become the owner in the demo; nothing where that is not offered.
    async fn owner_code(&self) -> Result<Option<String>, DoorError>;
}

/// A pipeline as a door.
pub struct PipelineDoor {
    pipeline: Arc<Pipeline>,
    demo: bool,
}

impl PipelineDoor {
    /// A door to a pipeline's own shop; in the demo a visitor may become the owner until an account is connected.
    pub fn new(pipeline: Arc<Pipeline>, demo: bool) -> Self {
        Self { pipeline, demo }
    }
}

#[async_trait]
impl Door for PipelineDoor {
    async fn accept(&self, inbound: Inbound) -> Result<Option<i64>, DoorError> {
        match self.pipeline.accept(&self.pipeline.store_id, inbound).await {
            Ok(accepted) => Ok(accepted.inbox_id),
            Err(error) => Err(DoorError(error.to_string())),
        }
    }

    async fn after(&self, chat: &str, cursor: Cursor, limit: i64) -> Result<Vec<Line>, DoorError> {
        let mut connection = self.pipeline.pool.acquire().await?;
        let rows = transcripts::after(&mut connection, &self.pipeline.store_id, chat, cursor, limit).await?;
        Ok(rows.into_iter().map(line).collect())
    }

    async fn before(&self, chat: &str, cursor: Cursor, limit: i64) -> Result<Vec<Line>, DoorError> {
        let mut connection = self.pipeline.pool.acquire().await?;
        let rows = transcripts::before(&mut connection, &self.pipeline.store_id, chat, cursor, limit).await?;
        Ok(rows.into_iter().map(line).collect())
    }

    async fn is_typing(&self, chat: &str) -> Result<bool, DoorError> {
        let mut connection = self.pipeline.pool.acquire().await?;
        Ok(transcripts::is_typing(&mut connection, &self.pipeline.store_id, chat).await?)
    }

    async fn message(&self, chat: &str, outbox_id: i64) -> Result<Option<Outbound>, DoorError> {
        let mut connection = self.pipeline.pool.acquire().await?;
        Ok(transcripts::message(&mut connection, &self.pipeline.store_id, chat, outbox_id).await?)
    }

    async fn kept(&self, id: &str) -> Result<Option<Vec<u8>>, DoorError> {
        let bytes = {
            let mut connection = self.pipeline.pool.acquire().await?;
            store::attachments::bytes_in(&mut connection, &self.pipeline.store_id, id).await?
        };
        Ok(reading::for_sending(bytes).await.map(|picture| picture.bytes))
    }

    async fn upload(
        &self,
        chat: &str,
        mime: &str,
        bytes: Vec<u8>,
        is_spent: bool,
    ) -> Result<Option<String>, DoorError> {
        let Pipeline { pool, clock, store_id: store, .. } = &*self.pipeline;
        let mut connection = pool.acquire().await?;
        let standing = uploads::standing(&mut connection, store, chat).await?;
        if is_spent && standing != Standing::Buyer {
            return Ok(None);
        }
        let id = self.secret();
        let upload = NewUpload { id: &id, store, chat, standing, mime, bytes: &bytes };
        let has_room = uploads::insert(&mut connection, &upload, clock.now()).await?;
        Ok(has_room.then_some(id))
    }

    async fn has_upload(&self, chat: &str, id: &str) -> Result<bool, DoorError> {
        let mut connection = self.pipeline.pool.acquire().await?;
        Ok(uploads::is_of(&mut connection, id, chat).await?)
    }

    async fn document(&self, document: &Document) -> Result<Option<Media>, DoorError> {
        self.pipeline.document(document).await.map_err(|error| DoorError(error.to_string()))
    }

    fn hints(&self) -> broadcast::Receiver<(ChannelName, String)> {
        self.pipeline.outgoing.subscribe()
    }

    fn secret(&self) -> String {
        self.pipeline.clock.secret()
    }

    async fn examples(&self, language: Language) -> Result<Vec<String>, DoorError> {
        let Pipeline { pool, shops, store_id, .. } = &*self.pipeline;
        let mut connection = pool.acquire().await?;
        let fingerprint = store::catalog::fingerprint(&mut connection, store_id).await?;
        let shop = shops.get(&mut connection, store_id, fingerprint).await;
        let shop = shop.map_err(|error| DoorError(error.to_string()))?;
        Ok(examples(&shop.catalog, &shop.index, language))
    }

    async fn owner_code(&self) -> Result<Option<String>, DoorError> {
        if !self.demo || store::accounts::is_any_active(&mut *self.pipeline.pool.acquire().await?).await? {
            return Ok(None);
        }
        owner_code(&self.pipeline).await.map(Some)
    }
}

/// A row as a line. What cannot be read any more is shown as nothing said, so that the place still counts.
fn line(row: Row) -> Line {
    let said = match row.side {
        Side::In => match serde_json::from_value(row.payload) {
            Ok(Work::Inbound { inbound }) => {
                Said::Person { id: inbound.external_id, content: inbound.content, label: row.label }
            }
            _ => Said::Nothing,
        },
        Side::Out => serde_json::from_value(row.payload).map_or(Said::Nothing, Said::Shop),
    };
    Line { side: row.side, id: row.id, at: row.at, said }
}
