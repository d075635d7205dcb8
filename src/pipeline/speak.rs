//! From replies to messages: renders words, merges neighbours, and gives choices their tokens.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::clock::Clock;
use crate::dialogue::conversation::{Prompt, PromptChoice};
use crate::dialogue::reply::Say;
use crate::dialogue::value::Value;
use crate::domain::customer::Language;
use crate::domain::message::{Ask, Link, Outbound, OutboundChoice, Picture, ReplyTrace};
use crate::i18n::format;
use crate::i18n::{Locales, SHELF};
use crate::store::prompts;
use crate::store::turns::NewPrompt;

/// Messages ready to send, and the choices that they carry.
#[derive(Debug, Default)]
pub struct Spoken {
    /// The messages, in order.
    pub messages: Vec<Outbound>,
    /// The choices of each message that has any.
    pub prompts: Vec<NewPrompt>,
    /// The newest of them: what typed words and numbers choose from.
    pub open: Option<Prompt>,
}

impl Spoken {
    /// The first message takes the place of the pressed one when both show the same card.
    pub fn replace_pressed(&mut self, pressed: &str) {
        let shows_it = self.prompts.first().is_some_and(|prompt| prompt.card.as_deref() == Some(pressed));
        // Words of their own before the card are news, and news must not take anything's place.
        if let (true, [message]) = (shows_it, self.messages.as_mut_slice()) {
            message.replaces_pressed = !message.choices.is_empty();
        }
    }
}

/// Renders replies. Neighbours become one message where neither picture nor choices stand between them, because
/// platforms bound the number of messages and people read one bubble more gladly than three.
///
/// `shelf` names goods for the examples in texts; it is asked only when a text has one.
pub fn speak(
    says: &[Say],
    language: Language,
    zone: &Tz,
    locales: &Locales,
    clock: &Clock,
    shelf: &dyn Fn(Language) -> Vec<String>,
) -> Spoken {
    let mut spoken = Spoken::default();
    let mut open: Option<Outbound> = None;
    for say in says {
        let stocked = locales.reads_shelf(language, &say.key).then(|| with_examples(say, shelf(language)));
        let rendered = locales.render(stocked.as_ref().unwrap_or(say), language, zone);
        let image = picture(&say.image, language, &rendered.text);
        // Who sees the slip need not read it twice.
        let text = match &image {
            Some(Picture::Paper { text }) => text.lines().next().unwrap_or_default().to_owned(),
            _ => rendered.text,
        };
        let mut trace = ReplyTrace { key: say.key.clone(), args: raw(&say.args), shown: BTreeMap::new() };
        let mut message = match open.take() {
            Some(mut message) if image.is_none() => {
                message.text.push_str("\n\n");
                message.text.push_str(&text);
                message.replies.push(trace);
                message
            }
            before => {
                spoken.messages.extend(before);
                // A template stands for the first reply of a message.
                trace.shown = locales.shown(say, language, zone);
                trace.shown.retain(|name, text| trace.args.get(name) != Some(text));
                Outbound { text, image, replies: vec![trace], ..Outbound::default() }
            }
        };
        let form = say.ask.map(|kind| {
            let words = |part: &str| {
                let key = format!("ask-{}-{part}", kind.as_str());
                locales.text(&key, &BTreeMap::new(), language, zone)
            };
            Ask { kind, button: words("button"), title: words("title") }
        });
        message.ask = form.or(message.ask);
        message.link = say
            .link
            .as_ref()
            .zip(rendered.link_label)
            .map(|((_, url), label)| Link { label, url: url.clone() });
        if !say.choices.is_empty() {
            let token = clock.secret()[..16].to_owned();
            let choices: Vec<PromptChoice> = say
                .choices
                .iter()
                .zip(rendered.labels)
                .map(|(choice, label)| PromptChoice {
                    label,
                    action: choice.action.clone(),
                    class: choice.class,
                })
                .collect();
            message.choices = choices
                .iter()
                .enumerate()
                .map(|(index, choice)| OutboundChoice {
                    label: choice.label.clone(),
                    data: prompts::data(&token, index),
                })
                .collect();
            spoken.prompts.push(NewPrompt {
                token: token.clone(),
                choices: choices.clone(),
                card: say.card.clone(),
            });
            spoken.open = Some(Prompt { token, choices });
        }
        if message.choices.is_empty() && message.link.is_none() && message.image.is_none() {
            open = Some(message);
        } else {
            spoken.messages.push(message);
        }
    }
    spoken.messages.extend(open);
    for message in &mut spoken.messages {
        message.language = Some(language);
    }
    spoken
}

/// A reply with names off the shelf, as far as there are any.
fn with_examples(say: &Say, names: Vec<String>) -> Say {
    let mut say = say.clone();
    say.args.extend(SHELF.iter().zip(names).map(|(variable, name)| ((*variable).to_owned(), name.into())));
    say
}

fn picture(image: &Value, language: Language, words: &str) -> Option<Picture> {
    match image {
        Value::Paper => Some(Picture::Paper { text: words.to_owned() }),
        Value::Text(path) if !path.is_empty() => Some(Picture::of_path(path)),
        Value::Qris { payload, title, amount } => Some(Picture::Qris {
            payload: payload.clone(),
            title: title.clone(),
            amount: format::money(*amount, language),
        }),
        _ => None,
    }
}

fn raw(args: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
    args.iter().map(|(name, value)| (name.clone(), value.raw())).collect()
}
