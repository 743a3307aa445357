use gomod_archive::{Archive, ReadAt};
use gomod_module::ModuleVersion;
use thiserror::Error;

/// Checks that the name of every entry starts with `path@version/`.
///
/// The go command makes this test on a downloaded zip before it computes the hash; [`check_zip`](crate::check_zip)
/// includes it. As `downloadZip` of `cmd/go/internal/modfetch`.
///
/// # Errors
/// [`UnexpectedFile`] names the first entry of which that is not true.
#[doc(alias = "downloadZip")]
pub fn check_prefix<R: ReadAt>(archive: &Archive<R>, m: &ModuleVersion) -> Result<(), UnexpectedFile> {
    let prefix = format!("{m}/");
    match archive.entries().iter().find(|entry| !entry.name().starts_with(prefix.as_bytes())) {
        None => Ok(()),
        Some(entry) => Err(UnexpectedFile { module: m.clone(), name: entry.name().into() }),
    }
}

/// A zip holds a file that is not below its module's prefix.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("zip for {module} has unexpected file {}", String::from_utf8_lossy(.name))]
#[non_exhaustive]
pub struct UnexpectedFile {
    /// The module that the zip was held to be.
    pub module: ModuleVersion,
    /// The name of the entry, which need not be UTF-8.
    pub name: Vec<u8>,
}
