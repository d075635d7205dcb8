//! Plays one run of a script in one world, and stops at the first line that does not hold.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::bless::Edits;
use super::matching::{self, Reply};
use super::script::{Act, Actor, At, Button, Fact, Invariant, Script, Step, Verb, Want, Which};
use super::world::{Delivered, Money, Setting, World, WorldError, Worlds};
use crate::domain::customer::Language;

/// Steps of virtual time in which a message with `after=` is waited for.
pub(super) const MAX_WAITS: usize = 40;

/// Which run of a script: a file can be played on several channels, in several languages, in several orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The channel of every actor, instead of their own.
    pub channel: Option<String>,
    /// The language of every actor, instead of their own.
    pub language: Option<Language>,
    /// Which order of what happens together.
    pub order: usize,
    /// Which line of the utterance lists.
    pub utterance: usize,
    /// Whether to record what is sent instead of comparing it.
    pub bless: bool,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Played {
    /// How it ended.
    pub result: Result<(), Box<Failure>>,
    /// The states and transitions that were passed, of everybody.
    pub passed: Vec<String>,
    /// What to write back.
    pub edits: Edits,
}

/// The first line that does not hold, with what helps to see why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub at: At,
    /// What is wrong, in one line.
    pub what: String,
    /// What the script expects.
    pub expected: Vec<String>,
    /// What came instead.
    pub got: Vec<String>,
    /// A diff of recorded words.
    pub diff: Vec<String>,
    /// The states that the actor's conversation passed.
    pub states: Vec<String>,
    /// What was understood of the actor's last words.
    pub heard: Vec<String>,
    /// The order in which the steps of `together` came.
    pub order: Option<String>,
}

/// What has reached one actor.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    pub messages: Vec<Delivered>,
    pub replies: Vec<Reply>,
    pub used: Vec<bool>,
    /// Where the answers to the last event begin.
    pub batch: usize,
    /// Where the next expectation looks.
    pub next: usize,
}

impl Inbox {
    fn take(&mut self, delivered: Vec<Delivered>) {
        for one in delivered {
            self.replies.extend(matching::replies(self.messages.len(), &one.message));
            self.messages.push(one);
        }
        self.used.resize(self.replies.len(), false);
    }

    fn begin(&mut self) {
        self.batch = self.replies.len();
        self.next = self.batch;
    }

    /// Replies of the batch that nothing has expected yet.
    pub fn unread(&self) -> impl Iterator<Item = &Reply> {
        self.replies
            .iter()
            .zip(&self.used)
            .skip(self.batch)
            .filter(|(_, used)| !**used)
            .map(|(reply, _)| reply)
    }

    pub fn next_unused(&self) -> Option<usize> {
        (self.next..self.replies.len()).find(|index| !self.used[*index])
    }
}

pub(super) struct Player<'a> {
    pub(super) script: &'a Script,
    pub(super) plan: &'a Plan,
    pub(super) world: Box<dyn World>,
    pub inboxes: BTreeMap<String, Inbox>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) current: String,
    last_words: BTreeMap<String, String>,
    pub(super) batch_at: DateTime<Utc>,
    /// Whether the batch comes of things that happened together, so that the order of answers does not matter.
    pub(super) loose: bool,
    pub(super) baseline: BTreeMap<Fact, i64>,
    order: Option<String>,
    pub edits: Edits,
}

/// The actors of a run with its channel and language.
pub fn cast(script: &Script, plan: &Plan) -> Vec<Actor> {
    let mut actors = script.head.actors.clone();
    for actor in &mut actors {
        if let Some(channel) = &plan.channel {
            actor.channel.clone_from(channel);
        }
        actor.language = plan.language.or(actor.language);
    }
    actors
}

/// Plays one run.
pub async fn play(script: &Script, plan: &Plan, worlds: &dyn Worlds) -> Played {
    let setting = Setting {
        shop: script.head.shop.clone(),
        clock: script.head.clock,
        seed: script.head.seed,
        actors: cast(script, plan),
        payment: script.head.payment.clone(),
    };
    let world = match worlds.build(&setting).await {
        Ok(world) => world,
        Err(error) => {
            let failure = Failure::bare(At { file: 0, line: 1 }, error.to_string());
            return Played { result: Err(Box::new(failure)), passed: Vec::new(), edits: Edits::default() };
        }
    };
    let mut player = Player {
        script,
        plan,
        batch_at: world.now(),
        world,
        inboxes: setting.actors.iter().map(|actor| (actor.name.clone(), Inbox::default())).collect(),
        variables: BTreeMap::new(),
        current: setting.actors.first().map(|actor| actor.name.clone()).unwrap_or_default(),
        last_words: BTreeMap::new(),
        loose: false,
        baseline: BTreeMap::new(),
        order: None,
        edits: Edits::default(),
    };
    let result = match player.all().await {
        Ok(()) => player.promises().await,
        failed => failed,
    };
    let mut passed = Vec::new();
    for actor in &setting.actors {
        passed.extend(player.world.trace(&actor.name).await);
    }
    player.world.end().await;
    Played { result: result.map_err(Box::new), passed, edits: player.edits }
}

