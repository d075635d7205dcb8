//! Words: Fluent bundles of both languages, and how money, dates and lists are written in each.

/// The loaded locales.
#[derive(Debug, Default)]
pub struct Locales {}
