//! What a secret must have so that nobody guesses it.

/// Characters, at least. What operators choose themselves is longer when they follow the advice: `openssl rand -hex 32`.
pub const MIN_CHARS: usize = 16;

/// Whether a secret is too short to be one.
pub fn is_too_short(secret: &str) -> bool {
    secret.trim().chars().count() < MIN_CHARS
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
