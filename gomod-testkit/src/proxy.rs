//! A module proxy on 127.0.0.1 that serves a tree, and fails where a rule says so.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU64;
use std::sync::{Arc, LazyLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::fault::Fault;
use crate::flapping::Flapping;
use crate::http::Request;
use crate::rule::{Endpoint, Rule};
use crate::scenario::Scenario;
use crate::serving::{Connection, Seen, Server, Watcher, accept, lock};
use crate::sumdb_server::{Mount, SumDb};
use crate::throttle::Throttle;
#[cfg(feature = "tls")]
use crate::tls::{Certificate, Tls};
use crate::tree::ModuleTree;

/// What a [`LoopbackProxy`] is started with.
#[derive(Debug)]
pub struct ProxyBuilder {
    tree: ModuleTree,
    rules: Vec<Rule>,
    databases: Vec<Mount>,
    flapping: Option<Flapping>,
    ranges: bool,
    latency: Option<Duration>,
    bandwidth: Option<NonZeroU64>,
    watcher: Option<Watcher>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    #[cfg(feature = "http2")]
    http2: bool,
}

impl ProxyBuilder {
    /// Does wrong what a scenario says, after the rules that there are already.
    ///
    /// # Panics
    /// When it speaks TLS and this machine has no randomness for keys.
    #[must_use]
    pub fn scenario(mut self, mut scenario: Scenario) -> Self {
        self.rules.extend(scenario.seeded_rules());
        if let Some(one_in) = scenario.cut_one_in {
            self = self.flapping(one_in.get(), scenario.seed);
        }
        #[cfg(feature = "tls")]
        if let Some(certificate) = scenario.tls {
            self = self.tls(certificate);
        }
        self.ranges |= scenario.ranges;
        self.latency = scenario.latency.or(self.latency);
        self.bandwidth = scenario.bandwidth.or(self.bandwidth);
        self
    }

    /// Waits so long before each answer.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = Some(latency);
        self
    }

    /// Sends so many bytes a second, over all connections together.
    #[must_use]
    pub fn bandwidth(mut self, bytes: NonZeroU64) -> Self {
        self.bandwidth = Some(bytes);
        self
    }

    /// Tells what happened after it has, from the threads of the connections.
    #[must_use]
    pub fn watched(mut self, watcher: impl Fn(Seen) + Send + Sync + 'static) -> Self {
        self.watcher = Some(Watcher(Box::new(watcher)));
        self
    }

    /// One rule more. Of the rules that apply to a request, the first added wins.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// A rule for every request to this endpoint.
    #[must_use]
    pub fn fault(self, endpoint: Endpoint, fault: Fault) -> Self {
        self.rule(Rule::new(endpoint, fault))
    }

    /// Is a checksum database besides: `lookup/…`, `tile/…` and `latest` at its root.
    #[must_use]
    pub fn database(mut self, database: &SumDb) -> Self {
        self.databases.push(Mount::root(database));
        self
    }

    /// Serves a checksum database below `sumdb/$NAME/`, and says so in `supported`.
    #[must_use]
    pub fn proxied_database(mut self, database: &SumDb) -> Self {
        self.databases.push(Mount::proxied(database));
        self
    }

    /// Cuts off the body of one answer in `one_in`, somewhere. Which and where depends on the seed, the path, and how often
    /// that path was asked for before, and on nothing else. Answers that a rule spoils are not counted.
    ///
    /// # Panics
    /// Where `one_in` is 0.
    #[must_use]
    pub fn flapping(mut self, one_in: u64, seed: u64) -> Self {
        self.flapping = Some(Flapping::new(one_in, seed));
        self
    }

    /// Whether answers carry an `ETag` and `Range` requests are answered in part; not unless this is called.
    #[must_use]
    pub fn ranges(mut self, ranges: bool) -> Self {
        self.ranges = ranges;
        self
    }

    /// Speaks TLS and shows a certificate, which the proxy's own authority has signed.
    ///
    /// # Panics
    /// When this machine has no randomness for keys.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, certificate: Certificate) -> Self {
        self.tls = Some(Tls::new(certificate, false));
        self
    }

    /// The same with clients that must show a certificate of the same authority: [`LoopbackProxy::client_pem`] has one.
    ///
    /// # Panics
    /// When this machine has no randomness for keys.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn mutual_tls(mut self) -> Self {
        self.tls = Some(Tls::new(Certificate::Good, true));
        self
    }

    /// Offers HTTP/2 on connections with TLS. There, [`Fault::CutBody`] ends a stream and not the connection, a
    /// [`Fault::Reply`] is as ever, and any other fault ends the stream before the answer.
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn http2(mut self) -> Self {
        self.http2 = true;
        self
    }

    /// The running proxy, on a free port.
    ///
    /// # Panics
    /// When this machine has no free port on 127.0.0.1.
    pub fn start(self) -> LoopbackProxy {
        self.start_at(0).expect("a free port on 127.0.0.1")
    }

    /// The running proxy, on this port, where 0 is a free one.
    ///
    /// # Errors
    /// What the system says where the port is taken, or forbidden.
    pub fn start_at(self, port: u16) -> io::Result<LoopbackProxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let server = Arc::new(Server {
            tree: self.tree,
            databases: self.databases,
            ranges: self.ranges,
            latency: self.latency,
            throttle: self.bandwidth.map(Throttle::new),
            watcher: self.watcher,
            #[cfg(feature = "tls")]
            tls: self.tls,
            #[cfg(feature = "http2")]
            http2: self.http2,
            rules: self.rules.into(),
            flapping: self.flapping.map(Into::into),
            ..Server::default()
        });
        let accepting = thread::spawn({
            let server = Arc::clone(&server);
            move || accept(&server, &listener)
        });
        Ok(LoopbackProxy { server, address, accepting: Some(accepting) })
    }
}

