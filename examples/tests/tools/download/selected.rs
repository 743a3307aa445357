//! `PATH`, `all` and patterns lead to the modules that the go command downloads for them.

use std::fs;

use gomod_testkit::{GoCommand, ModuleTree, remove_tree};

use super::world::{Run, World};

/// A root, a module that it requires, one below a module that is not pruned, and one whose path begins like another one.
fn tree() -> ModuleTree {
    let module = |path: &str, rest: &str| (path.to_owned(), format!("module {path}\n\n{rest}"));
    [
        module("example.com/a", "go 1.22\n\nrequire example.com/a/b v1.0.0\n"),
        module("example.com/a/b", "go 1.16\n\nrequire example.com/deep v1.0.0\n"),
        module("example.com/ab", "go 1.16\n\nrequire example.com/deep v1.0.0\n"),
        module("example.com/deep", "go 1.16\n"),
    ]
    .into_iter()
    .fold(ModuleTree::new(), |tree, (path, go_mod)| {
        tree.module(&path, "v1.0.0", &[("go.mod", go_mod.as_bytes()), ("x.go", b"package x\n")])
    })
}

#[test]
fn arguments_without_a_version_name_what_go_downloads_for_them() {
    let Some(go) = GoCommand::find("arguments by go and by us") else { return };
    let world = World::new();
    let proxy = world.dir().join("proxy");
    tree().write_to(&proxy);
    let proxy = format!("file://{}", proxy.display());
    fs::remove_file(world.project().join("go.sum")).unwrap();
    for (language, replace) in
        [("1.22", ""), ("1.16", ""), ("1.22", "replace example.com/ab => example.com/deep v1.0.0\n")]
    {
        let requires = "require example.com/a v1.0.0\nrequire example.com/ab v1.0.0\n";
        world.write("go.mod", &format!("module example.com/main\n\ngo {language}\n\n{requires}\n{replace}"));
        for args in [
            &["example.com/a"][..],
            &["example.com/deep"],
            &["example.com/gone"],
            &["example.com/main"],
            &["all"],
            &["example.com/a..."],
            &["example.com/a/..."],
            &["...deep", "example.com/ab"],
            &["example.org/..."],
            &["example.com/.../b", "example.com/a"],
        ] {
            let mut command = world.command(&proxy, &[args, &["--project", "project", "--json"]].concat());
            command.env("GOSUMDB", "off");
            let ours = Run::of(command);
            let our_zips: Vec<_> = world.names().into_iter().filter(|name| name.ends_with(".zip")).collect();
            remove_tree(&world.cache()).unwrap();
            let command =
                go.command(&[&["mod", "download"], args].concat(), world.dir()).mod_cache(world.cache());
            let theirs = command.proxy(&proxy).current_dir(world.project()).run();
            let about = format!("go {language} {args:?}\n{}\n{}", theirs.stderr, ours.stderr);
            let their_zips: Vec<_> =
                world.names().into_iter().filter(|name| name.ends_with(".zip")).collect();
            assert_eq!(our_zips, their_zips, "{about}");
            assert_eq!(ours.code, theirs.status.code(), "{about}");
            let _ = remove_tree(&world.cache());
            let _ = fs::remove_file(world.project().join("go.sum"));
        }
    }
}

#[test]
fn without_a_project_there_is_no_selected_version() {
    let world = World::new();
    for argument in ["example.com/alpha", "all", "example.com/..."] {
        let run = world.run("off", &[argument]).expect(2);
        run.says(&["need --project"]);
    }
    world
        .run("off", &["./...", "--project", "project"])
        .expect(2)
        .says(&["module paths are no paths of files"]);
}
