//! A process that is killed leaves nothing wrong under a final name, whichever system call it died before.
//!
//! `strace` does the killing: the process is run again and again, and dies one call later each time.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use gomod_cache::{CacheFile, DirState, ModCache, Parts, Restored};

use crate::fixture::{PART, TestCache, extract, hash, install_zip, module, part, play, tree_tag, zip};
use crate::prop::check_trust;

const INFO: &[u8] = br#"{"Version":"v1.0.0","Time":"2024-01-02T03:04:05Z"}"#;
const GO_MOD: &[u8] = b"module example.com/m\n";
/// The calls that change files, by all the names they have on some architecture.
const CALLS: [&str; 15] = [
    "openat",
    "write",
    "ftruncate",
    "fdatasync",
    "flock",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "chmod",
    "fchmod",
    "fchmodat",
];

/// `strace` counts the calls of each thread. So that it can tell ours from the few of the test harness, we first make
/// more of these than the harness makes at all.
const IDLE_CALLS: usize = 100;

fn idle() {
    for _ in 0..IDLE_CALLS {
        let mut null = File::options().write(true).open("/dev/null").expect("a device");
        null.write_all(b"idle").expect("a write");
    }
}

fn install(cache: &ModCache, tag: u8) {
    let entry = cache.entry(&module());
    entry.store_info(INFO).expect("stored");
    entry.store_mod(GO_MOD).expect("stored");
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, tag).expect("installed");
    if !entry.state().expect("a state").is_extracted() {
        extract(&lock, tag).expect("extracted");
    }
}

#[test]
fn part_install() {
    let Some(cache) = part() else { return };
    idle();
    install(&cache, 2);
}

#[test]
fn part_extract() {
    let Some(cache) = part() else { return };
    idle();
    extract(&cache.entry(&module()).lock().expect("a lock"), 1).expect("extracted");
}

#[test]
fn part_quarantine() {
    let Some(cache) = part() else { return };
    idle();
    let lock = cache.entry(&module()).lock().expect("a lock");
    lock.quarantine(Parts::all()).expect("moved").expect("something");
}

#[test]
fn part_replace() {
    let Some(cache) = part() else { return };
    idle();
    let lock = cache.entry(&module()).lock().expect("a lock");
    let staging = lock.staging().expect("a place");
    install(staging.cache(), 2);
    staging.replace(Parts::all(), "why").expect("replaced").expect("something");
}

#[test]
fn part_restore() {
    let Some(cache) = part() else { return };
    idle();
    let quarantines = cache.quarantines().expect("a list");
    let restored = cache.restore(&quarantines[0], true).expect("restored");
    assert!(matches!(restored, Restored::Restored(_)), "{restored:?}");
}

#[test]
fn part_remove() {
    let Some(cache) = part() else { return };
    idle();
    cache.entry(&module()).lock().expect("a lock").remove().expect("removed");
}

fn can_trace() -> bool {
    let ended =
        Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    let works = ended.is_ok_and(|status| status.success());
    if !works {
        gomod_testkit::skip("no working strace on this machine: crashes are not simulated");
    }
    works
}

/// Runs a part under `strace`, which kills it before its `count`th call of that name. `false` when the part came to
/// its end before.
fn dies(part: &str, test: &TestCache, call: &str, count: usize) -> bool {
    let part = play(part, test.root.path());
    let count = if matches!(call, "openat" | "write") { IDLE_CALLS + count } else { count };
    let status = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace=?{call}")])
        .args(["-e", &format!("inject=?{call}:signal=KILL:when={count}")])
        .arg(part.get_program())
        .args(part.get_args())
        .env(PART, test.root.path())
        .stdout(Stdio::null())
        .status()
        .expect("strace");
    // `strace` dies the death of the process it runs.
    assert!(status.success() || status.signal() == Some(9), "{call} {count}: {status}");
    !status.success()
}

/// Kills a part at every step, each time in the cache that `prepare` leaves, and checks what is left.
fn die_everywhere(part: &str, prepare: impl Fn(&TestCache), check: impl Fn(&TestCache, &str)) {
    if !can_trace() {
        return;
    }
    let mut deaths = 0;
    for call in CALLS {
        for count in 1.. {
            let test = TestCache::new();
            prepare(&test);
            let died = dies(part, &test, call, count);
            check(&test, &format!("{call} {count}"));
            if !died {
                break;
            }
            deaths += 1;
        }
    }
    // Fewer would mean that the calls have other names here.
    assert!(deaths > 30, "{deaths} deaths");
}

fn check(test: &TestCache, death: &str) {
    let entry = test.entry();
    check_trust(&entry, &entry.state().expect("a state"));
    for (data, want) in [(entry.read_info(), INFO), (entry.read_mod(), GO_MOD)] {
        assert!(data.expect("a file").is_none_or(|data| data == want), "{death}");
    }

    // Whoever comes next finds the lock free and heals the rest.
    install(&test.cache, 2);
    let state = entry.state().expect("a state");
    assert!(state.has_zip() && state.is_extracted(), "{death}: {state:?}");
    check_trust(&entry, &state);
    let left = entry.stale_files().expect("leftovers");
    assert!(left.iter().all(|path| !path.to_string_lossy().contains(".zip")), "{death}: {left:?}");
}

#[test]
fn in_an_empty_cache() {
    die_everywhere("crash::part_install", |_| {}, check);
}

#[test]
fn over_another_zip_and_tree() {
    die_everywhere("crash::part_install", |test| install(&test.cache, 1), check);
}

#[test]
fn over_a_tree_without_hash() {
    die_everywhere("crash::part_install", lose_hash, check);
}

