//! Pictures as people take them: turned, small, large, pale, noisy, two at once, and things that are no pictures.

use image::{DynamicImage, GrayImage, Luma, imageops};
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::payments::qris::png;

const CODE: &str = "00020101021126570011ID.DANA.WWW011893600915300000000002090000000000303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581253033605802ID5912TOKO CONTOH 6007BANDUNG61054011163046E6B";
const OTHER: &str = "https://example.com/not-a-payment-code";

fn drawn(code: &str) -> GrayImage {
    decode(&png(code, "", "").unwrap()).unwrap().to_luma8()
}

fn saved(picture: &GrayImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

/// A picture that stands on a grey table, away from the middle, as photographs do.
fn on_a_table(code: &GrayImage, width: u32, height: u32) -> GrayImage {
    let mut table =
        GrayImage::from_fn(width, height, |x, y| Luma([120 + u8::try_from((x / 7 + y / 5) % 40).unwrap()]));
    imageops::overlay(&mut table, code, 90, 130);
    table
}

/// Turns a picture around its middle, white beside it.
fn turned(picture: &GrayImage, degrees: f32) -> GrayImage {
    let side = (f64::from(picture.width().max(picture.height())) * 1.5) as u32;
    let (sin, cos) = degrees.to_radians().sin_cos();
    let middle = (side as f32 / 2.0, picture.width() as f32 / 2.0, picture.height() as f32 / 2.0);
    GrayImage::from_fn(side, side, |x, y| {
        let (dx, dy) = (x as f32 - middle.0, y as f32 - middle.0);
        let (from_x, from_y) = (cos * dx + sin * dy + middle.1, -sin * dx + cos * dy + middle.2);
        if from_x < 0.0 || from_y < 0.0 {
            return Luma([255]);
        }
        picture.get_pixel_checked(from_x as u32, from_y as u32).copied().unwrap_or(Luma([255]))
    })
}

#[rstest]
#[case::a_little(7.0)]
#[case::slanted(33.0)]
#[case::on_its_side(90.0)]
#[case::head_down(180.0)]
#[case::almost_around(311.0)]
fn a_turned_photograph_is_read(#[case] degrees: f32) {
    let picture = turned(&drawn(CODE), degrees);
    assert_eq!(read_picture(&saved(&picture, 85)), Ok(vec![CODE.to_owned()]));
}

#[rstest]
#[case::small(150)]
#[case::a_thumbnail(220)]
#[case::of_a_phone(1_500)]
#[case::of_a_camera(4_000)]
fn the_size_of_a_picture_does_not_matter(#[case] side: u32) {
    let picture = imageops::resize(&drawn(CODE), side, side, imageops::FilterType::Triangle);
    assert_eq!(read_picture(&saved(&picture, 90)), Ok(vec![CODE.to_owned()]));
}

#[rstest]
#[case::pale(200, 235)]
#[case::dark(10, 60)]
#[case::grey(110, 145)]
fn low_contrast_is_stretched(#[case] dark: u8, #[case] bright: u8) {
    let mut picture = on_a_table(&drawn(CODE), 900, 900);
    for pixel in picture.pixels_mut() {
        let span = u16::from(bright - dark);
        pixel.0[0] = dark + u8::try_from(u16::from(pixel.0[0]) * span / 255).unwrap();
    }
    assert_eq!(read_picture(&saved(&picture, 80)), Ok(vec![CODE.to_owned()]));
}

#[test]
fn a_picture_that_was_saved_badly_is_read() {
    assert_eq!(read_picture(&saved(&drawn(CODE), 12)), Ok(vec![CODE.to_owned()]));
}

#[test]
fn a_noisy_photograph_on_a_table_is_read() {
    let mut picture = on_a_table(&drawn(CODE), 1_200, 1_600);
    let mut seed = 7_u32;
    for pixel in picture.pixels_mut() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = i16::from((seed >> 24) as u8 % 41) - 20;
        pixel.0[0] = u8::try_from((i16::from(pixel.0[0]) + noise).clamp(0, 255)).unwrap();
    }
    assert_eq!(read_picture(&saved(&picture, 70)), Ok(vec![CODE.to_owned()]));
}

#[test]
fn both_codes_of_a_picture_are_told() {
    let (one, two) = (drawn(CODE), drawn(OTHER));
    let mut picture = GrayImage::from_pixel(one.width() + two.width() + 60, 700, Luma([255]));
    imageops::replace(&mut picture, &one, 0, 20);
    imageops::replace(&mut picture, &two, i64::from(one.width()) + 60, 20);
    let mut found = read_picture(&saved(&picture, 80)).unwrap();
    found.sort();
    assert_eq!(found, [CODE.to_owned(), OTHER.to_owned()]);
}

#[test]
fn what_is_transparent_is_white() {
    let code = drawn(CODE);
    let picture = image::GrayAlphaImage::from_fn(code.width(), code.height(), |x, y| {
        // Dark modules are opaque black, everything else is transparent black: a common way to save a code.
        image::LumaA([0, 255 - code.get_pixel(x, y).0[0]])
    });
    assert_eq!(read_decoded(&DynamicImage::ImageLumaA8(picture)), Ok(vec![CODE.to_owned()]));
}

