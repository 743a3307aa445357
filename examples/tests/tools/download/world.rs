//! A small project, the modules it needs, and the tool that fetches them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gomod_archive::{Archive, Limits};
use gomod_cache::{CacheFile, Entry, ModCache};
use gomod_module::{H1, Info, ModuleVersion};
use gomod_sum::{hash_go_mod, hash_module_dir, hash_zip, hash_zip_file};
use gomod_testkit::{LoopbackProxy, ModuleTree, SumDb, SumDbLog, remove_tree, source_text};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use crate::tool::Run;
use crate::tool::tool;

pub(crate) const ALPHA: &str = "example.com/alpha@v1.0.0";
pub(crate) const BETA: &str = "example.com/Beta/v2@v2.1.0";

const GO_MOD: &str = "module example.com/main\n\ngo 1.22\n\nrequire (\n\texample.com/Beta/v2 v2.1.0\n\texample.com/alpha v1.0.0\n)\n";
const MAIN: &str =
    "package main\n\nimport (\n\t_ \"example.com/Beta/v2\"\n\t_ \"example.com/alpha\"\n)\n\nfunc main() {}\n";

/// A temporary directory with `project` and `cache`.
pub(crate) struct World {
    dir: TempDir,
}

impl World {
    /// The project, with a go.sum that has every line.
    pub(crate) fn new() -> Self {
        let world = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(world.project()).unwrap();
        world.write("go.mod", GO_MOD);
        world.write("main.go", MAIN);
        world.write("go.sum", &go_sum());
        world
    }

    /// The same with a project that requires v1.0.0 of these modules of a tree.
    pub(crate) fn requiring(tree: &ModuleTree, paths: &[String]) -> Self {
        let world = Self::new();
        let requires = paths.iter().fold(String::new(), |text, path| text + &format!("\t{path} v1.0.0\n"));
        world.write("go.mod", &format!("module example.com/main\n\ngo 1.22\n\nrequire (\n{requires})\n"));
        let sums: String = paths.iter().map(|path| sum_lines(tree, &format!("{path}@v1.0.0"))).collect();
        world.write("go.sum", &sums);
        world
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.dir().join("project")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.dir().join("cache")
    }

    pub(crate) fn entry(&self, module: &str) -> Entry {
        ModCache::new(self.cache()).unwrap().entry(&parse(module))
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.project().join(name), content).unwrap();
    }

    /// The tool with these arguments, in an environment with nothing of this machine's.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, proxy: &str, args: &[S]) -> Command {
        self.tool("download", proxy, args)
    }

    /// Another tool in the same environment.
    pub(crate) fn tool<S: AsRef<OsStr>>(&self, name: &str, proxy: &str, args: &[S]) -> Command {
        let mut command = Command::new(tool(name));
        command.env_clear().args(args).current_dir(self.dir()).stdin(Stdio::null());
        command
            .env("HOME", self.dir())
            .env("GOENV", "off")
            .env("GOWORK", "off")
            .env("GOFLAGS", "-modcacherw");
        command.env("GOPROXY", proxy).env("GOMODCACHE", self.cache());
        // What stands in go.sum needs no database.
        let nowhere = format!("{} {}", database().key(), LoopbackProxy::refused_url());
        command.env("GOPATH", self.dir().join("gopath")).env("GOSUMDB", nowhere);
        command
    }

    /// The end of a run with these arguments.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, proxy: &str, args: &[S]) -> Run {
        Run::of(self.command(proxy, args))
    }

    /// The end of `--project project --json` where every source is asked once.
    pub(crate) fn download(&self, proxy: &str) -> Run {
        self.run(proxy, &["--project", "project", "--json", "--retries", "none"])
    }

    /// Every file of the cache but locks, by its path.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let content = |path: String| {
            let content = fs::read(self.cache().join(&path)).unwrap();
            (path, content)
        };
        self.names().into_iter().filter(|path| !path.ends_with(".lock")).map(content).collect()
    }

    /// The path of every file of the cache.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        collect(&self.cache(), &self.cache(), &mut names);
        names.sort();
        names
    }

    /// Fails unless the cache holds nothing of the module but `.info` and `.mod`: no zip, no tree, nothing half-done.
    pub(crate) fn assert_without_zip(&self, module: &str) {
        let entry = self.entry(module);
        let state = entry.state().unwrap();
        assert!(!state.has_zip() && !state.is_extracted(), "{module}: {state:?}");
        self.assert_nothing_half_done();
        assert!(!entry.dir().exists(), "{module} is extracted");
    }

    /// Fails where a file or tree under its final name is not the one of [`tree`], be it of a module or only recorded.
    pub(crate) fn assert_nothing_wrong(&self, moment: &str) {
        for module in [ALPHA, BETA] {
            let entry = self.entry(module);
            let state = entry.state().unwrap();
            let right = sum_lines(&tree(), module);
            let is_right = |h1: H1| right.contains(&format!(" {h1}\n"));
            if let Some(recorded) = state.ziphash.h1() {
                assert!(is_right(*recorded), "{moment}: {state:?}");
            }
            if let Some(go_mod) = entry.read_mod().unwrap() {
                assert!(is_right(hash_go_mod(&go_mod)), "{moment}: go.mod of {module}");
            }
            if state.has_zip() {
                let hash = hash_zip_file(entry.path(CacheFile::Zip), NonZeroUsize::MIN);
                assert!(hash.is_ok_and(is_right), "{moment}: zip of {module}");
            }
            if state.is_extracted() {
                let hash = hash_module_dir(entry.dir(), entry.module(), NonZeroUsize::MIN);
                assert!(hash.is_ok_and(is_right), "{moment}: tree of {module}");
            }
            let info = fs::read(entry.path(CacheFile::Info)).ok();
            assert!(info.is_none_or(|info| Info::parse(&info).is_ok()), "{moment}: .info of {module}");
        }
    }

    /// Fails unless every module is there as a whole.
    pub(crate) fn assert_whole(&self, moment: &str) {
        self.assert_nothing_wrong(moment);
        for module in [ALPHA, BETA] {
            let state = self.entry(module).state().unwrap();
            assert!(state.is_complete(), "{moment}: {module}: {state:?}");
        }
    }

    /// Fails where something in the cache is not under its final name.
    pub(crate) fn assert_nothing_half_done(&self) {
        let half = |path: &&String| path.ends_with(".tmp") || path.ends_with(".partial");
        let names = self.names();
        assert_eq!(names.iter().find(half), None);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = remove_tree(&self.cache());
    }
}

