//! Editing go.sum: what changes and what stays.

use gomod_module::{H1, ModuleVersion};
use gomod_sum::{GoSum, Kind, Verdict};

const A: &str = "h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=";
const B: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn module(text: &str) -> ModuleVersion {
    text.parse().unwrap()
}

fn hash() -> H1 {
    A.parse().unwrap()
}

fn inserted(text: &str, into: &str) -> String {
    let mut sum = GoSum::parse_lax(into.as_bytes());
    assert!(sum.insert(&module(text), Kind::Zip, &hash()).unwrap());
    assert_eq!(sum.lookup(&module(text), Kind::Zip, &hash()).unwrap(), Verdict::Match);
    String::from_utf8(sum.text().to_vec()).unwrap()
}

#[test]
fn a_line_goes_to_its_place() {
    let m = format!("m v1.9.0 {A}\n");
    let new = "m@v1.9.0".replace('m', "x.y/m");
    let m = m.replace("m v", "x.y/m v");
    for (before, after) in [
        ("", ""),
        ("x.y/a v1.0.0 h1:a\n", ""),
        ("", "x.y/z v1.0.0 h1:z\n"),
        ("x.y/m v1.8.0/go.mod h1:a\n", "x.y/m v1.9.0/go.mod h1:z\n"),
        ("x.y/m v1.9.0-rc.1 h1:a\n", "x.y/m v1.10.0 h1:z\n"),
        ("x.y/m junk h1:a\n", "x.y/m v1.9.0 h2:z\n"),
    ] {
        assert_eq!(inserted(&new, &format!("{before}{after}")), format!("{before}{m}{after}"));
    }
}

#[test]
fn nothing_else_changes() {
    let line = format!("x.y/m v1.0.0 {A}");
    let insert = |into: &str| inserted("x.y/m@v1.0.0", into);
    // CRLF, blank lines, odd blanks, and no newline at the end.
    assert_eq!(insert("x.y/a v1 h\r\n\r\nx.y/z v1 h"), format!("x.y/a v1 h\r\n{line}\r\n\r\nx.y/z v1 h"));
    assert_eq!(insert(" x.y/a\tv1  ?? "), format!(" x.y/a\tv1  ?? \n{line}\n"));
    assert_eq!(insert("\n\nx.y/z v1 h\n"), format!("\n\n{line}\nx.y/z v1 h\n"));
    // Malformed and dropped lines.
    assert_eq!(
        insert("<<<<<<< HEAD\nx.y/a v1 h\n=======\n"),
        format!("<<<<<<< HEAD\nx.y/a v1 h\n{line}\n=======\n")
    );
    // Not sorted: behind those at the top that all sort before it.
    assert_eq!(
        insert("x.y/a v1 h\nx.y/z v1 h\nx.y/b v1 h\n"),
        format!("x.y/a v1 h\n{line}\nx.y/z v1 h\nx.y/b v1 h\n")
    );
}

#[test]
fn what_is_there_is_not_inserted_again() {
    let text = format!("x.y/m v1.0.0 {A}");
    let mut sum = GoSum::parse(text.as_bytes()).unwrap();
    assert!(!sum.insert(&module("x.y/m@v1.0.0"), Kind::Zip, &hash()).unwrap());
    assert_eq!(sum.text(), text.as_bytes());
    let error = sum.insert(&module("x.y/m@v1.0.0"), Kind::Zip, &B.parse().unwrap()).unwrap_err();
    assert_eq!((error.line, error.file.as_str()), (1, "go.sum"));
    assert_eq!(sum.text(), text.as_bytes());
}

#[test]
fn an_unknown_algorithm_stays_beside_the_new_hash() {
    assert_eq!(
        inserted("x.y/m@v1.0.0", "x.y/m v1.0.0 h2:x\n"),
        format!("x.y/m v1.0.0 {A}\nx.y/m v1.0.0 h2:x\n")
    );
}

