//! Steps over small flows.
