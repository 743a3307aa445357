//! Links in a cache: a shared one works in every tool, and what leads elsewhere is refused in one sentence.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use gomod_cache::CacheFile;
use gomod_testkit::{LoopbackProxy, remove_tree};

use super::bad_input::names;
use super::{full, put, used, verify};
#[cfg(target_os = "linux")]
use crate::confined::in_own_mounts;
use crate::download::world::{ALPHA, Run, World, database, tree};

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

/// Where links may not be, in the cache of a whole module.
fn links(world: &World) -> Vec<PathBuf> {
    let entry = world.entry(ALPHA);
    let files = [CacheFile::Info, CacheFile::Mod, CacheFile::Zip, CacheFile::ZipHash, CacheFile::Lock];
    let dirs = ["cache/download/example.com", "cache/download/example.com/alpha", "example.com"];
    let dirs = dirs.map(|dir| world.cache().join(dir));
    dirs.into_iter().chain(files.map(|file| entry.path(file))).chain([entry.dir()]).collect()
}

/// Whether the module is there as a whole, or is to be fetched, what is elsewhere is neither believed nor written.
#[test]
fn a_link_further_down_is_refused_by_every_tool_in_one_sentence_with_one_advice() {
    let (world, proxy) = full();
    let outside = world.dir().join("outside");
    for link in links(&world) {
        for whole in [true, false] {
            fs::rename(&link, &outside).unwrap();
            symlink(&outside, &link).unwrap();
            if !whole && outside.is_dir() {
                remove_tree(&outside).unwrap();
                fs::create_dir(&outside).unwrap();
            }
            let before = names(&outside);
            let sentence = format!("{} is a symbolic link, and is not followed", link.display());
            let run = world.run(&proxy.url(), &[ALPHA, "--project", "project"]).expect(1);
            assert!(run.error().ends_with(&sentence), "{}", run.stderr);
            let advice = "      next: put what it leads to in its place, or take it away";
            let next =
                run.stderr.lines().find(|line| line.starts_with(advice)).expect("an advice").to_owned();
            assert_eq!(names(&outside), before, "{}", link.display());
            for args in [&[ALPHA, "--sum", "project/go.sum"][..], &[ALPHA, "--project", "project"]] {
                let run = verify(&world, "off", args).expect(1);
                run.says(&[&format!("broken: {ALPHA}: {sentence}\n{next}\n")]);
                assert_eq!(
                    super::kinds(&verify(&world, "off", &[args, &["--json"]].concat()), ALPHA)[0],
                    "symlink"
                );
            }
            if world.entry(ALPHA).check_inside_root().is_err() {
                let run = verify(&world, "off", &["--repair", ALPHA, "--project", "project"]).expect(1);
                assert_eq!(run.stderr.matches(&next).count(), 1, "{}", run.stderr);
            }
            assert!(link.is_symlink());
            assert_eq!(names(&outside), before, "{}", link.display());
            fs::remove_file(&link).unwrap();
            fs::rename(&outside, &link).unwrap();
            world.download(&proxy.url()).expect(0);
        }
    }
}

