//! `warung staff`: one-time codes that make a chat a staff chat, and who is linked.

use clap::Subcommand;

use super::Failure;
use super::said::Said;
use super::store::{database, find, open};
use crate::clock::Clock;
use crate::store;

/// Minutes for which a code works.
const CODE_MINUTES: i64 = 60;
/// What codes begin with, so that the bot knows one when it sees it.
const CODE_PREFIX: &str = "WRG-";

/// Arguments of `warung staff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung staff link                        a code for the owner of the only shop
  warung staff link --store bella-teh --user sari@example.com
  warung staff add 'Sari' --user sari@example.com
  warung staff unlink --user sari@example.com

Send the code to the shop's bot; that chat then gets the orders and their buttons. A code works once, for an hour.")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a one-time code that makes a chat a staff chat.
    Link(Who),
    /// List the people of a shop and how many chats of theirs are linked.
    List {
        /// The shop's slug; may be left out when there is one shop.
        #[arg(long, value_name = "SLUG")]
        store: Option<String>,
    },
    /// Add a person to a shop.
    Add {
        /// Their name, as colleagues see it.
        name: String,
        #[command(flatten)]
        who: Who,
    },
    /// Make every chat of a person an ordinary chat again.
    Unlink(Who),
}

#[derive(Debug, clap::Args)]
struct Who {
    /// The shop's slug; may be left out when there is one shop.
    #[arg(long, value_name = "SLUG")]
    store: Option<String>,
    /// E-mail address of the person; the owner when left out.
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let opened = open().await?;
    let result = carry_out(args, &opened.pool).await;
    opened.close().await?;
    result
}

async fn carry_out(args: Args, pool: &sqlx::PgPool) -> Result<(), Failure> {
    let clock = Clock::system();
    let mut transaction = pool.begin().await.map_err(database)?;
    match args.command {
        Command::Link(who) => {
            let shop = find(&mut transaction, who.store.as_deref()).await?;
            let (user, _) = person(&mut transaction, &shop, who.user.as_deref()).await?;
            let code = code(&clock.secret());
            let until = clock.now() + chrono::Duration::minutes(CODE_MINUTES);
            store::staff::insert_code(&mut transaction, &shop.id, &user, &code, until, clock.now())
                .await
                .map_err(database)?;
            // Whoever guessed meanwhile keeps nobody out.
            store::guesses::clear(&mut transaction, &shop.id, store::guesses::Kind::Staff)
                .await
                .map_err(database)?;
            say!("{code}");
            // Beside the code, which scripts read.
            let until = until.with_timezone(&shop.zone).format("%H:%M");
            eprintln!("works once, until {until} ({}), sent to the bot of {}", shop.zone, shop.slug);
        }
        Command::List { store } => {
            let shop = find(&mut transaction, store.as_deref()).await?;
            for member in store::staff::members(&mut transaction, &shop.id).await.map_err(database)? {
                say!(
                    "{:<24} {:<32} {:<8} {} linked",
                    member.staff.name,
                    member.email,
                    member.role,
                    member.chats
                );
            }
        }
        Command::Add { name, who } => {
            let shop = find(&mut transaction, who.store.as_deref()).await?;
            let email =
                who.user.ok_or_else(|| Failure::new("name the person's e-mail address with --user EMAIL"))?;
            let mut said = Said::default();
            let (name, email) = (said.name("the name", &name), said.email("--user", &email));
            if let Some(problems) = said.problems() {
                return Err(Failure::new(format!("nobody was added: {problems}")));
            }
            store::staff::insert(&mut transaction, &clock, &shop.id, &name, &email, "staff", clock.now())
                .await
                .map_err(database)?
                .ok_or_else(|| Failure::new(format!("somebody has the address {email:?} already")))?;
            say!("{name} works for {}; next: `warung staff link --store {0} --user {email}`", shop.slug);
        }
        Command::Unlink(who) => {
            let shop = find(&mut transaction, who.store.as_deref()).await?;
            let (user, name) = person(&mut transaction, &shop, who.user.as_deref()).await?;
            let chats = store::operate::unlink(&mut transaction, &shop.id, &user, clock.now())
                .await
                .map_err(database)?;
            say!("{name}: {chats} chats unlinked");
        }
    }
    transaction.commit().await.map_err(database)
}

async fn person(
    connection: &mut sqlx::PgConnection,
    shop: &crate::dialogue::world::Store,
    email: Option<&str>,
) -> Result<(crate::domain::ids::UserId, String), Failure> {
    store::operate::person(connection, &shop.id, email).await.map_err(database)?.ok_or_else(|| {
        Failure::new(format!(
            "nobody at {} has the address {:?}; `warung staff list` shows who works there",
            shop.slug,
            email.unwrap_or("of its owner")
        ))
    })
}

/// A code as people type it: `WRG-BCDFG-HJKMN-PQRTV`.
fn code(secret: &str) -> String {
    let code = store::staff::new_code(secret);
    if code.starts_with(CODE_PREFIX) { code } else { format!("{CODE_PREFIX}{code}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_has_the_form_that_the_bot_listens_for() {
        let form = regex::Regex::new("^WRG(-[A-Z0-9]{5}){3}$").unwrap();
        for number in 0..50 {
            let code = super::code(&format!("secret {number}"));
            assert!(form.is_match(&code), "{code}");
        }
    }
}
