//! The far ends of real platforms: a fake of the platform on loopback, and our channel talking to it over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::broken;
use crate::channels::{Channel, discord, telegram, whatsapp};
use crate::convo::world::WorldError;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::fakes::Platform;
use crate::fakes::{discord as fake_discord, telegram as fake_telegram, whatsapp as fake_whatsapp};

/// Channels that a script can be played on over the real wire.
pub(crate) const PLATFORMS: [&str; 3] = ["whatsapp", "telegram", "discord"];
/// The token of the bot that scripts talk to.
const TELEGRAM_TOKEN: &str = "7000000001:AAscripted-conversations-only";
/// The token of the application that scripts talk to: its first part says 700000000000000001.
const DISCORD_TOKEN: &str = "NzAwMDAwMDAwMDAwMDAwMDAx.scripted.conversations-only";
/// The number that scripts talk to, with its credentials.
const WHATSAPP: WhatsAppNumber = WhatsAppNumber {
    phone_number_id: "100200300400500",
    access_token: "scripted-access-token",
    app_secret: "scripted-app-secret",
    verify_token: "scripted-verify-token",
};

struct WhatsAppNumber {
    phone_number_id: &'static str,
    access_token: &'static str,
    app_secret: &'static str,
    verify_token: &'static str,
}

/// One platform with our channel.
#[derive(Clone)]
pub(crate) struct Far {
    /// The platform's side.
    pub(crate) platform: Arc<dyn Platform>,
    /// Ours.
    pub(crate) channel: Arc<dyn Channel>,
}

/// The platforms of a run, by name.
pub(super) type Fars = BTreeMap<String, Far>;

/// Opens the platform of a name; nothing when it is no platform.
///
/// # Errors
/// [`WorldError`] when no port of loopback can be had.
pub(crate) async fn open(name: &str) -> Result<Option<Far>, WorldError> {
    Ok(match name {
        telegram::NAME => {
            let fake = fake_telegram::Fake::start(TELEGRAM_TOKEN).await.map_err(broken)?;
            let account = telegram::Account::new(TELEGRAM_TOKEN, Some(fake_telegram::WEBHOOK_SECRET))
                .map_err(broken)?;
            let channel = telegram::Telegram::new(vec![account], &fake.url()).map_err(broken)?;
            Some(Far { platform: fake, channel: Arc::new(channel) })
        }
        whatsapp::NAME => {
            let WhatsAppNumber { phone_number_id, access_token, app_secret, verify_token } = WHATSAPP;
            let fake = fake_whatsapp::Fake::start(app_secret, verify_token, access_token, phone_number_id)
                .await
                .map_err(broken)?;
            let account = whatsapp::Account::new(phone_number_id, access_token, app_secret, verify_token)
                .map_err(broken)?;
            let channel = whatsapp::WhatsApp::new(vec![account], &fake.url()).map_err(broken)?;
            Some(Far { platform: fake, channel: Arc::new(channel) })
        }
        discord::NAME => {
            let fake = fake_discord::Fake::start(DISCORD_TOKEN).await.map_err(broken)?;
            let account = discord::Account::new(DISCORD_TOKEN.to_owned().into(), None).map_err(broken)?;
            let channel = discord::Discord::new(vec![account], &fake.url()).map_err(broken)?;
            Some(Far { platform: fake, channel: Arc::new(channel) })
        }
        _ => None,
    })
}

/// The shops of every account: the one that the script plays in.
pub(super) fn accounts(fars: &Fars, store: &StoreId) -> BTreeMap<(ChannelName, String), StoreId> {
    fars.values()
        .flat_map(|far| {
            let name = far.channel.name();
            far.channel.accounts().into_iter().map(move |account| ((name.clone(), account), store.clone()))
        })
        .collect()
}
