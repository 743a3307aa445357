use crate::entry::Entry;
use crate::limits::Limits;
use crate::read::MAX_RATIO;

/// What the entries of an archive have come to so far.
pub(crate) struct Budget {
    /// The size of the file: no entry has more compressed bytes, whatever it declares.
    file: u64,
    limit: u64,
    compressed: u64,
    inflated: u64,
}

impl Budget {
    pub(crate) fn new(file: u64, limits: &Limits) -> Self {
        Self { file, limit: limits.max_content_bytes, compressed: 0, inflated: 0 }
    }

    /// Whether the entry is within the limit together with those admitted before it. One that is not takes nothing away
    /// from the next.
    ///
    /// Reading stops at the declared size, and at what the compressed bytes can come to: an entry that declares more
    /// costs no more, and is read to find out, as Go does, that it is cut short.
    pub(crate) fn admits(&mut self, entry: &Entry) -> bool {
        if entry.is_dir() {
            return true;
        }
        let compressed = entry.compressed_size.min(self.file);
        let inflated = entry.size.min(compressed.saturating_mul(MAX_RATIO as u64));
        let compressed = self.compressed.saturating_add(compressed);
        let inflated = self.inflated.saturating_add(inflated);
        let admitted = compressed <= self.limit && inflated <= self.limit;
        if admitted {
            (self.compressed, self.inflated) = (compressed, inflated);
        }
        admitted
    }
}
