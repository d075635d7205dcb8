//! The picture of a QRIS code that the page shows.

use super::door::DoorError;

/// Pixels of a side at least.
const MIN_SIDE_PX: u32 = 360;

/// Draws a code as PNG: dark on white, with four modules of quiet around it.
///
/// # Errors
/// [`DoorError`] when the string does not fit into a code.
pub fn qris(payload: &str, _title: &str, _amount: &str) -> Result<Vec<u8>, DoorError> {
    let code = qrcode::QrCode::new(payload).map_err(|error| DoorError(error.to_string()))?;
    let picture = code.render::<image::Luma<u8>>().min_dimensions(MIN_SIDE_PX, MIN_SIDE_PX).build();
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageLuma8(picture)
        .write_to(&mut png, image::ImageFormat::Png)
        .map_err(|error| DoorError(error.to_string()))?;
    Ok(png.into_inner())
}
