//! Botium's semantics on a bot that answers with the words that it hears, as Botium's own echo connector does.

use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use rstest::rstest;

use super::parse;
use super::{Convo, Tag};
use crate::convo::play::Plan;
use crate::convo::script::{Fact, Fault};
use crate::convo::world::{Delivered, Money, Setting, World, WorldError, Worlds};
use crate::domain::customer::Language;
use crate::domain::message::{Content, Outbound, OutboundChoice};

struct EchoWorlds;

struct Echo {
    now: DateTime<Utc>,
    out: Vec<Delivered>,
    later: Vec<(DateTime<Utc>, String)>,
}

#[async_trait]
impl Worlds for EchoWorlds {
    async fn build(&self, setting: &Setting) -> Result<Box<dyn World>, WorldError> {
        Ok(Box::new(Echo { now: setting.clock, out: Vec::new(), later: Vec::new() }))
    }
}

impl Echo {
    fn answer(&mut self, text: &str) {
        for text in text.split("||") {
            let (text, labels) = text.split_once('[').unwrap_or((text, ""));
            let choices = labels.trim_end_matches(']').split(',').filter(|label| !label.is_empty());
            self.out.push(Delivered {
                at: self.now,
                message: Outbound {
                    text: text.trim().to_owned(),
                    choices: choices
                        .map(|label| OutboundChoice {
                            label: label.to_owned(),
                            data: format!("pressed {label}"),
                        })
                        .collect(),
                    ..Outbound::default()
                },
            });
        }
    }
}

#[async_trait]
impl World for Echo {
    async fn say(&mut self, _actor: &str, text: &str) -> Result<(), WorldError> {
        match text.strip_prefix("later ") {
            Some(text) => self.later.push((self.now + Duration::seconds(5), text.to_owned())),
            None if text == "hush" => {}
            None => self.answer(text),
        }
        Ok(())
    }

    async fn press(&mut self, actor: &str, data: &str) -> Result<(), WorldError> {
        self.say(actor, data).await
    }

    async fn send(&mut self, _actor: &str, _content: Content) -> Result<(), WorldError> {
        Ok(())
    }

    async fn again(&mut self, _actor: &str) -> Result<(), WorldError> {
        Ok(())
    }

    async fn pay(&mut self, _money: &Money) -> Result<(), WorldError> {
        Ok(())
    }

