//! The `zip` tool as its users meet it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use gomod_module::text::Printable;
use gomod_testkit::ModuleZip;
use serde_json::Value;
use tempfile::TempDir;

use crate::tool::{Run, tool};

const M: &str = "example.com/m@v1.0.0";

fn run(dir: &Path, args: &[&str]) -> Run {
    let mut command = Command::new(tool("zip"));
    command.env_clear().env("TMPDIR", dir).args(args).current_dir(dir).stdin(Stdio::null());
    Run::of(command)
}

/// A directory with a module in `m`.
fn module() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("m/docs")).unwrap();
    for (name, text) in [("go.mod", "module example.com/m\n"), ("m.go", "package m\n"), ("docs/a.txt", "a\n")]
    {
        fs::write(dir.path().join("m").join(name), text).unwrap();
    }
    dir
}

fn changes(run: &Run) -> Vec<(String, String)> {
    let text = |record: &Value, field| record[field].as_str().unwrap_or_default().to_owned();
    let changes = run.records().into_iter().filter(|record| record["change"].is_string());
    changes.map(|record| (text(&record, "change"), text(&record, "path"))).collect()
}

#[test]
fn the_sample_runs_every_job() {
    let dir = tempfile::tempdir().unwrap();
    let run = run(dir.path(), &["--sample"]).expect(0);
    for text in [
        "omitted: internal/tool",
        "one.zip",
        "h1:WbrQxRPWCK/TZnBMRmKz3Wwb/Nw55W67aYChO2tQ6TM=",
        "line endings only",
    ] {
        assert!(run.stdout.contains(text), "no {text:?} in\n{}", run.stdout);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "something is left");
}

#[test]
fn what_is_created_is_valid_the_same_each_time_and_extracts_to_itself() {
    let dir = module();
    for out in ["one.zip", "two.zip"] {
        run(dir.path(), &["create", "m", M, out]).expect(0);
    }
    assert_eq!(fs::read(dir.path().join("one.zip")).unwrap(), fs::read(dir.path().join("two.zip")).unwrap());
    #[cfg(unix)]
    {
        // Temporary files are for their owner alone; a zip is to be served.
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name| fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("one.zip"), mode("m/go.mod"));
    }
    run(dir.path(), &["check", "one.zip", M, "--portable"]).expect(0);
    run(dir.path(), &["unzip", "one.zip", M, "out"]).expect(0);
    assert_eq!(fs::read(dir.path().join("out/docs/a.txt")).unwrap(), b"a\n");
    run(dir.path(), &["diff", "one.zip", "two.zip"]).expect(0);

    // Neither a zip nor a directory with content is written over.
    let again = run(dir.path(), &["create", "m", M, "one.zip"]).expect(1);
    assert!(again.error().contains("one.zip: exists already"), "{}", again.stderr);
    let again = run(dir.path(), &["unzip", "one.zip", M, "out"]).expect(1);
    assert!(again.error().contains("not empty"), "{}", again.stderr);
}

#[test]
fn the_lint_lists_every_problem_and_the_largest_directories() {
    let dir = module();
    let m = dir.path().join("m");
    for name in ["aux.go", "M.go", "docs/a?.txt"] {
        fs::write(m.join(name), "").unwrap();
    }
    let run_lint = || run(dir.path(), &["check-dir", "m", "--json"]).expect(1);
    let invalid: Vec<_> = run_lint()
        .records()
        .iter()
        .filter(|r| r["verdict"] == "invalid" && r["path"].is_string())
        .cloned()
        .collect();
    assert_eq!(invalid.len(), 3, "{invalid:?}");

    // Without its name the create job leaves nothing behind.
    let create = run(dir.path(), &["create", "m", M, "m.zip"]).expect(1);
    assert!(create.stderr.contains("aux.go") && create.stderr.contains("a?.txt"), "{}", create.stderr);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

    let large = fs::File::create(m.join("docs/large.bin")).unwrap();
    large.set_len((500 << 20) + 1).unwrap();
    let records = run_lint().records();
    assert!(records.iter().any(|r| r["verdict"] == "too large"));
    assert!(records.iter().any(|r| r["verdict"] == "large directory" && r["path"] == "docs"));
}

