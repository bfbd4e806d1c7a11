//! What the screen shows of real sessions.

use std::fmt::Write;

use ratatui::layout::Size;
use ratatui::text::Line;

use super::state::{Dialog, State};
use super::{help, rows, status};
use crate::dashboard::order::draws::{lane_lines, table_lines};
use crate::dashboard::order::{Header, Source};
use crate::dashboard::theme::Theme;
use crate::draw::Window;

impl Source for State {
    fn theme(&self) -> Theme {
        self.theme
    }

    fn header(&self) -> Header {
        let setup = &self.setup;
        let mut title = "you grant the steps".to_owned();
        if setup.window != Window::None {
            _ = write!(title, "   window {}", setup.window);
        }
        Header {
            badge: setup.name.to_uppercase(),
            look: match setup.mode {
                Some(mode) => self.theme.mode(mode),
                None => self.theme.notice(),
            },
            title,
            right: setup.address.clone(),
        }
    }

    fn in_short(&self) -> String {
        format!(
            "DUPLICATES {} counter {} {}",
            self.stand.run.table().duplicates.len(),
            self.stand.run.counter(),
            self.granted()
        )
    }

    fn status(&self, width: usize, _brief: bool) -> Vec<Line<'static>> {
        status::lines(self, width)
    }

    fn shared(&self, size: Size) -> Vec<Line<'static>> {
        vec![rows::head(self, usize::from(size.width))]
    }

    fn processes(&self) -> usize {
        self.stand.sessions.len()
    }

    fn newest(&self) -> usize {
        self.stand.run.rows.last().map_or(0, |row| row.session)
    }

    fn process(&self, who: usize, width: usize) -> Line<'static> {
        rows::session(self, who, width)
    }

    fn lanes(&self, width: usize) -> Vec<Line<'static>> {
        let numbers = self.setup.list.numbers();
        lane_lines(&self.stand.run, numbers, width, self.theme)
    }

    fn back(&self) -> usize {
        self.back
    }

    fn outcome(&self, size: Size) -> Vec<Line<'static>> {
        let numbers = self.setup.list.numbers();
        table_lines(&self.stand.run, numbers, size.width, self.theme)
    }

    fn keys(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("?", "help"),
            ("bksp", "take back"),
            ("^F", "all run free"),
            ("^E", "end"),
            ("^Y", "copy"),
            ("q", "quit"),
        ]
    }

    fn taken(&self) -> &'static str {
        "q"
    }

    fn help(&self, width: usize) -> Option<Vec<Line<'static>>> {
        (self.dialog == Some(Dialog::Help)).then(|| help::lines(width, self.theme))
    }
}
