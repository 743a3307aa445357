use std::fmt;

use crate::mode::Mode;

/// One record of the central directory.
///
/// Nothing here has been checked: names may be any bytes (`..`, absolute, duplicates, not UTF-8) and sizes may be
/// lies until the entry has been read to its end.
#[derive(Clone)]
#[doc(alias = "FileHeader")]
pub struct Entry {
    pub(crate) name: Box<[u8]>,
    pub(crate) size: u64,
    pub(crate) compressed_size: u64,
    /// Where the local header lies; an `i64` because Go adds and compares it as one.
    pub(crate) header_offset: i64,
    pub(crate) crc32: u32,
    pub(crate) external_attributes: u32,
    pub(crate) creator_version: u16,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    /// Whether it is one too many for [`Limits::max_content_bytes`](crate::Limits::max_content_bytes).
    pub(crate) beyond_limit: bool,
}

impl Entry {
    /// Returns the bytes of the name as they stand in the directory, never converted.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Returns the declared uncompressed size in bytes. Reading never yields more, and fails when there is less.
    #[doc(alias = "UncompressedSize64")]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the declared compressed size in bytes.
    #[doc(alias = "CompressedSize64")]
    pub fn compressed_size(&self) -> u64 {
        self.compressed_size
    }

    /// Returns the compression method: 0 is stored, 8 is deflate; others cannot be read.
    pub fn method(&self) -> u16 {
        self.method
    }

    /// Returns the general purpose flags. Only bit 3, a data descriptor, has any effect.
    pub fn flags(&self) -> u16 {
        self.flags
    }

    /// Returns the declared CRC-32 of the data; 0 may also mean that none was computed.
    pub fn crc32(&self) -> u32 {
        self.crc32
    }

    /// Returns who made the entry: the upper byte is the host system.
    pub fn creator_version(&self) -> u16 {
        self.creator_version
    }

    /// Returns the external attributes, whose meaning depends on [`creator_version`](Self::creator_version).
    #[doc(alias = "ExternalAttrs")]
    pub fn external_attributes(&self) -> u32 {
        self.external_attributes
    }

    /// Says whether the name ends with a slash: such an entry is a directory and reads as empty.
    pub fn is_dir(&self) -> bool {
        self.name.last() == Some(&b'/')
    }

    /// Returns kind and permissions as
    /// [`FileHeader.Mode`](https://pkg.go.dev/archive/zip#FileHeader.Mode) computes them.
    pub fn mode(&self) -> Mode {
        let mode = match self.creator_version >> 8 {
            3 | 19 => Mode::from_unix(self.external_attributes >> 16),
            0 | 11 | 14 => Mode::from_msdos(self.external_attributes),
            _ => Mode::none(),
        };
        if self.is_dir() { mode.with_dir() } else { mode }
    }

    pub(crate) fn has_descriptor(&self) -> bool {
        self.flags & 0x8 != 0
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &format_args!("\"{}\"", self.name.escape_ascii()))
            .field("size", &self.size)
            .field("compressed_size", &self.compressed_size)
            .field("method", &self.method)
            .field("flags", &self.flags)
            .field("crc32", &self.crc32)
            .field("mode", &self.mode())
            .finish_non_exhaustive()
    }
}
