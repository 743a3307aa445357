//! No room, a limit on the size of files, a read-only file system, somebody else's directory: at every step that writes, the
//! message names the path, the limit that was met and what to do, and nothing half written stays.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use gomod_cache::{CacheFile, Parts};
use gomod_testkit::{LoopbackProxy, remove_tree};

use crate::download::world::{ALPHA, BETA, Run, World, database, go_sum, tree};
use gomod_testkit::confined::{as_nobody, in_own_mounts, with_files_of_no_size};

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Bytes,
    Inodes,
    FileSize,
    ReadOnly,
    Owner,
}

const CAUSES: [Cause; 5] = [Cause::Bytes, Cause::Inodes, Cause::FileSize, Cause::ReadOnly, Cause::Owner];

/// The room is mounted anew with what was in it, and filled to its end; what is in it after the tool has run is listed.
const FULL: &str = "cp -a \"$ROOM\" \"$ROOM.before\" && mount -t tmpfs -o \"$OPTIONS\" none \"$ROOM\" && \
    cp -a \"$ROOM.before/.\" \"$ROOM\" && mkdir \"$ROOM/fill\" && (cd \"$ROOM/fill\" && eval \"$FILL\") 2>/dev/null; \
    \"$@\"; code=$?; (cd \"$ROOM\" && find . -path ./fill -prune -o -type f -print) >\"$ROOM.after\" && exit $code";

/// The same on a mount that cannot be written.
const READ_ONLY: &str = "mount --bind \"$ROOM\" \"$ROOM\" && mount -o remount,bind,ro \"$ROOM\" && \
    { \"$@\"; code=$?; (cd \"$ROOM\" && find . -type f) >\"$ROOM.after\"; exit $code; }";

impl Cause {
    /// The command with this in its way in `room`; `None` where that cannot be on this machine.
    pub(crate) fn around(self, inner: &Command, room: &str) -> Option<Command> {
        let mounted = |script, options: &str, fill: &str| {
            let mut command = in_own_mounts(script, inner)?;
            command.env("ROOM", room).env("OPTIONS", options).env("FILL", fill);
            Some(command)
        };
        match self {
            Self::Bytes => mounted(FULL, "size=2m", "cat /dev/zero >bytes"),
            Self::Inodes => {
                mounted(FULL, "size=16m,nr_inodes=100", "i=0; while true >$i; do i=$((i+1)); done")
            }
            Self::FileSize => Some(with_files_of_no_size(inner)),
            Self::ReadOnly => mounted(READ_ONLY, "", ""),
            Self::Owner => as_nobody(inner),
        }
    }

    /// What the message must have.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Bytes => ["No space left on device", "of 2.00 MiB and ", "make room"],
            Self::Inodes => ["No space left on device", "of 100 inodes free", "make room"],
            Self::FileSize => ["File too large", "may have 0 bytes (`ulimit -f`)", "`ulimit -f unlimited`"],
            Self::ReadOnly => ["Read-only file system", "is mounted read-only", "next: "],
            Self::Owner => ["Permission denied", "and this is user 65534", "next: "],
        }
    }
}

/// A project in `room` whose go.sum lacks a line of a module, for which it needs a block more.
pub(crate) fn project_that_lacks_a_line(world: &World, room: &Path) {
    let missing = "example.com/Beta/v2 v2.1.0 h1:";
    let mut some = go_sum();
    let start = some.find(missing).unwrap();
    let end = start + some[start..].find('\n').unwrap() + 1;
    some.replace_range(start..end, "");
    let hash = "A".repeat(43);
    let mut pads = (10..).map(|i| format!("example.com/pad v1.0.{i} h1:{hash}=\n"));
    while some.len() < 4096 - (end - start) {
        some.push_str(&pads.next().unwrap());
    }
    fs::write(room.join("go.sum"), some).unwrap();
    for name in ["go.mod", "main.go"] {
        fs::copy(world.project().join(name), room.join(name)).unwrap();
    }
}

/// What writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Fetch,
    FetchZip,
    Extract,
    Repair,
    Restore,
    Displace,
    Create,
    Unzip,
    WriteSum,
    Save,
    FetchFile,
}

/// A world whose cache is the room, or beside it, and the step in it.
struct Scene {
    world: World,
    _proxy: LoopbackProxy,
    command: Command,
    room: PathBuf,
}

