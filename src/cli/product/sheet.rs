//! Products as CSV: the columns, and every mistake with its line and column.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use crate::cli::Failure;
use crate::domain::catalog::Catalog;
use crate::domain::money::MAX_RUPIAH;
use crate::store::operate::SheetLine;

/// Lines of one file.
pub const MAX_LINES: usize = 10_000;
/// Pieces of one product.
pub const MAX_STOCK: i64 = 1_000_000;
/// Mistakes that are reported at once.
const MAX_PROBLEMS: usize = 50;
/// Characters of a name.
const MAX_NAME_CHARS: usize = 120;
/// Characters of a description.
const MAX_DESCRIPTION_CHARS: usize = 700;

/// The columns, in the order in which they are exported.
const COLUMNS: [&str; 14] = [
    "sku",
    "name",
    "name_en",
    "category",
    "variant",
    "variant_en",
    "price",
    "cost",
    "stock",
    "reorder_level",
    "description",
    "description_en",
    "aliases",
    "image",
];

/// What `--help` says of the file.
pub const HELP: &str = "\
Columns, in any order, named by the header row (sku, name and price are required):
  sku             the shop's code; it names the product, so a second import updates it
  name, name_en   name in Indonesian and in English
  category        made when it is new
  variant, variant_en
                  size, flavour or colour: one line for each, all with the product's sku
  price, cost     whole rupiah: 50000, Rp50.000 and 50.000 mean the same
  stock           pieces on the shelf; left as it is when empty
  reorder_level   at this many pieces the owner is warned
  description, description_en
  aliases         other words for it, separated by semicolons
  image           an https address

Example:
  sku,name,name_en,category,variant,price,stock
  TEH-001,Teh Hijau Organik,Organic Green Tea,Teh,,50000,100
  TEH-003,Teh Hitam Priangan,Priangan Black Tea,Teh,100 gram,28000,60
  TEH-003,Teh Hitam Priangan,Priangan Black Tea,Teh,250 gram,62000,25";

/// A mistake: `LINE:COLUMN: what is wrong`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u64,
    /// The name of the column, where it is about one.
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.line)?;
        if let Some(column) = &self.column {
            write!(f, "column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Reads a file whole.
///
/// # Errors
/// Every mistake, up to [`MAX_PROBLEMS`]; nothing is to be imported then.
pub fn read(bytes: &[u8]) -> Result<Vec<SheetLine>, Vec<Problem>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Spreadsheets with Indonesian settings write semicolons, because the comma is the decimal mark.
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    let delimiter = if count(b';') > count(b',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(bytes);
    let problem = |line, message: String| vec![Problem { line, column: None, message }];
    let headers = reader.headers().map_err(|error| problem(1, error.to_string()))?.clone();
    let places = columns(&headers)?;
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    for record in reader.records() {
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
        match record {
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(Problem { line, column: None, message: error.to_string() });
            }
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let mut cells = Cells { record: &record, places: &places, line, problems: &mut problems };
                lines.push((line, cells.read()));
            }
        }
    }
    if lines.len() > MAX_LINES {
        problems.push(Problem { line: 1, column: None, message: format!("more than {MAX_LINES} lines") });
    }
    if lines.is_empty() && problems.is_empty() {
        problems.push(Problem { line: 1, column: None, message: "there are no products".to_owned() });
    }
    compare(&lines, &mut problems);
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() { Ok(lines.into_iter().map(|(_, line)| line).collect()) } else { Err(problems) }
}

fn columns(headers: &csv::StringRecord) -> Result<HashMap<String, usize>, Vec<Problem>> {
    let (mut places, mut problems) = (HashMap::new(), Vec::new());
    for (place, header) in headers.iter().enumerate() {
        let name = header.to_lowercase();
        let message = if !COLUMNS.contains(&name.as_str()) {
            format!("there is no such column; the columns are {}", COLUMNS.join(", "))
        } else if places.insert(name, place).is_some() {
            "stands there twice".to_owned()
        } else {
            continue;
        };
        problems.push(Problem { line: 1, column: Some(header.to_owned()), message });
    }
    for name in ["sku", "name", "price"] {
        if !places.contains_key(name) {
            problems.push(Problem {
                line: 1,
                column: Some(name.to_owned()),
                message: "is missing".to_owned(),
            });
        }
    }
    if problems.is_empty() { Ok(places) } else { Err(problems) }
}

