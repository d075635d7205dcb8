//! The lines of a script that are known by their first word, and the parts that several kinds of line share.

use super::cursor::{self, Bad, Cursor, Token};
use super::directives::language;
use super::script::{
    Act, Actor, Button, DEFAULT_CHANNEL, Expect, Fact, Fault, Invariant, Pay, PayKind, Text, Verb, Want,
    Which,
};
use crate::domain::message::{Content, FileRef, MediaKind};
use crate::pipeline::faults::POINTS;

/// Times that one line may ask for.
const MAX_TIMES: u32 = 1_000;

/// Whether something can be the name of an actor.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

/// Reads a line that begins with a verb, `=` or `+`.
pub(super) fn read(cursor: &mut Cursor<'_>, actors: &[&str]) -> Result<Verb, Bad> {
    let body = cursor.rest();
    if body.starts_with('=') {
        return invariant(cursor, actors);
    }
    let first = cursor.expect("a verb")?;
    let verb = match first.value.as_str() {
        word if word.starts_with('+') => {
            let by = cursor::duration(&word[1..])
                .ok_or((first.column, "this is no time: write +16m, +1h30m, +2d or +10s".to_owned()))?;
            Verb::Act(Act::Advance(by))
        }
        "tap" => tap(cursor, actors, 1)?,
        "tap2" => tap(cursor, actors, 2)?,
        "press" => {
            let who = actor_name(cursor, actors)?;
            let data = cursor.expect("the button's data")?;
            Verb::Act(Act::Press { who, data: cursor::text(&data.value, data.value_column)? })
        }
        "pay" => Verb::Act(Act::Pay(pay(cursor)?)),
        "photo" => media(cursor, actors, MediaKind::Image)?,
        "voice" => media(cursor, actors, MediaKind::Audio)?,
        "video" => media(cursor, actors, MediaKind::Video)?,
        "sticker" => media(cursor, actors, MediaKind::Sticker)?,
        "document" => media(cursor, actors, MediaKind::Document)?,
        "contact" => media(cursor, actors, MediaKind::Contact)?,
        "location" => location(cursor, actors)?,
        "dup" => Verb::Act(Act::Again(optional_actor(cursor, actors)?)),
        "edit" => edit(cursor, actors)?,
        "drop" => {
            let who = actor_name(cursor, actors)?;
            Verb::Fault(Fault::Drop { who, times: times(cursor)? })
        }
        "restart" => Verb::Restart,
        "fault" => fault(cursor, actors)?,
        word if word == "silent" || word.starts_with("silent@") => {
            let who = word.strip_prefix("silent@").map(str::to_owned);
            if let Some(who) = &who {
                known(who, actors, first.column)?;
            }
            Verb::Silent(who)
        }
        other => {
            let advice = "write `budi> …` for what somebody says, or one of: tap tap2 press pay photo voice video \
                          sticker document contact location edit dup drop together restart fault silent = +";
            return Err((first.column, format!("`{other}` is no step: {advice}")));
        }
    };
    if !matches!(verb, Verb::Act(Act::Say { .. })) {
        cursor.end()?;
    }
    Ok(verb)
}

/// Reads `@actor name [channel:chat] [lang=id] [owner] [name="…"] [phone=…]`, the word `@actor` having been read.
pub(super) fn actor(cursor: &mut Cursor<'_>) -> Result<Actor, Bad> {
    let name = cursor.expect("the actor's name")?;
    if !is_name(&name.value) || name.name.is_some() || name.value == "bot" {
        return Err((
            name.column,
            "a name is lower-case letters, digits, `-` and `_`, and not `bot`".to_owned(),
        ));
    }
    let mut actor = Actor {
        channel: DEFAULT_CHANNEL.to_owned(),
        chat: name.value.clone(),
        name: name.value,
        language: None,
        owner: false,
        display: None,
        phone: None,
    };
    while let Some(token) = cursor.token()? {
        match (token.name.as_deref(), token.value.as_str()) {
            (Some("lang"), value) => actor.language = Some(language(value, token.value_column)?),
            (Some("name"), value) => actor.display = Some(value.to_owned()),
            (Some("phone"), value) => actor.phone = Some(value.to_owned()),
            (None, "owner") => actor.owner = true,
            (None, place)
                if place
                    .split_once(':')
                    .is_some_and(|(channel, chat)| is_name(channel) && !chat.is_empty()) =>
            {
                if let Some((channel, chat)) = place.split_once(':') {
                    actor.channel = channel.to_owned();
                    actor.chat = chat.to_owned();
                }
            }
            _ => {
                return Err((
                    token.column,
                    "an actor has `channel:chat`, `lang=id`, `owner`, `name=\"…\"` and `phone=…`".to_owned(),
                ));
            }
        }
    }
    Ok(actor)
}

