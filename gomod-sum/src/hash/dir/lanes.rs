//! The hashes of many files, two at a time on each thread.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use gomod_archive::{CancelToken, Cancelled, Threads};

use super::error::{HashDirError, io_error};
use super::tree::TreeFile;
use crate::hash::file_hash::{FileHash, FileHasher};
use crate::hash::sha256::block::{Block, CompressPair, INITIAL, State};
use crate::hash::sha256::{LAST, compress, end_message, fastest_pair, finished};

/// Blocks asked of a file at a time: 64 KiB.
const CHUNK: usize = 1 << 10;

/// In bytes. So long a file is set aside until the shorter ones are done; then the longest is taken first, or one thread might
/// begin it when the others have nothing left to do.
const LONG: u64 = 1 << 20;

type Hash = Result<FileHash, HashDirError>;

/// The hashes of the files, in their order, up to the first error at least.
pub(super) fn hash_files<'a>(
    files: &'a [TreeFile],
    threads: &'a Threads,
) -> Result<impl Iterator<Item = Hash> + use<'a>, Cancelled> {
    let count = threads.for_items(files.len());
    let work = Work {
        files,
        threads: count,
        cancel: threads.cancel(),
        next: AtomicUsize::new(0),
        long: Mutex::default(),
        failed: AtomicBool::new(false),
        hashes: files.iter().map(|_| OnceLock::new()).collect(),
        compress_pair: fastest_pair(),
    };
    thread::scope(|scope| {
        for _ in 1..count {
            // Where the system gives no more threads, fewer do the work.
            if thread::Builder::new().spawn_scoped(scope, || work.run()).is_err() {
                break;
            }
        }
        work.run();
    });
    let Work { cancel, hashes, .. } = work;
    cancel.check()?;
    // After an error nothing more is taken. What lies before it and was set aside is still to be hashed.
    let hash =
        |(file, hash): (_, OnceLock<Hash>)| hash.into_inner().unwrap_or_else(|| hash_alone(file, cancel));
    Ok(files.iter().zip(hashes).map(hash))
}

fn hash_alone(file: &TreeFile, cancel: &CancelToken) -> Hash {
    let file_error = |operation| io_error(operation, &file.path);
    let mut reader = File::open(&file.path).map_err(file_error("open"))?;
    let (mut hasher, mut buffer) = (FileHasher::new(), vec![0; CHUNK * 64]);
    loop {
        cancel.check()?;
        match read_full(&mut reader, &mut buffer).map_err(file_error("read"))? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

/// What all threads share.
struct Work<'a> {
    files: &'a [TreeFile],
    threads: usize,
    cancel: &'a CancelToken,
    /// The position of the first file that was not taken.
    next: AtomicUsize,
    long: Mutex<Long>,
    failed: AtomicBool,
    hashes: Vec<OnceLock<Hash>>,
    compress_pair: CompressPair,
}

/// The files that were set aside.
#[derive(Default)]
struct Long {
    /// Lengths and positions.
    waiting: Vec<(u64, usize)>,
    taken: usize,
}

impl<'a> Work<'a> {
    /// What one thread does: it reads two files by turns.
    fn run(&self) {
        let [mut a, mut b] = [Lane::default(), Lane::default()];
        loop {
            self.prepare(&mut a, 0);
            // No thread takes a second file before each could take a first.
            self.prepare(&mut b, self.threads);
            match (&mut a.reading, &mut b.reading) {
                _ if self.cancel.is_cancelled() => break,
                (Some(a_reading), Some(b_reading)) => {
                    let (x, y) = (a_reading.blocks(&a.buffer), b_reading.blocks(&b.buffer));
                    let common = x.len().min(y.len());
                    (self.compress_pair)([&mut a_reading.state, &mut b_reading.state], [x, y]);
                    a_reading.blocks.start += common;
                    b_reading.blocks.start += common;
                }
                (Some(reading), None) => reading.compress_alone(&a.buffer),
                (None, Some(reading)) => reading.compress_alone(&b.buffer),
                (None, None) => break,
            }
        }
    }

    /// Sees to it that a lane has blocks to be added, of its file or of the next; or no file, where none is left.
    fn prepare(&self, lane: &mut Lane<'a>, taken_before: usize) {
        loop {
            let Some(reading) = &mut lane.reading else {
                let Some((position, path, set_aside)) = self.take(taken_before) else { return };
                match File::open(path) {
                    Ok(file) => lane.reading = Some(Reading::new(position, path, file, set_aside)),
                    Err(error) => self.put(position, Err(io_error("open", path)(error))),
                }
                continue;
            };
            if !reading.blocks.is_empty() {
                return;
            }
            let hash = match reading.read(&mut lane.buffer) {
                Ok(true) => {
                    if let Some(length) = reading.is_long() {
                        self.long().waiting.push((length, reading.position));
                        lane.reading = None;
                    }
                    continue;
                }
                Ok(false) => Ok(finished(&reading.state)),
                Err(error) => Err(io_error("read", reading.path)(error)),
            };
            self.put(reading.position, hash);
            lane.reading = None;
        }
    }

    /// The next file, where so many of its kind have been taken and none has failed; and whether it had been set aside.
    fn take(&self, taken_before: usize) -> Option<(usize, &'a Path, bool)> {
        if self.failed.load(Ordering::Relaxed) || self.cancel.is_cancelled() {
            return None;
        }
        let next = |next| (next >= taken_before && next < self.files.len()).then_some(next + 1);
        let in_order = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let position = match in_order {
            Ok(position) => position,
            Err(next) if next < self.files.len() => return None,
            Err(_) => self.take_longest(taken_before)?,
        };
        Some((position, &self.files.get(position)?.path, in_order.is_err()))
    }

    fn take_longest(&self, taken_before: usize) -> Option<usize> {
        let mut long = self.long();
        if long.taken < taken_before {
            return None;
        }
        let (longest, _) = long.waiting.iter().enumerate().max_by_key(|&(_, length)| length)?;
        long.taken += 1;
        Some(long.waiting.swap_remove(longest).1)
    }

    fn long(&self) -> MutexGuard<'_, Long> {
        self.long.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, position: usize, hash: Hash) {
        if hash.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        if let Some(place) = self.hashes.get(position) {
            // No other thread was given this position.
            drop(place.set(hash));
        }
    }
}

