//! Tests of the code itself: reading, checking, building, converting and drawing.

use proptest::prelude::*;

use super::tlv::{TlvError, TlvReason};
use super::*;

fn rp(whole: i64) -> Rupiah {
    Rupiah::new(whole).unwrap()
}

fn merchant(name: &str) -> Merchant {
    Merchant {
        name: name.to_owned(),
        city: "BANDUNG".to_owned(),
        postal_code: "40115".to_owned(),
        category: "5499".to_owned(),
        acquirer: Acquirer {
            domain: "ID.CO.EXAMPLE.WWW".to_owned(),
            pan: "936009991234567890".to_owned(),
            merchant_id: "EX1234567".to_owned(),
            criteria: "UMI".to_owned(),
        },
        nmid: "ID1020123456789".to_owned(),
    }
}

fn printed(name: &str) -> String {
    build(&merchant(name), None, &Additional::default()).unwrap()
}

/// Puts a field in front of the country and seals the code anew, as a careless converter would.
fn with_field(code: &str, field: &str) -> String {
    let body = &code[..code.len() - 8];
    let at = body.find("5802ID").unwrap();
    seal(format!("{}{field}{}", &body[..at], &body[at..]))
}

fn problems(code: &str, severity: Severity) -> Vec<(Option<u8>, Problem)> {
    let findings = Qris::parse(code).unwrap().findings();
    findings.into_iter().filter(|finding| finding.severity == severity).map(|f| (f.tag, f.problem)).collect()
}

#[test]
fn the_checksum_is_the_published_check_value() {
    assert_eq!(crc_of("123456789"), "29B1");
}

#[test]
fn what_pasting_adds_to_a_code_is_no_part_of_it() {
    let code = printed("BELLA TEH");
    let (left, right) = code.split_at(40);
    for pasted in [
        format!(" {code}\n"),
        format!("{left}\r\n{right}"),
        format!("\u{feff}{left}\u{200b}{right}\u{200e}"),
        format!("\u{2066}{code}\u{2069}"),
    ] {
        assert_eq!(Qris::parse(&pasted).unwrap().text(), code, "{pasted:?}");
        make_dynamic(&pasted, rp(15_000)).unwrap();
    }
}

#[test]
fn a_built_code_has_nothing_to_complain_about() {
    let code = printed("BELLA TEH");
    assert_eq!(Qris::parse(&code).unwrap().findings(), []);
    assert!(!Qris::parse(&code).unwrap().is_dynamic());
    let reference = Additional { reference: Some("ORD-2026-0001-1".into()), ..Additional::default() };
    let code = build(&merchant("BELLA TEH"), Some(rp(117_500)), &reference).unwrap();
    let read = Qris::parse(&code).unwrap();
    assert_eq!(read.findings(), []);
    assert_eq!(read.amount(), Ok(Some(rp(117_500))));
    assert_eq!(read.nmid().as_deref(), Some("ID1020123456789"));
    assert_eq!(read.get_inside(ADDITIONAL, 5).as_deref(), Some("ORD-2026-0001-1"));
    assert_eq!(check_dynamic(&code, rp(117_500)), Ok(()));
}

#[test]
fn a_mistake_in_the_grammar_is_reported_with_its_place() {
    let code = |text: &str| Qris::parse(text).unwrap_err();
    let at = |at, tag: Option<&str>, reason| TlvError { at, tag: tag.map(str::to_owned), reason };
    assert_eq!(code("  \n"), at(1, None, TlvReason::Empty));
    assert_eq!(code("halo"), at(1, None, TlvReason::Tag("ha".into())));
    assert_eq!(code("0002015x"), at(7, None, TlvReason::Tag("5x".into())));
    assert_eq!(code("000201580aID"), at(9, Some("58"), TlvReason::Length("0a".into())));
    assert_eq!(code("0002015800"), at(9, Some("58"), TlvReason::Zero));
    assert_eq!(code("0002015810ID"), at(11, Some("58"), TlvReason::Cut { announced: 10, left: 2 }));
    assert_eq!(code("0002010002015802ID"), at(7, Some("00"), TlvReason::Twice));
    assert_eq!(code(&"0".repeat(5_000)).reason, TlvReason::TooLong);
    assert_eq!(
        code("0002015810ID").to_string(),
        "character 11: tag 58 announces 10 characters, but 2 are left"
    );
}

