use gomod_archive::{Archive, ReadAt};
use gomod_module::ModuleVersion;
use gomod_module::text::Printable;
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

/// Returns the module and version that the name of the first entry starts with: what the zip claims to be.
///
/// Nothing more is checked; [`check_prefix`] tells whether the other entries agree.
///
/// # Errors
/// [`NoModule`] when there is no entry, or its name does not start with `path@version/`.
pub fn module_of<R: ReadAt>(archive: &Archive<R>) -> Result<ModuleVersion, NoModule> {
    let first = archive.entries().first().ok_or(NoModule)?;
    let name = std::str::from_utf8(first.name()).map_err(|_| NoModule)?;
    let (path, rest) = name.split_once('@').ok_or(NoModule)?;
    let (version, _) = rest.split_once('/').ok_or(NoModule)?;
    ModuleVersion::parse(path, version).map_err(|_| NoModule)
}

/// The names in a zip do not say which module it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the first name in the zip does not start with module@version/")]
#[non_exhaustive]
pub struct NoModule;

/// A zip holds a file that is not below its module's prefix.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("zip for {module} has unexpected file {}", Printable::name(.name))]
#[non_exhaustive]
pub struct UnexpectedFile {
    /// The module that the zip was held to be.
    pub module: ModuleVersion,
    /// The name of the entry, which need not be UTF-8.
    pub name: Vec<u8>,
}
