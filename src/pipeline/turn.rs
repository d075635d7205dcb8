//! The pipeline's `turn`.
