//! Law: a query chooses the version that the go command chooses, whatever is listed, current, excluded and retracted.

use std::fmt::Write as _;

use gomod_module::escape::{escape_path, escape_version};
use gomod_module::modfile::Retract;
use gomod_module::query::{QueryMatcher, Selection};
use gomod_module::version::is_pseudo_version;
use gomod_module::{GoMod, ModulePath, Query, Timestamp, Version};
use gomod_testkit::{GoCommand, ModuleTree};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

const ROUNDS: usize = 3;
const MODULES: usize = 40;

const WITHOUT_MAJOR: &[&str] = &[
    "v0.1.0",
    "v0.1.1-rc.1",
    "v0.2.0",
    "v1.0.0-alpha",
    "v1.0.0",
    "v1.0.1",
    "v1.1.0-pre",
    "v1.1.0",
    "v1.2.0-rc.1",
    "v1.10.0",
    "v2.0.0+incompatible",
    "v2.1.0-rc.1+incompatible",
    "v3.0.0+incompatible",
];
const WITH_MAJOR: &[&str] =
    &["v2.0.0-rc.1", "v2.0.0", "v2.0.9", "v2.0.10", "v2.1.0-pre", "v2.1.0", "v2.2.0-0"];
const PSEUDO: [&str; 4] = [
    ".0.1-0.20230101000000-abcdefabcdef",
    ".0.0-20230601000000-abcdefabcdef",
    ".1.1-0.20240601000000-abcdefabcdef",
    ".9.0-rc.1.0.20240101000000-abcdefabcdef",
];
const QUERIES: [&str; 38] = [
    "latest",
    "upgrade",
    "patch",
    "v0",
    "v1",
    "v2",
    "v3",
    "v1.0",
    "v1.1",
    "v2.0",
    "<v1.0.0",
    "<v1",
    "<v1.1",
    "<v2",
    "<v2.0.0",
    "<v3.0.0",
    "<=v1.0.0",
    "<=v1.0.0-zzz",
    "<=v2.0.0",
    "<=v1",
    "<=v1.1.0-pre+meta",
    ">v0.1.0",
    ">v1",
    ">v1.0.0",
    ">v1.10.0",
    ">v2.0.0",
    ">=v1",
    ">=v1.1",
    ">=v1.1.0",
    ">=v2",
    ">=v9.0.0",
    "<main",
    ">=",
    "v1.0.0",
    "v1.0.0+meta",
    "v2.0.0",
    "v2.0.0+incompatible",
    "main",
];

#[derive(Debug, Clone)]
struct Module {
    path: ModulePath,
    versions: Vec<Entry>,
    /// Not listed; known by its `.info` alone.
    current: Option<Entry>,
    latest: Option<String>,
    main: Option<String>,
    excluded: Vec<String>,
}

#[derive(Debug, Clone)]
struct Entry {
    version: String,
    time: &'static str,
    go_mod: String,
}

fn entry(path: String, version: String) -> impl Strategy<Value = Entry> {
    let time = select(vec!["2022-01-01T00:00:00Z", "2023-03-01T00:00:00+02:00", "2025-01-01T00:00:00Z"]);
    let retract = select(vec!["", "", "retract v1.10.0\n", "retract [v1.0.0, v1.1.0]\nretract v2.1.0\n"]);
    (time, any::<bool>(), retract).prop_map(move |(time, written, retract)| {
        let go_mod =
            if written { format!("module {path}\n\ngo 1.16\n{retract}") } else { format!("module {path}\n") };
        Entry { version: version.clone(), time, go_mod }
    })
}

