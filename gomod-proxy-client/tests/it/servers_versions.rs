//! The table of servers whose version lists, or answers to `@latest`, are wrong or odd: Go's choice beside this client's.

use gomod_module::{ModulePath, Query};
use gomod_proxy_client::{Error, QueryOptions};
use gomod_testkit::{Endpoint, Fault, GoCommand, LoopbackProxy, ModuleTree, mod_cache, remove_tree};

use crate::servers::Choice::{self, Passes, Stops, StopsAlways, Used};
use crate::sources::client;

const PATH: &str = "example.com/quote";
const OLD: &str = "v0.0.0-20200102030405-aaaaaaaaaaaa";
const NEW: &str = "v0.0.0-20240102030405-bbbbbbbbbbbb";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// `go list -m -versions PATH`
    Versions,
    /// `go list -m PATH@latest`
    Latest,
}

use Asked::{Latest, Versions};

struct Row {
    asked: Asked,
    list: Fault,
    latest: Fault,
    go: Choice,
    ours: Choice,
    /// What A alone says, where it is used.
    answer: &'static str,
    why: &'static str,
}

impl Row {
    fn new(asked: Asked, list: Fault, latest: Fault, go: Choice, answer: &'static str) -> Self {
        Self { asked, list, latest, go, ours: go, answer, why: "" }
    }

    fn but_here(self, ours: Choice, why: &'static str) -> Self {
        Self { ours, why, ..self }
    }

    fn name(&self) -> String {
        let what = format!("{:?}: list {}, @latest {}", self.asked, self.list, self.latest);
        what.escape_debug().take(110).collect()
    }

    fn server(&self) -> LoopbackProxy {
        let builder = LoopbackProxy::builder(tree()).fault(Endpoint::List, self.list.clone());
        builder.fault(Endpoint::Latest, self.latest.clone()).start()
    }
}

fn tree() -> ModuleTree {
    let versions = ["v1.5.1", "v1.5.2", "v1.5.3-pre1", "v2.0.0+incompatible", OLD, NEW];
    let go_mod = format!("module {PATH}\n\ngo 1.16\n");
    versions.iter().fold(ModuleTree::new(), |tree, version| {
        let go_mod = if version.ends_with("incompatible") { "" } else { &go_mod };
        tree.version(PATH, version, go_mod.as_bytes(), b"")
    })
}

fn text(body: impl Into<Vec<u8>>) -> Fault {
    Fault::Body(body.into())
}

fn rows() -> Vec<Row> {
    let gone = || Fault::status(404);
    let versions = |list, go, answer| Row::new(Versions, list, gone(), go, answer);
    let listed = |list, go, answer| Row::new(Latest, text(list), gone(), go, answer);
    let unlisted = |latest, go, answer| Row::new(Latest, text(""), latest, go, answer);
    let info =
        |version: &str| text(format!("{{\"Version\":\"{version}\",\"Time\":\"2024-01-02T03:04:05Z\"}}"));
    vec![
        versions(gone(), Passes, ""),
        versions(Fault::status(410), Passes, ""),
        versions(Fault::status(403), Stops, ""),
        versions(Fault::status(500), Stops, ""),
        versions(Fault::CutBody { after: 5, reset: false }, Stops, ""),
        versions(Fault::NoLengthCut { after: 14 }, Used, "v1.5.1 v1.5.2"),
        versions(Fault::html(), Used, ""),
        versions(text(""), Used, ""),
        versions(text([0, 1, 2, 255]), Used, ""),
        versions(text(format!("{OLD}\n{NEW}\n")), Used, ""),
        versions(text("# comment\nv1.5.1\r\n v1.5.2 2024-01-02T03:04:05Z extra\nv1.5.2\nv1\nv1.7\nnot-a-version\n<html>\n"), Passes, "")
            .but_here(Used, "retractions are not asked for with a list"),
        Row::new(Latest, gone(), info("v1.5.2"), Passes, ""),
        Row::new(Latest, Fault::status(403), info("v1.5.2"), Stops, ""),
        unlisted(info("v1.5.2"), Used, "v1.5.2"),
        unlisted(gone(), Stops, ""),
        unlisted(Fault::status(410), Stops, ""),
        unlisted(Fault::status(403), Stops, ""),
        unlisted(Fault::status(500), Stops, ""),
        unlisted(Fault::html(), Stops, ""),
        unlisted(text("{}"), Used, "").but_here(Stops, "an answer without a version is none"),
        unlisted(info("master"), StopsAlways, "").but_here(Stops, "an answer that is no version is a failure"),
        listed(format!("{NEW} 2019-01-01T00:00:00Z\n"), Used, NEW),
        listed("v0.0.0-20249999999999-bbbbbbbbbbbb\n".to_owned(), Stops, ""),
        listed("v1.5.3-pre1\n".to_owned(), Used, "v1.5.3-pre1"),
        listed("v1.5.3-pre1\nv1.5.1\n".to_owned(), Used, "v1.5.1"),
        listed("v1.5.1".to_owned(), Used, "v1.5.1"),
        listed("v1.5.1\r\nv1.5.2\r\n".to_owned(), Used, "v1.5.2"),
        listed("\u{feff}v1.5.1\nv1.5.2\n".to_owned(), Used, "v1.5.2"),
        listed("v1.5.9\n".to_owned(), Passes, ""),
        listed("v1.5.1\nv2.0.0+incompatible\n".to_owned(), Used, "v1.5.1"),
        listed("v1.5.1\nv2.0.0\n".to_owned(), Passes, ""),
        listed("v1.5.1\nv1.5.2\0\n".to_owned(), Used, "v1.5.1"),
    ]
}

