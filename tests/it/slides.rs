//! The lecture: every deck is read as its three readers do, every command on it is run, and nothing on it
//! may drift from the program.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use crate::tools::tool;

/// No command of a slide may take this long, on a busy machine and without optimization.
const PATIENCE: Duration = Duration::from_mins(2);
/// A terminal of 80 columns, less the margins of slides/presenterm/themes/lecture.yaml.
const COLUMNS: usize = 80 - 2;
/// Of 24 rows, less the title between two empty rows, and the number of the slide.
const ROWS: usize = 24 - 3 - 1;

fn slides() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("slides")
}

/// A fence: what kind, what it holds, and what is said of it in the comments around it.
#[derive(Debug, Default)]
struct Fence {
    info: String,
    text: String,
    quoted: Option<String>,
    expected: Vec<String>,
    /// What it prints, as the PDF shows it.
    printed: Option<String>,
}

impl Fence {
    fn runs(&self) -> bool {
        self.info.split(' ').any(|word| word.starts_with("+exec"))
    }
}

#[derive(Debug)]
enum Block {
    /// A paragraph, a list, a table, a quotation: its lines.
    Text(Vec<String>),
    Fence(Fence),
}

#[derive(Debug, Default)]
struct Slide {
    place: String,
    titles: Vec<String>,
    blocks: Vec<Block>,
    notes: bool,
}

struct Deck {
    name: String,
    front: Vec<String>,
    slides: Vec<Slide>,
}

/// What stands in a comment of one line after this word.
fn said<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.strip_prefix("<!-- ")?
        .strip_suffix(" -->")?
        .strip_prefix(word)?
        .strip_prefix(": ")
}

fn read(path: &Path) -> Deck {
    let text = fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("---"), "{name} has no front matter");
    let front = lines.by_ref().take_while(|line| *line != "---");
    let mut deck = Deck {
        front: front.map(str::to_owned).collect(),
        name,
        slides: Vec::new(),
    };
    let mut slide = Slide::default();
    let mut open: Vec<String> = Vec::new();
    let mut quoted = None;
    while let Some(line) = lines.next() {
        let place = format!("{}, slide {}", deck.name, deck.slides.len() + 1);
        let ends_text = line.is_empty() || line.starts_with("<!--") || line.starts_with("```");
        if ends_text && !open.is_empty() {
            slide.blocks.push(Block::Text(std::mem::take(&mut open)));
        }
        if line == "---" {
            // Right below a line of text it would make a heading of that line.
            assert!(open.is_empty(), "{place}: no empty line before ---");
            slide.place = place;
            deck.slides.push(std::mem::take(&mut slide));
        } else if let Some(info) = line.strip_prefix("```") {
            let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            slide.blocks.push(Block::Fence(Fence {
                info: info.to_owned(),
                text: text.join("\n"),
                quoted: quoted.take(),
                expected: Vec::new(),
                printed: None,
            }));
        } else if let Some(expected) = said(line, "expect") {
            match slide.blocks.last_mut() {
                Some(Block::Fence(fence)) if fence.runs() => {
                    fence.expected.push(expected.to_owned());
                }
                other => panic!("{place}: nothing runs before this expect: {other:?}"),
            }
        } else if line == "<!-- prints:" || line.starts_with("<!-- printed once, on ") {
            let text: Vec<_> = lines.by_ref().take_while(|line| *line != "-->").collect();
            match slide.blocks.last_mut() {
                Some(Block::Fence(fence)) if fence.runs() => fence.printed = Some(text.join("\n")),
                other => panic!("{place}: nothing runs before what it prints: {other:?}"),
            }
        } else if let Some(source) = said(line, "quoted") {
            quoted = Some(source.to_owned());
        } else if line.starts_with("<!--") {
            assert!(!line.starts_with("<!-- pt:"), "{place}: {line}");
            slide.notes |= line == "<!--";
            if !line.ends_with("-->") {
                assert!(
                    lines.any(|line| line == "-->"),
                    "{place}: a note has no end"
                );
            }
        } else if let Some(title) = line.strip_prefix("# ") {
            slide.titles.push(title.to_owned());
        } else if !line.is_empty() {
            open.push(line.to_owned());
        }
    }
    if !open.is_empty() {
        slide.blocks.push(Block::Text(open));
    }
    slide.place = format!("{}, slide {}", deck.name, deck.slides.len() + 1);
    deck.slides.push(slide);
    deck
}

