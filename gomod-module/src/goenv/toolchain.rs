use super::GoEnvError;
use crate::go_version;

/// Checks a GOTOOLCHAIN value: empty, `local`, `auto`, `path`, a toolchain's name, or `local` or a name followed by
/// `+auto` or `+path`.
///
/// Source: [Go toolchain selection](https://go.dev/doc/toolchain#select).
pub(super) fn check(gotoolchain: &str) -> Result<(), GoEnvError> {
    let (least, suffix) = match gotoolchain.split_once('+') {
        Some((least, suffix)) => (least, Some(suffix)),
        None => (gotoolchain, None),
    };
    let valid = match suffix {
        None if matches!(least, "" | "auto" | "path") => true,
        Some(suffix) if !matches!(suffix, "auto" | "path") => false,
        _ => least == "local" || is_toolchain(least),
    };
    if valid { Ok(()) } else { Err(GoEnvError::Toolchain(gotoolchain.to_owned())) }
}

/// Whether a name is one of a toolchain: `go1.21.0`, or with more after a dash or a blank.
fn is_toolchain(name: &str) -> bool {
    let version = name.strip_prefix("go").unwrap_or_default();
    let version = version.split([' ', '\t', '-']).next().unwrap_or_default();
    let is_go_1 = name.starts_with("go1") || name.contains("-go1");
    is_go_1 && !name.contains(['/', '\\']) && go_version::is_valid(version)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn values() {
        for good in [
            "",
            "local",
            "auto",
            "path",
            "go1.21.0",
            "go1.21",
            "go1.21.0-custom",
            "local+auto",
            "go1.22+path",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in
            ["auto\r", "bogus", "go", "go2.0", "go1.x", "local+x", "x+auto", "auto+auto", "1.21", "go1.2/x"]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
