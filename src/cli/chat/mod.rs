//! `warung chat`: chat with the shop in the terminal, or pipe messages in, one per line.

mod lines;
mod screen;
mod talk;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use crate::app::shop;
use crate::channels::Channel;
use crate::channels::console::{self, Console};
use crate::domain::message::Address;
use crate::pipeline::Pipeline;
use crate::store::transcripts;
use crate::telemetry;

use super::Failure;
use screen::Screen;
use talk::{Shop, talk};

/// Arguments of `warung chat`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  warung chat\n  warung chat --as Ayu --lang en\n  warung chat --owner\n  \
    printf 'halo\\npesan 2 teh hijau\\n' | warung chat --as Ayu\n\nA number chooses. The same name goes on with the same \
    conversation at the next start. Ctrl-D ends."
)]
pub struct Args {
    /// Who you are; your user name when left out.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// The language that a new conversation begins in.
    #[arg(long, value_parser = ["id", "en"])]
    lang: Option<String>,
    /// Be the owner: links this chat to the shop's owner with a fresh code.
    #[arg(long)]
    owner: bool,
}

/// A running shop in this process, with the terminal as one of its channels.
pub struct Running {
    /// The line of data, its workers started.
    pub pipeline: Arc<Pipeline>,
    /// The shop's name.
    pub shop: String,
    /// Where what was typed is remembered.
    pub history: Option<PathBuf>,
    /// What to send to become the owner, when that was asked for.
    pub owner_code: Option<String>,
    /// Stops the workers and waits for them.
    pub stop: futures::future::BoxFuture<'static, ()>,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let name = args.name.unwrap_or_else(|| default_name(args.owner));
    let chat = console::chat_of(&name);
    let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let (screen, editor) = Screen::open(interactive)?;
    let screen = Arc::new(screen);
    let channel = Console::new(chat.clone(), Arc::clone(&screen) as Arc<dyn console::Printer>);
    let running = start(Arc::new(channel.clone()), args.owner).await?;
    let lines = match editor {
        Some(editor) => {
            say!(
                "You are {name}, chatting with {}. Write a message, or a number to choose. Ctrl-D ends.",
                running.shop
            );
            lines::typed(editor, format!("{chat}> "), running.history.clone())
        }
        None => lines::piped(),
    };
    let shop = Pipe {
        pipeline: Arc::clone(&running.pipeline),
        address: Address { channel: console::NAME.into(), chat },
    };
    let person = talk::Person { name, language: args.lang };
    let first = running.owner_code;
    let result = talk(&shop, &channel, &person, first, lines, &screen).await;
    running.stop.await;
    result
}

/// Starts the shop's workers in this process, with the terminal as a channel.
async fn start(console: Arc<dyn Channel>, owner: bool) -> Result<Running, Failure> {
    let settings = super::settings()?;
    telemetry::start(&settings, true);
    let database = super::database(&settings).await?;
    let shop = shop::Shop::open_for(&settings, database, vec![console]).await?;
    let owner_code = match owner {
        true => Some(
            crate::http::chat::owner_code(shop.pipeline())
                .await
                .map_err(|error| Failure::new(format!("no code for the owner: {}", error.0)))?,
        ),
        false => None,
    };
    Ok(Running {
        pipeline: Arc::clone(shop.pipeline()),
        shop: shop.store.name.clone(),
        history: Some(settings.data_dir.join("chat-history")).filter(|_| settings.data_dir.is_dir()),
        owner_code,
        stop: Box::pin(async move {
            if let Err(error) = shop.close().await {
                eprintln!("warung: {error:#}");
            }
        }),
    })
}

/// `--owner` without a name is a person of its own, so that one user can be on both sides.
fn default_name(owner: bool) -> String {
    if owner {
        return "owner".to_owned();
    }
    ["USER", "USERNAME"]
        .iter()
        .find_map(|key| std::env::var(key).ok())
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "guest".to_owned())
}

/// A pipeline as the shop that a terminal talks to.
struct Pipe {
    pipeline: Arc<Pipeline>,
    address: Address,
}

#[async_trait::async_trait]
impl Shop for Pipe {
    async fn accept(&self, inbound: crate::domain::message::Inbound) -> Result<(), Failure> {
        let accepted = self.pipeline.accept(&self.pipeline.store_id, inbound).await;
        accepted
            .map(|_| ())
            .map_err(|error| Failure::new(format!("the message could not be stored: {error}")))
    }

    async fn is_under_way(&self) -> Result<bool, Failure> {
        let under_way = async {
            let mut connection = self.pipeline.pool.acquire().await?;
            let now = self.pipeline.clock.now();
            transcripts::is_under_way(&mut connection, &self.pipeline.store_id, &self.address, now).await
        };
        under_way
            .await
            .map_err(|error: sqlx::Error| Failure::new(format!("the database cannot be reached: {error}")))
    }

    fn fresh_id(&self) -> String {
        self.pipeline.clock.id()
    }
}