async fn ask(list: &str, row: &Row) -> Result<String, Error> {
    let (client, path) = (client(list), ModulePath::new(PATH).unwrap());
    match row.asked {
        Versions => Ok(client.versions(&path).await?.value.join(" ")),
        Latest => {
            let latest: Query = "latest".parse().unwrap();
            let found = client.resolve(&path, &latest, &QueryOptions::new(), |_, _| Ok(())).await?;
            Ok(found.value.module.version().to_string())
        }
    }
}

fn choice(comma: (bool, bool), pipe: (bool, bool)) -> Option<Choice> {
    match (comma, pipe) {
        ((true, false), (true, false)) => Some(Used),
        ((true, true), (true, true)) => Some(Passes),
        ((false, false), (true, true)) => Some(Stops),
        ((false, false), (false, false)) => Some(StopsAlways),
        _ => None,
    }
}

#[tokio::test]
async fn every_row_of_the_table() {
    for row in rows() {
        let name = row.name();
        let said = if row.why.is_empty() { String::new() } else { format!("  ({})", row.why) };
        eprintln!("{name:110} go: {:12} here: {:?}{said}", format!("{:?}", row.go), row.ours);
        assert_eq!(row.go != row.ours, !row.why.is_empty(), "a difference has a reason");
        let mut made = Vec::new();
        for separator in [",", "|"] {
            let (a, b) = (row.server(), LoopbackProxy::serve(tree()));
            let answer = ask(&format!("{}{separator}{}", a.url(), b.url()), &row).await;
            made.push((answer.is_ok(), b.hits() > 0));
        }
        assert_eq!(choice(made[0], made[1]), Some(row.ours), "{name}: {made:?}");
        if row.ours == Used && row.go == Used {
            assert_eq!(ask(&row.server().url(), &row).await.unwrap(), row.answer, "{name}");
        }
    }
}

#[test]
fn go_chooses_as_the_table_says() {
    let Some(go) = GoCommand::find("Go's choices among odd version lists") else { return };
    let mut wrong = Vec::new();
    for row in rows() {
        let run = |separator: Option<&str>| {
            let (a, b) = (row.server(), LoopbackProxy::serve(tree()));
            let home = tempfile::tempdir().unwrap();
            std::fs::write(home.path().join("go.mod"), "module example.com/main\n\ngo 1.21\n").unwrap();
            let list =
                separator.map_or_else(|| a.url(), |between| format!("{}{between}{}", a.url(), b.url()));
            let args: &[&str] = match row.asked {
                Versions => &["list", "-m", "-versions", "-f", "{{range .Versions}}{{.}} {{end}}", PATH],
                Latest => &["list", "-m", "-f", "{{.Version}}", "example.com/quote@latest"],
            };
            let run = go.command(args, home.path()).proxy(&list).env("GOFLAGS", "-mod=mod").run();
            let _ = remove_tree(&mod_cache(home.path()));
            (run.success(), b.hits() > 0, run.stdout.trim().to_owned())
        };
        let (comma, pipe) = (run(Some(",")), run(Some("|")));
        let found = choice((comma.0, comma.1), (pipe.0, pipe.1));
        if found != Some(row.go) {
            wrong.push(format!("{}: {comma:?} {pipe:?}, and the table says {:?}", row.name(), row.go));
        } else if row.go == Used {
            let (_, _, answer) = run(None);
            if answer != row.answer {
                wrong.push(format!("{}: {answer:?}", row.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
