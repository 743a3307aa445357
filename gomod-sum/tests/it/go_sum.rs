//! Reading go.sum and asking it.

use gomod_module::{H1, ModuleVersion};
use gomod_sum::go_sum::Recorded;
use gomod_sum::{GoSum, Kind, Verdict, VerifyError, hash_go_mod};

const A: &str = "h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=";
const B: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn module() -> ModuleVersion {
    "x.y/m@v1.0.0".parse().unwrap()
}

fn h1(text: &str) -> H1 {
    text.parse().unwrap()
}

fn sum(text: &str) -> GoSum {
    GoSum::parse(text.as_bytes()).unwrap()
}

#[test]
fn the_first_h1_line_decides() {
    let verify = |text: &str| sum(text).lookup(&module(), Kind::Zip, &h1(A));
    assert_eq!(verify(&format!("x.y/m v1.0.0 {A}\nx.y/m v1.0.0 {B}\n")).unwrap(), Verdict::Match);
    let mismatch = verify(&format!("\nx.y/m v1.0.0 h2:x\nx.y/m v1.0.0 {B}\nx.y/m v1.0.0 {A}\n")).unwrap_err();
    assert_eq!((mismatch.line, mismatch.recorded.as_str(), mismatch.found), (3, B, h1(A)));
    assert_eq!((*mismatch.module, mismatch.kind), (module(), Kind::Zip));
    // Lines of other keys in between do not matter.
    let text = format!("x.y/m v1.0.0 {A}\na b c\nx.y/m v1.0.0/go.mod {B}\nx.y/m v1.0.0 {B}\n");
    assert_eq!(verify(&text).unwrap(), Verdict::Match);
}

/// A check that did not happen is no success, whatever the reason for which there was nothing to check against.
#[test]
fn what_is_not_recorded_is_not_verified() {
    let verify = |text: &str, kind| sum(text).verify(&module(), kind, &h1(A));
    let line = |hash: &str| format!("x.y/m v1.0.0 {hash}\n");
    assert_eq!(verify(&line(A), Kind::Zip), Ok(()));
    assert_eq!(verify(&(line("h2:x") + &line(A)), Kind::Zip), Ok(()));
    for text in [
        String::new(),
        format!("x.y/other v1.0.0 {A}\n"),
        format!("x.y/m v1.0.1 {A}\n"),
        format!("x.y/m v1.0.0/go.mod {A}\n"),
        // The entry of an old bug, which Go drops.
        line(&hash_go_mod(b"").to_string()),
    ] {
        let error = verify(&text, Kind::Zip).unwrap_err();
        assert!(matches!(error, VerifyError::Missing(_)), "{text}: {error}");
        assert_eq!(error.to_string(), "missing go.sum entry: x.y/m v1.0.0");
    }
    for hash in ["h2:x", "H1:x", "sha256:x", "x"] {
        let error = verify(&line(hash), Kind::Zip).unwrap_err();
        assert!(matches!(error, VerifyError::UnknownAlgorithm { .. }) && error.mismatch().is_none());
        assert_eq!(error.to_string(), "go.sum has only hashes of unknown algorithms: x.y/m v1.0.0");
    }
    let error = verify(&line(B), Kind::Zip).unwrap_err();
    assert_eq!(error.mismatch().unwrap().recorded, B);
    assert!(matches!(verify(&line(A), Kind::GoMod), Err(VerifyError::Missing(_))));
}

#[test]
fn junk_after_h1_is_a_mismatch_and_other_algorithms_are_not() {
    let verify = |hash: &str| sum(&format!("x.y/m v1.0.0 {hash}\n")).lookup(&module(), Kind::Zip, &h1(A));
    assert_eq!(verify("h1:").unwrap_err().recorded, "h1:");
    assert_eq!(verify(&A.replace("h1:", "h2:")).unwrap(), Verdict::UnknownAlgorithm);
    assert_eq!(verify(&A.replace("h1:", "H1:")).unwrap(), Verdict::UnknownAlgorithm);
}

