//! A repair that fails, for whatever reason, leaves the cache as it was, byte for byte; and the next `verify` finds what this
//! one found.

use std::fs;

use gomod_cache::{CacheFile, Entry, ModCache};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy};

use super::{full, kinds, put, used, verify};
use crate::download::world::{ALPHA, BETA, Run, World, tree};

type Damage = fn(&Entry);
type Edit<'a> = &'a dyn Fn(&str) -> String;

/// Ways to damage a module whose repair needs a source.
const DAMAGES: &[(&str, Damage)] = &[
    ("zip", |entry| put(&entry.path(CacheFile::Zip), b"no zip")),
    ("zip and tree", |entry| {
        put(&entry.path(CacheFile::Zip), b"no zip");
        put(&entry.dir().join("LICENSE"), b"Mine.\n");
    }),
    ("tree without zip", |entry| {
        fs::remove_file(entry.path(CacheFile::Zip)).unwrap();
        put(&entry.dir().join("LICENSE"), b"Mine.\n");
    }),
    ("ziphash", |entry| {
        fs::write(entry.path(CacheFile::ZipHash), gomod_sum::hash_go_mod(b"other").to_string()).unwrap();
    }),
    ("info", |entry| put(&entry.path(CacheFile::Info), b"{nonsense")),
];

fn faulty(endpoint: Endpoint, fault: fn() -> Fault) -> LoopbackProxy {
    LoopbackProxy::builder(tree()).fault(endpoint, fault()).start()
}

#[test]
fn no_source_that_fails_costs_anything() {
    let other = tree().module("example.com/alpha", "v1.0.0", &[("go.mod", b"module example.com/alpha\n")]);
    let sources: [(&str, Option<LoopbackProxy>); 6] = [
        ("off", None),
        ("dead", None),
        ("403", Some(faulty(Endpoint::Any, || Fault::status(403)))),
        ("a page", Some(faulty(Endpoint::Any, || Fault::Body(b"<html>Sign in</html>".to_vec())))),
        ("other bytes", Some(LoopbackProxy::serve(other))),
        ("half", Some(faulty(Endpoint::Any, || Fault::Truncate { len: 20 }))),
    ];
    for (damage, make) in DAMAGES {
        let (world, proxy) = full();
        let right = used(&world);
        make(&world.entry(ALPHA));
        let before = world.files();
        let sum = [ALPHA, BETA, "--sum", "project/go.sum", "--json"];
        let found = kinds(&verify(&world, "off", &sum).expect(1), ALPHA);
        for (name, source) in &sources {
            if *name == "other bytes" && *damage == "info" {
                continue;
            }
            let url = match (source, *name) {
                (Some(source), _) => source.url(),
                (None, "dead") => LoopbackProxy::refused_url(),
                _ => "off".to_owned(),
            };
            let run = verify(&world, &url, &[&sum[..], &["--repair"]].concat());
            assert_eq!(run.code, Some(1), "{damage}, {name}: {}", run.stderr);
            run.says(&["not repaired", "kept: nothing was taken out of the cache"]);
            assert!(world.files() == before, "{damage}, {name}: {:?}", world.names());
            let again = verify(&world, "off", &sum).expect(1);
            assert_eq!(kinds(&again, ALPHA), found, "{damage}, {name}");
        }
        verify(&world, &proxy.url(), &[&sum[..], &["--repair"]].concat()).expect(0);
        assert!(used(&world) == right, "{damage}");
    }
}

