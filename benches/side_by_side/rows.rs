//! The rows of the table: what is asked of which server, and what the mark is.

use super::load::Load;

/// One kind of work.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name in the table.
    pub name: String,
    /// How many clients.
    pub clients: usize,
    /// What one client says at a time.
    pub says: Says,
    /// How many messages all clients send together, in all turns.
    pub messages: usize,
    /// What the echo is to be reached by, as a share of it.
    pub of_echo: Option<f64>,
    /// The same of Redis.
    pub of_redis: Option<f64>,
    /// Whether what the recording costs is measured too.
    pub recording: bool,
}

/// What one client says at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// `draw 1`, beside `INCR`, so many at once.
    One(usize),
    /// `draw N`, the lock taken for each number, beside `LPOP list N`.
    Many(usize),
    /// The same with the lock taken once.
    Request(usize),
}

impl Row {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let one = |clients, of_redis| Self {
            name: format!(
                "`draw 1`, {} client{}",
                grouped(clients),
                if clients == 1 { "" } else { "s" }
            ),
            clients,
            says: Says::One(1),
            messages: if clients == 1 { 20_000 } else { 60_000 },
            of_echo: Some(0.95),
            of_redis,
            recording: clients == 16,
        };
        let pipelined = |clients| Self {
            name: format!("16 × `draw 1` pipelined, {clients} clients"),
            clients,
            says: Says::One(16),
            messages: 60_000,
            of_echo: None,
            of_redis: Some(2.0),
            recording: clients == 16,
        };
        let many = |says, name: &str, messages, of_echo, of_redis| Self {
            name: name.to_owned(),
            clients: 8,
            says,
            messages,
            of_echo,
            of_redis,
            recording: true,
        };
        vec![
            one(1, Some(1.0)),
            one(4, None),
            one(16, Some(0.9)),
            one(64, Some(0.9)),
            one(256, None),
            one(512, None),
            one(2_000, None),
            one(5_000, None),
            pipelined(16),
            pipelined(64),
            many(
                Says::Many(1_000),
                "`draw 1000`, lock each number, 8 clients",
                4_000,
                None,
                Some(2.5),
            ),
            many(
                Says::Request(1_000),
                "`draw 1000`, grain request, 8 clients",
                8_000,
                Some(0.8),
                Some(9.0),
            ),
            many(
                Says::Request(100_000),
                "`draw 100000`, grain request, 8 clients",
                320,
                Some(0.9),
                None,
            ),
        ]
    }

    /// In how many parts its messages are sent, the servers taking turns: what else uses the machine comes and goes,
    /// and the shorter a part, the more alike it is for neighbours. Hundreds of clients take their time to connect, and
    /// parts of long answers would be over before they have begun.
    pub fn turns(&self) -> usize {
        match self.says {
            Says::One(_) if self.clients <= 256 => 12,
            Says::One(_) | Says::Many(_) | Says::Request(_) => 4,
        }
    }

    /// Whether each turn needs a new round.
    pub fn uses_the_list_up(&self) -> bool {
        matches!(self.says, Says::Request(100_000..))
    }

    /// How many lines the loot box and the echo answer a message with.
    pub fn lines(&self) -> usize {
        match self.says {
            Says::One(at_once) => at_once,
            Says::Many(count) | Says::Request(count) => count,
        }
    }

    /// Whether Redis has something like it.
    pub fn has_redis(&self) -> bool {
        !matches!(self.says, Says::Request(100_000..))
    }

    /// How many numbers Redis has to have for it.
    pub fn popped(&self) -> usize {
        match self.says {
            Says::One(_) => 0,
            Says::Many(count) | Says::Request(count) => {
                count * (self.redis_messages() + self.clients * self.turns())
            }
        }
    }

    /// Filling the list takes longer than popping it.
    fn redis_messages(&self) -> usize {
        match self.says {
            Says::One(_) => self.messages,
            Says::Many(_) | Says::Request(_) => self.messages.min(2_000),
        }
    }

    /// The load for the loot box, and for the echo.
    pub fn load(&self) -> Load {
        let message = match self.says {
            Says::One(at_once) => "draw 1\n".repeat(at_once),
            Says::Many(count) | Says::Request(count) => format!("draw {count}\n"),
        };
        self.of(message, self.lines(), self.messages)
    }

    /// The load for Redis.
    pub fn redis(&self) -> Load {
        let (message, line_ends) = match self.says {
            Says::One(at_once) => (
                "*2\r\n$4\r\nINCR\r\n$7\r\ncounter\r\n".repeat(at_once),
                at_once,
            ),
            Says::Many(count) | Says::Request(count) => {
                let digits = count.to_string();
                let pop = format!(
                    "*3\r\n$4\r\nLPOP\r\n$4\r\nlist\r\n${}\r\n{digits}\r\n",
                    digits.len()
                );
                (pop, 1 + 2 * count)
            }
        };
        self.of(message, line_ends, self.redis_messages())
    }

    fn of(&self, message: String, line_ends: usize, messages: usize) -> Load {
        Load {
            clients: self.clients,
            message: message.into_bytes(),
            line_ends,
            messages: messages / self.turns(),
        }
    }

    /// How many lines the echo answers one line with.
    pub fn echo_lines(&self) -> usize {
        match self.says {
            Says::One(_) => 1,
            Says::Many(count) | Says::Request(count) => count,
        }
    }
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: usize) -> String {
    lootbox::dashboard::text::grouped(number as u64)
}
