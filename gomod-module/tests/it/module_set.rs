//! What the vectors of the module set do not hold, each seen to be the go command's verdict.

use gomod_module::module_set::{ModuleSet, ModuleSetError};
use gomod_module::{GoMod, ModuleVersion};

fn set(lines: &str) -> Result<ModuleSet, ModuleSetError> {
    let text = format!("module example.com/main\n\ngo 1.22\n\n{lines}");
    ModuleSet::new(&GoMod::parse(text.as_bytes()).unwrap())
}

#[test]
fn two_replacements_of_one_module_conflict_unless_they_are_the_same() {
    let a = "replace example.com/a => example.com/fork v1.0.0\n";
    let b = "replace example.com/a => example.com/fork v1.1.0\n";
    assert!(set(&[a, a].concat()).is_ok());
    let error = set(&[a, b].concat()).unwrap_err();
    assert_eq!(error.to_string(), "line 6: conflicting replacements for example.com/a");
}

/// A fork that declares the path of what it replaces is no module of its own, even where it is known already.
#[test]
fn a_replacement_that_is_also_required_must_declare_its_own_path_too() {
    let fork: ModuleVersion = "example.com/fork@v1.0.0".parse().unwrap();
    let go_mod = b"module example.com/a\n\ngo 1.16\n";
    let mut set = set(
        "require example.com/a v1.0.0\nrequire example.com/b v1.0.0\nreplace example.com/a => example.com/fork v1.0.0\n",
    )
    .unwrap();
    for module in set.missing() {
        let text: &[u8] = match module.path().as_str() {
            "example.com/a" => go_mod,
            _ => b"module example.com/b\n\ngo 1.16\n\nrequire example.com/fork v1.0.0\n",
        };
        set.supply(&module, text).unwrap();
    }
    assert_eq!(set.missing(), std::slice::from_ref(&fork));
    let error = set.supply(&fork, go_mod).unwrap_err();
    assert!(matches!(error, ModuleSetError::OtherPath { .. }), "{error}");
}

/// The zip of a fork that replaces two modules is fetched once, and so is that of one which is required besides.
#[test]
fn a_zip_is_named_once() {
    let fork: ModuleVersion = "example.com/fork@v1.0.0".parse().unwrap();
    for (go, more) in [("1.22", ""), ("1.22", "require example.com/fork v1.0.0\n"), ("1.16", "")] {
        let text = format!(
            "module example.com/main\n\ngo {go}\n\n{more}require example.com/a v1.0.0\nrequire example.com/b v1.2.0\n\
             replace example.com/a => example.com/fork v1.0.0\nreplace example.com/b => example.com/fork v1.0.0\n"
        );
        let mut set = ModuleSet::new(&GoMod::parse(text.as_bytes()).unwrap()).unwrap();
        for module in set.missing() {
            // Go takes the fork's own path for what it replaces as well.
            set.supply(&module, b"module example.com/fork\n\ngo 1.16\n").unwrap();
        }
        assert!(set.missing().is_empty());
        assert_eq!(set.zips().modules, std::slice::from_ref(&fork), "go {go} {more}");
    }
}

#[test]
fn a_version_in_a_short_form_is_noted() {
    let shortened = |line: &str| GoMod::parse(format!("module m\n{line}\n").as_bytes()).unwrap().shortened;
    assert_eq!(shortened("require example.com/a v1.0.0"), None);
    assert_eq!(shortened("require example.com/a v1.0"), Some(2));
    assert_eq!(shortened("exclude example.com/a \"v1\""), Some(2));
    assert_eq!(shortened("replace example.com/a v1 => ../a"), Some(2));
    assert_eq!(shortened("replace example.com/a => example.com/b v1.0"), Some(2));
    assert_eq!(shortened("replace example.com/a => example.com/b v1.0.0"), None);
}
