//! The page that fetches one module: what it puts into the cache go takes for its own, and each wrong outcome is refused.

use std::fs;
use std::process::Command;
use std::time::Instant;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, GoCommand, LoopbackProxy, SumDb};

use crate::download::world::{ALPHA, BETA, World, add, database, go_sum, sum_lines, tree};
use crate::kills::{kill_at, moments};
use crate::tool::Run;
use crate::verify::full;

fn command(world: &World, proxy: &str, args: &[&str]) -> Command {
    world.tool("fetch", proxy, &[&["--sum", "project/go.sum"], args].concat())
}

fn fetch(world: &World, proxy: &str, args: &[&str]) -> Run {
    Run::of(command(world, proxy, args))
}

/// The same where go.sum is empty, and the database behind the proxy.
fn with_database(world: &World, proxy: &str, args: &[&str]) -> Run {
    let mut command = command(world, proxy, args);
    command.env("GOSUMDB", database().key());
    Run::of(command)
}

fn hash(module: &str) -> String {
    sum_lines(&tree(), module).split_whitespace().nth(2).unwrap().to_owned()
}

/// Changes a hash in go.sum; returns the number of its line.
fn alter(world: &World, start: &str) -> usize {
    let mut lines: Vec<_> = go_sum().lines().map(str::to_owned).collect();
    let line = lines.iter().position(|line| line.starts_with(start)).unwrap();
    let other = hash(if start.contains("alpha") { BETA } else { ALPHA });
    lines[line] = format!("{start}{}", other.strip_prefix("h1:").unwrap());
    world.write("go.sum", &(lines.join("\n") + "\n"));
    line + 1
}

#[test]
fn go_takes_what_was_fetched_for_its_own() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    for module in [ALPHA, BETA] {
        let run = fetch(&world, &proxy.url(), &[module]).expect(0);
        let dir = world.entry(module).dir();
        let said = format!("{module} {} proved by go.sum line ", hash(module));
        assert!(run.stdout.starts_with(&said), "{}", run.stdout);
        assert!(run.stdout.trim_end().ends_with(dir.to_str().unwrap()), "{}", run.stdout);
        assert_eq!(run.stderr, "");
    }
    world.assert_whole("fetched");
    world.assert_nothing_half_done();
    let Some(go) = GoCommand::find("go accepts the cache of the page") else { return };
    let run = |args: &[&str]| {
        let run = go.command(args, world.dir()).mod_cache(world.cache()).current_dir(world.project());
        run.env("GOFLAGS", "-mod=mod -modcacherw").run().expect_success()
    };
    assert_eq!(run(&["mod", "verify"]).stdout, "all modules verified\n");
    // GOPROXY is off.
    run(&["build", "./..."]);
    assert_eq!(run(&["mod", "download"]).stderr, "");
}

#[test]
fn what_is_cached_takes_no_network() {
    let (world, proxy) = full();
    let (before, hits) = (world.files(), proxy.hits());
    for list in ["off", &*LoopbackProxy::refused_url(), &*proxy.url()] {
        let run = fetch(&world, list, &[ALPHA]).expect(0);
        assert!(run.stdout.contains("proved by go.sum line "), "{}", run.stdout);
    }
    assert_eq!((world.files() == before, proxy.hits()), (true, hits));
    // And what is not there is not made up.
    let empty = World::new();
    let run = fetch(&empty, "off", &[ALPHA]).expect(1);
    assert_eq!(run.error(), format!("error: {ALPHA}: module lookup disabled by GOPROXY=off"));
    run.says(&["      next: GOPROXY=off forbids downloads"]);
    assert!(empty.files().is_empty());
}

/// The first trial passed it: a module that was cached was never held against go.sum.
#[test]
fn an_altered_line_of_go_sum_is_told_of_a_cached_module() {
    for (start, file) in [
        ("example.com/alpha v1.0.0 h1:", CacheFile::ZipHash),
        ("example.com/alpha v1.0.0/go.mod h1:", CacheFile::Mod),
    ] {
        let (world, proxy) = full();
        let (before, line) = (world.files(), alter(&world, start));
        for list in ["off", &*proxy.url()] {
            let run = fetch(&world, list, &[ALPHA]).expect(1);
            let path = world.entry(ALPHA).path(file);
            assert!(run.error().contains(path.to_str().unwrap()), "{}", run.stderr);
            assert!(run.error().contains("checksum mismatch"), "{}", run.stderr);
            run.says(&[&format!(" (go.sum line {line})"), "     found: h1:", "      next: do not build"]);
            assert_eq!(run.stdout, "");
        }
        assert!(world.files() == before);
        fetch(&world, "off", &[BETA]).expect(0);
    }
    // The tree alone is gone.
    let (world, _proxy) = full();
    gomod_testkit::remove_tree(&world.entry(ALPHA).dir()).unwrap();
    alter(&world, "example.com/alpha v1.0.0 h1:");
    fetch(&world, "off", &[ALPHA]).expect(1).says(&["checksum mismatch"]);
    assert!(!world.entry(ALPHA).dir().exists());
}

