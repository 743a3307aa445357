//! The network as every tool meets it: the same limits, HTTP proxies and words, and who is waited for.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use gomod_testkit::{Endpoint, Fault, LoopbackProxy};

use crate::download::world::{ALPHA, World, database, tree};
use crate::tool::Run;
use crate::verify::full;

const HASH: &str = "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=";

/// Every tool that asks the network, about to ask `url` first.
pub(crate) fn tools(world: &World, url: &str) -> Vec<Command> {
    let mut sumdb = world.tool("sumdb", url, &["lookup", ALPHA]);
    sumdb.env("GOSUMDB", database().key());
    let repair = world.tool("verify", url, &["--project", "project", "--repair"]);
    vec![
        world.command(url, &["--project", "project"]),
        repair,
        sumdb,
        world.tool("zip", url, &["fetch", url, ALPHA, HASH, "alpha.zip"]),
        world.tool("versions", url, &[url, "example.com/alpha"]),
    ]
}

fn silent() -> LoopbackProxy {
    LoopbackProxy::builder(tree()).fault(Endpoint::Any, Fault::StallBeforeFirstByte).start()
}

/// SIGTERM is Ctrl-C with a status of its own.
#[cfg(unix)]
#[test]
fn a_run_that_is_ended_says_whom_it_waited_for() {
    for (signal, status) in [("-TERM", 143), ("-INT", 130)] {
        let world = World::new();
        for index in 0..tools(&world, "off").len() {
            let server = silent();
            let mut command = tools(&world, &server.url()).swap_remove(index);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            while server.hits() == 0 {
                assert!(child.try_wait().unwrap().is_none(), "{command:?} ended");
                std::thread::yield_now();
            }
            let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
            assert!(sent.success());
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(status), "{command:?}: {said}");
            let wanted = format!("no answer from {} for ", server.address());
            assert!(said.contains("waiting for ") && said.contains(&wanted), "{command:?}: {said}");
        }
    }
}

/// The limits are the same, have flags, and are named by them, in every tool.
#[test]
fn every_tool_gives_up_as_it_is_told() {
    let world = World::new();
    for index in 0..tools(&world, "off").len() {
        let server = silent();
        let mut command = tools(&world, &server.url()).swap_remove(index);
        command.args(["--stall", "0.2", "--retries", "none"]);
        command.args(["--connect", "5", "--total", "60", "--min-throughput", "0"]);
        let run = Run::of(command).expect(1);
        assert!(run.stderr.contains(&server.address().to_string()), "{}", run.stderr);
        assert!(run.stderr.contains("(the limit of --stall)"), "{}", run.stderr);
    }
}

/// An HTTP proxy with trouble is named in every tool, with its variable; a file that names none is not blamed.
#[test]
fn an_http_proxy_is_named_by_its_variable() {
    // Nobody listens any more.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for variable in ["HTTPS_PROXY", "https_proxy"] {
        let world = World::new();
        for index in 0..tools(&world, "off").len() {
            let mut command = tools(&world, "https://mirror.example").swap_remove(index);
            command.env(variable, &address).args(["--retries", "none"]);
            let run = Run::of(command).expect(1);
            let wanted = format!("http://{address} ({variable})");
            assert!(run.stderr.contains(&wanted) || run.stdout.contains(&wanted), "{run:?}");
        }
    }
}

/// A pattern that was meant to keep a path here, and cannot, is told before the path is.
#[test]
fn a_pattern_that_matches_nothing_is_told_before_anybody_is_asked() {
    let (empty, (filled, _proxy)) = (World::new(), full());
    let commands = |url: &str| {
        let mut confirm = filled.tool("verify", url, &["--sumdb"]);
        confirm.env("GOSUMDB", database().key());
        let mut commands = tools(&empty, url);
        commands.push(confirm);
        commands
    };
    for index in 0..commands("off").len() {
        let server = silent();
        let mut command = commands(&server.url()).swap_remove(index);
        command.env("GOPRIVATE", "example.org, example.com");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while server.hits() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "{command:?} ended");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        let warning = "warning: GOPRIVATE: ";
        assert!(said.contains(warning) && said.contains("\"example.com\""), "{command:?}: {said}");
        assert_eq!(said.matches(warning).count(), 1, "{command:?}: {said}");
    }
}

/// What is to be done is about the HTTP proxy and its variable, and not about GOPROXY.
#[test]
fn the_next_step_is_about_the_http_proxy() {
    use std::io::{BufRead as _, BufReader, Write as _};

    for (status, words, list) in [
        (407, "http://USER:PASSWORD@HOST:PORT", "https://mirror.example"),
        (403, "have it allowed there", "https://mirror.example"),
        (407, "http://USER:PASSWORD@HOST:PORT", "https://mirror.example|direct"),
        (502, "does not reach the server (status 502): try again", "https://mirror.example|direct"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            write!(stream, "HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n").unwrap();
            drop(stream);
            // Asked once: nothing else is accepted.
            drop(listener);
        });
        let world = World::new();
        let mut command = world.command(list, &[ALPHA, "--retries", "none"]);
        command.env("HTTPS_PROXY", &address).env("GOSUMDB", "off");
        let run = Run::of(command).expect(1);
        served.join().unwrap();
        run.says(&[
            &address,
            "CONNECT mirror.example:443",
            &status.to_string(),
            "next: ",
            "HTTPS_PROXY",
            words,
        ]);
        let next = run.stderr.lines().find(|line| line.contains("next: ")).unwrap();
        assert!(!next.contains("GOPROXY"), "{next}");
    }
}

/// Nothing tells whether an HTTP proxy refuses or the server behind it: the next step is about both.
#[test]
fn the_next_step_is_about_both_where_nothing_tells_them_apart() {
    for (status, words, list) in [
        (403, "or the server behind it refuses: ask", "http://mirror.example"),
        (502, "does not reach the server, or", "http://mirror.example"),
        (403, "or the server behind it refuses: ask", "http://mirror.example|direct"),
        (502, "does not reach the server, or", "http://mirror.example|direct"),
    ] {
        let proxy = LoopbackProxy::builder(tree()).fault(Endpoint::Any, Fault::status(status)).start();
        let world = World::new();
        let mut command = world.command(list, &[ALPHA, "--retries", "none"]);
        command.env("HTTP_PROXY", proxy.url()).env("GOSUMDB", "off");
        let run = Run::of(command).expect(1);
        let whose = format!("from the HTTP proxy {} (HTTP_PROXY) or the server behind it", proxy.url());
        run.says(&[
            &whose,
            &format!("server: status {status}"),
            "next: the HTTP proxy in HTTP_PROXY",
            words,
            "NO_PROXY",
        ]);
    }
}

/// As in Go, a wrong one matters to what goes through it alone.
#[test]
fn an_http_proxy_that_is_none_matters_where_it_is_used() {
    let (world, server) = (World::new(), LoopbackProxy::serve(tree()));
    let mut command = world.command(&server.url(), &["--project", "project"]);
    command.env("HTTPS_PROXY", "ftp://proxy").env("HTTP_PROXY", "http://[");
    Run::of(command).expect(0);
    for list in ["https://mirror.example", "https://mirror.example|direct"] {
        let world = World::new();
        let mut command = world.command(list, &["--project", "project"]);
        command.env("HTTPS_PROXY", "ftp://me:s3cr3t@proxy");
        let run = Run::of(command).expect(1);
        run.says(&["HTTPS_PROXY is no HTTP proxy", "next: set HTTPS_PROXY to a URL"]);
        assert!(!run.stderr.contains("s3cr3t"), "{}", run.stderr);
    }
}
