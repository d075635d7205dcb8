//! `warung parse`: show what the bot understands of a message.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::PgPool;

use super::Failure;
use crate::dialogue::understand::{
    CatalogIndex, Expectation, Intent, Lexicon, Trace, Understanding, explain,
};
use crate::domain::catalog::Catalog;
use crate::domain::customer::Language;
use crate::store;

/// The shop that is meant where none is named.
const DEMO_STORE: &str = "bella-teh";
/// Bytes of a file of messages that are read.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Arguments of `warung parse`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  warung parse \"pesan 2 teh hijau sama 1 teh putih\"\n  warung parse --explain \"teh ijo dua bks\"\n  warung parse --file messages.jsonl --store bella-teh"
)]
pub struct Args {
    /// The message.
    #[arg(required_unless_present = "file", conflicts_with = "file", allow_hyphen_values = true)]
    pub text: Option<String>,
    /// The shop whose catalogue is meant; the demo shop without it.
    #[arg(long, value_name = "SLUG")]
    pub store: Option<String>,
    /// The conversation's language, for messages that do not show one: id or en.
    #[arg(long, value_name = "LANG", value_parser = language)]
    pub lang: Option<Language>,
    /// Show every stage for people to read.
    #[arg(long, conflicts_with = "json")]
    pub explain: bool,
    /// Print one JSON object per message (also without this option when a file is read).
    #[arg(long)]
    pub json: bool,
    /// Read one {"text": …} per line; prints one object per line, in order.
    #[arg(long, value_name = "F.jsonl")]
    pub file: Option<PathBuf>,
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "the languages are `id` and `en`".to_owned())
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let settings = super::settings()?;
    let database = super::database(&settings).await?;
    let result = run_with(&database.pool, &args).await;
    database.close().await?;
    result
}

/// Runs the command with the catalogue that a database holds.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run_with(pool: &PgPool, args: &Args) -> Result<(), Failure> {
    let slug = args.store.as_deref().unwrap_or(DEMO_STORE);
    let failed = |error: sqlx::Error| Failure::new(format!("the catalogue cannot be read: {error}"));
    let mut connection = pool.acquire().await.map_err(failed)?;
    let Some(shop) = store::stores::by_slug(&mut connection, slug).await.map_err(failed)? else {
        let line = format!(
            "there is no shop `{slug}`; `warung db seed` makes the demo shop, `warung store list` names all"
        );
        return Err(Failure::new(line));
    };
    let catalog = store::catalog::load(&mut connection, &shop.id).await.map_err(failed)?;
    run_on(&catalog, args, &mut std::io::BufWriter::new(std::io::stdout().lock()))
}

/// Runs the command on a catalogue, writing to `out`.
///
/// # Errors
/// [`Failure`] with one clear line: a lexicon or a file that cannot be read, or an output that cannot be written.
pub fn run_on(catalog: &Catalog, args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    Lexicon::shipped().map_err(|error| Failure::new(error.to_string()))?;
    let index = CatalogIndex::new(catalog);
    let language = args.lang.unwrap_or_default();
    let hear = |text: &str| explain(text, language, &index, catalog, &Expectation::None);
    let written = match (&args.file, &args.text) {
        (Some(path), _) => messages(path)?.iter().try_for_each(|text| {
            let trace = hear(text);
            if args.explain { write_stages(out, text, &trace) } else { write_json(out, language, &trace) }
        }),
        (None, Some(text)) if args.explain => write_stages(out, text, &hear(text)),
        (None, Some(text)) if args.json => write_json(out, language, &hear(text)),
        (None, Some(text)) => write_summary(out, &hear(text).understanding),
        (None, None) => Ok(()),
    };
    let flushed = written.and_then(|()| out.flush());
    flushed.map_err(|error| Failure::new(format!("the output cannot be written: {error}")))
}

/// One line of the input.
#[derive(Deserialize)]
struct Message {
    text: String,
}

