//! Held against the real go command: it waits for our locks and we for its, our entries are byte for byte and mode
//! for mode its own, and it takes them for good.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use gomod_cache::{CacheFile, DirState, Entry, FileState, ModCache};
use gomod_module::ModuleVersion;
use gomod_testkit::{Endpoint, Fault, GoCommand, LoopbackProxy, ModuleTree, mod_cache};
use tempfile::TempDir;

use crate::fixture::NOTHING;

const GO_MOD: &[u8] = b"module example.com/m\n\ngo 1.21\n";
const FILES: [(&str, &[u8]); 4] = [
    ("go.mod", GO_MOD),
    ("m.go", b"package m\n\nconst Answer = 42\n"),
    ("sub/deep/d.go", b"package deep\n"),
    ("LICENSE", b"Do as you like.\n"),
];
/// The last one is escaped, and never in a list.
const MODULES: [&str; 4] =
    ["example.com/m@v1.0.0", "example.com/m@v1.10.0", "example.com/m@v1.9.0", "example.com/Upper@v1.0.0-RC1"];

/// A directory where go keeps everything, and a file proxy beside it.
struct Home {
    dir: TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self { dir: TempDir::new().expect("a temporary directory") };
        tree().write_to(&home.dir.path().join("proxy"));
        home
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn cache(&self) -> ModCache {
        ModCache::new(mod_cache(self.path())).expect("an absolute path")
    }

    fn proxy(&self) -> String {
        format!("file://{}", self.path().join("proxy").display())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = gomod_testkit::remove_tree(self.path());
    }
}

fn tree() -> ModuleTree {
    MODULES.iter().map(|module| parse(module)).fold(ModuleTree::new(), |tree, module| {
        let mut files = FILES;
        let go_mod = format!("module {}\n\ngo 1.21\n", module.path());
        files[0].1 = go_mod.as_bytes();
        tree.module(module.path().as_str(), module.version().as_str(), &files)
    })
}

fn parse(module: &str) -> ModuleVersion {
    module.parse().expect("a module version")
}

/// Everything below a directory: its mode and, of a file, its content.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root.to_path_buf()];
    while let Some(path) = pending.pop() {
        let metadata = fs::symlink_metadata(&path).expect("a file");
        let mut data = Vec::new();
        if metadata.is_dir() {
            pending
                .extend(fs::read_dir(&path).expect("a directory").map(|file| file.expect("an entry").path()));
        } else {
            data = fs::read(&path).expect("a file");
        }
        found.insert(path.strip_prefix(root).expect("below").to_path_buf(), (mode(&metadata), data));
    }
    // Go has one lock for edits of go.sum there.
    found.remove(Path::new("cache/lock"));
    found
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions())
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0
}

/// Installs a module as a downloader does, with the hash that go wrote into its own cache.
fn install(entry: &Entry, theirs: &Entry) {
    let module = entry.module();
    let wire = |suffix: &str| {
        let path = format!("{}/@v/{}.{suffix}", module.path().to_escaped(), module.version().to_escaped());
        tree().get(&path).expect("a file of the proxy")
    };
    let hash = *theirs.state().expect("a state").ziphash.h1().expect("a hash");
    entry.store_info(&wire("info")).expect("stored");
    entry.store_mod(&wire("mod")).expect("stored");
    let lock = entry.lock().expect("a lock");
    let mut incoming = lock.zip_download().expect("a file");
    incoming.write_all(&wire("zip")).expect("a write");
    lock.commit_zip(incoming, &hash).expect("installed");
    let extraction = lock.begin_extract().expect("an extraction");
    for (name, data) in FILES {
        let data = if name == "go.mod" { &wire("mod") } else { data };
        let file = extraction.dir().join(name);
        fs::create_dir_all(file.parent().expect("a parent")).expect("a directory");
        fs::write(&file, data).expect("a file");
        let mut permissions = fs::metadata(&file).expect("a file").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).expect("a mode");
    }
    extraction.commit().expect("extracted");
}

