//! The driver and what is built on it: a session with a cache and a function that fetches, and the verdict of go.sum, else of
//! the database.

use std::cell::Cell;
use std::future::{self, Future};
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use gomod_module::{H1, ModuleVersion};
use gomod_sum::go_sum::ChecksumReport;
use gomod_sum::sumdb::{
    ChecksumError, Database, DatabaseError, FnCache, MemoryCache, Routing, Session, SessionOptions,
    SumDbCache, SumDbError, Unchecked, VerifierError, VerifierKey,
};
use gomod_sum::{GoSum, Kind, ProvedBy, Verifier, hash_go_mod};
use gomod_testkit::SumDbLog;

use super::driver::{HEIGHT, log};

const PUBLIC: &str = "https://proxy.example.org";

fn module(text: &str) -> ModuleVersion {
    text.parse().unwrap()
}

fn hash(content: &str) -> H1 {
    hash_go_mod(content.as_bytes())
}

/// A log with one module whose lines have real hashes, and one without a line for its zip.
fn known() -> SumDbLog {
    let mut log = SumDbLog::new("sum.example.org", 8);
    let lines = format!("x.y/a v1.0.0 {}\nx.y/a v1.0.0/go.mod {}\n", hash("zip"), hash("mod"));
    log.add("x.y/a", "v1.0.0", &lines);
    log.add("x.y/b", "v1.0.0", &format!("x.y/b v1.0.0/go.mod {}\n", hash("mod")));
    log
}

fn verify(
    sum: &str,
    routing: [&str; 3],
    log: &SumDbLog,
    question: (&str, Kind, &str),
) -> Result<ProvedBy, VerifierError> {
    let [gosumdb, gonosumdb, goproxy] = routing;
    let verifier =
        Verifier::new(GoSum::parse(sum.as_bytes()).unwrap(), Routing::new(gosumdb, gonosumdb, goproxy));
    let fetch = |file: &str| log.get(file).ok_or(io::Error::from(io::ErrorKind::NotFound));
    let key = log.key().parse().unwrap();
    let mut database = Database::blocking(key, MemoryCache::new(), |file| fetch(&file.path));
    let (name, kind, content) = question;
    verifier.verify_blocking(&module(name), kind, &hash(content), &mut database)
}

#[test]
fn go_sum_decides_first_and_then_the_database() {
    let log = known();
    let asked = ["sum.example.org", "", PUBLIC];
    let a = ("x.y/a@v1.0.0", Kind::Zip, "zip");
    let line = format!("x.y/z v1.0.0 h1:other\nx.y/a v1.0.0 {}\n", hash("zip"));
    assert_eq!(verify(&line, asked, &log, a).unwrap(), ProvedBy::GoSum { file: "go.sum".into(), line: 2 });
    assert_eq!(verify("", asked, &log, a).unwrap(), ProvedBy::Database { record: 0 });
    // A line of an algorithm that is not known proves nothing, and the database is asked.
    assert_eq!(verify("x.y/a v1.0.0 h2:x\n", asked, &log, a).unwrap(), ProvedBy::Database { record: 0 });

    let error = verify("x.y/a v1.0.0 h1:other\n", asked, &log, a).unwrap_err();
    let VerifierError::Mismatch(wrong) = error else { panic!("{error}") };
    assert!(matches!(&wrong, ChecksumError::GoSum(found) if found.line == 1));
    assert_eq!(
        (wrong.hashes(), wrong.place()),
        (Some(("h1:other", &hash("zip"))), "go.sum line 1".to_owned())
    );
    let error = verify("", asked, &log, ("x.y/a@v1.0.0", Kind::Zip, "another")).unwrap_err();
    assert_eq!(error.to_string(), "verifying x.y/a@v1.0.0: checksum mismatch");
    let VerifierError::Mismatch(wrong) = error else { panic!("{error}") };
    assert!(matches!(&wrong, ChecksumError::Database(SumDbError::Mismatch(_))));
    assert_eq!(wrong.place(), "record 0 of the checksum database");
    let error = verify("", asked, &log, ("x.y/b@v1.0.0", Kind::Zip, "zip")).unwrap_err();
    assert!(matches!(error, VerifierError::Mismatch(ChecksumError::Database(SumDbError::NoLine { .. }))));
    let error = verify("", asked, &log, ("x.y/c@v1.0.0", Kind::Zip, "zip")).unwrap_err();
    assert!(matches!(error, VerifierError::Unknown { .. }));
    assert_eq!(
        error.to_string(),
        "missing go.sum entry: x.y/c v1.0.0, and the checksum database has no proof"
    );
}

