//! The operations of the vector files that this crate answers.

use gomod_cache::{CacheFile, cache_path, download_dir};
use gomod_module::{ModulePath, Version};
use gomod_testkit::vectors::{Answer, Operation, text};
use serde_json::Value;

/// Every operation of this crate.
pub const OPERATIONS: &[Operation] = &[
    ("cache_path", |input| {
        Answer::result(proofs(input).and_then(|(path, version)| {
            let suffix = text(&input["suffix"]).unwrap_or_default();
            let file = FILES.iter().find(|file| file.suffix() == suffix).ok_or("no such file in a cache")?;
            Ok(cache_path(&path, &version, *file))
        }))
    }),
    ("download_dir", |input| {
        Answer::result(proofs(input).map(|(path, version)| download_dir(&path, &version)))
    }),
];

const FILES: [CacheFile; 6] = [
    CacheFile::Info,
    CacheFile::Mod,
    CacheFile::Zip,
    CacheFile::ZipHash,
    CacheFile::Lock,
    CacheFile::Partial,
];

fn proofs(input: &Value) -> Result<(ModulePath, Version), String> {
    let field = |name: &str| text(&input[name]).ok_or(format!("malformed {name}: invalid UTF-8"));
    let path = ModulePath::new(&field("path")?).map_err(|error| error.to_string())?;
    let version = Version::new(&field("version")?).map_err(|error| error.to_string())?;
    Ok((path, version))
}
