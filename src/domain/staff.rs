//! People who work for a shop.

use serde::{Deserialize, Serialize};

use super::ids::UserId;

/// A member of staff whose chat is linked to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// `users.id`.
    pub id: UserId,
    /// The name that colleagues see ("sudah diterima Sari 10.12").
    pub name: String,
}