#[test]
fn amounts_are_read_in_the_three_forms_that_circulate_and_in_no_other() {
    for (text, whole) in
        [("1000", 1_000), ("1000.", 1_000), ("1000.00", 1_000), ("39000.0", 39_000), ("0010", 10)]
    {
        assert_eq!(amount::read(text), Ok(rp(whole)), "{text}");
    }
    for text in ["1000,00", "1 000", "-5", "", ".", "1.000", "1e3", "１０", "12.345.678"] {
        assert!(matches!(amount::read(text), Err(AmountError::Malformed(_))), "{text}");
    }
    assert!(matches!(amount::read("1000.50"), Err(AmountError::Fraction(_))));
    assert_eq!(amount::read("0.00"), Err(AmountError::Zero));
    assert!(matches!(amount::read("10000000000.00"), Err(AmountError::TooLong(_))));
    assert!(matches!(amount::read("9999999999"), Err(AmountError::OverLimit { .. })));
}

#[test]
fn what_breaks_the_rules_is_found() {
    let code = printed("BELLA TEH");
    let broken = |from: &str, to: &str| seal(code.replacen(from, to, 1)[..code.len() - 8].to_owned());
    for (from, to, tag) in [
        ("000201", "000202", FORMAT),
        ("010211", "010213", INITIATION),
        ("52045499", "5204549x", CATEGORY),
        ("5303360", "5303840", CURRENCY),
        ("5802ID", "5802SG", COUNTRY),
    ] {
        let errors = problems(&broken(from, to), Severity::Error);
        assert!(
            matches!(errors.as_slice(), [(Some(found), Problem::Value { .. })] if *found == tag),
            "{to}: {errors:?}"
        );
    }
    let wrong = format!("{}0000", &code[..code.len() - 4]);
    assert!(matches!(problems(&wrong, Severity::Error)[..], [(Some(CRC), Problem::WrongCrc { .. })]));
    for field in ["550202", "550203", "550204", "56041000", "550203570500.00", "55020357040100"] {
        assert_eq!(
            problems(&with_field(&code, field), Severity::Error),
            [(Some(TIP), Problem::Tip)],
            "{field}"
        );
    }
    let unsealed = &code[..code.len() - 8];
    assert_eq!(problems(unsealed, Severity::Error), [(Some(CRC), Problem::Missing("the checksum"))]);
    let moved = format!("{}{}", &code[6..code.len() - 8], "000201");
    assert!(problems(&seal(moved), Severity::Error).contains(&(Some(FORMAT), Problem::Place("first"))));
}

#[test]
fn what_circulates_although_it_breaks_a_rule_is_read_with_a_warning() {
    let code = printed("BELLA TEH");
    let lower = format!("{}{}", &code[..code.len() - 4], code[code.len() - 4..].to_lowercase());
    if lower != code {
        assert_eq!(problems(&lower, Severity::Warning), [(Some(CRC), Problem::LowerCaseCrc)]);
    }
    assert_eq!(problems(&format!("{code}\r\n"), Severity::Warning), [(None, Problem::WhiteSpace)]);
    let long = "WARUNG TEH BELLA INDONESIA RAYA";
    let named = seal(code[..code.len() - 8].replace("5909BELLA TEH", &format!("59{}{long}", long.len())));
    assert_eq!(problems(&named, Severity::Warning), [(Some(NAME), Problem::TooLong { chars: 31, max: 25 })]);
    assert_eq!(problems(&named, Severity::Error), []);
}

