//! What a mismatch can be explained with.

use std::fmt;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, ReadAt, Threads};
use gomod_module::H1;

use super::file_hashes::Files;
use crate::go_sum::parse::GoSum;

/// What is at hand to explain a [`Mismatch`](crate::Mismatch) with. All of it is optional; more of it explains more.
#[derive(Clone)]
pub struct Evidence<'a> {
    pub(super) go_sum: Option<&'a GoSum>,
    pub(super) go_mod: Option<&'a [u8]>,
    pub(super) archive: Option<&'a dyn Files>,
    pub(super) threads: Threads,
    pub(super) database: Option<H1>,
    pub(super) sources: Vec<(String, H1)>,
}

impl<'a> Evidence<'a> {
    /// Returns no evidence.
    pub fn new() -> Self {
        Self {
            go_sum: None,
            go_mod: None,
            archive: None,
            threads: Threads::new(NonZeroUsize::MIN),
            database: None,
            sources: Vec::new(),
        }
    }

    /// Adds the go.sum file of which a line mismatched. To see whether the line stands in a merge conflict, read the file
    /// with [`GoSum::parse_lax`].
    #[must_use]
    pub fn go_sum(self, go_sum: &'a GoSum) -> Self {
        Self { go_sum: Some(go_sum), ..self }
    }

    /// Adds the content of the module's go.mod file, as it came.
    #[must_use]
    pub fn go_mod(self, go_mod: &'a [u8]) -> Self {
        Self { go_mod: Some(go_mod), ..self }
    }

    /// Adds the module's zip, as it came. It is read to its end, within the limits with which the archive was opened.
    #[must_use]
    pub fn archive<R: ReadAt + Sync>(self, archive: &'a Archive<R>) -> Self {
        Self { archive: Some(archive), ..self }
    }

    /// Sets how many threads read the archive; one if this is not called.
    #[must_use]
    pub fn threads(self, threads: impl Into<Threads>) -> Self {
        Self { threads: threads.into(), ..self }
    }

    /// Adds what the checksum database records for the same module and kind.
    #[must_use]
    pub fn database(self, hash: H1) -> Self {
        Self { database: Some(hash), ..self }
    }

    /// Adds the hash that the module, or its go.mod file, has at some source: a proxy, the module cache, the version
    /// control system. Call it once for each.
    #[must_use]
    pub fn source(mut self, name: impl Into<String>, hash: H1) -> Self {
        self.sources.push((name.into(), hash));
        self
    }

    /// Returns the evidence without what is about go.sum and its place in the database's log.
    #[cfg(feature = "sumdb")]
    pub(crate) fn without_records(&self) -> Self {
        Self { go_sum: None, database: None, ..self.clone() }
    }
}

impl Default for Evidence<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("go_sum", &self.go_sum.is_some())
            .field("go_mod", &self.go_mod.map(<[u8]>::len))
            .field("archive", &self.archive.is_some())
            .field("threads", &self.threads)
            .field("database", &self.database)
            .field("sources", &self.sources)
            .finish()
    }
}
