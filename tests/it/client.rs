//! Both clients, `lootbox client` and `demos/client.py`, against scripted servers.
//!
//! A script reads exactly what the client has to send and answers as it likes: in pieces, too much
//! at once, too little, never-ending. Each test runs it against both clients and expects the same
//! of them. No sleep decides anything; the deadlines are a net for what hangs.

use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lootbox::client::{self, Answer, Client, ClientError, Options};
use lootbox::protocol::{HELP, MAX_LINE_LEN};

/// Nothing here takes so long, unless it hangs.
const DEADLINE: Duration = Duration::from_mins(1);

// ---- the scripted server ----

/// The server's end of the connection.
struct Peer {
    stream: TcpStream,
    printed: Printed,
}

impl Peer {
    /// Reads exactly this.
    fn expect(&mut self, request: &str) {
        let mut read = vec![0; request.len()];
        self.stream
            .read_exact(&mut read)
            .unwrap_or_else(|error| panic!("instead of {request:?}: {error}"));
        assert_eq!(String::from_utf8_lossy(&read), request);
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream
            .write_all(bytes.as_ref())
            .expect("the client takes it");
    }

    /// Every byte in a packet of its own.
    fn send_in_bytes(&mut self, text: &str) {
        for byte in text.as_bytes() {
            self.send([*byte]);
        }
    }

    /// Sends this again and again until the client has had enough.
    fn send_without_end(&mut self, text: &str) {
        while self.stream.write_all(text.as_bytes()).is_ok() {}
    }

    /// Waits until the client has printed all this to its standard output.
    fn wait_until_printed(&self, text: &str) {
        self.printed.wait_for(text);
    }

    /// The client says nothing more and closes.
    fn expect_end(&mut self) {
        let mut rest = String::new();
        self.stream.read_to_string(&mut rest).expect("a clean end");
        assert_eq!(rest, "", "the client said more");
    }

    /// Closes with a request unread, which the operating system tells the client by a reset.
    fn reset(self) {
        self.stream.peek(&mut [0]).expect("a request");
    }
}

type Script = fn(Peer);

fn serve(script: Script, printed: Printed) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        script(Peer { stream, printed });
    });
    (address, server)
}

/// Where nobody listens, and nobody else can while the second part lives: a connection has the port.
fn nowhere() -> (SocketAddr, impl Sized) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connection = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (connection.local_addr().unwrap(), (connection, listener))
}

// ---- the clients ----

/// What a client has printed so far.
#[derive(Clone, Default)]
struct Printed(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl Printed {
    fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().clone()).expect("UTF-8")
    }

    fn wait_for(&self, text: &str) {
        let (printed, more) = &*self.0;
        let (printed, net) = more
            .wait_timeout_while(printed.lock().unwrap(), DEADLINE, |printed| {
                printed.len() < text.len()
            })
            .unwrap();
        assert!(!net.timed_out(), "the client did not print {text:?}");
        assert_eq!(String::from_utf8_lossy(&printed), text);
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().unwrap().extend_from_slice(bytes);
        self.0.1.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How a client ended.
#[derive(Debug)]
struct Ended {
    client: &'static str,
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

impl Ended {
    #[track_caller]
    fn expect(&self, code: i32, stdout: &str) {
        assert_eq!(self.stdout, stdout, "{self:?}");
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(!self.stderr.contains("Traceback"), "{self:?}");
    }

    #[track_caller]
    fn expect_note(&self, text: &str) {
        assert!(self.stderr.contains(text), "no {text:?}: {self:?}");
    }
}

fn arguments(address: SocketAddr, course: bool) -> Vec<String> {
    let mut arguments = vec![address.ip().to_string(), address.port().to_string()];
    arguments.extend(course.then(|| "--course".to_owned()));
    arguments
}

/// The library's client, as `lootbox client` runs it.
fn run_rust(address: SocketAddr, course: bool, commands: &str, printed: Printed) -> Ended {
    let (ended, end) = mpsc::channel();
    let commands = commands.to_owned();
    thread::spawn(move || {
        let mut notes = Vec::new();
        let result = Client::connect(address, course).and_then(|mut client| {
            // Buffered, as standard output is: what is not flushed is not seen.
            let mut output = io::BufWriter::new(printed.clone());
            client::run(
                &mut client,
                Cursor::new(commands),
                &mut output,
                &mut notes,
                Options::default(),
            )
        });
        let notes = String::from_utf8(notes).expect("UTF-8");
        let (stderr, code) = match result.map_err(anyhow::Error::from) {
            Ok(()) => (notes, 0),
            Err(error) => (format!("{notes}error: {error:#}\n"), 2),
        };
        let _ = ended.send(Ended {
            client: "lootbox client",
            stdout: printed.text(),
            stderr,
            code: Some(code),
        });
    });
    end.recv_timeout(DEADLINE).expect("lootbox client ends")
}

/// `None`: it is not there, and the test is passed over.
fn python3() -> Option<&'static Path> {
    let found = Command::new("python3").arg("--version").output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(Path::new("python3"));
    }
    assert!(
        std::env::var_os("LOOTBOX_REQUIRE_TOOLS").is_none(),
        "python3 is missing, and LOOTBOX_REQUIRE_TOOLS is set"
    );
    // Not by `eprintln!`, which a passing test keeps to itself.
    let _ = writeln!(
        io::stderr(),
        "python3 is missing: demos/client.py is not tested"
    );
    None
}

