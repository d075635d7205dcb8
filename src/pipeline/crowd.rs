//! Many people in one body: a platform may bring a thousand messages at once and wants its answer soon. What takes time is
//! neither the reading nor the writing but one round trip and one commit after the other, so a crowd shares them.
//!
//! The rules are those of `accept` and `identity`. What is not plain (a name that somebody else had, two chats that turn out to
//! be one, a customer who is known from elsewhere) is left to them, one chat after the other.

use std::collections::HashMap;

use crate::dialogue::conversation::Conversation;
use crate::domain::customer::Language;
use crate::domain::ids::{ConversationId, CustomerId, StoreId};
use crate::domain::message::{ChannelEvent, ChannelName, Content, Inbound};
use crate::store::crowd::{self, Lead, NewChat, Recognised};
use crate::store::{self, prompts};

use super::accept::{Accepted, Prepared};
use super::{Pipeline, PipelineError};

/// Chats that share a transaction. Each holds a lock for every name that it has, of which a database has some thousands.
const CHATS: usize = 100;
/// Messages that share a transaction.
const MESSAGES: usize = 250;

/// What came in one body.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// Messages of one account in each, every inner list those of one chat, in order.
    pub crowds: Vec<Vec<Vec<Inbound>>>,
    /// Events that are stored one after the other, those of one chat in each.
    pub apart: Vec<Vec<ChannelEvent>>,
}

/// Puts lanes of events into crowds, as far as they are messages of chats that tell the same names every time.
pub(super) fn sorted(lanes: Vec<Vec<ChannelEvent>>) -> Sorted {
    let mut sorted = Sorted::default();
    let is_alone = lanes.len() == 1 && lanes[0].len() == 1;
    // The crowd of each account that is not full yet, by its place.
    let mut open: HashMap<String, usize> = HashMap::new();
    for lane in lanes {
        let messages = match messages(&lane) {
            Some(messages) if !is_alone && messages.len() <= MESSAGES => messages,
            _ => {
                sorted.apart.push(lane);
                continue;
            }
        };
        let account = messages.first().map(|first| first.account.clone()).unwrap_or_default();
        let fits = |crowd: &Vec<Vec<Inbound>>| {
            let count: usize = crowd.iter().map(Vec::len).sum();
            crowd.len() < CHATS && count + messages.len() <= MESSAGES
        };
        match open.get(&account).filter(|place| fits(&sorted.crowds[**place])) {
            Some(place) => sorted.crowds[*place].push(messages),
            None => {
                open.insert(account, sorted.crowds.len());
                sorted.crowds.push(vec![messages]);
            }
        }
    }
    sorted
}

/// The messages of a lane, when it has nothing else and they tell the same of their chat.
fn messages(lane: &[ChannelEvent]) -> Option<Vec<Inbound>> {
    let said = lane.iter().map(|event| match event {
        // What was said in a group has rules of its own.
        ChannelEvent::Said(inbound) if !inbound.is_in_group => Some(inbound.clone()),
        _ => None,
    });
    let said: Vec<Inbound> = said.collect::<Option<_>>()?;
    let first = said.first()?;
    let same = |one: &Inbound| {
        (&one.account, &one.from, &one.aliases) == (&first.account, &first.from, &first.aliases)
    };
    said.iter().all(same).then_some(said)
}

/// Where the messages of a chat go.
enum Place {
    Known {
        conversation: ConversationId,
        customer: CustomerId,
        is_handed: bool,
    },
    /// To be stored by itself.
    Apart,
}

