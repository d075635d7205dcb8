//! Accounts that come and go while the process runs: `warung channel connect` and `disconnect` write rows, every process
//! looks at them and takes up what changed. A platform whose rows stayed the same is not touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channels::{Channel, discord, telegram, whatsapp};
use crate::config::Settings;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::pipeline::Pipeline;
use crate::store::accounts::{StoredAccount, active};

use super::accounts::Accounts;
use super::switch::Switch;
use super::{announce, listeners};

/// How often the rows of accounts are looked at, in milliseconds.
const LOOK_MS: u64 = 5_000;
/// The longest wait between looks that fail, in milliseconds.
const MAX_LOOK_MS: u64 = 300_000;

/// The rows of accounts by channel, as they were seen.
type Rows = BTreeMap<ChannelName, Vec<StoredAccount>>;

/// The platforms of this process and the rows that they were made of.
#[derive(Default)]
pub struct Live {
    places: BTreeMap<ChannelName, Place>,
    rows: Rows,
}

struct Place {
    switch: Arc<Switch>,
    /// Stops the listener of the adapter that is in the place.
    stop: CancellationToken,
}

async fn rows(pool: &PgPool) -> Result<Rows, sqlx::Error> {
    let mut rows = Rows::new();
    for row in active(&mut *pool.acquire().await?).await? {
        rows.entry(ChannelName::from(row.channel.as_str())).or_default().push(row);
    }
    Ok(rows)
}

impl Live {
    /// Opens the accounts that there are now, of the settings for the shop `store` and of the database.
    ///
    /// # Errors
    /// As [`Accounts::open`].
    pub async fn open(
        settings: &Settings,
        pool: &PgPool,
        store: &StoreId,
    ) -> Result<(Self, Accounts), anyhow::Error> {
        // Before the accounts are opened: what changes in between is seen at the next look.
        let rows = rows(pool).await?;
        let accounts = Accounts::open(settings, pool, store).await?;
        let names = [
            (whatsapp::NAME, whatsapp::LIMITS),
            (telegram::NAME, telegram::LIMITS),
            (discord::NAME, discord::LIMITS),
        ];
        let place = |(name, limits): (&str, _)| {
            let switch = Arc::new(Switch::new(name, limits));
            (name.into(), Place { switch, stop: CancellationToken::new() })
        };
        let live = Self { places: names.into_iter().map(place).collect(), rows };
        for channel in accounts.channels() {
            if let Some(place) = live.places.get(&channel.name()) {
                place.switch.set(Some(channel));
            }
        }
        Ok((live, accounts))
    }

    /// The places of the platforms, also of those without an account: one may come.
    pub fn channels(&self) -> Vec<Arc<dyn Channel>> {
        self.places.values().map(|place| Arc::clone(&place.switch) as Arc<dyn Channel>).collect()
    }

