//! A shop's number on WhatsApp: its credentials, and the templates that may open a conversation.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::customer::Language;

/// Bytes of a credential; what is longer was pasted wrongly.
const MAX_SECRET_BYTES: usize = 2_048;
/// Digits of a phone number id, generously.
const MAX_ID_BYTES: usize = 64;

/// A number of a shop.
#[derive(Debug, Clone)]
pub struct Account {
    /// The platform's id of the number, which stands in addresses and in webhooks. It is not the number itself.
    pub phone_number_id: String,
    /// Lets us send.
    pub access_token: SecretString,
    /// Signs webhooks.
    pub app_secret: SecretString,
    /// The word by which the platform's handshake knows us.
    pub verify_token: SecretString,
    /// The approved template that stands for a reply outside of the 24-hour window, by the reply's key.
    pub templates: BTreeMap<String, Template>,
}

/// An approved message template, as it is called at the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// The language codes under which it was approved, by our own codes: `{"id": "id", "en": "en_US"}`.
    #[serde(default)]
    pub languages: BTreeMap<String, String>,
    /// The arguments of the reply that fill `{{1}}`, `{{2}}` …, in order. `text` is the message's own words.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// How many quick-reply buttons it has. They stand for the first choices of the message, in order.
    #[serde(default)]
    pub buttons: usize,
}

impl Template {
    /// The platform's code of the language to send in: the reader's, else Indonesian, else what there is.
    pub fn language(&self, reader: Language) -> &str {
        let code = |language: Language| self.languages.get(language.code());
        code(reader)
            .or_else(|| code(Language::default()))
            .or_else(|| self.languages.values().next())
            .map_or(Language::default().code(), String::as_str)
    }
}

/// An account as it is stored, sealed.
#[derive(Deserialize)]
struct Stored {
    phone_number_id: Value,
    access_token: String,
    app_secret: String,
    verify_token: String,
    #[serde(default)]
    templates: BTreeMap<String, Template>,
}

impl Account {
    /// An account of its four settings, without templates.
    ///
    /// # Errors
    /// What is wrong with them, without repeating them.
    pub fn new(
        phone_number_id: &str,
        access_token: &str,
        app_secret: &str,
        verify_token: &str,
    ) -> Result<Self, String> {
        let id = phone_number_id.trim();
        let is_id =
            !id.is_empty() && id.len() <= MAX_ID_BYTES && id.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_id {
            return Err(
                "phone_number_id: digits are expected, the id of the number and not the number".to_owned()
            );
        }
        Ok(Self {
            phone_number_id: id.to_owned(),
            access_token: secret("access_token", access_token)?,
            app_secret: secret("app_secret", app_secret)?,
            verify_token: secret("verify_token", verify_token)?,
            templates: BTreeMap::new(),
        })
    }

    /// The same account with templates: an object of them by the keys of the replies.
    ///
    /// # Errors
    /// What is expected, when they are something else.
    pub fn with_templates(self, templates: &Value) -> Result<Self, String> {
        let templates = serde_json::from_value(templates.clone())
            .map_err(|_| "templates: {key: {name, languages, parameters, buttons}} is expected".to_owned())?;
        Ok(Self { templates, ..self })
    }

    /// The account's id at the platform, as in `Inbound::account`.
    pub fn id(&self) -> &str {
        &self.phone_number_id
    }

    /// Reads what [`Account::write`] wrote.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it.
    pub fn read(value: &Value) -> Result<Self, String> {
        // The words of the parser quote what they dislike, which may be a secret pasted into the wrong field.
        let stored: Stored = serde_json::from_value(value.clone()).map_err(|_| {
            "phone_number_id, access_token, app_secret and verify_token are expected, and templates as \
             {key: {name, languages, parameters, buttons}}"
                .to_owned()
        })?;
        let id = match stored.phone_number_id {
            Value::String(id) => id,
            Value::Number(id) => id.to_string(),
            _ => return Err("phone_number_id: text is expected".to_owned()),
        };
        let account = Self::new(&id, &stored.access_token, &stored.app_secret, &stored.verify_token)?;
        Ok(Self { templates: stored.templates, ..account })
    }

    /// What is stored of it. The secrets are in it: it is sealed before it is kept.
    pub fn write(&self) -> Value {
        json!({
            "phone_number_id": self.phone_number_id,
            "access_token": self.access_token.expose_secret(),
            "app_secret": self.app_secret.expose_secret(),
            "verify_token": self.verify_token.expose_secret(),
            "templates": self.templates,
        })
    }
}

/// A credential without the white space that copying brings along.
fn secret(name: &str, value: &str) -> Result<SecretString, String> {
    let value = value.trim();
    // It goes into a header, which takes visible ASCII only.
    if value.is_empty() || value.len() > MAX_SECRET_BYTES || !value.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("{name}: 1 to {MAX_SECRET_BYTES} visible characters are expected"));
    }
    Ok(SecretString::from(value.to_owned()))
}
