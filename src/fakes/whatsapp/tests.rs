//! Tests of the fake: what the platform refuses it refuses.
