//! What became of our messages: statuses, and the data that we sent along with each.

use serde_json::Value;

use super::errors;
use super::lenient::{each, id, text, whole};
use super::receive::Received;
use crate::domain::message::{ChannelEvent, Delivery, DeliveryFailure, DeliveryState};

/// What `biz_opaque_callback_data` of a message of ours begins with. The platform hands it back with every status.
const OPAQUE_PREFIX: &str = "w:";

/// The opaque data of one part of a row of the outbox. Only the last part stands for the whole row: a report of an
/// earlier one must not make the row look as if it had arrived.
pub(super) fn opaque(outbox_id: i64, part: usize, parts: usize) -> String {
    if part + 1 == parts {
        format!("{OPAQUE_PREFIX}{outbox_id}")
    } else {
        format!("{OPAQUE_PREFIX}{outbox_id}.{part}")
    }
}

/// Reads [`opaque`]: the row, and the part where it is not the last.
pub(super) fn read_opaque(data: &str) -> Option<(i64, Option<usize>)> {
    let data = data.strip_prefix(OPAQUE_PREFIX)?;
    match data.split_once('.') {
        None => Some((data.parse().ok()?, None)),
        Some((row, part)) => Some((row.parse().ok()?, Some(part.parse().ok()?))),
    }
}

/// Reads one status. Reports come late, twice and out of order; kinds that are new say nothing to us.
pub(super) fn read(account: &str, status: &Value, received: &mut Received) {
    let state = match text(status, "status").unwrap_or_default().as_str() {
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "read" | "played" => DeliveryState::Read,
        "failed" => DeliveryState::Failed,
        _ => return,
    };
    let row = text(status, "biz_opaque_callback_data").and_then(|data| read_opaque(&data));
    let channel_message_id = id(status, "id").unwrap_or_default();
    if channel_message_id.is_empty() && row.is_none() {
        return;
    }
    let outbox_id = match row {
        // A part that failed makes the whole fail; a part that arrived is only a part.
        Some((row, Some(part))) if state != DeliveryState::Failed => {
            received.parts.push((row, part));
            None
        }
        Some((row, _)) => Some(row),
        None => None,
    };
    let code = each(status, "errors").iter().find_map(|error| whole(error, "code"));
    let failed = state == DeliveryState::Failed;
    received.events.push(ChannelEvent::Delivery(Delivery {
        account: account.to_owned(),
        outbox_id,
        channel_message_id,
        state,
        error: failed.then(|| code.map_or_else(|| "the platform names no code".to_owned(), errors::describe)),
        failure: failed.then(|| code.map_or(DeliveryFailure::Final, errors::of_report)),
        is_part: matches!(row, Some((_, Some(_)))),
    }));
}
