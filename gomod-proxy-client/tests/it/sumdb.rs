//! Which source serves a checksum database, and what is read from it.

use gomod_module::PrefixPatterns;
use gomod_proxy_client::ErrorKind;
use gomod_proxy_client::client::SumDbClient;
use gomod_proxy_client::report::Trace;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Rule, SumDb, SumDbLog};

use crate::sources::{builder, client, good};

const LOOKUP: &str = "lookup/x.y/!m@v1.0.0";
const SUPPORTED: &str = "sumdb/sum.example.org/supported";
const LIMIT: u64 = 1 << 20;

fn database() -> SumDb {
    let mut log = SumDbLog::new("sum.example.org", 8);
    log.add("x.y/M", "v1.0.0", "x.y/M v1.0.0 h1:x\n");
    SumDb::new(log)
}

fn serving(database: &SumDb) -> LoopbackProxy {
    LoopbackProxy::builder(ModuleTree::new()).proxied_database(database).start()
}

fn answering(code: u16) -> LoopbackProxy {
    LoopbackProxy::builder(ModuleTree::new()).fault(Endpoint::Any, Fault::status(code)).start()
}

fn open(list: &str) -> SumDbClient {
    client(list).sum_db("sum.example.org", None).unwrap()
}

fn nexts(trace: &Trace) -> Vec<&str> {
    trace.attempts().iter().map(|attempt| attempt.next().as_str()).collect()
}

#[tokio::test]
async fn the_first_proxy_that_serves_it_is_the_only_one_asked() {
    let database = database();
    let (first, second) = (serving(&database), serving(&database));
    let reader = open(&format!("{},{}", first.url(), second.url()));
    let found = reader.source().await.unwrap();
    assert_eq!(found.value, format!("{}/sumdb/sum.example.org", first.url()));
    assert_eq!(nexts(&found.trace), ["same_source"]);

    let read = reader.read(LOOKUP, LIMIT).await.unwrap();
    assert_eq!(Some(read.value.to_vec()), database.get(LOOKUP));
    assert_eq!(nexts(&read.trace), ["found"]);
    // What it does not have nobody has.
    let error = reader.read("lookup/x.y/other@v1.0.0", LIMIT).await.unwrap_err();
    assert!(error.is_not_found());
    assert!(error.to_string().starts_with("sum.example.org: reading http://"), "{error}");
    let files = [LOOKUP, "lookup/x.y/other@v1.0.0"].map(|file| format!("sumdb/sum.example.org/{file}"));
    assert_eq!(first.requests(), [SUPPORTED, &files[0], &files[1]]);
    assert_eq!(second.hits(), 0);
}

/// Reference: what cmd/go does for these answers to `supported`, `true` where it goes on to the second proxy.
#[tokio::test]
async fn answers_lead_on_or_end_the_search_as_in_go() {
    let database = database();
    for (code, separator, goes_on) in [
        (404, ',', true),
        (410, ',', true),
        (404, '|', true),
        (500, ',', false),
        (403, ',', false),
        (204, ',', false),
        (500, '|', true),
        (403, '|', true),
    ] {
        let (first, second) = (answering(code), serving(&database));
        let reader = open(&format!("{}{separator}{}", first.url(), second.url()));
        let read = reader.read(LOOKUP, LIMIT).await;
        assert_eq!(read.is_ok(), goes_on, "{code}{separator}");
        assert_eq!(second.hits(), if goes_on { 2 } else { 0 });
        if let Err(error) = read {
            assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(code)));
            // The verdict stands: it is not asked again.
            assert_eq!(reader.read(LOOKUP, LIMIT).await.unwrap_err().status(), Some(code));
            assert_eq!(first.hits(), 1);
        }
    }
}

#[tokio::test]
async fn without_a_proxy_that_serves_it_the_database_itself_is_asked() {
    // A port that is not listening: what matters is where the request would go.
    let refused = LoopbackProxy::refused_url();
    let name = refused.strip_prefix("http://").unwrap();
    let (absent, broken) = (answering(404), answering(503));
    for (list, is_direct) in [
        ("off".to_owned(), true),
        ("direct".to_owned(), true),
        (absent.url(), true),
        (format!("{},direct", absent.url()), true),
        (format!("{}|off", absent.url()), true),
        // Where direct access is allowed, an earlier error does not matter.
        (format!("{}|direct", broken.url()), true),
        (format!("{}|off", broken.url()), false),
        (format!("{}|{}", broken.url(), absent.url()), false),
    ] {
        let reader = client(&list).sum_db(name, None).unwrap();
        let error = reader.read(LOOKUP, LIMIT).await.unwrap_err();
        let last = error.attempts().last().unwrap();
        let direct = last.url() == Some(&format!("https://{name}/{}", LOOKUP.replace('!', "%21")));
        assert_eq!(direct, is_direct, "{list}: {error:?}");
        if is_direct {
            assert_eq!(reader.source().await.unwrap().value, format!("https://{name}"));
        } else {
            assert_eq!(error.status(), Some(503));
        }
    }
}

