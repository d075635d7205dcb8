//! Accounts that come and go while the process runs: `warung channel connect` and `disconnect` write rows, every process
//! looks at them and takes up what changed. A platform whose rows stayed the same is not touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channels::registry::PLATFORMS;
use crate::config::Settings;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::pipeline::Pipeline;
use crate::store::accounts::{StoredAccount, active};

use super::accounts::Accounts;
use super::{announce, doors, listeners};

/// How often the rows of accounts are looked at, in milliseconds.
const LOOK_MS: u64 = 5_000;
/// The longest wait between looks that fail, in milliseconds.
const MAX_LOOK_MS: u64 = 300_000;

/// The rows of accounts by channel, as they were seen.
type Rows = BTreeMap<ChannelName, Vec<StoredAccount>>;

/// The platforms of this process and the rows that their adapters were made of.
#[derive(Default)]
pub struct Live {
    /// What stops the listener of the adapter that each platform has now.
    stops: BTreeMap<ChannelName, CancellationToken>,
    rows: Rows,
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
        let stops = PLATFORMS.iter().map(|platform| (platform.spec.name.into(), CancellationToken::new()));
        Ok((Self { stops: stops.collect(), rows }, accounts))
    }

    /// Listens to every platform with an account, and takes up accounts that come and go, until `stop`.
    pub async fn run(
        mut self,
        pipeline: &Arc<Pipeline>,
        settings: &Settings,
        stop: &CancellationToken,
        tracker: &TaskTracker,
    ) {
        let every: BTreeSet<ChannelName> = self.stops.keys().cloned().collect();
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
            self.stops.keys().filter(|name| rows.get(*name) != self.rows.get(*name)).cloned().collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut opened = Accounts::open(settings, &pipeline.pool, &pipeline.store_id).await?;
        opened.keep_only(&changed);
        tracing::info!(?changed, "the accounts changed");
        if let Some(free) = doors::free_goods(settings, &mut *pipeline.pool.acquire().await?).await? {
            tracing::error!("{free}; until then nothing is paid, and the next start is refused");
        }
        let mut adapters: BTreeMap<_, _> =
            opened.channels.iter().map(|channel| (channel.name(), Arc::clone(channel))).collect();
        // An event of a new account must find its shop: the shops come first.
        pipeline.set_accounts(&changed, &opened.shops);
        for name in &changed {
            if let Some(stop) = self.stops.get(name) {
                stop.cancel();
                pipeline.channels.exchange(name, adapters.remove(name));
            }
        }
        self.rows = rows;
        self.listen(&changed, pipeline, stop, tracker);
        announce::announce(&opened.channels, settings, &pipeline.locales).await;
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
        for (name, listening) in self.stops.iter_mut().filter(|(name, _)| names.contains(*name)) {
            *listening = stop.child_token();
            if let Some(channel) = pipeline.channels.get(name) {
                listeners::start(pipeline, &channel, listening, tracker);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::accounts::seal_settings;
    use crate::app::start::{Line, Options, Shipped, assemble};
    use crate::channels::telegram;
    use crate::clock::Clock;
    use crate::cluster::testing::throw_away_database;
    use crate::domain::message::Content;
    use crate::edge::seal::Seal;
    use crate::fakes::{Person, Platform as _, telegram as fake};
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
        let shipped = Shipped::read().unwrap();
        let line = assemble(Options {
            settings: &settings,
            pool: database.pool.clone(),
            clock,
            shipped: &shipped,
            store_id: "another".into(),
            clients: Vec::new(),
            with_platforms: true,
        });
        let Line { pipeline, mut live, .. } = line.await.unwrap();
        let pipeline = Arc::new(pipeline);
        let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
        let name = ChannelName::from(telegram::NAME);
        assert!(pipeline.channels.get(&name).is_none() && pipeline.channels.names().contains(&name));

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
        let first = pipeline.channels.get(&name).unwrap();
        assert_eq!(first.accounts(), [BOT]);
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
        let before = live.stops[&name].clone();
        live.look(&pipeline, &settings, &stop, &tracker).await.unwrap();
        assert!(!before.is_cancelled());
        assert!(Arc::ptr_eq(&first, &pipeline.channels.get(&name).unwrap()));

        assert!(disconnect(&mut connection, &shop, telegram::NAME, BOT, now).await.unwrap());
        live.look(&pipeline, &settings, &stop, &tracker).await.unwrap();
        assert!(before.is_cancelled() && pipeline.channels.get(&name).is_none());
        assert!(pipeline.channels.names().contains(&name), "what is written for it waits");
        assert_eq!(pipeline.store_of(&name, BOT), None);
        stop.cancel();
        tracker.close();
        tokio::time::timeout(Duration::from_secs(PATIENCE_SECONDS), tracker.wait()).await.unwrap();
    }
}