/// What the attempts in a record came to: the kind of a failure, or the status.
pub(crate) fn outcomes(record: &Value, suffix: &str) -> Vec<String> {
    let attempts = record["Attempts"].as_array().expect("attempts").iter();
    attempts
        .filter(|attempt| attempt["URL"].as_str().is_some_and(|url| url.ends_with(suffix)))
        .map(|attempt| attempt["Kind"].as_str().map_or_else(|| attempt["Status"].to_string(), str::to_owned))
        .collect()
}

/// The modules of the project.
pub(crate) fn tree() -> ModuleTree {
    let large = source_text(7, 300_000);
    ModuleTree::new()
        .module(
            "example.com/alpha",
            "v1.0.0",
            &[
                ("go.mod", b"module example.com/alpha\n\ngo 1.20\n"),
                ("alpha.go", b"// Package alpha.\npackage alpha\n"),
                ("data/large.txt", large.as_ref()),
                ("LICENSE", b"None.\n"),
            ],
        )
        .module(
            "example.com/Beta/v2",
            "v2.1.0",
            &[("go.mod", b"module example.com/Beta/v2\n\ngo 1.20\n"), ("beta.go", b"package beta\n")],
        )
}

/// The lines of go.sum for everything that [`tree`] has.
pub(crate) fn go_sum() -> String {
    [BETA, ALPHA].map(|module| sum_lines(&tree(), module)).concat()
}

/// A checksum database that knows everything that [`tree`] has.
pub(crate) fn database() -> SumDb {
    let mut log = SumDbLog::new("sum.example.org", 8);
    for module in [ALPHA, BETA] {
        add(&mut log, module, &sum_lines(&tree(), module));
    }
    SumDb::new(log)
}

/// Appends the lines of a module.
pub(crate) fn add(log: &mut SumDbLog, module: &str, lines: &str) -> usize {
    let module = parse(module);
    log.add(module.path().as_str(), module.version().as_str(), lines)
}

/// The two lines of go.sum for a module of a tree.
pub(crate) fn sum_lines(tree: &ModuleTree, module: &str) -> String {
    let module = parse(module);
    let file = |suffix| {
        let path = format!("{}/@v/{}.{suffix}", module.path().to_escaped(), module.version().to_escaped());
        tree.get(&path).expect("a file of the tree")
    };
    let archive = Archive::open(file("zip"), &Limits::default()).unwrap();
    let zip = hash_zip(&archive, NonZeroUsize::MIN).unwrap();
    let (path, version) = (module.path(), module.version());
    format!("{path} {version} {zip}\n{path} {version}/go.mod {}\n", hash_go_mod(&file("mod")))
}

fn parse(module: &str) -> ModuleVersion {
    module.parse().expect("a module")
}

/// Whatever goes away while it is listed was not there.
fn collect(root: &Path, dir: &Path, names: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            collect(root, &path, names);
        } else {
            names.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}
