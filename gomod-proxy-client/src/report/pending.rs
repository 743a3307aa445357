//! Whom a client waits for.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// How many of the addresses that were tried are named besides the last one.
const MAX_NAMED: usize = 3;

/// A request that has not been answered yet, or whose answer does not go on: what
/// [`ProxyClient::pending`](crate::ProxyClient::pending) lists.
#[derive(Debug, Clone)]
pub struct Pending {
    pub(crate) url: String,
    pub(crate) place: Place,
    pub(crate) waited: Duration,
}

/// What a request has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// A command of GOAUTH is asked for credentials.
    Credentials,
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
    pub(crate) place: Place,
    pub(crate) others: Vec<SocketAddr>,
}

impl Phase {
    /// A stable name in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
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
            Phase::Credentials => ("no credentials from the commands of GOAUTH", ""),
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
