//! The guess before the number. Watching a demonstration teaches about as much as not watching it; what helps is
//! to predict the outcome first [Crouch et al. 2004; Miller 2013].

use std::io::{self, BufRead, Read, Write};

use super::prose::Guesses;
use super::subject::Subject;

/// Asks for guesses: the share of orders, and the share of real runs if there are any. Without an answer
/// (the input ends) there is no guess.
///
/// # Errors
/// If the input cannot be read.
pub fn ask(
    subject: &Subject,
    live: Option<u32>,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> io::Result<Guesses> {
    // What cannot be asked is not asked: nobody may see standard error.
    _ = writeln!(output, "{}\n{}\n", subject.what(), subject.who());
    let orders = percent(
        "Of 100 orders picked blindly, in how many is a number handed out twice?",
        input,
        output,
    )?;
    let runs = match (live, orders) {
        (Some(runs), Some(_)) => percent(
            &format!("And of 100 real runs over TCP ({runs} will run), in how many?"),
            input,
            output,
        )?,
        _ => None,
    };
    _ = writeln!(output);
    Ok(Guesses { orders, runs })
}

/// Whoever writes more on a line is nobody who answers.
const MAX_LINE_LEN: u64 = 1_024;

fn percent(
    question: &str,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> io::Result<Option<u8>> {
    loop {
        _ = write!(output, "{question} 0 to 100: ").and_then(|()| output.flush());
        let mut line = Vec::new();
        input.take(MAX_LINE_LEN).read_until(b'\n', &mut line)?;
        if line.is_empty() || line.len() as u64 == MAX_LINE_LEN {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match line.trim().trim_end_matches('%').trim_end().parse() {
            Ok(guess @ 0..=100) => return Ok(Some(guess)),
            _ => _ = writeln!(output, "A whole number, please."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_asked_for_until_it_is_one() {
        let ask = |text: &str| percent("?", &mut text.as_bytes(), &mut io::sink()).unwrap();
        assert_eq!(ask("3\n"), Some(3));
        assert_eq!(ask("many\n101\n-1\n 97 %\n5\n"), Some(97));
        assert_eq!(ask(""), None);
        assert_eq!(ask("what?"), None);
        let endless = io::BufReader::new(io::repeat(b'5'));
        assert_eq!(
            percent("?", &mut { endless }, &mut io::sink()).unwrap(),
            None
        );
        let bytes = &b"\xff\n7\n"[..];
        assert_eq!(
            percent("?", &mut { bytes }, &mut io::sink()).unwrap(),
            Some(7)
        );
    }
}