fn messages(path: &Path) -> Result<Vec<String>, Failure> {
    let shown = path.display();
    let size = std::fs::metadata(path).map_err(|error| Failure::new(format!("{shown}: {error}")))?.len();
    if size > MAX_FILE_BYTES {
        return Err(Failure::new(format!(
            "{shown}: {size} bytes are more than the {MAX_FILE_BYTES} that are read"
        )));
    }
    let content = std::fs::read_to_string(path).map_err(|error| Failure::new(format!("{shown}: {error}")))?;
    (1..)
        .zip(content.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            serde_json::from_str::<Message>(line)
                .map(|message| message.text)
                .map_err(|error| Failure::new(format!("{shown}:{number}: expected {{\"text\": …}}: {error}")))
        })
        .collect()
}

/// The object of the contract.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    lang: &'static str,
    intent: Intent,
    items: Vec<ShownItem<'a>>,
    ambiguous: Vec<ShownAmbiguous<'a>>,
    evidence: &'a [String],
}

#[derive(Debug, Serialize)]
struct ShownItem<'a> {
    product: &'a str,
    variant: Option<&'a str>,
    name: &'a str,
    quantity: u32,
    unit: Option<&'a str>,
    note: Option<&'a str>,
    score: f64,
}

#[derive(Debug, Serialize)]
struct ShownAmbiguous<'a> {
    text: &'a str,
    candidates: Vec<&'a str>,
    quantity: u32,
}

fn shown(language: Language, heard: &Understanding) -> Shown<'_> {
    Shown {
        lang: heard.lang.unwrap_or(language).code(),
        intent: heard.intent,
        items: heard
            .items
            .iter()
            .map(|item| ShownItem {
                product: item.product.as_str(),
                variant: item.variant.as_ref().map(|variant| variant.as_str()),
                name: &item.name,
                quantity: item.quantity,
                unit: item.unit.as_deref(),
                note: item.note.as_deref(),
                score: f64::from(item.score) / 1000.0,
            })
            .collect(),
        ambiguous: heard
            .ambiguous
            .iter()
            .map(|ambiguous| ShownAmbiguous {
                text: &ambiguous.text,
                candidates: ambiguous.candidates.iter().map(|id| id.as_str()).collect(),
                quantity: ambiguous.quantity,
            })
            .collect(),
        evidence: &heard.evidence,
    }
}

fn write_json(out: &mut impl Write, language: Language, trace: &Trace) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, &shown(language, &trace.understanding))?;
    writeln!(out)
}

