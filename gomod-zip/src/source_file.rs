use std::fs::Metadata;
use std::io::{self, Read};

/// A file that may become part of a module zip, wherever it lies.
///
/// As `File` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#File).
#[doc(alias = "File")]
pub trait SourceFile {
    /// Returns the path in the module, with slashes. Any bytes: checking them is the job of
    /// [`check_files`](crate::check_files).
    fn path(&self) -> &[u8];

    /// Returns what the file is, where it is a symbolic link that of the link.
    ///
    /// # Errors
    /// Any error: it makes the file invalid.
    #[doc(alias = "Lstat")]
    fn stat(&self) -> io::Result<FileStat>;

    /// Returns the content of a regular file, from its start.
    ///
    /// # Errors
    /// Any error: no zip can be made then.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

/// What a [`SourceFile`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileStat {
    /// Its kind. Only regular files become part of a zip.
    pub kind: FileKind,
    /// Its size in bytes. It will yield no more than that.
    pub size: u64,
}

impl FileStat {
    /// Returns what a file of this kind and size, in bytes, is.
    pub fn new(kind: FileKind, size: u64) -> Self {
        Self { kind, size }
    }
}

impl From<&Metadata> for FileStat {
    fn from(metadata: &Metadata) -> Self {
        let kind = if metadata.is_file() {
            FileKind::Regular
        } else if metadata.is_dir() {
            FileKind::Directory
        } else if metadata.is_symlink() {
            FileKind::Symlink
        } else {
            FileKind::Irregular
        };
        Self { kind, size: metadata.len() }
    }
}

/// The kinds of files that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "everything else is irregular")]
pub enum FileKind {
    /// A file with content.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A pipe, a socket or a device.
    Irregular,
}

/// A regular file in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    path: Vec<u8>,
    data: Vec<u8>,
}

impl DataFile {
    /// Returns a file of this path in the module and this content.
    pub fn new(path: impl Into<Vec<u8>>, data: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), data: data.into() }
    }
}

impl SourceFile for DataFile {
    fn path(&self) -> &[u8] {
        &self.path
    }

    fn stat(&self) -> io::Result<FileStat> {
        Ok(FileStat::new(FileKind::Regular, self.data.len() as u64))
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.data.as_slice()))
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<T: SourceFile + ?Sized> SourceFile for $pointer {
            fn path(&self) -> &[u8] {
                (**self).path()
            }

            fn stat(&self) -> io::Result<FileStat> {
                (**self).stat()
            }

            fn open(&self) -> io::Result<Box<dyn Read + '_>> {
                (**self).open()
            }
        }
    )*};
}

forward!(&T, Box<T>);