impl Failure {
    pub(super) fn bare(at: At, what: impl Into<String>) -> Self {
        Self {
            at,
            what: what.into(),
            expected: Vec::new(),
            got: Vec::new(),
            diff: Vec::new(),
            states: Vec::new(),
            heard: Vec::new(),
            order: None,
        }
    }
}

impl<'a> Player<'a> {
    async fn all(&mut self) -> Result<(), Failure> {
        let script = self.script;
        self.measure().await?;
        for step in &script.steps {
            if step.only.is_some() && step.only != self.plan.language {
                continue;
            }
            let done = match self.step(step).await {
                // What a platform refuses no person ever sees, so no expectation would find it.
                Ok(()) => match self.world.complaints().await.into_iter().next() {
                    Some(complaint) => Err(Failure::bare(step.at, complaint)),
                    None => Ok(()),
                },
                Err(failure) => Err(failure),
            };
            if let Err(mut failure) = done {
                failure.states = self.world.trace(&self.current).await;
                failure.order.clone_from(&self.order);
                if let Some(words) = self.last_words.get(&self.current).cloned() {
                    failure.heard = self.world.explain(&self.current, &words).await;
                }
                return Err(failure);
            }
        }
        self.close_batch();
        Ok(())
    }

    /// Whatever a script is about, at its end the books are in order.
    async fn promises(&mut self) -> Result<(), Failure> {
        let broken = self.world.broken_promises().await;
        if broken.is_empty() {
            return Ok(());
        }
        let at = self.script.steps.last().map_or(At { file: 0, line: 1 }, |step| step.at);
        let mut failure = Failure::bare(at, "the shop does not keep its promises about money and goods");
        failure.got = broken;
        Err(failure)
    }

    /// Looks at every stock that the script compares with its start.
    async fn measure(&mut self) -> Result<(), Failure> {
        for step in &self.script.steps {
            if let Verb::Invariant(Invariant { fact, want: Want::Changed(_) }) = &step.verb {
                let value =
                    self.world.fact(fact).await.map_err(|error| Failure::bare(step.at, error.to_string()))?;
                self.baseline.insert(fact.clone(), value.parse().unwrap_or(0));
            }
        }
        Ok(())
    }

