//! The `flaky` tool: what it prints, how it ends, and that clients meet what it promises.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use gomod_testkit::{Fault, GoCommand, Scenario};
use serde_json::{Value, json};

use crate::download::world::{World, tree};
use crate::tool::{Run, tool};

fn command(args: &[&str], dir: &Path) -> Command {
    program("flaky", args, dir)
}

fn program(name: &str, args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(tool(name));
    command.env_clear().env("TMPDIR", dir).current_dir(dir).args(args).stdin(Stdio::null());
    command
}

/// A running `flaky --json`.
struct Flaky {
    process: Child,
    stdout: BufReader<ChildStdout>,
    stderr: ChildStderr,
    serving: Value,
}

impl Flaky {
    /// Serves the modules of the world.
    fn start(world: &World, args: &[&str]) -> Self {
        let modules = world.dir().join("modules");
        if !modules.is_dir() {
            tree().write_to(&modules);
        }
        Self::sample(world.dir(), &[&["modules"], args].concat())
    }

    /// Serves what the arguments say.
    fn sample(dir: &Path, args: &[&str]) -> Self {
        Self::of(command(&[args, &["--json"]].concat(), dir))
    }

    fn of(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let stderr = process.stderr.take().unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let serving: Value = serde_json::from_str(&line).expect("an object");
        assert_eq!((&serving["event"], &serving["schema"]), (&json!("serving"), &json!(1)));
        Self { process, stdout, stderr, serving }
    }

    fn url(&self) -> &str {
        self.serving["goproxy"].as_str().unwrap()
    }

    /// What it said until it was interrupted, the summary last.
    fn interrupt(mut self) -> Vec<Value> {
        let sent = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        assert_eq!((self.process.wait().unwrap().code(), stderr.as_str()), (Some(130), ""));
        let events: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events.last().unwrap()["event"], "summary");
        events
    }
}

