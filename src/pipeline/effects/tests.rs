//! Effects on a real database.
