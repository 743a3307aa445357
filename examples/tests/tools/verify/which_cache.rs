//! It is said which cache was looked at, and what chose it.

use std::fs;

use super::{full, verify};
use crate::download::world::{Run, World};

#[test]
fn the_cache_is_named_with_what_chose_it() {
    let (world, _proxy) = full();
    let cache = world.cache().display().to_string();
    let run = verify(&world, "off", &["--json"]).expect(0);
    run.says(&[&format!("module cache: {cache} (GOMODCACHE, set in the environment)")]);
    let last = run.records().pop().unwrap();
    assert_eq!((&last["cache"], &last["cache_exists"]), (&cache.clone().into(), &true.into()));
    assert_eq!(last["cache_chosen_by"], "GOMODCACHE, set in the environment");

    let file = world.dir().join("env");
    fs::write(&file, format!("GOMODCACHE={cache}\n")).unwrap();
    let mut command = world.tool("verify", "off", &[] as &[&str]);
    command.env_remove("GOMODCACHE").env("GOENV", &file);
    let by_file = format!("{cache} (GOMODCACHE, set by `go env -w` in {})", file.display());
    Run::of(command).expect(0).says(&[&by_file]);

    for (name, value, chosen) in [
        ("GOPATH", "elsewhere", "elsewhere/pkg/mod (pkg/mod below GOPATH, set in the environment)"),
        ("HOME", "home", "home/go/pkg/mod (the default, go/pkg/mod in the home directory)"),
    ] {
        let mut command = world.tool("verify", "off", &[] as &[&str]);
        command.env_remove("GOMODCACHE").env_remove("GOPATH").env(name, world.dir().join(value));
        let run = Run::of(command).expect(1);
        run.says(&[chosen, "there is no such directory", "next: `go env GOMODCACHE`"]);
    }
}

#[test]
fn an_empty_cache_is_no_cache_that_is_not_there() {
    let world = World::new();
    let run = verify(&world, "off", &["--json"]).expect(1);
    assert!(run.error().contains("is not there"), "{}", run.stderr);
    assert_eq!(run.records()[0]["cache_exists"], false);
    assert!(!world.cache().exists());
    fs::create_dir(world.cache()).unwrap();
    let run = verify(&world, "off", &[]).expect(1);
    assert!(run.error().contains("has nothing of it"), "{}", run.stderr);
    let run = verify(&world, "off", &["--prune", "--max-size", "0"]).expect(0);
    run.says(&["module cache: "]);
}
