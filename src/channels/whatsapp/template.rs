//! Outside of the 24-hour window: the approved template that stands for a message.

use super::account::Account;
use super::plan::Part;
use super::words::cut;
use crate::domain::message::Outbound;

/// UTF-16 units of one parameter. The whole body of a template may have 1.024 characters.
const PARAMETER_UNITS: usize = 256;
/// Parameters of a template that are filled.
const MAX_PARAMETERS: usize = 10;
/// The parameter that is the message's own words.
const WORDS: &str = "text";
/// Stands for an argument that the reply does not have: the platform refuses empty parameters.
const MISSING: &str = "-";

/// The template for a message, where the account has one for its first reply.
pub(super) fn template(account: &Account, message: &Outbound) -> Option<Part> {
    let reply = message.replies.first()?;
    let template = account.templates.get(&reply.key)?;
    let parameter = |name: &String| {
        let raw = if name == WORDS { Some(&message.text) } else { reply.args.get(name) };
        let flat = cut(&flatten(raw.map_or("", String::as_str)), PARAMETER_UNITS);
        if flat.is_empty() { MISSING.to_owned() } else { flat }
    };
    let language = message.language.unwrap_or_default();
    Some(Part::Template {
        name: template.name.clone(),
        language: template.language(language).to_owned(),
        parameters: template.parameters.iter().take(MAX_PARAMETERS).map(parameter).collect(),
    })
}

/// In one line with single spaces: the platform refuses line ends, tabs and more than four spaces in a row.
fn flatten(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
