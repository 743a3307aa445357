//! The checksum database's client.

mod driver;
mod go;
mod go_side;
mod prop;
mod tamper;
mod verifier;

use std::fs;
use std::path::Path;

use gomod_module::H1;
use gomod_sum::Kind;
use gomod_sum::sumdb::{
    ForgedHeadError, Fork, LookupError, Misbehavior, RecordProof, Session, SumDbError, SumLines,
};
use gomod_testkit::SumDbLog;
use gomod_testkit::vectors::{Wording, check};

use driver::{World, log};

use super::sumdb_operations::SUMDB_OPERATIONS;

/// Where the words are not those of Go: they say what is wrong, not which function of golang.org/x/mod noticed.
const WORDINGS: &[Wording] = &[
    ("gosumdb_parse", |theirs, ours| {
        // `parse "URL": ` before the reason, and what is in the URL behind it.
        let reason = ours.strip_prefix("invalid GOSUMDB URL: ");
        theirs.starts_with("invalid GOSUMDB URL: parse ")
            && reason.is_some_and(|reason| theirs.contains(&format!("\": {reason}")))
    }),
    ("tlog_check_record", is_invalid_inputs),
    ("tlog_check_tree", is_invalid_inputs),
    ("tlog_prove_record", is_invalid_inputs),
    ("tlog_prove_tree", is_invalid_inputs),
    ("tlog_hash_from_tile", |theirs, ours| {
        let index = theirs.strip_prefix("index ").and_then(|rest| rest.split_once(" is in tile/"));
        let held = index.zip(theirs.rsplit_once(" not "));
        let length =
            theirs.strip_prefix("data len ").and_then(|rest| rest.split_once(" too short for tile "));
        held.is_some_and(|((index, _), (_, tile))| {
            ours == format!("{tile} does not hold stored hash {index}")
        }) || length
            .is_some_and(|(length, tile)| ours.starts_with(&format!("{tile} has {length} bytes instead of ")))
    }),
    ("tlog_tile_reader", |theirs, ours| {
        let length = theirs.strip_prefix("TileReader returned bad result slice (");
        let length =
            length.map(|text| text.replace(" len=", " has ").replace(", want ", " bytes instead of "));
        length.is_some_and(|text| text.strip_suffix(')') == Some(ours))
    }),
];

fn is_invalid_inputs(theirs: &str, ours: &str) -> bool {
    theirs.starts_with("tlog: invalid inputs in ") && ours == "invalid inputs of a transparency proof"
}

#[test]
fn vectors() {
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sumdb"), SUMDB_OPERATIONS, WORDINGS);
}

/// What the go command had stored after it asked sum.golang.org.
#[test]
fn a_record_of_the_public_database_is_proven() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sumdb_public");
    let log = SumDbLog::new("sum.golang.org", 8);
    let mut world = World::new(&log);
    world.key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse().unwrap();
    world.head = fs::read(dir.join("latest")).unwrap();
    world.dir = Some(dir);
    let mut session = Session::new(world.key.clone());
    session.lookup(&"golang.org/x/mod@v0.30.0".parse().unwrap());
    let lines = world.run(&mut session).unwrap().remove(0).result.unwrap();
    assert_eq!(world.network_reads, [""; 0]);
    let zip = "h1:fDEXFVZ/fmCKProc/yAXXUijritrDzahmwwefnjoPFk=".parse().unwrap();
    lines.verify(Kind::Zip, &zip).unwrap();
    assert!(lines.verify(Kind::GoMod, &zip).is_err());
    let head = lines.proof().check(&world.key).unwrap();
    assert!(head.size > 69_000_000);
}

