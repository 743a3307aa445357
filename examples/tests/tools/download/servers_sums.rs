//! The table of sums that are wrong and of checksum databases that are ill: what Go makes of `A`, `A,B` and `A|B` where A is
//! the one at fault, beside what this tool does. B has everything, and Go is asked for the one module alone.

use gomod_testkit::{Endpoint, Fault, GoCommand, LoopbackProxy, ModuleZip, Rule, mod_cache, remove_tree};

use super::world::{ALPHA, Run, World, database, tree};

/// Whether `A`, `A,B` and `A|B` succeed.
type Ends = [bool; 3];

struct Row {
    name: &'static str,
    fault: Option<Rule>,
    /// Whether A has another zip.
    forged: bool,
    /// Whether A serves the checksum database.
    serves: bool,
    /// Whether go.sum has what is right.
    known: bool,
    env: (&'static str, &'static str),
    go: Ends,
    here: Ends,
}

const NOTHING: (&str, &str) = ("GONOSUMDB", "");

fn row(name: &'static str, fault: Option<Fault>, go: Ends) -> Row {
    let fault = fault.map(|fault| Rule::new(Endpoint::SumDb, fault));
    Row { name, fault, forged: false, serves: true, known: false, env: NOTHING, go, here: go }
}

/// What is rejected passes `|` here.
fn passes(row: Row) -> Row {
    Row { here: [row.go[0], row.go[1], true], ..row }
}

fn rows() -> Vec<Row> {
    const NEVER: Ends = [false; 3];
    const ALWAYS: Ends = [true; 3];
    const PIPE: Ends = [false, false, true];
    const WITH_B: Ends = [false, true, true];
    let go_mod = || {
        let other = Fault::Body("module example.com/alpha\n\ngo 1.19\n".into());
        Some(Rule::new(Endpoint::Mod, other).module("example.com/alpha"))
    };
    let ill = || Some(Fault::status(500));
    vec![
        Row { fault: go_mod(), ..row(".mod against the database", None, PIPE) },
        passes(Row { forged: true, ..row(".zip against the database", None, NEVER) }),
        passes(Row { fault: go_mod(), known: true, ..row(".mod against go.sum", None, NEVER) }),
        passes(Row { forged: true, known: true, ..row(".zip against go.sum", None, NEVER) }),
        Row { serves: false, ..row("database 404", None, WITH_B) },
        row("database 410", Some(Fault::status(410)), WITH_B),
        row("database 403", Some(Fault::status(403)), PIPE),
        row("database 500", ill(), PIPE),
        passes(row("database is HTML", Some(Fault::Html), NEVER)),
        Row { env: ("GONOSUMDB", "example.com"), ..row("database 500, GONOSUMDB", ill(), ALWAYS) },
        Row { env: ("GOSUMDB", "off"), ..row("database 500, GOSUMDB=off", ill(), ALWAYS) },
        Row { known: true, ..row("database 500, sums in go.sum", ill(), ALWAYS) },
    ]
}

/// What comes of the three lists.
fn ends(row: &Row, mut download: impl FnMut(&str) -> bool) -> Ends {
    let database = database();
    let zip =
        ModuleZip::new("example.com/alpha", "v1.0.0").file("go.mod", "module example.com/alpha\n\ngo 1.20\n");
    let zip = zip.file("alpha.go", "package alpha // forged\n").build();
    ["", ",", "|"].map(|separator| {
        let right = tree().get("example.com/alpha/@v/v1.0.0.mod").unwrap();
        let tree_of_a =
            if row.forged { tree().version("example.com/alpha", "v1.0.0", &right, &zip) } else { tree() };
        let mut a = LoopbackProxy::builder(tree_of_a);
        if row.serves {
            a = a.proxied_database(&database);
        }
        if let Some(rule) = &row.fault {
            a = a.rule(rule.clone());
        }
        let (a, b) = (a.start(), LoopbackProxy::builder(tree()).proxied_database(&database).start());
        let list = if separator.is_empty() { a.url() } else { format!("{}{separator}{}", a.url(), b.url()) };
        download(&list)
    })
}

fn world(row: &Row) -> World {
    let world = World::new();
    if !row.known {
        world.write("go.sum", "");
    }
    world
}

#[test]
fn every_sum_of_the_table() {
    let go = GoCommand::find("Go's choices among wrong sums");
    let key = database().key();
    for row in rows() {
        let name = row.name;
        let why = if row.go == row.here { "" } else { "  (what is rejected passes `|`)" };
        eprintln!("{name:30} go: {:?} here: {:?}{why}", row.go, row.here);
        let ours = ends(&row, |list| {
            let world = world(&row);
            let mut command =
                world.command(list, &["--project", "project", "--write-sum", "--retries", "none"]);
            command.env("GOSUMDB", &key).env(row.env.0, row.env.1);
            let run = Run::of(command);
            if run.code == Some(0) {
                world.assert_nothing_wrong(name);
            }
            run.code == Some(0)
        });
        assert_eq!(ours, row.here, "{name}");
        let Some(go) = &go else { continue };
        let theirs = ends(&row, |list| {
            let (world, home) = (world(&row), tempfile::tempdir().unwrap());
            // A module graph would be loaded first, and what that learns would count as go.sum.
            world.write("go.mod", "module example.com/main\n\ngo 1.22\n");
            let args = ["mod", "download", ALPHA];
            let run = go.command(&args, home.path()).current_dir(world.project());
            let run = run.proxy(list).env("GOSUMDB", &key).env(row.env.0, row.env.1).run();
            let _ = remove_tree(&mod_cache(home.path()));
            run.success()
        });
        assert_eq!(theirs, row.go, "{name}, by go");
    }
}
