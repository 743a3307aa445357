//! Laws: a list that parses is written as a text that means the same; no text panics; a walk passes a `,` after "not
//! found" alone, asks sources in order and each once, and never loses a mismatch.

use gomod_module::{ModulePath, ModuleVersion, PrefixPatterns};
use gomod_proxy_client::GoProxy;
use gomod_proxy_client::protocol::{
    Answer, Endpoint, Fallback, Next, Separator, Source, Step, Target, versions,
};
use proptest::prelude::*;

fn item() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("https://a.example".to_owned()),
        Just("b.example/x".to_owned()),
        Just("http://c.example:8080//y/".to_owned()),
        Just("https://j.example/%2f".to_owned()),
        Just("file:///srv/a b".to_owned()),
        Just("http://[::1]:80".to_owned()),
        Just(" ".to_owned()),
        Just("direct".to_owned()),
        Just("off".to_owned()),
        "[a-z./:%@?#\\[\\]-]{0,12}",
    ]
}

fn list() -> impl Strategy<Value = String> {
    let separated = (item(), prop_oneof![Just(","), Just("|")]);
    prop::collection::vec(separated, 1..6)
        .prop_map(|items| items.into_iter().map(|(item, separator)| item + separator).collect())
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::NotFound),
        Just(Answer::NotFound),
        Just(Answer::Error),
        Just(Answer::Mismatch),
        Just(Answer::Found)
    ]
}

fn module() -> impl Strategy<Value = ModulePath> {
    "[a-z]{1,3}\\.[a-z]{2}(/[A-Za-z0-9._~-]{1,6}){0,3}"
        .prop_filter_map("a module path", |path| ModulePath::new(path).ok())
}

fn version() -> impl Strategy<Value = ModuleVersion> {
    let version = "v[0-9]\\.[0-9]\\.[0-9](-[A-Za-z0-9.]{1,4})?";
    (module(), version).prop_filter_map("a version of the module", |(module, version)| {
        ModuleVersion::parse(module.as_str(), &version).ok()
    })
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    // Whatever could be a file name.
    let revision = (module(), "[ -~]{1,8}")
        .prop_filter_map("a revision", |(module, revision)| Endpoint::revision(&module, &revision).ok());
    let file = prop_oneof![
        Just("supported".to_owned()),
        Just("latest".to_owned()),
        "lookup/[a-z!]{1,5}\\.[a-z]{2}/[a-z%+]{1,4}@v1",
        "tile/8/[0-9]/x[0-9]{3}/[0-9]{3}(\\.p/[0-9]{1,2})?",
    ];
    prop_oneof![
        module().prop_map(|module| Endpoint::list(&module)),
        module().prop_map(|module| Endpoint::latest(&module)),
        version().prop_map(|module| Endpoint::info(&module)),
        version().prop_map(|module| Endpoint::go_mod(&module)),
        version().prop_map(|module| Endpoint::zip(&module)),
        revision,
        ("[a-z.]{0,4}[a-z]", file).prop_map(|(name, file)| Endpoint::sum_db(&name, &file)),
    ]
}

proptest! {
    /// What a client asks for is what a server reads.
    #[test]
    fn an_endpoint_is_read_as_it_was_written(endpoint in endpoint()) {
        prop_assert_eq!(&Endpoint::parse(endpoint.path()).unwrap(), &endpoint);
        prop_assert_eq!(&Endpoint::parse_wire(&endpoint.wire_path()).unwrap(), &endpoint);
        prop_assert_eq!(Endpoint::parse_wire(&format!("/{}", endpoint.wire_path())), Ok(endpoint));
    }

    /// What is read is written as it was: a path that has passed is the only one of its endpoint.
    #[test]
    fn a_path_that_is_read_is_the_one_that_is_asked_for(text in "[a-z!./@%-]{0,6}(/@v/[a-z!.]{0,4}(list|\\.info|\\.mod|\\.zip)|/@latest|sumdb/[a-z.]{1,3}/latest)?") {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            let again = match endpoint.target() {
                Target::List { module, .. } => Endpoint::list(module),
                Target::Latest { module, .. } => Endpoint::latest(module),
                Target::Info { module, revision, .. } => Endpoint::revision(module, revision).unwrap(),
                Target::GoMod { module, revision, .. } | Target::Zip { module, revision, .. } => {
                    let info = Endpoint::revision(module, revision).unwrap();
                    prop_assert_eq!(info.path().strip_suffix(".info"), text.get(..text.len() - 4));
                    endpoint.clone()
                }
                Target::SumDb { name, file, .. } => Endpoint::sum_db(name, file),
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
            prop_assert_eq!(again, endpoint);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*", odd in "[\\x00-\\x7f]*") {
        for text in [text, odd] {
            if let Ok(list) = GoProxy::parse(&text) {
                let _ = format!("{list} {list:?}");
            }
            versions(text.as_bytes(), "v");
            let _ = (Endpoint::parse(&text), Endpoint::parse_wire(&text));
        }
    }

    #[test]
    fn a_list_is_written_as_a_text_that_means_the_same(text in list()) {
        if let Ok(list) = GoProxy::parse(&text) {
            let written = list.to_string();
            let again = GoProxy::parse(&written).unwrap();
            prop_assert_eq!(again.to_string(), written);
            prop_assert_eq!(again.entries().len(), list.entries().len());
            for (one, other) in list.entries().iter().zip(again.entries()) {
                prop_assert_eq!(one.separator(), other.separator());
                prop_assert_eq!(one.kind(), other.kind());
            }
        }
    }

    #[test]
    fn only_not_found_passes_a_comma(
        text in list(),
        patterns in prop_oneof![Just(""), Just("none"), Just("example.com")],
        answers in prop::collection::vec(answer(), 8),
    ) {
        let Ok(list) = GoProxy::parse(&text) else { return Ok(()) };
        let mut walk = Fallback::new(&list, &PrefixPatterns::parse(patterns), "example.com/m");
        let sources = walk.sources().count();
        let mut mismatch = None;
        let mut expected = 0;
        while let Some(step) = walk.step() {
            let at = walk.position();
            prop_assert_eq!(at, expected);
            expected += 1;
            let skipped = matches!(step, Step::Skip(_));
            let separator = match walk.source() {
                Some(Source::Entry(entry)) => entry.separator(),
                _ => Separator::Comma,
            };
            let answer = answers[at];
            let asked = matches!(step, Step::Ask(_));
            let another = walk.has_another();
            let next = walk.answer(answer);
            if !skipped && matches!(answer, Answer::Error | Answer::Mismatch) {
                prop_assert_eq!(another, asked && matches!(walk.step(), Some(Step::Ask(_))));
            }
            if skipped || answer == Answer::NotFound {
                let goes_on = next == Next::NotFoundPasses(separator);
                prop_assert!(goes_on || next == Next::EndOfList);
            } else if answer == Answer::Found {
                prop_assert_eq!(next, Next::Found);
                prop_assert!(walk.step().is_none());
                return Ok(());
            } else {
                if answer == Answer::Mismatch {
                    mismatch = Some(at);
                }
                let goes_on = separator == Separator::Pipe && at + 1 < sources;
                prop_assert_eq!(next == Next::ErrorPasses, goes_on);
                prop_assert_eq!(walk.step().is_some(), goes_on);
            }
        }
        let reported = walk.reported();
        prop_assert!(reported.is_some_and(|at| at < expected));
        if mismatch.is_some() {
            prop_assert_eq!(reported, mismatch);
        }
    }
}
