use std::io::{self, BufWriter, Read, Write};

use gomod_archive::{CancelToken, Cancelled};
use zlib_rs::crc32::crc32;

use crate::MAX_ZIP_FILE;
use crate::deflate::Deflater;

const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const DESCRIPTOR_SIGNATURE: u32 = 0x0807_4b50;
const DIRECTORY_SIGNATURE: u32 = 0x0201_4b50;
const END_SIGNATURE: u32 = 0x0605_4b50;
const ZIP64_END_SIGNATURE: u32 = 0x0606_4b50;
const ZIP64_LOCATOR_SIGNATURE: u32 = 0x0706_4b50;

const DEFLATE: u16 = 8;
const VERSION: u16 = 20;
const ZIP64_VERSION: u16 = 45;
/// CRC and sizes follow the data, as the writer cannot go back.
const HAS_DESCRIPTOR: u16 = 0x8;
const IS_UTF8: u16 = 0x800;

/// Writes a zip file from front to back: every file deflated, without a time or mode, like Go's `zip.Writer`.
///
/// The file ends up no larger than [`MAX_ZIP_FILE`], so that only the number of entries can need zip64.
pub(crate) struct ZipWriter<W: Write> {
    writer: BufWriter<W>,
    position: u64,
    /// The headers of the entries so far.
    directory: Vec<u8>,
    entries: u64,
    deflater: Deflater,
    input: Box<[u8]>,
    cancel: CancelToken,
}

/// Why an entry or the end cannot be written.
#[derive(Debug)]
pub(crate) enum WriteError {
    Read(io::Error),
    Write(io::Error),
    NameTooLong,
    Cancelled(Cancelled),
    /// The zip would have at least this size.
    TooLarge(u64),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<Cancelled> for WriteError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

/// Always filled as far as there are bytes, as the pieces of the input may matter to the compressed bytes.
const INPUT: usize = 64 << 10;

impl<W: Write> ZipWriter<W> {
    pub(crate) fn new(writer: W, cancel: CancelToken) -> Self {
        Self {
            writer: BufWriter::with_capacity(64 << 10, writer),
            position: 0,
            directory: Vec::new(),
            entries: 0,
            deflater: Deflater::new(),
            input: vec![0; INPUT].into_boxed_slice(),
            cancel,
        }
    }

    /// Writes an entry and returns the size of its content.
    pub(crate) fn add(&mut self, name: &str, content: &mut dyn Read) -> Result<u64, WriteError> {
        let name_length = u16::try_from(name.len()).map_err(|_| WriteError::NameTooLong)?;
        let flags = if name.is_ascii() { HAS_DESCRIPTOR } else { HAS_DESCRIPTOR | IS_UTF8 };
        let offset = self.position;
        let mut header = Record::new(LOCAL_SIGNATURE);
        header.u16(VERSION).u16(flags).u16(DEFLATE).u32(0).u32(0).u32(0).u32(0).u16(name_length).u16(0);
        self.write(&header.0)?;
        self.write(name.as_bytes())?;
        let start = self.position;
        let (crc, size) = self.write_content(content)?;

        let (compressed_size, small_size) = (small(self.position - start)?, small(size)?);
        let mut descriptor = Record::new(DESCRIPTOR_SIGNATURE);
        descriptor.u32(crc).u32(compressed_size).u32(small_size);
        self.write(&descriptor.0)?;

        let mut header = Record::new(DIRECTORY_SIGNATURE);
        header.u16(VERSION).u16(VERSION).u16(flags).u16(DEFLATE).u32(0);
        header.u32(crc).u32(compressed_size).u32(small_size).u16(name_length);
        // Extra area, comment, disk, internal and external attributes.
        header.u16(0).u16(0).u16(0).u16(0).u32(0).u32(small(offset)?);
        self.directory.extend_from_slice(&header.0);
        self.directory.extend_from_slice(name.as_bytes());
        self.entries += 1;
        Ok(size)
    }

