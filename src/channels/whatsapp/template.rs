//! Outside of the 24-hour window: the approved template that stands for a message.

use super::account::Account;
use super::plan::Part;
use crate::channels::measure::{cut, units};
use crate::domain::message::Outbound;

/// UTF-16 units of all parameters. The whole body of a template may have 1.024 characters, its own words included.
const PARAMETERS_UNITS: usize = 800;
/// Parameters of a template that are filled.
const MAX_PARAMETERS: usize = 10;
/// Quick-reply buttons that are given data.
const MAX_BUTTONS: usize = 3;
/// UTF-16 units of the data of a quick-reply button.
const PAYLOAD_UNITS: usize = 128;
/// The parameter that is the message's own words.
const WORDS: &str = "text";
/// Stands for an argument that the reply does not have: the platform refuses empty parameters.
const MISSING: &str = "-";

/// The template for a message, where the account has one for its first reply.
pub(super) fn template(account: &Account, message: &Outbound) -> Option<Part> {
    let reply = message.replies.first()?;
    let template = account.templates.get(&reply.key)?;
    let names = || template.parameters.iter().take(MAX_PARAMETERS);
    let max = PARAMETERS_UNITS / names().count().max(1);
    let parameter = |name: &String| {
        let raw = if name == WORDS {
            Some(&message.text)
        } else {
            reply.shown.get(name).or_else(|| reply.args.get(name))
        };
        let flat = cut(&flatten(raw.map_or("", String::as_str)), max);
        if flat.is_empty() { MISSING.to_owned() } else { flat }
    };
    let language = message.language.unwrap_or_default();
    let data = message.choices.iter().map(|choice| choice.data.clone());
    let payloads = data
        .take(template.buttons.min(MAX_BUTTONS))
        .take_while(|data| (1..=PAYLOAD_UNITS).contains(&units(data)) && !data.trim().is_empty());
    Some(Part::Template {
        name: template.name.clone(),
        language: template.language(language).to_owned(),
        parameters: names().map(parameter).collect(),
        payloads: payloads.collect(),
    })
}

/// Ends of a line after which the next one needs no mark of its own.
const LINE_ENDS: [char; 8] = ['.', '!', '?', ':', ';', ',', '…', '('];

/// In one line with single spaces: the platform refuses line ends, tabs and more than four spaces in a row. Lines that end
/// without a mark, as those of a list do, are divided by semicolons.
fn flatten(text: &str) -> String {
    let mut flat = String::new();
    for line in text.lines() {
        let words = line.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let line = words.collect::<Vec<_>>().join(" ");
        if !line.is_empty() && !flat.is_empty() {
            flat.push_str(if flat.ends_with(LINE_ENDS) { " " } else { "; " });
        }
        flat.push_str(&line);
    }
    flat
}
