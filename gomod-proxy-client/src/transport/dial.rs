//! From a name to a connection: all addresses of a server are tried.
//!
//! The HTTP library connects by itself. Here it is given one address at a time: a request is begun once more with the next
//! address where the one before it fails, or after [`FALLBACK_DELAY`] while it has no connection, TLS included ("happy
//! eyeballs", RFC 8305). The first one with a connection stays, the others are dropped before they send anything.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::Response;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use tokio::sync::OnceCell;
use tokio::time::{Instant, Sleep, sleep};
use tower_layer::Layer;
use tower_service::Service;
use url::{Host, Url};

use crate::report::pending::Phase;
use crate::transport::addresses::Addresses;
use crate::transport::waits::Wait;

/// When the next address is tried while another one is connecting, as in Go's `net.Dialer`.
const FALLBACK_DELAY: Duration = Duration::from_millis(300);
tokio::task_local! {
    /// The try whose connection is being made.
    static TRY: Arc<Try>;
}

/// One request, and all tries to get a connection for it.
pub(crate) struct Dial {
    addresses: Arc<Addresses>,
    wait: Arc<Wait>,
    /// The server in the library's pool.
    server: String,
    /// Whom to connect to: the server or its HTTP proxy.
    host: String,
    port: u16,
    literal: Option<SocketAddr>,
    /// The phases of this request before and behind the connection.
    connecting: Phase,
    asking: Phase,
    known: OnceCell<Vec<SocketAddr>>,
    taken: AtomicUsize,
    has_connection: AtomicBool,
    /// Whether an answer came: else the address failed.
    answered: AtomicBool,
}

/// A try with one address.
struct Try {
    dial: Arc<Dial>,
    address: OnceLock<SocketAddr>,
    phase: Mutex<Phase>,
    has_connection: AtomicBool,
}

impl Dial {
    /// For a connection to `target`, kept for `server`. `connecting` and `asking` are the phases before and behind it.
    pub(crate) fn new(
        addresses: &Arc<Addresses>,
        wait: &Arc<Wait>,
        server: &str,
        target: &Url,
        (connecting, asking): (Phase, Phase),
    ) -> Arc<Self> {
        let port = target.port_or_known_default().unwrap_or(1080);
        let literal = match target.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            // What has no special scheme keeps its host as text.
            Some(Host::Domain(name)) => name.parse().ok(),
            None => None,
        };
        Arc::new(Self {
            addresses: Arc::clone(addresses),
            wait: Arc::clone(wait),
            server: server.to_owned(),
            host: target.host_str().unwrap_or_default().to_owned(),
            port,
            literal: literal.map(|address| SocketAddr::new(address, port)),
            connecting,
            asking,
            known: OnceCell::new(),
            taken: AtomicUsize::new(0),
            has_connection: AtomicBool::new(false),
            answered: AtomicBool::new(false),
        })
    }

    /// The response to the request that `send` makes, with a connection to whichever address gives one first.
    ///
    /// # Errors
    /// The first error, where none does; else that of the one.
    pub(crate) async fn send<F>(self: &Arc<Self>, send: impl FnMut() -> F) -> Result<Response, reqwest::Error>
    where
        F: Future<Output = Result<Response, reqwest::Error>> + Send,
    {
        self.wait.is_likely_at(self.asking, self.literal.or_else(|| self.addresses.last(&self.server)));
        let mut tries = Tries { dial: self, send, all: Vec::new(), first: None, is_known: false };
        tries.start();
        let mut delay = Box::pin(sleep(FALLBACK_DELAY));
        let response = poll_fn(|cx| tries.poll(cx, delay.as_mut())).await?;
        self.answered.store(true, Ordering::Relaxed);
        Ok(response)
    }

    fn has_connection(&self) -> bool {
        self.has_connection.load(Ordering::Relaxed)
    }

    fn has_more(&self) -> bool {
        self.known.get().is_some_and(|known| self.taken.load(Ordering::Relaxed) < known.len())
    }

    /// Whether the address that was asked, and gave no answer, is one of several; it comes last from now on.
    pub(crate) fn blame(&self) -> bool {
        if self.answered.load(Ordering::Relaxed) {
            return false;
        }
        let place = self.wait.place();
        let Some(address) = place.address else { return false };
        self.addresses.failed(address);
        place.phase == self.asking && self.literal.is_none()
    }
}

struct Tries<'a, S, F> {
    dial: &'a Arc<Dial>,
    send: S,
    all: Vec<(Arc<Try>, Pin<Box<F>>)>,
    /// The first failure, and where.
    first: Option<(SocketAddr, Phase, reqwest::Error)>,
    /// Whether the addresses were known when it was looked last.
    is_known: bool,
}

