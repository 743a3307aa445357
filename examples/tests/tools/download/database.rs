//! What go.sum does not know, the checksum database proves, or nothing is taken.

use std::fs;
use std::process::Command;

use gomod_testkit::{GoCommand, LoopbackProxy, ModuleTree, SumDb, mod_cache};

use super::world::{ALPHA, BETA, Run, World, add, database, go_sum, sum_lines, tree};

const HEAD: &str = "gopath/pkg/sumdb/sum.example.org/latest";

/// A proxy that has the modules and serves the database.
fn proxy(database: &SumDb) -> LoopbackProxy {
    LoopbackProxy::builder(tree()).proxied_database(database).start()
}

/// A project whose go.sum is empty.
fn world() -> World {
    let world = World::new();
    world.write("go.sum", "");
    world
}

/// The tool, which looks for the database behind the proxy.
fn command(world: &World, proxy: &str, args: &[&str]) -> Command {
    let mut command = world.command(proxy, args);
    command.env("GOSUMDB", database().key());
    command
}

fn run(world: &World, proxy: &str, args: &[&str]) -> Run {
    Run::of(command(world, proxy, args))
}

fn read_go_sum(world: &World) -> String {
    fs::read_to_string(world.project().join("go.sum")).unwrap()
}

/// No advice may weaken what is verified of a public module.
pub(super) fn assert_no_way_round(run: &Run) {
    for word in ["GOPRIVATE", "GONOSUMDB", "GONOSUMCHECK", "GOINSECURE", "GOSUMDB=off", "GOFLAGS"] {
        assert!(!run.stderr.contains(word), "{word}: {}", run.stderr);
    }
}

fn asked(proxy: &LoopbackProxy, what: &str) -> usize {
    proxy.requests().iter().filter(|path| path.contains(what)).count()
}

#[test]
fn modules_that_go_sum_does_not_know_are_proven() {
    let (database, world) = (database(), world());
    let proxy = proxy(&database);
    let first = run(&world, &proxy.url(), &["--project", "project", "--json", "--verbose"]).expect(0);
    first.says(&["verified: zip    h1:", "record 0 of the checksum database", "2 modules: 2 downloaded"]);
    assert!(world.entry(ALPHA).state().unwrap().is_extracted());
    assert_eq!((asked(&proxy, "/supported"), asked(&proxy, "/lookup/")), (1, 2));
    // Those to the database are counted like all others, and stand in the record of a module.
    first.says(&[&format!("; {} requests in", proxy.hits())]);
    assert!(first.stdout.contains("/sumdb/sum.example.org/lookup/"), "{}", first.stdout);
    assert_eq!(read_go_sum(&world), "", "nobody asked for it to be written");
    assert!(world.dir().join(HEAD).is_file());

    // What was kept proves them again, without anybody to ask.
    run(&world, "off", &["--project", "project", "--verify"]).expect(0).says(&["0 requests"]);
    let single = run(&world, "off", &[ALPHA]).expect(0);
    single.says(&["1 already in the cache", "0 requests"]);
}

#[test]
fn the_lines_are_written_when_told_to() {
    let (database, world) = (database(), World::new());
    let proxy = proxy(&database);
    // Whatever else stands there stays: an odd order, line ends, a line about something else.
    let kept = "zzz.example/other v1.0.0 h1:x\r\n\r\nexample.com/old v1.0.0/go.mod h2:y\r\n";
    world.write("go.sum", kept);
    run(&world, &proxy.url(), &["--project", "project", "--write-sum"]).expect(0).says(&["4 lines added"]);
    let written = read_go_sum(&world);
    let mut lines: Vec<_> = written.split("\r\n").collect();
    for line in go_sum().lines() {
        let place = lines.iter().position(|other| *other == line).expect("a new line");
        lines.remove(place);
    }
    assert_eq!(lines.join("\r\n"), kept);

    let before = asked(&proxy, "/sumdb/");
    run(&world, &proxy.url(), &["--project", "project", "--write-sum"]).expect(0).says(&["0 lines added"]);
    assert_eq!((read_go_sum(&world), asked(&proxy, "/sumdb/")), (written, before));

    // A go.sum that was not there.
    let world = World::new();
    fs::remove_file(world.project().join("go.sum")).unwrap();
    run(&world, &proxy.url(), &["--project", "project", "--write-sum"]).expect(0);
    assert_eq!(read_go_sum(&world), go_sum());
    run(&world, &proxy.url(), &["--write-sum", ALPHA]).expect(2);
}

