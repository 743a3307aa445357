//! Laws that need Go's own code on the other side:
//!
//! - signatures get the verdict of Go's `crypto/ed25519`: wrong ones, points of small order, encodings that are not
//!   canonical;
//! - the client gives the lines, errors, reads and writes of golang.org/x/mod/sumdb, whatever the database serves;
//! - the go command downloads with our log as its database, and the client reads what it left behind.

use std::fs;
use std::path::Path;

use gomod_sum::Kind;
use gomod_sum::sumdb::VerifierKey;
use gomod_testkit::{GoCommand, ModuleTree, SumDbLog};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::driver::{World, log};
use super::go_side::{GoSide, hex};
use crate::sumdb_operations::SUMDB_OPERATIONS;

/// The verifier key whose bytes are these, so that any bytes can be a key.
fn key(bytes: &[u8; 32]) -> VerifierKey {
    use sha2::Digest as _;
    let key = [&[1], &bytes[..]].concat();
    let digest = sha2::Sha256::new().chain_update("k\n").chain_update(&key).finalize();
    let encoded = gomod_testkit::vectors::json_bytes(&[&[0xff, 0xff, 0xff], &key[..]].concat());
    let base64 = encoded["b64"].as_str().unwrap().strip_prefix("////").unwrap().to_owned();
    format!("k+{}+{base64}", hex(&digest[..4])).parse().unwrap()
}

fn number(low: u8, high: u8, fill: u8) -> [u8; 32] {
    let mut bytes = [fill; 32];
    (bytes[0], bytes[31]) = (low, high);
    bytes
}

/// Points of small order, in canonical encodings and others, and some that are no points.
fn odd_points() -> Vec<[u8; 32]> {
    let mut points = vec![[0; 32]];
    for low in [0, 1, 2, 3] {
        points.extend([number(low, 0, 0), number(low, 0x80, 0)]);
    }
    // p - 1, p, p + 1 … and the largest numbers, with and without the sign bit.
    for low in 0xe8..=0xff {
        points.extend([number(low, 0x7f, 0xff), number(low, 0xff, 0xff)]);
    }
    for order_8 in [
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ] {
        let mut bytes: Vec<u8> =
            (0..32).map(|i| u8::from_str_radix(&order_8[2 * i..2 * i + 2], 16).unwrap()).collect();
        points.push(bytes.clone().try_into().unwrap());
        bytes[31] ^= 0x80;
        points.push(bytes.try_into().unwrap());
    }
    points
}

/// Zero, one, and the numbers around the order of the group, its multiples and the limits of 253 bits.
fn odd_scalars() -> Vec<[u8; 32]> {
    let order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let order: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&order[2 * i..2 * i + 2], 16).unwrap()).collect();
    let mut scalars =
        vec![[0; 32], number(1, 0, 0), [0xff; 32], number(0, 0x20, 0), number(0xff, 0x1f, 0xff)];
    for add in [-1_i16, 0, 1] {
        let mut bytes: [u8; 32] = order.clone().try_into().unwrap();
        bytes[0] = u8::try_from(i16::from(bytes[0]) + add).unwrap();
        scalars.push(bytes);
    }
    scalars
}

fn go_verifies(key: &[u8; 32], message: &[u8], signature: &[u8]) -> Option<bool> {
    let request = json!({
        "Op": "verify", "PublicKey": hex(key), "Message": hex(message), "Sig": hex(signature),
    });
    GoSide::ask(&request).map(|answer| answer.as_bool().unwrap())
}

#[test]
fn odd_signatures_get_the_verdict_of_go() {
    let points = odd_points();
    let (mut asked, mut accepted) = (0, 0);
    for (position, public) in points.iter().enumerate() {
        let key = key(public);
        for (other, r) in points.iter().enumerate() {
            // Zero is the scalar that goes with points of small order; the others are tried with some of them.
            let zeros = [[0; 32]; 3].into_iter();
            let others = odd_scalars().into_iter().filter(|_| (position + other) % 6 == 0);
            for s in zeros.chain(others) {
                let signature = [&r[..], &s[..]].concat();
                // With a point of small order the verdict depends on the message.
                let message = [b"message ", &[u8::try_from(asked % 251).unwrap()][..]].concat();
                let Some(theirs) = go_verifies(public, &message, &signature) else { return };
                let ours = key.verify(&message, &signature);
                assert_eq!(ours, theirs, "key {} signature {}", hex(public), hex(&signature));
                asked += 1;
                accepted += u32::from(ours);
            }
        }
    }
    // It would prove little were all of them refused.
    assert!(asked > 10_000 && accepted > 20, "{accepted} of {asked}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn changed_signatures_get_the_verdict_of_go(message in any::<[u8; 8]>(), place in 0_usize..104, bit in 0_u8..9, cut in 0_usize..80) {
        let signer = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let mut public = signer.verifying_key().to_bytes();
        let mut message = message;
        let mut signature = ed25519_dalek::Signer::sign(&signer, &message).to_bytes().to_vec();
        // One bit of the key, the signature or the message, or none.
        let mask = if bit == 8 { 0 } else { 1 << bit };
        match place {
            0..32 => public[place] ^= mask,
            32..96 => signature[place - 32] ^= mask,
            _ => message[place - 96] ^= mask,
        }
        if cut < 8 {
            signature.truncate(cut * 9);
        }
        let Some(theirs) = go_verifies(&public, &message, &signature) else { return Ok(()) };
        prop_assert_eq!(key(&public).verify(&message, &signature), theirs);
        prop_assert_eq!(theirs, mask == 0 && cut >= 8);
    }
}

