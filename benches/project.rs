//! What is downloaded: a project, and a proxy tree that has its modules.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::THREADS;
use gomod_archive::{Archive, Limits};
use gomod_sum::{hash_go_mod, hash_zip};
use gomod_testkit::{ModuleTree, ModuleZip, source_text};

const VERSION: &str = "v1.2.3";
const MB: usize = 1_000_000;

/// How many modules, how many files in each, how many bytes in each of them, and whether they are stored.
pub type Shape = (usize, usize, usize, bool);

/// A directory with go.mod and go.sum, and one with the layout of `$GOMODCACHE/cache/download`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Project {
    /// What it is called in a table.
    pub name: String,
    /// Where go.mod and go.sum are.
    pub dir: PathBuf,
    /// Where a GOPROXY's files are.
    pub proxy: PathBuf,
}

impl Project {
    /// The project of `GOMOD_BENCH_PROJECT` and `GOMOD_BENCH_PROXY`, copied so that nothing writes into it.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn given(dir: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let given = env::var_os("GOMOD_BENCH_PROJECT").zip(env::var_os("GOMOD_BENCH_PROXY"));
        let Some((source, proxy)) = given else { return Ok(None) };
        fs::create_dir_all(dir)?;
        for name in ["go.mod", "go.sum"] {
            let source = Path::new(&source).join(name);
            fs::copy(&source, dir.join(name)).map_err(|e| format!("{}: {e}", source.display()))?;
        }
        let proxy = fs::canonicalize(proxy)?;
        Ok(Some(Self { name: source.to_string_lossy().into_owned(), dir: dir.into(), proxy }))
    }

    /// 40 modules as projects have them, the same in every run: one of 27 MB as a zip, four of few large files, the
    /// rest of up to 300 small ones. Half of them predate graph pruning and lead to 400 modules of which only go.mod
    /// is needed. Less where `scale` is more than 1.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn typical(dir: &Path, scale: usize) -> Result<Self, Box<dyn Error>> {
        let mut parts = Parts::default();
        for i in 0..40_usize {
            let path = format!("example.com/owner{}/module{i}", i % 7);
            let (count, mean) = match i {
                0 => (2000, 54_000),
                1..5 => (6, 1_000_000),
                _ => (10 + i * 7919 % 290, 6_000),
            };
            let header =
                if i % 2 == 0 { "go 1.16\n\nrequire example.com/old0 v0.1.0\n" } else { "go 1.21\n" };
            let files = (0..count.div_ceil(scale)).map(|n| {
                let len = mean / scale.min(10) * (1 + n * 7919 % 7) / 4;
                (format!("pkg{}/file{n}.go", n % 31), source_text((i * 10_000 + n) as u64, len))
            });
            parts.module(&path, header, files.collect())?;
        }
        let old = 400 / scale;
        for i in 0..=old {
            let mut go_mod = format!("module example.com/old{i}\n\ngo 1.13\n");
            for below in [2 * i + 1, 2 * i + 2].into_iter().filter(|&below| below <= old) {
                writeln!(go_mod, "require example.com/old{below} v0.1.0")?;
            }
            parts.go_mod_alone(&format!("example.com/old{i}"), "v0.1.0", &go_mod)?;
        }
        parts.write("40 modules", dir)
    }

    /// So many modules of a hundred bytes to two hundred kilobytes, the same in every run: what their zips cost is little
    /// beside asking for them.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn small(dir: &Path, count: usize) -> Result<Self, Box<dyn Error>> {
        let mut parts = Parts::default();
        for i in 0..count {
            let files =
                ["m.go", "data.txt"].map(|name| (name.to_owned(), source_text(i as u64, 100 << (i % 12))));
            parts.module(&format!("example.com/small{i}"), "go 1.21\n", files.into())?;
        }
        parts.write(&format!("{count} small modules"), dir)
    }

    /// Modules whose files cannot be compressed.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn incompressible(dir: &Path, shape: Shape) -> Result<Self, Box<dyn Error>> {
        let (modules, files, len, stored) = shape;
        let mut parts = Parts { stored, ..Parts::default() };
        for module in 0..modules {
            let content = (0..files).map(|n| (format!("data/file{n}"), noise(module * files + n, len)));
            parts.module(&format!("example.com/module{module}"), "go 1.21\n", content.collect())?;
        }
        let method = if stored { "stored" } else { "deflated" };
        let total = files * len / MB;
        let each = if len < MB { format!("{} kB", len / 1000) } else { format!("{} MB", len / MB) };
        let name = format!("{modules} of {total} MB: {files} files of {each}, {method}");
        parts.write(&name, dir)
    }

    /// What the go command and ours call the tree.
    pub fn url(&self) -> String {
        format!("file://{}", self.proxy.display())
    }

    /// A program in the project, with this module cache and nothing of this machine's. Whatever else it writes, it writes
    /// beside the cache.
    pub fn command(&self, program: &Path, cache: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("GOMODCACHE", cache)
            .env("GOPATH", cache.with_file_name("gopath"))
            .env("GOCACHE", cache.with_file_name("gocache"))
            .envs([("GOSUMDB", "off"), ("GOFLAGS", "-modcacherw"), ("GOWORK", "off"), ("GOENV", "off")])
            .env("GOTOOLCHAIN", "local");
        command
    }
}

#[derive(Default)]
struct Parts {
    tree: ModuleTree,
    requires: String,
    go_sum: String,
    stored: bool,
}

impl Parts {
    fn module(
        &mut self,
        path: &str,
        header: &str,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<(), Box<dyn Error>> {
        let go_mod = format!("module {path}\n\n{header}");
        let mut zip = ModuleZip::new(path, VERSION).file("go.mod", go_mod.as_bytes());
        for (name, content) in files {
            zip = zip.file(&name, content);
            if self.stored {
                zip = zip.stored();
            }
        }
        let zip = zip.build();
        let hash = hash_zip(&Archive::open(&zip[..], &Limits::default())?, THREADS[1])?;
        writeln!(self.requires, "\t{path} {VERSION}")?;
        writeln!(self.go_sum, "{path} {VERSION} {hash}")?;
        self.go_mod_sum(path, VERSION, &go_mod)?;
        self.tree = std::mem::take(&mut self.tree).version(path, VERSION, go_mod.as_bytes(), &zip);
        Ok(())
    }

    fn go_mod_alone(&mut self, path: &str, version: &str, go_mod: &str) -> Result<(), Box<dyn Error>> {
        self.go_mod_sum(path, version, go_mod)?;
        self.tree = std::mem::take(&mut self.tree).file(&format!("{path}/@v/{version}.mod"), go_mod);
        Ok(())
    }

    fn go_mod_sum(&mut self, path: &str, version: &str, go_mod: &str) -> std::fmt::Result {
        writeln!(self.go_sum, "{path} {version}/go.mod {}", hash_go_mod(go_mod.as_bytes()))
    }

    fn write(self, name: &str, dir: &Path) -> Result<Project, Box<dyn Error>> {
        let (project, proxy) = (dir.join("project"), dir.join("proxy"));
        fs::create_dir_all(&project)?;
        let go_mod = format!("module example.com/project\n\ngo 1.21\n\nrequire (\n{})\n", self.requires);
        fs::write(project.join("go.mod"), go_mod)?;
        fs::write(project.join("go.sum"), self.go_sum)?;
        self.tree.write_to(&proxy);
        Ok(Project { name: name.into(), dir: project, proxy })
    }
}

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: usize, len: usize) -> Vec<u8> {
    let mut state = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}
