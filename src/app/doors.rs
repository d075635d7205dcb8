//! Doors that only a shop without customers may have: the sandbox's "pay", which moves no money, and the demo's way to the owner.

use sqlx::PgConnection;

use super::accounts;
use crate::config::Settings;
use crate::dialogue::world::Store;
use crate::edge::local::is_of_this_machine;
use crate::payments::sandbox;
use crate::store;

/// Whether the sandbox is what orders are paid by because nothing was said.
pub fn is_sandbox_unasked(settings: &Settings) -> bool {
    settings.payment == sandbox::NAME && !settings.is_payment_said
}

/// What to do where customers can come and orders would be paid in a sandbox that nobody asked for; nothing where that is not so.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn free_goods(
    settings: &Settings,
    connection: &mut PgConnection,
) -> Result<Option<String>, sqlx::Error> {
    if !is_sandbox_unasked(settings) || !can_be_real(settings, connection).await? {
        return Ok(None);
    }
    Ok(Some(
        "a platform's account is connected and WARUNG_PAYMENT is not set, so anybody could \"pay\" in the sandbox; set \
         WARUNG_PAYMENT to static, xendit or midtrans (docs/payments.md), or to sandbox if goods are to be free"
            .to_owned(),
    ))
}

/// Whether real customers can write to this server over a platform. Behind an address of this machine there is a stand-in for a
/// platform, where nobody buys anything.
async fn can_be_real(settings: &Settings, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let is_live =
        |name: &str| settings.platforms.get(name).is_none_or(|own| !is_of_this_machine(&own.api_url));
    if accounts::of_settings(settings).any(|(name, _)| is_live(name)) {
        return Ok(true);
    }
    let stored = store::accounts::active(connection).await?;
    Ok(stored.iter().any(|account| is_live(&account.channel)))
}

/// Whether anybody can write to this server over a platform.
async fn has_customers(settings: &Settings, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    Ok(accounts::of_settings(settings).next().is_some() || store::accounts::is_any_active(connection).await?)
}

/// Why the visitors of the demo cannot be its owner; nothing where they can. That is for a shop of play, on this machine alone.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn demo_is_shut(
    settings: &Settings,
    connection: &mut PgConnection,
    shop: &Store,
) -> Result<Option<&'static str>, sqlx::Error> {
    let is_public = settings.public_url.as_deref().is_some_and(|url| !is_of_this_machine(url));
    Ok(if !store::seed::is_demo(shop) {
        Some("the shop is not the one that the seed makes")
    } else if !settings.bind.ip().is_loopback() {
        Some("WARUNG_BIND is not an address of this machine alone")
    } else if is_public {
        Some("WARUNG_PUBLIC_URL is not an address of this machine alone")
    } else if has_customers(settings, connection).await? {
        Some("an account of a platform is connected")
    } else {
        None
    })
}

/// Why the demo must not be started on a database; nothing where it may.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn demo_is_refused(
    settings: &Settings,
    connection: &mut PgConnection,
) -> Result<Option<String>, sqlx::Error> {
    let stores = store::operate::stores(connection).await?;
    let other = stores.into_iter().map(|shop| shop.slug).find(|slug| slug != store::seed::SLUG);
    let said = Some(&settings.store).filter(|slug| settings.is_store_said && *slug != store::seed::SLUG);
    Ok(other.or_else(|| said.cloned()).map(|slug| {
        format!(
            "`warung demo` is for the demo shop, and `{slug}` is a shop of its own; start it with `warung serve`, or let the demo have \
             its own database (leave DATABASE_URL and WARUNG_STORE out)"
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_that_was_named_was_asked_for() {
        let settings = |payment: Option<&str>| {
            let get = |name: &str| payment.filter(|_| name == "WARUNG_PAYMENT").map(str::to_owned);
            Settings::from(&get).unwrap()
        };
        assert!(is_sandbox_unasked(&settings(None)));
        assert!(!is_sandbox_unasked(&settings(Some("sandbox"))));
        assert!(!is_sandbox_unasked(&settings(Some("static"))));
    }
}
