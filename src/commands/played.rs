//! An order by hand, of draws or of the lab: every order is looked at once, and then the
//! [screen](crate::dashboard::order::play) is shown.

use std::fmt::Write;

use anyhow::{anyhow, bail};

use super::output::print;
use crate::dashboard::effect::Exit;
use crate::dashboard::order::play::state::State;
use crate::dashboard::order::play::{Game, Verdict, show};
use crate::dashboard::terminal::{self, NoTerminal};
use crate::orders::Bounds;
use crate::orders::graph::Seen;
use crate::progress::Progress;

/// Nobody waits long for a game to begin. What has more states than this is played without counts.
const MAX_STATES: usize = 1_000_000;

/// Plays one order of the game that is made by `look`, and says how to see it again.
///
/// # Errors
/// If there is no terminal. `this` is the command that was typed, `text` the one that shows an order without a terminal.
pub(super) fn play<G: Game>(
    bounds: Bounds,
    (this, text): (&str, &str),
    (answers, ascii): (bool, bool),
    look: impl FnOnce(Bounds, &mut dyn FnMut(Seen)) -> G,
) -> anyhow::Result<State<G>> {
    terminal::check().map_err(|why| anyhow!(hint(&why, this, text)))?;
    let bounds = Bounds {
        states: bounds.states.min(MAX_STATES),
        ..bounds
    };
    let mut progress = Progress::new("{spinner} {human_pos} states in {elapsed}", 0, "states");
    let game = look(bounds, &mut |seen| progress.at(seen.states as u64));
    progress.end();
    let (exit, state) = show(game, answers, ascii)?;
    if exit == Exit::HangUp {
        bail!("the terminal is gone");
    }
    let mut said = String::new();
    if let Verdict::Reached(ways) = &state.verdict {
        for way in ways {
            _ = writeln!(said, "{way}");
        }
    }
    if !state.letters.is_empty() {
        _ = writeln!(said, "again: {}", state.game.replay_command(&state.letters));
    }
    print(said)?;
    Ok(state)
}

fn hint(why: &NoTerminal, this: &str, text: &str) -> String {
    let why = match why {
        NoTerminal::None => {
            format!(
                "no terminal here to play on: over SSH use ssh -t, as in ssh -t HOST {this}; or"
            )
        }
        NoTerminal::Dumb => "TERM=dumb: this terminal cannot show the screen: use".to_owned(),
    };
    format!("{why} {text} for one order as text")
}