    async fn advance(&mut self, by: Duration) -> Result<(), WorldError> {
        self.now += by;
        let now = self.now;
        let due: Vec<String> =
            self.later.extract_if(.., |(at, _)| *at <= now).map(|(_, text)| text).collect();
        due.iter().for_each(|text| self.answer(text));
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), WorldError> {
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn take_messages(&mut self, _actor: &str) -> Vec<Delivered> {
        std::mem::take(&mut self.out)
    }

    async fn restart(&mut self) -> Result<(), WorldError> {
        Ok(())
    }

    async fn fault(&mut self, _fault: &Fault) -> Result<(), WorldError> {
        Ok(())
    }

    async fn end(&mut self) {}

    async fn fact(&mut self, _fact: &Fact) -> Result<String, WorldError> {
        Ok(String::new())
    }

    async fn newest_order(&mut self, _actor: &str) -> Result<Option<String>, WorldError> {
        Ok(None)
    }

    async fn trace(&mut self, _actor: &str) -> Vec<String> {
        Vec::new()
    }

    async fn explain(&mut self, _actor: &str, _text: &str) -> Vec<String> {
        vec!["intent ViewCart".to_owned(), "item 1 x tea".to_owned()]
    }

    fn translate(&self, _label: &str, _from: Language, _to: Language) -> Option<String> {
        None
    }
}

fn convo(text: &str) -> Convo {
    let mut problems = Vec::new();
    let (name, sections) = parse::sections(Path::new("x.convo.txt"), text, &mut problems);
    assert_eq!(problems, []);
    Convo {
        path: "x.convo.txt".into(),
        name,
        lines: text.lines().map(str::to_owned).collect(),
        sections,
        utterances: [("UTT_HI".to_owned(), vec!["hello".to_owned(), "good morning".to_owned()])].into(),
        partials: [(
            "GREET".to_owned(),
            parse::sections(Path::new("p"), "GREET\n#me\nhey\n#bot\nhey", &mut problems).1,
        )]
        .into(),
        cases: Vec::new(),
    }
}

async fn verdict(text: &str) -> Result<(), String> {
    super::play(&convo(text), &Plan::default(), &EchoWorlds).await.map_err(|report| report.what)
}

#[test]
fn only_five_tags_begin_a_section() {
    let read = convo("name\nmore words\n#me\n#hashtag is text\n#bot channel\nx\n#end\n");
    assert_eq!(read.name, "name");
    assert_eq!(
        read.sections.iter().map(|section| section.tag).collect::<Vec<_>>(),
        [Tag::Me, Tag::Bot, Tag::Frame]
    );
    assert_eq!(read.sections[0].text, "#hashtag is text");
    assert_eq!(convo("#me\nno name\n").name, "x.convo.txt");
}

#[rstest]
#[case("n\n#me\nHello there\n#bot\nhello")] // contained, case ignored
#[case("n\n#me\nHello   <b>big</b> world\n#bot\nhello big world")]
#[case("n\n#me\none two three\n#bot\none*three")]
#[case("n\n#me\nhello\n#bot")] // no text: not checked
#[case("n\n#me\nhello\n#bot\n!goodbye")]
#[case("n\n#me\n?really\n#bot\n??really")]
#[case("n\n#me\n!wow\n#bot\n!!wow")]
#[case("n\n#me\nb\n#bot\n?a\n#bot\nb")] // an optional step is left out
#[case("n\n#me\na||b\n#bot\n?a\n#bot\nb")]
#[case("n\n#me\nUTT_HI\n#bot\nUTT_HI")]
#[case("n\n#me\nlater x\n#bot\nx")] // within ten seconds
#[case("n\n#me\nlater x\nPAUSE 6000\n#bot\nx")]
#[case("n\n#me\nx\n#bot\nx\n#bot\nBOT_CONSUMED")]
#[case("n\n#me\nx||y\n#bot\nx\n#bot\nBOT_UNCONSUMED_COUNT 1")]
#[case("n\n#begin\nINCLUDE GREET\n#me\nx\n#bot\nx")]
#[case("n\n#include\nGREET\n#me\nx\n#bot\nx")]
#[case("n\n#begin\nSET_SCRIPTING_MEMORY what|tea\n#me\n$what please\n#bot\ntea please")]
#[case("n\n#me\npick [A,B]\n#bot\nBUTTONS A|B\nBUTTONS_COUNT 2\n#me\nBUTTON A\n#bot\npressed A")]
#[case("n\n#me\nx\n#bot\nBUTTONS_COUNT 0\n!BUTTONS")]
#[case("n\n#me\nabc def\n#bot\nTEXT_CONTAINS_ALL abc|def\nTEXT_CONTAINS_ANY xyz|abc\nTEXT_EQUALS abc def")]
#[case("n\n#me\nabc\n#bot\nTEXT_CONTAINS_ANY_IC ABC\n!TEXT_CONTAINS_ANY ABC\nTEXT_REGEXP_ANY ^a.c$")]
#[case("n\n#me\nabc\n#bot\nTEXT_WILDCARDEXACT_ANY a*c\n!TEXT_WILDCARDEXACT_ANY b*c\nTEXT_WILDCARD_ALL b*|a")]
#[case("n\n#me\na|b\n#bot\nTEXT_CONTAINS_ALL a\\|b")]
#[case("n\n#me\n{\"a\": 1}\n#bot\n{\"a\":1}")]
#[case("n\n#me\nx [Go]\n#bot\nJSON_PATH $.choices[0].label|Go")]
#[case("n\n#me\nx\n#bot\nINTENT view_cart\nENTITIES item")]
#[tokio::test]
async fn holds(#[case] text: &str) {
    assert_eq!(verdict(text).await, Ok(()), "{text}");
}

#[rstest]
#[case("n\n#me\nhello\n#bot\ngoodbye", "something else")]
#[case("n\n#me\nhello\n#bot\n!hello", "something else")]
#[case("n\n#me\nhush\n#bot\nx", "said nothing")]
#[case("n\n#me\na\n#bot\n?b\n#bot\nc", "something else")]
#[case("n\n#me\nx||y\n#bot\nx\n#bot\nBOT_CONSUMED", "BOT_CONSUMED does not hold")]
#[case("n\n#me\nx\n#bot\nBUTTONS A", "BUTTONS does not hold")]
#[case("n\n#me\nabc\n#bot\nTEXT ab", "TEXT does not hold")]
#[case("n\n#me\nx\n#bot\nMEDIA a.png", "unsupported: MEDIA")]
#[case("n\n#me\nx\n#bot\nx\nTEXT_WER x|0.2", "unsupported: TEXT_WER")]
#[case("n\n#me\nFORM name|x\n#bot\nx", "unsupported: FORM")]
#[case("n\n#me\nx\nUPDATE_CUSTOM a|b\n#bot\nx", "unsupported: UPDATE_CUSTOM")]
#[case("n\n#me\nx\n#bot\n?CARDS a", "unsupported: CARDS")]
#[case("n\n#me\nx\n#bot\nCONDITIONAL_STEP_GROUP g", "unsupported: CONDITIONAL_STEP_GROUP")]
#[case("n\n#include\nNOBODY", "no such partial conversation")]
#[case("n\n#me\nx\n#bot\nTEXT_REGEXP_ANY (", "is no pattern")]
#[case("n\n#me\nx\n#bot\nINTENT order", "INTENT does not hold")]
#[tokio::test]
async fn fails(#[case] text: &str, #[case] what: &str) {
    let verdict = verdict(text).await;
    assert!(verdict.as_ref().is_err_and(|said| said.contains(what)), "{text}: {verdict:?}");
}

#[tokio::test]
async fn a_memory_gives_one_run_per_case_and_catches_words() {
    let mut convo = convo("n\n#me\nbuy $what now\n#bot\nbuy $what $when\n#me\n$when\n#bot\nnow");
    convo.cases = parse::memory("      |$what\ncase1 |tea\ncase2 |coffee\n");
    assert_eq!(convo.cases.len(), 2);
    assert!(super::play(&convo, &Plan::default(), &EchoWorlds).await.is_ok());
}
