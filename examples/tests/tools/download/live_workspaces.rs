//! Workspaces of published modules through the configured GOPROXY: opt-in, `GOMOD_LIVE=1`, and needs `go`.

use std::env;
use std::fs;

use gomod_testkit::{GoCommand, remove_tree, skip};

use super::live::network;
use super::world::{Run, World};

/// The modules that kubernetes develops in one repository, of one release: each requires others of them at that version.
const KUBERNETES: [&str; 30] = [
    "api",
    "apiextensions-apiserver",
    "apimachinery",
    "apiserver",
    "cli-runtime",
    "client-go",
    "cloud-provider",
    "cluster-bootstrap",
    "code-generator",
    "component-base",
    "component-helpers",
    "controller-manager",
    "cri-api",
    "cri-client",
    "csi-translation-lib",
    "dynamic-resource-allocation",
    "endpointslice",
    "kms",
    "kube-aggregator",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
    "metrics",
    "mount-utils",
    "pod-security-admission",
    "sample-apiserver",
    "sample-cli-plugin",
    "sample-controller",
];

/// Modules of different ages and `go` lines.
const OTHERS: [&[&str]; 2] = [
    &[
        "golang.org/x/net@v0.27.0",
        "golang.org/x/crypto@v0.20.0",
        "golang.org/x/tools@v0.10.0",
        "golang.org/x/text@v0.3.7",
    ],
    &[
        "github.com/spf13/cobra@v1.8.1",
        "github.com/spf13/viper@v1.10.0",
        "github.com/prometheus/client_golang@v1.11.0",
        "go.uber.org/zap@v1.27.0",
        "google.golang.org/grpc@v1.40.0",
    ],
];

#[test]
fn real_workspaces_have_the_modules_and_sums_that_go_says() {
    if env::var_os("GOMOD_LIVE").is_none() {
        skip("real workspaces through GOPROXY: GOMOD_LIVE is not set");
        return;
    }
    let Some(go) = GoCommand::find("real workspaces through GOPROXY") else { return };
    let kubernetes: Vec<_> = KUBERNETES.iter().map(|name| format!("k8s.io/{name}@v0.31.0")).collect();
    let others = OTHERS.iter().map(|modules| modules.iter().map(|&module| module.to_owned()).collect());
    for members in std::iter::once(kubernetes).chain(others) {
        let world = World::new();
        let theirs = world.dir().join("theirs");
        let workspace = world.dir().join("w");
        fs::create_dir(&workspace).unwrap();
        let run = |args: &[&str]| {
            let command = network(&go, go.command(args, world.dir())).env("GOFLAGS", "-modcacherw");
            command.env("GOWORK", "").mod_cache(&theirs).current_dir(&workspace).run().expect_success()
        };
        let mut args = vec!["list", "-m", "-f", "{{.GoMod}}"];
        args.extend(members.iter().map(String::as_str));
        let mut uses = String::new();
        for (number, file) in run(&args).stdout.lines().enumerate() {
            let member = workspace.join(format!("m{number}"));
            fs::create_dir(&member).unwrap();
            fs::copy(file, member.join("go.mod")).unwrap();
            uses = format!("{uses}\t./m{number}\n");
        }
        remove_tree(&theirs).unwrap();
        fs::write(workspace.join("go.work"), format!("go 1.22.0\n\nuse (\n{uses})\n")).unwrap();
        let _ = run(&["mod", "download"]);

        // Nothing is left to ask for, nothing was fetched in vain, and the sums are the same.
        let sums = fs::read_to_string(workspace.join("go.work.sum")).unwrap();
        fs::remove_file(workspace.join("go.work.sum")).unwrap();
        let mut command = world.command("off", &["--project", "w", "--write-sum", "--json"]);
        command.env_remove("GOWORK").env("GOMODCACHE", &theirs).env("GOSUMDB", "off");
        let ours = Run::of(command).expect(0);
        ours.says(&[": 0 downloaded", " 0 failed", " 0 requests"]);
        let zips = sums.lines().filter(|line| !line.contains("/go.mod ")).count();
        let records = ours.records();
        let with_zips = records.iter().filter(|record| record["Zip"].is_string()).count();
        assert_eq!(with_zips, zips, "{members:?}");
        assert_eq!(fs::read_to_string(workspace.join("go.work.sum")).unwrap(), sums, "{members:?}");
        remove_tree(&theirs).unwrap();
    }
}
