//! What the screen shows of real sessions.

use std::fmt::Write;

use ratatui::layout::Size;

use super::state::{Dialog, State};
use super::{help, rows, status};
use crate::dashboard::order::draws::{lane_lines, table_lines};
use crate::dashboard::order::{Body, Picture, Source};
use crate::dashboard::theme::Theme;
use crate::draw::Window;

/// The keys that are no sessions.
const KEYS: [(&str, &str); 6] = [
    ("?", "help"),
    ("bksp", "take back"),
    ("^F", "all run free"),
    ("^E", "end"),
    ("^Y", "copy"),
    ("q", "quit"),
];

impl Source for State {
    fn theme(&self) -> Theme {
        self.theme
    }

    fn in_short(&self) -> String {
        format!(
            "DUPLICATES {} counter {} {}",
            self.stand.run.table().duplicates.len(),
            self.stand.run.counter(),
            self.granted()
        )
    }

    fn picture(&self, size: Size) -> Picture {
        let (setup, run, theme) = (&self.setup, &self.stand.run, self.theme);
        let (width, numbers) = (usize::from(size.width), setup.list.numbers());
        let (shared, processes) = rows::rows(self, width);
        let mut title = "you grant the steps".to_owned();
        if setup.window != Window::None {
            _ = write!(title, "   window {}", setup.window);
        }
        let look = setup.mode.map_or(theme.notice(), |mode| theme.mode(mode));
        let address = setup.address.clone();
        Picture {
            header: (setup.name.to_uppercase(), look, title, address),
            status: status::lines(self, width),
            body: Body {
                shared: vec![shared],
                processes,
                lanes: lane_lines(run, numbers, width, theme),
                outcome: table_lines(run, numbers, size.width, theme),
            },
            newest: run.rows.last().map_or(0, |row| row.session),
            back: self.back,
            keys: KEYS.to_vec(),
            taken: "q",
            help: (self.dialog == Some(Dialog::Help)).then(|| help::lines(width, theme)),
        }
    }
}
