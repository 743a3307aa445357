//! Laws: where the list says `direct`, the client's direct source is asked as a proxy would be, at its turn and as the last one;
//! what it did is in the trace.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gomod_module::{Info, ModulePath, ModuleVersion, PrefixPatterns, Query, Timestamp};
use gomod_proxy_client::client::{DirectError, DirectFuture, DirectSource, DirectSteps};
use gomod_proxy_client::policy::{Limits, Timeouts};
use gomod_proxy_client::report::RejectionKind;
use gomod_proxy_client::{Error, ErrorKind, ProxyClient, ProxyClientBuilder, QueryOptions, Rejection};
use gomod_testkit::{Endpoint, Fault};

use crate::sources::{GO_MOD, VERSION, builder, faulty, fetch, good, module, path, quick_retries, zip_bytes};

/// What the next calls come to, and what was asked.
#[derive(Debug, Clone, Default)]
struct Repository {
    failures: Arc<Mutex<VecDeque<DirectError>>>,
    asked: Arc<Mutex<Vec<String>>>,
    zip: Arc<Mutex<Option<Vec<u8>>>>,
    hangs: bool,
    was_dropped: Arc<AtomicBool>,
}

struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Repository {
    fn failing(kind: ErrorKind) -> Self {
        let repository = Self::default();
        repository.fail(DirectError::new(kind, "fatal: so it was to be"));
        repository
    }

    fn fail(&self, error: DirectError) {
        self.failures.lock().unwrap().push_back(error);
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn answer<'a, T: Send + 'a>(&self, what: &str, steps: DirectSteps, value: T) -> DirectFuture<'a, T> {
        self.asked.lock().unwrap().push(what.to_owned());
        let failure = self.failures.lock().unwrap().pop_front();
        let (hangs, dropped) = (self.hangs, Dropped(Arc::clone(&self.was_dropped)));
        let what = what.to_owned();
        Box::pin(async move {
            steps.begin("https://example.com/Upper/m?go-get=1");
            steps.end(Ok("200 OK"));
            steps.begin(format!("git show {what}"));
            if hangs {
                std::future::pending::<()>().await;
            }
            std::mem::forget(dropped);
            let outcome = failure.map_or(Ok(value), Err);
            steps.end(outcome.as_ref().map(|_| "done").map_err(|_| "exit status: 128: fatal"));
            outcome
        })
    }
}

impl DirectSource for Repository {
    fn versions<'a>(&'a self, _: &'a ModulePath, steps: DirectSteps) -> DirectFuture<'a, Vec<String>> {
        self.answer("list", steps, vec![VERSION.to_owned(), "v1.0.0".to_owned()])
    }

    fn info<'a>(
        &'a self,
        _: &'a ModulePath,
        revision: &'a str,
        steps: DirectSteps,
    ) -> DirectFuture<'a, Info> {
        let time = "2020-01-02T03:04:05Z".parse().unwrap();
        let mut info = Info::new(if revision.contains('/') { VERSION } else { revision }, time);
        let mut origin = gomod_module::Origin::default();
        "git".clone_into(&mut origin.vcs);
        info.origin = Some(origin);
        self.answer(revision, steps, info)
    }

    fn latest<'a>(&'a self, _: &'a ModulePath, steps: DirectSteps) -> DirectFuture<'a, Info> {
        self.answer("latest", steps, Info::new(VERSION, Timestamp::default()))
    }

    fn go_mod<'a>(&'a self, _: &'a ModuleVersion, steps: DirectSteps) -> DirectFuture<'a, Vec<u8>> {
        self.answer("mod", steps, GO_MOD.to_vec())
    }

    fn zip<'a>(&'a self, _: &'a ModuleVersion, steps: DirectSteps) -> DirectFuture<'a, File> {
        let mut file = tempfile::tempfile().unwrap();
        let content = self.zip.lock().unwrap().clone().unwrap_or_else(zip_bytes);
        file.write_all(&content).unwrap();
        file.rewind().unwrap();
        self.answer("zip", steps, file)
    }
}

fn with(list: &str, repository: &Repository) -> ProxyClientBuilder {
    builder(list).retries(quick_retries()).direct(repository.clone())
}

fn client(list: &str, repository: &Repository) -> ProxyClient {
    with(list, repository).build().unwrap()
}

fn told(error: &Error) -> Vec<(String, String, &str)> {
    let attempts = error.attempts().iter();
    let shown = |url: Option<&str>| url.unwrap_or("-").rsplit('/').next().unwrap_or_default().to_owned();
    attempts.map(|a| (shown(a.url()), a.outcome().to_owned(), a.next().as_str())).collect()
}

const FILES: [Endpoint; 5] = [Endpoint::Info, Endpoint::Mod, Endpoint::Zip, Endpoint::List, Endpoint::Latest];