fn client_py(python3: &Path) -> Command {
    let script: PathBuf = [env!("CARGO_MANIFEST_DIR"), "demos", "client.py"]
        .iter()
        .collect();
    // A shell without job control starts what it puts in the background with SIGINT ignored, and so would the suite
    // be: Python then leaves it so, and Ctrl-C never comes. In a terminal it comes.
    let as_in_a_terminal = "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); \
         sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";
    let mut command = Command::new(python3);
    command.args(["-c", as_in_a_terminal]).arg(script);
    command
}

fn spawn_python(
    python3: &Path,
    address: SocketAddr,
    course: bool,
    commands: &str,
    stdout: Stdio,
) -> Child {
    let mut child = client_py(python3)
        .args(arguments(address, course))
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let commands = commands.to_owned();
    // A client that ended early takes no more commands.
    thread::spawn(move || _ = stdin.write_all(commands.as_bytes()));
    child
}

/// Copies the child's output to `printed` and waits for its end.
fn finish_python(mut child: Child, mut printed: Printed) -> Ended {
    let copying = child.stdout.take().map(|mut stdout| {
        let mut printed = printed.clone();
        thread::spawn(move || io::copy(&mut stdout, &mut printed).unwrap())
    });
    let mut stderr = child.stderr.take().unwrap();
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        let mut notes = String::new();
        stderr.read_to_string(&mut notes).unwrap();
        let _ = ended.send(notes);
    });
    // Standard error closes when the client ends.
    let Ok(stderr) = end.recv_timeout(DEADLINE) else {
        child.kill().unwrap();
        panic!("client.py does not end; it printed {:?}", printed.text());
    };
    if let Some(copying) = copying {
        copying.join().unwrap();
    }
    printed.flush().unwrap();
    let status: ExitStatus = child.wait().unwrap();
    Ended {
        client: "client.py",
        stdout: printed.text(),
        stderr,
        code: status.code(),
    }
}

/// Runs `script` against each client in turn.
fn with_each_client(course: bool, commands: &str, script: Script, check: impl Fn(&Ended)) {
    let printed = Printed::default();
    let (address, server) = serve(script, printed.clone());
    let ended = run_rust(address, course, commands, printed);
    server.join().expect("lootbox client says what it should");
    check(&ended);

    let Some(python3) = python3() else { return };
    let printed = Printed::default();
    let (address, server) = serve(script, printed.clone());
    let child = spawn_python(python3, address, course, commands, Stdio::piped());
    let ended = finish_python(child, printed);
    server.join().expect("client.py says what it should");
    check(&ended);
}

const LINE: bool = false;
const COURSE: bool = true;

// ---- the line dialect ----

