//! What goes wrong on the proxies' side ends in a clear error and an unharmed cache, or in a fallback that can be
//! seen; never in wrong bytes.

use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Rule};

use super::world::{ALPHA, BETA, World, outcomes, tree};

const ALPHA_PATH: &str = "example.com/alpha";
const PAGE: &[u8] = b"<!DOCTYPE html><title>Sign in</title>";

/// The tree with another zip of alpha: valid, and not the one that go.sum knows.
fn forged() -> ModuleTree {
    let files: [(&str, &[u8]); 2] =
        [("go.mod", b"module example.com/alpha\n\ngo 1.20\n"), ("alpha.go", b"package alpha // evil\n")];
    tree().module(ALPHA_PATH, "v1.0.0", &files)
}

fn faulty(endpoint: Endpoint, fault: Fault) -> LoopbackProxy {
    LoopbackProxy::builder(tree()).rule(Rule::new(endpoint, fault).module(ALPHA_PATH)).start()
}

/// Runs with `bad` before a healthy proxy, once with each separator: `,` must stop with an error that says all
/// these texts, `|` must go on. The other module must come through either way.
fn stops_at_comma_and_passes_bar(bad: &LoopbackProxy, suffix: &str, kind: &str, texts: &[&str]) {
    let healthy = LoopbackProxy::serve(tree());
    let asked = |proxy: &LoopbackProxy| {
        proxy.requests().iter().filter(|path| path.contains("alpha") && path.ends_with(suffix)).count()
    };

    let world = World::new();
    let run = world.download(&format!("{},{}", bad.url(), healthy.url())).expect(1);
    run.says(texts);
    run.says(&[ALPHA, &bad.url()]);
    assert_eq!(asked(&healthy), 0, "{}", run.stderr);
    world.assert_without_zip(ALPHA);
    assert!(world.entry(BETA).state().unwrap().is_extracted(), "{}", run.stderr);

    let world = World::new();
    let run = world.download(&format!("{}|{}", bad.url(), healthy.url())).expect(0);
    let record = run.record(ALPHA);
    assert_eq!(outcomes(&record, suffix), [kind, "200"], "{record}");
    assert!(world.entry(ALPHA).state().unwrap().is_extracted());
    world.assert_nothing_half_done();
    if kind == "mismatch" {
        run.says(&["warning: example.com/alpha@v1.0.0: wrong bytes", &bad.url()]);
    }
}

#[test]
fn a_zip_with_other_content_is_a_mismatch() {
    let bad = LoopbackProxy::serve(forged());
    let texts = ["checksum mismatch", "recorded: h1:", "found: h1:", "go.sum line 3", "next: "];
    stops_at_comma_and_passes_bar(&bad, ".zip", "mismatch", &texts);
}

#[test]
fn a_go_mod_file_with_other_content_is_a_mismatch() {
    let bad = faulty(Endpoint::Mod, Fault::Body(b"module example.com/alpha\n\ngo 1.21\n".to_vec()));
    let healthy = LoopbackProxy::serve(tree());
    let world = World::new();
    let run = world.download(&format!("{},{}", bad.url(), healthy.url())).expect(1);
    run.says(&["checksum mismatch", "go.sum line 4", ALPHA, &bad.url()]);
    assert_eq!(world.names().iter().find(|path| path.contains("alpha")), None);
    assert_eq!(
        world.names().iter().find(|path| path.ends_with(".zip")),
        None,
        "no zip before the graph is known"
    );

    let run = World::new().download(&format!("{}|{}", bad.url(), healthy.url())).expect(0);
    run.says(&["warning: example.com/alpha@v1.0.0: wrong bytes", &bad.url()]);
    let noted = run.records().into_iter().find(|record| outcomes(record, ".mod") == ["mismatch", "200"]);
    assert!(noted.is_some_and(|record| record["GoModSum"].is_string()), "{}", run.stdout);
}

#[test]
fn a_truncated_body_is_no_zip() {
    let cut = Fault::CutBody { after: 1000, reset: false };
    stops_at_comma_and_passes_bar(&faulty(Endpoint::Zip, cut), ".zip", "incomplete_body", &["v1.0.0.zip"]);
    // Complete as far as HTTP can tell.
    let short = Fault::Truncate { len: 1000 };
    stops_at_comma_and_passes_bar(
        &faulty(Endpoint::Zip, short),
        ".zip",
        "rejected",
        &["not a valid zip file"],
    );
}

#[test]
fn a_page_with_status_200_is_no_zip_and_no_info() {
    let page = || Fault::Body(PAGE.to_vec());
    stops_at_comma_and_passes_bar(
        &faulty(Endpoint::Zip, page()),
        ".zip",
        "rejected",
        &["not a valid zip file"],
    );
    stops_at_comma_and_passes_bar(&faulty(Endpoint::Info, page()), ".info", "malformed", &["v1.0.0.info"]);
}