#[test]
fn a_name_outside_of_ascii_is_read_whether_its_length_counts_characters_or_bytes() {
    let code = printed("CAFE MELATI");
    for (length, name) in [("11", "CAFÉ MELATI"), ("12", "CAFÉ MELATI")] {
        let named = seal(code[..code.len() - 8].replace("5911CAFE MELATI", &format!("59{length}{name}")));
        assert_eq!(Qris::parse(&named).unwrap().get(NAME), Some(name), "{length}");
        let made = make_dynamic(&named, rp(5)).unwrap();
        assert_eq!(Qris::parse(&made).unwrap().get(NAME), Some(name), "{length}");
        assert_eq!(check_dynamic(&made, rp(5)), Ok(()));
        assert!(made.contains(&format!("59{length}{name}")), "lengths keep their unit");
    }
}

#[test]
fn a_static_code_gets_its_amount_and_keeps_the_rest() {
    let code = printed("TOKO 5802ID 010211");
    for amount in [1, 5, 9, 10, 50_000, MAX_TRANSACTION_RUPIAH] {
        let made = make_dynamic(&format!(" {code}\n"), rp(amount)).unwrap();
        let digits = amount.to_string();
        assert_eq!(check_dynamic(&made, rp(amount)), Ok(()));
        assert!(made.contains(&format!("54{:02}{digits}5802ID", digits.len())), "{made}");
        let kept = |code: &str| -> Vec<_> {
            let fields = Qris::parse(code).unwrap().fields().to_vec();
            fields
                .into_iter()
                .filter(|f| !matches!(f.tag, INITIATION | AMOUNT | CRC))
                .map(|f| (f.tag, f.value))
                .collect()
        };
        assert_eq!(kept(&made), kept(&code));
    }
}

#[test]
fn an_amount_and_tips_that_are_there_already_are_replaced() {
    let code = printed("BELLA TEH");
    for field in ["540512345", "55020256041000", "55020357040.75", "540512345550201"] {
        let made = make_dynamic(&with_field(&code, field), rp(50_000)).unwrap();
        assert_eq!(made, make_dynamic(&code, rp(50_000)).unwrap(), "{field}");
    }
    let without = seal(code[..code.len() - 8].replace("010211", ""));
    assert_eq!(make_dynamic(&without, rp(7)).unwrap(), make_dynamic(&code, rp(7)).unwrap());
}

#[test]
fn what_may_not_be_converted_is_refused_with_the_reason() {
    let code = printed("BELLA TEH");
    let refuse = |code: &str, amount: i64| make_dynamic(code, rp(amount)).unwrap_err();
    let body = code[..code.len() - 8].to_owned();
    let dynamic = build(&merchant("BELLA TEH"), Some(rp(5)), &Additional::default()).unwrap();
    assert_eq!(refuse(&dynamic, 5), QrisError::AlreadyDynamic);
    assert_eq!(refuse(&code, 0), QrisError::Amount(AmountError::Zero));
    assert_eq!(refuse(&code, 10_000_001), QrisError::Amount(AmountError::OverLimit { limit: 10_000_000 }));
    assert!(make_dynamic_within(&code, rp(10_000_001), 20_000_000).is_ok());
    assert_eq!(refuse(&with_field(&code, "40080004TEST"), 5), QrisError::Transfer);
    let national = Qris::parse(&code).unwrap().get(NATIONAL).unwrap().to_owned();
    let gone = seal(body.replace(&format!("51{:02}{national}", national.len()), ""));
    assert_eq!(refuse(&gone, 5), QrisError::NoNational);
    for (from, to) in [("5303360", "5303840"), ("5802ID", "5802MY")] {
        assert!(matches!(refuse(&seal(body.replace(from, to)), 5), QrisError::Refused(_)));
    }
    assert!(matches!(refuse(&code.replace("BANDUNG", "BANDONG"), 5), QrisError::Refused(_)));
    assert!(matches!(refuse("https://example.com/pay", 5), QrisError::Unreadable(_)));
}

