//! The environment of the go command.

mod error;
mod file;
mod flags;
#[cfg(feature = "os")]
mod machine;
mod paths;
mod redact;
mod toolchain;
mod variables;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

pub use error::GoEnvError;
pub use flags::{GoFlags, GoFlagsError};

use crate::text::GoString;
use paths::Paths;

/// The largest environment file that is read, in bytes: 1 MiB.
pub const MAX_ENV_FILE: u64 = 1 << 20;

/// Variables that the files may set as well.
const GO_VARIABLES: [&str; 14] = [
    "GO111MODULE",
    "GOAUTH",
    "GOFLAGS",
    "GOINSECURE",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "GOTOOLCHAIN",
    "GOVCS",
    "GOWORK",
];

/// Variables that only the operating system's environment has.
const OS_VARIABLES: [&str; 16] = [
    "AppData",
    "GODEBUG",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NETRC",
    "NO_PROXY",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USERPROFILE",
    "XDG_CONFIG_HOME",
    "home",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// What a standard distribution of Go has in `$GOROOT/go.env`.
const STANDARD_GO_ENV: &[u8] =
    b"GOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=auto\n";

/// Where the value of a variable comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EnvOrigin {
    /// The environment of the process.
    OsEnv,
    /// The file that `go env -w` writes.
    UserFile,
    /// `$GOROOT/go.env`.
    GorootFile,
    /// GOPRIVATE, which GONOPROXY and GONOSUMDB take their value from.
    Goprivate,
    /// What the variable is when nothing sets it.
    Default,
}

impl EnvOrigin {
    /// The stable name: `os_env`, `user_file`, `goroot_file`, `goprivate`, `default`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OsEnv => "os_env",
            Self::UserFile => "user_file",
            Self::GorootFile => "goroot_file",
            Self::Goprivate => "goprivate",
            Self::Default => "default",
        }
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Setting {
    value: GoString,
    origin: EnvOrigin,
}

/// The environment of the go command as far as modules go: the process environment, over the file that `go env -w`
/// writes, over `$GOROOT/go.env`, over built-in defaults.
///
/// Source: [Environment variables](https://go.dev/ref/mod#environment-variables),
/// [go env](https://pkg.go.dev/cmd/go#hdr-Print_Go_environment_information) and `internal/cfg` of the go command.
///
/// An empty variable of the process is as good as none. An empty line in a file is not: `GOPROXY=` there hides the
/// default and leaves the list empty.
///
/// ```
/// use gomod_module::{GoEnv, goenv::EnvOrigin};
///
/// let process = |name: &str| (name == "HOME").then(|| "/home/u".into());
/// let env = GoEnv::resolve("linux", &process, Some(b"GOPRIVATE=*.corp.example\n"), None).with_standard_defaults();
/// assert_eq!(env.goproxy(), "https://proxy.golang.org,direct");
/// assert_eq!((env.gonosumdb(), env.origin("GONOSUMDB")), ("*.corp.example", EnvOrigin::Goprivate));
/// assert_eq!(env.gomodcache()?.to_str(), Some("/home/u/go/pkg/mod"));
/// # Ok::<(), gomod_module::goenv::GoEnvError>(())
/// ```
///
/// `Debug` shows no user names and passwords of URLs; [`get`](Self::get) and the accessors do.
#[derive(Clone, PartialEq, Eq)]
pub struct GoEnv {
    paths: Paths,
    settings: BTreeMap<String, Setting>,
}

