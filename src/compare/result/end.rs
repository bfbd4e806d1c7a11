//! How clients ended, and what was wrong with a server.

use serde::{Deserialize, Serialize};

/// How a client ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum End {
    /// It delivered every number it was asked for.
    Complete,
    /// The list was at its end before that, and the server said so.
    SoldOut,
    /// It could not connect.
    Refused {
        /// What the system said.
        why: String,
    },
    /// It delivered fewer, though nothing hung or crashed.
    Short {
        /// What ended it.
        why: String,
    },
    /// Nothing came any more, and it was ended.
    Hung,
    /// The client command failed.
    Died {
        /// Exit status or signal.
        how: String,
    },
}

impl End {
    /// Whether the client's part of the run is whole.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete | Self::SoldOut)
    }

    pub(in crate::compare) fn short(why: &impl ToString) -> Self {
        Self::Short {
            why: why.to_string(),
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Complete => f.write_str("complete"),
            Self::SoldOut => f.write_str("sold out"),
            Self::Refused { why } => write!(f, "refused: {why}"),
            Self::Short { why } => write!(f, "too few: {why}"),
            Self::Hung => f.write_str("hung: nothing came any more, so it was ended"),
            Self::Died { how } => write!(f, "died: {how}"),
        }
    }
}

/// What one client delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Its file in the run's folder.
    pub file: String,
    /// How many numbers came.
    pub numbers: u64,
    /// How it ended.
    #[serde(flatten)]
    pub end: End,
    /// The last line of its standard error, if it is not complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What was wrong with somebody's own server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "kebab-case")]
pub enum Failure {
    /// It runs, and listens nowhere.
    NeverListened {
        /// Where it should.
        port: u16,
        /// The last line it printed.
        log: Option<String>,
    },
    /// It ended while it was needed.
    Crashed {
        /// Exit status or signal.
        how: String,
        /// The last line it printed.
        log: Option<String>,
    },
    /// It listens, and then refuses connections.
    Refused {
        /// How many clients.
        clients: u64,
        /// The last line it printed.
        #[serde(default)]
        log: Option<String>,
    },
    /// It lives and answers no more.
    Hung {
        /// How many clients waited in vain.
        clients: u64,
        /// The last line it printed.
        #[serde(default)]
        log: Option<String>,
    },
    /// It lives, and clients got fewer numbers than they asked for.
    Short {
        /// How many clients.
        clients: u64,
        /// What ended the first.
        why: String,
        /// The last line it printed.
        #[serde(default)]
        log: Option<String>,
    },
}

impl Failure {
    /// What the clients' ends say about a server that is still there.
    pub(in crate::compare) fn of_clients(
        clients: &[Delivered],
        log: Option<String>,
    ) -> Option<Self> {
        let count = |is: fn(&End) -> bool| clients.iter().filter(|one| is(&one.end)).count() as u64;
        let hung = count(|end| matches!(end, End::Hung));
        let refused = count(|end| matches!(end, End::Refused { .. }));
        let short = count(|end| !end.is_complete());
        let first = clients.iter().find(|one| !one.end.is_complete());
        match (hung, refused, first) {
            (_, _, None) => None,
            (0, 0, Some(first)) => Some(Self::Short {
                clients: short,
                why: first.end.to_string(),
                log,
            }),
            (clients, 0, _) => Some(Self::Hung { clients, log }),
            // One that refuses some clients may well leave the others waiting.
            (_, clients, _) => Some(Self::Refused { clients, log }),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let last = |log: &Option<String>| {
            log.as_ref()
                .map_or_else(String::new, |log| format!("; its last line: {log}"))
        };
        match self {
            Self::NeverListened { port, log } => {
                write!(f, "hang: it never listened on port {port}{}", last(log))
            }
            Self::Crashed { how, log } => write!(f, "crash: it ended, {how}{}", last(log)),
            Self::Refused { clients, log } => write!(
                f,
                "refused connection: {} could not connect{}",
                some(*clients),
                last(log)
            ),
            Self::Hung { clients, log } => write!(
                f,
                "hang: {} waited for numbers in vain{}",
                some(*clients),
                last(log)
            ),
            Self::Short { clients, why, log } => write!(
                f,
                "short answers: {} got fewer numbers than asked for ({why}){}",
                some(*clients),
                last(log)
            ),
        }
    }
}

fn some(clients: u64) -> String {
    let s = if clients == 1 { "" } else { "s" };
    format!("{clients} client{s}")
}
