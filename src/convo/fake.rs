//! A world for the runner's own tests: answers are looked up in a table, facts are counted by hand.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};

use super::script::{Fact, Fault};
use super::world::{Delivered, Money, Setting, World, WorldError, Worlds};
use crate::domain::customer::Language;
use crate::domain::message::{Content, Outbound, OutboundChoice, ReplyTrace};

/// `words heard -> key arg=value [Button]`, one message each; several lines for one word are several messages.
#[derive(Debug, Clone, Default)]
pub struct FakeWorlds {
    /// What is heard and what is answered.
    pub table: Vec<(&'static str, &'static str)>,
}

/// One run.
pub struct Fake {
    table: Vec<(&'static str, &'static str)>,
    now: DateTime<Utc>,
    heard: Vec<(String, String)>,
    out: BTreeMap<String, Vec<Delivered>>,
    /// Messages that come later.
    later: Vec<(DateTime<Utc>, String, &'static str)>,
    last: BTreeMap<String, String>,
    paid: Vec<String>,
    stock: i64,
    trace: Vec<String>,
}

#[async_trait]
impl Worlds for FakeWorlds {
    async fn build(&self, setting: &Setting) -> Result<Box<dyn World>, WorldError> {
        Ok(Box::new(Fake {
            table: self.table.clone(),
            now: setting.clock,
            heard: Vec::new(),
            out: BTreeMap::new(),
            later: Vec::new(),
            last: BTreeMap::new(),
            paid: Vec::new(),
            stock: 10,
            trace: Vec::new(),
        }))
    }
}

/// Builds a message: `key arg=value arg=value [Button] [Button]`, its words being `words of <key>`.
pub fn message(line: &str) -> Outbound {
    let (head, buttons) = line.split_once('[').map_or((line, ""), |(head, rest)| (head, rest));
    let mut words = head.split_whitespace();
    let key = words.next().unwrap_or_default().to_owned();
    let args =
        words.filter_map(|word| word.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let labels = buttons.split(['[', ']']).map(str::trim).filter(|label| !label.is_empty());
    Outbound {
        text: format!("words of {key}\nsecond line"),
        choices: labels
            .map(|label| OutboundChoice { label: label.to_owned(), data: format!("press {label}") })
            .collect(),
        replies: vec![ReplyTrace { key, args, shown: BTreeMap::new() }],
        ..Outbound::default()
    }
}

#[async_trait]
impl World for Fake {
    async fn say(&mut self, actor: &str, text: &str) -> Result<(), WorldError> {
        self.last.insert(actor.to_owned(), text.to_owned());
        self.heard.push((actor.to_owned(), text.to_owned()));
        Ok(())
    }

    async fn press(&mut self, actor: &str, data: &str) -> Result<(), WorldError> {
        self.say(actor, data).await
    }

    async fn send(&mut self, actor: &str, content: Content) -> Result<(), WorldError> {
        let word = if matches!(content, Content::Location { .. }) { "location" } else { "media" };
        self.say(actor, word).await
    }

    async fn again(&mut self, actor: &str) -> Result<(), WorldError> {
        // A repeated event is known by its id and changes nothing.
        self.last.get(actor).map(drop).ok_or_else(|| WorldError::new("nothing was sent"))
    }

    async fn pay(&mut self, money: &Money) -> Result<(), WorldError> {
        let id = money.id.clone().unwrap_or_else(|| format!("own-{}", self.paid.len()));
        if !self.paid.contains(&id) {
            self.paid.push(id);
            self.stock -= 1;
            self.heard.push(("budi".to_owned(), "money".to_owned()));
        }
        Ok(())
    }

    async fn advance(&mut self, by: Duration) -> Result<(), WorldError> {
        self.now += by;
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), WorldError> {
        for (actor, text) in std::mem::take(&mut self.heard) {
            self.trace.push(format!("heard.{text}"));
            for (_, answer) in self.table.iter().filter(|(heard, _)| *heard == text) {
                if let Some(line) = answer.strip_prefix("+3s ") {
                    self.later.push((self.now + Duration::seconds(3), actor.clone(), line));
                    continue;
                }
                let (to, line) = answer
                    .strip_prefix('@')
                    .and_then(|rest| rest.split_once(' '))
                    .unwrap_or((&actor, answer));
                let delivered = Delivered { at: self.now, message: message(line) };
                self.out.entry(to.to_owned()).or_default().push(delivered);
            }
        }
        let now = self.now;
        for (at, actor, line) in self.later.extract_if(.., |(at, ..)| *at <= now) {
            self.out.entry(actor).or_default().push(Delivered { at, message: message(line) });
        }
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn take_messages(&mut self, actor: &str) -> Vec<Delivered> {
        self.out.remove(actor).unwrap_or_default()
    }

    async fn restart(&mut self) -> Result<(), WorldError> {
        Ok(())
    }

    async fn fault(&mut self, _fault: &Fault) -> Result<(), WorldError> {
        Ok(())
    }

    async fn end(&mut self) {}

    async fn fact(&mut self, fact: &Fact) -> Result<String, WorldError> {
        Ok(match fact {
            Fact::Stock(_) => self.stock.to_string(),
            Fact::Payments(_) => self.paid.len().to_string(),
            Fact::Cart(_) => "teh-hijau:2".to_owned(),
            Fact::Language(_) => "id".to_owned(),
            Fact::Outbox => "0".to_owned(),
            Fact::OrderStatus(order) if order.to_string() == "ORD-1" => "paid".to_owned(),
            _ => return Err(WorldError::new("not known here")),
        })
    }

    async fn newest_order(&mut self, _actor: &str) -> Result<Option<String>, WorldError> {
        Ok(Some("ORD-1".to_owned()))
    }

    async fn trace(&mut self, _actor: &str) -> Vec<String> {
        self.trace.clone()
    }

    async fn explain(&mut self, _actor: &str, text: &str) -> Vec<String> {
        vec![format!("intent of {text:?}")]
    }

    fn translate(&self, label: &str, _from: Language, to: Language) -> Option<String> {
        (label == "Bayar" && to == Language::En).then(|| "Pay".to_owned())
    }
}
