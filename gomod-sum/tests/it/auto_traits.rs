//! Every public type goes to another thread and is shared between threads; values can be compared.

use std::hash::Hash;

use gomod_sum::go_sum::{self, GoSum, GoSumFiles};
use gomod_sum::{explain, hash};

fn send_sync<T: Send + Sync>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}
fn value<T: Send + Sync + Clone + Eq + std::fmt::Debug>() {}
fn key<T: Send + Sync + Clone + Eq + Hash + std::fmt::Debug>() {}

#[test]
fn types_of_go_sum() {
    value::<GoSum>();
    value::<GoSumFiles>();
    value::<go_sum::ConflictedGoSum>();
    key::<go_sum::GoSumLine<'_>>();
    key::<go_sum::Kind>();
    key::<go_sum::Check<'_>>();
    key::<go_sum::Recorded<'_>>();
    key::<go_sum::Verdict>();
    key::<go_sum::Coverage<'_>>();
    key::<go_sum::GoSumDiff<'_>>();
    key::<go_sum::Changed<'_>>();
    key::<go_sum::LintProblem>();
    key::<go_sum::Severity>();
    key::<go_sum::ConflictSide>();
    key::<go_sum::Contradiction>();
    key::<go_sum::Mismatch>();
    key::<go_sum::Missing>();
    error::<go_sum::Mismatch>();
    error::<go_sum::Missing>();
    error::<go_sum::VerifyError>();
    error::<go_sum::ReadGoSumError>();
    error::<go_sum::WriteGoSumError>();
    error::<go_sum::MalformedGoSumError>();
    error::<go_sum::LintError>();
    error::<go_sum::MergeError>();
    error::<go_sum::ConflictError>();
}

#[test]
fn types_of_hashes_and_findings() {
    key::<hash::FileHash>();
    send_sync::<hash::FileHasher>();
    send_sync::<hash::HashBuilder>();
    key::<hash::Difference>();
    key::<hash::Extracted>();
    error::<hash::HashDirError>();
    error::<hash::HashZipError>();
    error::<hash::CompareError>();
    error::<hash::NewlineInNameError>();
    key::<explain::Finding>();
    key::<explain::FindingKind>();
}

#[cfg(feature = "sumdb")]
#[test]
fn types_of_the_checksum_database() {
    use gomod_sum::sumdb::{self, tlog};

    send_sync::<sumdb::Session>();
    send_sync::<sumdb::SessionStep>();
    send_sync::<sumdb::MemoryCache>();
    send_sync::<sumdb::Database<sumdb::MemoryCache, fn()>>();
    send_sync::<sumdb::Verifier>();
    send_sync::<sumdb::Expected>();
    key::<sumdb::ProvedBy>();
    key::<sumdb::Unchecked>();
    send_sync::<sumdb::LookupAnswer>();
    value::<sumdb::SumLines>();
    value::<sumdb::RecordProof>();
    value::<sumdb::Record>();
    value::<sumdb::Note>();
    value::<sumdb::Routing>();
    value::<sumdb::SessionOptions>();
    key::<sumdb::VerifierKey>();
    key::<sumdb::GoSumDb>();
    key::<sumdb::Hash>();
    key::<sumdb::TreeHead>();
    key::<sumdb::Fork>();
    key::<sumdb::ReadRequest>();
    key::<sumdb::SumDbMismatchError>();
    key::<tlog::Tile>();
    error::<sumdb::LookupError>();
    error::<sumdb::Misbehavior>();
    error::<sumdb::SumDbError>();
    error::<sumdb::DatabaseError>();
    error::<sumdb::ChecksumError>();
    error::<sumdb::VerifierError>();
    error::<sumdb::NoteError>();
    error::<sumdb::RecordProofError>();
    error::<sumdb::EvidenceError>();
    error::<sumdb::InvalidGoSumDbError>();
    error::<sumdb::InvalidKeyError>();
    error::<tlog::ProofError>();
    error::<tlog::TileError>();
}

/// What is reported has one form in JSON, in which bytes and hashes are text.
#[cfg(feature = "serde")]
#[test]
fn reports_as_json() {
    use gomod_sum::{Evidence, Kind, hash_go_mod};
    use serde_json::json;

    let text = b"x.y/m v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydA=\nx.y/\xff 1.0 h1:x";
    let module = "x.y/m@v1.0.0".parse().unwrap();
    let sum = GoSum::parse(text).unwrap();
    let mismatch = sum.lookup(&module, Kind::GoMod, &hash_go_mod(b"")).unwrap_err();
    assert_eq!(
        json!(mismatch),
        json!({
            "module": "x.y/m@v1.0.0",
            "kind": "go_mod",
            "recorded": "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydA=",
            "found": "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=",
            "file": "go.sum",
            "line": 1,
        })
    );
    let findings = json!(mismatch.explain(&Evidence::new()));
    assert_eq!(findings[0]["kind"], json!({"empty_go_mod": {"which": "found"}}));
    assert_eq!(findings[1]["kind"], json!({"one_character": {"position": 46}}));
    let lines: Vec<_> = sum.entries().collect();
    assert_eq!(json!(lines[1]), json!({"path": "x.y/\u{fffd}", "version": "1.0", "hash": "h1:x", "line": 2}));
    let problems: Vec<_> = GoSum::lint(text).into_iter().map(|problem| problem.kind).collect();
    assert_eq!(json!(problems), json!(["not_utf8", "not_a_hash", "no_newline"]));
    let wrong = GoSum::lint(b"x.y v1 h1:x\n").into_iter().next().unwrap();
    assert_eq!(
        json!(wrong.kind)["module"],
        json!("x.y@v1: invalid version: not in canonical form, which is v1.0.0"),
        "{wrong}"
    );
    let hash = gomod_sum::FileHash::of(b"");
    assert_eq!(json!(hash), json!(hash.to_string()));
}