#[test]
fn a_gateway_code_is_shown_only_for_the_payment_that_it_is_for() {
    let make = |amount| build(&merchant("BELLA TEH"), Some(rp(amount)), &Additional::default()).unwrap();
    let code = make(50_000);
    assert_eq!(check_dynamic(&code, rp(50_000)), Ok(()));
    assert!(matches!(check_dynamic(&code, rp(50_001)), Err(QrisError::OtherAmount { .. })));
    assert_eq!(check_dynamic(&printed("BELLA TEH"), rp(1)), Err(QrisError::NotDynamic));
    let foreign = seal(code[..code.len() - 8].replace("5303360", "5303840"));
    assert!(matches!(check_dynamic(&foreign, rp(50_000)), Err(QrisError::Refused(_))));
    assert_eq!(check_dynamic(&with_field(&code, "550201"), rp(50_000)), Err(QrisError::Tip(TIP)));
    let without = seal(code[..code.len() - 8].replace("540550000", ""));
    assert!(matches!(check_dynamic(&without, rp(50_000)), Err(QrisError::OtherAmount { .. })));
    let decimal = seal(code[..code.len() - 8].replace("540550000", "540850000.00"));
    assert_eq!(check_dynamic(&decimal, rp(50_000)), Ok(()));
}

#[test]
fn any_name_is_made_to_fit() {
    assert_eq!(fit("Bella Teh Indonesia", 25, "SHOP"), "Bella Teh Indonesia");
    assert_eq!(fit("  Kedai   Kopi & Teh Nusantara Jaya ", 25, "SHOP"), "Kedai Kopi & Teh Nusantar");
    assert_eq!(fit("Café|Été", 25, "SHOP"), "CafeEte");
    assert_eq!(fit("茶 🍵", 25, "SHOP"), "SHOP");
}

/// Reads a picture with a decoder that shares nothing with the drawing.
fn decode(png: &[u8]) -> (u32, u32, String) {
    let picture = image::load_from_memory(png).unwrap().into_luma8();
    let (width, height) = picture.dimensions();
    let pixel =
        |x: usize, y: usize| picture.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, pixel);
    let grids = prepared.detect_grids();
    assert_eq!(grids.len(), 1, "one code in the picture");
    (width, height, grids[0].decode().unwrap().1)
}

#[test]
fn the_picture_is_read_back_by_an_independent_decoder() {
    let reference = Additional { reference: Some("ORD-2026-0001-1".into()), ..Additional::default() };
    let code = build(&merchant("BELLA TEH INDONESIA"), Some(rp(1_117_500)), &reference).unwrap();
    for (title, amount) in [
        ("Bella Teh Indonesia", "Rp 1.117.500"),
        ("", ""),
        (
            "Kedai Teh dan Kopi Nusantara Sejahtera Abadi Jaya Cabang Pembantu Bandung Utara",
            "Rp 2.147.483.647",
        ),
        ("🍵🍵🍵", "Rp 1"),
    ] {
        let png = png(&code, title, amount).unwrap();
        let (width, height, text) = decode(&png);
        assert_eq!(text, code);
        assert!(width >= 360 && height >= width, "{width}x{height}");
        assert!(png.len() < 60_000, "{} bytes", png.len());
        let picture = image::load_from_memory(&png).unwrap().into_luma8();
        let quiet = 4 * width / u32::try_from(outer_modules(&code)).unwrap();
        assert!(quiet >= 12);
        for x in 0..width {
            for y in 0..quiet {
                assert_eq!(picture.get_pixel(x, y).0[0], 255, "the quiet zone is white");
                assert_eq!(picture.get_pixel(y, x).0[0], 255, "the quiet zone is white");
            }
        }
    }
}

/// The modules of a side with the quiet zone, as the half blocks show them.
fn outer_modules(code: &str) -> usize {
    half_blocks(code, false).unwrap().lines().next().unwrap().chars().count()
}

