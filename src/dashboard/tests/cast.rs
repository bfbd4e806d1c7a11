//! The picture in the README: a scripted run with a virtual clock, byte for byte the same each time.
//!
//! The draws are the real programs on a real counter, in an order that a fixed arithmetic picks; the
//! sums, the story and the screens are the real ones. Only the clock, the threads and the terminal
//! are not.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::dashboard::app::{Effect, Message, State};
use crate::dashboard::keys::Key;
use crate::dashboard::terminal::backend::Memory;
use crate::dashboard::update::update;
use crate::dashboard::view::view;
use crate::draw::DrawProgram;
use crate::draw::{Grain, Mode, Next, draw, step};
use crate::lootbox::list::List;
use crate::lootbox::{Recorded, Round, Runs};
use crate::record::journal::{Writer, journal};
use crate::record::{SessionRecord, Snapshot, Tally};
use crate::server::command::Command;
use crate::trace::{self, Told};

const SIZE: u64 = 1_000;
const SEED: u64 = 42;
const WIDTH: u16 = 80;
const HEIGHT: u16 = 24;
const FRAMES_A_SECOND: u64 = 8;
/// When the draws begin, in frames.
const BEGIN: u64 = 12;
/// When which key is pressed, in frames: the story of a duplicate, back, and the lock.
const KEYS: [(u64, Key); 3] = [(56, Key::Enter), (88, Key::Escape), (96, Key::Char('m'))];
const END: u64 = 144;
/// The frame of the still.
const STILL: u64 = 52;

/// A cast that asciinema plays, and a still from it as SVG.
#[derive(Debug, PartialEq, Eq)]
struct Cast {
    /// asciinema's version 2 of its format.
    cast: String,
    /// The race, in colours.
    still: String,
}

struct Session {
    writer: Writer,
    register: u64,
    operation: usize,
}

/// A server in which one thing happens after the other.
struct Stage {
    mode: Mode,
    before_change: crate::record::Sums,
    round: Arc<Round>,
    tally: Tally,
    sessions: Vec<Session>,
    /// Whose turn it is.
    turn: usize,
    /// Numerical Recipes' generator: whose turn is next. Mostly it stays, as with real threads.
    random: u32,
}

impl Stage {
    fn new() -> io::Result<Self> {
        let list = List::shuffled(SIZE, SEED).map_err(io::Error::other)?;
        let mut tally = Tally::default();
        let mut sessions = Vec::new();
        for (index, name) in (0..).zip(["ada", "edsger", "barbara", "leslie"]) {
            let (writer, reader) = journal();
            let peer = ([127, 0, 0, 1], 50_001 + index).into();
            let record = SessionRecord::new(u64::from(index) + 1, peer);
            record.take_letter(|| u64::from(index));
            record.set_name(name.to_owned());
            tally.join(Arc::new(record), reader);
            sessions.push(Session {
                writer,
                register: 0,
                operation: 0,
            });
        }
        Ok(Self {
            mode: Mode::UnsafeRace,
            before_change: crate::record::Sums::default(),
            round: Round::new(1, Some(SEED), Arc::new(list)),
            tally,
            sessions,
            turn: 0,
            random: 1,
        })
    }

    /// One operation of some session; under the lock a whole draw.
    fn step(&mut self) {
        self.random = self
            .random
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        // The lower bits of such a generator are no good.
        if self.random >> 28 == 0 {
            self.turn = usize::try_from(self.random >> 20 & 3).unwrap_or(0);
        }
        let session = &mut self.sessions[self.turn];
        let mut memory = self.round.shared.access(());
        let program = self.mode.program();
        if self.mode != Mode::UnsafeRace {
            if let Some(ticket) = draw(program, 1, &mut memory) {
                session.writer.push(ticket..ticket + 1);
            }
            return;
        }
        let next = step(
            program[session.operation],
            &mut session.register,
            1,
            &mut memory,
        );
        session.operation += 1;
        if next == Next::SoldOut {
            session.operation = 0;
        } else if session.operation == program.len() {
            session.operation = 0;
            session.writer.push(session.register..session.register + 1);
        }
    }

