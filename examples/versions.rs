//! The versions of a module with their times, eight requests at a time: `versions GOPROXY PATH`.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use gomod_module::{ModulePath, ModuleVersion};
use gomod_proxy_client::ProxyClient;
use serde_json::json;
use support::ending::{FAILED, exit};
use support::failure::chain;
use support::interrupt::{self, unless_interrupted};
use support::network::Sources;
use support::output::Output;
use support::program::{self, Program};
use support::progress::Progress;
use tokio::runtime;
use tokio::task::JoinSet;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

const AT_A_TIME: usize = 8;

const EXAMPLES: &str = "\
Examples:
  $ versions \"$(go env GOPROXY)\" golang.org/x/mod

Credentials and HTTP proxies are those of the environment: GOAUTH, NETRC, HTTPS_PROXY, NO_PROXY and so on.

Exit status: 0 all have a time, 1 something failed, 2 wrong usage, 130
interrupted, 143 ended by SIGTERM.";

/// Lists the versions of a module with their times.
#[derive(Debug, Parser)]
#[command(name = "versions", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The module.
    #[arg(index = 2, value_name = "PATH")]
    path: ModulePath,
    /// One JSON object a line on standard output: module, and time or error.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    sources: Sources,
}

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn run(self) -> ExitCode {
        let progress = Progress::new(false);
        exit(run(self, &progress), &progress)
    }
}

fn run(args: Args, progress: &Progress) -> Result<u8, Box<dyn Error>> {
    let Args { sources, path, json } = args;
    let output = Output::new(json, SCHEMA);
    let client = sources.client(progress)?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(unless_interrupted(versions(&client, &path, output, progress)));
    runtime.shutdown_background();
    match ended {
        None => Ok(interrupt::status()),
        Some(well) => Ok(if well? { 0 } else { FAILED }),
    }
}

/// Whether all of them could be had.
async fn versions(
    client: &ProxyClient,
    path: &ModulePath,
    output: Output,
    progress: &Progress,
) -> Result<bool, Box<dyn Error>> {
    // The list may name versions that the module cannot have.
    let listed = match client.versions(path).await {
        Ok(listed) => listed.value,
        Err(error) => {
            output.object(json!({"module": path.as_str(), "error": chain(&error)}))?;
            return Err(error.into());
        }
    };
    let mut left = listed.iter().filter_map(|version| ModuleVersion::parse(path.as_str(), version).ok());
    let mut requests = JoinSet::new();
    let (mut found, mut well) = (Vec::new(), true);
    loop {
        for module in left.by_ref().take(AT_A_TIME - requests.len()) {
            let client = client.clone();
            requests.spawn(async move { (client.info(&module).await, module) });
        }
        let Some(ended) = requests.join_next().await else { break };
        match ended? {
            (Ok(info), module) => found.push((module, info.value.time)),
            (Err(error), module) => {
                well = false;
                output.object(json!({"module": module.to_string(), "error": chain(&error)}))?;
                progress.warn(format_args!("error: {error}"));
            }
        }
    }
    found.sort();
    for (module, time) in found {
        output.line(
            || format!("{time}  {module}"),
            json!({"module": module.to_string(), "time": time.to_string()}),
        )?;
    }
    Ok(well)
}