/// Reads what stands after `bot>`.
pub(super) fn expectation(
    cursor: &mut Cursor<'_>,
    who: Option<String>,
    anywhere: bool,
) -> Result<Expect, Bad> {
    let key = cursor.expect("the key of a reply, or `?` to have it recorded")?;
    let is_key = key.name.is_none()
        && !key.value.is_empty()
        && key.value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !is_key && key.value != "?" {
        return Err((key.column, format!("`{}` is no key of a reply: look in locales/", key.value)));
    }
    let mut expect = Expect {
        who,
        anywhere,
        key: key.value,
        args: Vec::new(),
        bind: None,
        times: None,
        after: None,
        record: Vec::new(),
    };
    while let Some(token) = cursor.token()? {
        match token.name.as_deref() {
            Some("times") => expect.times = Some(number(&token)? as usize),
            Some("after") => {
                let after = cursor::duration(&token.value)
                    .ok_or((token.value_column, "this is no time: write after=3s".to_owned()))?;
                expect.after = Some(after);
            }
            Some(name) => {
                expect.args.push((name.to_owned(), cursor::text(&token.value, token.value_column)?))
            }
            None if token.value == "as" => {
                let variable = cursor.expect("a variable like $order")?;
                let name = variable
                    .value
                    .strip_prefix('$')
                    .filter(|name| is_name(name))
                    .ok_or((variable.column, "a variable is `$` and a name: `as $order`".to_owned()))?;
                expect.bind = Some(name.to_owned());
            }
            None => {
                return Err((
                    token.column,
                    format!("`{}` stands alone: write arguments as name=value", token.value),
                ));
            }
        }
    }
    Ok(expect)
}

/// Every text of a step in which a variable can stand.
pub(super) fn texts(verb: &Verb) -> Vec<&Text> {
    match verb {
        Verb::Act(Act::Say { text, .. } | Act::Press { data: text, .. }) => vec![text],
        Verb::Act(Act::Pay(pay)) => vec![&pay.order],
        Verb::Act(Act::Tap { button: Button { which: Which::Words(text), .. }, .. }) => vec![text],
        Verb::Invariant(invariant) => {
            let mut texts = match &invariant.fact {
                Fact::OrderStatus(text) | Fact::OrderTotal(text) | Fact::Payments(Some(text)) => vec![text],
                _ => Vec::new(),
            };
            if let Want::Is(text) = &invariant.want {
                texts.push(text);
            }
            texts
        }
        _ => Vec::new(),
    }
}

fn known(name: &str, actors: &[&str], column: usize) -> Result<(), Bad> {
    if actors.contains(&name) {
        return Ok(());
    }
    Err((column, format!("nobody is called `{name}`: add a line `@actor {name}` at the top")))
}

fn actor_name(cursor: &mut Cursor<'_>, actors: &[&str]) -> Result<String, Bad> {
    let token = cursor.expect("an actor")?;
    known(&token.value, actors, token.column)?;
    Ok(token.value)
}

fn optional_actor(cursor: &mut Cursor<'_>, actors: &[&str]) -> Result<Option<String>, Bad> {
    if cursor.is_done() { Ok(None) } else { actor_name(cursor, actors).map(Some) }
}

