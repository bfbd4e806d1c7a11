//! What is no rate: memory a client, the time until it listens, and what the recording does to the race.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::draws::median;
use crate::load::{self, Load};
use crate::servers::Lootbox;

/// So many clients are connected at once to see what one takes.
const CLIENTS: usize = 1_000;
const STARTS: usize = 9;
/// Draws for the share of lost updates.
const MESSAGES: usize = 3_000;
const DRAWS: usize = 1_000;

/// See the [module](self).
#[derive(Clone, Copy, Debug)]
pub struct Extras {
    /// In KiB.
    pub a_client: f64,
    /// Until the line that says where it listens.
    pub start: Duration,
    /// The share of draws whose update was lost, with the recording and without: the least, the median, the most.
    pub lost: [[f64; 3]; 2],
}

/// Measures what needs servers of its own; `lost` has been measured round by round.
pub fn measure(directory: &Path, lost: &[[f64; 2]]) -> io::Result<Extras> {
    let starts = (0..STARTS)
        .map(|_| Lootbox::start(directory))
        .collect::<io::Result<Vec<_>>>()?;
    Ok(Extras {
        a_client: a_client(directory)?,
        start: Duration::from_secs_f64(median(starts.iter().map(Duration::as_secs_f64))),
        lost: [0, 1].map(|which| {
            let all = || lost.iter().map(|lost| lost[which]);
            let (least, most) = (all().fold(1.0, f64::min), all().fold(0.0, f64::max));
            [least, median(all()), most]
        }),
    })
}

/// How much the server grows with a client that has drawn, in KiB.
fn a_client(directory: &Path) -> io::Result<f64> {
    let server = Lootbox::serve(directory)?;
    let before = server.peer.resident()?;
    let mut clients = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect(server.peer.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.write_all(b"draw 1\n")?;
        _ = stream.read(&mut [0; 64])?;
        clients.push(stream);
    }
    let after = server.peer.resident()?;
    #[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
    Ok(after.saturating_sub(before) as f64 / CLIENTS as f64)
}

/// The share of draws whose update was lost to the race with nothing in the gap, with the recording (`[0]`) and
/// without. Told by how far the counter came, which needs no recording.
pub fn lost_updates(recording: &[Lootbox; 2], backwards: bool) -> io::Result<[f64; 2]> {
    let mut shares = [0.0; 2];
    for which in if backwards { [1, 0] } else { [0, 1] } {
        shares[which] = lost_share(&recording[which])?;
    }
    Ok(shares)
}

fn lost_share(server: &Lootbox) -> io::Result<f64> {
    server.tell(r#"{"do":"mode","to":"unsafe-race"}"#)?;
    server.tell(r#"{"do":"grain","to":"number"}"#)?;
    server.reset()?;
    let load = Load {
        clients: 8,
        message: format!("draw {DRAWS}\n").into_bytes(),
        line_ends: DRAWS,
        messages: MESSAGES,
    };
    load::run(&server.peer, &load)?;
    let counter = server.counter()?;
    server.tell(r#"{"do":"mode","to":"lock"}"#)?;
    // Each client has drawn once before the clock started.
    let draws = (MESSAGES + load.clients) * DRAWS;
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    Ok(1.0 - counter as f64 / draws as f64)
}
