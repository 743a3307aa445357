//! Workspaces: what the go command fetches and writes in one is what we do, by its vectors and beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gomod_testkit::{GoCommand, LoopbackProxy, ModuleTree, mod_cache};
use serde_json::Value;

use super::world::{Run, World, sum_lines};

/// The modules of a vector, or of any list of go.mod files.
fn tree<'a>(go_mods: impl IntoIterator<Item = (&'a str, &'a str)>) -> ModuleTree {
    go_mods.into_iter().fold(ModuleTree::new(), |tree, (module, go_mod)| {
        let Some((path, version)) = module.split_once('@') else { return tree };
        tree.module(path, version, &[("go.mod", go_mod.as_bytes()), ("x.go", b"package x\n")])
    })
}

fn strings(object: &Value) -> BTreeMap<&str, &str> {
    let fields = object.as_object().into_iter().flatten();
    fields.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
}

fn list(array: &Value) -> BTreeSet<String> {
    array.as_array().into_iter().flatten().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().expect("a directory")).unwrap();
    fs::write(path, text).unwrap();
}

/// Lays out the workspace of a vector, and returns its modules.
fn lay_out(input: &Value, dir: &Path) -> ModuleTree {
    let mods = strings(&input["mods"]);
    let tree = tree(mods.iter().map(|(module, go_mod)| (*module, *go_mod)));
    write(dir, "go.work", input["go_work"].as_str().expect("go.work"));
    for (member, go_mod) in strings(&input["go_mods"]) {
        write(dir, &format!("{member}/go.mod"), go_mod);
    }
    for (directory, go_mod) in mods.iter().filter(|(name, _)| !name.contains('@')) {
        write(dir, &format!("{directory}/go.mod"), go_mod);
    }
    for (file, keys) in input["sums"].as_object().into_iter().flatten() {
        let lines = list(keys).into_iter().map(|key| {
            let (path, version) = key.split_once(' ').expect("path and version");
            let module = format!("{path}@{}", version.trim_end_matches("/go.mod"));
            let lines = if mods.contains_key(&*module) { sum_lines(&tree, &module) } else { String::new() };
            let line = lines.lines().find(|line| line.starts_with(&format!("{key} "))).map(str::to_owned);
            line.unwrap_or_else(|| format!("{key} h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))
        });
        write(dir, file, &(lines.collect::<Vec<_>>().join("\n") + "\n"));
    }
    tree
}

/// The modules of which the cache has a file of this sort.
fn cached(world: &World, suffix: &str) -> BTreeSet<String> {
    let names = world.names().into_iter();
    let module = |name: String| {
        let name = name.strip_prefix("cache/download/")?.strip_suffix(suffix)?.to_owned();
        Some(name.replace("/@v/", "@"))
    };
    names.filter_map(module).collect()
}

fn keys(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
}

#[test]
fn every_vector_of_workspaces_gives_what_go_fetches_and_writes() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../gomod-module/tests/data/graph/workspace_set.jsonl");
    let mut refused = Vec::new();
    for (number, line) in fs::read_to_string(file).unwrap().lines().enumerate() {
        let case: Value = serde_json::from_str(line).unwrap();
        let error = case["error"].as_str().unwrap_or_default();
        // There is no toolchain that could be too old.
        if error.contains("go.work requires go >= ") {
            continue;
        }
        let world = World::new();
        let dir = world.dir().join("parent/w");
        let proxy = LoopbackProxy::serve(lay_out(&case["in"], &dir));
        let mut command =
            world.command(&proxy.url(), &["--project", "parent/w", "--write-sum", "--retries", "none"]);
        command.env_remove("GOWORK").env("GOSUMDB", "off");
        let run = Run::of(command);
        let (zips, mods) = (cached(&world, ".zip"), cached(&world, ".mod"));
        let (want_zips, want_mods) = (list(&case["value"]["zips"]), list(&case["value"]["mods"]));
        let about = format!("workspace_set.jsonl:{}: {error}\n{}", number + 1, run.stderr);
        if case["ok"] == true {
            assert_eq!(run.code, Some(0), "{about}");
            assert_eq!((zips, mods), (want_zips, want_mods), "{about}");
            assert_eq!(keys(&dir.join("go.work.sum")), list(&case["value"]["sums"]), "{about}");
        } else {
            assert_eq!(run.code, Some(1), "{about}");
            assert!(zips.is_subset(&want_zips) && mods.is_subset(&want_mods), "{zips:?} {mods:?} {about}");
            if zips != want_zips {
                refused.push(number + 1);
            }
        }
    }
    // The zip of a module whose go.mod is that of another one.
    assert_eq!(refused, [73]);
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// A go.mod with one of these `go` lines and requirements on some of the modules.
    fn go_mod(&mut self, path: &str, go: &[&str]) -> String {
        let go = go[usize::try_from(self.below(go.len() as u64)).unwrap()];
        let mut lines = vec![format!("module {path}\n\n{go}")];
        for name in ["a", "b", "c", "d", "e"].into_iter().filter(|name| !path.ends_with(name)) {
            if self.below(3) == 0 {
                lines.push(format!("require example.com/{name} v1.{}.0\n", self.below(3)));
            }
        }
        lines.join("\n")
    }
}

const GO_WORK: &str = "go 1.22\n\nuse (\n\t./m1\n\t./m2\n\t./m3\n)\n";

/// A workspace of three members, and the modules that they and these require.
fn random(numbers: &mut Numbers, dir: &Path) -> ModuleTree {
    write(dir, "go.work", GO_WORK);
    for member in ["m1", "m2", "m3"] {
        let mut text =
            numbers.go_mod(&format!("example.com/{member}"), &["go 1.16\n", "go 1.20\n", "go 1.22\n"]);
        // What is excluded is imported by none.
        let imports = ["a", "b", "c", "d"].into_iter().filter(|name| text.contains(&format!("com/{name} ")));
        let imports: Vec<_> = imports.map(|name| format!("import _ \"example.com/{name}\"\n")).collect();
        write(dir, &format!("{member}/m.go"), &format!("package m\n\n{}", imports.concat()));
        if numbers.below(3) == 0 {
            let minor = numbers.below(2);
            text = format!(
                "{text}\nreplace example.com/a => example.com/a v1.{minor}.0\nexclude example.com/e v1.2.0\n"
            );
            write(
                dir,
                "go.work",
                &format!("{GO_WORK}\nreplace example.com/a v1.1.0 => example.com/a v1.2.0\n"),
            );
        }
        write(dir, &format!("{member}/go.mod"), &text);
    }
    let mut mods = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        for minor in 0..3 {
            let path = format!("example.com/{name}");
            let go_mod = numbers.go_mod(&path, &["", "go 1.16\n", "go 1.17\n", "go 1.21\n"]);
            mods.push((format!("{path}@v1.{minor}.0"), go_mod));
        }
    }
    tree(mods.iter().map(|(module, go_mod)| (&**module, &**go_mod)))
}

