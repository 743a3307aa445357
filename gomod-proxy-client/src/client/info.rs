use gomod_module::{Info, quote, semver};

use crate::client::shared::Shared;
use crate::protocol::goproxy::Entry;
use crate::report::failure::Failure;
use crate::report::kind::ErrorKind;

/// The metadata in an answer, of this version if it was asked for.
pub(crate) fn parse_info(
    shared: &Shared,
    entry: &Entry,
    body: &[u8],
    version: Option<&str>,
) -> Result<Info, Failure> {
    let info = Info::parse(body).map_err(|source| Failure::Info { proxy: entry.to_string(), source })?;
    // The version that was asked for tells nothing.
    if version != Some(info.version.as_str()) && shared.secrets.are_told_by(&info.version) {
        let text = "proxy returned info for a version that quotes credentials".to_owned();
        return Err(Failure::Told { kind: ErrorKind::Malformed, text });
    }
    match version {
        Some(version) if version != info.version => {
            // What is no version may hold what plays tricks on a terminal.
            let shown =
                if semver::is_valid(&info.version) { info.version } else { quote(info.version.as_bytes()) };
            Err(Failure::WrongVersion { version: shown })
        }
        _ => Ok(info),
    }
}
