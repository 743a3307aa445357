//! What is wrong in a go.sum file is said where it is read, with line and column, by every tool that reads one; and what a
//! build will miss in it, by module.

use std::fs;

use gomod_testkit::LoopbackProxy;

use super::world::{Run, World, database, go_sum, tree};

/// A tool that reads the project's go.sum, in a world whose cache is full.
fn read_by(tool: &str, content: &[u8]) -> Run {
    let database = database();
    let proxy = LoopbackProxy::builder(tree()).proxied_database(&database).start();
    let world = World::new();
    world.download(&proxy.url()).expect(0);
    fs::write(world.project().join("go.sum"), content).unwrap();
    let args: &[&str] = match tool {
        "sumdb" => &["prove", "--project", "project"],
        _ => &["--project", "project"],
    };
    let mut command = world.tool(tool, &proxy.url(), args);
    command.env("GOSUMDB", database.key());
    Run::of(command)
}

const TOOLS: [&str; 3] = ["download", "verify", "sumdb"];

#[test]
fn what_proves_nothing_is_named_by_every_tool() {
    let sums = go_sum();
    let first = sums.lines().next().unwrap();
    let replaced = |from: &str, to: &str| sums.replacen(from, to, 1).into_bytes();
    for (content, place, words) in [
        ([b"\xef\xbb\xbf", sums.as_bytes()].concat(), "go.sum:1:1: ", "byte order mark"),
        (replaced("Beta", "Be\u{200b}ta"), "go.sum:1:15: ", "hidden or combining character U+200B"),
        (replaced(" v2.1.0 ", " 2.1.0 "), "go.sum:1:21: ", "version without its v"),
        (replaced("h1:", "h2:"), "go.sum:1:28: ", "unknown hash algorithm"),
        (replaced(first, &first[..first.len() - 9]), "go.sum:1:28: ", "hash cut off after 38 of 47"),
        (
            format!("{sums}example.com/alpha v1.0.0 h1:{}=\n", "A".repeat(43)).into_bytes(),
            "go.sum:5:26: ",
            "another hash than in line 3",
        ),
    ] {
        for tool in TOOLS {
            let run = read_by(tool, &content);
            run.says(&["warning: ", place, words, "      next: "]);
        }
    }
    let run = read_by("download", &sums.replace('\n', "\r\n").into_bytes()).expect(0);
    run.says(&["go.sum:1:", "line ends in a carriage return", "and 1 more lines of this sort"]);
}

/// What cannot be read at all is called what it is, and not a malformed line.
#[test]
fn a_file_that_is_no_text_of_lines_is_called_that() {
    let sums = go_sum();
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| sums.encode_utf16().flat_map(to_bytes).collect::<Vec<_>>();
    for (content, words) in [
        ([b"\xff\xfe".as_slice(), &utf16(u16::to_le_bytes)].concat(), "go.sum:1:1: the file is UTF-16"),
        ([b"\xfe\xff".as_slice(), &utf16(u16::to_be_bytes)].concat(), "go.sum:1:1: the file is UTF-16"),
        (utf16(u16::to_le_bytes), "go.sum:1:1: the file is UTF-16"),
        ([sums.as_bytes(), &[0; 100]].concat(), "go.sum:5:1: 100 zero bytes at the end of the file"),
        (format!("<<<<<<< a\n{sums}").into_bytes(), "go.sum:1:1: mark of a merge conflict"),
    ] {
        for tool in TOOLS {
            let run = read_by(tool, &content).expect(1);
            assert!(run.error().contains(words), "{tool}: {}", run.stderr);
            run.says(&["      next: "]);
        }
    }
}

/// The go command stops at a module whose line is missing; the tools say which, though they can prove it otherwise.
#[test]
fn what_a_build_will_miss_is_said_by_module() {
    let sums = go_sum();
    let without = |gone: &[usize]| {
        let kept = sums.lines().enumerate().filter(|(at, _)| !gone.contains(at));
        kept.flat_map(|(_, line)| [line, "\n"]).collect::<String>().into_bytes()
    };
    for (gone, words) in [
        (&[2][..], "example.com/alpha@v1.0.0: go.sum has only the /go.mod line"),
        (&[3], "example.com/alpha@v1.0.0: go.sum has only the line without /go.mod"),
        (&[0, 1], "example.com/Beta/v2@v2.1.0: go.sum has no line"),
    ] {
        for tool in TOOLS {
            let run = read_by(tool, &without(gone));
            run.says(&[words, "a build that needs it stops there"]);
            assert_eq!(run.stderr.matches("stops there").count(), 1, "{tool}: {}", run.stderr);
        }
    }
    for tool in TOOLS {
        let run = read_by(tool, sums.as_bytes()).expect(0);
        assert!(!run.stderr.contains("warning"), "{tool}: {}", run.stderr);
    }
    // Lines that prove nothing are no success where a module is not proven on their account.
    read_by("verify", &[b"\xef\xbb\xbf", sums.as_bytes()].concat()).expect(1);
}
