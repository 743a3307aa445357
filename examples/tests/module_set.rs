//! The module set of `go mod download`, against the real command's on the vectors of `module_set.jsonl`.

use std::collections::BTreeSet;

use gomod_module::GoMod;
use gomod_testkit::vectors::text;
use serde_json::Value;
use support::module_set::{ModuleSet, ModuleSetError, Origin};

type Names = BTreeSet<String>;

/// The zips, the go.mod files, and the paths that `exclude` left without a version.
fn module_set(input: &Value) -> Result<(Vec<String>, Names, Vec<String>), Option<ModuleSetError>> {
    let main = GoMod::parse(text(&input["go_mod"]).unwrap_or_default().as_bytes()).map_err(|_| None)?;
    let mut set = ModuleSet::new(&main)?;
    let mut mods = Names::new();
    loop {
        let missing = set.missing();
        if missing.is_empty() {
            break;
        }
        for module in missing {
            let (name, fetched) = match set.origin(&module) {
                Origin::Module(module) => (module.to_string(), true),
                Origin::Directory(directory) => (directory, false),
            };
            let go_mod = text(input["mods"].get(&name).ok_or(None)?).ok_or(None)?;
            if fetched {
                mods.insert(name);
            }
            set.supply(&module, go_mod.as_bytes())?;
        }
    }
    let zips = set.zips();
    let mut modules: Vec<_> = zips.modules.iter().map(ToString::to_string).collect();
    modules.sort();
    Ok((modules, mods, zips.unknown))
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

fn needs_a_newer_go(case: &Value) -> bool {
    case["error"].as_str().is_some_and(|error| error.contains(" requires go >= "))
}

#[test]
fn the_set_is_that_of_the_go_command() {
    let data = include_str!("data/module_set.jsonl");
    let mut compared = 0;
    for (number, line) in data.split_terminator('\n').enumerate() {
        let case: Value = serde_json::from_str(line).expect("a line of JSON");
        match module_set(&case["in"]) {
            // No toolchain is running here that a go line could ask too much of.
            Ok(_) if needs_a_newer_go(&case) => continue,
            Ok((zips, mods, unknown)) => {
                let error = case["error"].as_str().unwrap_or_default();
                assert_eq!(case["ok"], unknown.is_empty(), "line {}: {unknown:?}: {line}", number + 1);
                for path in &unknown {
                    assert!(error.contains(&format!("module {path}: not a known dependency")), "{line}");
                }
                assert_eq!(zips, names(&case["value"]["zips"]), "zips of line {}: {line}", number + 1);
                assert_eq!(
                    mods.into_iter().collect::<Vec<_>>(),
                    names(&case["value"]["mods"]),
                    "line {}: {line}",
                    number + 1
                );
            }
            Err(error) => assert_eq!(case["ok"], false, "line {}: {error:?}: {line}", number + 1),
        }
        compared += 1;
    }
    assert!(compared > 90, "only {compared} cases were compared");
}