/// What is done to the files of a database.
#[derive(Debug, Clone)]
enum Fault {
    Missing,
    Flip(usize),
    Cut(usize),
    Long,
    /// A file of another state of the log, or of another log.
    Older(usize),
    Forged,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Missing),
        any::<usize>().prop_map(Fault::Flip),
        any::<usize>().prop_map(Fault::Cut),
        Just(Fault::Long),
        (1_usize..40).prop_map(Fault::Older),
        Just(Fault::Forged),
    ]
}

/// The text with one � where several follow each other.
fn single_replacements(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("\u{fffd}\u{fffd}") {
        text = text.replace("\u{fffd}\u{fffd}", "\u{fffd}");
    }
    text
}

/// The files that a log serves.
fn paths(log: &SumDbLog, height: u8) -> Vec<String> {
    let mut paths: Vec<_> = (0..log.len()).map(|i| format!("lookup/x.y/m{i}@v1.{i}.0")).collect();
    for size in 1..=log.len() {
        let tiles = gomod_sum::sumdb::tlog::Tile::new_tiles(height, 0, size as u64);
        paths.extend(tiles.iter().map(ToString::to_string));
    }
    paths.sort();
    paths.dedup();
    paths
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_served_the_client_does_as_go(
        size in 1_usize..40,
        height in 1_u8..5,
        known in prop::option::of(1_usize..40),
        faults in prop::collection::vec((any::<usize>(), fault()), 0..6),
        lookups in prop::collection::vec((0_usize..40, any::<bool>()), 1..4),
        cached in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        let honest = log(size, height.into());
        let mut forged = honest.clone();
        forged.rewrite(size / 2, "x.y/forged v1.0.0 h1:forged\n");
        let paths = paths(&honest, height);
        let mut remote: std::collections::BTreeMap<String, Vec<u8>> =
            paths.iter().filter_map(|path| Some((format!("/{path}"), honest.get(path)?))).collect();
        let content = |bytes: &[u8]| gomod_testkit::vectors::json_bytes(bytes);
        let cache: serde_json::Map<String, Value> = cached
            .iter()
            .map(|position| &paths[position % paths.len()])
            .filter_map(|path| Some((format!("sum.example.org/{path}"), content(&honest.get(path)?))))
            .collect();
        for (position, fault) in faults {
            let path = &paths[position % paths.len()];
            let Some(mut bytes) = honest.get(path) else { continue };
            match fault {
                Fault::Missing => bytes.clear(),
                Fault::Flip(place) => { let place = place % bytes.len(); bytes[place] ^= 1 << (position % 8); }
                Fault::Cut(length) => bytes.truncate(length % bytes.len()),
                Fault::Long => bytes.push(b'x'),
                Fault::Older(size) => bytes = honest.get_at(path, size.min(honest.len())).unwrap_or_default(),
                Fault::Forged => bytes = forged.get(path).unwrap_or_default(),
            }
            if bytes.is_empty() { remote.remove(&format!("/{path}")) } else { remote.insert(format!("/{path}"), bytes) };
        }
        let lookups: Vec<Value> = lookups
            .iter()
            .map(|(i, is_go_mod)| {
                let i = i % size;
                json!({"path": format!("x.y/m{i}"), "version": format!("v1.{i}.0{}", if *is_go_mod { "/go.mod" } else { "" })})
            })
            .collect();
        let remote: serde_json::Map<String, Value> = remote.iter().map(|(path, bytes)| (path.clone(), content(bytes))).collect();
        let input = json!({
            "key": honest.key(), "tile_height": height, "latest": known.map_or_else(String::new, |known| honest.head(known.min(size))),
            "remote": remote, "cache": cache, "lookups": lookups,
        });
        let Some(theirs) = GoSide::ask(&input) else { return Ok(()) };
        let (_, run) = SUMDB_OPERATIONS.iter().find(|(name, _)| *name == "sumdb_lookup").unwrap();
        let mut ours = run(&input).value.unwrap();
        for lookup in ours["lookups"].as_array_mut().unwrap() {
            lookup.as_object_mut().unwrap().remove("skipped");
        }
        // How errors about a tile's length are worded is left to each, and so is how many � stand for bytes that are
        // no text: Go writes one for each byte, Rust one for each cut-off character.
        let comparable = |lookup: &Value| match lookup["error"].as_str() {
            Some(error) if error.contains("tile/") => json!("tile"),
            Some(error) => json!({"ok": lookup["ok"], "error": single_replacements(error)}),
            // Where a record holds no line of the module, Go writes none, not an empty list.
            None => json!({"ok": lookup["ok"], "lines": lookup["lines"].as_array().cloned().unwrap_or_default()}),
        };
        let verdicts = |answer: &Value| -> Vec<Value> {
            answer["lookups"].as_array().unwrap().iter().map(comparable).collect()
        };
        let (our_verdicts, their_verdicts) = (verdicts(&ours), verdicts(&theirs));
        let is_verdict = |lookup: &Value| {
            let error = lookup["error"].as_str().unwrap_or_default();
            error.contains("misbehaving server") || error.contains("invalid signature")
        };
        // After a verdict nothing is asked any more; Go goes on.
        if let Some(end) = our_verdicts.iter().position(is_verdict) {
            prop_assert_eq!(&our_verdicts[..=end], &their_verdicts[..=end], "{}", input);
            return Ok(());
        }
        let our_lookups_failed = ours["lookups"].as_array().unwrap().iter().any(|lookup| lookup["ok"] == false);
        prop_assert_eq!(our_verdicts, their_verdicts, "{}", input);
        prop_assert_eq!(&ours["latest"], &theirs["latest"], "{}", input);
        // What is read again because a file of the cache is under suspicion, Go does not read.
        if !cached.is_empty() && our_lookups_failed {
            return Ok(());
        }
        for field in ["remote_reads", "cache_writes", "latest_writes"] {
            prop_assert_eq!(&ours[field], &theirs[field], "{}: {}", field, input);
        }
    }
}

