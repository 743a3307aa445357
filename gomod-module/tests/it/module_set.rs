//! What the vectors of the module set do not hold, each seen to be the go command's verdict.

use gomod_module::module_set::{Member, ModuleSet, ModuleSetError, Source};
use gomod_module::{GoMod, GoWork, ModuleVersion};

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

/// A workspace with go 1.22 of members `./a`, `./b` and so on, of which each has these lines behind its `module` and `go` line.
fn workspace(work: &str, members: &[&str]) -> Result<ModuleSet, ModuleSetError> {
    let names: Vec<_> = ('a'..).take(members.len()).map(|name| (format!("./{name}"), name)).collect();
    let files: Vec<_> = names
        .iter()
        .zip(members)
        .map(|((_, name), lines)| {
            GoMod::parse(format!("module example.com/{name}\n\ngo 1.22\n\n{lines}").as_bytes()).unwrap()
        })
        .collect();
    let members: Vec<_> =
        names.iter().zip(&files).map(|((directory, _), file)| Member::new(directory, file)).collect();
    ModuleSet::workspace(&GoWork::parse(format!("go 1.22\n\n{work}").as_bytes()).unwrap(), &members)
}

fn directory(text: &str) -> Source {
    Source::Directory(text.to_owned())
}

#[test]
fn which_replacement_wins_in_a_workspace_depends_on_the_order_of_its_members() {
    let module = "example.com/m@v1.0.0".parse().unwrap();
    let (exact, all) = ("replace example.com/m v1.0.0 => ./x\n", "replace example.com/m => ./y\n");
    // The exact entry first: the later one wins, and the go command says nothing.
    let set = workspace("", &[exact, all]).unwrap();
    assert_eq!(set.source(&module), directory("./b/y"));
    // The other way round the earlier one is read, and it is an error, but only where the version is met.
    let set = workspace("", &[&[all, "require example.com/m v1.0.0\n"].concat(), exact]).unwrap();
    assert_eq!(set.source(&module), directory("./a/y"));
    let errors: Vec<_> = set.errors().iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        ["conflicting replacements found for example.com/m@v1.0.0 in workspace modules defined by \
          ./a/go.mod and ./b/go.mod"]
    );
    assert!(workspace("", &[all, exact]).unwrap().errors().is_empty());
    // go.work decides.
    let set = workspace("replace example.com/m => ../z\n", &[all, exact]).unwrap();
    assert_eq!(set.source(&module), directory("../z"));
    // The same directory by two ways is no conflict, the same text for two directories is.
    assert!(workspace("", &["replace m => ../y\n", "replace m => ../a/../y\n"]).is_ok());
    let error = workspace("", &["replace m => ./y\n", "replace m => ./y\n"]).unwrap_err();
    assert!(matches!(error, ModuleSetError::ConflictingMembers { .. }), "{error}");
    // go.work replaces another version of it: no conflict any more, and the last member wins.
    let set = workspace("replace example.com/m v1.1.0 => ./z\n", &[all, all]).unwrap();
    assert_eq!(set.source(&module), directory("./b/y"));
}

#[test]
fn a_workspace_needs_members_each_in_a_directory_of_its_own() {
    assert!(matches!(workspace("", &[]), Err(ModuleSetError::NoMembers)));
    let go_mod = GoMod::parse(b"module example.com/a\n").unwrap();
    let twice = [Member::new("./a", &go_mod), Member::new("a/../a/", &go_mod)];
    let error = ModuleSet::workspace(&GoWork::default(), &twice).unwrap_err();
    assert_eq!(error.to_string(), "path a appears multiple times in workspace");
    let other = [Member::new("./a", &go_mod), Member::new("/a", &go_mod)];
    let set = ModuleSet::workspace(&GoWork::default(), &other).unwrap();
    assert!(matches!(&set.errors()[..], [ModuleSetError::RepeatedMember(path)] if path == "example.com/a"));
}

/// What a member requires of another one is a module as any other, and the member is built all the same.
#[test]
fn a_member_that_another_one_requires_is_read_and_never_fetched() {
    let mut set = workspace("", &["", "require example.com/a v1.0.0\n"]).unwrap();
    let missing = set.missing();
    assert_eq!(missing, ["example.com/a@v1.0.0".parse().unwrap()]);
    set.supply(&missing[0], b"module example.com/a\n\nrequire example.com/m v1.0.0\n").unwrap();
    let missing = set.missing();
    assert_eq!(missing, ["example.com/m@v1.0.0".parse().unwrap()]);
    set.skip(&missing[0]);
    assert!(set.missing().is_empty());
    assert_eq!(set.zips().modules, missing);
    assert_eq!(set.build_list(), missing);
    assert_eq!(set.go_mods(), ["example.com/a@v1.0.0".parse().unwrap()]);
}
