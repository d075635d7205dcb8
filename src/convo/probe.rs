//! Answers the invariants of a script out of the store.

use sqlx::PgPool;

use super::script::{Fact, slug};
use super::world::WorldError;
use crate::dialogue::conversation::{Conversation, Mode};
use crate::domain::cart::Cart;
use crate::domain::ids::{CustomerId, StoreId};
use crate::domain::message::Address;
use crate::store;
use crate::store::facts::{OrderFact, StockFact};

/// Where the answers come from.
pub(super) trait Source {
    /// The database.
    fn pool(&self) -> &PgPool;

    /// The shop.
    fn store(&self) -> &StoreId;

    /// The address of an actor.
    fn address(&self, actor: &str) -> Option<&Address>;
}

fn broken(error: impl std::fmt::Display) -> WorldError {
    WorldError::new(error.to_string())
}

/// The answer to one question, as scripts write it.
pub(super) async fn fact(source: &(impl Source + Sync), fact: &Fact) -> Result<String, WorldError> {
    let mut connection = source.pool().acquire().await.map_err(broken)?;
    match fact {
        Fact::Cart(_) | Fact::Total(_) | Fact::Language(_) | Fact::State(_) | Fact::Mode(_) => {
            drop(connection);
            person(source, fact).await
        }
        Fact::Orders(who) => {
            let orders = store::facts::orders(&mut connection, source.store()).await.map_err(broken)?;
            drop(connection);
            let Some(who) = who else { return Ok(orders.len().to_string()) };
            let chat = conversation(source, who).await?.map(|(id, _, _)| id);
            Ok(orders.iter().filter(|order| order.chat.is_some() && order.chat == chat).count().to_string())
        }
        Fact::OrderStatus(number) | Fact::OrderTotal(number) | Fact::Payments(Some(number)) => {
            let orders = store::facts::orders(&mut connection, source.store()).await.map_err(broken)?;
            let number = number.to_string();
            let order = orders.into_iter().find(|order| order.number == number);
            let order = order.ok_or_else(|| WorldError::new(format!("there is no order `{number}`")))?;
            Ok(of_order(&order, fact))
        }
        Fact::Payments(None) => {
            let orders = store::facts::orders(&mut connection, source.store()).await.map_err(broken)?;
            Ok(orders.iter().map(|order| order.confirmed).sum::<i64>().to_string())
        }
        Fact::Outbox => {
            store::facts::queued(&mut connection).await.map(|count| count.to_string()).map_err(broken)
        }
        Fact::Stock(_) | Fact::Shelf(_) | Fact::Holds(_) | Fact::Ledger => {
            let stocks = store::facts::stocks(&mut connection, source.store()).await.map_err(broken)?;
            of_stock(&stocks, fact)
        }
        Fact::Messages(_) | Fact::Notices => Err(WorldError::new("messages are counted where they arrive")),
    }
}

fn of_order(order: &OrderFact, fact: &Fact) -> String {
    match fact {
        Fact::OrderTotal(_) => order.total.to_string(),
        Fact::Payments(_) => order.confirmed.to_string(),
        _ => order.status.clone(),
    }
}

fn of_stock(stocks: &[StockFact], fact: &Fact) -> Result<String, WorldError> {
    // A variant goes by its full name, a product with variants by the sum of them.
    let of = |wanted: &str| -> Result<Vec<&StockFact>, WorldError> {
        let full: Vec<&StockFact> = stocks.iter().filter(|stock| slug(&stock.name) == wanted).collect();
        let found = if full.is_empty() {
            stocks.iter().filter(|stock| slug(&stock.product) == wanted).collect()
        } else {
            full
        };
        if found.is_empty() {
            let mut known: Vec<String> = stocks.iter().map(|stock| slug(&stock.name)).collect();
            known.sort_unstable();
            return Err(WorldError::new(format!(
                "there is no product `{wanted}`: there are {}",
                known.join(" ")
            )));
        }
        Ok(found)
    };
    let sum = |found: Vec<&StockFact>, of: fn(&StockFact) -> i64| found.into_iter().map(of).sum::<i64>();
    Ok(match fact {
        Fact::Stock(name) => sum(of(name)?, |stock| (stock.stock - stock.held).max(0)).to_string(),
        Fact::Shelf(name) => sum(of(name)?, |stock| stock.stock).to_string(),
        Fact::Holds(Some(name)) => sum(of(name)?, |stock| stock.held).to_string(),
        Fact::Holds(None) => stocks.iter().map(|stock| stock.held).sum::<i64>().to_string(),
        _ => {
            let wrong: Vec<String> = stocks
                .iter()
                .filter(|stock| stock.stock != stock.ledger)
                .map(|stock| slug(&stock.name))
                .collect();
            if wrong.is_empty() { "ok".to_owned() } else { wrong.join(" ") }
        }
    })
}

async fn conversation(
    source: &(impl Source + Sync),
    actor: &str,
) -> Result<Option<(crate::domain::ids::ConversationId, String, serde_json::Value)>, WorldError> {
    let Some(address) = source.address(actor) else {
        return Err(WorldError::new(format!("nobody is called `{actor}`")));
    };
    let mut connection = source.pool().acquire().await.map_err(broken)?;
    store::facts::conversation(&mut connection, source.store(), address).await.map_err(broken)
}

/// What is known of one actor. Somebody who has not written yet has an empty cart and no conversation.
async fn person(source: &(impl Source + Sync), fact: &Fact) -> Result<String, WorldError> {
    let (Fact::Cart(who) | Fact::Total(who) | Fact::Language(who) | Fact::State(who) | Fact::Mode(who)) =
        fact
    else {
        return Err(WorldError::new("not a fact of a person"));
    };
    let found = conversation(source, who.as_deref().unwrap_or_default()).await?;
    let (customer, state) = match found {
        Some((_, customer, state)) => {
            let state = serde_json::from_value::<Conversation>(state).unwrap_or_default();
            (Some(CustomerId::from(customer)), state)
        }
        None => (None, Conversation::default()),
    };
    Ok(match fact {
        Fact::Language(_) => state.language.code().to_owned(),
        Fact::State(_) => {
            state.top().map_or("none".to_owned(), |frame| format!("{}.{}", frame.flow, frame.state))
        }
        Fact::Mode(_) => if state.mode == Mode::Bot { "bot" } else { "human" }.to_owned(),
        _ => {
            let cart = match customer {
                Some(customer) => {
                    let mut connection = source.pool().acquire().await.map_err(broken)?;
                    store::carts::load(&mut connection, &customer).await.map_err(broken)?
                }
                None => Cart::default(),
            };
            if matches!(fact, Fact::Total(_)) {
                cart.subtotal().map_err(broken)?.whole().to_string()
            } else {
                shown(source, &cart).await?
            }
        }
    })
}

async fn shown(source: &(impl Source + Sync), cart: &Cart) -> Result<String, WorldError> {
    let mut connection = source.pool().acquire().await.map_err(broken)?;
    let catalog = store::catalog::load(&mut connection, source.store()).await.map_err(broken)?;
    let mut lines: Vec<String> = cart
        .lines
        .iter()
        .map(|line| {
            let name = catalog.product(&line.product).map_or_else(
                || line.product.to_string(),
                |product| product.full_name(line.variant.as_ref()).id,
            );
            format!("{}:{}", slug(&name), line.quantity)
        })
        .collect();
    lines.sort_unstable();
    Ok(if lines.is_empty() { "empty".to_owned() } else { lines.join(" ") })
}
