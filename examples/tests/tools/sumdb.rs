//! The `sumdb` tool as its users meet it.

use std::fs;
use std::process::{Command, Stdio};

use gomod_sum::sumdb::Fork;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, SumDb};
use serde_json::Value;

use crate::download::world::{ALPHA, World, add, database, go_sum};
use crate::tool::{Run, tool};

fn proxy(database: &SumDb) -> LoopbackProxy {
    LoopbackProxy::builder(ModuleTree::new()).proxied_database(database).start()
}

fn command(world: &World, proxy: &str, args: &[&str]) -> Command {
    let mut command = Command::new(tool("sumdb"));
    command.env_clear().args(args).current_dir(world.dir()).stdin(Stdio::null());
    command.env("HOME", world.dir()).env("TMPDIR", world.dir()).env("GOENV", "off").env("GOWORK", "off");
    command.env("GOPATH", world.dir().join("gopath")).env("GOMODCACHE", world.cache());
    command.env("GOPROXY", proxy).env("GOSUMDB", database().key());
    command
}

fn run(world: &World, proxy: &str, args: &[&str]) -> Run {
    Run::of(command(world, proxy, args))
}

fn verdicts(run: &Run) -> Vec<String> {
    let verdict = |record: Value| record["verdict"].as_str().map(str::to_owned);
    run.records().into_iter().filter_map(verdict).collect()
}

#[test]
fn every_line_of_a_go_sum_is_judged() {
    let (database, world) = (database(), World::new());
    let source = proxy(&database);
    let good = run(&world, &source.url(), &["prove", "--project", "project"]).expect(0);
    assert_eq!(good.stdout, "4 lines of go.sum: 4 proven, 0 private, 0 unknown, 0 wrong\n");

    let odd = "corp.example/secret v1.0.0 h1:x\nNo/Module v1 h1:x\nexample.com/gone v1.0.0 h1:x\n\
               example.com/alpha v1.0.0 h2:x\nexample.com/alpha v1.0.0 h1:x\n";
    world.write("go.sum", &format!("{odd}{}", go_sum()));
    let prove = |args: &[&str]| {
        let mut command = command(&world, &source.url(), args);
        command.env("GOPRIVATE", "corp.example");
        Run::of(command).expect(1)
    };
    let judged = prove(&["prove", "--project", "project", "--json"]);
    let proven = ["proven"; 4];
    assert_eq!(
        verdicts(&judged),
        [&["private", "unknown", "unknown", "unknown", "wrong"][..], &proven].concat()
    );
    let summary = judged.records().pop().unwrap();
    let counts =
        ["lines", "proven", "private", "unknown", "wrong"].map(|name| summary[name].as_u64().unwrap());
    assert_eq!(counts, [9, 4, 1, 3, 1]);
    let text = prove(&["prove", "--project", "project"]).stdout;
    for part in ["wrong: go.sum:5: example.com/alpha v1.0.0", "unknown: go.sum:2: No/Module v1", "go.sum:3"] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!source.requests().iter().any(|path| path.contains("secret")), "a private path leaked");
    // Wrong ones are wrong from the files alone, too.
    let cached = run(&world, "off", &["prove", "--project", "project", "--json"]).expect(1);
    assert!(verdicts(&cached).contains(&"wrong".to_owned()));
}

#[test]
fn lookup_prints_proven_lines_or_why_not() {
    let (database, world) = (database(), World::new());
    let source = proxy(&database);
    let alpha = run(&world, &source.url(), &["lookup", ALPHA]).expect(0);
    assert!(go_sum().ends_with(&alpha.stdout) && alpha.stdout.lines().count() == 2, "{}", alpha.stdout);
    let mixed = run(&world, &source.url(), &["lookup", ALPHA, "example.com/gone@v1.0.0", "--json"]).expect(1);
    assert!(mixed.error().contains("example.com/gone@v1.0.0: checksum database sum.example.org"));
    assert_eq!(mixed.records()[0]["record"], 0);
    assert!(mixed.records()[1]["error"].is_string());

    let mut private = command(&world, &source.url(), &["lookup", "corp.example/secret@v1.0.0"]);
    private.env("GONOSUMDB", "corp.example");
    let private = Run::of(private).expect(1);
    assert!(private.error().contains("must not learn of it"), "{}", private.stderr);
    assert!(!source.requests().iter().any(|path| path.contains("secret")));

    database.corrupt("tile/8/0/000.p/2", 3);
    let other = World::new();
    let corrupt = run(&other, &source.url(), &["lookup", ALPHA]).expect(1);
    assert!(corrupt.stdout.is_empty() && corrupt.error().contains("inconsistent tile"), "{}", corrupt.stderr);
    database.recover();
    run(&other, &source.url(), &["lookup", ALPHA]).expect(0);
}

