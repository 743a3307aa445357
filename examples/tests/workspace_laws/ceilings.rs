//! What a dependency on a crate costs: how many packages are compiled with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Who depends, the arguments of `cargo tree` that say so, and how many packages that may be, the crate itself included.
const CEILINGS: &[(&str, &[&str], usize)] = &[
    ("paths and versions", &["-p", "gomod-module", "--no-default-features"], 8),
    ("a reader of go.sum", &["-p", "gomod-sum", "--no-default-features"], 12),
    ("a hasher", &["-p", "gomod-sum"], 19),
    ("the checksum database", &["-p", "gomod-sum", "--no-default-features", "--features", "sumdb"], 24),
    ("a reader of zips", &["-p", "gomod-archive"], 8),
    ("the rules of zips", &["-p", "gomod-zip"], 19),
    ("the module cache", &["-p", "gomod-cache"], 12),
    ("modules from git", &["-p", "gomod-vcs"], 32),
    ("the protocol of proxies", &["-p", "gomod-proxy-client", "--no-default-features"], 16),
    (
        "a client without TLS",
        &["-p", "gomod-proxy-client", "--no-default-features", "--features", "client", "-e", "normal,build"],
        88,
    ),
    (
        "a client with its own cryptography",
        &[
            "-p",
            "gomod-proxy-client",
            "--no-default-features",
            "--features",
            "rustls-no-provider",
            "-e",
            "normal,build",
        ],
        99,
    ),
    // 168 on 2026-11-28, when it was decided that the main job may compile at most five more.
    ("the tools", &["-p", "gomod-examples", "-e", "normal,build"], 173),
    ("what the main command joins", &["-e", "normal,build"], 174),
    ("the tools as they are released", RELEASED, 162),
];

const RELEASED: &[&str] = &["-p", "gomod-examples", "-e", "normal,build", "--no-default-features"];

fn packages(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .args(["-e", "normal"])
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("cargo tree prints text");
    // Name and version; what follows says where it lies, or that it stood there before.
    let package = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    tree.lines().map(package).collect()
}

#[test]
fn released_tools_are_without_the_sample_and_what_it_is_made_with() {
    for package in packages(RELEASED) {
        let name = package.split(' ').next().unwrap_or_default();
        assert!(!["gomod-testkit", "rcgen", "zip"].contains(&name), "{package}");
    }
}

#[test]
fn no_dependency_costs_more_than_it_may() {
    for (who, arguments, most) in CEILINGS {
        let packages = packages(arguments);
        let count = packages.len();
        assert!(count <= *most, "{who} compiles {count} packages, more than {most}: {packages:#?}");
    }
}

/// The versions of each package in a Cargo.lock, which is written by cargo: `name`, then `version`.
fn locked(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = fs::read_to_string(path).expect("a Cargo.lock");
    let value = |line: Option<&str>, key: &str| {
        line?.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"').map(str::to_owned)
    };
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in text.split("[[package]]\n").skip(1) {
        let mut lines = package.lines();
        let name = value(lines.next(), "name").expect("a name");
        let version = value(lines.next(), "version").expect("a version");
        packages.entry(name).or_default().insert(version);
    }
    packages
}

/// Else the gate compiles half of the workspace's dependencies once more.
#[test]
fn the_fuzz_targets_use_the_versions_of_the_workspace() {
    let workspace = locked("Cargo.lock");
    let fuzz = locked("fuzz/Cargo.lock");
    assert!(fuzz.contains_key("gomod-module"), "{fuzz:?}");
    let others = fuzz.iter().filter_map(|(name, versions)| {
        let shared = workspace.get(name)?;
        (!versions.is_subset(shared)).then(|| format!("{name}: {versions:?}, in the workspace {shared:?}"))
    });
    let others: Vec<_> = others.collect();
    assert!(others.is_empty(), "cp Cargo.lock fuzz/, then cargo metadata there:\n{}", others.join("\n"));
}
