use std::path::PathBuf;

use super::paths::Paths;
use super::{EnvOrigin, GoEnv, GoEnvError, GoFlags, GoFlagsError};
use crate::pattern::{PatternProblem, PrefixPatterns};

/// The variables one by one.
impl GoEnv {
    /// `GOPROXY`: the list of proxies.
    pub fn goproxy(&self) -> &str {
        self.get("GOPROXY")
    }

    /// `GOPRIVATE`: patterns of module paths that are private.
    pub fn goprivate(&self) -> &str {
        self.get("GOPRIVATE")
    }

    /// `GONOPROXY`, or else `GOPRIVATE`: patterns of module paths never asked of a proxy.
    pub fn gonoproxy(&self) -> &str {
        self.get("GONOPROXY")
    }

    /// `GONOSUMDB`, or else `GOPRIVATE`: patterns of module paths never asked of the checksum database.
    pub fn gonosumdb(&self) -> &str {
        self.get("GONOSUMDB")
    }

    /// `GOINSECURE`: patterns of module paths that may be fetched without TLS or a valid certificate.
    pub fn goinsecure(&self) -> &str {
        self.get("GOINSECURE")
    }

    /// Returns what is wrong with the patterns of GOPRIVATE, GONOPROXY, GONOSUMDB and GOINSECURE, with the variable: those that
    /// match no module, so that a path they were meant for is told to a public server ([`PrefixPatterns::problems`]). A
    /// variable that has its value from GOPRIVATE is passed over.
    ///
    /// ```
    /// let lookup = |name: &str| (name == "GOPRIVATE").then(|| "https://git.corp.example".into());
    /// let env = gomod_module::GoEnv::resolve("linux", &lookup, None, None).with_standard_defaults();
    /// let problems = env.pattern_problems();
    /// assert_eq!((problems.len(), problems[0].0), (1, "GOPRIVATE"));
    /// assert_eq!(problems[0].1.suggestion.as_deref(), Some("git.corp.example"));
    /// ```
    pub fn pattern_problems(&self) -> Vec<(&'static str, PatternProblem)> {
        let names = ["GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE"].into_iter();
        let own =
            names.filter(|name| !matches!(self.origin(name), EnvOrigin::Goprivate | EnvOrigin::Default));
        own.flat_map(|name| PrefixPatterns::problems(self.get(name)).into_iter().map(move |p| (name, p)))
            .collect()
    }

    /// `GOVCS`: which version control systems may be asked.
    pub fn govcs(&self) -> &str {
        self.get("GOVCS")
    }

    /// `GOTOOLCHAIN`: which Go is to be used.
    pub fn gotoolchain(&self) -> &str {
        self.get("GOTOOLCHAIN")
    }

    /// `GOSUMDB`: the checksum database.
    pub fn gosumdb(&self) -> &str {
        self.get("GOSUMDB")
    }

    /// `GOWORK`: `off`, the go.work file, or empty to search for one.
    pub fn gowork(&self) -> &str {
        self.get("GOWORK")
    }

    /// `GOAUTH`: where credentials come from.
    pub fn goauth(&self) -> &str {
        self.get("GOAUTH")
    }

    /// `GOMODCACHE`: the root of the module cache, absolute.
    ///
    /// # Errors
    /// [`GoEnvError::NoModCache`], [`GoEnvError::RelativeModCache`] or [`GoEnvError::NotUtf8`].
    pub fn gomodcache(&self) -> Result<PathBuf, GoEnvError> {
        self.check_utf8("GOMODCACHE")?;
        match self.get("GOMODCACHE") {
            "" => Err(GoEnvError::NoModCache),
            dir if self.paths.is_absolute(dir) => Ok(dir.into()),
            dir => Err(GoEnvError::RelativeModCache(dir.to_owned())),
        }
    }

    /// `GOPATH`: its directories, of which the first is written to. Empty elements are left out.
    pub fn gopath(&self) -> Vec<PathBuf> {
        let entries = self.paths.split_list(self.get("GOPATH"));
        entries.into_iter().filter(|entry| !entry.is_empty()).map(PathBuf::from).collect()
    }

