//! The rules of `docs/flows.md`: choices, stale presses, frames, timers, signals, versions.

use rstest::rstest;

use super::{ASK, Chat, GLOBAL, HUMAN, LOOK, MAIN, SHELF, small};
use crate::dialogue::conversation::{MAX_FRAMES, Mode, Role};
use crate::dialogue::event::{Event, Freshness};
use crate::dialogue::reply::Label;
use crate::dialogue::value::Value;
use crate::dialogue::world::row;

fn asking() -> Chat {
    let mut chat = small();
    chat.hear("halo");
    assert_eq!(chat.press("btn-ask"), ["ask-number"]);
    chat
}

fn products(many: usize) -> Value {
    Value::Rows(
        (0..many)
            .map(|n| row([("product", format!("p{n}").into()), ("name", format!("Teh {n}").into())]))
            .collect(),
    )
}

/// A chat that shows a list of ten.
fn at_shelf() -> Chat {
    let mut chat = small();
    chat.hear("halo");
    chat.press("btn-shelf");
    assert_eq!(chat.outcome("many", &[("products", products(10)), ("query", "teh".into())]), ["shelf"]);
    chat
}

#[test]
fn the_first_message_is_greeted() {
    let mut chat = small();
    assert_eq!(chat.hear("halo"), ["menu"]);
    assert_eq!(chat.state(), "main.menu");
    assert_eq!(chat.labels(), ["btn-shelf", "btn-ask"]);
}

#[test]
fn a_first_message_that_wants_something_is_greeted_and_handled() {
    let mut chat = small();
    assert_eq!(chat.hear("lihat produk"), ["menu"]);
    assert_eq!(chat.effect.as_ref().unwrap().name, "catalog.search");
    assert!(chat.replies[0].choices.is_empty(), "the greeting's choices are not the ones to choose from");
}

#[test]
fn a_first_command_needs_no_greeting() {
    assert_eq!(small().hear("/cart"), ["look"]);
    assert_eq!(small().hear("kode 7"), ["ask-number"]);
}

#[rstest]
#[case::number("2")]
#[case::label("btn-ask")]
#[case::ordinal("yang kedua")]
fn open_choices_are_chosen_by_number_and_words(#[case] text: &str) {
    let mut chat = small();
    chat.hear("halo");
    assert_eq!(chat.hear(text), ["ask-number"], "{text}");
}

#[test]
fn a_number_answers_a_question_for_a_number_before_it_chooses() {
    let mut chat = asking();
    assert_eq!(chat.hear("2"), ["ask-name"]);
    assert_eq!(*chat.conversation.slot("number"), Value::Int(2));
}

#[test]
fn a_choice_that_only_sets_is_an_answer() {
    let mut chat = asking();
    for text in ["3", "Ayu", "081234567890", "Jl. Kemang Raya 12", "pagar hijau"] {
        chat.hear(text);
    }
    assert_eq!(chat.state(), "ask.way");
    assert_eq!(chat.hear("btn-courier"), ["by-courier", "thanks", "menu"]);
    assert_eq!(chat.conversation.frames.len(), 1);
}

#[test]
fn a_digression_comes_back_to_its_question() {
    let mut chat = asking();
    assert_eq!(chat.hear("keranjang"), ["look", "ask-number"]);
    assert_eq!(chat.state(), "ask.number");
    assert_eq!(chat.labels(), ["btn-skip", "btn-stop"]);
}

#[test]
fn a_called_flow_that_ends_goes_on_as_its_caller_says() {
    let mut chat = asking();
    assert_eq!(chat.press("btn-stop"), ["thanks", "menu"]);
    assert_eq!(chat.state(), "main.menu");
}

#[test]
fn a_stale_press_explains_itself_and_repeats_what_is_open() {
    let mut chat = asking();
    chat.hear("2");
    assert_eq!(chat.press("btn-stop"), ["stale", "ask-name"]);
    assert_eq!(chat.state(), "ask.name");
}

#[test]
fn a_used_button_says_so() {
    let mut chat = at_shelf();
    chat.press("Teh 0");
    let choice = chat.offered.last().unwrap().0.clone();
    assert_eq!(choice.label, "btn-yes");
    assert_eq!(chat.press_with(choice, Freshness::Used), ["used"]);
}

#[test]
fn a_late_yes_answers_no_other_question() {
    let mut chat = at_shelf();
    chat.press("Teh 0");
    let yes = chat.offered.last().unwrap().0.clone();
    chat.hear("/menu");
    // The menu hears `affirm` too, but this yes was for the product.
    assert_eq!(chat.press_with(yes, Freshness::Stale), ["stale", "menu"]);
    assert_eq!(chat.state(), "main.menu");
}

