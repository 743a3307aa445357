//! `flaky`: a GOPROXY that misbehaves on purpose.

mod args;
mod report;

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::num::NonZeroU64;
use std::path::Path;
use std::process::ExitCode;

use gomod_testkit::{LoopbackProxy, ModuleTree, Rule, Scenario, Seen, SumDb};
use support::ending::exit;
use support::interrupt::{self, unless_interrupted};
use support::program::{self, Program};
use support::progress::Progress;
use support::sample;
use tokio::runtime;
use tokio::sync::mpsc;

pub(crate) use self::args::Args;
use self::report::{Report, Serving};

/// The largest scenario that is read, in bytes.
const MAX_SCENARIO: u64 = 1 << 20;

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn run(self) -> ExitCode {
        exit(run(self), &Progress::new(false))
    }
}

fn run(args: Args) -> Result<u8, Box<dyn Error>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let mut report = Report::new(args.json);
    let (tell, mut told) = mpsc::unbounded_channel();
    // Outlives the proxy, whose connections may be in the middle of an answer when the interrupt comes.
    let mut flaky = None;
    let ended = runtime.block_on(unless_interrupted(async {
        // Who has read the first line may interrupt: by then it must be listened for.
        tokio::task::yield_now().await;
        let flaky = flaky.insert(Flaky::start(args, tell)?);
        report.serving(&flaky.serving())?;
        while let Some(seen) = told.recv().await {
            report.seen(&seen)?;
        }
        Ok::<_, Box<dyn Error>>(())
    }));
    if let Some(Err(error)) = ended {
        return Err(error);
    }
    drop(flaky);
    while let Ok(seen) = told.try_recv() {
        report.seen(&seen)?;
    }
    report.summary()?;
    Ok(interrupt::status())
}

/// The proxy, and what its clients need to know.
struct Flaky {
    proxy: LoopbackProxy,
    /// The key of the sample's checksum database.
    gosumdb: Option<String>,
    /// Where the certificate of its authority is, gone when it ends.
    certificates: Option<tempfile::TempDir>,
}

impl Flaky {
    fn start(args: Args, tell: mpsc::UnboundedSender<Seen>) -> Result<Self, Box<dyn Error>> {
        let (port, dir) = (args.port, args.dir.clone());
        let scenario = scenario(args)?;
        let database = if dir.is_none() { Some(sample::database()?) } else { None };
        let tree = dir.map_or_else(sample::tree, ModuleTree::from_dir);
        let mut builder = LoopbackProxy::builder(tree).scenario(scenario);
        if let Some(database) = &database {
            builder = builder.proxied_database(database);
        }
        let watched = builder.watched(move |seen| drop(tell.send(seen)));
        let proxy = watched.start_at(port).map_err(|error| format!("port {port} of 127.0.0.1: {error}"))?;
        let certificates = proxy.ca_pem().map(in_a_file).transpose()?;
        Ok(Self { proxy, gosumdb: database.as_ref().map(SumDb::key), certificates })
    }

    fn serving(&self) -> Serving {
        Serving {
            goproxy: self.proxy.url(),
            gosumdb: self.gosumdb.clone(),
            ca_file: self.certificates.as_ref().map(|dir| dir.path().join(CA)),
        }
    }
}

const CA: &str = "ca.pem";

fn in_a_file(pem: &str) -> io::Result<tempfile::TempDir> {
    let dir = tempfile::Builder::new().prefix("flaky-").tempdir()?;
    fs::write(dir.path().join(CA), pem)?;
    Ok(dir)
}

/// What the file says, after what the flags say.
fn scenario(args: Args) -> Result<Scenario, Box<dyn Error>> {
    let mut scenario = args.scenario.as_deref().map(read).transpose()?.unwrap_or_default();
    let seed = args.seed.unwrap_or(scenario.seed);
    let limited = |mut rule: Rule| {
        if let Some(times) = args.times {
            rule = rule.times(times);
        }
        rule.one_in(args.one_in.unwrap_or(NonZeroU64::MIN), seed)
    };
    if args.faults.is_empty() {
        scenario.cut_one_in = args.one_in.or(scenario.cut_one_in);
    }
    let given = std::mem::take(&mut scenario.rules);
    scenario.rules = args.faults.into_iter().map(limited).chain(given).collect();
    scenario.seed = seed;
    scenario.latency = args.latency.or(scenario.latency);
    scenario.bandwidth = args.bandwidth.or(scenario.bandwidth);
    scenario.ranges |= args.ranges;
    scenario.tls = args.tls.or(scenario.tls);
    Ok(scenario)
}

fn read(path: &Path) -> Result<Scenario, Box<dyn Error>> {
    let named = |error: &dyn Error| format!("{}: {error}", path.display());
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_SCENARIO + 1).read_to_string(&mut text));
    if read.map_err(|error| named(&error))? as u64 > MAX_SCENARIO {
        return Err(format!("{}: larger than {MAX_SCENARIO} bytes", path.display()).into());
    }
    Ok(Scenario::parse(&text).map_err(|error| named(&error))?)
}
