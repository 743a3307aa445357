//! Requests that fail now and then: the tool asks again, goes on where a zip broke off, and says so.

use gomod_testkit::{Endpoint, Fault, GoCommand, LoopbackProxy, ModuleTree, Rule, source_text};
use serde_json::Value;

use super::world::{ALPHA, World, outcomes, tree};

const MODULES: u64 = 100;
const SEED: u64 = 6;

fn path(n: u64) -> String {
    format!("example.com/m{n}")
}

/// Modules from a hundred bytes to two hundred kilobytes.
fn many() -> ModuleTree {
    (0..MODULES).fold(ModuleTree::new(), |tree, n| {
        let go_mod = format!("module {}\n\ngo 1.20\n", path(n));
        let source = source_text(n, 100 << (n % 12));
        let files: [(&str, &[u8]); 3] =
            [("go.mod", go_mod.as_bytes()), ("m.go", b"package m\n"), ("data.txt", source.as_ref())];
        tree.module(&path(n), "v1.0.0", &files)
    })
}

/// One answer in three breaks off in its body, the same ones for every client that asks for the same files.
fn flapping(tree: &ModuleTree) -> LoopbackProxy {
    LoopbackProxy::builder(tree.clone()).ranges(true).flapping(3, SEED).start()
}

#[test]
fn a_project_of_a_hundred_modules_comes_through_where_go_gives_up() {
    let tree = many();
    let world = World::requiring(&tree, &(0..MODULES).map(path).collect::<Vec<_>>());
    let proxy = flapping(&tree);
    let run = world.run(&proxy.url(), &["--project", "project", "--json"]).expect(0);
    let records = run.records();
    assert_eq!(records.len() as u64, MODULES);
    world.assert_nothing_half_done();
    let attempts: Vec<&Value> =
        records.iter().flat_map(|record| record["Attempts"].as_array().unwrap()).collect();
    let fetched: u64 = attempts.iter().map(|attempt| attempt["Bytes"].as_u64().unwrap()).sum();
    let failed = attempts.iter().filter(|attempt| attempt["Kind"].is_string()).count();
    let resumed = attempts.iter().filter(|attempt| attempt["Offset"].is_u64()).count();
    let needed: u64 = tree
        .paths()
        .filter(|path| !path.ends_with("/list"))
        .map(|path| tree.get(path).unwrap().len() as u64)
        .sum();
    eprintln!(
        "{} requests, {failed} failed, {resumed} went on; {needed} bytes needed, {fetched} fetched",
        attempts.len()
    );
    assert_eq!(attempts.len(), proxy.hits());
    assert!(failed > 80 && resumed > 20, "{failed} failed, {resumed} went on");
    assert!(fetched * 10 <= needed * 13, "{fetched} bytes for {needed}");

    let Some(go) = GoCommand::find("go mod download gives up on a proxy that breaks off") else { return };
    let proxy = flapping(&tree);
    let home = world.dir().join("go");
    std::fs::create_dir(&home).unwrap();
    let run = go.command(&["mod", "download"], &home).proxy(&proxy.url()).current_dir(world.project()).run();
    assert!(!run.success(), "go got through: {}", run.stderr);
    assert!(run.stderr.contains("unexpected EOF"), "{}", run.stderr);
}

#[test]
fn a_zip_that_broke_off_goes_on_and_the_tool_says_so() {
    let cut = Fault::CutBody { after: 1000, reset: false };
    let rule = Rule::new(Endpoint::Zip, cut).module("example.com/alpha").times(1);
    let proxy = LoopbackProxy::builder(tree()).ranges(true).rule(rule).start();
    let world = World::new();
    let run = world.run(&proxy.url(), &["--project", "project", "--verbose"]).expect(0);
    run.says(&["asked again after 0.", "/v1.0.0.zip from byte 1000: 206 Partial Content"]);
    assert!(world.entry(ALPHA).state().unwrap().is_extracted());
}

#[test]
fn what_the_records_say_of_requests_is_documented() {
    let world = World::new();
    let cut = Fault::CutBody { after: 1000, reset: false };
    let rule = Rule::new(Endpoint::Zip, cut).module("example.com/alpha").times(1);
    let behind = LoopbackProxy::builder(tree()).ranges(true).rule(rule).start();
    let location = format!("{}/{{path}}", behind.url());
    let proxy = LoopbackProxy::builder(tree());
    let proxy = proxy.fault(Endpoint::Zip, Fault::Redirect { code: 302, location }).start();
    let run = world.run(&proxy.url(), &["--project", "project", "--json"]).expect(0);
    let record = run.record(ALPHA);
    assert_eq!(record["schema"], 1);
    let attempts = record["Attempts"].as_array().unwrap();
    let fields = attempts.iter().flat_map(|attempt| attempt.as_object().unwrap().keys());
    let fields: std::collections::BTreeSet<_> = fields.collect();
    assert_eq!(fields.len(), 11, "{fields:?}");
    let help = world.run("off", &["--help"]).expect(0).stdout;
    for field in fields {
        assert!(help.contains(&format!("`{field}`")), "{field} is not in:\n{help}");
    }
}

#[test]
fn one_failed_request_is_one() {
    let rule = Rule::new(Endpoint::Zip, Fault::status(503)).module("example.com/alpha").times(1);
    let proxy = LoopbackProxy::builder(tree()).rule(rule).start();
    let run = World::new().run(&proxy.url(), &["--project", "project"]).expect(0);
    run.says(&[", after 1 failed request\n"]);
}

/// While the list has another source a failed one is asked once more and no further.
#[test]
fn a_bar_is_passed_after_one_retry() {
    let rule = Rule::new(Endpoint::Zip, Fault::status(503)).module("example.com/alpha");
    let (bad, healthy) = (LoopbackProxy::builder(tree()).rule(rule).start(), LoopbackProxy::serve(tree()));
    let list = format!("{}|{}", bad.url(), healthy.url());
    let run = World::new().run(&list, &["--project", "project", "--json"]).expect(0);
    assert_eq!(outcomes(&run.record(ALPHA), ".zip"), ["status", "status", "200"]);
}

/// What cannot pass is not asked for again, whatever the policy.
#[test]
fn patience_does_not_repeat_a_verdict() {
    let page = Rule::new(Endpoint::Zip, Fault::html()).module("example.com/alpha");
    let proxy = LoopbackProxy::builder(tree()).rule(page).start();
    let world = World::new();
    let run = world.run(&proxy.url(), &["--project", "project", "--json", "--retries", "patient"]).expect(1);
    assert_eq!(outcomes(&run.record(ALPHA), ".zip"), ["rejected"]);
    world.assert_without_zip(ALPHA);
}
