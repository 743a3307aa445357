//! The tools of this workspace, as programs to be measured.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use gomod_testkit::skip;

use crate::measuring;

/// Returns where the examples of these names are, built with optimisation; where nothing is measured, what other tests have
/// built, or `None`, with a word on standard error, if they have not.
///
/// # Errors
/// When they cannot be built.
pub fn examples<const N: usize>(names: [&str; N]) -> Result<Option<[PathBuf; N]>, Box<dyn Error>> {
    // This program is `<target>/<profile>/deps/<bench>-<hash>`.
    let this = env::current_exe()?;
    let profile = this.ancestors().nth(2).ok_or("this program has been moved")?;
    if measuring() {
        let target = profile.parent().ok_or("this program has been moved")?;
        let status = Command::new(env!("CARGO"))
            .args(["build", "--release", "--quiet", "-p", "gomod-examples"])
            .args(names.iter().flat_map(|name| ["--example", name]))
            .arg("--target-dir")
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()?;
        if !status.success() {
            return Err(format!("the examples cannot be built: {status}").into());
        }
    }
    let programs =
        names.map(|name| profile.join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX)));
    if let Some(missing) = programs.iter().find(|program| !program.is_file()) {
        skip(&format!("{} has not been built, and is not measured", missing.display()));
        return Ok(None);
    }
    Ok(Some(programs))
}
