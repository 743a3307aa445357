//! go.sum is written as the go command writes it: in place.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use gomod_testkit::{LoopbackProxy, skip};

use super::world::{Run, World, go_sum, tree};

const ARGS: [&str; 3] = ["--project", "project", "--write-sum"];

fn command(world: &World, proxy: &LoopbackProxy) -> Command {
    let mut command = world.command(&proxy.url(), &ARGS);
    command.env("GOSUMDB", "off");
    command
}

fn write_sum(world: &World, proxy: &LoopbackProxy) {
    Run::of(command(world, proxy)).expect(0).says(&["4 lines added"]);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A project whose go.sum is this file outside it, by a link.
fn linked(link: fn(&Path, &Path)) -> (World, PathBuf) {
    let world = World::new();
    let file = world.dir().join("elsewhere.sum");
    let sum = world.project().join("go.sum");
    fs::remove_file(&sum).unwrap();
    link(&file, &sum);
    (world, file)
}

#[test]
fn a_new_file_is_like_other_new_files() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let sum = world.project().join("go.sum");
    fs::remove_file(&sum).unwrap();
    write_sum(&world, &proxy);
    assert_eq!((read(&sum), mode(&sum)), (go_sum(), mode(&world.project().join("go.mod"))));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn links_stay_links() {
    let proxy = LoopbackProxy::serve(tree());
    let (world, file) = linked(|file, sum| {
        fs::write(file, "").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(file, sum).unwrap();
    });
    write_sum(&world, &proxy);
    assert!(fs::symlink_metadata(world.project().join("go.sum")).unwrap().is_symlink());
    assert_eq!((read(&file), mode(&file)), (go_sum(), 0o640));

    // One that leads to nothing yet.
    let (world, file) = linked(|file, sum| symlink(file, sum).unwrap());
    write_sum(&world, &proxy);
    assert!(fs::symlink_metadata(world.project().join("go.sum")).unwrap().is_symlink());
    assert_eq!(read(&file), go_sum());

    // A second name of the same file.
    let (world, file) = linked(|file, sum| {
        fs::write(file, "").unwrap();
        fs::hard_link(file, sum).unwrap();
    });
    let inode = fs::metadata(&file).unwrap().ino();
    write_sum(&world, &proxy);
    assert_eq!((read(&file), fs::metadata(world.project().join("go.sum")).unwrap().ino()), (go_sum(), inode));
    let left = fs::read_dir(world.project()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.count(), 3, "go.mod, go.sum and main.go");
}

/// Whose it is, where the tool may write it and not give it away.
#[test]
fn the_owner_stays_and_who_may_not_write_is_told() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let sum = world.project().join("go.sum");
    fs::write(&sum, "").unwrap();
    if chown(&sum, Some(65533), Some(65533)).is_err() {
        return skip("only root can give a go.sum to another user");
    }
    write_sum(&world, &proxy);
    let metadata = fs::metadata(&sum).unwrap();
    assert_eq!((metadata.uid(), metadata.gid(), read(&sum)), (65533, 65533, go_sum()));

    // As another user, in a directory where that one could replace it.
    fs::write(&sum, "").unwrap();
    fs::set_permissions(&sum, fs::Permissions::from_mode(0o444)).unwrap();
    for dir in [world.dir().to_owned(), world.project()] {
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let mut other = command(&world, &proxy);
    other.uid(65534).gid(65534).env("GOMODCACHE", world.dir().join("others"));
    let run = Run::of(other).expect(1);
    let path = fs::canonicalize(&sum).unwrap().display().to_string();
    run.says(&["2 modules: 2 downloaded", &format!("next: make {path} writable")]);
    assert!(run.error().contains(&format!("{path} is not written")), "{}", run.stderr);
    assert_eq!(read(&sum), "");
    // Following that leads on.
    fs::set_permissions(&sum, fs::Permissions::from_mode(0o666)).unwrap();
    let mut other = command(&world, &proxy);
    other.uid(65534).gid(65534).env("GOMODCACHE", world.dir().join("others"));
    Run::of(other).expect(0).says(&["4 lines added"]);
    assert_eq!(read(&sum), go_sum());
}
