//! Each damage that a cache can have: what the go command makes of it, what `verify` does, and that a build works
//! without network once it was repaired.

use std::fs::{self, File};
use std::sync::OnceLock;

use gomod_archive::{Archive, Limits};
use gomod_cache::{CacheFile, Entry};
use gomod_testkit::{GoCommand, LoopbackProxy, ModuleZip, remove_tree, source_text};
use tempfile::TempDir;

use super::{full, kinds, put, used, verify};
use crate::download::world::{ALPHA, Run, World};

const LIBRARY: &str = "package p\n\nimport (\n\t_ \"example.com/Beta/v2\"\n\t_ \"example.com/alpha\"\n)\n";

/// One row: Go's status of `go build` and of `go mod verify`, both without network, and what we find.
struct Fault {
    name: &'static str,
    damage: fn(&Entry),
    go_build: i32,
    go_verify: i32,
    ours: i32,
    kinds: &'static [&'static str],
}

const fn fault(
    name: &'static str,
    damage: fn(&Entry),
    (go_build, go_verify): (i32, i32),
    ours: i32,
    kinds: &'static [&'static str],
) -> Fault {
    Fault { name, damage, go_build, go_verify, ours, kinds }
}

fn path(entry: &Entry, file: CacheFile) -> std::path::PathBuf {
    entry.path(file)
}

fn lose(entry: &Entry, file: CacheFile) {
    fs::remove_file(path(entry, file)).unwrap();
}

fn lose_tree(entry: &Entry) {
    remove_tree(&entry.dir()).unwrap();
}

fn cut(entry: &Entry) {
    File::options().write(true).open(path(entry, CacheFile::Zip)).unwrap().set_len(1000).unwrap();
}

/// Flips a byte in the content of the largest file, which is stored at the name's first place in the zip.
fn flip(entry: &Entry) {
    let mut zip = fs::read(path(entry, CacheFile::Zip)).unwrap();
    let name = b"data/large.txt";
    let at = zip.windows(name.len()).position(|window| window == name).unwrap();
    zip[at + name.len() + 1000] ^= 0x55;
    put(&path(entry, CacheFile::Zip), &zip);
}

fn files() -> [(&'static str, Vec<u8>); 4] {
    [
        ("go.mod", b"module example.com/alpha\n\ngo 1.20\n".to_vec()),
        ("alpha.go", b"// Package alpha.\npackage alpha\n".to_vec()),
        ("data/large.txt", source_text(7, 300_000)),
        ("LICENSE", b"Another one.\n".to_vec()),
    ]
}

fn rebuild(entry: &Entry, zip: ModuleZip) {
    let zip = files().into_iter().fold(zip, |zip, (name, data)| zip.file(name, data)).build();
    assert!(Archive::open(&zip[..], &Limits::default()).is_ok());
    put(&path(entry, CacheFile::Zip), &zip);
}

fn change_zip(entry: &Entry) {
    rebuild(entry, ModuleZip::new("example.com/alpha", "v1.0.0"));
}

fn write_hash(entry: &Entry, change: impl Fn(String) -> String) {
    let path = path(entry, CacheFile::ZipHash);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, change(text)).unwrap();
}

fn in_tree(entry: &Entry, name: &str, content: &[u8]) {
    put(&entry.dir().join(name), content);
}

