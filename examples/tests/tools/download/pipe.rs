//! A file of the project that does not come: a pipe into which nobody writes yet.
#![cfg(unix)]

use std::fs;
use std::process::Command;
use std::thread;

use gomod_testkit::LoopbackProxy;

use super::world::{Run, World, tree};

/// Replaced modules are named before the others.
#[test]
fn a_replacement_that_does_not_come_holds_up_no_other_module() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let go_mod = fs::read_to_string(world.project().join("go.mod")).unwrap();
    world.write("go.mod", &format!("{go_mod}\nreplace example.com/Beta/v2 => ../beta\n"));
    let pipe = world.dir().join("beta").join("go.mod");
    fs::create_dir(pipe.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let command = world.command(&proxy.url(), &["--project", "project", "--jobs", "1"]);
    let run = thread::spawn(|| Run::within(command));
    while !proxy.requests().iter().any(|request| request.ends_with("alpha/@v/v1.0.0.mod")) {
        assert!(!run.is_finished(), "alpha was not asked for");
        thread::yield_now();
    }
    fs::write(&pipe, "module example.com/Beta/v2\n").unwrap();
    run.join().unwrap().expect(0);
}
