//! One Ctrl-C ends any tool, whatever it is doing, with 130, and leaves nothing half-written.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use gomod_cache::CacheFile;
use gomod_testkit::{Bomb, LoopbackProxy, ModuleTree};
use serde_json::json;

use crate::download::world::World;
use crate::tool::tool;
use crate::verify::put;

const MODULE: &str = "example.com/m@v1.0.0";

/// Beyond the two seconds that are promised: this machine may be busy.
const HANGS: Duration = Duration::from_secs(20);

/// The processor time of a process in ticks, where it listens to SIGINT.
fn ticks_at_work(child: &Child) -> Option<u64> {
    let read = |file| fs::read_to_string(format!("/proc/{}/{file}", child.id())).ok();
    let status = read("status")?;
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t"))?;
    let listens = u64::from_str_radix(caught, 16).ok()? & 2 != 0;
    let stat = read("stat")?;
    let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
    listens.then(|| fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
}

/// Starts a tool, lets it work, interrupts it once, and fails where it does not end with 130. Where it was faster than the
/// signal, it is started again after `again`.
#[track_caller]
fn interrupt(command: impl Fn() -> Command, ticks: u64, again: impl Fn()) {
    for _ in 0..5 {
        let mut child =
            command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut ended = None;
        let started = Instant::now();
        while ended.is_none() && ticks_at_work(&child).is_none_or(|found| found < ticks) {
            ended = child.try_wait().unwrap();
            if started.elapsed() > 3 * HANGS {
                let _ = child.kill();
                panic!("it does not listen, or has nothing to do");
            }
            thread::yield_now();
        }
        if ended.is_none() {
            let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
            let started = Instant::now();
            while ended.is_none() && sent.success() {
                ended = child.try_wait().unwrap();
                if started.elapsed() > HANGS {
                    let _ = child.kill();
                    panic!("it hangs");
                }
                thread::yield_now();
            }
        }
        let code = ended.or_else(|| child.wait().ok()).and_then(|status| status.code());
        if code == Some(130) {
            return;
        }
        assert_eq!(code, Some(0), "it neither ended by itself nor was interrupted");
        again();
    }
    panic!("it was never interrupted");
}

fn in_dir<'a>(name: &'a str, dir: &'a Path, args: &'a [&'a str]) -> impl Fn() -> Command + 'a {
    move || {
        let mut command = Command::new(tool(name));
        // An operation of `conformance` that does not end in time leaves its scratch directory.
        command.env_clear().env("TMPDIR", std::env::temp_dir()).args(args).current_dir(dir);
        command
    }
}

fn names(dir: &Path) -> Vec<String> {
    let name = |file: std::io::Result<fs::DirEntry>| file.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(name).collect();
    names.sort();
    names
}

/// A module zip of a size that is allowed, and takes a while.
fn large() -> Vec<u8> {
    Bomb::new(490).entries(1, |_| format!("{MODULE}/zeros")).build()
}

#[test]
fn tools_without_a_runtime() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    let zips = dir.join("zips");
    fs::create_dir(&zips).unwrap();
    fs::write(zips.join("large.zip"), large()).unwrap();
    fs::create_dir(dir.join("endless")).unwrap();
    File::create(dir.join("endless/a")).unwrap().set_len(1 << 42).unwrap();
    fs::create_dir(dir.join("source")).unwrap();
    File::create(dir.join("source/a")).unwrap().set_len(490 << 20).unwrap();
    let index = json!({"file": "large.zip", "path": "example.com/m", "version": "v1.0.0"});
    fs::write(zips.join("index.jsonl"), format!("{index}\n").repeat(50)).unwrap();
    let before = names(dir);

    let many = ["zips/large.zip"; 50];
    let hash = [&["zip"][..], &many].concat();
    let jobs: [(&str, &[&str]); 7] = [
        ("hash", &hash),
        ("hash", &["dir", "endless", MODULE]),
        ("zip", &["check", "zips/large.zip", MODULE]),
        ("zip", &["diff", "zips/large.zip", "zips/large.zip"]),
        ("zip", &["unzip", "zips/large.zip", MODULE, "out"]),
        ("zip", &["create", "source", MODULE, "out.zip"]),
        ("conformance", &["zips", "zips/index.jsonl"]),
    ];
    for (name, args) in jobs {
        let again = || {
            let _ = fs::remove_dir_all(dir.join("out"));
            let _ = fs::remove_file(dir.join("out.zip"));
        };
        interrupt(in_dir(name, dir, args), 8, again);
        assert_eq!(names(dir), before, "{name} {args:?}");
    }
}

/// A server that takes connections, and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

#[test]
fn fetch_while_it_waits_and_while_it_hashes() {
    let root = tempfile::tempdir().unwrap();
    let (_listener, url) = silent();
    let tree = ModuleTree::new().version("example.com/m", "v1.0.0", b"module example.com/m\n", &large());
    let proxy = LoopbackProxy::serve(tree);
    let hash = "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=";
    for (url, ticks) in [(url, 0), (proxy.url(), 8)] {
        interrupt(in_dir("zip", root.path(), &["fetch", &url, MODULE, hash, "m.zip"]), ticks, || ());
        assert!(names(root.path()).is_empty());
    }
}

#[test]
fn download_while_it_hashes_and_extracts() {
    let tree = ModuleTree::new().version("example.com/m", "v1.0.0", b"module example.com/m\n", &large());
    let proxy = LoopbackProxy::serve(tree);
    for ticks in [8, 40] {
        let world = World::new();
        let command = || {
            let mut command = world.command(&proxy.url(), &[MODULE, "--retries", "none"]);
            command.env("GOSUMDB", "off");
            command
        };
        interrupt(command, ticks, || gomod_testkit::remove_tree(&world.cache()).unwrap());
        world.assert_nothing_half_done();
        assert!(!world.entry(MODULE).dir().exists());
    }
}

#[test]
fn verify_while_it_hashes() {
    let world = World::new();
    let entry = world.entry(MODULE);
    drop(entry.lock().unwrap());
    put(&entry.path(CacheFile::Zip), &large());
    let before = world.names();
    for args in [&[][..], &[MODULE]] {
        interrupt(|| world.tool("verify", "off", args), 8, || ());
        assert_eq!(world.names(), before);
    }
}

#[test]
fn sumdb_while_it_waits() {
    let world = World::new();
    let (_listener, url) = silent();
    interrupt(|| world.tool("sumdb", &url, &["lookup", MODULE]), 0, || ());
}
