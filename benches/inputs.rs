//! What is measured: made by the benchmarks themselves, the same in every run.

use std::fmt::Write as _;

use gomod_testkit::{ModuleZip, source_text};

use crate::measuring;

/// A module zip to be measured.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "unpublished")]
pub struct Input {
    /// What it is called in the results.
    pub name: &'static str,
    /// The bytes of the zip.
    pub zip: Vec<u8>,
}

/// How many of a thousand files have this many bytes: the files of the 161 modules that a project needs which imports
/// client-go, aws-sdk-go and prometheus.
const TYPICAL: [(usize, usize); 16] = [
    (100, 74),
    (400, 99),
    (800, 92),
    (1500, 141),
    (3000, 166),
    (6000, 132),
    (12_000, 144),
    (22_000, 73),
    (45_000, 44),
    (90_000, 19),
    (180_000, 7),
    (350_000, 4),
    (700_000, 2),
    (1_400_000, 1),
    (2_800_000, 1),
    (5_600_000, 1),
];

/// Returns module zips of three classes of size; tiny ones where nothing is measured.
pub fn inputs() -> Vec<Input> {
    let scale = if measuring() { 1 } else { 500 };
    let around = |mean: usize, i: usize| (mean / 4 + i * 7919 % 7 * mean / 4) / scale;
    let large = if measuring() { 8_000_000 } else { 10_000 };
    vec![
        build("5,000 files of 6 kB", (0..5000 / scale).map(|i| around(6000, i))),
        build("8 files of 8 MB", (0..8).map(|i| around(large, i))),
        build("2,000 files as modules have them", typical(2000 / scale)),
    ]
}

/// Returns a go.sum of this many lines, in the order in which Go writes them.
pub fn go_sum(lines: usize) -> String {
    let mut text = String::new();
    for i in 0..lines / 2 {
        let key = format!("example.com/owner{:03}/module{:05} v1.{}.0", i / 500, i / 5, i % 5);
        for kind in ["", "/go.mod"] {
            // As long as a hash in base64, which no reader of go.sum decodes.
            let digits = (i as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let _ = writeln!(text, "{key}{kind} h1:{digits:043x}=");
        }
    }
    text
}

/// Returns a go.mod of this many requirements.
pub fn go_mod(requirements: usize) -> String {
    let mut text = "module example.com/bench\n\ngo 1.24\n\nrequire (\n".to_owned();
    for i in 0..requirements {
        let _ = writeln!(text, "\texample.com/owner{}/module{i} v1.{}.{}", i % 7, i % 11, i % 3);
    }
    text + ")\n"
}

/// The lengths of `files` files: each thousand as [`TYPICAL`] has them, in an order that mixes them.
fn typical(files: usize) -> impl Iterator<Item = usize> {
    let sizes: Vec<usize> = TYPICAL.iter().flat_map(|&(size, count)| vec![size; count]).collect();
    (0..files).filter_map(move |i| sizes.get(i * 617 % sizes.len()).copied())
}

fn build(name: &'static str, lengths: impl Iterator<Item = usize>) -> Input {
    let zip = lengths.enumerate().fold(ModuleZip::new("example.com/bench", "v1.0.0"), |zip, (i, length)| {
        zip.file(&format!("pkg{}/file{i}.go", i % 97), source_text(i as u64, length))
    });
    Input { name, zip: zip.build() }
}
