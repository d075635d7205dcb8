//! `warung qris`: read and check a QRIS string, put an amount into a static one, draw it.

use std::io::Read as _;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::Failure;
use crate::domain::money::Rupiah;
use crate::payments::qris::tlv::Field;
use crate::payments::qris::{self, MAX_TRANSACTION_RUPIAH, Qris, Severity};

/// Bytes that are read from standard input.
const MAX_INPUT_BYTES: u64 = 64 * 1024;

/// Arguments of `warung qris`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung qris show 00020101021126...6304ABCD
  pbpaste | warung qris show - --json
  warung qris make 00020101021126...6304ABCD --amount 50000
  warung qris read sticker.jpg
  warung qris png 00020101021126...6304ABCD --out qris.png --title 'Bella Teh' --amount-text 'Rp 50.000'

A string of `-` is read from standard input.")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what a string says, and everything that is wrong with it; exit code 1 when it must not be used.
    Show {
        /// The string, or `-` for standard input.
        string: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Put an amount into a shop's static code and print the new string.
    ///
    /// Nobody reports the payments of such a code: a person of the shop has to see them in the bank's app. An amount or a
    /// tip that the code already holds is taken out.
    Make {
        /// The static string, or `-` for standard input.
        string: String,
        /// Whole rupiah.
        #[arg(long, value_name = "N")]
        amount: i64,
        /// Whole rupiah that one transaction may move.
        #[arg(long, value_name = "N", default_value_t = MAX_TRANSACTION_RUPIAH)]
        limit: i64,
    },
    /// Read the codes out of a picture (PNG, JPEG or WebP) and print their strings, one per line.
    Read {
        /// The picture.
        picture: PathBuf,
    },
    /// Draw a string as a PNG, dark on white with its quiet zone.
    Png {
        /// The string, or `-` for standard input.
        string: String,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Printed under the code; the merchant's name in it unless given.
        #[arg(long)]
        title: Option<String>,
        /// Printed under the title; the amount in the code unless given.
        #[arg(long)]
        amount_text: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Show { string, json } => show(&input(string)?, json),
        Command::Make { string, amount, limit } => {
            let amount = Rupiah::new(amount).map_err(|error| Failure::new(error.to_string()))?;
            let made = qris::make_dynamic_within(&input(string)?, amount, limit)
                .map_err(|error| Failure::new(format!("no amount was put in: {error}")))?;
            say!("{made}");
            Ok(())
        }
        Command::Read { picture } => {
            for code in read(&picture)? {
                say!("{}", printable(&code));
            }
            Ok(())
        }
        Command::Png { string, out, title, amount_text } => png(&input(string)?, &out, title, amount_text),
    }
}

/// The codes in a picture of the disk.
///
/// # Errors
/// [`Failure`] with one clear line.
pub(super) fn read(picture: &std::path::Path) -> Result<Vec<String>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", picture.display()));
    let mut bytes = Vec::new();
    let most = u64::try_from(qris::MAX_PICTURE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(picture)
        .map_err(unreadable)?
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    qris::read_picture(&bytes).map_err(|error| Failure::new(format!("{}: {error}", picture.display())))
}

fn input(string: String) -> Result<String, Failure> {
    if string != "-" {
        return Ok(string);
    }
    let mut text = String::new();
    std::io::stdin()
        .take(MAX_INPUT_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(format!("standard input cannot be read: {error}")))?;
    Ok(text)
}

fn parse(text: &str) -> Result<Qris, Failure> {
    Qris::parse(text).map_err(|error| Failure::new(format!("not a QRIS string: {error}")))
}

fn png(
    text: &str,
    out: &std::path::Path,
    title: Option<String>,
    amount_text: Option<String>,
) -> Result<(), Failure> {
    let code = parse(text)?;
    if let Some(finding) = code.findings().into_iter().find(|finding| finding.severity == Severity::Error) {
        return Err(Failure::new(format!("nothing was drawn: {finding}")));
    }
    let title = title.unwrap_or_else(|| code.get(qris::NAME).unwrap_or_default().to_owned());
    let amount_text =
        amount_text.unwrap_or_else(|| code.amount().ok().flatten().map(rupiah).unwrap_or_default());
    let png =
        qris::png(code.text(), &title, &amount_text).map_err(|error| Failure::new(error.to_string()))?;
    std::fs::write(out, png)
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}", out.display())))
}

