//! Another source than GOPROXY.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use gomod_module::GoEnv;
use gomod_proxy_client::GoProxy;
use support::failure::chain;

/// The environment in which modules come from a directory or a proxy of the user's choice, and from there alone.
pub(crate) fn environment(env: &GoEnv, from: Option<&str>) -> Result<GoEnv, Box<dyn Error>> {
    let Some(from) = from else { return Ok(env.clone()) };
    let proxy = if from.contains("://") { from.to_owned() } else { directory(Path::new(from))? };
    let variables = |name: &str| match name {
        "GOPROXY" => Some(proxy.clone().into()),
        // Names no module: none goes past this proxy.
        "GONOPROXY" => Some("none".into()),
        "GOENV" => Some("off".into()),
        name => Some(env.get(name)).filter(|value| !value.is_empty()).map(Into::into),
    };
    // It is not the environment that is wrong.
    GoProxy::parse(&proxy).map_err(|error| format!("--from: {}", chain(&error)))?;
    Ok(GoEnv::resolve(env::consts::OS, &variables, None, None))
}

/// A module cache as a proxy, or a directory that is laid out as one.
fn directory(from: &Path) -> Result<String, Box<dyn Error>> {
    let path = fs::canonicalize(from).map_err(|error| format!("--from {}: {error}", from.display()))?;
    let downloads = path.join("cache").join("download");
    let path = if downloads.is_dir() { downloads } else { path };
    let text = path.to_str().ok_or("--from: a path that is no text cannot be a URL")?;
    let mut url = "file://".to_owned();
    for byte in text.bytes() {
        // All else separates the entries of GOPROXY, or means something in a URL.
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            url.push(byte.into());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    Ok(url)
}
