//! Several processes on one empty cache, ours and Go's.

use std::thread;

use gomod_testkit::{GoCommand, LoopbackProxy};

use super::{used, verify};
use crate::download::world::{World, tree};

#[test]
fn two_downloads_and_go_share_one_empty_cache() {
    let Some(go) = GoCommand::find("two of our processes and go on one cache") else { return };
    for _ in 0..10 {
        let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| world.download(&proxy.url()).expect(0));
            }
            scope.spawn(|| {
                let run = go.command(&["mod", "download"], world.dir()).mod_cache(world.cache());
                let _ = run.proxy(&proxy.url()).current_dir(world.project()).run().expect_success();
            });
        });
        // One for each module: the others waited and found it.
        let zips = proxy.requests().iter().filter(|path| path.ends_with(".zip")).count();
        assert_eq!(zips, 2, "{:?}", proxy.requests());
        world.assert_nothing_half_done();
        verify(&world, "off", &["--project", "project"]).expect(0).says(&["2 checked, 0 broken"]);
        assert_eq!(used(&world).keys().filter(|path| path.ends_with(".zip")).count(), 2);
    }
}