const ZIPS: &[Fault] = &[
    fault("F00 none", |_| {}, (0, 0), 0, &[]),
    fault("F01 zip cut", cut, (0, 1), 1, &["zip"]),
    fault("F02 zip cut, no tree", |e| (cut(e), lose_tree(e)).1, (1, 1), 1, &["zip"]),
    fault("F03 byte flipped", flip, (0, 1), 1, &["zip"]),
    fault("F04 byte flipped, no tree", |e| (flip(e), lose_tree(e)).1, (1, 1), 1, &["zip"]),
    fault(
        "F05 byte flipped, no ziphash",
        |e| (flip(e), lose(e, CacheFile::ZipHash)).1,
        (1, 1),
        1,
        &["ziphash_missing", "zip"],
    ),
    fault("F06 other zip", change_zip, (0, 1), 1, &["zip_sum", "zip_modified"]),
    fault(
        "F07 other zip, no tree",
        |e| (change_zip(e), lose_tree(e)).1,
        (0, 1),
        1,
        &["zip_sum", "zip_modified"],
    ),
    fault(
        "F08 other zip, no ziphash",
        |e| (change_zip(e), lose(e, CacheFile::ZipHash)).1,
        (1, 1),
        1,
        &["ziphash_missing", "zip_sum"],
    ),
    fault(
        "F09 zip with an extra file, no tree",
        |e| {
            rebuild(e, ModuleZip::new("example.com/alpha", "v1.0.0").file("extra.txt", "extra"));
            lose_tree(e);
        },
        (0, 1),
        1,
        &["zip_sum", "zip_modified"],
    ),
    fault(
        "F10 zip with another prefix",
        |e| rebuild(e, ModuleZip::new("alpha-1.0.0", "v1.0.0")),
        (0, 1),
        1,
        &["zip_rules", "zip_sum", "zip_modified"],
    ),
    fault(
        "F11 the same, no tree",
        |e| (rebuild(e, ModuleZip::new("alpha-1.0.0", "v1.0.0")), lose_tree(e)).1,
        (1, 1),
        1,
        &["zip_rules", "zip_sum", "zip_modified"],
    ),
    fault(
        "F12 zip with a foreign entry, no tree",
        |e| {
            rebuild(e, ModuleZip::new("example.com/alpha", "v1.0.0").raw_name("other/zz.txt", "foreign"));
            lose_tree(e);
        },
        (1, 1),
        1,
        &["zip_rules", "zip_sum", "zip_modified"],
    ),
    fault("F13 no zip", |e| lose(e, CacheFile::Zip), (0, 0), 0, &[]),
    fault("F14 no zip, no tree", |e| (lose(e, CacheFile::Zip), lose_tree(e)).1, (1, 0), 0, &[]),
    fault(
        "F15 no zip, no ziphash",
        |e| (lose(e, CacheFile::Zip), lose(e, CacheFile::ZipHash)).1,
        (1, 0),
        0,
        &[],
    ),
];