#[test]
fn what_must_not_be_asked_about_is_unchecked_and_not_fetched() {
    let log = SumDbLog::new("sum.example.org", 8); // knows nothing
    let a = ("x.y/a@v1.0.0", Kind::Zip, "zip");
    let off = ["off", "", PUBLIC];
    assert_eq!(verify("", off, &log, a).unwrap(), ProvedBy::Unchecked(Unchecked::Off));
    let private = ["sum.example.org", "x.y", PUBLIC];
    assert_eq!(verify("", private, &log, a).unwrap(), ProvedBy::Unchecked(Unchecked::Private));
    assert!(verify("x.y/a v1.0.0 h1:other\n", off, &log, a).is_err(), "go.sum counts all the same");
    let toolchain = ("golang.org/toolchain@v0.0.1-go1.26.0.linux-amd64", Kind::Zip, "zip");
    assert!(matches!(verify("", off, &log, toolchain), Err(VerifierError::Unknown { .. })));
}

#[test]
fn lines_about_another_module_prove_nothing() {
    let log = known();
    let key: VerifierKey = log.key().parse().unwrap();
    let mut database = Database::blocking(key, MemoryCache::new(), |file| log.get(&file.path).ok_or("none"));
    let lines = database.lookup_blocking(&module("x.y/a@v1.0.0")).unwrap();
    let verifier = Verifier::new(GoSum::default(), Routing::new("sum.example.org", "", PUBLIC));
    assert!(verifier.expected(&module("x.y/a@v1.0.0"), Kind::Zip).is_none());
    assert!(verifier.expected_from(&module("x.y/a@v1.0.0"), Kind::Zip, lines.clone()).is_ok());
    assert!(verifier.expected_from(&module("x.y/a@v1.0.1"), Kind::Zip, lines).is_err());
}

#[test]
fn a_database_that_shows_two_logs_ends_the_run() {
    let (log, mut other) = (known(), SumDbLog::new("sum.example.org", 8));
    for name in ["x.y/c", "x.y/d", "x.y/e"] {
        other.add(name, "v1.0.0", &format!("{name} v1.0.0 {}\n", hash("zip")));
    }
    let cache = MemoryCache::new();
    let shows_other = Cell::new(false);
    let fetch =
        |path: &str| if shows_other.get() { other.get(path) } else { log.get(path) }.ok_or("not there");
    let mut session = Session::new(log.key().parse().unwrap());
    session.lookup(&module("x.y/a@v1.0.0"));
    assert!(session.run_blocking(&cache, |file| fetch(&file.path)).unwrap()[0].result.is_ok());
    shows_other.set(true);
    let mut database = Database::blocking(log.key().parse().unwrap(), cache, |file| fetch(&file.path));
    let error = database.lookup_blocking(&module("x.y/d@v1.0.0")).unwrap_err();
    assert!(matches!(error, DatabaseError::Misbehavior(_)), "{error:?}");
}

#[test]
fn what_the_cache_has_is_not_fetched() {
    let log = known();
    let cache = MemoryCache::new();
    let reads = Cell::new(0);
    for expected in [2, 2] {
        let mut session = Session::new(log.key().parse().unwrap());
        session.lookup(&module("x.y/a@v1.0.0"));
        let answers = session.run_blocking(&cache, |file| {
            reads.set(reads.get() + 1);
            log.get(&file.path).ok_or("not there")
        });
        answers.unwrap()[0].result.as_ref().unwrap();
        assert_eq!(reads.get(), expected, "a lookup and a tile, once");
    }
}