impl Scene {
    fn new(step: Step) -> Self {
        let (world, proxy) =
            (World::new(), LoopbackProxy::builder(tree()).proxied_database(&database()).start());
        let (dir, url) = (world.dir().to_owned(), proxy.url());
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        let (room, cache) = (dir.join("room"), world.cache());
        fs::create_dir(&room).unwrap();
        if step != Step::Fetch {
            world.download(&url).expect(0);
        }
        if matches!(step, Step::WriteSum | Step::Save) {
            // The head of the database is known: it is not what is in the way.
            let mut command = world.tool("sumdb", &url, &["lookup", ALPHA, BETA]);
            Run::of_mut(command.env("GOSUMDB", database().key())).expect(0);
        }
        let entry = world.entry(ALPHA);
        let zip = entry.path(CacheFile::Zip);
        let zip = zip.to_str().unwrap();
        let in_cache = matches!(
            step,
            Step::Fetch | Step::FetchZip | Step::Extract | Step::Repair | Step::Restore | Step::Displace
        );
        let mut command = match step {
            Step::Fetch => world.tool("download", &url, &["--project", "project", "--retries", "none"]),
            Step::FetchZip | Step::Extract => {
                remove_tree(&entry.dir()).unwrap();
                if step == Step::FetchZip {
                    fs::remove_file(zip).unwrap();
                    fs::remove_file(entry.path(CacheFile::ZipHash)).unwrap();
                }
                world.tool("download", &url, &["--project", "project", "--retries", "none"])
            }
            Step::Repair => {
                let file = entry.dir().join("LICENSE");
                fs::remove_file(&file).unwrap();
                fs::write(file, "Mine.\n").unwrap();
                world.tool("verify", &url, &["--project", "project", "--repair"])
            }
            Step::Restore | Step::Displace => {
                entry.lock().unwrap().quarantine(Parts::all()).unwrap().unwrap();
                if step == Step::Displace {
                    world.download(&url).expect(0);
                }
                world.tool("verify", &url, &["--quarantine", "restore", "1", "--yes"])
            }
            Step::Create => {
                let from = dir.join("m");
                fs::create_dir(&from).unwrap();
                fs::write(from.join("go.mod"), "module example.com/m\n").unwrap();
                world.tool("zip", &url, &["create", "m", "example.com/m@v1.0.0", "room/m.zip"])
            }
            Step::Unzip => world.tool("zip", &url, &["unzip", zip, ALPHA, "room/out"]),
            Step::WriteSum => {
                project_that_lacks_a_line(&world, &room);
                world.tool("download", &url, &["--project", "room", "--write-sum"])
            }
            Step::Save => world.tool("sumdb", &url, &["lookup", ALPHA, "--save", "room/proofs.jsonl"]),
            Step::FetchFile => {
                let sums = go_sum();
                let line =
                    sums.lines().find(|line| line.starts_with("example.com/alpha v1.0.0 h1:")).unwrap();
                let hash = line.rsplit(' ').next().unwrap();
                world.tool("zip", &url, &["fetch", &url, ALPHA, hash, "room/alpha.zip"])
            }
        };
        command.env("GOSUMDB", database().key()).env("TMPDIR", "/tmp");
        if in_cache {
            if step != Step::Fetch {
                fs::remove_dir(&room).unwrap();
                fs::rename(&cache, &room).unwrap();
            }
            command.env("GOMODCACHE", &room);
        }
        Self { world, _proxy: proxy, command, room }
    }

    /// The files in the room but locks, some of which the cache keeps.
    fn listed(text: &str) -> BTreeSet<String> {
        text.lines()
            .filter(|line| !line.ends_with(".lock") && !line.ends_with("cache/lock"))
            .map(str::to_owned)
            .collect()
    }

    fn files(&self) -> BTreeSet<String> {
        let found = Command::new("find").args([".", "-type", "f"]).current_dir(&self.room).output().unwrap();
        Self::listed(&String::from_utf8(found.stdout).unwrap())
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = remove_tree(&self.room);
        let _ = remove_tree(&self.world.dir().join("room.before"));
    }
}

fn assert_it_is_said_and_nothing_stays(cause: Cause, step: Step) {
    let scene = Scene::new(step);
    let room = scene.room.to_str().unwrap();
    let Some(command) = cause.around(&scene.command, room) else { return };
    let before = scene.files();
    let run = Run::of(command);
    let what = format!("{cause:?} at {step:?}: {}", run.stderr);
    if cause == Cause::Inodes && step == Step::WriteSum {
        // It is written in place, and needs none.
        assert_eq!(run.code, Some(0), "{what}");
        return;
    }
    if step == Step::Restore && run.code == Some(0) {
        // It is moved and not written.
        assert!(!matches!(cause, Cause::ReadOnly | Cause::Owner), "{what}");
        return;
    }
    assert_eq!(run.code, Some(1), "{what}");
    for words in cause.words() {
        assert!(run.stderr.contains(words), "no {words:?}: {what}");
    }
    assert!(run.stderr.contains("room") && run.stderr.contains("limit: "), "{what}");
    let after = match fs::read_to_string(format!("{room}.after")) {
        Ok(text) => Scene::listed(&text),
        Err(_) => scene.files(),
    };
    let new: Vec<_> = after.difference(&before).collect();
    assert!(new.is_empty(), "{new:?} stays: {what}");
    let lost: Vec<_> = before.difference(&after).collect();
    assert!(lost.is_empty(), "{lost:?} is gone: {what}");
}

/// What cannot be read is named, with its owner and mode and what to do, and nothing of it is replaced.
#[test]
fn a_file_of_the_cache_that_may_not_be_read() {
    for (file, args) in [
        (CacheFile::ZipHash, &["--project", "project"][..]),
        (CacheFile::Zip, &["--project", "project", "--verify"]),
        (CacheFile::Mod, &["--project", "project"]),
    ] {
        let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
        fs::set_permissions(world.dir(), fs::Permissions::from_mode(0o755)).unwrap();
        world.download(&proxy.url()).expect(0);
        let path = world.entry(ALPHA).path(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        let Some(command) = as_nobody(&world.command("off", args)) else { return };
        let run = Run::of(command).expect(1);
        let path = path.to_str().unwrap();
        run.says(&[path, "Permission denied", "with mode 0000, and this is user 65534", "next: "]);
    }
}

macro_rules! steps {
    ($($name:ident: $step:expr;)*) => {
        $(#[test]
        fn $name() {
            for cause in CAUSES {
                assert_it_is_said_and_nothing_stays(cause, $step);
            }
        })*
    };
}

steps! {
    the_first_file_of_a_cache: Step::Fetch;
    a_zip_that_is_fetched: Step::FetchZip;
    a_tree_that_is_extracted: Step::Extract;
    a_repair: Step::Repair;
    a_quarantine_that_is_put_back: Step::Restore;
    a_quarantine_that_is_taken: Step::Displace;
    a_zip_that_is_made: Step::Create;
    a_zip_that_is_unzipped: Step::Unzip;
    lines_for_go_sum: Step::WriteSum;
    proofs_that_are_kept: Step::Save;
    a_zip_into_a_file: Step::FetchFile;
}