#[tokio::test]
async fn all_files_come_from_it() {
    let repository = Repository::default();
    let client = client("direct", &repository);
    for file in FILES {
        let trace = fetch(&client, file).await.unwrap();
        assert_eq!(trace.source(), Some("direct"), "{file:?}");
        let nexts: Vec<_> = trace.attempts().iter().map(|a| (a.source(), a.next().as_str())).collect();
        assert_eq!(nexts, [("direct", "same_source"), ("direct", "same_source"), ("direct", "found")]);
        assert!(trace.attempts()[1].url().unwrap().starts_with("git show "));
        assert_eq!(trace.attempts()[1].outcome(), "done");
    }
    assert_eq!(repository.asked(), [VERSION, "mod", "zip", "list", "latest"]);
    assert_eq!(client.versions(&path()).await.unwrap().value, ["v1.0.0", VERSION]);
    let origin = client.info(&module()).await.unwrap().value.origin;
    assert_eq!(origin.map(|origin| origin.vcs).as_deref(), Some("git"));
}

#[tokio::test]
async fn it_has_its_turn_after_not_found_at_a_comma_and_after_anything_at_a_pipe() {
    for (status, separator, is_asked) in [
        (404, ",", true),
        (410, ",", true),
        (500, ",", false),
        (403, ",", false),
        (500, "|", true),
        (403, "|", true),
    ] {
        let a = faulty(Endpoint::Any, Fault::status(status));
        let repository = Repository::default();
        let client = client(&format!("{}{separator}direct", a.url()), &repository);
        for file in FILES {
            let fetched = fetch(&client, file).await;
            assert_eq!(fetched.is_ok(), is_asked, "{status}{separator} {file:?}");
        }
        assert_eq!(repository.asked().is_empty(), !is_asked);
    }
    let a = good();
    let repository = Repository::default();
    fetch(&client(&format!("{},direct", a.url()), &repository), Endpoint::Zip).await.unwrap();
    assert!(repository.asked().is_empty(), "the proxy has it");
}

#[tokio::test]
async fn nothing_behind_it_is_asked() {
    for kind in [ErrorKind::NotFound, ErrorKind::Repository] {
        let a = good();
        for list in [format!("direct,{}", a.url()), format!("direct|{}", a.url())] {
            let error = fetch(&client(&list, &Repository::failing(kind)), Endpoint::Info).await.unwrap_err();
            assert_eq!((error.kind(), error.is_not_found()), (kind, kind == ErrorKind::NotFound));
            assert_eq!(error.to_string(), "example.com/Upper/m@v1.2.3: direct access failed");
            let wanted = [
                ("m?go-get=1".to_owned(), "200 OK".to_owned(), "same_source"),
                ("git show v1.2.3".to_owned(), "exit status: 128: fatal".to_owned(), "same_source"),
                ("v1.2.3.info".to_owned(), "fatal: so it was to be".to_owned(), "end_of_list"),
            ];
            assert_eq!(told(&error), wanted);
        }
        assert_eq!(a.hits(), 0);
    }
}

/// Its error says more than those of the proxies before it, as in Go.
#[tokio::test]
async fn its_error_is_the_one_reported() {
    let a = faulty(Endpoint::Any, Fault::status(500));
    for kind in [ErrorKind::NotFound, ErrorKind::Repository, ErrorKind::Timeout] {
        let repository = Repository::failing(kind);
        let error = fetch(&client(&format!("{}|direct", a.url()), &repository), Endpoint::Mod).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(repository.asked(), ["mod"], "it is asked once");
        let report = error.report().to_string();
        assert!(
            report.starts_with("example.com/Upper/m@v1.2.3: direct access failed: fatal: so it"),
            "{report}"
        );
        assert!(
            report.contains("asked: http://") && report.contains("asked: git show mod: exit"),
            "{report}"
        );
    }
    // What a proxy asked for comes first.
    let a = faulty(Endpoint::Any, Fault::status(401));
    let repository = Repository::default();
    repository.fail(DirectError::new(ErrorKind::Repository, "no git").next_step("install git"));
    let error = fetch(&client(&format!("{}|direct", a.url()), &repository), Endpoint::Mod).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Repository, Some(401)));
    assert!(error.next_step().unwrap().starts_with("credentials are sent over https alone"), "{error:?}");
    let repository = Repository::default();
    let error = DirectError::new(ErrorKind::Repository, "no git").next_step("install git");
    repository.fail(error);
    let error = fetch(&client("direct", &repository), Endpoint::Mod).await.unwrap_err();
    assert_eq!(error.next_step().as_deref(), Some("install git"));
}

