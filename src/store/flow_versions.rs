//! The store's `flow_versions`.
