//! What is said of a disk, a limit and a permission.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use gomod_cache::CacheFile;

use super::PROJECT;
use super::scene::Scene;
use crate::download::world::Run;
use crate::no_room::Cause;

followed! {
    room_in_the_cache: "make room on this disk, or set GOMODCACHE to a directory on another one", |words| {
        Scene::new("download", PROJECT).advises_around(Cause::Bytes, "cache", words);
    };
    room_for_a_file: "make room there, or write to another file system", |words| {
        Scene::fetch().advises_around(Cause::Bytes, "room", words);
    };
    a_higher_limit: "raise the limit on the size of files, `ulimit -f unlimited`, and run this again", |words| {
        Scene::new("download", PROJECT).advises_around(Cause::FileSize, "cache", words);
    };
    a_file_system_that_can_be_written: "write to another file system, or have this one mounted for writing", |words| {
        Scene::fetch().advises_around(Cause::ReadOnly, "room", words);
    };
    a_user_who_may_write: "change its owner or mode, or run this as a user who may do that", |words| {
        let scene = Scene::fetch();
        fs::set_permissions(scene.world.dir(), fs::Permissions::from_mode(0o755)).unwrap();
        scene.advises_around(Cause::Owner, "room", words);
    };
    a_user_who_may_read: "change its owner or mode so that this user may read it, or set GOMODCACHE to another directory", |words| {
        let scene = Scene::new("download", PROJECT);
        scene.is_well();
        fs::set_permissions(scene.world.dir(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = scene.path(CacheFile::Mod);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        scene.advises_around(Cause::Owner, "room", words);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        if let Some(command) = Cause::Owner.around(&scene.command(), "room") {
            let _ = Run::of(command).expect(0);
        }
    };
    room_for_go_sum: "make room for {} and run this again: what was downloaded stays in the cache", |words| {
        Scene::write_sum().advises_around(Cause::Bytes, "room", words);
    };
    a_go_sum_that_can_be_written: "make {} writable and run this again: what was downloaded stays in the cache", |words| {
        Scene::write_sum().advises_around(Cause::ReadOnly, "room", words);
    };
}
