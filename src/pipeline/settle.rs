//! Stub.
use super::{effects::Scene, work::Work};
use crate::dialogue::event::Event;
pub async fn settle(_: &mut Scene<'_>, _: &Work) -> Result<Vec<Event>, sqlx::Error> {
    Ok(vec![])
}
