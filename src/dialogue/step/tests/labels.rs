//! The words of the buttons on show come first: whoever types them has pressed them, on every card, in both languages. A place
//! in a sentence is no press of what commits.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::Chat;
use super::walk::{SHIPPED, tries, turn};
use crate::dialogue::conversation::{PromptChoice, Role};
use crate::dialogue::event::{Event, Freshness};
use crate::dialogue::reply::Class;
use crate::dialogue::understand::plain_words;
use crate::domain::customer::Language;
use crate::i18n::Locales;

static WORDS: LazyLock<Locales> = LazyLock::new(|| Locales::shipped().unwrap());

/// What came of something, as a person would see it.
fn seen(chat: &Chat) -> String {
    let slots = chat.conversation.top().map(|frame| frame.slots.clone());
    let keys: Vec<&str> = chat.replies.iter().map(|say| say.key.as_str()).collect();
    format!("{} {:?} {keys:?} {slots:?}", chat.state(), chat.effect)
}

fn pressed(chat: &Chat, choice: &PromptChoice) -> String {
    let mut chat = chat.clone();
    chat.press_with(choice.clone(), Freshness::Current);
    seen(&chat)
}

fn typed(chat: &Chat, words: &str) -> String {
    let mut chat = chat.clone();
    chat.hear(words);
    // A person of the shop who is called is told what was typed; that is all that may differ.
    seen(&chat).replace(&format!("Text({words:?})"), "None")
}

/// Every card that a walk comes to, with its choices in the words of each language.
fn cards(role: Role, visit: &mut dyn FnMut(&Chat)) {
    let mut root = Chat::new(&SHIPPED);
    root.locales = Some(&WORDS);
    root.conversation.role = role;
    root.conversation.language_chosen = true;
    turn(&mut root, &Event::Heard { text: "halo".into() }, 0);
    let mut seen = BTreeSet::from([root.state()]);
    let mut open = vec![root];
    while let Some(chat) = open.pop() {
        for language in Language::ALL {
            let mut card = chat.clone();
            card.conversation.language = language;
            card.open();
            visit(&card);
        }
        for event in tries(&chat) {
            let (mut pick, mut outcomes) = (0, 1);
            while pick < outcomes {
                let mut next = chat.clone();
                let (_, could) = turn(&mut next, &event, u16::try_from(pick).unwrap());
                outcomes = outcomes.max(could);
                pick += 1;
                // What was shown before this turn has no words to translate.
                let shows = next.replies.iter().any(|say| !say.choices.is_empty());
                if next.conversation.role == role && shows && seen.insert(next.state()) {
                    next.conversation.language = Language::Id;
                    next.offered.clear();
                    next.open();
                    open.push(next);
                }
            }
        }
    }
}

/// The choices of a card that read like no other of it: where several do, nobody can say which one is meant.
fn choices(chat: &Chat) -> Vec<PromptChoice> {
    let open: Vec<PromptChoice> =
        chat.conversation.prompt.iter().flat_map(|prompt| prompt.choices.clone()).collect();
    let alike = |label: &str| {
        open.iter().filter(|choice| choice.label.to_lowercase() == label.to_lowercase()).count()
    };
    open.iter().filter(|choice| alike(&choice.label) == 1).cloned().collect()
}

/// The verbs of buttons that mean something else elsewhere.
const VERBS: &[(Role, Language, &[&str])] = &[
    (Role::Staff, Language::En, &["cancel", "ship", "accept"]),
    (Role::Staff, Language::Id, &["batal", "terima", "kirim"]),
    (Role::Customer, Language::En, &["cancel", "change", "remove"]),
    (Role::Customer, Language::Id, &["batal", "ubah", "hapus"]),
];

/// The one choice that begins with a verb, where no words are asked for.
fn beginning(chat: &Chat, verb: &str) -> Option<PromptChoice> {
    let top = chat.conversation.top()?;
    let state = &SHIPPED.get(&top.flow)?.state(&top.state)?.value;
    // What a state hears itself it hears.
    if state.ask.is_some() || ["cancel", "change", "remove"].iter().any(|name| state.hears.contains_key(name))
    {
        return None;
    }
    let plain = plain_words(verb);
    let mut found = choices(chat).into_iter().filter(|choice| plain_words(&choice.label).starts_with(&plain));
    found.next().filter(|_| found.next().is_none())
}

#[test]
fn the_words_of_a_button_on_show_press_it_on_every_card_and_so_does_its_verb() {
    let mut wrong = BTreeSet::new();
    let mut tried = 0;
    for role in [Role::Customer, Role::Staff] {
        cards(role, &mut |chat| {
            let verbs = VERBS
                .iter()
                .filter(|(of, language, _)| *of == role && *language == chat.conversation.language);
            let verbs = verbs.flat_map(|(_, _, verbs)| verbs.iter());
            let by_verb = verbs.filter_map(|verb| Some(((*verb).to_owned(), beginning(chat, verb)?)));
            let by_words = choices(chat).into_iter().map(|choice| (choice.label.clone(), choice));
            for (words, choice) in by_words.chain(by_verb) {
                tried += 1;
                let (typed, pressed) = (typed(chat, &words), pressed(chat, &choice));
                if typed != pressed {
                    wrong.insert(format!(
                        "{}: {words:?} beside {:?}\n  pressed {pressed}\n  typed   {typed}",
                        chat.state(),
                        choice.label
                    ));
                }
            }
        });
    }
    assert!(tried > 100, "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Sentences with a place in them that say something else than "that one", and questions that agree to nothing.
const WITH_A_PLACE: [&str; 15] = [
    "{}?",
    "yang ke {}?",
    "ya kan?",
    "iya ?",
    "yes?",
    "hapus nomor {}",
    "nomor {} ga jadi",
    "ganti nomor {} jadi 3",
    "yang ke-{} salah",
    "yang ke {} kurangi 1",
    "kok nomor {} mahal ya?",
    "remove number {}",
    "number {} is wrong",
    "make number {} 3 please",
    "what is number {}?",
];

/// Whether a choice acts once, or leads to where money or goods are committed.
fn commits(choice: &PromptChoice) -> bool {
    let flow = SHIPPED.get(&choice.action.flow);
    let leads = |state: &String| flow.is_some_and(|flow| flow.committing.contains(state));
    choice.class == Class::Once || choice.action.goto.as_ref().is_some_and(leads)
}

#[test]
fn a_place_in_a_sentence_presses_nothing_that_commits_on_any_card() {
    let mut wrong = BTreeSet::new();
    let mut tried = 0;
    for role in [Role::Customer, Role::Staff] {
        cards(role, &mut |chat| {
            let open: Vec<PromptChoice> =
                chat.conversation.prompt.iter().flat_map(|prompt| prompt.choices.clone()).collect();
            for (index, choice) in open.iter().enumerate().filter(|(_, choice)| commits(choice)) {
                let done = pressed(chat, choice);
                for sentence in WITH_A_PLACE {
                    tried += 1;
                    let words = sentence.replace("{}", &(index + 1).to_string());
                    if typed(chat, &words) == done {
                        wrong.insert(format!("{}: {words:?} pressed {:?}", chat.state(), choice.label));
                    }
                }
            }
        });
    }
    assert!(tried > 100, "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
