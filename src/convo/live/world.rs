//! What a script can do to the real line of data.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};

use super::person::Person;
use super::{Live, broken, check, files};
use crate::channels::web;
use crate::convo::script::{Fact, Fault, PayKind};
use crate::convo::world::{Delivered, Money, World, WorldError};
use crate::dialogue::understand::{CatalogIndex, Expectation, explain};
use crate::domain::customer::Language;
use crate::domain::message::{Address, Content, FileRef};
use crate::domain::money::Rupiah;
use crate::http::chat::{Door as _, PipelineDoor};
use crate::pipeline::accept::AcceptError;
use crate::store;

/// Moments that one advance of the clock may stop at.
const MAX_STOPS: usize = 10_000;
/// What a payment that is too small or too large differs by, in rupiah.
const OFF_BY: i64 = 1_000;

#[async_trait]
impl World for Live {
    async fn say(&mut self, actor: &str, text: &str) -> Result<(), WorldError> {
        self.deliver(actor, Content::Text { text: text.to_owned() }).await
    }

    async fn press(&mut self, actor: &str, data: &str) -> Result<(), WorldError> {
        self.deliver(actor, Content::Press { data: data.to_owned() }).await
    }

    async fn send(&mut self, actor: &str, mut content: Content) -> Result<(), WorldError> {
        if let Content::Media { file: slot @ Some(_), .. } = &mut content
            && let Some(file) = slot.clone()
        {
            let drawn = files::drawn(&file.id)
                .ok_or_else(|| WorldError::new(format!("nothing can be drawn for `{}`", file.id)))?;
            let Address { channel, chat } = self.person(actor)?.address.clone();
            if let Some(far) = self.fars.get(channel.as_str()) {
                *slot = Some(far.keep(&drawn.mime, drawn.bytes));
            } else if channel.as_str() == web::NAME {
                // The page sends a file ahead of the message that names it.
                let door = PipelineDoor::new(Arc::clone(&self.pipeline), false);
                let id = door.upload(&chat, &drawn.mime, drawn.bytes, false).await.map_err(broken)?;
                let id = id.ok_or_else(|| WorldError::new("the page has no room for another file"))?;
                *slot = Some(FileRef { id, mime: None, size_bytes: None });
            }
        }
        self.deliver(actor, content).await
    }

    async fn again(&mut self, actor: &str) -> Result<(), WorldError> {
        let last = self.person(actor)?.last.clone();
        let last =
            last.ok_or_else(|| WorldError::new(format!("`{actor}` has sent nothing that could come again")))?;
        self.arrive(actor, last).await
    }

    async fn pay(&mut self, money: &Money) -> Result<(), WorldError> {
        let known = money.id.as_ref().and_then(|id| self.notices.get(id)).cloned();
        if let Some(requests) = known {
            for request in requests {
                self.notify(request).await?;
            }
            return Ok(());
        }
        let mut connection = self.process.pool.acquire().await.map_err(broken)?;
        let orders = store::facts::orders(&mut connection, &self.process.store).await.map_err(broken)?;
        drop(connection);
        let order = orders.into_iter().find(|order| order.number == money.order);
        let order = order.ok_or_else(|| WorldError::new(format!("there is no order `{}`", money.order)))?;
        let reference =
            order.reference.ok_or_else(|| WorldError::new("no payment has been asked for this order yet"))?;
        let due = order.total;
        let amount = money.amount.unwrap_or(match money.kind {
            PayKind::Short => due - OFF_BY,
            PayKind::Over => due + OFF_BY,
            PayKind::Paid | PayKind::Late | PayKind::Lost | PayKind::Forged => due,
        });
        let amount = Rupiah::try_from(amount).map_err(broken)?;
        if self.is_paid_by_printed_code() {
            return match money.kind {
                PayKind::Lost => Ok(()),
                PayKind::Forged => {
                    Err(WorldError::new("notices of a bank carry no mark that a script could forge"))
                }
                PayKind::Paid | PayKind::Short | PayKind::Over | PayKind::Late => {
                    self.state(amount, money.id.as_deref(), money.notice.as_deref()).await
                }
            };
        }
        if money.kind == PayKind::Forged {
            let request = self.till.forge(&reference, amount);
            return match self.pipeline.accept_notice(self.till.name(), request).await {
                Err(AcceptError::Unsigned) => Ok(()),
                Ok(()) => Err(WorldError::new("a notice with a wrong signature was accepted")),
                Err(error) => Err(broken(error)),
            };
        }
        self.till.set_now(self.process.clock.now());
        let requests = self.till.pay(&reference, amount).await?;
        if let Some(id) = &money.id {
            self.notices.insert(id.clone(), requests.clone());
        }
        if money.kind != PayKind::Lost {
            for request in requests {
                self.notify(request).await?;
            }
        }
        Ok(())
    }

    async fn advance(&mut self, by: Duration) -> Result<(), WorldError> {
        let until = self.process.clock.now() + by;
        for _ in 0..MAX_STOPS {
            self.drain().await?;
            let now = self.process.clock.now();
            let mut connection = self.process.pool.acquire().await.map_err(broken)?;
            let next = store::facts::next_due(&mut connection, now).await.map_err(broken)?;
            drop(connection);
            match next.filter(|next| *next <= until) {
                Some(next) => self.process.clock.advance(next - now),
                None => break,
            }
        }
        let left = until - self.process.clock.now();
        if left > Duration::zero() {
            self.process.clock.advance(left);
        }
        self.drain().await
    }

