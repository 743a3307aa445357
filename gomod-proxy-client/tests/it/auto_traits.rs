//! Everything can be sent to and shared with other threads, futures included.

use gomod_proxy_client::protocol::{Endpoint, Fallback};
use gomod_proxy_client::{
    Attempt, BreakerPolicy, BuildError, Credentials, Error, Event, Fetched, GoProxy, GoProxyError,
    HttpProxies, Limits, Netrc, Partial, ProxyClient, ProxyClientBuilder, Rejection, RetryPolicy, Timeouts,
    Trace, ZipFetch,
};

use crate::sources::{client, module, path};

fn send_sync<T: Send + Sync>() {}
fn send<T: Send>(_: T) {}

#[test]
fn types() {
    send_sync::<(Attempt, BuildError, Error, Event, Fetched<()>, GoProxy, GoProxyError)>();
    send_sync::<(HttpProxies, Limits, ProxyClient, ProxyClientBuilder, Rejection, Timeouts, Trace)>();
    send_sync::<(Credentials, Netrc)>();
    send_sync::<(BreakerPolicy, Endpoint, Fallback, Partial, RetryPolicy)>();
    send_sync::<ZipFetch>();
}

#[test]
fn futures() {
    let (client, module, path) = (client("off"), module(), path());
    send(client.info(&module));
    send(client.go_mod(&module, |_| Ok(())));
    send(client.versions(&path));
    send(client.latest(&path));
    send(client.zip(&module));
    send(async {
        let mut zip = client.zip(&module).await?;
        zip.next().await
    });
}
