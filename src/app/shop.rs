//! One process with a shop in it: the demo, the server, a terminal.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgConnection;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channels::Channel;
use crate::channels::web::Web;
use crate::clock::Clock;
use crate::config::Settings;
use crate::dialogue::world::Store;
use crate::http::{self, chat, media, sandbox as pages};
use crate::payments::sandbox::Sandbox;
use crate::pipeline::Pipeline;
use crate::store;

use super::announce;
use super::database::Database;
use super::doors;
use super::live::Live;
use super::start::{self, App, Line, Options, Shipped};

/// A running shop.
pub struct Shop {
    /// The line of data and its workers.
    pub app: App,
    /// The shop's settings.
    pub store: Store,
    sandbox: Option<Arc<Sandbox>>,
    database: Database,
    live: Live,
}

impl Shop {
    /// Starts the workers of the shop of the settings, for the web page and every platform with an account.
    ///
    /// # Errors
    /// One line that says what is wrong and what to do.
    pub async fn open(settings: &Settings, database: Database) -> Result<Self, anyhow::Error> {
        Self::open_with(settings, database, vec![Arc::new(Web)], true).await
    }

    /// Starts the workers of the shop of the settings, for these channels alone.
    ///
    /// # Errors
    /// One line that says what is wrong and what to do.
    pub async fn open_for(
        settings: &Settings,
        database: Database,
        channels: Vec<Arc<dyn Channel>>,
    ) -> Result<Self, anyhow::Error> {
        Self::open_with(settings, database, channels, false).await
    }

    async fn open_with(
        settings: &Settings,
        database: Database,
        clients: Vec<Arc<dyn Channel>>,
        with_platforms: bool,
    ) -> Result<Self, anyhow::Error> {
        let clock = Arc::new(Clock::system());
        let mut connection = database.pool.acquire().await?;
        let store = of_settings(&mut connection, settings).await?.with_context(|| none(settings))?;
        if with_platforms && let Some(free) = doors::free_goods(settings, &mut connection).await? {
            anyhow::bail!(free);
        }
        drop(connection);
        let shipped = Shipped::read()?;
        let line = start::assemble(Options {
            settings,
            pool: database.pool.clone(),
            clock,
            shipped: &shipped,
            store_id: store.id.clone(),
            clients,
            with_platforms,
        });
        let Line { pipeline, sandbox, live } = line.await?;
        Ok(Self { app: App::start(pipeline), store, sandbox, database, live })
    }

    /// The line of data.
    pub fn pipeline(&self) -> &Arc<Pipeline> {
        &self.app.pipeline
    }

