use gomod_archive::{Archive, ReadAt, ReadToVecError};
use gomod_module::ModuleVersion;

use crate::MAX_GO_MOD;

/// Returns the go.mod file in the zip of the module `m` or, where there is none, the file that the go command makes up for it:
/// a module line and nothing else (`legacyGoMod` of `cmd/go/internal/modfetch`). Of several entries with its name the last one
/// counts.
///
/// ```
/// use gomod_archive::{Archive, Limits};
/// use gomod_zip::{DataFile, create, read_go_mod};
///
/// let module = "example.com/m@v1.0.0".parse()?;
/// let mut zip = Vec::new();
/// create(&mut zip, &module, &[DataFile::new("m.go", "package m\n")])?;
/// let archive = Archive::open(&*zip, &Limits::default())?;
/// assert_eq!(read_go_mod(&archive, &module)?, b"module example.com/m\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ReadToVecError`] where the entry cannot be read, or has more than [`MAX_GO_MOD`] bytes.
#[doc(alias = "legacyGoMod")]
pub fn read_go_mod<R: ReadAt>(archive: &Archive<R>, m: &ModuleVersion) -> Result<Vec<u8>, ReadToVecError> {
    let name = format!("{m}/go.mod");
    match archive.entries().iter().rfind(|entry| entry.name() == name.as_bytes()) {
        Some(entry) => archive.read_to_vec(entry, MAX_GO_MOD),
        None => Ok(format!("module {}\n", m.path()).into_bytes()),
    }
}