#[test]
fn numbers_are_printed_one_a_line() {
    with_each_client(
        LINE,
        "draw 4\ndraw 1\n",
        |mut peer| {
            peer.expect("draw 4\n");
            peer.send("5\n19\n228\n7\n");
            peer.expect("draw 1\n");
            peer.send("11\n");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "5\n19\n228\n7\n11\n");
            assert_eq!(ended.stderr, "", "{ended:?}");
        },
    );
}

#[test]
fn commands_in_any_spacing_and_case_and_an_input_that_ends_without_a_line_end() {
    with_each_client(
        LINE,
        "\n   \r\n  Draw 2  \r\n\n\tdraw 1",
        |mut peer| {
            let mut requests = BufReader::new(peer.stream.try_clone().unwrap());
            let mut request = String::new();
            for (expected, answer) in [("draw 2", "1\r\n2\r\n"), ("draw 1", "3\r\n")] {
                request.clear();
                requests.read_line(&mut request).unwrap();
                assert_eq!(request.trim_end().to_lowercase(), expected);
                peer.send(answer);
            }
            peer.expect_end();
        },
        |ended| ended.expect(0, "1\n2\n3\n"),
    );
}

#[test]
fn an_answer_may_be_cut_anywhere() {
    const ANSWER: &str = "5\n19\nerror: sold out\n";
    with_each_client(
        LINE,
        &"draw 3\n".repeat(ANSWER.len() + 1),
        |mut peer| {
            for cut in 0..ANSWER.len() {
                peer.expect("draw 3\n");
                peer.send(&ANSWER[..cut]);
                peer.send(&ANSWER[cut..]);
            }
            peer.expect("draw 3\n");
            peer.send_in_bytes(ANSWER);
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, &"5\n19\n".repeat(ANSWER.len() + 1));
            assert_eq!(
                ended.stderr,
                "error: sold out\n".repeat(ANSWER.len() + 1),
                "{ended:?}"
            );
        },
    );
}

#[test]
fn a_whole_list_at_once() {
    fn numbers() -> String {
        let lines: Vec<String> = (1..=100_000).map(|number| number.to_string()).collect();
        lines.join("\n") + "\n"
    }
    with_each_client(
        LINE,
        "draw 100000\n",
        |mut peer| {
            peer.expect("draw 100000\n");
            peer.send(numbers());
            peer.expect_end();
        },
        |ended| {
            assert_eq!(ended.code, Some(0));
            assert!(ended.stdout == numbers(), "{} is not all", ended.client);
        },
    );
}

#[test]
fn each_number_is_seen_when_it_comes() {
    with_each_client(
        LINE,
        "draw 3\n",
        |mut peer| {
            peer.expect("draw 3\n");
            peer.send("5\n");
            peer.wait_until_printed("5\n");
            peer.send("19\n2");
            peer.wait_until_printed("5\n19\n");
            peer.send("28\n");
            peer.expect_end();
        },
        |ended| ended.expect(0, "5\n19\n228\n"),
    );
}

#[test]
fn an_error_ends_the_answer_and_not_the_client() {
    with_each_client(
        LINE,
        "draw 5\ndraw 1\n",
        |mut peer| {
            peer.expect("draw 5\n");
            peer.send("5\n19\n228\nerror: sold out: all 3 numbers are drawn\n");
            peer.expect("draw 1\n");
            peer.send("error: sold out: all 3 numbers are drawn\n");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "5\n19\n228\n");
            let error = "error: sold out: all 3 numbers are drawn\n";
            assert_eq!(ended.stderr, error.repeat(2), "{ended:?}");
        },
    );
}

#[test]
fn the_server_is_asked_what_is_wrong_with_a_bad_request() {
    with_each_client(
        LINE,
        "foo\ndraw 0\ndraw +3\ndraw 18446744073709551616\ndraw 1 2\nhelp me\ndraw 1\n",
        |mut peer| {
            for bad in [
                "foo\n",
                "draw 0\n",
                "draw +3\n",
                "draw 18446744073709551616\n",
                "draw 1 2\n",
                "help me\n",
            ] {
                peer.expect(bad);
                peer.send("error: write draw N\n");
            }
            peer.expect("draw 1\n");
            peer.send("5\n");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "5\n");
            assert_eq!(ended.stderr, "error: write draw N\n".repeat(6), "{ended:?}");
        },
    );
}