/// `Rp 50.000`, as operators and buyers read it.
fn rupiah(amount: Rupiah) -> String {
    let digits = amount.whole().to_string();
    let mut text = String::from("Rp ");
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

fn show(text: &str, as_json: bool) -> Result<(), Failure> {
    let code = match Qris::parse(text) {
        Ok(code) => code,
        Err(error) => {
            if as_json {
                let place = json!({ "at": error.at, "tag": error.tag, "message": error.to_string() });
                say!("{}", json!({ "valid": false, "error": place }));
            }
            return Err(Failure::new(format!("not a QRIS string: {error}")));
        }
    };
    let findings = code.findings();
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if as_json {
        say!("{}", as_object(&code));
    } else {
        table(&code);
    }
    match errors {
        0 => Ok(()),
        1 => Err(Failure::new("the code must not be used: it has an error")),
        many => Err(Failure::new(format!("the code must not be used: it has {many} errors"))),
    }
}

fn as_object(code: &Qris) -> serde_json::Value {
    let one = |field: &Field, parent: Option<u8>| {
        let tag = parent
            .map_or_else(|| format!("{:02}", field.tag), |parent| format!("{parent:02}.{:02}", field.tag));
        json!({ "tag": tag, "name": name(parent, field.tag), "value": field.value, "at": field.at })
    };
    let fields: Vec<_> = code
        .fields()
        .iter()
        .map(|field| {
            let mut object = one(field, None);
            if let Some(children) = code.inside(field.tag) {
                object["fields"] = children.iter().map(|child| one(child, Some(field.tag))).collect();
            }
            object
        })
        .collect();
    let findings: Vec<_> = code
        .findings()
        .iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let tag = finding.tag.map(|tag| format!("{tag:02}"));
            json!({ "severity": severity, "tag": tag, "message": finding.to_string() })
        })
        .collect();
    json!({
        "valid": !code.findings().iter().any(|finding| finding.severity == Severity::Error),
        "dynamic": code.is_dynamic(),
        "merchant": code.get(qris::NAME),
        "city": code.get(qris::CITY),
        "nmid": code.nmid(),
        "amount": code.amount().ok().flatten().map(Rupiah::whole),
        "fields": fields,
        "findings": findings,
    })
}

fn table(code: &Qris) {
    for field in code.fields() {
        let children = code.inside(field.tag);
        let value = if children.is_some() { "" } else { field.value.as_str() };
        say!("{:02}     {:<28} {}", field.tag, name(None, field.tag), meaning(field.tag, value));
        for child in children.unwrap_or_default() {
            say!(
                "{:02}.{:02}    {:<27} {}",
                field.tag,
                child.tag,
                name(Some(field.tag), child.tag),
                printable(&child.value)
            );
        }
    }
    let findings = code.findings();
    if findings.is_empty() {
        say!("\nvalid");
        return;
    }
    say!();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "error  ",
            Severity::Warning => "warning",
        };
        say!("{severity}  {finding}");
    }
}

/// The text without characters that would steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// A value with what it stands for.
fn meaning(tag: u8, value: &str) -> String {
    let value = printable(value);
    let words = match (tag, value.as_str()) {
        (qris::INITIATION, "11") => "static",
        (qris::INITIATION, "12") => "dynamic",
        (qris::CURRENCY, "360") => "rupiah",
        (qris::COUNTRY, "ID") => "Indonesia",
        (qris::TIP, "01") => "the payer may add a tip",
        (qris::TIP, "02") => "a fixed tip is added",
        (qris::TIP, "03") => "a tip in percent is added",
        _ => return value,
    };
    format!("{value} ({words})")
}

/// What a tag is called.
fn name(parent: Option<u8>, tag: u8) -> &'static str {
    match (parent, tag) {
        (None, qris::FORMAT) => "payload format",
        (None, qris::INITIATION) => "point of initiation",
        (None, 2..=25) => "card scheme",
        (None, qris::TRANSFER) => "transfer to a person",
        (None, 26..=45) => "acquirer",
        (None, qris::NATIONAL) => "national merchant repository",
        (None, qris::CATEGORY) => "merchant category",
        (None, qris::CURRENCY) => "currency",
        (None, qris::AMOUNT) => "amount",
        (None, qris::TIP) => "tip",
        (None, qris::TIP_FIXED) => "fixed tip",
        (None, qris::TIP_PERCENT) => "tip in percent",
        (None, qris::COUNTRY) => "country",
        (None, qris::NAME) => "merchant name",
        (None, qris::CITY) => "merchant city",
        (None, qris::POSTAL_CODE) => "postal code",
        (None, qris::ADDITIONAL) => "additional data",
        (None, qris::CRC) => "checksum",
        (None, qris::LANGUAGE) => "another language",
        (Some(26..=51), 0) => "reverse domain",
        (Some(26..=45), 1) => "merchant PAN",
        (Some(26..=45), 2) => "merchant id",
        (Some(qris::NATIONAL), 2) => "NMID",
        (Some(26..=51), 3) => "merchant size",
        (Some(qris::ADDITIONAL), 1) => "bill number",
        (Some(qris::ADDITIONAL), 2) => "phone",
        (Some(qris::ADDITIONAL), 3) => "store",
        (Some(qris::ADDITIONAL), 4) => "loyalty number",
        (Some(qris::ADDITIONAL), 5) => "reference",
        (Some(qris::ADDITIONAL), 6) => "customer",
        (Some(qris::ADDITIONAL), 7) => "terminal",
        (Some(qris::ADDITIONAL), 8) => "purpose",
        (Some(qris::LANGUAGE), 0) => "language",
        (Some(qris::LANGUAGE), 1) => "merchant name",
        (Some(qris::LANGUAGE), 2) => "merchant city",
        _ => "not assigned",
    }
}
