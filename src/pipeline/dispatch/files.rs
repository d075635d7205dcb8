//! The pictures and documents of a message, with the ids under which a platform keeps them.

use crate::channels::Image;
use crate::domain::message::{Document, DocumentContent, Outbound, Picture};
use crate::edge::ink;
use crate::payments::qris;
use crate::pipeline::{Pipeline, PipelineError, reading};
use crate::store::media::Media;
use crate::store::outbox::Route;
use crate::store::{self, attachments, deliveries};

impl Pipeline {
    /// The bytes of a picture with their hash, and the platform's own id of it where the account has uploaded it before.
    /// Nothing where it cannot be had: the words go without it.
    async fn image(
        &self,
        picture: &Picture,
        route: &Route,
    ) -> Result<Option<(String, Image)>, PipelineError> {
        let mut connection = self.pool.acquire().await?;
        let found = match picture {
            Picture::Stored { path } => match store::media::hash_of(path) {
                Some(hash) => store::media::find(&mut connection, hash).await?,
                None => None,
            },
            Picture::Paper { text } => ink::paper(text)
                .inspect_err(|error| tracing::error!(%error, "words cannot be drawn"))
                .ok()
                .map(|bytes| Media { mime: "image/png".to_owned(), bytes }),
            Picture::Kept { id } => {
                let bytes = attachments::bytes(&mut connection, &route.conversation, id).await?;
                reading::for_sending(bytes).await
            }
            Picture::Qris { payload, title, amount } => qris::png(payload, title, amount)
                .inspect_err(|error| tracing::error!(%error, "a QRIS code cannot be drawn"))
                .ok()
                .map(|bytes| Media { mime: "image/png".to_owned(), bytes }),
        };
        let Some(file) = found else { return Ok(None) };
        let hash = store::media::hash(&file.bytes);
        self.with_upload(&mut connection, route, hash, file).await.map(Some)
    }

    /// The bytes of a document; nothing where they are not kept (any more).
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub async fn document(&self, document: &Document) -> Result<Option<Media>, PipelineError> {
        let mut connection = self.pool.acquire().await?;
        Ok(match &document.content {
            DocumentContent::Stored { path } => match store::media::hash_of(path) {
                Some(hash) => store::media::find(&mut connection, hash).await?,
                None => None,
            },
            DocumentContent::Attachment { id } => attachments::find(&mut connection, id).await?,
            DocumentContent::Person { conversation } => {
                let now = self.clock.now();
                let written = store::privacy::file_of(&mut connection, conversation, now).await?;
                // As a text, because platforms take no documents of any other kind that people can open.
                written.map(|bytes| Media { mime: "text/plain".to_owned(), bytes })
            }
        })
    }

    /// What a channel that uploads files needs for a message: its document, else its picture, with the name under which
    /// the platform's id of it is remembered.
    pub(super) async fn file(
        &self,
        message: &Outbound,
        route: &Route,
    ) -> Result<Option<(String, Image)>, PipelineError> {
        let Some(document) = &message.document else {
            return match &message.image {
                Some(picture) => self.image(picture, route).await,
                None => Ok(None),
            };
        };
        let Some(file) = self.document(document).await? else { return Ok(None) };
        if matches!(document.content, DocumentContent::Person { .. }) {
            // Nothing of it is remembered.
            let Media { mime, bytes } = file;
            return Ok(Some((String::new(), Image { mime, bytes, uploaded_id: None })));
        }
        // Platforms tell pictures and documents apart by their ids, so the same bytes are remembered as each.
        let hash = format!("document:{}", store::media::hash(&file.bytes));
        let mut connection = self.pool.acquire().await?;
        self.with_upload(&mut connection, route, hash, file).await.map(Some)
    }

    async fn with_upload(
        &self,
        connection: &mut sqlx::PgConnection,
        route: &Route,
        hash: String,
        file: Media,
    ) -> Result<(String, Image), PipelineError> {
        let (channel, now) = (&route.to.channel, self.clock.now());
        let uploaded_id = deliveries::uploaded(connection, channel, &route.account, &hash, now).await?;
        Ok((hash, Image { mime: file.mime, bytes: file.bytes, uploaded_id }))
    }
}