    /// Why visitors of the demo cannot be its owner; nothing where they can.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database fails.
    pub async fn demo_is_shut(&self, settings: &Settings) -> Result<Option<&'static str>, sqlx::Error> {
        doors::demo_is_shut(settings, &mut *self.pipeline().pool.acquire().await?, &self.store).await
    }

    /// Serves the shop on a socket until `stop` is cancelled, then finishes what is in flight and closes everything.
    /// With `demo` visitors on this machine may be the owner: see [`Shop::demo_is_shut`].
    ///
    /// # Errors
    /// When the socket fails, or the private PostgreSQL does not stop.
    pub async fn serve(
        mut self,
        settings: &Settings,
        listener: TcpListener,
        metrics: Option<PrometheusHandle>,
        demo: bool,
        stop: CancellationToken,
    ) -> Result<(), anyhow::Error> {
        let signer = self.signer().await?;
        let router = self.router(settings, metrics, demo, signer, &stop)?;
        let listeners = TaskTracker::new();
        let live = std::mem::take(&mut self.live).run(self.pipeline(), settings, &stop, &listeners);
        let platforms = self.pipeline().channels.running();
        let announced = announce::announce(&platforms, settings, &self.pipeline().locales);
        let server = http::serve::serve(listener, router, stop.clone());
        let ((), (), ()) = tokio::join!(server, live, async {
            tokio::select! {
                () = announced => {}
                () = stop.cancelled() => {}
            }
        });
        listeners.close();
        listeners.wait().await;
        self.close().await
    }

    /// What the sessions of the page are signed with; every process of the database signs with the same.
    async fn signer(&self) -> Result<chat::Signer, sqlx::Error> {
        let Pipeline { pool, clock, .. } = &**self.pipeline();
        let fresh = format!("{}{}", clock.secret(), clock.secret());
        let mut connection = pool.acquire().await?;
        let name = store::server_keys::SESSIONS;
        let key = store::server_keys::find_or_make(&mut connection, name, &fresh, clock.now()).await?;
        Ok(chat::Signer::new(key.into()))
    }

    fn router(
        &self,
        settings: &Settings,
        metrics: Option<PrometheusHandle>,
        demo: bool,
        signer: chat::Signer,
        stop: &CancellationToken,
    ) -> Result<Router, anyhow::Error> {
        let pipeline = self.pipeline();
        let mut more = media::router(pipeline.pool.clone());
        if settings.web {
            let door = chat::PipelineDoor::new(Arc::clone(pipeline), demo);
            let options = chat::Options {
                shop: self.store.name.clone(),
                zone: Some(self.store.zone.name().to_owned()),
                demo,
                secure: settings.public_url().starts_with("https://"),
                signer,
                connections: http::serve::capacity(),
                shutdown: stop.clone(),
            };
            more = more.merge(chat::router(Arc::new(door), options));
        }
        if let Some(sandbox) = &self.sandbox {
            // The sandbox calls the server back the way a company would, over HTTP on this machine.
            let unasked = doors::is_sandbox_unasked(settings).then(|| pipeline.pool.clone());
            let url = settings.local_url();
            let pages = pages::Pages::new(Arc::clone(sandbox), &url, self.store.zone, unasked)?;
            more = more.merge(pages::router(pages));
        }
        more = more.merge(http::bank::router(Arc::clone(pipeline), settings.bank_token.clone()));
        Ok(http::router(Arc::clone(pipeline), metrics, more))
    }

    /// Finishes what is in flight and closes everything.
    ///
    /// # Errors
    /// When the private PostgreSQL does not stop.
    pub async fn close(self) -> Result<(), anyhow::Error> {
        self.app.stop().await;
        self.database.close().await
    }
}

/// The shop of the settings: that of `WARUNG_STORE`; where nothing is said, the demo's, or the only one that there is.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn of_settings(
    connection: &mut PgConnection,
    settings: &Settings,
) -> Result<Option<Store>, sqlx::Error> {
    let found = store::stores::by_slug(connection, &settings.store).await?;
    if found.is_some() || settings.is_store_said {
        return Ok(found);
    }
    match store::operate::stores(connection).await?.as_slice() {
        [only] => store::stores::by_slug(connection, &only.slug).await,
        _ => Ok(None),
    }
}

/// What to do where there is no such shop.
pub fn none(settings: &Settings) -> String {
    if settings.is_store_said {
        return format!(
            "there is no shop `{0}`, which WARUNG_STORE names; `warung store list` shows those that there are, and `warung store create \
             {0} --name NAME --phone PHONE --owner OWNER --email EMAIL` makes it",
            settings.store
        );
    }
    "there is no shop that is meant: set WARUNG_STORE to one of `warung store list`, make one with `warung store create SLUG --name NAME \
     --phone PHONE --owner OWNER --email EMAIL`, or seed the demo's with `warung db seed`"
        .to_owned()
}

/// Takes the socket of the settings.
///
/// # Errors
/// One line that says what to do when the port is taken.
pub async fn listen(settings: &Settings) -> Result<TcpListener, anyhow::Error> {
    TcpListener::bind(settings.bind).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{} is taken by another program; stop it, or choose another port: WARUNG_BIND=127.0.0.1:{}",
            settings.bind,
            settings.bind.port().checked_add(1).unwrap_or(8081)
        ),
        _ => anyhow::anyhow!("{} cannot be listened on ({error}); set WARUNG_BIND", settings.bind),
    })
}

/// Cancelled by SIGINT or SIGTERM. A second signal ends the process at once.
pub fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        signal().await;
        told.cancel();
        signal().await;
        std::process::exit(130);
    });
    stop
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
