use gomod_archive::{Archive, Entry, ReadAt};
use gomod_module::ModuleVersion;
use gomod_module::path::check_file_path;

use crate::clean::is_clean;
use crate::collision::Collisions;
use crate::limits::{add_size, check_size};
use crate::{CheckedFiles, FileError, FileReason, MAX_DIRECTORIES, MAX_ZIP_FILE, SizeError};

/// Returns which entries of a zip are files of the module `m`, and which break a rule of module zips.
///
/// Only the zip's directory is looked at: that the files can be read, and that they are as large as declared,
/// shows when they are read. The rules are those of the Go Modules Reference,
/// [“File path and size constraints”](https://go.dev/ref/mod#zip-path-size-constraints), as `CheckZip` of
/// [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#CheckZip) applies them; see
/// [`MAX_DIRECTORIES`] for the one that is added.
///
/// ```
/// use gomod_archive::{Archive, Limits};
/// use gomod_module::ModuleVersion;
///
/// let empty = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
/// let archive = Archive::open(empty.as_slice(), &Limits::default())?;
/// let checked = gomod_zip::check_zip(&archive, &ModuleVersion::parse("example.com/m", "v1.0.0")?);
/// assert!(checked.is_valid() && checked.valid.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "CheckZip")]
pub fn check_zip<R: ReadAt>(archive: &Archive<R>, m: &ModuleVersion) -> CheckedFiles {
    let mut checked = CheckedFiles::default();
    if archive.size() > MAX_ZIP_FILE {
        checked.size_error = Some(SizeError::ZipFile { size: archive.size() });
        return checked;
    }
    let prefix = format!("{m}/");
    let mut collisions = Collisions::new(MAX_DIRECTORIES);
    let mut total = 0;
    for entry in archive.entries() {
        match check_entry(entry, &prefix, &mut collisions) {
            Ok(None) => {}
            Ok(Some(path)) => {
                match add_size(total, entry.size()) {
                    Some(sum) => total = sum,
                    None => checked.size_error = Some(SizeError::Contents),
                }
                match check_size(path, entry.size()) {
                    Ok(()) => {
                        checked.valid.push(format!("{prefix}{path}"));
                        checked.sizes.push(entry.size());
                    }
                    Err(reason) => checked.invalid.push(FileError { path: entry.name().into(), reason }),
                }
            }
            Err(reason) => checked.invalid.push(FileError { path: entry.name().into(), reason }),
        }
    }
    checked
}

/// The path in the module, if the entry is a file.
fn check_entry<'a>(
    entry: &'a Entry,
    prefix: &str,
    collisions: &mut Collisions<'a>,
) -> Result<Option<&'a str>, FileReason> {
    let Some(name) = entry.name().strip_prefix(prefix.as_bytes()) else {
        return Err(FileReason::Prefix { prefix: prefix.to_owned() });
    };
    if name.is_empty() {
        return Ok(None);
    }
    let (name, is_dir) = name.strip_suffix(b"/").map_or((name, false), |name| (name, true));
    if !is_clean(name) {
        return Err(FileReason::NotClean);
    }
    let path = check_file_path(name).map_err(FileReason::Path)?;
    collisions.insert(path, is_dir)?;
    if is_dir {
        return Ok(None);
    }
    let base = path.rsplit_once('/').map_or(path, |(_, base)| base);
    if base.eq_ignore_ascii_case("go.mod") {
        if base.len() != path.len() {
            return Err(FileReason::GoModNotInRoot);
        }
        if path != "go.mod" {
            return Err(FileReason::GoModCase);
        }
    }
    Ok(Some(path))
}
