//! What a script expects: answers, silence, and what holds in the store.

use chrono::Duration;

use super::matching;
use super::play::{Failure, MAX_WAITS, Player};
use super::script::{At, Expect, Fact, Invariant, Text, Want};
use super::world::WorldError;

impl Player<'_> {
    pub(super) async fn expect(&mut self, at: At, expect: &Expect) -> Result<(), Failure> {
        let who = self.who(expect.who.as_deref());
        let language = if expect.args.iter().any(|(name, _)| name == "lang") {
            let fact = Fact::Language(Some(who.clone()));
            self.world.fact(&fact).await.map_err(|error| Failure::bare(at, error.to_string()))?
        } else {
            String::new()
        };
        if let Some(after) = expect.after {
            self.wait(at, &who, expect, after, &language).await?;
        }
        let inbox = self.inboxes.entry(who.clone()).or_default();
        let agreeing: Vec<usize> = (inbox.batch..inbox.replies.len())
            .filter(|index| matching::agrees(expect, &inbox.replies[*index], &language, &self.variables))
            .collect();
        let anywhere = expect.anywhere || self.loose || expect.times.is_some() || expect.after.is_some();
        let mut found = if anywhere {
            agreeing.iter().copied().find(|index| !inbox.used[*index]).or(agreeing.first().copied())
        } else {
            inbox.next_unused().filter(|index| agreeing.contains(index))
        };
        if expect.key == matching::TO_RECORD && !self.plan.bless {
            return Err(Failure::bare(at, "this answer has not been recorded yet: run again with --bless"));
        }
        let count_is_wrong = expect.times.is_some_and(|times| times != agreeing.len());
        if self.plan.bless && at.file == 0 && expect.after.is_none() && (found.is_none() || count_is_wrong) {
            found = self.edits.expectation(self.script, at, &who, expect, inbox, (anywhere, agreeing.len()));
        } else if count_is_wrong || (found.is_none() && expect.times != Some(0)) {
            return Err(self.missing(at, &who, expect, agreeing.len()));
        }
        let Some(found) = found else { return Ok(()) };
        if expect.times.is_some() {
            agreeing.iter().for_each(|index| inbox.used[*index] = true);
        }
        inbox.used[found] = true;
        if !anywhere {
            inbox.next = found + 1;
        }
        self.recorded(at, &who, expect, found)?;
        self.bind(at, &who, expect, found).await
    }

    /// Lets virtual time pass until the message is there, which must not be before `after`.
    async fn wait(
        &mut self,
        at: At,
        who: &str,
        expect: &Expect,
        after: Duration,
        language: &str,
    ) -> Result<(), Failure> {
        for _ in 0..MAX_WAITS {
            let inbox = self.inboxes.entry(who.to_owned()).or_default();
            let found = (inbox.batch..inbox.replies.len())
                .find(|index| matching::agrees(expect, &inbox.replies[*index], language, &self.variables));
            if let Some(found) = found {
                let sent_at = inbox.messages[inbox.replies[found].message].at;
                if sent_at - self.batch_at >= after {
                    return Ok(());
                }
                let early = (sent_at - self.batch_at).num_seconds();
                return Err(Failure::bare(at, format!("`{}` came after {early} s already", expect.key)));
            }
            let broken = |error: WorldError| Failure::bare(at, error.to_string());
            self.world.advance(after.max(Duration::seconds(1))).await.map_err(broken)?;
            self.settle().await.map_err(broken)?;
        }
        Ok(())
    }

    fn missing(&self, at: At, who: &str, expect: &Expect, count: usize) -> Failure {
        let mut failure = Failure::bare(at, format!("`{who}` was not told so"));
        if let Some(times) = expect.times {
            failure.what = format!("`{who}` was told so {count} times instead of {times}");
        }
        let mut wanted = expect.key.clone();
        for (name, value) in &expect.args {
            let value = match value.as_variable() {
                Some(variable) if !self.variables.contains_key(variable) => format!("${variable}"),
                _ => matching::quoted(&value.fill(&self.variables)),
            };
            wanted.push_str(&format!(" {name}={value}"));
        }
        failure.expected = vec![wanted];
        if let Some(inbox) = self.inboxes.get(who) {
            let batch = inbox.replies.iter().zip(&inbox.used).skip(inbox.batch);
            failure.got = batch
                .map(|(reply, used)| {
                    let words = match reply.key.as_str() {
                        "" => format!(" “{}”", inbox.messages[reply.message].message.text),
                        _ => String::new(),
                    };
                    format!(
                        "{}{words}{}",
                        matching::shown(reply),
                        if *used { "   (expected above)" } else { "" }
                    )
                })
                .collect();
        }
        if failure.got.is_empty() {
            failure.got = vec!["(nothing was sent)".to_owned()];
        }
        failure
    }

    fn recorded(&mut self, at: At, who: &str, expect: &Expect, found: usize) -> Result<(), Failure> {
        let written = self.script.actor(who).and_then(|actor| actor.language);
        let spoken = self.plan.language.or(written).unwrap_or_default();
        let foreign = self.script.head.languages.is_empty()
            && self.plan.language.is_some_and(|language| language != written.unwrap_or_default());
        if foreign || expect.record.is_empty() {
            return Ok(());
        }
        let Some(inbox) = self.inboxes.get(who) else { return Ok(()) };
        let message = &inbox.messages[inbox.replies[found].message].message;
        let Some(diff) = matching::differs(&expect.record, spoken, message) else { return Ok(()) };
        if self.plan.bless && at.file == 0 {
            self.edits.record(self.script, expect, spoken, message);
            return Ok(());
        }
        let mut failure = Failure::bare(at, format!("`{who}` was told so in other words than recorded"));
        failure.diff = diff;
        Err(failure)
    }

    /// Gives variables their values.
    async fn bind(&mut self, at: At, who: &str, expect: &Expect, found: usize) -> Result<(), Failure> {
        let args = self.inboxes.get(who).map(|inbox| inbox.replies[found].args.clone()).unwrap_or_default();
        for (name, value) in &expect.args {
            if let (Some(variable), Some(got)) = (value.as_variable(), args.get(name)) {
                self.variables.entry(variable.to_owned()).or_insert_with(|| got.clone());
            }
        }
        let Some(variable) = &expect.bind else { return Ok(()) };
        let named =
            [variable.as_str(), "number", "order"].into_iter().find_map(|name| args.get(name)).cloned();
        let value = match named.filter(|value| !value.is_empty()) {
            Some(value) => Some(value),
            None => {
                let newest = self.world.newest_order(who).await;
                newest.map_err(|error| Failure::bare(at, error.to_string()))?
            }
        };
        let Some(value) = value else {
            return Err(Failure::bare(
                at,
                format!("the reply has no argument `{variable}`, and there is no order"),
            ));
        };
        self.variables.insert(variable.clone(), value);
        Ok(())
    }

    pub(super) fn silent(&self, at: At, who: Option<&str>) -> Result<(), Failure> {
        let said: Vec<String> = self
            .inboxes
            .iter()
            .filter(|(name, _)| who.is_none_or(|who| who == name.as_str()))
            .flat_map(|(name, inbox)| {
                inbox.unread().map(move |reply| format!("@{name} {}", matching::shown(reply)))
            })
            .collect();
        if said.is_empty() {
            return Ok(());
        }
        let mut failure = Failure::bare(at, "something more was sent");
        failure.expected = vec!["(nothing more)".to_owned()];
        failure.got = said;
        Err(failure)
    }

    pub(super) async fn invariant(&mut self, at: At, invariant: &Invariant) -> Result<(), Failure> {
        let fact = self.filled(&invariant.fact);
        let got = match &fact {
            // What has reached people is known here, not in the store.
            Fact::Messages(who) => {
                let who = self.who(who.as_deref());
                self.inboxes.get(&who).map_or(0, |inbox| inbox.messages.len()).to_string()
            }
            Fact::Notices => {
                let staff = self.script.head.actors.iter().filter(|actor| actor.owner);
                let inboxes = staff.filter_map(|actor| self.inboxes.get(&actor.name));
                inboxes.map(|inbox| inbox.messages.len()).sum::<usize>().to_string()
            }
            _ => self.world.fact(&fact).await.map_err(|error| Failure::bare(at, error.to_string()))?,
        };
        let want = match &invariant.want {
            Want::Is(text) => text.fill(&self.variables),
            Want::Changed(by) => {
                (self.baseline.get(&invariant.fact).copied().unwrap_or_default() + by).to_string()
            }
        };
        if got == want || (fact == Fact::Outbox && want == "empty" && got == "0") {
            return Ok(());
        }
        let mut failure = Failure::bare(at, "this does not hold in the store");
        failure.expected = vec![want];
        failure.got = vec![got];
        Err(failure)
    }

    fn filled(&self, fact: &Fact) -> Fact {
        let text = |text: &Text| Text::plain(text.fill(&self.variables));
        let who = |who: &Option<String>| Some(self.who(who.as_deref()));
        match fact {
            Fact::OrderStatus(order) => Fact::OrderStatus(text(order)),
            Fact::OrderTotal(order) => Fact::OrderTotal(text(order)),
            Fact::Payments(order) => Fact::Payments(order.as_ref().map(text)),
            Fact::Cart(name) => Fact::Cart(who(name)),
            Fact::Total(name) => Fact::Total(who(name)),
            Fact::Language(name) => Fact::Language(who(name)),
            Fact::State(name) => Fact::State(who(name)),
            Fact::Mode(name) => Fact::Mode(who(name)),
            Fact::Messages(name) => Fact::Messages(who(name)),
            other => other.clone(),
        }
    }
}