#[test]
fn wrong_bytes_are_refused_and_the_next_source_is_asked_where_the_list_says_so() {
    let wrong = LoopbackProxy::builder(tree()).fault(Endpoint::Zip, Fault::FlipByte { offset: 5000 }).start();
    let right = LoopbackProxy::serve(tree());
    let world = World::new();
    let run = fetch(&world, &format!("{},{}", wrong.url(), right.url()), &[ALPHA]).expect(1);
    run.says(&["     asked: ", "      next: "]);
    assert_eq!(run.stderr.matches("next: ").count(), 1, "{}", run.stderr);
    world.assert_without_zip(ALPHA);
    fetch(&world, &format!("{}|{}", wrong.url(), right.url()), &[ALPHA]).expect(0);
    assert!(world.entry(ALPHA).state().unwrap().is_complete());

    // Another zip than go.sum has.
    let line = alter(&world, "example.com/Beta/v2 v2.1.0 h1:");
    let run = fetch(&world, &right.url(), &[BETA]).expect(1);
    let found = format!("     found: {}", hash(BETA));
    run.says(&[
        "checksum mismatch",
        &format!(" (go.sum line {line})"),
        &found,
        "/v2.1.0.zip: the content of",
    ]);
    world.assert_without_zip(BETA);
}

#[test]
fn the_database_proves_and_what_is_kept_of_it_proves_again() {
    let world = World::new();
    world.write("go.sum", "");
    let database = database();
    let proxy = LoopbackProxy::builder(tree()).proxied_database(&database).start();
    let run = with_database(&world, &proxy.url(), &[ALPHA]).expect(0);
    assert!(run.stdout.contains(" proved by record 0 of the checksum database"), "{}", run.stdout);
    let hits = proxy.hits();
    with_database(&world, "off", &[ALPHA]).expect(0);
    assert_eq!(proxy.hits(), hits);
    assert!(world.dir().join("gopath/pkg/sumdb/sum.example.org/latest").is_file());
}

#[test]
fn what_the_database_says_otherwise_is_refused() {
    let mut log = database().update(|log| log.clone());
    let id = add(&mut log, ALPHA, &sum_lines(&tree(), ALPHA).replacen(&hash(ALPHA), &hash(BETA), 1));
    let database = SumDb::new(log);
    let world = World::new();
    world.write("go.sum", "");
    let proxy = LoopbackProxy::builder(tree()).proxied_database(&database).start();
    let run = with_database(&world, &proxy.url(), &[ALPHA]).expect(1);
    let recorded = format!("  recorded: {} (record {id} of the checksum database)", hash(BETA));
    run.says(&[
        "checksum mismatch",
        &recorded,
        &format!("     found: {}", hash(ALPHA)),
        "everybody else got others",
    ]);
    world.assert_without_zip(ALPHA);
    // Cached by a project whose go.sum has it, it is refused as well.
    let (world, _proxy) = full();
    world.write("go.sum", "");
    let run = with_database(&world, &proxy.url(), &[ALPHA]).expect(1);
    run.says(&[&recorded]);
}

/// Nothing is known of the bytes then, so no source is to blame, and no other is asked.
#[test]
fn a_database_without_an_answer_is_no_verdict() {
    let world = World::new();
    world.write("go.sum", "");
    let (a, b) = (LoopbackProxy::serve(tree()), LoopbackProxy::serve(tree()));
    let run = fetch(&world, &format!("{}|{}", a.url(), b.url()), &[ALPHA]).expect(1);
    assert!(!run.stderr.contains("mismatch"), "{}", run.stderr);
    run.says(&["cannot be checked", "missing go.sum entry: example.com/alpha v1.0.0/go.mod"]);
    assert_eq!(b.requests().iter().filter(|path| path.ends_with(".mod")).count(), 0);
    assert!(world.entry(ALPHA).read_mod().unwrap().is_none());
}

#[test]
fn what_nothing_proves_is_taken_by_a_flag_alone() {
    for (name, value, why) in [("GONOSUMDB", "example.com", "GONOSUMDB"), ("GOSUMDB", "off", "GOSUMDB=off")] {
        let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
        world.write("go.sum", "");
        let run = |args: &[&str]| {
            let mut command = command(&world, &proxy.url(), args);
            command.env(name, value);
            Run::of(command)
        };
        run(&[ALPHA]).expect(1).says(&[&format!("nothing proves it ({why})")]);
        assert!(world.files().is_empty());
        let taken = run(&[ALPHA, "--unproven"]).expect(0);
        assert!(taken.stdout.contains(&format!(" proved by nothing ({why})")), "{}", taken.stdout);
        // It is in the cache now, and no more proven than before.
        run(&[ALPHA]).expect(1).says(&[&format!("nothing proves it ({why})")]);
        // What go.sum contradicts is no matter of proof.
        alter(&world, "example.com/alpha v1.0.0 h1:");
        run(&[ALPHA, "--unproven"]).expect(1).says(&["checksum mismatch"]);
    }
}

#[test]
fn a_zip_that_is_not_what_is_recorded_of_it_is_not_extracted() {
    let (world, _proxy) = full();
    let entry = world.entry(ALPHA);
    gomod_testkit::remove_tree(&entry.dir()).unwrap();
    fs::copy(world.entry(BETA).path(CacheFile::Zip), entry.path(CacheFile::Zip)).unwrap();
    let run = fetch(&world, "off", &[ALPHA]).expect(1);
    assert!(run.error().contains(entry.path(CacheFile::Zip).to_str().unwrap()), "{}", run.stderr);
    assert!(!entry.dir().exists());
    world.assert_nothing_half_done();
}

#[test]
fn killed_at_any_moment_it_leaves_nothing_wrong() {
    let proxy = LoopbackProxy::serve(tree());
    let started = Instant::now();
    fetch(&World::new(), &proxy.url(), &[ALPHA]).expect(0);
    for (at, moment) in moments(started.elapsed()) {
        let world = World::new();
        kill_at(at, command(&world, &proxy.url(), &[ALPHA]));
        world.assert_nothing_wrong(&moment);
        fetch(&world, &proxy.url(), &[ALPHA]).expect(0);
        assert!(world.entry(ALPHA).state().unwrap().is_complete(), "{moment}");
    }
}
