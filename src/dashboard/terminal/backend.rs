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
        std::mem::take(&mut self.0.borrow_mut())
    }
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
