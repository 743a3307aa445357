//! Everything can be sent to and shared with other threads, futures included.

use std::fmt::Debug;
use std::hash::Hash;

use gomod_module::Query;
use gomod_proxy_client::auth::Netrc;
use gomod_proxy_client::client::{Progress, Resolved, SumDbClient, Update};
use gomod_proxy_client::policy::{BreakerPolicy, Limits, RetryPolicy, Timeouts};
use gomod_proxy_client::protocol::{Endpoint, Fallback, GoProxyError};
use gomod_proxy_client::report::{Attempt, Limit, RejectionKind, Trace};
use gomod_proxy_client::transport::{BuildError, HttpProxies, Partial};
use gomod_proxy_client::{
    Credentials, Error, ErrorKind, Event, Fetched, GoProxy, ProxyClient, ProxyClientBuilder, QueryOptions,
    Rejection, ZipFetch,
};

use crate::sources::{client, module, path};

fn send_sync<T: Send + Sync>() {}
fn send<T: Send>(_: T) {}
fn key<T: Clone + Eq + Hash + Debug + Send + Sync + Unpin>() {}
fn value<T: Clone + Eq + Debug + Send + Sync + Unpin>() {}

#[test]
fn types() {
    send_sync::<(Attempt, BuildError, Error, Event, Fetched<()>, GoProxy, GoProxyError)>();
    send_sync::<(HttpProxies, Limits, ProxyClient, ProxyClientBuilder, Rejection, Timeouts, Trace)>();
    send_sync::<(Credentials, Netrc)>();
    send_sync::<(BreakerPolicy, Endpoint, Fallback, Partial, RetryPolicy)>();
    send_sync::<ZipFetch>();
    #[cfg(feature = "os")]
    send_sync::<(gomod_proxy_client::auth::AuthPrograms, gomod_proxy_client::auth::GoAuth)>();
}

#[test]
fn values_can_be_compared() {
    key::<(GoProxy, Limits, Timeouts, Partial, ErrorKind, RejectionKind, Limit, Progress)>();
    value::<(Attempt, Trace, Fetched<String>, Update, Resolved, Event)>();
}

#[test]
fn futures() {
    let (client, module, path) = (client("off"), module(), path());
    send(client.info(&module));
    send(client.go_mod(&module));
    send(client.go_mod_checked(&module, |_| Ok(())));
    send(client.versions(&path));
    send(client.latest(&path));
    send(client.resolve(&path, &Query::latest(), &QueryOptions::new(), |_, _| Ok(())));
    send(client.update(&module, &[], |_, _| Ok(())));
    send(client.zip(&module));
    send(client.zip_to(&module, &mut Vec::new(), |_| Ok(())));
    send(async {
        let mut zip = client.zip(&module).await?;
        zip.next().await?;
        zip.write_to(&mut Vec::new(), |_| {}, |_| Ok(())).await
    });
    let database = client.sum_db("sum.golang.org", None).unwrap();
    send(database.source());
    send(database.read("latest", 1));
    send_sync::<SumDbClient>();
}