#[test]
fn the_terminal_and_svg_forms_show_the_same_modules() {
    let code = printed("BELLA TEH");
    let plain = half_blocks(&code, false).unwrap();
    let coloured = half_blocks(&code, true).unwrap();
    let inverted: String = coloured
        .replace("\u{1b}[30;107m", "")
        .replace("\u{1b}[0m", "")
        .chars()
        .map(|c| match c {
            '█' => ' ',
            ' ' => '█',
            '▀' => '▄',
            '▄' => '▀',
            other => other,
        })
        .collect();
    assert_eq!(plain, inverted);
    assert!(svg(&code).unwrap().starts_with("<svg "));
    assert_eq!(png(&"A".repeat(5_000), "", ""), Err(DrawError::TooLong));
}

proptest! {
    #[test]
    fn what_is_built_is_read_back(name in "[ -{}~]{1,25}", amount in 1_i64..=10_000_000, reference in "[A-Z0-9-]{1,25}") {
        prop_assume!(!name.trim().is_empty());
        let additional = Additional { reference: Some(reference.clone()), ..Additional::default() };
        let code = build(&merchant(&name), Some(rp(amount)), &additional).unwrap();
        let read = Qris::parse(&code).unwrap();
        prop_assert_eq!(read.findings(), vec![]);
        prop_assert_eq!(read.get(NAME), Some(name.as_str()));
        prop_assert_eq!(read.amount(), Ok(Some(rp(amount))));
        prop_assert_eq!(read.get_inside(ADDITIONAL, 5), Some(reference));
        prop_assert_eq!(check_dynamic(&code, rp(amount)), Ok(()));
    }

    #[test]
    fn a_made_code_asks_for_exactly_the_amount(name in "[A-Z0-9 ]{1,25}", amount in 1_i64..=10_000_000) {
        prop_assume!(!name.trim().is_empty());
        let made = make_dynamic(&printed(&name), rp(amount)).unwrap();
        prop_assert_eq!(Qris::parse(&made).unwrap().amount(), Ok(Some(rp(amount))));
        prop_assert_eq!(Qris::parse(&made).unwrap().findings(), vec![]);
    }

    #[test]
    fn any_changed_character_is_noticed(amount in 1_i64..=10_000_000, place in 0_usize..1_000, to in 32_u8..127) {
        let code = build(&merchant("BELLA TEH"), Some(rp(amount)), &Additional::default()).unwrap();
        let mut bytes = code.clone().into_bytes();
        let place = place % bytes.len();
        // The case of the checksum's letters does not matter.
        prop_assume!(!bytes[place].eq_ignore_ascii_case(&to));
        bytes[place] = to;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(check_dynamic(&changed, rp(amount)).is_err());
        prop_assert!(Qris::parse(&changed).map_or(true, |read| read.findings().iter().any(|f| f.severity == Severity::Error)));
    }

    #[test]
    fn nothing_panics_on_arbitrary_text(text in "\\PC{0,200}", amount in 0_i64..=20_000_000) {
        let _ = make_dynamic(&text, rp(amount));
        let _ = check_dynamic(&text, rp(amount));
        if let Ok(read) = Qris::parse(&text) {
            let _ = (read.findings(), read.nmid(), read.amount());
        }
        let _ = fit(&text, 25, "SHOP");
    }

    #[test]
    fn nothing_panics_on_rows_of_fields(fields in prop::collection::vec((0_u8..100, "\\PC{0,30}"), 0..12)) {
        let mut text = String::new();
        for (tag, value) in &fields {
            tlv::write(&mut text, *tag, value, Unit::Characters);
        }
        let text = seal(text);
        let _ = make_dynamic(&text, rp(5));
        if let Ok(read) = Qris::parse(&text) {
            let _ = read.findings().iter().map(ToString::to_string).collect::<Vec<_>>();
        }
    }
}
