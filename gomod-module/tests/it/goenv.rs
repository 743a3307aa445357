//! Laws of the Go environment: no input makes it panic; `Debug` shows no credentials; a variable of the process wins;
//! path rules are those of the named system. `load` agrees with `go env` where there is a `go`.

use std::ffi::OsString;
use std::path::PathBuf;

use gomod_module::GoEnv;
use gomod_module::goenv::{EnvOrigin, GoEnvError};
use proptest::prelude::*;

fn os<'a>(list: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
    move |name| list.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
}

fn resolve(goos: &str, list: &[(&str, &str)], user_file: &str) -> GoEnv {
    GoEnv::resolve(goos, &os(list), Some(user_file.as_bytes()), None)
}

proptest! {
    #[test]
    fn nothing_panics(
        goos in "linux|windows|darwin|plan9",
        home in "[~/a:C\\\\]{0,6}",
        values in prop::collection::vec("[-~/a:;C\\\\,'\" =+go1.]{0,12}", 14),
        user_file in any::<Vec<u8>>(),
        goroot_file in "([A-Z]{0,10}=?.{0,9}\n){0,5}",
    ) {
        let names = ["GOPATH", "GOFLAGS", "GOTOOLCHAIN", "GOMODCACHE", "GOWORK", "GOENV", "GOPRIVATE", "GOROOT"];
        let lookup = |name: &str| match names.iter().position(|known| *known == name) {
            Some(i) => Some(OsString::from(&values[i])),
            None if name.eq_ignore_ascii_case("HOME") || name == "USERPROFILE" => Some(OsString::from(&home)),
            None => None,
        };
        let env = GoEnv::resolve(&goos, &lookup, Some(&user_file), Some(goroot_file.as_bytes())).with_standard_defaults();
        let _ = (env.check(), env.gomodcache(), env.gopath(), env.sumdb_dir(), env.goflags(), env.netrc(), format!("{env:?}"));
        if let Ok(dir) = env.gomodcache() {
            prop_assert_eq!(dir, PathBuf::from(env.get("GOMODCACHE")));
        }
        prop_assert!(env.origin("GOMODCACHE") != EnvOrigin::OsEnv || env.get("GOMODCACHE") == values[3]);
    }

    #[test]
    fn debug_hides_credentials(password in "[^@]{3,20}", proxy in "GOPROXY|HTTPS_PROXY|http_proxy|GOSUMDB") {
        let password = format!("hidden{password}");
        let value = format!("https://user:{password}@proxy.example");
        let lookup = |name: &str| (name == proxy).then(|| OsString::from(&value));
        let env = GoEnv::resolve("linux", &lookup, None, None);
        prop_assert_eq!(env.get(&proxy), &value);
        let shown = format!("{env:?}");
        prop_assert!(!shown.contains("hidden"));
    }
}

#[test]
fn windows_and_macos() {
    let env = resolve(
        "windows",
        &[("USERPROFILE", "C:\\Users\\u"), ("AppData", "C:\\Users\\u\\AppData\\Roaming")],
        "",
    );
    assert_eq!(env.get("GOENV"), "C:\\Users\\u\\AppData\\Roaming\\go\\env");
    assert_eq!(env.get("GOPATH"), "C:\\Users\\u\\go");
    assert_eq!(env.get("GOMODCACHE"), "C:\\Users\\u\\go\\pkg\\mod");
    assert!(env.check().is_ok() && env.gomodcache().is_ok());
    assert_eq!(env.netrc().len(), 2);
    let env = resolve("windows", &[("GOPATH", "D:\\a;C:\\b")], "GOPROXY=unread\n");
    assert_eq!((env.get("GOMODCACHE"), env.goproxy()), ("D:\\a\\pkg\\mod", ""));

    let env = resolve("darwin", &[("HOME", "/Users/u")], "");
    assert_eq!(env.get("GOENV"), "/Users/u/Library/Application Support/go/env");
    assert_eq!(env.netrc(), [PathBuf::from("/Users/u/.netrc")]);
}