fn number(token: &Token) -> Result<u32, Bad> {
    token
        .value
        .parse()
        .ok()
        .filter(|number| *number <= MAX_TIMES)
        .ok_or((token.value_column, format!("`{}` is no number from 0 to {MAX_TIMES}", token.value)))
}

/// The rest of a line that may only hold `times=N`.
fn times(cursor: &mut Cursor<'_>) -> Result<u32, Bad> {
    match cursor.token()? {
        None => Ok(1),
        Some(token) if token.name.as_deref() == Some("times") => number(&token),
        Some(token) => Err((token.column, "only `times=N` can stand here".to_owned())),
    }
}

fn tap(cursor: &mut Cursor<'_>, actors: &[&str], times: u32) -> Result<Verb, Bad> {
    let who = actor_name(cursor, actors)?;
    let (column, label) = cursor.bracket()?.ok_or((
        cursor.column(),
        "name the button in brackets: [Checkout], [#2], [Checkout @1]".to_owned(),
    ))?;
    let (words, message) = match label.rsplit_once('@') {
        Some((words, number)) if number.parse::<i64>().is_ok_and(|number| number != 0) => {
            (words.trim(), number.parse().ok())
        }
        _ => (label.as_str(), None),
    };
    let which = match words.strip_prefix('#').and_then(|place| place.parse::<usize>().ok()) {
        Some(0) => return Err((column, "buttons are counted from 1".to_owned())),
        Some(place) => Which::Place(place),
        None if words.is_empty() => {
            return Err((column, "the brackets are empty: name the button".to_owned()));
        }
        None => Which::Words(cursor::text(words, column)?),
    };
    Ok(Verb::Act(Act::Tap { who, button: Button { which, message }, times }))
}

fn pay(cursor: &mut Cursor<'_>) -> Result<Pay, Bad> {
    let order = cursor.expect("the order: $order, or its number")?;
    let mut pay = Pay {
        order: cursor::text(&order.value, order.value_column)?,
        kind: PayKind::Paid,
        amount: None,
        id: None,
        notice: None,
    };
    while let Some(token) = cursor.token()? {
        match (token.name.as_deref(), token.value.as_str()) {
            (None, "paid") => pay.kind = PayKind::Paid,
            (None, "short") => pay.kind = PayKind::Short,
            (None, "over") => pay.kind = PayKind::Over,
            (None, "late") => pay.kind = PayKind::Late,
            (None, "lost") => pay.kind = PayKind::Lost,
            (None, "forged") => pay.kind = PayKind::Forged,
            (Some("amount"), amount) => {
                let amount = amount.parse().ok().filter(|amount: &i64| *amount > 0).ok_or((
                    token.value_column,
                    "an amount is whole rupiah in digits alone: amount=95000".to_owned(),
                ))?;
                pay.amount = Some(amount);
            }
            (Some("id"), id) => pay.id = Some(id.to_owned()),
            (Some("notice"), words) => pay.notice = Some(words.to_owned()),
            _ => {
                return Err((
                    token.column,
                    "write `pay $order paid|short|over|late|lost|forged amount=… id=… notice=…`".to_owned(),
                ));
            }
        }
    }
    Ok(pay)
}

fn media(cursor: &mut Cursor<'_>, actors: &[&str], media: MediaKind) -> Result<Verb, Bad> {
    let who = actor_name(cursor, actors)?;
    let (mut caption, mut file) = (None, None);
    while let Some(token) = cursor.token()? {
        match token.name.as_deref() {
            None if caption.is_none() => caption = Some(token.value),
            Some(kind @ ("qris" | "receipt" | "pdf")) if file.is_none() => {
                file = Some(FileRef { id: format!("{kind}:{}", token.value), mime: None, size_bytes: None });
            }
            _ => {
                let advice =
                    "write a caption, and what is drawn: `qris=TEXT`, `receipt=NUMBER` or `pdf=NUMBER`";
                return Err((token.column, advice.to_owned()));
            }
        }
    }
    Ok(Verb::Act(Act::Send { who, content: Content::Media { media, caption, file } }))
}

