//! The columns of a sheet, as shops call them.

use strsim::osa_distance;

use super::Problem;
use super::table::Row;

/// Rows from the top among which the header is looked for: titles and dates may stand above it.
const MAX_ROWS_ABOVE: usize = 10;
/// Letters by which a header may differ from a known one and count as a slip of the pen.
const MAX_SLIPS: usize = 2;
/// Letters of a header that may be a slip.
const MIN_LETTERS: usize = 4;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, as sheets are exported and mistakes are told.
    pub name: &'static str,
    /// What else it is called.
    pub aliases: &'static [&'static str],
}

const fn column(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases }
}

/// The columns, in the order in which they are exported.
pub const COLUMNS: [Column; 14] = [
    column("sku", &["kode", "kode produk", "kode barang", "kode sku", "code", "product code", "item code"]),
    column(
        "name",
        &[
            "nama",
            "nama produk",
            "nama barang",
            "nama menu",
            "produk",
            "barang",
            "menu",
            "product",
            "product name",
            "item",
        ],
    ),
    column("name_en", &["nama en", "nama inggris", "english name", "name english", "nama bahasa inggris"]),
    column("category", &["kategori", "jenis", "kelompok", "grup", "group", "kategori produk"]),
    column(
        "variant",
        &["varian", "variasi", "ukuran", "rasa", "warna", "size", "flavour", "flavor", "nama varian"],
    ),
    column("variant_en", &["varian en", "varian inggris", "english variant"]),
    column("price", &["harga", "harga jual", "harga satuan", "selling price", "unit price", "sell price"]),
    column("cost", &["modal", "harga modal", "harga beli", "hpp", "harga pokok", "cost price", "buy price"]),
    column(
        "stock",
        &[
            "stok",
            "jumlah",
            "jumlah stok",
            "sisa",
            "sisa stok",
            "persediaan",
            "qty",
            "quantity",
            "kuantitas",
            "stok awal",
        ],
    ),
    column(
        "reorder_level",
        &[
            "reorder",
            "stok minimum",
            "stok minimal",
            "batas stok",
            "minimum stock",
            "min stok",
            "reorder point",
        ],
    ),
    column("description", &["deskripsi", "keterangan", "penjelasan", "deskripsi produk"]),
    column("description_en", &["deskripsi en", "deskripsi inggris", "english description"]),
    column("aliases", &["alias", "nama lain", "kata lain", "sebutan", "other names"]),
    column("image", &["gambar", "foto", "url gambar", "link foto", "photo", "picture", "image url"]),
];

/// Where each column stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places {
    places: Vec<(&'static str, usize)>,
    /// Headers, for the length of lines.
    pub(super) width: usize,
    /// Headers that nobody reads.
    pub(super) unread: Vec<String>,
}

impl Places {
    /// The cell of a column in a row, where it holds anything.
    pub(super) fn cell<'a>(&self, row: &'a Row, column: &str) -> Option<&'a str> {
        let (_, place) = self.places.iter().find(|(name, _)| *name == column)?;
        row.cells.get(*place).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn has(&self, column: &str) -> bool {
        self.places.iter().any(|(name, _)| *name == column)
    }
}

/// A header in one form: `Harga Jual (Rp)*` is `harga jual`.
fn plain(header: &str) -> String {
    let outside = header.split(['(', '[']).next().unwrap_or_default().to_lowercase();
    let words = outside.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    match words.as_slice() {
        [first @ .., "rp" | "idr" | "rupiah"] if !first.is_empty() => first.join(" "),
        all => all.join(" "),
    }
}

fn names(column: &Column) -> impl Iterator<Item = String> {
    std::iter::once(column.name.replace('_', " "))
        .chain(column.aliases.iter().map(|alias| (*alias).to_owned()))
}

fn known_as(header: &str) -> Option<&'static str> {
    let header = plain(header);
    COLUMNS.iter().find(|column| names(column).any(|name| name == header)).map(|column| column.name)
}

/// The known column that a header may have been meant to be.
fn nearly(header: &str) -> Option<String> {
    let header = plain(header);
    let slips = |name: &String| osa_distance(name, &header);
    let all = COLUMNS.iter().flat_map(names);
    let near = all
        .filter(|name| name.chars().count() >= MIN_LETTERS && slips(name) <= MAX_SLIPS.min(name.len() / 3));
    near.filter(|_| header.chars().count() >= MIN_LETTERS).min_by_key(slips)
}

/// The row that names most columns, and how many.
fn header(rows: &[Row]) -> Option<(usize, usize)> {
    let counted = rows
        .iter()
        .take(MAX_ROWS_ABOVE)
        .enumerate()
        .map(|(place, row)| (place, row.cells.iter().filter(|cell| known_as(cell).is_some()).count()));
    // Of several, the first one.
    counted.rev().max_by_key(|(_, count)| *count)
}

/// How many columns the header names.
pub(super) fn known(rows: &[Row]) -> usize {
    let rows: Vec<Row> = rows.iter().take(MAX_ROWS_ABOVE).cloned().collect();
    header(&rows).map_or(0, |(_, count)| count)
}

/// Where the columns stand, and the rows below them.
pub(super) fn find(rows: &[Row]) -> Result<(Places, &[Row]), Vec<Problem>> {
    let Some((place, _)) = header(rows) else {
        return Err(vec![Problem::new(
            1,
            "the file is empty; the first line names the columns, such as name,price,stock",
        )]);
    };
    let (row, below) = (&rows[place], &rows[place + 1..]);
    let (mut places, mut problems) = (Places { width: row.cells.len(), ..Places::default() }, Vec::new());
    for (at, header) in row.cells.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
        match (known_as(header), nearly(header)) {
            (Some(name), _) if places.has(name) => {
                problems.push(Problem::of(
                    row.line,
                    header,
                    format!("stands there twice: it is another word for {name}"),
                ));
            }
            (Some(name), _) => places.places.push((name, at)),
            (None, Some(near)) => {
                problems.push(Problem::of(
                    row.line,
                    header,
                    format!("there is no such column; did you mean {near}?"),
                ));
            }
            (None, None) => places.unread.push(header.clone()),
        }
    }
    for (name, word) in [("name", "nama"), ("price", "harga")] {
        if !places.has(name) {
            problems.push(Problem::of(row.line, name, format!("is missing; name a column {name} or {word}")));
        }
    }
    if problems.is_empty() { Ok((places, below)) } else { Err(problems) }
}