/// Half a tree must not look whole once somebody else, who does not know of it, has written the hash.
#[test]
fn when_the_hash_comes_back_later() {
    die_everywhere("crash::part_extract", lose_hash, |test, death| {
        fs::write(test.entry().path(CacheFile::ZipHash), hash(1).to_string()).expect("a hash");
        check(test, death);
    });
}

/// What is moved is at its old place or at the new one, and never trusted more than before.
#[test]
fn while_an_entry_is_moved_aside() {
    die_everywhere(
        "crash::part_quarantine",
        |test| install(&test.cache, 1),
        |test, death| {
            let aside = ModCache::new(test.root.path().join("cache/quarantine/1")).expect("an absolute path");
            let places = [test.entry(), aside.entry(&module())];
            let one =
                |there: [bool; 2], what: &str| assert!(there[0] != there[1], "{death}: {what} {there:?}");
            for (file, content) in [
                (CacheFile::Zip, zip(1)),
                (CacheFile::Mod, GO_MOD.to_vec()),
                (CacheFile::Info, INFO.to_vec()),
            ] {
                one(
                    places.each_ref().map(|e| fs::read(e.path(file)).is_ok_and(|data| data == content)),
                    file.suffix(),
                );
            }
            one(places.each_ref().map(|entry| tree_tag(&entry.dir()) == Some(1)), "tree");
            // Who writes the hash of another zip now does not vouch for the old tree.
            check(test, death);
        },
    );
}

/// Brings to its end what was cut short, if anything was, extracts again what is partial, of the zip of this tag, and checks that
/// the entry is whole or has no tree. Returns whether something was cut short, and the tag of the tree.
fn bring_to_its_end(test: &TestCache, death: &str, tag: u8) -> (bool, Option<u8>) {
    let entry = test.entry();
    check_trust(&entry, &entry.state().expect("a state"));
    let lock = entry.lock().expect("a lock");
    let staging = lock.staging().expect("a place");
    let cut_short = staging.is_sealed();
    if cut_short {
        staging.finish("finished").expect("finished");
    } else {
        drop(staging);
    }
    if entry.state().expect("a state").dir == DirState::Partial {
        extract(&lock, tag).expect("extracted");
    }
    drop(lock);
    let now = tree_tag(&entry.dir());
    if let Some(tag) = now {
        let state = entry.state().expect("a state");
        assert!(state.is_complete(), "{death}: {state:?}");
        assert_eq!(state.ziphash.h1(), Some(&hash(tag)), "{death}");
        assert!(fs::read(entry.path(CacheFile::Zip)).expect("a zip") == zip(tag), "{death}");
    }
    (cut_short, now)
}

/// Whoever dies leaves the old entry as it was, or one that is brought to its end without anything being fetched.
#[test]
fn while_an_entry_is_replaced() {
    die_everywhere(
        "crash::part_replace",
        |test| install(&test.cache, 1),
        |test, death| {
            let (cut_short, tag) = bring_to_its_end(test, death, 2);
            let tag = tag.expect("a tree");
            assert!(!cut_short || tag == 2, "{death}");
            // At most the directories above the place are left.
            let staged = crate::staging::files(&test.root.path().join("cache"));
            assert!(!staged.keys().any(|path| path.starts_with("staging") && path.contains('@')), "{death}");
            for (number, quarantine) in
                [1, 2].map(|n| (n, test.root.path().join(format!("cache/quarantine/{n}"))))
            {
                assert!(test.cache.pending_replacements(&quarantine).is_empty(), "{death}: {number}");
            }
        },
    );
}

/// Into an empty place, and in the place of something else: the entry is what it was or what the quarantine had, or is brought to
/// the latter without anything being fetched, and nothing is lost.
#[test]
fn while_a_quarantine_is_put_back() {
    for is_occupied in [false, true] {
        die_everywhere(
            "crash::part_restore",
            |test| {
                install(&test.cache, 1);
                let lock = test.entry().lock().expect("a lock");
                lock.quarantine(Parts::all()).expect("moved").expect("something");
                drop(lock);
                if is_occupied {
                    install(&test.cache, 2);
                }
            },
            |test, death| {
                let (cut_short, now) = bring_to_its_end(test, death, 1);
                let before = if is_occupied { Some(2) } else { None };
                assert!(now == Some(1) || !cut_short && now == before, "{death}: {now:?}");
                // What is not in its place lies in a quarantine, whole.
                let mut tags: Vec<_> = now.into_iter().collect();
                for quarantine in test.cache.quarantines().expect("a list") {
                    let there = ModCache::new(&quarantine.path).expect("absolute").entry(&module());
                    tags.extend(tree_tag(&there.dir()));
                }
                tags.sort_unstable();
                let all = if is_occupied { &[1, 2][..] } else { &[1] };
                assert_eq!(tags, all, "{death}");
            },
        );
    }
}

/// Half a tree is never taken for a whole one, and the next installation finds room.
#[test]
fn while_an_entry_is_removed() {
    die_everywhere(
        "crash::part_remove",
        |test| install(&test.cache, 1),
        |test, death| {
            let state = test.entry().state().expect("a state");
            assert!(!state.is_extracted() || tree_tag(&test.entry().dir()) == Some(1), "{death}: {state:?}");
            check(test, death);
        },
    );
}

fn lose_hash(test: &TestCache) {
    install(&test.cache, 1);
    let entry = test.entry();
    fs::remove_file(entry.path(CacheFile::ZipHash)).expect("a hash");
    assert_eq!(entry.state().expect("a state").dir, DirState::WithoutZipHash);
}
