//! The files of a revision as gomod-zip takes them: what neither crate knows of the other.

use std::io::{self, Read};

use gomod_vcs::RevisionFile;
use gomod_zip::{FileKind, FileStat, SourceFile};

/// A file of a revision, for the zip.
#[derive(Debug)]
pub struct Packed<'a>(RevisionFile<'a>);

impl<'a> From<RevisionFile<'a>> for Packed<'a> {
    fn from(file: RevisionFile<'a>) -> Self {
        Self(file)
    }
}

impl SourceFile for Packed<'_> {
    fn path(&self) -> &[u8] {
        self.0.name
    }

    fn stat(&self) -> io::Result<FileStat> {
        let kind = if self.0.is_symlink { FileKind::Symlink } else { FileKind::Regular };
        Ok(FileStat::new(kind, self.0.content.len() as u64))
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.0.content))
    }
}
