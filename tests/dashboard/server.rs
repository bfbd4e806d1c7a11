//! Servers to look at, and clients that draw from them.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::terminal::*;

pub fn serve(arguments: &[&str]) -> Terminal {
    let mut all = vec![BINARY, "serve", "--listen", "127.0.0.1:0"];
    all.extend(arguments);
    Terminal::run(24, 80, &all)
}

/// A server without a dashboard, and its control socket.
pub struct Server {
    pub child: std::process::Child,
    pub socket: PathBuf,
    pub address: String,
    pub directory: tempfile::TempDir,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("c.sock");
        let (child, address) = Self::spawn(&socket, arguments);
        Self {
            child,
            socket,
            address,
            directory,
        }
    }

    pub fn spawn(socket: &Path, arguments: &[&str]) -> (std::process::Child, String) {
        let mut child = Command::new(BINARY)
            .args([
                "serve",
                "--headless",
                "--listen",
                "127.0.0.1:0",
                "--control",
            ])
            .arg(socket)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.split_whitespace().nth(2).unwrap().to_owned();
        (child, address)
    }

    pub fn stop(&mut self) {
        _ = kill(
            Pid::from_raw(self.child.id().try_into().unwrap()),
            Signal::SIGTERM,
        );
        _ = self.child.wait();
    }

    pub fn dashboard(&self, rows: u16, cols: u16, more: &[&str]) -> Terminal {
        let socket = self.socket.to_str().unwrap();
        let mut all = vec![BINARY, "dashboard", "--connect", socket];
        all.extend(more);
        Terminal::start(rows, cols, Some(self.directory.path()), &all)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Draws through a real client and returns the numbers.
pub fn draw(address: &str, count: u64) -> Vec<u64> {
    let mut stream = TcpStream::connect(address).unwrap();
    writeln!(stream, "draw {count}").unwrap();
    let lines = BufReader::new(stream).lines();
    let count = usize::try_from(count).unwrap();
    lines
        .take(count)
        .map(|line| line.unwrap().parse().unwrap())
        .collect()
}

/// The number after a word on the screen.
pub fn number(screen: &str, after: &str) -> u64 {
    let rest = screen.split(after).nth(1).unwrap_or_default().trim_start();
    let digits: String = rest
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(|c| *c != ',')
        .collect();
    digits
        .parse()
        .unwrap_or_else(|_| panic!("no number after {after} in\n{screen}"))
}

/// Two clients that draw at the same time in a window of 20 ms: the second reads before the first writes.
pub fn two_clients_meet(address: &str) {
    let together = Arc::new(std::sync::Barrier::new(2));
    let clients: Vec<_> = (0..2)
        .map(|_| {
            let (address, together) = (address.to_owned(), Arc::clone(&together));
            thread::spawn(move || {
                together.wait();
                draw(&address, 20)
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
}

pub fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let command = command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}
