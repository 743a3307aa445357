//! Entries that need no lock: names, states, `.info`, `.mod` and `list`.

use std::fs;

use gomod_cache::{Action, CacheError, CacheFile, DirState, FileState, MAX_INFO, ModCache, ZipHash};
use gomod_module::goenv::GoEnvError;
use gomod_module::modfile::MAX_GO_MOD;
use gomod_module::{GoEnv, ModuleVersion};

use crate::fixture::{NOTHING, TestCache, hash, module};

#[test]
fn the_root_must_be_absolute() {
    let error = ModCache::new("pkg/mod").expect_err("a relative path");
    assert_eq!(error.to_string(), r#"GOMODCACHE entry is relative; must be absolute path: "pkg/mod""#);
    ModCache::new("").expect_err("an empty path");
}

#[test]
fn the_environment_names_the_cache() {
    let path = if cfg!(windows) { r"C:\go\mod" } else { "/go/mod" };
    let resolve = |goos: &str, path: &str, flags: &str| {
        let lookup = |name: &str| match name {
            "GOMODCACHE" => Some(path.into()),
            "GOFLAGS" => Some(flags.into()),
            _ => None,
        };
        ModCache::from_env(&GoEnv::resolve(goos, &lookup, None, None))
    };
    let goos = if cfg!(windows) { "windows" } else { "linux" };
    assert_eq!(resolve(goos, path, "-modcacherw").expect("a cache").root().to_str(), Some(path));
    assert!(matches!(resolve(goos, "mod", ""), Err(GoEnvError::RelativeModCache(_))));
    assert!(matches!(resolve(goos, "", ""), Err(GoEnvError::NoModCache)));
    assert!(matches!(resolve(goos, path, "-modcacherw=maybe"), Err(GoEnvError::Goflags(_))));
    let (elsewhere, path) = if cfg!(windows) { ("linux", "/go/mod") } else { ("windows", r"C:\go\mod") };
    assert!(matches!(resolve(elsewhere, path, ""), Err(GoEnvError::RelativeModCache(_))));
}

#[test]
fn asking_creates_nothing() {
    let test = TestCache::new();
    let cache = ModCache::new(test.root.path().join("new")).expect("an absolute path");
    let entry = cache.entry(&module());
    let state = entry.state().expect("a state");
    assert_eq!(state.info, FileState::Absent);
    assert_eq!(state.ziphash, ZipHash::Absent);
    assert_eq!(state.dir, DirState::Absent);
    assert_eq!(entry.read_info().expect("no file"), None);
    assert_eq!(entry.read_mod().expect("no file"), None);
    assert_eq!(entry.stale_files().expect("none"), NOTHING);
    assert!(!cache.root().exists());
}

#[test]
fn what_is_stored_is_read() {
    let test = TestCache::new();
    let entry = test.entry();
    entry.store_info(b"{}").expect("stored");
    entry.store_info(br#"{"Version":"v1.0.0"}"#).expect("stored again");
    entry.store_mod(b"module example.com/m\n").expect("stored");
    assert_eq!(entry.read_info().expect("a file").as_deref(), Some(&br#"{"Version":"v1.0.0"}"#[..]));
    assert_eq!(entry.read_mod().expect("a file").as_deref(), Some(&b"module example.com/m\n"[..]));
    let state = entry.state().expect("a state");
    assert_eq!((state.info, state.go_mod), (FileState::Present, FileState::Present));
    assert_eq!(entry.stale_files().expect("none"), NOTHING);
}

#[test]
fn files_of_any_size_cost_no_more_than_the_limit() {
    let test = TestCache::new();
    let entry = test.entry();
    entry.store_info(b"").expect("stored");
    entry.store_mod(b"").expect("stored");
    for (file, limit) in [(CacheFile::Info, MAX_INFO), (CacheFile::Mod, MAX_GO_MOD)] {
        let path = entry.path(file);
        let set_len = |len| fs::File::options().write(true).open(&path).expect("a file").set_len(len);
        let read = || if file == CacheFile::Info { entry.read_info() } else { entry.read_mod() };
        set_len(limit).expect("a sparse file");
        assert_eq!(read().expect("at the limit").map(|data| data.len() as u64), Some(limit));
        set_len(limit + 1).expect("a sparse file");
        let error = read().expect_err("above the limit");
        assert!(matches!(&error, CacheError::TooLarge { limit: named, .. } if *named == limit), "{error}");
        assert!(!error.is_unwritable());
    }
}

#[test]
fn mod_files_that_old_go_made_up_are_absent() {
    let test = TestCache::new();
    let entry = test.entry();
    entry.store_mod(b"//vgo 0.0.4\n\nmodule example.com/m\n").expect("stored");
    assert_eq!(entry.read_mod().expect("a file"), None);
    assert_eq!(entry.state().expect("a state").go_mod, FileState::Absent);
    entry.store_mod(b"//vgo 0.").expect("stored");
    assert_eq!(entry.state().expect("a state").go_mod, FileState::Present);
}

#[test]
fn what_is_no_file_is_said_so() {
    let test = TestCache::new();
    let entry = test.entry();
    for file in [CacheFile::Info, CacheFile::Mod, CacheFile::Zip] {
        fs::create_dir_all(entry.path(file)).expect("a directory");
    }
    let state = entry.state().expect("a state");
    assert_eq!([state.info, state.go_mod, state.zip], [FileState::NotAFile; 3]);
    entry.read_info().expect_err("a directory");
    let error = entry.store_info(b"{}").expect_err("a directory in the way");
    assert!(matches!(error, CacheError::Io { action: Action::Rename, .. }), "{error}");
    assert_eq!(entry.stale_files().expect("none"), NOTHING);
}

/// Opening a pipe that nobody writes to would wait for ever.
#[cfg(unix)]
#[test]
fn a_pipe_is_not_read() {
    let test = TestCache::new();
    let entry = test.entry();
    entry.store_mod(b"module example.com/m\n").expect("stored");
    for file in [CacheFile::Info, CacheFile::ZipHash] {
        let made = std::process::Command::new("mkfifo").arg(entry.path(file)).status();
        if !made.is_ok_and(|status| status.success()) {
            return gomod_testkit::skip("no working mkfifo on this machine: pipes are not tested");
        }
    }
    for error in [entry.read_info().expect_err("a pipe"), entry.state().expect_err("a pipe")] {
        assert!(matches!(error, CacheError::Io { action: Action::Read, .. }), "{error}");
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_one_kind_of_error() {
    let test = TestCache::new();
    let file = test.root.path().join("file");
    fs::write(&file, b"").expect("a file");
    let entry = ModCache::new(file.join("mod")).expect("an absolute path").entry(&module());
    let errors = [
        entry.store_info(b"").expect_err("no directory"),
        entry.store_mod(b"").expect_err("no directory"),
        entry.rewrite_list().expect_err("no directory"),
        entry.lock().expect_err("no directory"),
        entry.try_lock().expect_err("no directory"),
    ];
    for error in errors {
        assert!(error.is_unwritable(), "{error}");
        assert!(error.path().starts_with(&file), "{error}");
        assert!(error.to_string().starts_with("create directory "), "{error}");
    }
    let error = entry.state().expect_err("neither there nor absent");
    assert!(!error.is_unwritable(), "{error}");
}

#[test]
fn the_list_names_the_versions_that_have_a_mod_file() {
    let test = TestCache::new();
    let list = test.entry().path(CacheFile::List);
    for version in ["v1.10.0", "v1.9.0", "v1.9.0-rc.1", "v0.0.0-20200101000000-abcdef123456", "v1.0.0-RC1"] {
        let module: ModuleVersion = format!("example.com/m@{version}").parse().expect("a module version");
        test.cache.entry(&module).store_mod(b"").expect("stored");
    }
    // Not the version with capital letters: the go command does not recognise its escaped name.
    let want = "v0.0.0-20200101000000-abcdef123456\nv1.9.0-rc.1\nv1.9.0\nv1.10.0\n";
    assert_eq!(fs::read_to_string(&list).expect("a list"), want);

    // As after a power cut, and longer than the right one.
    fs::write(&list, [0; 500]).expect("a list");
    test.entry().rewrite_list().expect("rewritten");
    assert_eq!(fs::read_to_string(&list).expect("a list"), want);

    let modified = || fs::metadata(&list).expect("a list").modified().expect("a time");
    let before = modified();
    test.entry().rewrite_list().expect("unchanged");
    assert_eq!(modified(), before);
}

#[test]
fn a_list_that_cannot_be_written_stops_no_mod_file() {
    let test = TestCache::new();
    let entry = test.entry();
    fs::create_dir_all(entry.path(CacheFile::List)).expect("a directory");
    entry.store_mod(b"module example.com/m\n").expect("stored all the same");
    assert!(entry.rewrite_list().expect_err("a directory").is_unwritable());
}

#[test]
fn leftovers_are_those_of_this_entry() {
    let test = TestCache::new();
    let entry = test.entry();
    entry.store_info(b"{}").expect("stored");
    let beside = |name: &str| entry.path(CacheFile::Zip).with_file_name(name);
    for name in [
        "v1.0.0.zip1.tmp",
        "v1.0.0.info999999999.tmp",
        "v1.0.0.mod7.tmp",
        "v1.0.0.zip1.resume.tmp",
        "v1.0.0.zip.resume.tmp",
        "v1.0.0.mod7.resume.tmp",
        "v1.0.0.zip.tmp",
        "v1.0.0.zipx.tmp",
        "v1.0.0.zip1.tmp.bak",
        "v1.0.0.ziphash1.tmp",
        "v1.0.01.zip1.tmp",
        "v1.0.0-rc.1.zip1.tmp",
    ] {
        fs::write(beside(name), b"").expect("a file");
    }
    let old = test.root.path().join("example.com/m@v1.0.0.tmp-123");
    fs::create_dir_all(&old).expect("a directory");
    fs::create_dir_all(test.root.path().join("example.com/m@v1.0.0-rc.1.tmp-123")).expect("a directory");
    let mut want = vec![
        beside("v1.0.0.info999999999.tmp"),
        beside("v1.0.0.mod7.tmp"),
        beside("v1.0.0.zip1.resume.tmp"),
        beside("v1.0.0.zip1.tmp"),
        old,
    ];
    want.sort();
    assert_eq!(entry.stale_files().expect("leftovers"), want);
}

#[test]
fn zip_hashes_are_judged_as_the_go_command_does() {
    let text = hash(7).to_string();
    let foreign = |text: &[u8]| ZipHash::Foreign(text.into());
    let h2 = text.replace("h1:", "h2:");
    let no_base64 = text.replace('=', "*");
    for (data, want) in [
        (text.clone().into_bytes(), ZipHash::H1(hash(7))),
        (format!(" \t{text}\r\n\u{85}\u{a0}\u{2003}").into_bytes(), ZipHash::H1(hash(7))),
        (h2.clone().into_bytes(), foreign(h2.as_bytes())),
        (no_base64.clone().into_bytes(), foreign(no_base64.as_bytes())),
        ([&b"\n"[..], &[0xff; 47], b" "].concat(), foreign(&[0xff; 47])),
        (vec![0xff; 46], ZipHash::Invalid),
        (Vec::new(), ZipHash::Invalid),
        (vec![0; 47], ZipHash::Invalid),
        ([text.as_bytes(), b"\0"].concat(), ZipHash::Invalid),
        ([&text.as_bytes()[..46], b"\0"].concat(), ZipHash::Invalid),
        (text.as_bytes()[..46].to_vec(), ZipHash::Invalid),
        ([text.as_bytes(), &[b' '; 5000]].concat(), ZipHash::H1(hash(7))),
    ] {
        assert_eq!(ZipHash::from_bytes(&data), want, "{data:?}");
    }
    assert!(ZipHash::Invalid.exists() && !ZipHash::Absent.exists());
    assert_eq!(foreign(b"").h1(), None);
}