/// A test that failed leaves nothing running.
impl Drop for Flaky {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The faults of requests whose target ends so, in order.
fn faults(events: &[Value], end: &str) -> Vec<Value> {
    let asked =
        events.iter().filter(|event| event["target"].as_str().is_some_and(|path| path.ends_with(end)));
    asked.map(|event| event["fault"].clone()).collect()
}

/// Before and behind what it serves, alone and within `gomod`.
#[cfg(unix)]
#[test]
fn json_stands_anywhere() {
    let world = World::new();
    tree().write_to(&world.dir().join("modules"));
    let mut seen = None;
    for (name, args) in [
        ("flaky", &["--json", "modules", "--one-in", "3"][..]),
        ("flaky", &["modules", "--one-in", "3", "--json"]),
        ("gomod", &["flaky", "--json", "modules", "--one-in", "3"]),
        ("gomod", &["flaky", "modules", "--one-in", "3", "--json"]),
        ("gomod", &["--json", "flaky", "modules", "--one-in", "3"]),
    ] {
        let mut flaky = Flaky::of(program(name, args, world.dir()));
        flaky.serving["goproxy"].take();
        let now = (flaky.serving.clone(), flaky.interrupt());
        assert_eq!(*seen.get_or_insert_with(|| now.clone()), now, "{name} {args:?}");
    }
}

#[cfg(unix)]
#[test]
fn download_meets_the_faults_and_gets_through() {
    let world = World::new();
    let faults_of_one_client =
        ["--ranges", "--fault", "zip:cut_body=after:100", "--fault", "info:status=503", "--times", "1"];
    let flaky = Flaky::start(&world, &faults_of_one_client);
    let run = world.run(flaky.url(), &["--project", "project", "--json"]).expect(0);
    let attempts: usize =
        run.records().iter().map(|record| record["Attempts"].as_array().unwrap().len()).sum();
    world.assert_nothing_half_done();
    let events = flaky.interrupt();
    let zips = faults(&events, ".zip");
    assert_eq!(zips.iter().filter(|fault| fault["cut_body"]["after"] == 100).count(), 1, "{events:?}");
    assert_eq!(faults(&events, ".info").iter().filter(|fault| fault["status"] == 503).count(), 1);
    let summary = events.last().unwrap();
    assert_eq!(summary["requests"], attempts);
    assert_eq!(summary["faults"], json!({"cut_body": 1, "status": 1}));
    let resumed = events.iter().filter(|event| event["range"] == "bytes=100-" && event["status"] == 206);
    assert_eq!(resumed.count(), 1, "{events:?}");
}

#[cfg(unix)]
#[test]
fn go_meets_the_same_and_gives_up() {
    let Some(go) = GoCommand::find("go mod download against flaky") else { return };
    let world = World::new();
    let download = |flaky: &Flaky, home: &str| {
        let home = world.dir().join(home);
        fs::create_dir(&home).unwrap();
        let run = go.command(&["mod", "download"], &home).proxy(flaky.url()).current_dir(world.project());
        run.run()
    };
    let flaky = Flaky::start(&world, &["--fault", "zip:cut_body=after:1000", "--times", "1"]);
    let run = download(&flaky, "cut");
    assert!(!run.success() && run.stderr.contains("unexpected EOF"), "{}", run.stderr);
    assert_eq!(flaky.interrupt().last().unwrap()["faults"], json!({"cut_body": 1}));

    let flaky = Flaky::start(&world, &["--latency", "0.001", "--bandwidth", "10000000"]);
    let _ = download(&flaky, "slow").expect_success();
    assert_eq!(flaky.interrupt().last().unwrap()["faults"], json!({}));
}

/// Each client says of a certificate what is wrong with it, and so does the server where the client tells.
#[cfg(unix)]
#[test]
fn certificates_are_refused_for_what_is_wrong_with_them() {
    for (certificate, said, by_go) in [
        ("good", "", ""),
        ("expired", "certificate expired", "certificate has expired"),
        ("other_name", "not valid for name", "doesn't contain any IP SANs"),
        ("unknown_root", "UnknownIssuer", "signed by unknown authority"),
    ] {
        let world = World::new();
        let flaky = Flaky::start(&world, &["--tls", certificate]);
        let ca_file = flaky.serving["ssl_cert_file"].as_str().unwrap().to_owned();
        let args = ["--project", "project", "--retries", "none"];
        let mut command = world.command(flaky.url(), &args);
        command.env("SSL_CERT_FILE", &ca_file);
        let run = Run::of(command);
        assert_eq!(run.code == Some(0), certificate == "good", "{}", run.stderr);
        assert!(run.stderr.contains(said), "{certificate}: {}", run.stderr);
        if let Some(go) = GoCommand::find("go against a certificate of flaky") {
            let home = world.dir().join("go");
            fs::create_dir(&home).unwrap();
            let run = go.command(&["mod", "download"], &home).proxy(flaky.url()).current_dir(world.project());
            let run = run.env("SSL_CERT_FILE", &ca_file).run();
            assert_eq!(run.success(), certificate == "good", "{}", run.stderr);
            assert!(run.stderr.contains(by_go), "{certificate}: {}", run.stderr);
        }
        let events = flaky.interrupt();
        // A client that ends may leave a connection in its handshake, whatever the certificate.
        let refused =
            events.iter().any(|event| event["event"] == "no_handshake" && event["reason"].is_string());
        assert!(refused || certificate == "good", "{events:?}");
        assert!(!Path::new(&ca_file).exists(), "the certificate is left");
    }
}

/// An answer that never ends is told of when the tool does.
#[cfg(unix)]
#[test]
fn a_stalled_answer_is_in_the_account() {
    let world = World::new();
    let flaky = Flaky::start(&world, &["--fault", "zip:stall_after=10"]);
    let mut client = TcpStream::connect(flaky.url().strip_prefix("http://").unwrap()).unwrap();
    client.write_all(b"GET /example.com/alpha/@v/v1.0.0.zip HTTP/1.1\r\n\r\n").unwrap();
    client.read_exact(&mut [0; 10]).unwrap();
    let events = flaky.interrupt();
    assert!(faults(&events, ".zip").iter().any(|fault| fault["stall_after"] == 10), "{events:?}");
}

#[cfg(unix)]
#[test]
fn a_scenario_file_and_the_sample() {
    let world = World::new();
    let scenario =
        r#"{"rules": [{"endpoint": "zip", "times": 1, "fault": {"retry_after": {"seconds": 0}}}]}"#;
    fs::write(world.dir().join("faults.json"), scenario).unwrap();
    // Flags come first: where both apply, the file's is not met.
    let args = ["--scenario", "faults.json", "--fault", "zip:flip_byte=offset:0", "--times", "1"];
    let flaky = Flaky::sample(world.dir(), &args);
    let gosumdb = flaky.serving["gosumdb"].as_str().unwrap().to_owned();
    let download = || {
        let mut command = world.command(flaky.url(), &["example.com/greeting@v1.2.0"]);
        command.env("GOSUMDB", &gosumdb);
        Run::of(command)
    };
    // A verdict on the bytes is not asked for again.
    download().expect(1);
    download().expect(0).says(&["after 1 failed request"]);
    let events = flaky.interrupt();
    let zips = faults(&events, ".zip");
    assert_eq!(
        zips,
        [
            json!({"flip_byte": {"offset": 0}}),
            json!({"retry_after": {"code": 429, "seconds": 0}}),
            Value::Null
        ]
    );
}

#[test]
fn a_scenario_that_is_wrong_is_named_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(dir.join("bad.json"), "{\n  \"latency\": 3\n}\n").unwrap();
    fs::write(dir.join("list.json"), "[]").unwrap();
    fs::write(dir.join("binary.json"), b"{\"\xff\": 1}").unwrap();
    fs::File::create(dir.join("large.json")).unwrap().set_len((1 << 20) + 1).unwrap();
    for (file, text) in [
        (
            "bad.json",
            "error: bad.json: line 2, column 11: unknown field `latency`, expected one of `latency_ms`",
        ),
        ("list.json", "a list, not an object"),
        ("binary.json", "valid UTF-8"),
        ("large.json", "larger than 1048576 bytes"),
        ("absent.json", "absent.json: No such file or directory"),
    ] {
        let run = Run::of(command(&["--scenario", file], dir)).expect(1);
        assert!(run.error().contains(text) && run.stdout.is_empty(), "{file}: {}", run.stderr);
    }
}

