//! A catalogue as CSV, in the form that is read.

use std::io::Write;

use super::COLUMNS;
use crate::domain::catalog::Catalog;
use crate::domain::customer::Localized;

/// Writes a catalogue in the form that [`read`](super::read) takes.
///
/// # Errors
/// [`csv::Error`] when the output cannot be written.
pub fn write(catalog: &Catalog, to: impl Write) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(COLUMNS.map(|column| column.name))?;
    for product in &catalog.products {
        let category = product.category.as_ref().and_then(|id| catalog.category(id));
        let english = |text: &Localized| text.en.clone().unwrap_or_default();
        // Nothing costs nothing by accident.
        let price = |whole: i64| if whole == 0 { "gratis".to_owned() } else { whole.to_string() };
        let mut record = |variant: String, variant_en: String, whole: i64, stock: i32| {
            writer.write_record([
                product.sku.clone().unwrap_or_default(),
                product.name.id.clone(),
                english(&product.name),
                category.map(|category| category.name.id.clone()).unwrap_or_default(),
                variant,
                variant_en,
                price(whole),
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
            record(String::new(), String::new(), product.price.whole(), product.stock)?;
        }
        for variant in &product.variants {
            let whole = variant.price.unwrap_or(product.price).whole();
            record(variant.name.id.clone(), english(&variant.name), whole, variant.stock)?;
        }
    }
    writer.flush().map_err(csv::Error::from)
}