fn go_downloads(go: &GoCommand, home: &Home) {
    let args: Vec<&str> = ["mod", "download"].into_iter().chain(MODULES).collect();
    let _ = go.command(&args, home.path()).proxy(&home.proxy()).read_only_cache().run().expect_success();
}

#[test]
fn entries_of_go_are_complete_to_us() {
    let Some(go) = GoCommand::find("entries of go are complete to us") else { return };
    let home = Home::new();
    go_downloads(&go, &home);
    for module in MODULES {
        let entry = home.cache().entry(&parse(module));
        let state = entry.state().expect("a state");
        assert_eq!([state.info, state.go_mod, state.zip], [FileState::Present; 3], "{module}");
        assert!(state.ziphash.h1().is_some() && state.has_zip(), "{module}");
        assert_eq!(state.dir, DirState::Complete, "{module}");
        assert_eq!(entry.stale_files().expect("leftovers"), NOTHING, "{module}");
        assert!(entry.read_info().expect("a file").is_some());
        assert!(entry.read_mod().expect("a file").is_some());
    }
}

#[test]
fn entries_of_ours_are_those_of_go() {
    let Some(go) = GoCommand::find("entries of ours are those of go") else { return };
    let (ours, theirs) = (Home::new(), Home::new());
    go_downloads(&go, &theirs);
    for module in MODULES.map(parse) {
        install(&ours.cache().entry(&module), &theirs.cache().entry(&module));
    }
    assert_eq!(snapshot(ours.cache().root()), snapshot(theirs.cache().root()));

    let project = ours.path().join("project");
    fs::create_dir(&project).expect("a directory");
    fs::write(project.join("go.mod"), "module main\n\ngo 1.21\n\nrequire example.com/m v1.0.0\n")
        .expect("a file");
    fs::write(
        project.join("main.go"),
        "package main\n\nimport \"example.com/m\"\n\nfunc main() { println(m.Answer) }\n",
    )
    .expect("a file");
    let before = snapshot(ours.cache().root());
    let run = |args: &[&str]| {
        go.command(args, ours.path()).current_dir(&project).read_only_cache().run().expect_success().stdout
    };
    // Writes go.sum from our files, with GOPROXY=off as all that follows.
    run(&["mod", "tidy"]);
    assert_eq!(run(&["mod", "verify"]), "all modules verified\n");
    let listed: serde_json::Value =
        serde_json::from_str(&run(&["list", "-m", "-json", "example.com/m"])).expect("JSON");
    assert_eq!(listed["Dir"].as_str(), ours.cache().entry(&parse(MODULES[0])).dir().to_str());
    run(&["mod", "download"]);
    for module in MODULES {
        let answer: serde_json::Value =
            serde_json::from_str(&run(&["mod", "download", "-json", module])).expect("JSON");
        let entry = ours.cache().entry(&parse(module));
        for (field, path) in [
            ("Info", entry.path(CacheFile::Info)),
            ("GoMod", entry.path(CacheFile::Mod)),
            ("Zip", entry.path(CacheFile::Zip)),
            ("Dir", entry.dir()),
        ] {
            assert_eq!(answer[field].as_str(), path.to_str(), "{field} of {module}");
        }
    }
    assert!(run(&["list", "-deps", "."]).contains("example.com/m\n"));
    assert_eq!(snapshot(ours.cache().root()), before, "go found nothing to do");
}

#[test]
fn go_heals_what_an_extraction_of_ours_left_half_done() {
    let Some(go) = GoCommand::find("go heals a partial tree") else { return };
    let home = Home::new();
    go_downloads(&go, &home);
    let entry = home.cache().entry(&parse(MODULES[0]));
    let before = snapshot(home.cache().root());
    // As a process that died in an extraction, and one that died in a download.
    gomod_testkit::remove_tree(&entry.dir()).expect("removed");
    fs::create_dir(entry.dir()).expect("a directory");
    fs::write(entry.path(CacheFile::Partial), b"").expect("a file");
    let run = go.command(&["mod", "download", MODULES[0]], home.path()).read_only_cache();
    let _ = run.run().expect_success();
    assert_eq!(snapshot(home.cache().root()), before);
}