#[test]
fn a_command_that_is_too_long_is_not_sent() {
    let commands = format!("{}\ndraw 1\n", "x".repeat(MAX_LINE_LEN + 1));
    with_each_client(
        LINE,
        &commands,
        |mut peer| {
            peer.expect("draw 1\n");
            peer.send("5\n");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "5\n");
            ended.expect_note("error: a line of over 1024 bytes");
        },
    );
}

#[test]
fn what_is_no_number_is_kept_out_of_the_output() {
    with_each_client(
        LINE,
        "name Ada\nhelp\ndraw 3\n",
        |mut peer| {
            peer.expect("name Ada\n");
            peer.send("ok\n");
            peer.expect("help\n");
            peer.send_in_bytes(HELP);
            peer.expect("draw 3\n");
            peer.send("5\nyour number is 19\n-228\n");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "5\n");
            let help = HELP.trim_end();
            let notes = format!("ok\n{help}\nyour number is 19\n-228\n");
            assert_eq!(ended.stderr, notes, "{ended:?}");
        },
    );
}

#[test]
fn nothing_a_server_says_reaches_the_terminal_as_a_command() {
    with_each_client(
        LINE,
        "draw 2\n",
        |mut peer| {
            peer.expect("draw 2\n");
            peer.send(b"\x1b]0;title\x07 \xff\n");
            peer.send("error: \"a\" \x1b[31mred\u{9b}31m \u{202e}drawkcab\n");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "");
            ended.expect_note("error: \"a\" ");
            assert!(
                ended
                    .stderr
                    .chars()
                    .all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')),
                "{ended:?}"
            );
        },
    );
}

#[test]
fn quit_leaves() {
    with_each_client(
        LINE,
        "draw 1\nQUIT\ndraw 2\n",
        |mut peer| {
            peer.expect("draw 1\n");
            peer.send("5\n");
            peer.expect("quit\n");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "5\n");
            assert_eq!(ended.stderr, "", "{ended:?}");
        },
    );
}

#[test]
fn help_without_an_end_ends() {
    with_each_client(
        LINE,
        "help\ndraw 1\n",
        |mut peer| {
            peer.expect("help\n");
            peer.send_without_end("more of it\n");
        },
        |ended| {
            ended.expect(2, "");
            ended.expect_note("does not end");
        },
    );
}

#[test]
fn a_line_without_an_end_ends() {
    with_each_client(
        LINE,
        "draw 2\n",
        |mut peer| {
            peer.expect("draw 2\n");
            peer.send("5\n");
            peer.send_without_end("1234567890");
        },
        |ended| {
            ended.expect(2, "5\n");
            ended.expect_note("--course");
        },
    );
}

// ---- a lost server ----

fn expect_lost(ended: &Ended, stdout: &str) {
    ended.expect(2, stdout);
    ended.expect_note("lost the server");
    ended.expect_note("127.0.0.1");
}

#[test]
fn a_server_that_closes_in_the_middle_is_lost_and_half_a_number_is_none() {
    with_each_client(
        LINE,
        "draw 5\ndraw 1\n",
        |mut peer| {
            peer.expect("draw 5\n");
            peer.send("5\n19\n22");
        },
        |ended| expect_lost(ended, "5\n19\n"),
    );
}

#[test]
fn a_server_that_resets_is_lost_after_what_came_is_printed() {
    with_each_client(
        LINE,
        "draw 5\n",
        |mut peer| {
            peer.send("5\n19\n228\n");
            peer.wait_until_printed("5\n19\n228\n");
            peer.reset();
        },
        |ended| expect_lost(ended, "5\n19\n228\n"),
    );
}

