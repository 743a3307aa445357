//! However much a server, a zip or a file of the project says, a line of JSON has bounds; names stay whole.

use std::fs;

use gomod_testkit::{LoopbackProxy, ModuleTree, ModuleZip};
use serde_json::{Value, json};

use crate::download::world::{ALPHA, Run, World, sum_lines, tree};

const MEGABYTES: usize = 1 << 20;
const MAX_TEXT: usize = 65_536;

/// The longest text in a JSON value, keys included, in characters.
fn longest(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(values) => values.iter().map(longest).max().unwrap_or(0),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| key.chars().count().max(longest(value))).max().unwrap_or(0)
        }
        _ => 0,
    }
}

#[track_caller]
fn assert_bounded(run: &Run) -> Vec<Value> {
    let records = run.records();
    assert!(!records.is_empty(), "{}", run.stderr);
    for record in &records {
        assert!(longest(record) <= MAX_TEXT, "{} characters", longest(record));
    }
    records
}

/// Where `.info` says that the version comes from: nothing checks it.
#[test]
fn the_origin_of_a_version() {
    let long = "u".repeat(200_000);
    let info = json!({"Version": "v1.0.0", "Time": "2024-01-01T00:00:00Z",
        "Origin": {"VCS": "git", "URL": format!("https://example.com/{long}"), "Hash": long, "Ref": long}});
    let proxy = LoopbackProxy::serve(tree().file("example.com/alpha/@v/v1.0.0.info", info.to_string()));
    let run = World::new().download(&proxy.url()).expect(0);
    let origin = &run.record(ALPHA)["Origin"];
    assert_eq!(origin["VCS"], "git");
    assert!(origin["URL"].as_str().unwrap().starts_with("https://example.com/uuu"), "{origin}");
    assert!(longest(origin) <= 4000, "{}", longest(origin));
    assert_bounded(&run);
}

/// Valid versions have no limit of their own.
#[test]
fn versions_of_a_list() {
    let list = format!("v1.0.0\nv1.0.1-{}\n", "a".repeat(MEGABYTES));
    let proxy = LoopbackProxy::serve(tree().file("example.com/alpha/@v/list", list));
    let world = World::new();
    let args = [&*proxy.url(), "example.com/alpha", "--json", "--retries", "none"];
    let run = Run::of(world.tool("versions", "off", &args)).expect(1);
    let records = assert_bounded(&run);
    assert!(
        records.iter().any(|record| record["module"] == ALPHA && record["time"].is_string()),
        "{records:?}"
    );
}

#[test]
fn lines_of_go_sum() {
    let world = World::new();
    let long = "a".repeat(MEGABYTES);
    let go_sum = fs::read_to_string(world.project().join("go.sum")).unwrap();
    world.write("go.sum", &format!("{go_sum}example.com/{long} v1.0.0 h1:{long}\n"));
    let proxy = LoopbackProxy::serve(tree());
    let args = ["--project", "project", "--all", "--json", "--retries", "none"];
    assert_bounded(&world.run(&proxy.url(), &args).expect(1));
    for (tool, args) in [
        ("verify", &["--json", "--project", "project"][..]),
        ("sumdb", &["--json", "--retries", "none", "prove", "--project", "project"]),
    ] {
        assert_bounded(&Run::of(world.tool(tool, "off", args)));
    }
}

/// Up to the limit of the format, and of the names that a module may have.
#[test]
fn names_in_a_zip_stay_whole() {
    let world = World::new();
    let names = ["a/".repeat(30_000) + "a.", "\u{202e}".repeat(20_000), "é".repeat(32_000) + "."];
    let zip = |names: &[String]| {
        let zip = ModuleZip::new("example.com/m", "v1.0.0").file("go.mod", "module example.com/m\n");
        names.iter().fold(zip, |zip, name| zip.file(name, "text")).build()
    };
    fs::write(world.dir().join("m.zip"), zip(&names)).unwrap();
    fs::write(world.dir().join("n.zip"), zip(&[])).unwrap();
    let run =
        Run::of(world.tool("zip", "off", &["--json", "check", "m.zip", "example.com/m@v1.0.0"])).expect(1);
    let checked = assert_bounded(&run);
    let run = Run::of(world.tool("zip", "off", &["--json", "diff", "m.zip", "n.zip"])).expect(1);
    let compared = assert_bounded(&run);
    for name in &names {
        let is_named = |records: &[Value]| {
            records.iter().any(|record| record["path"].as_str().is_some_and(|path| path.ends_with(&**name)))
        };
        assert!(is_named(&checked) && is_named(&compared), "{} characters", name.chars().count());
    }
    assert_bounded(&Run::of(world.tool("hash", "off", &["--json", "zip", "m.zip"])));
}

/// A zip of the wrong module, of which every name is wrong, in the tools that fetch.
#[test]
fn what_a_hostile_zip_says_of_itself() {
    let long = "x".repeat(60_000);
    let zip = (0..60).fold(ModuleZip::new("example.com/other", "v1.0.0"), |zip, number| {
        zip.file(&format!("{long}{number}"), "text")
    });
    let hostile =
        ModuleTree::new().version("example.com/alpha", "v1.0.0", b"module example.com/alpha\n", &zip.build());
    let lines = sum_lines(&hostile, ALPHA);
    let hash = lines.split_whitespace().nth(2).unwrap();
    let proxy = LoopbackProxy::serve(hostile);
    let world = World::new();
    let [zip, go_mod] = [0, 1].map(|line| lines.lines().nth(line).unwrap());
    let args = [ALPHA, "--json", "--retries", "none", "--sum", zip, "--sum", go_mod];
    assert_bounded(&world.run(&proxy.url(), &args).expect(1));
    let args = ["fetch", &*proxy.url(), ALPHA, hash, "m.zip", "--json", "--retries", "none"];
    assert_bounded(&Run::of(world.tool("zip", "off", &args)).expect(1));
}