#[test]
fn portable_refuses_what_windows_cannot_hold() {
    let dir = module();
    fs::write(dir.path().join("m/docs/trailing "), "").unwrap();
    run(dir.path(), &["check-dir", "m"]).expect(0);
    run(dir.path(), &["check-dir", "m", "--portable"]).expect(1);
    run(dir.path(), &["create", "m", M, "m.zip"]).expect(0);
    run(dir.path(), &["check", "m.zip", M]).expect(0);
    run(dir.path(), &["check", "m.zip", M, "--portable"]).expect(1);
    let unzip = run(dir.path(), &["unzip", "m.zip", M, "out", "--portable"]).expect(1);
    assert!(unzip.stderr.contains("trailing "), "{}", unzip.stderr);
    assert!(!dir.path().join("out").exists());
}

#[test]
fn hostile_zips_are_refused_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let write = |zip: ModuleZip| fs::write(dir.path().join("bad.zip"), zip.build()).unwrap();
    let plain = || ModuleZip::new("example.com/m", "v1.0.0").file("m.go", "package m\n");
    for name in ["../escape", "a/../../escape", "M.go", "go.MOD", "x/go.mod"] {
        write(plain().file(name, "x"));
        let check = run(dir.path(), &["check", "bad.zip", M]).expect(1);
        assert!(check.stdout.contains(name), "{name}: {}", check.stdout);
        run(dir.path(), &["unzip", "bad.zip", M, "out"]).expect(1);
        assert!(!dir.path().join("out").exists() && !dir.path().join("escape").exists());
    }
    write(plain());
    let other = run(dir.path(), &["check", "bad.zip", "example.com/m@v1.0.1"]).expect(1);
    assert!(other.stdout.contains("path does not have prefix"), "{}", other.stdout);

    let mut cut = plain().build();
    cut.truncate(cut.len() - 10);
    fs::write(dir.path().join("cut.zip"), cut).unwrap();
    let cut = run(dir.path(), &["check", "cut.zip", M]).expect(1);
    assert!(cut.error().contains("cut.zip: not a valid zip file"), "{}", cut.stderr);
    let absent = run(dir.path(), &["check", "absent.zip", M]).expect(1);
    assert!(absent.error().contains("absent.zip: "), "{}", absent.stderr);
}