/// Lines that must agree with each other.
fn compare(lines: &[(u64, SheetLine)], problems: &mut Vec<Problem>) {
    let mut seen: HashSet<(String, String)> = HashSet::new();
    let mut plain: HashMap<&str, bool> = HashMap::new();
    for (line, row) in lines.iter().filter(|(_, row)| !row.sku.is_empty()) {
        let mut add = |column: &str, message: String| {
            problems.push(Problem { line: *line, column: Some(column.to_owned()), message });
        };
        let variant = row.variant.clone().unwrap_or_default().to_lowercase();
        if *plain.entry(&row.sku).or_insert(row.variant.is_none()) != row.variant.is_none() {
            add("variant", format!("{} has lines with and without a variant", row.sku));
        } else if !seen.insert((row.sku.clone(), variant)) {
            add("sku", format!("{} stands there twice with the same variant", row.sku));
        }
    }
}

/// The cells of one line.
struct Cells<'a> {
    record: &'a csv::StringRecord,
    places: &'a HashMap<String, usize>,
    line: u64,
    problems: &'a mut Vec<Problem>,
}

impl Cells<'_> {
    fn read(&mut self) -> SheetLine {
        SheetLine {
            sku: self.required("sku", 60),
            name: self.required("name", MAX_NAME_CHARS),
            name_en: self.text("name_en", MAX_NAME_CHARS),
            price: self.price(),
            category: self.text("category", MAX_NAME_CHARS),
            description: self.text("description", MAX_DESCRIPTION_CHARS),
            description_en: self.text("description_en", MAX_DESCRIPTION_CHARS),
            aliases: self.aliases(),
            cost: self.number("cost", MAX_RUPIAH),
            reorder_level: self.number("reorder_level", MAX_STOCK),
            image: self.image(),
            variant: self.text("variant", MAX_NAME_CHARS),
            variant_en: self.text("variant_en", MAX_NAME_CHARS),
            stock: self.number("stock", MAX_STOCK),
        }
    }

    fn problem(&mut self, column: &str, message: impl Into<String>) {
        let (line, message) = (self.line, message.into());
        self.problems.push(Problem { line, column: Some(column.to_owned()), message });
    }

    fn cell(&self, column: &str) -> Option<String> {
        let text = self.places.get(column).and_then(|place| self.record.get(*place))?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn text(&mut self, column: &str, max_chars: usize) -> Option<String> {
        let text = self.cell(column)?;
        if text.chars().count() > max_chars {
            self.problem(column, format!("is longer than {max_chars} characters"));
        } else if text.contains(|character: char| character.is_control() && character != '\n') {
            self.problem(column, "holds control characters");
        }
        Some(text)
    }

    fn required(&mut self, column: &str, max_chars: usize) -> String {
        self.text(column, max_chars).unwrap_or_else(|| {
            self.problem(column, "is empty");
            String::new()
        })
    }

    fn price(&mut self) -> i32 {
        if self.cell("price").is_none() {
            self.problem("price", "is empty");
        }
        let price = self.number("price", MAX_RUPIAH).unwrap_or(0);
        if price == 0 && self.cell("price").is_some_and(|text| text.trim_matches('0').is_empty()) {
            self.problem("price", "is zero");
        }
        price
    }

    fn aliases(&mut self) -> Vec<String> {
        let text = self.text("aliases", MAX_DESCRIPTION_CHARS).unwrap_or_default();
        text.split(';').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
    }

    fn image(&mut self) -> Option<String> {
        let image = self.text("image", 500)?;
        if !image.starts_with("https://") && !image.starts_with("/media/") {
            self.problem("image", "must be an address that begins with https://");
        }
        Some(image)
    }

    fn number(&mut self, column: &str, max: i64) -> Option<i32> {
        let text = self.cell(column)?;
        match number(&text).filter(|number| *number <= max).and_then(|number| i32::try_from(number).ok()) {
            Some(number) => Some(number),
            None => {
                self.problem(column, format!("{text:?} is no whole number from 0 to {max}"));
                None
            }
        }
    }
}