impl Pipeline {
    /// Stores a crowd, in one transaction, and lets its platform know that it was heard. Returns the chats that have to be
    /// stored by themselves; all of them where the database would not take them together.
    ///
    /// # Errors
    /// [`PipelineError::Killed`] when a test killed the process.
    pub(super) async fn accept_crowd(
        &self,
        channel: &ChannelName,
        crowd: Vec<Vec<Inbound>>,
    ) -> Result<Vec<Vec<Inbound>>, PipelineError> {
        let account = crowd.iter().flatten().next().map(|first| first.account.clone()).unwrap_or_default();
        let Some(store) = self.store_of(channel, &account) else { return Ok(Vec::new()) };
        self.faults.pass("accept.before_commit")?;
        let stored = match self.store_crowd(&store, channel, &account, &crowd).await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::debug!(%channel, %error, "messages could not be stored together");
                return Ok(crowd);
            }
        };
        self.faults.pass("accept.after_commit")?;
        let mut apart = Vec::new();
        for (inbounds, accepted) in crowd.into_iter().zip(stored) {
            let Some(accepted) = accepted else {
                apart.push(inbounds);
                continue;
            };
            if let Some(new) = accepted.iter().find(|accepted| accepted.inbox_id.is_some()) {
                self.schedule.wake(&new.conversation);
            }
            self.attend_to(channel, inbounds.into_iter().zip(accepted));
        }
        Ok(apart)
    }

    /// What became of the messages of each chat; nothing for a chat that has to be stored by itself.
    async fn store_crowd(
        &self,
        store: &StoreId,
        channel: &ChannelName,
        account: &str,
        crowd: &[Vec<Inbound>],
    ) -> Result<Vec<Option<Vec<Accepted>>>, PipelineError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let labels = labels(&mut transaction, crowd).await?;
        let prepared: Vec<Vec<Prepared>> = crowd
            .iter()
            .map(|lane| lane.iter().map(|one| self.prepared(one.clone(), label(&labels, one))).collect())
            .collect();
        let places = self.places(&mut transaction, store, channel, crowd).await?;
        let messages: Vec<Vec<_>> =
            prepared.iter().map(|lane| lane.iter().map(|one| one.message(store, self)).collect()).collect();
        let mut told = Vec::new();
        for (place, lane) in places.iter().zip(&messages) {
            let Place::Known { conversation, customer, .. } = place else { continue };
            told.extend(lane.iter().map(|message| crowd::Message { conversation, customer, message }));
        }
        let ids = crowd::insert(&mut transaction, store, channel, account, &told, now).await?;
        transaction.commit().await?;
        let stored = places.into_iter().zip(&messages).map(|(place, lane)| {
            let Place::Known { conversation, is_handed, .. } = place else { return None };
            let accepted = |key: &str| Accepted {
                conversation: conversation.clone(),
                inbox_id: ids.get(key).copied(),
                is_handed,
            };
            Some(lane.iter().map(|message| accepted(message.external_id)).collect())
        });
        Ok(stored.collect())
    }

    /// Finds the conversation of each chat, and makes those that are new.
    async fn places(
        &self,
        transaction: &mut sqlx::PgConnection,
        store: &StoreId,
        channel: &ChannelName,
        crowd: &[Vec<Inbound>],
    ) -> Result<Vec<Place>, PipelineError> {
        let now = self.clock.now();
        let firsts: Vec<&Inbound> = crowd.iter().filter_map(|lane| lane.first()).collect();
        let names: Vec<String> = firsts
            .iter()
            .flat_map(|first| [&first.from.chat].into_iter().chain(&first.aliases))
            .cloned()
            .collect();
        crowd::lock_names(transaction, store, channel, &names).await?;
        let mut leads: HashMap<String, Vec<Lead>> = HashMap::new();
        for lead in crowd::leads(transaction, store, channel, &names).await? {
            leads.entry(lead.name.clone()).or_default().push(lead);
        }
        let is_new = |first: &Inbound| names_of(first).all(|name| !leads.contains_key(name));
        let new: Vec<String> =
            firsts.iter().filter(|first| is_new(first)).map(|first| first.from.chat.clone()).collect();
        let has_customer = match new.is_empty() {
            true => Vec::new(),
            false => crowd::with_customers(transaction, store, channel, &new).await?,
        };
        let shops = match new.is_empty() {
            true => None,
            false => store::stores::load(transaction, store).await?.map(|store| store.language),
        };
        let (mut places, mut strangers, mut recognised) = (Vec::new(), Vec::new(), Vec::new());
        for first in firsts {
            let person_id = self.person_id(channel, &first.from.chat, &first.aliases);
            if is_new(first) {
                if has_customer.contains(&first.from.chat) {
                    places.push(Place::Apart);
                    continue;
                }
                let new = self.new_chat(first, person_id, shops);
                let (conversation, customer) = (new.conversation.clone(), new.customer.clone());
                strangers.push(new);
                places.push(Place::Known { conversation, customer, is_handed: false });
                continue;
            }
            let Some(lead) = only_lead(first, &leads, person_id) else {
                places.push(Place::Apart);
                continue;
            };
            let aliases: Vec<String> =
                names_of(first).filter(|name| !leads.contains_key(*name)).map(str::to_owned).collect();
            if !aliases.is_empty() || (lead.person_id.is_none() && person_id.is_some()) {
                recognised.push(Recognised {
                    conversation: lead.conversation.clone(),
                    aliases,
                    person_id: person_id.map(str::to_owned),
                });
            }
            places.push(Place::Known {
                conversation: lead.conversation.clone(),
                customer: lead.customer.clone(),
                is_handed: lead.handed_until.is_some_and(|until| until > now),
            });
        }
        if !strangers.is_empty()
            && crowd::meet(transaction, store, channel, &strangers, now).await? < strangers.len()
        {
            // Somebody has made one of them without holding its name.
            return Err(sqlx::Error::RowNotFound.into());
        }
        if !recognised.is_empty() {
            crowd::recognise(transaction, store, channel, &recognised).await?;
        }
        Ok(places)
    }

    /// A chat that writes for the first time, as `Pipeline::meet` makes it.
    fn new_chat(&self, first: &Inbound, person_id: Option<&str>, shops: Option<Language>) -> NewChat {
        let first = super::accept::readable(first.clone());
        let hint = first.language_hint.as_deref().and_then(Language::parse);
        let language = hint.or(shops).unwrap_or(Language::Id);
        let mut aliases = first.aliases;
        aliases.retain(|alias| *alias != first.from.chat);
        NewChat {
            conversation: self.clock.id().into(),
            customer: self.clock.id().into(),
            chat: first.from.chat,
            aliases,
            person_id: person_id.map(str::to_owned),
            name: first.sender_name.unwrap_or_default(),
            phone: first.sender_phone.unwrap_or_default(),
            state: Conversation { language, ..Conversation::default() },
        }
    }
}

