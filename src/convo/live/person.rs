//! Actors as the shop meets them: their addresses, and what their channels post.

use sha2::{Digest, Sha256};

use crate::channels::posted::{Media, Place, Posted};
use crate::channels::{console, web};
use crate::convo::script::Actor;
use crate::domain::message::{Address, Content, Inbound};
use crate::edge::webhook::WebhookRequest;
use crate::fakes::{self, Platform};

/// An actor with the address that the shop knows them under.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) actor: Actor,
    pub(super) address: Address,
    pub(super) session: Option<web::Session>,
    /// The last event, to be delivered again.
    pub(super) last: Option<Last>,
    pub(super) last_words: Option<String>,
}

/// What last came from an actor.
#[derive(Debug, Clone)]
pub(super) enum Last {
    /// From an own client.
    Inbound(Box<Inbound>),
    /// From a platform.
    Request(WebhookRequest),
}

impl Person {
    /// The person as a fake of their platform knows them. A platform that has no names to give shows a dot.
    pub(super) fn at_platform(&self) -> fakes::Person {
        fakes::Person {
            chat: self.address.chat.clone(),
            name: Some(self.actor.display.clone().unwrap_or_else(|| ".".to_owned())),
            phone: self.actor.phone.clone(),
            language: self.actor.language.map(|language| language.code().to_owned()),
        }
    }

    /// Somebody on a channel, which may be a platform.
    pub(super) fn of(actor: &Actor, platform: Option<&dyn Platform>) -> Self {
        let session = (actor.channel == web::NAME)
            .then(|| {
                // A browser's secret has 32 digits; one that follows from the name is the same at every run.
                let digest = hex::encode(Sha256::digest(actor.chat.as_bytes()));
                web::Session::parse(&digest[..32])
            })
            .flatten();
        let chat = match (&session, platform) {
            (Some(session), _) => session.chat(),
            (None, Some(platform)) => platform.chat_of(&actor.chat, actor.phone.as_deref()),
            (None, None) if actor.channel == console::NAME => console::chat_of(&actor.chat),
            (None, None) => actor.chat.clone(),
        };
        let address = Address { channel: actor.channel.as_str().into(), chat };
        Self { actor: actor.clone(), address, session, last: None, last_words: None }
    }
}

/// What an own client posts for an event.
pub(super) fn posted(id: &str, content: &Content, person: &Person) -> Posted {
    let mut posted = Posted {
        id: id.to_owned(),
        name: person.actor.display.clone(),
        lang: person.actor.language.map(|language| language.code().to_owned()),
        ..Posted::default()
    };
    match content {
        Content::Text { text } => posted.text = Some(text.clone()),
        Content::Press { data } => posted.press = Some(data.clone()),
        Content::Location { latitude, longitude, name } => {
            posted.location = Some(Place {
                latitude: latitude.as_str().into(),
                longitude: longitude.as_str().into(),
                name: name.clone(),
            });
        }
        Content::Media { media, caption, file } => {
            // The page has sent the file ahead; the terminal cannot.
            let upload = file.as_ref().filter(|_| person.session.is_some()).map(|file| file.id.clone());
            posted.media = Some(Media { kind: *media, caption: caption.clone(), upload });
        }
        // No own client sends these; a script writes them for the platforms that have them.
        Content::Order { .. }
        | Content::Phone { .. }
        | Content::Edited { .. }
        | Content::Silent
        | Content::Unknown => {}
    }
    posted
}