fn location(cursor: &mut Cursor<'_>, actors: &[&str]) -> Result<Verb, Bad> {
    let who = actor_name(cursor, actors)?;
    let place = cursor.expect("latitude,longitude")?;
    let is_degree = |text: &str| text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= 180.0);
    let (latitude, longitude) = place
        .value
        .split_once(',')
        .filter(|(north, east)| is_degree(north) && is_degree(east))
        .ok_or((place.column, "write the place as -6.2,106.8".to_owned()))?;
    let name = cursor.token()?.map(|token| token.value);
    let content = Content::Location { latitude: latitude.to_owned(), longitude: longitude.to_owned(), name };
    Ok(Verb::Act(Act::Send { who, content }))
}

/// `edit who> words`: platforms tell of a changed message as of a new one.
fn edit(cursor: &mut Cursor<'_>, actors: &[&str]) -> Result<Verb, Bad> {
    let advice = "write `edit budi> the new words`";
    let column = cursor.column();
    let (who, words) = cursor.rest().trim_start().split_once('>').ok_or((column, advice.to_owned()))?;
    known(who, actors, column)?;
    let text = cursor::text(words.strip_prefix(' ').unwrap_or(words), column)?;
    Ok(Verb::Act(Act::Say { who: who.to_owned(), text }))
}

fn fault(cursor: &mut Cursor<'_>, actors: &[&str]) -> Result<Verb, Bad> {
    let what = cursor.expect("crash@POINT or send@ACTOR")?;
    if let Some(point) = what.value.strip_prefix("crash@") {
        // A short name means the point of the turn, where there are several.
        let full = format!("turn.{point}");
        let short = |known: &&&str| known.split_once('.').is_some_and(|(_, end)| end == point);
        let known = POINTS.iter().find(|known| **known == point || **known == full);
        let point = known
            .or_else(|| POINTS.iter().find(short))
            .ok_or((what.column, format!("`{point}` is no point: there are {}", POINTS.join(" "))))?;
        return Ok(Verb::Fault(Fault::Crash { point: (*point).to_owned(), times: times(cursor)? }));
    }
    let Some(who) = what.value.strip_prefix("send@") else {
        return Err((
            what.column,
            "write `fault crash@POINT` or `fault send@ACTOR 429 retry_after=3 times=2`".into(),
        ));
    };
    let _ = actors;
    let status = cursor.expect("an HTTP status, or `timeout`")?;
    let code = match status.value.as_str() {
        "timeout" => 0,
        code => code.parse().ok().filter(|code| (400..600).contains(code)).ok_or((
            status.column,
            "a send fails with a status from 400 to 599, or with `timeout`".to_owned(),
        ))?,
    };
    let mut fault = Fault::Send { who: who.to_owned(), status: code, retry_after: None, times: 1 };
    while let Some(token) = cursor.token()? {
        if let Fault::Send { retry_after, times, .. } = &mut fault {
            match token.name.as_deref() {
                Some("retry_after") => {
                    let wait = cursor::duration(&token.value)
                        .ok_or((token.value_column, "this is no time: write retry_after=3".to_owned()))?;
                    *retry_after = Some(wait);
                }
                Some("times") => *times = number(&token)?,
                _ => {
                    return Err((
                        token.column,
                        "only `retry_after=…` and `times=…` can stand here".to_owned(),
                    ));
                }
            }
        }
    }
    Ok(Verb::Fault(fault))
}

