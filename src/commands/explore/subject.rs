//! What is explored: a program, who draws how often, and from which list.

use std::sync::Arc;

use anyhow::Context;

use super::Options;
use crate::command_line::{Explore, Numbers};
use crate::draw::DrawProgram;
use crate::draw::gallery::Mutexes;
use crate::draw::notation::parse_any_program;
use crate::draws::model::Outcome;
use crate::draws::replay::Did;
use crate::draws::{Model, ModelError, Run};
use crate::lootbox::Setting;
use crate::lootbox::list::{List, MAX_SIZE};
use crate::orders::schedule::letter;

/// The list in the assignment's text.
const ASSIGNMENT: &str = "5,19,228,665,7,11";
/// What a list is shuffled from that nobody chose.
const SEED: u64 = 1;
/// Longer lists are told by their length.
const MAX_TOLD: usize = 12;

/// See the [module](self).
#[derive(Debug)]
pub struct Subject {
    /// What a draw runs.
    pub program: DrawProgram,
    /// What is explored.
    pub model: Model,
    /// How often each session draws.
    pub draws: Vec<u64>,
    /// The numbers.
    pub list: Arc<List>,
    /// The list as it is told, in a few words.
    pub list_is: String,
    /// The list as the command line has it.
    numbers: Numbers,
}

impl Subject {
    /// The subject that the options name.
    ///
    /// # Errors
    /// If a name is none, the program cannot run, or the list or the draws are none.
    pub fn of(options: &Options) -> anyhow::Result<Self> {
        let program = match &options.program {
            Some(text) => {
                DrawProgram::own(parse_any_program(text).context("this program cannot run")?)
            }
            None => DrawProgram::named(&options.mode).map_err(anyhow::Error::msg)?,
        };
        let needed = options
            .draws
            .iter()
            .fold(options.counter, |all, &draws| all.saturating_add(draws));
        let (operations, mutexes) = (&program.operations, program.mutexes);
        let model = |size| Model::new(operations, mutexes, &options.draws, size, options.counter);
        let given = match (&options.list, options.size) {
            (Some(text), _) => Some(List::asked_for(text)?),
            (None, None) if needed <= 6 => Some(List::given(ASSIGNMENT)?),
            _ => None,
        };
        let numbers = match (&options.list, options.size) {
            (Some(text), _) => Numbers::Given(text.clone()),
            (None, Some(size)) => Numbers::Shuffled {
                size,
                seed: options.seed.unwrap_or(SEED),
            },
            (None, None) => Numbers::Usual,
        };
        let (model, list_is, list) = match (given, options.size) {
            (Some(list), _) => (model(list.size())?, told(&list), list),
            // Whether it can be explored is known before the list is there, which may take a while.
            (None, Some(size)) => {
                let (model, seed) = (model(size)?, options.seed.unwrap_or(SEED));
                let list = List::shuffled(size, seed)?;
                (
                    model,
                    format!("1 to {size}, shuffled from seed {seed}"),
                    list,
                )
            }
            (None, None) => {
                let size = needed.clamp(100, MAX_SIZE);
                let model = model(size)?;
                let list = List::shuffled(size, SEED)?;
                (model, format!("1 to {size}, shuffled"), list)
            }
        };
        Ok(Self {
            program,
            model,
            draws: options.draws.clone(),
            list: Arc::new(list),
            list_is,
            numbers,
        })
    }

    /// What a server ran by a schedule, with the draws that were begun: the same subject as if it had been
    /// explored. In `run` the draws that are not complete are noted as left.
    ///
    /// # Errors
    /// If there is no such model, which the server would not have run.
    pub fn served(setting: &Setting, run: &mut Run) -> Result<Self, ModelError> {
        let program = DrawProgram::clone(&setting.runs.program);
        let list = Arc::clone(&setting.round.list);
        let (mut draws, mut in_flight) = (vec![0; run.sessions], vec![0; run.sessions]);
        for row in &run.rows {
            if let Did::Ran { outcome, .. } = row.did {
                in_flight[row.session] =
                    u64::from(matches!(outcome, Outcome::GoesOn | Outcome::Again));
                draws[row.session] += u64::from(matches!(outcome, Outcome::Drew(_)));
            }
        }
        for (draws, in_flight) in draws.iter_mut().zip(&in_flight) {
            *draws += in_flight;
        }
        run.left = in_flight;
        let sessions: Vec<u64> = draws.iter().map(|&draws| draws.max(1)).collect();
        let (operations, mutexes) = (&program.operations, program.mutexes);
        let model = Model::new(operations, mutexes, &sessions, list.size(), run.start)?;
        Ok(Self {
            program,
            model,
            draws,
            list_is: told(&list),
            numbers: Numbers::of(list.numbers(), setting.round.seed),
            list,
        })
    }

