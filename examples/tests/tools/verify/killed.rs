//! Killed or interrupted at any moment, a repair leaves a cache in which nothing wrong passes, and can be run again.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::time::Instant;

use gomod_cache::{CacheFile, Parts};
use gomod_sum::{hash_module_dir, hash_zip_file};

use super::{full, put, used, verify};
use crate::download::world::{ALPHA, BETA, World};
use crate::kills::{kill_at, moments};

/// A zip that is none, and a tree that was changed.
pub(super) fn break_both(world: &World) {
    put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
    put(&world.entry(BETA).dir().join("beta.go"), b"package beta // mine\n");
}

/// What a build would trust is either right, or as wrong as it was before.
pub(super) fn assert_nothing_new_is_wrong(world: &World, moment: &str) {
    for module in [ALPHA, BETA] {
        let entry = world.entry(module);
        let state = entry.state().unwrap();
        let Some(recorded) = state.ziphash.h1() else { continue };
        let threads = std::num::NonZeroUsize::MIN;
        if state.has_zip() {
            let path = entry.path(CacheFile::Zip);
            let found = hash_zip_file(&path, threads).ok();
            assert!(
                found == Some(*recorded) || fs::read(path).unwrap() == b"no zip",
                "{moment}: zip of {module}"
            );
        }
        if state.is_extracted() {
            let found = hash_module_dir(entry.dir(), entry.module(), threads).ok();
            assert!(found == Some(*recorded) || module == BETA, "{moment}: tree of {module}");
        }
    }
}

#[test]
fn killed_at_any_moment_it_can_be_run_again() {
    kill_and_repair(&["--project", "project", "--repair"]);
}

/// Without go.sum, and without anybody who says which modules there should be but the cache itself.
#[test]
fn killed_in_the_whole_cache_the_next_repair_misses_what_was_taken_out() {
    kill_and_repair(&["--repair"]);
}

fn kill_and_repair(args: &[&str]) {
    let (world, proxy) = full();
    let right = used(&world);
    break_both(&world);
    let started = Instant::now();
    verify(&world, &proxy.url(), args).expect(0);
    let whole = started.elapsed();
    for (moment, said) in moments(whole) {
        let (world, proxy) = full();
        break_both(&world);
        kill_at(moment, world.tool("verify", &proxy.url(), args));
        assert_nothing_new_is_wrong(&world, &said);
        let run = verify(&world, &proxy.url(), args);
        assert_eq!(run.code, Some(0), "{said}: {}", run.stderr);
        let now = used(&world);
        let differs = |path: &&String| now.get(*path) != right.get(*path);
        let differing: BTreeSet<_> = now.keys().chain(right.keys()).filter(differs).collect();
        assert!(differing.is_empty(), "{said}: {differing:?}: {}", run.stderr);
        verify(&world, "off", &["--project", "project"]).expect(0).says(&["2 checked, 0 broken"]);
    }
}

/// What was taken out and what took its place are both there, each whole: where the first is back, the second is in quarantine.
#[test]
fn killed_while_it_puts_back_it_can_be_run_again() {
    let occupied = || {
        let (world, proxy) = full();
        world.entry(ALPHA).lock().unwrap().quarantine(Parts::all()).unwrap().unwrap();
        world.download(&proxy.url()).expect(0);
        (world, proxy)
    };
    let args = ["--quarantine", "restore", "1", "--yes"];
    let (world, _proxy) = occupied();
    let right = used(&world);
    let started = Instant::now();
    verify(&world, "off", &args).expect(0);
    let whole = started.elapsed();
    for (moment, said) in moments(whole) {
        let (world, _proxy) = occupied();
        kill_at(moment, world.tool("verify", "off", &args));
        world.assert_nothing_wrong(&said);
        // A repair brings to its end what was begun, without network.
        let run = verify(&world, "off", &["--repair"]);
        assert_eq!(run.code, Some(0), "{said}: {}", run.stderr);
        world.assert_whole(&said);
        assert!(used(&world) == right, "{said}");
        let kept = |path: &&String| path.starts_with("cache/quarantine/") && path.ends_with("/v1.0.0.zip");
        assert_eq!(world.names().iter().filter(kept).count(), 1, "{said}: {:?}", world.names());
    }
}

/// As after a kill between the quarantine and the new zip.
#[test]
fn what_was_taken_out_and_never_came_back_is_named_and_fetched() {
    let (world, proxy) = full();
    let right = used(&world);
    world.entry(ALPHA).lock().unwrap().quarantine(Parts::all()).unwrap().unwrap();
    world.entry(BETA).lock().unwrap().quarantine(Parts::new().tree(true)).unwrap().unwrap();
    // The cache is less than it was: nobody may be content with that.
    let run = verify(&world, "off", &["--json"]).expect(1);
    run.says(&[
        "gone: example.com/alpha@v1.0.0: was taken out on 20",
        "2 × version that an earlier repair took out",
    ]);
    let gone: Vec<_> =
        run.records().iter().filter_map(|record| Some(record["gone"].as_str()?.to_owned())).collect();
    assert_eq!(gone, [BETA, ALPHA]);
    // Nothing proves the go.mod that was taken out, so nothing but go.sum or the database does.
    verify(&world, "off", &["--repair"]).expect(1).says(&["1 checked, 0 broken, 1 repaired", "not repaired"]);
    let sum = ["--repair", "--sum", "project/go.sum"];
    verify(&world, &proxy.url(), &sum).expect(0).says(&["gone: example.com/alpha", "1 repaired"]);
    assert!(used(&world) == right);
    let quiet = verify(&world, "off", &[]).expect(0);
    assert!(!quiet.stderr.contains("gone: "), "{}", quiet.stderr);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_wait_for_a_lock() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Command;

    let (world, proxy) = full();
    break_both(&world);
    let lock = world.entry(ALPHA).lock().unwrap();
    let mut command = world.tool("verify", &proxy.url(), &["--project", "project", "--repair"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let waiting = lines.find(|line| line.as_ref().unwrap().contains("waiting for another process"));
    assert!(waiting.is_some_and(|line| line.unwrap().contains(ALPHA)));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(lock);
    verify(&world, &proxy.url(), &["--project", "project", "--repair"]).expect(0);
}