    /// The directory of the checksum database's signed tree heads, `pkg/sumdb` in the first element of GOPATH; `None`
    /// if that is empty.
    pub fn sumdb_dir(&self) -> Option<PathBuf> {
        self.below_gopath("pkg/sumdb").map(PathBuf::from)
    }

    /// `GOFLAGS`: flags for every go command that knows them.
    ///
    /// # Errors
    /// [`GoFlagsError`] where the go command refuses the value.
    pub fn goflags(&self) -> Result<GoFlags, GoFlagsError> {
        GoFlags::parse(self.get("GOFLAGS"))
    }

    /// Whether GOFLAGS has `-modcacherw`: directories in the module cache stay writable.
    ///
    /// # Errors
    /// As [`goflags`](Self::goflags).
    pub fn modcacherw(&self) -> Result<bool, GoFlagsError> {
        Ok(self.goflags()?.modcacherw())
    }

    /// The `-modfile` of GOFLAGS: the file to use in place of go.mod, relative to the current directory.
    ///
    /// # Errors
    /// As [`goflags`](Self::goflags).
    pub fn modfile(&self) -> Result<Option<PathBuf>, GoFlagsError> {
        Ok(self.goflags()?.modfile().map(PathBuf::from))
    }

    /// `HTTP_PROXY` or `http_proxy`: the proxy for `http` URLs.
    pub fn http_proxy(&self) -> &str {
        self.first_of("HTTP_PROXY", "http_proxy")
    }

    /// `HTTPS_PROXY` or `https_proxy`: the proxy for `https` URLs.
    pub fn https_proxy(&self) -> &str {
        self.first_of("HTTPS_PROXY", "https_proxy")
    }

    /// `NO_PROXY` or `no_proxy`: hosts to be reached without a proxy.
    pub fn no_proxy(&self) -> &str {
        self.first_of("NO_PROXY", "no_proxy")
    }

    /// A setting of GODEBUG, such as `http2client`: its last value, without the `#` part that Go ignores. Only the process
    /// environment has GODEBUG here.
    ///
    /// ```
    /// let process = |name: &str| (name == "GODEBUG").then(|| "http2client=1,x=2,http2client=0#1".into());
    /// let env = gomod_module::GoEnv::resolve("linux", &process, None, None);
    /// assert_eq!((env.godebug("http2client"), env.godebug("y")), (Some("0"), None));
    /// ```
    pub fn godebug(&self, key: &str) -> Option<&str> {
        let settings = self.get("GODEBUG").rsplit(',').filter_map(|setting| setting.split_once('='));
        let mut values = settings.filter(|(name, _)| *name == key).map(|(_, value)| value);
        values.next().map(|value| value.split_once('#').map_or(value, |(value, _)| value))
    }

    /// The user's home directory; `None` if it is not set.
    pub fn home(&self) -> Option<PathBuf> {
        let home = if self.paths == Paths::Windows { "USERPROFILE" } else { "HOME" };
        Some(self.get(home)).filter(|home| !home.is_empty()).map(PathBuf::from)
    }

    /// The files that may hold passwords, of which the first that exists counts: `NETRC`, or `.netrc` in the home
    /// directory, on Windows after `_netrc`.
    pub fn netrc(&self) -> Vec<PathBuf> {
        if let file @ [_, ..] = self.get("NETRC").as_bytes() {
            return vec![PathBuf::from(String::from_utf8_lossy(file).into_owned())];
        }
        let Some(home) = self.home() else { return Vec::new() };
        let legacy = (self.paths == Paths::Windows).then(|| home.join("_netrc"));
        legacy.into_iter().chain([home.join(".netrc")]).collect()
    }

    fn first_of<'a>(&'a self, upper: &str, lower: &str) -> &'a str {
        Some(self.get(upper)).filter(|value| !value.is_empty()).unwrap_or_else(|| self.get(lower))
    }
}
