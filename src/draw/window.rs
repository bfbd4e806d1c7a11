//! What happens between the read and the write, and how much one draw hands out.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::values;

/// What a session does between the read and the write of a draw.
///
/// The wider the window, the likelier another session comes in between. In `lock` mode it stands
/// inside the lock and holds up everybody: the lesson about slow things under a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// Nothing. The race is still there, and usually looks correct.
    #[default]
    None,
    /// The number goes out to the client, as in the typical submission.
    Reply,
    /// The operating system may run another thread.
    Yield,
    /// The session computes for this long.
    Spin(Duration),
    /// The session sleeps for this long: every other one comes in between, visibly staged.
    Sleep(Duration),
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.pad("none"),
            Self::Reply => f.pad("reply"),
            Self::Yield => f.pad("yield"),
            Self::Spin(time) => f.pad(&format!("spin:{}", in_one_word(*time))),
            Self::Sleep(time) => f.pad(&format!("sleep:{}", in_one_word(*time))),
        }
    }
}

/// `1h 30m` would break the one-word form `window=…` that scripts read.
fn in_one_word(time: Duration) -> String {
    humantime::format_duration(time)
        .to_string()
        .replace(' ', "")
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let duration = |time: &str| {
            values::duration(time).map_err(|right| format!("no window {text:?}: {right}"))
        };
        match text.split_once(':') {
            None if text == "none" => Ok(Self::None),
            None if text == "reply" => Ok(Self::Reply),
            None if text == "yield" => Ok(Self::Yield),
            Some(("spin", time)) => Ok(Self::Spin(duration(time)?)),
            Some(("sleep", time)) => Ok(Self::Sleep(duration(time)?)),
            _ => {
                let forms = ["none", "reply", "yield", "spin:5ms", "sleep:5ms"];
                let meant = values::similar(text, forms)
                    .map_or_else(String::new, |form| format!("; did you mean {form}?"));
                Err(format!(
                    "no window {text:?}: use none, reply, yield, spin:DURATION or sleep:DURATION, as in sleep:5ms{meant}"
                ))
            }
        }
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// How much one run of the program hands out: the granularity of the lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grain {
    /// One number: `draw 4` is four draws, and others come in between.
    #[default]
    Number,
    /// A whole request: `draw 4` is one, and the lock is taken once. Cheaper, and everybody else
    /// waits for all of it.
    Request,
}

impl Grain {
    /// The name as it stands on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Request => "request",
        }
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Grain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Number, Self::Request]
            .into_iter()
            .find(|grain| grain.name() == text)
            .ok_or_else(|| format!("no grain {text:?}: use number or request"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reads_back_as_it_is_printed() {
        for text in [
            "none",
            "reply",
            "yield",
            "spin:50us",
            "sleep:5ms",
            "sleep:1h30m",
        ] {
            let window: Window = text.parse().unwrap();
            assert_eq!(window.to_string(), text);
        }
    }

    #[test]
    fn a_window_that_does_not_exist_is_told_what_does() {
        for text in [
            "",
            "sleep",
            "sleep:",
            "sleep:5",
            "nap:5ms",
            "spin:-1s",
            "reply:5ms",
            "sleep:18446744073709551615s",
        ] {
            let error = text.parse::<Window>().unwrap_err();
            assert!(
                error.contains("sleep:") || error.contains("5ms"),
                "{text}: {error}"
            );
        }
    }
}