#[test]
fn lines_are_taken_out_and_no_others() {
    let mut sum = GoSum::parse_lax(b"one two\r\nx.y/m v1.0.0 h1:a\r\n\r\nx.y/n v1.0.0 h1:b");
    assert_eq!(sum.remove(&module("x.y/o@v1.0.0"), Kind::Zip), 0);
    assert_eq!(sum.remove(&module("x.y/n@v1.0.0"), Kind::GoMod), 0);
    assert_eq!(sum.remove(&module("x.y/m@v1.0.0"), Kind::Zip), 1);
    assert_eq!(sum.text(), b"one two\r\n\r\nx.y/n v1.0.0 h1:b");
    assert_eq!(sum.remove(&module("x.y/n@v1.0.0"), Kind::Zip), 1);
    assert_eq!(sum.text(), b"one two\r\n\r\n");
}

#[test]
fn what_is_not_needed_is_known_and_trimmed() {
    let mut sum =
        GoSum::parse(b"junk a b\nx.y/m v1.0.0 h2:a\nx.y/m v1.0.0/go.mod h1:b\nx.y/m v1.1.0 h1:c\n").unwrap();
    let (m, n) = (module("x.y/m@v1.0.0"), module("x.y/n@v1.0.0"));
    let needed = [(&m, Kind::Zip), (&m, Kind::GoMod), (&n, Kind::Zip)];
    let coverage = sum.coverage(needed);
    assert_eq!(coverage.unneeded.iter().map(|entry| entry.line).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(
        coverage.missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["missing go.sum entry: x.y/m v1.0.0", "missing go.sum entry: x.y/n v1.0.0"]
    );
    assert_eq!(sum.trim(needed), 2);
    assert_eq!(sum.text(), b"x.y/m v1.0.0 h2:a\nx.y/m v1.0.0/go.mod h1:b\n");
}

#[test]
fn a_merge_is_refused_as_a_whole() {
    let sum = |text: &str| GoSum::parse(text.as_bytes()).unwrap();
    let mut ours = sum("x.y/b v1 h1:b\n");
    let text = ours.text().to_vec();
    for (theirs, lines) in [
        ("x.y/a v1 h1:a\nx.y/b v1 h1:c\n", [1, 2]),
        // A contradiction that only theirs holds: sorted, the other line would decide.
        ("x.y/c v1 h1:b\nx.y/c v1 h1:a\n", [1, 2]),
    ] {
        let error = ours.merge(&sum(theirs)).unwrap_err();
        assert_eq!([error.contradictions[0].our_line, error.contradictions[0].their_line], lines);
        assert_eq!(ours.text(), text);
    }
    assert_eq!(ours.merge(&sum("x.y/b v1 h2:c\nx.y/b v1 h1:b\nx.y/b v1 h2:c\n")).unwrap(), 1);
    assert_eq!(ours.text(), b"x.y/b v1 h1:b\nx.y/b v1 h2:c\n");
}

#[test]
fn differences_are_by_key_in_the_order_of_go() {
    let sum = |text: &str| GoSum::parse(text.as_bytes()).unwrap();
    let old = sum("c v1 h1:c\na v1.10.0 h1:a\na v1.9.0 h1:a\nb v1 h1:1\n");
    let new = sum("b v1 h1:1\r\n\r\nb v1 h2:1\nd v1.0.0/go.mod h1:d\nd v1.0.0 h1:d\n");
    let diff = old.diff(&new);
    let lines =
        |entries: &[gomod_sum::GoSumLine<'_>]| entries.iter().map(|entry| entry.line).collect::<Vec<_>>();
    assert_eq!((lines(&diff.removed), lines(&diff.added)), (vec![3, 2, 1], vec![5, 4]));
    assert_eq!((lines(&diff.changed[0].old), lines(&diff.changed[0].new)), (vec![4], vec![1, 3]));
    assert!(old.diff(&sum("b v1 h1:1\na v1.9.0 h1:a\na v1.10.0 h1:a\nc v1 h1:c\nc v1 h1:c\n")).is_empty());
}