fn names_of(inbound: &Inbound) -> impl Iterator<Item = &str> {
    std::iter::once(inbound.from.chat.as_str()).chain(inbound.aliases.iter().map(String::as_str))
}

/// The conversation of a chat whose names lead to one and no other, and not to somebody who had one of them before.
fn only_lead<'a>(
    inbound: &Inbound,
    leads: &'a HashMap<String, Vec<Lead>>,
    person_id: Option<&str>,
) -> Option<&'a Lead> {
    let mut found = names_of(inbound).filter_map(|name| leads.get(name)).flatten();
    let lead = found.next()?;
    if found.any(|other| other.conversation != lead.conversation) {
        return None;
    }
    let is_called = leads.contains_key(&inbound.from.chat);
    let is_other = matches!((&lead.person_id, person_id), (Some(theirs), Some(own)) if theirs != own);
    (is_called || !is_other).then_some(lead)
}

type Labels = HashMap<String, Vec<crate::dialogue::conversation::PromptChoice>>;

/// The choices of the buttons that are pressed, by their tokens.
async fn labels(
    connection: &mut sqlx::PgConnection,
    crowd: &[Vec<Inbound>],
) -> Result<Labels, PipelineError> {
    let tokens: Vec<String> = crowd
        .iter()
        .flatten()
        .filter_map(|inbound| match &inbound.content {
            Content::Press { data } => prompts::parse(data).map(|(token, _)| token.replace('\0', "")),
            _ => None,
        })
        .collect();
    if tokens.is_empty() {
        return Ok(Labels::new());
    }
    Ok(crowd::choices(connection, &tokens).await?)
}

/// What stands on the button that a message presses.
fn label(labels: &Labels, inbound: &Inbound) -> Option<String> {
    let Content::Press { data } = &inbound.content else { return None };
    let (token, index) = prompts::parse(data)?;
    labels.get(token)?.get(index).map(|choice| choice.label.clone())
}
