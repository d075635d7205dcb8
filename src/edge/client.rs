//! What every call out has in common: a client that tells no secret to anybody else, and answers that are read up to a
//! bound.

use std::time::Duration;

use reqwest::{ClientBuilder, Response, Url};

use super::CallError;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client for an address: it follows no redirect, which would carry a token to somebody else, and asks a stand-in on
/// this machine directly, because a proxy of the machine could not reach it. `finish` adds what one platform needs.
///
/// # Errors
/// [`CallError::Fail`] when this machine has no client to give.
pub fn http(
    base: &Url,
    finish: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<reqwest::Client, CallError> {
    let host = base.host_str().unwrap_or_default();
    let is_here = matches!(host, "localhost" | "[::1]") || host.starts_with("127.");
    let builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    let builder = if is_here { builder.no_proxy() } else { builder };
    finish(builder).build().map_err(|error| CallError::Fail {
        reason: format!("no client for HTTP can be made on this machine: {}", error.without_url()),
    })
}

/// The address of a platform's interface out of a setting; nothing when it is not http or https to a host.
pub fn base(api_url: &str) -> Option<Url> {
    let url = Url::parse(api_url.trim().trim_end_matches('/')).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// The body of an answer, when it has at most `max_bytes`.
///
/// # Errors
/// [`reqwest::Error`] when it breaks off.
pub async fn read(response: &mut Response, max_bytes: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > max_bytes {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_or_https_to_a_host() {
        for right in ["https://api.example/v1/", " http://127.0.0.1:8080 ", "http://[::1]:9"] {
            assert!(base(right).is_some(), "{right}");
        }
        for wrong in ["", "api.example", "ftp://api.example", "file:///etc/passwd", "https://"] {
            assert!(base(wrong).is_none(), "{wrong}");
        }
    }
}
