//! The files of a checksum database: where they are, what they cannot be, and that no tree head is lost.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use gomod_cache::{CacheError, ModCache, SumDbFiles};
use gomod_testkit::{GoCommand, ModuleTree, SumDbLog, mod_cache};
use tempfile::TempDir;

const NAME: &str = "sum.example.org";
const LOOKUP: &str = "lookup/example.com/!m@v1.0.0";

struct Files {
    files: SumDbFiles,
    root: TempDir,
}

impl Files {
    fn new() -> Self {
        let root = TempDir::new().expect("a temporary directory");
        Self { files: open(root.path(), NAME).expect("a name"), root }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    fn write(&self, below: &str, content: &[u8]) {
        fs::create_dir_all(self.path(below).parent().expect("a parent")).expect("a directory");
        fs::write(self.path(below), content).expect("a file");
    }
}

fn open(root: &Path, name: &str) -> Option<SumDbFiles> {
    let cache = ModCache::new(root.join("mod")).expect("an absolute path");
    SumDbFiles::new(&cache, &root.join("heads"), name).ok()
}

#[test]
fn everything_is_where_go_has_it() {
    let test = Files::new();
    assert_eq!(test.files.dir(), test.path("mod/cache/download/sumdb/sum.example.org"));
    assert_eq!(test.files.head_path(), test.path("heads/sum.example.org/latest"));
    assert_eq!(test.files.read(LOOKUP, 10).expect("absent"), None);
    test.files.write(LOOKUP, b"lookup").expect("written");
    test.files.write("tile/8/0/x001/067.p/3", b"tile").expect("written");
    let read = |below: &str| fs::read(test.path(below)).expect("a file");
    assert_eq!(read("mod/cache/download/sumdb/sum.example.org/lookup/example.com/!m@v1.0.0"), b"lookup");
    assert_eq!(read("mod/cache/download/sumdb/sum.example.org/tile/8/0/x001/067.p/3"), b"tile");
    assert!(test.files.replace_head(b"", b"head").expect("written"));
    assert_eq!(read("heads/sum.example.org/latest"), b"head");

    let nested = open(test.root.path(), "localhost:8080/sum//db").expect("a name");
    assert_eq!(nested.head_path(), test.path("heads/localhost:8080/sum/db/latest"));
}

#[test]
fn a_file_is_replaced_as_a_whole_and_an_empty_one_is_none() {
    let test = Files::new();
    test.files.write(LOOKUP, b"a long answer").expect("written");
    test.files.write(LOOKUP, b"short").expect("written");
    assert_eq!(test.files.read(LOOKUP, 5).expect("a file").as_deref(), Some(&b"short"[..]));
    test.files.write(LOOKUP, b"").expect("written");
    assert_eq!(test.files.read(LOOKUP, 5).expect("a file"), None);
    // `example.com/!m@v1.0.0` is a file by now.
    assert_eq!(test.files.read("lookup/example.com/!m@v1.0.0/x@v1.0.0", 5).expect("absent"), None);
}

#[test]
fn names_stay_in_their_directories() {
    let root = TempDir::new().expect("a temporary directory");
    for name in ["", "/", "/etc", "..", "a/../b", "a/..", ".", "a/./b", "a\\b", "a\0b", "a\nb"] {
        assert_eq!(open(root.path(), name), None, "{name:?}");
    }
    let test = Files::new();
    for path in [
        "",
        "lookup",
        "tile",
        "lookup/",
        "/lookup/a",
        "latest",
        "supported",
        "../lookup/a",
        "lookup/../../a",
        "lookup//a",
        "tile/./a",
        "tile/8/0/000/",
        "lookup/a\\..\\b",
        "lookup/a\0",
        "Tile/8/0/000",
    ] {
        let refused = |error: CacheError| matches!(error, CacheError::NoSumDbFile { .. });
        assert!(test.files.read(path, 10).is_err_and(refused), "{path:?}");
        assert!(test.files.write(path, b"x").is_err_and(refused), "{path:?}");
    }
    assert!(!test.path("mod").exists() && !test.path("heads").exists());
}

#[test]
fn reads_have_limits() {
    let test = Files::new();
    test.files.write(LOOKUP, &[1; 101]).expect("written");
    assert!(matches!(test.files.read(LOOKUP, 100), Err(CacheError::TooLarge { limit: 100, .. })));
    assert!(test.files.read(LOOKUP, 101).expect("a file").is_some());
    test.write("heads/sum.example.org/latest", &vec![b'x'; (1 << 20) + 1]);
    assert!(matches!(test.files.head(), Err(CacheError::TooLarge { .. })));
    assert!(matches!(test.files.replace_head(b"", b"y"), Err(CacheError::TooLarge { .. })));
}

#[test]
fn only_the_head_that_was_read_is_replaced() {
    let test = Files::new();
    assert_eq!(test.files.head().expect("none"), b"");
    // An empty file is nobody's head.
    test.write("heads/sum.example.org/latest", b"");
    assert!(test.files.replace_head(b"whatever", b"a longer head").expect("written"));
    assert!(!test.files.replace_head(b"", b"other").expect("compared"));
    assert!(!test.files.replace_head(b"a longer heae", b"other").expect("compared"));
    assert_eq!(test.files.head().expect("a head"), b"a longer head");
    assert!(test.files.replace_head(b"a longer head", b"short").expect("written"));
    assert_eq!(test.files.head().expect("a head"), b"short");
}

/// Of all who replace what they read, each goes on from what another one stored: nothing is lost.
#[test]
fn replacing_counts_right_from_many_threads() {
    let test = Files::new();
    let (threads, each) = (8, 50);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..each {
                    loop {
                        let old = test.files.head().expect("a head");
                        let counted = String::from_utf8(old.clone()).expect("text");
                        let count: u32 = counted.trim_start().parse().unwrap_or(0);
                        // Longer and shorter ones in turn.
                        let width = if count.is_multiple_of(2) { 9 } else { 3 };
                        let new = format!("{:>width$}", count + 1);
                        if test.files.replace_head(&old, new.as_bytes()).expect("written") {
                            break;
                        }
                    }
                }
            });
        }
    });
    let last = String::from_utf8(test.files.head().expect("a head")).expect("text");
    assert_eq!(last.trim_start().parse(), Ok(threads * each));
}

