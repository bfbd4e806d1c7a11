//! The signals that ask a program to end, in one place: whoever heeds one heeds all of them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The signals that ask this program to end: Ctrl-C, `kill`, and a terminal or a connection that is gone.
///
/// Whoever is started by `nohup` shall outlive its terminal: a SIGHUP that is ignored stays so.
fn ending() -> impl Iterator<Item = i32> {
    [SIGINT, SIGTERM]
        .into_iter()
        .chain((!ignores(SIGHUP)).then_some(SIGHUP))
}

/// Whether this program was started with a signal ignored. Only Linux says so without `unsafe`; elsewhere it is taken
/// as not ignored.
fn ignores(signal: i32) -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignored_in(&status, signal))
}

/// Whether a `/proc/PID/status` has a signal among the ignored: a mask in hexadecimal, the first signal its last bit.
fn ignored_in(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|it| u64::from_str_radix(it.trim(), 16).ok());
    mask.is_some_and(|it| it >> (signal - 1) & 1 == 1)
}

/// The signals that ask this program to end, for a thread that waits for the first of them.
///
/// # Errors
/// If they cannot be listened for.
pub(crate) fn listen() -> anyhow::Result<Signals> {
    Signals::new(ending()).context("cannot listen for signals")
}

/// The same beside a screen, which hears of a hang-up itself: its terminal is gone then, and whether that ends the
/// program is for it to say (`serve --keep-serving`).
///
/// # Errors
/// If they cannot be listened for.
pub(crate) fn listen_beside_a_screen() -> anyhow::Result<Signals> {
    Signals::new([SIGINT, SIGTERM]).context("cannot listen for signals")
}

/// Raises `stop` at the first signal that asks this program to end. The second ends it at once, with exit code 2:
/// whoever asks twice will not wait.
///
/// # Errors
/// If they cannot be listened for.
pub(crate) fn raise(stop: &Arc<AtomicBool>) -> anyhow::Result<()> {
    for signal in ending() {
        // In this order: the first signal finds the flag down.
        signal_hook::flag::register_conditional_shutdown(
            signal,
            super::COULD_NOT_RUN.into(),
            Arc::clone(stop),
        )
        .and_then(|_| signal_hook::flag::register(signal, Arc::clone(stop)))
        .context("cannot listen for signals")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signal_is_the_last_bit() {
        let status = |mask| format!("Name:\tlootbox\nSigBlk:\tffffffffffffffff\nSigIgn:\t{mask}\n");
        assert!(ignored_in(&status("0000000000000001"), SIGHUP));
        assert!(!ignored_in(&status("0000000000001006"), SIGHUP));
        assert!(ignored_in(&status("0000000000004000"), SIGTERM));
        assert!(!ignored_in("", SIGHUP) && !ignored_in(&status("?"), SIGHUP));
    }
}
