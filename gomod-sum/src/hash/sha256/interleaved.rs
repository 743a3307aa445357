//! Two messages in turns with the SHA instructions of x86-64: each waits for the one before it in its own message, and
//! the processor does one of the other message meanwhile.
//!
//! This is the one place in the workspace with unsafe code: the call of `compress_pair`, which only a processor with
//! these instructions may run. `if_supported` alone hands it out, after asking the processor.

#![expect(clippy::many_single_char_names, reason = "FIPS 180-4 calls them so")]

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_set_epi32, _mm_set_epi64x,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
};
use std::array;

use super::block::{Block, CompressPair, State};

/// K of FIPS 180-4, section 4.2.2, by fours.
#[rustfmt::skip]
const ROUNDS: [[u32; 4]; 16] = [
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5], [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3], [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc], [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7], [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13], [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3], [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5], [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208], [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
];

/// Returns this way, on a processor that has the instructions for it.
pub(super) fn if_supported() -> Option<CompressPair> {
    let supported = is_x86_feature_detected!("sha") && is_x86_feature_detected!("avx");
    supported.then_some(|states, blocks| {
        // SAFETY: the two features that the function is compiled for are there, as was just found out. It takes and
        // gives nothing but references and is safe otherwise.
        unsafe { compress_pair(states, blocks) }
    })
}

#[target_feature(enable = "sha,avx")]
fn compress_pair(states: [&mut State; 2], [x, y]: [&[Block]; 2]) {
    let [a_state, b_state] = states;
    let (mut a, mut b) = (Lane::load(a_state), Lane::load(b_state));
    for (x, y) in x.iter().zip(y) {
        let (a_before, b_before) = ((a.abef, a.cdgh), (b.abef, b.cdgh));
        let (mut a_words, mut b_words) = (words(x), words(y));
        let (scheduling, last) = ROUNDS.split_at(12);
        for &k in scheduling {
            four_rounds([&mut a, &mut b], [a_words[0], b_words[0]], k);
            (a_words, b_words) = (next_words(a_words), next_words(b_words));
        }
        for ((&k, a_words), b_words) in last.iter().zip(a_words).zip(b_words) {
            four_rounds([&mut a, &mut b], [a_words, b_words], k);
        }
        a.add(a_before);
        b.add(b_before);
    }
    a.store(a_state);
    b.store(b_state);
}

/// The state of a message, in the order in which the instructions take it.
struct Lane {
    abef: __m128i,
    cdgh: __m128i,
}

impl Lane {
    #[inline]
    #[target_feature(enable = "sha,avx")]
    fn load(state: &State) -> Self {
        let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
        Self { abef: _mm_set_epi32(a, b, e, f), cdgh: _mm_set_epi32(c, d, g, h) }
    }

    #[inline]
    #[target_feature(enable = "sha,avx")]
    fn store(&self, state: &mut State) {
        let [a, b, e, f] = words_of(self.abef);
        let [c, d, g, h] = words_of(self.cdgh);
        *state = [a, b, c, d, e, f, g, h];
    }

    #[inline]
    #[target_feature(enable = "sha,avx")]
    fn add(&mut self, (abef, cdgh): (__m128i, __m128i)) {
        self.abef = _mm_add_epi32(self.abef, abef);
        self.cdgh = _mm_add_epi32(self.cdgh, cdgh);
    }
}

/// Four rounds of both, with their words and the constants of those rounds.
#[inline]
#[target_feature(enable = "sha,avx")]
fn four_rounds([a, b]: [&mut Lane; 2], words: [__m128i; 2], [k0, k1, k2, k3]: [u32; 4]) {
    let k = _mm_set_epi32(k3.cast_signed(), k2.cast_signed(), k1.cast_signed(), k0.cast_signed());
    let [x, y] = words.map(|words| _mm_add_epi32(words, k));
    a.cdgh = _mm_sha256rnds2_epu32(a.cdgh, a.abef, x);
    b.cdgh = _mm_sha256rnds2_epu32(b.cdgh, b.abef, y);
    a.abef = _mm_sha256rnds2_epu32(a.abef, a.cdgh, _mm_shuffle_epi32::<0b1110>(x));
    b.abef = _mm_sha256rnds2_epu32(b.abef, b.cdgh, _mm_shuffle_epi32::<0b1110>(y));
}

/// The words of a block, which are big-endian.
#[inline]
#[target_feature(enable = "sha,avx")]
fn words(block: &Block) -> [__m128i; 4] {
    let reverse = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let (halves, _) = block.as_chunks().0.as_chunks();
    array::from_fn(|i| {
        let [low, high] = halves[i].map(i64::from_le_bytes);
        _mm_shuffle_epi8(_mm_set_epi64x(high, low), reverse)
    })
}

/// The words of the schedule that come after these four times four, in place of the first four.
#[inline]
#[target_feature(enable = "sha,avx")]
fn next_words([w0, w1, w2, w3]: [__m128i; 4]) -> [__m128i; 4] {
    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
    [w1, w2, w3, _mm_sha256msg2_epu32(sum, w3)]
}

/// From the highest to the lowest.
#[inline]
#[target_feature(enable = "sha,avx")]
fn words_of(value: __m128i) -> [u32; 4] {
    [
        _mm_extract_epi32::<3>(value),
        _mm_extract_epi32::<2>(value),
        _mm_extract_epi32::<1>(value),
        _mm_extract_epi32::<0>(value),
    ]
    .map(i32::cast_unsigned)
}
