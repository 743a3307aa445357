//! Links in a cache: a shared one works in every tool, and what leads elsewhere is refused in one sentence.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use gomod_cache::CacheFile;
use gomod_testkit::LoopbackProxy;

use super::{full, put, used, verify};
#[cfg(target_os = "linux")]
use crate::confined::in_own_mounts;
use crate::download::world::{ALPHA, Run, World, tree};

/// The cache itself, and what is shared of caches.
#[test]
fn a_shared_cache_works_in_every_tool() {
    let right = used(&full().0);
    for link in ["", "cache", "cache/download"] {
        let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
        let link = if link.is_empty() { world.cache() } else { world.cache().join(link) };
        let target = world.dir().join("shared");
        fs::create_dir(&target).unwrap();
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(&target, &link).unwrap();
        world.download(&proxy.url()).expect(0);
        for args in [&[][..], &["--project", "project"], &[ALPHA]] {
            verify(&world, "off", args).expect(0).says(&["checked, 0 broken"]);
        }
        put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
        verify(&world, "off", &["--repair"]).expect(1).says(&["not repaired"]);
        verify(&world, &proxy.url(), &["--repair"]).expect(0).says(&["1 repaired"]);
        assert!(used(&world) == right, "{}", link.display());
        verify(&world, "off", &["--quarantine", "prune", "--yes"]).expect(0).says(&["removed: 1"]);
        verify(&world, "off", &["--prune", "--max-size", "0", "--yes"]).expect(0).says(&["2 versions"]);
        assert!(link.symlink_metadata().unwrap().is_symlink());
        fs::remove_file(&link).unwrap();
    }
}

/// The shared directory is on another disk, to which nothing can be renamed.
#[cfg(target_os = "linux")]
#[test]
fn a_shared_cache_may_be_on_another_disk() {
    let (world, proxy) = full();
    let right = used(&world);
    put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
    let script = "mkdir \"$SHARED\" && mount -t tmpfs none \"$SHARED\" && cp -a \"$GOMODCACHE\"/cache/download/. \"$SHARED\" && \
        rm -r \"$GOMODCACHE\"/cache/download && ln -s \"$SHARED\" \"$GOMODCACHE\"/cache/download && { \"$@\"; code=$?; \
        rm \"$GOMODCACHE\"/cache/download; cp -a \"$SHARED\" \"$GOMODCACHE\"/cache/download; exit $code; }";
    let tool = world.tool("verify", &proxy.url(), &["--repair"]);
    let Some(mut command) = in_own_mounts(script, &tool) else { return };
    command.env("SHARED", world.dir().join("shared"));
    Run::of(command).expect(0).says(&["1 repaired"]);
    assert!(used(&world) == right);
}