#[test]
fn go_and_we_leave_the_same_cache_and_go_work_sum() {
    let Some(go) = GoCommand::find("the same workspaces by go and by us") else { return };
    let mut numbers = Numbers(14);
    let runs = std::env::var("GOMOD_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(6);
    let mut with_zips = 0;
    for run in 0..runs {
        let world = World::new();
        let dir = world.dir().join("w");
        let tree = random(&mut numbers, &dir);
        // An address would be in no file of the cache, but a directory needs no server.
        let proxy = world.dir().join("proxy");
        tree.write_to(&proxy);
        let proxy = format!("file://{}", proxy.display());
        let mut command = world.command(&proxy, &["--project", "w", "--write-sum"]);
        command.env_remove("GOWORK").env("GOSUMDB", "off");
        let ours = Run::of(command);
        let sum = fs::read_to_string(dir.join("go.work.sum")).unwrap_or_default();
        let _ = fs::remove_file(dir.join("go.work.sum"));

        let home = tempfile::tempdir().unwrap();
        let command = |args: &[&str]| go.command(args, home.path()).env("GOWORK", "").current_dir(&dir);
        let theirs = command(&["mod", "download"]).proxy(&proxy).run();
        let about = format!("run {run}: {}\n{}", theirs.stderr, ours.stderr);
        // The go command takes a replacement that an earlier member contradicts, and ends with 1.
        assert_eq!(ours.code, theirs.status.code(), "{about}");
        let their_sum = fs::read_to_string(dir.join("go.work.sum")).unwrap_or_default();
        let files = world.files();
        let cache = mod_cache(home.path());
        if ours.code == Some(0) {
            assert_eq!(sum, their_sum, "{about}");
            for args in [&["list", "-m", "all"][..], &["mod", "verify"], &["build", "./m1", "./m2", "./m3"]] {
                let _ = command(args).mod_cache(world.cache()).run().expect_success();
            }
        }
        fs::rename(world.cache(), world.dir().join("ours")).unwrap();
        fs::rename(cache, world.cache()).unwrap();
        let theirs: BTreeMap<_, _> =
            world.files().into_iter().filter(|(path, _)| !path.contains("/sumdb/")).collect();
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&files), names(&theirs), "{about}");
        assert!(files == theirs, "the same names with other contents: {about}");
        with_zips += usize::from(names(&files).iter().any(|name| name.ends_with(".zip")));
    }
    assert!(with_zips > 0);
}

