//! Files that people send: asked for by id, fetched by path.

use serde_json::json;

use crate::channels::Image;
use crate::domain::message::FileRef;
use crate::edge::CallError;

use super::Line;
use super::errors::harmless;
use super::receive::MAX_DOWNLOAD_BYTES;
use super::wire::{number, text};

/// The kind of a file of which nothing is known.
const UNKNOWN_KIND: &str = "application/octet-stream";
/// Characters of a path.
const MAX_PATH_CHARS: usize = 512;

/// Fetches a file.
pub(super) async fn fetch(line: &Line, file: &FileRef, max_bytes: usize) -> Result<Image, CallError> {
    let fail = |words: &str| CallError::Fail { reason: format!("telegram getFile: {words}") };
    let found = line.call("getFile", &json!({ "file_id": file.id })).await?;
    let max_bytes = max_bytes.min(usize::try_from(MAX_DOWNLOAD_BYTES).unwrap_or(usize::MAX));
    let size = number(&found, "file_size").and_then(|size| usize::try_from(size).ok());
    if size.is_some_and(|size| size > max_bytes) {
        return Err(fail("the file is too big"));
    }
    let path =
        text(&found, "file_path").filter(|path| is_path(path)).ok_or_else(|| fail("no path came back"))?;
    let bytes =
        line.client.download(path, max_bytes).await.map_err(|trouble| match harmless("file", &trouble) {
            // A path is good for an hour; a file that is gone says nothing about the token.
            CallError::Stopped { .. } => fail("the file is gone"),
            error => error,
        })?;
    let mime = kind(&bytes).or(file.mime.as_deref()).unwrap_or(UNKNOWN_KIND).to_owned();
    Ok(Image { mime, bytes, uploaded_id: None })
}

/// Whether a path stays below the address that it is put behind.
fn is_path(path: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_');
    path.len() <= MAX_PATH_CHARS
        && !path.starts_with('/')
        && path.bytes().all(is_plain)
        && path.split('/').all(|step| !step.is_empty() && step != "." && step != "..")
}

/// The kind of a picture, by its first bytes: Telegram serves everything as unknown.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        _ => None,
    }
}
