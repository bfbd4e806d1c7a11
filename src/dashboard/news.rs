//! What has changed at the server while the picture is frozen, in words: nothing else on the screen says it.

use crate::record::Snapshot;

/// What is not as before, and which key shows it; `None` if all that a key can change is the same.
pub(super) fn while_frozen(before: &Snapshot, now: &Snapshot) -> Option<String> {
    let mut news = Vec::new();
    let mut say = |changed: bool, what: String| {
        if changed {
            news.push(what);
        }
    };
    say(
        before.round != now.round,
        format!("round {} has begun", now.round),
    );
    let what = if now.program.is_some() {
        "the program"
    } else {
        "mode"
    };
    say(
        before.runs() != now.runs(),
        format!("{what} is now {}", now.runs()),
    );
    say(
        before.window != now.window,
        format!("window is now {}", now.window),
    );
    say(
        before.grain != now.grain,
        format!("grain is now {}", now.grain),
    );
    let bots = match now.bots {
        0 => "there are no bots now".to_owned(),
        1 => "there is 1 bot now".to_owned(),
        bots => format!("there are {bots} bots now"),
    };
    say(before.bots != now.bots, bots);
    say(
        before.bot_rate != now.bot_rate,
        format!("bots now draw {} numbers a second each", now.bot_rate),
    );
    let goes_on = if now.paused { "paused" } else { "not paused" };
    say(before.paused != now.paused, format!("now {goes_on}"));
    say(now.sold_out && !before.sold_out, "now sold out".to_owned());
    (!news.is_empty()).then(|| format!("{}; space shows it", news.join(", ")))
}
