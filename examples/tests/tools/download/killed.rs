//! Killed at any moment, the tool leaves a cache in which nothing is wrong, for Go neither, and the next run finishes.

use std::time::Instant;

use gomod_testkit::{GoCommand, LoopbackProxy};

use super::world::{World, tree};
use crate::kills::{kill_at, moments};

#[test]
fn killed_at_any_moment_it_leaves_nothing_wrong() {
    let go = GoCommand::find("go recognises what a killed download left");
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let started = Instant::now();
    world.download(&proxy.url()).expect(0);
    let whole = started.elapsed();
    for (at, moment) in moments(whole) {
        let world = World::new();
        kill_at(at, world.command(&proxy.url(), &["--project", "project"]));
        world.assert_nothing_wrong(&moment);
        if let Some(go) = &go {
            let list = go.command(&["list", "-deps", "./..."], world.dir()).mod_cache(world.cache());
            let list = list.env("GOFLAGS", "-mod=mod -modcacherw").current_dir(world.project()).run();
            let missing = list.stderr.contains("module lookup disabled by GOPROXY=off");
            assert!(list.status.success() != missing, "{moment}: {list:?}");
        }
        world.download(&proxy.url()).expect(0);
        world.assert_whole(&moment);
        // The temporary file of a .mod or .info stays, as Go's does: nobody knows whether somebody still writes it.
        let left =
            |path: &&String| path.contains(".zip") && path.ends_with(".tmp") || path.ends_with(".partial");
        assert_eq!(world.names().iter().find(left), None, "{moment}");
    }
}
