//! What commands print. Whoever reads it may stop reading (`head` behind `warung product list`); that is no fault, and what was begun
//! is carried out to its end.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _};

/// Prints a line as `println!` does, to somebody who may have stopped reading.
macro_rules! say {
    () => { $crate::cli::out::line(format_args!("")) };
    ($($words:tt)*) => { $crate::cli::out::line(format_args!($($words)*)) };
}

/// Prints a line.
pub(crate) fn line(words: Arguments<'_>) {
    write(format!("{words}\n").as_bytes());
}

/// Prints bytes.
pub(crate) fn write(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(bytes).and_then(|()| out.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("warung: the output cannot be written: {error}");
    }
}