/// A workspace of the project and of another module, which require different versions of one module.
fn two_members(world: &World) -> ModuleTree {
    let alpha =
        |minor: u32| (format!("example.com/alpha@v1.{minor}.0"), "module example.com/alpha\n\ngo 1.22\n");
    let mods = [alpha(0), alpha(1)];
    write(world.dir(), "go.work", "go 1.22\n\nuse (\n\t./project\n\t./other\n)\n");
    world.write("go.mod", "module example.com/main\n\ngo 1.22\n\nrequire example.com/alpha v1.0.0\n");
    write(
        world.dir(),
        "other/go.mod",
        "module example.com/other\n\ngo 1.22\n\nrequire example.com/alpha v1.1.0\n",
    );
    tree(mods.iter().map(|(module, go_mod)| (&**module, *go_mod)))
}

#[test]
fn what_the_sums_of_a_workspace_prove_and_lack_is_told_file_by_file() {
    let world = World::new();
    let tree = two_members(&world);
    let (low, high) =
        (sum_lines(&tree, "example.com/alpha@v1.0.0"), sum_lines(&tree, "example.com/alpha@v1.1.0"));
    let (zip, go_mod) = high.split_at(high.find('\n').unwrap() + 1);
    world.write("go.sum", &low);
    write(world.dir(), "other/go.sum", zip);
    write(world.dir(), "go.work.sum", "");
    let proxy = LoopbackProxy::serve(tree.clone());
    let download = |args: &[&str]| {
        let mut command =
            world.command(&proxy.url(), &[&["--project", "other", "--retries", "none"], args].concat());
        command.env_remove("GOWORK");
        Run::of(command)
    };
    // The database cannot be asked about what none of the files has.
    let run = download(&[]).expect(1);
    run.says(&["example.com/alpha@v1.1.0"]);
    write(world.dir(), "go.work.sum", go_mod);
    let run = download(&["--verbose"]).expect(0);
    run.says(&["(other/go.sum line 1)", "(go.work.sum line 1)"]);

    let tool = |name: &str, args: &[&str]| {
        let mut command = world.tool(name, &proxy.url(), args);
        command.env_remove("GOWORK");
        Run::of(command)
    };
    let _ = tool("verify", &["--project", "project"]).expect(0);
    let wrong = go_mod.replace("h1:", "h1:A");
    write(world.dir(), "go.work.sum", &wrong);
    let run = tool("verify", &["--project", "project"]).expect(1);
    assert!(run.stdout.contains("go.work.sum") || run.stderr.contains("go.work.sum"), "{run:?}");
    write(world.dir(), "go.work.sum", "");
    tool("verify", &["--project", "project"]).says(&[
        "example.com/alpha@v1.1.0: go.work.sum and the go.sum files of the members have only the line",
    ]);
}

/// The file of `-modfile` stands for go.mod, and the sums beside it; directories stay relative to go.mod.
#[test]
fn modfile_names_another_go_mod_and_its_sums() {
    let Some(go) = GoCommand::find("-modfile by go and by us") else { return };
    let world = World::new();
    let tree = two_members(&world);
    fs::remove_file(world.project().join("go.sum")).unwrap();
    write(world.dir(), "project/local/go.mod", "module example.com/beta\n\ngo 1.22\n");
    write(
        world.dir(),
        "project/alt/other.mod",
        "module example.com/main\n\ngo 1.22\n\nrequire example.com/alpha v1.1.0\nrequire example.com/beta v1.0.0\n\
         replace example.com/beta => ./local\n",
    );
    let proxy = LoopbackProxy::serve(tree);
    let mut command = world.command(&proxy.url(), &["--project", "project", "--write-sum"]);
    command.env("GOSUMDB", "off").env("GOFLAGS", "-modfile=alt/other.mod");
    Run::of(command).expect(0).says(&["other.sum: 2 lines added"]);
    assert_eq!(cached(&world, ".zip"), BTreeSet::from(["example.com/alpha@v1.1.0".to_owned()]));
    assert!(!world.project().join("go.sum").exists());
    let command = go.command(&["mod", "download"], world.dir()).mod_cache(world.cache());
    let command = command.current_dir(world.project()).env("GOFLAGS", "-modcacherw -modfile=alt/other.mod");
    assert_eq!(command.run().expect_success().stderr, "");
}
