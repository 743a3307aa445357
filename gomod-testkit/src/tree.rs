//! What a proxy serves: files by their wire path.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use gomod_module::escape::{escape_path, escape_version};
use gomod_module::version::is_pseudo_version;

use crate::zips::ModuleZip;

/// The time in every `.info` of a [`ModuleTree`].
pub const TIME: &str = "2024-01-02T03:04:05Z";

/// Files by wire path, decoded: `example.com/!m/@v/v1.0.0.info`.
#[derive(Debug, Clone, Default)]
pub struct ModuleTree {
    files: BTreeMap<String, Vec<u8>>,
    dir: Option<PathBuf>,
}

impl ModuleTree {
    /// A tree without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// The files below a directory of the same layout, such as `$GOMODCACHE/cache/download`, each read when it is
    /// asked for. Files added to the tree come first. A link that leads out of the directory leads nowhere.
    pub fn from_dir(dir: impl Into<PathBuf>) -> Self {
        Self { files: BTreeMap::new(), dir: Some(dir.into()) }
    }

    /// Adds a module version: `.info` with the fixed [`TIME`], `.mod` (the `go.mod` among the files, else
    /// `module PATH`), `.zip`, and a line in `list` unless the version is a pseudo-version.
    ///
    /// # Panics
    /// When path or version cannot be escaped.
    #[must_use]
    pub fn module(self, path: &str, version: &str, files: &[(&str, &[u8])]) -> Self {
        let zip = files.iter().fold(ModuleZip::new(path, version), |zip, (name, data)| zip.file(name, *data));
        let go_mod = files.iter().find(|(name, _)| *name == "go.mod").map(|(_, data)| data.to_vec());
        let go_mod = go_mod.unwrap_or_else(|| format!("module {path}\n").into_bytes());
        self.version(path, version, &go_mod, &zip.build())
    }

    /// Adds a module version as [`ModuleTree::module`] does, from the contents of its `.mod` and `.zip`.
    ///
    /// # Panics
    /// When path or version cannot be escaped.
    #[must_use]
    pub fn version(mut self, path: &str, version: &str, go_mod: &[u8], zip: &[u8]) -> Self {
        let base = format!("{}/@v", escaped_path(path));
        let list = self.files.entry(format!("{base}/list")).or_default();
        if !is_pseudo_version(version) {
            list.extend_from_slice(format!("{version}\n").as_bytes());
        }
        let stem = format!("{base}/{}", escaped_version(version));
        self.file(&format!("{stem}.info"), info(version))
            .file(&format!("{stem}.mod"), go_mod)
            .file(&format!("{stem}.zip"), zip)
    }

    /// Adds `@latest` of a module: the `.info` of this version.
    ///
    /// # Panics
    /// When the path cannot be escaped.
    #[must_use]
    pub fn latest(self, path: &str, version: &str) -> Self {
        self.file(&format!("{}/@latest", escaped_path(path)), info(version))
    }

    /// Adds a file, or replaces it.
    #[must_use]
    pub fn file(mut self, wire_path: &str, data: impl Into<Vec<u8>>) -> Self {
        self.files.insert(wire_path.to_owned(), data.into());
        self
    }

    /// Takes a file out again.
    #[must_use]
    pub fn without(mut self, wire_path: &str) -> Self {
        self.files.remove(wire_path);
        self
    }

    /// The contents of a file.
    pub fn get(&self, wire_path: &str) -> Option<Vec<u8>> {
        if let Some(data) = self.files.get(wire_path) {
            return Some(data.clone());
        }
        read_below(self.dir.as_deref()?, wire_path)
    }

    /// The wire paths of the files that were added, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Writes the files that were added below a directory, which is then a proxy for `file://` URLs.
    ///
    /// # Panics
    /// When a file cannot be written.
    pub fn write_to(&self, dir: &Path) {
        for (wire_path, data) in &self.files {
            let file = dir.join(wire_path);
            fs::create_dir_all(file.parent().expect("a file has a parent")).expect("a new directory");
            fs::write(&file, data).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        }
    }
}

/// A regular file below a directory, wherever links lead.
fn read_below(dir: &Path, wire_path: &str) -> Option<Vec<u8>> {
    let parts = Path::new(wire_path).components();
    if !parts.into_iter().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let dir = fs::canonicalize(dir).ok()?;
    let file = fs::canonicalize(dir.join(wire_path)).ok()?;
    // Reading a pipe would not end.
    let inside = file.starts_with(&dir) && file.metadata().ok()?.is_file();
    if inside { fs::read(file).ok() } else { None }
}

fn info(version: &str) -> Vec<u8> {
    format!("{{\"Version\":\"{version}\",\"Time\":\"{TIME}\"}}").into_bytes()
}

fn escaped_path(path: &str) -> String {
    escape_path(path).expect("a module path")
}

fn escaped_version(version: &str) -> String {
    escape_version(version).expect("a version")
}
