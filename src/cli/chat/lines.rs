//! Lines of the person: typed with an editor that remembers, or read from a pipe.

use std::io::{BufRead, Read};
use std::path::PathBuf;

use tokio::sync::mpsc;

use super::screen::LineEditor;

/// Bytes of a line that are read; the rest of a longer line is dropped.
const MAX_LINE_BYTES: u64 = 64 * 1024;
/// Lines that the editor remembers.
const MAX_HISTORY: usize = 500;

/// One line, and the turn to go on: the next line is only read when the last was dealt with.
pub struct Lines {
    lines: mpsc::Receiver<String>,
    go_on: mpsc::Sender<()>,
    /// Whether empty lines are messages: in a pipe they are, at a keyboard they are a slip.
    pub empty_counts: bool,
}

impl Lines {
    /// The next line, or nothing at the end.
    pub async fn next(&mut self) -> Option<String> {
        // A reader that has ended no longer listens; what it had read still comes.
        let _ = self.go_on.send(()).await;
        self.lines.recv().await
    }

    #[cfg(test)]
    pub fn of(texts: &[&str], empty_counts: bool) -> Self {
        let (sender, lines) = mpsc::channel(texts.len().max(1));
        for text in texts {
            sender.try_send((*text).to_owned()).unwrap();
        }
        Self { lines, go_on: mpsc::channel(1).0, empty_counts }
    }
}

/// Lines of standard input.
pub fn piped() -> Lines {
    let (sender, lines) = mpsc::channel(1);
    let (go_on, mut asked) = mpsc::channel(1);
    // Reading blocks; a thread of its own does not hold the runtime back when the process ends.
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        while asked.blocking_recv().is_some() {
            let Ok(Some(line)) = read_line(&mut input) else { return };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    Lines { lines, go_on, empty_counts: true }
}

/// Lines typed into a terminal.
pub fn typed(mut editor: LineEditor, prompt: String, history: Option<PathBuf>) -> Lines {
    let (sender, lines) = mpsc::channel(1);
    let (go_on, mut asked) = mpsc::channel(1);
    std::thread::spawn(move || {
        let _ = rustyline::history::History::set_max_len(editor.history_mut(), MAX_HISTORY);
        if let Some(path) = &history {
            // The first start has no history yet.
            let _ = editor.load_history(path);
        }
        while asked.blocking_recv().is_some() {
            match editor.readline(&prompt) {
                Ok(line) => {
                    let _ = editor.add_history_entry(line.as_str());
                    if matches!(line.trim(), "/quit" | "/exit") || sender.blocking_send(line).is_err() {
                        break;
                    }
                }
                Err(_) => break,
            }
        }
        if let Some(path) = &history {
            let _ = editor.save_history(path);
        }
    });
    Lines { lines, go_on, empty_counts: false }
}

/// One line without its end, or nothing at the end of the input.
fn read_line(input: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.len() as u64 == MAX_LINE_BYTES && !bytes.ends_with(b"\n") {
        skip_line(input)?;
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |at| at + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_to_the_end_whatever_they_hold() {
        let long = "a".repeat(200_000);
        let text = format!("halo\r\n\n{long}\nakhir\u{20}\nlast");
        let mut bytes = text.into_bytes();
        bytes.extend(b"\n\xff\xfe");
        let mut input = std::io::Cursor::new(bytes);
        let mut lines = Vec::new();
        while let Some(line) = read_line(&mut input).unwrap() {
            lines.push(line);
        }
        assert_eq!(lines.len(), 6);
        assert_eq!((lines[0].as_str(), lines[1].as_str(), lines[2].len()), ("halo", "", 64 * 1024));
        assert_eq!(lines[3..], ["akhir ", "last", "\u{fffd}\u{fffd}"]);
    }
}
