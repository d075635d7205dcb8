//! The pipeline's `dispatch`.
