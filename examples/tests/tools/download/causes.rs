//! The real cause is told: what the proxies say of a version that the checksum database does not know, the file on this
//! machine that is at fault. No advice weakens anything, and following it leads further.

use std::fs;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Reply, Rule};

use super::database::assert_no_way_round;
use super::world::{ALPHA, BETA, Run, World, database, go_sum, tree};

const HEAD: &str = "gopath/pkg/sumdb/sum.example.org/latest";

fn run(world: &World, proxy: &str, args: &[&str]) -> Run {
    let mut command = world.command(proxy, &[args, &["--retries", "none"]].concat());
    command.env("GOSUMDB", database().key());
    Run::of(command)
}

fn empty() -> World {
    let world = World::new();
    world.write("go.sum", "");
    world
}

/// The database's silence is the consequence of what the proxy says.
#[test]
fn what_the_proxy_says_of_an_unknown_version_is_shown() {
    let plain = |status, text: &str| Fault::Reply(Reply::new(status).content_type("text/plain").body(text));
    for (endpoint, fault, said) in [
        (Endpoint::Info, plain(403, "quarantined: known malware"), "quarantined: known malware"),
        (Endpoint::Zip, plain(404, "module source tree too large"), "module source tree too large"),
        (Endpoint::Zip, plain(404, "create zip: malformed file path"), "create zip: malformed file path"),
        (Endpoint::Info, plain(404, "unknown revision v1.0.0"), "unknown revision v1.0.0"),
        (Endpoint::Info, plain(410, "gone: moved elsewhere"), "gone: moved elsewhere"),
        (Endpoint::Info, Fault::status(500), "500 Internal Server Error"),
    ] {
        let database = database();
        database.roll_back(Some(0));
        let rule = Rule::new(endpoint, fault).module("example.com/alpha");
        let proxy = LoopbackProxy::builder(tree()).proxied_database(&database).rule(rule).start();
        for args in [&[ALPHA][..], &["--project", "project", "--write-sum"]] {
            let world = empty();
            let run = run(&world, &proxy.url(), args).expect(1);
            run.says(&[
                said,
                "database: checksum database sum.example.org: so it does not know this version",
            ]);
            let first = run.stderr.lines().find(|line| line.starts_with("error: example.com/alpha")).unwrap();
            assert!(!first.contains("go.sum"), "{}", run.stderr);
            assert_no_way_round(&run);
            assert!(!world.entry(ALPHA).path(CacheFile::Mod).exists());
        }
    }
}

/// An answer that cannot be proven because a file of the log is missing, or its server is ill, is not an unknown version.
#[test]
fn a_missing_file_of_the_log_is_named() {
    let database = database();
    let whole = || LoopbackProxy::builder(tree()).proxied_database(&database);
    for (fault, words) in [
        (Fault::status(404), "lacks tile/8/0/000.p/2"),
        (Fault::status(500), "name a proxy in GOPROXY that serves the database"),
    ] {
        let ill = whole().rule(Rule::new(Endpoint::SumDb, fault).skip(2)).start();
        let world = empty();
        let failed = run(&world, &ill.url(), &[ALPHA]).expect(1);
        failed.says(&["tile/8/0/000.p/2", words]);
        assert!(!failed.stderr.contains("does not know this version"), "{}", failed.stderr);
        assert_no_way_round(&failed);
        // Another proxy that has it, as the advice says.
        run(&world, &whole().start().url(), &[ALPHA]).expect(0);
    }
}

#[test]
fn what_is_wrong_on_this_machine_is_named_with_its_file() {
    let database = database();
    let proxy = LoopbackProxy::builder(tree()).proxied_database(&database).start();
    // The stored tree head.
    for content in ["garbage", "go.sum database tree\n1\nAAAA\n\n— sum.example.org AAAAAAAA\n"] {
        let world = empty();
        let head = world.dir().join(HEAD);
        fs::create_dir_all(head.parent().unwrap()).unwrap();
        fs::write(&head, content).unwrap();
        let failed = run(&world, &proxy.url(), &[ALPHA]).expect(1);
        failed.says(&[&format!("see whether {} was damaged", head.display())]);
        assert_no_way_round(&failed);
        fs::rename(&head, world.dir().join("kept")).unwrap();
        run(&world, &proxy.url(), &[ALPHA]).expect(0);
    }
    // GOSUMDB, by the file that `go env -w` writes.
    let world = empty();
    let file = world.dir().join("env");
    fs::write(&file, "GOSUMDB=sum.example.org+bad\n").unwrap();
    let from_file = || {
        let mut command = world.command(&proxy.url(), &[ALPHA, "--retries", "none"]);
        command.env("GOENV", &file).env_remove("GOSUMDB");
        Run::of(command)
    };
    let failed = from_file().expect(1);
    let place = format!("GOSUMDB=\"sum.example.org+bad\" (set by `go env -w` in {})", file.display());
    failed.says(&[&place, "go env -u GOSUMDB"]);
    fs::write(&file, format!("GOSUMDB={}\n", database.key())).unwrap();
    from_file().expect(0);
    // A password in a URL stays out of it.
    let mut command = world.command(&proxy.url(), &[ALPHA]);
    command.env("GOSUMDB", "bad https://user:hush@sum.example.org/x");
    let failed = Run::of(command).expect(1);
    failed.says(&["GOSUMDB=\"xxxxx@sum.example.org/x\" (set in the environment)"]);
    assert!(!failed.stderr.contains("hush"), "{}", failed.stderr);
}

