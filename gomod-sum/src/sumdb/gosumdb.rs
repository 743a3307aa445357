//! The variables that say which database is asked, and about what.

use std::fmt;
use std::str::FromStr;

use gomod_module::url::{GoUrl, UrlReason};
use gomod_module::{GoEnv, PrefixPatterns};
use thiserror::Error;

use super::key::{InvalidKeyError, VerifierKey};

/// The name and key of the database that Go knows.
const KNOWN: (&str, &str) =
    ("sum.golang.org", "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8");

/// The other name of the same database, and where it is.
const ALIAS: (&str, &str) = ("sum.golang.google.cn", "https://sum.golang.google.cn");

/// The module whose versions are the Go toolchains.
const TOOLCHAIN: &str = "golang.org/toolchain";

/// The checksum database that GOSUMDB names (<https://go.dev/ref/mod#environment-variables>, `dbDial` of cmd/go).
///
/// ```
/// use gomod_sum::sumdb::{GoSumDb, InvalidGoSumDbError};
///
/// let database: GoSumDb = "sum.golang.org".parse()?;
/// assert_eq!(database.direct_url(), "https://sum.golang.org");
/// assert_eq!(database.url, None);
///
/// let database: GoSumDb = "sum.golang.google.cn".parse()?;
/// assert_eq!(database.key.name(), "sum.golang.org");
/// assert_eq!(database.url.as_deref(), Some("https://sum.golang.google.cn"));
///
/// assert_eq!("off".parse::<GoSumDb>(), Err(InvalidGoSumDbError::Off));
/// # Ok::<(), InvalidGoSumDbError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GoSumDb {
    /// The key. Its name is also that of the directories with stored files.
    pub key: VerifierKey,
    /// The base URL, where one is given: then no proxy is asked.
    pub url: Option<String>,
}

impl GoSumDb {
    /// Returns the database that this environment names or, where it says `off`, the one that Go knows: that is asked about Go's
    /// toolchains alone then ([`Routing`]).
    ///
    /// # Errors
    /// [`InvalidGoSumDbError`], but for [`Off`](InvalidGoSumDbError::Off).
    #[doc(alias = "dbDial")]
    pub fn from_env(env: &GoEnv) -> Result<Self, InvalidGoSumDbError> {
        match env.gosumdb().parse() {
            Err(InvalidGoSumDbError::Off) => KNOWN.0.parse(),
            database => database,
        }
    }

    /// Returns the base URL for the case that neither GOSUMDB names one nor a proxy serves the database.
    pub fn direct_url(&self) -> String {
        format!("https://{}", self.key.name())
    }
}

impl FromStr for GoSumDb {
    type Err = InvalidGoSumDbError;

    /// Reads the value of GOSUMDB: a known name or a key, and a URL, separated by white space.
    fn from_str(value: &str) -> Result<Self, InvalidGoSumDbError> {
        if value == "off" {
            return Err(InvalidGoSumDbError::Off);
        }
        let (key, url) = if value == ALIAS.0 {
            (KNOWN.0, Some(ALIAS.1))
        } else {
            let mut fields = value.split_whitespace();
            let key = fields.next().ok_or(InvalidGoSumDbError::Missing)?;
            let url = fields.next();
            if fields.next().is_some() {
                return Err(InvalidGoSumDbError::Fields);
            }
            (key, url)
        };
        let key: VerifierKey = if key == KNOWN.0 { KNOWN.1.parse() } else { key.parse() }?;
        if !is_host_and_path(key.name()) {
            return Err(InvalidGoSumDbError::Name { name: key.name().to_owned() });
        }
        if let Some(url) = url {
            // What stands before an `@` may be part of a password.
            let shown = url.rsplit('@').next().unwrap_or_default();
            GoUrl::parse(url).map_err(|reason| InvalidGoSumDbError::Url {
                url: url.to_owned(),
                reason: reason.redacted_as(shown),
            })?;
        }
        Ok(Self { key, url: url.map(str::to_owned) })
    }
}

