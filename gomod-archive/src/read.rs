use zlib_rs::crc32::crc32;

use crate::cancel::CancelToken;
use crate::entry::Entry;
use crate::error::{ContentTooLarge, ReadError};
use crate::fields::Fields;
use crate::inflate::{Inflater, State, Step};
use crate::limits::Limits;
use crate::read_at::{ReadAt, read_full};

const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const LOCAL_LENGTH: usize = 30;
const DESCRIPTOR_SIGNATURE: u32 = 0x0807_4b50;
const DESCRIPTOR_LENGTH: usize = 16;

/// Large entries are read and inflated in pieces of this size.
const PIECE: usize = 64 << 10;
/// How much larger than the directory says the local header may be and still be read together with its data:
/// room for the extra fields that other writers put only there.
const HEADER_SLACK: usize = 64;
/// No byte of a deflate stream yields more: 8 bits are at most four matches of 258 bytes.
pub(crate) const MAX_RATIO: usize = 4 * 258;
/// The decoder is slower when less room than this is left.
const OUTPUT_SLACK: usize = 512;

/// Reads entries of one archive, one after the other, and keeps its buffers.
pub(crate) struct EntryReader<'a, R> {
    reader: &'a R,
    size: u64,
    max_whole: usize,
    max_content: u64,
    cancel: CancelToken,
    /// Its first `filled` bytes are bytes of the file, from some entry's local header on or within its data.
    input: Vec<u8>,
    filled: usize,
    output: Vec<u8>,
    inflater: Inflater,
}

/// Where the compressed data of an entry lies.
struct Data {
    /// Its offset in the file.
    offset: u64,
    /// The number of bytes that are there, which ends with the file.
    length: u64,
    /// Where in `input` it starts.
    start: usize,
}

#[derive(Clone, Copy)]
enum Method {
    Stored,
    Deflated,
}

impl<'a, R: ReadAt> EntryReader<'a, R> {
    pub(crate) fn new(reader: &'a R, size: u64, limits: &Limits, cancel: CancelToken) -> Self {
        let max_whole = usize::try_from(limits.max_whole_entry_bytes).unwrap_or(usize::MAX).min(1 << 30);
        let (input, output, inflater) = (Vec::new(), Vec::new(), Inflater::new());
        let max_content = limits.max_content_bytes;
        Self { reader, size, max_whole, max_content, cancel, input, filled: 0, output, inflater }
    }

    pub(crate) fn read<E: From<ReadError>>(
        &mut self,
        entry: &Entry,
        each: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if entry.beyond_limit {
            return Err(ReadError::from(ContentTooLarge { limit: self.max_content }).into());
        }
        let whole = !entry.is_dir()
            && entry.size <= self.max_whole as u64
            && entry.compressed_size <= self.max_whole as u64;
        let data = self.locate(entry, whole)?;
        if entry.is_dir() {
            return if entry.size == 0 { Ok(()) } else { Err(ReadError::Format.into()) };
        }
        let method = match entry.method {
            0 => Method::Stored,
            8 => Method::Deflated,
            method => return Err(ReadError::Algorithm { method }.into()),
        };
        if !whole {
            return self.read_in_pieces(entry, &data, method, each);
        }
        let bytes = self.read_whole(entry, &data, method)?;
        if bytes.is_empty() { Ok(()) } else { each(bytes) }
    }