/// Is not ready when it is asked for the first time.
async fn later() {
    let mut asked = false;
    future::poll_fn(|context| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A cache that is asked by way of futures that are not ready at once.
struct Slow(MemoryCache);

impl SumDbCache for Slow {
    type Error = std::convert::Infallible;

    async fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Self::Error> {
        later().await;
        self.0.read(path, limit).await
    }

    async fn write(&self, path: &str, content: &[u8]) {
        later().await;
        self.0.write(path, content).await;
    }

    async fn read_head(&self) -> Result<Vec<u8>, Self::Error> {
        later().await;
        self.0.read_head().await
    }

    async fn replace_head(&self, old: &[u8], new: &[u8]) -> Result<bool, Self::Error> {
        later().await;
        self.0.replace_head(old, new).await
    }
}

#[test]
fn many_files_are_fetched_at_a_time_and_not_too_many() {
    let log = log(100, HEIGHT.into());
    let options = SessionOptions::new().tile_height(HEIGHT);
    let mut session = Session::with_options(log.key().parse().unwrap(), options);
    for i in 0..100 {
        session.lookup(&module(&format!("x.y/m{i}@v1.{i}.0")));
    }
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let fetch = |file: gomod_sum::sumdb::ReadRequest| {
        let (running, most, log) = (&running, &most, &log);
        async move {
            most.fetch_max(running.fetch_add(1, Relaxed) + 1, Relaxed);
            later().await;
            running.fetch_sub(1, Relaxed);
            log.get(&file.path).ok_or("not there")
        }
    };
    let cache = Slow(MemoryCache::new());
    let run = session.run(&cache, &fetch);
    let mut run = pin!(send(run));
    let answers = loop {
        if let Poll::Ready(answers) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            break answers.unwrap();
        }
    };
    assert_eq!(answers.len(), 100);
    assert!(answers.iter().all(|answer| answer.result.is_ok()));
    assert_eq!(most.load(Relaxed), 32);

    // The thread is woken where a future is not ready.
    let mut session = Session::new(known().key().parse().unwrap());
    session.lookup(&module("x.y/a@v1.0.0"));
    let answers =
        session.run_blocking(&Slow(MemoryCache::new()), |file| known().get(&file.path).ok_or("none"));
    answers.unwrap()[0].result.as_ref().unwrap();
}

/// A run can be given to another thread.
fn send<T: Send>(value: T) -> T {
    value
}

#[test]
fn reports_have_both_hashes_and_where_one_of_them_stands() {
    let log = known();
    let asked = ["sum.example.org", "", PUBLIC];
    let report = |sum: &str, question| {
        let error = verify(sum, asked, &log, question).unwrap_err();
        let report = error.report().to_string();
        assert_eq!(ChecksumReport::of(&error), Some(error.report()));
        report.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (other, found) = (hash("other"), hash("zip"));
    let a = ("x.y/a@v1.0.0", Kind::Zip, "zip");
    let lines = report(&format!("\nx.y/a v1.0.0 {other}\n"), a);
    assert_eq!(lines[0], "verifying x.y/a@v1.0.0: checksum mismatch");
    assert_eq!(lines[1..3], [format!("  recorded: {other} (go.sum line 2)"), format!("     found: {found}")]);
    assert!(lines[3].contains("ask another source"), "{lines:?}");
    // A line that records no hash is told from tampering, and cannot steer a terminal.
    let lines = report("x.y/a v1.0.0 h1:\u{1b}[2J\u{202e}\n", a);
    assert_eq!(lines[1], "  recorded: h1:\\x1b[2J\\u202e (go.sum line 1)");
    assert!(lines[3].contains("cannot be the hash of any module"), "{lines:?}");
    let lines = report(&format!("x.y/a v1.0.0 h1:{}\n", "x".repeat(100_000)), a);
    assert!(lines.iter().all(|line| line.len() < 400), "{lines:?}");

    let lines = report("", ("x.y/a@v1.0.0", Kind::Zip, "other"));
    assert_eq!(lines[1], format!("  recorded: {found} (record 0 of the checksum database)"));
    assert!(lines[3].contains("everybody else got others"), "{lines:?}");
    let lines = report("", ("x.y/b@v1.0.0", Kind::Zip, "zip"));
    assert!(lines.len() == 2 && lines[1].contains("do not use this version"), "{lines:?}");
    let lines = report("", ("x.y/c@v1.0.0", Kind::Zip, "zip"));
    assert!(
        lines[0].contains("is not available") && lines[1].contains("check path and version"),
        "{lines:?}"
    );
}

/// An error of another crate, which a wrong hash led to.
#[test]
fn a_report_is_found_below_other_errors() {
    #[derive(Debug, thiserror::Error)]
    #[error("the content was rejected")]
    struct Rejected(#[source] Box<dyn std::error::Error + Send + Sync>);

    let sum = GoSum::parse(format!("x.y/a v1.0.0 {}\n", hash("other")).as_bytes()).unwrap();
    let error = sum.verify(&module("x.y/a@v1.0.0"), Kind::Zip, &hash("zip")).unwrap_err();
    let report = error.mismatch().unwrap().report();
    let checksum = ChecksumError::from(error.mismatch().unwrap().clone());
    assert_eq!(ChecksumReport::of(&Rejected(error.into())), Some(report.clone()));
    assert_eq!(ChecksumReport::of(&Rejected(Box::new(Rejected(checksum.into())))), Some(report));
    assert_eq!(ChecksumReport::of(&io::Error::other("disk")), None);
}

/// Four functions are a cache: what was proven is kept by them, and proves again without a network.
#[test]
fn functions_make_a_cache() {
    let (log, kept) = (known(), MemoryCache::new());
    let database = |online: bool| {
        let cache = FnCache {
            read: |path: &str, limit: u64| block_on(kept.read(path, limit)),
            write: |path: &str, content: &[u8]| block_on(kept.write(path, content)),
            read_head: || block_on(kept.read_head()),
            replace_head: |old: &[u8], new: &[u8]| block_on(kept.replace_head(old, new)),
        };
        let log = &log;
        Database::blocking(log.key().parse().unwrap(), cache, move |file| {
            log.get(&file.path).filter(|_| online).ok_or(io::Error::from(io::ErrorKind::NotFound))
        })
    };
    assert!(database(false).lookup_blocking(&module("x.y/a@v1.0.0")).is_err());
    database(true).lookup_blocking(&module("x.y/a@v1.0.0")).unwrap();
    database(false).lookup_blocking(&module("x.y/a@v1.0.0")).unwrap();
    assert!(!block_on(kept.read_head()).unwrap().is_empty());
}

/// The output of a future that is ready.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}