impl GoEnv {
    /// The environment made of these parts; nothing else is looked at.
    ///
    /// `goos` is the system whose rules hold for paths, by its name in Go (`linux`, `darwin`, `windows`). `lookup`
    /// answers for the process environment. `user_file` is the content of the file that [`user_file`](Self::user_file)
    /// names and counts only if it names one; `goroot_file` is the content of `$GOROOT/go.env`, without which GOPROXY
    /// and GOSUMDB are empty, unless [`with_standard_defaults`](Self::with_standard_defaults) fills them in.
    pub fn resolve(
        goos: &str,
        lookup: &dyn Fn(&str) -> Option<OsString>,
        user_file: Option<&[u8]>,
        goroot_file: Option<&[u8]>,
    ) -> Self {
        let paths = Paths::of(goos);
        let os = |name: &str| {
            let value = GoString::from(lookup(name)?.into_encoded_bytes());
            (!value.is_empty()).then_some(value)
        };
        let location = Self::user_file(goos, lookup);
        let user = user_file.filter(|_| location.is_some()).map(file::user).unwrap_or_default();
        let goroot = goroot_file.map(file::goroot).unwrap_or_default();

        let mut env = Self { paths, settings: BTreeMap::new() };
        for name in OS_VARIABLES {
            if let Some(value) = os(name) {
                env.set(name, value, EnvOrigin::OsEnv);
            }
        }
        let names = GO_VARIABLES.into_iter().chain(user.keys().chain(goroot.keys()).map(String::as_str));
        for name in names.filter(|name| !OS_VARIABLES.contains(name)) {
            let setting = (os(name).map(|value| (value, EnvOrigin::OsEnv)))
                .or_else(|| Some((user.get(name)?.clone(), EnvOrigin::UserFile)))
                .or_else(|| Some((goroot.get(name)?.clone(), EnvOrigin::GorootFile)));
            if let Some((value, origin)) = setting {
                env.set(name, value, origin);
            }
        }

        let origin = if os("GOENV").is_some() { EnvOrigin::OsEnv } else { EnvOrigin::Default };
        env.set("GOENV", location.unwrap_or_default().into(), origin);
        env.default("GOAUTH", "netrc", EnvOrigin::Default);
        env.default_gopath(home_variable(goos), os("GOROOT").as_deref());
        let private = env.get("GOPRIVATE").to_owned();
        env.default("GONOPROXY", &private, EnvOrigin::Goprivate);
        env.default("GONOSUMDB", &private, EnvOrigin::Goprivate);
        env
    }

    /// The file with the user's settings: `GOENV`, or `go/env` in the user's configuration directory. `None` when
    /// GOENV is `off` or there is no such directory.
    #[doc(alias = "EnvFile")]
    pub fn user_file(goos: &str, lookup: &dyn Fn(&str) -> Option<OsString>) -> Option<String> {
        let paths = Paths::of(goos);
        let os = |name: &str| {
            let value = lookup(name)?.to_string_lossy().into_owned();
            (!value.is_empty()).then_some(value)
        };
        if let Some(file) = os("GOENV") {
            return (file != "off").then_some(file);
        }
        let dir = match goos {
            "windows" => os("AppData")?,
            "darwin" | "ios" => os("HOME")? + "/Library/Application Support",
            "plan9" => os("home")? + "/lib",
            _ => match os("XDG_CONFIG_HOME") {
                Some(dir) => Some(dir).filter(|dir| paths.is_absolute(dir))?,
                None => os("HOME")? + "/.config",
            },
        };
        Some(paths.join(&dir, "go/env"))
    }

    /// The environment with what `$GOROOT/go.env` says in a standard distribution of Go, for machines without Go:
    /// `GOPROXY=https://proxy.golang.org,direct`, `GOSUMDB=sum.golang.org`, `GOTOOLCHAIN=auto`. Only what nothing else
    /// sets changes, and its origin stays [`EnvOrigin::Default`].
    #[must_use]
    pub fn with_standard_defaults(mut self) -> Self {
        for (name, value) in file::goroot(STANDARD_GO_ENV) {
            self.settings.entry(name).or_insert(Setting { value, origin: EnvOrigin::Default });
        }
        self
    }

    /// The value of a variable; empty if it has none.
    ///
    /// Known are the variables of the go command that this crate has to do with, every variable that a file sets, and
    /// of the process environment those that name home, configuration, proxies, netrc file and the directory for
    /// temporary files.
    pub fn get(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", |setting| &setting.value)
    }

    /// The value of a variable as it may be shown: without the user names and passwords of URLs.
    ///
    /// Everything before the last `@` is `xxxxx`, but for a scheme at the beginning: a password may hold what ends a URL elsewhere.
    ///
    /// ```
    /// use gomod_module::GoEnv;
    ///
    /// let variables = |name: &str| (name == "GOPROXY").then(|| "https://me:secret@proxy.example,direct".into());
    /// let env = GoEnv::resolve("linux", &variables, None, None);
    /// assert_eq!(env.shown("GOPROXY"), "https://xxxxx@proxy.example,direct");
    /// ```
    pub fn shown(&self, name: &str) -> String {
        redact::value(name, self.get(name))
    }

