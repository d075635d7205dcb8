//! The settings of the gateways: complete or not there at all.

use secrecy::SecretString;

use super::{MidtransSettings, XenditSettings};
use crate::edge::secret;

/// Xendit's API.
pub(super) const XENDIT_API: &str = "https://api.xendit.co";
/// Midtrans' Core API. Its sandbox is `https://api.sandbox.midtrans.com`.
pub(super) const MIDTRANS_API: &str = "https://api.midtrans.com";

/// Characters of a token that bank notices are sent with, at least: shorter ones can be guessed.
pub const MIN_TOKEN_CHARS: usize = 24;

type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Key and token, or neither.
pub(super) fn xendit(get: Get<'_>, problems: &mut Vec<String>) -> Option<XenditSettings> {
    match (get("XENDIT_SECRET_KEY"), get("XENDIT_CALLBACK_TOKEN")) {
        (None, None) => None,
        (Some(key), Some(token)) => {
            // Whoever guesses the token can say that an order was paid.
            let short = [("XENDIT_SECRET_KEY", &key), ("XENDIT_CALLBACK_TOKEN", &token)];
            let short = short
                .into_iter()
                .filter(|_| !secret::is_of_a_stand_in(get("XENDIT_API_URL")))
                .filter_map(|(name, secret)| secret::given_problem(name, secret, "docs/xendit.md"));
            problems.extend(short);
            Some(XenditSettings {
                secret_key: SecretString::from(key),
                callback_token: SecretString::from(token),
            })
        }
        (key, _) => {
            let (there, missing) = match key {
                Some(_) => ("XENDIT_SECRET_KEY", "XENDIT_CALLBACK_TOKEN"),
                None => ("XENDIT_CALLBACK_TOKEN", "XENDIT_SECRET_KEY"),
            };
            problems.push(format!(
                "{missing} is missing, and {there} is there; write both (docs/xendit.md says where each stands)"
            ));
            None
        }
    }
}

/// The server key alone.
pub(super) fn midtrans(get: Get<'_>, problems: &mut Vec<String>) -> Option<MidtransSettings> {
    let key = get("MIDTRANS_SERVER_KEY")?;
    // Notices are signed with it.
    if !secret::is_of_a_stand_in(get("MIDTRANS_API_URL")) {
        problems.extend(secret::given_problem("MIDTRANS_SERVER_KEY", &key, "docs/midtrans.md"));
    }
    Some(MidtransSettings { server_key: SecretString::from(key) })
}

/// The token with which the phone or mail reader of the shop of the settings sends bank notices.
pub(super) fn bank_token(get: Get<'_>, problems: &mut Vec<String>) -> Option<SecretString> {
    let token = get("WARUNG_BANK_TOKEN")?;
    if token.chars().count() < MIN_TOKEN_CHARS {
        problems.push(format!(
            "WARUNG_BANK_TOKEN has fewer than {MIN_TOKEN_CHARS} characters; write what `openssl rand -hex 32` prints"
        ));
    }
    Some(SecretString::from(token))
}