const HASHES: &[Fault] = &[
    fault(
        "F16 other ziphash",
        |e| write_hash(e, |_| gomod_sum::hash_go_mod(b"other").to_string()),
        (1, 1),
        1,
        &["zip_modified"],
    ),
    fault("F17 no ziphash", |e| lose(e, CacheFile::ZipHash), (0, 1), 1, &["ziphash_missing"]),
    fault("F18 empty ziphash", |e| write_hash(e, |_| String::new()), (0, 1), 1, &["ziphash_invalid"]),
    fault("F19 NULs for ziphash", |e| write_hash(e, |_| "\0".repeat(47)), (0, 1), 1, &["ziphash_invalid"]),
    fault("F20 ziphash and newline", |e| write_hash(e, |text| text + "\n"), (0, 0), 0, &[]),
    fault("F21 h2:", |e| write_hash(e, |text| text.replace("h1:", "h2:")), (1, 1), 1, &["ziphash_foreign"]),
    fault("F22 no info", |e| lose(e, CacheFile::Info), (0, 0), 0, &[]),
    fault("F23 info no JSON", |e| put(&path(e, CacheFile::Info), b"{nonsense"), (0, 0), 1, &["info"]),
    fault(
        "F24 info of another version",
        |e| put(&path(e, CacheFile::Info), br#"{"Version":"v0.9.0","Time":"2024-01-02T03:04:05Z"}"#),
        (0, 0),
        1,
        &["info_version"],
    ),
    fault("F25 no mod", |e| lose(e, CacheFile::Mod), (1, 1), 1, &[]),
    fault(
        "F26 mod edited",
        |e| put(&path(e, CacheFile::Mod), b"module example.com/alpha\n\ngo 1.21\n"),
        (1, 1),
        1,
        &["go_mod_sum"],
    ),
    fault("F27 mod emptied", |e| put(&path(e, CacheFile::Mod), b""), (1, 1), 1, &["go_mod_sum", "go_mod"]),
    fault(
        "F28 only the tree is left",
        |e| remove_tree(path(e, CacheFile::Mod).parent().unwrap()).unwrap(),
        (1, 1),
        1,
        &[],
    ),
];

const TREES: &[Fault] = &[
    fault("F29 file edited", |e| in_tree(e, "LICENSE", b"Mine.\n"), (0, 1), 1, &["dir_modified"]),
    fault("F30 source broken", |e| in_tree(e, "alpha.go", b"package\n"), (1, 1), 1, &["dir_modified"]),
    fault(
        "F31 go.mod asks for a later go",
        |e| in_tree(e, "go.mod", b"module example.com/alpha\n\ngo 1.99\n"),
        (1, 1),
        1,
        &["dir_modified"],
    ),
    fault("F32 extra file", |e| in_tree(e, "extra.txt", b"extra"), (0, 1), 1, &["dir_modified"]),
    fault(
        "F33 source deleted",
        |e| fs::remove_file(e.dir().join("alpha.go")).unwrap(),
        (1, 1),
        1,
        &["dir_modified"],
    ),
    fault(
        "F34 tree emptied",
        |e| (lose_tree(e), fs::create_dir(e.dir()).unwrap()).1,
        (1, 1),
        1,
        &["dir_modified"],
    ),
    fault("F36 no tree", lose_tree, (0, 0), 0, &[]),
    fault("F37 a file for the tree", |e| (lose_tree(e), fs::write(e.dir(), b"").unwrap()).1, (0, 0), 0, &[]),
    fault("F38 partial", |e| put(&path(e, CacheFile::Partial), b""), (0, 0), 0, &[]),
    fault(
        "F39 partial, no zip",
        |e| (put(&path(e, CacheFile::Partial), b""), lose(e, CacheFile::Zip)).1,
        (1, 0),
        0,
        &[],
    ),
    fault("F40 partial with content", |e| put(&path(e, CacheFile::Partial), b"content"), (0, 0), 0, &[]),
    fault("F41 no lock", |e| lose(e, CacheFile::Lock), (0, 0), 0, &[]),
    fault("F42 lock with content", |e| put(&path(e, CacheFile::Lock), b"content"), (0, 0), 0, &[]),
    fault("F43 no list", |e| lose(e, CacheFile::List), (0, 0), 0, &[]),
    fault("F44 list of NULs", |e| put(&path(e, CacheFile::List), &[0; 20]), (0, 0), 0, &[]),
    fault(
        "F45 stale temporary files",
        |e| {
            for suffix in ["zip123.tmp", "mod5.tmp"] {
                put(&path(e, CacheFile::Zip).with_extension(suffix), b"stale");
            }
            lose(e, CacheFile::Zip);
            lose_tree(e);
        },
        (1, 0),
        0,
        &[],
    ),
    fault(
        "F46 old tree",
        |e| {
            put(&path(e, CacheFile::Partial), b"");
            fs::create_dir(e.dir().with_file_name("alpha@v1.0.0.tmp-123")).unwrap();
        },
        (0, 0),
        0,
        &[],
    ),
];

/// With a fresh build cache go finds no packages in an emptied tree; with a warm one it misses their files.
const EMPTIED: Fault = fault(
    "F35 tree emptied, fresh build cache",
    |e| (lose_tree(e), fs::create_dir(e.dir()).unwrap()).1,
    (1, 1),
    1,
    &["dir_modified"],
);

/// What was compiled once need not be compiled again.
fn build_cache() -> &'static TempDir {
    static CACHE: OnceLock<TempDir> = OnceLock::new();
    CACHE.get_or_init(|| tempfile::tempdir().unwrap())
}

fn go(go: &GoCommand, world: &World, args: &[&str]) -> (bool, String) {
    let run = go.command(args, world.dir()).mod_cache(world.cache()).current_dir(world.project());
    let ended = run.env("GOCACHE", build_cache().path()).run();
    (ended.success(), ended.stderr)
}