#[test]
fn a_safe_press_runs_on_top_of_what_is_going_on() {
    let mut chat = at_shelf();
    chat.hear("/menu");
    chat.press("btn-ask");
    let offered = chat.offered.iter().find(|(choice, _)| choice.label == "Teh 1").unwrap().0.clone();
    assert_eq!(chat.press_with(offered, Freshness::Stale), ["card"]);
    assert_eq!(chat.state(), "shelf.card");
    assert_eq!(*chat.conversation.slot("product"), Value::from("p1"));
    assert_eq!(chat.press("btn-back"), ["ask-number"], "and ends where it was");
}

#[test]
fn an_unknown_press_explains_itself_with_the_open_choices() {
    let mut chat = asking();
    chat.step(&Event::UnknownPress);
    assert_eq!(chat.replies[0].key, "unknown");
    assert_eq!(chat.labels(), ["btn-skip", "btn-stop"]);
}

#[test]
fn long_lists_are_paged_even_when_their_rows_came_from_an_effect() {
    let mut chat = at_shelf();
    assert_eq!(chat.labels(), ["Teh 0", "Teh 1", "Teh 2", "Teh 3", "list-more", "btn-back"]);
    chat.press("list-more");
    assert_eq!(chat.labels(), ["Teh 4", "Teh 5", "Teh 6", "Teh 7", "list-more", "btn-back", "list-previous"]);
    assert_eq!(chat.replies[0].args["found"], Value::from("teh"), "what the effect found is still said");
    chat.press("list-more");
    assert_eq!(
        chat.labels(),
        ["Teh 6", "Teh 7", "Teh 8", "Teh 9", "list-first", "btn-back", "list-previous"]
    );
    chat.press("list-previous");
    assert_eq!(chat.labels()[0], "Teh 4");
    assert_eq!(chat.hear("1"), ["card"]);
    assert_eq!(*chat.conversation.slot("product"), Value::from("p4"));
}

#[test]
fn a_number_means_the_same_on_every_page() {
    let mut chat = at_shelf();
    let (mut labels, mut firsts) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        firsts.push(chat.labels()[0].clone());
        labels.push(chat.labels().split_off(4));
        // "5" turns on, whichever page is shown.
        chat.hear("5");
    }
    assert_eq!(firsts, ["Teh 0", "Teh 4", "Teh 6", "Teh 0"]);
    assert_eq!(labels[0], ["list-more", "btn-back"]);
    assert_eq!(labels[1], ["list-more", "btn-back", "list-previous"]);
    assert_eq!(labels[2], ["list-first", "btn-back", "list-previous"]);
    assert_eq!(labels[3], labels[0]);
}

#[test]
fn pages_show_every_row_whatever_their_number() {
    for many in 1..=40 {
        let mut chat = small();
        chat.hear("halo");
        chat.press("btn-shelf");
        chat.outcome("many", &[("products", products(many)), ("query", "teh".into())]);
        let mut seen = std::collections::BTreeSet::new();
        let mut shape = None;
        for _ in 0..many {
            let labels = chat.labels();
            seen.extend(labels.iter().filter(|label| label.starts_with("Teh ")).cloned());
            let rows = labels.iter().filter(|label| label.starts_with("Teh ")).count();
            assert_eq!(*shape.get_or_insert(rows), rows, "{many} rows");
            if !labels.iter().any(|label| label == "list-more") {
                break;
            }
            chat.press("list-more");
        }
        assert_eq!(seen.len(), many, "{many} rows");
    }
}

#[test]
fn the_same_press_again_shows_what_is_open_without_a_word_about_old_buttons() {
    let mut chat = asking();
    chat.hear("2");
    let again = chat.offered.iter().find(|(choice, _)| choice.label == "btn-skip").unwrap().0.clone();
    assert_eq!(chat.press_with(again, Freshness::Again), ["ask-name"]);
    assert_eq!(chat.state(), "ask.name");
}

#[test]
fn what_is_repeated_is_what_is_true_now() {
    let mut chat = at_shelf();
    assert_eq!(chat.replies[0].args["count"], Value::Int(0));
    chat.cart.lines.push(crate::domain::cart::CartLine {
        product: "hijau".into(),
        variant: None,
        quantity: 2,
        price: super::rupiah(25_000),
        note: None,
        name: None,
    });
    assert_eq!(chat.hear("keranjang"), ["look", "shelf"]);
    assert_eq!(chat.replies[1].args["count"], Value::Int(2));
    assert_eq!(chat.replies[1].args["found"], Value::from("teh"));
    assert_eq!(chat.labels().len(), 6);
}