#[test]
fn other_bytes_than_everybody_got_are_refused() {
    let mut log = database().update(|log| log.clone());
    let id = add(&mut log, ALPHA, &sum_lines(&tree(), ALPHA).replacen("h1:", "h1:A", 1));
    let wrong = SumDb::new(log);
    let (world, source) = (world(), proxy(&wrong));
    let refused = run(&world, &source.url(), &["--project", "project", "--json", "--write-sum"]).expect(1);
    refused.says(&["verifying example.com/alpha@v1.0.0: checksum mismatch", "recorded: h1:A"]);
    refused.says(&[&format!("(record {id} of the checksum database)"), "do not build from these bytes"]);
    world.assert_without_zip(ALPHA);
    // What was proven is known from now on, and nothing of what was not.
    let lines = read_go_sum(&world);
    assert!(lines.contains("Beta/v2 v2.1.0 h1:") && !lines.contains("alpha"), "{lines}");
    let outcome = super::world::outcomes(&refused.record(ALPHA), ".zip");
    assert_eq!(outcome, ["mismatch"]);
}

#[test]
fn another_source_may_have_the_right_bytes() {
    let database = database();
    let forged = tree().module(
        "example.com/alpha",
        "v1.0.0",
        &[("go.mod", b"module example.com/alpha\n\ngo 1.20\n"), ("alpha.go", b"package alpha // forged\n")],
    );
    let forged = LoopbackProxy::builder(forged).proxied_database(&database).start();
    let good = LoopbackProxy::serve(tree());
    let list = format!("{}|{}", forged.url(), good.url());
    let world = world();
    run(&world, &list, &["--project", "project"])
        .expect(0)
        .says(&["warning: example.com/alpha@v1.0.0: wrong bytes"]);
    let list = list.replace('|', ",");
    run(&self::world(), &list, &["--project", "project"]).expect(1);
}

#[test]
fn a_fork_ends_the_run_with_its_evidence() {
    let (database, world) = (database(), world());
    let source = proxy(&database);
    run(&world, &source.url(), &[ALPHA]).expect(0);
    let head = fs::read(world.dir().join(HEAD)).unwrap();
    database.update(|log| {
        log.rewrite(0, "example.com/alpha v1.0.0 h1:other\n");
        add(log, "example.com/new@v1.0.0", "example.com/new v1.0.0 h1:x\n");
    });
    let forked = run(&world, &source.url(), &["--project", "project", "--json", "--write-sum"]).expect(1);
    forked.says(&["SECURITY ERROR", "old database:", "new database:", "proof of misbehavior:"]);
    forked.says(&["the checksum database is not to be trusted: security error: misbehaving server"]);
    let failed = forked.records().into_iter().filter(|record| record["Error"].is_string());
    assert_eq!(failed.count(), 1, "{}", forked.stdout);
    assert_eq!((fs::read(world.dir().join(HEAD)).unwrap(), read_go_sum(&world)), (head, String::new()));
    world.assert_without_zip(BETA);
}

#[test]
fn a_database_that_nobody_serves_is_named_with_what_to_do() {
    let world = world();
    // In the environment of these tests the database is nowhere.
    let proxy = LoopbackProxy::serve(tree());
    let nowhere = world.run(&proxy.url(), &["--project", "project"]).expect(1);
    nowhere.says(&[
        "missing go.sum entry: example.com/alpha v1.0.0/go.mod: checksum database sum.example.org",
        "is not available",
        "bring back the project's go.sum",
    ]);
    assert_eq!(proxy.hits(), 0, "nothing is fetched that cannot be proven");

    // It does not know the module. What it says must not make anybody ask less of it.
    let database = database();
    database.roll_back(Some(0));
    let source = self::proxy(&database);
    let unknown = run(&world, &source.url(), &[ALPHA]).expect(1);
    unknown.says(&["example.com/alpha@v1.0.0: nothing proves it", "404 Not Found", "may not be known yet"]);
    assert_no_way_round(&unknown);
    world.assert_without_zip(ALPHA);

    for (value, text) in
        [("garbage", "invalid GOSUMDB"), ("a b c", "too many fields"), (" off", "invalid GOSUMDB")]
    {
        let mut command = world.command(&source.url(), &[ALPHA]);
        command.env("GOSUMDB", value);
        Run::of(command).expect(1).says(&[text, &format!("GOSUMDB={value:?} (set in the environment)")]);
    }
    // A broken value goes unnoticed where nothing has to be asked.
    let complete = World::new();
    let mut command = complete.command(&source.url(), &["--project", "project"]);
    command.env("GOSUMDB", "garbage");
    Run::of(command).expect(0);
}

