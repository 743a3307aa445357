//! Credentials are shown nowhere and sent over https alone.

use gomod_proxy_client::auth::Netrc;
use gomod_proxy_client::transport::HttpProxies;
use gomod_proxy_client::{Credentials, ErrorKind, GoProxy, ProxyClient};
use gomod_testkit::{Endpoint, Fault};

use crate::sources::{client, faulty, fetch, good};

const SECRET: &str = "s3cr3t";

#[tokio::test]
async fn plain_http_with_credentials_is_refused_before_any_request() {
    let a = good();
    for user in ["user:s3cr3t", "s3cr3t", "", ":"] {
        let list = a.url().replace("http://", &format!("http://{user}@"));
        let error = fetch(&client(&list), Endpoint::Info).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InsecureCredentials);
        assert!(
            error.to_string().contains("refusing to pass credentials to insecure URL: http://"),
            "{error}"
        );
        assert!(!format!("{error:?} {error}").contains(SECRET), "{error:?}");
        let with_other = client(&format!("{list}|{}", a.url()));
        fetch(&with_other, Endpoint::Info).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let a = faulty(Endpoint::Any, Fault::status(500));
    let list = format!("{}/x?key=s3cr3t", a.url());
    let client = client(&list);
    let error = fetch(&client, Endpoint::Zip).await.unwrap_err();
    assert_eq!(a.log()[0].target, "/x/example.com/%21upper/m/@v/v1.2.3.zip?key=s3cr3t");
    let shown = format!("{error} {error:?} {client:?} {}", error.attempts()[0]);
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("?xxxxx"), "{shown}");

    let refused =
        "http://s3cr3t:s3cr3t@[::1,https://s3cr3t@h:port,https://u:s3/cr3t@h,https://u:%s3cr3t@h,s3cr3t@h";
    for entry in refused.split(',') {
        let error = GoProxy::parse(entry).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("s3") && !shown.contains("cr3t"), "{shown}");
    }
    // What is no secret is still named.
    let error = GoProxy::parse("https://s3cr3t@h:port").unwrap_err();
    assert!(error.to_string().contains("invalid port \":port\""), "{error}");
    let list = GoProxy::parse("https://u:s3cr3t@h,https://s3cr3t@h/p?s3cr3t").unwrap();
    assert_eq!(list.to_string(), "https://u:xxxxx@h,https://xxxxx@h/p?xxxxx");
    assert!(!format!("{list:?}{:?}", list.entries()[0]).contains(SECRET));

    // A slash or an escape too few.
    for entry in [
        "https//u:s3cr3t@h",
        "https:/u:s3cr3t@h",
        "https://u:1/s3cr3t@h",
        "https://u:1?s3cr3t@h",
        "u:1/s3cr3t@h",
    ] {
        let list = GoProxy::parse(entry).unwrap();
        let error =
            fetch(&crate::sources::client(&format!("{entry}|off")), Endpoint::Info).await.unwrap_err();
        let shown = format!("{list} {list:?} {error} {error:?}");
        assert!(!shown.contains(SECRET), "{shown}");
    }

    let credentials = Credentials::new()
        .basic("s3cr3t.example", "s3cr3t", "s3cr3t")
        .netrc(Netrc::parse(b"machine h login s3cr3t password s3cr3t\nmachine s3cr3t password s3cr3t\n"));
    assert!(!format!("{credentials:?}").contains(SECRET));
    let builder = ProxyClient::builder(GoProxy::parse("https://h").unwrap()).credentials(credentials);
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(!shown.contains(SECRET), "{shown}");

    // A redirect to a signed URL.
    let location = "ftp://u:s3cr3t@h/x?signature=s3cr3t".to_owned();
    let a = faulty(Endpoint::Any, Fault::Redirect { code: 302, location });
    let error = fetch(&crate::sources::client(&a.url()), Endpoint::Info).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET));

    let proxies = HttpProxies::new().http("http://u:s3cr3t@proxy:1");
    assert!(!format!("{proxies:?}").contains(SECRET));
    let proxies = HttpProxies::new().https("socks4://u:s3cr3t@proxy:1");
    let error = proxies.proxy_for("https://h").unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET));
}
