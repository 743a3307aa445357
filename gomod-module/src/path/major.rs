use crate::semver;
use crate::version::{InvalidVersionError, VersionReason};

/// Splits a module path into what stands before its major version and the major version with its separator:
/// `/v2`, or `.v2` and `.v2-unstable` for `gopkg.in`; empty where the path has none (`module.SplitPathVersion`,
/// <https://go.dev/ref/mod#major-version-suffixes>).
///
/// `None` is returned for a path whose end looks like a major version and is none, such as `/v1`, `/v02` or
/// `/v2.1`; Go returns `ok == false` there.
///
/// ```
/// use gomod_module::path::split_path_version;
///
/// assert_eq!(split_path_version("example.com/m/v2"), Some(("example.com/m", "/v2")));
/// assert_eq!(split_path_version("gopkg.in/yaml.v3"), Some(("gopkg.in/yaml", ".v3")));
/// assert_eq!(split_path_version("example.com/m"), Some(("example.com/m", "")));
/// assert_eq!(split_path_version("example.com/m/v1"), None);
/// ```
#[doc(alias = "SplitPathVersion")]
pub fn split_path_version(path: &str) -> Option<(&str, &str)> {
    if path.starts_with("gopkg.in/") {
        return split_gopkg_in(path);
    }
    let before = path.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = path.get(before.len()..)?;
    let Some(prefix) = before.strip_suffix("/v").filter(|_| !number.is_empty()) else {
        return Some((path, ""));
    };
    let valid = !number.contains('.') && !number.starts_with('0') && number != "1";
    if valid { Some((prefix, path.get(prefix.len()..)?)) } else { None }
}

fn split_gopkg_in(path: &str) -> Option<(&str, &str)> {
    let stable = path.strip_suffix("-unstable").unwrap_or(path);
    let before = stable.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = stable.get(before.len()..)?;
    let prefix = before.strip_suffix(".v")?;
    let major = path.get(prefix.len()..)?;
    // Go takes `.v-unstable`, which no version fits.
    let valid = major != ".v" && (!number.starts_with('0') || major == ".v0");
    valid.then_some((prefix, major))
}

/// Checks that a version belongs to a module path with the given major version as [`split_path_version`] returns
/// it (`module.CheckPathMajor`): its major version is the same, or, where that is empty, is `v0` or `v1` unless the
/// version ends in `+incompatible`.
///
/// # Errors
/// [`InvalidVersionError`] with [`VersionReason::Major`].
#[doc(alias = "CheckPathMajor")]
#[doc(alias = "MatchPathMajor")]
pub fn check_path_major(version: &str, path_major: &str) -> Result<(), InvalidVersionError> {
    let path_major = stable(path_major);
    // Go made such versions for `.v1` before it knew better, and they stay valid.
    if version.starts_with("v0.0.0-") && path_major == ".v1" {
        return Ok(());
    }
    let major = semver::major(version);
    let (valid, wanted) = if path_major.is_empty() {
        let valid = matches!(major, "v0" | "v1") || semver::build(version) == "+incompatible";
        (valid, "v0 or v1")
    } else if let Some(wanted) = path_major.strip_prefix(['/', '.']) {
        (major == wanted, wanted)
    } else {
        (false, path_major)
    };
    if valid {
        return Ok(());
    }
    Err(InvalidVersionError {
        version: version.into(),
        reason: VersionReason::Major { wanted: wanted.into(), found: major.into() },
    })
}

/// The major version that `path_major` asks for: `v2` for `/v2`, `.v2` and `.v2-unstable`, empty for the empty text
/// (`module.PathMajorPrefix`). `None` for what [`split_path_version`] never returns, where Go panics.
#[doc(alias = "PathMajorPrefix")]
pub fn path_major_prefix(path_major: &str) -> Option<&str> {
    if path_major.is_empty() {
        return Some("");
    }
    let major = stable(path_major).strip_prefix(['/', '.'])?;
    (semver::major(major) == major).then_some(major)
}

fn stable(path_major: &str) -> &str {
    match path_major.strip_suffix("-unstable") {
        Some(stable) if path_major.starts_with(".v") => stable,
        _ => path_major,
    }
}
