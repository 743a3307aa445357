//! A repair that the disk has no room for leaves nothing wrong that was not wrong before, and can be run again.
#![cfg(target_os = "linux")]

use gomod_cache::CacheFile;

use super::killed::{assert_nothing_new_is_wrong, break_both};
use super::{full, used, verify};
use crate::confined::{in_own_mounts, with_files_of};
use crate::download::world::{ALPHA, Run};

/// The tool works on a copy of the cache with so much room beside it, and what it left is brought back.
const SCRIPT: &str = "used=$(du -sk \"$GOMODCACHE\" | cut -f1) && mkdir \"$SMALL\" && \
    mount -t tmpfs -o size=$((used + ROOM))k none \"$SMALL\" && cp -a \"$GOMODCACHE\"/. \"$SMALL\" && \
    { GOMODCACHE=$SMALL \"$@\"; code=$?; cp -a \"$SMALL\" \"$KEPT\" && exit $code; }";

#[test]
fn a_full_disk_ends_the_repair_and_leaves_nothing_wrong() {
    let (world, _proxy) = full();
    let right = used(&world);
    let mut refused = 0;
    for room in (0..16).map(|step| step * 48) {
        let (world, proxy) = full();
        break_both(&world);
        let before = used(&world);
        let arguments = ["--project", "project", "--repair"];
        let Some(mut command) = in_own_mounts(SCRIPT, &world.tool("verify", &proxy.url(), &arguments)) else {
            return;
        };
        let kept = world.dir().join("kept");
        command.env("ROOM", room.to_string()).env("SMALL", world.dir().join("small")).env("KEPT", &kept);
        let run = Run::of(command);
        gomod_testkit::remove_tree(&world.cache()).unwrap();
        std::fs::rename(kept, world.cache()).unwrap();
        let moment = format!("{room} KiB of room");
        if run.code != Some(0) {
            assert_eq!(run.code, Some(1), "{moment}: {}", run.stderr);
            run.says(&["No space left on device"]);
            refused += 1;
        }
        assert_nothing_new_is_wrong(&world, &moment);
        // Each file is the old one or the right one, and none is gone.
        let mut now = used(&world);
        now.retain(|path, _| !path.starts_with("cache/staging/"));
        let differs = |path: &&String| ![before.get(*path), right.get(*path)].contains(&now.get(*path));
        let lost: Vec<_> = before.keys().filter(differs).collect();
        assert!(lost.is_empty() && now.len() == before.len(), "{moment}: {lost:?}: {}", run.stderr);
        verify(&world, &proxy.url(), &["--project", "project", "--repair"]).expect(0);
        assert!(used(&world) == right, "{moment}");
    }
    // Otherwise it is not the room in which something goes wrong.
    assert!((4..16).contains(&refused), "{refused}");
}

/// SIGXFSZ at whichever file: the repair ends with a word, and the cache is as it was, byte for byte.
#[test]
fn a_limit_on_the_size_of_files_leaves_all_as_it_was() {
    let mut refused = 0;
    for blocks in [0, 1, 8, 64, 128, 512, 2048] {
        let (world, proxy) = full();
        // A zip that is to be fetched, and its tree.
        super::put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
        let before = world.files();
        let arguments = ["--project", "project", "--repair"];
        let run = Run::of(with_files_of(blocks, &world.tool("verify", &proxy.url(), &arguments)));
        if run.code != Some(0) {
            assert_eq!(run.code, Some(1), "{blocks}: {}", run.stderr);
            run.says(&["File too large", "limit: files of this process may have ", "next: raise the limit"]);
            let is_same = world.files() == before;
            assert!(is_same, "{blocks}: {:?}", world.names());
            refused += 1;
        }
        verify(&world, &proxy.url(), &["--project", "project", "--repair"]).expect(0);
    }
    assert!((3..7).contains(&refused), "{refused}");
}
