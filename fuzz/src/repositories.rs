//! What says where a module's repository is.

use std::str;

use gomod_module::ModulePath;
use gomod_vcs::{Discovery, DiscoverySettings, GoVcs, Page, PageAnswer, go_imports};

/// The longest search that can be: two pages and a file, each by two schemes, once again, with ten requests each.
const MAX_REQUESTS: usize = 120;

/// A page, its first lines as a module path, a GOVCS value and a `Location`: the search ends, what it finds is about the path,
/// and no program could take it for an option.
pub fn go_import(data: &[u8]) {
    if let Ok(tags) = go_imports(data) {
        assert!(tags.iter().all(|tag| !format!("{tag:?} {}", tag.repo).is_empty() && !tag.prefix.is_empty()));
    }
    let mut lines = data.splitn(4, |&b| b == b'\n').map(|line| str::from_utf8(line).unwrap_or_default());
    let mut line = || lines.next().unwrap_or_default();
    let path = ModulePath::new(line()).or_else(|_| ModulePath::new("m.test/x"));
    let (Ok(path), govcs, location) = (path, line(), line()) else { return };
    let mut asked = 0;
    let settings = DiscoverySettings::new().govcs(GoVcs::parse(govcs));
    let result = Discovery::new(&path, settings).run(
        |request| {
            assert!(request.url.starts_with("https://"), "{request:?}");
            asked += 1;
            assert!(asked <= MAX_REQUESTS);
            let status = if asked % 2 == 1 { 302 } else { 200 };
            PageAnswer::Page(Page::new(status, data).location(location))
        },
        |ping| ping.url.as_str().starts_with("ssh:"),
    );
    match result {
        Ok(root) => {
            assert!(path.as_str().starts_with(&root.root), "{root:?}");
            let url = root.url.as_str();
            assert!(!url.starts_with('-') && !url.contains("://-") && !url.contains('\n'), "{root:?}");
            assert!(root.code_dir(&path).split('/').all(|element| element != ".."), "{root:?}");
        }
        Err(error) => assert!(!format!("{error} {error:?}").is_empty()),
    }
}
