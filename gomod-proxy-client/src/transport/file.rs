//! Files below a `file://` source.
//!
//! The reads run on the blocking threads of the caller's tokio runtime, each a whole small file or a mebibyte of a
//! large one: a disk that hangs or a network mount then holds up no other task and meets the same time limits as a
//! server, and several files are copied at once even on a current-thread runtime. The hand-over costs some ten
//! microseconds, copying a mebibyte a hundred.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

const CHUNK: u64 = 1 << 20;

/// A file that is read from its start to its end.
#[derive(Debug)]
pub(crate) struct FileBody {
    /// What the opening read already.
    first: Option<Bytes>,
    rest: Rest,
    len: u64,
}

#[derive(Debug)]
enum Rest {
    Open(File),
    /// Kept here so that a wait that is given up loses nothing.
    Reading(JoinHandle<io::Result<(Bytes, Option<File>)>>),
    End,
}

impl FileBody {
    /// Opens a file and reads its first piece.
    pub(crate) async fn open(path: PathBuf) -> io::Result<Self> {
        let (first, file, len) = blocking(move || {
            // A pipe would hang, and a directory opens without an error.
            let metadata = std::fs::metadata(&path)?;
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if !metadata.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
            }
            let (first, file) = read(File::open(&path)?, metadata.len())?;
            Ok((first, file, metadata.len()))
        })
        .await?;
        let rest = file.map_or(Rest::End, Rest::Open);
        Ok(Self { first: Some(first).filter(|first| !first.is_empty()), rest, len })
    }

    /// A file that is open, from where it stands: its beginning.
    pub(crate) fn of_file(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { first: None, rest: Rest::Open(file), len })
    }

    /// What is in memory already.
    pub(crate) fn of_bytes(bytes: Bytes) -> Self {
        let len = bytes.len() as u64;
        Self { first: Some(bytes).filter(|bytes| !bytes.is_empty()), rest: Rest::End, len }
    }

    /// The size when it was opened.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The next piece, or `None` at the end.
    pub(crate) async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        if let Rest::Open(_) = self.rest
            && let Rest::Open(file) = std::mem::replace(&mut self.rest, Rest::End)
        {
            self.rest = Rest::Reading(spawn_blocking(move || read(file, CHUNK)));
        }
        let Rest::Reading(reading) = &mut self.rest else { return Ok(None) };
        let read = reading.await.map_err(io::Error::other);
        self.rest = Rest::End;
        let (bytes, file) = read??;
        self.rest = file.map_or(Rest::End, Rest::Open);
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

/// A piece of a file, and the file unless it ended. `expected` is only for the size of the buffer.
fn read(mut file: File, expected: u64) -> io::Result<(Bytes, Option<File>)> {
    let expected = usize::try_from(expected.min(CHUNK)).unwrap_or_default();
    // One byte more than a small file has, so that its end is seen without growing the buffer.
    let mut buffer = Vec::with_capacity(expected + 1);
    let count = file.by_ref().take(CHUNK).read_to_end(&mut buffer)?;
    let ended = u64::try_from(count).is_ok_and(|count| count < CHUNK);
    Ok((buffer.into(), (!ended).then_some(file)))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
