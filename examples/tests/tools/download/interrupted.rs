//! Interrupted at any moment, the tool leaves nothing half-written under a final name, and the next run finishes.

use std::process::{Child, Command, Stdio};
use std::thread;

use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Rule};

use super::world::{ALPHA, World, tree};

/// The tool, stuck in the body of alpha's zip.
fn stuck(world: &World, proxy: &LoopbackProxy) -> Child {
    let mut command = world.command(&proxy.url(), &["--project", "project"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let temporary = || world.names().iter().any(|path| path.contains("alpha") && path.ends_with(".tmp"));
    while !(temporary() && proxy.requests().iter().any(|path| path.ends_with("alpha/@v/v1.0.0.zip"))) {
        assert!(child.try_wait().unwrap().is_none(), "the tool ended");
        thread::yield_now();
    }
    child
}

fn proxy() -> LoopbackProxy {
    let stall = Rule::new(Endpoint::Zip, Fault::StallAfter(1000)).module("example.com/alpha");
    LoopbackProxy::builder(tree()).rule(stall).start()
}

#[cfg(unix)]
fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Another process, or one that is suspended, holds a file that is locked for a moment only, as a rule.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_wait_for_any_lock() {
    use std::io::{BufRead as _, BufReader};
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    world.download(&proxy.url()).expect(0);
    let hash = std::fs::File::open(world.entry(ALPHA).path(gomod_cache::CacheFile::ZipHash)).unwrap();
    hash.lock().unwrap();
    let mut command = world.command("off", &["--project", "project"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let waiting = lines.find(|line| line.as_ref().unwrap().contains("waiting for another process"));
    assert!(waiting.is_some_and(|line| line.unwrap().contains(ALPHA)));
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[cfg(unix)]
#[test]
fn after_an_interrupt_nothing_is_left_and_the_next_run_finishes() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let (world, proxy) = (World::new(), proxy());
        let mut child = stuck(&world, &proxy);
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(status));
        world.assert_without_zip(ALPHA);
        proxy.recover();
        world.download(&proxy.url()).expect(0);
        world.assert_nothing_half_done();
    }
}

#[test]
fn after_a_kill_the_next_run_finishes_and_tidies() {
    let (world, proxy) = (World::new(), proxy());
    let mut child = stuck(&world, &proxy);
    child.kill().unwrap();
    child.wait().unwrap();
    let state = world.entry(ALPHA).state().unwrap();
    assert!(!state.has_zip() && !state.is_extracted());
    proxy.recover();
    world.download(&proxy.url()).expect(0);
    world.assert_nothing_half_done();
}

/// Two runs on one cache: the second waits for the first where it must and finds its work done.
#[test]
fn two_runs_share_the_work() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let runs: Vec<_> = thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(|| world.download(&proxy.url()).expect(0)));
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let zips = proxy.requests().iter().filter(|path| path.ends_with(".zip")).count();
    assert_eq!(zips, 2, "{runs:?}");
    world.assert_nothing_half_done();
}

#[test]
fn a_lock_that_somebody_else_holds_is_named() {
    use std::io::{BufRead as _, BufReader, Read as _};
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let lock = world.entry(ALPHA).lock().unwrap();
    let mut command = world.command(&proxy.url(), &["--project", "project"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("waiting for another process") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the tool ended");
    }
    assert!(line.contains(ALPHA) && line.contains("v1.0.0.lock"), "{line}");
    drop(lock);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
}
