use std::io::{self, Read as _, Write};
use std::path::Path;

use gomod_archive::{CancelToken, Cancelled};
use gomod_module::ModuleVersion;
use gomod_module::text::Printable;
use thiserror::Error;

use crate::check_files::{Included, list_files};
use crate::dir_files::list_dir;
use crate::zip_writer::{WriteError, ZipWriter};
use crate::{CheckDirError, CheckError, SizeError, SourceFile};

/// Writes the zip of the module `m` that consists of these files, and returns how much that was.
///
/// Files are left out and refused as by [`check_files`](crate::check_files); nothing is written unless all of them
/// obey the rules. The others become entries in the order given. The bytes are always the same for the same files, as
/// there are no times and no modes in them, and the compression is always the same; another release may compress
/// otherwise. The `h1:` hash, which depends on names and contents only, is that of Go's zip for these files.
///
/// Memory is needed for the lists of files and for the directory of the zip, not for contents.
///
/// As `Create` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#Create).
///
/// ```
/// use gomod_archive::{Archive, Limits};
/// use gomod_module::ModuleVersion;
/// use gomod_zip::{DataFile, create};
///
/// let m = ModuleVersion::parse("example.com/m", "v1.0.0")?;
/// let files = [DataFile::new("go.mod", "module example.com/m\n"), DataFile::new("m.go", "package m\n")];
/// let mut zip = Vec::new();
/// let created = create(&mut zip, &m, &files)?;
/// assert_eq!((created.files, created.bytes), (2, 31));
///
/// let archive = Archive::open(zip, &Limits::default())?;
/// assert_eq!(archive.entries()[1].name(), b"example.com/m@v1.0.0/m.go");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`CreateError::Check`] before anything is written, or when the zip itself gets too large; [`CreateError::Open`],
/// [`CreateError::Read`] and [`CreateError::LargerThanDeclared`] when a file lets its [`stat`](SourceFile::stat)
/// down; [`CreateError::NameTooLong`]; [`CreateError::Write`]. What has been written by then is no zip, as the directory
/// at its end is missing: throw it away.
#[doc(alias = "Create")]
pub fn create<F: SourceFile>(
    writer: impl Write,
    m: &ModuleVersion,
    files: &[F],
) -> Result<Created, CreateError> {
    create_cancellable(writer, m, files, &CancelToken::new())
}

/// As [`create`], for files that may take long to compress.
///
/// # Errors
/// As [`create`]; besides [`CreateError::Cancelled`].
pub fn create_cancellable<F: SourceFile>(
    writer: impl Write,
    m: &ModuleVersion,
    files: &[F],
    cancel: &CancelToken,
) -> Result<Created, CreateError> {
    let (checked, included) = list_files(files);
    checked.into_result()?;
    write_zip(writer, m, &included, cancel)
}

/// Writes the zip of the module `m` whose files lie in the directory `dir`, and returns how much that was.
///
/// Files are left out and refused as by [`check_dir`](crate::check_dir). They become entries in lexical order. See
/// [`create`]; other than there, a file that has become smaller since it was listed is an error too.
///
/// As `CreateFromDir` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#CreateFromDir).
///
/// ```no_run
/// use std::{fs::File, path::Path};
///
/// use gomod_module::ModuleVersion;
///
/// let m = ModuleVersion::parse("example.com/m", "v1.0.0")?;
/// let created = gomod_zip::create_from_dir(File::create("v1.0.0.zip")?, &m, Path::new("."))?;
/// println!("{} files, {} bytes", created.files, created.zip_size);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`CreateError::List`] when the directory cannot be listed, else as [`create`].
#[doc(alias = "CreateFromDir")]
pub fn create_from_dir(writer: impl Write, m: &ModuleVersion, dir: &Path) -> Result<Created, CreateError> {
    create_from_dir_cancellable(writer, m, dir, &CancelToken::new())
}

/// As [`create_from_dir`], for a directory that may take long to list and to compress.
///
/// # Errors
/// As [`create_from_dir`]; besides [`CreateError::Cancelled`].
pub fn create_from_dir_cancellable(
    writer: impl Write,
    m: &ModuleVersion,
    dir: &Path,
    cancel: &CancelToken,
) -> Result<Created, CreateError> {
    match list_dir(dir, cancel) {
        Ok((files, _)) => create_cancellable(writer, m, &files, cancel),
        Err(CheckDirError::Cancelled(cancelled)) => Err(cancelled.into()),
        Err(error) => Err(error.into()),
    }
}

fn write_zip<F: SourceFile>(
    writer: impl Write,
    m: &ModuleVersion,
    included: &[Included<'_, F>],
    cancel: &CancelToken,
) -> Result<Created, CreateError> {
    let mut zip = ZipWriter::new(writer, cancel.clone());
    let mut bytes = 0;
    for Included { path, file, size } in included {
        let error = |error| CreateError::new(path, error);
        let content = file.open().map_err(|source| CreateError::Open { path: (*path).into(), source })?;
        let found =
            zip.add(&format!("{m}/{path}"), &mut content.take(size.saturating_add(1))).map_err(error)?;
        if found > *size {
            return Err(CreateError::LargerThanDeclared { path: (*path).into(), declared: *size });
        }
        bytes += found;
    }
    let zip_size = zip.finish().map_err(|error| CreateError::new("", error))?;
    Ok(Created { files: included.len(), bytes, zip_size })
}

/// What a new zip holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Created {
    /// The number of files.
    pub files: usize,
    /// Their sizes together, in bytes.
    pub bytes: u64,
    /// The size of the zip, in bytes.
    pub zip_size: u64,
}

/// Why a module zip cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The directory cannot be listed. Nothing has been written.
    #[error(transparent)]
    List(#[from] CheckDirError),
    /// Files break rules of module zips, or all of them together a limit.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A file cannot be opened.
    #[error("cannot open {}", Printable::name(path))]
    #[non_exhaustive]
    Open {
        /// The path of the file in the module.
        path: String,
        /// The answer of the system.
        source: io::Error,
    },
    /// A file cannot be read to its end.
    #[error("cannot read {}", Printable::name(path))]
    #[non_exhaustive]
    Read {
        /// The path of the file in the module.
        path: String,
        /// The answer of the system.
        source: io::Error,
    },
    /// A file has more bytes than it had when it was listed.
    #[error("file \"{}\" is larger than declared size", Printable::name(path))]
    #[non_exhaustive]
    LargerThanDeclared {
        /// The path of the file in the module.
        path: String,
        /// The size it was said to have, in bytes.
        declared: u64,
    },
    /// With `path@version/` before it, the path is longer than the 65,535 bytes that a zip can hold.
    #[error("file name too long: {} bytes", path.len())]
    #[non_exhaustive]
    NameTooLong {
        /// The path of the file in the module.
        path: String,
    },
    /// The work was ended from outside.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The zip cannot be written.
    #[error("cannot write the zip file")]
    Write(#[source] io::Error),
}

impl CreateError {
    fn new(path: &str, error: WriteError) -> Self {
        match error {
            WriteError::Read(source) => Self::Read { path: path.into(), source },
            WriteError::Write(source) => Self::Write(source),
            WriteError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            WriteError::NameTooLong => Self::NameTooLong { path: path.into() },
            WriteError::TooLarge(size) => Self::Check(CheckError::Size(SizeError::ZipFile { size })),
        }
    }
}
