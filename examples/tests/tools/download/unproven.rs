//! What nothing proves must at least be whole: no page, error or foreign file that comes with status 200 gets into go.sum
//! or the cache.

use std::fs;
use std::process::Command;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, ModuleZip, Rule};

use super::world::{ALPHA, BETA, Run, World, database, go_sum, tree};

const GOOD: &[u8] = b"module example.com/alpha\n\ngo 1.20\n";

/// The tool, in an environment where nothing need be proven.
fn exempt(world: &World, proxy: &str, how: (&str, &str), args: &[&str]) -> Command {
    let mut command = world.command(proxy, &[args, &["--retries", "none"]].concat());
    command.env("GONOPROXY", "none").env(how.0, how.1);
    command
}

const WAYS: [(&str, &str); 3] =
    [("GOSUMDB", "off"), ("GOPRIVATE", "example.com"), ("GONOSUMDB", "*.com/alpha,example.com/Beta")];

fn serving(go_mod: &[u8]) -> LoopbackProxy {
    let body = Fault::Body(go_mod.to_vec());
    LoopbackProxy::builder(tree()).rule(Rule::new(Endpoint::Mod, body).module("example.com/alpha")).start()
}

fn read_go_sum(world: &World) -> String {
    fs::read_to_string(world.project().join("go.sum")).unwrap()
}

/// Fails where anything of alpha is recorded.
fn assert_nothing_recorded(world: &World, what: &str) {
    let written = read_go_sum(world);
    assert!(!written.contains("alpha"), "{what}: {written}");
    let entry = world.entry(ALPHA);
    let there = [CacheFile::Mod, CacheFile::Zip, CacheFile::ZipHash].map(|file| entry.path(file).exists());
    assert_eq!((there, entry.dir().exists()), ([false; 3], false), "{what}");
}

