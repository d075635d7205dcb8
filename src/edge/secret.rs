//! What a secret must have so that nobody guesses it.

use super::local::is_of_this_machine;

/// Characters, at least. What operators choose themselves is longer when they follow the advice: `openssl rand -hex 32`.
pub const MIN_CHARS: usize = 16;

/// Whether a secret is too short to be one.
pub fn is_too_short(secret: &str) -> bool {
    secret.trim().chars().count() < MIN_CHARS
}

/// Whether a setting leads to a stand-in on this machine: what guards its door guards nothing.
pub fn is_of_a_stand_in(api_url: Option<String>) -> bool {
    api_url.is_some_and(|url| is_of_this_machine(&url))
}

/// What is wrong with a secret that operators choose; nothing where it is long enough.
pub fn chosen_problem(setting: &str, secret: &str) -> Option<String> {
    is_too_short(secret).then(|| {
        format!("{setting} has fewer than {MIN_CHARS} characters; write what `openssl rand -hex 32` prints")
    })
}

/// What is wrong with a secret that a platform or a company gives, which stands at a place of `document`; nothing where it is long
/// enough.
pub fn given_problem(setting: &str, secret: &str, document: &str) -> Option<String> {
    is_too_short(secret).then(|| {
        format!("{setting} has fewer than {MIN_CHARS} characters, so it is not the whole of it; write what {document} shows")
    })
}