/// A file of the log on this machine, or the head against what the server has.
#[test]
fn a_bad_tile_and_a_head_that_fits_no_server_are_named_with_their_files() {
    let database = database();
    let whole = || LoopbackProxy::builder(tree()).proxied_database(&database);
    let known = || {
        let world = empty();
        run(&world, &whole().start().url(), &[ALPHA]).expect(0);
        (world.cache().join("cache/download/sumdb/sum.example.org/tile/8/0/000.p/2"), world)
    };
    // Cut short, and of the same length.
    for content in [b"short".as_slice(), &[0; 64]] {
        let (tile, world) = known();
        fs::write(&tile, content).unwrap();
        let failed = run(&world, "off", &[ALPHA]).expect(1);
        failed.says(&[&format!("next: move {} away and run this again", tile.display())]);
        assert_no_way_round(&failed);
        fs::remove_file(&tile).unwrap();
        run(&world, &whole().start().url(), &[ALPHA]).expect(0);
    }
    // The tiles of another log.
    let (tile, world) = known();
    fs::remove_file(&tile).unwrap();
    let garbage = Rule::new(Endpoint::SumDb, Fault::Body(vec![0; 64])).skip(1);
    let failed = run(&world, &whole().rule(garbage).start().url(), &[BETA]).expect(1);
    let head = world.dir().join(HEAD);
    failed.says(&[&format!("does not go with the head in {}: ask through another proxy", head.display())]);
    assert_no_way_round(&failed);
    run(&world, &whole().start().url(), &[BETA]).expect(0);
}

/// The zip of another module, and what is recorded of it: both go, or the next run says the same of the other.
#[test]
fn the_advice_about_a_wrong_file_in_the_cache_is_enough() {
    let proxy = LoopbackProxy::serve(tree());
    let project = ["--project", "project"];
    let put = |from: &std::path::Path, to: &std::path::Path| {
        let content = fs::read(from).unwrap();
        fs::remove_file(to).unwrap();
        fs::write(to, content).unwrap();
    };
    for files in [&[CacheFile::Zip, CacheFile::ZipHash][..], &[CacheFile::ZipHash]] {
        let world = World::new();
        run(&world, &proxy.url(), &project).expect(0);
        for file in files {
            put(&world.entry(BETA).path(*file), &world.entry(ALPHA).path(*file));
        }
        let failed = run(&world, &proxy.url(), &project).expect(1);
        let step = failed.stderr.lines().find(|line| line.contains("next: move ")).expect("an advice");
        let named = files.iter().map(|file| world.entry(ALPHA).path(*file));
        let step = step.trim_start().trim_start_matches("next: move ").split(" away").next().unwrap();
        let moved: Vec<_> = step.split(" and ").map(std::path::PathBuf::from).collect();
        assert_eq!(moved, named.collect::<Vec<_>>(), "{}", failed.stderr);
        for path in &moved {
            fs::remove_file(path).unwrap();
        }
        run(&world, &proxy.url(), &project).expect(0);
        world.assert_whole("after the advice");
    }
    // A hash of an algorithm that is not known.
    let world = World::new();
    run(&world, &proxy.url(), &project).expect(0);
    let file = world.entry(ALPHA).path(CacheFile::ZipHash);
    fs::write(&file, format!("h9:{}", "A".repeat(44))).unwrap();
    run(&world, &proxy.url(), &project).expect(1).says(&[&format!("next: move {}", file.display())]);
    fs::remove_file(file).unwrap();
    run(&world, &proxy.url(), &project).expect(0);
}

/// What is wrong is the line of go.sum: nothing in the cache need go.
#[test]
fn a_wrong_line_of_go_sum_is_blamed() {
    let proxy = LoopbackProxy::serve(tree());
    let sums = go_sum();
    let (line, hash) =
        (sums.lines().nth(2).unwrap(), sums.lines().nth(2).unwrap().split(' ').nth(2).unwrap());
    let swapped = format!("h1:{}{}{}", &hash[4..5], &hash[3..4], &hash[5..]);
    for (what, wrong) in [
        ("two characters exchanged", swapped),
        ("cut off after 30 characters", hash[..30].to_owned()),
        ("differs from the hash found at character 20 only", format!("{}%{}", &hash[..19], &hash[20..])),
    ] {
        for is_cached in [false, true] {
            let world = World::new();
            if is_cached {
                run(&world, &proxy.url(), &["--project", "project"]).expect(0);
            }
            world.write("go.sum", &sums.replace(line, &line.replace(hash, &wrong)));
            let failed = run(&world, &proxy.url(), &["--project", "project"]).expect(1);
            failed.says(&[what, "its history shows"]);
            assert!(!failed.stderr.contains("next: move"), "{}", failed.stderr);
            world.write("go.sum", &sums);
            run(&world, &proxy.url(), &["--project", "project"]).expect(0);
        }
    }
}