/// The hash of a line of go.sum with two characters swapped, one replaced, or in other letters; in whichever line.
#[test]
fn an_edited_go_sum_is_named_and_the_cache_left_alone() {
    let swap = |hash: &str| {
        let (a, b) = (&hash[3..4], &hash[4..5]);
        format!("h1:{b}{a}{}", &hash[5..])
    };
    let replace = |hash: &str| {
        format!("{}{}{}", &hash[..20], if &hash[20..21] == "A" { "B" } else { "A" }, &hash[21..])
    };
    let edits: [(&str, Edit<'_>); 4] = [
        ("swapped", &swap),
        ("replaced", &replace),
        ("capitals", &|hash| format!("h1:{}", hash[3..].to_uppercase())),
        ("cut", &|hash| hash[..hash.len() - 3].to_owned()),
    ];
    for (edit, change) in edits {
        for line in 0..4 {
            let (world, proxy) = full();
            let right = fs::read_to_string(world.project().join("go.sum")).unwrap();
            let lines = right.lines().enumerate().map(|(number, text)| {
                let (name, hash) = text.rsplit_once(' ').unwrap();
                if number == line { format!("{name} {}\n", change(hash)) } else { format!("{text}\n") }
            });
            world.write("go.sum", &lines.collect::<String>());
            let before = world.files();
            for source in ["off", &proxy.url()] {
                let args = ["--project", "project", "--repair", "--json"];
                let run = Run::of_mut(world.tool("verify", source, &args).env("GOSUMDB", "off"));
                assert_eq!(run.code, Some(1), "{edit} {line}: {}", run.stderr);
                assert!(world.files() == before, "{edit} {line} {source}");
                // With nobody to ask, the line shows it itself.
                run.says(&["go.sum is wrong", &format!("line {}", line + 1)]);
            }
            // No less is found than before.
            verify(&world, "off", &["--project", "project"]).expect(1).says(&["1 broken"]);
            world.write("go.sum", &right);
            verify(&world, "off", &["--project", "project"]).expect(0);
        }
    }
}

/// What was made and proven when a repair was killed needs no source to be brought to its end.
#[test]
pub(crate) fn a_repair_that_was_cut_short_is_found_and_finished_without_network() {
    for named in [&[][..], &["--project", "project"], &[ALPHA, BETA]] {
        let (world, _proxy) = full();
        let right = used(&world);
        let entry = world.entry(ALPHA);
        // As after a kill before the first part came back.
        let staging = world.cache().join("cache/staging/example.com/alpha@v1.0.0");
        let place = ModCache::new(&staging).unwrap().entry(entry.module());
        fs::create_dir_all(place.path(CacheFile::Zip).parent().unwrap()).unwrap();
        fs::create_dir_all(place.dir().parent().unwrap()).unwrap();
        fs::write(staging.join("sealed"), "").unwrap();
        for file in [CacheFile::Zip, CacheFile::ZipHash, CacheFile::Mod, CacheFile::Info] {
            fs::rename(entry.path(file), place.path(file)).unwrap();
        }
        fs::rename(entry.dir(), place.dir()).unwrap();
        let before = world.files();
        let run = verify(&world, "off", &[named, &["--json"]].concat()).expect(1);
        assert!(kinds(&run, ALPHA).contains(&"cut_short".to_owned()), "{}", run.stderr);
        assert!(world.files() == before);
        let run = verify(&world, "off", &[named, &["--repair"]].concat());
        assert_eq!(run.code, Some(0), "{named:?}: {}", run.stderr);
        run.says(&["was brought to its end"]);
        assert!(used(&world) == right, "{named:?}");
        assert!(!world.cache().join("cache/staging").exists());
        verify(&world, "off", named).expect(0);
    }
}

/// A whole cache of which one module cannot be had: the others are repaired.
#[test]
fn the_others_are_repaired_where_one_cannot_be() {
    let (world, _proxy) = full();
    put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
    put(&world.entry(BETA).dir().join("beta.go"), b"package beta // mine\n");
    let run: Run = verify(&world, "off", &["--repair"]).expect(1);
    run.says(&["repaired: example.com/Beta/v2@v2.1.0: from its zip", "not repaired"]);
    assert_eq!(fs::read(world.entry(ALPHA).path(CacheFile::Zip)).unwrap(), b"no zip");
    let again = verify(&world, "off", &[]).expect(1);
    again.says(&["1 broken"]);
}

#[test]
fn nothing_is_staged_where_nothing_is_broken() {
    let world = World::new();
    let proxy = LoopbackProxy::serve(tree());
    world.download(&proxy.url()).expect(0);
    let before = world.files();
    verify(&world, &proxy.url(), &["--project", "project", "--repair"]).expect(0);
    assert!(world.files() == before);
}
