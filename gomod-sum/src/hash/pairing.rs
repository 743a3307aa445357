//! Hashes of whole contents that come one after the other, two at a time.

use std::mem;
use std::sync::{Mutex, PoisonError};

use super::file_hash::FileHash;
use super::sha256::block::{Block, CompressPair, INITIAL, State};
use super::sha256::{LAST, compress, end_message, fastest_pair, finished};

/// Hashes contents on any number of threads. On each, what one content has more than another waits for the next: that
/// takes a copy of the rest, at most one content for each thread, and nothing is hashed alone but what waits in the end.
pub(crate) struct Pairings {
    compress_pair: CompressPair,
    /// Those that no thread uses at the moment.
    idle: Mutex<Vec<Pairing>>,
}

impl Pairings {
    pub(crate) fn new() -> Self {
        Self::with(fastest_pair())
    }

    pub(crate) fn with(compress_pair: CompressPair) -> Self {
        Self { compress_pair, idle: Mutex::default() }
    }

    /// Takes a content; its hash is among those of [`finish`](Self::finish).
    pub(crate) fn hash(&self, index: usize, content: &[u8]) {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pairing = idle().pop().unwrap_or_default();
        pairing.hash(self.compress_pair, index, content);
        idle().push(pairing);
    }

    /// Returns the hashes of all contents, each with its index.
    pub(crate) fn finish(self) -> impl Iterator<Item = (usize, FileHash)> {
        let idle = self.idle.into_inner().unwrap_or_else(PoisonError::into_inner);
        idle.into_iter().flat_map(Pairing::finish)
    }
}

/// The contents of one thread.
#[derive(Default)]
struct Pairing {
    waiting: Option<Waiting>,
    /// The blocks of the content that waits.
    blocks: Vec<Block>,
    hashes: Vec<(usize, FileHash)>,
}

struct Waiting {
    index: usize,
    state: State,
    /// How many of the blocks have been added.
    added: usize,
}

impl Pairing {
    fn hash(&mut self, compress_pair: CompressPair, index: usize, content: &[u8]) {
        let (body, rest) = content.as_chunks();
        let mut last = [[0; 64]; LAST];
        for (to, from) in last.as_flattened_mut().iter_mut().zip(rest) {
            *to = *from;
        }
        let used = end_message(&mut last, rest.len(), content.len() as u64);
        let mut blocks = [body, last.get(..used).unwrap_or_default()];
        let mut state = INITIAL;
        for blocks in &mut blocks {
            let Some(waiting) = &mut self.waiting else { break };
            let theirs = self.blocks.get(waiting.added..).unwrap_or_default();
            compress_pair([&mut waiting.state, &mut state], [theirs, blocks]);
            let common = theirs.len().min(blocks.len());
            *blocks = blocks.get(common..).unwrap_or_default();
            waiting.added += common;
            if waiting.added == self.blocks.len() {
                self.hashes.push((waiting.index, finished(&waiting.state)));
                self.waiting = None;
            }
        }
        if blocks.iter().all(|blocks| blocks.is_empty()) {
            self.hashes.push((index, finished(&state)));
        } else {
            // Nothing waits any more.
            self.blocks.clear();
            for blocks in blocks {
                self.blocks.extend_from_slice(blocks);
            }
            self.waiting = Some(Waiting { index, state, added: 0 });
        }
    }

    fn finish(mut self) -> Vec<(usize, FileHash)> {
        if let Some(Waiting { index, mut state, added }) = self.waiting {
            compress(&mut state, self.blocks.get(added..).unwrap_or_default());
            self.hashes.push((index, finished(&state)));
        }
        mem::take(&mut self.hashes)
    }
}