#[test]
fn wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir_all(dir.join("mod/cache/download")).unwrap();
    for (args, text) in [
        (&["absent"][..], "not a directory"),
        (&["mod"], "a module cache, whose files a GOPROXY has are in mod/cache/download"),
        (&["--fault", "teapot"], "unknown variant `teapot`"),
        (&["--fault", "zip:status"], "expected u16"),
        (&["--times", "1"], "--fault"),
        (&["--one-in", "0"], "--one-in"),
        (&["--bandwidth", "0"], "--bandwidth"),
        (&["--latency", "0"], "--latency"),
        (&["--tls", "bad"], "expected one of `good`"),
        (&["--port", "70000"], "--port"),
        (&["--sample", "mod/cache/download"], "cannot be used with"),
    ] {
        Run::of(command(args, dir)).expect(2).says(&[text]);
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = Run::of(command(&["--port", &port], dir)).expect(1);
    assert!(run.error().contains(&format!("port {port} of 127.0.0.1: Address already in use")));
    assert!(Run::of(command(&["--help"], dir)).expect(0).stdout.contains("Exit status:"));
}

/// What a scenario can say is what its document says.
#[test]
fn the_document_and_the_help_know_every_fault() {
    let document = include_str!("../../flaky/README.md");
    let help = Run::of(command(&["--help"], Path::new("."))).expect(0).stdout;
    let reason = "none".parse::<Fault>().unwrap_err().reason;
    let names: Vec<_> = reason.split('`').skip(3).step_by(2).collect();
    assert!(names.len() > 30, "{reason}");
    let words: Vec<_> = help.split([' ', '\n', '=']).collect();
    for name in names {
        assert!(document.contains(&format!("`{name}`")), "{name} is not in the document");
        assert!(words.contains(&name), "{name} is not in the help");
    }
    let example = document.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(Scenario::parse(example).unwrap().rules.len(), 3);
}
