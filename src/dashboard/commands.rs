//! From keys to commands for the server.
//!
//! Pressing `b` three times at once means three bots more, though no snapshot with the first of them
//! has come yet: until the server has answered, the next command starts from what was asked for.

use std::time::Duration;

use super::app::{Effect, Link, State};
use super::keys::Action;
use super::wanted::Setting;
use crate::draw::gallery::GALLERY;
use crate::draw::{Grain, Mode, Window};
use crate::server::bots::{FASTEST, MAX_BOTS};
use crate::server::command::Command;

/// The windows that `w` walks through.
const WINDOWS: [Window; 5] = [
    Window::None,
    Window::Reply,
    Window::Yield,
    Window::Spin(Duration::from_micros(50)),
    Window::Sleep(Duration::from_millis(5)),
];

/// The next rate of 1, 2, 5, 10, 20, 50, …, or the one before.
fn rate(now: u64, up: bool) -> u64 {
    let mut steps = Vec::new();
    let mut ten = 1;
    while ten <= FASTEST {
        steps.extend(
            [ten, 2 * ten, 5 * ten]
                .into_iter()
                .filter(|&step| step <= FASTEST),
        );
        ten *= 10;
    }
    let next = if up {
        steps.iter().find(|&&step| step > now)
    } else {
        steps.iter().rev().find(|&&step| step < now)
    };
    next.copied().unwrap_or(now)
}

/// Carries an action to the server.
pub fn command(state: &mut State, action: Action) -> Vec<Effect> {
    let live = || state.live.as_deref().map(Setting::of);
    let setting = state.wanted.setting.or_else(live);
    let Some(mut setting) = setting.filter(|_| state.link == Link::Up) else {
        state.say("not connected: nobody to tell");
        return Vec::new();
    };
    let command = match action {
        Action::Mode => {
            let place = Mode::ALL.iter().position(|&mode| mode == setting.mode);
            setting.mode = Mode::ALL[place.map_or(0, |place| (place + 1) % Mode::ALL.len())];
            setting.answer = None;
            setting.has_gap = setting.mode.has_gap();
            // Which window a mode comes with, the server knows.
            Command::Mode { to: setting.mode }
        }
        Action::Gallery => {
            let place = GALLERY
                .iter()
                .position(|answer| Some(answer) == setting.answer);
            let answer = &GALLERY[place.map_or(0, |place| (place + 1) % GALLERY.len())];
            setting.answer = Some(answer);
            setting.has_gap = true;
            state.say(format!("{}: \"{}\"", answer.name, answer.belief));
            Command::Gallery { to: answer }
        }
        Action::Window if !setting.has_gap => {
            state.say("what runs reads and writes in one step: there is no gap for a window");
            return Vec::new();
        }
        Action::Window => {
            let place = WINDOWS.iter().position(|&window| window == setting.window);
            setting.window = WINDOWS[place.map_or(0, |place| (place + 1) % WINDOWS.len())];
            Command::Window { to: setting.window }
        }
        Action::Grain => {
            setting.grain = match setting.grain {
                Grain::Number => Grain::Request,
                Grain::Request => Grain::Number,
            };
            Command::Grain { to: setting.grain }
        }
        Action::BotMore | Action::BotFewer => {
            setting.bots = match action {
                Action::BotMore => (setting.bots + 1).min(MAX_BOTS),
                _ => setting.bots.saturating_sub(1),
            };
            Command::Bots {
                to: Some(setting.bots),
                rate: None,
            }
        }
        Action::RateUp | Action::RateDown => {
            setting.rate = rate(setting.rate, action == Action::RateUp);
            state.say(format!("bots draw {} numbers a second each", setting.rate));
            Command::Bots {
                to: None,
                rate: Some(setting.rate),
            }
        }
        Action::Pause => {
            setting.paused = !setting.paused;
            if setting.paused {
                Command::Pause {}
            } else {
                Command::Resume {}
            }
        }
        _ => return Vec::new(),
    };
    state.wanted.setting = Some(setting);
    state.wanted.asked();
    vec![Effect::Command(command)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_walk_through_round_numbers() {
        assert_eq!(rate(20, true), 50);
        assert_eq!(rate(50, true), 100);
        assert_eq!(rate(30, true), 50);
        assert_eq!(rate(30, false), 20);
        assert_eq!(rate(1, false), 1);
        assert_eq!(rate(FASTEST, true), FASTEST);
    }
}
