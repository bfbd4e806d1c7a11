//! A thread-per-client server that knows nothing: each line is answered with the same bytes. What is left over to
//! beat is the kernel's part of the work.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use crate::load::line_ends;

/// As much as the loot box gives its sessions.
const STACK: usize = 256 * 1024;

/// As many lines as long as a draw's numbers are on average: of seven digits mostly.
pub fn lines(count: usize) -> Vec<u8> {
    let line = |index| match index % 10 {
        9 => "123456\n",
        _ => "1234567\n",
    };
    (0..count).map(line).collect::<String>().into_bytes()
}

/// Serves until the process is ended. Its first line on standard output says where.
pub fn serve(answer_lines: usize) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    let answer: Arc<[u8]> = lines(answer_lines).into();
    for stream in listener.incoming() {
        let (stream, answer) = (stream?, Arc::clone(&answer));
        stream.set_nodelay(true)?;
        thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || answer_all(&stream, &answer))?;
    }
    Ok(())
}

/// As the loot box does it: all whole lines of a read are answered with one write.
fn answer_all(mut stream: &TcpStream, answer: &[u8]) {
    let mut buffer = [0; 4 * 1024];
    let mut answers = Vec::new();
    loop {
        let count = match stream.read(&mut buffer) {
            Ok(count) if count > 0 => count,
            _ => return,
        };
        let lines = line_ends(&buffer[..count]);
        let written = if lines == 1 {
            stream.write_all(answer)
        } else {
            answers.clear();
            (0..lines).for_each(|_| answers.extend_from_slice(answer));
            stream.write_all(&answers)
        };
        if written.is_err() {
            return;
        }
    }
}
