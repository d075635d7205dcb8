//! Sheets as spreadsheets, tills and people write them.

use std::io::{Cursor, Write as _};

use super::*;
use crate::domain::goods::{Count, Price};

fn problems(text: &str) -> Vec<String> {
    read(text.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
}

fn sheet(text: &str) -> Sheet {
    read(text.as_bytes()).unwrap()
}

fn price(draft: &Draft) -> Option<i64> {
    draft.price.map(|price| price.amount().whole())
}

#[test]
fn a_sheet_is_read_whatever_separates_its_cells() {
    for separator in [",", ";", "\t", "|"] {
        for line_end in ["\n", "\r\n", "\r"] {
            let text = ["SKU,Name,Price,Stock", "A1, Teh Hijau ,50000,10", "B2,\"Teh, Putih; besar\",75000,"];
            let text = text.map(|line| match line.contains('"') {
                true => format!("B2{separator}\"Teh, Putih; besar\"{separator}75000{separator}"),
                false => line.replace(',', separator),
            });
            let read = sheet(&text.join(line_end));
            assert_eq!(read.drafts.len(), 2, "{separator:?} {line_end:?}");
            assert_eq!(read.drafts[0].name.as_deref(), Some("Teh Hijau"));
            assert_eq!((price(&read.drafts[0]), read.drafts[0].stock), (Some(50_000), Some(Count::To(10))));
            assert_eq!(
                (read.drafts[1].name.as_deref(), read.drafts[1].stock),
                (Some("Teh, Putih; besar"), None)
            );
        }
    }
}

#[test]
fn a_sheet_is_read_in_every_encoding_that_spreadsheets_write() {
    let text = "nama;harga;keterangan\r\nKafé Spésial;Rp25.000,00;“enak” – dingin\r\n";
    let wide = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let narrow = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    for (what, bytes) in [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("Windows-1252", narrow),
        ("UTF-16 with a mark", [b"\xff\xfe".to_vec(), wide(u16::to_le_bytes)].concat()),
        ("UTF-16, the other end first", [b"\xfe\xff".to_vec(), wide(u16::to_be_bytes)].concat()),
        ("UTF-16 without a mark", wide(u16::to_le_bytes)),
        ("UTF-16 without a mark, the other end first", wide(u16::to_be_bytes)),
    ] {
        let read = read(&bytes).unwrap_or_else(|problems| panic!("{what}: {problems:?}"));
        assert_eq!(read.drafts[0].name.as_deref(), Some("Kafé Spésial"), "{what}");
        assert_eq!(read.drafts[0].details.description.as_deref(), Some("“enak” – dingin"), "{what}");
        assert_eq!(price(&read.drafts[0]), Some(25_000), "{what}");
    }
}

#[test]
fn headers_are_read_as_shops_write_them() {
    let read = sheet(
        "Daftar Harga Kedai Sari,,,,,,\n\nNo,Kode Barang,Nama Produk *,Harga Jual (Rp),Sisa Stok,Varian,Kategori\n\
         1,K1,Kopi Susu,18.000,1.200,Besar,Minuman\n",
    );
    let draft = &read.drafts[0];
    assert_eq!((draft.sku.as_deref(), draft.name.as_deref()), (Some("K1"), Some("Kopi Susu")));
    assert_eq!(draft.details.category.as_deref(), Some("Minuman"));
    let variant = &draft.variants[0];
    assert_eq!(variant.name.as_deref(), Some("Besar"));
    assert_eq!(
        (variant.price.map(Price::amount).map(i64::from), variant.stock),
        (Some(18_000), Some(Count::To(1_200)))
    );
    assert_eq!(read.unread, ["No"]);
    assert_eq!(read.lines[0].of(Some(0)), 4);
}

#[test]
fn every_mistake_is_reported_with_line_and_column() {
    assert_eq!(problems("sku,nama\n"), ["1: column price: is missing; name a column price or harga"]);
    assert_eq!(
        problems("sku,name,prise,stock\nA,Teh,1,5\n"),
        [
            "1: column prise: there is no such column; did you mean price?",
            "1: column price: is missing; name a column price or harga"
        ]
    );
    assert_eq!(
        problems("sku,name,price,stock\nA,Teh,abc,5\n,Kopi,10.5,-1\nC,,0,1\nD,Jahe,Rp. 0,3 pcs\n"),
        [
            "2: column price: \"abc\" is no price; write whole rupiah such as 25000, Rp25.000 or 25rb, or \"gratis\"",
            "3: column price: \"10.5\" is no price; write whole rupiah such as 25000, Rp25.000 or 25rb, or \"gratis\"",
            "3: column stock: \"-1\" is no whole number from 0 to 1000000",
            "4: column name: is empty; write one",
            "4: column price: \"0\" is zero; write \"gratis\" where it costs nothing",
            "5: column price: \"Rp. 0\" is zero; write \"gratis\" where it costs nothing",
            "5: column stock: \"3 pcs\" is no whole number from 0 to 1000000",
        ]
    );
    assert_eq!(
        problems(
            "sku,name,variant,price\nA,Teh,S,1\nA,Teh,s,1\nB,Kopi,,1\nB,Kopi,L,1\nC,Jahe,S,1\nC,Jae,M,1\n"
        ),
        [
            "3: column sku: A stands there twice with the same variant (line 2); take one out",
            "5: column variant: B has lines with and without a variant",
            "7: column name: C says something else on line 6; write the same on both",
        ]
    );
    assert_eq!(problems("sku,name,price\n"), ["1: there are no products"]);
    assert_eq!(problems("sku,name,price\nA,Teh\n").len(), 1);
    assert_eq!(
        problems("sku,name,price\nA,Teh,10,000\n").len(),
        1,
        "an amount that the separator cut in two"
    );
    assert_eq!(problems("nama,produk,harga\nTeh,Teh,1\n").len(), 1);
    assert_eq!(problems("").len(), 1);
    assert_eq!(problems("\u{1}\u{2}\u{3}PNG").len(), 1);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for line_end in ["\n", "\r\n", "\r"] {
        let text = [
            "sku,name,price,description",
            "A,Teh,1000,\"dua",
            "baris, dan",
            "",
            "satu kosong\"",
            "",
            "",
            "B,Kopi,x,",
            "C,Jahe,y,",
        ];
        let lines: Vec<u64> =
            read(text.join(line_end).as_bytes()).unwrap_err().iter().map(|it| it.line).collect();
        assert_eq!(lines, [8, 9], "{line_end:?}");
    }
}

#[test]
fn a_product_without_a_code_goes_by_its_name() {
    let read = sheet("nama,varian,harga\nKopi,Besar,1000\nkopi,Kecil,800\nTeh,,gratis\n");
    let named: Vec<_> = read.problems_of_names();
    assert_eq!(named, ["kopi 2", "teh 0"]);
}

impl Sheet {
    fn problems_of_names(&self) -> Vec<String> {
        let name = |draft: &Draft| draft.name.clone().unwrap_or_default().to_lowercase();
        self.drafts.iter().map(|draft| format!("{} {}", name(draft), draft.variants.len())).collect()
    }
}

/// A workbook as small as one can be.
fn workbook(rows: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let files = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#.to_owned(),
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Barang" sheetId="1" r:id="rId1"/></sheets></workbook>"#.to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#),
        ),
    ];
    for (name, text) in files {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn words(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

#[test]
fn a_workbook_is_read_as_it_is() {
    let header =
        format!("<row r=\"1\">{}{}{}</row>", words("A1", "Nama"), words("B1", "Harga"), words("D1", "Stok"));
    let tea = format!(
        "<row r=\"3\">{}<c r=\"B3\"><v>25000</v></c><c r=\"D3\"><v>12.0</v></c></row>",
        words("A3", "Teh Tubruk")
    );
    let read = read(&workbook(&format!("{header}{tea}"))).unwrap();
    assert_eq!(read.drafts[0].name.as_deref(), Some("Teh Tubruk"));
    assert_eq!((price(&read.drafts[0]), read.drafts[0].stock), (Some(25_000), Some(Count::To(12))));
    assert_eq!(read.lines[0].first, 3);
    let half = format!("<row r=\"2\">{}<c r=\"B2\"><v>25000.5</v></c></row>", words("A2", "Teh"));
    let problems = super::read(&workbook(&format!("{header}{half}"))).unwrap_err();
    assert_eq!((problems.len(), problems[0].line, problems[0].column.as_deref()), (1, 2, Some("price")));
}

/// One stock list as two programs write it: with formats of currency, formulas, an empty row and a second page.
#[test]
fn workbooks_of_other_programs_are_read() {
    let written: [&[u8]; 2] =
        [include_bytes!("fixtures/openpyxl.xlsx"), include_bytes!("fixtures/xlsxwriter.xlsx")];
    for bytes in written {
        let read = read(bytes).unwrap();
        let rows = read.drafts.iter().flat_map(|draft| {
            let own = (draft.name.clone(), None, price(draft), draft.stock);
            let variants = draft.variants.iter().map(|variant| {
                let price = variant.price.map(|price| price.amount().whole());
                (draft.name.clone(), variant.name.clone(), price, variant.stock)
            });
            let of_variants: Vec<_> = variants.collect();
            if of_variants.is_empty() { vec![own] } else { of_variants }
        });
        let row = |name: &str, variant: Option<&str>, price, stock| {
            (Some(name.to_owned()), variant.map(str::to_owned), Some(price), Some(Count::To(stock)))
        };
        let expected = [
            row("Teh Tubruk", None, 18_000, 24),
            row("Kopi Susu", Some("Kecil"), 15_000, 10),
            row("Kopi Susu", Some("Besar"), 22_000, 6),
            row("Gula Aren 500 gram", None, 27_500, 0),
        ];
        assert_eq!(rows.collect::<Vec<_>>(), expected);
        assert_eq!(read.lines.iter().map(|line| line.first).collect::<Vec<_>>(), [2, 4, 5, 6]);
    }
}

#[test]
fn a_workbook_that_cannot_be_read_says_so() {
    let far = format!("<row r=\"1\">{}</row>", words("XFD1", "Nama"));
    for (what, bytes) in [
        ("cut off", workbook("")[..200].to_vec()),
        ("empty", workbook("")),
        ("a cell far away", workbook(&far)),
        ("no workbook", b"PK\x03\x04 nothing of the kind".to_vec()),
        ("an old one", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec()),
        ("too large", vec![b'a'; MAX_BYTES + 1]),
        ("unpacks to too much", {
            let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
            archive.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
            let piece = vec![b' '; 1024 * 1024];
            for _ in 0..=MAX_UNPACKED_BYTES / 1024 / 1024 {
                archive.write_all(&piece).unwrap();
            }
            archive.finish().unwrap().into_inner()
        }),
    ] {
        let problems = read(&bytes).unwrap_err();
        assert_eq!(problems.len(), 1, "{what}: {problems:?}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[b"nama,harga\n".as_slice(), &bytes].concat());
    }
}
