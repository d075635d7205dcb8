//! The keys that seal credentials in the database: the one that seals, and those of before.

use secrecy::SecretString;

type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Digits of a key: 256 bits in hex.
const DIGITS: usize = 64;

/// Checks the key that seals, and reads those that only open.
pub(super) fn old(get: Get<'_>, current: Option<&str>, problems: &mut Vec<String>) -> Vec<SecretString> {
    if current.is_some_and(|key| !is_key(key)) {
        problems
            .push("WARUNG_SECRET_KEY is not 64 hex digits; write what `openssl rand -hex 32` prints".into());
    }
    let Some(said) = get("WARUNG_SECRET_KEY_OLD") else { return Vec::new() };
    let old: Vec<&str> = said.split(',').map(str::trim).filter(|key| !key.is_empty()).collect();
    if old.iter().any(|key| !is_key(key)) {
        problems.push(
            "WARUNG_SECRET_KEY_OLD is not a list of keys; write those that were WARUNG_SECRET_KEY before, with commas between them"
                .into(),
        );
    } else if current.is_none() {
        problems
            .push("WARUNG_SECRET_KEY_OLD only opens; write a key that seals into WARUNG_SECRET_KEY".into());
    }
    old.into_iter().map(SecretString::from).collect()
}

fn is_key(key: &str) -> bool {
    key.len() == DIGITS && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;

    #[test]
    fn keys_of_before_are_a_list_beside_a_key_that_seals() {
        let (new, old) = ("ab".repeat(32), format!("{}, {}", "cd".repeat(32), "ef".repeat(32)));
        let read = |key: Option<&str>, old: &str| {
            let get = |name: &str| match name {
                "WARUNG_SECRET_KEY" => key.map(str::to_owned),
                "WARUNG_SECRET_KEY_OLD" => Some(old.to_owned()),
                _ => None,
            };
            Settings::from(&get).map(|settings| settings.old_secret_keys.len())
        };
        assert_eq!(read(Some(&new), &old), Ok(2));
        assert!(read(None, &old).unwrap_err()[0].contains("into WARUNG_SECRET_KEY"));
        let wrong = read(Some(&new), "geheim").unwrap_err();
        assert!(wrong[0].contains("WARUNG_SECRET_KEY_OLD") && !wrong[0].contains("geheim"), "{wrong:?}");
    }
}