#[test]
fn a_picture_without_a_code_and_one_that_is_covered_are_told_apart() {
    let empty = GrayImage::from_pixel(300, 300, Luma([200]));
    assert_eq!(read_picture(&saved(&empty, 90)), Err(PictureError::NoCode));
    let mut covered = drawn(CODE);
    let (width, height) = covered.dimensions();
    for x in width / 3..width * 3 / 4 {
        for y in height / 3..height * 3 / 4 {
            covered.put_pixel(x, y, Luma([255]));
        }
    }
    assert_eq!(read_picture(&saved(&covered, 90)), Err(PictureError::Blurred));
}

#[rstest]
#[case::nothing(&[])]
#[case::words(b"%PDF-1.7 not a picture")]
#[case::cut_off(&[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])]
fn what_is_no_picture_is_refused(#[case] bytes: &[u8]) {
    assert_eq!(read_picture(bytes), Err(PictureError::NotAPicture));
}

/// A chunk of a PNG.
fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), data].concat();
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&named);
    let length = u32::try_from(data.len()).unwrap();
    [length.to_be_bytes().as_slice(), &named, &crc.to_be_bytes()].concat()
}

/// A PNG in black, as it is drawn.
fn black(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = GrayImage::from_pixel(width, height, Luma([0]));
    picture.write_with_encoder(image::codecs::png::PngEncoder::new(&mut bytes)).unwrap();
    bytes
}

/// Where the head of a PNG ends.
const HEAD_BYTES: usize = 33;

#[rstest]
#[case(60_000, 60_000, PictureError::TooLarge)]
#[case(12_001, 10, PictureError::TooLarge)]
#[case(8_000, 8_000, PictureError::TooLarge)]
#[case(6_001, 6_000, PictureError::TooLarge)]
// Small enough to be read, but there is less in the file than its head says.
#[case(1_000, 1_000, PictureError::NotAPicture)]
#[case(0, 10, PictureError::NotAPicture)]
fn a_picture_that_would_fill_the_memory_is_refused_before_it_is_read(
    #[case] width: u32,
    #[case] height: u32,
    #[case] expected: PictureError,
) {
    let small = black(1, 1);
    // Only the size in the head is changed, and its checksum made right.
    let head = [&width.to_be_bytes(), &height.to_be_bytes(), &small[24..29]].concat();
    let bytes = [&small[..8], &chunk(b"IHDR", &head), &small[HEAD_BYTES..]].concat();
    assert_eq!(decode(&bytes).unwrap_err(), expected);
}

#[test]
fn a_file_that_is_too_long_is_not_looked_at() {
    assert_eq!(read_picture(&vec![0; MAX_PICTURE_BYTES + 1]), Err(PictureError::TooLarge));
}

#[test]
fn what_stands_beside_the_pixels_may_not_fill_the_memory_either() {
    // The pixels of a large black picture, packed, are a few kilobytes that unpack to a hundred megabytes.
    let large = black(10_000, 10_000);
    let at = large.windows(4).position(|name| name == b"IDAT").unwrap();
    let length = u32::from_be_bytes(large[at - 4..at].try_into().unwrap()) as usize;
    let packed = &large[at + 4..at + 4 + length];
    let small = black(10, 10);
    let with = |name: &[u8; 4], lead: &[u8]| {
        [&small[..HEAD_BYTES], &chunk(name, &[lead, packed].concat()), &small[HEAD_BYTES..]].concat()
    };
    for bytes in [with(b"iCCP", b"bomb\0\0"), with(b"zTXt", b"bomb\0\0"), with(b"iTXt", b"bomb\0\x01\0\0\0")]
    {
        let started = std::time::Instant::now();
        // Read without what stands beside the pixels, or refused: both are fine, and both take no time.
        let _ = decode(&bytes).map(|picture| assert_eq!(picture.width(), 10));
        assert!(started.elapsed() < std::time::Duration::from_secs(1), "{:?}", started.elapsed());
    }
    // Notes that are not packed count as well.
    let notes = chunk(b"tEXt", &[b"note\0".as_slice(), &vec![b'x'; 5 << 20]].concat());
    let noted = [&small[..HEAD_BYTES], &notes, &small[HEAD_BYTES..]].concat();
    assert_eq!(decode(&noted).unwrap_err(), PictureError::TooLarge);
}

fn distance(one: &DynamicImage, two: &DynamicImage) -> u32 {
    (picture_hash(one) ^ picture_hash(two)).count_ones()
}

#[test]
fn a_picture_is_known_again_when_it_was_made_smaller_and_another_is_not() {
    let receipt = |seed: u8| {
        DynamicImage::ImageLuma8(GrayImage::from_fn(720, 1_280, |x, y| {
            let block = (x / 90 + y / 160 * 8) as u8;
            Luma([block.wrapping_mul(37).wrapping_add(seed.wrapping_mul(block))])
        }))
    };
    let one = receipt(3);
    let smaller =
        decode(&saved(&one.resize(360, 640, imageops::FilterType::Triangle).to_luma8(), 40)).unwrap();
    assert!(distance(&one, &smaller) <= 4, "{}", distance(&one, &smaller));
    assert!(distance(&one, &receipt(91)) > 12, "{}", distance(&one, &receipt(91)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512), keep in 0..200_usize) {
        let _ = read_picture(&bytes);
        let mut real = png(OTHER, "", "").unwrap();
        real.truncate(keep);
        real.extend(&bytes);
        let _ = read_picture(&real);
    }
}
