//! Keys: from a terminal's bytes, and to what they do.
//!
//! The bytes are taken apart here and not by crossterm: its reader spins for ever when the terminal
//! goes away (crossterm issue 793), even in a process that wants to live on without one.

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Key {
    Char(char),
    Control(char),
    Enter,
    Escape,
    Backspace,
    Tab,
    BackTab,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// What the escape sequences mean that terminals send for the keys used here.
const SEQUENCES: &[(&[u8], Key)] = &[
    (b"[A", Key::Up),
    (b"[B", Key::Down),
    (b"[C", Key::Right),
    (b"[D", Key::Left),
    (b"OA", Key::Up),
    (b"OB", Key::Down),
    (b"OC", Key::Right),
    (b"OD", Key::Left),
    (b"[H", Key::Home),
    (b"[F", Key::End),
    (b"OH", Key::Home),
    (b"OF", Key::End),
    (b"[1~", Key::Home),
    (b"[4~", Key::End),
    (b"[5~", Key::PageUp),
    (b"[6~", Key::PageDown),
    (b"[Z", Key::BackTab),
];

/// Takes bytes apart into keys. What belongs to an unfinished key stays in `bytes`, unless `over`:
/// nothing more came for a moment, so that an escape byte alone is the escape key.
#[must_use]
pub fn decode(bytes: &mut Vec<u8>, over: bool) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match one(&bytes[at..], over) {
            Some((key, length)) => {
                keys.extend(key);
                at += length;
            }
            None => break,
        }
    }
    bytes.drain(..at);
    keys
}

/// The first key and its length; no key for what is none; `None`: more must come.
fn one(bytes: &[u8], over: bool) -> Option<(Option<Key>, usize)> {
    let key = match bytes[0] {
        0x1b => return escape(bytes, over),
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Tab,
        0x08 | 0x7f => Key::Backspace,
        control @ 0x01..=0x1a => Key::Control(char::from(control - 1 + b'a')),
        0x00 | 0x1c..=0x1f => return Some((None, 1)),
        ascii @ 0x20..=0x7e => Key::Char(char::from(ascii)),
        _ => return character(bytes, over),
    };
    Some((Some(key), 1))
}

fn character(bytes: &[u8], over: bool) -> Option<(Option<Key>, usize)> {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        // No beginning of a character.
        _ => return Some((None, 1)),
    };
    match bytes.get(..length) {
        None => over.then_some((None, 1)),
        Some(character) => match std::str::from_utf8(character) {
            Ok(text) => Some((text.chars().next().map(Key::Char), length)),
            Err(_) => Some((None, 1)),
        },
    }
}

fn escape(bytes: &[u8], over: bool) -> Option<(Option<Key>, usize)> {
    match bytes.get(1) {
        None if over => Some((Some(Key::Escape), 1)),
        None => None,
        Some(b'[' | b'O') => {
            // Parameters, then one byte that ends it.
            let end = bytes[2..]
                .iter()
                .position(|byte| (0x40..=0x7e).contains(byte))
                .map(|end| end + 3);
            match end {
                Some(end) => Some((meaning(&bytes[1..end]), end)),
                None if over || bytes.len() > 32 => Some((Some(Key::Escape), bytes.len())),
                None => None,
            }
        }
        // The escape key, and at once another or the same: no key of ours goes with Alt.
        Some(_) => Some((Some(Key::Escape), 1)),
    }
}

fn meaning(sequence: &[u8]) -> Option<Key> {
    SEQUENCES
        .iter()
        .find_map(|&(known, key)| (known == sequence).then_some(key))
}

/// What a key does on the main screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Action {
    Mode,
    Gallery,
    Window,
    Grain,
    BotMore,
    BotFewer,
    RateUp,
    RateDown,
    Freeze,
    NewRound,
    Pause,
    Filter,
    Sort,
    NextPanel,
    PreviousPanel,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Story,
    Help,
    Back,
    Quit,
    QuitNow,
    Suspend,
}

/// A line of the help, and of the footer if it has a short name.
#[derive(Debug)]
pub struct Binding {
    /// The keys that do it.
    pub keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// How the keys are written.
    pub shown: &'static str,
    /// One word in the footer; empty if it is not there.
    pub short: &'static str,
    /// The line in the help.
    pub help: &'static str,
}

const fn binding(
    keys: &'static [Key],
    action: Action,
    shown: &'static str,
    short: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        keys,
        action,
        shown,
        short,
        help,
    }
}

