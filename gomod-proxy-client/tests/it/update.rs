//! Law: what is newer, retracted and deprecated is what `go list -m -u -retracted` shows.

use std::fmt::Write as _;

use gomod_module::{ModuleVersion, Version};
use gomod_proxy_client::client::Update;
use gomod_proxy_client::{ErrorKind, Rejection};
use gomod_testkit::{GoCommand, LoopbackProxy, ModuleTree};
use serde_json::Value;

use crate::sources::client;

/// With the version that is newer, whether the one in use is retracted, and whether its module is deprecated.
const MODULES: [(&str, Option<&str>, bool, bool); 12] = [
    ("example.com/plain@v1.0.0", Some("v1.2.0"), false, false),
    ("example.com/plain@v1.2.0", None, false, false),
    ("example.com/plain@v1.3.0-rc.1", None, false, false),
    ("example.com/plain@v1.2.1-0.20240102030405-aaaaaaaaaaaa", Some("v1.3.0-rc.1"), false, false),
    // The latest version is v1.1.0, as the higher ones have no go.mod file.
    ("example.com/legacy@v2.0.0+incompatible", None, false, false),
    ("example.com/legacy@v1.0.0", Some("v1.1.0"), false, false),
    // The only higher version retracts itself and others.
    ("example.com/retracted@v1.1.0", None, true, false),
    ("example.com/retracted@v1.0.0", None, false, false),
    ("example.com/withdrawn@v1.1.0", Some("v1.3.0"), true, false),
    ("example.com/withdrawn@v1.4.0", None, true, false),
    ("example.com/deprecated@v1.0.0", Some("v1.1.0"), false, true),
    ("example.com/nowhere@v1.0.0", None, false, false),
];

fn tree() -> ModuleTree {
    let go_mod = |tree: ModuleTree, path: &str, version: &str, head: &str, tail: &str| {
        tree.version(path, version, format!("{head}module {path}\n\ngo 1.16\n{tail}").as_bytes(), b"")
    };
    let mut tree = ModuleTree::new();
    for version in ["v1.0.0", "v1.2.0", "v1.3.0-rc.1", "v1.2.1-0.20240102030405-aaaaaaaaaaaa"] {
        tree = go_mod(tree, "example.com/plain", version, "", "");
    }
    for version in ["v1.0.0", "v1.1.0"] {
        tree = go_mod(tree, "example.com/legacy", version, "", "");
        tree = go_mod(tree, "example.com/retracted", version, "", "");
        let head = if version == "v1.1.0" { "// Deprecated: use example.com/plain.\n" } else { "" };
        tree = go_mod(tree, "example.com/deprecated", version, head, "");
    }
    tree = tree.version("example.com/legacy", "v2.0.0+incompatible", b"module example.com/legacy\n", b"");
    let retract = "retract (\n\tv1.1.0 // lost data\n\tv1.2.0 // published by mistake\n)\n";
    tree = go_mod(tree, "example.com/retracted", "v1.2.0", "", retract);
    for version in ["v1.1.0", "v1.3.0"] {
        tree = go_mod(tree, "example.com/withdrawn", version, "", "");
    }
    go_mod(tree, "example.com/withdrawn", "v1.4.0", "", "retract v1.1.0\nretract v1.4.0\n")
}

async fn update(list: &str, module: &str) -> Update {
    let module: ModuleVersion = module.parse().unwrap();
    client(list).update(&module, &[], |_, _| Ok(())).await.unwrap().value
}

