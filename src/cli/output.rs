//! Where a command's output goes: text or JSON to the terminal, a page to a file.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::Format;

/// How to print.
#[derive(Debug, Clone)]
pub(super) struct Output {
    /// JSON instead of text.
    pub(super) json: bool,
    /// Whether the output is a terminal.
    pub(super) terminal: bool,
    /// Characters per line.
    pub(super) width: usize,
    html: Option<PathBuf>,
    color: bool,
}

/// What a piece of text says, as a colour.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    /// A heading.
    Strong,
    /// Trouble.
    Bad,
    /// May become trouble.
    Uneasy,
    /// Not important.
    Quiet,
}

impl Output {
    pub(super) fn new(format: &Format) -> Self {
        let terminal = io::stdout().is_terminal();
        let forbidden =
            format.no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
        Self {
            json: format.json,
            terminal,
            width: width.clamp(40, 200),
            html: format.html.clone(),
            color: terminal && !forbidden && !format.json,
        }
    }

    /// `text`, coloured where colours are wanted.
    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let style = match tone {
            Tone::Strong => Style::new().bold(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Uneasy => AnsiColor::Yellow.on_default(),
            Tone::Quiet => Style::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }

    /// Writes the page that `page` makes, where one was asked for. Only its owner can read it: paths and errors are in it.
    pub(super) fn write_page(&self, page: impl FnOnce() -> String) -> Result<(), String> {
        let Some(path) = &self.html else { return Ok(()) };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file =
            options.open(path).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
        // One that was there before may have been anybody's to read.
        #[cfg(unix)]
        if is_file {
            let _ = file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
        }
        file.write_all(page().as_bytes()).map_err(|error| {
            if is_file {
                // Half a page is of no use to anybody.
                let _ = std::fs::remove_file(path);
            }
            format!("{} cannot be written: {error}", path.display())
        })
    }
}

/// Prints to the standard output. A reader that went away, as `head` does, is no error.
pub(super) fn print(text: &str) {
    write_all(&mut io::stdout().lock(), text.as_bytes());
}

/// Prints to the standard output, and says if it could not. A reader that went away is no error.
pub(super) fn print_all(text: &str) -> io::Result<()> {
    match try_write_all(&mut io::stdout().lock(), text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Shows a line on the terminal's last one, in place of the line that was there.
pub(super) fn complain_inline(text: &str) {
    write_all(&mut io::stderr().lock(), format!("\r{}\x1b[K", harmless(text)).as_bytes());
}

/// Prints a line to the standard error.
pub(super) fn complain(text: &str) {
    write_all(&mut io::stderr().lock(), format!("{text}\n").as_bytes());
}

fn write_all(stream: &mut impl Write, bytes: &[u8]) {
    let _ = try_write_all(stream, bytes);
}

fn try_write_all(stream: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            // Node may have made the pipe non-blocking.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(1)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    stream.flush()
}

/// Text from a file as a terminal may show it: without control characters, which could move the cursor or worse.
#[must_use]
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_bidi(c) { ' ' } else { c }).collect()
}

/// Characters that turn the order of others around.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\x1b[2Jb\r\n\u{202e}c\u{9b}"), "a [2Jb   c ");
        assert_eq!(harmless("größe 日本"), "größe 日本");
    }
}