#[test]
fn many_modules_in_one_session() {
    let log = log(30, 2);
    let mut world = World::new(&log);
    let mut session = world.session();
    for i in 0..30 {
        session.lookup(&format!("x.y/m{i}@v1.{i}.0").parse().unwrap());
    }
    let answers = world.run(&mut session).unwrap();
    assert_eq!(answers.len(), 30);
    for (i, answer) in answers.iter().enumerate() {
        let lines = answer.result.as_ref().unwrap();
        let module = format!("x.y/m{i}@v1.{i}.0").parse().unwrap();
        assert_eq!(SumLines::from_proof(&module, lines.proof().clone(), &world.key).as_ref(), Ok(lines));
        let other = SumDbLog::new("other.example.org", 2).key().parse().unwrap();
        assert!(SumLines::from_proof(&module, lines.proof().clone(), &other).is_err());
        assert_eq!(lines.proof().record().id, i64::try_from(i).unwrap());
        assert_eq!(lines.lines(Kind::Zip).count(), 1);
        assert_eq!(lines.lines(Kind::GoMod).count(), 1);
        assert_eq!(lines.proof().check(&world.key).unwrap().size, 30);
        let again: RecordProof = lines.proof().to_string().parse().unwrap();
        assert_eq!(&again, lines.proof());
    }
    let mut reads = world.network_reads.clone();
    reads.sort();
    reads.dedup();
    assert_eq!(reads.len(), world.network_reads.len(), "nothing is read twice");

    // A second session needs no network.
    world.network_reads.clear();
    assert_eq!(world.lookup("x.y/m7", "v1.7.0").unwrap().result.unwrap().proof().record().id, 7);
    assert_eq!(world.network_reads, [""; 0]);
}

#[test]
fn a_hash_is_judged_by_the_first_line_that_decides() {
    let [right, wrong] = [[1; 32], [2; 32]].map(H1::from_digest);
    let mut log = SumDbLog::new("sum.example.org", 2);
    log.add("x.y/m", "v1.0.0", &format!("x.y/m v1.0.0 h2:odd\nx.y/m v1.0.0 {right}\nx.y/m v1.0.0 {wrong}\n"));
    log.add("x.y/other", "v1.0.0", "x.y/m v1.0.0 h1:x\n");
    let mut world = World::new(&log);
    let lines = world.lookup("x.y/m", "v1.0.0").unwrap().result.unwrap();
    assert_eq!(lines.verify(Kind::Zip, &right), Ok(()));
    let Err(SumDbError::Mismatch(mismatch)) = lines.verify(Kind::Zip, &wrong) else { panic!("no mismatch") };
    assert_eq!(mismatch.to_string(), "verifying x.y/m@v1.0.0: checksum mismatch");
    assert_eq!((mismatch.recorded, mismatch.record), (right.to_string(), 0));
    assert_eq!(lines.require(Kind::Zip), Ok(()));
    assert_eq!(lines.hashes(Kind::Zip).next(), Some("h2:odd"));
    let missing = lines.verify(Kind::GoMod, &right).unwrap_err();
    assert_eq!(lines.require(Kind::GoMod), Err(missing.clone()));
    assert_eq!(missing.to_string(), "verifying x.y/m@v1.0.0/go.mod: checksum missing from sumdb response");

    // Another module's record proves nothing, however right it is.
    let lines = world.lookup("x.y/other", "v1.0.0").unwrap().result.unwrap();
    assert!(matches!(lines.verify(Kind::Zip, &right), Err(SumDbError::NoLine { .. })));
}

#[test]
fn heads_advance_and_never_go_back() {
    let log = log(9, 2);
    let mut world = World::new(&log);
    for (size, known) in [(3, 3), (3, 3), (9, 9), (5, 9), (9, 9)] {
        world.size = size;
        world.cache.clear();
        assert_eq!(world.lookup("x.y/m1", "v1.1.0").unwrap().result.unwrap().proof().record().id, 1);
        assert_eq!(world.head, log.head(known).into_bytes(), "the largest head is kept");
    }
    assert_eq!(world.head_writes, 2);
}

#[test]
fn another_process_stores_a_head_meanwhile() {
    let log = log(9, 2);
    for (stored, kept) in [(0, 5), (3, 5), (5, 5), (9, 9)] {
        let mut world = World::new(&log);
        world.size = 5;
        world.conflict = Some(if stored == 0 { Vec::new() } else { log.head(stored).into_bytes() });
        assert!(world.lookup("x.y/m1", "v1.1.0").unwrap().result.is_ok());
        assert_eq!(world.head, log.head(kept).into_bytes(), "{stored}");
    }
}

fn forked(world: &mut World<'_>) -> Fork {
    let Err(Misbehavior::Fork(fork)) = world.lookup("x.y/m1", "v1.1.0") else { panic!("no fork") };
    fork.check(&world.key).unwrap();
    assert_eq!(Fork::parse(&fork.report()), Ok((*fork).clone()));
    assert!(fork.report().starts_with("SECURITY ERROR\n"));
    *fork
}

