//! The requests of a client that are under way.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::time::Instant;

use crate::report::pending::{At, Pending, Phase, Place};

/// All of them.
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

    /// The same for something that comes before the request.
    #[cfg(feature = "os")]
    pub(crate) fn begin_at(&self, url: &str, phase: Phase) -> Arc<Wait> {
        let wait = self.begin(url);
        wait.is_at(phase, None);
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
    use std::time::Duration;

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
