//! The pages that show how the crates are composed do what a user needs, and each wrong outcome of the first trial is refused.

use std::fs;

use gomod_cache::CacheFile;
use gomod_testkit::{LoopbackProxy, ModuleTree};

use crate::download::world::{ALPHA, BETA, World, database, sum_lines};
use crate::tool::Run;
use crate::verify::full;

fn versions() -> ModuleTree {
    let module = |tree: ModuleTree, version: &str, tail: &str| {
        let go_mod = format!("module example.com/m\n\ngo 1.16\n{tail}");
        tree.module("example.com/m", version, &[("go.mod", go_mod.as_bytes())])
    };
    let retract = "retract (\n\tv1.1.0 // lost data\n\tv1.2.0 // published by mistake\n)\n";
    let tree = module(module(ModuleTree::new(), "v1.0.0", ""), "v1.1.0", "");
    module(tree, "v1.2.0", retract)
        .module("example.com/legacy", "v1.0.30", &[("go.mod", b"module example.com/legacy\n\ngo 1.16\n")])
        .module("example.com/legacy", "v2.0.7+incompatible", &[("legacy.go", b"package legacy\n")])
}

fn outdated(requires: &str, sums: &str) -> Run {
    let proxy = LoopbackProxy::serve(versions());
    let world = World::new();
    world.write("go.mod", &format!("module example.com/main\n\ngo 1.22\n\n{requires}\n"));
    world.write("go.sum", sums);
    let mut command = world.tool("outdated", &proxy.url(), &["project"]);
    // A database that does not know them.
    command.env("GOSUMDB", format!("{} {}", database().key(), proxy.url()));
    Run::of(command)
}

#[test]
fn outdated_goes_neither_back_nor_by_a_word_that_nobody_has_checked() {
    let sums: String =
        ["example.com/m@v1.2.0", "example.com/legacy@v1.0.30", "example.com/legacy@v2.0.7+incompatible"]
            .map(|module| sum_lines(&versions(), module))
            .concat();
    // The latest of a module in use is lower; the one in use is retracted.
    let run = outdated("require example.com/legacy v2.0.7+incompatible", &sums).expect(0);
    assert_eq!(run.stdout, "example.com/legacy@v2.0.7+incompatible\n");
    let run = outdated("require example.com/m v1.1.0", &sums).expect(0);
    assert_eq!(run.stdout, "example.com/m@v1.1.0 (retracted: lost data)\n");
    let run = outdated("require example.com/m v1.0.0", &sums).expect(0);
    assert_eq!(run.stdout, "example.com/m@v1.0.0\n");
    let run = outdated("require example.com/legacy v1.0.30", &sums).expect(0);
    assert_eq!(run.stdout, "example.com/legacy@v1.0.30\n");
    // The go.mod file that says so is another one than go.sum has, or nothing proves it.
    let of =
        |module, number| sum_lines(&versions(), module).split_whitespace().nth(number).unwrap().to_owned();
    let wrong = sums.replace(&of("example.com/m@v1.2.0", 5), &of("example.com/m@v1.0.0", 5));
    assert_ne!(wrong, sums);
    let run = outdated("require example.com/m v1.1.0", &wrong).expect(1);
    assert!(run.stdout.is_empty() && run.error().contains("checksum mismatch"), "{}", run.stderr);
    let run = outdated("require example.com/m v1.1.0", "").expect(1);
    assert!(run.stdout.is_empty() && run.error().contains("example.com/m v1.2.0/go.mod"), "{}", run.stderr);
}

#[test]
fn sumcheck_finds_what_is_altered_and_is_not_content_with_nothing() {
    let (world, _proxy) = full();
    let check = |dir: &str| Run::of(world.tool("sumcheck", "off", &["project/go.sum", dir]));
    let run = check("cache/cache/download").expect(0);
    let records = run.records();
    let modules: Vec<_> = records.iter().map(|record| record["module"].as_str().unwrap()).collect();
    assert_eq!(modules, [BETA, ALPHA]);
    for record in &records {
        let zip = world.entry(record["module"].as_str().unwrap()).path(CacheFile::Zip);
        assert_eq!(record["sha256"], crate::tool::sha256(&zip));
        assert!(record["h1"].is_string() && record["error"].is_null(), "{record}");
    }
    // The root above is no download tree, and an empty directory is none.
    for dir in ["cache", "project"] {
        assert!(check(dir).expect(1).error().contains("no module"));
    }
    let zip = world.entry(ALPHA).path(CacheFile::Zip);
    let mut altered = fs::read(&zip).unwrap();
    altered[1000] ^= 0xff;
    fs::write(&zip, &altered).unwrap();
    let error = |module: &str| {
        let records = check("cache/cache/download").expect(1).records();
        records.into_iter().find(|record| record["module"] == module).unwrap()["error"].clone()
    };
    // With the layers below it.
    assert!(error(ALPHA).as_str().is_some_and(|error| error.contains(": ")), "{}", error(ALPHA));
    assert!(error(BETA).is_null());
    fs::write(&zip, &altered[..100]).unwrap();
    assert!(error(ALPHA).is_string() && error(BETA).is_null());
    // One that no memory holds is not read to its end.
    fs::OpenOptions::new().write(true).open(&zip).unwrap().set_len(1 << 43).unwrap();
    assert!(error(ALPHA).is_string() && error(BETA).is_null());
    // A go.sum without the module proves nothing.
    world.write("go.sum", &sum_lines(&crate::download::world::tree(), ALPHA));
    assert!(error(BETA).is_string());
    // What is not looked at is not passed over.
    #[cfg(unix)]
    {
        fs::remove_file(&zip).unwrap();
        std::os::unix::fs::symlink(world.entry(BETA).path(CacheFile::Zip), &zip).unwrap();
        assert_eq!(error(ALPHA), "not a file");
        let versions = zip.parent().unwrap();
        fs::rename(versions, world.dir().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(world.dir().join("elsewhere"), versions).unwrap();
        assert!(
            check("cache/cache/download")
                .expect(1)
                .error()
                .contains("is a symbolic link, and is not followed")
        );
    }
}