    /// Finds the data through the local header, of which only the signature and the two lengths count. Reads the
    /// data of a `whole` entry as well, and what may be its descriptor.
    fn locate(&mut self, entry: &Entry, whole: bool) -> Result<Data, ReadError> {
        // An offset before the file's start is an error of Go's reader.
        let header = u64::try_from(entry.header_offset).map_err(|_| ReadError::Format)?;
        let mut ahead = LOCAL_LENGTH;
        if whole {
            let data = usize::try_from(entry.compressed_size).unwrap_or(usize::MAX);
            ahead = (ahead + entry.name.len() + HEADER_SLACK + DESCRIPTOR_LENGTH).saturating_add(data);
        }
        let there = self.size.saturating_sub(header);
        self.fill(0, header, usize::try_from(there).unwrap_or(usize::MAX).min(ahead))?;
        let mut fields = Fields(self.input().get(..LOCAL_LENGTH).ok_or(ReadError::UnexpectedEof)?);
        if fields.u32() != Some(LOCAL_SIGNATURE) {
            return Err(ReadError::Format);
        }
        let _what_the_directory_says_too = fields.bytes(22);
        let variable = [fields.u16(), fields.u16()].map(|length| usize::from(length.unwrap_or_default()));

        let start = LOCAL_LENGTH + variable.iter().sum::<usize>();
        let offset = header + start as u64;
        // Go takes the size for signed, and a negative one for no limit.
        let end = match i64::try_from(entry.compressed_size) {
            Ok(length) => offset.saturating_add(length.unsigned_abs()).min(self.size),
            Err(_) => self.size,
        };
        let length = end.saturating_sub(offset);
        let start = start.min(self.filled);
        if whole {
            // The local header may be longer than expected.
            let read = self.filled - start;
            let wanted = self.size.saturating_sub(offset).min(length + DESCRIPTOR_LENGTH as u64);
            let missing = usize::try_from(wanted).unwrap_or(usize::MAX).saturating_sub(read);
            if missing > 0 {
                self.fill(self.filled, offset + read as u64, missing)?;
            }
        }
        Ok(Data { offset, length, start })
    }

    fn input(&self) -> &[u8] {
        self.input.get(..self.filled).unwrap_or_default()
    }

    /// Reads up to `length` bytes from `offset` on, behind the first `keep` bytes of the input.
    fn fill(&mut self, keep: usize, offset: u64, length: usize) -> Result<(), ReadError> {
        if self.input.len() < keep + length {
            self.input.resize(keep + length, 0);
        }
        let rest = self.input.get_mut(keep..keep + length).unwrap_or_default();
        let read = read_full(self.reader, rest, offset).map_err(|source| ReadError::Io { offset, source })?;
        self.filled = keep + read;
        Ok(())
    }

    /// The checked bytes of an entry whose data has been read.
    fn read_whole(&mut self, entry: &Entry, data: &Data, method: Method) -> Result<&[u8], ReadError> {
        let rest = self.input.get(data.start..self.filled).unwrap_or_default();
        let length = usize::try_from(data.length).unwrap_or(usize::MAX);
        let (input, descriptor) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
        let bytes = match method {
            Method::Stored => input,
            Method::Deflated => {
                let room = size.min(input.len().saturating_mul(MAX_RATIO)).saturating_add(OUTPUT_SLACK);
                if self.output.len() < room {
                    self.output.resize(room, 0);
                }
                self.inflater.reset();
                let Step { produced, state, .. } =
                    self.inflater.step(input, self.output.get_mut(..room).unwrap_or_default());
                match state {
                    _ if produced > size => return Err(ReadError::Format),
                    State::Corrupt { offset } => return Err(ReadError::Corrupt { offset }),
                    State::More => return Err(ReadError::UnexpectedEof),
                    State::End => self.output.get(..produced).unwrap_or_default(),
                }
            }
        };
        let descriptor = entry.has_descriptor().then_some(descriptor);
        check_end(entry, bytes.len() as u64, crc32(0, bytes), descriptor)?;
        Ok(bytes)
    }