    async fn settle(&mut self) -> Result<(), WorldError> {
        self.drain().await
    }

    fn now(&self) -> DateTime<Utc> {
        self.process.clock.now()
    }

    fn take_messages(&mut self, actor: &str) -> Vec<Delivered> {
        match self.people.get(actor) {
            Some(person) => self.process.recorder.take(person.address.channel.as_str(), &person.address.chat),
            None => Vec::new(),
        }
    }

    async fn restart(&mut self) -> Result<(), WorldError> {
        self.reborn().await
    }

    async fn fault(&mut self, fault: &Fault) -> Result<(), WorldError> {
        match fault {
            Fault::Crash { point, times } => {
                if self.pipeline.faults.arm(point, *times) {
                    Ok(())
                } else {
                    Err(WorldError::new(format!("there is no point `{point}`")))
                }
            }
            Fault::Send { who, .. } | Fault::Drop { who, .. } => {
                let named = self.people.get(who).or_else(|| {
                    let is_at =
                        |person: &&Person| format!("{}:{}", person.actor.channel, person.actor.chat) == *who;
                    self.people.values().find(is_at)
                });
                let person = named.ok_or_else(|| {
                    WorldError::new(format!("`{who}` is no actor and no `channel:chat` of one"))
                })?;
                self.process.recorder.arm(
                    person.address.channel.as_str(),
                    &person.address.chat,
                    fault.clone(),
                );
                Ok(())
            }
        }
    }

    async fn complaints(&mut self) -> Vec<String> {
        let fars = self.fars.iter();
        fars.flat_map(|(name, far)| {
            far.recorded().into_iter().filter_map(move |request| {
                let refusal = request.refusal?;
                Some(format!("{name} refuses {} {}: {refusal}", request.method, request.path))
            })
        })
        .chain(self.till.complaints())
        .collect()
    }

    async fn broken_promises(&mut self) -> Vec<String> {
        let mut found = match crate::pipeline::verify::violations(&self.process.pool).await {
            Ok(broken) => broken.iter().map(ToString::to_string).collect(),
            Err(error) => vec![format!("the promises of the shop cannot be checked: {error}")],
        };
        if let Some(check) = &self.check {
            found.extend(check::objections(check, &self.process.pool).await);
        }
        found
    }

    async fn end(&mut self) {
        for far in self.fars.values() {
            far.stop().await;
        }
        if let Some(lent) = self.lent.take() {
            self.databases.give_back(lent).await;
        }
    }

    async fn fact(&mut self, fact: &Fact) -> Result<String, WorldError> {
        crate::convo::probe::fact(self, fact).await
    }

    async fn newest_order(&mut self, actor: &str) -> Result<Option<String>, WorldError> {
        let chat = self.conversation(actor).await?.map(|(id, _, _)| id);
        let mut connection = self.process.pool.acquire().await.map_err(broken)?;
        let orders = store::facts::orders(&mut connection, &self.process.store).await.map_err(broken)?;
        let own = orders.iter().rev().find(|order| order.chat.is_some() && order.chat == chat);
        Ok(own.or(orders.last()).map(|order| order.number.clone()))
    }

    async fn trace(&mut self, actor: &str) -> Vec<String> {
        let Ok(Some((conversation, _, _))) = self.conversation(actor).await else { return Vec::new() };
        self.traces.get(&conversation).cloned().unwrap_or_default()
    }

    async fn explain(&mut self, actor: &str, text: &str) -> Vec<String> {
        let Ok(mut connection) = self.process.pool.acquire().await else { return Vec::new() };
        let Ok(catalog) = store::catalog::load(&mut connection, &self.process.store).await else {
            return Vec::new();
        };
        let language = self.people.get(actor).and_then(|person| person.actor.language).unwrap_or_default();
        let index = CatalogIndex::new(&catalog);
        let heard = explain(text, language, &index, &catalog, &Expectation::None).understanding;
        let mut lines = vec![format!("intent {:?}", heard.intent)];
        lines.extend(
            heard.items.iter().map(|item| format!("item {} x {} [{}]", item.quantity, item.name, item.score)),
        );
        lines.extend(heard.ambiguous.iter().map(|item| format!("which {} x {:?}", item.quantity, item.text)));
        lines.extend(heard.unknown.iter().map(|text| format!("unknown {text:?}")));
        lines.extend(heard.evidence.iter().map(|reason| format!("because {reason}")));
        lines
    }

    fn translate(&self, label: &str, from: Language, to: Language) -> Option<String> {
        let zone = chrono_tz::UTC;
        let none = std::collections::BTreeMap::new();
        let key = self.process.shipped.locales.keys(from).find(|key| {
            let facts = self.process.shipped.locales.facts(from, key);
            facts.is_some_and(|facts| facts.variables.is_empty())
                && self.process.shipped.locales.text(key, &none, from, &zone).to_lowercase()
                    == label.to_lowercase()
        })?;
        Some(self.process.shipped.locales.text(key, &none, to, &zone))
    }
}
