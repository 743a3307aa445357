//! go.sum held against the real go command: the files we write are those that it writes, and it leaves them alone.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_sum::explain::FindingKind;
use gomod_sum::{Evidence, GoSum, GoSumFiles, Kind, Verdict, hash_go_mod, hash_zip};
use gomod_testkit::{GoCommand, GoOutput, ModuleTree, remove_tree};
use tempfile::TempDir;

const MODULES: [&str; 5] =
    ["x.y/b@v1.9.0", "x.y/a@v1.2.3", "x.y/a/v2@v2.10.0", "x.y/Upper@v1.0.0", "x.y/b@v1.10.0"];

/// A project that needs all modules, a file proxy that has them, and the go.sum that we make for it.
struct World {
    home: TempDir,
    go: GoCommand,
    sum: GoSum,
}

impl World {
    fn new() -> Option<Self> {
        let go = GoCommand::find("go.sum against go")?;
        let home = tempfile::tempdir().unwrap();
        let mut tree = ModuleTree::new();
        let mut sum = GoSum::default();
        for module in MODULES.map(|module| module.parse::<ModuleVersion>().unwrap()) {
            let (path, version) = (module.path().as_str(), module.version().as_str());
            // x.y/a needs the older x.y/b, so that only its go.mod file is needed.
            let require = if path == "x.y/a" { "\nrequire x.y/b v1.9.0\n" } else { "" };
            let go_mod = format!("module {path}\n\ngo 1.16\n{require}");
            tree = tree.module(path, version, &[("go.mod", go_mod.as_bytes()), ("p.go", b"package p\n")]);
            if version != "v1.9.0" {
                let wire = format!("{}/@v/{}.zip", module.path().to_escaped(), module.version().to_escaped());
                let archive = Archive::open(tree.get(&wire).unwrap(), &Limits::default()).unwrap();
                let hash = hash_zip(&archive, NonZeroUsize::MIN).unwrap();
                assert!(sum.insert(&module, Kind::Zip, &hash).unwrap());
            }
            assert!(sum.insert(&module, Kind::GoMod, &hash_go_mod(go_mod.as_bytes())).unwrap());
        }
        tree.write_to(&home.path().join("proxy"));
        fs::write(
            home.path().join("go.mod"),
            "module x.y/main\n\ngo 1.16\n\nrequire (\n\tx.y/Upper v1.0.0\n\tx.y/a v1.2.3\n\tx.y/a/v2 v2.10.0\n\tx.y/b v1.10.0\n)\n",
        )
        .unwrap();
        let imports = "package main\n\nimport (\n\t_ \"x.y/Upper\"\n\t_ \"x.y/a\"\n\t_ \"x.y/a/v2\"\n\t_ \"x.y/b\"\n)\n\nfunc main() {}\n";
        fs::write(home.path().join("main.go"), imports).unwrap();
        Some(Self { home, go, sum })
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn run(&self, args: &[&str]) -> GoOutput {
        let proxy = format!("file://{}", self.path().join("proxy").display());
        self.go.command(args, self.path()).proxy(&proxy).run()
    }

    fn succeed(&self, args: &[&str]) {
        let _ = self.run(args).expect_success();
    }

    fn write(&self, sum: &[u8]) {
        fs::write(self.path().join("go.sum"), sum).unwrap();
    }

    fn read(&self) -> Vec<u8> {
        fs::read(self.path().join("go.sum")).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = remove_tree(self.path());
    }
}

#[test]
fn go_writes_what_we_write() {
    let Some(world) = World::new() else { return };
    world.succeed(&["mod", "tidy"]);
    assert_eq!(String::from_utf8(world.read()).unwrap(), String::from_utf8_lossy(world.sum.text()));
    assert_eq!(GoSum::lint(&world.read()), []);

    // Each line in turn: taken out and put back by go, it stands where it stood.
    for missing in world.sum.entries() {
        let mut sum = world.sum.clone();
        sum.retain(|entry| entry.line != missing.line);
        world.write(sum.text());
        world.succeed(&["mod", "tidy"]);
        assert_eq!(world.read(), world.sum.text(), "line {}", missing.line);
    }
}

#[test]
fn go_leaves_our_file_alone_and_needs_no_other() {
    let Some(world) = World::new() else { return };
    world.write(world.sum.text());
    world.succeed(&["mod", "tidy"]);
    world.succeed(&["mod", "verify"]);
    world.succeed(&["list", "-deps", "-mod=readonly", "."]);
    assert_eq!(world.read(), world.sum.text());

    // What is too much, go takes out as we do.
    let mut more = world.sum.clone();
    let other = "x.y/z@v1.0.0".parse().unwrap();
    more.insert(&other, Kind::GoMod, &hash_go_mod(b"")).unwrap();
    more.insert(&other, Kind::Zip, &hash_go_mod(b"1")).unwrap();
    let needed: Vec<_> = world.sum.entries().filter_map(|entry| entry.module()).collect();
    assert_eq!(more.coverage(needed.iter().map(|(m, kind)| (m, *kind))).unneeded.len(), 1);
    world.write(more.text());
    world.succeed(&["mod", "tidy"]);
    assert_eq!(world.read(), world.sum.text());
    more.trim(needed.iter().map(|(m, kind)| (m, *kind)));
    assert_eq!(more.to_go_text(), world.sum.text());
}

#[test]
fn a_union_of_conflicts_satisfies_go() {
    let Some(world) = World::new() else { return };
    let lines: Vec<_> = world.sum.text().split_inclusive(|&byte| byte == b'\n').collect();
    let conflicted = [
        &lines[..2].concat(),
        &b"<<<<<<< HEAD\n"[..],
        &lines[5..].concat(),
        b"=======\n",
        &lines[2..6].concat(),
        b">>>>>>> topic\n",
    ]
    .concat();
    world.write(&conflicted);
    let refused = world.run(&["list", "-m", "all"]);
    let malformed = GoSum::parse(&conflicted).unwrap_err();
    let expected = format!("go.sum:{}: wrong number of fields {}", malformed.line, malformed.fields);
    assert!(refused.stderr.contains(&expected), "{}", refused.stderr);

    let union = gomod_sum::go_sum::ConflictedGoSum::parse(&conflicted).unwrap().union().unwrap();
    assert_eq!(union.to_go_text(), world.sum.text());
    world.write(union.text());
    world.succeed(&["list", "-deps", "-mod=readonly", "."]);
}

#[test]
fn an_edited_character_is_a_mismatch_to_go_and_explained() {
    let Some(world) = World::new() else { return };
    let module: ModuleVersion = MODULES[1].parse().unwrap();
    let mut text = world.sum.text().to_vec();
    let entry = world.sum.hashes(&module, Kind::Zip).next().unwrap();
    let at = entry.hash.as_ptr().addr() - world.sum.text().as_ptr().addr() + 9;
    text[at] = if text[at] == b'r' { b'h' } else { b'r' };
    world.write(&text);
    let refused = world.run(&["mod", "download", "x.y/a@v1.2.3"]);
    assert!(refused.stderr.contains("checksum mismatch"), "{}", refused.stderr);

    let sum = GoSum::parse(&text).unwrap();
    let mismatch = sum.lookup(&module, Kind::Zip, &entry.h1().unwrap()).unwrap_err();
    assert!(refused.stderr.contains(&mismatch.recorded) && refused.stderr.contains(&mismatch.to_string()));
    let findings = mismatch.explain(&Evidence::new().go_sum(&sum));
    assert_eq!(findings[0].kind, FindingKind::OneCharacter { position: 10 });
}

#[test]
fn a_workspace_is_judged_as_by_go() {
    let Some(world) = World::new() else { return };
    let module: ModuleVersion = "x.y/Upper@v1.0.0".parse().unwrap();
    let found = world.sum.hashes(&module, Kind::GoMod).next().unwrap().h1().unwrap();
    let line = |hash: &str| format!("x.y/Upper v1.0.0/go.mod {hash}\n");
    let (good, bad) = (line(&found.to_string()), line("h1:bad"));
    for name in ["one", "two"] {
        let member = world.path().join(name);
        fs::create_dir(&member).unwrap();
        let go_mod = format!("module x.y/{name}\n\ngo 1.16\n\nrequire x.y/Upper v1.0.0\n");
        fs::write(member.join("go.mod"), go_mod).unwrap();
    }
    let work = world.path().join("go.work");
    fs::write(&work, "go 1.18\n\nuse (\n\t./one\n\t./two\n)\n").unwrap();
    let none = String::new();
    for [main, one, two] in [
        [&good, &bad, &none],
        [&bad, &good, &good],
        [&none, &good, &bad],
        [&none, &bad, &good],
        [&none, &good, &none],
        [&none, &none, &none],
    ] {
        let read = |text: &String| GoSum::parse(text.as_bytes()).unwrap();
        let files = GoSumFiles::new("go.work.sum", read(main))
            .with(world.path().join("one/go.sum").to_str().unwrap(), read(one))
            .with(world.path().join("two/go.sum").to_str().unwrap(), read(two));
        for (name, text) in [("go.work.sum", main), ("one/go.sum", one), ("two/go.sum", two)] {
            fs::write(world.path().join(name), text).unwrap();
        }
        let proxy = format!("file://{}", world.path().join("proxy").display());
        let run =
            world.go.command(&["list", "-m", "all"], world.path()).proxy(&proxy).env("GOWORK", &work).run();
        match files.lookup(&module, Kind::GoMod, &found) {
            Ok(Verdict::Match | Verdict::Absent) => assert!(run.success(), "{}", run.stderr),
            Ok(Verdict::UnknownAlgorithm) => panic!("there is none"),
            Err(mismatch) => {
                let against = format!("\t{}:     h1:bad", mismatch.file);
                assert!(run.stderr.contains(&against), "{against}\n{}", run.stderr);
            }
        }
    }
}