    /// Lets draws in flight end, and changes the mode, as the server does.
    fn set_mode(&mut self, mode: Mode) {
        while self.sessions.iter().any(|session| session.operation > 0) {
            self.step();
        }
        self.tally.read();
        let end = self.tally.one_past_highest();
        self.tally.repair(self.round.shared.raise_counter_to(end));
        self.mode = mode;
        self.before_change = self.tally.sums(self.round.shared.counter());
    }

    fn story(&self, ticket: u64) -> Option<Told> {
        let recorded = Recorded {
            round: Arc::clone(&self.round),
            runs: Runs {
                program: Arc::new(self.mode.into()),
                grain: Grain::Number,
            },
            since: 0,
            until: u64::MAX,
            certain: true,
            journals: self.tally.journals(),
        };
        trace::tell(ticket, &recorded)
    }

    fn snapshot(&mut self, time: Duration) -> Snapshot {
        self.tally.read();
        let counter = self.round.shared.counter();
        let sums = self.tally.sums(counter);
        let sessions = if sums.draws > 0 {
            self.tally.rows(Snapshot::SESSIONS).0
        } else {
            Vec::new()
        };
        Snapshot {
            version: String::new(),
            address: "127.0.0.1:7777".to_owned(),
            cores: 2,
            mode: self.mode,
            program: None,
            window: DrawProgram::from(self.mode).default_window(),
            grain: Grain::Number,
            size: SIZE,
            seed: self.round.seed,
            round: 1,
            uptime_ns: u64::try_from(time.as_nanos()).unwrap_or(u64::MAX),
            paused: false,
            sold_out: counter >= SIZE,
            bots: 0,
            bot_rate: 20,
            counter,
            draws_per_second: self.tally.draws_per_second(),
            duplicate_list: self
                .tally
                .newest_duplicates(self.round.list.numbers(), Snapshot::DUPLICATES),
            recent: self
                .tally
                .newest_draws(self.round.list.numbers(), counter, Snapshot::RECENT),
            sums,
            sessions,
            sessions_left_out: 0,
            finished_rounds: crate::record::Sums::default(),
            before_change: self.before_change,
        }
    }
}

/// Plays the script.
fn cast() -> io::Result<Cast> {
    crossterm::style::force_color_output(true);
    let memory = Memory::default();
    let area = Rect::new(0, 0, WIDTH, HEIGHT);
    let options = TerminalOptions {
        viewport: Viewport::Fixed(area),
    };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(memory.clone()), options)?;
    let mut stage = Stage::new()?;
    let mut state = State::default();
    let mut cast =
        format!("{{\"version\":2,\"width\":{WIDTH},\"height\":{HEIGHT},\"title\":\"lootbox\"}}\n");
    let mut still = String::new();
    for frame in 0..END {
        let time = Duration::from_millis(1_000 / FRAMES_A_SECOND * frame);
        if frame >= BEGIN {
            for _ in 0..10 {
                stage.step();
            }
        }
        if frame % 2 == 0 {
            stage.tally.sample(time);
        }
        _ = update(&mut state, Message::Tick(time));
        _ = update(
            &mut state,
            Message::Snapshot(Box::new(stage.snapshot(time))),
        );
        for (_, key) in KEYS.iter().filter(|(when, _)| *when == frame) {
            for effect in update(&mut state, Message::Key(*key)) {
                let answer = match effect {
                    Effect::Command(Command::Mode { to }) => {
                        stage.set_mode(to);
                        Message::Done
                    }
                    Effect::Story(ticket) => match stage.story(ticket) {
                        Some(told) => Message::Story(Box::new(told)),
                        None => Message::Refused("no story".to_owned()),
                    },
                    _ => continue,
                };
                _ = update(&mut state, answer);
            }
        }
        let drawn = terminal.draw(|frame| view(frame, &state))?;
        if frame == STILL {
            still = svg(drawn.buffer);
        }
        let bytes = memory.take();
        let text = serde_json::to_string(&String::from_utf8_lossy(&bytes))?;
        _ = writeln!(cast, "[{:.3},\"o\",{text}]", time.as_secs_f64());
    }
    Ok(Cast { cast, still })
}