#[tokio::test]
async fn a_given_url_is_asked_and_no_proxy() {
    let database = database();
    let server = LoopbackProxy::builder(ModuleTree::new()).database(&database).start();
    let proxy = serving(&database);
    for slash in ["", "/"] {
        let url = format!("{}{slash}", server.url());
        let reader = client(&proxy.url()).sum_db("sum.example.org", Some(&url)).unwrap();
        assert_eq!(reader.source().await.unwrap().value, url);
        assert!(reader.read(LOOKUP, LIMIT).await.is_ok());
    }
    assert_eq!((server.requests(), proxy.hits()), (vec![LOOKUP.to_owned(); 2], 0));

    let dir = tempfile::tempdir().unwrap();
    database.update(|log| log.write_to(dir.path())).unwrap();
    let url = format!("file://{}", dir.path().display());
    let reader = client("off").sum_db("sum.example.org", Some(&url)).unwrap();
    assert!(reader.read(LOOKUP, LIMIT).await.is_ok());
    assert!(reader.read("lookup/x.y/other@v1.0.0", LIMIT).await.unwrap_err().is_not_found());

    for url in ["ftp://a.example", "a.example", "http://[", "user:pw@a.example"] {
        let error = client("off").sum_db("sum.example.org", Some(url)).unwrap_err();
        assert!(!format!("{error} {:?}", error.source).contains("pw"), "{error:?}");
    }
}

#[tokio::test]
async fn gonoproxy_does_not_matter() {
    let database = database();
    let proxy = serving(&database);
    let client = builder(&proxy.url()).gonoproxy(PrefixPatterns::parse("*")).build().unwrap();
    assert!(client.sum_db("sum.example.org", None).unwrap().read(LOOKUP, LIMIT).await.is_ok());
}

#[tokio::test]
async fn many_at_once_search_once() {
    let database = database();
    let (absent, proxy) = (answering(404), serving(&database));
    let reader = open(&format!("{},{}", absent.url(), proxy.url()));
    let reads: Vec<_> = (0..8)
        .map(|_| {
            let reader = reader.clone();
            tokio::spawn(async move { reader.read(LOOKUP, LIMIT).await })
        })
        .collect();
    let mut attempts = 0;
    for read in reads {
        attempts += read.await.unwrap().unwrap().trace.attempts().len();
    }
    // Each request stands in one trace.
    assert_eq!((absent.hits(), proxy.hits(), attempts), (1, 9, 10));
}

#[tokio::test]
async fn reads_have_limits_and_stay_below_the_base() {
    let database = database();
    let length = database.get(LOOKUP).unwrap().len() as u64;
    let proxy = serving(&database);
    let reader = open(&proxy.url());
    assert!(reader.read(LOOKUP, length).await.is_ok());
    assert_eq!(reader.read(LOOKUP, length - 1).await.unwrap_err().kind(), ErrorKind::TooLarge);
    let before = proxy.hits();
    for path in ["../../secret", "lookup/../../a", "/etc/passwd", "", "tile//8"] {
        assert_eq!(reader.read(path, LIMIT).await.unwrap_err().kind(), ErrorKind::InvalidUrl, "{path}");
    }
    assert_eq!(proxy.hits(), before);
}

#[tokio::test]
async fn a_fault_on_the_way_is_the_error_of_that_file() {
    let database = database();
    let rule = Rule::new(Endpoint::SumDb, Fault::CutBody { after: 3, reset: false }).skip(1).times(1);
    let proxy = LoopbackProxy::builder(ModuleTree::new()).proxied_database(&database).rule(rule).start();
    let reader = open(&proxy.url());
    let error = reader.read(LOOKUP, LIMIT).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteBody);
    assert!(error.is_transient());
    assert!(reader.read(LOOKUP, LIMIT).await.is_ok());
    // A proxy of modules that does not know of databases.
    assert!(open(&good().url()).source().await.unwrap().value.starts_with("https://sum.example.org"));
}

#[tokio::test]
async fn an_error_of_the_search_is_the_answer_for_a_while() {
    let database = database();
    let a = LoopbackProxy::builder(ModuleTree::new()).proxied_database(&database);
    let a = a.rule(Rule::new(Endpoint::Any, Fault::status(500))).start();
    let reader = open(&a.url());
    for _ in 0..2 {
        assert_eq!(reader.read(LOOKUP, LIMIT).await.unwrap_err().status(), Some(500));
    }
    assert_eq!(a.hits(), 1);
    a.recover();
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(30)).await;
    tokio::time::resume();
    assert!(reader.read(LOOKUP, LIMIT).await.is_ok());
}

/// As for the files of modules: "not found" in place of a repeated error does not open a `,`.
#[tokio::test]
async fn not_found_after_an_error_does_not_open_a_comma() {
    let database = database();
    let b = serving(&database);
    let a = LoopbackProxy::builder(ModuleTree::new())
        .rule(Rule::new(Endpoint::Any, Fault::status(503)).times(1))
        .fault(Endpoint::Any, Fault::status(404))
        .start();
    let list = format!("{},{}", a.url(), b.url());
    let client = builder(&list).retries(crate::sources::quick_retries()).build().unwrap();
    let error = client.sum_db("sum.example.org", None).unwrap().source().await.unwrap_err();
    assert_eq!((error.status(), a.hits(), b.hits()), (Some(503), 2, 0));
}

/// A database that answers `supported` and never anything else.
#[tokio::test]
async fn a_silent_database_is_not_waited_for_as_long_as_a_proxy_that_builds() {
    let rule = Rule::new(Endpoint::SumDb, Fault::StallBeforeFirstByte).skip(1);
    let database = database();
    let a = LoopbackProxy::builder(ModuleTree::new()).proxied_database(&database).rule(rule).start();
    let stall = std::time::Duration::from_millis(900);
    let client = builder(&a.url()).timeouts(gomod_proxy_client::policy::Timeouts::new().stall(stall));
    let client = client.retries(crate::sources::quick_retries()).build().unwrap();
    let error = client.sum_db("sum.example.org", None).unwrap().read(LOOKUP, LIMIT).await.unwrap_err();
    assert_eq!(error.limit(), Some(gomod_proxy_client::report::Limit::FirstByte(stall / 3 * 2)));
    assert_eq!((a.hits(), error.kind()), (3, ErrorKind::Stalled));
}
