//! Law: a path that looks private is warned of exactly where no pattern keeps it from a public source.

use gomod_module::{ModulePath, PrefixPatterns};
use gomod_proxy_client::auth::{Netrc, PrivacyReason};
use gomod_proxy_client::{Credentials, GoProxy, ProxyClient};

const NETRC: &[u8] =
    b"machine git.example.com login u password s3cr3t\nmachine git.example.org:8443/x login u password p\n";

fn warning(list: &str, gonoproxy: &str, path: &str) -> Option<(String, PrivacyReason)> {
    let client = ProxyClient::builder(GoProxy::parse(list).unwrap())
        .gonoproxy(PrefixPatterns::parse(gonoproxy))
        .credentials(Credentials::new().netrc(Netrc::parse(NETRC)))
        .build()
        .unwrap();
    let warning = client.privacy_warning(&ModulePath::new(path).unwrap())?;
    assert!(!format!("{warning} {warning:?}").contains("s3cr3t"));
    assert!(warning.to_string().contains("GOPRIVATE"));
    Some((warning.source, warning.reason))
}

#[test]
fn paths_that_look_private() {
    use PrivacyReason::{Credentials, InternalName};
    let public = "https://proxy.example.net";
    let said = |reason| Some((public.to_owned(), reason));
    for (path, reason) in [
        ("git.corp.internal/m", Some(InternalName)),
        ("nas.local/m", Some(InternalName)),
        ("a.intranet/m", Some(InternalName)),
        ("git.example.com/m", Some(Credentials)),
        ("git.example.org/m", Some(Credentials)),
        ("example.com/m", None),
        ("x.git.example.com/m", None),
        ("localhost.example/m", None),
    ] {
        assert_eq!(warning(public, "", path), reason.and_then(said), "{path}");
        assert_eq!(warning(public, "*/m", path), None, "{path}");
        assert_eq!(warning(&format!("direct,{public}"), "", path), None, "{path}");
    }
    for list in [
        "file:///srv/go",
        "https://proxy.example.net:8443",
        "https://u:p@proxy.example.net",
        "http://10.0.0.1",
        "http://[::1]",
        "https://goproxy",
        "https://go.corp",
        "https://goproxy.example.com",
        "off",
    ] {
        assert_eq!(warning(list, "", "git.example.com/m"), None, "{list}");
        let later = warning(&format!("{list}|{public}"), "", "git.example.com/m");
        assert_eq!(later, if list == "off" { None } else { said(Credentials) }, "{list}");
    }
    let own = format!("https://u:s3cr3t@go.example.edu/x,{public}");
    assert_eq!(warning(&own, "", "go.example.edu/m"), said(Credentials));
}