#[test]
fn a_server_that_closes_between_two_commands_is_lost_at_the_second() {
    with_each_client(
        LINE,
        "draw 1\ndraw 1\n",
        |mut peer| {
            peer.expect("draw 1\n");
            peer.send("5\n");
        },
        |ended| expect_lost(ended, "5\n"),
    );
}

#[test]
fn a_server_that_never_was_there() {
    let (address, _taken) = nowhere();
    let ended = run_rust(address, LINE, "draw 1\n", Printed::default());
    ended.expect(2, "");
    ended.expect_note("cannot connect to 127.0.0.1:");
    ended.expect_note("lootbox serve");
    let Some(python3) = python3() else { return };
    let child = spawn_python(python3, address, LINE, "draw 1\n", Stdio::piped());
    let ended = finish_python(child, Printed::default());
    ended.expect(2, "");
    ended.expect_note("cannot connect to 127.0.0.1 port");
}

#[test]
fn an_address_that_is_none() {
    // Without a port. (To look up a name that does not exist can take long without a network.)
    let error = Client::connect("localhost", false).unwrap_err();
    assert!(matches!(error, ClientError::Unknown { .. }), "{error:?}");
    assert!(error.to_string().contains("cannot find localhost"));
}

/// The last word of a server that closes.
fn new_round(mut peer: Peer) {
    peer.expect("draw 5\n");
    peer.send("5\n19\nerror: new round\n");
}

/// Not everything asked for was drawn: a script must not take it for success.
fn expect_closed(ended: &Ended, stdout: &str) {
    ended.expect(2, stdout);
    ended.expect_note("has closed the connection");
    ended.expect_note("127.0.0.1");
}

#[test]
fn a_new_round_ends_the_answer_and_the_client() {
    for commands in ["draw 5\n", "draw 5\ndraw 5\n"] {
        with_each_client(LINE, commands, new_round, |ended| {
            expect_closed(ended, "5\n19\n");
            assert!(ended.stderr.starts_with("error: new round\n"), "{ended:?}");
        });
    }
}

#[test]
fn a_client_too_many_does_not_take_it_for_success() {
    with_each_client(
        LINE,
        "draw 5\n",
        |mut peer| {
            peer.expect("draw 5\n");
            peer.send("error: busy: 3 clients are connected, try again later\n");
        },
        |ended| expect_closed(ended, ""),
    );
}

#[test]
fn a_last_word_between_two_commands_answers_the_second() {
    // Also without a line end, as from a server that does not know the client's dialect yet.
    for commands in ["draw 1\n", "draw 1\ndraw 1\n"] {
        with_each_client(
            LINE,
            commands,
            |mut peer| {
                peer.send("error: the server is stopping");
                peer.stream.shutdown(Shutdown::Write).unwrap();
                // Reads on, so that the client's requests cause no reset.
                io::copy(&mut peer.stream, &mut io::sink()).unwrap();
            },
            |ended| {
                assert!(
                    ended.stderr.starts_with("error: the server is stopping\n"),
                    "{ended:?}"
                );
                expect_closed(ended, "");
            },
        );
    }
}

// ---- output that goes nowhere ----

