//! Laws: modules of one repository share what its server said, and each run of git is told, to whoever asked last.

use std::ffi::OsString;
use std::sync::{Arc, Mutex};

use gomod_module::ModulePath;
use gomod_vcs::{GitProgram, GitStep, ModuleRepository, RepoRoot, RepoUrl, Vcs};

use crate::vcs::repositories;

/// A git program that keeps the command lines of its runs, each with `!` if it failed.
fn git(told: &Arc<Mutex<Vec<String>>>) -> Option<GitProgram> {
    let repositories = repositories()?;
    let mut environment = vec![(OsString::from("PATH"), std::env::var_os("PATH").unwrap_or_default())];
    environment.push(("GIT_CONFIG_GLOBAL".into(), repositories.join("gitconfig").into()));
    let told = Arc::clone(told);
    let observer = move |step: GitStep<'_>| {
        let mut told = told.lock().expect("no panic");
        match step {
            GitStep::Begun(command) => told.push(command.to_owned()),
            GitStep::Failed(_) => told.last_mut().expect("a run").push('!'),
            _ => {}
        }
    };
    GitProgram::find(environment).map(|git| git.observed_by(observer))
}

#[test]
fn the_server_is_asked_once_for_all_modules_of_a_repository() {
    let (first, second) = (Arc::default(), Arc::default());
    let (Some(git), Some(other)) = (git(&first), git(&second)) else { return };
    let cache = tempfile::tempdir().expect("a directory");
    let url = RepoUrl::new("https://vcs.test/multi", false).expect("a URL");
    let root = RepoRoot::new("vcs.test/multi.git", Vcs::Git, url);
    let path = |text: &str| ModulePath::new(text).expect("a path");
    let whole = path("vcs.test/multi.git");
    let mut module = ModuleRepository::open(&git, cache.path(), &root, &whole).expect("a repository");
    module.tagged_versions().expect("versions");
    let asked = |told: &Arc<Mutex<Vec<String>>>| {
        let told = told.lock().expect("no panic");
        (told.iter().filter(|line| line.starts_with("git ls-remote")).count(), told.len())
    };
    assert_eq!(asked(&first).0, 1, "{first:?}");
    let mut sub = module.beside(&root, &path("vcs.test/multi.git/sub")).expect("a module");
    let before = asked(&first);
    sub.runs(&other);
    assert!(!sub.tagged_versions().expect("versions").is_empty());
    assert!(sub.head().expect("HEAD").is_some());
    assert!(sub.stat("nothing-like-it").is_err());
    assert_eq!(asked(&first), before, "the other program runs now");
    assert_eq!(asked(&second).0, 0, "{second:?}");
    assert!(asked(&second).1 > 0);
    assert!(module.beside(&root, &path("other.test/m")).is_err());
}
