//! Following an advice leads further: what failed with it ends well then, or fails for another reason. Every advice about a
//! failure is in one of the tables below.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, ModuleZip, Rule, SumDb};

use crate::download::witness::{other, other_sums};
use crate::download::world::{ALPHA, BETA, Run, World, database, go_sum, tree};
use crate::verify::{never_less, put, unreadable};

const PROJECT: &[&str] = &["--project", "project"];
const HEAD: &str = "gopath/pkg/sumdb/sum.example.org/latest";

/// A call that fails, and what it depends on.
struct Scene {
    world: World,
    tool: &'static str,
    args: Vec<&'static str>,
    goproxy: String,
    gosumdb: String,
    cache: PathBuf,
    proxies: Vec<LoopbackProxy>,
}

impl Scene {
    /// A tool that nothing stands in the way of. The database behind the proxies may be asked.
    fn new(tool: &'static str, args: &[&'static str]) -> Self {
        let world = World::new();
        let mut scene = Self {
            cache: world.cache(),
            world,
            tool,
            args: [args, &["--retries", "none"]].concat(),
            goproxy: String::new(),
            gosumdb: database().key(),
            proxies: Vec::new(),
        };
        scene.goproxy = scene.good();
        scene
    }

    /// The same, for a single module that nothing proves.
    fn unproven(module: &'static str) -> Self {
        Self { gosumdb: "off".to_owned(), ..Self::new("download", &[module]) }
    }

    /// `verify` of a cache that is full.
    fn verify(args: &[&'static str]) -> Self {
        let scene = Self::new("verify", args);
        scene.world.download(&scene.goproxy).expect(0);
        scene
    }

    fn serve(&mut self, proxy: LoopbackProxy) -> String {
        self.proxies.push(proxy);
        self.proxies.last().unwrap().url()
    }

    fn of(&mut self, tree: ModuleTree, database: &SumDb) -> String {
        self.serve(LoopbackProxy::builder(tree).proxied_database(database).start())
    }

    fn good(&mut self) -> String {
        self.of(tree(), &database())
    }

    fn ill(&mut self, endpoint: Endpoint, fault: Fault, skip: u64) -> String {
        let rule = Rule::new(endpoint, fault).skip(skip);
        self.serve(LoopbackProxy::builder(tree()).proxied_database(&database()).rule(rule).start())
    }

    fn run(&self) -> Run {
        let mut command = self.world.tool(self.tool, &self.goproxy, &self.args);
        Run::of_mut(command.env("GOSUMDB", &self.gosumdb).env("GOMODCACHE", &self.cache))
    }

    /// The advice is given.
    #[track_caller]
    fn advises(&self, words: &str) {
        let run = self.run().expect(1);
        let given =
            run.stderr.lines().any(|line| line.trim_start().starts_with("next: ") && has(line, words));
        assert!(given, "no advice {words:?} in:\n{}", run.stderr);
    }

    #[track_caller]
    fn is_well(&self) {
        let _ = self.run().expect(0);
    }

    /// After `--repair` nothing is broken.
    #[track_caller]
    fn is_repaired(&mut self) {
        self.args.push("--repair");
        self.is_well();
        self.args.retain(|arg| *arg != "--repair");
        self.is_well();
    }

    fn path(&self, file: CacheFile) -> PathBuf {
        self.world.entry(ALPHA).path(file)
    }
}

/// Whether a text has the words between the places of an advice that are filled in.
fn has(text: &str, words: &str) -> bool {
    words.split("{}").all(|words| text.contains(words))
}

macro_rules! followed {
    ($($name:ident: $words:literal, $follow:expr;)*) => {
        $(#[test]
        fn $name() {
            let follow: fn(&str) = $follow;
            follow($words);
        })*
        const FOLLOWED: &[&str] = &[$($words),*];
    };
}

