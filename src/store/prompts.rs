//! The store's `prompts`.
