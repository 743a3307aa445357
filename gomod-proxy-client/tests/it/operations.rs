//! This crate's operations of the vector files.

use gomod_module::PrefixPatterns;

use gomod_proxy_client::GoProxy;
use gomod_proxy_client::protocol::{self, Fallback, Next, Skip, Source, Step};
use gomod_proxy_client::transport::HttpProxies;
use gomod_testkit::vectors::{Answer, Operation, bytes, text};
use serde_json::{Value, json};

/// Name and implementation.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("goproxy_list", goproxy_list),
    ("goproxy_try", goproxy_try),
    ("no_proxy", no_proxy),
    ("proxy_versions", proxy_versions),
];

fn walk(input: &Value, path: &str) -> Result<Fallback, Answer> {
    let goproxy = text(&input["goproxy"]).ok_or_else(|| Answer::error("GOPROXY is not UTF-8"))?;
    let gonoproxy = PrefixPatterns::parse(bytes(&input["gonoproxy"]));
    let list = GoProxy::parse(&goproxy).map_err(Answer::error)?;
    Ok(Fallback::new(&list, &gonoproxy, path))
}

fn name(source: Source<'_>) -> String {
    match source {
        Source::Entry(entry) => entry.text().to_owned(),
        _ => "noproxy".to_owned(),
    }
}

fn goproxy_list(input: &Value) -> Answer {
    let walk = match walk(input, "example.com/m") {
        Ok(walk) => walk,
        Err(answer) => return answer,
    };
    let entries: Vec<Value> = walk
        .sources()
        .map(|source| {
            let pipe = matches!(source, Source::Entry(entry) if entry.separator().as_str() == "|");
            json!({ "url": name(source), "fall_back_on_error": pipe })
        })
        .collect();
    Answer::value(entries)
}

fn goproxy_try(input: &Value) -> Answer {
    let path = text(&input["path"]).expect("a module path");
    let mut walk = match walk(input, &path) {
        Ok(walk) => walk,
        Err(answer) => return answer,
    };
    let mut tried = Vec::new();
    let mut kinds = Vec::new();
    while let Some(step) = walk.step() {
        let scripted = input["results"][walk.position()].as_str().expect("a result for each source");
        let (kind, answer) = match (step, scripted) {
            (Step::Skip(Skip::Off), _) => ("off", protocol::Answer::NotFound),
            (Step::Skip(Skip::NoProxy), _) => ("no_proxy", protocol::Answer::NotFound),
            (Step::Skip(_), _) => ("use_proxy", protocol::Answer::NotFound),
            (_, "ok") => ("ok", protocol::Answer::Found),
            (_, "notexist") => ("notexist", protocol::Answer::NotFound),
            _ => ("error", protocol::Answer::Error),
        };
        tried.extend(walk.source().map(name));
        kinds.push(kind.to_owned());
        if walk.answer(answer) == Next::Found {
            return Answer::value(json!({ "tried": tried }));
        }
    }
    let index = walk.reported().expect("an error");
    let (proxy, kind) = (&tried[index], &kinds[index]);
    let reported = json!({ "index": index, "proxy": proxy, "kind": kind });
    Answer::partial(json!({ "tried": tried, "reported": reported }), format!("{proxy}: {kind}"))
}

/// Which URLs are asked for without the proxy.
fn no_proxy(input: &Value) -> Answer {
    let hosts = text(&input["no_proxy"]).expect("a text");
    let proxy = "http://proxy.corp:3128";
    let proxies = HttpProxies::new().http(proxy).https(proxy).no_proxy(hosts);
    let urls = input["urls"].as_array().expect("URLs").iter().map(|url| url.as_str().expect("a URL"));
    let direct = urls.filter(|url| proxies.proxy_for(url).expect("a proxy").is_none());
    Answer::value(direct.collect::<Vec<_>>())
}

fn proxy_versions(input: &Value) -> Answer {
    let prefix = text(&input["prefix"]).expect("a prefix");
    Answer::value(protocol::versions(&bytes(&input["body"]), &prefix))
}
