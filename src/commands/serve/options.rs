//! What `lootbox serve` is asked for, as what a server is started with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::commands::dashboard::LookOptions;
use crate::commands::words::{gallery, grain, modes, window};
use crate::draw::DrawProgram;
use crate::draw::notation::parse_program;
use crate::draw::{Grain, Window};
use crate::draws::{Rules, Schedule};
use crate::lootbox::Source;
use crate::lootbox::list::{List, MAX_SIZE};
use crate::protocol::Speak;
use crate::server::limits::Limits;
use crate::server::{Config, Control, Scheduled, SoldOut};
use crate::values::{at_least, whole};

/// Run the server, with bots if you like.
///
/// Its first line on standard output says where it listens and everything needed to repeat the run.
/// Connect with `nc`, `telnet`, client.py or `lootbox client`, and say `draw 5`. On a terminal it shows
/// the dashboard. Ctrl-C, or q on the dashboard, ends it, and it says who drew what.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lootbox serve --mode unsafe-race --bots 8             the race, with clients inside
  lootbox serve --mode lock --window sleep:5ms --bots 4 what a slow step under a lock costs
  lootbox serve --mode unsafe-race --listen 0.0.0.0:7777 --headless   for a class on the network
  lootbox serve --mode unsafe-race --schedule AAAABAABAABB            real clients, in this order")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    /// Where to listen: 0.0.0.0:7777 for the whole network, `[::1]:7777` for IPv6, port 0 for a free one
    #[arg(long, default_value = "127.0.0.1:7777", value_name = "ADDRESS:PORT")]
    pub listen: String,
    #[arg(
        long,
        help = format!(
            "What one draw does: lock, read, write, unlock; or one atomic add; or a read and then a write with nothing to keep \
             others out. Or an answer that looks right: {}, and one that is, {} (see lootbox explore)",
            gallery(&[false]),
            gallery(&[true])
        ),
        default_value = "lock",
        value_name = "lock|atomic|unsafe-race|...",
        value_parser = modes(),
        hide_possible_values = true
    )]
    pub mode: String,
    /// A draw of your own, as in 'load window store'
    #[arg(long, conflicts_with = "mode", value_name = "OPERATIONS")]
    pub program: Option<String>,
    /// What happens between the read and the write: none, reply, yield, spin:DUR, sleep:DUR as in
    /// sleep:5ms [default: reply for unsafe-race and for wrong answers, else none]
    #[arg(long, value_parser = window(), hide_possible_values = true)]
    pub window: Option<Window>,
    /// Run the draws in this order: a letter is one operation of that client's draw, as in
    /// AAAABAABAABB. Who draws first is A, the next B; `name B` takes a letter before. At the end it is
    /// shown step by step
    #[arg(long, value_name = "SCHEDULE")]
    pub schedule: Option<Schedule>,
    /// Grant the steps yourself, on a screen: press a, and client A takes its next operation
    #[arg(long, conflicts_with_all = ["schedule", "headless"])]
    pub step: bool,
    /// After the last letter draws run on freely [default: they get an error]
    #[arg(long, requires = "schedule")]
    pub then_free: bool,
    /// How long a letter waits for its client's next request while another client waits
    #[arg(long, default_value = "10s", value_name = "DUR", requires = "schedule", value_parser = at_least(SHORTEST))]
    pub step_timeout: Duration,
    /// How much one draw hands out, and with it how long the lock is held: one number, or all that a
    /// request asks for
    #[arg(long, default_value = "number", value_parser = grain())]
    pub grain: Grain,
    /// How many numbers the list has: 1..=SIZE, shuffled
    #[arg(long, default_value_t = 100_000, value_parser = whole::<u64>(1..=MAX_SIZE))]
    pub size: u64,
    /// Shuffle the same list again [default: a new one each time, printed]
    #[arg(long, value_parser = whole::<u64>(0..=u64::MAX))]
    pub seed: Option<u64>,
    /// Take this list instead: numbers with commas between them, or @FILE
    #[arg(long, conflicts_with_all = ["size", "seed"], value_name = "5,19,228|@FILE")]
    pub list: Option<String>,
    /// At the end of the list: stop handing out, or begin a new round (which closes all connections) again
    /// and again, or only where nobody but bots is connected
    #[arg(long, value_name = "WHAT", default_value = "bots")]
    pub sold_out: SoldOut,
    /// Clients inside the server itself, over real loopback TCP
    #[arg(long, default_value_t = 0, value_name = "COUNT", value_parser = whole::<u64>(0..=crate::server::bots::MAX_BOTS))]
    pub bots: u64,
    /// Numbers a second that each bot draws
    #[arg(long, default_value_t = crate::server::bots::RATE, value_name = "RATE", value_parser = whole::<u64>(1..=crate::server::bots::FASTEST))]
    pub bot_rate: u64,
    /// How clients ask and are answered: found out for each, or the same for all
    #[arg(long, default_value = "auto")]
    pub dialect: Speak,
    /// How the dashboard looks.
    #[command(flatten)]
    pub look: LookOptions,
    /// Go on serving when the dashboard's terminal goes away
    #[arg(long)]
    pub keep_serving: bool,
    /// No dashboard: a status line on a terminal, sparse log lines otherwise
    #[arg(long)]
    pub headless: bool,
    /// Where the control socket is [default: `$XDG_RUNTIME_DIR/lootbox/PORT.sock`, or a directory of
    /// your own under the temporary directory]
    #[arg(long, value_name = "PATH")]
    pub control: Option<PathBuf>,
    /// Let the members of this group use the control socket too
    #[arg(long, value_name = "NAME")]
    pub control_group: Option<String>,
    /// How many clients may be connected at once [default: as many as the machine's limits of threads and open files
    /// leave room for, 4096 at most; the log says at the start how many, and which limit it is]
    #[arg(long, value_name = "COUNT", value_parser = whole::<usize>(1..=100_000))]
    pub max_clients: Option<usize>,
    /// How long a request line may take from its first byte to its end
    #[arg(long, default_value = "10s", value_name = "DUR", value_parser = at_least(SHORTEST))]
    pub line_timeout: Duration,
    /// How long a client may be silent
    #[arg(long, default_value = "10m", value_name = "DUR", value_parser = at_least(SHORTEST))]
    pub idle_timeout: Duration,
    /// How long a client may take to receive what is sent to it
    #[arg(long, default_value = "5s", value_name = "DUR", value_parser = at_least(SHORTEST))]
    pub write_timeout: Duration,
    /// At the end, print the sums as JSON
    #[arg(long)]
    pub json: bool,
}

