//! Who listens, and who is connected, as the operating system knows it.
//!
//! To try a connection would say it too, but a submission may count its clients, or fall over one
//! that leaves without a word. Linux tells in `/proc/net`; elsewhere a connection has to be tried.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

const ESTABLISHED: u8 = 0x01;
const LISTEN: u8 = 0x0A;

/// One TCP socket of this machine.
#[derive(Debug, PartialEq, Eq)]
struct Socket {
    local: u16,
    remote: u16,
    state: u8,
}

/// A port that nobody listens on at this moment.
pub(super) fn free() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// Whether somebody listens on this port.
pub(super) fn somebody_listens(port: u16) -> bool {
    match sockets() {
        Some(sockets) => sockets
            .iter()
            .any(|socket| socket.local == port && socket.state == LISTEN),
        None => TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_ok(),
    }
}

/// How many clients on this machine are connected to this port; `None` if the system does not say.
pub(super) fn connected_to(port: u16) -> Option<usize> {
    let is_client = |socket: &&Socket| socket.remote == port && socket.state == ESTABLISHED;
    Some(sockets()?.iter().filter(is_client).count())
}

fn sockets() -> Option<Vec<Socket>> {
    let mut sockets = parse(&fs::read_to_string("/proc/net/tcp").ok()?);
    // A machine without IPv6 has no such file.
    sockets.extend(parse(
        &fs::read_to_string("/proc/net/tcp6").unwrap_or_default(),
    ));
    Some(sockets)
}

/// `sl: LOCAL:PORT REMOTE:PORT STATE …`, in hexadecimal, below one line of titles.
fn parse(table: &str) -> Vec<Socket> {
    let port = |word: &str| u16::from_str_radix(word.rsplit_once(':')?.1, 16).ok();
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace().skip(1);
            Some(Socket {
                local: port(words.next()?)?,
                remote: port(words.next()?)?,
                state: u8::from_str_radix(words.next()?, 16).ok()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_table_is_understood() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue\n\
            \x20  0: 0100007F:1E61 00000000:0000 0A 00000000:00000000 00:00000000\n\
            \x20  1: 00000000000000000000000001000000:D431 00000000000000000000000001000000:1E61 01 00\n\
            nonsense\n";
        let socket = |local, remote, state| Socket {
            local,
            remote,
            state,
        };
        assert_eq!(
            parse(table),
            [socket(7777, 0, LISTEN), socket(54_321, 7777, ESTABLISHED)]
        );
    }

    #[test]
    fn a_listener_and_its_clients_are_seen() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(somebody_listens(port));
        let clients: Vec<_> = (0..3)
            .map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap())
            .collect();
        assert!(matches!(connected_to(port), None | Some(3)));
        drop(clients);
    }
}
