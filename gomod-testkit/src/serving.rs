//! What a proxy does with its connections.

use std::fmt;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::answer::{Step, steps, without_redirects};
use crate::fault::Fault;
use crate::flapping::Flapping;
use crate::http::{Reply, Request};
#[cfg(feature = "http2")]
use crate::http2;
use crate::rule::{Endpoint, Rule};
use crate::sumdb_server::Mount;
use crate::throttle::Throttle;
#[cfg(feature = "tls")]
use crate::tls::Tls;
use crate::tree::ModuleTree;

/// What happened at a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// A request was answered, in whatever way.
    Answered(Answered),
    /// The client did not agree to speak TLS; why.
    NoHandshake(String),
}

/// A request, and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answered {
    /// The request.
    pub request: Request,
    /// What was done wrong.
    pub fault: Option<Fault>,
    /// The status of the answer that was meant, where it has one.
    pub status: Option<u16>,
    /// Bytes that were sent: head and body, before they were encrypted.
    pub sent: u64,
    /// Time from the request to the end of the answer.
    pub elapsed: Duration,
    /// How it ended.
    pub ended: Ended,
}

/// What became of a connection with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// It stays open.
    Kept,
    /// The proxy closed it.
    Closed,
    /// The proxy reset it.
    Reset,
    /// The client went away first.
    ClientLeft,
}

/// Who is told what happens.
pub(crate) struct Watcher(pub(crate) Box<dyn Fn(Seen) + Send + Sync>);

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}

#[derive(Debug, Default)]
pub(crate) struct Server {
    pub(crate) tree: ModuleTree,
    pub(crate) databases: Vec<Mount>,
    pub(crate) ranges: bool,
    pub(crate) latency: Option<Duration>,
    pub(crate) throttle: Option<Throttle>,
    pub(crate) watcher: Option<Watcher>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Tls>,
    #[cfg(feature = "http2")]
    pub(crate) http2: bool,
    pub(crate) rules: Mutex<Vec<Rule>>,
    pub(crate) flapping: Option<Mutex<Flapping>>,
    /// Requests that were read and not yet answered.
    pub(crate) answering: Mutex<usize>,
    pub(crate) idle: Condvar,
    pub(crate) requests: Mutex<Vec<Request>>,
    /// Connections that are still to be reset before the server is back.
    pub(crate) away: Mutex<usize>,
    pub(crate) stopped: Mutex<bool>,
    pub(crate) stopping: Condvar,
}

/// A connection and its thread. Only the thread owns the stream, so that the thread's end is its end.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: Weak<TcpStream>,
    pub(crate) thread: JoinHandle<()>,
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

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The end of a stream is a reset.
fn reset(stream: &TcpStream) {
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

pub(crate) fn accept(server: &Arc<Server>, listener: &TcpListener) -> Vec<Connection> {
    let mut connections: Vec<Connection> = Vec::new();
    loop {
        let accepted = listener.accept();
        if *lock(&server.stopped) {
            return connections;
        }
        // What fails here is a client that went away before it was accepted.
        let Ok((stream, _)) = accepted else { continue };
        if server.is_away(1) {
            reset(&stream);
            continue;
        }
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
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "with TLS it depends")]
    pub(crate) fn scheme(&self) -> &'static str {
        "http"
    }

    /// Whether the server is away, which so many connections less are made to find out.
    fn is_away(&self, made: usize) -> bool {
        let mut away = lock(&self.away);
        let is_away = *away > 0;
        *away = away.saturating_sub(made);
        is_away
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
            if let Err(error) = secured.conn.complete_io(&mut secured.sock) {
                self.tell(|| Seen::NoHandshake(error.to_string()));
                return;
            }
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
            if self.is_away(0) {
                return reset(stream);
            }
            let start = Instant::now();
            let (fault, steps) = self.answer(&request);
            let status = steps.iter().filter_map(Step::status).next_back();
            let mut sent = 0;
            self.pause(self.latency.unwrap_or_default());
            let mut steps = steps.into_iter();
            let ended = steps.try_for_each(|step| self.take(step, wire.get_mut(), stream, &mut sent));
            let ended = ended.err().unwrap_or(Ended::Kept);
            self.tell(|| {
                let (request, elapsed) = (request.clone(), start.elapsed());
                Seen::Answered(Answered { request, fault, status, sent, elapsed, ended })
            });
            if ended != Ended::Kept {
                return;
            }
            if request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
                return;
            }
        }
    }

    fn answer(&self, request: &Request) -> (Option<Fault>, Vec<Step>) {
        let (fault, good) = self.fault_and_answer(request);
        let steps = steps(fault.as_ref(), request, good);
        (fault, steps)
    }

    fn fault_and_answer(&self, request: &Request) -> (Option<Fault>, Reply) {
        let path = without_redirects(&request.path);
        let fault = lock(&self.rules).iter_mut().find_map(|rule| rule.meet(path));
        let database = || self.databases.iter().find_map(|mount| mount.get(path));
        let good = match self.tree.get(path).or_else(database) {
            _ if request.method != "GET" => Reply::new(405),
            None => Reply::new(404).content_type(TEXT).body(format!("not found: {path}")),
            Some(body) => Reply::new(200).content_type(content_type(Endpoint::of(path).0)).body(body),
        };
        let good = if self.ranges && good.code == 200 { good.ranged(request) } else { good };
        let fault = fault.or_else(|| lock(self.flapping.as_ref()?).meet(path, good.body.len()));
        (fault, good)
    }

    /// Does one step, and counts what it sends.
    ///
    /// # Errors
    /// How the connection has ended with it.
    fn take(
        &self,
        step: Step,
        wire: &mut (impl Read + Write),
        stream: &TcpStream,
        sent: &mut u64,
    ) -> Result<(), Ended> {
        match step {
            Step::Send(bytes) => self.send(&bytes, wire, sent),
            Step::Trickle { bytes, piece, pause } => bytes.chunks(piece).try_for_each(|piece| {
                self.send(piece, wire, sent)?;
                self.pause(pause);
                Ok(())
            }),
            Step::Pause(time) => {
                self.pause(time);
                Ok(())
            }
            Step::Stall => {
                let mut ignored = [0; 1024];
                while wire.read(&mut ignored).is_ok_and(|count| count > 0) {}
                Err(Ended::ClientLeft)
            }
            Step::Close => Err(Ended::Closed),
            Step::Reset => {
                reset(stream);
                Err(Ended::Reset)
            }
            Step::Away(connections) => {
                *lock(&self.away) = connections;
                reset(stream);
                Err(Ended::Reset)
            }
        }
    }

    fn send(&self, bytes: &[u8], wire: &mut impl Write, sent: &mut u64) -> Result<(), Ended> {
        let piece = self.throttle.as_ref().map_or(bytes.len(), Throttle::piece);
        for piece in bytes.chunks(piece.max(1)) {
            if let Some(throttle) = &self.throttle {
                self.pause(throttle.reserve(piece.len(), Instant::now()));
            }
            wire.write_all(piece).and_then(|()| wire.flush()).map_err(|_| Ended::ClientLeft)?;
            *sent += piece.len() as u64;
        }
        Ok(())
    }

    fn tell(&self, seen: impl FnOnce() -> Seen) {
        if let Some(Watcher(watcher)) = &self.watcher {
            watcher(seen());
        }
    }

    fn pause(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
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
