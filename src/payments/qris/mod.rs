//! QRIS strings.
