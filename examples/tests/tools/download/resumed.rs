//! A download that broke off goes on in a later run, and nothing that lies on the disk is believed.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Rule};

use super::world::{ALPHA, Run, World, outcomes, tree};
use crate::tool::sha256;

/// Bytes of alpha's zip that come before its connection breaks.
const SENT: usize = 70_000;

fn proxy(fault: Fault) -> LoopbackProxy {
    let rule = Rule::new(Endpoint::Zip, fault).module("example.com/alpha").times(1);
    LoopbackProxy::builder(tree()).ranges(true).rule(rule).start()
}

/// The ranges that alpha's zip was asked for in, `-` for all of it.
fn ranges(proxy: &LoopbackProxy) -> Vec<String> {
    let log = proxy.log();
    let zips = log.iter().filter(|request| request.path.ends_with("alpha/@v/v1.0.0.zip"));
    zips.map(|request| request.header("range").unwrap_or("-").to_owned()).collect()
}

/// The beginning of the zip that is kept in the cache, and its note.
fn kept(world: &World) -> (PathBuf, PathBuf) {
    let left = world.entry(ALPHA).stale_files().unwrap();
    let [note, zip] = &left[..] else { panic!("{left:?}") };
    assert!(note.to_str().unwrap().ends_with(".resume.tmp"), "{left:?}");
    (zip.clone(), note.clone())
}

/// A world in which the zip broke off, once and for all that run cared.
fn broken_off() -> (World, LoopbackProxy) {
    let (world, proxy) = (World::new(), proxy(Fault::CutBody { after: SENT, reset: false }));
    let run = world.download(&proxy.url()).expect(1);
    assert_eq!(outcomes(&run.record(ALPHA), ".zip"), ["incomplete_body"]);
    let state = world.entry(ALPHA).state().unwrap();
    assert!(!state.has_zip() && !state.is_extracted());
    assert_eq!(fs::metadata(kept(&world).0).unwrap().len(), SENT as u64);
    (world, proxy)
}

/// The next run, which succeeds and leaves nothing behind.
#[track_caller]
fn finish(world: &World, proxy: &LoopbackProxy, wanted: &[&str], outcome: &[&str]) {
    let run = world.download(&proxy.url()).expect(0);
    assert_eq!(ranges(proxy), wanted);
    assert_eq!(outcomes(&run.record(ALPHA), ".zip"), outcome);
    assert!(world.entry(ALPHA).state().unwrap().is_extracted());
    world.assert_nothing_half_done();
    let path = world.entry(ALPHA).path(CacheFile::Zip);
    assert!(fs::read(&path).unwrap() == tree().get("example.com/alpha/@v/v1.0.0.zip").unwrap());
    // Hashed while it came, and of what was there before.
    assert_eq!(run.record(ALPHA)["ZipSHA256"], sha256(&path));
}

#[test]
fn the_next_run_fetches_the_rest() {
    let (world, proxy) = broken_off();
    finish(&world, &proxy, &["-", "bytes=70000-"], &["206"]);
}

#[test]
fn a_repair_fetches_the_rest_too() {
    let (world, proxy) = broken_off();
    let args = ["--project", "project", "--repair"];
    Run::of(world.tool("verify", &proxy.url(), &args)).expect(0);
    assert_eq!(ranges(&proxy), ["-", "bytes=70000-"]);
    world.assert_nothing_half_done();
}

#[test]
fn a_zip_that_has_changed_is_fetched_whole() {
    let (world, proxy) = broken_off();
    let note = kept(&world).1;
    let changed = fs::read_to_string(&note).unwrap();
    let tag = changed.lines().nth(2).unwrap().to_owned();
    fs::write(&note, changed.replace(&tag, "\"another\"")).unwrap();
    finish(&world, &proxy, &["-", "bytes=70000-"], &["200"]);
}

#[test]
fn a_server_that_cannot_send_a_part_sends_all() {
    let (world, proxy) = broken_off();
    let all = tree().get("example.com/alpha/@v/v1.0.0.zip").unwrap();
    let rule = Rule::new(Endpoint::Zip, Fault::Body(all)).module("example.com/alpha").times(1);
    let old = LoopbackProxy::builder(tree()).rule(rule).start();
    // At another URL nothing of it counts.
    finish(&world, &old, &["-"], &["200"]);
    assert_eq!(ranges(&proxy), ["-"]);
}