    /// Where the value of a variable comes from.
    pub fn origin(&self, name: &str) -> EnvOrigin {
        self.settings.get(name).map_or(EnvOrigin::Default, |setting| setting.origin)
    }

    /// Checks what the go command checks before it does anything: GOTOOLCHAIN, GOPATH, GO111MODULE, GOWORK, GOFLAGS;
    /// and that all values are text.
    ///
    /// GOMODCACHE is not among them, as not every command uses it: [`gomodcache`](Self::gomodcache) checks it.
    ///
    /// # Errors
    /// The first [`GoEnvError`] met.
    pub fn check(&self) -> Result<(), GoEnvError> {
        for name in GO_VARIABLES {
            self.check_utf8(name)?;
        }
        self.check_start()?;
        self.goflags()?;
        Ok(())
    }

    /// As [`check`](Self::check), for a command that reads no flags, which is what `go env` itself does.
    ///
    /// # Errors
    /// The first [`GoEnvError`] met.
    pub fn check_start(&self) -> Result<(), GoEnvError> {
        let go111module = self.get("GO111MODULE");
        // With `auto` the answer depends on the current directory.
        if matches!(go111module, "" | "on") {
            toolchain::check(self.get("GOTOOLCHAIN"))?;
        }
        for entry in self.paths.split_list(self.get("GOPATH")) {
            if entry.starts_with('~') {
                return Err(GoEnvError::Tilde(entry));
            }
            if !entry.is_empty() && !self.paths.is_absolute(&entry) {
                return Err(GoEnvError::RelativeGopath(entry));
            }
        }
        if !matches!(go111module, "" | "on" | "auto" | "off") {
            return Err(GoEnvError::Go111Module(go111module.to_owned()));
        }
        let gowork = self.gowork();
        if !matches!(gowork, "" | "auto" | "off") && !self.paths.is_absolute(gowork) {
            return Err(GoEnvError::Gowork);
        }
        Ok(())
    }

    fn check_utf8(&self, name: &str) -> Result<(), GoEnvError> {
        match self.settings.get(name) {
            Some(setting) if !setting.value.is_utf8() => Err(GoEnvError::NotUtf8(name.to_owned())),
            _ => Ok(()),
        }
    }

    fn set(&mut self, name: &str, value: GoString, origin: EnvOrigin) {
        self.settings.insert(name.to_owned(), Setting { value, origin });
    }

    /// Gives a variable that is empty a value.
    fn default(&mut self, name: &str, value: &str, origin: EnvOrigin) {
        if self.get(name).is_empty() && !value.is_empty() {
            self.set(name, value.into(), origin);
        }
    }

    fn default_gopath(&mut self, home: &str, goroot: Option<&str>) {
        let paths = self.paths;
        let inferred =
            Some(self.get(home)).filter(|home| !home.is_empty()).map(|home| paths.join(home, "go"));
        if let Some(gopath) = inferred
            && goroot.is_none_or(|goroot| paths.clean(goroot) != gopath)
        {
            self.default("GOPATH", &gopath, EnvOrigin::Default);
        }
        if let Some(modcache) = self.below_gopath("pkg/mod") {
            self.default("GOMODCACHE", &modcache, EnvOrigin::Default);
        }
        // Go drops a GOPATH that it made itself from a home directory that is no absolute path, but only after GOMODCACHE.
        let gopath = self.get("GOPATH");
        if self.origin("GOPATH") == EnvOrigin::Default
            && !gopath.starts_with('~')
            && !paths.is_absolute(gopath)
        {
            self.settings.remove("GOPATH");
        }
    }

    fn below_gopath(&self, dir: &str) -> Option<String> {
        let first = self.paths.split_list(self.get("GOPATH")).into_iter().next()?;
        (!first.is_empty()).then(|| self.paths.join(&first, dir))
    }
}

impl fmt::Debug for GoEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self
            .settings
            .iter()
            .map(|(name, Setting { value, origin })| (name, (redact::value(name, value), origin)));
        f.debug_map().entries(shown).finish()
    }
}

fn home_variable(goos: &str) -> &'static str {
    match goos {
        "windows" => "USERPROFILE",
        "plan9" => "home",
        _ => "HOME",
    }
}