/// A running proxy. Dropping it ends every connection and every thread.
#[derive(Debug)]
pub struct LoopbackProxy {
    server: Arc<Server>,
    address: SocketAddr,
    accepting: Option<JoinHandle<Vec<Connection>>>,
}

impl LoopbackProxy {
    /// A proxy that serves a tree without faults.
    pub fn serve(tree: ModuleTree) -> Self {
        Self::builder(tree).start()
    }

    /// A proxy that is not started yet.
    pub fn builder(tree: ModuleTree) -> ProxyBuilder {
        ProxyBuilder {
            tree,
            rules: Vec::new(),
            databases: Vec::new(),
            flapping: None,
            ranges: false,
            latency: None,
            bandwidth: None,
            watcher: None,
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "http2")]
            http2: false,
        }
    }

    /// A URL where every connection is refused, now and later.
    ///
    /// # Panics
    /// When this machine has no free port on 127.0.0.1.
    pub fn refused_url() -> String {
        // Bound for good, so that no other listener gets the port, and never listening.
        static BOUND: LazyLock<(Socket, SocketAddr)> = LazyLock::new(|| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
            socket
                .bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())
                .expect("a free port on 127.0.0.1");
            let address = socket.local_addr().ok().and_then(|address| address.as_socket());
            (socket, address.expect("the address of a socket"))
        });
        format!("http://{}", BOUND.1)
    }

    /// The base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("{}://{}", self.server.scheme(), self.address)
    }

    /// The certificate of the proxy's authority in PEM, or `None` where it does not speak TLS.
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.server.tls.as_ref().map(|tls| tls.ca_pem.as_str())
    }

    /// A certificate that [`ProxyBuilder::mutual_tls`] takes, with its key, in PEM.
    #[cfg(feature = "tls")]
    pub fn client_pem(&self) -> Option<&str> {
        self.server.tls.as_ref()?.client_pem.as_deref()
    }

    /// The address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The decoded paths of all requests so far, in the order they arrived.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.server.requests).iter().map(|request| request.path.clone()).collect()
    }

    /// All requests so far with their headers, in the order they arrived.
    pub fn log(&self) -> Vec<Request> {
        lock(&self.server.requests).clone()
    }

    /// How many requests arrived so far.
    pub fn hits(&self) -> usize {
        lock(&self.server.requests).len()
    }

    /// One rule more, behind those there are.
    pub fn add_rule(&self, rule: Rule) {
        lock(&self.server.rules).push(rule);
    }

    /// No rules any more: from now on every answer is right.
    pub fn recover(&self) {
        lock(&self.server.rules).clear();
    }

    /// Waits until no request is being answered: a client that goes away ends its own.
    ///
    /// # Panics
    /// Where that takes a minute.
    pub fn wait_until_idle(&self) {
        let answering = lock(&self.server.answering);
        let limit = Duration::from_secs(60);
        let waited = self.server.idle.wait_timeout_while(answering, limit, |count| *count > 0);
        let (count, end) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!end.timed_out(), "{} requests are still being answered", *count);
    }
}

impl Drop for LoopbackProxy {
    fn drop(&mut self) {
        *lock(&self.server.stopped) = true;
        self.server.stopping.notify_all();
        // `accept` has no other way to hear of the end.
        drop(TcpStream::connect(self.address));
        let connections = self.accepting.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        for connection in &connections {
            if let Some(stream) = connection.stream.upgrade() {
                let _ = stream.shutdown(std::net::Shutdown::Both);
            }
        }
        for connection in connections {
            let _ = connection.thread.join();
        }
    }
}
