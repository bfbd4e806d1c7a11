//! Words that others use for what is done with a lock, and which is used here.

use super::super::super::program::Act;
use super::super::super::syntax::LockKind;
use crate::values::similar;

/// Whether a word asks for a lock, or gives it back, in other languages and textbooks.
fn asks(word: &str) -> Option<bool> {
    const ASK: &[&str] = &[
        "down",
        "acquire",
        "await",
        "wait",
        "lock",
        "enter",
        "sem_wait",
        "mutex_lock",
        "pthread_mutex_lock",
        "read",
        "rdlock",
        "read_lock",
        "write",
        "wrlock",
        "write_lock",
        "sem_trywait",
        "try_wait",
        "try_lock",
        "trylock",
    ];
    const GIVE: &[&str] = &[
        "up",
        "release",
        "notify",
        "notifyall",
        "notify_all",
        "signal",
        "signalall",
        "broadcast",
        "unlock",
        "leave",
        "sem_post",
        "post",
        "mutex_unlock",
        "pthread_mutex_unlock",
        "read_unlock",
        "write_unlock",
    ];
    match word {
        "P" => Some(true),
        "V" => Some(false),
        _ => {
            let word = word.to_ascii_lowercase();
            let is = |words: &[&str]| words.contains(&word.as_str());
            is(ASK).then_some(true).or(is(GIVE).then_some(false))
        }
    }
}

/// The word of this language for what a call of another name does with a lock: what it means elsewhere, or what
/// it is nearly spelt like. `None` if it is like none.
pub(super) fn meant(word: &str, kind: LockKind) -> Option<Act> {
    let acts: &[Act] = match kind {
        LockKind::Semaphore { .. } => &[Act::Wait, Act::Signal],
        LockKind::Mutex { .. } => &[Act::Lock, Act::Unlock],
        LockKind::RwLock(_) => &[Act::Read, Act::Write, Act::Unlock],
    };
    let known = asks(word).and_then(|asks| {
        let writes = word.to_ascii_lowercase().starts_with('w');
        let fits = |act: &&Act| act.asks() == asks && (**act == Act::Write) <= writes;
        acts.iter().rev().find(fits)
    });
    let like = || {
        let words = acts.iter().map(|it| it.word());
        let like = similar(&word.to_ascii_lowercase(), words)?;
        acts.iter().find(|it| it.word() == like)
    };
    known.or_else(like).copied()
}

/// What to say of an activity without arguments whose name asks for something elsewhere: it does nothing here.
pub(super) fn idle(word: &str) -> Option<String> {
    // To enter and to leave, to read and to write are things that a process may well do for itself.
    let own = ["enter", "leave", "post"];
    if own.iter().any(|it| it.eq_ignore_ascii_case(word)) {
        return None;
    }
    Some(if asks(word)? {
        format!(
            "`{word}()` names no semaphore, so it is an activity: nobody waits. `wait(s)`, or `lock(m)` of a mutex?"
        )
    } else {
        format!(
            "`{word}()` names no semaphore, so it is an activity: nobody is let in. `signal(s)`, or `unlock(m)` of a mutex?"
        )
    })
}
