//! Which module cache is looked at, and why that one.

use gomod_cache::ModCache;
use gomod_module::GoEnv;
use support::settings::set_in;

/// The module cache of a run.
#[derive(Debug, Clone)]
pub(crate) struct WhichCache {
    pub(crate) path: String,
    /// What chose it, in words.
    pub(crate) chosen_by: String,
    /// Whether there is such a directory.
    pub(crate) exists: bool,
}

impl WhichCache {
    pub(crate) fn new(env: &GoEnv, cache: &ModCache) -> Self {
        Self {
            path: cache.root().display().to_string(),
            chosen_by: chosen_by(env),
            exists: cache.root().is_dir(),
        }
    }

    pub(crate) fn line(&self) -> String {
        let there = if self.exists { "" } else { ": there is no such directory" };
        format!("module cache: {} ({}){there}", self.path, self.chosen_by)
    }
}

fn chosen_by(env: &GoEnv) -> String {
    match set_in(env, "GOMODCACHE") {
        Some(place) => format!("GOMODCACHE, set {place}"),
        None => match set_in(env, "GOPATH") {
            Some(place) => format!("pkg/mod below GOPATH, set {place}"),
            None => "the default, go/pkg/mod in the home directory".to_owned(),
        },
    }
}
