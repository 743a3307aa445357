//! The client of the go command's environment.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use gomod_module::{GoEnv, ModulePath};
use gomod_proxy_client::ProxyClientBuilder;
use gomod_proxy_client::auth::{GoAuth, GoAuthCommand, GoAuthError};
use gomod_proxy_client::client::{EnvError, EnvNote};

fn env(home: &Path, set: &[(&str, &str)]) -> GoEnv {
    let lookup = |name: &str| {
        let value = set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        value.or_else(|| (name == "HOME").then(|| home.into()))
    };
    GoEnv::resolve("linux", &lookup, None, None).with_standard_defaults()
}

fn notes(home: &Path, set: &[(&str, &str)]) -> Vec<String> {
    let (_, notes) = ProxyClientBuilder::from_env(&env(home, set)).expect("an environment");
    notes.iter().map(EnvNote::to_string).collect()
}

#[test]
fn private_modules_go_to_no_proxy() {
    let home = tempfile::tempdir().expect("a directory");
    let private: ModulePath = "git.team.corp/m".parse().expect("a path");
    for (set, warned) in [
        (&[][..], true),
        (&[("GOPRIVATE", "git.team.corp")], false),
        (&[("GOPRIVATE", "git.team.corp"), ("GONOPROXY", "none")], true),
        // What NO_PROXY names is reached without an HTTP proxy, and is not private.
        (&[("NO_PROXY", "git.team.corp")], true),
    ] {
        let (builder, notes) = ProxyClientBuilder::from_env(&env(home.path(), set)).expect("an environment");
        assert!(notes.is_empty(), "{notes:?}");
        let client = builder.build().expect("a client");
        assert_eq!(client.privacy_warning(&private).is_some(), warned, "{set:?}");
        assert_eq!(client.list().entries().len(), 2);
    }
}

#[test]
fn what_has_no_effect_is_noted() {
    let home = tempfile::tempdir().expect("a directory");
    let netrc = home.path().join("netrc");
    fs::write(&netrc, "machine a.example login me\n").expect("written");
    let file = netrc.to_str().expect("text");
    assert_eq!(notes(home.path(), &[]), [""; 0]);
    let told = notes(home.path(), &[("NETRC", file), ("GOAUTH", "helper --token s3cr3t; netrc; git /w")]);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("netrc: ") && told[1].contains("\"helper\"") && told[2].contains("\"git\""));
    assert!(!told.concat().contains("s3cr3t"), "{told:?}");
    // A directory is there and cannot be read.
    let told = notes(home.path(), &[("NETRC", home.path().to_str().expect("text"))]);
    assert!(told[0].contains("cannot be read"), "{told:?}");
    for (variable, set) in [
        ("GOPRIVATE", &[("GOPRIVATE", "https://git.corp.example")][..]),
        ("GONOPROXY", &[("GOPRIVATE", "a.example"), ("GONOPROXY", "https://git.corp.example")]),
        ("GONOSUMDB", &[("GONOSUMDB", "https://git.corp.example")]),
    ] {
        let told = notes(home.path(), set);
        assert!(told.len() == 1 && told[0].starts_with(&format!("{variable}: ")), "{told:?}");
    }
}

#[test]
fn what_the_go_command_refuses_is_an_error() {
    let home = tempfile::tempdir().expect("a directory");
    let error = |set| ProxyClientBuilder::from_env(&env(home.path(), set)).expect_err("an error");
    assert!(matches!(error(&[("GOPROXY", ",")]), EnvError::GoProxy(_)));
    assert!(matches!(error(&[("GOAUTH", "netrc;")]), EnvError::GoAuth(GoAuthError::Empty)));
}

#[test]
fn goauth_is_read_as_the_go_command_reads_it() {
    use GoAuthCommand::{Git, Netrc, Program};
    let parse = |value| GoAuth::parse(value).map(|goauth| goauth.commands().to_vec());
    let program = |words: &[&str]| Program(words.iter().map(|word| (*word).to_owned()).collect());
    assert_eq!(parse("off"), Ok(vec![]));
    assert_eq!(parse(" off now"), Ok(vec![]));
    assert_eq!(parse("netrc ignored"), Ok(vec![Netrc]));
    assert_eq!(parse("a  b\t; netrc ;git /w"), Ok(vec![program(&["a", "b"]), Netrc, Git("/w".into())]));
    for value in ["", " ", "netrc;", ";netrc", "netrc; ;a"] {
        assert_eq!(parse(value), Err(GoAuthError::Empty), "{value:?}");
    }
    assert_eq!(parse("netrc;off"), Err(GoAuthError::Off));
    let quoted = program(&["/opt/my helper", "--x=\"y", "a b", ""]);
    assert_eq!(parse("'/opt/my helper' --x=\"y \"a b\"''"), Ok(vec![quoted]));
    assert_eq!(parse("helper 'a"), Err(GoAuthError::Quote));
    for value in ["git", "git w", "git /w /v", "netrc; git"] {
        assert_eq!(parse(value), Err(GoAuthError::GitDirectory), "{value:?}");
    }
}
