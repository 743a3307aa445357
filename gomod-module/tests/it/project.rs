//! Laws: a directory has the go.mod and the go.work that `go env` names there; the files that belong to them are those
//! that the go command reads and writes.

use std::fs;
use std::path::{Path, PathBuf};

use gomod_module::goenv::GoEnvError;
use gomod_module::modfile::ReadGoModError;
use gomod_module::project::{FindProjectError, MainModule, Project, WorkFile};
use gomod_module::{GoEnv, GoMod, GoWork};
use gomod_testkit::GoCommand;
use tempfile::TempDir;

struct Tree(TempDir);

impl Tree {
    /// Each path, which ends in `/` for a directory, with its content.
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let file = dir.path().join(path);
            fs::create_dir_all(if path.ends_with('/') { &file } else { file.parent().unwrap() }).unwrap();
            if !path.ends_with('/') {
                fs::write(file, content).unwrap();
            }
        }
        Self(dir)
    }

    fn path(&self, path: &str) -> PathBuf {
        fs::canonicalize(self.0.path()).unwrap().join(path)
    }

    fn find(&self, dir: &str, variables: &[(&str, &str)]) -> Result<Project, FindProjectError> {
        Project::find(self.path(dir), &env(variables))
    }
}

fn env(variables: &[(&str, &str)]) -> GoEnv {
    let lookup = |name: &str| Some(variables.iter().find(|(other, _)| *other == name)?.1.into());
    GoEnv::resolve("linux", &lookup, None, None)
}

fn module(project: Result<Project, FindProjectError>) -> MainModule {
    match project.unwrap() {
        Project::Module(module) => module,
        Project::Workspace(file) => panic!("{file:?}"),
    }
}

fn work_file(project: Result<Project, FindProjectError>) -> WorkFile {
    match project.unwrap() {
        Project::Workspace(file) => file,
        Project::Module(module) => panic!("{module:?}"),
    }
}

/// Modules in modules, a workspace among them, and directories that are called as files are.
fn nested() -> Tree {
    Tree::new(&[
        ("go.mod", "module x.y/top\n"),
        ("a/go.mod/", ""),
        ("a/b/", ""),
        ("w/go.work", "go 1.22\n"),
        ("w/m/go.mod", "module x.y/m\n"),
        ("w/m/go.work/", ""),
        ("w/m/p/", ""),
    ])
}

#[test]
fn the_nearest_file_counts_and_go_work_before_go_mod() {
    let tree = nested();
    for dir in ["", "a", "a/b"] {
        let found = module(tree.find(dir, &[]));
        assert_eq!(found, MainModule::new(tree.path("")), "{dir}");
    }
    for dir in ["w", "w/m", "w/m/p"] {
        assert_eq!(work_file(tree.find(dir, &[("GOWORK", "auto")])).path, tree.path("w/go.work"), "{dir}");
    }
    assert_eq!(module(tree.find("w/m/p", &[("GOWORK", "off")])).root, tree.path("w/m"));
    let elsewhere = tree.path("other.txt");
    let named = work_file(tree.find("a", &[("GOWORK", elsewhere.to_str().unwrap())]));
    assert_eq!((named.path.as_path(), named.sum_file_path()), (&*elsewhere, tree.path("other.txt.sum")));
    assert!(named.read().unwrap_err().is_not_found());
}

#[test]
fn the_go_command_finds_the_same_files() {
    let Some(go) = GoCommand::find("the_go_command_finds_the_same_files") else { return };
    let tree = nested();
    for gowork in ["", "auto", "off"] {
        for dir in ["", "a", "a/b", "w", "w/m", "w/m/p"] {
            let run = go.command(&["env", "GOWORK", "GOMOD"], &tree.path(dir)).env("GOWORK", gowork).run();
            let text = run.stdout;
            let (work, go_mod) = text.trim_end().split_once('\n').unwrap();
            let found = match tree.find(dir, &[("GOWORK", gowork)]).unwrap() {
                Project::Module(module) => module.mod_file_path() == Path::new(go_mod) && work.is_empty(),
                Project::Workspace(file) => file.path == Path::new(work),
            };
            assert!(found || (gowork, work) == ("off", "off"), "{gowork:?} {dir:?}: {text}");
        }
    }
}

#[test]
fn modfile_stands_for_go_mod_and_has_a_go_sum_of_its_own() {
    let tree = nested();
    let found = module(tree.find("a/b", &[("GOFLAGS", "-modfile=../alt.mod")]));
    assert_eq!(found.root, tree.path(""));
    assert_eq!(found.mod_file_path(), tree.path("a/alt.mod"));
    assert_eq!(found.sum_file_path(), tree.path("a/alt.sum"));
    assert_eq!(MainModule::new("/m").sum_file_path(), Path::new("/m/go.sum"));
    // As for the go command, an empty value is none.
    assert_eq!(module(tree.find("a", &[("GOFLAGS", "-modfile=")])).modfile, None);
}