fn damaged(fault: &Fault) -> (World, LoopbackProxy) {
    let (world, proxy) = full();
    world.write("main.go", LIBRARY);
    (fault.damage)(&world.entry(ALPHA));
    (world, proxy)
}

fn try_all(faults: &[Fault], command: Option<&GoCommand>) {
    let (whole, _proxy) = full();
    let right = used(&whole);
    for fault in faults {
        let name = fault.name;
        if let Some(command) = command {
            let (world, _proxy) = damaged(fault);
            let (well, said) = go(command, &world, &["mod", "verify"]);
            assert_eq!(well, fault.go_verify == 0, "{name}: go mod verify: {said}");
            // It may heal what is damaged.
            let (well, said) = go(command, &world, &["build", "./..."]);
            assert_eq!(well, fault.go_build == 0, "{name}: go build: {said}");
        }
        let (world, proxy) = damaged(fault);
        let before = world.files();
        let run = verify(&world, "off", &["--project", "project", "--json"]);
        assert_eq!(run.code, Some(fault.ours), "{name}: {}{}", run.stdout, run.stderr);
        assert_eq!(kinds(&run, ALPHA), fault.kinds, "{name}: {}", run.stderr);
        assert!(world.files() == before, "{name}: verify without --repair writes nothing");

        let run = verify(&world, &proxy.url(), &["--project", "project", "--repair", "--json"]);
        assert_eq!(run.code, Some(0), "{name}: {}{}", run.stdout, run.stderr);
        let mut repaired = used(&world);
        // Nobody reads the list, and it is written again with the next `.mod` only.
        let list = "cache/download/example.com/alpha/@v/list";
        repaired.insert(list.to_owned(), right[list].clone());
        let names =
            |files: &std::collections::BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&repaired), names(&right), "{name}");
        let hash = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
            let mut files = files.clone();
            // White space around it is legal.
            files.retain(|path, _| !path.ends_with(".ziphash"));
            files
        };
        assert!(hash(&repaired) == hash(&right), "{name}: other contents");
        let run: Run = verify(&world, "off", &["--project", "project", "--json"]).expect(0);
        run.says(&["2 checked, 0 broken"]);
        if let Some(command) = command {
            for args in [&["build", "./..."][..], &["mod", "verify"], &["mod", "download"]] {
                let (well, said) = go(command, &world, args);
                assert!(well, "{name}: after the repair: go {args:?}: {said}");
            }
        }
    }
}

#[test]
fn damaged_zips() {
    try_all(ZIPS, GoCommand::find("what go makes of damaged zips").as_ref());
}

#[test]
fn damaged_hashes_and_small_files() {
    try_all(HASHES, GoCommand::find("what go makes of damaged hashes").as_ref());
}

#[test]
fn damaged_trees_and_other_files() {
    try_all(TREES, GoCommand::find("what go makes of damaged trees").as_ref());
}

#[test]
fn an_emptied_tree_is_repaired_for_a_fresh_build_cache() {
    let Some(go) = GoCommand::find("what go makes of an emptied tree with a fresh build cache") else {
        return;
    };
    let (world, proxy) = damaged(&EMPTIED);
    let build = |cache: &str| {
        let run = go.command(&["build", "./..."], world.dir()).mod_cache(world.cache());
        run.current_dir(world.project()).env("GOCACHE", world.dir().join(cache)).run()
    };
    let broken = build("one");
    assert_eq!(broken.success(), EMPTIED.go_build == 0);
    assert!(broken.stderr.contains("no required module provides package"), "{}", broken.stderr);
    let run = verify(&world, &proxy.url(), &["--project", "project", "--repair", "--json"]).expect(0);
    assert_eq!(kinds(&run, ALPHA), EMPTIED.kinds);
    // Go keeps in its build cache which packages a directory of the module cache has, and never looks again.
    assert!(build("one").stderr.contains("no required module provides package"));
    let _ = build("another").expect_success();
}
