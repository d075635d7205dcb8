//! Products as a sheet: CSV however a spreadsheet wrote it, or a workbook (`.xlsx`). [`read`] makes drafts of it, or names
//! every mistake with its line and column; it knows no shop, so what is already there is for `store::goods` to say.

mod columns;
mod lines;
mod table;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use crate::domain::goods::Draft;

pub use columns::{COLUMNS, Column};
pub use write::write;

/// Lines of one file.
pub const MAX_LINES: usize = 10_000;
/// Columns of one file.
pub const MAX_COLUMNS: usize = 100;
/// Bytes of one file.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of what a workbook unpacks to.
pub const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;
/// Mistakes that are reported at once.
pub const MAX_PROBLEMS: usize = 50;

/// A sheet, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// One draft for each product, in the order of the sheet.
    pub drafts: Vec<Draft>,
    /// The lines that each draft was made of.
    pub lines: Vec<Lines>,
    /// Headers of columns that were not read.
    pub unread: Vec<String>,
}

/// The lines of one product, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// The first one.
    pub first: u64,
    /// The line of each variant of the draft.
    pub variants: Vec<u64>,
}

impl Lines {
    /// The line of a variant of the draft, or of the product.
    pub fn of(&self, variant: Option<usize>) -> u64 {
        variant.and_then(|place| self.variants.get(place)).copied().unwrap_or(self.first)
    }

    /// Every line, in order.
    pub fn all(&self) -> Vec<u64> {
        if self.variants.is_empty() { vec![self.first] } else { self.variants.clone() }
    }
}

/// A mistake: `LINE: column NAME: what is wrong`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u64,
    /// The name of the column, where it is about one.
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Problem {
    fn new(line: u64, message: impl Into<String>) -> Self {
        Self { line, column: None, message: message.into() }
    }

    fn of(line: u64, column: impl Into<String>, message: impl Into<String>) -> Self {
        Self { line, column: Some(column.into()), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
pub fn read(bytes: &[u8]) -> Result<Sheet, Vec<Problem>> {
    if bytes.len() > MAX_BYTES {
        let most = MAX_BYTES / 1024 / 1024;
        return Err(vec![Problem::new(
            1,
            format!("the file has more than {most} MiB; split it into several"),
        )]);
    }
    let rows = table::rows(bytes)?;
    let (places, rows) = columns::find(&rows)?;
    lines::read(&places, rows)
}
