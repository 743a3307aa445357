//! The embedded sample: a small project, and two proxies in this process of which the first always fails.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

use gomod_module::GoEnv;
use gomod_sum::GoSum;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, SumDb, SumDbLog};

/// Why the sample cannot be run.
pub const ABSENT: Option<&str> = None;

const PROJECT: [(&str, &str); 3] = [
    ("go.mod", include_str!("../data/sample/project/go.mod")),
    ("go.sum", include_str!("../data/sample/project/go.sum")),
    ("hello.go", include_str!("../data/sample/project/hello.go")),
];
const GREETING: [(&str, &[u8]); 2] = [
    ("go.mod", include_bytes!("../data/sample/greeting/go.mod")),
    ("greeting.go", include_bytes!("../data/sample/greeting/greeting.go")),
];
const WORDS: [(&str, &[u8]); 2] = [
    ("go.mod", include_bytes!("../data/sample/words/go.mod")),
    ("words.go", include_bytes!("../data/sample/words/words.go")),
];

/// A project to try a tool on, and the proxies that have its modules. The proxies end when it is dropped.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sample {
    /// The directory of everything, new and the caller's to remove.
    pub dir: PathBuf,
    /// The project.
    pub project: PathBuf,
    /// The environment in which the tools find proxies and an empty cache, and nothing of the user's.
    pub env: GoEnv,
    /// Answers 502 to everything.
    broken: LoopbackProxy,
    /// Has the modules, and serves the checksum database.
    healthy: LoopbackProxy,
    /// A checksum database that knows them. Served as long as this lives.
    _database: SumDb,
}

impl Sample {
    /// Writes the project into a temporary directory and starts the proxies.
    ///
    /// # Errors
    /// What the system says where the directory cannot be written.
    pub fn start() -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("gomod-sample-").tempdir()?.keep();
        let project = dir.join("project");
        fs::create_dir(&project)?;
        for (name, content) in PROJECT {
            fs::write(project.join(name), content)?;
        }
        let broken =
            LoopbackProxy::builder(ModuleTree::new()).fault(Endpoint::Any, Fault::status(502)).start();
        let database = database()?;
        let healthy = LoopbackProxy::builder(tree()).proxied_database(&database).start();
        let gosumdb = database.key();
        let list = goproxy(&broken, &healthy);
        let variables = |name: &str| match name {
            "GOPROXY" => Some(list.clone().into()),
            "GOSUMDB" => Some(gosumdb.clone().into()),
            "GOPATH" => Some(dir.join("gopath").into()),
            // So that the directory can be removed without further ado.
            "GOFLAGS" => Some("-modcacherw".into()),
            "GOENV" | "GOWORK" => Some("off".into()),
            _ => None,
        };
        let env = GoEnv::resolve(env::consts::OS, &variables, None, None);
        Ok(Self { dir, project, env, broken, healthy, _database: database })
    }

    /// The list of its proxies.
    pub fn goproxy(&self) -> String {
        goproxy(&self.broken, &self.healthy)
    }

    /// How many requests the second of them got.
    pub fn requests(&self) -> usize {
        self.healthy.hits()
    }
}

fn goproxy(broken: &LoopbackProxy, healthy: &LoopbackProxy) -> String {
    format!("{}|{}", broken.url(), healthy.url())
}

/// The modules of the sample.
pub fn tree() -> ModuleTree {
    ModuleTree::new()
        .module("example.com/greeting", "v1.2.0", &GREETING)
        .module("example.com/Words", "v0.3.0", &WORDS)
        .module("example.com/Words", "v0.3.1", &WORDS)
}

/// A checksum database that knows them.
///
/// # Errors
/// Where the sample is not what it was made as.
pub fn database() -> io::Result<SumDb> {
    Ok(SumDb::new(log().map_err(io::Error::other)?))
}

/// A log of all that the project's go.sum knows, and of some modules that it does not.
fn log() -> Result<SumDbLog, gomod_sum::MalformedGoSumError> {
    let mut log = SumDbLog::new("sum.example.com", 8);
    let mut records = BTreeMap::<_, String>::new();
    for entry in GoSum::parse(include_bytes!("../data/sample/project/go.sum"))?.entries() {
        if let Some((module, kind)) = entry.module() {
            let (path, version, hash) =
                (module.path(), module.version(), String::from_utf8_lossy(entry.hash));
            let line = format!("{path} {version}{} {hash}\n", kind.suffix());
            records.entry(module.clone()).or_default().push_str(&line);
        }
    }
    for i in 0..300 {
        let (path, version) = (format!("example.com/other{i}"), "v1.0.0");
        log.add(&path, version, &format!("{path} {version} h1:{i}\n"));
    }
    for (module, text) in records {
        log.add(module.path().as_str(), module.version().as_str(), &text);
    }
    Ok(log)
}
