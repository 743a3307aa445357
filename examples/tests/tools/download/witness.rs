//! Where go.sum and bytes differ, the checksum database is a witness, where it may be asked: what it says is shown, and who is
//! right is told. It makes nothing acceptable.

use std::fs;
use std::process::Command;

use gomod_cache::CacheFile;
use gomod_testkit::{LoopbackProxy, ModuleTree};

use super::world::{ALPHA, Run, World, database, go_sum, sum_lines, tree};

const RIGHT_LINE: &str = "finding: the checksum database agrees with line ";
const WRONG_LINE: &str = "finding: the checksum database agrees with the hash found, so line ";

/// Another module under the name of one of [`tree`], with the same go.mod.
pub(crate) fn other() -> ModuleTree {
    let go_mod: &[u8] = b"module example.com/alpha\n\ngo 1.20\n";
    tree().module(
        "example.com/alpha",
        "v1.0.0",
        &[("go.mod", go_mod), ("mine.go", b"package alpha // mine\n")],
    )
}

/// go.sum with the lines of [`other`].
pub(crate) fn other_sums() -> String {
    go_sum().replace(&sum_lines(&tree(), ALPHA), &sum_lines(&other(), ALPHA))
}

/// The proxy of a tree, which serves the database as well.
pub(crate) fn with_database(tree: ModuleTree) -> LoopbackProxy {
    LoopbackProxy::builder(tree).proxied_database(&database()).start()
}

pub(crate) fn lookups(proxy: &LoopbackProxy) -> usize {
    proxy.requests().iter().filter(|path| path.contains("/lookup/")).count()
}

fn command(world: &World, proxy: &LoopbackProxy) -> Command {
    let mut command = world.command(&proxy.url(), &["--project", "project", "--retries", "none", "--json"]);
    command.env("GOSUMDB", database().key());
    command
}

#[test]
fn a_line_of_go_sum_that_the_database_contradicts_is_blamed() {
    for is_cached in [false, true] {
        let (world, proxy) = (World::new(), with_database(tree()));
        if is_cached {
            world.download(&proxy.url()).expect(0);
        }
        world.write("go.sum", &other_sums());
        let run = Run::of(command(&world, &proxy)).expect(1);
        run.says(&[WRONG_LINE, "next: find out how line 3 of go.sum came about, and replace it"]);
        assert!(!run.stderr.contains("next: move"), "{}", run.stderr);
        assert_eq!(lookups(&proxy), 1);
        // Following it.
        world.write("go.sum", &go_sum());
        Run::of(command(&world, &proxy)).expect(0);
    }
}

#[test]
fn bytes_that_the_database_contradicts_are_blamed() {
    let (world, proxy) = (World::new(), with_database(other()));
    let run = Run::of(command(&world, &proxy)).expect(1);
    run.says(&[
        RIGHT_LINE,
        "so what came is not what was published first",
        "next: take it from another source",
    ]);
    world.assert_without_zip(ALPHA);
    // In the cache.
    let (world, proxy) = (World::new(), with_database(other()));
    world.write("go.sum", &other_sums());
    world.download(&proxy.url()).expect(0);
    world.write("go.sum", &go_sum());
    let run = Run::of(command(&world, &proxy)).expect(1);
    let zip = world.entry(ALPHA).path(CacheFile::Zip);
    run.says(&[RIGHT_LINE, &format!("next: move {} and ", zip.display())]);
    assert!(fs::exists(zip).unwrap());
}

/// Nor is the answer of another module used.
#[test]
fn nobody_is_asked_where_nobody_may_be() {
    for (name, value) in [
        ("GOPRIVATE", "example.com/alpha"),
        ("GONOSUMDB", "example.com"),
        ("GOSUMDB", "off"),
        ("GOPROXY", "off"),
    ] {
        let (world, proxy) = (World::new(), with_database(tree()));
        world.download(&proxy.url()).expect(0);
        world.write("go.sum", &other_sums());
        let asked = proxy.hits();
        let mut command = command(&world, &proxy);
        // With a URL of its own it could be asked without GOPROXY.
        let url = format!("{} {}/sumdb/sum.example.org", database().key(), proxy.url());
        command.env("GOSUMDB", url).env("GONOPROXY", "none").env(name, value);
        let run = Run::of(command).expect(1);
        assert!(!run.stderr.contains("checksum database agrees"), "{name}: {}", run.stderr);
        assert_eq!(proxy.hits(), asked, "{name}: {:?}", proxy.requests());
    }
}

/// It is not asked again and again, and nothing is said of it.
#[test]
fn a_database_that_cannot_be_asked_changes_nothing() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    world.write("go.sum", &other_sums());
    let run = Run::of(command(&world, &proxy)).expect(1);
    assert!(!run.stderr.contains("finding: the checksum database"), "{}", run.stderr);
    run.says(&["do not build from these bytes"]);
}

#[test]
fn a_witness_that_misbehaves_ends_the_run() {
    let database = database();
    let (world, proxy) = (World::new(), LoopbackProxy::builder(tree()).proxied_database(&database).start());
    let mut first = world.command(&proxy.url(), &[ALPHA, "--retries", "none"]);
    Run::of_mut(first.env("GOSUMDB", database.key())).expect(0);
    database.update(|log| {
        log.rewrite(0, "example.com/alpha v1.0.0 h1:other\n");
        super::world::add(log, "example.com/new@v1.0.0", "example.com/new v1.0.0 h1:x\n");
    });
    let lookups = world.cache().join("cache/download/sumdb/sum.example.org/lookup");
    gomod_testkit::remove_tree(&lookups).unwrap();
    world.write("go.sum", &other_sums());
    let run = Run::of(command(&world, &proxy)).expect(1);
    run.says(&["SECURITY ERROR", "the checksum database is not to be trusted"]);
}