#[test]
fn what_the_go_command_refuses_is_refused() {
    let tree = nested();
    let empty = Tree::new(&[("file", "")]);
    let error = |tree: &Tree, dir, variables: &[_]| tree.find(dir, variables).unwrap_err();
    assert!(matches!(error(&tree, "none", &[]), FindProjectError::Directory { .. }));
    assert!(matches!(error(&empty, "file", &[]), FindProjectError::Directory { .. }));
    assert!(matches!(error(&empty, "", &[]), FindProjectError::NoGoMod { .. }));
    assert!(matches!(error(&empty, "", &[("GOFLAGS", "-modfile=x.mod")]), FindProjectError::NoGoMod { .. }));
    let relative = error(&tree, "a", &[("GOWORK", "OFF")]);
    assert!(matches!(relative, FindProjectError::Env(GoEnvError::Gowork)), "{relative}");
    let flags = error(&tree, "a", &[("GOFLAGS", "modfile")]);
    assert!(matches!(flags, FindProjectError::Env(GoEnvError::Goflags(_))), "{flags}");
    let extension = error(&tree, "a", &[("GOFLAGS", "-modfile=x")]);
    assert_eq!(extension.to_string(), "-modfile=x: file does not have .mod extension");
    let both = error(&tree, "w", &[("GOFLAGS", "-modfile=x.mod")]);
    assert!(matches!(both, FindProjectError::ModfileInWorkspace { .. }), "{both}");
}

/// It would be that of everything that tests make there.
#[test]
fn a_go_mod_in_the_directory_for_temporary_files_does_not_count() {
    let tree = nested();
    let (root, elsewhere) = (tree.path(""), tree.path("a"));
    let [root, elsewhere] = [&root, &elsewhere].map(|path| path.to_str().unwrap().trim_end_matches('/'));
    for dir in ["", "a/b"] {
        let error = tree.find(dir, &[("TMPDIR", root)]).unwrap_err();
        assert!(matches!(&error, FindProjectError::TempDir { root } if *root == tree.path("")), "{error}");
        assert_eq!(module(tree.find(dir, &[("TMPDIR", elsewhere)])).root, tree.path(""));
    }
    // What is below it counts, and so does a go.work.
    assert_eq!(module(tree.find("w/m", &[("TMPDIR", root), ("GOWORK", "off")])).root, tree.path("w/m"));
    assert_eq!(work_file(tree.find("w", &[("TMPDIR", root)])).path, tree.path("w/go.work"));

    let Some(go) = GoCommand::find("go.mod in the directory for temporary files") else { return };
    for (temporary, is_taken) in [(root, false), (elsewhere, true)] {
        let run = go.command(&["mod", "verify"], &tree.path("a/b")).env("TMPDIR", temporary).run();
        assert_eq!(run.status.success(), is_taken, "{}", run.stderr);
    }
}

#[test]
fn the_modules_of_a_workspace_are_those_of_its_use_lines() {
    let tree = Tree::new(&[("w/go.work", "go 1.22\n\nuse (\n\t./m/../n\n\t.\n\t../../o\n\t/abs\n)\n")]);
    let file = work_file(tree.find("w", &[]));
    let modules = file.modules(&file.read().unwrap()).unwrap();
    let roots: Vec<_> = modules.into_iter().map(|module| module.root).collect();
    let above = tree.path("").parent().unwrap().join("o");
    assert_eq!(roots, [tree.path("w/n"), tree.path("w"), above, "/abs".into()]);
    assert_eq!(file.sum_file_path(), tree.path("w/go.work.sum"));

    let twice = GoWork::parse(b"use ./a\nuse ./b/../a\n").unwrap();
    let error = file.modules(&twice).unwrap_err();
    assert_eq!((error.line, error.root), (2, tree.path("w/a")));
}

#[test]
fn errors_name_the_file() {
    let tree = Tree::new(&[
        ("bad.mod", "module m\nnonsense\n"),
        ("short.mod", "module m\nrequire x.y/z v1.0\n"),
        ("bad.work", "nonsense\n"),
        ("dir.mod/", ""),
    ]);
    let large = fs::File::create(tree.path("large.mod")).unwrap();
    large.set_len((16 << 20) + 1).unwrap();
    let error = |name: &str| GoMod::read(tree.path(name)).unwrap_err();
    for (name, text) in [
        ("bad.mod", "bad.mod:2: unknown directive: nonsense"),
        ("short.mod", "short.mod:2: a version is not in its canonical form; `go mod tidy` makes it so"),
        ("large.mod", "large.mod is larger than 16777216 bytes"),
    ] {
        assert!(error(name).to_string().ends_with(text), "{}", error(name));
        assert_eq!(error(name).path(), tree.path(name));
    }
    assert!(matches!(error("dir.mod"), ReadGoModError::Io { .. }) && !error("dir.mod").is_not_found());
    assert!(error("none.mod").is_not_found());
    let error = GoWork::read(tree.path("bad.work")).unwrap_err();
    assert!(error.to_string().ends_with("bad.work:1: unknown directive: nonsense"), "{error}");
}
