//! Whom a client waits for.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

/// How many of the addresses that were tried are named besides the last one.
const MAX_NAMED: usize = 3;

/// A request that has not been answered yet, or whose answer does not go on: what
/// [`ProxyClient::pending`](crate::ProxyClient::pending) lists.
#[derive(Debug, Clone)]
pub struct Pending {
    url: String,
    place: Place,
    waited: Duration,
}

/// What a request has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The addresses of the server's name, or of the HTTP proxy's, are looked up.
    Name,
    /// A connection is made.
    Connect,
    /// A connection to an HTTP proxy is made, or the proxy is asked to connect.
    HttpProxy,
    /// TLS is agreed on.
    Tls,
    /// The request has been sent.
    Request,
    /// The answer has begun.
    Body,
    /// A try failed, and the next one is not due yet.
    Retry,
}

/// A phase, and with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) phase: Phase,
    /// The server's, or that of the HTTP proxy through which it is asked.
    pub(crate) address: Option<SocketAddr>,
}

/// A place where a request failed, and the other addresses that had been tried by then.
#[derive(Debug, Clone)]
pub(crate) struct At {
    place: Place,
    others: Vec<SocketAddr>,
}

impl Phase {
    /// A stable name in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Connect => "connect",
            Self::HttpProxy => "http_proxy",
            Self::Tls => "tls",
            Self::Request => "request",
            Self::Body => "body",
            Self::Retry => "retry",
        }
    }
}

impl Pending {
    /// The URL that was asked for, redacted.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the request has come to.
    pub fn phase(&self) -> Phase {
        self.place.phase
    }

    /// The server's address, or that of the HTTP proxy through which it is asked, where it is known.
    pub fn address(&self) -> Option<SocketAddr> {
        self.place.address
    }

    /// How long it has been waited for: since the request, or since its last bytes came.
    pub fn waited(&self) -> Duration {
        self.waited
    }
}

/// Such as `https://proxy.golang.org/x/@v/list: no answer from 203.0.113.7:443 for 12 s`.
impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} for {} s", self.url, self.place, self.waited.as_secs())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, whom) = match self.phase {
            Phase::Name => ("its name is looked up", ""),
            Phase::Connect => ("no connection", " to "),
            Phase::HttpProxy => ("no tunnel through the HTTP proxy", " at "),
            Phase::Tls => ("no TLS", " with "),
            Phase::Request => ("no answer", " from "),
            Phase::Body => ("no more bytes", " from "),
            Phase::Retry => ("not asked again yet after it failed", ""),
        };
        match self.address {
            Some(address) if !whom.is_empty() => write!(f, "{what}{whom}{address}"),
            _ => f.write_str(what),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        let mut others = self.others.iter();
        for (index, address) in others.by_ref().take(MAX_NAMED).enumerate() {
            write!(f, "{}{address}", if index == 0 { ", nor from " } else { ", " })?;
        }
        match others.count() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// The requests of a client that are under way.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    all: Mutex<Vec<Weak<Wait>>>,
}

/// One of them: in the list until it is dropped.
#[derive(Debug)]
pub(crate) struct Wait {
    url: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    place: Place,
    /// None while the caller has the turn.
    since: Option<Instant>,
    tried: Vec<SocketAddr>,
}

impl Waits {
    pub(crate) fn begin(&self, url: &str) -> Arc<Wait> {
        let place = Place { phase: Phase::Request, address: None };
        let state = Mutex::new(State { place, since: Some(Instant::now()), tried: Vec::new() });
        let wait = Arc::new(Wait { url: url.to_owned(), state });
        let mut all = lock(&self.all);
        all.retain(|wait| wait.strong_count() > 0);
        all.push(Arc::downgrade(&wait));
        wait
    }

    /// The longest wait first.
    pub(crate) fn pending(&self) -> Vec<Pending> {
        let all = lock(&self.all);
        let mut pending: Vec<_> = all.iter().filter_map(|wait| wait.upgrade()?.pending()).collect();
        pending.sort_by_key(|pending| std::cmp::Reverse(pending.waited));
        pending
    }
}

impl Wait {
    fn pending(&self) -> Option<Pending> {
        let state = lock(&self.state);
        Some(Pending { url: self.url.clone(), place: state.place, waited: state.since?.elapsed() })
    }

    pub(crate) fn is_at(&self, phase: Phase, address: Option<SocketAddr>) {
        let mut state = lock(&self.state);
        state.place = Place { phase, address };
        let address = address.filter(|address| !state.tried.contains(address));
        state.tried.extend(address);
    }

    /// Where it most likely is, where an open connection may be used.
    pub(crate) fn is_likely_at(&self, phase: Phase, address: Option<SocketAddr>) {
        lock(&self.state).place = Place { phase, address };
    }

    /// From here on the source has the turn.
    pub(crate) fn resume(&self) {
        lock(&self.state).since = Some(Instant::now());
    }

    /// From here on the caller has the turn.
    pub(crate) fn pause(&self) {
        lock(&self.state).since = None;
    }

    /// The next server of a chain of redirects is asked.
    pub(crate) fn next_hop(&self) {
        let mut state = lock(&self.state);
        state.place = Place { phase: Phase::Request, address: None };
        state.tried.clear();
    }

    pub(crate) fn place(&self) -> Place {
        lock(&self.state).place
    }

    /// Where it fails.
    pub(crate) fn at(&self) -> At {
        let state = lock(&self.state);
        let others = state.tried.iter().copied().filter(|address| Some(*address) != state.place.address);
        // Once one of them has answered, the others do not matter.
        let others = others.filter(|_| !matches!(state.place.phase, Phase::Body | Phase::Request));
        At { place: state.place, others: others.collect() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whom_it_waits_for_and_how_long() {
        let waits = Waits::default();
        let (a, b) = (waits.begin("a"), waits.begin("b"));
        tokio::time::advance(Duration::from_secs(2)).await;
        b.resume();
        tokio::time::advance(Duration::from_secs(10)).await;
        a.is_at(Phase::Tls, Some("[2001:db8::7]:443".parse().unwrap()));
        let lines: Vec<_> = waits.pending().iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["a: no TLS with [2001:db8::7]:443 for 12 s", "b: no answer for 10 s"]);
        b.pause();
        assert_eq!(waits.pending().len(), 1, "its bytes are with the caller");
        drop(a);
        assert!(waits.pending().is_empty());
    }

    #[test]
    fn few_of_many_addresses_are_named() {
        let waits = Waits::default();
        let wait = waits.begin("a");
        for port in 1..=6 {
            wait.is_at(Phase::Connect, Some(SocketAddr::from(([192, 0, 2, 1], port))));
        }
        let wanted =
            "no connection to 192.0.2.1:6, nor from 192.0.2.1:1, 192.0.2.1:2, 192.0.2.1:3 and 2 more";
        assert_eq!(wait.at().to_string(), wanted);
    }
}
