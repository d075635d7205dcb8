//! The conversation of a terminal: a line in, its replies out, then the next line.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::channels::console::{Console, chat_of, request};
use crate::channels::posted::Posted;
use crate::cli::Failure;
use crate::domain::message::Inbound;

use super::lines::Lines;
use super::screen::Screen;

/// The longest wait for the replies to one line, in milliseconds; after it the next line is read all the same.
const MAX_WAIT_MS: u64 = 30_000;
/// The first and the longest pause between two looks, in milliseconds.
const LOOK_MS: u64 = 5;
const MAX_LOOK_MS: u64 = 100;

/// The shop, as a terminal needs it.
#[async_trait]
pub trait Shop: Send + Sync {
    /// Stores what the person wrote.
    async fn accept(&self, inbound: Inbound) -> Result<(), Failure>;

    /// Whether something of this conversation is still being handled or sent.
    async fn is_under_way(&self) -> Result<bool, Failure>;

    /// A fresh id for a message.
    fn fresh_id(&self) -> String;
}

/// Who sits at the terminal.
pub struct Person {
    /// The name as given.
    pub name: String,
    /// The language of a conversation that begins.
    pub language: Option<String>,
}

/// Talks until the lines end. `first` is said before the first line. Each line waits for the replies to the one before.
///
/// # Errors
/// [`Failure`] when a message cannot be stored or the database is gone.
pub async fn talk(
    shop: &dyn Shop,
    console: &Console,
    person: &Person,
    first: Option<String>,
    mut lines: Lines,
    screen: &Screen,
) -> Result<(), Failure> {
    // What could not be printed at the last visit comes first.
    settle(shop, screen).await?;
    if let Some(text) = first {
        say(shop, console, person, text).await?;
        settle(shop, screen).await?;
    }
    while !screen.is_gone() {
        let Some(line) = lines.next().await else { break };
        if !lines.empty_counts && line.trim().is_empty() {
            continue;
        }
        say(shop, console, person, line).await?;
        settle(shop, screen).await?;
    }
    Ok(())
}

async fn say(shop: &dyn Shop, console: &Console, person: &Person, text: String) -> Result<(), Failure> {
    let posted = Posted {
        id: shop.fresh_id(),
        text: Some(text),
        name: Some(person.name.clone()),
        lang: person.language.clone(),
        ..Posted::default()
    };
    let inbound = console.read(&request(&chat_of(&person.name), &posted));
    shop.accept(inbound.map_err(|error| Failure::new(error.to_string()))?).await
}

/// Waits until nothing of the conversation is under way.
async fn settle(shop: &dyn Shop, screen: &Screen) -> Result<(), Failure> {
    let end = Instant::now() + Duration::from_millis(MAX_WAIT_MS);
    let mut pause = Duration::from_millis(LOOK_MS);
    while shop.is_under_way().await? && !screen.is_gone() {
        if Instant::now() >= end {
            eprintln!("warung: the shop has not answered within 30 seconds; going on");
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(MAX_LOOK_MS));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::channels::console::Printer;
    use crate::domain::message::{Content, Outbound};

    /// A shop that answers the line before it at the third look, and notes what it heard.
    struct Slow {
        screen: Arc<Screen>,
        heard: Mutex<Vec<String>>,
        looks_left: Mutex<u32>,
    }

    #[async_trait]
    impl Shop for Slow {
        async fn accept(&self, inbound: Inbound) -> Result<(), Failure> {
            assert_eq!(
                *self.looks_left.lock().unwrap(),
                0,
                "the last line is answered before the next is sent"
            );
            let Content::Text { text } = inbound.content else { panic!("terminals send text") };
            self.heard.lock().unwrap().push(text);
            *self.looks_left.lock().unwrap() = 3;
            Ok(())
        }

        async fn is_under_way(&self) -> Result<bool, Failure> {
            let mut left = self.looks_left.lock().unwrap();
            if *left == 1 {
                let heard = self.heard.lock().unwrap();
                let text = format!("jawaban: {}", heard[heard.len() - 1]);
                let message = Outbound { text, ..Outbound::default() };
                let id = heard.len() as i64;
                // Twice, as after a crash between sending and noting it.
                self.screen.print("ayu", id, &message).unwrap();
                self.screen.print("ayu", id, &message).unwrap();
            }
            *left = left.saturating_sub(1);
            Ok(*left > 0)
        }

        fn fresh_id(&self) -> String {
            format!("m{}", self.heard.lock().unwrap().len())
        }
    }

    async fn after(lines: Lines, first: Option<&str>) -> (Vec<String>, String) {
        let screen = Arc::new(Screen::in_memory());
        let shop =
            Slow { screen: Arc::clone(&screen), heard: Mutex::default(), looks_left: Mutex::default() };
        let console = Console::new("ayu", Arc::clone(&screen) as Arc<dyn Printer>);
        let person = Person { name: "Ayu".to_owned(), language: None };
        talk(&shop, &console, &person, first.map(str::to_owned), lines, &screen).await.unwrap();
        (shop.heard.into_inner().unwrap(), screen.text())
    }

    #[tokio::test]
    async fn each_line_is_answered_before_the_next_and_nothing_is_printed_twice() {
        let (heard, text) = after(Lines::of(&["halo", "", "1"], true), None).await;
        assert_eq!(heard, ["halo", "", "1"]);
        assert_eq!(text, "jawaban: halo\n\njawaban: \n\njawaban: 1\n\n");
    }

    #[tokio::test]
    async fn at_a_keyboard_an_empty_line_is_a_slip() {
        let (heard, _) = after(Lines::of(&["  ", "halo"], false), Some("KODE")).await;
        assert_eq!(heard, ["KODE", "halo"]);
    }
}
