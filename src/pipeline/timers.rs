//! The pipeline's `timers`.
