//! Inside a crate: each folder uses only those before it, and no two files use each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The crates whose files lie in folders. The order is that of the modules in `lib.rs`.
const LAYERED: &[&str] = &["gomod-sum", "gomod-proxy-client", "gomod-vcs"];

/// The source files of a crate: module path (`hash::dir::error`, empty for `lib.rs`) and text.
type Modules = BTreeMap<String, String>;

fn modules(dir: &Path, above: &str, found: &mut Modules) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let module = match name.as_str() {
            "mod" | "lib" => above.to_owned(),
            _ if above.is_empty() => name.clone(),
            _ => format!("{above}::{name}"),
        };
        if path.is_dir() {
            modules(&path, &module, found);
        } else if name != "tests" {
            let text = fs::read_to_string(&path).expect("a source file");
            found.insert(module, text);
        }
    }
}

/// The paths of a module's `use` items, without the braces, outside its tests.
fn uses(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines: Vec<_> = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = lines.join("\n");
    let mut paths = Vec::new();
    for item in code.split(';') {
        let item = item.rsplit_once("use ").filter(|(before, _)| {
            let start = before.rsplit('\n').next().unwrap_or_default().trim();
            start.is_empty() || start.starts_with("pub")
        });
        if let Some((_, tree)) = item {
            expand("", &tree.split_whitespace().collect::<String>(), &mut paths);
        }
    }
    paths
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn expand(before: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((start, rest)) = tree.split_once('{') else {
        return paths.push(format!("{before}{tree}"));
    };
    let before = format!("{before}{start}");
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let (mut depth, mut from) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if from < at {
                    expand(&before, &inner[from..at], paths);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// The module that a path means, if it is one of the crate: the longest that it begins with.
fn resolve(from: &str, path: &str, modules: &Modules) -> Option<String> {
    let mut parts = path.split("::").peekable();
    let mut at: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    match *parts.peek()? {
        "crate" => at.clear(),
        "self" => {}
        "super" => _ = at.pop(),
        // A module right below, or another crate.
        child => {
            let child = at.iter().copied().chain([child]).collect::<Vec<_>>().join("::");
            return modules
                .contains_key(&child)
                .then(|| longest(&[&at[..], &path.split("::").collect::<Vec<_>>()].concat(), modules));
        }
    }
    parts.next();
    while parts.peek() == Some(&"super") {
        at.pop();
        parts.next();
    }
    at.extend(parts);
    Some(longest(&at, modules))
}

fn longest(parts: &[&str], modules: &Modules) -> String {
    let of = |count: usize| parts.iter().take(count).copied().collect::<Vec<_>>().join("::");
    (0..=parts.len()).rev().map(of).find(|module| modules.contains_key(module)).unwrap_or_default()
}

fn folder(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

/// What of a crate breaks the laws.
fn violations(modules: &Modules) -> Vec<String> {
    let declared = modules[""]
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ").or(line.strip_prefix("mod "))?.strip_suffix(';'));
    let layers: Vec<_> = declared.collect();
    let rank = |module: &str| layers.iter().position(|layer| *layer == folder(module));
    let mut found = Vec::new();
    let mut graph: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (module, text) in modules.iter().filter(|(module, _)| !module.is_empty()) {
        for path in uses(text) {
            let Some(target) = resolve(module, &path, modules).filter(|target| target != module) else {
                continue;
            };
            if target.is_empty() {
                found.push(format!("{module} uses {path} through lib.rs"));
            } else if rank(&target) > rank(module) {
                found.push(format!("{module} uses {path}, a later layer"));
            } else if folder(&target) != folder(module) && !target.contains("::") {
                found.push(format!("{module} uses {path}, not from the file that defines it"));
            }
            graph.entry(module).or_default().insert(target);
        }
    }
    for module in graph.keys() {
        let mut seen = BTreeSet::new();
        let mut pending: Vec<&String> = graph[module].iter().collect();
        while let Some(next) = pending.pop() {
            if next == module {
                found.push(format!("{module} is in a circle"));
                break;
            }
            if seen.insert(next) {
                pending.extend(graph.get(next.as_str()).into_iter().flatten());
            }
        }
    }
    found
}

#[test]
fn layers_use_only_those_before_them() {
    for name in LAYERED {
        let mut found = Modules::new();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
        modules(&source, "", &mut found);
        let violations = violations(&found);
        assert!(violations.is_empty(), "{name}:\n{}", violations.join("\n"));
    }
}

#[test]
fn each_violation_of_a_layer_is_named() {
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);
    let crate_of = |files: &[(&str, &str)]| -> Modules {
        let lib = ("", "pub mod low;\n\npub mod high;\n");
        let empty = ["low", "low::a", "low::b", "high", "high::c"].map(|module| (module, ""));
        let all = [lib].into_iter().chain(empty).chain(files.iter().copied());
        all.map(|(module, text)| (module.to_owned(), text.to_owned())).collect()
    };
    let cases: [Case<'_>; 6] = [
        (&[("low", "mod a;\npub use a::A;\n"), ("high::c", "use crate::low::{a::A, b::{B, C}};\n")], &[]),
        (&[("low::a", "use crate::high::c::C;\n")], &["low::a uses crate::high::c::C, a later layer"]),
        (&[("low::a", "use crate::B;\n")], &["low::a uses crate::B through lib.rs"]),
        (
            &[("high::c", "use crate::low::A;\n")],
            &["high::c uses crate::low::A, not from the file that defines it"],
        ),
        (
            &[("low::a", "use super::b::B;\n"), ("low::b", "use super::{\n    a::A,\n};\n")],
            &["low::a is in a circle", "low::b is in a circle"],
        ),
        (
            &[
                ("low", "pub use b::B;\n"),
                ("low::b", "use super::A;\n\n#[cfg(test)]\nmod tests {\n    use crate::X;\n}\n"),
            ],
            &["low is in a circle", "low::b is in a circle"],
        ),
    ];
    for (files, want) in cases {
        assert_eq!(violations(&crate_of(files)), want, "{files:?}");
    }
}
