//! The names of the settings, and names that look like one and are none: a slip of the pen is a setting that nobody reads.

use strsim::osa_distance;

/// Every setting that this version reads; `.env.example` says what each is for.
pub const NAMES: &[&str] = &[
    "DATABASE_URL",
    "WARUNG_BIND",
    "WARUNG_PUBLIC_URL",
    "WARUNG_DATA_DIR",
    "WARUNG_STORE",
    "WARUNG_PAYMENT",
    "WARUNG_SECRET_KEY",
    "WARUNG_SECRET_KEY_OLD",
    "WARUNG_BANK_TOKEN",
    "WARUNG_WEB",
    "WARUNG_STATEMENT_TIMEOUT_S",
    "WARUNG_LOCK_TIMEOUT_S",
    "WARUNG_LOG_FORMAT",
    "RUST_LOG",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "WHATSAPP_TEMPLATES",
    "WHATSAPP_API_URL",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_MODE",
    "TELEGRAM_WEBHOOK_SECRET",
    "TELEGRAM_API_URL",
    "DISCORD_BOT_TOKEN",
    "DISCORD_GUILD_ID",
    "DISCORD_API_URL",
    "XENDIT_SECRET_KEY",
    "XENDIT_CALLBACK_TOKEN",
    "XENDIT_API_URL",
    "MIDTRANS_SERVER_KEY",
    "MIDTRANS_API_URL",
];

/// What our names begin with: another name that does is meant for us.
const OURS: [&str; 6] = ["WARUNG_", "WHATSAPP_", "TELEGRAM_", "DISCORD_", "XENDIT_", "MIDTRANS_"];
/// Names that begin so and are read by tests and benches, not by the program.
const OF_TESTS: [&str; 2] = ["WARUNG_HISTORY", "WARUNG_HISTORIES"];
/// Letters by which a name may differ from one of ours and be a slip of the pen.
const MAX_SLIPS: usize = 2;
/// Letters by which a name that is meant for us may differ from the one that it is taken for.
const MAX_GUESS: usize = 5;

/// The names among those of the environment that look like settings and are none, each with what to do.
pub fn unknown(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = names.into_iter().filter_map(|name| problem(&name)).collect();
    found.sort_unstable();
    found
}

fn problem(name: &str) -> Option<String> {
    if NAMES.contains(&name) || OF_TESTS.contains(&name) {
        return None;
    }
    let upper = name.to_uppercase();
    let is_ours = OURS.iter().any(|prefix| upper.starts_with(prefix));
    // A short name of another program is close to everything.
    let (near, slips) = NAMES
        .iter()
        .filter(|known| known.contains('_') && **known != "RUST_LOG")
        .map(|known| (*known, osa_distance(known, &upper)))
        .min_by_key(|(known, slips)| (!leaves_out_words(&upper, known), *slips))?;
    match is_ours {
        true if slips <= MAX_GUESS => {
            Some(format!("{name} is no setting, and nobody reads it; did you mean {near}?"))
        }
        true => Some(format!("{name} is no setting, and nobody reads it; .env.example lists those that are")),
        false if slips <= MAX_SLIPS => Some(format!("{name} is no setting; did you mean {near}?")),
        false => None,
    }
}

/// Whether a name is a known one with a word left out: that is likelier meant than one that has as many letters wrong.
fn leaves_out_words(name: &str, known: &str) -> bool {
    name.split('_').all(|word| known.split('_').any(|other| other == word))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Settings;

    const EXAMPLE: &str = include_str!("../../.env.example");
    const COMPOSE: &str = include_str!("../../docker-compose.yml");

    /// The names that a file sets, also where they are commented out.
    fn set_in(text: &str) -> BTreeSet<&str> {
        let lines = text.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        };
        lines.map(|(name, _)| name).filter(|name| is_name(name)).collect()
    }

    #[test]
    fn every_setting_that_is_read_has_a_name_and_stands_in_the_example_and_in_compose() {
        let asked = RefCell::new(BTreeSet::new());
        let values = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            let value = match name {
                "DATABASE_URL" => "postgres://warung@db/warung",
                "WARUNG_BIND" => "127.0.0.1:8080",
                "WARUNG_PUBLIC_URL" => "https://shop.example",
                "TELEGRAM_MODE" => "webhook",
                _ => "1",
            };
            Some(value.to_owned())
        };
        let _ = Settings::from(&values);
        let asked = asked.into_inner();
        let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
        let names: BTreeSet<&str> = NAMES.iter().copied().collect();
        assert_eq!(asked, names, "read, and named");
        assert_eq!(set_in(EXAMPLE), names, ".env.example, and named");
        for name in names {
            assert!(COMPOSE.contains(&format!("{name}: ")), "docker-compose.yml passes no {name}");
        }
    }

    #[test]
    fn slips_of_the_pen_are_named_with_what_was_meant() {
        let said = |name: &str| problem(name).unwrap_or_default();
        for (name, meant) in [
            ("WARUNG_PYMENT", "WARUNG_PAYMENT"),
            ("WARUNG_STOR", "WARUNG_STORE"),
            ("WARUNG_PUBLIC_URI", "WARUNG_PUBLIC_URL"),
            ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
            ("DISCORD_TOKEN", "DISCORD_BOT_TOKEN"),
            ("WHATSAPP_ACCES_TOKEN", "WHATSAPP_ACCESS_TOKEN"),
            ("XENDIT_SECRETKEY", "XENDIT_SECRET_KEY"),
            ("warung_store", "WARUNG_STORE"),
            ("WRUNG_STORE", "WARUNG_STORE"),
            ("DATABSE_URL", "DATABASE_URL"),
        ] {
            assert!(said(name).contains(&format!("did you mean {meant}?")), "{name}: {}", said(name));
        }
        assert!(said("WARUNG_SHIPPING_PROVIDER").contains(".env.example"));
        for name in [
            "PATH",
            "HOME",
            "RUST_LOG",
            "RUST_BACKTRACE",
            "PGHOST",
            "DATABASE_PASSWORD",
            "TERM",
            "WARUNG_STORE",
        ] {
            assert_eq!(problem(name), None, "{name}");
        }
    }
}
