use std::cmp::Reverse;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::entry::Entry;
use crate::error::ReadError;
use crate::read::EntryReader;
use crate::read_at::ReadAt;
use crate::threads::Threads;

/// Where the bytes of one entry go: into a hash, a file, a comparison.
///
/// ```
/// use gomod_archive::{ReadError, Sink};
///
/// struct Length(u64);
///
/// impl Sink for Length {
///     type Error = ReadError;
///     type Out = Result<u64, ReadError>;
///
///     fn write(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
///         self.0 += bytes.len() as u64;
///         Ok(())
///     }
///
///     fn finish(self, result: Result<(), ReadError>) -> Self::Out {
///         result.map(|()| self.0)
///     }
/// }
/// ```
pub trait Sink {
    /// Why the reading ended early; [`ReadError`] itself for a sink that cannot fail.
    type Error: From<ReadError>;
    /// What becomes of the entry.
    type Out: Send;

    /// Takes the next bytes, which have not been checked unless they are the whole entry.
    ///
    /// # Errors
    /// An error ends the reading of this entry and goes to [`finish`](Self::finish).
    fn write(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Ends the entry: with `Ok` all of its bytes have come and have been checked.
    fn finish(self, result: Result<(), Self::Error>) -> Self::Out;
}

/// Large entries are taken first, so that no thread is left alone with one at the end: by steps of this many
/// compressed bytes, as a power of two, and within a step in the order of the directory, so that a disk reads on.
const STEP_BITS: u32 = 18;

pub(crate) fn read_all<'a, R: ReadAt + 'a, S: Sink>(
    entries: &[Entry],
    threads: &Threads,
    make_reader: impl Fn() -> EntryReader<'a, R> + Sync,
    make_sink: impl Fn(usize, &Entry) -> Option<S> + Sync,
) -> Vec<Option<S::Out>> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&index| Reverse(entries.get(index).map(|entry| entry.compressed_size >> STEP_BITS)));

    let next = AtomicUsize::new(0);
    let work = || {
        let mut reader = make_reader();
        let mut results = Vec::new();
        while !threads.cancel().is_cancelled()
            && let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed))
        {
            if let Some(entry) = entries.get(index)
                && let Some(mut sink) = make_sink(index, entry)
            {
                let result = reader.read(entry, &mut |bytes: &[u8]| sink.write(bytes));
                results.push((index, sink.finish(result)));
            }
        }
        results
    };

    let helpers = threads.for_items(entries.len()).saturating_sub(1);
    let results = thread::scope(|scope| {
        // Where the system has no more threads to give, those that are there do it all.
        let handles: Vec<_> =
            (0..helpers).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        let mut results = work();
        for handle in handles {
            results.extend(handle.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    });

    let mut outs: Vec<Option<S::Out>> = Vec::new();
    outs.resize_with(entries.len(), || None);
    for (index, out) in results {
        if let Some(place) = outs.get_mut(index) {
            *place = Some(out);
        }
    }
    outs
}
