//! A moment's trouble of the only source is waited out: no module fails because of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use gomod_testkit::{
    Certificate, Endpoint, Fault, GoCommand, LoopbackProxy, ModuleTree, Rule, mod_cache, remove_tree,
};

use super::world::{Run, World};

const MODULES: u64 = 40;
/// Requests of a run that meets no fault.
const REQUESTS: u64 = 3 * MODULES;

fn paths() -> Vec<String> {
    (0..MODULES).map(|n| format!("example.com/m{n}")).collect()
}

fn modules() -> ModuleTree {
    paths()
        .iter()
        .fold(ModuleTree::new(), |tree, path| tree.module(path, "v1.0.0", &[("m.go", b"package m\n")]))
}

/// What happens to the source, by how many requests there were.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// All connections are reset, and every new one, until so many were made in vain as come in about three seconds.
    Away,
    /// The requests that come at one moment get no answer.
    Lost,
    /// Over HTTP/2, a server that restarts says so.
    GoAway,
}

impl Trouble {
    /// The proxy, with trouble from the request of this number on.
    fn proxy(self, tree: &ModuleTree, after: u64) -> LoopbackProxy {
        let rule = |fault| Rule::new(Endpoint::Any, fault).skip(after);
        let proxy = LoopbackProxy::builder(tree.clone());
        match self {
            // Five make it an outage, and the others find out one by one, half a second to two apart.
            Self::Away => proxy.rule(rule(Fault::Away { connections: 8 }).times(1)),
            Self::Lost => proxy.rule(rule(Fault::CloseBeforeFirstByte).times(16)),
            Self::GoAway => proxy.tls(Certificate::Good).http2().rule(rule(Fault::GoAway).times(1)),
        }
        .start()
    }
}

/// The file that names the proxy's authority, where there is one.
fn authority(proxy: &LoopbackProxy, dir: &Path) -> Option<PathBuf> {
    let file = dir.join("authority.pem");
    fs::write(&file, proxy.ca_pem()?).unwrap();
    Some(file)
}

/// `GOMOD_OUTAGES` says how many runs, else there are 3.
#[test]
fn no_module_fails_because_the_only_source_has_a_moment_of_trouble() {
    let runs = std::env::var("GOMOD_OUTAGES").ok().and_then(|runs| runs.parse().ok()).unwrap_or(3);
    let tree = &modules();
    for first in (0..runs).step_by(3) {
        // Almost all of the time is waited.
        thread::scope(|scope| {
            for run in first..runs.min(first + 3) {
                for trouble in [Trouble::Away, Trouble::Lost, Trouble::GoAway] {
                    for jobs in [1, 8] {
                        let after = 1 + run * 37 % (REQUESTS - 20);
                        scope.spawn(move || eprintln!("{}", download(tree, trouble, jobs, after)));
                    }
                }
            }
        });
    }
}

/// What was met, how long it took and how many requests.
fn download(tree: &ModuleTree, trouble: Trouble, jobs: usize, after: u64) -> String {
    let what = format!("{trouble:?} after {after} requests, --jobs {jobs}");
    let (world, proxy) = (World::requiring(tree, &paths()), trouble.proxy(tree, after));
    let mut command =
        world.command(&proxy.url(), &["--project", "project", "--json", "--jobs", &jobs.to_string()]);
    command.envs(authority(&proxy, world.dir()).map(|file| ("SSL_CERT_FILE", file)));
    let started = Instant::now();
    let run = Run::of(command);
    let elapsed = started.elapsed();
    assert_eq!(run.code, Some(0), "{what}: {}{}", run.stdout, run.stderr);
    let records = run.records();
    assert_eq!(records.len() as u64, MODULES, "{what}");
    assert!(records.iter().all(|record| record["Zip"].is_string() && record["Error"].is_null()), "{what}");
    assert!(proxy.hits() as u64 > REQUESTS, "{what}: there was no trouble");
    world.assert_nothing_half_done();
    format!("{what}: {elapsed:.1?}, {} requests", proxy.hits())
}

/// What Go makes of the same is printed and not asserted: it depends on the moment.
#[test]
fn what_go_makes_of_a_moment_of_trouble() {
    let Some(go) = GoCommand::find("go mod download over a moment of trouble") else { return };
    let tree = modules();
    for trouble in [Trouble::Away, Trouble::Lost, Trouble::GoAway] {
        let (world, proxy) = (World::requiring(&tree, &paths()), trouble.proxy(&tree, 20));
        let home = world.dir().join("go");
        fs::create_dir(&home).unwrap();
        let mut run =
            go.command(&["mod", "download"], &home).proxy(&proxy.url()).current_dir(world.project());
        if let Some(file) = authority(&proxy, world.dir()) {
            run = run.env("SSL_CERT_FILE", file);
        }
        let run = run.run();
        let _ = remove_tree(&mod_cache(&home));
        eprintln!(
            "{trouble:?} after 20 requests: go mod download {}: {}",
            run.status,
            run.stderr.lines().next().unwrap_or_default()
        );
    }
}
