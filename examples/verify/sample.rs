//! The embedded sample: its modules are installed, and two of them broken.

use std::error::Error;
use std::fs;
use std::path::Path;

use gomod_cache::{CacheFile, ModCache};
use gomod_module::GoEnv;
use support::graph;
use support::install::Installer;
use support::progress::Progress;
use support::project::Project;
use support::sums::Sums;
use support::workers::Workers;

use super::args::Args;

/// Fills the cache of the sample, and breaks it.
pub(crate) async fn prepare(
    args: &Args,
    project: &Project,
    env: &GoEnv,
    cache: &ModCache,
) -> Result<(), Box<dyn Error>> {
    let quiet = Progress::new(true);
    let client = args.network.client(env, args.jobs, &quiet, false)?;
    let sums = Sums::new(project.sums.clone());
    let installer = Installer::new(client, cache.clone(), sums, Workers::new(args.jobs), quiet);
    let graph = graph::load(project, &installer).await?;
    let set = graph.set.ok_or("the sample has no module graph")?;
    for module in set.zips().modules {
        if let Some(failure) = installer.module(module, Vec::new()).await.failure {
            return Err(failure.problem.into());
        }
    }
    // A disk that lost half a file, and somebody who tried something out.
    let words = cache.entry(&"example.com/Words@v0.3.1".parse()?).path(CacheFile::Zip);
    let length = fs::metadata(&words)?.len();
    fs::File::options().write(true).open(&words)?.set_len(length / 2)?;
    let greeting = cache.entry(&"example.com/greeting@v1.2.0".parse()?).dir().join("greeting.go");
    replace(&greeting, "package greeting\n\nfunc init() { println(\"debug\") }\n")?;
    Ok(())
}

fn replace(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    fs::remove_file(path)?;
    fs::write(path, text)?;
    Ok(())
}
