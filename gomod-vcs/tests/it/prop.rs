//! The laws: whatever servers answer, a search ends after a bounded number of requests, without a panic; what it finds
//! is about the path that was asked for; nothing that it asks for, finds or shows could be taken for an option or holds a
//! control character; what is found twice is the same.

use gomod_module::{ModulePath, PrefixPatterns};
use gomod_vcs::{Discovery, DiscoverySettings, GoVcs, Page, PageAnswer, RepoRoot, Vcs, go_imports};
use proptest::prelude::*;

/// Pieces of pages that lead somewhere, and bytes that do not.
fn page() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => tag().prop_map(String::into_bytes),
        2 => prop::sample::select(vec![
            "<head>", "</head>", "<body>", "<!-- a -->", "<!--", "-->", "<![CDATA[", "]]>", "<?xml version='1.0'?>", "<!x '<'>",
            "<a b='", "\"", "&amp;", "&#x41;", "&#", "<x/>", "</x y>", "<a:b c>", "<p/", "a < b", "<script>",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn tag() -> impl Strategy<Value = String> {
    let prefix = prop::sample::select(vec!["m.test/x", "m.test", "m.test/x/y", "m.test/z", "*", "m.test/x/"]);
    let vcs = prop::sample::select(vec!["git", "mod", "hg", "svn", "Git"]);
    let repo = prop_oneof![
        3 => Just("https://r.test/x".to_owned()),
        1 => "(https|ssh|http|git|file|-x)://(-?u(:p)?@)?-?r\\.test(:[0-9]{0,2})?/(-|%0a|%|x)?",
        1 => "[!-~]{1,12}",
    ];
    let subdir = prop_oneof![2 => Just(String::new()), 1 => "( [a./\\\\-]{1,6})?( x)?"];
    (prefix, vcs, repo, subdir).prop_map(|(prefix, vcs, repo, subdir)| {
        format!("<meta name='go-import' content='{prefix} {vcs} {repo}{subdir}'>")
    })
}

#[derive(Debug, Clone)]
enum Served {
    Failed,
    Page { status: u16, location: Option<String>, body: Vec<u8> },
}

fn served() -> impl Strategy<Value = Served> {
    let status = prop::sample::select(vec![200, 200, 200, 404, 401, 500, 302, 307, 304]);
    let location = prop::option::of(prop_oneof![
        2 => prop::sample::select(vec!["https://w.test/", "/x?go-get=1", "../y", "http://m.test/x", "//w.test", "mailto:x"])
            .prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]);
    prop_oneof![
        1 => Just(Served::Failed),
        9 => (status, location, page()).prop_map(|(status, location, body)| Served::Page { status, location, body }),
    ]
}

fn path() -> impl Strategy<Value = ModulePath> {
    let known = prop::sample::select(vec![
        "m.test/x",
        "m.test/x",
        "m.test/x/y",
        "m.test/x/y/v2",
        "github.com/a/b/c",
        "m.test/a.git/b",
        "launchpad.net/a/b",
        "chiselapp.com/user/a/repository/b",
        "m.test/a.fossil",
    ]);
    let any = "[a-z]{1,3}\\.[a-z]{2}(/[a-zA-Z0-9._~-]{1,6}(\\.git|\\.hg)?){0,3}";
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => any]
        .prop_filter_map("no module path", |path| ModulePath::new(path).ok())
}

fn check(root: &RepoRoot, path: &ModulePath, is_insecure: bool) {
    let rest = path.as_str().strip_prefix(root.root.as_str());
    assert!(
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || root.root.ends_with('/')),
        "{root:?}"
    );
    let url = root.url.as_str();
    assert!(!url.starts_with('-') && !url.bytes().any(|b| b.is_ascii_control() || b == b' '), "{url}");
    let lower = url.to_ascii_lowercase();
    assert!(!lower.starts_with("file:") && !lower.contains("://-") && !lower.contains("%0a"), "{url}");
    assert!(is_insecure || !lower.starts_with("http:") && !lower.starts_with("git:"), "{url}");
    let shown = format!("{} {root:?}", root.url);
    assert!(!shown.contains("u:p@") && !shown.contains("u@"), "{shown}");
    for element in root.code_dir(path).split('/') {
        assert!(!matches!(element, "." | ".."), "{root:?}");
    }
    for element in root.subdir.split('/') {
        assert!(
            !matches!(element, "." | "..") && !element.starts_with('-') && !element.contains('\\'),
            "{root:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn searches_end(
        path in path(),
        served in prop::collection::vec(served(), 1..6),
        answers_ping in any::<bool>(),
        is_insecure in any::<bool>(),
    ) {
        let search = || {
            let settings = DiscoverySettings::new()
                .goinsecure(PrefixPatterns::parse(if is_insecure { "*" } else { "" }))
                .govcs(GoVcs::parse("m.test:all"));
            let mut asked = 0;
            let result = Discovery::new(&path, settings).run(
                |request| {
                    let is_secure = request.url.starts_with("https://");
                    assert!(is_secure || is_insecure && request.url.starts_with("http://"), "{request:?}");
                    let answer = &served[asked % served.len()];
                    asked += 1;
                    match answer {
                        Served::Failed => PageAnswer::Failed("no connection".into()),
                        Served::Page { status, location, body } => {
                            let page = Page::new(*status, body.clone());
                            PageAnswer::Page(match location {
                                Some(location) => page.location(location.as_str()),
                                None => page,
                            })
                        }
                    }
                },
                |_| answers_ping,
            );
            // Three questions, each by two schemes, once again, with at most ten requests.
            assert!(asked <= 3 * 2 * 2 * 10, "{asked} requests");
            result
        };
        match (search(), search()) {
            (Ok(one), Ok(other)) => {
                check(&one, &path, is_insecure);
                prop_assert_eq!(one, other);
            }
            (Err(one), Err(other)) => {
                let shown = format!("{one:?}");
                prop_assert!(!shown.contains("u:p@"), "{}", shown);
                prop_assert_eq!(shown, format!("{other:?}"));
            }
            (one, other) => prop_assert!(false, "{:?} and {:?}", one, other),
        }
    }

    #[test]
    fn pages_have_the_tags_that_are_found(page in page(), before in page(), after in page()) {
        if let Ok(tags) = go_imports(&page) {
            // Tags for module proxies come first and replace the others about their path.
            let mods = tags.iter().take_while(|tag| tag.vcs == Vcs::Mod.as_str()).count();
            for (index, tag) in tags.iter().enumerate() {
                prop_assert_eq!(index < mods, tag.vcs == "mod");
                prop_assert!(index < mods || tags[..mods].iter().all(|other| other.prefix != tag.prefix));
                for field in [&tag.prefix, &tag.vcs, &tag.repo] {
                    prop_assert!(!field.is_empty() && !field.contains(char::is_whitespace));
                }
            }
        }
        // What follows the head is not read.
        prop_assert_eq!(go_imports(&[b"<head/>", &after[..]].concat()), Ok(Vec::new()));
        let _ = go_imports(&[before, page, after].concat());
    }

    #[test]
    fn no_bytes_are_too_odd(page in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = go_imports(&page);
    }
}
