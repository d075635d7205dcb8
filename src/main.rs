//! The `warung` program.

fn main() {}