fn decks() -> Vec<Deck> {
    let mut paths: Vec<_> = fs::read_dir(slides())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .filter(|path| !path.ends_with("README.md"))
        .collect();
    paths.sort();
    let decks: Vec<_> = paths.iter().map(|path| read(path)).collect();
    assert!(decks.len() >= 3);
    decks
}

/// How many rows a line takes when it is broken between words, without the marks of bold and code.
fn rows_of_line(line: &str, columns: usize) -> usize {
    let line = line.replace("**", "").replace('`', "");
    let mut rows = 1;
    let mut column = 0;
    for word in line.split(' ') {
        let width = word.width();
        if column > 0 && column + 1 + width > columns {
            rows += 1;
            column = width;
        } else {
            column += width + usize::from(column > 0);
        }
    }
    rows
}

/// The widest a row of this table gets: every column is as wide as its widest cell, with three between two.
fn table_columns(lines: &[String]) -> usize {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines.iter().filter(|line| !line.starts_with("|---")) {
        let cells = line.trim_matches('|').split('|');
        for (index, cell) in cells.enumerate() {
            let cell = cell.trim().replace("**", "").replace('`', "");
            if index == widths.len() {
                widths.push(0);
            }
            widths[index] = widths[index].max(cell.width());
        }
    }
    widths.iter().map(|width| width + 3).sum::<usize>() - 3
}

fn rows_of(block: &Block) -> usize {
    match block {
        // The rule under its head is in place of the dashes.
        Block::Text(lines) if lines[0].starts_with('|') => lines.len(),
        Block::Text(lines) => lines.iter().map(|line| rows_of_line(line, COLUMNS)).sum(),
        Block::Fence(fence) => fence.text.lines().count(),
    }
}

/// Where the commands of slides run: in their directory, as presenterm does it, with the built program.
fn shell() -> Command {
    let binaries = Path::new(env!("CARGO_BIN_EXE_lootbox")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.current_dir(slides())
        .env("PATH", path)
        // Lanes are drawn with more than ASCII only where the locale says so.
        .env("LC_ALL", "C.UTF-8")
        .env_remove("LOOTBOX")
        .stdin(Stdio::null())
        .process_group(0);
    bash
}

/// The command with a core that we may use, where it names the first one: a container may have others.
fn allowed_core(text: &str) -> String {
    let mut taskset = Command::new("taskset");
    let mine = taskset.args(["-cp", &std::process::id().to_string()]);
    let said = String::from_utf8(mine.output().unwrap().stdout).unwrap();
    let cores = said.rsplit(' ').next().unwrap().trim();
    let first = cores.split(['-', ',']).next().unwrap();
    text.replace("taskset -c 0 ", &format!("taskset -c {first} "))
}

/// Both outputs of a fence, as presenterm shows them. It has to come back by itself.
fn output(text: &str) -> String {
    let (mut both, end) = std::io::pipe().unwrap();
    let mut child = shell()
        .args(["-c", text])
        .stdout(end.try_clone().unwrap())
        .stderr(end)
        .spawn()
        .unwrap();
    let (done, told) = mpsc::channel();
    thread::spawn(move || {
        let mut shown = String::new();
        both.read_to_string(&mut shown).unwrap();
        _ = done.send(shown);
    });
    let shown = told.recv_timeout(PATIENCE);
    _ = child.kill();
    _ = child.wait();
    shown.unwrap_or_else(|_| panic!("hangs: {text}"))
}

#[test]
fn every_reader_understands_the_decks() {
    for deck in decks() {
        let words: Vec<_> = deck
            .front
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(word, _)| word)
            .collect();
        assert_eq!(words, ["title", "author"], "{}", deck.name);
        for slide in &deck.slides {
            assert_eq!(slide.titles.len(), 1, "{}: {:?}", slide.place, slide.titles);
            assert!(slide.notes, "{}: no note for the lecturer", slide.place);
        }
    }
    let settings = fs::read_to_string(slides().join("presenterm.yaml")).unwrap();
    for setting in [
        "end_slide_shorthand: true",
        "h1_slide_titles: true",
        "command_prefix: \"pt:\"",
        "strict_front_matter_parsing: false",
        "enable: true",
    ] {
        assert!(settings.contains(setting), "{setting}");
    }
}

