//! The real `go` takes what these proxies and zips give it, and meets their faults.

use std::fs;

use gomod_testkit::{
    Endpoint, Fault, GoCommand, LoopbackProxy, ModuleTree, ModuleZip, Rule, mod_cache, remove_tree,
    source_text,
};

fn tree() -> ModuleTree {
    ModuleTree::new().module(
        "example.com/Upper/m",
        "v1.0.0",
        &[
            ("go.mod", b"module example.com/Upper/m\n"),
            ("m.go", b"package m\n"),
            ("big.txt", &source_text(1, 100_000)),
        ],
    )
}

const MODULE: &str = "example.com/Upper/m@v1.0.0";
const STEM: &str = "example.com/!upper/m/@v/v1.0.0";

#[test]
fn download_from_a_loopback_proxy() {
    let Some(go) = GoCommand::find("download from a loopback proxy") else { return };
    let home = tempfile::tempdir().unwrap();
    let proxy = LoopbackProxy::serve(tree());
    let run = go.command(&["mod", "download", "-json", MODULE], home.path()).proxy(&proxy.url()).run();
    let run = run.expect_success();
    assert!(run.stdout.contains("\"Sum\": \"h1:"), "{}", run.stdout);
    assert_eq!(proxy.requests(), ["info", "mod", "zip"].map(|kind| format!("{STEM}.{kind}")));
    assert_eq!(proxy.log()[0].header("accept-encoding"), Some("gzip"));

    // Its cache serves the same module again, over HTTP and as files.
    let download = mod_cache(home.path()).join("cache/download");
    for kind in ["info", "mod", "zip"] {
        let path = format!("{STEM}.{kind}");
        assert_eq!(ModuleTree::from_dir(&download).get(&path), tree().get(&path), "{path}");
    }
    let again = tempfile::tempdir().unwrap();
    let list = format!("file://{}", download.display());
    let run = go.command(&["mod", "download", "-json", MODULE], again.path()).proxy(&list).run();
    assert!(run.expect_success().stdout.contains("\"Sum\": \"h1:"));
}

#[test]
fn list_versions_of_a_directory_tree() {
    let Some(go) = GoCommand::find("list versions of a directory tree") else { return };
    let home = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    tree().module("example.com/Upper/m", "v1.1.0", &[]).write_to(files.path());
    let list = format!("file://{}", files.path().display());
    let run = go.command(&["list", "-m", "-versions", "example.com/Upper/m"], home.path()).proxy(&list).run();
    assert_eq!(run.expect_success().stdout, "example.com/Upper/m v1.0.0 v1.1.0\n");
}