    async fn step(&mut self, step: &'a Step) -> Result<(), Failure> {
        let broken = |error: WorldError| Failure::bare(step.at, error.to_string());
        match &step.verb {
            Verb::Act(act) => {
                self.begin();
                self.act(step.at, act).await?;
                self.settle().await.map_err(broken)?;
            }
            Verb::Together(steps) => {
                self.begin();
                self.loose = true;
                self.together(steps).await?;
                self.settle().await.map_err(broken)?;
            }
            Verb::Restart => {
                self.world.restart().await.map_err(broken)?;
                self.settle().await.map_err(broken)?;
            }
            Verb::Fault(fault) => self.world.fault(fault).await.map_err(broken)?,
            Verb::Expect(expect) => self.expect(step.at, expect).await?,
            Verb::Silent(who) => self.silent(step.at, who.as_deref())?,
            Verb::Invariant(invariant) => self.invariant(step.at, invariant).await?,
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.close_batch();
        self.loose = false;
        self.batch_at = self.world.now();
        self.inboxes.values_mut().for_each(Inbox::begin);
    }

    /// What a batch still holds is recorded with it, when some of it was.
    fn close_batch(&mut self) {
        if self.plan.bless {
            let inboxes = &self.inboxes;
            self.edits.close(|actor| {
                inboxes
                    .get(actor)
                    .into_iter()
                    .flat_map(Inbox::unread)
                    .map(|reply| reply.key.clone())
                    .collect()
            });
        }
    }

    pub(super) async fn settle(&mut self) -> Result<(), WorldError> {
        self.world.settle().await?;
        for (name, inbox) in &mut self.inboxes {
            inbox.take(self.world.take_messages(name));
        }
        Ok(())
    }

    async fn together(&mut self, steps: &'a [Step]) -> Result<(), Failure> {
        let order = super::orders::nth(steps, self.script.head.seed, self.plan.order);
        let lines: Vec<String> = order.iter().map(|index| steps[*index].at.line.to_string()).collect();
        self.order = Some(lines.join(", "));
        for index in order {
            let step = &steps[index];
            if step.only.is_some() && step.only != self.plan.language {
                continue;
            }
            if let Verb::Act(act) = &step.verb {
                self.act(step.at, act).await?;
            }
        }
        Ok(())
    }

    async fn act(&mut self, at: At, act: &Act) -> Result<(), Failure> {
        let broken = |error: WorldError| Failure::bare(at, error.to_string());
        match act {
            Act::Say { who, text } => {
                let words = text.fill(&self.variables);
                self.say(who, words).await.map_err(broken)?;
            }
            Act::SayEach { who, list } => {
                let who = who.clone().unwrap_or_else(|| self.current.clone());
                let lines = self.script.lists.iter().find(|(name, _)| name == list).map(|(_, lines)| lines);
                let words = lines.and_then(|lines| lines.get(self.plan.utterance % lines.len().max(1)));
                self.say(&who, words.cloned().unwrap_or_default()).await.map_err(broken)?;
            }
            Act::Tap { who, button, times } => {
                self.current.clone_from(who);
                let data = self.button(at, who, button)?;
                for _ in 0..*times {
                    self.world.press(who, &data).await.map_err(broken)?;
                }
            }
            Act::Press { who, data } => {
                self.current.clone_from(who);
                self.world.press(who, &data.fill(&self.variables)).await.map_err(broken)?;
            }
            Act::Send { who, content } => {
                self.current.clone_from(who);
                self.world.send(who, content.clone()).await.map_err(broken)?;
            }
            Act::Advance(by) => self.world.advance(*by).await.map_err(broken)?,
            Act::Pay(pay) => {
                let order = pay.order.fill(&self.variables);
                let (id, notice) = (pay.id.clone(), pay.notice.clone());
                let money = Money { order, kind: pay.kind, amount: pay.amount, id, notice };
                self.world.pay(&money).await.map_err(broken)?;
            }
            Act::Again(who) => {
                let who = who.clone().unwrap_or_else(|| self.current.clone());
                self.world.again(&who).await.map_err(broken)?;
            }
        }
        Ok(())
    }

    async fn say(&mut self, who: &str, words: String) -> Result<(), WorldError> {
        who.clone_into(&mut self.current);
        self.world.say(who, &words).await?;
        self.last_words.insert(who.to_owned(), words);
        Ok(())
    }

    /// The data of a button: on the message that is named, else on the newest message that has it.
    fn button(&self, at: At, who: &str, button: &Button) -> Result<String, Failure> {
        let messages = self.inboxes.get(who).map(|inbox| inbox.messages.as_slice()).unwrap_or_default();
        let labels = self.labels(who, button);
        let find = |message: &Delivered| {
            let choices = &message.message.choices;
            let found = match &button.which {
                Which::Place(place) => choices.get(place - 1),
                Which::Words(_) => choices
                    .iter()
                    .find(|choice| labels.iter().any(|label| matching::label_agrees(label, &choice.label))),
            };
            found.map(|choice| choice.data.clone())
        };
        let found = match button.message {
            None => messages.iter().rev().find_map(find),
            Some(number) => {
                let index = usize::try_from(number.unsigned_abs()).ok().and_then(|number| {
                    if button.message > Some(0) {
                        number.checked_sub(1)
                    } else {
                        messages.len().checked_sub(number)
                    }
                });
                index.and_then(|index| messages.get(index)).and_then(find)
            }
        };
        found.ok_or_else(|| {
            let mut failure = Failure::bare(at, format!("`{who}` has no such button"));
            let wanted =
                if labels.is_empty() { "a button at that place".into() } else { labels.join(" or ") };
            failure.expected = vec![wanted];
            failure.got = (messages.iter().enumerate())
                .filter(|(_, message)| !message.message.choices.is_empty())
                .map(|(index, message)| {
                    let labels: Vec<String> =
                        message.message.choices.iter().map(|c| c.label.clone()).collect();
                    format!("@{} {}", index + 1, matching::bracketed(&labels))
                })
                .collect();
            failure
        })
    }

    /// The words of a button, also in the language of the run where the script has them in another.
    fn labels(&self, who: &str, button: &Button) -> Vec<String> {
        let Which::Words(words) = &button.which else { return Vec::new() };
        let words = words.fill(&self.variables);
        let mut labels = vec![words.clone()];
        let written = self.script.actor(who).and_then(|actor| actor.language);
        let spoken = self.plan.language.or(written).unwrap_or_default();
        let others = Language::ALL.into_iter().filter(|language| *language != spoken);
        labels.extend(others.filter_map(|other| self.world.translate(&words, other, spoken)));
        labels
    }

    pub(super) fn who(&self, who: Option<&str>) -> String {
        who.map_or_else(|| self.current.clone(), str::to_owned)
    }
}
