//! Every rule is broken once, by hand, and must be the one that notices.
