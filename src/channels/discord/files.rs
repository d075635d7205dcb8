//! Fetching what people attach. Addresses come out of messages, so only the platform's own hosts are asked.

use reqwest::Url;

use crate::channels::Image;
use crate::domain::message::FileRef;
use crate::edge::{CallError, client};

use super::problem::{Problem, refused};
use super::rest::Rest;

/// The hosts that keep attachments. Source: `reference.mdx`, "Image Formatting"; `resources/message.mdx`.
const HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];

/// Fetches an attachment of at most `max_bytes`.
///
/// # Errors
/// [`CallError`].
pub async fn fetch(rest: &Rest, file: &FileRef, max_bytes: usize) -> Result<Image, CallError> {
    let fail = |reason: &str| CallError::Fail { reason: reason.to_owned() };
    let url = Url::parse(&file.id).map_err(|_| fail("the attachment has no address"))?;
    let is_platform = url.scheme() == "https" && url.host_str().is_some_and(|host| HOSTS.contains(&host));
    // A stand-in for the platform keeps its files where its interface is.
    if !is_platform && url.origin() != rest.base().origin() {
        return Err(fail("the attachment is not on Discord's hosts"));
    }
    let too_long = || fail("the attachment is larger than is read");
    if file.size_bytes.is_some_and(|size| usize::try_from(size).map_or(true, |size| size > max_bytes)) {
        return Err(too_long());
    }
    let mut response = rest.http().get(url).send().await.map_err(|error| Problem::transport(&error))?;
    if !response.status().is_success() {
        return Err(refused(response.status(), None, None).into());
    }
    let named = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let read = client::read(&mut response, max_bytes).await.map_err(|error| Problem::transport(&error))?;
    let bytes = read.ok_or_else(too_long)?;
    let mime = file.mime.clone().or(named).unwrap_or_else(|| "application/octet-stream".to_owned());
    Ok(Image { mime, bytes, uploaded_id: None })
}
