//! Bytes to rows of texts: what a file is, how its letters are encoded, and what separates its cells.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{MAX_COLUMNS, MAX_LINES, MAX_UNPACKED_BYTES, Problem, columns};

/// How a zip archive begins, which a workbook is.
const ZIP: &[u8] = b"PK\x03\x04";
/// How a workbook of the old kind begins.
const OLD_WORKBOOK: &[u8] = b"\xd0\xcf\x11\xe0";
/// What separates cells, as spreadsheets write it.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// A line of a file with its cells, without spaces around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

/// The rows of a file that hold anything.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Row>, Vec<Problem>> {
    let rows = if bytes.starts_with(ZIP) {
        workbook(bytes)
    } else if bytes.starts_with(OLD_WORKBOOK) {
        Err(Problem::new(1, "this is a workbook of an old kind (.xls); save it as .xlsx or CSV"))
    } else {
        text(bytes)
    };
    let mut rows = rows.map_err(|problem| vec![problem])?;
    rows.retain(|row| !row.is_empty());
    // One more is the header.
    match rows.get(MAX_LINES + 1) {
        Some(row) => Err(vec![Problem::new(
            row.line,
            format!("there are more than {MAX_LINES} lines; split the file"),
        )]),
        None => Ok(rows),
    }
}

fn text(bytes: &[u8]) -> Result<Vec<Row>, Problem> {
    let text = decode(bytes).replace("\r\n", "\n").replace('\r', "\n");
    if text.contains(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t')) {
        return Err(Problem::new(1, "this is no sheet; save it as CSV or .xlsx"));
    }
    // Spreadsheets with Indonesian settings write semicolons, because the comma is the decimal mark.
    let mut best = split(&text, SEPARATORS[0])?;
    let mut known = columns::known(&best);
    for separator in SEPARATORS.into_iter().skip(1) {
        let rows = split(&text, separator)?;
        let count = columns::known(&rows);
        if count > known {
            (best, known) = (rows, count);
        }
    }
    Ok(best)
}

/// The letters of a file: what its mark says; else UTF-8 where it is that, UTF-16 where every other byte is nothing, or else what
/// spreadsheets on Windows write.
fn decode(bytes: &[u8]) -> String {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if looks_wide(bytes, 1) => UTF_16LE,
        None if looks_wide(bytes, 0) => UTF_16BE,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => WINDOWS_1252,
    };
    encoding.decode(bytes).0.into_owned()
}

/// Whether most bytes at even or odd places are nothing.
fn looks_wide(bytes: &[u8], at: usize) -> bool {
    let looked: Vec<&u8> = bytes.iter().skip(at).step_by(2).take(512).collect();
    let nothing = looked.iter().filter(|byte| ***byte == 0).count();
    !looked.is_empty() && nothing * 2 > looked.len()
}

fn split(text: &str, separator: u8) -> Result<Vec<Row>, Problem> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut rows, mut at, mut line) = (Vec::new(), 0_usize, 1_u64);
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            Problem::new(line, format!("this is no CSV ({error}); save it as CSV or .xlsx"))
        })?;
        // The place of a record may be that of the break or the empty lines before it.
        let start =
            record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let start =
            text.get(start..).map_or(text.len(), |rest| text.len() - rest.trim_start_matches('\n').len());
        line += text.get(at..start).map_or(0, |passed| passed.matches('\n').count() as u64);
        at = start;
        let is_setting = rows.is_empty()
            && record.len() <= 2
            && record.iter().next().is_some_and(|it| it.starts_with("sep="));
        if !is_setting {
            rows.push(Row { line, cells: record.iter().map(tidy).collect() });
        }
    }
    Ok(rows)
}

/// A cell without spaces around it, those that only look like one included.
fn tidy(cell: &str) -> String {
    cell.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}'))
        .to_owned()
}

/// The first sheet of a workbook that holds anything.
fn workbook(bytes: &[u8]) -> Result<Vec<Row>, Problem> {
    let broken = || Problem::new(1, "the workbook cannot be read; save it anew as .xlsx, or as CSV");
    bounded(bytes)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| broken())?;
    for name in workbook.sheet_names() {
        let mut rows: Vec<Row> = Vec::new();
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(|_| broken())?;
        while let Some(cell) = cells.next_cell().map_err(|_| broken())? {
            let (row, column) = cell.get_position();
            let (line, column) = (u64::from(row) + 1, usize::try_from(column).unwrap_or(usize::MAX));
            let text = tidy(&said(&Data::from(cell.get_value().clone())));
            if text.is_empty() {
                continue;
            }
            if column >= MAX_COLUMNS {
                return Err(Problem::new(
                    line,
                    format!("there are more than {MAX_COLUMNS} columns; take some out"),
                ));
            }
            if rows.last().is_none_or(|last| last.line != line) {
                if rows.len() > MAX_LINES + 1 {
                    return Ok(rows);
                }
                rows.push(Row { line, cells: Vec::new() });
            }
            if let Some(row) = rows.last_mut() {
                if row.cells.len() <= column {
                    row.cells.resize(column + 1, String::new());
                }
                row.cells[column] = text;
            }
        }
        if !rows.is_empty() {
            return Ok(rows);
        }
    }
    Err(Problem::new(1, "the workbook is empty"))
}

/// Whether an archive unpacks to what can be read: it is unpacked once, to nowhere, because what it says of itself may be a lie.
fn bounded(bytes: &[u8]) -> Result<(), Problem> {
    let broken = || Problem::new(1, "the workbook cannot be read; save it anew as .xlsx, or as CSV");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    let mut left = MAX_UNPACKED_BYTES;
    for place in 0..archive.len() {
        let file = archive.by_index(place).map_err(|_| broken())?;
        let read = std::io::copy(&mut file.take(left + 1), &mut std::io::sink()).map_err(|_| broken())?;
        left = left
            .checked_sub(read)
            .ok_or_else(|| Problem::new(1, "the workbook is too large; split it into several"))?;
    }
    Ok(())
}

/// A cell as a person reads it. Whole numbers have no fraction: 25000, not 25000.0.
fn said(cell: &Data) -> String {
    match cell {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        cell => cell.to_string(),
    }
}
