//! Choices: pressed, typed by their number, or said in their words.

use super::Machine;
use super::enter::Move;
use super::named::{is_answer, name_of};
use crate::dialogue::conversation::{Mode, PromptChoice, Role};
use crate::dialogue::event::Freshness;
use crate::dialogue::flow::model::SlotKind;
use crate::dialogue::reply::{Action, Class, Say};
use crate::dialogue::understand::{self, Intent, Understanding};
use crate::dialogue::value::Value;

/// Characters that a typed part of a label must have to choose it.
const MIN_PART_CHARS: usize = 4;

impl Machine<'_> {
    /// A number or words that name an open choice.
    pub(super) fn by_choice(&mut self, text: &str, heard: &Understanding) -> bool {
        if self.by_label(text) {
            return true;
        }
        let Some(prompt) = &self.conversation.prompt else { return false };
        let typed = understand::normalise(text);
        let place = |number: u32| {
            let index = usize::try_from(number.checked_sub(1)?).ok()?;
            (index < prompt.choices.len()).then_some(index)
        };
        let number = typed.parse::<u32>().ok();
        let is_heard_here = self.is_heard_here(&name_of(heard));
        // What an entry or a pattern reads whole names goods in passing: "harga teh putih 80rb" picks no tea out of a list of stocks.
        let names_goods_only = heard.entry.is_none() && !self.is_pattern(text);
        // A place inside of a sentence chooses only where the sentence says nothing else.
        let is_only_place = heard.intent == Intent::Choose && heard.whole && !heard.question;
        let said_place = heard.ordinal.filter(|_| is_only_place);
        let index = match self.asked() {
            // A number answers the question for one.
            Some(SlotKind::Integer | SlotKind::Money) => None,
            _ if self.asks_for_words() => number.and_then(place),
            _ => number
                .or(said_place)
                .and_then(place)
                .or_else(|| names_goods_only.then(|| only_of_product(&prompt.choices, heard)).flatten())
                .or_else(|| {
                    let long_enough = typed.chars().count() >= MIN_PART_CHARS;
                    // One word may be a product's name or a wish of its own; several words of one label are that label.
                    let plain = matches!(heard.intent, Intent::None | Intent::Choose) || typed.contains(' ');
                    let part =
                        (long_enough && plain).then(|| only_label_with(&prompt.choices, &typed)).flatten();
                    // What a button on show begins with means that button, before it means what it means elsewhere: "cancel"
                    // beside a button "Cancel it" is no "never mind". What the state hears itself it hears.
                    part.or_else(|| {
                        let begins = long_enough && !is_heard_here;
                        begins.then(|| only_label_beginning(&prompt.choices, text)).flatten()
                    })
                }),
        };
        let Some(choice) = index.and_then(|index| prompt.choices.get(index)).cloned() else { return false };
        // Money and goods are committed by their own word, their own button or a bare number, never by a place in a sentence,
        // and never by a question.
        if (heard.question || (number.is_none() && said_place.is_some())) && self.commits(&choice) {
            self.trace.push("place-commits-nothing".to_owned());
            return false;
        }
        self.trace.push("choice".to_owned());
        self.choose(&choice.action);
        true
    }

    /// Whether a choice cannot be taken back by another word: it acts once, or leads to money or stock without a question.
    fn commits(&self, choice: &PromptChoice) -> bool {
        let flow = match self.conversation.top() {
            Some(frame) if frame.flow == choice.action.flow => self.flows.of(frame),
            _ => self.flows.get(&choice.action.flow),
        };
        let leads = |state: &String| flow.is_some_and(|flow| flow.committing.contains(state));
        choice.class == Class::Once || choice.action.goto.as_ref().is_some_and(leads)
    }

    /// "Hapus nomor 2": the line of the cart that the list that was shown has at that place.
    pub(super) fn with_line(&self, mut heard: Understanding) -> Understanding {
        let is_about_line = matches!(heard.intent, Intent::Change | Intent::Remove)
            && heard.items.is_empty()
            && heard.ambiguous.is_empty();
        let place = heard.ordinal.filter(|_| is_about_line).and_then(|place| usize::try_from(place).ok());
        let Some(place) = place.and_then(|place| place.checked_sub(1)) else { return heard };
        let text = |value: Option<&Value>| value.and_then(Value::as_text).map(str::to_owned);
        let shown = self.conversation.top().and_then(|frame| frame.prompt.as_ref());
        let row = match shown.and_then(|say| say.args.get("lines")) {
            Some(Value::Rows(rows)) => rows.get(place),
            _ => None,
        };
        let choice = self.conversation.prompt.as_ref().and_then(|prompt| prompt.choices.get(place));
        let columns = row.or(choice.map(|choice| &choice.action.set));
        let Some(product) = text(columns.and_then(|row| row.get("product"))) else { return heard };
        let variant = text(columns.and_then(|row| row.get("variant")));
        let (product, variant) = (product.as_str().into(), variant.map(|id| id.as_str().into()));
        if self.world.cart.line(&product, variant.as_ref()).is_some()
            && let Some(found) = self.world.catalog.product(&product)
        {
            heard.items.push(understand::Item {
                name: found.full_name(variant.as_ref()).id,
                product,
                variant,
                quantity: 1,
                quantity_said: false,
                unit: None,
                note: None,
                score: 1_000,
            });
        }
        heard
    }

    /// The exact words of an open choice, or of one that was open before a notice came in between.
    pub(super) fn by_label(&mut self, text: &str) -> bool {
        let Some(choice) = self.label(text).cloned() else { return false };
        if text.contains(['?', '\u{ff1f}']) && !choice.label.contains('?') && self.commits(&choice) {
            return false;
        }
        self.trace.push("choice".to_owned());
        self.choose(&choice.action);
        true
    }

    /// The choice whose exact words these are.
    pub(super) fn label(&self, text: &str) -> Option<&PromptChoice> {
        let typed = understand::normalise(text);
        let open = [self.conversation.prompt.as_ref(), self.conversation.earlier.as_ref()];
        let mut choices = open.into_iter().flatten().flat_map(|prompt| &prompt.choices);
        choices.find(|choice| !typed.is_empty() && understand::normalise(&choice.label) == typed)
    }

    /// A press of a button that is ours.
    pub(super) fn pressed(&mut self, action: &Action, class: Class, freshness: Freshness) {
        self.stand_on_home();
        self.conversation.pulse.release();
        if self.conversation.mode != Mode::Bot && self.conversation.role == Role::Customer {
            // Whoever presses a button of the bot wants the bot.
            self.conversation.mode = Mode::Bot;
        }
        if freshness == Freshness::Used && class == Class::Once {
            let key = self.global_key(|file| file.used.as_ref());
            self.explain(key);
        } else if self.acts(action, class, freshness) {
            self.trace.push("press".to_owned());
            self.conversation.misses = 0;
            self.choose(action);
        } else if freshness == Freshness::Again {
            // It was right and did what it says: what came of it is shown, and nothing is explained.
            self.trace.push("again".to_owned());
            self.repeat();
        } else {
            self.stale();
        }
    }

    /// Whether a press still means what it meant when its button was shown.
    fn acts(&self, action: &Action, class: Class, freshness: Freshness) -> bool {
        let top = self.conversation.top();
        let same_state = top.is_some_and(|frame| frame.flow == action.flow && frame.state == action.state);
        if !self.leads_somewhere(action) {
            return false;
        }
        // A yes or a no answers its own question only: "place the order" must never confirm something else.
        let answers =
            action.intent.as_deref().map_or(action.goto.is_none() && action.page.is_none(), is_answer);
        if freshness != Freshness::Current && answers {
            return same_state && class != Class::Current;
        }
        match (class, freshness) {
            (_, Freshness::Current) | (Class::Safe, _) => true,
            (Class::Once, _) => action.intent.is_some() || same_state,
            (Class::Current, _) => false,
        }
    }

    /// Whether the state that a button names is still there, and is for whoever this chat is with now: a button of the staff's is no
    /// way in for somebody who has left.
    fn leads_somewhere(&self, action: &Action) -> bool {
        if self.flows.get(&action.flow).is_some_and(|flow| flow.role() != self.conversation.role) {
            return false;
        }
        let Some(state) = &action.goto else { return true };
        let flow = match self.conversation.top() {
            Some(frame) if frame.flow == action.flow => self.flows.of(frame),
            _ => self.flows.get(&action.flow),
        };
        flow.is_some_and(|flow| flow.state(state).is_some())
    }

    /// A press that comes too late explains itself and repeats what is open.
    fn stale(&mut self) {
        self.trace.push("stale".to_owned());
        if let Some(key) = self.global_key(|file| file.stale.as_ref()) {
            self.replies.push(Say::new(key));
        }
        self.repeat();
    }

    /// Makes sure that there is a flow at the bottom.
    pub(super) fn meet(&mut self) {
        if self.conversation.frames.is_empty() {
            self.stand_on_home();
        }
    }

    /// What a choice does.
    fn choose(&mut self, action: &Action) {
        // A choice is no message: effects must not act on the words that came before it, or on its number.
        self.conversation.heard = None;
        if !self.leads_somewhere(action) {
            self.stale();
            return;
        }
        let here = self.conversation.top().is_some_and(|frame| frame.flow == action.flow);
        if let Some(page) = action.page {
            match self.conversation.top() {
                Some(frame) if here && frame.state == action.state => self.turn_page(page),
                _ => self.stale(),
            }
            return;
        }
        // What stands for an intent carries its slots to whoever hears it.
        if here && action.intent.is_none() {
            self.keep(action.set.clone());
        }
        if let Some(state) = &action.goto {
            self.note(&format!("goto {state}"));
            if here {
                self.go(Move::Enter(state.clone()));
            } else {
                let (flow, at, slots) = (action.flow.clone(), Some(state.clone()), action.set.clone());
                self.go(Move::Call { flow, at, slots, resume: None });
            }
            return;
        }
        if let Some(intent) = &action.intent {
            if !self.intent(intent, &action.set) {
                self.missed();
            }
            return;
        }
        let filled = self.here().and_then(|(_, state)| state.filled.clone());
        match filled.filter(|_| here) {
            Some(cases) => self.follow_and_go(&cases.value, "filled"),
            None => self.repeat(),
        }
    }

    fn turn_page(&mut self, page: u32) {
        let Some(frame) = self.conversation.frames.last_mut() else { return };
        frame.page = page;
        self.note("page");
        self.repeat();
    }
}

