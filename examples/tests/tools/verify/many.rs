//! Many modules with one fault: three are told of in full, ten more are named, and the advice stands once. Programs are told of
//! each.

use std::fs;

use gomod_cache::CacheFile;
use gomod_testkit::{LoopbackProxy, ModuleTree};

use super::{put, verify};
use crate::download::world::{Run, World, sum_lines};

const MODULES: usize = 30;

fn name(number: usize) -> String {
    format!("example.com/m{number:02}@v1.0.0")
}

/// A project that requires them, with every line in its go.sum, and their proxy.
fn world() -> (World, LoopbackProxy) {
    let (world, mut tree) = (World::new(), ModuleTree::new());
    let (mut requires, mut sums) = (String::new(), String::new());
    for number in 0..MODULES {
        let path = format!("example.com/m{number:02}");
        let go_mod = format!("module {path}\n");
        tree = tree.module(&path, "v1.0.0", &[("go.mod", go_mod.as_bytes()), ("m.go", b"package m\n")]);
        requires.extend(["require ", &path, " v1.0.0\n"]);
        sums += &sum_lines(&tree, &name(number));
    }
    world.write("go.mod", &format!("module example.org/app\n\ngo 1.16\n\n{requires}"));
    world.write("go.sum", &sums);
    (world, LoopbackProxy::serve(tree))
}

/// How many lines begin with these words.
fn lines(run: &Run, start: &str) -> usize {
    run.stderr.lines().filter(|line| line.starts_with(start)).count()
}

fn assert_told_once(run: &Run, word: &str) {
    let told = lines(run, &format!("{word}example.com/m0"));
    assert_eq!(told, 3, "{}", run.stderr);
    let rest: Vec<_> = run.stderr.lines().filter(|line| line.starts_with(&format!("{word}and "))).collect();
    let [rest] = rest[..] else { panic!("{}", run.stderr) };
    assert!(rest.contains("and 27 more for the same reason as example.com/m00@v1.0.0: "), "{rest}");
    assert_eq!(rest.matches("example.com/m").count(), 11, "{rest}");
}

#[test]
fn a_proxy_that_is_dead_is_told_once() {
    let (world, proxy) = world();
    world.download(&proxy.url()).expect(0);
    for number in 0..MODULES {
        put(&world.entry(&name(number)).path(CacheFile::Zip), b"no zip");
    }
    let before = world.files();
    let dead = LoopbackProxy::refused_url();
    let run = verify(&world, &dead, &["--repair", "--retries", "none", "--json"]).expect(1);
    assert_told_once(&run, "broken: ");
    assert_told_once(&run, "error: ");
    // One for what is broken, one for what cannot be repaired.
    assert_eq!(lines(&run, "      next: "), 2, "{}", run.stderr);
    assert!(run.stderr.len() < 6000, "{}", run.stderr);
    for field in ["module", "not_repaired"] {
        assert_eq!(run.records().iter().filter(|record| record[field].is_string()).count(), MODULES);
    }
    let next = |record: &serde_json::Value| record["next"].is_string();
    assert_eq!(
        run.records().iter().filter(|record| record["not_repaired"].is_string() && next(record)).count(),
        30
    );
    assert!(world.files() == before);
    // All are told of where that is asked for.
    let all = verify(&world, &dead, &["--repair", "--retries", "none", "-v"]).expect(1);
    assert_eq!((lines(&all, "broken: "), lines(&all, "error: ")), (MODULES, MODULES), "{}", all.stderr);
}

#[test]
fn a_go_sum_without_their_lines_is_told_once() {
    let (world, proxy) = world();
    world.write("go.sum", "");
    let mut command = world.tool(
        "verify",
        &proxy.url(),
        &["--project", "project", "--repair", "--retries", "none", "--json"],
    );
    // It knows none of them, and cannot be asked.
    command.env("TMPDIR", world.dir());
    let run = Run::of(command).expect(1);
    assert_told_once(&run, "error: ");
    assert_eq!(run.stderr.matches("bring back the project's go.sum").count(), 1, "{}", run.stderr);
    assert_eq!(run.records().iter().filter(|record| record["not_repaired"].is_string()).count(), MODULES);
}

/// Each is gone from the same quarantines, and each line of go.sum is wrong in its own way.
#[test]
fn what_is_gone_is_told_once() {
    let (world, proxy) = world();
    world.download(&proxy.url()).expect(0);
    for number in 0..MODULES {
        world.entry(&name(number)).lock().unwrap().quarantine(gomod_cache::Parts::all()).unwrap().unwrap();
    }
    let run = verify(&world, "off", &[]).expect(1);
    assert_told_once(&run, "gone: ");
    assert_eq!(run.stderr.matches("--quarantine restore").count(), 1, "{}", run.stderr);
    fs::remove_dir_all(world.cache().join("cache/quarantine")).unwrap();
}
