//! Laws of the go.mod and go.work readers: no input makes them panic or slow; whatever the strict reader accepts, the
//! lax one accepts with the same modules; a line number names a line of the file.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use gomod_module::modfile::{MAX_GO_MOD, VendorRule};
use gomod_module::modfile::{Require, Retract};
use gomod_module::{GoMod, GoWork};
use proptest::prelude::*;

/// Text that often is a go.mod, with everything that its grammar knows.
fn likely() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "module ",
        "go ",
        "1.21",
        "1.17rc1",
        "v1.2.x",
        "toolchain go1.21.0",
        "require ",
        "exclude ",
        "replace ",
        "retract ",
        "tool ",
        "ignore ",
        "godebug ",
        "use ",
        "unknown ",
        "example.com/m",
        "gopkg.in/yaml.v3",
        "example.com/m/v2 ",
        " v1.2.3",
        " v2.0.0+incompatible",
        " v1",
        " latest",
        " => ",
        "../dir",
        "x=y",
        "[",
        "]",
        ",",
        "(",
        ")",
        " (\n",
        ")\n",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "// indirect",
        "// indirect; x\n",
        "//",
        "/*",
        "// Deprecated: a\n",
        "\t",
        " ",
        "\"",
        "\"a b\"",
        "\"\\x41\\\n\"",
        "`",
        "'",
        "\\",
        "{",
        "\u{a0}",
        "é",
        "\u{feff}",
        "\0",
    ]);
    let bytes = prop_oneof![9 => piece.prop_map(|text| text.as_bytes().to_vec()), 1 => any::<Vec<u8>>()];
    prop::collection::vec(bytes, 0..60).prop_map(|pieces| pieces.concat())
}

/// A go.mod that the strict reader accepts, out of single lines.
fn valid() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "require example.com/a v1.0.0",
        "require example.com/b/v2 v2.1.0 // indirect",
        "require (\n\ta v0.1.0\n\n\tb v1\n)",
        "exclude example.com/a v1.0.1",
        "replace a => ../a",
        "replace a v1.0.0 => b v1.0.0",
        "retract v1.0.0 // bad",
        "// why\nretract [v1.0.0, v1.1.0]",
        "tool example.com/a",
        "ignore ./x",
        "godebug x=y",
        "// a comment",
        "",
    ]);
    let head =
        prop::sample::select(vec!["", "module example.com/m\n", "module m\ngo 1.21rc1\ntoolchain default\n"]);
    (head, prop::collection::vec(line, 0..20))
        .prop_map(|(head, lines)| [head, &lines.join("\n")].concat().into_bytes())
}

proptest! {
    #[test]
    fn nothing_panics(data in prop_oneof![likely(), any::<Vec<u8>>()]) {
        let lines = data.split(|byte| *byte == b'\n').count();
        for error in [GoMod::parse(&data).err(), GoMod::parse_lax(&data).err(), GoWork::parse(&data).err()] {
            let Some(error) = error else { continue };
            prop_assert!(!error.errors().is_empty() && !error.to_string().is_empty());
            prop_assert!(error.errors().iter().all(|problem| (1..=lines).contains(&problem.line)));
        }
        VendorRule::of(&data);
    }

    #[test]
    fn lax_accepts_what_strict_accepts(data in prop_oneof![likely(), valid()]) {
        if let Ok(strict) = GoMod::parse(&data) {
            let lax = GoMod::parse_lax(&data).expect("accepted by the strict reader");
            prop_assert_eq!(strict.module, lax.module);
            prop_assert_eq!(strict.go, lax.go);
            prop_assert_eq!(strict.require, lax.require);
            prop_assert_eq!(strict.retract, lax.retract);
            prop_assert_eq!(strict.ignore, lax.ignore);
            prop_assert!(lax.exclude.is_empty() && lax.replace.is_empty() && lax.tool.is_empty());
        }
    }

    #[test]
    fn valid_files_are_accepted(data in valid()) {
        let file = GoMod::parse(&data).expect("valid");
        let text = String::from_utf8(data).unwrap();
        for Require { path, line, .. } in &file.require {
            prop_assert!(text.lines().nth(line - 1).unwrap().contains(path.as_str()));
        }
        for Retract { high, line, .. } in &file.retract {
            prop_assert!(text.lines().nth(line - 1).unwrap().contains(high.as_str()));
        }
    }
}

#[test]
fn work_grows_with_the_input_only() {
    let shapes = [
        "x\n",
        "(\n",
        "x (\n",
        "x (\n)\n",
        "// c\n",
        "\n",
        "\"\\\n",
        "\"",
        "`",
        "\"\\\n\" // c\n",
        "a ",
        "(",
        "[,]",
        "\u{a0}",
        "é",
        "// Deprecated:\n//\n",
        "require a v1 // indirect\n",
        "retract (\n\n//\n",
        "\t",
        "\r",
        "\0",
        "require \"\\x41\" v1\n",
    ];
    for shape in shapes {
        let data = shape.repeat((1 << 18) / shape.len());
        let start = Instant::now();
        let _ = GoMod::parse(data.as_bytes());
        let _ = GoMod::parse_lax(data.as_bytes());
        let _ = GoWork::parse(data.as_bytes());
        // Quadratic work would take minutes.
        assert!(start.elapsed() < Duration::from_secs(30), "{shape:?}");
    }
}

