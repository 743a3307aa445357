//! Laws: every variable has the value that `go env -json` prints, whatever the process, the user's file and go.env of
//! GOROOT set; a value that `go env -changed` lists does not come from the defaults; GOFLAGS that the go command refuses
//! are refused in its words, and the others mean the same.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use gomod_module::GoEnv;
use gomod_module::goenv::{EnvOrigin, GoFlags};
use gomod_testkit::GoCommand;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::operations::GO_ENV_NAMES;

const CASES: usize = 120;

/// Values for each variable; toolchains are none that would have to be downloaded.
const VALUES: &[(&str, &[&str])] = &[
    ("GO111MODULE", &["on", "off", "", "maybe"]),
    ("GOAUTH", &["off", "netrc", "git /x;netrc", ""]),
    ("GOFLAGS", &["-mod=mod", "-x b", "'", ""]),
    ("GOINSECURE", &["*.corp.example", "a,b", ""]),
    ("GOMODCACHE", &["/mod", "/mod/../x/", "rel", "", "/m\r"]),
    ("GONOPROXY", &["none", "a.example/*", ""]),
    ("GONOSUMDB", &["none", "a.example/*", ""]),
    ("GOPATH", &["/a", "/a:/b/", ":/a", "/a/../b", "rel", "~/x", ""]),
    ("GOPRIVATE", &["*.private.example", "x.example,y.example", "", " "]),
    ("GOPROXY", &["off", "direct", "https://u:p@proxy.example|direct", "", ","]),
    ("GOSUMDB", &["off", "sum.golang.org", "x+1234+y https://sum.example", ""]),
    ("GOTOOLCHAIN", &["local", "auto", "path", "local+auto", "bogus", ""]),
    ("GOVCS", &["*:off", "public:git", ""]),
];

/// What Go says to an empty word in GOFLAGS.
const PANIC: &str = "panic: runtime error";

const HOMES: &[Option<&str>] = &[Some("HOME"), Some("HOME"), None, Some("rel"), Some("/"), Some("")];

#[derive(Debug, Clone)]
struct Case {
    process: Vec<(&'static str, String)>,
    home: Option<&'static str>,
    xdg: Option<&'static str>,
    goenv: Option<&'static str>,
    user_file: Option<String>,
    goroot_file: Option<String>,
}

fn setting() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(VALUES).prop_flat_map(|(name, values)| (Just(name), select(values)))
}

/// A file as people write them, and as they should not.
fn file() -> impl Strategy<Value = String> {
    let line = (setting(), 0..16).prop_map(|((name, value), form)| match form {
        0 => format!(" {name}={value}"),
        1 => format!("{name} = {value}"),
        2 => format!("{name}=\"{value}\""),
        3 => format!("{name}={value}\r"),
        4 => format!("# {name}={value}"),
        5 => name.to_owned(),
        6 => format!("{}={value}", name.to_lowercase()),
        7 => format!("export {name}={value}"),
        8 => format!("{name}={value}="),
        9 => String::new(),
        _ => format!("{name}={value}"),
    });
    (prop::collection::vec(line, 0..10), any::<bool>())
        .prop_map(|(lines, ended)| lines.join("\n") + if ended { "\n" } else { "" })
}

fn case() -> impl Strategy<Value = Case> {
    let process = prop::collection::vec(setting(), 0..5);
    let xdg = select(vec![None, None, Some("XDG"), Some("rel"), Some("")]);
    let goenv = select(vec![None, None, None, Some("FILE"), Some("off"), Some("")]);
    let files = (prop::option::weighted(0.8, file()), prop::option::weighted(0.8, file()));
    (process, select(HOMES), xdg, goenv, files).prop_map(
        |(process, home, xdg, goenv, (user_file, goroot_file))| Case {
            process: process.into_iter().map(|(name, value)| (name, value.to_owned())).collect(),
            home,
            xdg,
            goenv,
            user_file,
            goroot_file,
        },
    )
}

fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// The environment of a process, the last of several values counting.
fn environment(case: &Case, home: &Path, goroot: &Path) -> Vec<(&'static str, OsString)> {
    let place = |text: &str, name: &str| match text {
        "HOME" | "XDG" | "FILE" => home.join(name).into_os_string(),
        other => other.into(),
    };
    let mut env: Vec<(&'static str, OsString)> = vec![("GOROOT", goroot.into())];
    env.extend(case.home.map(|text| ("HOME", place(text, "u"))));
    env.extend(case.xdg.map(|text| ("XDG_CONFIG_HOME", place(text, "xdg"))));
    env.extend(case.goenv.map(|text| ("GOENV", place(text, "settings"))));
    env.extend(case.process.iter().map(|(name, value)| (*name, value.into())));
    env
}

/// The same installation with another `go.env`.
#[cfg(unix)]
fn own_goroot(go: &GoCommand, home: &Path) -> std::path::PathBuf {
    let real = go.command(&["env", "GOROOT"], home).run().expect_success().stdout;
    let own = home.join("goroot");
    fs::create_dir(&own).unwrap();
    for entry in fs::read_dir(real.trim()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "go.env" {
            std::os::unix::fs::symlink(entry.path(), own.join(entry.file_name())).unwrap();
        }
    }
    own
}

#[cfg(unix)]
#[test]
fn values_are_those_of_go() {
    let Some(go) = GoCommand::find("values_are_those_of_go") else { return };
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let goroot = own_goroot(&go, home);
    let write = |file: &Path, data: Option<&String>| {
        let _ = fs::remove_file(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        if let Some(data) = data {
            fs::write(file, data).unwrap();
        }
    };
    let mut runner = runner();
    let (mut accepted, mut set) = (0, 0);
    for _ in 0..CASES {
        let case = case().new_tree(&mut runner).unwrap().current();
        let env = environment(&case, home, &goroot);
        let lookup =
            |name: &str| env.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        for place in ["u/.config/go/env", "xdg/go/env", "settings"] {
            write(&home.join(place), case.user_file.as_ref());
        }
        write(&goroot.join("go.env"), case.goroot_file.as_ref());
        // A file that is not where the user's file should be does not count.
        let there =
            GoEnv::user_file("linux", &lookup).filter(|file| file.starts_with(home.to_str().unwrap()));
        let user_file = case.user_file.as_ref().filter(|_| there.is_some()).map(String::as_bytes);
        let goroot_file = case.goroot_file.as_ref().map(String::as_bytes);
        let ours = GoEnv::resolve("linux", &lookup, user_file, goroot_file);

        let ask = |args: &[&str]| {
            let mut command = go.command(args, home).into_command();
            let path = std::env::var_os("PATH").unwrap_or_default();
            command.env_clear().env("PATH", path).envs(env.iter().cloned());
            command.output().unwrap()
        };
        let theirs = ask(&[["env", "-json"].as_slice(), &GO_ENV_NAMES].concat());
        let told = String::from_utf8_lossy(&theirs.stderr).into_owned();
        if told.starts_with(PANIC) {
            continue;
        }
        let Ok(()) = ours.check_start() else {
            assert!(!theirs.status.success(), "only we refuse {case:#?}: {:?}", ours.check_start());
            continue;
        };
        assert!(theirs.status.success(), "only Go refuses {case:#?}: {told}");
        let theirs: Value = serde_json::from_slice(&theirs.stdout).unwrap();
        for name in GO_ENV_NAMES {
            assert_eq!(ours.get(name), theirs[name], "{name} from {:?} of {case:#?}", ours.origin(name));
        }
        accepted += 1;
        let changed = ask(&[["env", "-changed", "-json"].as_slice(), &GO_ENV_NAMES].concat());
        assert!(changed.status.success(), "{case:#?}{}", String::from_utf8_lossy(&changed.stderr));
        let changed: Value = serde_json::from_slice(&changed.stdout).unwrap();
        for (name, value) in
            changed.as_object().unwrap().iter().filter(|(name, _)| GO_ENV_NAMES.contains(&name.as_str()))
        {
            assert_ne!(ours.origin(name), EnvOrigin::Default, "{name}={value} of {case:#?}");
            set += 1;
        }
        // Each origin has the value.
        for name in GO_ENV_NAMES.into_iter().filter(|name| *name != "GOENV") {
            let value = ours.get(name).to_owned();
            let line = format!("{name}={value}");
            let has_line = |file: Option<&[u8]>| {
                file.unwrap_or_default().split(|byte| *byte == b'\n').any(|other| other == line.as_bytes())
            };
            assert!(
                match ours.origin(name) {
                    EnvOrigin::OsEnv => lookup(name).is_some_and(|set| set.to_str() == Some(&value)),
                    EnvOrigin::UserFile => has_line(user_file),
                    EnvOrigin::GorootFile => has_line(goroot_file),
                    EnvOrigin::Goprivate => value == ours.goprivate(),
                    _ => lookup(name).is_none_or(|set| set.is_empty()),
                },
                "{line} of {case:#?}"
            );
        }
    }
    assert!(accepted > CASES / 4 && set > CASES / 4, "{accepted} {set}");
}

#[test]
fn goflags_mean_what_they_mean_to_go() {
    let Some(go) = GoCommand::find("goflags_mean_what_they_mean_to_go") else { return };
    let home = tempfile::tempdir().unwrap();
    let files = ["go.mod", "alt.mod", "other.mod", "with space.mod", "a'b.mod"];
    for file in files {
        fs::write(home.path().join(file), "module m\n\ngo 1.20\n").unwrap();
    }
    let words = vec![
        "-mod=mod",
        "--mod=readonly",
        "-modcacherw",
        "-modcacherw=0",
        "--modcacherw=true",
        "-modcacherw=maybe",
        "-modfile=alt.mod",
        "--modfile=other.mod",
        "'-modfile=with space.mod'",
        "\"-modfile=alt.mod\"",
        "-modfile=a'b.mod",
        "-modfile=",
        "-modfile",
        "-mod",
        "-v",
        "-x",
        "-x=false",
        "-tags=a",
        "-",
        "--",
        "---x",
        "-=x",
        "--=x",
        "b",
        "'-v",
        "\"-v'",
        "''",
        "'-v'-x",
        "-modcacherw=",
        "-\u{a0}v",
        "-v\u{a0}",
    ];
    let flags =
        (subsequence(words, 0..4).prop_shuffle(), select(vec![" ", "  ", "\t", "\n", "\r", " \n\t "]));
    let mut runner = runner();
    for _ in 0..CASES {
        let (words, separator) = flags.new_tree(&mut runner).unwrap().current();
        let value = words.join(separator);
        let theirs = go.command(&["list", "-m", "-json"], home.path()).env("GOFLAGS", &value).run();
        // Which flags there are is not known here.
        if theirs.stderr.contains("parsing $GOFLAGS: unknown flag") {
            continue;
        }
        match GoFlags::parse(&value) {
            Ok(flags) => {
                let Theirs { go_mod } = Theirs::of(&theirs.stdout, &value, &theirs.stderr);
                assert_eq!(go_mod, flags.modfile().unwrap_or("go.mod"), "{value:?}");
            }
            Err(error) => {
                let told = theirs.stderr.starts_with(PANIC) || theirs.stderr.contains(&error.to_string());
                assert!(told && !theirs.success(), "{value:?}: {error}\n{}", theirs.stderr);
            }
        }
    }
}

struct Theirs {
    go_mod: String,
}

impl Theirs {
    fn of(json: &str, goflags: &str, stderr: &str) -> Self {
        let module: Value =
            serde_json::from_str(json).unwrap_or_else(|e| panic!("{goflags:?}: {e}: {stderr}"));
        let file = Path::new(module["GoMod"].as_str().unwrap()).file_name().unwrap();
        Self { go_mod: file.to_str().unwrap().to_owned() }
    }
}
