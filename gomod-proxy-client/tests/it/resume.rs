//! A zip that breaks off goes on where it did, at the same URL and as long as it is the same file.

use gomod_proxy_client::report::Trace;
use gomod_proxy_client::transport::Partial;
use gomod_proxy_client::{ErrorKind, Event, ProxyClient, Rejection, ZipFetch};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ProxyBuilder, Reply, Request, Rule};

use crate::sources::{
    builder, client, fetch, good, module, persistent, quick_retries, read, tree, zip_bytes,
};

const CUT: Fault = Fault::CutBody { after: 500, reset: false };

fn ranged() -> ProxyBuilder {
    LoopbackProxy::builder(tree()).ranges(true)
}

fn once(fault: Fault) -> Rule {
    Rule::new(Endpoint::Zip, fault).times(1)
}

/// The events of a fetch, with bytes put together, and its content.
async fn events(zip: &mut ZipFetch) -> (Vec<String>, Vec<u8>) {
    let (mut events, mut content) = (Vec::new(), Vec::new());
    while let Some(event) = zip.next().await.unwrap() {
        match event {
            Event::Restart => {
                content.clear();
                events.push("restart".to_owned());
            }
            Event::Resume { offset } => {
                assert_eq!(offset, content.len() as u64);
                events.push(format!("resume {offset}"));
            }
            Event::Chunk(chunk) => content.extend_from_slice(&chunk),
            other => panic!("{other:?}"),
        }
    }
    (events, content)
}

fn ranges(log: &[Request]) -> Vec<String> {
    log.iter().map(|request| request.header("range").unwrap_or("-").to_owned()).collect()
}

fn bytes(trace: &Trace) -> u64 {
    trace.attempts().iter().map(gomod_proxy_client::report::Attempt::bytes).sum()
}

#[tokio::test]
async fn it_goes_on_where_it_broke_off() {
    let a = ranged().rule(once(CUT)).rule(once(CUT)).start();
    let mut zip = persistent(&a.url()).zip(&module()).await.unwrap();
    let (events, content) = events(&mut zip).await;
    assert_eq!(events, ["resume 500", "resume 1000"]);
    assert_eq!(content, zip_bytes());
    assert_eq!(zip.size(), Some(content.len() as u64));
    let log = a.log();
    assert_eq!(ranges(&log), ["-", "bytes=500-", "bytes=1000-"]);
    assert!(log[1].header("if-range").is_some_and(|tag| tag.starts_with('"')));
    assert!(log.iter().all(|request| request.header("accept-encoding") == Some("identity")));
    let trace = zip.accept();
    assert_eq!(bytes(&trace), content.len() as u64, "no byte twice");
    let last = trace.attempts().last().unwrap();
    assert_eq!((last.status(), last.offset()), (Some(206), 1000));
    assert!(last.to_string().contains(" from byte 1000: 206 Partial Content"), "{last}");
}

#[tokio::test]
async fn a_server_that_cannot_starts_again() {
    // No validator and no ranges; then a validator, but the file has changed; then answers that are not the rest.
    let etag = |reply: Reply| reply.header("ETag", "\"other\"").body(&zip_bytes()[500..]);
    let size = zip_bytes().len();
    let part = |range: String| Fault::Reply(etag(Reply::new(206).header("Content-Range", &range)));
    let end = size - 1;
    for (proxy, second) in [
        (LoopbackProxy::builder(tree()), None),
        (ranged(), Some(Fault::Reply(Reply::new(200).body(zip_bytes())))),
        (ranged(), Some(Fault::Reply(Reply::new(416).header("Content-Range", &format!("bytes */{size}"))))),
        (ranged(), Some(part(format!("bytes 500-{end}/{size}")))),
        (ranged(), Some(part(format!("bytes 501-{end}/{size}")))),
        (ranged(), Some(part(format!("bytes 500-{end}/{}", size + 1)))),
        (ranged(), Some(Fault::Reply(etag(Reply::new(206))))),
    ] {
        let name = format!("{second:?}").chars().take(120).collect::<String>();
        let mut proxy = proxy.rule(once(CUT));
        if let Some(second) = second {
            proxy = proxy.rule(once(second));
        }
        let a = proxy.start();
        let mut zip = persistent(&a.url()).zip(&module()).await.unwrap();
        let (events, content) = events(&mut zip).await;
        assert_eq!(events, ["restart"], "{name}");
        assert!(content == zip_bytes(), "{name}");
        assert!(a.hits() <= 3, "{name}");
    }
}

#[tokio::test]
async fn another_source_starts_from_the_beginning() {
    let (a, b) =
        (ranged().rule(once(CUT)).fault(Endpoint::Zip, Fault::status(502)).start(), ranged().start());
    let mut zip = persistent(&format!("{}|{}", a.url(), b.url())).zip(&module()).await.unwrap();
    let (events, content) = events(&mut zip).await;
    assert_eq!(events, ["restart"]);
    assert_eq!(content, zip_bytes());
    assert_eq!(
        (ranges(&a.log()), ranges(&b.log())),
        (vec!["-".into(), "bytes=500-".into()], vec!["-".into()])
    );
}

