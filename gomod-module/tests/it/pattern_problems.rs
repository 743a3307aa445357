//! Laws of patterns that cannot match: one that is reported matches no valid module path; what is suggested in its place has no
//! such fault and, where the pattern was a path written in another way, matches that path; and a path is no
//! fault.

use gomod_module::path::check_path;
use gomod_module::pattern::PatternProblemKind as Kind;
use gomod_module::{ModulePath, PrefixPatterns};
use proptest::prelude::*;

#[test]
fn each_kind_is_told() {
    for (list, kind, suggestion) in [
        ("example.org, git.corp.test", Kind::Blank, "git.corp.test"),
        ("git.corp.test ,example.org", Kind::Blank, "git.corp.test"),
        ("git.corp.test\u{a0}", Kind::Blank, "git.corp.test"),
        ("example.org git.corp.test", Kind::Blank, "example.org,git.corp.test"),
        ("\tgit.corp.test\n", Kind::Blank, "git.corp.test"),
        ("\"git.corp.test\"", Kind::Quote, "git.corp.test"),
        ("'git.corp.test'", Kind::Quote, "git.corp.test"),
        ("“git.corp.test”", Kind::Quote, "git.corp.test"),
        ("example.org;git.corp.test", Kind::Semicolon, "example.org,git.corp.test"),
        ("https://git.corp.test", Kind::Scheme, "git.corp.test"),
        ("ssh://git@git.corp.test:22/team", Kind::Scheme, "git.corp.test/team"),
        ("git@git.corp.test/team", Kind::UserInfo, "git.corp.test/team"),
        ("git@git.corp.test:team/repo", Kind::UserInfo, "git.corp.test/team/repo"),
        ("git.corp.test:8443", Kind::Port, "git.corp.test"),
        ("git.corp.test:8443/team/*", Kind::Port, "git.corp.test/team/*"),
        ("git.corp.test/...", Kind::Ellipsis, "git.corp.test"),
        ("git.corp.test//team", Kind::EmptyElement, "git.corp.test/team"),
        ("git.corp.test//", Kind::EmptyElement, "git.corp.test"),
        ("/git.corp.test", Kind::EmptyElement, "git.corp.test"),
        (".corp.test", Kind::Dot, "*.corp.test"),
        ("corp.test.", Kind::Dot, "corp.test"),
        ("Git.Corp.test/Team", Kind::Capital, "git.corp.test/Team"),
        ("*.Corp.test", Kind::Capital, "*.corp.test"),
    ] {
        let problems = PrefixPatterns::problems(list);
        let [problem] = &problems[..] else { panic!("{list:?}: {problems:?}") };
        assert_eq!((problem.kind, problem.suggestion.as_deref()), (kind, Some(suggestion)), "{list:?}");
        assert!(problem.to_string().contains(suggestion), "{problem}");
    }
    for (list, kind) in [
        ("git.corp.test/[a", Kind::Malformed),
        ("git.corp.test\\", Kind::Malformed),
        ("git.corp.test/a%20b", Kind::Character('%')),
        ("git.corp.test=1", Kind::Character('=')),
        ("git.corp.test\u{200b}", Kind::Character('\u{200b}')),
        ("\u{feff}git.corp.test", Kind::Character('\u{feff}')),
        ("gıt.corp.test", Kind::Character('ı')),
    ] {
        let problems = PrefixPatterns::problems(list);
        assert_eq!(problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [kind], "{list:?}");
        assert!(!problems[0].to_string().contains(['\u{200b}', '\u{feff}']));
    }
    assert_eq!(PrefixPatterns::problems(", ,".repeat(1000)).len(), 100);
}

#[test]
fn what_can_match_is_no_problem() {
    for list in [
        "",
        ",",
        "none",
        "*",
        "*.corp.test,rsc.io/private",
        "git.corp.test/",
        "github.com/Org/*",
        "github.com/[A-Z]*",
        "git.corp.test/team?",
        "*/*/private",
        "git.corp.test/a~b+c_d",
        r"git.corp\.test",
        "[g]it.corp.test",
        "example.com/m/v2",
    ] {
        assert_eq!(PrefixPatterns::problems(list), [], "{list}");
    }
}

const PATH: &str = r"[a-z0-9]{1,4}\.[a-z]{1,3}(/[A-Za-z0-9_~.+-]{1,6}){0,3}";

proptest! {
    #[test]
    fn what_is_reported_matches_nothing(
        path in PATH,
        pattern in r#"[a-cA-C.:/@ ;"'*?\[\]\\,%!-]{0,12}"#,
        at in 0_usize..20,
        odd in r#"[ :;"'@%=\x{ad}\x{200b}]|://|\.\.\.|//"#,
    ) {
        let mut mangled = path.clone();
        mangled.insert_str(at.min(path.len()), &odd);
        for pattern in [pattern.as_str(), &mangled] {
            for problem in PrefixPatterns::problems(pattern) {
                prop_assert!(
                    check_path(&path).is_err() || !PrefixPatterns::parse(&problem.pattern).matches(&path),
                    "{:?} {}", problem, path
                );
                if let Some(suggestion) = &problem.suggestion {
                    prop_assert_eq!(PrefixPatterns::problems(suggestion), [], "{}", suggestion);
                }
                prop_assert!(problem.to_string().chars().count() < 1200);
            }
        }
    }

    #[test]
    fn paths_are_no_problem_and_are_found_again(
        path in PATH,
        before in "( |\"|'|https?://|git@|ssh://git@){1,2}",
        behind in "|/|/\\.\\.\\.| |:8080",
    ) {
        prop_assume!(ModulePath::new(path.clone()).is_ok());
        prop_assert_eq!(PrefixPatterns::problems(&path), []);
        let (host, rest) = path.split_once('/').unwrap_or((&path, ""));
        let written = match behind.as_str() {
            port if port.starts_with(':') => format!("{before}{host}{port}/{rest}"),
            behind => format!("{before}{path}{behind}"),
        };
        for problem in PrefixPatterns::problems(&written) {
            let suggestion = problem.suggestion.clone().unwrap_or_default();
            prop_assert!(PrefixPatterns::parse(&suggestion).matches(&path), "{written:?}: {problem:?}");
        }
        prop_assert!(!PrefixPatterns::problems(&written).is_empty());
    }
}
