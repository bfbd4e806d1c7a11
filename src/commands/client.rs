//! `lootbox client`.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal};
use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;

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
    /// The machine the server runs on: a name or an IP address
    pub host: String,

    /// The port the server listens on; it says so when it starts
    #[arg(value_parser = whole::<u16>(1..=u16::MAX))]
    pub port: u16,

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
    let address = Address {
        host: args.host.trim_matches(['[', ']']),
        port: args.port,
    };
    let mut client = Client::connect(address, args.course)?;
    let input = io::stdin();
    let output = io::stdout();
    let options = Options {
        prompt: input.is_terminal(),
        progress: io::stderr().is_terminal() && !output.is_terminal(),
    };
    client::run(
        &mut client,
        input.lock(),
        &mut BufWriter::new(output.lock()),
        &mut io::stderr(),
        options,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// A host and a port, as they stand on the command line.
#[derive(Clone, Copy)]
struct Address<'a> {
    host: &'a str,
    port: u16,
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
    fn an_address_of_either_kind() {
        for (host, shown) in [("127.0.0.1", "127.0.0.1:7777"), ("::1", "[::1]:7777")] {
            let address = Address { host, port: 7777 };
            assert_eq!(address.to_string(), shown);
            let found: Vec<_> = address.to_socket_addrs().unwrap().collect();
            assert_eq!(found, [shown.parse().unwrap()]);
        }
    }
}
