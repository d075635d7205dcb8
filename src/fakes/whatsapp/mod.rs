//! WhatsApp side.
