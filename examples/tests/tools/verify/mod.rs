//! The `verify` tool.

mod bad_input;
mod cached_pages;
mod faults;
mod full_disk;
mod killed;
mod links;
mod many;
pub(crate) mod never_less;
mod prune;
mod quarantine;
mod repair;
mod sumdb;
mod together;
mod toolchain;
pub(crate) mod unreadable;
mod which_cache;
mod witness;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gomod_testkit::LoopbackProxy;

use crate::download::world::{Run, World, tree};

/// A world whose cache is full, and its proxy.
pub(crate) fn full() -> (World, LoopbackProxy) {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    world.download(&proxy.url()).expect(0);
    (world, proxy)
}

pub(crate) fn verify(world: &World, proxy: &str, args: &[&str]) -> Run {
    Run::of(world.tool("verify", proxy, args))
}

/// Replaces a file, be it read-only.
pub(crate) fn put(path: &Path, content: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, content).unwrap();
}

/// The files of the cache that a build uses: no locks, no quarantine, no leftovers.
fn used(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut files = world.files();
    files.retain(|path, _| !path.starts_with("cache/quarantine/") && !path.ends_with(".tmp"));
    files
}

/// The kinds of the problems of a module.
pub(crate) fn kinds(run: &Run, module: &str) -> Vec<String> {
    let records = run.records();
    let of = records.iter().filter(|record| record["module"] == module);
    let problems = of.flat_map(|record| record["problems"].as_array().expect("problems").clone());
    problems.map(|problem| problem["kind"].as_str().expect("a kind").to_owned()).collect()
}