followed! {
    a_go_sum_is_brought_back: "bring back the project's go.sum, or run `go mod tidy` there", |words| {
        let mut scene = Scene::new("download", PROJECT);
        scene.gosumdb = "off".to_owned();
        scene.world.write("go.sum", "");
        scene.advises(words);
        scene.world.write("go.sum", &go_sum());
        scene.is_well();
    };
    a_source_whose_files_belong_together: "ask another source for the same version: the .mod of this one", |words| {
        let mut scene = Scene::unproven(ALPHA);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::Mod, Fault::Body(b"module example.com/alpha\n\ngo 1.21\n".to_vec()), 0);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_cache_without_a_file_in_the_way: "see what is at {}, or set GOMODCACHE to another directory", |words| {
        let scene = Scene::new("download", PROJECT);
        fs::create_dir(scene.world.cache()).unwrap();
        fs::write(scene.world.cache().join("cache"), "").unwrap();
        scene.advises(words);
        fs::remove_file(scene.world.cache().join("cache")).unwrap();
        scene.is_well();
    };
    a_cache_that_can_be_written: "make the module cache writable, or set GOMODCACHE to another directory", |words| {
        let mut scene = Scene::new("download", PROJECT);
        let good = std::mem::replace(&mut scene.cache, "/proc/gomod-cache".into());
        scene.advises(words);
        scene.cache = good;
        scene.is_well();
    };
    another_version: "check path and version, and whether a proxy in GOPROXY can have this module", |words| {
        let mut scene = Scene::unproven("example.com/alpha@v1.9.9");
        scene.advises(words);
        scene.args[0] = ALPHA;
        scene.is_well();
    };
    a_version_that_there_is: "ask for another version: `go list -m -versions", |words| {
        let mut scene = Scene::unproven("example.com/alpha@v7");
        scene.advises(words);
        scene.args[0] = "example.com/alpha@v1";
        scene.is_well();
    };
    a_proxy_in_place_of_off: "GOPROXY=off forbids downloads: name a proxy in GOPROXY", |words| {
        let mut scene = Scene::new("download", PROJECT);
        let good = std::mem::replace(&mut scene.goproxy, "off".to_owned());
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_proxy_in_place_of_direct: "there is no direct access to repositories here: name a proxy in GOPROXY", |words| {
        let mut scene = Scene::new("download", PROJECT);
        let good = std::mem::replace(&mut scene.goproxy, "direct".to_owned());
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_source_with_the_bytes_that_everybody_got: "do not build from these bytes: everybody else got others; ask another source", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.of(other(), &database());
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_source_with_the_bytes_of_go_sum: "do not build from these bytes: ask another source for the same version and compare", |words| {
        let mut scene = Scene::new("download", PROJECT);
        scene.gosumdb = "off".to_owned();
        let good = scene.goproxy.clone();
        scene.goproxy = scene.of(other(), &database());
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_proxy_that_serves_modules: "the proxy, or something in front of it, does not serve modules", |words| {
        let mut scene = Scene::unproven(ALPHA);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::Info, Fault::Body(b"nonsense".to_vec()), 0);
        scene.advises(words);
        scene.goproxy = format!("{}|{good}", scene.goproxy);
        scene.is_well();
    };
    a_second_source: "try again, or name another proxy in GOPROXY behind `|`", |words| {
        let mut scene = Scene::new("download", PROJECT);
        let good = std::mem::replace(&mut scene.goproxy, LoopbackProxy::refused_url());
        scene.advises(words);
        scene.goproxy = format!("{}|{good}", scene.goproxy);
        scene.is_well();
    };
    a_file_that_is_moved_away: "move {} away and run this again: it will be fetched anew", |words| {
        let scene = Scene::new("download", PROJECT);
        scene.is_well();
        put(&scene.path(CacheFile::Mod), b"module example.com/alpha // mine\n");
        scene.advises(words);
        fs::remove_file(scene.path(CacheFile::Mod)).unwrap();
        scene.is_well();
    };
    a_value_of_gosumdb: "correct that value (`go env -u GOSUMDB`", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        scene.gosumdb = "garbage".to_owned();
        scene.advises(words);
        scene.gosumdb = database().key();
        scene.is_well();
    };
    a_head_that_can_be_read: "make {} readable and writable", |words| {
        let scene = Scene::new("download", &[ALPHA]);
        let head = scene.world.dir().join(HEAD);
        fs::create_dir_all(&head).unwrap();
        scene.advises(words);
        fs::remove_dir(head).unwrap();
        scene.is_well();
    };
    a_head_that_was_damaged: "see whether {} was damaged, or is of another database of this name", |words| {
        let scene = Scene::new("download", &[ALPHA]);
        let head = scene.world.dir().join(HEAD);
        fs::create_dir_all(head.parent().unwrap()).unwrap();
        fs::write(&head, "garbage").unwrap();
        scene.advises(words);
        fs::remove_file(head).unwrap();
        scene.is_well();
    };
    a_proxy_whose_log_goes_with_the_head: "what the server has does not go with the head in {}: ask through another proxy", |words| {
        let mut scene = Scene::new("download", &[BETA]);
        let mut first = scene.world.command(&scene.goproxy, &[ALPHA]);
        Run::of_mut(first.env("GOSUMDB", database().key())).expect(0);
        gomod_testkit::remove_tree(&scene.world.cache().join("cache/download/sumdb")).unwrap();
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::SumDb, Fault::Body(vec![0; 64]), 1);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_version_that_the_database_knows_later: "may not be known yet: try again later", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let database = database();
        database.roll_back(Some(0));
        scene.goproxy = scene.of(tree(), &database);
        scene.advises(words);
        database.roll_back(None);
        scene.is_well();
    };
    a_proxy_with_the_whole_log: "the server of the database lacks {}, without which nothing it says can be proven", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::SumDb, Fault::status(404), 2);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_database_that_can_be_asked: "or name a proxy in GOPROXY that serves the database below /sumdb/", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::SumDb, Fault::status(500), 0);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    another_way_to_the_database: "what came in the name of the checksum database proves nothing: ask it through another proxy", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::SumDb, Fault::Body(b"nonsense".to_vec()), 1);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_line_of_go_sum_that_was_edited: "go.sum is wrong: {}; {}; nothing is replaced", |words| {
        let scene = Scene::verify(PROJECT);
        scene.world.write("go.sum", &go_sum().replace('=', ""));
        scene.advises(words);
        scene.world.write("go.sum", &go_sum());
        scene.is_well();
    };
    a_go_mod_that_its_zip_has: "--repair takes it from its zip, or fetches it anew", |words| {
        let mut scene = Scene::verify(&[]);
        put(&scene.path(CacheFile::Mod), b"<html>Sign in</html>");
        scene.advises(words);
        scene.is_repaired();
    };
    bytes_that_go_sum_contradicts: "do not build from it; --repair fetches it anew", |words| {
        let mut scene = Scene::verify(PROJECT);
        let zip = ModuleZip::new("example.com/alpha", "v1.0.0").file("go.mod", "module example.com/alpha\n");
        put(&scene.path(CacheFile::Zip), &zip.build());
        scene.advises(words);
        scene.is_repaired();
    };
    a_line_that_has_the_hash_of_wrong_bytes: "find out where this line of go.sum comes from, and take it out", |words| {
        let mut scene = Scene::verify(&["--project", "project", "--sumdb"]);
        let wrong = scene.of(other(), &database());
        scene.world.write("go.sum", &other_sums());
        gomod_testkit::remove_tree(&scene.world.cache()).unwrap();
        scene.world.download(&wrong).expect(0);
        scene.advises(words);
        scene.world.write("go.sum", &go_sum());
        scene.is_repaired();
    };
    bytes_that_the_database_contradicts: "do not build from it: everybody else got other bytes; --repair fetches it anew", |words| {
        let mut scene = Scene::verify(&["--sumdb"]);
        let wrong = scene.of(other(), &database());
        scene.world.write("go.sum", &other_sums());
        gomod_testkit::remove_tree(&scene.world.cache()).unwrap();
        scene.world.download(&wrong).expect(0);
        scene.advises(words);
        scene.is_repaired();
    };
    a_hash_that_was_lost: "--repair records it again once go.sum has proved the zip", |words| {
        let mut scene = Scene::verify(PROJECT);
        fs::remove_file(scene.path(CacheFile::ZipHash)).unwrap();
        scene.advises(words);
        scene.is_repaired();
    };
    a_tree_that_its_zip_has: "--repair extracts it again from its zip, without network", |words| {
        let mut scene = Scene::verify(&[]);
        put(&scene.world.entry(ALPHA).dir().join("LICENSE"), b"Mine.\n");
        scene.advises(words);
        "off".clone_into(&mut scene.goproxy);
        scene.is_repaired();
    };
    a_page_that_go_sum_records: "take that line out, and let `go mod tidy` record the right one", |words| {
        let mut scene = Scene::verify(PROJECT);
        let (page, sums) = (b"<html>Sign in</html>", go_sum());
        put(&scene.path(CacheFile::Mod), page);
        let line = sums.lines().find(|line| line.starts_with("example.com/alpha v1.0.0/go.mod ")).unwrap();
        let recorded = format!("example.com/alpha v1.0.0/go.mod {}", gomod_sum::hash_go_mod(page));
        scene.world.write("go.sum", &sums.replace(line, &recorded));
        scene.advises(words);
        scene.world.write("go.sum", &sums.replace(line, "").replace("\n\n", "\n"));
        scene.args.push("--repair");
        // The project lacks the line as yet.
        scene.run().says(&["1 repaired"]);
        scene.args.pop();
        let mut command = scene.world.command(&scene.goproxy, &["--project", "project", "--write-sum"]);
        Run::of_mut(command.env("GOSUMDB", database().key())).expect(0);
        scene.is_repaired();
    };
    a_link_in_a_cache: "replace the link by a directory; links are not repaired", |words| {
        let scene = Scene::verify(&[ALPHA]);
        let (place, other) = (scene.world.cache().join("cache/download/example.com"), scene.world.dir().join("other"));
        fs::rename(&place, &other).unwrap();
        symlink(&other, &place).unwrap();
        scene.advises(words);
        fs::remove_file(&place).unwrap();
        fs::rename(&other, &place).unwrap();
        scene.is_well();
    };
    a_link_that_download_meets: "put what it leads to in its place, or take it away", |words| {
        let scene = Scene::new("download", PROJECT);
        let (place, other) = (scene.world.cache().join("cache/download/example.com"), scene.world.dir().join("other"));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::create_dir(&other).unwrap();
        symlink(&other, &place).unwrap();
        scene.advises(words);
        fs::remove_file(&place).unwrap();
        scene.is_well();
    };
    a_zip_that_is_none: "--repair fetches it anew", |words| {
        let mut scene = Scene::verify(&[]);
        put(&scene.path(CacheFile::Zip), b"no zip");
        scene.advises(words);
        scene.is_repaired();
    };
}

