use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use gomod_archive::{Archive, Cancelled, ContentTooLarge, Entry, ReadAt, ReadError, Threads};
use gomod_module::ModuleVersion;
use gomod_module::text::Printable;
use thiserror::Error;

use crate::file_sink::{FileFailure, FileSink};
use crate::target::Target;
use crate::{CheckError, FileError, FileErrors, FileReason, check_portable, check_zip};

/// Extracts the files of the module `m` into the directory `dir`, and returns how much that was.
///
/// Nothing is written unless [`check_zip`] accepts the whole zip, and with [`Options::portable`] also
/// [`check_portable`] every file in it. `dir` must be missing or empty. Directories are
/// created with mode 0777 and files with mode 0444, both less the umask; no file is executable, an entry that says
/// that it is a symbolic link becomes a file, and directory entries are not created. Every file is created new, so
/// that no link in `dir` is followed. Nothing is flushed to the disk. Who can write into `dir` meanwhile can replace a
/// directory in it by a link, and so have files written elsewhere, as with Go.
///
/// When an error is returned, everything that this call created is removed again, as far as the file system lets it.
/// Where several files are at fault, the error is about the first of them in the zip, whatever the number of
/// threads.
///
/// As `Unzip` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#Unzip), which leaves what it has
/// written behind.
///
/// # Errors
/// [`UnzipError::TargetNotEmpty`]; [`UnzipError::Check`] when the zip breaks a rule, and
/// [`UnzipError::ContentTooLarge`] when it comes to more than the limit of its archive; [`UnzipError::Read`] when a file
/// in it is damaged; [`UnzipError::Io`] when a directory or file cannot be made; [`UnzipError::Cancelled`] when the
/// threads of `options` are.
///
/// ```no_run
/// use std::{fs::File, num::NonZeroUsize, path::Path, thread};
///
/// use gomod_archive::{Archive, Limits};
/// use gomod_module::ModuleVersion;
/// use gomod_zip::{Options, unzip};
///
/// let archive = Archive::open(File::open("v0.4.0.zip")?, &Limits::default())?;
/// let m = ModuleVersion::parse("rsc.io/pdf", "v0.4.0")?;
/// let options = Options::new().threads(thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
/// let unzipped = unzip(&archive, &m, Path::new("pdf"), &options)?;
/// println!("{} files, {} bytes", unzipped.files, unzipped.bytes);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "Unzip")]
pub fn unzip<R: ReadAt + Sync>(
    archive: &Archive<R>,
    m: &ModuleVersion,
    dir: &Path,
    options: &Options,
) -> Result<Unzipped, UnzipError> {
    let mut target = Target::new(dir)?;
    check_zip(archive, m).into_result()?;
    archive.check_content()?;
    let prefix_len = format!("{m}/").len();
    if options.portable {
        refuse_unportable(archive, prefix_len)?;
    }
    target.create()?;
    let cancel = options.threads.cancel();

    target
        .create_parents(archive.entries().iter().filter_map(|entry| file_path(entry, prefix_len)), cancel)?;

    // A file behind one that failed cannot change the result; one before it still can.
    let first_failure = AtomicUsize::new(usize::MAX);
    let outs = archive.read_all(&options.threads, |index, entry| {
        let path = file_path(entry, prefix_len)?;
        (index < first_failure.load(Ordering::Relaxed))
            .then(|| FileSink::new(target.path(path), index, &first_failure))
    });

    let cancelled = cancel.check();
    let failed = cancelled.is_err() || first_failure.load(Ordering::Relaxed) != usize::MAX;
    let mut unzipped = Unzipped { files: 0, bytes: 0 };
    let mut failure = None;
    for (entry, out) in archive.entries().iter().zip(outs) {
        let (Some(path), Some(out)) = (file_path(entry, prefix_len), out) else { continue };
        if out.created && failed {
            target.add_file(path);
        }
        match out.result {
            Ok(()) => {
                unzipped.files += 1;
                unzipped.bytes += entry.size();
            }
            Err(error) if failure.is_none() => failure = Some((path, error)),
            Err(_) => {}
        }
    }
    cancelled?;
    match failure {
        None => {
            target.keep();
            Ok(unzipped)
        }
        Some((path, FileFailure::Read(source))) => Err(UnzipError::Read { path: path.into(), source }),
        Some((path, FileFailure::Io(operation, source))) => {
            Err(UnzipError::io(operation, target.path(path), source))
        }
    }
}

fn refuse_unportable<R: ReadAt>(archive: &Archive<R>, prefix_len: usize) -> Result<(), CheckError> {
    let unportable = archive.entries().iter().filter_map(|entry| {
        let error = check_portable(file_path(entry, prefix_len)?).err()?;
        Some(FileError { path: entry.name().into(), reason: FileReason::Unportable(error) })
    });
    let unportable: Vec<_> = unportable.collect();
    if unportable.is_empty() { Ok(()) } else { Err(CheckError::Files(FileErrors(unportable))) }
}

/// The path in the module of an entry that [`check_zip`] has accepted, if it is a file.
fn file_path(entry: &Entry, prefix_len: usize) -> Option<&str> {
    if entry.is_dir() {
        return None;
    }
    std::str::from_utf8(entry.name().get(prefix_len..)?).ok()
}

/// How to extract.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// How many threads inflate and write files, the caller's included, and what ends them early; 1 and nothing by default.
    pub threads: Threads,
    /// Whether to refuse, before anything is written, a zip with a file that [`check_portable`] refuses; false by
    /// default, as it is for Go.
    pub portable: bool,
}

impl Options {
    /// Returns the default options.
    pub fn new() -> Self {
        Self { threads: Threads::new(NonZeroUsize::MIN), portable: false }
    }

    /// Sets how many threads inflate and write files, and what ends them early.
    #[must_use]
    pub fn threads(mut self, threads: impl Into<Threads>) -> Self {
        self.threads = threads.into();
        self
    }

    /// Sets whether to refuse files that Windows cannot hold.
    #[must_use]
    pub fn portable(mut self, portable: bool) -> Self {
        self.portable = portable;
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// What has been extracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Unzipped {
    /// The number of files.
    pub files: usize,
    /// Their sizes together, in bytes.
    pub bytes: u64,
}

/// Why a module zip cannot be extracted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UnzipError {
    /// There is something in the target directory already.
    #[error("target directory {} exists and is not empty", Printable::path(.dir))]
    TargetNotEmpty {
        /// The target directory.
        dir: PathBuf,
    },
    /// The zip breaks a rule of module zips, or that of [`Options::portable`]. Nothing has been written.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The zip comes to more than the limit of its archive. Nothing has been written.
    #[error(transparent)]
    ContentTooLarge(#[from] ContentTooLarge),
    /// The extraction was ended from outside.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A file in the zip is damaged.
    #[error("cannot unzip {}", Printable::name(path))]
    Read {
        /// The path of the file in the module.
        path: String,
        /// What is wrong with it.
        source: ReadError,
    },
    /// The file system refused.
    #[error("cannot {operation} {}", Printable::path(.path))]
    Io {
        /// What was tried: `create file` for instance.
        operation: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
}

impl UnzipError {
    pub(crate) fn io(operation: &'static str, path: PathBuf, source: io::Error) -> Self {
        Self::Io { operation, path, source }
    }
}
