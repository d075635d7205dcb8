//! A person's data on its way out: the file that they are given, and chats of people who were forgotten. What is still told
//! there is told to nobody, and who writes again begins anew.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::Turned;
use crate::dialogue::world::Store;
use crate::domain::customer::Language;
use crate::domain::ids::ConversationId;
use crate::domain::message::{Document, DocumentContent, Outbound};
use crate::i18n::Locales;
use crate::pipeline::work::Work;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store;
use crate::store::conversations::Loaded;
use crate::store::inbox::Pending;
use crate::store::outbox::Route;
use crate::store::privacy::Person;

/// The reply that a person's file goes with.
const FILE: &str = "mydata-file";

/// Whether the person of a chat was forgotten.
pub(super) fn is_gone(loaded: &Loaded) -> bool {
    Person::is_gone(&loaded.address.chat)
}

/// What stands in the shop's chats where a person was named who was forgotten.
pub(super) fn placeholder(locales: &Locales, store: &Store) -> String {
    locales.text("person-forgotten", &BTreeMap::new(), store.language, &store.zone)
}

/// Puts the file with everything that is known of the person to the message that speaks of it.
pub(super) fn attach_file(
    messages: &mut [Outbound],
    conversation: &ConversationId,
    locales: &Locales,
    store: &Store,
    language: Language,
) {
    let speaks_of_it = |message: &&mut Outbound| message.replies.iter().any(|reply| reply.key == FILE);
    if let Some(message) = messages.iter_mut().find(speaks_of_it) {
        let name = locales.text("mydata-file-name", &BTreeMap::new(), language, &store.zone);
        let content = DocumentContent::Person { conversation: conversation.clone() };
        message.document = Some(Document { name, content });
    }
}

impl Pipeline {
    /// Hands a message that had been stored for a chat before its person was forgotten to the chat that they begin anew.
    /// Nothing for a row that is no message of a person.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub(super) async fn begin_anew(
        &self,
        connection: &mut PgConnection,
        loaded: &Loaded,
        pending: &Pending,
    ) -> Result<Option<Turned>, PipelineError> {
        let Ok(Work::Inbound { inbound }) = serde_json::from_value::<Work>(pending.payload.clone()) else {
            return Ok(None);
        };
        let fresh = self.meet(&loaded.store, &inbound).await?;
        store::privacy::hand_over(connection, pending.id, fresh.as_str(), &inbound.external_id).await?;
        self.schedule.wake(&fresh);
        Ok(Some(Turned::Handled {
            route: Route {
                conversation: fresh,
                to: inbound.from,
                account: inbound.account,
                thread: None,
                last_inbound_at: None,
            },
            send: Vec::new(),
            calls: false,
            more: loaded.more_pending,
            trace: Vec::new(),
        }))
    }

    /// Wipes the last words to people who were forgotten, once they have been sent or shown for long enough.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub(in crate::pipeline) async fn wipe_farewells(&self) -> Result<(), PipelineError> {
        let mut connection = self.pool.acquire().await?;
        store::privacy::wipe(&mut connection, self.clock.now()).await?;
        Ok(())
    }
}