impl<S, F> Tries<'_, S, F>
where
    S: FnMut() -> F,
    F: Future<Output = Result<Response, reqwest::Error>> + Send,
{
    fn start(&mut self) {
        let started = Arc::new(Try {
            dial: Arc::clone(self.dial),
            address: OnceLock::new(),
            phase: Mutex::new(self.dial.asking),
            has_connection: AtomicBool::new(false),
        });
        self.all.push((started, Box::pin((self.send)())));
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut delay: Pin<&mut Sleep>,
    ) -> Poll<Result<Response, reqwest::Error>> {
        loop {
            let mut failed = false;
            for (started, mut future) in std::mem::take(&mut self.all) {
                if self.dial.has_connection() && !started.has_connection() {
                    started.lost();
                    continue;
                }
                let error = match TRY.sync_scope(Arc::clone(&started), || future.as_mut().poll(cx)) {
                    Poll::Pending => {
                        self.all.push((started, future));
                        continue;
                    }
                    Poll::Ready(Ok(response)) => return Poll::Ready(Ok(response)),
                    Poll::Ready(Err(error)) => error,
                };
                let Some(address) = started.address().filter(|_| !started.has_connection()) else {
                    return Poll::Ready(Err(error));
                };
                failed = true;
                started.lost();
                self.first.get_or_insert((address, *lock(&started.phase), error));
            }
            if self.dial.has_connection() {
                // Those that were polled before it.
                self.all.retain(|(started, _)| started.has_connection() || started.lost());
                return Poll::Pending;
            }
            // Counted from the beginning of the first connection.
            if !std::mem::replace(&mut self.is_known, self.dial.known.initialized()) && self.is_known {
                delay.as_mut().reset(Instant::now() + FALLBACK_DELAY);
            }
            let is_due = delay.as_mut().poll(cx).is_ready();
            if (failed || is_due) && self.dial.has_more() {
                self.start();
                delay.as_mut().reset(Instant::now() + FALLBACK_DELAY);
            } else if self.all.is_empty()
                && let Some((address, phase, error)) = self.first.take()
            {
                self.dial.wait.is_at(phase, Some(address));
                return Poll::Ready(Err(error));
            } else {
                return Poll::Pending;
            }
        }
    }
}

impl Try {
    fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }

    fn has_connection(&self) -> bool {
        self.has_connection.load(Ordering::Relaxed)
    }

    /// Another address was faster, or this one failed: it comes last from now on. Returns false.
    fn lost(&self) -> bool {
        if let Some(address) = self.address() {
            self.dial.addresses.failed(address);
        }
        false
    }

    fn is_at(&self, phase: Phase) {
        *lock(&self.phase) = phase;
        self.dial.wait.is_at(phase, self.address());
    }

    /// A connection is begun.
    fn connects(&self) {
        match self.dial.literal {
            Some(address) => self.connects_to(address),
            None => self.is_at(Phase::Name),
        }
    }

    fn connects_to(&self, address: SocketAddr) {
        let _ = self.address.set(address);
        self.is_at(self.dial.connecting);
    }

    fn connected(&self) {
        self.has_connection.store(true, Ordering::Relaxed);
        self.dial.has_connection.store(true, Ordering::Relaxed);
        if let Some(address) = self.address() {
            self.dial.addresses.connected(&self.dial.server, address);
        }
        self.is_at(self.dial.asking);
    }

    /// The address of this try: the next one of the name.
    async fn next_address(&self) -> io::Result<SocketAddr> {
        let dial = &self.dial;
        let known = dial.known.get_or_try_init(|| dial.addresses.look_up(&dial.host, dial.port)).await?;
        let next = known.get(dial.taken.fetch_add(1, Ordering::Relaxed)).copied();
        let none = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        next.inspect(|address| self.connects_to(*address)).ok_or_else(none)
    }
}

/// TLS is begun on the connection that is being made.
#[cfg(feature = "rustls-no-provider")]
pub(crate) fn tls_begins() {
    let _ = TRY.try_with(|started| started.is_at(Phase::Tls));
}

/// Gives the library one address at a time.
pub(crate) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let started = TRY.try_with(Arc::clone).ok().filter(|started| started.dial.host == name.as_str());
        Box::pin(async move {
            let addresses: Vec<_> = match started {
                Some(started) => vec![started.next_address().await?],
                None => lookup_host((name.as_str(), 0)).await?.collect(),
            };
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Sees the library's connections begin and end.
#[derive(Clone)]
pub(crate) struct Connections;

#[derive(Clone)]
pub(crate) struct Connector<S> {
    inner: S,
}

impl<S> Layer<S> for Connections {
    type Service = Connector<S>;

    fn layer(&self, inner: S) -> Connector<S> {
        Connector { inner }
    }
}

impl<S, R> Service<R> for Connector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.inner.call(request);
        let Ok(started) = TRY.try_with(Arc::clone) else { return Box::pin(connecting) };
        started.connects();
        // The library may go on with it in a task of its own, where another connection was faster.
        Box::pin(TRY.scope(Arc::clone(&started), async move {
            let connection = connecting.await?;
            started.connected();
            Ok(connection)
        }))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
