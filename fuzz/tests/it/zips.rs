//! Law: whatever bytes a zip has, its entries, contents, `h1:`, report and extracted files are those of Go's archive/zip
//! and golang.org/x/mod, or it is refused for a limit that is documented.
//!
//! `GOMOD_FUZZ_ZIPS` zips are made of those of the corpus, from the seed `GOMOD_FUZZ_SEED`.

use std::collections::BTreeMap;
use std::fs;

use gomod_testkit::vectors::{ZipCase, ZipOperation, zip_cases, zip_index};
use serde_json::{Value, json};

use crate::go_side::GoSide;
use crate::mutate::Random;
use crate::{archive_operations, count, sum_operations, zip_operations};

const BATCH: usize = 100;
/// Larger zips take long to read, whatever is done to them.
const LARGE: usize = 20_000;

fn operations() -> impl Iterator<Item = &'static ZipOperation> {
    [archive_operations::ZIP_OPERATIONS, sum_operations::ZIP_OPERATIONS, zip_operations::ZIP_OPERATIONS]
        .into_iter()
        .flatten()
}

/// Where the records of a zip begin.
fn records(zip: &[u8]) -> Vec<usize> {
    let is_record = |bytes: &[u8]| {
        bytes.starts_with(b"PK") && matches!(bytes[2..], [1, 2] | [3, 4] | [5 | 6, 6] | [6, 7] | [7, 8])
    };
    zip.windows(4).enumerate().filter(|(_, bytes)| is_record(bytes)).map(|(at, _)| at).collect()
}

fn mutate(zip: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(4).min(random.below(4)) {
        let records = records(zip);
        let near = |random: &mut Random, reach: usize| match records.as_slice() {
            [] => 0,
            records => random.pick(records) + random.below(reach),
        };
        let at = random.below(zip.len() + 1);
        let byte = u8::try_from(random.below(256)).unwrap();
        match random.below(14) {
            0 if at < zip.len() => zip[at] ^= 1 << random.below(8),
            1 if at < zip.len() => zip[at] = byte,
            2 => drop(zip.drain(at..(at + random.below(40)).min(zip.len()))),
            3 => drop(zip.splice(at..at, (0..random.below(40)).map(|_| byte))),
            4 if random.one_in(3) => zip.truncate(at),
            4 if random.one_in(2) => drop(zip.drain(..at)),
            4 => zip.extend_from_slice(random.pick::<Vec<u8>>(others)),
            5 => {
                let end = (at + random.below(200)).min(zip.len());
                let part = zip[at..end].to_vec();
                let to = random.below(zip.len() + 1);
                zip.splice(to..to, part);
            }
            6 | 7 => {
                let at = near(random, 46);
                let step = *random.pick(&[1, 255, 2, 254, 16, 240]);
                zip.get_mut(at).into_iter().for_each(|byte| *byte = byte.wrapping_add(step));
            }
            // What follows a local header is its name and content.
            8 => {
                let (at, bit) = (near(random, 150), random.below(8));
                zip.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << bit);
            }
            _ => {
                let (at, width) = (near(random, 60), *random.pick(&[1, 2, 4, 8]));
                let (any, small, length) = (random.next(), random.below(300) as u64, zip.len() as u64);
                let edges = [0, 1, 0xffff, 0xffff_ffff, 1 << 63, u64::MAX >> 1, u64::MAX];
                let near_edges = [small, u64::MAX - small, length.saturating_sub(small), any];
                let number = *random.pick(&[edges.as_slice(), &near_edges].concat());
                let bytes = number.to_le_bytes();
                zip.iter_mut().skip(at).zip(&bytes[..width]).for_each(|(old, new)| *old = *new);
            }
        }
    }
}

/// Differences that are known and documented.
fn is_listed(name: &str, case: &ZipCase, answer: &Value, ours: &Value, theirs: &Value) -> bool {
    let refusal = answer["error"].as_str().unwrap_or_default();
    match name {
        // The prefix is that of a module, so the path and version must be one.
        "go_download_prefix" => {
            ours["ok"] == false && gomod_module::ModuleVersion::parse(&case.path, &case.version).is_err()
        }
        "list" => same_damage(ours, theirs),
        // Every limit of ours that Go does not have.
        _ => {
            let limits = ["more than 1000000", "directory is", "content of the zip file is too large"];
            ours["ok"] == false && limits.iter().any(|limit| refusal.contains(limit))
        }
    }
}

