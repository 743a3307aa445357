//! Linting go.sum: each problem with its place.

use gomod_sum::GoSum;
use gomod_sum::go_sum::Severity;

const A: &str = "h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=";
const B: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// `A` and `B` stand for hashes.
fn problems(text: &str) -> Vec<String> {
    let text = text.replace(" A", &format!(" {A}")).replace(" B", &format!(" {B}"));
    GoSum::lint(text.as_bytes()).iter().map(ToString::to_string).collect()
}

#[test]
fn what_go_writes_has_no_problem() {
    assert_eq!(problems(""), [""; 0]);
    assert_eq!(problems("x.y/m v1.0.0 A\nx.y/m v1.0.0/go.mod B\nx.y/n v1.0.0/go.mod B\n"), [""; 0]);
}

#[test]
fn each_problem_has_its_place() {
    for (text, expected) in [
        ("a b\n", vec!["line 1, column 1: wrong number of fields 2"]),
        ("\n  a b c d\n", vec!["line 1, column 1: blank line", "line 2, column 3: wrong number of fields 4"]),
        (
            "<<<<<<< Updated upstream\n=======\n>>>>>>> Stashed changes\n",
            vec![
                "line 1, column 1: mark of a merge conflict",
                "line 2, column 1: mark of a merge conflict",
                "line 3, column 1: mark of a merge conflict",
            ],
        ),
        (
            "\u{feff}x.y/m v1.0.0/go.mod A\n",
            vec!["line 1, column 1: byte order mark, which becomes part of the path"],
        ),
        ("x.y/m v1.0.0/go.mod A", vec!["line 1, column 68: no newline at the end of the file"]),
        (
            "x.y/m v1.0.0/go.mod A\r\n",
            vec!["line 1, column 68: line ends in a carriage return and a newline"],
        ),
        ("x.y/m\tv1.0.0/go.mod A\n", vec!["line 1, column 1: fields not separated by single spaces"]),
        (
            "x.y/m v1.0.0/go.mod H1:x\n",
            vec!["line 1, column 21: unknown hash algorithm: the line counts as missing"],
        ),
        ("x.y/m v1.0.0/go.mod h1:x\n", vec!["line 1, column 21: not a SHA-256 in standard base64 after h1:"]),
        (
            "x.y/m v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\n",
            vec!["line 1, column 21: hash of an empty go.mod file: the go command drops the line"],
        ),
        (
            "x.y/m v2.0.0/go.mod A\n",
            vec!["line 1, column 7: x.y/m@v2.0.0: invalid version: should be v0 or v1, not v2"],
        ),
        ("x.y/m v1.0.0 A\n", vec!["line 1, column 7: a line for the zip and none for the go.mod file"]),
        (
            "x.y/m v1.0.0/go.mod A\nx.y/m v1.0.0/go.mod B\nx.y/m v1.0.0/go.mod A\n",
            vec![
                "line 2, column 1: the go command would write this line before line 1",
                "line 2, column 21: another hash than in line 1, which decides",
                "line 3, column 1: the same as line 1",
            ],
        ),
        (
            "x.y/b v1.0.0/go.mod A\nx.y/c v1.0.0/go.mod A\nx.y/b v1.0.1/go.mod A\nx.y/a v1.0.0/go.mod A\n",
            vec![
                "line 3, column 1: the go command would write this line before line 2",
                "line 4, column 1: the go command would write this line before line 1",
            ],
        ),
    ] {
        assert_eq!(problems(text), expected, "{text:?}");
    }
    let bytes: Vec<_> = GoSum::lint(b"x.y/\xff v1.0.0 h1:\n").iter().map(ToString::to_string).collect();
    assert_eq!(
        bytes,
        ["line 1, column 1: not UTF-8", "line 1, column 14: not a SHA-256 in standard base64 after h1:"]
    );
}

