//! The real `go` against the same servers: that its choices are those in the table.

use std::sync::Mutex;

use gomod_testkit::{Endpoint, GoCommand, mod_cache, remove_tree};

use crate::servers::{Choice, Row, rows};
use crate::sources::{PATH, VERSION, good};

/// What `go mod download` makes of `A,B` and `A|B`: whether it succeeded, and whether B was asked for the file.
fn ask(go: &GoCommand, row: &Row, separator: &str) -> (bool, bool) {
    let (a, b) = (row.server(), good());
    let home = tempfile::tempdir().unwrap();
    let list = format!("{}{separator}{}", a.url(), b.url());
    let module = format!("{PATH}@{VERSION}");
    let run = go.command(&["mod", "download", &module], home.path()).proxy(&list).run();
    let suffix = match row.endpoint {
        Endpoint::Info => ".info",
        Endpoint::Mod => ".mod",
        _ => ".zip",
    };
    let asked = b.requests().iter().any(|path| path.ends_with(suffix));
    let _ = remove_tree(&mod_cache(home.path()));
    (run.success(), asked)
}

fn choice(go: &GoCommand, row: &Row) -> Choice {
    match (ask(go, row, ","), ask(go, row, "|")) {
        ((true, false), (true, false)) => Choice::Used,
        ((true, true), (true, true)) => Choice::Passes,
        ((false, false), (true, true)) => Choice::Stops,
        ((false, false), (false, false)) => Choice::StopsAlways,
        other => panic!("{}: {other:?}", row.name()),
    }
}

#[test]
fn go_chooses_as_the_table_says() {
    let Some(go) = GoCommand::find("Go's choices among faulty servers") else { return };
    // What hangs Go is not tried; lists are asked for by other commands.
    let rows: Vec<_> =
        rows().into_iter().filter(|row| row.go != Choice::Hangs && row.endpoint != Endpoint::List).collect();
    let (next, wrong) = (Mutex::new(rows.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let row = next.lock().unwrap().next();
                    let Some(row) = row else { return };
                    let found = choice(&go, row);
                    if found != row.go {
                        let line = format!("{}: {found:?}, and the table says {:?}", row.name(), row.go);
                        wrong.lock().unwrap().push(line);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
