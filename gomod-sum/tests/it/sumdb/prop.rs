//! The laws: every record of every log is proven, and its proof can be checked again; the tiles and proofs of a log are
//! those of the recursion of RFC 6962; a changed record below a known head is a fork; no bytes make anything panic.

use gomod_sum::sumdb::tlog::{Tile, check_record, check_tree, prove_record, prove_tree, tree_hash};
use gomod_sum::sumdb::{
    Fork, GoSumDb, Hash, Misbehavior, Note, ReadSource, Record, RecordProof, SessionStep, TreeHead,
    VerifierKey,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::driver::{World, log};

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, ..ProptestConfig::default() }
}

/// Stored hashes of a log whose leaves are known.
fn stored(
    log: &gomod_testkit::SumDbLog,
) -> impl Fn(&[u64]) -> Result<Vec<Hash>, gomod_sum::sumdb::tlog::ProofError> {
    let size = log.len();
    let mut hashes: Vec<Hash> = Vec::new();
    for n in 0..size {
        let mut hash = Hash::from_bytes(log.leaf(n));
        hashes.push(hash);
        let mut stack = n;
        let mut width = 1;
        while stack % 2 == 1 {
            let tile = hashes.len();
            // The left sibling precedes all that is under the right one.
            hash = Hash::of_node(&hashes[tile - 2 * width], &hash);
            hashes.push(hash);
            stack /= 2;
            width *= 2;
        }
    }
    move |indexes| Ok(indexes.iter().map(|index| hashes[usize::try_from(*index).unwrap()]).collect())
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn every_record_is_proven(size in 1_usize..90, known in 0_usize..90) {
        let log = log(size, 2);
        let mut world = World::new(&log);
        if (1..=size).contains(&known) {
            world.head = log.head(known).into_bytes();
        }
        let mut session = world.session();
        for i in 0..size {
            session.lookup_raw(&format!("x.y/m{i}"), &format!("v1.{i}.0"));
        }
        for (i, answer) in world.run(&mut session).unwrap().into_iter().enumerate() {
            let lines = answer.result.unwrap();
            let expected = format!("x.y/m{i} v1.{i}.0 h1:zip{i}");
            prop_assert_eq!(lines.lines(gomod_sum::Kind::Zip).collect::<Vec<_>>(), [expected.as_str()]);
            let proof: RecordProof = lines.proof().to_string().parse().unwrap();
            prop_assert_eq!(proof.check(&world.key).unwrap().size, size as u64);
        }
        prop_assert_eq!(world.head, log.head(size).into_bytes());
    }

    #[test]
    fn proofs_are_those_of_the_rfc(size in 1_usize..130, a in any::<usize>(), b in any::<usize>(), flip in 0_usize..256) {
        let log = log(size, 2);
        let head = |n: usize| TreeHead { size: n as u64, hash: Hash::from_bytes(log.root(n)) };
        let (id, old) = (a % size, 1 + b % size);
        prop_assert_eq!(tree_hash(size as u64, stored(&log)).unwrap(), head(size).hash);
        let record = prove_record(size as u64, id as u64, stored(&log)).unwrap();
        let leaf = Hash::from_bytes(log.leaf(id));
        prop_assert_eq!(check_record(&record, &head(size), id as u64, &leaf), Ok(()));
        let tree = prove_tree(size as u64, old as u64, stored(&log)).unwrap();
        prop_assert_eq!(check_tree(&tree, &head(size), &head(old)), Ok(()));
        for position in 0..record.len() {
            let mut proof = record.clone();
            proof[position] = flipped(&proof[position], flip);
            prop_assert!(check_record(&proof, &head(size), id as u64, &leaf).is_err());
        }
        for position in 0..tree.len() {
            let mut proof = tree.clone();
            proof[position] = flipped(&proof[position], flip);
            prop_assert!(check_tree(&proof, &head(size), &head(old)).is_err());
        }
        prop_assert!(check_record(&record, &head(size), id as u64, &flipped(&leaf, flip)).is_err());
    }

    #[test]
    fn tiles_are_those_of_the_rfc(old in 0_u64..70, more in 0_u64..70) {
        let log = log(usize::try_from(old + more).unwrap(), 2);
        for tile in Tile::new_tiles(2, old, old + more) {
            prop_assert_eq!(log.get(&tile.to_string()).map(|content| content.len()), Some(tile.len()));
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        }
    }

    #[test]
    fn a_changed_record_is_a_fork(known in 2_usize..40, more in 0_usize..40, changed in any::<usize>()) {
        let honest = log(known, 2);
        let mut forged = log(known + more, 2);
        forged.rewrite(changed % known, "x.y/forged v1.0.0 h1:forged\n");
        let mut world = World::new(&forged);
        world.head = honest.head(known).into_bytes();
        world.keep(&honest, known);
        match world.lookup("x.y/m1", "v1.1.0") {
            Err(Misbehavior::Fork(fork)) => {
                prop_assert_eq!(fork.check(&world.key), Ok(()));
                prop_assert_eq!(Fork::parse(&fork.report()), Ok(*fork));
            }
            other => prop_assert!(false, "{other:?}"),
        }
        prop_assert_eq!(world.head, honest.head(known).into_bytes());
    }
}

fn flipped(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

proptest! {
    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let key: VerifierKey = log(0, 2).key().parse().unwrap();
        let _ = Note::open(&bytes, std::slice::from_ref(&key));
        let _ = TreeHead::parse(&bytes);
        let _ = Record::parse(&bytes);
        let _ = (text.parse::<VerifierKey>(), text.parse::<Tile>(), text.parse::<GoSumDb>());
        let _ = (text.parse::<RecordProof>(), Fork::parse(&text));
    }

    #[test]
    fn any_answers(files in vec(vec(any::<u8>(), 0..150), 1..8), head in vec(any::<u8>(), 0..3)) {
        let log = log(20, 2);
        let mut session = World::new(&log).session();
        session.lookup_raw("x.y/m3", "v1.3.0");
        session.lookup_raw("x.y/m9", "v1.9.0");
        let mut files = files.iter().cycle();
        for round in 0..40 {
            match session.step() {
                Ok(SessionStep::Read(reads)) => for read in reads {
                    let real = log.get(&read.path).filter(|_| round % 2 == 0 && read.source == ReadSource::Network);
                    session.provide(&read.path, read.source, &real.unwrap_or_else(|| files.next().unwrap().clone()));
                },
                Ok(SessionStep::ReadHead) => session.provide_head(head.clone()),
                Ok(SessionStep::StoreHead { .. }) => session.head_stored(),
                Ok(SessionStep::Store(_)) => {}
                Ok(SessionStep::Done(_)) | Err(_) => return Ok(()),
            }
        }
        prop_assert!(false, "the session does not end");
    }
}
