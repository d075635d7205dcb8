//! Actors as the shop meets them: their addresses, and what their channels post.

use sha2::{Digest, Sha256};

use crate::channels::posted::{Media, Place, Posted};
use crate::channels::{console, web};
use crate::convo::script::Actor;
use crate::domain::message::{Address, Content, Inbound};

/// An actor with the address that the shop knows them under.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) actor: Actor,
    pub(super) address: Address,
    pub(super) session: Option<web::Session>,
    /// The last event, to be delivered again.
    pub(super) last: Option<Inbound>,
    pub(super) last_words: Option<String>,
}

impl Person {
    pub(super) fn of(actor: &Actor) -> Self {
        let session = (actor.channel == web::NAME)
            .then(|| {
                // A browser's secret has 32 digits; one that follows from the name is the same at every run.
                let digest = hex::encode(Sha256::digest(actor.chat.as_bytes()));
                web::Session::parse(&digest[..32])
            })
            .flatten();
        let chat = match (&session, actor.channel.as_str()) {
            (Some(session), _) => session.chat(),
            (None, console::NAME) => console::chat_of(&actor.chat),
            (None, _) => actor.chat.clone(),
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
        Content::Media { media, caption, .. } => {
            posted.media = Some(Media { kind: *media, caption: caption.clone() });
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