/// Digits, with points between thousands and `Rp` in front where people write them. A fraction is nothing.
fn number(text: &str) -> Option<i64> {
    let text = text.trim_start_matches("Rp").trim_start_matches(['.', ' ']);
    let mut groups = text.split('.');
    let first = groups.next()?;
    let groups: Vec<_> = groups.collect();
    let grouped = groups.iter().all(|group| group.len() == 3) && (groups.is_empty() || first.len() <= 3);
    let digits = format!("{first}{}", groups.concat());
    let plain = !first.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if grouped && plain { digits.parse().ok() } else { None }
}

/// Writes a catalogue in the form that [`read`] takes.
///
/// # Errors
/// [`Failure`] when the output cannot be written.
pub fn write(catalog: &Catalog, to: impl Write) -> Result<(), Failure> {
    let fail = |error: csv::Error| Failure::new(format!("the sheet cannot be written: {error}"));
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(COLUMNS).map_err(fail)?;
    for product in &catalog.products {
        let category = product.category.as_ref().and_then(|id| catalog.category(id));
        let english = |text: &crate::domain::customer::Localized| text.en.clone().unwrap_or_default();
        let mut record = |variant: String, variant_en: String, price: i64, stock: i32| {
            writer.write_record([
                product.sku.clone().unwrap_or_default(),
                product.name.id.clone(),
                english(&product.name),
                category.map(|category| category.name.id.clone()).unwrap_or_default(),
                variant,
                variant_en,
                price.to_string(),
                // What the shop pays is not part of what the chat knows; an import leaves it as it is.
                String::new(),
                stock.to_string(),
                product.reorder_level.to_string(),
                product.description.id.clone(),
                english(&product.description),
                product.aliases.join(";"),
                product.image.clone().unwrap_or_default(),
            ])
        };
        if product.variants.is_empty() {
            record(String::new(), String::new(), product.price.whole(), product.stock).map_err(fail)?;
        }
        for variant in &product.variants {
            let price = variant.price.unwrap_or(product.price).whole();
            record(variant.name.id.clone(), english(&variant.name), price, variant.stock).map_err(fail)?;
        }
    }
    writer.flush().map_err(|error| Failure::new(format!("the sheet cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        read(text.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sheet_is_read_however_the_spreadsheet_wrote_it() {
        let comma = "sku,name,price,stock,aliases\nA1, Teh Hijau ,50000,10,green tea; sencha\nB2,\"Teh, Putih\",75000,,\n";
        let semicolon = "\u{feff}SKU;Name;Price;Stock;Aliases\r\nA1;Teh Hijau;Rp 50.000;10;green tea\r\n";
        let lines = read(comma.as_bytes()).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].name.as_str(), lines[0].price, lines[0].stock), ("Teh Hijau", 50_000, Some(10)));
        assert_eq!(lines[0].aliases, ["green tea", "sencha"]);
        assert_eq!((lines[1].name.as_str(), lines[1].stock), ("Teh, Putih", None));
        assert_eq!(read(semicolon.as_bytes()).unwrap()[0].price, 50_000);
    }

    #[test]
    fn every_mistake_is_reported_with_line_and_column() {
        assert_eq!(problems("sku,nama\n")[0].split(':').next(), Some("1"));
        assert_eq!(
            problems("sku,name,price,stock\nA,Teh,abc,5\n,Kopi,10.5,-1\nC,,0,1\n"),
            [
                "2: column price: \"abc\" is no whole number from 0 to 2147483647",
                "3: column sku: is empty",
                "3: column price: \"10.5\" is no whole number from 0 to 2147483647",
                "3: column stock: \"-1\" is no whole number from 0 to 1000000",
                "4: column name: is empty",
                "4: column price: is zero",
            ]
        );
        assert_eq!(
            problems("sku,name,variant,price\nA,Teh,S,1\nA,Teh,s,1\nB,Kopi,,1\nB,Kopi,L,1\n"),
            [
                "3: column sku: A stands there twice with the same variant",
                "5: column variant: B has lines with and without a variant",
            ]
        );
        assert_eq!(problems("sku,name,price\n"), ["1: there are no products"]);
        assert_eq!(problems("sku,name,price\nA,Teh\n").len(), 1);
    }

    #[test]
    fn rupiah_are_read_as_people_write_them() {
        for (text, expected) in [
            ("50000", Some(50_000)),
            ("50.000", Some(50_000)),
            ("Rp50.000", Some(50_000)),
            ("Rp. 1.250.000", Some(1_250_000)),
            ("50.00", None),
            ("5000.000", None),
            ("50,000", None),
            ("", None),
            ("-5", None),
            ("50rb", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
