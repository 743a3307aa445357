//! Law: a query leads where `go list -m PATH@QUERY` finds it, with the same requests.

use std::fmt::Write as _;

use gomod_module::{ModulePath, Query, Version};
use gomod_proxy_client::client::Resolved;
use gomod_proxy_client::report::Attempt;
use gomod_proxy_client::{Error, ErrorKind, Fetched, QueryOptions, Rejection};
use gomod_testkit::{Endpoint, Fault, GoCommand, LoopbackProxy, ModuleTree};
use serde_json::Value;

use crate::sources::client;

const OLD: &str = "v0.0.0-20200102030405-aaaaaaaaaaaa";
const NEW: &str = "v0.0.0-20240102030405-bbbbbbbbbbbb";
const QUERIES: [&str; 26] = [
    "latest",
    "upgrade",
    "patch",
    "v0",
    "v1",
    "v1.1",
    "v1.2",
    "v1.5",
    "v2",
    "<v1.2.0",
    "<v2.0.0",
    "<=v1.1.0",
    "<=v1",
    ">v1.0.0",
    ">=v1.0.0",
    ">=v1.1.0",
    ">=v2.0.0",
    "v1.1.0",
    "v1.0.0+meta",
    "v1",
    "v9.9.9",
    "main",
    "odd",
    "gone",
    "feature/x",
    "<main",
];
/// With the versions that a main module requires and excludes.
const MODULES: [(&str, &str, &str); 11] = [
    ("example.com/tagged", "v1.0.0", "v1.2.0"),
    ("example.com/Upper", "", ""),
    ("example.com/selfretracted", "v1.4.0", ""),
    ("example.com/untagged", OLD, ""),
    ("example.com/nolatest", "", ""),
    ("example.com/legacy", "v1.0.0", ""),
    ("example.com/compatible", "v1.0.0", ""),
    ("example.com/major/v2", "v2.0.0", ""),
    ("example.com/broken", "", ""),
    ("example.com/nolist", "", ""),
    ("example.com/prerelease", "", ""),
];