/// Go copies the comments of a block for each of its lines.
#[test]
fn lines_share_the_comments_of_their_block() {
    let comment = "// a reason\n".repeat(5000);
    let lines = "\tv1.0.0\n".repeat(5000);
    let data = format!("{comment}retract (\n{lines}\tv1.1.0 // another\n)\n");
    let counted = allocation_counter::measure(|| {
        let file = GoMod::parse_lax(data.as_bytes()).unwrap();
        let [first, .., before, last] = &file.retract[..] else { unreachable!() };
        assert!(first.rationale.starts_with("a reason\na reason") && first.rationale == before.rationale);
        assert_eq!(last.rationale.as_str(), "another");
    });
    assert!(counted.bytes_max < 100 * data.len() as u64, "{counted:?} for {} bytes", data.len());
}

#[test]
fn problems_are_limited() {
    let error = GoMod::parse("x\n".repeat(5000).as_bytes()).unwrap_err();
    assert_eq!(error.errors().len(), 1000);
    assert_eq!(error.to_string(), "line 1: unknown directive: x (and 999 more)");
    assert_eq!(error.go_text("go.mod").lines().count(), 1000);
}

#[test]
fn a_file_has_a_largest_size() {
    let mut data = b"module m\n".to_vec();
    data.resize(MAX_GO_MOD.try_into().unwrap(), b'\n');
    assert!(GoMod::parse(&data).is_ok());
    data.push(b'\n');
    let error = GoMod::parse_lax(&data).unwrap_err();
    assert_eq!(error.to_string(), "line 1: file is 16777217 bytes, more than 16777216");
    assert_eq!(VendorRule::of(&data), VendorRule::Old);
}

#[test]
fn problems_have_places() {
    let error = GoMod::parse(b"module m\nrequire (\n\ta b\n)\nfoo\n").unwrap_err();
    let places: Vec<_> = error.errors().iter().map(|problem| (problem.line, problem.column)).collect();
    assert_eq!(places, [(3, 2), (5, 1)]);
    assert_eq!(error.errors()[1].to_string(), "line 5: unknown directive: foo");
}

#[test]
fn modules_of_lines() {
    let mut text = String::from("module m\n");
    for (path, version) in [("example.com/a", "v1"), ("A..", "v1.0.0"), ("\"\\xff.com/x\"", "v1.0.0")] {
        writeln!(text, "require {path} {version}").unwrap();
    }
    let file = GoMod::parse(text.as_bytes()).unwrap();
    assert_eq!(file.require[0].module_version().unwrap().to_string(), "example.com/a@v1.0.0");
    assert!(file.require[1].module_version().is_err());
    assert!(file.require[2].module_version().is_err());
    assert_eq!(file.require[2].path.as_bytes(), b"\xff.com/x");
}

#[test]
fn pruning_needs_go_1_17() {
    for (version, pruned) in
        [("1.17", true), ("1.16.9", false), ("1.17rc1", false), ("1.18.x", true), ("v1.17.x", true)]
    {
        let file = GoMod::parse_lax(format!("module m\ngo {version}\n").as_bytes()).unwrap();
        assert_eq!(file.go_at_least("1.17"), pruned, "{version}");
    }
    assert!(!GoMod::parse_lax(b"module m\n").unwrap().go_at_least("1.17"));
}

#[test]
fn comments_find_their_line_past_a_line_of_two() {
    // A comment behind a word that spans lines belongs to what stands on one line before it.
    let file = GoMod::parse_lax(b"require a v1.0.0\nnew \"x\\\ny\" // indirect\n").unwrap();
    assert!(file.require[0].indirect);
    let file = GoMod::parse_lax(b"require a v1.0.0\n\n// c\n\nnew \"x\\\ny\" // indirect\n").unwrap();
    assert!(!file.require[0].indirect);
}

#[test]
fn vendored_files() {
    for (name, old, new) in [
        ("vendor/modules.txt", false, true),
        ("vendor/v.go", false, false),
        ("vendor/a/b.go", true, true),
        ("pkg/vendor/vendor.go", true, false),
        ("pkg/vendor/modules.txt", true, false),
        ("a/vendor/x.go", true, false),
        ("pkg/vendor/foo/foo.go", true, true),
        ("x/vendor/y/vendor/z.go", true, true),
        ("vendor/vendor/a.go", true, true),
        ("vendor", false, false),
        ("abc/vendor", false, false),
        ("Vendor/a/b.go", false, false),
    ] {
        let is_vendored = |rule: VendorRule| rule.is_vendored(name.as_bytes());
        assert_eq!((is_vendored(VendorRule::Old), is_vendored(VendorRule::New)), (old, new), "{name}");
    }
}