/// The gateway that new charges go to, which must have its settings.
pub(super) fn chosen(
    get: Get<'_>,
    has_xendit: bool,
    has_midtrans: bool,
    problems: &mut Vec<String>,
) -> String {
    let payment = get("WARUNG_PAYMENT").unwrap_or_else(|| "sandbox".to_owned());
    match payment.as_str() {
        "xendit" if !has_xendit => problems.push(
            "WARUNG_PAYMENT is xendit, which wants XENDIT_SECRET_KEY and XENDIT_CALLBACK_TOKEN; write them (docs/xendit.md)"
                .into(),
        ),
        "midtrans" if !has_midtrans => problems.push(
            "WARUNG_PAYMENT is midtrans, which wants MIDTRANS_SERVER_KEY; write it (docs/midtrans.md)".into(),
        ),
        "sandbox" | "static" | "xendit" | "midtrans" => {}
        other => {
            problems.push(format!("WARUNG_PAYMENT is `{other}`; write sandbox, static, xendit or midtrans"));
        }
    }
    payment
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        Settings::from(&|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_gateway_with_its_settings_can_be_chosen() {
        let midtrans =
            read(&[("MIDTRANS_SERVER_KEY", "SB-Mid-server-k1"), ("WARUNG_PAYMENT", "midtrans")]).unwrap();
        assert_eq!((midtrans.payment.as_str(), midtrans.midtrans.is_some()), ("midtrans", true));
        let xendit = [
            ("XENDIT_SECRET_KEY", "xnd_development_k"),
            ("XENDIT_CALLBACK_TOKEN", "token-of-notices"),
            ("WARUNG_PAYMENT", "xendit"),
        ];
        assert!(read(&xendit).unwrap().xendit.is_some());
        assert_eq!(read(&[("WARUNG_PAYMENT", "static")]).unwrap().payment, "static");
        assert!(!format!("{:?}", read(&xendit).unwrap()).contains("development_k"));
    }

    #[test]
    fn half_a_gateway_and_a_gateway_without_settings_are_reported() {
        let problems = read(&[
            ("XENDIT_SECRET_KEY", "k"),
            ("WARUNG_PAYMENT", "midtrans"),
            ("WARUNG_BANK_TOKEN", "short"),
            ("XENDIT_API_URL", "http://evil.example"),
        ])
        .unwrap_err();
        assert_eq!(problems.len(), 4, "{problems:#?}");
        assert!(problems.iter().all(|problem| problem.contains("write")), "{problems:#?}");
    }

    #[test]
    fn what_guards_the_door_of_a_stand_in_may_be_short() {
        let settings = [
            ("WHATSAPP_PHONE_NUMBER_ID", "1"),
            ("WHATSAPP_ACCESS_TOKEN", "a"),
            ("WHATSAPP_APP_SECRET", "s"),
            ("WHATSAPP_VERIFY_TOKEN", "v"),
            ("WHATSAPP_API_URL", "http://127.0.0.1:9"),
        ];
        assert!(read(&settings).is_ok());
        let elsewhere = [&settings[..4], &[("WHATSAPP_API_URL", "https://127.0.0.1.example")]].concat();
        assert!(read(&elsewhere).is_err());
    }

    #[test]
    fn secrets_that_can_be_guessed_are_refused_by_the_name_of_their_setting_and_not_shown() {
        let whatsapp = [
            ("WHATSAPP_PHONE_NUMBER_ID", "100200300400500"),
            ("WHATSAPP_ACCESS_TOKEN", "EAAtoken"),
            ("WHATSAPP_APP_SECRET", "zq"),
            ("WHATSAPP_VERIFY_TOKEN", "zq"),
        ];
        let telegram = [
            ("TELEGRAM_BOT_TOKEN", "7000000001:AAtoken"),
            ("TELEGRAM_MODE", "webhook"),
            ("TELEGRAM_WEBHOOK_SECRET", "zq"),
        ];
        let companies = [
            ("XENDIT_SECRET_KEY", "zq"),
            ("XENDIT_CALLBACK_TOKEN", "zq"),
            ("MIDTRANS_SERVER_KEY", "zq"),
            ("WARUNG_BANK_TOKEN", "zq"),
            ("WARUNG_SECRET_KEY", "zq"),
            ("WARUNG_SECRET_KEY_OLD", "zq"),
        ];
        let all: Vec<(&str, &str)> = [&whatsapp[..], &telegram, &companies].concat();
        let problems = read(&all).unwrap_err();
        for (name, _) in all.iter().filter(|(_, value)| *value == "zq") {
            let named = problems
                .iter()
                .filter(|problem| problem.starts_with(name) || problem.contains(&format!("wants {name};")));
            assert!(named.count() >= 1, "{name}: {problems:#?}");
        }
        assert!(
            problems.iter().all(|problem| problem.contains("write") && !problem.contains("zq")),
            "{problems:#?}"
        );
        for chosen in
            ["TELEGRAM_WEBHOOK_SECRET", "WHATSAPP_VERIFY_TOKEN", "WARUNG_BANK_TOKEN", "WARUNG_SECRET_KEY"]
        {
            let advised =
                problems.iter().any(|it| it.contains(chosen) && it.contains("openssl rand -hex 32"));
            assert!(advised, "{chosen}: {problems:#?}");
        }
    }
}