/// Bytes that no editor shows, and lines that look right.
#[test]
fn what_cannot_be_seen_is_named() {
    let line = format!("x.y/m v1.0.0/go.mod {A}\n");
    let problems =
        |text: &[u8]| GoSum::lint(text).iter().map(|p| (p.line, p.column, p.to_string())).collect::<Vec<_>>();
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| line.encode_utf16().flat_map(to_bytes).collect::<Vec<_>>();
    for (text, order) in [
        ([b"\xff\xfe".as_slice(), &utf16(u16::to_le_bytes)].concat(), "little"),
        ([b"\xfe\xff".as_slice(), &utf16(u16::to_be_bytes)].concat(), "big"),
        (utf16(u16::to_le_bytes), "little"),
        (utf16(u16::to_be_bytes), "big"),
    ] {
        let found = problems(&text);
        assert!(
            matches!(&found[..], [(1, 1, text)] if text.contains(&format!("UTF-16, {order}-endian"))),
            "{found:?}"
        );
    }
    for (text, line_column, words) in [
        (format!("{line}\0\0\0\0"), (2, 1), "4 zero bytes at the end"),
        (format!("{}\0", line.trim_end()), (1, 68), "a zero byte at the end"),
        (line.replace("x.y/m", "x.y/\u{200b}m"), (1, 5), "hidden or combining character U+200B"),
        (line.replace("x.y/m", "x.y/m\u{feff}"), (1, 6), "hidden or combining character U+FEFF"),
        (line.replace("v1", "v\u{ad}1"), (1, 8), "hidden or combining character U+00AD"),
        (line.replace("/go.mod", "/go\u{202e}.mod"), (1, 16), "hidden or combining character U+202E"),
        (line.replace("h1:l", "h1:\u{2060}l"), (1, 24), "hidden or combining character U+2060"),
        // A letter with a mark of its own, and a character of private use: as `Printable` shows them.
        (line.replace("x.y/m", "x.y/e\u{301}"), (1, 6), "hidden or combining character U+0301"),
        (line.replace("v1", "v\u{e000}1"), (1, 8), "hidden or combining character U+E000"),
        (line.replace("h1:l", "h1:\0l"), (1, 24), "hidden or combining character U+0000"),
        (line.replace(" v1", " 1"), (1, 7), "version without its v"),
        (line.replace("/go.mod", "").replace(" v1", " 1"), (1, 7), "version without its v"),
        (line.replace("M=", ""), (1, 21), "hash cut off after 45 of 47"),
        (line.replace("z7XM=", ""), (1, 21), "hash cut off after 42 of 47"),
        (line.replace("h1:", "h2:"), (1, 21), "unknown hash algorithm"),
        (line.replace("h1:", "sha256:"), (1, 21), "unknown hash algorithm"),
    ] {
        let found = problems(text.as_bytes());
        let is_it = |(line, column, text): &&(usize, usize, String)| {
            (*line, *column) == line_column && text.contains(words)
        };
        assert!(found.iter().any(|one| is_it(&one)), "{text:?}: {found:?}");
        assert!(GoSum::parse_strict(text.as_bytes()).is_err(), "{text:?}");
    }
    // What white space separates is read as it is meant, and named as odd.
    let odd = line.replace(' ', "\u{a0}");
    assert_eq!(problems(odd.as_bytes()).len(), 1);
    assert!(problems(line.as_bytes()).is_empty() && problems(b"").is_empty());
}

#[test]
fn strict_reading_overlooks_notes_only() {
    let note = format!("x.y/m v1.0.0 {A}\n");
    assert_eq!(GoSum::parse_strict(note.as_bytes()).unwrap().entries().len(), 1);
    let text = format!("{note}\nx.y/a v1.0.0 {A}\n");
    let error = GoSum::parse_strict(text.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 1: blank line, and 1 more");
    let severities: Vec<_> = error.problems.iter().map(gomod_sum::go_sum::LintProblem::severity).collect();
    assert_eq!(severities, [Severity::Note, Severity::Warning, Severity::Warning, Severity::Note]);
}