#[test]
fn deadlines_act_once_and_only_in_their_state() {
    let mut chat = asking();
    for text in ["3", "Ayu", "081234567890", "Jl. Kemang Raya 12", "-"] {
        chat.hear(text);
    }
    assert_eq!(chat.conversation.timers.len(), 2);
    let old = chat.conversation.revision - 1;
    assert!(chat.step(&Event::Timer { name: "30m".into(), revision: old }).replies.is_empty());
    assert_eq!(chat.timer("30m"), ["remind", "ask-way"]);
    assert_eq!(chat.conversation.timers.len(), 1, "a reminder comes once");
    assert_eq!(chat.timer("24h"), ["thanks", "menu"]);
    assert!(chat.conversation.timers.is_empty());
}

#[test]
fn a_signal_moves_a_state_that_waits_and_tells_the_others() {
    let mut chat = asking();
    assert_eq!(chat.signal("order.packed", &[("order", "0001")]), ["packed"]);
    assert_eq!(chat.state(), "ask.number");
    for text in ["3", "Ayu", "081234567890", "Jl. Kemang Raya 12", "-"] {
        chat.hear(text);
    }
    assert_eq!(chat.signal("order.packed", &[("order", "0001")]), ["was-packed", "thanks", "menu"]);
}

#[test]
fn a_notice_does_not_take_the_words_of_the_open_choices() {
    let mut chat = asking();
    assert_eq!(chat.signal("payment.paid", &[("order", "0002")]), ["paid"]);
    assert_eq!(chat.replies[0].args["number"], Value::from("ORD-2026-0002"));
    assert_eq!(chat.labels(), ["btn-look", "btn-open"]);
    assert_eq!(chat.hear("btn-skip"), ["ask-name"]);
    chat.signal("payment.paid", &[("order", "0002")]);
    assert_eq!(chat.press("btn-look"), ["look", "ask-name"], "and its own buttons come back to the question");
}

#[test]
fn a_signal_about_nothing_known_says_nothing() {
    let mut chat = asking();
    assert!(chat.signal("payment.paid", &[("order", "none")]).is_empty(), "its guard does not hold");
    assert!(chat.signal("no.such.signal", &[]).is_empty());
}

#[test]
fn slots_of_a_notice_go_to_the_flow_that_its_button_begins() {
    let mut chat = asking();
    chat.signal("payment.paid", &[("order", "0002")]);
    chat.press("btn-open");
    chat.outcome("none", &[]);
    assert_eq!(chat.state(), "shelf.list");
    assert_eq!(*chat.conversation.slot("order"), Value::from("0002"));
}

#[test]
fn what_nobody_understands_leads_to_a_person_in_three_steps() {
    let mut chat = small();
    chat.hear("halo");
    assert_eq!(chat.hear("zzz qqq"), ["hint"]);
    assert_eq!(chat.hear("zzz qqq"), ["choices"]);
    assert_eq!(chat.labels(), ["btn-shelf", "btn-ask", "btn-menu", "btn-person"]);
    let last = chat.clone();
    assert_eq!(chat.hear("zzz qqq"), ["stuck"]);
    assert_eq!(chat.effect.as_ref().unwrap().name, "human.call");
    let mut chat = last;
    assert_eq!(chat.hear("3"), ["menu"]);
    assert_eq!(chat.conversation.misses, 0);
}

#[test]
fn a_person_of_the_shop_is_not_interrupted() {
    let mut chat = asking();
    chat.hear("mau bicara sama orang");
    chat.conversation.mode = Mode::Human { until: chat.now + chrono::Duration::hours(1) };
    assert_eq!(chat.outcome("called", &[]), ["called"]);
    assert!(chat.hear("tehnya masih ada?").is_empty());
    assert!(chat.hear("1").is_empty(), "a number may be meant for the person");
    assert!(chat.step(&Event::Location { place: "Bogor".into() }).replies.is_empty());
    assert_eq!(chat.signal("order.packed", &[("order", "0001")]), ["packed"], "news of orders still come");
    assert!(chat.hear("bot").is_empty());
    assert_eq!(chat.effect.as_ref().unwrap().name, "human.release");
    chat.conversation.mode = Mode::Bot;
    assert_eq!(chat.outcome("ok", &[]), ["ask-number"]);
}

#[rstest]
#[case::command("/menu", 0)]
#[case::time_is_up("setengah", 2)]
fn the_dialogue_takes_over_again(#[case] text: &str, #[case] hours: i64) {
    let mut chat = asking();
    chat.conversation.mode = Mode::Human { until: chat.now + chrono::Duration::hours(1) };
    chat.now += chrono::Duration::hours(hours);
    assert!(!chat.hear(text).is_empty());
    assert_eq!(chat.conversation.mode, Mode::Bot);
}

#[test]
fn a_released_conversation_is_the_dialogues_again() {
    let mut chat = asking();
    chat.conversation.mode = Mode::Human { until: chat.now + chrono::Duration::hours(1) };
    chat.signal("human.released", &[]);
    assert_eq!(chat.conversation.mode, Mode::Bot);
}

