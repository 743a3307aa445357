use gomod_module::text::quote;
use gomod_module::version::canonical_version;
use gomod_module::{Info, ModulePath, check_module, semver};

/// That a `.info` file is about another version than the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("proxy returned info for version {version} instead of requested version")]
#[non_exhaustive]
pub struct WrongVersionError {
    /// The version that the file names; quoted where it is no version.
    pub version: String,
}

/// That metadata answers the question for a revision of a module: where the revision is a version that the module can have,
/// nothing but that version does; a branch, a tag or a commit may lead to any (`proxyRepo.Stat` in cmd/go).
///
/// ```
/// use gomod_module::{Info, ModulePath};
/// use gomod_proxy_client::protocol::check_info;
///
/// let m = ModulePath::new("example.com/m")?;
/// let info = Info::parse(br#"{"Version": "v1.2.3", "Time": "2020-01-02T03:04:05Z"}"#)?;
/// assert!(check_info(&info, &m, "v1.2.3").is_ok());
/// assert!(check_info(&info, &m, "master").is_ok());
/// assert!(check_info(&info, &m, "v1.2.4").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`WrongVersionError`].
pub fn check_info(info: &Info, module: &ModulePath, revision: &str) -> Result<(), WrongVersionError> {
    let is_version = || {
        canonical_version(revision).is_some_and(|canonical| canonical == revision)
            && check_module(module.as_str(), revision).is_ok()
    };
    if info.version == revision || !is_version() {
        return Ok(());
    }
    // What is no version may hold what plays tricks on a terminal.
    let is_shown = semver::is_valid(&info.version);
    let version = if is_shown { info.version.clone() } else { quote(info.version.as_bytes()) };
    Err(WrongVersionError { version })
}
