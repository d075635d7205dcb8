//! Talk.
