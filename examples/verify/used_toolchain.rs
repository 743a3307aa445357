//! What the go command adds to a toolchain when it runs it for the first time.
//!
//! Module zips hold no `go.mod` but in their root, so those of a toolchain are packed as `_go.mod`. Before its first run the go command
//! copies each to `go.mod` beside it and sets execute bits (`cmd/go/internal/toolchain`, `execGoToolchain`). Neither is damage.

use std::fs;
use std::path::Path;

use gomod_archive::Threads;
use gomod_module::modfile::MAX_GO_MOD;
use gomod_module::{H1, ModuleVersion};
use gomod_sum::HashDirError;
use gomod_sum::hash::{Difference, DifferenceKind, hash_extracted};

/// Whether the module is a Go toolchain.
pub(crate) fn is_toolchain(module: &ModuleVersion) -> bool {
    module.path().as_str() == "golang.org/toolchain"
}

/// Takes the copies of `_go.mod` files out of how a tree differs from its zip; other modules keep every difference.
///
/// A `go.mod` that is not, byte for byte, the `_go.mod` beside it stays.
pub(crate) fn retain_damage(module: &ModuleVersion, dir: &Path, differences: &mut Vec<Difference>) {
    if is_toolchain(module) {
        differences.retain(|difference| {
            difference.kind != DifferenceKind::Extra || !is_copy(&dir.join(&difference.name))
        });
    }
}

/// The hash that a tree had when it was extracted: for a toolchain, that of all files but the copies.
///
/// # Errors
/// As [`hash_extracted`].
pub(crate) fn hash_as_extracted(
    dir: &Path,
    module: &ModuleVersion,
    threads: &Threads,
) -> Result<H1, HashDirError> {
    hash_extracted(dir, module, |path| is_toolchain(module) && is_copy(path), threads)
}

fn is_copy(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "go.mod")
        && content(path).is_some_and(|copy| content(&path.with_file_name("_go.mod")) == Some(copy))
}

/// The content of a regular file of the size that a go.mod may have.
fn content(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).ok()?;
    (metadata.is_file() && metadata.len() <= MAX_GO_MOD).then(|| fs::read(path).ok()).flatten()
}