#[tokio::test]
async fn gonoproxy_leads_to_it_whatever_the_list_says() {
    let a = good();
    let private = PrefixPatterns::parse("example.com/Upper");
    for list in [a.url(), "off".to_owned(), format!("{}|direct", a.url()), "direct".to_owned()] {
        let repository = Repository::default();
        let client = with(&list, &repository).gonoproxy(private.clone()).build().unwrap();
        for file in FILES {
            assert_eq!(fetch(&client, file).await.unwrap().source(), Some("direct"));
        }
        for kind in [ErrorKind::NotFound, ErrorKind::Repository] {
            let repository = Repository::failing(kind);
            let client = with(&list, &repository).gonoproxy(private.clone()).build().unwrap();
            let error = fetch(&client, Endpoint::Info).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{list}");
            assert_eq!(repository.asked(), [VERSION], "asked once, {list}");
            assert!(error.to_string().ends_with("direct access failed"), "{error}");
        }
    }
    assert_eq!(a.hits(), 0);
    let repository = Repository::default();
    let client = with(&a.url(), &repository).gonoproxy(PrefixPatterns::parse("other.example")).build();
    fetch(&client.unwrap(), Endpoint::Info).await.unwrap();
    assert!(repository.asked().is_empty());
}

#[tokio::test]
async fn queries_are_answered_by_its_tags_and_revisions() {
    let repository = Repository::default();
    let client = client("direct", &repository);
    let resolve = async |query: &str| {
        let query = Query::new(query).unwrap();
        client.resolve(&path(), &query, &QueryOptions::new(), |_, _| Ok(())).await
    };
    assert_eq!(resolve("latest").await.unwrap().value.module, module());
    assert_eq!(resolve("<v1.2.0").await.unwrap().value.module.version().as_str(), "v1.0.0");
    assert_eq!(resolve("feature/x").await.unwrap().value.module, module(), "a slash is no obstacle here");
    assert_eq!(client.latest(&path()).await.unwrap().value.version, VERSION);
    let update = client.update(&"example.com/Upper/m@v1.0.0".parse().unwrap(), &[], |_, _| Ok(())).await;
    assert_eq!(update.unwrap().value.newer.unwrap().module, module());
    repository.fail(DirectError::new(ErrorKind::NotFound, "unknown revision nope"));
    assert!(resolve("nope").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_verdict_counts_as_at_a_proxy() {
    let repository = Repository::default();
    let client = client("direct", &repository);
    *repository.zip.lock().unwrap() = Some(b"something else".to_vec());
    let mut zip = client.zip(&module()).await.unwrap();
    assert_eq!(zip.size(), Some(14));
    assert_eq!(zip.source().as_deref(), Some("direct"));
    assert_eq!(crate::sources::read(&mut zip).await.unwrap(), b"something else");
    assert!(zip.partial().is_none());
    let rejection = Rejection::new(RejectionKind::Mismatch, "another hash");
    let error = zip.reject(rejection).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.to_string().contains("direct:example.com/!upper/m/@v/v1.2.3.zip"), "{error}");
    // The wrong bytes are not asked for again for a while.
    let error = client.zip(&module()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(repository.asked(), ["zip"]);

    let check = |_: &[u8]| Err(Rejection::malformed("no go.mod file"));
    let error = client.go_mod_checked(&module(), check).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
}

#[tokio::test]
async fn limits_hold_for_what_it_gives() {
    let repository = Repository::default();
    let limits = Limits::new().go_mod(10).zip(10);
    let client = with("direct", &repository).limits(limits).build().unwrap();
    for file in [Endpoint::Mod, Endpoint::Zip] {
        let error = fetch(&client, file).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(error.attempts().len(), 3, "with its steps");
    }
}

#[tokio::test(start_paused = true)]
async fn the_whole_time_ends_it_and_dropping_does() {
    let repository = Repository { hangs: true, ..Repository::default() };
    let timeouts = Timeouts::new().total(Duration::from_secs(7));
    let client = with("direct", &repository).timeouts(timeouts).build().unwrap();
    let error = fetch(&client, Endpoint::Zip).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(repository.was_dropped.swap(false, Ordering::Relaxed));
    let outcomes: Vec<_> = error.attempts().iter().map(|a| a.outcome().to_owned()).collect();
    assert_eq!(outcomes, ["200 OK", "given up", "not complete after 7s"]);
    {
        let fetched = pin!(fetch(&client, Endpoint::Info));
        tokio::time::timeout(Duration::from_secs(1), fetched).await.unwrap_err();
    }
    assert!(repository.was_dropped.load(Ordering::Relaxed));
}

#[tokio::test]
async fn what_it_says_shows_no_secret_and_has_an_end() {
    let repository = Repository::default();
    repository.fail(DirectError::new(ErrorKind::Repository, format!("s3cr3t-t0k3n {}", "x".repeat(5000))));
    let credentials = gomod_proxy_client::Credentials::new().basic("git.example", "me", "s3cr3t-t0k3n");
    let list = "https://me:s3cr3t-t0k3n@goproxy.invalid|direct";
    let client = with(list, &repository).credentials(credentials).retries(quick_retries()).build().unwrap();
    let error = fetch(&client, Endpoint::Info).await.unwrap_err();
    let report = format!("{} {error:?}", error.report());
    assert!(report.contains("xxxxx") && !report.contains("s3cr3t"), "{report}");
    assert!(error.attempts().iter().all(|attempt| attempt.outcome().chars().count() <= 1000));
}
