use std::cmp::Ordering;
use std::fmt;

use gomod_module::modfile::Retract;
use gomod_module::text::Printable;
use gomod_module::{ModuleVersion, Query, Version};

use crate::client::fetched::Fetched;
use crate::client::proxy_client::ProxyClient;
use crate::client::resolve::{QueryOptions, Resolved};
use crate::client::source_query::QueryCache;
use crate::report::error::Error;
use crate::report::kind::ErrorKind;
use crate::report::rejection::Rejection;
use crate::report::trace::Trace;

/// What the sources know of a version in use: whether there is a newer one, and what its author says of it. From
/// [`ProxyClient::update`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Update {
    /// The version to go to. Never a lower one; `None` where there is none.
    pub newer: Option<Resolved>,
    /// The `retract` lines that hold the version in use, with their reasons; empty where it is not retracted.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::report::serial::retracted"))]
    pub retracted: Vec<Retract>,
    /// Why the module is deprecated, by the newest go.mod file; `None` where it is not.
    pub deprecated: Option<String>,
}

/// What to show behind the version in use, each part after a blank: `[v1.2.0]` for the newer version, and why this one is retracted and
/// its module deprecated. Empty where nothing is to be said.
impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(newer) = &self.newer {
            write!(f, " [{}]", newer.module.version())?;
        }
        for line in &self.retracted {
            let rationale = Printable::new(line.rationale.as_bytes());
            write!(f, " (retracted: {rationale})")?;
        }
        match &self.deprecated {
            Some(why) => write!(f, " (deprecated: {})", Printable::new(why.as_bytes())),
            None => Ok(()),
        }
    }
}

impl ProxyClient {
    /// Returns what a newer version there is than this one, and whether this one is retracted and its module deprecated, as
    /// `go list -m -u -retracted` shows them ([go list -m](https://go.dev/ref/mod#go-list-m), `addUpdate`, `addRetraction` and
    /// `addDeprecation` in cmd/go).
    ///
    /// That is another question than [`latest`](Self::latest): where the version in use is a pre-release, was retracted, or
    /// is `+incompatible` and higher than the newest with a go.mod file, the latest one may be lower. `excluded` are the versions
    /// that the main module excludes.
    ///
    /// `check` is the caller's verdict on each `.mod` file that decides something, as in [`go_mod_checked`](Self::go_mod_checked): an author's
    /// word on a version is as good as the check of the file that says it.
    ///
    /// # Errors
    /// [`Error`] where no source answers, and where the go.mod file of the newest version cannot be had, is rejected or cannot
    /// be read, so that it is not known what it retracts. A module that no source has is no error: there is nothing newer.
    /// `GOPROXY=off` is one, although the go command is silent there.
    pub async fn update(
        &self,
        module: &ModuleVersion,
        excluded: &[Version],
        mut check: impl FnMut(&ModuleVersion, &[u8]) -> Result<(), Rejection>,
    ) -> Result<Fetched<Update>, Error> {
        let (mut cache, mut trace) = (QueryCache::default(), Trace::default());
        let options =
            QueryOptions::new().current(module.version().clone()).excluded(excluded.iter().cloned());
        let upgrade =
            self.resolve_with(module.path(), &Query::upgrade(), &options, &mut check, &mut cache).await;
        let newer = match upgrade {
            Ok(found) => {
                trace.extend(found.trace.into_attempts());
                Some(found.value).filter(|found| {
                    found.module.version().cmp_precedence(module.version()) == Ordering::Greater
                })
            }
            Err(error) if is_absent(&error) => {
                trace.extend(error.attempts().iter().cloned());
                None
            }
            Err(error) => return Err(error),
        };
        let newest = self.newest_go_mod(module.path(), &mut cache, &mut check, &mut trace).await;
        let (retract, deprecated) = match newest {
            Ok(go_mod) => (go_mod.retract, go_mod.module.and_then(|module| module.deprecated)),
            Err(error) if is_absent(&error) => (Vec::new(), None),
            Err(error) => return Err(error),
        };
        let retracted =
            retract.into_iter().filter(|retract| retract.contains(module.version().as_str())).collect();
        let deprecated = deprecated.map(|text| text.to_string());
        Ok(Fetched { value: Update { newer, retracted, deprecated }, trace })
    }
}

/// Whether there is nothing to choose from.
fn is_absent(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NoMatchingVersion)
}