/// Whether `https://{name}` is a host with at most a path. Percent signs are refused, and `#`.
fn is_host_and_path(name: &str) -> bool {
    let (host, path) = name.split_at(name.find('/').unwrap_or(name.len()));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
    !host.is_empty()
        && !host.contains(['@', '%', '#', '?'])
        && !name.ends_with('/')
        && path.bytes().all(is_plain)
        && GoUrl::parse(&format!("https://{host}")).is_ok()
}

/// A value of GOSUMDB that names no database.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidGoSumDbError {
    /// There is to be no database. Modules that go.sum does not know are then believed.
    #[error("checksum database disabled by GOSUMDB=off")]
    Off,
    /// Nothing but blanks.
    #[error("missing GOSUMDB")]
    Missing,
    /// More than a key and a URL.
    #[error("invalid GOSUMDB: too many fields")]
    Fields,
    /// The first field is neither a known name nor a key.
    #[error("invalid GOSUMDB")]
    Key(#[from] InvalidKeyError),
    /// The name in the key could not be that of a host with at most a path.
    #[error("invalid sumdb name (must be host[/path]): {name}")]
    #[non_exhaustive]
    Name {
        /// The name.
        name: String,
    },
    /// The second field is no URL.
    #[error("invalid GOSUMDB URL: {reason}")]
    #[non_exhaustive]
    Url {
        /// The field.
        url: String,
        /// What is wrong with it.
        reason: UrlReason,
    },
}

/// About which modules the checksum database is asked, given the variables (`useSumDB` of cmd/go).
///
/// ```
/// use gomod_sum::sumdb::Routing;
///
/// let routing = Routing::new("sum.golang.org", "git.corp.example", "https://proxy.golang.org,direct");
/// assert!(routing.is_asked("rsc.io/quote"));
/// assert!(!routing.is_asked("git.corp.example/secret"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Routing {
    /// Whether GOSUMDB is `off`.
    pub is_off: bool,
    /// The private paths of GONOSUMDB, which is GOPRIVATE where nothing else is set.
    pub gonosumdb: PrefixPatterns,
    /// Whether GOPROXY is one directory, which is how distributions of Go are tested.
    pub is_file_proxy: bool,
}

impl Routing {
    /// Returns the rule for the values of GOSUMDB, GONOSUMDB and GOPROXY.
    pub fn new(gosumdb: &str, gonosumdb: impl AsRef<[u8]>, goproxy: &str) -> Self {
        Self {
            is_off: gosumdb == "off",
            gonosumdb: PrefixPatterns::parse(gonosumdb),
            is_file_proxy: goproxy.starts_with("file://") && !goproxy.contains([',', '|']),
        }
    }

    /// Returns the rule of this environment.
    pub fn from_env(env: &GoEnv) -> Self {
        Self::new(env.gosumdb(), env.gonosumdb(), env.goproxy())
    }

    /// Returns whether the database must be asked about a module that go.sum does not know.
    ///
    /// Go's toolchains are always asked about, unless GOPROXY is a directory: with `GOSUMDB=off` they cannot be had.
    pub fn is_asked(&self, path: &str) -> bool {
        self.unchecked(path).is_none()
    }

    /// Returns why the database is not asked about a module, `None` where it must be.
    pub fn unchecked(&self, path: &str) -> Option<Unchecked> {
        let is_toolchain = path == TOOLCHAIN && !self.is_file_proxy;
        if is_toolchain {
            None
        } else if self.is_off {
            Some(Unchecked::Off)
        } else {
            self.gonosumdb.matches(path).then_some(Unchecked::Private)
        }
    }
}

/// Why the checksum database is not asked about a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Unchecked {
    /// GOSUMDB is `off`.
    Off,
    /// GONOSUMDB, or GOPRIVATE in its place, names the module.
    Private,
}

impl fmt::Display for Unchecked {
    /// Writes the setting that says so: `GOSUMDB=off` or `GONOSUMDB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "GOSUMDB=off",
            Self::Private => "GONOSUMDB",
        })
    }
}