/// Whoever waits shorter has not waited.
const SHORTEST: Duration = Duration::from_millis(10);

impl Options {
    /// What the server is started with.
    pub(super) fn config(self) -> anyhow::Result<Config> {
        if let Some(most) = self.max_clients
            && self.bots > most as u64
        {
            anyhow::bail!(
                "{} bots are more than --max-clients {most}: bots are clients like any other",
                self.bots
            );
        }
        if (self.schedule.is_some() || self.step) && self.sold_out == SoldOut::Again {
            anyhow::bail!("an order is one of the draws of one round: leave --sold-out again");
        }
        let program = match &self.program {
            Some(text) => DrawProgram::own(parse_program(text).context("this program cannot run")?),
            None => DrawProgram::named(&self.mode).map_err(anyhow::Error::msg)?,
        };
        let source = match &self.list {
            Some(list) => Source::Given(Arc::new(List::asked_for(list)?)),
            None => Source::Shuffled {
                size: self.size,
                // Short enough to be typed again.
                seed: self
                    .seed
                    .unwrap_or_else(|| u64::from(rand::random::<u32>())),
            },
        };
        Ok(Config {
            listen: self.listen,
            program,
            window: self.window,
            grain: self.grain,
            source,
            sold_out: self.sold_out,
            bots: self.bots,
            bot_rate: self.bot_rate,
            speak: self.dialect,
            limits: Limits {
                max_clients: self.max_clients.unwrap_or(Limits::USUAL_MAX_CLIENTS),
                line_timeout: self.line_timeout,
                idle_timeout: self.idle_timeout,
                write_timeout: self.write_timeout,
            },
            control: self.control.map_or(Control::Default, Control::At),
            control_group: self.control_group,
            recording: true,
            schedule: match self.schedule {
                Some(schedule) => Some(Scheduled::By {
                    schedule,
                    rules: Rules {
                        then_free: self.then_free,
                        step_timeout: self.step_timeout,
                    },
                }),
                None => self.step.then_some(Scheduled::ByHand),
            },
        })
    }
}
