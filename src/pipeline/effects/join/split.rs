//! Parting chats that were joined: either side may, at any time, and both are told.

use super::{become_customer, channel_word, note};
use crate::dialogue::effect::Outcome;
use crate::pipeline::effects::{Scene, news};
use crate::store;

/// `customer.split_look`: with which chat this one was joined last.
pub(in crate::pipeline::effects) async fn look(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let Some(join) = store::join::last(scene.connection, &scene.customer.id).await? else {
        return Ok(Outcome::new("none"));
    };
    let is_gone = join.conversations.contains(scene.conversation_id);
    let other = if is_gone { &join.kept_channel } else { &join.gone_channel };
    Ok(Outcome::new("joined").with("channel", channel_word(other)).with("at", join.joined_at))
}

/// `customer.split`: undoes the last join of this customer.
pub(in crate::pipeline::effects) async fn split(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let Some(join) = store::join::last(scene.connection, &scene.customer.id).await? else {
        return Ok(Outcome::new("none"));
    };
    let here = scene.conversation_id.clone();
    if !store::join::undo(scene.connection, &join, &here, scene.now).await? {
        return Ok(Outcome::new("none"));
    }
    // The cart of this chat, as the turn has it: what it held is still there, or has been ordered.
    let mut kept_cart = scene.cart.clone();
    let gone_cart = kept_cart.part(&join.kept_cart, &join.gone_cart);
    store::carts::save(scene.connection, &join.kept, &kept_cart, scene.now).await?;
    store::carts::save(scene.connection, &join.gone, &gone_cart, scene.now).await?;
    // What waits below the flow that asks may hold the other's name or address.
    let frames = &mut scene.conversation.frames;
    frames.drain(..frames.len().saturating_sub(1));
    scene.conversation.heard = None;
    scene.conversation.earlier = None;
    let (own, cart) = if join.conversations.contains(&here) {
        (join.gone.clone(), gone_cart)
    } else {
        (join.kept.clone(), kept_cart)
    };
    become_customer(scene, &own).await?;
    *scene.cart = cart;
    let payload = serde_json::json!({ "parted": join.gone, "join": join.id, "conversation": here });
    note(scene, "customer:parted", &join.kept, payload).await?;
    let mut chats = store::customers::conversations(scene.connection, &join.kept).await?;
    chats.extend(store::customers::conversations(scene.connection, &join.gone).await?);
    for to in chats.into_iter().filter(|chat| chat != &here) {
        news::push(scene, to, "join.undone", &join.id, news::facts([]));
    }
    let orders = store::customers::known(scene.connection, &own).await?.orders;
    Ok(Outcome::new("ok").with("orders", orders))
}