#[test]
fn where_nobody_serves_the_database_one_error_says_so() {
    let world = World::new();
    let refused = LoopbackProxy::refused_url();
    let mut nowhere = command(&world, "off", &["prove", "--project", "project"]);
    nowhere.env("GOSUMDB", format!("{} {refused}", database().key()));
    let broken = LoopbackProxy::builder(ModuleTree::new()).fault(Endpoint::Any, Fault::status(503)).start();
    let failing = command(&world, &broken.url(), &["prove", "--project", "project"]);
    for (command, text) in [(nowhere, "is not available"), (failing, "503 Service Unavailable")] {
        let run = Run::of(command).expect(1);
        assert!(run.error().contains(text), "{}", run.stderr);
        // Each other line says more of it: what the server said, what was asked, what to do.
        let more = |line: &&str| !["server: ", "asked: ", "next: "].iter().any(|word| line.contains(word));
        assert_eq!(run.stderr.lines().filter(more).count(), 1, "{}", run.stderr);
        assert!(run.stdout.is_empty(), "{}", run.stdout);
    }
}

#[test]
fn proofs_are_checked_without_a_network() {
    let (database, world) = (database(), World::new());
    let source = proxy(&database);
    run(&world, &source.url(), &["prove", "--project", "project", "--save", "proofs"]).expect(0);
    drop(source);
    fs::remove_dir_all(world.cache()).unwrap();
    fs::remove_dir_all(world.dir().join("gopath")).unwrap();
    let all = run(&world, "off", &["check", "proofs"]).expect(0);
    let mut lines: Vec<_> = all.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, go_sum().lines().collect::<Vec<_>>());
    let checked = run(&world, "off", &["check", "proofs", "--project", "project"]).expect(0);
    assert!(checked.stdout.contains("4 proven"), "{}", checked.stdout);

    // Every changed byte of a proof is noticed: in the record, the hashes, the head and its signature.
    let text = fs::read_to_string(world.dir().join("proofs")).unwrap();
    let first = text.lines().next().unwrap();
    for part in ["h1:", "sum database tree", "\\n\\n", "— sum.example.org ", "\"proof\":\""] {
        let place = first.find(part).expect(part) + part.len();
        let mut changed = first.to_owned();
        let old = &changed[place..=place];
        let new = if old == "B" { "C" } else { "B" };
        changed.replace_range(place..=place, new);
        fs::write(world.dir().join("changed"), &changed).unwrap();
        let run = run(&world, "off", &["check", "changed"]).expect(1);
        assert!(run.stdout.is_empty() && run.error().contains("changed: line 1"), "{part}: {}", run.stderr);
    }
    // Without the proof of a module its lines are unknown, and another key proves nothing.
    fs::write(world.dir().join("one"), first).unwrap();
    let one = run(&world, "off", &["check", "one", "--project", "project"]).expect(1);
    assert!(one.stdout.contains("2 proven, 0 private, 2 unknown"), "{}", one.stdout);
    let mut other = command(&world, "off", &["check", "proofs"]);
    other.env("GOSUMDB", "sum.golang.org");
    Run::of(other).expect(1);
}

#[test]
fn a_fork_is_shown_with_its_evidence() {
    let (database, world) = (database(), World::new());
    let source = proxy(&database);
    run(&world, &source.url(), &["lookup", ALPHA]).expect(0);
    database.update(|log| {
        log.rewrite(1, "example.com/forged v1.0.0 h1:x\n");
        add(log, "example.com/new@v1.0.0", "example.com/new v1.0.0 h1:x\n");
    });
    let forked = run(&world, &source.url(), &["lookup", "example.com/new@v1.0.0", "--json"]).expect(1);
    forked.says(&["SECURITY ERROR", "proof of misbehavior:"]);
    assert!(forked.error().contains("misbehaving server"), "{}", forked.stderr);
    let record = &forked.records()[0];
    assert!(record["error"].as_str().unwrap().contains("misbehaving server"), "{}", forked.stdout);
    let evidence = Fork::parse(record["evidence"].as_str().unwrap()).unwrap();
    evidence.check(&database.key().parse().unwrap()).unwrap();
}

#[test]
fn the_sample_and_wrong_usage() {
    let world = World::new();
    let sample = run(&world, "off", &["--sample"]).expect(0);
    for text in ["record 301 in a log of 302", "4 proven", "wrong: go.sum:3"] {
        assert!(sample.stdout.contains(text), "no {text:?} in {}", sample.stdout);
    }
    let left = fs::read_dir(world.dir()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.filter(|name| name.to_string_lossy().starts_with("gomod-")).count(), 0);
    for args in
        [&[][..], &["lookup"], &["lookup", "example.com/m"], &["prove", "--project", "nowhere"], &["check"]]
    {
        run(&world, "off", args).expect(2);
    }
    for (value, text) in [("off", "disabled by GOSUMDB=off"), ("garbage", "invalid GOSUMDB")] {
        let mut command = command(&world, "off", &["lookup", ALPHA]);
        command.env("GOSUMDB", value);
        let run = Run::of(command).expect(1);
        assert!(run.error().contains(text), "{}", run.stderr);
    }
    assert!(run(&world, "off", &["--help"]).expect(0).stdout.contains("Exit status:"));
}