#[test]
fn private_modules_are_never_asked_for() {
    let (database, world) = (database(), world());
    let source = proxy(&database);
    let private = |args: &[&str]| {
        let mut command = command(&world, &source.url(), args);
        command.env("GOPRIVATE", "example.com/alpha").env("GONOPROXY", "none");
        Run::of(command)
    };
    // A project takes nothing unproven without being told.
    private(&["--project", "project"]).expect(1).says(&["missing go.sum entry: example.com/alpha"]);
    let told = private(&["--project", "project", "--write-sum"]).expect(0);
    told.says(&["warning: example.com/alpha@v1.0.0: nothing proves h1:", "(GONOSUMDB)"]);
    assert_eq!(read_go_sum(&world), go_sum());
    assert_eq!((asked(&source, "lookup/example.com/alpha"), asked(&source, "/lookup/")), (0, 1));
}

#[test]
fn go_leaves_the_go_sum_alone_that_we_wrote() {
    let Some(go) = GoCommand::find("go reads a go.sum that we wrote") else { return };
    let (database, world) = (database(), world());
    let source = proxy(&database);
    run(&world, &source.url(), &["--project", "project", "--write-sum"]).expect(0);
    let written = read_go_sum(&world);
    assert_eq!(written, go_sum());
    for args in [&["mod", "tidy"][..], &["mod", "download"], &["list", "-deps", "./..."], &["mod", "verify"]]
    {
        let run = go.command(args, world.dir()).mod_cache(world.cache()).current_dir(world.project());
        let _ = run.proxy(&source.url()).env("GOSUMDB", database.key()).run().expect_success();
        assert_eq!(read_go_sum(&world), written, "{args:?}");
    }
}

/// Our server satisfies go, and go's cache of the database satisfies us; the other way round, too.
#[test]
fn go_and_we_take_each_others_proofs() {
    let Some(go) = GoCommand::find("go asks our checksum database") else { return };
    let database = database();
    let alone = LoopbackProxy::builder(ModuleTree::new()).database(&database).start();
    let both = proxy(&database);
    let gosumdb = format!("{} {}", database.key(), alone.url());
    for gosumdb in [&gosumdb, &database.key()] {
        let (world, home) = (world(), tempfile::tempdir().unwrap());
        let download =
            go.command(&["mod", "download", "-x", ALPHA], home.path()).current_dir(world.project());
        let _ = download.proxy(&both.url()).env("GOSUMDB", gosumdb).run().expect_success();

        // Ours, from go's files alone.
        let mut command = command(&world, "off", &[ALPHA, "--json"]);
        command.env("GOMODCACHE", mod_cache(home.path())).env("GOPATH", home.path().join("gopath"));
        Run::of(command).expect(0).says(&["1 already in the cache", "0 requests"]);
        let _ = gomod_testkit::remove_tree(home.path());
    }
    assert!(asked(&alone, "lookup/") == 1 && asked(&both, "/supported") == 1, "{:?}", both.requests());

    // Go's, from our files alone: a project with an empty go.sum, and nobody to ask.
    let world = world();
    run(&world, &both.url(), &["--project", "project"]).expect(0);
    let tidy =
        go.command(&["mod", "tidy"], world.dir()).mod_cache(world.cache()).current_dir(world.project());
    let tidy = tidy.env("GOPATH", world.dir().join("gopath"));
    let nowhere = format!("{} {}", database.key(), LoopbackProxy::refused_url());
    let _ = tidy.proxy("off").env("GOSUMDB", nowhere).run().expect_success();
    assert_eq!(read_go_sum(&world), go_sum());
}
