//! Laws of direct access: pages lead to repositories, and modules of one repository share what is fetched.
#![expect(clippy::unwrap_used, reason = "a broken fixture should stop the test")]

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use gomod_module::GoEnv;
use gomod_proxy_client::transport::{HttpFuture, HttpTransport, ResponseBody};
use gomod_proxy_client::{Error, ErrorKind, Fetched, GoProxy, ProxyClient};
use gomod_testkit::skip;
use gomod_vcs::GitProgram;
use support::direct::Direct;

/// The pages of all hosts.
#[derive(Debug)]
struct Pages;

impl HttpTransport for Pages {
    fn send(&self, request: http::Request<()>) -> HttpFuture<'_> {
        Box::pin(async move {
            let tag =
                |prefix: &str, rest: &str| format!("<meta name=\"go-import\" content=\"{prefix} {rest}\">");
            let url = request.uri().to_string();
            let (status, body) = match &*url {
                "https://multi.test/m?go-get=1" | "https://multi.test/m/sub?go-get=1" => {
                    (404, tag("multi.test/m", "git https://vcs.test/multi"))
                }
                "https://hg.test/m?go-get=1" => (200, tag("hg.test/m", "hg https://hg.test/m")),
                _ => (200, String::new()),
            };
            let mut response = http::Response::new(ResponseBody::from(Bytes::from(body)));
            *response.status_mut() = status.try_into().unwrap();
            Ok(response)
        })
    }
}

fn client(dir: &Path) -> ProxyClient {
    let cache = dir.join("cache");
    let lookup = |name: &str| (name == "GOMODCACHE").then(|| OsString::from(&cache));
    let env = GoEnv::resolve("linux", &lookup, None, None);
    let mut variables: Vec<_> = std::env::vars_os().filter(|(name, _)| name != "GIT_CONFIG_GLOBAL").collect();
    variables.push(("GIT_CONFIG_GLOBAL".into(), dir.join("repositories/gitconfig").into()));
    let builder = ProxyClient::builder(GoProxy::parse("direct").unwrap()).http_transport(Pages);
    let pages = builder.clone().build().unwrap();
    builder.direct(Direct::new(&env, pages, GitProgram::find(variables))).build().unwrap()
}

fn urls<T>(fetched: &Fetched<T>) -> Vec<String> {
    let urls = fetched.trace.attempts().iter().filter_map(|attempt| attempt.url());
    urls.map(str::to_owned).collect()
}

#[tokio::test]
async fn pages_lead_to_repositories_whose_modules_share_what_is_fetched() {
    let dir = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gomod-vcs/tests/make-repos.sh");
    if Command::new("git").arg("--version").output().is_err() {
        return skip("no git on this machine: nothing is read directly");
    }
    let Ok(made) = Command::new("sh").arg(script).arg(dir.path().join("repositories")).output() else {
        return skip("no sh on this machine: nothing is read directly");
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let client = client(dir.path());

    let (root, sub) = ("multi.test/m".parse().unwrap(), "multi.test/m/sub".parse().unwrap());
    let listed = client.versions(&root).await.unwrap();
    let asked = urls(&listed);
    assert_eq!(
        asked[..2],
        ["https://multi.test/m?go-get=1", "https://multi.test/m?go-get=1"],
        "asked again after 404"
    );
    assert_eq!(asked.iter().filter(|url| url.starts_with("git ls-remote")).count(), 1, "{asked:?}");
    let of_sub = client.versions(&sub).await.unwrap();
    let asked = urls(&of_sub);
    assert!(asked.contains(&"https://multi.test/m/sub?go-get=1".to_owned()), "{asked:?}");
    assert!(!asked.iter().any(|url| url.starts_with("git ls-remote")), "the references are known: {asked:?}");
    assert!(!of_sub.value.is_empty() && of_sub.value != listed.value);
    let again = urls(&client.versions(&sub).await.unwrap());
    assert_eq!(again, ["direct:multi.test/m/sub/@v/list"], "nothing is asked twice");

    let failed =
        |error: Error| (error.kind(), error.next_step().unwrap_or_default(), error.report().to_string());
    let (kind, next, report) = failed(client.versions(&"hg.test/m".parse().unwrap()).await.unwrap_err());
    assert_eq!(kind, ErrorKind::Repository, "{report}");
    assert!(next.starts_with("only git repositories are read"), "{report}");
    let (kind, next, report) = failed(client.versions(&"none.test/m".parse().unwrap()).await.unwrap_err());
    assert_eq!(kind, ErrorKind::NotFound, "{report}");
    assert!(next.starts_with("check the module path"), "{report}");
    assert!(report.contains("asked: https://none.test/m?go-get=1: status 200"), "{report}");
}
