//! The connections of a client, for each runtime its own.
//!
//! A connection is driven by a task of the runtime on which it was opened. A request that another runtime makes over it
//! would wait for as long as the first one is not running.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::{Handle, Id};

use crate::report::cause::BoxError;
use crate::report::pending::{Pending, Phase};
use crate::transport::http::Http;
use crate::transport::waits::Wait;

/// How many runtimes have connections; those of others, in the order in which they were last used, are closed.
const MAX_RUNTIMES: usize = 8;

type Make = Box<dyn Fn() -> Result<Http, BoxError> + Send + Sync>;

pub(crate) struct HttpPools {
    make: Make,
    /// The last used one is the last.
    pools: Mutex<Vec<(Option<Id>, Arc<Http>)>>,
}

impl HttpPools {
    /// The connections of `first`, which is for the first runtime that asks, and of what `make` makes for others.
    pub(crate) fn new(
        first: Http,
        make: impl Fn() -> Result<Http, BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self { make: Box::new(make), pools: Mutex::new(vec![(None, Arc::new(first))]) }
    }

    /// Those of the runtime on which this is called.
    ///
    /// # Errors
    /// As those of `make`.
    pub(crate) fn current(&self) -> Result<Arc<Http>, BoxError> {
        let id = Handle::try_current().ok().map(|handle| handle.id());
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let found = pools.iter().position(|(of, _)| of.is_none() || *of == id);
        let http = match found {
            Some(index) => pools.remove(index).1,
            None => Arc::new((self.make)()?),
        };
        if pools.len() >= MAX_RUNTIMES {
            pools.remove(0);
        }
        pools.push((id, Arc::clone(&http)));
        Ok(http)
    }

    /// Lists the next try at a source as one that is waited for, until it is dropped.
    pub(crate) fn waits_to_retry(&self, source: &str) -> Option<Arc<Wait>> {
        let wait = self.current().ok()?.waits.begin(source);
        wait.is_at(Phase::Retry, None);
        Some(wait)
    }

    /// The requests that wait, on all runtimes.
    pub(crate) fn pending(&self) -> Vec<Pending> {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.iter().flat_map(|(_, http)| http.waits.pending()).collect()
    }
}
