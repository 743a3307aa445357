//! What comes from proxies and from their users' configuration.

use gomod_module::{Info, PrefixPatterns, semver};
use gomod_proxy_client::auth::Netrc;
use gomod_proxy_client::protocol::{Answer, EntryKind, Fallback, versions};
use gomod_proxy_client::{Credentials, GoProxy};

/// A GOPROXY value: a list that is read ends, whatever its sources answer, and what it shows is a list as well.
pub fn goproxy(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let list = match GoProxy::parse(&text) {
        Ok(list) => list,
        Err(error) => return assert!(!format!("{error} {error:?}").is_empty()),
    };
    let entries = list.entries();
    assert!(!entries.is_empty() && !format!("{list} {list:?}").is_empty());
    let last = entries.len() - 1;
    assert!(entries.iter().take(last).all(|entry| entry.kind() == EntryKind::Url));
    for answer in [Answer::NotFound, Answer::Error, Answer::Mismatch] {
        let mut walk = Fallback::new(&list, &PrefixPatterns::parse(""), "example.com/m");
        for _ in 0..entries.len() {
            walk.answer(answer);
        }
        assert!(walk.step().is_none() && walk.reported().is_some());
    }
}

/// A netrc file: no more than it says, and nothing of it is shown.
pub fn netrc(data: &[u8]) {
    let netrc = Netrc::parse(data);
    assert!(netrc.len() <= data.len() && netrc.notes().len() <= 100);
    let with_end = Netrc::parse(&[data, b"\n"].concat());
    assert_eq!(netrc.len(), with_end.len());
    let shown = format!("{netrc:?}");
    let count = netrc.len();
    assert!(shown.starts_with(&format!("Netrc {{ entries: {count}, notes: [")), "{shown}");
    assert!(Credentials::new().netrc(netrc).is_empty() == (count == 0));
}

/// A `.info` file: what is written is read again as the same.
pub fn info(data: &[u8]) {
    if let Ok(info) = Info::parse(data) {
        let written = info.encode();
        assert_eq!(Info::parse(written.as_bytes()).ok(), Some(info), "{written}");
    }
}

/// A list of versions: sorted, valid, and its own list.
pub fn list(data: &[u8]) {
    let list = versions(data, "");
    assert!(list.iter().all(|version| semver::is_valid(version)));
    assert!(list.windows(2).all(|pair| semver::compare(&pair[0], &pair[1]).is_le()));
    assert_eq!(versions(list.join("\n").as_bytes(), ""), list);
    assert!(versions(data, "v1.").iter().all(|version| list.contains(version)));
}