#[test]
fn what_is_not_the_modules_go_mod_file_is_never_recorded() {
    let page = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n".as_slice();
    for (what, content) in [
        ("a page", page),
        ("a page after blanks", b"\n\n  <html></html>\n"),
        ("an error in JSON", b"{\"errors\":[{\"status\":404}]}"),
        ("a list in JSON", b"[]"),
        ("nothing", b""),
        ("blank lines", b"\n\n"),
        ("a word", b"OK\n"),
        ("text", b"not found: module not found\n"),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"),
        ("a zip", b"PK\x03\x04"),
        ("a pointer of git-lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
        ("no module line", b"go 1.20\n"),
        ("no module path", b"module \"\"\n"),
        ("half a line", b"module example.com/alp"),
        ("a foreign module", b"module example.org/else\n\ngo 1.20\n"),
        ("a malformed requirement", b"module example.com/alpha\n\nrequire nothing\n"),
    ] {
        let proxy = serving(content);
        for way in WAYS {
            let what = format!("{what} with {way:?}");
            let world = World::new();
            world.write("go.sum", "");
            let run = exempt(&world, &proxy.url(), way, &["--project", "project", "--write-sum"]);
            let run = Run::of(run).expect(1);
            assert!(run.error().contains("example.com/alpha@v1.0.0"), "{what}: {}", run.stderr);
            assert_nothing_recorded(&world, &what);
        }
    }
}

/// Go never looks; who built the one is not sure to have built the other.
#[test]
fn an_unproven_go_mod_file_is_that_of_its_zip() {
    let zip = |go_mod: Option<&str>| {
        let zip = ModuleZip::new("example.com/alpha", "v1.0.0").file("alpha.go", "package alpha\n");
        go_mod.map_or(zip.clone(), |go_mod| zip.file("go.mod", go_mod)).build()
    };
    let (good, other) = ("module example.com/alpha\n\ngo 1.20\n", "module example.com/alpha\n\ngo 1.21\n");
    let made_up = "module example.com/alpha\n";
    for (go_mod, inside, is_right) in [
        (good, Some(good), true),
        (good, Some(other), false),
        (made_up, None, true),
        (good, None, false),
        (made_up, Some(good), false),
        (&*good.replace('\n', "\r\n"), Some(good), false),
    ] {
        let tree = tree().version("example.com/alpha", "v1.0.0", go_mod.as_bytes(), &zip(inside));
        let proxy = LoopbackProxy::serve(tree);
        for args in [
            &["--project", "project", "--write-sum"][..],
            &["--project", "project", ALPHA, "--write-sum"],
            &[ALPHA],
        ] {
            let world = World::new();
            world.write("go.sum", "");
            let run = Run::of(exempt(&world, &proxy.url(), ("GOSUMDB", "off"), args));
            let what = format!("{go_mod:?} beside a zip with {inside:?}, {args:?}");
            assert_eq!(run.code, Some(i32::from(!is_right)), "{what}: {}", run.stderr);
            if !is_right {
                run.says(&["not the one in its zip", "next: ask another source"]);
                assert_nothing_recorded(&world, &what);
            }
        }
    }
}

/// The one that a source with the right file has is taken.
#[test]
fn another_source_may_have_the_file() {
    let (bad, good) = (serving(b"<html></html>"), LoopbackProxy::serve(tree()));
    let world = World::new();
    world.write("go.sum", "");
    let list = format!("{}|{}", bad.url(), good.url());
    let run = exempt(&world, &list, ("GOSUMDB", "off"), &["--project", "project", "--write-sum"]);
    Run::of(run).expect(0);
    assert_eq!(read_go_sum(&world), go_sum());
}

/// A replacement may keep the path of what it was forked from; what is named alone may, and that is said.
#[test]
fn a_fork_keeps_the_path_of_what_it_was_forked_from() {
    let fork = |go_mod: &[u8]| {
        LoopbackProxy::serve(tree().module(
            "example.org/fork",
            "v1.0.0",
            &[("go.mod", go_mod), ("a.go", b"package alpha\n")],
        ))
    };
    let way = ("GOSUMDB", "off");
    let args = ["--project", "project", "--write-sum"];
    for (go_mod, code) in [(GOOD, 0), (b"module example.org/fork\n", 0), (b"module example.org/third\n", 1)] {
        let (world, proxy) = (World::new(), fork(go_mod));
        let main = fs::read_to_string(world.project().join("go.mod")).unwrap();
        world.write("go.mod", &format!("{main}\nreplace example.com/alpha => example.org/fork v1.0.0\n"));
        world.write("go.sum", "");
        let run = Run::of(exempt(&world, &proxy.url(), way, &args)).expect(code);
        assert!(!run.stderr.contains("declares its path as example.com/alpha"), "{}", run.stderr);
        assert_eq!(read_go_sum(&world).contains("example.org/fork v1.0.0 h1:"), code == 0);
        assert!(!read_go_sum(&world).contains("alpha"));
    }
    let (world, proxy) = (World::new(), fork(GOOD));
    let single = Run::of(exempt(&world, &proxy.url(), way, &["example.org/fork@v1.0.0"])).expect(0);
    single.says(&["warning: example.org/fork@v1.0.0: its go.mod declares its path as example.com/alpha"]);
}

#[test]
fn of_a_module_that_fails_nothing_is_recorded() {
    let database = database();
    for (endpoint, fault) in [
        (Endpoint::Zip, Fault::status(404)),
        (Endpoint::Zip, Fault::Html),
        (Endpoint::Info, Fault::status(403)),
        (Endpoint::Info, Fault::Body(b"{}".to_vec())),
    ] {
        let what = format!("{endpoint:?} {fault:?}");
        let rule = Rule::new(endpoint, fault).module("example.com/alpha");
        let proxy = LoopbackProxy::builder(tree()).proxied_database(&database).rule(rule).start();
        for gosumdb in [database.key(), "off".to_owned()] {
            let world = World::new();
            world.write("go.sum", "");
            let args = ["--project", "project", "--write-sum"];
            Run::of(exempt(&world, &proxy.url(), ("GOSUMDB", &gosumdb), &args)).expect(1);
            let written = read_go_sum(&world);
            assert!(
                !written.contains("alpha") && written.contains("Beta/v2 v2.1.0 h1:"),
                "{what}: {written}"
            );
        }
    }
}

/// What an earlier tool took for a file is found, and the advice leads on.
#[test]
fn a_page_in_the_cache_is_named_with_a_way_out() {
    let proxy = LoopbackProxy::serve(tree());
    for content in [b"<html>sign in</html>".as_slice(), b"{}", b"", b"module example.org/else\n"] {
        let world = World::new();
        world.write("go.sum", "");
        let file = world.entry(ALPHA).path(CacheFile::Mod);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        let args = ["--project", "project", "--write-sum"];
        let again = || Run::of(exempt(&world, &proxy.url(), ("GOSUMDB", "off"), &args));
        let path = file.display().to_string();
        again().expect(1).says(&[&path, &format!("next: move {path} away and run this again")]);
        assert_nothing_recorded_but(&world, content);
        fs::remove_file(&file).unwrap();
        again().expect(0);
        assert_eq!(read_go_sum(&world), go_sum());
    }
}

fn assert_nothing_recorded_but(world: &World, content: &[u8]) {
    assert!(!read_go_sum(world).contains("alpha"));
    assert_eq!(fs::read(world.entry(ALPHA).path(CacheFile::Mod)).unwrap(), content);
}

/// It stays in the cache beside a zip that is right, and Go never looks.
#[test]
fn a_cached_go_mod_file_that_is_not_its_zips_is_named() {
    let proxy = LoopbackProxy::serve(tree());
    let world = World::new();
    world.download(&proxy.url()).expect(0);
    let file = world.entry(ALPHA).path(CacheFile::Mod);
    fs::write(&file, "module example.com/alpha\n").unwrap();
    world.write("go.sum", "");
    let again = || {
        let args = ["--project", "project", "--write-sum"];
        Run::of(exempt(&world, &proxy.url(), ("GOSUMDB", "off"), &args))
    };
    again().expect(1).says(&["not the one in its zip", &format!("next: move {} away", file.display())]);
    assert!(!read_go_sum(&world).contains("alpha") && read_go_sum(&world).contains("Beta/v2"));
    fs::remove_file(&file).unwrap();
    again().expect(0);
    assert_eq!(read_go_sum(&world), go_sum());
    world.assert_whole(BETA);
}

/// As for an old module without any go.mod file.
#[test]
fn a_module_without_a_go_mod_file_is_taken() {
    let tree = ModuleTree::new().module("example.com/old", "v1.0.0", &[("old.go", b"package old\n")]);
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree));
    Run::of(exempt(&world, &proxy.url(), ("GOSUMDB", "off"), &["example.com/old@v1.0.0"])).expect(0);
}
