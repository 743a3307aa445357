//! A cache that is none, that cannot be read or written, or that leads elsewhere: one sentence, and nothing outside it
//! is written.

use std::fs;
use std::path::Path;

use gomod_cache::CacheFile;

use super::{full, put, used, verify};
#[cfg(target_os = "linux")]
use crate::confined::{READ_ONLY_CACHE, as_nobody, in_own_mounts};
use crate::download::world::{ALPHA, Run, World};

#[test]
fn a_cache_that_is_a_file_is_one_sentence() {
    let world = World::new();
    fs::write(world.cache(), b"in the way").unwrap();
    for args in [&[][..], &["--repair"], &["--prune", "--max-size", "0"]] {
        let run = verify(&world, "off", args).expect(1);
        assert!(run.error().starts_with("error: module cache "), "{}", run.stderr);
    }
    fs::remove_file(world.cache()).unwrap();
}

#[test]
fn hostile_names_are_reported_and_left() {
    let (world, _proxy) = full();
    for path in
        ["README", "cache/download/example.com/alpha/@v/odd", "example.com/x@v9.9.9/x.go", "nodot/m@v1.0.0/x"]
    {
        let path = world.cache().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"").unwrap();
    }
    let before = world.files();
    let run = verify(&world, "off", &["-v", "--json", "--repair"]).expect(0);
    run.says(&["2 checked, 0 broken", "foreign: ", "4 × other file"]);
    assert!(world.files() == before);
    let run = verify(&world, "off", &["--no-such-flag"]).expect(2);
    assert!(run.stdout.is_empty());
    assert!(verify(&world, "off", &["--help"]).expect(0).stdout.contains("Exit status:"));
}

#[test]
fn what_cannot_be_read_is_named() {
    let (world, _proxy) = full();
    fs::create_dir(world.dir().join("empty")).unwrap();
    fs::write(world.dir().join("bad.sum"), "x y\n").unwrap();
    for (args, code, text) in [
        (&["--project", "nowhere"][..], 2, "project directory nowhere"),
        (&["--project", "empty"], 2, "there is no go.mod"),
        (&["--sum", "none.sum"], 1, "there is no none.sum"),
        (&["--sum", "bad.sum"], 1, "bad.sum:1: malformed go.sum"),
    ] {
        let run = verify(&world, "off", args).expect(code);
        assert!(run.error().contains(text), "{}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_cache_are_not_followed() {
    use std::os::unix::fs::symlink;

    let (world, proxy) = full();
    let outside = world.dir().join("outside");
    for link in ["cache/download/example.com", "example.com"] {
        let link = world.cache().join(link);
        fs::rename(&link, &outside).unwrap();
        symlink(&outside, &link).unwrap();
        let zip = world.entry(ALPHA).path(CacheFile::Zip);
        let right = fs::read(&zip).unwrap();
        put(&zip, b"no zip");
        let before = names(&outside);
        // The walk does not follow it, and a module that is named is refused.
        let _ = verify(&world, &proxy.url(), &["--repair"]);
        let run = verify(&world, &proxy.url(), &[ALPHA, "--sum", "project/go.sum", "--repair"]).expect(1);
        run.says(&["is a symbolic link, and is not followed"]);
        let _ = verify(&world, "off", &["--prune", "--max-size", "0", "--yes"]);
        assert_eq!(fs::read(&zip).unwrap(), b"no zip");
        assert_eq!(names(&outside), before);
        put(&zip, &right);
        fs::remove_file(&link).unwrap();
        fs::rename(&outside, &link).unwrap();
        assert!(world.entry(ALPHA).state().unwrap().is_complete());
    }
}

#[cfg(unix)]
pub(super) fn names(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(path) = pending.pop() {
        if path.is_dir() && !path.is_symlink() {
            pending.extend(fs::read_dir(&path).unwrap().map(|file| file.unwrap().path()));
        }
        found.push(path.display().to_string());
    }
    found.sort();
    found
}

/// A mount of its own, in which the cache cannot be written, not even by root.
#[cfg(target_os = "linux")]
#[test]
fn a_read_only_disk_can_be_verified_and_not_repaired() {
    let (world, proxy) = full();
    let before = used(&world);
    let tool = |args: &[&str]| {
        let command = in_own_mounts(READ_ONLY_CACHE, &world.tool("verify", &proxy.url(), args))?;
        Some(Run::of(command))
    };
    let Some(run) = tool(&["--project", "project"]) else { return };
    run.expect(0).says(&["2 checked, 0 broken"]);
    put(&world.entry(ALPHA).dir().join("LICENSE"), b"Mine.\n");
    let run = tool(&["--project", "project", "--repair"]).unwrap().expect(1);
    run.says(&["not repaired: ", "1 broken"]);
    assert!(used(&world).len() == before.len());
}

/// Somebody who may not read it: root may read everything, and becomes nobody.
#[cfg(target_os = "linux")]
#[test]
fn an_unreadable_directory_is_named_and_the_rest_checked() {
    use std::os::unix::fs::PermissionsExt as _;

    let (world, _proxy) = full();
    let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set_mode(world.dir(), 0o755);
    let Some(nobody) = as_nobody(&world.tool("verify", "off", &[] as &[&str])) else { return };
    let locked = world.cache().join("cache/download/example.com/alpha");
    set_mode(&locked, 0o000);
    let run = Run::of(nobody);
    set_mode(&locked, 0o755);
    run.expect(1).says(&["broken: read ", "alpha", "look at the permissions", "2 broken"]);
}