/// All keys, the most important first: the footer shows as many as fit.
pub const BINDINGS: &[Binding] = &[
    binding(
        &[Key::Char('q')],
        Action::Quit,
        "q",
        "quit",
        "quit, as ctrl-c; serve asks",
    ),
    binding(
        &[Key::Char('?')],
        Action::Help,
        "?",
        "help",
        "these keys, and the words",
    ),
    binding(
        &[Key::Char('m')],
        Action::Mode,
        "m",
        "mode",
        "mode: lock, atomic, unsafe-race",
    ),
    binding(
        &[Key::Char('w')],
        Action::Window,
        "w",
        "window",
        "window between read and write",
    ),
    binding(
        &[Key::Char(' ')],
        Action::Freeze,
        "space",
        "freeze",
        "freeze the picture; draws go on",
    ),
    binding(
        &[Key::Enter],
        Action::Story,
        "enter",
        "story",
        "the story of a duplicate",
    ),
    binding(
        &[Key::Char('a')],
        Action::Gallery,
        "a",
        "answer",
        "an answer that looks right",
    ),
    binding(
        &[Key::Char('b')],
        Action::BotMore,
        "b",
        "bot",
        "one bot more",
    ),
    binding(
        &[Key::Char('B')],
        Action::BotFewer,
        "B",
        "fewer",
        "one bot fewer",
    ),
    binding(
        &[Key::Char('r')],
        Action::NewRound,
        "r",
        "round",
        "new round (asks): all reconnect",
    ),
    binding(
        &[Key::Char('p')],
        Action::Pause,
        "p",
        "pause",
        "pause draws, or resume them",
    ),
    binding(
        &[Key::Char('g')],
        Action::Grain,
        "g",
        "grain",
        "grain: a number or a request",
    ),
    binding(
        &[Key::Char('+'), Key::Char('=')],
        Action::RateUp,
        "+",
        "",
        "bots draw faster",
    ),
    binding(
        &[Key::Char('-')],
        Action::RateDown,
        "-",
        "",
        "bots draw slower",
    ),
    binding(
        &[Key::Char('/')],
        Action::Filter,
        "/",
        "filter",
        "only threads that match",
    ),
    binding(
        &[Key::Char('s')],
        Action::Sort,
        "s",
        "",
        "sort the threads another way",
    ),
    binding(
        &[Key::Tab, Key::Right],
        Action::NextPanel,
        "tab",
        "",
        "to the next panel",
    ),
    binding(
        &[Key::BackTab, Key::Left],
        Action::PreviousPanel,
        "",
        "",
        "",
    ),
    binding(
        &[Key::Up, Key::Char('k')],
        Action::Up,
        "arrows",
        "",
        "move; page up/down, home, end",
    ),
    binding(&[Key::Down, Key::Char('j')], Action::Down, "", "", ""),
    binding(&[Key::PageUp], Action::PageUp, "", "", ""),
    binding(&[Key::PageDown], Action::PageDown, "", "", ""),
    binding(&[Key::Home], Action::First, "", "", ""),
    binding(&[Key::End], Action::Last, "", "", ""),
    binding(
        &[Key::Escape],
        Action::Back,
        "esc",
        "",
        "back, or show all threads again",
    ),
    binding(&[Key::Control('c')], Action::QuitNow, "", "", ""),
    binding(
        &[Key::Control('z')],
        Action::Suspend,
        "ctrl-z",
        "",
        "to the shell; fg brings it back",
    ),
];

/// What a key does.
#[must_use]
pub fn action(key: Key) -> Option<Action> {
    BINDINGS
        .iter()
        .find(|binding| binding.keys.contains(&key))
        .map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_terminals() {
        for (bytes, keys, left) in [
            (&b"mq"[..], &[Key::Char('m'), Key::Char('q')][..], 0),
            (b"\x1b[A\x1bOB", &[Key::Up, Key::Down], 0),
            (
                b"\x1b[Z\t\r\x7f",
                &[Key::BackTab, Key::Tab, Key::Enter, Key::Backspace],
                0,
            ),
            (b"\x03\x1a", &[Key::Control('c'), Key::Control('z')], 0),
            ("é😀".as_bytes(), &[Key::Char('é'), Key::Char('😀')], 0),
            (b"\xc3", &[], 1),
            (b"\xff\xff\xff\xffq", &[Key::Char('q')], 0),
            // Half a sequence waits; one of no key of ours is swallowed whole.
            (b"\x1b[", &[], 2),
            (b"\x1b[1;5Cq", &[Key::Char('q')], 0),
            (b"\x1bx", &[Key::Escape, Key::Char('x')], 0),
            (b"\x1b\x1b", &[Key::Escape], 1),
        ] {
            let mut buffer = bytes.to_vec();
            let decoded = decode(&mut buffer, false);
            assert_eq!((&decoded[..], buffer.len()), (keys, left), "{bytes:?}");
        }
    }

    #[test]
    fn an_escape_byte_with_nothing_after_it_is_the_key() {
        let mut bytes = vec![0x1b];
        assert_eq!(decode(&mut bytes, false), []);
        assert_eq!(decode(&mut bytes, true), [Key::Escape]);
        assert!(bytes.is_empty());
    }

    #[test]
    fn each_key_does_one_thing_and_is_told_of() {
        let mut seen = Vec::new();
        for binding in BINDINGS {
            for key in binding.keys {
                assert!(!seen.contains(key), "{key:?} twice");
                seen.push(*key);
            }
            assert_eq!(binding.shown.is_empty(), binding.help.is_empty());
            // Half of 80 columns, less the key.
            assert!(binding.help.chars().count() <= 31, "{}", binding.help);
        }
    }
}
