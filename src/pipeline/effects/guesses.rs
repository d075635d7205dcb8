//! Guessing at one-time codes: bounded for a chat and for a shop, and not unnoticed.

use super::{Scene, news};
use crate::store;
use crate::store::guesses::Kind;

/// Whether a code that this chat brings is looked at. Who has brought too many wrong ones is not told whether this one is right.
pub(super) async fn may_try(scene: &mut Scene<'_>, kind: Kind) -> Result<bool, sqlx::Error> {
    let (store, conversation) = (&scene.store.id, scene.conversation_id);
    let guesses = store::guesses::count(scene.connection, store, conversation, kind, scene.now).await?;
    Ok(guesses.may_go_on())
}

/// Notes a wrong code. With the one that was the last to be looked at, the shop's chats and the log are told, once an hour.
pub(super) async fn wrong(scene: &mut Scene<'_>, kind: Kind) -> Result<(), sqlx::Error> {
    let (store, conversation) = (&scene.store.id, scene.conversation_id);
    store::guesses::insert(scene.connection, store, conversation, kind, scene.now).await?;
    let guesses = store::guesses::count(scene.connection, store, conversation, kind, scene.now).await?;
    metrics::counter!("warung_codes_wrong_total", "kind" => kind.as_str()).increment(1);
    if guesses.may_go_on() {
        return Ok(());
    }
    tracing::warn!(
        shop = scene.store.slug,
        conversation.id = %conversation,
        kind = kind.as_str(),
        of_chat = guesses.of_chat,
        of_shop = guesses.of_shop,
        "somebody guesses at one-time codes; codes are not looked at for a while"
    );
    let facts = news::facts([("customer", scene.customer.name.clone().into())]);
    let occasion = format!("{}:{}", kind.as_str(), scene.now.format("%Y-%m-%dT%H"));
    news::tell_staff(scene, "staff.code_guesses", None, &occasion, facts).await?;
    Ok(())
}
