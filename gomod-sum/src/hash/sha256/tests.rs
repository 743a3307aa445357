//! The law: two messages that are hashed at once have the hashes that `sha2` gives them, whatever their lengths, with
//! the instructions of this processor and without.

use proptest::collection::vec;
use proptest::prelude::*;

use super::block::{Block, CompressPair, INITIAL};
use super::{LAST, end_message, fastest_pair, finished, one_by_one};
use crate::hash::file_hash::FileHash;
use crate::hash::pairing::Pairings;

/// Where the processor has no faster way, both are the same.
fn ways() -> [CompressPair; 2] {
    [fastest_pair(), one_by_one]
}

/// Bytes that are different everywhere.
fn content(length: usize) -> Vec<u8> {
    let byte = |i: usize| ((i + length) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0];
    (0..length).map(byte).collect()
}

fn blocks(content: &[u8]) -> Vec<Block> {
    let (body, rest) = content.as_chunks();
    let mut last = [[0xff; 64]; LAST];
    last.as_flattened_mut()[..rest.len()].copy_from_slice(rest);
    let used = end_message(&mut last, rest.len(), content.len() as u64);
    [body, &last[..used]].concat()
}

#[test]
fn every_length_beside_every_length() {
    let contents: Vec<_> = (0..300).map(content).collect();
    let blocks: Vec<_> = contents.iter().map(|content| blocks(content)).collect();
    let hashes: Vec<_> = contents.iter().map(|content| FileHash::of(content)).collect();
    for compress_pair in ways() {
        for (a, b) in (0..300).flat_map(|a| (0..300).map(move |b| (a, b))) {
            let [mut x, mut y] = [INITIAL; 2];
            let (of_a, of_b) = (&blocks[a], &blocks[b]);
            let common = of_a.len().min(of_b.len());
            compress_pair([&mut x, &mut y], [of_a, of_b]);
            // The longer of the two goes on, beside itself.
            for (state, rest) in [(&mut x, &of_a[common..]), (&mut y, &of_b[common..])] {
                let mut other = *state;
                compress_pair([&mut other, state], [rest, rest]);
                assert_eq!(other, *state, "{a} and {b} bytes");
            }
            assert_eq!([finished(&x), finished(&y)], [hashes[a], hashes[b]], "{a} and {b} bytes");
        }
    }
}

proptest! {
    #[test]
    fn any_mix_of_lengths(lengths in vec(prop_oneof![0_usize..200, 0_usize..5000], 0..40)) {
        let contents: Vec<_> = lengths.iter().map(|&length| content(length)).collect();
        for way in ways() {
            let pairings = Pairings::with(way);
            for (index, content) in contents.iter().enumerate() {
                pairings.hash(index, content);
            }
            let mut hashes: Vec<_> = pairings.finish().collect();
            hashes.sort_by_key(|&(index, _)| index);
            let expected: Vec<_> = contents.iter().map(|content| FileHash::of(content)).enumerate().collect();
            prop_assert_eq!(hashes, expected);
        }
    }
}
