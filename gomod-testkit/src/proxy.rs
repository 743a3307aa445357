//! A module proxy on 127.0.0.1 that serves a tree, and fails where a rule says so.

use std::io::{BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use crate::fault::{Fault, Step, steps, without_redirects};
use crate::flapping::Flapping;
use crate::http::{Reply, Request};
#[cfg(feature = "http2")]
use crate::http2;
use crate::rule::{Endpoint, Rule};
use crate::sumdb_server::{Mount, SumDb};
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
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    #[cfg(feature = "http2")]
    http2: bool,
}

impl ProxyBuilder {
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
        self.tls = Some(Tls::new(certificate));
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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("the address of a listener");
        let server = Arc::new(Server {
            tree: self.tree,
            databases: self.databases,
            ranges: self.ranges,
            #[cfg(feature = "tls")]
            tls: self.tls,
            #[cfg(feature = "http2")]
            http2: self.http2,
            rules: Mutex::new(self.rules),
            flapping: self.flapping.map(Mutex::new),
            answering: Mutex::default(),
            idle: Condvar::new(),
            requests: Mutex::default(),
            stopped: Mutex::new(false),
            stopping: Condvar::new(),
        });
        let accepting = thread::spawn({
            let server = Arc::clone(&server);
            move || accept(&server, &listener)
        });
        LoopbackProxy { server, address, accepting: Some(accepting) }
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

#[derive(Debug)]
struct Server {
    tree: ModuleTree,
    databases: Vec<Mount>,
    ranges: bool,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    #[cfg(feature = "http2")]
    http2: bool,
    rules: Mutex<Vec<Rule>>,
    flapping: Option<Mutex<Flapping>>,
    /// Requests that were read and not yet answered.
    answering: Mutex<usize>,
    idle: Condvar,
    requests: Mutex<Vec<Request>>,
    stopped: Mutex<bool>,
    stopping: Condvar,
}

/// A connection and its thread. Only the thread owns the stream, so that the thread's end is its end.
#[derive(Debug)]
struct Connection {
    stream: Weak<TcpStream>,
    thread: JoinHandle<()>,
}

/// A request that is being answered, or whose client has not gone away.
struct Answering<'a>(&'a Server);

impl<'a> Answering<'a> {
    fn start(server: &'a Server) -> Self {
        *lock(&server.answering) += 1;
        Self(server)
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        *lock(&self.0.answering) -= 1;
        self.0.idle.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(server: &Arc<Server>, listener: &TcpListener) -> Vec<Connection> {
    let mut connections: Vec<Connection> = Vec::new();
    loop {
        let accepted = listener.accept();
        if *lock(&server.stopped) {
            return connections;
        }
        // What fails here is a client that went away before it was accepted.
        let Ok((stream, _)) = accepted else { continue };
        let stream = Arc::new(stream);
        connections.retain(|connection| !connection.thread.is_finished());
        connections.push(Connection {
            stream: Arc::downgrade(&stream),
            thread: thread::spawn({
                let server = Arc::clone(server);
                move || server.meet(&stream)
            }),
        });
    }
}

impl Server {
    #[cfg(feature = "tls")]
    fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "with TLS it depends")]
    fn scheme(&self) -> &'static str {
        "http"
    }

    fn meet(&self, stream: &TcpStream) {
        let _ = stream.set_nodelay(true);
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            #[cfg(feature = "http2")]
            if self.http2 {
                let answer = |request: &Request| {
                    lock(&self.requests).push(request.clone());
                    self.fault_and_answer(request)
                };
                if let Ok(Some(mut secured)) = http2::meet(tls, stream, answer) {
                    self.converse(&mut secured, stream);
                }
                return;
            }
            let mut secured = tls.accept(stream);
            self.converse(&mut secured, stream);
            // A body without a length is complete only where TLS says that it ends.
            secured.conn.send_close_notify();
            let _ = secured.flush();
            return;
        }
        self.converse(stream, stream);
    }

    /// Answers what comes through `wire`, which runs over `stream`.
    fn converse(&self, wire: impl Read + Write, stream: &TcpStream) {
        let mut wire = BufReader::new(wire);
        while let Ok(Some(request)) = Request::read(&mut wire) {
            let _answering = Answering::start(self);
            lock(&self.requests).push(request.clone());
            for step in self.answer(&request) {
                if self.take(step, wire.get_mut(), stream).is_none() {
                    return;
                }
            }
            if request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
                return;
            }
        }
    }

    fn answer(&self, request: &Request) -> Vec<Step> {
        let (fault, good) = self.fault_and_answer(request);
        steps(fault.as_ref(), request, good)
    }

    fn fault_and_answer(&self, request: &Request) -> (Option<Fault>, Reply) {
        let path = without_redirects(&request.path);
        let (endpoint, module) = Endpoint::of(path);
        let fault = lock(&self.rules).iter_mut().find_map(|rule| rule.meet(endpoint, module));
        let database = || self.databases.iter().find_map(|mount| mount.get(path));
        let good = match self.tree.get(path).or_else(database) {
            _ if request.method != "GET" => Reply::new(405),
            None => Reply::new(404).content_type(TEXT).body(format!("not found: {path}")),
            Some(body) => Reply::new(200).content_type(content_type(endpoint)).body(body),
        };
        let good = if self.ranges && good.code == 200 { good.ranged(request) } else { good };
        let fault = fault.or_else(|| lock(self.flapping.as_ref()?).meet(path, good.body.len()));
        (fault, good)
    }

    /// Does one step; `None` where the connection has ended.
    fn take(&self, step: Step, wire: &mut (impl Read + Write), stream: &TcpStream) -> Option<()> {
        match step {
            Step::Send(bytes) => wire.write_all(&bytes).and_then(|()| wire.flush()).ok(),
            Step::Pause(time) => {
                self.pause(time);
                Some(())
            }
            Step::Stall => {
                let mut ignored = [0; 1024];
                while wire.read(&mut ignored).is_ok_and(|count| count > 0) {}
                None
            }
            Step::Close => None,
            Step::Reset => {
                let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
                None
            }
        }
    }

    fn pause(&self, time: Duration) {
        let stopped = lock(&self.stopped);
        let _ = self.stopping.wait_timeout_while(stopped, time, |stopped| !*stopped);
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn content_type(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Info | Endpoint::Latest => "application/json",
        Endpoint::Zip => "application/zip",
        _ => TEXT,
    }
}
