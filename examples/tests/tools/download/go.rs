//! The real `go` command takes our cache for its own, and we take its cache for ours.

use std::collections::BTreeMap;

use gomod_testkit::{GoCommand, LoopbackProxy, mod_cache};

use super::world::{World, tree};

#[test]
fn go_accepts_a_cache_that_we_filled() {
    let Some(go) = GoCommand::find("go accepts our cache") else { return };
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    world.download(&proxy.url()).expect(0);
    let run = |args: &[&str]| {
        let run = go.command(args, world.dir()).mod_cache(world.cache()).current_dir(world.project());
        run.env("GOFLAGS", "-mod=mod -modcacherw").run().expect_success()
    };
    assert_eq!(run(&["mod", "verify"]).stdout, "all modules verified\n");
    run(&["build", "./..."]);
    run(&["vet", "./..."]);
    // Nothing is missing to it: GOPROXY is off.
    assert_eq!(run(&["mod", "download"]).stderr, "");
}

#[test]
fn a_cache_that_go_filled_is_complete_and_like_ours() {
    let Some(go) = GoCommand::find("we accept go's cache") else { return };
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let home = tempfile::tempdir().unwrap();
    let run = go.command(&["mod", "download"], home.path()).proxy(&proxy.url()).current_dir(world.project());
    let _ = run.run().expect_success();

    let mut command = world.command("off", &["--project", "project", "--verify"]);
    command.env("GOMODCACHE", mod_cache(home.path()));
    super::world::Run::of(command).expect(0).says(&["2 already in the cache", "0 requests"]);

    world.download(&proxy.url()).expect(0);
    let ours = world.files();
    std::fs::rename(world.cache(), world.dir().join("ours")).unwrap();
    std::fs::rename(mod_cache(home.path()), world.cache()).unwrap();
    let theirs: BTreeMap<_, _> =
        world.files().into_iter().filter(|(path, _)| !path.contains("/sumdb/")).collect();
    assert_eq!(names(&ours), names(&theirs));
    assert!(ours == theirs, "the same names with other contents");
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<&String> {
    files.keys().collect()
}
