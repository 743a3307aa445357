//! The table of zips that are wrong or odd: what Go makes of `A,B` and `A|B` where A sends one, beside what this tool does.
//! Nothing is known of the right hash.

use gomod_testkit::{GoCommand, LoopbackProxy, ModuleTree, ModuleZip, mod_cache, remove_tree};

use super::world::{Run, World};

const PATH: &str = "example.com/m";
const VERSION: &str = "v1.0.0";

/// What comes of a zip of A.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// It is taken, and B never asked.
    Used,
    /// It is refused, and B is asked behind `|` alone.
    Stops,
    /// It is refused whatever the list says.
    StopsAlways,
}

use Choice::{Stops, StopsAlways, Used};

fn zip() -> ModuleZip {
    ModuleZip::new(PATH, VERSION).file("go.mod", "module example.com/m\n").file("README.md", "read me\n")
}

fn raw(name: &str) -> Vec<u8> {
    zip().raw_name(name, "x").build()
}

/// The good zip with a byte inverted: the `offset`th after the `nth` place where these bytes stand.
fn flipped(place: &[u8], nth: usize, offset: usize) -> Vec<u8> {
    let mut bytes = zip().build();
    let mut places = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(place));
    let at = places.nth(nth).unwrap() + offset;
    bytes[at] = !bytes[at];
    bytes
}

/// What A sends, Go's choice, and ours.
fn rows() -> Vec<(&'static str, Vec<u8>, Choice, Choice)> {
    let good = zip().build();
    let refused = |name, bytes| (name, bytes, StopsAlways, Stops);
    let used = |name, bytes| (name, bytes, Used, Used);
    let other =
        |path, version| ModuleZip::new(path, version).file("go.mod", "module example.com/m\n").build();
    vec![
        refused("empty", Vec::new()),
        refused("HTML", b"<html>".to_vec()),
        refused("junk", vec![7; 1000]),
        refused("other top directory", other("example.com/other", VERSION)),
        refused("names of another version", other(PATH, "v1.0.1")),
        refused("/etc/evil.txt", raw("/etc/evil.txt")),
        refused("../evil.txt", raw("example.com/m@v1.0.0/../evil.txt")),
        refused("names differ only in case", raw("example.com/m@v1.0.0/Readme.MD")),
        refused("the same name twice", raw("example.com/m@v1.0.0/README.md")),
        refused("sub/go.mod", raw("example.com/m@v1.0.0/sub/go.mod")),
        refused("flipped byte in the data", flipped(b"README.md", 0, 12)),
        refused("wrong checksum in the directory", flipped(b"PK\x01\x02", 0, 16)),
        refused("declared size too large", flipped(b"PK\x01\x02", 0, 26)),
        used("other content", zip().file("other", "content").build()),
        used("no go.mod", ModuleZip::new(PATH, VERSION).file("a", "b").build()),
        used("no entries", ModuleZip::new(PATH, VERSION).build()),
        used("a directory", zip().directory("dir").build()),
        used("a symbolic link", zip().file("link", "/etc/passwd").mode(0o120_777).build()),
        used("a comment", zip().comment("said").build()),
        used("100 NUL bytes behind", [&good[..], &[0; 100]].concat()),
        used("10 bytes before", [&[b'x'; 10][..], &good].concat()),
        used("stored", zip().file("s", "stored").stored().build()),
    ]
}

/// Whether it succeeded and whether B was asked for the zip, behind either separator.
fn choice(mut ask: impl FnMut(&str) -> bool, zip: &[u8]) -> Result<Choice, String> {
    let tree = |zip: &[u8]| ModuleTree::new().version(PATH, VERSION, b"module example.com/m\n", zip);
    let made = [",", "|"].map(|separator| {
        let (a, b) = (LoopbackProxy::serve(tree(zip)), LoopbackProxy::serve(tree(&self::zip().build())));
        let well = ask(&format!("{}{separator}{}", a.url(), b.url()));
        (well, b.requests().iter().any(|path| path.ends_with(".zip")))
    });
    match made {
        [(true, false), (true, false)] => Ok(Used),
        [(false, false), (true, true)] => Ok(Stops),
        [(false, false), (false, false)] => Ok(StopsAlways),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn every_zip_of_the_table() {
    let go = GoCommand::find("Go's choices among odd zips");
    let module = format!("{PATH}@{VERSION}");
    for (name, zip, by_go, by_us) in rows() {
        let why = if by_go == by_us { "" } else { "  (a rejected zip passes `|`)" };
        eprintln!("{name:34} go: {:12} here: {by_us:?}{why}", format!("{by_go:?}"));
        let download = |list: &str| {
            let world = World::new();
            let mut command = world.command(list, &[module.as_str(), "--retries", "none"]);
            command.env("GOSUMDB", "off");
            Run::of(command).code == Some(0)
        };
        assert_eq!(choice(download, &zip), Ok(by_us), "{name}");
        let Some(go) = &go else { continue };
        let download = |list: &str| {
            let home = tempfile::tempdir().unwrap();
            let run = go.command(&["mod", "download", &module], home.path()).proxy(list).run();
            let _ = remove_tree(&mod_cache(home.path()));
            run.success()
        };
        assert_eq!(choice(download, &zip), Ok(by_go), "{name}, by go");
    }
}