#[test]
fn a_fork_ends_the_session_and_leaves_evidence() {
    let honest = log(9, 2);
    let mut forged = log(14, 2);
    forged.rewrite(4, "x.y/m4 v1.4.0 h1:forged\n");
    for (known, shown) in [(6, 14), (9, 9), (9, 6), (5, 14)] {
        let mut world = World::new(&forged);
        world.size = shown;
        world.head = honest.head(known).into_bytes();
        // The tiles that were read before are still there.
        world.keep(&honest, known);
        let fork = forked(&mut world);
        let (old, new) = if shown <= known {
            (forged.head(shown), honest.head(known))
        } else {
            (honest.head(known), forged.head(shown))
        };
        assert_eq!((fork.old, fork.new), (old, new));
        assert_eq!(world.head, honest.head(known).into_bytes(), "the head stays");
    }
    // What was signed before the change is no fork.
    let mut world = World::new(&forged);
    world.head = honest.head(4).into_bytes();
    world.keep(&honest, 4);
    assert!(world.lookup("x.y/m1", "v1.1.0").unwrap().result.is_ok());
}

#[test]
fn evidence_that_is_none_is_refused() {
    let (honest, mut forged) = (log(9, 2), log(14, 2));
    forged.rewrite(4, "x.y/m4 v1.4.0 h1:forged\n");
    let mut world = World::new(&forged);
    world.head = honest.head(9).into_bytes();
    world.keep(&honest, 9);
    let fork = forked(&mut world);
    let mut consistent = fork.clone();
    consistent.old = forged.head(9);
    assert!(consistent.check(&world.key).is_err());
    let mut unproven = fork.clone();
    unproven.proof.pop();
    assert!(unproven.check(&world.key).is_err());
    assert!(fork.check(&SumDbLog::new("other", 2).key().parse().unwrap()).is_err());
    assert!(Fork::parse("SECURITY ERROR\n").is_err());
}

#[test]
fn a_forged_head_ends_the_session() {
    let log = log(3, 2);
    let mut world = World::new(&log);
    let answer = String::from_utf8(log.get("lookup/x.y/m1@v1.1.0").unwrap()).unwrap();
    let forged = answer.replace("tree\n3\n", "tree\n4\n");
    world.replace.insert("lookup/x.y/m1@v1.1.0".into(), forged.into_bytes());
    let mut session = world.session();
    session.lookup_raw("x.y/m1", "v1.1.0");
    for _ in 0..2 {
        let Err(Misbehavior::Signature(ForgedHeadError { source, .. })) = world.run(&mut session) else {
            panic!("accepted")
        };
        assert_eq!(source.name, "sum.example.org");
    }
    assert!(world.head.is_empty() && world.cache.is_empty());
}

#[test]
fn a_tile_that_a_wrong_answer_belied_is_good_for_a_right_one() {
    let honest = log(9, 2);
    let mut forged = log(9, 2);
    forged.rewrite(4, "x.y/m4 v1.4.0 h1:forged\n");
    let mut world = World::new(&honest);
    world.keep(&honest, 9);
    world.serves_no_tiles = true;
    world.head = honest.head(1).into_bytes();
    let wrong = "lookup/x.y/m1@v1.1.0";
    world.replace.insert(wrong.into(), forged.get(wrong).unwrap());
    let mut session = world.session();
    session.lookup_raw("x.y/m1", "v1.1.0");
    let error = world.run(&mut session).unwrap().remove(0).result.unwrap_err();
    assert!(matches!(error, LookupError::Check { older: 1, newer: 9, .. }), "{error:?}");
    // The network was asked for better tiles, in vain.
    assert!(world.network_reads.iter().any(|path| path.starts_with("tile/")));
    session.lookup_raw("x.y/m2", "v1.2.0");
    assert_eq!(world.run(&mut session).unwrap().remove(0).result.unwrap().proof().record().id, 2);
}

#[test]
fn a_private_path_is_not_asked_for() {
    let log = log(3, 2);
    let mut world = World::new(&log);
    let options = gomod_sum::sumdb::SessionOptions::new()
        .tile_height(2)
        .gonosumdb(gomod_module::PrefixPatterns::parse("x.y"));
    let mut session = Session::with_options(world.key.clone(), options);
    session.lookup_raw("x.y/m1", "v1.1.0");
    let answers = world.run(&mut session).unwrap();
    assert!(matches!(answers[0].result, Err(LookupError::Skipped)));
    assert_eq!(world.network_reads, [""; 0]);
}
