//! Money and deadlines on a real database.
