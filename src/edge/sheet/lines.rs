//! Rows to drafts: lines of the same code, or of the same name where there is none, are one product.

use std::collections::HashMap;

use super::columns::Places;
use super::table::Row;
use super::{Lines, MAX_PROBLEMS, Problem, Sheet};
use crate::domain::goods::{Count, Details, Draft, MAX_PIECES, Price, VariantDraft, name_key};
use crate::domain::money::{MAX_RUPIAH, Rupiah};

/// Columns that speak of the product, so that all of its lines must agree.
const OF_PRODUCT: [&str; 9] = [
    "name",
    "name_en",
    "category",
    "description",
    "description_en",
    "cost",
    "reorder_level",
    "aliases",
    "image",
];

/// A line of a product.
struct Line<'a> {
    row: &'a Row,
    price: Option<Price>,
    stock: Option<i64>,
}

pub(super) fn read(places: &Places, rows: &[Row]) -> Result<Sheet, Vec<Problem>> {
    let mut reader = Reader { places, problems: Vec::new() };
    let mut products: Vec<(String, Vec<Line<'_>>)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for row in rows {
        if reader.problems.len() >= MAX_PROBLEMS {
            break;
        }
        let line = reader.line(row);
        let key = reader.key(row);
        let place = *known.entry(key.clone()).or_insert_with(|| {
            products.push((key, Vec::new()));
            products.len() - 1
        });
        products[place].1.push(line);
    }
    let mut sheet = Sheet { unread: places.unread.clone(), ..Sheet::default() };
    for (_, lines) in &products {
        reader.product(lines, &mut sheet);
    }
    let mut problems = reader.problems;
    if sheet.drafts.is_empty() && problems.is_empty() {
        problems.push(Problem::new(1, "there are no products"));
    }
    problems.sort_by_key(|problem| problem.line);
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() { Ok(sheet) } else { Err(problems) }
}

