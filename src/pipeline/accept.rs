//! The pipeline's `accept`.
