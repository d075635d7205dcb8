//! The store's `timers`.
