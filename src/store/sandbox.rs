//! The store's `sandbox`.
