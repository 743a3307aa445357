//! The law: of any page, the same tags are found as Go's `encoding/xml` finds, and where none is, an error on the same
//! line. The characters of names are those of the `encoding/xml` that is there.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gomod_testkit::GoCommand;
use gomod_testkit::vectors::bytes;
use gomod_vcs::{PageError, go_imports};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

/// What the program prints.
fn go_run(test: &str, program: &str, arguments: &[&Path]) -> Option<String> {
    let go = GoCommand::find(test)?;
    let home = tempfile::tempdir().expect("a directory");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(program);
    let mut command = vec!["run".as_ref(), program.as_os_str()];
    command.extend(arguments.iter().map(|path| path.as_os_str()));
    let run = go.command(&command, home.path());
    // The first run compiles Go's standard library, the next ones need not.
    let run = run.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("gocache"));
    Some(run.run().expect_success().stdout)
}

#[test]
fn names_are_those_of_this_go() {
    let Some(theirs) = go_run("names_are_those_of_this_go", "tables/main.go", &[]) else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/discovery/xml_name/tables.rs");
    let ours = fs::read_to_string(file).expect("the tables");
    assert!(theirs == ours, "go run tables/main.go >src/discovery/xml_name/tables.rs");
}

/// The pages of the vectors, with some bytes replaced by pieces that matter, and pages made of such pieces alone.
fn pages(count: usize) -> Vec<Vec<u8>> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/go_import.jsonl");
    let data = fs::read_to_string(vectors).expect("the vectors");
    let cases = data.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let mut known: Vec<Vec<u8>> = Vec::new();
    for case in cases {
        known.extend(case["in"]["pages"].as_array().into_iter().flatten().map(|page| bytes(&page["body"])));
    }
    let piece = prop::sample::select(vec![
        "<",
        ">",
        "/",
        "'",
        "\"",
        "&",
        ";",
        "&#",
        "&#x",
        "-",
        "--",
        "-->",
        "<!--",
        "<!",
        "<![CDATA[",
        "]]>",
        "]",
        "?",
        "<?",
        "?>",
        "<?xml ",
        "version=",
        "encoding='",
        "=",
        " ",
        "\n",
        "\r\n",
        ":",
        "meta",
        "name",
        "content",
        "go-import",
        "a b c",
        "é",
        "\u{17f}",
        "\u{345}",
        "\u{b7}",
        "\u{feff}",
        "\u{fffe}",
        "\u{a0}",
        "\0",
        "0",
        "x",
        "<head>",
        "</head>",
        "<head/>",
        "<body>",
        "&lt;",
        "&amp",
        "&#65;",
        "&#xd800;",
        "&#99999999999999999999;",
        "&nbsp;",
        "<meta name=go-import content='a b c'>",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    let piece = prop_oneof![9 => piece, 1 => prop::collection::vec(any::<u8>(), 1..3)];
    let mutated = (
        prop::sample::select(known),
        prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, piece.clone()), 1..5),
    )
        .prop_map(|(mut page, changes)| {
            for (at, removed, piece) in changes {
                let at = at.index(page.len() + 1);
                let end = (at + removed).min(page.len());
                page.splice(at..end, piece);
            }
            page
        });
    let made = prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat());
    let strategy = prop_oneof![2 => mutated, 1 => made];
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("a page").current()).collect()
}

#[test]
fn tags_are_those_of_go() {
    let pages = pages(20_000);
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("pages");
    let lines: Vec<_> = pages.iter().map(|page| STANDARD.encode(page)).collect();
    fs::write(&file, lines.join("\n") + "\n").expect("room on the disk");
    let Some(answers) = go_run("tags_are_those_of_go", "tests/go/pages.go", &[&file]) else { return };
    let answers: Vec<Value> =
        answers.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert_eq!(answers.len(), pages.len());
    let (mut with_tags, mut with_error) = (0, 0);
    for (page, answer) in pages.iter().zip(&answers) {
        let shown = String::from_utf8_lossy(page);
        let theirs = answer["Error"].as_str().unwrap_or_default();
        let tags = match go_imports(page) {
            Ok(tags) => tags,
            Err(PageError::Syntax(e)) => {
                with_error += 1;
                let line = format!("XML syntax error on line {}: ", e.line);
                let is_same = theirs.starts_with(&line) || theirs.starts_with("xml: ");
                assert!(is_same, "{shown:?}\nours   {e}\ntheirs {answer}");
                continue;
            }
            Err(e) => panic!("{shown:?}: {e}"),
        };
        with_tags += usize::from(!tags.is_empty());
        let mut ours: Vec<_> = tags
            .iter()
            .map(|tag| [&tag.prefix, &tag.vcs, &tag.repo, &tag.subdir].map(String::as_str))
            .map(|fields| fields.into_iter().filter(|field| !field.is_empty()).collect::<Vec<_>>())
            .collect();
        let theirs_tags = answer["Tags"].as_array().expect("tags");
        let mut wanted: Vec<Vec<&str>> = theirs_tags
            .iter()
            .map(|tag| tag.as_array().expect("fields").iter().filter_map(Value::as_str).collect())
            .collect();
        // Tags that one for a module proxy replaces are left out here.
        let mods: Vec<_> = wanted.iter().filter(|tag| tag[1] == "mod").map(|tag| tag[0]).collect();
        wanted.retain(|tag| tag[1] == "mod" || !mods.contains(&tag[0]));
        ours.sort_unstable();
        wanted.sort_unstable();
        assert!(theirs.is_empty() && ours == wanted, "{shown:?}\nours   {ours:?}\ntheirs {answer}");
    }
    assert!(with_tags > 1000 && with_error > 1000, "{with_tags} pages with tags, {with_error} with an error");
}
