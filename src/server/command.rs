//! What a running server can be told: by the control socket, and by a dashboard's keys.

use serde::{Deserialize, Serialize};

use crate::draw::gallery::Answer;
use crate::draw::{Grain, Mode, Window};

/// One command. In JSON: `{"do":"mode","to":"lock"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Change the mode between two draws.
    Mode {
        /// The mode to be in force.
        to: Mode,
    },
    /// Run an answer of the gallery in place of the mode, from between two draws on.
    Gallery {
        /// The answer, by its name.
        to: &'static Answer,
    },
    /// Change the window between two draws.
    Window {
        /// The window to be in force.
        to: Window,
    },
    /// Change the grain between two draws.
    Grain {
        /// The grain to be in force.
        to: Grain,
    },
    /// Begin a new round: a new list, and every connection ends.
    Reset {
        /// What the list is shuffled from; the last seed + 1 unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<u64>,
    },
    /// Make all draws wait.
    Pause {},
    /// Let them go on.
    Resume {},
    /// Have so many bots, or let them draw so many numbers a second each.
    Bots {
        /// How many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<u64>,
        /// Numbers a second that each bot draws.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rate: Option<u64>,
    },
    /// Stop the server.
    Stop {},
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn commands_in_the_form_that_users_script_against() {
        for (json, command) in [
            (
                r#"{"do":"mode","to":"unsafe-race"}"#,
                Command::Mode {
                    to: Mode::UnsafeRace,
                },
            ),
            (
                r#"{"do":"gallery","to":"late-atomic"}"#,
                Command::Gallery {
                    to: Answer::named("late-atomic").unwrap(),
                },
            ),
            (
                r#"{"do":"window","to":"sleep:5ms"}"#,
                Command::Window {
                    to: Window::Sleep(Duration::from_millis(5)),
                },
            ),
            (
                r#"{"do":"grain","to":"request"}"#,
                Command::Grain { to: Grain::Request },
            ),
            (r#"{"do":"reset"}"#, Command::Reset { seed: None }),
            (
                r#"{"do":"reset","seed":7}"#,
                Command::Reset { seed: Some(7) },
            ),
            (r#"{"do":"pause"}"#, Command::Pause {}),
            (r#"{"do":"resume"}"#, Command::Resume {}),
            (
                r#"{"do":"bots","to":3}"#,
                Command::Bots {
                    to: Some(3),
                    rate: None,
                },
            ),
            (r#"{"do":"stop"}"#, Command::Stop {}),
        ] {
            assert_eq!(
                serde_json::from_str::<Command>(json).unwrap(),
                command,
                "{json}"
            );
            assert_eq!(serde_json::to_string(&command).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for json in [
            "{}",
            r#"{"do":"dance"}"#,
            r#"{"do":"mode","to":"safe"}"#,
            r#"{"do":"mode"}"#,
            r#"{"do":"pause","to":"lock"}"#,
            r#"{"do":"window","to":"nap"}"#,
            "[]",
            "7",
        ] {
            assert!(serde_json::from_str::<Command>(json).is_err(), "{json}");
        }
    }
}
