use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use gomod_module::pattern::PatternProblem;
use gomod_module::{GoEnv, PrefixPatterns};
use thiserror::Error;

use crate::auth::credentials::Credentials;
use crate::auth::goauth::{GoAuth, GoAuthCommand, GoAuthError};
use crate::auth::netrc::{Netrc, NetrcNote};
use crate::client::builder::ProxyClientBuilder;
use crate::client::proxy_client::ProxyClient;
use crate::protocol::goproxy::{GoProxy, GoProxyError};
use crate::transport::http_proxies::HttpProxies;

/// A netrc file is a few lines.
const MAX_NETRC: u64 = 1 << 20;

/// Why no client can be made from an environment; the go command ends with an error, too.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EnvError {
    /// GOPROXY.
    #[error("GOPROXY")]
    GoProxy(#[from] GoProxyError),
    /// GOAUTH.
    #[error("GOAUTH")]
    GoAuth(#[from] GoAuthError),
}

/// Something in an environment that has no effect, or another one than it seems. From [`ProxyClientBuilder::from_env`].
///
/// `Display` is a sentence without a full stop. It holds no secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum EnvNote {
    /// GOAUTH names a program, or git, which is not run unless
    /// [`auth_programs`](ProxyClientBuilder::auth_programs) allows it: its name, without its arguments, which may be secrets.
    /// Nothing to tell where that is set.
    GoAuthProgram(String),
    /// The netrc file exists and cannot be read.
    Netrc {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line of the netrc file.
    NetrcLine {
        /// The file.
        path: PathBuf,
        /// What the line does.
        note: NetrcNote,
    },
    /// A pattern that no module matches, so that private paths may go to a public proxy or to the checksum database:
    /// [`GoEnv::pattern_problems`].
    Pattern {
        /// The variable that holds it.
        variable: &'static str,
        /// What is wrong with it.
        problem: PatternProblem,
    },
}

impl ProxyClientBuilder {
    /// The builder of the client that the go command has in this environment: GOPROXY, GONOPROXY (or GOPRIVATE), GOAUTH, the
    /// netrc file (NETRC, or that of the home directory), `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, and `http2client=0`
    /// of GODEBUG ([Environment variables](https://go.dev/ref/mod#environment-variables)). It reads the netrc file and no
    /// other. The programs that GOAUTH names are run by no client that was not allowed to:
    /// [`auth_programs`](Self::auth_programs).
    ///
    /// The notes say what was passed over; show them. GOINSECURE concerns direct mode alone, which is the
    /// [caller's](Self::direct).
    ///
    /// ```
    /// use gomod_module::GoEnv;
    /// use gomod_proxy_client::ProxyClientBuilder;
    ///
    /// let lookup = |name: &str| match name {
    ///     "GOPROXY" => Some("https://goproxy.corp.example,direct".into()),
    ///     "GOPRIVATE" => Some("git.corp.example".into()),
    ///     "GOAUTH" => Some("helper".into()),
    ///     _ => None,
    /// };
    /// let env = GoEnv::resolve("linux", &lookup, None, None).with_standard_defaults();
    /// let (builder, notes) = ProxyClientBuilder::from_env(&env)?;
    /// assert_eq!(notes[0].to_string(), "GOAUTH command \"helper\" is not run: no program is, unless that is allowed");
    /// let client = builder.build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EnvError`].
    pub fn from_env(env: &GoEnv) -> Result<(Self, Vec<EnvNote>), EnvError> {
        let list = GoProxy::parse(env.goproxy())?;
        let (builder, mut notes) = ProxyClient::builder(list)
            .gonoproxy(PrefixPatterns::parse(env.gonoproxy()))
            .connecting_as_in(env)?;
        let problems = env.pattern_problems().into_iter();
        notes.extend(problems.map(|(variable, problem)| EnvNote::Pattern { variable, problem }));
        Ok((builder, notes))
    }

    /// Sets what [`from_env`](Self::from_env) sets but for GOPROXY and GONOPROXY, for a list of sources that comes from
    /// somewhere else: credentials, HTTP proxies, and whether there is HTTP/2.
    ///
    /// # Errors
    /// [`GoAuthError`].
    pub fn connecting_as_in(self, env: &GoEnv) -> Result<(Self, Vec<EnvNote>), GoAuthError> {
        let goauth = GoAuth::parse(env.goauth())?;
        let (credentials, notes) = credentials(env, &goauth);
        let builder = self
            .credentials(credentials)
            .goauth(goauth)
            .http_proxies(http_proxies(env))
            .http2(env.godebug("http2client") != Some("0"));
        Ok((builder, notes))
    }
}

/// The HTTP proxies, which errors name by their variables.
fn http_proxies(env: &GoEnv) -> HttpProxies {
    let set = |upper: &'static str, lower| if env.get(upper).is_empty() { lower } else { upper };
    HttpProxies::new()
        .http(env.http_proxy())
        .https(env.https_proxy())
        .no_proxy(env.no_proxy())
        .named(set("HTTP_PROXY", "http_proxy"), set("HTTPS_PROXY", "https_proxy"))
}

/// What GOAUTH names without running anything. Why it may be less than expected is noted beside it, for errors.
fn credentials(env: &GoEnv, goauth: &GoAuth) -> (Credentials, Vec<EnvNote>) {
    let (mut credentials, mut notes) = (Credentials::new(), Vec::new());
    if goauth.commands().is_empty() {
        credentials = credentials.note("GOAUTH=off");
    }
    if goauth.commands().contains(&GoAuthCommand::Netrc) {
        credentials = read_netrc(&env.netrc(), credentials, &mut notes);
    }
    credentials = notes.iter().fold(credentials, |credentials, note| credentials.note(note.to_string()));
    let programs = goauth.commands().iter().filter(|command| **command != GoAuthCommand::Netrc);
    notes.extend(programs.map(|command| EnvNote::GoAuthProgram(command.name().to_owned())));
    (credentials, notes)
}

/// Reads the first of the files that exists.
fn read_netrc(files: &[PathBuf], mut credentials: Credentials, notes: &mut Vec<EnvNote>) -> Credentials {
    for path in files {
        match read(path) {
            Ok(netrc) => {
                let line = |note: &NetrcNote| EnvNote::NetrcLine { path: path.clone(), note: *note };
                notes.extend(netrc.notes().iter().map(line));
                return credentials.netrc(netrc.named(path));
            }
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                credentials = credentials.note(format!("there is no {}", path.display()));
            }
            Err(source) => {
                notes.push(EnvNote::Netrc { path: path.clone(), source });
                return credentials;
            }
        }
    }
    credentials
}

fn read(path: &Path) -> io::Result<Netrc> {
    let mut data = Vec::new();
    File::open(path)?.take(MAX_NETRC + 1).read_to_end(&mut data)?;
    if data.len() as u64 > MAX_NETRC {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Netrc::parse(&data))
}

impl fmt::Display for EnvNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GoAuthProgram(name) => {
                write!(f, "GOAUTH command {name:?} is not run: no program is, unless that is allowed")
            }
            Self::Netrc { path, source } => {
                write!(f, "{} cannot be read, so that no credentials are used: {source}", path.display())
            }
            Self::NetrcLine { path, note } => write!(f, "{}: {note}", path.display()),
            Self::Pattern { variable, problem } => write!(f, "{variable}: {problem}"),
        }
    }
}
