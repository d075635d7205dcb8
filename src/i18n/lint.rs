//! Lint of the locales: what differs between the languages, what no flow says, and what no channel can show.