#[test]
fn go_builds_beside_a_download_that_broke_off_and_removes_it() {
    let Some(go) = GoCommand::find("go and a download that broke off") else { return };
    let home = Home::new();
    go_downloads(&go, &home);
    let entry = home.cache().entry(&parse(MODULES[0]));
    let before = snapshot(home.cache().root());
    let keep = || {
        let lock = entry.lock().expect("a lock");
        let mut incoming = lock.zip_download().expect("a file");
        incoming.persist_partial("note").expect("a note");
        incoming.write_all(b"half").expect("a write");
    };
    keep();
    assert_eq!(entry.stale_files().expect("leftovers").len(), 2);
    let with_rest = snapshot(home.cache().root());
    // With GOPROXY=off.
    let run = go.command(&["mod", "download", MODULES[0]], home.path()).read_only_cache();
    let _ = run.run().expect_success();
    assert_eq!(snapshot(home.cache().root()), with_rest, "go looks at none of it");

    fs::remove_file(entry.path(CacheFile::Zip)).expect("removed");
    gomod_testkit::remove_tree(&entry.dir()).expect("removed");
    let run = go.command(&["mod", "download", MODULES[0]], home.path()).proxy(&home.proxy());
    let _ = run.read_only_cache().run().expect_success();
    assert_eq!(snapshot(home.cache().root()), before, "go removes both files");
}

#[test]
fn we_wait_for_go() {
    let Some(go) = GoCommand::find("we wait for go") else { return };
    let home = Home::new();
    let proxy = LoopbackProxy::builder(tree()).fault(Endpoint::Zip, Fault::StallBeforeFirstByte).start();
    let mut running = go
        .command(&["mod", "download", MODULES[0]], home.path())
        .proxy(&proxy.url())
        .into_command()
        .spawn()
        .expect("a running go");
    while !proxy.requests().contains(&"example.com/m/@v/v1.0.0.zip".to_owned()) {
        assert_eq!(running.try_wait().expect("a process"), None, "go ended before it asked for the zip");
        std::thread::yield_now();
    }
    let entry = home.cache().entry(&parse(MODULES[0]));
    assert!(entry.try_lock().expect("a lock file").is_none(), "go has the lock");
    running.kill().expect("a running go");
    running.wait().expect("its end");

    let lock = entry.try_lock().expect("a lock file").expect("nobody has the lock");
    let [stale] = &entry.stale_files().expect("leftovers")[..] else {
        panic!("go leaves one temporary file")
    };
    let incoming = lock.zip_download().expect("a file");
    assert_eq!(entry.stale_files().expect("leftovers"), [incoming.path()]);
    assert_ne!(stale, incoming.path());
}

#[cfg(target_os = "linux")]
#[test]
fn go_waits_for_us() {
    let Some(go) = GoCommand::find("go waits for us") else { return };
    let home = Home::new();
    let entry = home.cache().entry(&parse(MODULES[0]));
    let lock = entry.lock().expect("a lock");
    let mut running = go
        .command(&["mod", "download", MODULES[0]], home.path())
        .proxy(&home.proxy())
        .into_command()
        .spawn()
        .expect("a running go");
    while !waits_for_a_lock(running.id()) {
        assert_eq!(running.try_wait().expect("a process"), None, "go ended without the lock");
        std::thread::yield_now();
    }
    let state = entry.state().expect("a state");
    assert_eq!((state.info, state.go_mod), (FileState::Present, FileState::Present), "these need no lock");
    assert_eq!((state.zip, state.dir), (FileState::Absent, DirState::Absent), "these do");
    drop(lock);
    assert!(running.wait().expect("its end").success());
    let state = entry.state().expect("a state");
    assert!(state.has_zip() && state.is_extracted());
}

/// The kernel's list of locks marks with an arrow who waits for one.
#[cfg(target_os = "linux")]
fn waits_for_a_lock(process: u32) -> bool {
    let process = process.to_string();
    let locks = fs::read_to_string("/proc/locks").expect("the kernel's list of locks");
    locks.lines().any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.contains(&"->") && fields.contains(&"FLOCK") && fields.contains(&process.as_str())
    })
}
