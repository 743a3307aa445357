//! Whether an HTTP proxy lets https through to a server.
//!
//! The HTTP library opens tunnels by itself, and tells no more of one that was refused than that it was. So the first time
//! that a server is to be reached through a proxy, and again after a tunnel to it failed, the proxy is asked here for a
//! tunnel that is closed at once: its answer has a status, and says why.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::report::refusal::Refusal;

/// How long a proxy's refusal is taken for its last word.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// Redirects may name ever new servers.
const MAX_SERVERS: usize = 1000;

/// What proxies said of tunnels, by server.
#[derive(Default)]
pub(crate) struct Tunnels {
    verdicts: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Verdict>>>>,
}

#[derive(Default)]
enum Verdict {
    #[default]
    Unknown,
    Open,
    Refused(Refusal, Instant),
}

impl Tunnels {
    /// What the proxy says of a tunnel to this server, by `ask`ing it where that is not known. Of several calls at once one
    /// asks.
    pub(crate) async fn open<E>(
        &self,
        server: &str,
        ask: impl Future<Output = Result<Option<Refusal>, E>>,
    ) -> Result<Option<Refusal>, E> {
        let verdict = self.verdict(server);
        let mut verdict = verdict.lock().await;
        match &*verdict {
            Verdict::Open => return Ok(None),
            Verdict::Refused(refusal, since) if since.elapsed() < REFUSED_FOR => {
                return Ok(Some(refusal.clone()));
            }
            _ => *verdict = Verdict::Unknown,
        }
        let refusal = ask.await?;
        match &refusal {
            None => *verdict = Verdict::Open,
            Some(refusal) if !refusal.may_pass() => {
                *verdict = Verdict::Refused(refusal.clone(), Instant::now());
            }
            Some(_) => {}
        }
        Ok(refusal)
    }

    /// A tunnel to this server failed.
    pub(crate) fn failed(&self, server: &str) {
        self.verdicts().remove(server);
    }

    fn verdict(&self, server: &str) -> Arc<tokio::sync::Mutex<Verdict>> {
        let mut verdicts = self.verdicts();
        if verdicts.len() >= MAX_SERVERS && !verdicts.contains_key(server) {
            verdicts.clear();
        }
        Arc::clone(verdicts.entry(server.to_owned()).or_default())
    }

    fn verdicts(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<Verdict>>>> {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