#[test]
fn the_go_command_believes_our_log_and_we_its_cache() {
    let Some(go) = GoCommand::find("the go command asks our checksum database") else { return };
    let root = tempfile::tempdir().unwrap();
    let mut tree = ModuleTree::new();
    let mut database = SumDbLog::new("sum.example.org", 8);
    for i in 0..5 {
        database.add(&format!("x.y/other{i}"), "v1.0.0", &format!("x.y/other{i} v1.0.0 h1:{i}\n"));
    }
    let (path, version) = ("example.com/m", "v1.0.0");
    tree = tree.module(path, version, &[("m.go", b"package m\n")]);
    let proxy = root.path().join("proxy");
    tree.write_to(&proxy);
    let zip =
        gomod_sum::hash_zip_file(proxy.join("example.com/m/@v/v1.0.0.zip"), std::num::NonZeroUsize::MIN)
            .unwrap();
    let go_mod = gomod_sum::hash_go_mod(&fs::read(proxy.join("example.com/m/@v/v1.0.0.mod")).unwrap());
    database.add(path, version, &format!("{path} {version} {zip}\n{path} {version}/go.mod {go_mod}\n"));
    let served = root.path().join("sumdb");
    database.write_to(&served).unwrap();

    let file_url = |dir: &Path| format!("file://{}", dir.display());
    let run = go
        .command(&["mod", "download", "-json", "example.com/m@v1.0.0"], root.path())
        .proxy(&file_url(&proxy))
        .env("GOSUMDB", format!("{} {}", database.key(), file_url(&served)))
        .run()
        .expect_success();
    assert!(run.stdout.contains(&zip.to_string()));

    // What go left behind answers us without any network.
    let mut world = World::new(&database);
    world.size = 0;
    world.head = fs::read(root.path().join("gopath/pkg/sumdb/sum.example.org/latest")).unwrap();
    let cache = gomod_testkit::mod_cache(root.path()).join("cache/download/sumdb/sum.example.org");
    for path in ["lookup/example.com/m@v1.0.0", "tile/8/0/000.p/6"] {
        world.cache.insert(path.to_owned(), fs::read(cache.join(path)).unwrap());
    }
    let mut session = gomod_sum::sumdb::Session::new(world.key.clone());
    session.lookup_raw(path, version);
    let lines = world.run(&mut session).unwrap().remove(0).result.unwrap();
    assert_eq!(world.network_reads, [""; 0]);
    lines.verify(Kind::Zip, &zip).unwrap();
    lines.verify(Kind::GoMod, &go_mod).unwrap();

    // A database with another hash is believed more than the proxy.
    database.rewrite(5, &format!("{path} {version} {go_mod}\n{path} {version}/go.mod {zip}\n"));
    let other = root.path().join("other");
    database.write_to(&other).unwrap();
    let home = root.path().join("home");
    fs::create_dir(&home).unwrap();
    let run = go
        .command(&["mod", "download", "-json", "example.com/m@v1.0.0"], &home)
        .proxy(&file_url(&proxy))
        .env("GOSUMDB", format!("{} {}", database.key(), file_url(&other)))
        .run();
    assert!(!run.success() && run.stdout.contains("SECURITY ERROR"), "{run:?}");
}
