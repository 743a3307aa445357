//! The laws of this workspace: which member may depend on which, which are published, how the
//! files of a crate depend on each other, what a dependency costs, how a crate is found, and where the one unchecked call is.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "workspace_laws/ceilings.rs"]
mod ceilings;
#[path = "workspace_laws/layers.rs"]
mod layers;
#[path = "workspace_laws/packages.rs"]
mod packages;
#[path = "workspace_laws/pages.rs"]
mod pages;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// What one member may do.
struct Law {
    name: &'static str,
    /// The members it may depend on.
    normal: &'static [&'static str],
    /// The members its tests may depend on besides those.
    dev: &'static [&'static str],
    published: bool,
}

const TESTKIT: &str = "gomod-testkit";
const LIBRARIES: &[&str] = &[
    "gomod-module",
    "gomod-archive",
    "gomod-sum",
    "gomod-zip",
    "gomod-cache",
    "gomod-proxy-client",
    "gomod-vcs",
    TESTKIT,
];

/// No member may be a build-dependency, and every member has a law.
const LAWS: &[Law] = &[
    Law { name: "gomod-module", normal: &[], dev: &[TESTKIT], published: true },
    Law { name: "gomod-archive", normal: &[], dev: &[TESTKIT], published: true },
    Law { name: "gomod-sum", normal: &["gomod-module", "gomod-archive"], dev: &[TESTKIT], published: true },
    Law { name: "gomod-zip", normal: &["gomod-module", "gomod-archive"], dev: &[TESTKIT], published: true },
    Law { name: "gomod-cache", normal: &["gomod-module"], dev: &[TESTKIT], published: true },
    Law { name: "gomod-proxy-client", normal: &["gomod-module"], dev: &[TESTKIT], published: true },
    Law { name: "gomod-vcs", normal: &["gomod-module"], dev: &[TESTKIT], published: true },
    Law {
        name: TESTKIT,
        normal: &["gomod-module", "gomod-archive", "gomod-proxy-client"],
        dev: &[],
        published: false,
    },
    Law { name: "gomod-examples", normal: LIBRARIES, dev: &[], published: false },
    Law { name: "gomod-benches", normal: LIBRARIES, dev: &[], published: false },
];

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn violations(metadata: &Value) -> Vec<String> {
    let packages = array(&metadata["packages"]);
    let members: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut found = Vec::new();
    for law in LAWS.iter().filter(|law| !members.contains(law.name)) {
        found.push(format!("{}: has a law but is no member", law.name));
    }
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(law) = LAWS.iter().find(|law| law.name == name) else {
            found.push(format!("{name}: a member without a law"));
            continue;
        };
        // `publish = false` is an empty list of registries.
        if (package["publish"] == json!([])) == law.published {
            let must = if law.published { "must not" } else { "must" };
            found.push(format!("{name}: {must} say publish = false"));
        }
        for dependency in array(&package["dependencies"]) {
            found.extend(violation(law, dependency, &members));
        }
    }
    found
}

fn violation(law: &Law, dependency: &Value, members: &BTreeSet<&str>) -> Option<String> {
    let on = dependency["name"].as_str().unwrap_or_default();
    if !members.contains(on) {
        return None;
    }
    let kind = dependency["kind"].as_str().unwrap_or("normal");
    let allowed = match kind {
        "normal" => law.normal.contains(&on),
        "dev" => law.normal.contains(&on) || law.dev.contains(&on),
        _ => false,
    };
    let name = law.name;
    if !allowed {
        return Some(format!("{name}: {kind}-dependency on {on}"));
    }
    if dependency["path"].is_null() {
        return Some(format!("{name}: {kind}-dependency on {on} is not by path"));
    }
    // Publishing drops a dev-dependency without a version; with one, it would look for it in the registry.
    if on == TESTKIT && dependency["req"] != "*" {
        return Some(format!("{name}: {kind}-dependency on {on} has the version {}", dependency["req"]));
    }
    None
}

fn metadata() -> Value {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--manifest-path"])
        .arg(manifest)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

#[test]
fn the_workspace_keeps_its_laws() {
    let found = violations(&metadata());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The one file that may hold such code.
const UNSAFE: &str = "gomod-sum/src/hash/sha256/interleaved.rs";

/// The Rust files below a directory that hold the word, be it in a comment.
fn unsafe_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            unsafe_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.any(|word| word == concat!("un", "safe")) {
                found.push(path);
            }
        }
    }
}

#[test]
fn only_one_file_is_unsafe() {
    let mut found = Vec::new();
    let members = metadata();
    for package in array(&members["packages"]) {
        let manifest = package["manifest_path"].as_str().map(Path::new);
        unsafe_files(manifest.and_then(Path::parent).expect("a directory"), &mut found);
    }
    assert!(matches!(&found[..], [file] if file.ends_with(UNSAFE)), "{found:?}");
}

#[test]
fn each_violation_is_named() {
    let path = "/w";
    let cases = [
        (
            json!({"name": "gomod-zip", "kind": null, "req": "^0.1", "path": path}),
            "normal-dependency on gomod-zip",
        ),
        (
            json!({"name": "gomod-sum", "kind": "dev", "req": "^0.1", "path": path}),
            "dev-dependency on gomod-sum",
        ),
        (
            json!({"name": "gomod-module", "kind": "build", "req": "*", "path": path}),
            "build-dependency on gomod-module",
        ),
        (
            json!({"name": TESTKIT, "kind": null, "req": "*", "path": path}),
            "normal-dependency on gomod-testkit",
        ),
        (
            json!({"name": TESTKIT, "kind": "dev", "req": "^0.0.0", "path": path}),
            "dev-dependency on gomod-testkit has the version \"^0.0.0\"",
        ),
        (
            json!({"name": "gomod-module", "kind": null, "req": "^0.1"}),
            "normal-dependency on gomod-module is not by path",
        ),
    ];
    for (dependency, want) in cases {
        let mut metadata = metadata();
        let packages = metadata["packages"].as_array_mut().expect("packages");
        let cache =
            packages.iter_mut().find(|package| package["name"] == "gomod-cache").expect("gomod-cache");
        cache["dependencies"] = json!([dependency]);
        assert_eq!(violations(&metadata), [format!("gomod-cache: {want}")]);
    }

    let mut metadata = metadata();
    let packages = metadata["packages"].as_array_mut().expect("packages");
    packages.retain(|package| package["name"] != "gomod-benches");
    packages.push(json!({"name": "gomod-new", "publish": null, "dependencies": []}));
    for package in packages.iter_mut().filter(|package| package["name"] == "gomod-examples") {
        package["publish"] = Value::Null;
    }
    let found = violations(&metadata);
    for want in [
        "gomod-benches: has a law but is no member",
        "gomod-new: a member without a law",
        "gomod-examples: must say publish = false",
    ] {
        assert!(found.iter().any(|violation| violation == want), "{want} is not in {found:?}");
    }
}
