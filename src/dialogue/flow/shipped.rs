//! The flow files that the program carries.

/// Path and text of every file in `flows/`.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/flows.rs"));

/// The files, as `Flows::load` takes them.
pub fn files() -> Vec<(String, String)> {
    SHIPPED.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}