    /// Writes the directory and the end record, and returns the size of the zip.
    pub(crate) fn finish(mut self) -> Result<u64, WriteError> {
        let offset = self.position;
        let directory = std::mem::take(&mut self.directory);
        self.write(&directory)?;
        let length = self.position - offset;
        let mut count = u16::try_from(self.entries).unwrap_or(u16::MAX);
        let (mut small_length, mut small_offset) = (small(length)?, small(offset)?);
        if count == u16::MAX {
            let end = self.position;
            let mut record = Record::new(ZIP64_END_SIGNATURE);
            record.u64(44).u16(ZIP64_VERSION).u16(ZIP64_VERSION).u32(0).u32(0);
            record.u64(self.entries).u64(self.entries).u64(length).u64(offset);
            self.write(&record.0)?;
            let mut locator = Record::new(ZIP64_LOCATOR_SIGNATURE);
            locator.u32(0).u64(end).u32(1);
            self.write(&locator.0)?;
            (count, small_length, small_offset) = (u16::MAX, u32::MAX, u32::MAX);
        }
        let mut end = Record::new(END_SIGNATURE);
        end.u16(0).u16(0).u16(count).u16(count).u32(small_length).u32(small_offset).u16(0);
        self.write(&end.0)?;
        self.writer.flush()?;
        Ok(self.position)
    }

    fn write_content(&mut self, content: &mut dyn Read) -> Result<(u32, u64), WriteError> {
        self.deflater.reset();
        let (mut crc, mut size) = (0, 0);
        loop {
            self.cancel.check()?;
            let filled = read_full(content, &mut self.input).map_err(WriteError::Read)?;
            let is_last = filled < self.input.len();
            let piece = self.input.get(..filled).unwrap_or_default();
            crc = crc32(crc, piece);
            size += filled as u64;
            let (writer, position) = (&mut self.writer, &mut self.position);
            self.deflater.push(piece, is_last, |bytes| write(writer, position, bytes))?;
            if is_last {
                return Ok((crc, size));
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        write(&mut self.writer, &mut self.position, bytes)
    }
}

fn write(writer: &mut impl Write, position: &mut u64, bytes: &[u8]) -> Result<(), WriteError> {
    let end = position.saturating_add(bytes.len() as u64);
    if end > MAX_ZIP_FILE {
        return Err(WriteError::TooLarge(end));
    }
    writer.write_all(bytes)?;
    *position = end;
    Ok(())
}

fn small(number: u64) -> Result<u32, WriteError> {
    u32::try_from(number).map_err(|_| WriteError::TooLarge(number))
}

fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Little-endian fields, one after the other.
struct Record(Vec<u8>);

impl Record {
    fn new(signature: u32) -> Self {
        Self(signature.to_le_bytes().into())
    }

    fn u16(&mut self, field: u16) -> &mut Self {
        self.0.extend_from_slice(&field.to_le_bytes());
        self
    }

    fn u32(&mut self, field: u32) -> &mut Self {
        self.0.extend_from_slice(&field.to_le_bytes());
        self
    }

    fn u64(&mut self, field: u64) -> &mut Self {
        self.0.extend_from_slice(&field.to_le_bytes());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, and content that compression makes larger, can exceed it where the content alone does not.
    #[test]
    fn the_zip_has_a_limit() {
        let mut complete = ZipWriter::new(io::sink(), CancelToken::new());
        assert!(matches!(complete.add("name", &mut io::empty()), Ok(0)));
        let entry = complete.position;
        let size = complete.finish().ok();
        for (room, fits) in [(entry - 1, false), (entry, true)] {
            let mut zip = ZipWriter::new(io::sink(), CancelToken::new());
            zip.position = MAX_ZIP_FILE - room;
            let added = zip.add("name", &mut io::empty());
            assert!(if fits { added.is_ok() } else { matches!(added, Err(WriteError::TooLarge(_))) });
        }
        for (room, fits) in [(1, false), (0, true)] {
            let mut zip = ZipWriter::new(io::sink(), CancelToken::new());
            zip.position = MAX_ZIP_FILE - size.unwrap_or_default() + room;
            assert!(zip.add("name", &mut io::empty()).is_ok());
            assert_eq!(zip.finish().is_ok(), fits);
        }
    }
}
