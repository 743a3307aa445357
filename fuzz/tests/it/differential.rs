//! Law: whatever text an operation on names, go.mod and go.work files, notes, records and tiles is given, its answer is that of golang.org/x/mod.
//!
//! `GOMOD_FUZZ_CASES` inputs are made of those of the vectors, from the seed `GOMOD_FUZZ_SEED`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gomod_module::semver;
use gomod_testkit::vectors::{Operation, bytes};
use serde_json::Value;

use crate::count;
use crate::go_side::GoSide;
use crate::module_operations::OPERATIONS;
use crate::mutate::{Random, input};
use crate::sumdb_operations::SUMDB_OPERATIONS;

const BATCH: usize = 2000;

/// Operations whose errors are texts that users know from Go.
const SAME_TEXT: [&str; 13] = [
    "check",
    "check_path",
    "check_import_path",
    "check_file_path",
    "escape_path",
    "escape_version",
    "unescape_path",
    "unescape_version",
    "check_path_major",
    "pseudo_parse",
    "modfile_parse",
    "modfile_parse_lax",
    "workfile_parse",
];

/// Go's own name for what should not have happened; here the version is disallowed.
const INCONSISTENCY: &str = "internal error: inconsistency in EscapePath";

/// The texts of a checksum database.
const SUMS: [&str; 6] = [
    "note_open",
    "note_verifier",
    "tlog_parse_hash",
    "tlog_parse_tree",
    "tlog_parse_record",
    "tlog_parse_tile_path",
];

/// This one belongs to cmd/go and not to x/mod: its vectors come from the command itself.
const OF_THE_COMMAND: &str = "go_env_resolve";

fn inputs() -> Vec<(Operation, Vec<Value>)> {
    let of = |dir: &str, name: &str| -> Vec<Value> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(dir);
        let data = fs::read_to_string(dir.join(format!("{name}.jsonl"))).unwrap();
        let line = |line| serde_json::from_str::<Value>(line).unwrap()["in"].take();
        data.split_terminator('\n').map(line).collect()
    };
    let names = OPERATIONS.iter().filter(|(name, _)| *name != OF_THE_COMMAND);
    let names = names.map(|operation| (*operation, of("gomod-module/tests/data", operation.0)));
    let sums = SUMDB_OPERATIONS.iter().filter(|(name, _)| SUMS.contains(name));
    names.chain(sums.map(|operation| (*operation, of("gomod-sum/tests/data/sumdb", operation.0)))).collect()
}

/// Whether Go says in which order these modules come.
fn is_ordered(list: &Value) -> bool {
    let list: Vec<(Vec<u8>, Vec<u8>)> = list
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .map(|module| (bytes(&module["path"]), bytes(&module["version"])))
        .collect();
    let before_slash = |version: &[u8]| {
        let version = version.split(|byte| *byte == b'/').next().unwrap_or_default();
        String::from_utf8_lossy(version).into_owned()
    };
    list.iter().enumerate().all(|(i, a)| {
        list[..i].iter().filter(|b| a.0 == b.0).all(|b| {
            let (v, w) = (before_slash(&a.1), before_slash(&b.1));
            v == w || semver::compare(&v, &w).is_ne()
        })
    })
}

/// Whether the answers are the same, or their difference is one that is known and documented.
fn agree(name: &str, input: &Value, ours: &Value, theirs: &Value) -> bool {
    let is_text = !input.to_string().contains("\"b64\"");
    if name == "tlog_parse_tile_path"
        && theirs["value"]["l"].as_u64().is_some_and(|level| level > u32::MAX.into())
    {
        // No log has such levels.
        return ours["ok"] == false;
    }
    if ours["ok"] != theirs["ok"] {
        // What is taken as text need not say more of other bytes than that they are none.
        return !is_text && ours["ok"] == false && ours["error"] == "invalid UTF-8";
    }
    if name == "pseudo_make" && !is_text {
        // Bytes that are no text cannot be handed in.
        return true;
    }
    if name == "pseudo_parse" {
        // The parts have errors of their own.
        return agree_parts(&ours["value"], &theirs["value"]);
    }
    if ours.get("value") != theirs.get("value") {
        return false;
    }
    let texts = (&ours["error"], &theirs["error"]);
    let compared = is_text && SAME_TEXT.contains(&name) && texts.1.is_string() && texts.1 != INCONSISTENCY;
    !compared || texts.0 == texts.1
}

fn agree_parts(ours: &Value, theirs: &Value) -> bool {
    ["time", "rev", "base"].into_iter().all(|part| {
        let (ours, theirs) = (&ours[part], &theirs[part]);
        ours["ok"] == theirs["ok"] && (ours["ok"] == false || ours["value"] == theirs["value"])
    })
}

#[test]
fn names_and_files() {
    let Some(mut go) = GoSide::start("names_and_files") else { return };
    let (cases, seed) = (count("GOMOD_FUZZ_CASES", 20_000), count("GOMOD_FUZZ_SEED", 1));
    let (mut random, operations) = (Random::new(seed), inputs());
    let (mut done, mut accepted) = (0, BTreeMap::new());
    while done < cases {
        let batch: Vec<(Operation, Value)> = (0..BATCH)
            .map(|_| {
                let (operation, like) = random.pick(&operations);
                (*operation, input(like, &mut random))
            })
            .filter(|((name, _), input)| *name != "module_sort" || is_ordered(&input["list"]))
            .collect();
        let requests: Vec<_> = batch.iter().map(|((name, _), input)| (*name, input.clone())).collect();
        for (((name, run), input), theirs) in batch.iter().zip(go.ask(&requests)) {
            let ours = run(input).to_json();
            assert!(
                agree(name, input, &ours, &theirs),
                "{name} after {done} cases of seed {seed}\n  in   {input}\n  go   {theirs}\n  ours {ours}"
            );
            done += 1;
            let (all, ok): &mut (u64, u64) = accepted.entry(*name).or_default();
            *all += 1;
            *ok += u64::from(theirs["ok"] == true);
        }
    }
    eprintln!("{done} cases agree; cases and successes: {accepted:?}");
}
