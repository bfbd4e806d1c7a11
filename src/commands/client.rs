//! `lootbox client`.

use std::fmt;
use std::io::{self, BufRead, BufWriter, IsTerminal, Read};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::ValueHint;
use signal_hook::low_level::emulate_default_handler;

use super::signals;
use crate::client::{self, Client, Options};
use crate::values::whole;

/// Draw numbers from a server
///
/// Commands are read from standard input, one a line:
///
///   draw N     draws the next N numbers
///   name WHO   says who you are, for the server's dashboard
///   help       what the server understands
///   quit       ends the client, as the end of the input does
///
/// The numbers drawn go to standard output, one a line. Everything else, errors too, goes to
/// standard error. So the output file of a client holds numbers only, and `lootbox check` finds the
/// duplicates among several of them.
#[derive(Clone, Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  lootbox client 127.0.0.1 7777                           type commands, end with Ctrl-D
  echo 'draw 100' | lootbox client 127.0.0.1 7777 > a.txt
  lootbox check a.txt b.txt                               did two clients get the same number?

Exit code: 0 at the end of the input; 2 when the server is lost or was never there."
)]
pub struct Args {
    /// The machine the server runs on: a name or an IP address; or with the port, as in 127.0.0.1:7777
    #[arg(value_hint = ValueHint::Hostname)]
    pub host: String,

    /// The port the server listens on; it says so when it starts
    #[arg(value_parser = whole::<u16>(1..=u16::MAX))]
    pub port: Option<u16>,

    /// Speak as the assignment's own client.py does
    ///
    /// For `draw N` it sends `draw N` without a line end, takes one number, and does so N times.
    /// Use it for a server that was written for that client, your own homework for example.
    #[arg(long)]
    pub course: bool,
}

/// Connects, and obeys standard input to its end.
///
/// # Errors
/// [`ClientError`](client::ClientError): the server is lost or was never there, commands cannot be
/// read, or numbers cannot be written.
pub fn command(args: &Args) -> anyhow::Result<ExitCode> {
    let address = Address::of(&args.host, args.port)?;
    let mut client = Client::connect(address, args.course)?;
    let asks_to_end = end_on_signals(client.stream())?;
    let input = io::stdin();
    let output = io::stdout();
    let options = Options {
        prompt: input.is_terminal(),
        progress: io::stderr().is_terminal() && !output.is_terminal(),
    };
    let result = client::run(
        &mut client,
        WhileItWaits {
            input: input.lock(),
            waits: &asks_to_end.waits,
        },
        &mut BufWriter::new(output.lock()),
        &mut io::stderr(),
        options,
    );
    asks_to_end.die_of_it();
    result?;
    Ok(ExitCode::SUCCESS)
}

/// How long what came already may take to be written, after a signal.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Whether a signal has asked this program to end, and whether it may do so at once.
#[derive(Default)]
struct AsksToEnd {
    signal: AtomicI32,
    /// The program waits for its input: all that came is written.
    waits: AtomicBool,
}

impl AsksToEnd {
    /// Ends as the signal would have ended it without us: a shell that reads of it stops its loop, too.
    fn die_of_it(&self) {
        let signal = self.signal.load(SeqCst);
        if signal != 0 {
            _ = emulate_default_handler(signal);
        }
    }
}

/// At a signal the server is asked for nothing more. The numbers that came are written first, and whole: half a number in
/// an output file would be a wrong one.
fn end_on_signals(server: Arc<TcpStream>) -> anyhow::Result<Arc<AsksToEnd>> {
    let mut signals = signals::listen()?;
    let asks_to_end = Arc::new(AsksToEnd::default());
    let told = Arc::clone(&asks_to_end);
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                told.signal.store(signal, SeqCst);
                _ = server.shutdown(Shutdown::Both);
                if !told.waits.load(SeqCst) {
                    thread::sleep(LAST_WORDS);
                }
                told.die_of_it();
            }
        })
        .context("cannot start the thread that waits for signals")?;
    Ok(asks_to_end)
}

/// Says of an input whether it is being waited for.
struct WhileItWaits<'a, R> {
    input: R,
    waits: &'a AtomicBool,
}

impl<R: BufRead> Read for WhileItWaits<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for WhileItWaits<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.waits.store(true, SeqCst);
        let filled = self.input.fill_buf();
        self.waits.store(false, SeqCst);
        filled
    }

    fn consume(&mut self, count: usize) {
        self.input.consume(count);
    }
}

/// A host and a port, as they stand on the command line.
#[derive(Clone, Copy)]
struct Address<'a> {
    host: &'a str,
    port: u16,
}

impl<'a> Address<'a> {
    /// `127.0.0.1 7777`, or in one word as the server says it: `127.0.0.1:7777`, `[::1]:7777`.
    fn of(host: &'a str, port: Option<u16>) -> anyhow::Result<Self> {
        let (host, port) = match (port, host.rsplit_once(':')) {
            (Some(port), _) => (host, port),
            // Without brackets all of it is an IPv6 address.
            (None, Some((host, port))) if !host.contains(':') || host.ends_with(']') => {
                let port = whole(1..=u16::MAX)(port)
                    .map_err(|right| anyhow!("{port:?} is no port: {right}, as in {host}:7777"))?;
                (host, port)
            }
            (None, _) => bail!(
                "the port is missing: write it behind the host, as in lootbox client {host} 7777; the server says it when it starts"
            ),
        };
        Ok(Self {
            host: host.trim_matches(['[', ']']),
            port,
        })
    }
}

impl ToSocketAddrs for Address<'_> {
    type Iter = std::vec::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> io::Result<Self::Iter> {
        (self.host, self.port).to_socket_addrs()
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_one_word_or_two() {
        let shown = |host, port| Address::of(host, port).map(|it| it.to_string());
        for (host, port, right) in [
            ("127.0.0.1", Some(7777), "127.0.0.1:7777"),
            ("127.0.0.1:7777", None, "127.0.0.1:7777"),
            ("localhost:1", None, "localhost:1"),
            ("::1", Some(7777), "[::1]:7777"),
            ("[::1]", Some(7777), "[::1]:7777"),
            ("[::1]:7777", None, "[::1]:7777"),
        ] {
            assert_eq!(shown(host, port).unwrap(), right);
        }
        for (host, told) in [
            ("localhost", "localhost 7777"),
            ("::1", "port is missing"),
            ("[::1]", "port is missing"),
            ("localhost:", "1..=65535"),
            ("localhost:99999", "1..=65535"),
        ] {
            let error = shown(host, None).unwrap_err().to_string();
            assert!(error.contains(told), "{host}: {error}");
        }
    }

    #[test]
    fn an_address_of_either_kind() {
        for (host, shown) in [("127.0.0.1", "127.0.0.1:7777"), ("::1", "[::1]:7777")] {
            let address = Address { host, port: 7777 };
            assert_eq!(address.to_string(), shown);
            let found: Vec<_> = address.to_socket_addrs().unwrap().collect();
            assert_eq!(found, [shown.parse().unwrap()]);
        }
    }
}