#[test]
fn a_closed_output_is_no_error() {
    fn script(mut peer: Peer) {
        peer.expect("draw 1000000\n");
        peer.send_without_end("5\n");
    }
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (address, server) = serve(script, Printed::default());
    let mut client = Client::connect(address, false).unwrap();
    let mut notes = Vec::new();
    let commands = Cursor::new("draw 1000000\ndraw 1000000\n");
    client::run(
        &mut client,
        commands,
        &mut Closed,
        &mut notes,
        Options::default(),
    )
    .unwrap();
    drop(client);
    server.join().unwrap();
    assert_eq!(notes, b"");

    let Some(python3) = python3() else { return };
    let (address, server) = serve(script, Printed::default());
    let mut child = spawn_python(
        python3,
        address,
        LINE,
        "draw 1000000\ndraw 1000000\n",
        Stdio::piped(),
    );
    drop(child.stdout.take());
    let ended = finish_python(child, Printed::default());
    server.join().unwrap();
    ended.expect(0, "");
    assert_eq!(ended.stderr, "", "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    fn script(mut peer: Peer) {
        peer.expect("draw 2\n");
        peer.send("5\n19\n");
        peer.expect_end();
    }
    let full = || {
        std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let (address, server) = serve(script, Printed::default());
    let mut client = Client::connect(address, false).unwrap();
    let commands = Cursor::new("draw 2\n");
    let result = client::run(
        &mut client,
        commands,
        &mut full(),
        &mut io::sink(),
        Options::default(),
    );
    assert!(matches!(result, Err(ClientError::Output(_))), "{result:?}");
    drop(client);
    server.join().unwrap();

    let Some(python3) = python3() else { return };
    let (address, server) = serve(script, Printed::default());
    let child = spawn_python(python3, address, LINE, "draw 2\n", full().into());
    let ended = finish_python(child, Printed::default());
    server.join().unwrap();
    ended.expect(2, "");
    ended.expect_note("cannot read commands or write numbers");
}

#[test]
fn ctrl_c_is_no_traceback() {
    let Some(python3) = python3() else { return };
    let printed = Printed::default();
    let (address, server) = serve(
        |mut peer| {
            peer.expect("draw 2\n");
            peer.send("5\n");
            peer.expect_end();
        },
        printed.clone(),
    );
    let mut child = spawn_python(python3, address, LINE, "draw 2\n", Stdio::piped());
    let pid = child.id().to_string();
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0; 2];
    stdout.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"5\n");
    let interrupted = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(interrupted.success());
    let ended = finish_python(child, printed);
    server.join().unwrap();
    ended.expect(130, "");
    assert_eq!(ended.stderr, "", "{ended:?}");
}

// ---- the course dialect ----

#[test]
fn the_course_dialect_asks_n_times_without_a_line_end() {
    with_each_client(
        COURSE,
        "draw 3\ndraw 1\nquit\ndraw 7\n",
        |mut peer| {
            for number in ["5", "19", "228"] {
                peer.expect("draw 3");
                peer.send(number);
            }
            peer.expect("draw 1");
            peer.send("7");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "5\n19\n228\n7\n");
            assert_eq!(ended.stderr, "", "{ended:?}");
        },
    );
}

#[test]
fn the_course_dialect_knows_draw_only() {
    with_each_client(
        COURSE,
        "foo\nhelp\nname Ada\ndraw\ndraw 0\ndraw x\n\nDRAW 1\n",
        |mut peer| {
            peer.expect("draw 1");
            peer.send("5");
            peer.expect_end();
        },
        |ended| {
            ended.expect(0, "5\n");
            assert_eq!(ended.stderr, "wrong command!\n".repeat(6), "{ended:?}");
        },
    );
}

#[test]
fn an_error_ends_a_draw_in_the_course_dialect() {
    with_each_client(
        COURSE,
        "draw 5\ndraw 1\ndraw 2\n",
        |mut peer| {
            for number in ["5", "19", "228", "error: sold out"] {
                peer.expect("draw 5");
                peer.send(number);
            }
            peer.expect("draw 1");
            peer.send("error: sold out");
            // A number and the last word, in one packet.
            peer.expect("draw 2");
            peer.send("7error: new round");
        },
        |ended| {
            expect_closed(ended, "5\n19\n228\n7\n");
            let errors = "error: sold out\nerror: sold out\nerror: new round\n";
            assert!(ended.stderr.starts_with(errors), "{ended:?}");
        },
    );
}

#[test]
fn a_server_of_the_course_that_sends_line_ends_is_understood() {
    with_each_client(
        COURSE,
        "draw 2\n",
        |mut peer| {
            peer.expect("draw 2");
            peer.send("5\n");
            peer.expect("draw 2");
            peer.send("19\r\n");
            peer.expect_end();
        },
        |ended| ended.expect(0, "5\n19\n"),
    );
}