fn module(number: usize) -> impl Strategy<Value = Module> {
    let paths = vec![
        (format!("example.com/Plain{number}"), WITHOUT_MAJOR, "v0"),
        (format!("example.com/plain{number}"), WITHOUT_MAJOR, "v1"),
        (format!("example.com/m{number}/v2"), WITH_MAJOR, "v2"),
        (format!("gopkg.in/m{number}.v2"), WITH_MAJOR, "v2"),
    ];
    select(paths).prop_flat_map(|(path, versions, major)| {
        let listed = subsequence(versions, 0..=versions.len()).prop_shuffle();
        let pseudo = select(PSEUDO.to_vec()).prop_map(move |tail| format!("{major}{tail}"));
        (listed, prop::option::of(pseudo), any::<bool>(), any::<prop::sample::Index>()).prop_flat_map(
            move |(listed, pseudo, is_current, index)| {
                let current = match &pseudo {
                    Some(pseudo) if is_current => Some(pseudo.clone()),
                    _ if is_current && !listed.is_empty() => Some(index.get(&listed).to_string()),
                    _ => None,
                };
                let entries: Vec<_> =
                    listed.iter().map(|version| entry(path.clone(), (*version).into())).collect();
                let main = listed.first().map(ToString::to_string);
                let excluded = listed.iter().map(ToString::to_string).collect::<Vec<_>>();
                let count = excluded.len();
                let latest = pseudo.clone().into_iter().chain(main.clone()).collect::<Vec<_>>();
                let latest = prop::option::of(subsequence(latest.clone(), latest.len().min(1)));
                let current = current.map(|version| entry(path.clone(), version));
                let path = path.clone();
                (
                    entries,
                    current.into_iter().collect::<Vec<_>>(),
                    latest,
                    subsequence(excluded, 0..=count.min(3)),
                    any::<bool>(),
                )
                    .prop_map(move |(versions, current, latest, excluded, has_main)| {
                        let current = current.into_iter().next();
                        let is_current =
                            |version: &String| current.as_ref().is_some_and(|c| c.version == *version);
                        Module {
                            path: ModulePath::new(path.clone()).unwrap(),
                            excluded: excluded.into_iter().filter(|version| !is_current(version)).collect(),
                            latest: latest.and_then(|latest| latest.into_iter().next()),
                            main: main.clone().filter(|_| has_main),
                            versions,
                            current,
                        }
                    })
            },
        )
    })
}

impl Module {
    /// Everything that has an `.info`.
    fn entry(&self, version: &str) -> Option<Entry> {
        let entries = self.current.iter().chain(&self.versions);
        let known = entries.into_iter().find(|entry| entry.version == version).cloned();
        known.or_else(|| {
            let go_mod = format!("module {}\n", self.path);
            (self.latest.as_deref() == Some(version)).then(|| Entry {
                version: version.into(),
                time: "2022-01-01T00:00:00Z",
                go_mod,
            })
        })
    }