/// The one choice whose words contain what was typed.
fn only_label_with(choices: &[PromptChoice], typed: &str) -> Option<usize> {
    let mut found = None;
    for (index, choice) in choices.iter().enumerate() {
        let label = understand::normalise(&choice.label);
        let words: Vec<&str> = label.split(' ').collect();
        if typed.split(' ').all(|word| words.contains(&word)) {
            if found.is_some() {
                return None;
            }
            found = Some(index);
        }
    }
    found
}

/// The one choice whose words begin with what was typed, in plain spelling: "batal" begins "Batalkan pesanan".
fn only_label_beginning(choices: &[PromptChoice], typed: &str) -> Option<usize> {
    let typed = understand::plain_words(typed);
    let begins = |choice: &PromptChoice| understand::plain_words(&choice.label).starts_with(&typed);
    let mut found = choices.iter().enumerate().filter(|(_, choice)| !typed.is_empty() && begins(choice));
    let (index, _) = found.next()?;
    found.next().is_none().then_some(index)
}

/// The one choice of the product that was named, where nothing but the product was: "yang leci".
fn only_of_product(choices: &[PromptChoice], heard: &Understanding) -> Option<usize> {
    let [item] = heard.items.as_slice() else { return None };
    if item.quantity_said || !matches!(heard.intent, Intent::Browse | Intent::Order | Intent::Choose) {
        return None;
    }
    let is_of = |choice: &PromptChoice| {
        choice.action.set.get("product").and_then(Value::as_text) == Some(item.product.as_str())
    };
    let mut found = choices.iter().enumerate().filter(|(_, choice)| is_of(choice));
    let (index, _) = found.next()?;
    found.next().is_none().then_some(index)
}