    /// The command that explores this.
    #[must_use]
    pub fn command(&self) -> Explore {
        Explore {
            program: (&self.program).into(),
            numbers: self.numbers.clone(),
            counter: self.model.counter(),
            draws: self.model.draws().to_vec(),
        }
    }

    /// `A draws 4, B draws 2`
    #[must_use]
    pub fn who(&self) -> String {
        let each: Vec<_> = self
            .draws
            .iter()
            .enumerate()
            .filter(|&(_, &draws)| draws > 0)
            .map(|(session, draws)| format!("{} draws {draws}", letter(session)))
            .collect();
        if each.is_empty() {
            return "nobody has drawn".to_owned();
        }
        each.join(", ")
    }

    /// The program, with what its name does not say.
    #[must_use]
    pub fn what(&self) -> String {
        let own = match self.model.mutexes() {
            Mutexes::Own => "   (each session locks a mutex of its own)",
            Mutexes::Shared => "",
        };
        format!("{}: {}{own}", self.program.name, self.program.text())
    }
}

fn told(list: &List) -> String {
    let numbers = list.numbers();
    if numbers.len() > MAX_TOLD {
        return format!("{} numbers", numbers.len());
    }
    let numbers: Vec<_> = numbers.iter().map(u32::to_string).collect();
    numbers.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    use crate::draw::{Grain, Mode, Window};
    use crate::draws::replay;
    use crate::lootbox::{Lootbox, Source};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn subject(words: &[&str]) -> Subject {
        let line = Line::parse_from(["explore"].iter().chain(words));
        Subject::of(&line.options).unwrap()
    }

    /// As a shell takes words apart of which none has a quote in it, without `lootbox explore`.
    fn printed(command: &Explore) -> Vec<String> {
        let mut words = Vec::new();
        for (index, part) in command.to_string().split('\'').enumerate() {
            if index % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        words.split_off(2)
    }

    /// Whether the command leads to the same numbers in the same orders.
    fn is_what_it_prints(first: &Subject) {
        let words = printed(&first.command());
        let again = subject(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(first.list.numbers(), again.list.numbers());
        assert_eq!(first.model, again.model);
    }

    #[test]
    fn what_was_explored_is_what_its_command_explores() {
        for line in [
            &[][..],
            &["--draws", "1,1"],
            &["--size", "100", "--seed", "7"],
            &["--size", "50", "--draws", "3,3", "--counter", "9"],
            &["--draws", "9,1"],
            &["--list", "3,1,2,4,5,6", "--mode", "small-lock"],
            &["--program", "lock load  unlock lock store unlock"],
        ] {
            is_what_it_prints(&subject(line));
        }
    }

    #[test]
    fn what_was_served_is_what_its_command_explores() {
        let given = List::given("5,19,228,665,7,11").unwrap();
        for source in [
            Source::Shuffled { size: 6, seed: 9 },
            Source::Shuffled { size: 100, seed: 7 },
            Source::Given(Arc::new(given)),
        ] {
            let window = Some(Window::None);
            let lootbox = Lootbox::new(source, Mode::UnsafeRace, window, Grain::Number).unwrap();
            let setting = lootbox.setting();
            let size = setting.round.list.size();
            let model = Model::new(
                Mode::UnsafeRace.program(),
                Mutexes::Shared,
                &[2, 1],
                size,
                0,
            );
            let mut run = replay(&model.unwrap(), &"ABBAAA".parse().unwrap());
            is_what_it_prints(&Subject::served(&setting, &mut run).unwrap());
        }
    }
}