#[test]
fn a_server_of_the_course_is_lost_like_any_other() {
    with_each_client(
        COURSE,
        "draw 5\n",
        |mut peer| {
            for number in ["5", "19"] {
                peer.expect("draw 5");
                peer.send(number);
            }
            peer.expect("draw 5");
        },
        |ended| expect_lost(ended, "5\n19\n"),
    );
    with_each_client(
        COURSE,
        "draw 5\n",
        |mut peer| {
            peer.expect("draw 5");
            peer.send("5");
            peer.wait_until_printed("5\n");
            peer.reset();
        },
        |ended| expect_lost(ended, "5\n"),
    );
}

// ---- the library's client, as the bots use it ----

fn connect(course: bool, script: Script) -> (Client, JoinHandle<()>) {
    let (address, server) = serve(script, Printed::default());
    (Client::connect(address, course).unwrap(), server)
}

fn draw(client: &mut Client, count: u64) -> (Vec<String>, Answer) {
    let mut numbers = Vec::new();
    let answer = client
        .draw(count, &mut |number| {
            numbers.push(String::from_utf8(number.to_vec()).unwrap());
        })
        .unwrap();
    (numbers, answer)
}

#[test]
fn draw_tells_numbers_and_errors_apart() {
    let (mut client, server) = connect(LINE, |mut peer| {
        peer.expect("name Ada\n");
        peer.send("ok\n");
        peer.expect("draw 2\n");
        peer.send("5\n19\n");
        peer.expect("draw 2\n");
        peer.send("228\nerror: sold out: \x1b all drawn\n");
        peer.expect("draw 0\n");
        peer.send("error: write draw N\n");
        peer.expect_end();
    });
    assert_eq!(client.name("Ada").unwrap(), Answer::Whole);
    // Two lines would be two requests.
    assert!(matches!(client.name("A\nB").unwrap(), Answer::Error(_)));
    assert_eq!(
        draw(&mut client, 2),
        (vec!["5".into(), "19".into()], Answer::Whole)
    );
    assert_eq!(
        draw(&mut client, 2),
        (
            vec!["228".into()],
            Answer::Error("sold out: \\u{1b} all drawn".into())
        )
    );
    assert_eq!(
        draw(&mut client, 0),
        (vec![], Answer::Error("write draw N".into()))
    );
    drop(client);
    server.join().unwrap();
}

#[test]
fn draw_in_the_course_dialect() {
    let (mut client, server) = connect(COURSE, |mut peer| {
        for number in ["5", "19", "error: sold out"] {
            peer.expect("draw 3");
            peer.send(number);
        }
        peer.expect_end();
    });
    let error = client.name("Ada").unwrap_err();
    assert!(matches!(error, ClientError::NoNames { .. }), "{error:?}");
    assert_eq!(
        draw(&mut client, 3),
        (
            vec!["5".into(), "19".into()],
            Answer::Error("sold out".into())
        )
    );
    drop(client);
    server.join().unwrap();
}

#[test]
fn another_thread_ends_a_draw_that_waits() {
    let (mut client, server) = connect(LINE, |mut peer| {
        peer.expect("draw 3\n");
        peer.send("5\n");
        peer.expect_end();
    });
    let stream = client.stream();
    let (came, first) = mpsc::channel();
    let waiting = thread::spawn(move || client.draw(3, &mut |_number| came.send(()).unwrap()));
    first.recv_timeout(DEADLINE).unwrap();
    stream.shutdown(Shutdown::Both).unwrap();
    let error = waiting.join().unwrap().unwrap_err();
    assert!(
        matches!(error, ClientError::Lost { lines: 1, .. }),
        "{error:?}"
    );
    server.join().unwrap();
}

#[test]
fn a_prompt_stays_out_of_the_output() {
    let (mut client, server) = connect(LINE, |mut peer| {
        peer.expect("draw 1\n");
        peer.send("5\n");
        peer.expect_end();
    });
    let mut output = Vec::new();
    let mut notes = Vec::new();
    let options = Options {
        prompt: true,
        progress: false,
    };
    let commands = Cursor::new("draw 1\n\n");
    client::run(&mut client, commands, &mut output, &mut notes, options).unwrap();
    assert_eq!(output, b"5\n");
    assert_eq!(notes, b"> > > \n");
    drop(client);
    server.join().unwrap();
}