    fn write(&self, mut tree: ModuleTree) -> ModuleTree {
        let base = format!("{}/@", escape_path(self.path.as_str()).unwrap());
        let info = |entry: &Entry| format!(r#"{{"Version":"{}","Time":"{}"}}"#, entry.version, entry.time);
        let latest = self.latest.iter().filter_map(|latest| self.entry(latest));
        for entry in self.versions.iter().cloned().chain(self.current.clone()).chain(latest) {
            let stem = format!("{base}v/{}", escape_version(&entry.version).unwrap());
            tree =
                tree.file(&format!("{stem}.info"), info(&entry)).file(&format!("{stem}.mod"), entry.go_mod);
        }
        if let Some(entry) = self.main.as_ref().and_then(|main| self.entry(main)) {
            tree = tree.file(&format!("{base}v/main.info"), info(&entry));
        }
        if let Some(entry) = self.latest.as_ref().and_then(|latest| self.entry(latest)) {
            tree = tree.file(&format!("{base}latest"), info(&entry));
        }
        let list: Vec<&str> = self.versions.iter().map(|entry| entry.version.as_str()).collect();
        tree.file(&format!("{base}v/list"), list.join("\n"))
    }

    /// What a client of a proxy does.
    fn resolve(&self, query: &str) -> Option<String> {
        let query = Query::new(query).ok()?;
        let current = self.current.as_ref().map(|current| Version::new(&*current.version).unwrap());
        if query.is_revision() {
            let found = query.revisions().find_map(|revision| match revision {
                "main" => self.main.clone(),
                version => self.entry(version).map(|entry| entry.version),
            });
            return found;
        }
        let matcher = query.matcher(&self.path, current.as_ref()).ok()?;
        let retracted = self.retracted();
        let allowed = |version: &str| {
            !self.excluded.iter().any(|excluded| excluded == version)
                && !retracted.iter().any(|retract| retract.contains(version))
        };
        let entry = self.select(&matcher, allowed)?;
        let stays = matcher.keeps_current(entry.time.parse::<Timestamp>().unwrap());
        match &self.current {
            Some(current) if stays => allowed(&current.version).then(|| current.version.clone()),
            _ => Some(entry.version),
        }
    }

    /// Why the query cannot be asked at all.
    fn refusal(&self, query: &str) -> Option<String> {
        let query = match Query::new(query) {
            Ok(query) => query,
            Err(error) => return Some(error.to_string()),
        };
        let current = self.current.as_ref().map(|current| Version::new(&*current.version).unwrap());
        query.matcher(&self.path, current.as_ref()).err().map(|error| error.to_string())
    }

    fn select(&self, matcher: &QueryMatcher<'_>, allowed: impl Fn(&str) -> bool) -> Option<Entry> {
        let versions: Vec<&str> = self
            .versions
            .iter()
            .map(|entry| &*entry.version)
            .filter(|version| !is_pseudo_version(version))
            .collect();
        let mut selection = matcher.select(&versions, &allowed, None);
        if let Selection::GoMod(version) = selection {
            let go_mod = self.entry(version)?.go_mod;
            selection = matcher.select(&versions, &allowed, Some(go_mod.as_bytes()));
        }
        let latest = self.latest.as_deref();
        if selection == Selection::Latest {
            selection = matcher.select_latest(latest.as_ref(), &allowed);
        }
        match selection {
            Selection::Version(version) => self.entry(version),
            Selection::Current => self.current.clone(),
            _ => None,
        }
    }

    fn retracted(&self) -> Vec<Retract> {
        let latest = Query::new("latest").unwrap();
        let latest = self.select(&latest.matcher(&self.path, None).unwrap(), |_| true);
        latest.map(|entry| GoMod::parse_lax(entry.go_mod.as_bytes()).unwrap().retract).unwrap_or_default()
    }
}

fn ask_go(go: &GoCommand, modules: &[Module]) -> Vec<(String, Option<String>)> {
    let home = tempfile::tempdir().unwrap();
    let proxy = home.path().join("proxy");
    modules.iter().fold(ModuleTree::new(), |tree, module| module.write(tree)).write_to(&proxy);
    let mut go_mod = String::from("module example.com/main\n\ngo 1.21\n");
    for Module { path, current, excluded, .. } in modules {
        if let Some(entry) = current {
            writeln!(go_mod, "require {path} {}", entry.version).unwrap();
        }
        for version in excluded {
            writeln!(go_mod, "exclude {path} {version}").unwrap();
        }
    }
    std::fs::write(home.path().join("go.mod"), go_mod).unwrap();
    let mut args: Vec<String> = ["list", "-m", "-e", "-json"].map(String::from).into();
    for module in modules {
        args.extend(QUERIES.iter().map(|query| format!("{}@{query}", module.path)));
    }
    let url = format!("file://{}", proxy.display());
    let output = go.command(&args, home.path()).proxy(&url).env("GOFLAGS", "-mod=mod").run().expect_success();
    let answers = serde_json::Deserializer::from_str(&output.stdout).into_iter::<Value>();
    answers
        .map(|answer| {
            let answer = answer.unwrap();
            let error = answer["Error"]["Err"].as_str();
            let version = error.is_none().then(|| answer["Version"].as_str().unwrap().to_owned());
            (error.unwrap_or_default().to_owned(), version)
        })
        .collect()
}

#[test]
fn queries_choose_as_go_does() {
    let Some(go) = GoCommand::find("queries_choose_as_go_does") else { return };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut chosen = 0;
    for _ in 0..ROUNDS {
        let modules: Vec<Module> =
            (0..MODULES).map(|number| module(number).new_tree(&mut runner).unwrap().current()).collect();
        let theirs = ask_go(&go, &modules);
        assert_eq!(theirs.len(), MODULES * QUERIES.len());
        let cases = modules.iter().flat_map(|module| QUERIES.map(|query| (module, query)));
        for ((module, query), (error, version)) in cases.zip(theirs) {
            assert_eq!(module.resolve(query), version, "{query} of {module:#?}\n{error}");
            if let Some(refusal) = module.refusal(query) {
                assert!(error.ends_with(&refusal), "{query}: {error}\n{refusal}");
            }
            chosen += usize::from(version.is_some());
        }
    }
    assert!(chosen > ROUNDS * MODULES * QUERIES.len() / 3, "{chosen}");
}