/// Those that other tests follow.
const FOLLOWED_ELSEWHERE: &[(&str, fn())] = &[
    (
        "--repair brings it to its end, without network",
        never_less::a_repair_that_was_cut_short_is_found_and_finished_without_network,
    ),
    (
        "look at the permissions and at the disk; what cannot be read is not replaced",
        unreadable::a_permission_that_is_missing_is_no_damage,
    ),
];

macro_rules! not_followed {
    ($($name:ident: $words:literal;)*) => { const NOT_FOLLOWED: &[(&str, &str)] = &[$((stringify!($name), $words)),*]; };
}

not_followed! {
    needs_another_version_to_be_chosen: "do not use this version: its record in the checksum database is about something else";
    needs_those_who_run_the_database: "trust no module that is new to you until this is explained";
}

/// The texts of an advice in a source file, with `{}` for what is filled in.
fn advices(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |text, line| text + line + "\n");
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '"' {
            continue;
        }
        let mut text = String::new();
        while let Some(character) = characters.next().filter(|character| *character != '"') {
            match character {
                '\\' => {
                    let escaped = characters.next();
                    if escaped == Some('\n') {
                        while characters.next_if(|character| character.is_whitespace()).is_some() {}
                    } else {
                        text.extend(escaped);
                    }
                }
                '{' => {
                    text.push_str("{}");
                    let _ = characters.by_ref().find(|character| *character == '}');
                }
                character => text.push(character),
            }
        }
        texts.push(text.replace("{}{}", "{}"));
    }
    texts.retain(|text| text.len() > 20 && text.contains(' '));
    texts
}

#[test]
fn every_advice_is_followed_or_known_not_to_be() {
    let problems = include_str!("../../verify/problem.rs");
    let problems = &problems[problems.find("fn next_step").unwrap()..];
    let mut all = advices(include_str!("../../support/next_step.rs"));
    all.extend(advices(&problems[..problems.find("\n    }\n").unwrap()]));
    let followed = FOLLOWED.iter().copied().chain(FOLLOWED_ELSEWHERE.iter().map(|(words, _)| *words));
    let known: Vec<_> = followed.chain(NOT_FOLLOWED.iter().map(|(_, words)| *words)).collect();
    for text in &all {
        assert!(known.iter().any(|words| has(text, words)), "nobody follows {text:?}");
    }
    for words in known {
        assert!(all.iter().any(|text| has(text, words)), "nothing says {words:?}");
    }
}
