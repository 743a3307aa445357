//! A real project through the configured GOPROXY: opt-in, `GOMOD_LIVE=1`, and needs `go`.

use std::env;
use std::fs;
use std::path::Path;

use gomod_testkit::{GoCommand, GoRun, skip};

use super::world::{Run, World};

const GO_MOD: &str = "module example.com/real

go 1.22.0

require (
	github.com/aws/aws-sdk-go v1.55.5
	github.com/prometheus/prometheus v0.54.0
	k8s.io/client-go v0.30.0
)
";

const MAIN: &str = r#"package main

import (
	_ "github.com/aws/aws-sdk-go/aws/session"
	_ "github.com/prometheus/prometheus/tsdb"
	_ "k8s.io/client-go/kubernetes"
)

func main() {}
"#;

/// The variables that say how this machine gets at modules; all else stays out of the test.
const NETWORK: [&str; 12] = [
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NETRC",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "GOPROXY",
    "GONOPROXY",
    "GONOSUMDB",
];

#[test]
fn a_real_project_builds_from_our_cache_and_go_fills_one_that_we_find_complete() {
    if env::var_os("GOMOD_LIVE").is_none() {
        skip("a real project through GOPROXY: GOMOD_LIVE is not set");
        return;
    }
    let Some(go) = GoCommand::find("a real project through GOPROXY") else { return };
    let world = World::new();
    world.write("go.mod", GO_MOD);
    world.write("main.go", MAIN);
    fs::remove_file(world.project().join("go.sum")).unwrap();
    let theirs = world.dir().join("theirs");
    let with_network = |args: &[&str]| {
        network(&go, go.command(args, world.dir())).current_dir(world.project()).mod_cache(&theirs)
    };
    let _ = with_network(&["mod", "tidy"]).env("GOFLAGS", "-modcacherw").run().expect_success();

    // Go fills a cache of its own, and nothing is left to ask for.
    let _ = with_network(&["mod", "download"]).env("GOFLAGS", "-modcacherw").run().expect_success();
    let mut command = world.command("off", &["--project", "project"]);
    command.env("GOMODCACHE", &theirs);
    let run = Run::of(command).expect(0);
    run.says(&[
        "74 modules: 0 downloaded",
        "74 already in the cache, 0 failed; 532 go.mod files; 0 requests",
    ]);

    // We fill an empty one.
    let mut command = world.command(&setting(&go, world.dir(), "GOPROXY"), &["--project", "project"]);
    for name in NETWORK {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    let run = Run::of(command).expect(0);
    run.says(&["74 modules: 74 downloaded", "0 failed; 532 go.mod files"]);
    world.assert_nothing_half_done();

    let offline = |args: &[&str]| {
        let run = go.command(args, world.dir()).mod_cache(world.cache()).current_dir(world.project());
        run.env("GOFLAGS", "-mod=mod -modcacherw").run().expect_success()
    };
    assert_eq!(offline(&["mod", "verify"]).stdout, "all modules verified\n");
    offline(&["build", "./..."]);
    offline(&["vet", "./..."]);
    gomod_testkit::remove_tree(&theirs).unwrap();
}

/// What `go env` says here about a variable, files included.
fn setting(go: &GoCommand, dir: &Path, name: &str) -> String {
    let mut command = std::process::Command::new(go.program());
    let output = command.args(["env", name]).current_dir(dir).output().expect("go env");
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

/// The run with this machine's way to the network.
pub(crate) fn network(go: &GoCommand, mut run: GoRun) -> GoRun {
    for name in NETWORK {
        if let Some(value) = env::var_os(name) {
            run = run.env(name, value);
        }
    }
    for name in ["GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB"] {
        run = run.env(name, setting(go, Path::new("."), name));
    }
    run
}
