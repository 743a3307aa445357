//! Which requests meet which fault.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::str::FromStr;

use gomod_module::ModulePath;
use gomod_module::path::InvalidPathError;
use gomod_proxy_client::protocol::{self, Target};
use serde::de::IntoDeserializer as _;
use serde::de::value::Error;
use serde::{Deserialize, Serialize};

use crate::fault::{Fault, UnknownFault};
use crate::flapping::draw;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// The endpoint of a request's path, and its module; `Any` and no module for a path that is none of the protocol.
    pub fn of(path: &str) -> (Self, Option<ModulePath>) {
        let Ok(endpoint) = protocol::Endpoint::parse(path) else { return (Self::Any, None) };
        let kind = match endpoint.target() {
            Target::List { .. } => Self::List,
            Target::Latest { .. } => Self::Latest,
            Target::Info { .. } => Self::Info,
            Target::GoMod { .. } => Self::Mod,
            Target::Zip { .. } => Self::Zip,
            Target::SumDb { .. } => Self::SumDb,
            _ => Self::Any,
        };
        (kind, endpoint.target().module().cloned())
    }
}

/// A fault and the requests that meet it.
///
/// In a scenario: `{"endpoint": "zip", "module": "example.com/m", "skip": 1, "every": 3, "times": 2, "fault": "html"}`, where
/// all but the fault may be left out. As text: `zip:html`, or `html` for every endpoint.
///
/// ```
/// use gomod_testkit::{Endpoint, Fault, Rule};
///
/// assert_eq!("zip:status=502".parse(), Ok(Rule::new(Endpoint::Zip, Fault::Status(502))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rule {
    endpoint: Endpoint,
    module: Option<ModulePath>,
    skip: u64,
    every: NonZeroU64,
    one_in: NonZeroU64,
    seed: u64,
    times: Option<usize>,
    fault: Fault,
    /// How many of the requests it means there were.
    met: u64,
    /// How often it was drawn for each path.
    drawn: HashMap<String, u64>,
}

/// A rule as a scenario has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    endpoint: Option<Endpoint>,
    module: Option<String>,
    skip: Option<u64>,
    every: Option<NonZeroU64>,
    one_in: Option<NonZeroU64>,
    times: Option<usize>,
    fault: Fault,
}

impl TryFrom<Written> for Rule {
    type Error = InvalidPathError;

    fn try_from(written: Written) -> Result<Self, InvalidPathError> {
        Ok(Self {
            module: written.module.map(ModulePath::new).transpose()?,
            skip: written.skip.unwrap_or(0),
            every: written.every.unwrap_or(NonZeroU64::MIN),
            one_in: written.one_in.unwrap_or(NonZeroU64::MIN),
            times: written.times,
            ..Self::new(written.endpoint.unwrap_or(Endpoint::Any), written.fault)
        })
    }
}

/// `ENDPOINT:FAULT`, or a fault alone.
impl FromStr for Rule {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let endpoint = text.split_once(':').and_then(|(endpoint, fault)| {
            let endpoint: Result<_, Error> = Endpoint::deserialize(endpoint.into_deserializer());
            Some((endpoint.ok()?, fault))
        });
        let (endpoint, fault) = endpoint.unwrap_or((Endpoint::Any, text));
        Ok(Self::new(endpoint, fault.parse()?))
    }
}

impl Rule {
    /// The fault at every request to this endpoint.
    pub fn new(endpoint: Endpoint, fault: Fault) -> Self {
        Self {
            endpoint,
            module: None,
            skip: 0,
            every: NonZeroU64::MIN,
            one_in: NonZeroU64::MIN,
            seed: 0,
            times: None,
            fault,
            met: 0,
            drawn: HashMap::new(),
        }
    }

    /// Only where this module is asked for: its path, not escaped.
    ///
    /// # Panics
    /// When the path is not a module path.
    #[must_use]
    pub fn module(mut self, path: &str) -> Self {
        self.module = Some(ModulePath::new(path).expect("a module path"));
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
    pub fn skip(mut self, count: u64) -> Self {
        self.skip = count;
        self
    }

    /// Of the others only every `nth`, in the order in which they come.
    #[must_use]
    pub fn every(mut self, nth: NonZeroU64) -> Self {
        self.every = nth;
        self
    }

    /// Of these only one in `count`. Which, depends on the seed, the path, and how often it was drawn for that path, and on
    /// nothing else: not on the order of requests for different files.
    #[must_use]
    pub fn one_in(mut self, count: NonZeroU64, seed: u64) -> Self {
        self.one_in = count;
        self.seeded(seed)
    }

    pub(crate) fn seeded(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The fault that a request for this path meets; counts the request.
    pub(crate) fn meet(&mut self, path: &str) -> Option<Fault> {
        let (endpoint, module) = Endpoint::of(path);
        let meant = self.endpoint == Endpoint::Any || self.endpoint == endpoint;
        if !meant || self.module.is_some() && self.module != module {
            return None;
        }
        self.met += 1;
        let counted = self.met.checked_sub(self.skip)?;
        if counted == 0 || !counted.is_multiple_of(self.every.get()) || !self.is_drawn(path) {
            return None;
        }
        if let Some(times) = &mut self.times {
            *times = times.checked_sub(1)?;
        }
        Some(self.fault.clone())
    }

    fn is_drawn(&mut self, path: &str) -> bool {
        if self.one_in == NonZeroU64::MIN {
            return true;
        }
        let drawn = self.drawn.entry(path.to_owned()).or_default();
        *drawn += 1;
        draw(self.seed, path, *drawn).is_multiple_of(self.one_in.get())
    }
}
