//! SHA-256 block by block: two messages at once, where the processor is faster at that.

pub(crate) mod block;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "instructions that not every processor has; see the module")]
mod interleaved;
#[cfg(test)]
mod tests;

use sha2::block_api::compress256;

use super::file_hash::FileHash;
use block::{Block, CompressPair, State};

/// Returns the fastest way on this processor.
pub(crate) fn fastest_pair() -> CompressPair {
    #[cfg(target_arch = "x86_64")]
    if let Some(interleaved) = interleaved::if_supported() {
        return interleaved;
    }
    one_by_one
}

/// The way that every processor has.
fn one_by_one([a, b]: [&mut State; 2], [x, y]: [&[Block]; 2]) {
    let common = x.len().min(y.len());
    compress(a, x.get(..common).unwrap_or_default());
    compress(b, y.get(..common).unwrap_or_default());
}

/// Adds blocks to one message.
pub(crate) fn compress(state: &mut State, blocks: &[Block]) {
    compress256(state, blocks);
}

/// Returns the hash of a message whose last block has been added.
pub(crate) fn finished(state: &State) -> FileHash {
    let mut digest = [0; 32];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    FileHash::from_digest(digest)
}

/// How many blocks may end a message.
pub(crate) const LAST: usize = 2;

/// Ends a message of `length` bytes, of which `last` begins with the `rest` behind its last full block, as section 5.1.1
/// says: with one bit, and the length in bits at the end of a block. Returns how many blocks that takes.
pub(crate) fn end_message(last: &mut [Block; LAST], rest: usize, length: u64) -> usize {
    let used = if rest + 1 + 8 <= 64 { 1 } else { LAST };
    let bytes = last.as_flattened_mut();
    let behind = bytes.get_mut(rest..).unwrap_or_default();
    behind.fill(0);
    if let Some(first) = behind.first_mut() {
        *first = 0x80;
    }
    if let Some(end) = bytes.get_mut(..64 * used).and_then(<[u8]>::last_chunk_mut) {
        *end = length.wrapping_mul(8).to_be_bytes();
    }
    used
}
