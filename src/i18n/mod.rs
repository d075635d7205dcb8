//! Stub.
#[derive(Debug, Default)]
pub struct Locales {}
pub struct Rendered {
    pub text: String,
    pub labels: Vec<String>,
    pub link_label: Option<String>,
}
impl Locales {
    pub fn render(
        &self,
        s: &crate::dialogue::reply::Say,
        _: crate::domain::customer::Language,
        _: &chrono_tz::Tz,
    ) -> Rendered {
        Rendered { text: s.key.clone(), labels: vec![], link_label: None }
    }
}
pub mod format {
    pub fn money(a: crate::domain::money::Rupiah, _: crate::domain::customer::Language) -> String {
        a.whole().to_string()
    }
}
