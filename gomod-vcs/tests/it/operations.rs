//! The operations of the vector files that this crate answers.

use std::error::Error;

use gomod_module::{ModulePath, PrefixPatterns};
use gomod_testkit::vectors::{Answer, Operation, bytes};
use gomod_vcs::{Discovery, DiscoverySettings, DiscoveryStep, GoVcs, Page, PageAnswer, Vcs};
use serde_json::{Map, Value};

/// Every operation of this crate.
pub const OPERATIONS: &[Operation] = &[("go_import", go_import)];

/// The search for a repository on an internet that consists of `pages`.
fn go_import(input: &Value) -> Answer {
    let text = |name: &str| input[name].as_str().unwrap_or_default();
    let mut value = Map::new();
    for name in ["root", "vcs", "repo"] {
        value.insert(name.into(), "".into());
    }
    let path = match ModulePath::new(text("path")) {
        Ok(path) => path,
        Err(e) => return Answer::partial(value, e),
    };
    let insecure = if input["insecure"] == true { "*" } else { "" };
    let settings = DiscoverySettings::new()
        .goprivate(PrefixPatterns::parse(text("goprivate")))
        .goinsecure(PrefixPatterns::parse(insecure))
        .govcs(GoVcs::parse(text("govcs")))
        .git_allow_protocol(input["git_allow_protocol"].as_str().map(str::to_owned));
    let mut discovery = Discovery::new(&path, settings);
    let (mut requests, mut pings) = (Vec::new(), Vec::new());
    loop {
        match discovery.step() {
            DiscoveryStep::Fetch(request) => {
                let answer = answer(input, &request.url, request.unverified);
                // The servers behind the vectors saw what reached them.
                if matches!(answer, PageAnswer::Page(_)) {
                    requests.push(request.url.clone());
                }
                discovery.answer_page(answer);
            }
            DiscoveryStep::Ping(ping) => {
                let (scheme, _) = ping.url.as_str().split_once("://").unwrap_or_default();
                let is_there = !text("ping_fails").split(' ').any(|fails| fails == scheme);
                pings.push(scheme.to_owned());
                discovery.answer_ping(is_there);
            }
            DiscoveryStep::Done => break,
        }
    }
    if let Some(tag) = discovery.tag() {
        for (name, field) in
            [("root", &tag.prefix), ("vcs", &tag.vcs), ("repo", &tag.repo), ("subdir", &tag.subdir)]
        {
            insert(&mut value, name, field.as_str());
        }
    }
    for (name, list) in [("requests", requests), ("pings", pings)] {
        if !list.is_empty() {
            value.insert(name.into(), list.into());
        }
    }
    match discovery.into_result() {
        Ok(root) => {
            let code_dir = root.code_dir(&path);
            for (name, field) in [
                ("root", root.root.as_str()),
                ("vcs", root.vcs.as_str()),
                ("repo", root.url.as_str()),
                ("subdir", &root.subdir),
                // Go was seen looking into git repositories alone.
                ("code_dir", if root.vcs == Vcs::Git { &code_dir } else { "" }),
            ] {
                insert(&mut value, name, field);
            }
            Answer::value(value)
        }
        Err(e) => Answer::partial(value, chain(&e)),
    }
}

fn insert(value: &mut Map<String, Value>, name: &str, field: &str) {
    if !field.is_empty() {
        value.insert(name.into(), field.into());
    }
}

/// What a server answers. What `pages` does not have is not there.
fn answer(input: &Value, url: &str, unverified: bool) -> PageAnswer {
    let host = url.split('/').nth(2).unwrap_or_default();
    let fault = input["fault"][format!("{host}:443")].as_str().filter(|_| url.starts_with("https:"));
    match fault {
        None => {}
        Some("badcert") if unverified => {}
        Some(fault) => return PageAnswer::Failed(fault.into()),
    }
    let pages = input["pages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(page) = pages.iter().find(|page| page["url"] == url) else {
        return PageAnswer::Page(
            Page::new(404, "404 page not found\n").content_type("text/plain; charset=utf-8"),
        );
    };
    let status = page["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let header = |name: &str| page["header"][name].as_str();
    let mut answer =
        Page::new(status, bytes(&page["body"])).content_type(header("Content-Type").unwrap_or("text/html"));
    if let Some(location) = header("Location") {
        answer = answer.location(location);
    }
    PageAnswer::Page(answer)
}

/// An error and all its causes.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