#[test]
fn a_recorded_hash_of_any_bytes_is_reported() {
    let sum = GoSum::parse(b"x.y/m v1.0.0/go.mod h1:\xff\n").unwrap();
    let mismatch = sum.lookup(&module(), Kind::GoMod, &h1(A)).unwrap_err();
    assert_eq!(mismatch.recorded, "h1:\u{fffd}");
    assert_eq!(mismatch.to_string(), "verifying x.y/m@v1.0.0/go.mod: checksum mismatch");
}

#[test]
fn zip_and_go_mod_are_two_keys() {
    let sum = sum(&format!("x.y/m v1.0.0 {A}\n"));
    assert!(sum.have_sum(&module(), Kind::Zip));
    assert_eq!(sum.lookup(&module(), Kind::GoMod, &h1(A)).unwrap(), Verdict::Absent);
    let missing = sum.require_sum(&module(), Kind::GoMod).unwrap_err();
    assert_eq!(missing.to_string(), "missing go.sum entry: x.y/m v1.0.0/go.mod");
}

#[test]
fn the_hash_of_an_empty_go_mod_is_no_entry() {
    let empty = hash_go_mod(b"");
    let sum = sum(&format!("x.y/m v1.0.0 {empty}\nx.y/m v1.0.0/go.mod {empty}\nx.y/m v1.0.0 {A}\n"));
    assert_eq!(sum.entries().len(), 1);
    assert_eq!(sum.lookup(&module(), Kind::Zip, &h1(A)).unwrap(), Verdict::Match);
    assert_eq!(sum.lookup(&module(), Kind::GoMod, &empty).unwrap(), Verdict::Absent);
}

#[test]
fn two_hashes_are_a_conflict_and_one_hash_twice_is_none() {
    let recorded = |text: &str| match sum(text).recorded_sum(&module(), Kind::Zip) {
        Recorded::None => vec![],
        Recorded::One(entry) => vec![entry.line],
        Recorded::Conflict(first, other) => vec![first.line, other.line],
    };
    assert_eq!(recorded("x.y/m v1.0.0 h2:x\n"), [0; 0]);
    assert_eq!(recorded(&format!("x.y/m v1.0.0 {A}\nx.y/m v1.0.0 {A}\n")), [1]);
    assert_eq!(recorded(&format!("x.y/m v1.0.0 {A}\nx.y/m v1.0.0 {A}\nx.y/m v1.0.0 {B}\n")), [1, 3]);
}

#[test]
fn a_malformed_line_is_named() {
    let text = format!("x.y/m v1.0.0 {A}\n\n<<<<<<< HEAD\n");
    let error = GoSum::parse(text.as_bytes()).unwrap_err();
    assert_eq!((error.line, error.fields), (3, 2));
    assert_eq!(error.to_string(), "malformed go.sum: line 3: wrong number of fields 2");
    assert_eq!(GoSum::parse_lax(text.as_bytes()).entries().len(), 1);
}

#[test]
fn entries_name_modules_where_they_can() {
    let sum = GoSum::parse(
        format!("x.y/m v1.0.0/go.mod {A}\nx.y/m v1.0.0 h1:x\nnot@valid v1.0.0 {A}\nx.y/m \u{e9} {A}\nx.y/m v1 {A}\n")
            .as_bytes(),
    )
    .unwrap();
    let modules: Vec<_> = sum.entries().map(|entry| (entry.module(), entry.h1())).collect();
    let a = Some(h1(A));
    assert_eq!(
        modules,
        [
            (Some((module(), Kind::GoMod)), a),
            (Some((module(), Kind::Zip)), None),
            (None, a),
            (None, a),
            (None, a)
        ]
    );
}

#[test]
fn written_text_is_sorted_by_precedence() {
    let sum = sum(
        "b v1.0.0 z\na v1.10.0 x\na v1.9.0/go.mod x\na v1.9.0 x\na v1.9.0 h\n\na junk x\na  v1.9.0\th\r\n",
    );
    assert_eq!(
        String::from_utf8(sum.to_go_text()).unwrap(),
        "a junk x\na v1.9.0 h\na v1.9.0 x\na v1.9.0/go.mod x\na v1.10.0 x\nb v1.0.0 z\n"
    );
}