fn tree() -> ModuleTree {
    let version = |tree: ModuleTree, path: &str, version: &str, more: &str| {
        tree.version(path, version, format!("module {path}\n{more}").as_bytes(), b"")
    };
    let written = "\ngo 1.16\n";
    let retracting = "\ngo 1.16\nretract v1.1.0 // bad\nretract [v1.3.0, v1.4.0]\n";
    let info = |version: &str| format!(r#"{{"Version":"{version}","Time":"2024-01-02T03:04:05Z"}}"#);
    let mut tree = ModuleTree::new();
    for path in ["example.com/tagged", "example.com/Upper"] {
        for (number, more) in [("v1.0.0", written), ("v1.1.0", written), ("v1.1.1", ""), ("v1.2.0", written)]
        {
            tree = version(tree, path, number, more);
        }
        tree = version(tree, path, "v1.5.0", retracting);
        tree = version(tree, path, "v1.6.0-rc.1", "\ngo 1.16\nretract v1.5.0\n");
    }
    tree = version(tree, "example.com/selfretracted", "v1.4.0", written);
    tree = version(tree, "example.com/selfretracted", "v1.5.0", "\ngo 1.16\nretract [v1.5.0, v1.9.0]\n");
    for pseudo in [OLD, NEW] {
        tree = version(tree, "example.com/untagged", pseudo, written);
        tree = version(tree, "example.com/nolatest", pseudo, written);
    }
    let legacy = [("v1.0.0", ""), ("v1.1.0", ""), ("v2.0.0+incompatible", ""), ("v2.1.0+incompatible", "")];
    for (number, more) in legacy {
        tree = version(tree, "example.com/legacy", number, more);
        tree =
            version(tree, "example.com/compatible", number, if number == "v1.1.0" { written } else { more });
    }
    for number in ["v2.0.0", "v2.1.0"] {
        tree = version(tree, "example.com/major/v2", number, written);
    }
    tree = version(tree, "example.com/prerelease", "v1.0.0-rc.1", written);
    // Its go.mod file cannot be read, so that nothing is known to be retracted.
    tree = version(tree, "example.com/broken", "v1.0.0", "require (\n");
    tree = version(tree, "example.com/broken", "v1.1.0", "retract \"\n");
    tree.latest("example.com/untagged", NEW)
        .file("example.com/nolatest/@v/list", format!("{OLD}\n{NEW} 2019-01-01T00:00:00Z\nv1.0.0\u{e9}\n"))
        .file("example.com/tagged/@v/main.info", info("v1.6.1-0.20240102030405-cccccccccccc"))
        .file("example.com/tagged/@v/odd.info", info("v1.1.0"))
        .file("example.com/nolist/@v/v1.1.0.info", info("v1.1.0"))
}

async fn ask(
    list: &str,
    path: &str,
    query: &str,
    options: &QueryOptions,
) -> Result<Fetched<Resolved>, Error> {
    let query: Query = query.parse().unwrap();
    client(list).resolve(&ModulePath::new(path).unwrap(), &query, options, |_, _| Ok(())).await
}

fn answers(text: &str) -> Vec<(String, Result<String, String>)> {
    let answers = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    answers
        .map(|answer| {
            let answer = answer.unwrap();
            let version = answer["Version"].as_str().unwrap_or_default().to_owned();
            let error = answer["Error"]["Err"].as_str().map(str::to_owned);
            // That comes from showing what is retracted, not from the query.
            let error = error.filter(|error| !error.starts_with("loading module retractions"));
            (answer["Path"].as_str().unwrap().to_owned(), error.map_or(Ok(version), Err))
        })
        .collect()
}

#[tokio::test]
async fn queries_lead_where_go_finds_them() {
    let Some(go) = GoCommand::find("queries_lead_where_go_finds_them") else { return };
    let proxy = LoopbackProxy::serve(tree());
    let home = tempfile::tempdir().unwrap();
    for with_main in [false, true] {
        let mut go_mod = "module example.com/main\n\ngo 1.21\n".to_owned();
        for (path, current, excluded) in MODULES.iter().filter(|_| with_main) {
            if !current.is_empty() {
                writeln!(go_mod, "require {path} {current}").unwrap();
            }
            if !excluded.is_empty() {
                writeln!(go_mod, "exclude {path} {excluded}").unwrap();
            }
        }
        std::fs::write(home.path().join("go.mod"), go_mod).unwrap();
        for retracted in [false, true] {
            let mut args: Vec<String> = ["list", "-m", "-e", "-json"].map(String::from).into();
            args.extend(retracted.then(|| "-retracted".to_owned()));
            let cases = || MODULES.iter().flat_map(|module| QUERIES.map(|query| (module, query)));
            args.extend(cases().map(|((path, ..), query)| format!("{path}@{query}")));
            let output = go.command(&args, home.path()).proxy(&proxy.url()).env("GOFLAGS", "-mod=mod").run();
            let theirs = answers(&output.stdout);
            assert_eq!(theirs.len(), MODULES.len() * QUERIES.len(), "{}", output.stderr);
            let mut found = 0;
            for (((path, current, excluded), query), (_, theirs)) in cases().zip(theirs) {
                let what = format!("{path}@{query} main {with_main} retracted {retracted}: {theirs:?}");
                let Ok(_) = query.parse::<Query>() else {
                    assert!(theirs.is_err(), "{what}");
                    continue;
                };
                let version =
                    |text: &str| (with_main && !text.is_empty()).then(|| Version::new(text).unwrap());
                let options = QueryOptions::new()
                    .current(version(current))
                    .excluded(version(excluded))
                    .retracted(retracted);
                let ours = ask(&proxy.url(), path, query, &options).await;
                match (&ours, &theirs) {
                    (Ok(ours), Ok(theirs)) => {
                        assert_eq!(ours.value.module.version().as_str(), theirs, "{what}");
                        found += 1;
                    }
                    (Err(_), Err(_)) => {}
                    _ => panic!("{what}\n{ours:?}"),
                }
            }
            assert!(found > 60, "{found}");
        }
    }
}

#[tokio::test]
async fn requests_are_those_of_go() {
    let Some(go) = GoCommand::find("requests_are_those_of_go") else { return };
    let home = tempfile::tempdir().unwrap();
    let cases = [
        ("example.com/tagged", "latest"),
        ("example.com/Upper", "v1.1"),
        ("example.com/tagged", "<v1.2.0"),
        ("example.com/tagged", "v1.0.0+meta"),
        ("example.com/tagged", "main"),
        ("example.com/tagged", "v8"),
        ("example.com/selfretracted", "latest"),
        ("example.com/untagged", "latest"),
        ("example.com/nolatest", "latest"),
        ("example.com/legacy", "latest"),
        ("example.com/compatible", "latest"),
        ("example.com/nolist", "latest"),
        ("example.com/tagged", "feature/x"),
    ];
    for (number, (path, query)) in cases.into_iter().enumerate() {
        for empty_first in [false, true] {
            let (empty, proxy) = (LoopbackProxy::serve(ModuleTree::new()), LoopbackProxy::serve(tree()));
            let list = if empty_first { format!("{},{}", empty.url(), proxy.url()) } else { proxy.url() };
            let run = go.command(&["list", "-m", "-e", "-json", &format!("{path}@{query}")], home.path());
            run.mod_cache(home.path().join(format!("cache{number}{empty_first}"))).proxy(&list).run();
            let mut theirs = (empty.requests(), proxy.requests());
            let (seen_empty, seen) = (theirs.0.len(), theirs.1.len());
            let found = ask(&list, path, query, &QueryOptions::new()).await;
            let mut ours = (empty.requests().split_off(seen_empty), proxy.requests().split_off(seen));
            for requests in [&mut theirs.0, &mut theirs.1, &mut ours.0, &mut ours.1] {
                requests.sort();
            }
            // Go keeps lists by the prefix that it looks for, and asks for the same list again.
            theirs.0.dedup();
            theirs.1.dedup();
            // For what it prints.
            if let Ok(found) = found {
                let go_mod = gomod_proxy_client::protocol::Endpoint::go_mod(&found.value.module);
                let shown = |request: &String| request == go_mod.path();
                theirs.0.retain(|request| !shown(request) || ours.0.contains(request));
                theirs.1.retain(|request| !shown(request) || ours.1.contains(request));
            }
            assert_eq!(ours, theirs, "{path}@{query} behind an empty source: {empty_first}");
        }
    }
}

#[tokio::test]
async fn errors_have_kinds() {
    let proxy = LoopbackProxy::serve(tree());
    let url = proxy.url();
    for (path, query, kind, text) in [
        ("example.com/tagged", "v7", ErrorKind::NoMatchingVersion, "no matching versions for query \"v7\""),
        ("example.com/tagged", "feature/x", ErrorKind::InvalidQuery, "invalid version"),
        ("example.com/tagged", "patch", ErrorKind::InvalidQuery, "no existing version is required"),
        ("example.com/tagged", "gone", ErrorKind::NotFound, "404 Not Found"),
        ("example.com/nolist", "latest", ErrorKind::NotFound, "404 Not Found"),
    ] {
        let error = ask(&url, path, query, &QueryOptions::new()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        assert!(error.to_string().starts_with(&format!("{path}@{query}: ")), "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
    // That there is no such version stops `,` and passes `|`.
    let other =
        LoopbackProxy::serve(ModuleTree::new().module("example.com/tagged", "v7.0.0+incompatible", &[]));
    let stopped =
        ask(&format!("{url},{}", other.url()), "example.com/tagged", "v7", &QueryOptions::new()).await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::NoMatchingVersion);
    let found = ask(&format!("{url}|{}", other.url()), "example.com/tagged", "v7", &QueryOptions::new())
        .await
        .unwrap();
    assert_eq!(found.value.module.version().as_str(), "v7.0.0+incompatible");
    assert_eq!(found.trace.source(), Some(&*other.url()));
}

#[tokio::test]
async fn a_version_of_another_module_is_refused() {
    let tree = tree().file("example.com/tagged/@v/main.info", r#"{"Version":"v3.0.0"}"#);
    let proxy = LoopbackProxy::serve(tree);
    let error = ask(&proxy.url(), "example.com/tagged", "main", &QueryOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_go_mod_file_that_the_caller_rejects_retracts_nothing() {
    let proxy = LoopbackProxy::serve(tree());
    let path = ModulePath::new("example.com/selfretracted").unwrap();
    let query: Query = "latest".parse().unwrap();
    let client = client(&proxy.url());
    let options = QueryOptions::new();
    let good = client.resolve(&path, &query, &options, |_, _| Ok(())).await.unwrap();
    assert_eq!(good.value.module.version().as_str(), "v1.4.0");
    let refuse = |_: &gomod_module::ModuleVersion, _: &[u8]| Err(Rejection::mismatch("wrong"));
    let bad = client.resolve(&path, &query, &options, refuse).await.unwrap();
    assert_eq!(bad.value.module.version().as_str(), "v1.5.0");
    let kinds: Vec<_> = bad.trace.attempts().iter().filter_map(Attempt::kind).collect();
    assert_eq!(kinds, [ErrorKind::Mismatch]);
}

/// A source that fails is asked once, though two questions of one query go along the list.
#[tokio::test]
async fn a_source_that_fails_is_asked_once() {
    let bad = LoopbackProxy::builder(tree()).fault(Endpoint::Any, Fault::status(502)).start();
    let good = LoopbackProxy::serve(tree());
    let list = format!("{}|{}", bad.url(), good.url());
    let found = ask(&list, "example.com/tagged", "latest", &QueryOptions::new()).await.unwrap();
    assert_eq!(found.value.module.version().as_str(), "v1.5.0");
    // The go.mod file is asked for along the whole list.
    assert_eq!(bad.requests().iter().filter(|request| request.ends_with("list")).count(), 1);
    assert_eq!(found.trace.attempts().len(), bad.hits() + good.hits());
}