/// One cell in the still, in pixels.
const CELL: (u16, u16) = (9, 18);

fn hexadecimal(color: Color, otherwise: &'static str) -> &'static str {
    match color {
        Color::Black => "#101418",
        Color::Red => "#c62828",
        Color::LightRed => "#ff6e67",
        Color::Yellow => "#e6b450",
        Color::Cyan => "#4fc3d7",
        Color::LightBlue => "#6cb6ff",
        Color::White => "#ffffff",
        _ => otherwise,
    }
}

/// A screen as SVG: runs of cells that look alike.
fn svg(buffer: &Buffer) -> String {
    let (width, height) = (buffer.area.width * CELL.0, buffer.area.height * CELL.1);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"15\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#101418\"/>\n"
    );
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let begin = &buffer[(x, y)];
            let alike = (x..buffer.area.width)
                .take_while(|&x| {
                    let cell = &buffer[(x, y)];
                    (cell.fg, cell.bg, cell.modifier) == (begin.fg, begin.bg, begin.modifier)
                })
                .count();
            let cells = u16::try_from(alike).unwrap_or(1);
            let text: String = (x..x + cells).map(|x| buffer[(x, y)].symbol()).collect();
            run(&mut svg, (x, y), cells, begin, &text);
            x += cells;
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn run(svg: &mut String, (x, y): (u16, u16), cells: u16, like: &ratatui::buffer::Cell, text: &str) {
    let (mut ink, mut paper) = (
        hexadecimal(like.fg, "#d5dae0"),
        hexadecimal(like.bg, "#101418"),
    );
    if like.modifier.contains(Modifier::REVERSED) {
        (ink, paper) = (paper, ink);
    }
    let (left, top, wide, high) = (x * CELL.0, y * CELL.1, cells * CELL.0, CELL.1);
    if paper != "#101418" {
        _ = writeln!(
            svg,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{high}\" fill=\"{paper}\"/>"
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let bold = if like.modifier.contains(Modifier::BOLD) {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let base = top + 14;
    _ = writeln!(
        svg,
        "<text x=\"{left}\" y=\"{base}\" textLength=\"{wide}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" fill=\"{ink}\"{bold}>{text}</text>"
    );
}

/// The pictures in docs/ are what this program draws now. `INSTA_UPDATE=always` writes them anew, as it does the
/// snapshots.
#[test]
fn the_pictures_in_the_documentation_are_of_this_dashboard() {
    let played = cast().unwrap();
    assert_eq!(played, cast().unwrap(), "the same each time");
    // Played on a terminal, it shows what the lecture shows.
    let size = |cells| std::num::NonZero::new(cells).unwrap();
    let mut terminal = vt100::Parser::new(size(HEIGHT), size(WIDTH), 0);
    let acts = ["NO DRAWS YET", "RACE!", "LOST UPDATE", "NO NEW DUPLICATES"];
    let mut acts = acts.into_iter().peekable();
    for line in played.cast.lines().skip(1) {
        let (_, _, bytes): (f64, String, String) = serde_json::from_str(line).unwrap();
        terminal.process(bytes.as_bytes());
        acts.next_if(|act| terminal.screen().contents().contains(act));
    }
    assert_eq!(acts.next(), None);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let renew = std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always");
    for (file, now) in [
        ("dashboard.cast", &played.cast),
        ("dashboard.svg", &played.still),
    ] {
        let path = docs.join(file);
        if renew {
            fs::write(&path, now).unwrap();
        }
        // Not assert_eq: nobody wants to read two casts.
        assert!(
            fs::read_to_string(&path).unwrap() == *now,
            "{file} is of another dashboard: INSTA_UPDATE=always cargo test --lib dashboard"
        );
    }
}
