/// What an archive may cost its reader.
///
/// Go's archive/zip has no such limits; the defaults pass every archive a Go proxy may serve (500 MiB).
///
/// ```
/// use gomod_archive::Limits;
/// let limits = Limits::new().max_entries(10_000).max_directory_bytes(1 << 20).max_content_bytes(64 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest number of entries; 1,000,000 by default.
    pub max_entries: usize,
    /// The largest size of the central directory in bytes; 128 MiB by default. Names and the records of all
    /// entries stay in memory as long as the archive is open.
    pub max_directory_bytes: u64,
    /// How many bytes all entries together may come to, inflated, and how many compressed bytes are read for them;
    /// 500 MiB each by default, which is what the rules of module zips allow. Entries are counted in the order of the
    /// directory with what they declare, as far as their compressed bytes can come to so much, and one that would
    /// exceed the limit is never read: [`ReadError::ContentTooLarge`](crate::ReadError::ContentTooLarge). So what is
    /// inflated in one pass over an archive is bounded, also where entries overlap and where their sizes are false.
    pub max_content_bytes: u64,
    /// Entries whose sizes, compressed and not, are up to this many bytes are inflated whole, in one step, which
    /// is faster; larger ones come in pieces of 64 KiB. 1 MiB by default; each reading thread keeps two buffers
    /// of that size at most. It has no influence on any result.
    pub max_whole_entry_bytes: u64,
}

impl Limits {
    /// Returns the default limits.
    pub fn new() -> Self {
        Self {
            max_entries: 1_000_000,
            max_directory_bytes: 128 << 20,
            max_content_bytes: 500 << 20,
            max_whole_entry_bytes: 1 << 20,
        }
    }

    /// Sets the largest number of entries.
    #[must_use]
    pub fn max_entries(mut self, entries: usize) -> Self {
        self.max_entries = entries;
        self
    }

    /// Sets the largest size of the central directory in bytes.
    #[must_use]
    pub fn max_directory_bytes(mut self, bytes: u64) -> Self {
        self.max_directory_bytes = bytes;
        self
    }

    /// Sets how many bytes all entries together may come to.
    #[must_use]
    pub fn max_content_bytes(mut self, bytes: u64) -> Self {
        self.max_content_bytes = bytes;
        self
    }

    /// Sets up to which size entries are inflated whole.
    #[must_use]
    pub fn max_whole_entry_bytes(mut self, bytes: u64) -> Self {
        self.max_whole_entry_bytes = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