#[test]
fn a_conversation_stays_on_its_version_and_begins_anew_when_that_is_gone() {
    let mut chat = asking();
    let newer = ASK
        .replace("ask-number", "ask-differently")
        .replace("number:", "amount:")
        .replace("at: number", "at: amount")
        .replace("ask: number", "ask: amount");
    let changed = Chat::over(&[GLOBAL, MAIN, HUMAN, LOOK, SHELF, &newer]);
    let old = chat.flows.get("ask").unwrap();
    let mut flows = crate::dialogue::flow::Flows::load(
        &changed.flows.current().map(|flow| (flow.path.clone(), flow.source.clone())).collect::<Vec<_>>(),
    )
    .unwrap();
    assert!(!flows.add_version("another", &old.source), "the hash is of the text");
    assert!(flows.add_version(&old.hash, &old.source));
    chat.flows = Box::leak(Box::new(flows));
    assert_eq!(chat.hear("5"), ["ask-name"], "the version of the frame is known");
    chat.flows = changed.flows;
    assert_eq!(chat.hear("Ayu"), ["restarted", "menu"], "it is not");
    assert_eq!(chat.state(), "main.menu");
}

#[test]
fn a_chat_that_becomes_one_of_the_staff_stands_on_the_staffs_home() {
    let staff = "flow: _staff\nversion: 1\nrole: staff\nhome: desk\nfallback: { hint: hint, choices: choices, stuck: stuck }\ninterrupts: { greet: { transfer: desk } }\n";
    let desk = "flow: desk\nversion: 1\nrole: staff\nstart: { at: desk }\nstates: { desk: { say: desk, hears: { affirm: desk } } }\n";
    let mut chat = Chat::over(&[GLOBAL, MAIN, HUMAN, LOOK, SHELF, ASK, staff, desk]);
    chat.hear("halo");
    chat.press("btn-ask");
    chat.conversation.role = Role::Staff;
    assert_eq!(chat.hear("halo"), ["desk"]);
    assert_eq!(chat.conversation.frames.len(), 1);
}

#[test]
fn the_stack_is_bounded() {
    let chain: Vec<String> = (0..MAX_FRAMES + 3)
        .map(|n| format!("flow: f{n}\nversion: 1\nstart: {{ at: a }}\nstates: {{ a: {{ say: s{n}, hears: {{ affirm: {{ call: f{} }} }} }} }}\n", n + 1))
        .collect();
    let main = "flow: main\nversion: 1\nstart: { at: menu }\nstates: { menu: { say: menu, hears: { affirm: { call: f0 } } } }\n";
    let mut texts: Vec<&str> = chain.iter().map(String::as_str).collect();
    texts.extend([GLOBAL, main, HUMAN]);
    let mut chat = Chat::over(&texts);
    chat.hear("halo");
    for _ in 0..MAX_FRAMES + 2 {
        assert!(!chat.hear("ya").is_empty());
        assert!(chat.conversation.frames.len() <= MAX_FRAMES);
    }
}

#[test]
fn a_loop_that_the_checks_missed_ends() {
    let main = "flow: main\nversion: 1\nstart: { at: menu }\nstates: { menu: { say: menu, hears: { affirm: a } }, a: { goto: b }, b: { goto: a } }\n";
    let mut chat = Chat::over(&[GLOBAL, main]);
    chat.hear("halo");
    chat.hear("ya");
    assert!(chat.trace.contains(&"too-many-moves".to_owned()));
    assert_eq!(chat.hear("/menu"), ["menu"]);
}

#[test]
fn outcomes_that_nobody_waits_for_and_presses_to_nowhere_harm_nothing() {
    let mut chat = asking();
    chat.step(&Event::Outcome { outcome: "ok".into(), facts: Default::default() });
    assert!(!chat.hear("/menu").is_empty());
    let mut choice = chat.offered[0].0.clone();
    choice.action.intent = None;
    choice.action.goto = Some("gone".into());
    assert_eq!(chat.press_with(choice.clone(), Freshness::Current), ["stale", "menu"]);
    choice.action.flow = "gone".into();
    assert_eq!(chat.press_with(choice, Freshness::Stale), ["stale", "menu"]);
}

#[test]
fn choices_carry_their_words_and_actions() {
    let mut chat = small();
    chat.hear("halo");
    let choice = &chat.replies[0].choices[0];
    assert_eq!(choice.label, Label::Key { key: "btn-shelf".into(), args: Default::default() });
    assert_eq!(choice.action.intent.as_deref(), Some("browse"));
    assert_eq!((choice.action.flow.as_str(), choice.action.state.as_str()), ("main", "menu"));
}