/// One of the two places where a thread reads a file.
#[derive(Default)]
struct Lane<'a> {
    buffer: Vec<Block>,
    reading: Option<Reading<'a>>,
}

/// A file, as far as it has been read.
struct Reading<'a> {
    position: usize,
    path: &'a Path,
    /// None behind the end.
    file: Option<File>,
    was_set_aside: bool,
    length: u64,
    state: State,
    /// Those in the buffer that have not been added to the state.
    blocks: Range<usize>,
}

impl<'a> Reading<'a> {
    fn new(position: usize, path: &'a Path, file: File, was_set_aside: bool) -> Self {
        Self { position, path, file: Some(file), was_set_aside, length: 0, state: INITIAL, blocks: 0..0 }
    }

    /// The length of the file, where it is one to be set aside. Only a file that filled the first buffer is asked: most are
    /// shorter, and need no further call.
    fn is_long(&self) -> Option<u64> {
        let file = self.file.as_ref().filter(|_| !self.was_set_aside && self.length == CHUNK as u64 * 64)?;
        file.metadata().ok().map(|about| about.len()).filter(|&length| length >= LONG)
    }

    fn blocks<'b>(&self, buffer: &'b [Block]) -> &'b [Block] {
        buffer.get(self.blocks.clone()).unwrap_or_default()
    }

    fn compress_alone(&mut self, buffer: &[Block]) {
        let blocks = self.blocks(buffer);
        compress(&mut self.state, blocks);
        self.blocks.start = self.blocks.end;
    }

    /// Fills the buffer, behind the end of the file with what ends the message; false when that was done before.
    fn read(&mut self, buffer: &mut Vec<Block>) -> io::Result<bool> {
        let Some(file) = &mut self.file else { return Ok(false) };
        buffer.resize(CHUNK + LAST, [0; 64]);
        let chunk = buffer.get_mut(..CHUNK).unwrap_or_default();
        let read = read_full(file, chunk.as_flattened_mut())?;
        let (full, rest) = (read / 64, read % 64);
        self.length += read as u64;
        self.blocks = 0..full;
        if full < CHUNK
            && let Some(last) = buffer.get_mut(full..).and_then(<[_]>::first_chunk_mut)
        {
            self.file = None;
            self.blocks.end += end_message(last, rest, self.length);
        }
        Ok(true)
    }
}

/// Fills the bytes, unless the file ends before.
fn read_full(file: &mut File, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
