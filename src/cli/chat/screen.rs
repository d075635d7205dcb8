//! Where the terminal's messages are printed: above the line that is being typed, or plainly into a pipe.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rustyline::history::FileHistory;
use rustyline::{Editor, ExternalPrinter};

use crate::channels::console::Printer;
use crate::channels::console::draw::{Style, draw};
use crate::cli::Failure;
use crate::domain::message::Outbound;

/// The line editor of an interactive chat.
pub type LineEditor = Editor<(), FileHistory>;

/// The screen.
pub struct Screen {
    style: Style,
    out: Mutex<Out>,
    gone: AtomicBool,
    printed: Mutex<HashSet<i64>>,
}

enum Out {
    Plain,
    AboveTheLine(Box<dyn ExternalPrinter + Send>),
    #[cfg(test)]
    Memory(String),
}

impl Screen {
    /// The screen of this process, and its line editor when it is interactive.
    ///
    /// # Errors
    /// [`Failure`] when the terminal cannot be used.
    pub fn open(interactive: bool) -> Result<(Self, Option<LineEditor>), Failure> {
        if !interactive {
            let style = if std::io::stdout().is_terminal() { Style::TERMINAL } else { Style::PLAIN };
            return Ok((Self::of(Out::Plain, style), None));
        }
        let failed = |error| Failure::new(format!("the terminal cannot be used: {error}"));
        let mut editor = LineEditor::new().map_err(failed)?;
        let printer = editor.create_external_printer().map_err(failed)?;
        let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let style = Style { colours, codes: true };
        Ok((Self::of(Out::AboveTheLine(Box::new(printer)), style), Some(editor)))
    }

    fn of(out: Out, style: Style) -> Self {
        Self { style, out: Mutex::new(out), gone: AtomicBool::new(false), printed: Mutex::default() }
    }

    /// Whether nobody reads any more.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    #[cfg(test)]
    pub fn in_memory() -> Self {
        Self::of(Out::Memory(String::new()), Style::PLAIN)
    }

    #[cfg(test)]
    pub fn text(&self) -> String {
        match &*self.out.lock().unwrap() {
            Out::Memory(text) => text.clone(),
            _ => String::new(),
        }
    }

    fn write(&self, drawn: String) -> std::io::Result<()> {
        match &mut *self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Out::Plain => {
                let mut stdout = std::io::stdout().lock();
                stdout.write_all(drawn.as_bytes())?;
                stdout.flush()
            }
            Out::AboveTheLine(printer) => printer.print(drawn).map_err(std::io::Error::other),
            #[cfg(test)]
            Out::Memory(text) => {
                text.push_str(&drawn);
                Ok(())
            }
        }
    }
}

impl Printer for Screen {
    fn print(&self, _chat: &str, outbox_id: i64, message: &Outbound) -> std::io::Result<()> {
        // A send that was not noted comes again; on this screen it stands already.
        if !self.printed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(outbox_id) {
            return Ok(());
        }
        let drawn = draw(message, self.style);
        self.write(format!("{drawn}\n")).inspect_err(|_| {
            self.printed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&outbox_id);
            self.gone.store(true, Ordering::Release);
        })
    }
}
