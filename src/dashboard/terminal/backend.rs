//! Ratatui's way to the terminal: crossterm's, into memory, a frame at a time.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::output::Output;

/// So that a terminal shows a frame whole or not yet (DEC 2026). Those that do not know it ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// What crossterm writes into, also when it flushes in the middle of a frame.
#[derive(Clone, Debug, Default)]
pub(in crate::dashboard) struct Memory(Rc<RefCell<Vec<u8>>>);

impl Memory {
    /// What has been written since the last time.
    pub(in crate::dashboard) fn take(&self) -> Vec<u8> {
        named_colors(&self.0.take())
    }
}

/// Crossterm asks for the sixteen colours with names by their places among 256 (`38;5;1`), which not every terminal
/// has. Their own codes (`31`, `91`) all that have colours know.
fn named_colors(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|two| two == b"\x1b[") {
        let (before, sequence) = rest.split_at(at + 2);
        out.extend_from_slice(before);
        let end = sequence
            .iter()
            .position(|byte| !(byte.is_ascii_digit() || *byte == b';'))
            .unwrap_or(sequence.len());
        let (parameters, after) = sequence.split_at(end);
        if after.first() == Some(&b'm') {
            out.extend(named(parameters));
        } else {
            out.extend_from_slice(parameters);
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

/// Of one sequence what stands between its beginning and its end.
fn named(parameters: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(parameters);
    let mut numbers = text.split(';').peekable();
    let mut named = Vec::new();
    while let Some(number) = numbers.next() {
        let base = match number {
            "38" => 30,
            "48" => 40,
            _ => {
                named.push(number.to_owned());
                continue;
            }
        };
        let kind = numbers.next().unwrap_or_default();
        let color = numbers.next().unwrap_or_default();
        named.push(match (kind, color.parse::<u8>()) {
            ("5", Ok(color @ 0..8)) => (base + color).to_string(),
            ("5", Ok(color @ 8..16)) => (base + 60 + color - 8).to_string(),
            _ => format!("{number};{kind};{color}"),
        });
    }
    named.join(";").into_bytes()
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// See the [module](self). It asks the terminal for nothing: who asks can wait for ever.
#[derive(Debug)]
pub struct Screenful {
    inner: CrosstermBackend<Memory>,
    frame: Memory,
    output: Output,
    cursor_hidden: bool,
}

impl Screenful {
    /// Frames go to `output`.
    #[must_use]
    pub fn new(output: Output) -> Self {
        // Whether there are colours, the theme decides. Left alone, crossterm writes resets in the
        // place of colours, which undo bold and reverse.
        crossterm::style::force_color_output(true);
        let frame = Memory::default();
        Self {
            inner: CrosstermBackend::new(frame.clone()),
            frame,
            output,
            cursor_hidden: true,
        }
    }
}

impl Backend for Screenful {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        // Nothing has changed: not even a reset goes out.
        if content.peek().is_none() {
            return Ok(());
        }
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.cursor_hidden, true) {
            self.inner.hide_cursor()?;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor_hidden = false;
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        let (width, height) = super::size();
        Ok(Size::new(width, height))
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let frame = self.frame.take();
        if frame.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(frame.len() + BEGIN.len() + END.len());
        bytes.write_all(BEGIN)?;
        bytes.extend(frame);
        bytes.write_all(END)?;
        self.output.send(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::named_colors;

    #[test]
    fn colours_with_names_are_asked_for_by_their_own_codes() {
        for (before, after) in [
            ("plain", "plain"),
            ("\x1b[38;5;1m!\x1b[0m", "\x1b[31m!\x1b[0m"),
            ("\x1b[1m\x1b[38;5;9;48;5;0mx", "\x1b[1m\x1b[91;40mx"),
            ("\x1b[48;5;15m", "\x1b[107m"),
            ("\x1b[38;5;200m", "\x1b[38;5;200m"),
            ("\x1b[3;4Hx\x1b[39;49m", "\x1b[3;4Hx\x1b[39;49m"),
            ("cut \x1b[38;5", "cut \x1b[38;5"),
        ] {
            let bytes = named_colors(before.as_bytes());
            assert_eq!(String::from_utf8(bytes).unwrap(), after);
        }
    }
}
