//! `PATH`, `all` and patterns lead to the modules that the go command downloads for them.

use std::fs;

use gomod_cache::CacheFile;
use gomod_testkit::{GoCommand, LoopbackProxy, ModuleTree, remove_tree};

use super::world::{self, ALPHA, BETA, Run, World, go_sum, sum_lines};

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
            let flags: &[&str] = &["--project", "project", "--json", "--write-sum"];
            let mut command = world.command(&proxy, &[args, flags].concat());
            command.env("GOSUMDB", "off");
            let ours = Run::of(command);
            let _ = fs::remove_file(world.project().join("go.sum"));
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

/// Which modules they are says the project, so that they need the same proof as without arguments.
#[test]
fn what_a_selector_leads_to_is_proven_as_the_project_is() {
    let modules = world::tree();
    let (known, proxy) = (sum_lines(&modules, BETA), LoopbackProxy::serve(modules));
    for selectors in
        [&["all"][..], &["example.com/alpha"], &["example.com/..."], &[BETA, "example.com/alpha"]]
    {
        let world = World::new();
        world.write("go.sum", &known);
        let download = |flags: &[&str]| {
            let args = [selectors, &["--project", "project", "--retries", "none"], flags].concat();
            let mut command = world.command(&proxy.url(), &args);
            command.env("GOSUMDB", "off");
            (Run::of(command), fs::read_to_string(world.project().join("go.sum")).unwrap())
        };
        let (run, sum) = download(&[]);
        run.expect(1).says(&["missing go.sum entry: example.com/alpha"]);
        let entry = world.entry(ALPHA);
        let there =
            [CacheFile::Mod, CacheFile::Zip, CacheFile::ZipHash].map(|file| entry.path(file).exists());
        assert_eq!((there, entry.dir().exists(), sum), ([false; 3], false, known.clone()), "{selectors:?}");

        let (run, sum) = download(&["--write-sum"]);
        run.expect(0).says(&["warning: example.com/alpha@v1.0.0: nothing proves h1:"]);
        assert_eq!(sum, go_sum(), "{selectors:?}");
        assert!(entry.state().unwrap().is_complete(), "{selectors:?}");
    }
    // Whoever names the version has chosen it.
    let world = World::new();
    world.write("go.sum", &known);
    let mut command = world.command(&proxy.url(), &[ALPHA, "--project", "project"]);
    command.env("GOSUMDB", "off");
    Run::of(command).expect(0);
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