/// Whether the lists differ in nothing but what is wrong with a deflate stream, which can be both corrupt and cut.
fn same_damage(ours: &Value, theirs: &Value) -> bool {
    let without = |list: &Value| {
        rewritten(list, |reason| match reason {
            "corrupt" | "unexpected EOF" => "damaged".into(),
            reason => reason.into(),
        })
    };
    without(ours) == without(theirs)
}

/// A list with other words for what is wrong with it and its entries.
fn rewritten(list: &Value, words: impl Fn(&str) -> String) -> Value {
    let mut list = list.clone();
    let rewrite = |value: &mut Value| {
        if let Some(text) = value.get("error").and_then(Value::as_str) {
            value["error"] = words(text).into();
        }
    };
    rewrite(&mut list);
    let entries = list.pointer_mut("/value/entries").and_then(Value::as_array_mut);
    entries.into_iter().flatten().for_each(rewrite);
    list
}

/// The reasons that are told apart, in the same words on both sides.
fn normal(name: &str, answer: &Value) -> Value {
    if name != "list" {
        return json!({"ok": answer["ok"], "value": answer.get("value")});
    }
    rewritten(answer, |text| match text.trim_start_matches("zip: ") {
        "EOF" => "unexpected EOF".into(),
        // What the system says to an offset that no file can have.
        text if text.ends_with(": invalid argument") => "unexpected EOF".into(),
        text if text.ends_with("negative offset") => "not a valid zip file".into(),
        text if text.starts_with("flate: corrupt input") || text.starts_with("corrupt deflate data") => {
            "corrupt".into()
        }
        text if text.starts_with("unsupported compression algorithm") => {
            "unsupported compression algorithm".into()
        }
        text => text.into(),
    })
}

#[test]
fn zips() {
    let Some(mut go) = GoSide::start("zips") else { return };
    let (count, seed) = (count("GOMOD_FUZZ_ZIPS", 400), count("GOMOD_FUZZ_SEED", 1));
    let mut random = Random::new(seed);
    let mut corpus = zip_cases(&zip_index());
    corpus.retain(|case| case.line["heavy"] != true);
    let mut data: Vec<_> = corpus.iter().map(|case| fs::read(&case.file).unwrap()).collect();
    let mut is_small = data.iter().map(|zip| zip.len() <= LARGE).collect::<Vec<_>>().into_iter();
    corpus.retain(|_| is_small.next().unwrap());
    data.retain(|zip| zip.len() <= LARGE);

    let dir = tempfile::tempdir().unwrap();
    let (mut done, mut accepted) = (0, BTreeMap::new());
    while done < count {
        let mut cases = Vec::new();
        for number in 0..BATCH {
            let index = random.below(corpus.len());
            let mut zip = data[index].clone();
            mutate(&mut zip, &data, &mut random);
            let file = dir.path().join(format!("{number}.zip"));
            fs::write(&file, zip).unwrap();
            let ZipCase { path, version, .. } = &corpus[index];
            let operations: Vec<_> =
                operations().filter(|(name, _)| *name != "unzip" || random.one_in(4)).collect();
            let line = json!({"file": file, "path": path, "version": version});
            cases.push((ZipCase { file, path: path.clone(), version: version.clone(), line }, operations));
        }
        let requests: Vec<_> = cases
            .iter()
            .flat_map(|(case, operations)| operations.iter().map(|(name, _)| (*name, case.line.clone())))
            .collect();
        let mut answers = go.ask(&requests).into_iter();
        for (case, operations) in &cases {
            for (name, run) in operations {
                let (ours, theirs) = (run(case).to_json(), answers.next().unwrap());
                let (normal_ours, normal_theirs) = (normal(name, &ours), normal(name, &theirs));
                let same = normal_ours == normal_theirs;
                if !same && !is_listed(name, case, &ours, &normal_ours, &normal_theirs) {
                    let kept = std::env::temp_dir().join("gomod-fuzz-disagreement.zip");
                    fs::copy(&case.file, &kept).unwrap();
                    panic!(
                        "{name} after {done} zips of seed {seed}, kept as {}\n  in   {}\n  go   {theirs}\n  ours {ours}",
                        kept.display(),
                        case.line,
                    );
                }
                let (all, ok, listed): &mut (u64, u64, u64) = accepted.entry(*name).or_default();
                *all += 1;
                *ok += u64::from(theirs["ok"] == true);
                *listed += u64::from(!same);
            }
            done += 1;
        }
    }
    eprintln!("{done} zips agree; cases, successes and listed differences: {accepted:?}");
}