/// Nobody knows which of the answers was wrong, or whether they belong together at all.
#[tokio::test]
async fn a_zip_of_several_answers_is_fetched_whole_before_a_verdict_counts() {
    let flip = Fault::FlipByte { offset: 99 };
    for (separator, rejection) in
        [(",", Rejection::mismatch("checksum mismatch")), ("|", Rejection::malformed("not a zip"))]
    {
        let (a, b) = (ranged().rule(once(CUT)).rule(once(flip.clone())).start(), good());
        let mut zip = persistent(&format!("{}{separator}{}", a.url(), b.url())).zip(&module()).await.unwrap();
        let kind = rejection.kind();
        assert_ne!(events(&mut zip).await.1, zip_bytes());
        zip.reject(rejection).unwrap();
        let (events, content) = events(&mut zip).await;
        assert_eq!((events, content), (vec!["restart".to_owned()], zip_bytes()));
        assert_eq!((a.hits(), b.hits()), (3, 0));
        let trace = zip.accept();
        let said: Vec<_> = trace.attempts().iter().map(|a| (a.kind(), a.next().as_str())).collect();
        let rejected = if kind.as_str() == "mismatch" { ErrorKind::Mismatch } else { ErrorKind::Rejected };
        assert_eq!(
            said,
            [(Some(ErrorKind::IncompleteBody), "retry"), (Some(rejected), "same_source"), (None, "found")]
        );
    }
}

#[tokio::test]
async fn a_verdict_on_one_answer_counts_at_once_and_is_remembered() {
    let flip = Fault::FlipByte { offset: 99 };
    let a = ranged().rule(once(CUT)).fault(Endpoint::Zip, flip).start();
    let client = persistent(&a.url());
    let mut zip = client.zip(&module()).await.unwrap();
    read(&mut zip).await.unwrap();
    zip.reject(Rejection::mismatch("checksum mismatch")).unwrap();
    read(&mut zip).await.unwrap();
    let error = zip.reject(Rejection::mismatch("checksum mismatch")).unwrap_err();
    assert_eq!((error.kind(), a.hits()), (ErrorKind::Mismatch, 3));
    assert_eq!(client.zip(&module()).await.unwrap_err().kind(), ErrorKind::Mismatch);
    assert_eq!(a.hits(), 3);
}

/// Takes the first bytes of a zip, as a run does that is then killed.
async fn begin(client: &ProxyClient) -> (Vec<u8>, String) {
    let mut zip = client.zip(&module()).await.unwrap();
    let Some(Event::Chunk(chunk)) = zip.next().await.unwrap() else { panic!("no chunk") };
    (chunk.to_vec(), zip.partial().unwrap().to_string())
}

#[tokio::test]
async fn a_later_run_goes_on_with_what_an_earlier_one_left() {
    let a = ranged().rule(once(Fault::StallAfter(500))).start();
    let (mut content, text) = begin(&client(&a.url())).await;
    let partial: Partial = text.parse().unwrap();
    let have = content.len() as u64;
    assert_eq!(partial.size(), zip_bytes().len() as u64);

    let later = client(&a.url());
    let mut zip = later.zip_from(&module(), partial.clone().have(have)).await.unwrap();
    assert_eq!(zip.next().await.unwrap(), Some(Event::Resume { offset: have }));
    while let Some(event) = zip.next().await.unwrap() {
        let Event::Chunk(chunk) = event else { panic!("{event:?}") };
        content.extend_from_slice(&chunk);
    }
    assert_eq!(content, zip_bytes());
    assert_eq!(bytes(&zip.accept()), content.len() as u64 - have);

    // Elsewhere, with nothing, or with all: from the beginning.
    let b = ranged().start();
    for (client, have) in [(client(&b.url()), have), (client(&a.url()), 0), (later, content.len() as u64)] {
        let mut zip = client.zip_from(&module(), partial.clone().have(have)).await.unwrap();
        assert_eq!(zip.next().await.unwrap(), Some(Event::Restart));
        assert_eq!(read(&mut zip).await.unwrap(), content);
    }
}

#[tokio::test]
async fn what_an_earlier_run_left_is_not_trusted() {
    let a = ranged().rule(once(Fault::StallAfter(500))).start();
    let (content, text) = begin(&client(&a.url())).await;
    let partial: Partial = text.parse().unwrap();
    let mut zip = client(&a.url()).zip_from(&module(), partial.have(content.len() as u64)).await.unwrap();
    read_rest(&mut zip).await;
    // The caller's bytes were damaged meanwhile.
    zip.reject(Rejection::mismatch("checksum mismatch")).unwrap();
    assert_eq!(read(&mut zip).await.unwrap(), zip_bytes());
}

async fn read_rest(zip: &mut ZipFetch) {
    while zip.next().await.unwrap().is_some() {}
}

/// The library would tell the size of the packed bytes from that of the file, and the offsets would be others.
#[tokio::test]
async fn a_body_that_is_decoded_on_its_way_is_not_resumed() {
    let a = ranged().rule(once(Fault::GzipTruncated)).start();
    let mut zip = persistent(&a.url()).zip(&module()).await.unwrap();
    assert!(zip.partial().is_none());
    assert_eq!(events(&mut zip).await.0, ["restart"]);
    assert_eq!(ranges(&a.log()), ["-", "-"]);
}

#[tokio::test]
async fn small_files_are_fetched_whole() {
    for endpoint in [Endpoint::Info, Endpoint::Mod] {
        let cut = Fault::CutBody { after: 10, reset: false };
        let a = ranged().rule(Rule::new(endpoint, cut).times(1)).start();
        fetch(&persistent(&a.url()), endpoint).await.unwrap();
        assert_eq!(ranges(&a.log()), ["-", "-"]);
    }
}

/// Resuming is limited by what is asked for, like everything else.
#[tokio::test]
async fn the_limit_holds_for_all_answers_together() {
    let size = zip_bytes().len() as u64;
    let a = ranged().rule(once(CUT)).start();
    let limits = gomod_proxy_client::policy::Limits::new().zip(size - 1);
    let client = builder(&a.url()).retries(quick_retries()).limits(limits).build().unwrap();
    assert_eq!(client.zip(&module()).await.unwrap_err().kind(), ErrorKind::TooLarge);
}
