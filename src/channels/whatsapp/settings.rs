//! The number that the settings describe: complete or not there at all.

use serde_json::{Value, json};

use super::Account;
use crate::channels::registry::{ApiUrl, Get};
use crate::edge::secret;

/// The settings that an account is read from.
pub(super) const NAMES: &str =
    "WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_ACCESS_TOKEN, WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN";
/// Meta's Graph API, at the version that is written against.
pub(super) const API_URL: ApiUrl =
    ApiUrl { setting: "WHATSAPP_API_URL", default: "https://graph.facebook.com/v23.0" };

/// The number's four settings. Some of them without the others are a mistake that nobody wants to find out later.
pub(super) fn account(get: Get<'_>, problems: &mut Vec<String>) -> Option<Value> {
    let names =
        ["WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"];
    let values = names.map(get);
    if values.iter().all(Option::is_none) {
        return None;
    }
    for (name, value) in names.iter().zip(&values) {
        if value.is_none() {
            problems.push(format!(
                "{name} is missing, and the other WHATSAPP_ settings are there; write all four (docs/whatsapp.md says where each stands)"
            ));
        }
    }
    let [Some(phone_number_id), Some(access_token), Some(app_secret), Some(verify_token)] = values else {
        return None;
    };
    if !phone_number_id.bytes().all(|b| b.is_ascii_digit()) {
        problems.push(
            "WHATSAPP_PHONE_NUMBER_ID is not a number; write the id that stands below the phone number, not the number itself"
                .into(),
        );
        return None;
    }
    let templates = get("WHATSAPP_TEMPLATES").map_or_else(
        || json!({}),
        |text| {
            serde_json::from_str(&text).unwrap_or_else(|error: serde_json::Error| {
                problems.push(format!(
                    "WHATSAPP_TEMPLATES is no JSON (column {}); write what docs/whatsapp.md shows",
                    error.column()
                ));
                json!({})
            })
        },
    );
    let short = [
        secret::given_problem("WHATSAPP_APP_SECRET", &app_secret, "docs/whatsapp.md"),
        secret::chosen_problem("WHATSAPP_VERIFY_TOKEN", &verify_token),
    ];
    let before = problems.len();
    if !secret::is_of_a_stand_in(get(API_URL.setting)) {
        problems.extend(short.into_iter().flatten());
    }
    if problems.len() > before {
        return None;
    }
    let account = Account::new(&phone_number_id, &access_token, &app_secret, &verify_token);
    match account.and_then(|account| account.with_templates(&templates)) {
        Ok(account) => Some(account.write()),
        Err(wrong) => {
            problems.push(format!("the WHATSAPP_ settings: {wrong}; write what docs/whatsapp.md shows"));
            None
        }
    }
}