fn invariant(cursor: &mut Cursor<'_>, actors: &[&str]) -> Result<Verb, Bad> {
    let mut rest = cursor.rest()[1..].trim_start();
    // `=cart` and `= cart` are the same; the cursor goes on after the sign.
    let skipped = cursor.rest().len() - rest.len();
    cursor.skip(skipped);
    let word = cursor.expect("what must hold")?;
    let (name, who) = match word.value.split_once('@') {
        Some((name, who)) => {
            known(who, actors, word.column + name.chars().count() + 1)?;
            (name.to_owned(), Some(who.to_owned()))
        }
        None => (word.value.clone(), None),
    };
    let slug = |cursor: &mut Cursor<'_>| cursor.expect("the slug of a product").map(|token| token.value);
    let order = |cursor: &mut Cursor<'_>| {
        cursor.expect("an order").and_then(|token| cursor::text(&token.value, token.value_column))
    };
    let fact = match name.as_str() {
        "cart" => Fact::Cart(who),
        "total" => Fact::Total(who),
        "orders" => Fact::Orders(who),
        "order" => {
            let order = order(cursor)?;
            rest = cursor.rest().trim_start();
            if rest.starts_with("total=") { Fact::OrderTotal(order) } else { Fact::OrderStatus(order) }
        }
        "stock" | "free" => Fact::Stock(slug(cursor)?),
        "shelf" => Fact::Shelf(slug(cursor)?),
        "holds" => Fact::Holds(one_before_last(cursor)),
        "payments" => match one_before_last(cursor) {
            Some(order) => Fact::Payments(Some(cursor::text(&order, word.column)?)),
            None => Fact::Payments(None),
        },
        "messages" => Fact::Messages(who),
        "staff" => {
            let column = cursor.column();
            if cursor.expect("notices")?.value != "notices" {
                return Err((column, "write `= staff notices N`".to_owned()));
            }
            Fact::Notices
        }
        "notices" => Fact::Notices,
        "outbox" => Fact::Outbox,
        "ledger" => Fact::Ledger,
        "language" => Fact::Language(who),
        "state" => Fact::State(who),
        "mode" => Fact::Mode(who),
        other => {
            return Err((
                word.column,
                format!(
                    "`{other}` is no invariant: there are cart total orders order stock shelf holds payments messages \
                     notices outbox ledger language state mode"
                ),
            ));
        }
    };
    let want = want(cursor, &fact)?;
    cursor.end()?;
    Ok(Verb::Invariant(Invariant { fact, want }))
}

/// The next word, when another one comes after it.
fn one_before_last(cursor: &mut Cursor<'_>) -> Option<String> {
    let words: Vec<&str> =
        cursor.rest().split_whitespace().take_while(|word| !word.starts_with('#')).collect();
    if words.len() < 2 {
        return None;
    }
    cursor.token().ok().flatten().map(|token| token.value)
}

fn want(cursor: &mut Cursor<'_>, fact: &Fact) -> Result<Want, Bad> {
    let first = cursor.expect("what it must be")?;
    let counts = !matches!(
        fact,
        Fact::Cart(_)
            | Fact::OrderStatus(_)
            | Fact::Outbox
            | Fact::Ledger
            | Fact::Language(_)
            | Fact::State(_)
            | Fact::Mode(_)
    );
    if !counts {
        let mut words = vec![first.value.clone()];
        while let Some(token) = cursor.token()? {
            words.push(token.value);
        }
        if matches!(fact, Fact::Cart(_)) && first.value != "empty" {
            for word in &words {
                let is_line =
                    word.rsplit_once(':').is_some_and(|(_, quantity)| quantity.parse::<u32>().is_ok());
                if !is_line {
                    return Err((
                        first.column,
                        format!("`{word}` is no line of a cart: write slug:2, or `empty`"),
                    ));
                }
            }
            words.sort_unstable();
        }
        return Ok(Want::Is(cursor::text(&words.join(" "), first.column)?));
    }
    let raw = first.value.as_str();
    let relative = matches!(fact, Fact::Stock(_) | Fact::Shelf(_)) && raw.starts_with(['+', '-']);
    let digits = raw.strip_prefix('=').unwrap_or(raw);
    if digits.starts_with('$') {
        return Ok(Want::Is(cursor::text(digits, first.value_column)?));
    }
    let number: i64 = digits.parse().map_err(|_| {
        (first.value_column, format!("`{raw}` is no whole number: write 3, or -3 for a change of stock"))
    })?;
    Ok(if relative { Want::Changed(number) } else { Want::Is(Text::plain(number.to_string())) })
}
