//! Before a person is answered, what is not sold any more leaves their cart, and they are told: nothing that the dialogue
//! shows, adds up or orders afterwards holds it.

use super::OpenTurn;
use crate::dialogue::conversation::Role;
use crate::dialogue::event::Event;
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::row;
use crate::domain::customer::Localized;
use crate::domain::message::Content;
use crate::pipeline::PipelineError;
use crate::pipeline::effects::{Gone, news};

impl OpenTurn<'_> {
    /// Takes out of the cart what is not sold any more. Not while a person of the shop has the conversation: they would be
    /// talked over.
    pub(super) async fn clear_out(&mut self, content: &Content) -> Result<(), PipelineError> {
        if self.conversation.role != Role::Customer || self.is_handed() {
            return Ok(());
        }
        let gone = self.loaded.cart.take_gone(&self.shop.catalog);
        if gone.is_empty() {
            return Ok(());
        }
        let names: Vec<Localized> = gone
            .iter()
            .filter_map(|line| {
                // Of a variant that has gone the product is still known, of a line of an older version at least that.
                let product = self.shop.catalog.product(&line.product);
                line.name.clone().or_else(|| product.map(|product| product.name.clone()))
            })
            .collect();
        let items: Vec<Row> = names.iter().map(|name| row([("name", name.clone().into())])).collect();
        let said = match content {
            Content::Text { text } => text.to_lowercase(),
            _ => String::new(),
        };
        let named = names.into_iter().filter(|name| speaks_of(&said, name)).collect();
        self.gone = Gone { lines: gone.len(), named };
        let facts = news::facts([("items", Value::Rows(items))]);
        self.handle(Event::Signal { name: "cart.gone".to_owned(), facts }).await
    }
}

/// Whether words speak of a thing: all the words of its name are among them, in one language.
fn speaks_of(said: &str, name: &Localized) -> bool {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|letter: char| !letter.is_alphanumeric());
        parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let said = words(said);
    // "Putihnya" speaks of "putih".
    let holds = |word: &String| said.iter().any(|it| it == word || it.strip_suffix("nya") == Some(word));
    std::iter::once(&name.id).chain(&name.en).any(|name| {
        let name = words(name);
        !name.is_empty() && name.iter().all(holds)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("hapus teh putih", true)]
    #[case("Teh Putihnya ga jadi", true)]
    #[case("remove the white tea please", true)]
    #[case("hapus teh hijau", false)]
    #[case("hapus teh", false)]
    #[case("", false)]
    fn words_speak_of_a_thing_when_they_hold_its_name(#[case] said: &str, #[case] speaks: bool) {
        let name = Localized { id: "Teh Putih".to_owned(), en: Some("White Tea".to_owned()) };
        assert_eq!(speaks_of(&said.to_lowercase(), &name), speaks);
    }
}
