//! One module, the servers that have it, and what a client makes of them.

use std::time::Duration;

use gomod_module::{ModulePath, ModuleVersion};
use gomod_proxy_client::policy::{BreakerPolicy, RetryPolicy, Timeouts};
use gomod_proxy_client::report::Trace;
use gomod_proxy_client::{Error, Event, GoProxy, ProxyClient, ProxyClientBuilder, Rejection, ZipFetch};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, ModuleZip};

pub(crate) const PATH: &str = "example.com/Upper/m";
pub(crate) const VERSION: &str = "v1.2.3";
pub(crate) const WIRE: &str = "example.com/!upper/m/@v/v1.2.3";
pub(crate) const GO_MOD: &[u8] = b"module example.com/Upper/m\n\ngo 1.21\n";

pub(crate) fn module() -> ModuleVersion {
    ModuleVersion::parse(PATH, VERSION).unwrap()
}

pub(crate) fn path() -> ModulePath {
    ModulePath::new(PATH).unwrap()
}

pub(crate) fn zip_bytes() -> Vec<u8> {
    let source = gomod_testkit::source_text(7, 60_000);
    ModuleZip::new(PATH, VERSION).file("go.mod", GO_MOD).file("m.go", source).build()
}

pub(crate) fn tree() -> ModuleTree {
    ModuleTree::new().version(PATH, VERSION, GO_MOD, &zip_bytes())
}

pub(crate) fn good() -> LoopbackProxy {
    LoopbackProxy::serve(tree())
}

pub(crate) fn faulty(endpoint: Endpoint, fault: Fault) -> LoopbackProxy {
    LoopbackProxy::builder(tree()).fault(endpoint, fault).start()
}

/// A client that asks every source once, as Go does.
pub(crate) fn client(list: &str) -> ProxyClient {
    builder(list).build().unwrap()
}

pub(crate) fn builder(list: &str) -> ProxyClientBuilder {
    // Generous, because a machine under load is slow, but no test hangs.
    let timeouts = Timeouts::new().stall(Duration::from_secs(20));
    let builder = ProxyClient::builder(GoProxy::parse(list).unwrap()).timeouts(timeouts);
    builder.retries(RetryPolicy::none()).breaker(None)
}

/// The default number of retries, without a noticeable wait: nor for a source that is gone for good.
pub(crate) fn quick_retries() -> RetryPolicy {
    RetryPolicy::new().initial_backoff(Duration::from_micros(100)).patience(Duration::ZERO)
}

/// A client that asks again, and hardly waits.
pub(crate) fn persistent(list: &str) -> ProxyClient {
    builder(list).retries(quick_retries()).breaker(BreakerPolicy::new()).build().unwrap()
}

/// Fetches one kind of file; content that is not what it should be is rejected as malformed.
pub(crate) async fn fetch(client: &ProxyClient, endpoint: Endpoint) -> Result<Trace, Error> {
    match endpoint {
        Endpoint::Info => client.info(&module()).await.map(|fetched| fetched.trace),
        Endpoint::Mod => {
            let check = |data: &[u8]| {
                if data == GO_MOD { Ok(()) } else { Err(Rejection::malformed("not the go.mod file")) }
            };
            client.go_mod_checked(&module(), check).await.map(|fetched| fetched.trace)
        }
        Endpoint::Zip => {
            let expected = zip_bytes();
            let mut zip = client.zip(&module()).await?;
            loop {
                if read(&mut zip).await? == expected {
                    return Ok(zip.accept());
                }
                zip.reject(Rejection::malformed("not a valid zip file"))?;
            }
        }
        Endpoint::List => client.versions(&path()).await.map(|fetched| fetched.trace),
        Endpoint::Latest => client.latest(&path()).await.map(|fetched| fetched.trace),
        other => panic!("no file: {other:?}"),
    }
}

/// What a caller has at the end of the content.
pub(crate) async fn read(zip: &mut ZipFetch) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    while let Some(event) = zip.next().await? {
        match event {
            Event::Restart => content.clear(),
            Event::Resume { offset } => assert_eq!(content.len() as u64, offset),
            Event::Chunk(chunk) => {
                assert!(!chunk.is_empty());
                content.extend_from_slice(&chunk);
            }
            other => panic!("{other:?}"),
        }
    }
    Ok(content)
}
