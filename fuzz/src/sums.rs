use std::fmt::Display;
use std::str::{self, FromStr};

use gomod_sum::GoSum;
use gomod_sum::go_sum::{ConflictedGoSum, Severity};
use gomod_sum::sumdb::tlog::Tile;
use gomod_sum::sumdb::{Fork, GoSumDb, Hash, Note, Record, RecordProof, TreeHead, VerifierKey};

/// A go.sum file keeps its bytes; every reader finds the same entries in what it accepts; what passes the strict one, the
/// go command would not change; both sides of a conflict come back.
pub fn go_sum(data: &[u8]) {
    let entries = |sum: &GoSum| -> Vec<_> {
        sum.entries().map(|e| (e.line, e.path.to_vec(), e.version.to_vec(), e.hash.to_vec())).collect()
    };
    let (parsed, lax, strict) = (GoSum::parse(data), GoSum::parse_lax(data), GoSum::parse_strict(data));
    assert_eq!(lax.text(), data);
    let lines = data.split(|byte| *byte == b'\n').count();
    let problems = GoSum::lint(data);
    assert!(problems.iter().all(|problem| (1..=lines).contains(&problem.line) && problem.column > 0));
    assert_eq!(strict.is_ok(), problems.iter().all(|problem| problem.severity() <= Severity::Note));
    if let Ok(strict) = &strict {
        assert!(parsed.is_ok());
        assert_eq!(entries(strict), entries(&lax));
    }
    match &parsed {
        Ok(parsed) => assert_eq!(entries(parsed), entries(&lax)),
        Err(error) => assert!((1..=lines).contains(&error.line)),
    }
    // What the go command writes, it writes again.
    let written = lax.to_go_text();
    assert_eq!(GoSum::parse(&written).expect("written by us").to_go_text(), written);

    let Ok(conflicted) = ConflictedGoSum::parse(data) else { return };
    if conflicted.conflicts() == 0 {
        assert_eq!(conflicted.ours().text(), data);
        assert_eq!(conflicted.theirs().text(), data);
    }
    assert!(conflicted.entries().iter().all(|(entry, _)| entry.line <= lines));
    if let Ok(union) = conflicted.union() {
        for (entry, _) in conflicted.entries() {
            let mut lines = union.lines(entry.path, entry.version);
            assert!(lines.any(|line| line.hash == entry.hash), "{entry:?}");
        }
    }
}

/// What is parsed is printed, and parsed again as the same.
fn comes_back<T: FromStr + Display + PartialEq>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert!(value.to_string().parse().is_ok_and(|again: T| again == value), "{text:?}");
    }
}

/// Notes and the texts they sign: nothing is verified that the key of the public database has not signed; what is parsed
/// comes back.
pub fn note(data: &[u8]) {
    let database: GoSumDb = "sum.golang.org".parse().expect("the known database");
    if let Ok(note) = Note::open(data, std::slice::from_ref(&database.key)) {
        assert!(data.starts_with(note.text().as_bytes()) && note.signatures().len() == 1);
    }
    if let Ok(head) = TreeHead::parse(data) {
        assert_eq!(TreeHead::parse(head.to_string().as_bytes()), Ok(head));
    }
    let Ok(text) = str::from_utf8(data) else { return };
    comes_back::<VerifierKey>(text);
    comes_back::<Hash>(text);
    if let Ok(proof) = text.parse::<RecordProof>() {
        assert!(proof.to_string().parse().is_ok_and(|again: RecordProof| again == proof));
        let _ = proof.check(&database.key);
    }
    if let Ok(fork) = Fork::parse(text) {
        assert_eq!(Fork::parse(&fork.report()), Ok(fork.clone()));
        let _ = fork.check(&database.key);
    }
    let _ = text.parse::<GoSumDb>();
}

/// There is one path for each tile.
pub fn tile_path(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(tile) = text.parse::<Tile>() {
        assert_eq!(tile.to_string(), text);
        assert!(tile.width() > 0 && tile.is_full() == (tile.full() == tile));
        assert_eq!(Tile::new(tile.height(), tile.level(), tile.number(), tile.width()), Some(tile));
    }
}

/// A record and what follows it are all of an answer.
pub fn record(data: &[u8]) {
    let Ok((record, rest)) = Record::parse(data) else { return };
    let written = record.to_string();
    assert_eq!(Record::parse(written.as_bytes()), Ok((record.clone(), &b""[..])));
    assert!(data.ends_with(&[b"\n", record.text.as_bytes(), b"\n", rest].concat()));
    let _ = (record.hash(), Note::open(rest, &[]));
}