#[test]
fn bytes_that_were_damaged_meanwhile_are_found_out_and_fetched_again() {
    let (world, proxy) = broken_off();
    fs::write(kept(&world).0, vec![0; SENT]).unwrap();
    finish(&world, &proxy, &["-", "bytes=70000-", "-"], &["rejected", "200"]);
}

#[test]
fn what_is_no_beginning_is_thrown_away() {
    for (zip, note) in [
        (Some(Vec::new()), None),
        (Some(vec![0; 10_000_000]), None),
        (None, Some("gomod partial 9\n".to_owned())),
        (None, Some("\0".repeat(1_000_000))),
    ] {
        let (world, proxy) = broken_off();
        let (zip_path, note_path) = kept(&world);
        if let Some(zip) = zip {
            fs::write(zip_path, zip).unwrap();
        }
        if let Some(note) = note {
            fs::write(note_path, note).unwrap();
        }
        finish(&world, &proxy, &["-", "-"], &["200"]);
    }
}

/// The tool, with all that alpha's proxy sent in its file.
fn stuck(world: &World, proxy: &LoopbackProxy) -> Child {
    let mut command = world.command(&proxy.url(), &["--project", "project"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let all_there = || {
        let left = world.entry(ALPHA).stale_files().unwrap();
        left.len() == 2
            && left.iter().any(|path| fs::metadata(path).is_ok_and(|file| file.len() == SENT as u64))
    };
    while !all_there() {
        assert!(child.try_wait().unwrap().is_none(), "the tool ended");
        thread::yield_now();
    }
    child
}

#[cfg(unix)]
#[test]
fn after_a_kill_or_an_interrupt_the_next_run_fetches_the_rest() {
    for signal in ["-KILL", "-INT"] {
        let (world, proxy) = (World::new(), proxy(Fault::StallAfter(SENT)));
        let mut child = stuck(&world, &proxy);
        let sent =
            std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        child.wait().unwrap();
        finish(&world, &proxy, &["-", "bytes=70000-"], &["206"]);
    }
}

/// It breaks off twice in one run, and the next source has other bytes before the right ones come.
#[test]
fn the_sha256_is_that_of_the_zip_however_it_came() {
    let cut = Rule::new(Endpoint::Zip, Fault::CutBody { after: SENT, reset: false });
    let cut =
        LoopbackProxy::builder(tree()).ranges(true).rule(cut.module("example.com/alpha").times(2)).start();
    let wrong =
        LoopbackProxy::builder(tree()).fault(Endpoint::Zip, Fault::FlipByte { offset: 60_000 }).start();
    let right = LoopbackProxy::serve(tree());
    let world = World::new();
    let path = world.entry(ALPHA).path(CacheFile::Zip);
    let record = world.run(&cut.url(), &["--project", "project", "--json"]).expect(0).record(ALPHA);
    assert_eq!(ranges(&cut)[..2], ["-", "bytes=70000-"]);
    assert_eq!(ranges(&cut).len(), 3);
    assert_eq!(record["ZipSHA256"], sha256(&path));
    let world = World::new();
    let path = world.entry(ALPHA).path(CacheFile::Zip);
    let record = world.download(&format!("{}|{}", wrong.url(), right.url())).expect(0).record(ALPHA);
    assert_eq!(outcomes(&record, ".zip"), ["rejected", "200"]);
    assert_eq!(record["ZipSHA256"], sha256(&path));
}

/// What is half there is not kept for zips that are as quickly fetched whole.
#[test]
fn small_zips_are_not_kept() {
    let rule = Rule::new(Endpoint::Zip, Fault::CutBody { after: 100, reset: false });
    let proxy = LoopbackProxy::builder(tree()).ranges(true).rule(rule.module("example.com/Beta/v2")).start();
    let world = World::new();
    world.download(&proxy.url()).expect(1);
    world.assert_nothing_half_done();
}
