use gomod_module::{Info, ModulePath};

use crate::client::shared::Shared;
use crate::protocol::goproxy::Entry;
use crate::protocol::info::check_info;
use crate::report::failure::Failure;
use crate::report::kind::ErrorKind;

/// The metadata in an answer, of this revision of a module if one was asked for.
pub(crate) fn parse_info(
    shared: &Shared,
    entry: &Entry,
    body: &[u8],
    asked: Option<(&ModulePath, &str)>,
) -> Result<Info, Failure> {
    let info = Info::parse(body).map_err(|source| Failure::Info { proxy: entry.to_string(), source })?;
    // What was asked for tells nothing.
    let is_asked = asked.is_some_and(|(_, revision)| revision == info.version);
    if !is_asked && shared.secrets().are_told_by(&info.version) {
        let text = "proxy returned info for a version that quotes credentials".to_owned();
        return Err(Failure::Told { kind: ErrorKind::Malformed, text });
    }
    if let Some((module, revision)) = asked {
        check_info(&info, module, revision).map_err(|e| Failure::WrongVersion { version: e.version })?;
    }
    Ok(info)
}
