use std::io;

use crate::budget::Budget;
use crate::end_record::EndRecord;
use crate::entry::Entry;
use crate::error::OpenError;
use crate::fields::Fields;
use crate::limits::Limits;
use crate::read_at::{ReadAt, read_full};

const SIGNATURE: u32 = 0x0201_4b50;
const LENGTH: usize = 46;
const ZIP64_EXTRA: u16 = 0x0001;
const MAXED: u32 = u32::MAX;

/// Why no header could be read.
enum NoHeader {
    /// No header is here, or one that makes no sense: the directory may be over.
    Format,
    /// The file ends in a header: the directory may be over.
    Cut,
    /// The file ends just where a header or its name should start, which ends the matter.
    End,
    Io {
        offset: u64,
        source: io::Error,
    },
}

/// Reads headers until there is none, as the end record's count knows 16 bits only.
pub(crate) fn read<R: ReadAt + ?Sized>(
    reader: &R,
    size: u64,
    end: &EndRecord,
    limits: &Limits,
) -> Result<Vec<Entry>, OpenError> {
    let mut source = Source::new(reader, end.directory, size, 256 << 10);
    let likely = end.records.min(size / LENGTH as u64).min(0xffff);
    let mut entries = Vec::with_capacity(usize::try_from(likely).unwrap_or_default().min(limits.max_entries));
    let mut budget = Budget::new(size, limits);
    let last = loop {
        match read_header(&mut source) {
            Ok(mut entry) => {
                if source.position - end.directory > limits.max_directory_bytes {
                    return Err(OpenError::DirectoryTooLarge { limit: limits.max_directory_bytes });
                }
                if entries.len() >= limits.max_entries {
                    return Err(OpenError::TooManyEntries { limit: limits.max_entries });
                }
                entry.header_offset = entry.header_offset.wrapping_add(end.base);
                entry.beyond_limit = !budget.admits(&entry);
                entries.push(entry);
            }
            Err(NoHeader::Format) => break OpenError::NotAZip,
            Err(NoHeader::Cut) => break OpenError::UnexpectedEof,
            Err(NoHeader::End) => return Err(OpenError::UnexpectedEof),
            Err(NoHeader::Io { offset, source }) => return Err(OpenError::Io { offset, source }),
        }
    };
    if entries.len() as u64 & 0xffff == end.records & 0xffff { Ok(entries) } else { Err(last) }
}

/// Says whether a whole header stands at `offset`.
pub(crate) fn has_header<R: ReadAt + ?Sized>(reader: &R, offset: u64, size: u64) -> bool {
    read_header(&mut Source::new(reader, offset, size, 1 << 10)).is_ok()
}

fn read_header<R: ReadAt + ?Sized>(source: &mut Source<'_, R>) -> Result<Entry, NoHeader> {
    let (mut entry, offset, [name, extra, comment]) =
        read_fixed(source.take(LENGTH)?).ok_or(NoHeader::Format)?;
    let variable = source.take(name + extra + comment)?;
    let (name, rest) = variable.split_at_checked(name).ok_or(NoHeader::Cut)?;
    entry.name = name.into();
    complete(&mut entry, offset, rest.get(..extra).unwrap_or_default())?;
    Ok(entry)
}

/// The fixed part of a header: the entry as far as it is known, the 32-bit offset of its local header, and the
/// lengths of name, extra area and comment.
fn read_fixed(header: &[u8]) -> Option<(Entry, u32, [usize; 3])> {
    let mut fields = Fields(header);
    if fields.u32()? != SIGNATURE {
        return None;
    }
    let creator_version = fields.u16()?;
    let _reader_version = fields.u16()?;
    let flags = fields.u16()?;
    let method = fields.u16()?;
    let _time_and_date = fields.u32()?;
    let crc32 = fields.u32()?;
    let compressed_size = fields.u32()?.into();
    let size = fields.u32()?.into();
    let lengths = [fields.u16()?.into(), fields.u16()?.into(), fields.u16()?.into()];
    let _disk_and_internal_attributes = fields.u32()?;
    let external_attributes = fields.u32()?;
    let offset = fields.u32()?;
    let (name, header_offset) = (Box::default(), offset.into());
    let entry = Entry {
        name,
        size,
        compressed_size,
        header_offset,
        crc32,
        external_attributes,
        creator_version,
        flags,
        method,
        beyond_limit: false,
    };
    Some((entry, offset, lengths))
}

/// Takes from the zip64 extra what does not fit into the fixed part.
fn complete(entry: &mut Entry, offset: u32, extra: &[u8]) -> Result<(), NoHeader> {
    let mut size = entry.size == MAXED.into();
    let mut compressed_size = entry.compressed_size == MAXED.into();
    let mut header_offset = offset == MAXED;
    let mut extra = Fields(extra);
    // The rest of a malformed area is ignored.
    while let (Some(tag), Some(length)) = (extra.u16(), extra.u16())
        && let Some(field) = extra.bytes(length.into())
    {
        if tag != ZIP64_EXTRA {
            continue;
        }
        let mut field = Fields(field);
        let mut next = || field.u64().ok_or(NoHeader::Format);
        if std::mem::take(&mut size) {
            entry.size = next()?;
        }
        if std::mem::take(&mut compressed_size) {
            entry.compressed_size = next()?;
        }
        if std::mem::take(&mut header_offset) {
            entry.header_offset = next()?.cast_signed();
        }
    }
    // An uncompressed size of 4 GiB - 1 may be meant as it stands; the others cannot.
    if compressed_size || header_offset { Err(NoHeader::Format) } else { Ok(()) }
}

/// The bytes of a file from some position on, read ahead.
struct Source<'a, R: ?Sized> {
    reader: &'a R,
    /// What has been taken ends here.
    position: u64,
    size: u64,
    ahead: usize,
    buffer: Vec<u8>,
    taken: usize,
}

impl<'a, R: ReadAt + ?Sized> Source<'a, R> {
    fn new(reader: &'a R, position: u64, size: u64, ahead: usize) -> Self {
        Self { reader, position, size, ahead, buffer: Vec::new(), taken: 0 }
    }

    fn take(&mut self, length: usize) -> Result<&[u8], NoHeader> {
        let buffered = self.buffer.len() - self.taken;
        if buffered < length {
            self.buffer.drain(..self.taken);
            self.taken = 0;
            let offset = self.position + buffered as u64;
            let rest = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
            self.buffer.resize(buffered + rest.min(self.ahead.max(length)), 0);
            let read = read_full(self.reader, self.buffer.get_mut(buffered..).unwrap_or_default(), offset)
                .map_err(|source| NoHeader::Io { offset, source })?;
            self.buffer.truncate(buffered + read);
        }
        match self.buffer.get(self.taken..self.taken + length) {
            Some(bytes) => {
                self.taken += length;
                self.position += length as u64;
                Ok(bytes)
            }
            None if self.buffer.len() == self.taken => Err(NoHeader::End),
            None => Err(NoHeader::Cut),
        }
    }
}
