//! Pictures and documents that were uploaded, and files that people sent.

use axum::extract::Multipart;
use base64::Engine;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::refusal::Refusal;
use super::rules::Checked;
use super::{Fake, VERSION};

/// The largest picture.
const MAX_IMAGE_BYTES: usize = 5 * 1024 * 1024;
/// The largest document.
const MAX_DOCUMENT_BYTES: usize = 100 * 1024 * 1024;
/// How long an uploaded file is kept.
const UPLOAD_LIFE: Duration = Duration::days(30);
/// How long a file that somebody sent is kept.
const INBOUND_LIFE: Duration = Duration::days(7);

/// A file.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub mime: String,
    pub bytes: Vec<u8>,
    since: DateTime<Utc>,
    is_upload: bool,
}

impl File {
    pub(super) fn new(mime: &str, bytes: Vec<u8>, since: DateTime<Utc>, is_upload: bool) -> Self {
        Self { mime: mime.to_owned(), bytes, since, is_upload }
    }

    pub(super) fn has_lapsed(&self, now: DateTime<Utc>) -> bool {
        now - self.since > if self.is_upload { UPLOAD_LIFE } else { INBOUND_LIFE }
    }

    pub(super) fn sha256(&self) -> String {
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&self.bytes))
    }
}

/// A form as it was sent: its fields for the record, and its file.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub fields: Map<String, Value>,
    file: Option<(String, Vec<u8>)>,
}

impl Form {
    pub(super) async fn read(mut form: Multipart) -> Checked<Self> {
        let broken = |_| Refusal::parameter("the form cannot be read");
        let mut read = Self::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let mime = field.content_type().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(broken)?;
            let value = match file_name {
                Some(file_name) => json!({"file": file_name, "bytes": bytes.len()}),
                None => json!(String::from_utf8_lossy(&bytes)),
            };
            if value.is_object() {
                read.file = Some((mime, bytes.to_vec()));
            }
            read.fields.insert(name, value);
        }
        Ok(read)
    }

    /// Checks an upload and gives the file.
    pub(super) fn check(&self) -> Checked<(String, Vec<u8>)> {
        if let Some(unknown) =
            self.fields.keys().find(|key| !["messaging_product", "type", "file"].contains(&key.as_str()))
        {
            return Err(Refusal::parameter(format!("the form has an unexpected field `{unknown}`")));
        }
        if self.fields.get("messaging_product") != Some(&json!("whatsapp")) {
            return Err(Refusal::missing("messaging_product must be `whatsapp`"));
        }
        let (mime, bytes) = self.file.as_ref().ok_or_else(|| Refusal::missing("file is required"))?;
        if self.fields.get("type") != Some(&json!(mime)) {
            return Err(Refusal::parameter("type must be the kind of the file"));
        }
        let is_kind = match mime.as_str() {
            "image/png" => bytes.starts_with(b"\x89PNG"),
            "application/pdf" => bytes.starts_with(b"%PDF-"),
            "text/plain" => std::str::from_utf8(bytes).is_ok_and(|text| !text.is_empty()),
            "image/jpeg" => bytes.starts_with(&[0xff, 0xd8, 0xff]),
            _ => false,
        };
        if !is_kind {
            return Err(Refusal::new(
                131_053,
                format!("the file is not what `{mime}` says, or of a kind that is not taken"),
            ));
        }
        let max = if mime.starts_with("image/") { MAX_IMAGE_BYTES } else { MAX_DOCUMENT_BYTES };
        if bytes.len() > max {
            return Err(Refusal::new(131_053, format!("the file has {} bytes", bytes.len())));
        }
        Ok((mime.clone(), bytes.clone()))
    }
}

impl Fake {
    /// Keeps an uploaded picture and gives its id.
    pub(super) fn keep_upload(&self, mime: &str, bytes: Vec<u8>) -> String {
        let mut state = self.lock();
        let id = format!("4490{:012}", state.next_id());
        let file = File::new(mime, bytes, state.moment(), true);
        state.files.insert(id.clone(), file);
        id
    }

    /// What the platform says of a file: its address, good for a short time.
    pub(super) fn describe_file(&self, id: &str) -> Option<Value> {
        let mut state = self.lock();
        let now = state.moment();
        let lapsed = std::mem::take(&mut state.lapse_next_address);
        let file = state.files.get(id).filter(|file| !file.has_lapsed(now))?;
        let key = if lapsed { "lapsed" } else { "good" };
        Some(json!({
            "messaging_product": "whatsapp",
            "url": format!("{}/{VERSION}/files/{id}/{key}", self.host),
            "mime_type": file.mime,
            "sha256": file.sha256(),
            "file_size": file.bytes.len(),
            "id": id,
        }))
    }
}