#[test]
fn locks_of_others_are_waited_for() {
    let test = Files::new();
    test.write("heads/sum.example.org/latest", b"old");
    test.files.write(LOOKUP, b"old").expect("written");
    let jobs: [(&Path, &(dyn Fn() + Sync)); 4] = [
        (&test.files.dir().join(LOOKUP), &|| assert!(test.files.read(LOOKUP, 9).is_ok())),
        (&test.files.dir().join(LOOKUP), &|| test.files.write(LOOKUP, b"new").expect("written")),
        (test.files.head_path(), &|| assert!(test.files.head().is_ok())),
        (test.files.head_path(), &|| _ = test.files.replace_head(b"old", b"new").expect("compared")),
    ];
    for (path, job) in jobs {
        let theirs = File::options().write(true).open(path).expect("a file");
        theirs.lock().expect("a lock");
        let (done, is_done) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                job();
                let _ = done.send(());
            });
            // Nobody can say when a thread will be waiting; that it has not ended can be said at any time.
            thread::yield_now();
            assert_eq!(is_done.try_recv(), Err(mpsc::TryRecvError::Empty));
            theirs.unlock().expect("unlocked");
            is_done.recv().expect("done");
        });
    }
}

#[cfg(unix)]
#[test]
fn a_directory_in_the_way_is_an_error_and_no_wait() {
    let test = Files::new();
    fs::create_dir_all(test.files.head_path()).expect("a directory");
    fs::create_dir_all(test.files.dir().join(LOOKUP)).expect("a directory");
    assert!(matches!(test.files.head(), Err(CacheError::Io { .. })));
    assert!(test.files.replace_head(b"", b"x").is_err_and(|error| error.is_unwritable()));
    assert!(matches!(test.files.read(LOOKUP, 9), Err(CacheError::Io { .. })));
    assert!(test.files.write(LOOKUP, b"x").is_err_and(|error| error.is_unwritable()));
}

/// What go stores is what the database sent, and lies where we look; what we store it takes for its own.
#[test]
fn go_and_we_keep_the_same_files() {
    let Some(go) = GoCommand::find("the files of the checksum database are compared with go's") else {
        return;
    };
    let root = TempDir::new().expect("a temporary directory");
    let tree = ModuleTree::new().module("example.com/M", "v1.0.0", &[("m.go", b"package m\n")]);
    tree.write_to(&root.path().join("proxy"));
    let mut log = SumDbLog::new("sum.example.org/db", 8);
    // The hash of the module's go.mod file, as go computes it.
    let line = "example.com/M v1.0.0/go.mod h1:CunZ2lFoa484vW4ZW4xnQnMPzlVFX2A7xr2oO4q7/kg=";
    log.add("example.com/M", "v1.0.0", &format!("{line}\n"));
    log.add("example.com/other", "v1.0.0", "example.com/other v1.0.0 h1:x\n");
    log.write_to(&root.path().join("sumdb")).expect("a directory");

    let run = |home: &Path, served: &str| {
        fs::create_dir_all(home).expect("a directory");
        let url = |dir: &str| format!("file://{}", root.path().join(dir).display());
        let run = go.command(&["mod", "download", "-json", "example.com/M@v1.0.0"], home);
        run.proxy(&url("proxy")).env("GOSUMDB", format!("{} {}", log.key(), url(served))).run()
    };
    let files = |home: &Path| {
        let cache = ModCache::new(mod_cache(home)).expect("an absolute path");
        SumDbFiles::new(&cache, &home.join("gopath/pkg/sumdb"), "sum.example.org/db").expect("a name")
    };
    let theirs = root.path().join("theirs");
    let first = run(&theirs, "sumdb");
    // There is no line for the zip, so that go has to say what it thinks of our lines, too.
    assert!(first.stdout.contains("checksum missing from sumdb response"), "{first:?}");
    let kept = files(&theirs);
    assert_eq!(kept.head().expect("a head"), log.get("latest").expect("a head"));
    let lookup = "lookup/example.com/!m@v1.0.0";
    for path in [lookup, "tile/8/0/000.p/2"] {
        assert_eq!(kept.read(path, 1 << 20).expect("a file"), log.get(path), "{path}");
    }

    // From our files alone go says the same, and writes nothing.
    let ours = root.path().join("ours");
    let kept = files(&ours);
    for path in [lookup, "tile/8/0/000.p/2"] {
        kept.write(path, &log.get(path).expect("served")).expect("written");
    }
    assert!(kept.replace_head(b"", &log.get("latest").expect("a head")).expect("written"));
    let second = run(&ours, "nowhere");
    assert!(second.stdout.contains("checksum missing from sumdb response"), "{second:?}");
    assert_eq!(kept.head().expect("a head"), log.get("latest").expect("a head"));
    let _ = gomod_testkit::remove_tree(root.path());
}