    fn read_in_pieces<E: From<ReadError>>(
        &mut self,
        entry: &Entry,
        data: &Data,
        method: Method,
        each: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut total, mut crc) = (0, 0);
        let cancel = self.cancel.clone();
        let mut emit = |bytes: &[u8]| {
            cancel.check().map_err(ReadError::from)?;
            total += bytes.len() as u64;
            if total > entry.size {
                return Err(ReadError::Format.into());
            }
            crc = crc32(crc, bytes);
            if bytes.is_empty() { Ok(()) } else { each(bytes) }
        };
        match method {
            Method::Stored => self.copy(data, &mut emit)?,
            Method::Deflated => self.inflate(data, &mut emit)?,
        }
        let descriptor = entry.has_descriptor().then(|| self.read_descriptor(entry, data)).transpose()?;
        Ok(check_end(entry, total, crc, descriptor.as_deref())?)
    }

    fn copy<E: From<ReadError>>(
        &mut self,
        data: &Data,
        emit: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut read = 0;
        loop {
            match self.next_piece(data, &mut read)? {
                [] => return Ok(()),
                piece => emit(piece)?,
            }
        }
    }

    fn inflate<E: From<ReadError>>(
        &mut self,
        data: &Data,
        emit: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.inflater.reset();
        let mut output = std::mem::take(&mut self.output);
        output.resize(output.len().max(PIECE), 0);
        let result = self.inflate_into(data, output.get_mut(..PIECE).unwrap_or_default(), emit);
        self.output = output;
        result
    }

    fn inflate_into<E: From<ReadError>>(
        &mut self,
        data: &Data,
        output: &mut [u8],
        emit: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut read = 0;
        loop {
            self.next_piece(data, &mut read)?;
            let mut used = 0;
            loop {
                let input = self.input.get(used..self.filled).unwrap_or_default();
                let Step { consumed, produced, state } = self.inflater.step(input, output);
                used += consumed;
                emit(output.get(..produced).unwrap_or_default())?;
                match state {
                    State::End => return Ok(()),
                    State::Corrupt { offset } => return Err(ReadError::Corrupt { offset }.into()),
                    State::More if produced == output.len() => {}
                    State::More if self.filled == 0 => return Err(ReadError::UnexpectedEof.into()),
                    State::More => break,
                }
            }
        }
    }

    /// The next piece of the compressed data, of which `read` bytes have been read; empty at its end.
    fn next_piece(&mut self, data: &Data, read: &mut u64) -> Result<&[u8], ReadError> {
        let length = usize::try_from(data.length - *read).unwrap_or(usize::MAX).min(PIECE);
        self.fill(0, data.offset + *read, length)?;
        *read += self.filled as u64;
        Ok(self.input())
    }

    fn read_descriptor(&mut self, entry: &Entry, data: &Data) -> Result<Vec<u8>, ReadError> {
        // With a "negative" compressed size this lies before the data, as it does in Go.
        let offset = data.offset.cast_signed().wrapping_add(entry.compressed_size.cast_signed());
        let offset = u64::try_from(offset).map_err(|_| ReadError::UnexpectedEof)?;
        let there = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        self.fill(0, offset, there.min(DESCRIPTOR_LENGTH))?;
        Ok(self.input().to_vec())
    }
}

/// What Go checks when the data is over: the size, then the descriptor if the directory announces one. Without
/// one, a CRC of 0 in the directory stands for "unknown".
fn check_end(entry: &Entry, size: u64, crc: u32, descriptor: Option<&[u8]>) -> Result<(), ReadError> {
    if size != entry.size {
        return Err(if size > entry.size { ReadError::Format } else { ReadError::UnexpectedEof });
    }
    let matches = match descriptor {
        Some(descriptor) => descriptor_crc(descriptor)? == entry.crc32 && crc == entry.crc32,
        None => entry.crc32 == 0 || crc == entry.crc32,
    };
    if matches { Ok(()) } else { Err(ReadError::Checksum) }
}

/// The CRC in a descriptor, whose signature is optional; the sizes in it may have 32 or 64 bits and count for
/// nothing, but eight bytes must be there.
fn descriptor_crc(descriptor: &[u8]) -> Result<u32, ReadError> {
    let parse = || {
        let mut fields = Fields(descriptor);
        let mut crc = fields.u32()?;
        if crc == DESCRIPTOR_SIGNATURE {
            crc = fields.u32()?;
        }
        fields.bytes(8).map(|_sizes| crc)
    };
    parse().ok_or(ReadError::UnexpectedEof)
}
