use gomod_module::version::is_pseudo_version;
use gomod_module::{PseudoVersion, Timestamp, semver};

/// The versions in the body of `@v/list`, as the go command reads it: the first field of each line, where that is a
/// semantic version with this prefix and no pseudo-version; sorted, duplicates kept.
///
/// They are texts, not proofs: `v1`, `v1.2.3+meta` and versions of another major pass
/// (`proxyRepo.Versions` in cmd/go).
///
/// ```
/// use gomod_proxy_client::protocol::versions;
///
/// assert_eq!(versions(b"v1.10.0\r\nv1.9.0 2020-01-02T03:04:05Z\n<html>\n", ""), ["v1.9.0", "v1.10.0"]);
/// ```
pub fn versions(body: &[u8], prefix: &str) -> Vec<String> {
    let mut list: Vec<String> = lines(body)
        .filter_map(|line| {
            let version = line.split_whitespace().next()?;
            let wanted =
                semver::is_valid(version) && version.starts_with(prefix) && !is_pseudo_version(version);
            wanted.then(|| version.to_owned())
        })
        .collect();
    list.sort_by(|v, w| semver::compare(v, w).then_with(|| v.cmp(w)));
    list
}

/// The newest version in the body of `@v/list`, for a module of which the proxy has no `@latest`: of the lines with a time and
/// the pseudo-versions, the one with the latest time (`proxyRepo.latestFromList` in cmd/go). `None` where there are none.
///
/// ```
/// use gomod_proxy_client::protocol::latest_from_list;
///
/// let list = b"v1.1.0 2020-01-02T03:04:05Z\nv1.0.0 2021-01-02T03:04:05Z\nv1.2.0\n";
/// assert_eq!(latest_from_list(list).as_deref(), Some("v1.0.0"));
/// ```
#[doc(alias = "latestFromList")]
pub fn latest_from_list(body: &[u8]) -> Option<String> {
    // Two instants, not two texts: the offset does not count. Nothing is older than the zero time, which also stands
    // for a time that cannot be read.
    let instant = |time: Timestamp| (time.unix_seconds(), time.nanos());
    let mut best = (instant(Timestamp::default()), None);
    for line in lines(body) {
        let mut fields = line.split_whitespace();
        let Some(version) = fields.next().filter(|version| semver::is_valid(version)) else { continue };
        let time = match fields.next() {
            Some(time) => time.parse().ok(),
            None => PseudoVersion::parse(version).ok().and_then(|pseudo| pseudo.time().ok()),
        };
        if let Some(time) = time.map(instant).filter(|time| *time > best.0) {
            best = (time, Some(version.to_owned()));
        }
    }
    best.1
}

fn lines(body: &[u8]) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
    // What is not UTF-8 is in no valid version, so that its replacement changes no answer.
    body.split(|byte| *byte == b'\n').map(String::from_utf8_lossy)
}

#[cfg(test)]
mod tests {
    use super::latest_from_list;

    #[test]
    fn newest_is_by_time_and_needs_one() {
        let pseudo = "v0.0.0-20200102030405-aaaaaaaaaaaa\nv0.0.0-20210102030405-bbbbbbbbbbbb\n";
        assert_eq!(
            latest_from_list(pseudo.as_bytes()).as_deref(),
            Some("v0.0.0-20210102030405-bbbbbbbbbbbb")
        );
        assert_eq!(latest_from_list(b"v1.0.0\nv1.1.0\n"), None);
        assert_eq!(
            latest_from_list(b"v1.1.0 2020-01-02T03:04:05Z\nv1.0.0 2021-01-02T03:04:05Z\n").as_deref(),
            Some("v1.0.0")
        );
        assert_eq!(latest_from_list(b"v1.1.0 yesterday\n"), None);
    }
}