#[test]
fn the_lecture_asks_before_it_runs() {
    let asks = |slide: &Slide| {
        let asks = |line: &String| line.contains('?') || line.contains("Predict");
        slide.titles.iter().any(asks)
            || slide.blocks.iter().any(|block| match block {
                Block::Text(lines) => lines.iter().any(asks),
                Block::Fence(_) => false,
            })
    };
    let runs = |slide: &Slide| slide.titles[0].starts_with("Run");
    let mut seen = 0;
    for deck in decks() {
        for (index, slide) in deck
            .slides
            .iter()
            .enumerate()
            .filter(|(_, slide)| runs(slide))
        {
            // Several runs may answer one question.
            let before = deck.slides[..index].iter().rev().find(|slide| !runs(slide));
            assert!(
                before.is_some_and(asks),
                "{}: nobody was asked",
                slide.place
            );
            seen += 1;
        }
    }
    assert!(seen >= 15, "{seen}");
}

/// Whether these lines follow one another in the source, all moved to the left by the same amount.
fn stands_in(quotation: &str, source: &str) -> bool {
    let quoted: Vec<_> = quotation.lines().collect();
    let source: Vec<_> = source.lines().collect();
    source.windows(quoted.len()).any(|lines| {
        let indent = lines[0].len() - lines[0].trim_start().len();
        let moved = lines
            .iter()
            .map(|line| line.get(indent..).unwrap_or_default());
        moved.eq(quoted.iter().copied())
    })
}

