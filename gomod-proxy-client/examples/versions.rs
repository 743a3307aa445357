//! The versions of a module with their times, eight requests at a time.
//!
//! `cargo run -p gomod-proxy-client --example versions -- "$(go env GOPROXY)" golang.org/x/mod`

use std::error::Error;
use std::io::{self, Write as _};

use gomod_module::{ModulePath, ModuleVersion};
use gomod_proxy_client::{GoProxy, ProxyClient};
use tokio::task::JoinSet;

const AT_A_TIME: usize = 8;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(list), Some(path), None) = (args.next(), args.next(), args.next()) else {
        return Err("usage: versions GOPROXY PATH".into());
    };
    let (client, path) = (ProxyClient::builder(GoProxy::parse(&list)?).build()?, ModulePath::new(&path)?);

    // The list may name versions that the module cannot have.
    let listed = client.versions(&path).await?.value;
    let mut left = listed.iter().filter_map(|version| ModuleVersion::parse(path.as_str(), version).ok());
    let mut requests = JoinSet::new();
    let mut found = Vec::new();
    loop {
        for module in left.by_ref().take(AT_A_TIME - requests.len()) {
            let client = client.clone();
            requests.spawn(async move { (client.info(&module).await, module) });
        }
        let Some(ended) = requests.join_next().await else { break };
        match ended? {
            (Ok(info), module) => found.push((module, info.value.time)),
            (Err(error), _) => writeln!(io::stderr(), "{error}")?,
        }
    }
    found.sort();
    for (module, time) in found {
        writeln!(io::stdout(), "{time}  {module}")?;
    }
    Ok(())
}