struct Reader<'a> {
    places: &'a Places,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, row: &Row, column: &str, message: impl Into<String>) {
        self.problems.push(Problem::of(row.line, column, message));
    }

    fn text(&self, row: &Row, column: &str) -> Option<String> {
        self.places.cell(row, column).map(str::to_owned)
    }

    /// What names the product of a line.
    fn key(&mut self, row: &Row) -> String {
        match (self.text(row, "sku"), self.text(row, "name")) {
            (Some(sku), _) => format!("sku {}", sku.to_lowercase()),
            (None, Some(name)) => format!("name {}", name_key(&name)),
            // A line that names nothing is a product of its own, and wrong.
            (None, None) => format!("line {}", row.line),
        }
    }

    fn line<'r>(&mut self, row: &'r Row) -> Line<'r> {
        let more = row.cells.iter().skip(self.places.width).any(|cell| !cell.is_empty());
        if more {
            let message = "has more cells than the header; a text that holds the separator stands in quotes";
            self.problems.push(Problem::new(row.line, message));
        }
        if self.text(row, "name").is_none() {
            self.problem(row, "name", "is empty; write one");
        }
        let price = self.places.cell(row, "price").map(|text| Price::read(&figures(text)));
        let price = match price {
            Some(Ok(price)) => Some(price),
            Some(Err(error)) => {
                let said = self.text(row, "price").unwrap_or_default();
                self.problem(row, "price", format!("{said:?} {error}"));
                None
            }
            None => {
                self.problem(row, "price", "is empty; write whole rupiah, or \"gratis\"");
                None
            }
        };
        let stock = self.number(row, "stock", MAX_PIECES);
        Line { row, price, stock }
    }

    /// A whole number without a sign; thousands may be set off.
    fn number(&mut self, row: &Row, column: &str, max: i64) -> Option<i64> {
        let text = figures(self.places.cell(row, column)?);
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
        let read = Rupiah::read(&text).filter(|_| plain).map(Rupiah::whole).filter(|number| *number <= max);
        if read.is_none() {
            self.problem(row, column, format!("{text:?} is no whole number from 0 to {max}"));
        }
        read
    }

    fn rupiah(&mut self, row: &Row, column: &str) -> Option<i32> {
        let text = self.text(row, column)?;
        let read = Rupiah::read(&figures(&text));
        if read.is_none() {
            self.problem(row, column, format!("{text:?} is no amount of rupiah from 0 to {MAX_RUPIAH}"));
        }
        read.map(Rupiah::column)
    }

    fn details(&mut self, row: &Row) -> Details {
        let aliases = self.text(row, "aliases").map(|text| {
            text.split([';', ','])
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty())
                .collect()
        });
        let reorder_level =
            self.number(row, "reorder_level", MAX_PIECES).and_then(|number| number.try_into().ok());
        Details {
            name_en: self.text(row, "name_en"),
            category: self.text(row, "category"),
            description: self.text(row, "description"),
            description_en: self.text(row, "description_en"),
            aliases,
            cost: self.rupiah(row, "cost"),
            reorder_level,
            image: self.text(row, "image"),
            position: None,
        }
    }

    /// Makes one draft of the lines of a product.
    fn product(&mut self, lines: &[Line<'_>], sheet: &mut Sheet) {
        let Some(first) = lines.first() else { return };
        self.agree(lines);
        let mut details = self.details(first.row);
        for line in lines.iter().skip(1) {
            // What the first line leaves out, another one may say.
            let more = self.details(line.row);
            details = Details {
                name_en: details.name_en.or(more.name_en),
                category: details.category.or(more.category),
                description: details.description.or(more.description),
                description_en: details.description_en.or(more.description_en),
                aliases: details.aliases.or(more.aliases),
                cost: details.cost.or(more.cost),
                reorder_level: details.reorder_level.or(more.reorder_level),
                image: details.image.or(more.image),
                position: None,
            };
        }
        let mut draft = Draft {
            sku: self.text(first.row, "sku"),
            may_add: true,
            name: self.text(first.row, "name"),
            details,
            ..Draft::default()
        };
        let mut said = Lines { first: first.row.line, variants: Vec::new() };
        if self.text(first.row, "variant").is_none() {
            draft.price = first.price;
            draft.stock = first.stock.map(Count::To);
        } else {
            for line in lines {
                let Some(name) = self.text(line.row, "variant") else { continue };
                said.variants.push(line.row.line);
                draft.variants.push(VariantDraft {
                    name: Some(name),
                    name_en: self.text(line.row, "variant_en"),
                    price: line.price,
                    stock: line.stock.map(Count::To),
                    ..VariantDraft::default()
                });
            }
        }
        sheet.drafts.push(draft);
        sheet.lines.push(said);
    }

    /// Lines of one product must agree on what is the product's.
    fn agree(&mut self, lines: &[Line<'_>]) {
        let Some(first) = lines.first() else { return };
        let known = self.text(first.row, "sku").or(self.text(first.row, "name")).unwrap_or_default();
        let mut said: HashMap<&str, (u64, String)> = HashMap::new();
        let mut variants: HashMap<String, u64> = HashMap::new();
        let is_plain = self.text(first.row, "variant").is_none();
        for line in lines {
            let variant = self.text(line.row, "variant");
            if variant.is_none() != is_plain {
                self.problem(line.row, "variant", format!("{known} has lines with and without a variant"));
            } else if let Some(other) = variants.insert(name_key(&variant.unwrap_or_default()), line.row.line)
            {
                let message = if is_plain {
                    format!("{known} stands there twice (line {other}); take one out")
                } else {
                    format!("{known} stands there twice with the same variant (line {other}); take one out")
                };
                self.problem(line.row, "sku", message);
            }
            for column in OF_PRODUCT {
                let Some(text) = self.text(line.row, column) else { continue };
                match said.get(column) {
                    // Lines that go by their name have the same one, however it is spaced and whatever the case of its letters.
                    Some((other, before)) if name_key(before) != name_key(&text) => {
                        let message =
                            format!("{known} says something else on line {other}; write the same on both");
                        self.problem(line.row, column, message);
                    }
                    Some(_) => {}
                    None => {
                        said.insert(column, (line.row.line, text));
                    }
                }
            }
        }
    }
}

/// A number as spreadsheets write it, without the spaces of any width that set its thousands off.
fn figures(text: &str) -> String {
    let mut joined = String::new();
    for word in text.split_whitespace() {
        let is_group = word.len() >= 3
            && word.bytes().take(3).all(|byte| byte.is_ascii_digit())
            && word.as_bytes().get(3).is_none_or(|byte| !byte.is_ascii_digit());
        let goes_on = is_group && joined.ends_with(|letter: char| letter.is_ascii_digit());
        if !(joined.is_empty() || goes_on) {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}
