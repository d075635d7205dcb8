//! The pipeline's `settle`.
