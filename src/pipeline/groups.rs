//! Where others read along. What is personal (an order, an address, the shop's own matters) belongs into a chat of two: who speaks
//! to the shop in a group is shown the way there where the platform can show it, and nothing of it reaches the dialogue. A code
//! that was written where others read it is void, whoever it belongs to.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

use super::{Pipeline, PipelineError};
use crate::channels::Pointer;
use crate::domain::customer::Language;
use crate::domain::ids::StoreId;
use crate::domain::message::{Address, ChannelName, Content, Inbound};
use crate::store;

/// Seconds before the same group is shown the way again.
const AGAIN_SECONDS: i64 = 60;
/// Groups that are remembered; beyond them those that were shown the way longest ago are forgotten.
const MAX_GROUPS: usize = 10_000;
/// The fewest letters and digits of a code, and how many words of a text are looked at.
const MIN_CODE_CHARS: usize = 8;
const MAX_WORDS: usize = 60;
/// Words that a code may be written in: its groups, with blanks between them.
const MAX_GROUPS_OF_CODE: usize = 4;

/// When groups were shown the way last.
#[derive(Debug, Default)]
pub(super) struct Pointed(Mutex<HashMap<Address, DateTime<Utc>>>);

impl Pointed {
    /// Whether a group may be shown the way now; notes that it was.
    fn may(&self, group: &Address, now: DateTime<Utc>) -> bool {
        let again = now - Duration::seconds(AGAIN_SECONDS);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.get(group).is_some_and(|at| *at > again) {
            return false;
        }
        if last.len() >= MAX_GROUPS {
            last.retain(|_, at| *at > again);
        }
        last.len() < MAX_GROUPS && {
            last.insert(group.clone(), now);
            true
        }
    }
}

impl Pipeline {
    /// What becomes of words that others read too. Returns whether that is all: the person was shown the way to a chat of two.
    pub(super) async fn overheard(
        &self,
        channel: &ChannelName,
        store: &StoreId,
        inbound: &Inbound,
    ) -> Result<bool, PipelineError> {
        let had_code = match &inbound.content {
            Content::Text { text } | Content::Edited { text } => self.void_codes(store, text).await?,
            _ => false,
        };
        let Some(adapter) = self.channels.get(channel).filter(|it| it.abilities().point.is_some()) else {
            return Ok(false);
        };
        // Whoever pressed a button waits for a word; to the others one is enough for all who read along.
        if !inbound.waits()
            && (inbound.content == Content::Silent || !self.pointed.may(&inbound.from, self.clock.now()))
        {
            return Ok(true);
        }
        let pointer = self.pointer(store, inbound, had_code).await?;
        let Ok(permit) = Arc::clone(&self.acknowledgements).try_acquire_owned() else { return Ok(true) };
        let Inbound { account, from, thread, .. } = inbound.clone();
        tokio::spawn(async move {
            if let Some(point) = adapter.abilities().point {
                point.point(&account, &from, &thread.unwrap_or_default(), &pointer).await;
            }
            drop(permit);
        });
        Ok(true)
    }

    /// Voids the codes in a text. Returns whether there was one.
    async fn void_codes(&self, store: &StoreId, text: &str) -> Result<bool, PipelineError> {
        let runs = runs(text);
        if runs.is_empty() {
            return Ok(false);
        }
        let mut connection = self.pool.acquire().await?;
        Ok(store::codes::void(&mut connection, store, &runs, self.clock.now()).await? > 0)
    }

    async fn pointer(
        &self,
        store: &StoreId,
        inbound: &Inbound,
        had_code: bool,
    ) -> Result<Pointer, PipelineError> {
        let mut connection = self.pool.acquire().await?;
        let shop = store::stores::load(&mut connection, store).await?;
        let shop = shop.ok_or_else(|| PipelineError::NoStore(store.clone()))?;
        let hint = inbound.language_hint.as_deref().and_then(Language::parse);
        let language = hint.unwrap_or(shop.language);
        let words = |key: &str| self.locales.text(key, &BTreeMap::new(), language, &shop.zone);
        let key = if had_code { "global-group-code" } else { "global-group" };
        Ok(Pointer { text: words(key), label: words("btn-private-chat") })
    }
}

/// Whatever in a text may be a code, in one word or in several.
fn runs(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().take(MAX_WORDS).collect();
    let runs = (1..=MAX_GROUPS_OF_CODE).flat_map(|count| words.windows(count).map(|run| run.concat()));
    runs.filter(|run| run.chars().filter(char::is_ascii_alphanumeric).count() >= MIN_CODE_CHARS).collect()
}