#[tokio::test]
async fn what_go_shows_is_found() {
    let proxy = LoopbackProxy::serve(tree());
    for (module, newer, retracted, deprecated) in MODULES {
        let found = update(&proxy.url(), module).await;
        let version = found.newer.as_ref().map(|newer| newer.module.version().as_str());
        let answer = (version, !found.retracted.is_empty(), found.deprecated.is_some());
        assert_eq!(answer, (newer, retracted, deprecated), "{module}: {found:?}");
    }
    let reason =
        update(&proxy.url(), "example.com/retracted@v1.1.0").await.retracted[0].rationale.to_string();
    assert_eq!(reason, "lost data");
    for (module, shown) in [
        ("example.com/plain@v1.2.0", ""),
        ("example.com/withdrawn@v1.1.0", " [v1.3.0] (retracted: )"),
        ("example.com/deprecated@v1.0.0", " [v1.1.0] (deprecated: use example.com/plain.)"),
    ] {
        assert_eq!(update(&proxy.url(), module).await.to_string(), shown);
    }
    let Some(go) = GoCommand::find("what_go_shows_is_found") else { return };
    let home = tempfile::tempdir().unwrap();
    let mut go_mod = "module example.com/main\n\ngo 1.21\n".to_owned();
    writeln!(go_mod, "require example.com/plain v1.0.0").unwrap();
    std::fs::write(home.path().join("go.mod"), go_mod).unwrap();
    let mut args = vec!["list", "-m", "-e", "-u", "-retracted", "-json"];
    args.extend(MODULES.iter().map(|(module, ..)| *module));
    let run = go.command(&args, home.path()).proxy(&proxy.url()).env("GOFLAGS", "-mod=mod").run();
    let answers = serde_json::Deserializer::from_str(&run.stdout).into_iter::<Value>();
    let answers: Vec<_> = answers.map(Result::unwrap).collect();
    assert_eq!(answers.len(), MODULES.len(), "{}", run.stderr);
    for ((module, newer, retracted, deprecated), go) in MODULES.into_iter().zip(answers) {
        assert_eq!(go["Update"]["Version"].as_str(), newer, "{module}: {go}");
        assert_eq!(go["Retracted"].as_array().is_some(), retracted, "{module}: {go}");
        assert_eq!(go["Deprecated"].as_str().is_some(), deprecated, "{module}: {go}");
    }
}

/// The two questions are about one list and one go.mod file, whose hash is checked once.
#[tokio::test]
async fn nothing_is_asked_for_twice() {
    for (module, checked) in [("example.com/plain@v1.0.0", 1), ("example.com/retracted@v1.1.0", 1)] {
        let proxy = LoopbackProxy::serve(tree());
        let mut checks = 0;
        let check = |_: &ModuleVersion, _: &[u8]| {
            checks += 1;
            Ok(())
        };
        let found = client(&proxy.url()).update(&module.parse().unwrap(), &[], check).await.unwrap();
        let mut requests = proxy.requests();
        assert_eq!((checks, found.trace.attempts().len()), (checked, requests.len()), "{requests:?}");
        let all = requests.len();
        requests.sort();
        requests.dedup();
        assert_eq!(requests.len(), all, "{requests:?}");
    }
}

#[tokio::test]
async fn what_is_excluded_is_no_update() {
    let proxy = LoopbackProxy::serve(tree());
    let module: ModuleVersion = "example.com/plain@v1.0.0".parse().unwrap();
    let excluded = [Version::new("v1.2.0").unwrap()];
    let found = client(&proxy.url()).update(&module, &excluded, |_, _| Ok(())).await.unwrap().value;
    assert_eq!(found.newer, None);
}

/// An author's word that nobody has checked is not passed on, and not being able to ask is not "nothing new".
#[tokio::test]
async fn what_is_not_known_is_an_error() {
    let proxy = LoopbackProxy::serve(tree());
    let module: ModuleVersion = "example.com/retracted@v1.1.0".parse().unwrap();
    let wrong = |_: &ModuleVersion, _: &[u8]| Err(Rejection::mismatch("another hash"));
    let error = client(&proxy.url()).update(&module, &[], wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    let error = client("off").update(&module, &[], |_, _| Ok(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Off);
    let broken = tree().version("example.com/retracted", "v1.3.0", b"retract \"\n", b"");
    let proxy = LoopbackProxy::serve(broken);
    let error = client(&proxy.url()).update(&module, &[], |_, _| Ok(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
}