#[test]
fn faults_are_seen_as_the_reference_saw_them() {
    let Some(go) = GoCommand::find("faults seen by go") else { return };
    let cut = |after, reset| Fault::CutBody { after, reset };
    for (fault, message) in [
        (Fault::status(404), "404 Not Found"),
        (Fault::status(599), "599 "),
        (Fault::RedirectToSelf, "stopped after 10 redirects"),
        (Fault::RedirectForever, "stopped after 10 redirects"),
        (Fault::RedirectHops(10), "stopped after 10 redirects"),
        (Fault::CloseBeforeFirstByte, "EOF"),
        (Fault::ResetBeforeFirstByte, "connection reset by peer"),
        (cut(100, false), "unexpected EOF"),
        (cut(100, true), "connection reset by peer"),
        (Fault::CutChunked { after: 100 }, "unexpected EOF"),
        (Fault::NoFinalChunk, "unexpected EOF"),
        (Fault::BadChunkSize, "invalid byte in chunk length"),
        (Fault::NoLengthCut { after: 100 }, "zip: not a valid zip file"),
        (Fault::ShortLength { by: 100 }, "zip: not a valid zip file"),
        (Fault::TwoLengths, "message cannot contain multiple Content-Length headers"),
        (Fault::NotHttp, "malformed HTTP"),
        (Fault::BadStatusLine, "malformed HTTP status code \"abc\""),
        (Fault::HalfHeader, "malformed MIME header"),
        (Fault::HugeHeader, "server response headers exceeded 10485760 bytes; aborted"),
        (Fault::GzipTruncated, "unexpected EOF"),
        (Fault::GzipBadCrc, "gzip: invalid checksum"),
        (Fault::ContentEncoding("gzip".into()), "gzip: invalid header"),
        (Fault::Body(b"junk".to_vec()), "zip: not a valid zip file"),
        (Fault::html(), "zip: not a valid zip file"),
        (Fault::Truncate { len: 100 }, "zip: not a valid zip file"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let proxy = LoopbackProxy::builder(tree()).fault(Endpoint::Zip, fault.clone()).start();
        let run = go.command(&["mod", "download", MODULE], home.path()).proxy(&proxy.url()).run();
        assert!(!run.success() && run.stderr.contains(message), "{fault:?}: {}", run.stderr);
    }
}

#[test]
fn unusual_answers_are_accepted() {
    let Some(go) = GoCommand::find("unusual answers accepted by go") else { return };
    for fault in [
        Fault::RedirectHops(9),
        Fault::Gzip,
        Fault::GzipNoLength,
        Fault::Http10,
        Fault::Continue100,
        Fault::Chunked,
        Fault::NoLength,
        Fault::CloseAfter { reset: false },
        Fault::CloseAfter { reset: true },
    ] {
        let home = tempfile::tempdir().unwrap();
        let proxy = LoopbackProxy::builder(tree()).rule(Rule::new(Endpoint::Any, fault.clone())).start();
        let run = go.command(&["mod", "download", MODULE], home.path()).proxy(&proxy.url()).run();
        assert!(run.success(), "{fault:?}: {}", run.stderr);
    }
}

#[test]
fn odd_zips_are_read_by_go() {
    let Some(go) = GoCommand::find("odd zips read by go") else { return };
    let zip = || ModuleZip::new("example.com/m", "v1.0.0").file("a.go", "package m\n");
    for (zip, message) in [
        (zip().file("run", "x").mode(0o100_755).file("link", "run").mode(0o120_777), None),
        (zip().directory("dir"), None),
        (zip().comment("made by hand"), None),
        (zip().file("b", "b").stored(), None),
        (zip().file("a.go", "package n\n"), Some("multiple entries for file \"a.go\"")),
        (zip().file("A.go", ""), Some("case-insensitive file name collision")),
        (zip().file("../evil.txt", ""), Some("invalid path element \"..\"")),
        (zip().raw_name("/etc/evil.txt", ""), Some("unexpected file /etc/evil.txt")),
    ] {
        let home = tempfile::tempdir().unwrap();
        let tree =
            ModuleTree::new().version("example.com/m", "v1.0.0", b"module example.com/m\n", &zip.build());
        let proxy = LoopbackProxy::serve(tree);
        let run =
            go.command(&["mod", "download", "example.com/m@v1.0.0"], home.path()).proxy(&proxy.url()).run();
        assert_eq!(run.success(), message.is_none(), "{zip:?}: {}", run.stderr);
        assert!(run.stderr.contains(message.unwrap_or_default()), "{zip:?}: {}", run.stderr);
    }
}

#[test]
fn read_only_trees_can_be_removed() {
    let Some(go) = GoCommand::find("remove a read-only module cache") else { return };
    let home = tempfile::tempdir().unwrap();
    let proxy = LoopbackProxy::serve(tree());
    let run =
        go.command(&["mod", "download", MODULE], home.path()).proxy(&proxy.url()).read_only_cache().run();
    let _ = run.expect_success();
    let cache = mod_cache(home.path());
    let extracted = cache.join("example.com/!upper/m@v1.0.0");
    assert!(fs::metadata(&extracted).unwrap().permissions().readonly());
    remove_tree(&cache).unwrap();
    assert!(!cache.exists());
    remove_tree(&cache).unwrap();
}