fn intent_word(intent: Intent) -> String {
    serde_json::to_value(intent).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn write_summary(out: &mut impl Write, heard: &Understanding) -> std::io::Result<()> {
    writeln!(out, "intent    {}", intent_word(heard.intent))?;
    if let Some(language) = heard.lang {
        writeln!(out, "language  {} ({} words say so)", language.code(), heard.language_cues)?;
    }
    for item in &heard.items {
        let said = if item.quantity_said { "" } else { " (not said)" };
        let unit = item.unit.as_deref().map_or(String::new(), |unit| format!(" {unit}"));
        let note = item.note.as_deref().map_or(String::new(), |note| format!(", note: {note}"));
        writeln!(out, "item      {} x {}{said}{unit}{note}  [{}]", item.quantity, item.name, item.score)?;
    }
    for ambiguous in &heard.ambiguous {
        let ids: Vec<&str> = ambiguous.candidates.iter().map(|id| id.as_str()).collect();
        writeln!(out, "ask       {} x \"{}\": {}", ambiguous.quantity, ambiguous.text, ids.join(", "))?;
    }
    for item in &heard.refused {
        writeln!(out, "not       {}", item.name)?;
    }
    for text in &heard.unknown {
        writeln!(out, "unknown   \"{text}\"")?;
    }
    if let Some(change) = heard.change {
        writeln!(out, "change    {change:?}")?;
    }
    if let Some(number) = heard.number {
        writeln!(out, "number    {number}")?;
    }
    if let Some(place) = heard.ordinal {
        writeln!(out, "place     {place}")?;
    }
    if let Some(order) = &heard.order_number {
        writeln!(out, "order     {order}")?;
    }
    if let Some(note) = &heard.note {
        writeln!(out, "note      {note}")?;
    }
    heard.evidence.iter().try_for_each(|reason| writeln!(out, "because   {reason}"))
}

fn write_stages(out: &mut impl Write, text: &str, trace: &Trace) -> std::io::Result<()> {
    writeln!(out, "message   {text:?}")?;
    writeln!(out, "words")?;
    for (span, word, base, tag) in &trace.words {
        let place = format!("{}..{}", span.start, span.end);
        let plain = if word == base { String::new() } else { format!(" = {base}") };
        writeln!(out, "  {place:<9} {tag:<12} {:?}{plain}", word)?;
    }
    writeln!(out, "names")?;
    for (span, outcome) in &trace.windows {
        let place = format!("{}..{}", span.start, span.end);
        writeln!(out, "  {place:<9} {:?}  {outcome}", text.get(span.clone()).unwrap_or_default())?;
    }
    writeln!(out, "cues")?;
    for (span, rule) in &trace.cues {
        let place = format!("{}..{}", span.start, span.end);
        writeln!(out, "  {place:<9} {:?}  {rule}", text.get(span.clone()).unwrap_or_default())?;
    }
    writeln!(out, "outcome")?;
    write_summary(out, &trace.understanding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: Option<&str>, file: Option<PathBuf>) -> Args {
        Args { text: text.map(str::to_owned), store: None, lang: None, explain: false, json: true, file }
    }

    fn printed(args: &Args) -> Result<String, Failure> {
        let catalog = crate::dialogue::understand::shops::tea();
        let mut out = Vec::new();
        run_on(&catalog, args, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_object_has_the_contract_s_fields_and_no_others() {
        let printed =
            printed(&args(Some("2 teh hitam celup jangan pake gula, wedang jahe 1"), None)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
        let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&value), ["ambiguous", "evidence", "intent", "items", "lang"]);
        assert_eq!(
            keys(&value["items"][0]),
            ["name", "note", "product", "quantity", "score", "unit", "variant"]
        );
        assert_eq!(keys(&value["ambiguous"][0]), ["candidates", "quantity", "text"]);
        assert_eq!(value["items"][0]["variant"], "th-hitam/celup");
        assert_eq!(value["items"][0]["note"], "jangan pake gula");
        assert!(value["items"][0]["score"].as_f64().is_some_and(|score| score <= 1.0));
        assert_eq!((&value["intent"], &value["lang"]), (&"order".into(), &"id".into()));
    }

    #[test]
    fn a_file_gives_one_object_per_line_in_order_and_names_a_broken_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("messages.jsonl");
        std::fs::write(&path, "{\"text\":\"halo\"}\n{\"text\":\"checkout\"}\n").unwrap();
        let lines = printed(&args(None, Some(path.clone()))).unwrap();
        let intents: Vec<&str> =
            lines.lines().map(|line| if line.contains("greet") { "greet" } else { "checkout" }).collect();
        assert_eq!(intents, ["greet", "checkout"]);
        std::fs::write(&path, "{\"text\":\"halo\"}\n{\"txt\":1}\n").unwrap();
        let failure = printed(&args(None, Some(path))).unwrap_err().to_string();
        assert!(failure.contains("messages.jsonl:2:"), "{failure}");
    }

    #[test]
    fn the_stages_are_shown_with_their_places() {
        let mut explained = args(Some("pesan 2 teh hijau"), None);
        (explained.explain, explained.json) = (true, false);
        let printed = printed(&explained).unwrap();
        assert!(
            printed.contains("8..17")
                && printed.contains("taken: th-hijau")
                && printed.contains("order-verb"),
            "{printed}"
        );
    }
}
