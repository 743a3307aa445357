//! Merge conflicts in go.sum.

use gomod_sum::GoSum;
use gomod_sum::go_sum::{ConflictError, ConflictSide, ConflictedGoSum};

const TEXT: &str = "a v1 h1:a\r
<<<<<<< HEAD\r
b v1 h1:b\r
c v1 h1:c\r
||||||| 1234567\r
not of any side\r
=======\r
a v2 h1:x\r
c v1 h1:c\r
>>>>>>> topic\r
d v1 h1:d";

#[test]
fn both_files_come_back() {
    let conflicted = ConflictedGoSum::parse(TEXT.as_bytes()).unwrap();
    assert_eq!(conflicted.conflicts(), 1);
    assert_eq!(conflicted.ours().text(), b"a v1 h1:a\r\nb v1 h1:b\r\nc v1 h1:c\r\nd v1 h1:d");
    assert_eq!(conflicted.theirs().text(), b"a v1 h1:a\r\na v2 h1:x\r\nc v1 h1:c\r\nd v1 h1:d");
    let lines: Vec<_> = conflicted.entries().iter().map(|(entry, side)| (entry.line, *side)).collect();
    assert_eq!(
        lines,
        [
            (1, ConflictSide::Both),
            (3, ConflictSide::Ours),
            (4, ConflictSide::Ours),
            (8, ConflictSide::Theirs),
            (9, ConflictSide::Theirs),
            (11, ConflictSide::Both)
        ]
    );
    assert_eq!(
        conflicted.union().unwrap().text(),
        b"a v1 h1:a\r\na v2 h1:x\r\nb v1 h1:b\r\nc v1 h1:c\r\nd v1 h1:d"
    );
}

#[test]
fn sides_that_contradict_each_other_have_no_union() {
    let text = "a v1 h1:a\n<<<<<<< HEAD\nb v1 h1:b\n=======\nb v1 h1:c\n>>>>>>> topic\n";
    let error = ConflictedGoSum::parse(text.as_bytes()).unwrap().union().unwrap_err();
    assert_eq!(error.to_string(), r#"two hashes of "b" "v1": h1:b (line 3) and h1:c (line 5)"#);
}

#[test]
fn a_file_without_conflicts_is_both_sides() {
    let text = "a v1 h1:a\n\n<<<<<<<x y z\n";
    let conflicted = ConflictedGoSum::parse(text.as_bytes()).unwrap();
    assert_eq!(conflicted.conflicts(), 0);
    assert_eq!(conflicted.union().unwrap().text(), text.as_bytes());
}

#[test]
fn other_marks_are_refused() {
    let parse = |text: &str| ConflictedGoSum::parse(text.as_bytes()).unwrap_err();
    for text in [
        "\n=======\n",
        "\n>>>>>>> a\n",
        "\n||||||| a\n",
        "<<<<<<< a\n<<<<<<< a\n",
        "<<<<<<< a\n>>>>>>> a\n",
        "<<<<<<<\n=======\n|||||||\n",
    ] {
        let ConflictError::Mark { line, .. } = parse(text) else { panic!("{text:?}") };
        assert_eq!(line, text.lines().count(), "{text:?}");
    }
    assert_eq!(parse("\n<<<<<<< a\n=======\n").to_string(), "line 2: merge conflict without an end");
    let malformed = parse("<<<<<<< a\n=======\nb v1\n>>>>>>> b\n");
    assert_eq!(malformed.to_string(), "malformed go.sum: line 3: wrong number of fields 2");
}

#[test]
fn go_reads_some_marks_as_entries() {
    let text = b"<<<<<<< Updated upstream\n>>>>>>> Stashed changes\n";
    assert_eq!(GoSum::parse(text).unwrap().entries().len(), 2);
    assert!(ConflictedGoSum::parse(text).is_err());
}
