use crate::directory;
use crate::error::OpenError;
use crate::fields::Fields;
use crate::read_at::{ReadAt, read_full};

const SIGNATURE: &[u8] = b"PK\x05\x06";
const LENGTH: usize = 22;
const LOCATOR_SIGNATURE: u32 = 0x0706_4b50;
const LOCATOR_LENGTH: usize = 20;
const ZIP64_SIGNATURE: u32 = 0x0606_4b50;
const ZIP64_LENGTH: usize = 56;

/// What the end of a zip says about its directory.
pub(crate) struct EndRecord {
    pub(crate) comment: Box<[u8]>,
    /// The number of entries; only its low 16 bits mean anything.
    pub(crate) records: u64,
    /// Where the directory starts.
    pub(crate) directory: u64,
    /// What is added to the offset of each local header.
    pub(crate) base: i64,
}

/// The fields of an end record that count, and where it stands.
struct Fixed {
    position: u64,
    records: u64,
    directory_size: u64,
    directory_offset: u64,
}

/// Finds the end record of a file of `size` bytes.
pub(crate) fn find<R: ReadAt + ?Sized>(reader: &R, size: i64) -> Result<EndRecord, OpenError> {
    let (mut fixed, comment) = find_last(reader, size.unsigned_abs())?;

    // The directory's size is held against 16 bits, not 32: that is what Go does.
    let zip64 = fixed.records == 0xffff
        || fixed.directory_size == 0xffff
        || fixed.directory_offset == u64::from(u32::MAX);
    if zip64 && let Some(position) = find_zip64(reader, fixed.position)? {
        fixed = read_zip64(reader, position)?;
    }

    let [end, length, offset] = [fixed.position, fixed.directory_size, fixed.directory_offset]
        .map(|value| i64::try_from(value).map_err(|_| OpenError::NotAZip));
    let (end, length, offset) = (end?, length?, offset?);
    // Both differences of two numbers from 0 to i64::MAX, so they fit.
    let start = end - length;
    if start < 0 || start >= size {
        return Err(OpenError::NotAZip);
    }
    let base = start - offset;
    let found = |base: i64, start: i64| EndRecord {
        comment,
        records: fixed.records,
        directory: start.unsigned_abs(),
        base,
    };
    // Some writers count offsets from the file's start although something stands before the zip.
    if base > 0 && directory::has_header(reader, offset.unsigned_abs(), size.unsigned_abs()) {
        return Ok(found(0, offset));
    }
    Ok(found(base, start))
}

/// The last end record in the file's last 1,024 bytes, else in its last 65 KiB.
fn find_last<R: ReadAt + ?Sized>(reader: &R, size: u64) -> Result<(Fixed, Box<[u8]>), OpenError> {
    for window in [1024, 65 * 1024] {
        let length = size.min(window);
        let start = size - length;
        let mut tail = vec![0; usize::try_from(length).unwrap_or_default()];
        read(reader, &mut tail, start)?;
        if let Some((position, fixed, comment)) = last_record(&tail) {
            return Ok((Fixed { position: start + position as u64, ..fixed }, comment.into()));
        }
        if start == 0 {
            break;
        }
    }
    Err(OpenError::NotAZip)
}

/// The last signature decides: where its comment runs past the end, no earlier one is tried.
fn last_record(tail: &[u8]) -> Option<(usize, Fixed, &[u8])> {
    let last = tail.len().checked_sub(LENGTH)?;
    let position =
        tail.get(..last + SIGNATURE.len())?.windows(SIGNATURE.len()).rposition(|w| w == SIGNATURE)?;
    let mut fields = Fields(tail.get(position + SIGNATURE.len()..)?);
    let _disk_numbers_and_records_there = fields.bytes(6)?;
    let fixed = Fixed {
        position: 0,
        records: fields.u16()?.into(),
        directory_size: fields.u32()?.into(),
        directory_offset: fields.u32()?.into(),
    };
    let comment_length = fields.u16()?;
    Some((position, fixed, fields.bytes(comment_length.into())?))
}

/// Where the zip64 end record stands, if a locator right before the end record says so.
fn find_zip64<R: ReadAt + ?Sized>(reader: &R, end: u64) -> Result<Option<u64>, OpenError> {
    let Some(offset) = end.checked_sub(LOCATOR_LENGTH as u64) else {
        return Ok(None);
    };
    let mut locator = [0; LOCATOR_LENGTH];
    if read(reader, &mut locator, offset)? < LOCATOR_LENGTH {
        return Err(OpenError::UnexpectedEof);
    }
    let mut fields = Fields(&locator);
    let (signature, disk) = (fields.u32(), fields.u32());
    let (position, disks) = (fields.u64(), fields.u32());
    let believed = signature == Some(LOCATOR_SIGNATURE) && disk == Some(0) && disks == Some(1);
    Ok(position.filter(|&position| believed && i64::try_from(position).is_ok()))
}

fn read_zip64<R: ReadAt + ?Sized>(reader: &R, position: u64) -> Result<Fixed, OpenError> {
    let mut record = [0; ZIP64_LENGTH];
    if read(reader, &mut record, position)? < ZIP64_LENGTH {
        return Err(OpenError::UnexpectedEof);
    }
    let parse = || {
        let mut fields = Fields(&record);
        let signature = fields.u32()?;
        let _size_versions_disk_numbers_and_records_there = fields.bytes(28)?;
        (signature == ZIP64_SIGNATURE).then_some(Fixed {
            position,
            records: fields.u64()?,
            directory_size: fields.u64()?,
            directory_offset: fields.u64()?,
        })
    };
    parse().ok_or(OpenError::NotAZip)
}

fn read<R: ReadAt + ?Sized>(reader: &R, buf: &mut [u8], offset: u64) -> Result<usize, OpenError> {
    read_full(reader, buf, offset).map_err(|source| OpenError::Io { offset, source })
}
