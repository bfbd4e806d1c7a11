//! Commands in, numbers out: the heart of `lootbox client`.

use std::io::{self, BufRead, Write};

use super::{Awaited, Client, ClientError, is_number};
use crate::escaped::escaped;
use crate::progress::Progress;
use crate::protocol::{self, BadRequest, MAX_LINE_LEN, Request};

/// What depends on where input and output go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Somebody types the commands: ask for each with a prompt.
    pub prompt: bool,
    /// Somebody watches standard error, and no numbers run over it: show a bar on long draws.
    pub progress: bool,
}

/// Why the work stops before the input ends.
enum Stop {
    /// Nobody reads the numbers any more, as after `| head -1`. That is no error.
    NobodyReads,
    Error(ClientError),
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Self {
        Self::Error(error)
    }
}

/// Reads commands from `input`, one a line, and has `client` ask for each. Numbers go to `output`,
/// one a line; all else goes to `notes`: the server's errors, `ok`, the text of `help`, the prompt.
/// Errors of the server are answers like others and end nothing.
///
/// Whenever the server is to be waited for, `output` is flushed first. So whoever watches sees each
/// number when it comes, and what came is written when the server is lost.
///
/// # Errors
/// [`ClientError`]: the server is lost, commands cannot be read, or numbers cannot be written. That
/// nobody takes the numbers any more (a closed pipe) is no error, and neither is the end of the input.
pub fn run(
    client: &mut Client,
    mut input: impl BufRead,
    output: &mut impl Write,
    notes: &mut impl Write,
    options: Options,
) -> Result<(), ClientError> {
    match obey(client, &mut input, output, notes, options) {
        Ok(()) | Err(Stop::NobodyReads) => Ok(()),
        Err(Stop::Error(error)) => Err(error),
    }
}

fn obey(
    client: &mut Client,
    input: &mut impl BufRead,
    output: &mut impl Write,
    notes: &mut impl Write,
    options: Options,
) -> Result<(), Stop> {
    let mut line = Vec::new();
    loop {
        if options.prompt {
            note(notes, "> ");
        }
        if !read_line(input, &mut line).map_err(ClientError::Input)? {
            if options.prompt {
                // The shell's own prompt begins a line.
                note(notes, "\n");
            }
            return Ok(());
        }
        if line.len() > MAX_LINE_LEN && !client.course {
            // The server would close for it.
            note(notes, &format!("error: {}\n", BadRequest::TooLong));
            continue;
        }
        let mut count = 1;
        match protocol::parse(&line, u64::MAX) {
            Ok(None) => continue,
            Ok(Some(Request::Quit)) => {
                client.quit();
                return Ok(());
            }
            Ok(Some(Request::Draw(draws))) => {
                count = draws;
                client.ask_to_draw(draws)?;
            }
            // The words of the assignment's own client.
            _ if client.course => {
                note(notes, "wrong command!\n");
                continue;
            }
            Ok(Some(Request::Help)) => client.ask(b"help", Awaited::Help(0))?,
            // What is wrong with a bad request the server can tell best.
            Ok(Some(Request::Name(_))) | Err(_) => {
                client.ask(line.trim_ascii(), Awaited::Lines(1))?;
            }
        }
        let progress = if options.progress {
            Progress::bar("{wide_bar} {human_pos} of {human_len} numbers", count)
        } else {
            Progress::none()
        };
        print_answer(client, output, notes, progress)?;
    }
}

fn print_answer(
    client: &mut Client,
    output: &mut impl Write,
    notes: &mut impl Write,
    mut progress: Progress,
) -> Result<(), Stop> {
    let mut numbers = 0;
    let mut closed = false;
    loop {
        if !client.at_hand() {
            output.flush().map_err(unwritten)?;
            progress.at(numbers);
        }
        let Some(line) = client.next_line()? else {
            break;
        };
        let number = line.trim_ascii_start();
        if is_number(number) {
            numbers += 1;
            output.write_all(number).map_err(unwritten)?;
            output.write_all(b"\n").map_err(unwritten)?;
        } else {
            closed = closed || protocol::is_last_word(line);
            // The numbers before it stand before it, if both go to one terminal.
            output.flush().map_err(unwritten)?;
            progress.aside(|| note(notes, &format!("{}\n", escaped(line))));
        }
    }
    output.flush().map_err(unwritten)?;
    if closed {
        return Err(Stop::Error(client.closed()));
    }
    Ok(())
}

fn unwritten(error: io::Error) -> Stop {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Stop::NobodyReads
    } else {
        Stop::Error(ClientError::Output(error))
    }
}

/// Says something beside the numbers. If nobody hears it, the numbers are none the worse.
fn note(notes: &mut impl Write, text: &str) {
    let _ = notes.write_all(text.as_bytes());
    let _ = notes.flush();
}

/// Reads a command without its line end; `false` at the end of the input. One that is too long is
/// read over and comes out cut, but still too long: input without a line end takes no memory.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let come = match input.fill_buf() {
            Ok(come) => come,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if come.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = come.iter().position(|&byte| byte == b'\n');
        let part = &come[..end.unwrap_or(come.len())];
        // One more for a CR, and one more to be too long.
        let room = (MAX_LINE_LEN + 2) - line.len();
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8], capacity: usize) -> Vec<Vec<u8>> {
        let mut input = io::BufReader::with_capacity(capacity, input);
        let mut line = Vec::new();
        let mut lines = Vec::new();
        while read_line(&mut input, &mut line).unwrap() {
            lines.push(line.clone());
        }
        lines
    }

    #[test]
    fn commands_are_lines_however_they_come() {
        for capacity in 1..20 {
            assert_eq!(
                lines(b"draw 4\r\n\nhelp\ndraw 2", capacity),
                [b"draw 4".as_slice(), b"", b"help", b"draw 2"]
            );
        }
    }

    #[test]
    fn a_command_without_an_end_takes_no_memory_and_stays_too_long() {
        let mut input = vec![b'x'; 100_000];
        input.extend_from_slice(b"\ndraw 1\n");
        let lines = lines(&input, 4_096);
        assert_eq!(lines.len(), 2);
        assert!((MAX_LINE_LEN + 1..=MAX_LINE_LEN + 2).contains(&lines[0].len()));
        assert_eq!(lines[1], b"draw 1");
        for (length, too_long) in [(MAX_LINE_LEN, false), (MAX_LINE_LEN + 1, true)] {
            let line = [vec![b'x'; length], b"\r\n".to_vec()].concat();
            assert_eq!(self::lines(&line, 100)[0].len() > MAX_LINE_LEN, too_long);
        }
    }
}