#[test]
fn a_silent_proxy_is_given_up() {
    let healthy = LoopbackProxy::serve(tree());
    for fault in [Fault::StallBeforeFirstByte, Fault::StallAfter(1000)] {
        let bad = faulty(Endpoint::Zip, fault);
        let args = ["--project", "project", "--json", "--stall", "2", "--retries", "none"];
        let world = World::new();
        let run = world.run(&format!("{},{}", bad.url(), healthy.url()), &args).expect(1);
        run.says(&[ALPHA, &bad.url(), "try again"]);
        world.assert_without_zip(ALPHA);

        let run = World::new().run(&format!("{}|{}", bad.url(), healthy.url()), &args).expect(0);
        assert_eq!(outcomes(&run.record(ALPHA), ".zip"), ["stalled", "200"]);
    }
}

#[test]
fn what_is_not_found_is_asked_of_the_next() {
    let empty = LoopbackProxy::serve(ModuleTree::new());
    let healthy = LoopbackProxy::serve(tree());
    let world = World::new();
    let run = world.download(&format!("{},{}", empty.url(), healthy.url())).expect(0);
    let record = run.record(ALPHA);
    for suffix in [".info", ".zip"] {
        assert_eq!(outcomes(&record, suffix), ["not_found", "200"]);
    }
    assert_eq!(record["Source"], healthy.url());

    let run = World::new().download(&empty.url()).expect(1);
    run.says(&[ALPHA, "404 Not Found", "next: check path and version"]);
}

#[test]
fn a_wrong_line_in_go_sum_is_a_mismatch_that_names_the_line() {
    let healthy = LoopbackProxy::serve(tree());
    let world = World::new();
    let mut lines: Vec<_> = super::world::go_sum().lines().map(str::to_owned).collect();
    let other = lines[0].rsplit(' ').next().unwrap().to_owned();
    lines[2] = format!("{ALPHA_PATH} v1.0.0 {other}");
    world.write("go.sum", &(lines.join("\n") + "\n"));
    let run = world.download(&healthy.url()).expect(1);
    run.says(&["checksum mismatch", &format!("recorded: {other} (go.sum line 3)"), &healthy.url()]);
    world.assert_without_zip(ALPHA);
}

/// Whatever byte of the zip is flipped on its way, the cache has the right content or none.
#[test]
fn one_flipped_byte_never_gets_through() {
    let zip = tree().get("example.com/alpha/@v/v1.0.0.zip").unwrap();
    let right = {
        let world = World::new();
        world.download(&LoopbackProxy::serve(tree()).url()).expect(0);
        content(&world)
    };
    let mut refused = 0;
    // From the first header to the end record, at a stride that meets every kind of field.
    for offset in (0..zip.len()).step_by(zip.len() / 41 + 1).chain(zip.len() - 30..zip.len()) {
        let bad = faulty(Endpoint::Zip, Fault::FlipByte { offset });
        let world = World::new();
        let run = world.download(&bad.url());
        match run.code {
            // A byte that means nothing: a time stamp, a comment.
            Some(0) => assert_eq!(content(&world), right, "offset {offset}"),
            Some(1) => {
                run.says(&[ALPHA, &bad.url()]);
                world.assert_without_zip(ALPHA);
                refused += 1;
            }
            _ => panic!("offset {offset}: {run:?}"),
        }
    }
    assert!(refused > 40, "only {refused} flipped bytes were noticed");
}

/// The extracted files of alpha.
fn content(world: &World) -> Vec<(String, Vec<u8>)> {
    let extracted = |(path, _): &(String, Vec<u8>)| path.starts_with("example.com/alpha@v1.0.0/");
    world.files().into_iter().filter(extracted).collect()
}

#[test]
fn a_list_that_ends_at_direct_names_who_answered_last() {
    let empty = LoopbackProxy::serve(ModuleTree::new());
    let run = World::new().download(&format!("{},direct", empty.url())).expect(1);
    run.says(&["direct", &empty.url(), "404 Not Found", "there is no git"]);
    let kinds: Vec<_> =
        run.records()[0]["Attempts"].as_array().unwrap().iter().map(|a| a["Kind"].clone()).collect();
    assert_eq!(kinds, ["not_found", "repository"]);
}

/// The right bytes are in the cache after it, so that no later run would say it.
#[test]
fn a_verdict_is_told_although_something_else_ends_the_run() {
    let bad = faulty(Endpoint::Mod, Fault::Body(b"module example.com/alpha\n\ngo 1.21\n".to_vec()));
    let gone = Rule::new(Endpoint::Mod, Fault::status(404)).module("example.com/Beta/v2");
    let healthy = LoopbackProxy::builder(tree()).rule(gone.clone()).start();
    bad.add_rule(gone);
    let run = World::new().download(&format!("{}|{}", bad.url(), healthy.url())).expect(1);
    run.says(&["warning: example.com/alpha@v1.0.0: wrong bytes", &bad.url(), "404 Not Found"]);
    assert_eq!(outcomes(&run.record(ALPHA), ".mod"), ["mismatch", "200"]);
}

#[test]
fn what_a_server_says_beside_its_status_is_shown() {
    let reply = gomod_testkit::Reply::new(403).content_type("text/plain").body("alpha is not allowed here\n");
    let run = World::new().download(&faulty(Endpoint::Zip, Fault::Reply(reply)).url()).expect(1);
    run.says(&["403 Forbidden", "server: alpha is not allowed here", "whether this module is blocked"]);
}
