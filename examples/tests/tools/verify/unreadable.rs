//! What cannot be read is not damaged: it is named, and nothing takes its place.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gomod_cache::{CacheFile, Entry};

use super::{full, kinds};
use crate::confined::as_nobody;
use crate::download::world::{ALPHA, Run};

type Place = fn(&Entry) -> PathBuf;

const PLACES: [(&str, Place); 6] = [
    ("zip", |entry| entry.path(CacheFile::Zip)),
    ("ziphash", |entry| entry.path(CacheFile::ZipHash)),
    ("mod", |entry| entry.path(CacheFile::Mod)),
    ("info", |entry| entry.path(CacheFile::Info)),
    ("file", |entry| entry.dir().join("LICENSE")),
    ("tree", |entry| entry.dir().join("data")),
];

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Who may not read a file and may write beside it is nobody, to whom everything else belongs.
#[test]
pub(crate) fn a_permission_that_is_missing_is_no_damage() {
    for (name, place) in PLACES {
        let (world, proxy) = full();
        let before = world.files();
        set_mode(world.dir(), 0o755);
        let tool =
            world.tool("verify", &proxy.url(), &[ALPHA, "--sum", "project/go.sum", "--repair", "--json"]);
        let Some(nobody) = as_nobody(&tool) else { return };
        let all = Command::new("chown").args(["-R", "65534:65534"]).arg(world.cache()).status().unwrap();
        assert!(all.success());
        let path = place(&world.entry(ALPHA));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        set_mode(&path, 0o000);
        let run = Run::of(nobody);
        set_mode(&path, mode);
        assert_eq!(run.code, Some(1), "{name}: {}", run.stderr);
        assert_eq!(kinds(&run, ALPHA), ["unreadable"], "{name}: {}", run.stderr);
        run.says(&[&path.display().to_string(), "Permission denied", "what cannot be read is not replaced"]);
        assert!(world.files() == before, "{name}");
    }
}

/// A disk that fails, or a server whose file handle went stale: `strace` makes the system say so.
#[test]
fn a_disk_that_fails_is_no_damage() {
    let strace = |args: &[&str]| {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null"]).args(args);
        command
    };
    if !strace(&["true"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        gomod_testkit::skip("no working strace on this machine: disks that fail are not tested");
        return;
    }
    for error in ["EIO", "ESTALE"] {
        for (name, place) in PLACES {
            let (world, proxy) = full();
            let before = world.files();
            let path = place(&world.entry(ALPHA));
            let calls = if name == "tree" { "?getdents64" } else { "?read,?pread64,?readv,?preadv" };
            let tool =
                world.tool("verify", &proxy.url(), &[ALPHA, "--sum", "project/go.sum", "--repair", "--json"]);
            let mut command = strace(&["-P", path.to_str().unwrap(), "-e", &format!("trace={calls}")]);
            command.args(["-e", &format!("inject={calls}:error={error}")]);
            command.arg(tool.get_program()).args(tool.get_args()).env_clear().current_dir(world.dir());
            for (name, value) in tool.get_envs() {
                command.env(name, value.unwrap_or_default());
            }
            let run = Run::of(command);
            assert_eq!(run.code, Some(1), "{name} {error}: {}", run.stderr);
            assert_eq!(kinds(&run, ALPHA), ["unreadable"], "{name} {error}: {}", run.stderr);
            run.says(&["what cannot be read is not replaced"]);
            assert!(world.files() == before, "{name} {error}");
        }
    }
}
