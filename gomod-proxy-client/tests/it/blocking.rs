//! Law: the blocking client answers what the asynchronous one answers, and inside a runtime it fails without a panic.
#![cfg(feature = "blocking")]

use gomod_proxy_client::{ErrorKind, Event, QueryOptions, Rejection, blocking};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Rule, SumDb, SumDbLog};

use crate::sources::{GO_MOD, VERSION, client, faulty, good, module, path, tree, zip_bytes};

fn read(zip: &mut blocking::ZipFetch) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(event) = zip.next().unwrap() {
        match event {
            Event::Restart => content.clear(),
            Event::Chunk(chunk) => content.extend_from_slice(&chunk),
            other => panic!("{other:?}"),
        }
    }
    content
}

#[test]
fn every_call_waits_for_its_answer() {
    let (bad, good) = (faulty(Endpoint::Zip, Fault::html()), good());
    let client = blocking::ProxyClient::new(client(&format!("{}|{}", bad.url(), good.url()))).unwrap();
    assert_eq!(client.info(&module()).unwrap().value.version, VERSION);
    assert_eq!(client.versions(&path()).unwrap().value, [VERSION]);
    assert_eq!(client.go_mod(&module()).unwrap().value, GO_MOD);
    let query = "latest".parse().unwrap();
    let found = client.resolve(&path(), &query, &QueryOptions::new(), |_, _| Ok(())).unwrap();
    assert_eq!(found.value.module, module());
    assert!(client.latest(&path()).unwrap_err().is_not_found());

    let mut zip = client.zip(&module()).unwrap();
    assert!(zip.size().is_some());
    assert_ne!(read(&mut zip), zip_bytes());
    zip.reject(Rejection::malformed("a page")).unwrap();
    assert_eq!(read(&mut zip), zip_bytes());
    assert_eq!(zip.source(), Some(good.url()));
    assert_eq!(zip.accept().source(), Some(&*good.url()));
}

#[test]
fn a_zip_goes_on_in_a_later_call() {
    let a = LoopbackProxy::builder(tree()).ranges(true);
    let a = a.rule(Rule::new(Endpoint::Zip, Fault::CutBody { after: 500, reset: false }).times(1)).start();
    let client = blocking::ProxyClient::new(client(&a.url())).unwrap();
    let mut zip = client.zip(&module()).unwrap();
    let mut content = Vec::new();
    while let Ok(Some(event)) = zip.next() {
        let Event::Chunk(chunk) = event else { panic!("{event:?}") };
        content.extend_from_slice(&chunk);
    }
    let partial = zip.partial().unwrap();
    let mut zip = client.zip_from(&module(), partial.have(content.len() as u64)).unwrap();
    assert_eq!(zip.next().unwrap(), Some(Event::Resume { offset: 500 }));
    content.extend(read(&mut zip));
    assert_eq!(content, zip_bytes());
    assert_eq!(zip.accept().attempts()[0].offset(), 500);
}

#[test]
fn a_checksum_database_is_read_and_private_paths_are_told() {
    let database = SumDb::new(SumDbLog::new("sum.example", 8));
    let a = LoopbackProxy::builder(tree()).proxied_database(&database).start();
    let client = blocking::ProxyClient::new(client(&a.url())).unwrap();
    let reader = client.sum_db("sum.example", None).unwrap();
    assert_eq!(reader.source().unwrap().value, format!("{}/sumdb/sum.example", a.url()));
    assert!(!reader.read("latest", 10_000).unwrap().value.is_empty());
    assert_eq!(reader.read("latest", 1).unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(client.sum_db("sum.example", Some("no URL")).is_err());
    assert_eq!(client.privacy_warning(&path()), None);
}

#[test]
fn threads_share_a_client() {
    let good = good();
    let client = blocking::ProxyClient::new(client(&good.url())).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(client.info(&module()).unwrap().value.version, VERSION));
        }
    });
}

#[tokio::test]
async fn inside_a_runtime_it_is_an_error() {
    let good = good();
    let client = blocking::ProxyClient::new(client(&good.url())).unwrap();
    let error = client.info(&module()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InsideRuntime);
    assert_eq!(error.module(), module().to_string());
    assert_eq!(good.hits(), 0);
    // Dropping it is none.
    drop(client);
}

/// Code that may wait is where it belongs.
#[tokio::test(flavor = "multi_thread")]
async fn where_waiting_harms_nobody_it_waits() {
    let good = good();
    let client = blocking::ProxyClient::new(client(&good.url())).unwrap();
    // Each time, whatever of its budget the task has used.
    for _ in 0..300 {
        assert_eq!(client.info(&module()).unwrap_err().kind(), ErrorKind::InsideRuntime);
        tokio::task::consume_budget().await;
    }
    let one = client.clone();
    let info = tokio::task::spawn_blocking(move || one.info(&module())).await.unwrap();
    assert_eq!(info.unwrap().value.version, VERSION);
    let info = tokio::task::block_in_place(|| client.info(&module()));
    assert_eq!(info.unwrap().value.version, VERSION);
    tokio::task::spawn_blocking(move || drop(client)).await.unwrap();
}

#[test]
fn beside_a_runtime_that_is_entered_it_waits() {
    let good = good();
    let client = blocking::ProxyClient::new(client(&good.url())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let entered = runtime.enter();
    client.info(&module()).unwrap();
    drop(entered);
    let inside = runtime.block_on(async { client.info(&module()) });
    assert_eq!(inside.unwrap_err().kind(), ErrorKind::InsideRuntime);
}

/// A connection that one runtime holds open is of no use to another one while nothing drives the first.
#[test]
fn one_client_serves_several_runtimes() {
    let good = good();
    let client = client(&good.url());
    let blocking: Vec<_> = (0..2).map(|_| blocking::ProxyClient::new(client.clone()).unwrap()).collect();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // More of them than have connections at a time.
    let runtimes: Vec<_> = (0..12).map(|_| runtime()).collect();
    let started = std::time::Instant::now();
    for _ in 0..3 {
        for blocking in &blocking {
            blocking.info(&module()).unwrap();
        }
        for runtime in &runtimes {
            runtime.block_on(client.info(&module())).unwrap();
        }
    }
    // A hang is as long as the limit for silence.
    assert!(started.elapsed() < std::time::Duration::from_secs(15), "{:?}", started.elapsed());
}