/// Names that would clear a terminal or make a line of their own are shown, not obeyed.
#[test]
fn names_cannot_play_tricks() {
    let dir = tempfile::tempdir().unwrap();
    let names: [&[u8]; 8] = [
        b"\x1b[2J",
        b"a\nexample.com/m@v1.0.0: valid",
        b"\xff",
        "\u{9b}K".as_bytes(),
        "a\u{202e}og.x".as_bytes(),
        "e\u{301}\u{fe0f}".as_bytes(),
        "\u{200b}\u{ad}\u{feff}b".as_bytes(),
        "\u{e0001}\u{e0061}c".as_bytes(),
    ];
    let zip = names.iter().fold(ModuleZip::new("example.com/m", "v1.0.0"), |zip, name| {
        zip.raw_name([M.as_bytes(), b"/", name].concat(), "x")
    });
    fs::write(dir.path().join("bad.zip"), zip.build()).unwrap();
    fs::write(
        dir.path().join("empty.zip"),
        ModuleZip::new("example.com/m", "v1.0.0").file("m.go", "").build(),
    )
    .unwrap();
    let check = run(dir.path(), &["check", "bad.zip", M]).expect(1);
    assert_eq!(check.stdout.lines().count(), 1 + names.len(), "{}", check.stdout);
    assert!(check.stdout.contains(r#"invalid: "example.com/m@v1.0.0/\x1b[2J": "#), "{}", check.stdout);
    assert!(check.stdout.contains(r#"invalid: "example.com/m@v1.0.0/\xff": "#), "{}", check.stdout);
    let diff = run(dir.path(), &["diff", "empty.zip", "bad.zip"]).expect(1);
    assert_eq!(diff.stdout.lines().count(), 1 + names.len() + 1, "{}", diff.stdout);
    let unzip = run(dir.path(), &["unzip", "bad.zip", M, "out"]).expect(1);
    assert!(unzip.error().contains("bad.zip"), "{}", unzip.stderr);
    for text in [check.stdout, diff.stdout, unzip.stderr] {
        assert!(text.chars().all(|c| c == '\n' || Printable::is_plain(c)), "{text:?}");
    }
}

#[test]
fn options_stand_before_and_behind_the_job() {
    let dir = module();
    run(dir.path(), &["create", "m", M, "m.zip"]).expect(0);
    let plain = run(dir.path(), &["diff", "m.zip", "m.zip", "--json"]).expect(0);
    assert_eq!(plain.records().len(), 1);
    for args in [
        &["--json", "diff", "m.zip", "m.zip"][..],
        &["diff", "--json", "m.zip", "m.zip"],
        &["--threads", "1", "--json", "diff", "m.zip", "m.zip"],
        &["--json", "diff", "m.zip", "m.zip", "--threads", "1"],
    ] {
        assert_eq!(run(dir.path(), args).expect(0).stdout, plain.stdout, "{args:?}");
    }
}

#[test]
fn diff_names_what_was_added_removed_and_changed() {
    let dir = tempfile::tempdir().unwrap();
    let zip = |version: &str, files: &[(&str, &str)]| {
        let zip =
            files.iter().fold(ModuleZip::new("example.com/m", version), |zip, (n, text)| zip.file(n, *text));
        fs::write(dir.path().join(format!("{version}.zip")), zip.build()).unwrap();
    };
    zip("v1.0.0", &[("gone.go", "1"), ("same.go", "2"), ("text.go", "a\nb\n"), ("code.go", "3")]);
    zip("v1.1.0", &[("new.go", "1"), ("same.go", "2"), ("text.go", "a\r\nb\r\n"), ("code.go", "4")]);
    let run = run(dir.path(), &["diff", "v1.0.0.zip", "v1.1.0.zip", "--json"]).expect(1);
    let expected =
        [("removed", "gone.go"), ("added", "new.go"), ("changed", "code.go"), ("changed", "text.go")];
    assert_eq!(changes(&run), expected.map(|(change, path)| (change.to_owned(), path.to_owned())));
    let text = run.records().into_iter().find(|record| record["path"] == "text.go").unwrap();
    assert_eq!((&text["line_endings_only"], &text["old"]["size"]), (&Value::Bool(true), &4.into()));
}

#[test]
fn diff_says_which_zip_has_the_pointers_of_git_lfs() {
    let dir = tempfile::tempdir().unwrap();
    let picture: Vec<u8> = (0..=255).cycle().take(5120).collect();
    let sha256 = *gomod_sum::FileHash::of(&picture).digest();
    let pointer = gomod_module::LfsPointer { sha256, size: 5120 }.to_text();
    for (name, logo) in [("pointer.zip", pointer.as_bytes()), ("file.zip", &picture)] {
        let zip = ModuleZip::new("example.com/m", "v1.0.0").file("assets/logo.png", logo);
        fs::write(dir.path().join(name), zip.build()).unwrap();
    }
    let text = run(dir.path(), &["diff", "pointer.zip", "file.zip"]).expect(1).stdout;
    assert!(text.contains("the old zip has the git-lfs pointer to the other file, by its SHA-256"), "{text}");
    let json = run(dir.path(), &["diff", "file.zip", "pointer.zip", "--json"]).expect(1);
    assert_eq!(json.records()[0]["cause"], serde_json::json!({"kind": "lfs_pointer", "pointer": "new"}));
}

#[test]
fn wrong_usage_has_status_2() {
    let dir = tempfile::tempdir().unwrap();
    for args in [
        &[][..],
        &["check", "a.zip"],
        &["check", "a.zip", "example.com/m"],
        &["--threads", "0", "--sample"],
        &["--json"],
        &["--sample", "check-dir", "."],
        &["check-dir", ".", "--sample"],
        &["what"],
    ] {
        run(dir.path(), args).expect(2);
    }
    assert!(run(dir.path(), &["--help"]).expect(0).stdout.contains("Exit status:"));
}