/// A repair moves aside what stands in a place that belongs to the module alone. What it leads to is neither believed nor
/// touched, be it right or not; what is moved aside comes back as what it was.
#[test]
fn a_link_in_the_place_of_a_file_or_tree_is_itself_what_a_repair_moves() {
    let (world, proxy) = full();
    let (right, entry) = (used(&world), world.entry(ALPHA));
    let files = [CacheFile::Info, CacheFile::Mod, CacheFile::Zip];
    for link in files.map(|file| entry.path(file)).into_iter().chain([entry.dir()]) {
        for is_right in [true, false] {
            let outside = world.dir().join("outside");
            fs::rename(&link, &outside).unwrap();
            if !is_right {
                put(&if outside.is_dir() { outside.join("LICENSE") } else { outside.clone() }, b"Mine.\n");
            }
            symlink(&outside, &link).unwrap();
            let (before, elsewhere) = (names(&outside), fs::read(&outside).ok());
            let repair = |goproxy: &str| verify(&world, goproxy, &["--repair", "--project", "project"]);
            repair(&proxy.url()).expect(0).says(&["1 repaired"]);
            assert!(used(&world) == right, "{}", link.display());
            let aside =
                world.cache().join("cache/quarantine/1").join(link.strip_prefix(world.cache()).unwrap());
            assert_eq!(fs::read_link(&aside).unwrap(), outside);
            world.download("off").expect(0);
            verify(&world, "off", &["--quarantine", "restore", "1", "--yes"]).expect(0);
            assert_eq!(fs::read_link(&link).unwrap(), outside);
            let sentence = format!("{} is a symbolic link, and is not followed", link.display());
            verify(&world, "off", &["--project", "project"]).expect(1).says(&[&sentence]);
            world.download("off").expect(1).says(&[&sentence]);
            repair(&proxy.url()).expect(0);
            assert_eq!((names(&outside), fs::read(&outside).ok()), (before, elsewhere));
            if outside.is_dir() {
                remove_tree(&outside).unwrap();
            }
            let _ = fs::remove_file(&outside);
            remove_tree(&world.cache().join("cache/quarantine")).unwrap();
        }
    }
}

/// Nothing extracts a link, so that a tree with one is changed, whatever it leads to. No zip says so here.
#[test]
fn a_link_in_a_tree_without_its_zip_is_damage() {
    let (world, proxy) = full();
    let right = used(&world);
    let (entry, outside) = (world.entry(ALPHA), world.dir().join("outside"));
    fs::remove_file(entry.path(CacheFile::Zip)).unwrap();
    let file = entry.dir().join("LICENSE");
    fs::rename(&file, &outside).unwrap();
    symlink(&outside, &file).unwrap();
    let run = verify(&world, "off", &["--json"]).expect(1);
    assert_eq!(super::kinds(&run, ALPHA), ["dir"]);
    run.says(&[&format!("{} is not a regular file", file.display())]);
    verify(&world, &proxy.url(), &["--repair"]).expect(0);
    assert!(used(&world) == right);
}

/// The files of the checksum database; what is outside the cache, as the tree head is, is the user's choice.
#[test]
fn a_link_among_the_files_of_the_database_is_refused_in_the_same_sentence() {
    let (world, database) = (World::new(), database());
    let proxy = LoopbackProxy::builder(tree()).proxied_database(&database).start();
    let run = |tool: &str, args: &[&str]| {
        let mut command = world.tool(tool, &proxy.url(), args);
        Run::of_mut(command.env("GOSUMDB", database.key()))
    };
    fs::remove_file(world.project().join("go.sum")).unwrap();
    let outside = world.dir().join("outside");
    for link in ["cache/download/sumdb", "cache/download/sumdb/sum.example.org/tile"] {
        let link = world.cache().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        fs::create_dir(&outside).unwrap();
        symlink(&outside, &link).unwrap();
        let sentence = format!("{} is a symbolic link, and is not followed", link.display());
        for (tool, args) in [("sumdb", &["lookup", ALPHA][..]), ("download", &[ALPHA])] {
            let refused = run(tool, args).expect(1);
            assert!(refused.error().ends_with(&sentence), "{}", refused.stderr);
            refused.says(&["next: put what it leads to in its place"]);
        }
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        fs::remove_file(&link).unwrap();
        fs::remove_dir(&outside).unwrap();
    }
    // One that comes later is not written through, and the answer is the same.
    let lookup = world.cache().join("cache/download/sumdb/sum.example.org/lookup");
    fs::create_dir_all(&lookup).unwrap();
    fs::create_dir(&outside).unwrap();
    symlink(&outside, lookup.join("example.com")).unwrap();
    run("sumdb", &["lookup", ALPHA]).expect(0);
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    let heads = world.dir().join("gopath").join("pkg").join("sumdb");
    fs::rename(&heads, world.dir().join("heads")).unwrap();
    symlink(world.dir().join("heads"), &heads).unwrap();
    run("sumdb", &["lookup", ALPHA]).expect(0);
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
