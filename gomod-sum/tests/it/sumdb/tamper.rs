//! The law: one flipped bit anywhere in what the database sends is never believed, and one flipped bit in what was
//! stored is repaired from the network.

use std::collections::BTreeMap;

use gomod_sum::Kind;
use gomod_sum::sumdb::tlog::{HashRead, Tile, stored_hash_index};
use gomod_sum::sumdb::{Hash, TreeHead};
use gomod_testkit::SumDbLog;

use super::driver::{World, log};

/// A bit that depends on the place only, so that a failure can be repeated.
fn flip(content: &[u8], place: usize) -> Vec<u8> {
    let mut content = content.to_vec();
    content[place] ^= 1 << ((place * 7 + content.len()) % 8);
    content
}

#[test]
fn one_flipped_bit_in_every_byte() {
    for size in [1, 2, 3, 5, 7, 12, 21] {
        let log = log(size, 2);
        for id in [0, size / 2, size - 1] {
            let (path, version) = (format!("x.y/m{id}"), format!("v1.{id}.0"));
            let mut honest = World::new(&log);
            let truth = honest.lookup(&path, &version).unwrap().result.unwrap();
            for (file, content) in &honest.cache {
                for place in 0..content.len() {
                    let flipped = flip(content, place);
                    let mut world = World::new(&log);
                    world.replace.insert(file.clone(), flipped.clone());
                    let answer = world.lookup(&path, &version);
                    if let Ok(answer) = answer
                        && let Ok(lines) = answer.result
                    {
                        // The note has places that mean nothing: unused bits of base64, names of unknown keys.
                        assert!(file.starts_with("lookup/"), "{file} with byte {place} flipped is believed");
                        assert_eq!(lines.proof().record(), truth.proof().record(), "byte {place}");
                    } else {
                        assert!(
                            !world.cache.contains_key(file),
                            "{file} with byte {place} flipped is stored"
                        );
                    }

                    if place % 5 == 0 {
                        let mut world = World::new(&log);
                        world.cache = honest.cache.clone();
                        world.head.clone_from(&honest.head);
                        world.cache.insert(file.clone(), flipped);
                        let lines = world.lookup(&path, &version).unwrap().result.unwrap();
                        assert_eq!(lines.lines(Kind::Zip).count(), 1);
                        assert_eq!(lines.proof().record(), truth.proof().record());
                    }
                }
            }
        }
    }
}

/// All hashes of a log through its tiles: right ones prove, and a flipped bit in any byte of any tile does not.
fn tamper(log: &SumDbLog, height: u8, records: impl Iterator<Item = usize>, all_bits: bool) -> usize {
    let size = log.len();
    let head = TreeHead { size: size.try_into().unwrap(), hash: Hash::from_bytes(log.root(size)) };
    let mut tiles: BTreeMap<Tile, Vec<u8>> = BTreeMap::new();
    let mut refused = 0;
    for id in records {
        let read = HashRead::new(head, height, &[stored_hash_index(0, id.try_into().unwrap())]).unwrap();
        for tile in read.tiles() {
            tiles.entry(*tile).or_insert_with(|| log.get(&tile.to_string()).unwrap());
        }
        let mut contents: Vec<Vec<u8>> = read.tiles().iter().map(|tile| tiles[tile].clone()).collect();
        assert_eq!(read.hashes(&contents).unwrap(), [Hash::from_bytes(log.leaf(id))]);
        for position in 0..contents.len() {
            for place in 0..contents[position].len() {
                for bit in 0..8 {
                    if !all_bits && bit != (place * 7 + id) % 8 {
                        continue;
                    }
                    contents[position][place] ^= 1 << bit;
                    assert!(
                        read.hashes(&contents).is_err(),
                        "record {id}, {}, byte {place}",
                        read.tiles()[position]
                    );
                    contents[position][place] ^= 1 << bit;
                    refused += 1;
                }
            }
        }
    }
    refused
}

#[test]
fn small_trees_bit_by_bit() {
    let sizes: &[usize] =
        if cfg!(debug_assertions) { &[1, 2, 7, 33] } else { &[1, 2, 3, 7, 13, 33, 64, 77, 100] };
    for &size in sizes {
        let log = log(size, 2);
        assert!(tamper(&log, 2, 0..size, !cfg!(debug_assertions)) > 0);
    }
}

#[cfg(not(debug_assertions))]
#[test]
fn seventy_thousand_records() {
    let log = log(70_000, 8);
    let refused = tamper(&log, 8, [0, 255, 256, 31_337, 65_535, 65_536, 69_999].into_iter(), false);
    assert!(refused > 70_000, "{refused}");
}
