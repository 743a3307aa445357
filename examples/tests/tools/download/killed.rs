//! Killed at any moment, the tool leaves a cache in which nothing is wrong, for Go neither, and the next run finishes.

use std::env;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use gomod_testkit::{GoCommand, LoopbackProxy};

use super::world::{World, tree};

/// The moments are spread over a run that is not killed; whenever they come, what follows must hold.
/// `GOMOD_KILLS` says how many.
#[test]
fn killed_at_any_moment_it_leaves_nothing_wrong() {
    let kills = env::var("GOMOD_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20_u32);
    let go = GoCommand::find("go recognises what a killed download left");
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let started = Instant::now();
    world.download(&proxy.url()).expect(0);
    let whole = started.elapsed();
    for kill in 0..kills {
        let world = World::new();
        let mut command = world.command(&proxy.url(), &["--project", "project"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let end = Instant::now() + whole * kill / kills + Duration::from_micros(u64::from(kill) * 137 % 1000);
        while Instant::now() < end && child.try_wait().unwrap().is_none() {
            thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();

        let moment = format!("killed at {kill}/{kills} of {whole:?}");
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