    /// Listens to every platform with an account, and takes up accounts that come and go, until `stop`.
    pub async fn run(
        mut self,
        pipeline: &Arc<Pipeline>,
        settings: &Settings,
        stop: &CancellationToken,
        tracker: &TaskTracker,
    ) {
        let every: BTreeSet<ChannelName> = self.places.keys().cloned().collect();
        self.listen(&every, pipeline, stop, tracker);
        let mut wait_ms = LOOK_MS;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
            }
            let looked = tokio::select! {
                () = stop.cancelled() => return,
                looked = self.look(pipeline, settings, stop, tracker) => looked,
            };
            wait_ms = match looked {
                Ok(()) => LOOK_MS,
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "the accounts stay as they were before");
                    wait_ms.saturating_mul(2).min(MAX_LOOK_MS)
                }
            };
        }
    }

    /// Takes up what changed since the look before.
    async fn look(
        &mut self,
        pipeline: &Arc<Pipeline>,
        settings: &Settings,
        stop: &CancellationToken,
        tracker: &TaskTracker,
    ) -> Result<(), anyhow::Error> {
        let rows = rows(&pipeline.pool).await?;
        let changed: BTreeSet<ChannelName> =
            self.places.keys().filter(|name| rows.get(*name) != self.rows.get(*name)).cloned().collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut opened = Accounts::open(settings, &pipeline.pool, &pipeline.store_id).await?;
        opened.keep_only(&changed);
        tracing::info!(?changed, "the accounts changed");
        let mut adapters: BTreeMap<_, _> =
            opened.channels().into_iter().map(|channel| (channel.name(), channel)).collect();
        // An event of a new account must find its shop: the shops come first.
        pipeline.set_accounts(&changed, &opened.shops);
        for name in &changed {
            if let Some(place) = self.places.get(name) {
                place.stop.cancel();
                place.switch.set(adapters.remove(name));
            }
        }
        self.rows = rows;
        self.listen(&changed, pipeline, stop, tracker);
        announce::announce(&opened, settings, &pipeline.locales).await;
        Ok(())
    }

    /// Starts the listeners of these platforms. One that was cancelled just now still holds the lock for a moment, and
    /// the next waits for it.
    fn listen(
        &mut self,
        names: &BTreeSet<ChannelName>,
        pipeline: &Arc<Pipeline>,
        stop: &CancellationToken,
        tracker: &TaskTracker,
    ) {
        for (_, place) in self.places.iter_mut().filter(|(name, _)| names.contains(*name)) {
            place.stop = stop.child_token();
            let channel = Arc::clone(&place.switch) as Arc<dyn Channel>;
            listeners::start(pipeline, &channel, &place.stop, tracker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::accounts::seal_settings;
    use crate::clock::Clock;
    use crate::cluster::testing::throw_away_database;
    use crate::dialogue::flow::Flows;
    use crate::domain::message::Content;
    use crate::edge::seal::Seal;
    use crate::fakes::{Person, Platform as _, telegram as fake};
    use crate::i18n::Locales;
    use crate::pipeline::Parts;
    use crate::store::accounts::{NewAccount, connect, disconnect};
    use crate::store::{self, facts};

    const TOKEN: &str = "7000000009:AAconnected-while-it-runs";
    const BOT: &str = "7000000009";
    /// How long the listener may take to begin and to hear, in seconds.
    const PATIENCE_SECONDS: u64 = 30;

    fn settings(api_url: &str) -> Settings {
        let key = Seal::fresh_key();
        let get = |name: &str| match name {
            "WARUNG_SECRET_KEY" => Some(key.clone()),
            "TELEGRAM_API_URL" => Some(api_url.to_owned()),
            _ => None,
        };
        Settings::from(&get).unwrap()
    }

    #[tokio::test]
    async fn an_account_that_comes_is_heard_and_one_that_goes_is_forgotten_without_a_new_start() {
        let database = throw_away_database(&store::MIGRATOR).await.unwrap();
        let clock = Arc::new(Clock::system());
        let (now, shop) = (clock.now(), StoreId::from("shop"));
        let new = facts::NewShop {
            id: "shop",
            name: "Bella Teh",
            slug: "bella",
            city: "Bandung",
            tax_percent: 11,
            settings: serde_json::json!({}),
        };
        let mut connection = database.pool.acquire().await.unwrap();
        facts::insert_shop(&mut connection, &new, now).await.unwrap();
        let far = fake::Fake::start(TOKEN).await.unwrap();
        let settings = settings(&far.url());
        let (mut live, _) = Live::open(&settings, &database.pool, &"another".into()).await.unwrap();
        let pipeline = Arc::new(Pipeline::new(Parts {
            pool: database.pool.clone(),
            clock,
            flows: Arc::new(Flows::shipped().unwrap()),
            locales: Arc::new(Locales::shipped().unwrap()),
            channels: live.channels(),
            gateways: Vec::new(),
            store_id: "another".into(),
            accounts: BTreeMap::new(),
        }));
        let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
        let name = ChannelName::from(telegram::NAME);
        let place = Arc::clone(&pipeline.channels[&name]);
        assert!(!place.is_connected() && !place.takes_webhooks() && place.accounts().is_empty());

        let account = serde_json::json!({ "token": TOKEN, "webhook_secret": null });
        let sealed = seal_settings(&settings, telegram::NAME, BOT, &account).unwrap();
        let row = NewAccount {
            store: &shop,
            channel: telegram::NAME,
            external_id: BOT,
            name: None,
            settings: &sealed,
        };
        connect(&mut connection, &pipeline.clock, &row, now).await.unwrap();
        live.look(&pipeline, &settings, &stop, &tracker).await.unwrap();
        assert!(place.is_connected() && place.accounts() == [BOT]);
        assert_eq!(pipeline.store_of(&name, BOT), Some(shop.clone()));
        assert!(far.commands("id").is_some(), "the platform was told the commands");
        let ayu = Person { chat: "42".to_owned(), name: None, phone: None, language: None };
        far.queue(&ayu, "1", &Content::Text { text: "halo".to_owned() });
        let heard = async {
            // A second question acknowledges the update: it comes after the update was stored.
            while far.waiting() > 0 {
                sqlx::query("select 1").execute(&database.pool).await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(PATIENCE_SECONDS), heard).await.unwrap();

        // Nothing changed: nothing is exchanged.
        let before = live.places[&name].stop.clone();
        live.look(&pipeline, &settings, &stop, &tracker).await.unwrap();
        assert!(!before.is_cancelled());

        assert!(disconnect(&mut connection, &shop, telegram::NAME, BOT, now).await.unwrap());
        live.look(&pipeline, &settings, &stop, &tracker).await.unwrap();
        assert!(before.is_cancelled() && !place.is_connected() && place.accounts().is_empty());
        assert_eq!(pipeline.store_of(&name, BOT), None);
        stop.cancel();
        tracker.close();
        tokio::time::timeout(Duration::from_secs(PATIENCE_SECONDS), tracker.wait()).await.unwrap();
    }
}