#[test]
fn what_go_refuses() {
    let refused = |list: &[(&str, &str)]| resolve("linux", list, "").check().unwrap_err().to_string();
    assert_eq!(refused(&[("GOPATH", "a")]), r#"GOPATH entry is relative; must be absolute path: "a""#);
    assert_eq!(
        refused(&[("GOPATH", "/a:~/b")]),
        r#"GOPATH entry cannot start with shell metacharacter '~': "~/b""#
    );
    assert_eq!(refused(&[("GOTOOLCHAIN", "go2")]), r#"invalid GOTOOLCHAIN "go2""#);
    assert_eq!(refused(&[("GO111MODULE", "yes")]), "unknown environment setting GO111MODULE=yes");
    assert_eq!(refused(&[("GOWORK", "go.work")]), "invalid GOWORK: not an absolute path");
    for (goflags, text) in [
        ("-a b", r#"non-flag "b""#),
        ("---a", r#"non-flag "---a""#),
        ("-", r#"non-flag "-""#),
        ("'-a", "unterminated ' string"),
        ("-modcacherw=x", r#"invalid boolean value "x" for flag -modcacherw"#),
        ("-modfile", "flag needs an argument: -modfile"),
    ] {
        assert_eq!(refused(&[("GOFLAGS", goflags)]), "malformed GOFLAGS", "{goflags}");
        let env = resolve("linux", &[("GOFLAGS", goflags)], "");
        assert_eq!(env.goflags().unwrap_err().to_string(), text, "{goflags}");
    }
}

#[test]
fn module_cache() {
    let gomodcache = |list: &[(&str, &str)]| resolve("linux", list, "").gomodcache();
    assert!(matches!(gomodcache(&[]), Err(GoEnvError::NoModCache)));
    assert!(matches!(gomodcache(&[("GOPATH", ":/a")]), Err(GoEnvError::NoModCache)));
    let relative = gomodcache(&[("GOMODCACHE", "rel")]).unwrap_err();
    assert_eq!(relative.to_string(), r#"GOMODCACHE entry is relative; must be absolute path: "rel""#);
    assert_eq!(gomodcache(&[("GOPATH", "/a/../b/")]).unwrap(), PathBuf::from("/b/pkg/mod"));
    // A home directory that holds Go itself is not taken for a GOPATH.
    assert!(matches!(gomodcache(&[("HOME", "/h"), ("GOROOT", "/h/go/")]), Err(GoEnvError::NoModCache)));
    let env = resolve("linux", &[("HOME", "rel")], "");
    assert_eq!((env.get("GOPATH"), env.get("GOMODCACHE")), ("", "rel/go/pkg/mod"));
    assert_eq!(env.sumdb_dir(), None);
}

#[test]
fn flags() {
    let env = resolve("linux", &[("GOFLAGS", "-x -modcacherw=0 --modcacherw=true\t-modfile='a'")], "");
    assert!(env.modcacherw().unwrap());
    // Quotes count only around a whole word.
    assert_eq!(env.modfile().unwrap(), Some(PathBuf::from("'a'")));
    assert_eq!(resolve("linux", &[], "").modfile().unwrap(), None);
}

#[test]
fn standard_defaults_fill_only_gaps() {
    let env = resolve("linux", &[("HOME", "/h")], "GOSUMDB=\n").with_standard_defaults();
    assert_eq!(
        (env.goproxy(), env.origin("GOPROXY")),
        ("https://proxy.golang.org,direct", EnvOrigin::Default)
    );
    assert_eq!((env.gosumdb(), env.origin("GOSUMDB")), ("", EnvOrigin::UserFile));
}

#[test]
fn proxies_come_from_the_process_only() {
    let env = resolve(
        "linux",
        &[("HOME", "/h"), ("http_proxy", "l"), ("HTTPS_PROXY", "U"), ("https_proxy", "l")],
        "NO_PROXY=x\n",
    );
    assert_eq!((env.http_proxy(), env.https_proxy(), env.no_proxy()), ("l", "U", ""));
}

#[test]
fn values_that_are_not_text() {
    let lookup = os(&[("HOME", "/h")]);
    let env = GoEnv::resolve("linux", &lookup, Some(b"GOMODCACHE=/\xff\nFOO=\xff\n"), None);
    assert!(matches!(env.gomodcache(), Err(GoEnvError::NotUtf8(name)) if name == "GOMODCACHE"));
    assert!(env.check().is_err());
}

#[cfg(feature = "os")]
#[test]
fn load_agrees_with_go() {
    let Some(go) = gomod_testkit::GoCommand::find("load_agrees_with_go") else { return };
    let output = std::process::Command::new(go.program()).args(["env", "-json"]).output().unwrap();
    let theirs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let ours = GoEnv::load().unwrap();
    for name in
        ["GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GOMODCACHE", "GOPATH", "GOENV", "GOFLAGS", "GOAUTH"]
    {
        assert_eq!(ours.get(name), theirs[name], "{name}");
    }
}
