//! Everything can be sent to and shared with other threads, futures included.

use gomod_proxy_client::auth::Netrc;
use gomod_proxy_client::policy::{BreakerPolicy, Limits, RetryPolicy, Timeouts};
use gomod_proxy_client::protocol::{Endpoint, Fallback, GoProxyError};
use gomod_proxy_client::report::{Attempt, Trace};
use gomod_proxy_client::transport::{BuildError, HttpProxies, Partial};
use gomod_proxy_client::{
    Credentials, Error, Event, Fetched, GoProxy, ProxyClient, ProxyClientBuilder, Rejection, ZipFetch,
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
