//! Flow files: from YAML text to a checked set of flows.

/// Every flow that conversations may be in: the current versions, and older ones that are still in use.
#[derive(Debug, Default)]
pub struct Flows {}
