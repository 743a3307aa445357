//! Without arguments the tool shows what it does, on a machine with no Go, no network and no project.

use std::fs;
use std::path::PathBuf;

use gomod_testkit::GoCommand;

use super::world::{Run, World, outcomes};

/// The directory that a run of the sample left.
fn left(run: &Run) -> PathBuf {
    let (_, dir) = run.stderr.rsplit_once("rm -r ").expect("how to remove it");
    dir.lines().next().unwrap().into()
}

fn sample(world: &World, args: &[&str]) -> Run {
    // An environment in which nothing would work.
    let mut command = world.command("off", args);
    command.env("TMPDIR", world.dir()).env("GOMODCACHE", "/nonexistent/cache");
    Run::of(command).expect(0)
}

#[test]
fn the_sample_shows_the_fallback_and_where_everything_is() {
    let world = World::new();
    let run = sample(&world, &[]);
    run.says(&[
        "502 Bad Gateway",
        "asked again after 0.",
        "error passes `|`",
        "200 OK",
        "verified: zip    h1:",
        "(go.sum line 3)",
        "2 modules: 2 downloaded",
        "cache: ",
        "--project DIR",
    ]);
    assert!(run.stdout.is_empty());
    let dir = left(&run);
    assert!(dir.starts_with(fs::canonicalize(world.dir()).unwrap()) || dir.starts_with(world.dir()));
    assert!(dir.join("gopath/pkg/mod/example.com/!words@v0.3.1/words.go").is_file());
}

#[test]
fn the_sample_takes_other_flags() {
    let world = World::new();
    let run = sample(&world, &["--sample", "--json", "--jobs", "1", "--quiet"]);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    assert_eq!(run.records().len(), 2);
    for record in run.records() {
        assert_eq!(record["schema"], 1);
        assert_eq!(outcomes(&record, ".zip"), ["status", "status", "200"]);
        for field in ["Info", "GoMod", "Zip", "Dir"] {
            assert!(fs::exists(record[field].as_str().unwrap()).unwrap(), "{field}");
        }
        assert!(record["Sum"].is_string() && record["GoModSum"].is_string() && record["Error"].is_null());
    }
}

#[test]
fn the_go_command_runs_the_sample() {
    let Some(go) = GoCommand::find("the sample's cache is used by go run") else { return };
    let world = World::new();
    let dir = left(&sample(&world, &[]));
    let run = go.command(&["run", "."], world.dir()).env("GOFLAGS", "-mod=mod");
    let run =
        run.mod_cache(dir.join("gopath/pkg/mod")).current_dir(dir.join("project")).run().expect_success();
    assert_eq!(run.stdout, "Hello, world!\n");
}
