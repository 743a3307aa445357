//! Which requests meet which fault.

use crate::fault::Fault;
use crate::tree::escaped_path;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// Everything.
    Any,
    /// `$module/@v/$version.info`
    Info,
    /// `$module/@v/$version.mod`
    Mod,
    /// `$module/@v/$version.zip`
    Zip,
    /// `$module/@v/list`
    List,
    /// `$module/@latest`
    Latest,
    /// `sumdb/…`
    SumDb,
}

impl Endpoint {
    /// The endpoint of a decoded path and its module path (still escaped); `Any` and no module for a path that
    /// is none of the protocol.
    pub fn of(path: &str) -> (Self, Option<&str>) {
        if path.starts_with("sumdb/") {
            return (Self::SumDb, None);
        }
        if let Some(module) = path.strip_suffix("/@latest") {
            return (Self::Latest, Some(module));
        }
        let Some((module, file)) = path.split_once("/@v/") else { return (Self::Any, None) };
        let endpoint = match file.rsplit_once('.') {
            _ if file == "list" => Self::List,
            Some((_, "info")) => Self::Info,
            Some((_, "mod")) => Self::Mod,
            Some((_, "zip")) => Self::Zip,
            _ => Self::Any,
        };
        (endpoint, Some(module))
    }
}

/// A fault and the requests that meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    endpoint: Endpoint,
    module: Option<String>,
    skip: usize,
    times: Option<usize>,
    fault: Fault,
}

impl Rule {
    /// The fault at every request to this endpoint.
    pub fn new(endpoint: Endpoint, fault: Fault) -> Self {
        Self { endpoint, module: None, skip: 0, times: None, fault }
    }

    /// Only where this module is asked for: its path, not escaped.
    ///
    /// # Panics
    /// When the path is not a module path.
    #[must_use]
    pub fn module(mut self, path: &str) -> Self {
        self.module = Some(escaped_path(path));
        self
    }

    /// Only the first `times` of those requests; each request of a chain of redirects counts.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// Not the first `count` of those requests.
    #[must_use]
    pub fn skip(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// The fault that this request meets; counts the request.
    pub(crate) fn meet(&mut self, endpoint: Endpoint, module: Option<&str>) -> Option<Fault> {
        let meant = self.endpoint == Endpoint::Any || self.endpoint == endpoint;
        if !meant || self.module.as_deref().is_some_and(|wanted| Some(wanted) != module) {
            return None;
        }
        if let Some(left) = self.skip.checked_sub(1) {
            self.skip = left;
            return None;
        }
        if let Some(times) = &mut self.times {
            *times = times.checked_sub(1)?;
        }
        Some(self.fault.clone())
    }
}