#[test]
fn quotations_stand_in_the_source() {
    let mut seen = 0;
    for deck in decks() {
        for slide in &deck.slides {
            for block in &slide.blocks {
                let Block::Fence(fence) = block else { continue };
                if fence.info == "rust" || fence.info == "c" {
                    assert!(
                        fence.quoted.is_some(),
                        "{}: quoted from where?",
                        slide.place
                    );
                }
                let Some(source) = &fence.quoted else {
                    continue;
                };
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
                let source = fs::read_to_string(path)
                    .unwrap_or_else(|error| panic!("{}: {error}", slide.place));
                assert!(
                    stands_in(&fence.text, &source),
                    "{}: not in the source:\n{}",
                    slide.place,
                    fence.text
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= 6);
}

#[test]
fn links_and_images_are_there() {
    let mut all: Vec<_> = fs::read_dir(slides())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            assert!(slides().join(link).exists(), "{}: {link}", path.display());
        }
        // Demos and problems are named in notes without a link.
        for word in text.split(|c: char| c.is_whitespace() || "`,;()".contains(c)) {
            let word = word.trim_start_matches("../").trim_end_matches(['.', ':']);
            if word.starts_with("demos/") || word.starts_with("src/") || word.starts_with("docs/") {
                let root = Path::new(env!("CARGO_MANIFEST_DIR"));
                assert!(root.join(word).exists(), "{}: {word}", path.display());
            }
        }
    }
}

#[test]
fn every_command_of_the_slides_shows_what_it_should_and_fits() {
    if ["bash", "python3", "taskset"]
        .iter()
        .any(|name| tool(name).is_none())
    {
        return;
    }
    let mut wrong = Vec::new();
    let mut ran = 0;
    for deck in decks() {
        for slide in &deck.slides {
            let mut rows = slide
                .blocks
                .iter()
                .map(|block| rows_of(block) + 1)
                .sum::<usize>()
                - 1;
            let mut widths = Vec::new();
            for block in &slide.blocks {
                match block {
                    Block::Text(lines) if lines[0].starts_with('|') => {
                        widths.push((table_columns(lines), lines[0].clone()));
                    }
                    Block::Text(_) => {}
                    Block::Fence(fence) => {
                        let mut text = fence.text.clone() + "\n";
                        if fence.runs() {
                            let shown = output(&allowed_core(&fence.text));
                            if fence.expected.is_empty() {
                                wrong.push(format!("{}: nothing is expected", slide.place));
                            }
                            for expected in
                                fence.expected.iter().filter(|text| !shown.contains(*text))
                            {
                                wrong.push(format!("{}: no {expected:?} in\n{shown}", slide.place));
                            }
                            // A line that says how it went, and an empty one before and after it.
                            rows += 3 + shown.lines().count();
                            text += &shown;
                            ran += 1;
                        }
                        widths.extend(text.lines().map(|line| (line.width(), line.to_owned())));
                    }
                }
            }
            for (columns, line) in widths.iter().filter(|(columns, _)| *columns > COLUMNS) {
                wrong.push(format!(
                    "{}: {columns} columns, {COLUMNS} fit: {line}",
                    slide.place
                ));
            }
            if rows > ROWS {
                wrong.push(format!("{}: {rows} rows, {ROWS} fit", slide.place));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran >= 15, "{ran}");
}

#[test]
fn a_run_shows_the_plain_command_and_what_it_prints() {
    let mut seen = 0;
    for deck in decks() {
        for slide in &deck.slides {
            for block in &slide.blocks {
                let Block::Fence(fence) = block else { continue };
                if !fence.runs() {
                    continue;
                }
                for plumbing in ["|", "grep", "sed ", "awk", "head ", "cut ", "printf"] {
                    assert!(
                        !fence.text.contains(plumbing),
                        "{}: nobody types {plumbing:?}:\n{}",
                        slide.place,
                        fence.text
                    );
                }
                let printed = fence.printed.as_deref().unwrap_or_default();
                for expected in &fence.expected {
                    assert!(
                        printed.contains(expected),
                        "{}: the PDF does not show {expected:?}: run slides/figures --measured",
                        slide.place
                    );
                }
                for line in printed.lines() {
                    assert!(line.width() <= COLUMNS, "{}: {line}", slide.place);
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 20, "{seen}");
}

/// What a terminal shows instead stands in the fence below; the picture itself is compared by `figures --check`.
#[test]
fn a_race_is_drawn_as_a_picture() {
    for deck in ["01-race-conditions.md"] {
        let text = fs::read_to_string(slides().join(deck)).unwrap();
        let pictures = text.lines().filter_map(|line| said(line, "picture"));
        let mut seen = 0;
        for file in pictures.filter_map(|picture| picture.split(' ').next()) {
            let svg = fs::read_to_string(slides().join(file)).unwrap();
            assert!(svg.contains("lost update"), "{file}");
            seen += 1;
        }
        assert!(seen >= 2, "{deck}: {seen}");
    }
}

/// The programs beside the decks are those of demos/problems: one with its two waits changed, one without rules.
#[test]
fn programs_beside_the_decks_are_the_shipped_ones() {
    let bare = |path: &str| -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("never"));
        let code = lines.filter_map(|line| line.split("//").next());
        code.map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    };
    let mut changed = bare("slides/waits-changed.sync");
    let first = changed
        .iter()
        .position(|line| line == "wait(mutex);")
        .unwrap();
    changed.swap(first, first + 1);
    assert_eq!(changed, bare("demos/problems/bounded-buffer.sync"));
    let first = bare("demos/problems/readers-writers-first.sync");
    assert_eq!(bare("slides/first-problem.sync"), first);
}

#[test]
fn figures_on_slides_have_not_drifted() {
    if ["bash", "python3"].iter().any(|name| tool(name).is_none()) {
        return;
    }
    let output = shell().args(["figures", "--check"]).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    for deck in decks() {
        for slide in &deck.slides {
            for block in &slide.blocks {
                if let Block::Fence(fence) = block {
                    assert!(!fence.text.is_empty(), "{}: a fence is empty", slide.place);
                }
            }
        }
    }
}

#[test]
fn the_scripts_of_the_slides_are_clean_and_say_what_is_missing() {
    let Some(mut shellcheck) = tool("shellcheck") else {
        return;
    };
    let output = shellcheck
        .args(["build", "figures", "present"])
        .current_dir(slides())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    // A path with nothing on it but what the scripts begin with.
    let path = tempfile::tempdir().unwrap();
    let dirname = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|directory| directory.join("dirname"))
        .find(|program| program.is_file());
    std::os::unix::fs::symlink(dirname.unwrap(), path.path().join("dirname")).unwrap();
    let bash = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|directory| directory.join("bash"))
        .find(|program| program.is_file());
    for (script, missing) in [
        ("build", "npx"),
        ("figures", "lootbox"),
        ("present", "presenterm"),
    ] {
        let output = Command::new(bash.as_ref().unwrap())
            .arg(slides().join(script))
            .env("PATH", path.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{script}: {said}");
        assert!(said.contains(&format!("no {missing}")), "{script}: {said}");
    }
}
