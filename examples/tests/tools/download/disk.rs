//! A disk that is full, read-only, or somebody else's: what is in the cache is right, and the next run finishes.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use gomod_testkit::LoopbackProxy;

use super::world::{Run, World, tree};
use crate::confined::{READ_ONLY_CACHE, as_nobody, in_own_mounts};

/// The cache is a file system of its own, and is copied for the test before it goes away with its mount.
const SCRIPT: &str = "mkdir \"$GOMODCACHE\" && mount -t tmpfs -o \"$ROOM\" none \"$GOMODCACHE\" && \
    { \"$@\"; code=$?; cp -a \"$GOMODCACHE\" \"$KEPT\" && exit $code; }";

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing_wrong() {
    let sizes = (1..=24).map(|step| format!("size={}k", step * 32));
    let mut full = 0;
    for room in sizes.chain((1..=16).map(|step| format!("nr_inodes={}", step * 3))) {
        let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
        let command = world.command(&proxy.url(), &["--project", "project", "--retries", "none"]);
        let Some(mut command) = in_own_mounts(SCRIPT, &command) else { return };
        command.env("ROOM", &room).env("KEPT", world.dir().join("kept"));
        let run = Run::of(command);
        fs::remove_dir(world.cache()).unwrap();
        fs::rename(world.dir().join("kept"), world.cache()).unwrap();
        if run.code != Some(0) {
            assert_eq!(run.code, Some(1), "{room}: {}", run.stderr);
            run.says(&["No space left on device"]);
            full += 1;
        }
        world.assert_nothing_wrong(&room);
        world.download(&proxy.url()).expect(0);
        world.assert_whole(&room);
        world.assert_nothing_half_done();
    }
    // Otherwise the rooms are not those in which something goes wrong.
    assert!((20..40).contains(&full), "{full}");
}

/// Root may write everything, and becomes nobody.
#[test]
fn a_cache_of_somebody_else_is_one_sentence_for_each_module() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let set_mode = |mode| fs::set_permissions(world.dir(), fs::Permissions::from_mode(mode)).unwrap();
    set_mode(0o755);
    let command = world.command(&proxy.url(), &["--project", "project"]);
    let Some(command) = as_nobody(&command) else { return };
    fs::create_dir(world.cache()).unwrap();
    let run = Run::of(command).expect(1);
    run.says(&["Permission denied", "make the module cache writable"]);
    assert_eq!(world.names(), [] as [String; 0]);
    // What is there already can be used by everybody.
    world.download(&proxy.url()).expect(0);
    let before = world.files();
    let command = as_nobody(&world.command("off", &["--project", "project"])).unwrap();
    Run::of(command).expect(0).says(&["2 already in the cache"]);
    assert!(world.files() == before);
}

/// A mount on which not even root can write.
#[test]
fn a_read_only_disk_is_good_for_what_is_there() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    fs::create_dir(world.cache()).unwrap();
    let command = world.command(&proxy.url(), &["--project", "project"]);
    let Some(command) = in_own_mounts(READ_ONLY_CACHE, &command) else { return };
    Run::of(command).expect(1).says(&["Read-only file system", "make the module cache writable"]);
    assert_eq!(world.names(), [] as [String; 0]);
    world.download(&proxy.url()).expect(0);
    let command = in_own_mounts(READ_ONLY_CACHE, &world.command("off", &["--project", "project"])).unwrap();
    Run::of(command).expect(0).says(&["2 already in the cache"]);
}
