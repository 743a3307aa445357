//! What servers say is shown, whatever its form and wherever the list ends; it is bounded, steers no terminal, and brings no
//! secret back.

use std::fmt::Write as _;

use gomod_module::text::Printable;
use gomod_proxy_client::report::{NotSent, SentCredentials};
use gomod_proxy_client::{Credentials, Error, ErrorKind, ProxyClient, QueryOptions};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Reply};

use crate::sources::{builder, client, faulty, fetch, good, module, path};

fn reply(code: u16, content_type: &str, body: impl Into<String>) -> Fault {
    Fault::Reply(Reply::new(code).content_type(content_type).body(body.into()))
}

/// Everything that an error may show.
fn shown(error: &Error) -> String {
    let attempts = error.attempts().iter().map(|attempt| {
        format!(
            "{attempt} {:?} {:?} {:?}",
            attempt.outcome(),
            attempt.server_response(),
            attempt.redirected_to()
        )
    });
    let mut text = format!("{error} {error:?} {:?} ", error.server_response());
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        write!(text, "{error} {error:?} ").unwrap();
        cause = error.source();
    }
    text + &attempts.collect::<String>()
}

#[tokio::test]
async fn words_survive_at_every_end_of_the_list() {
    let why = "blocked by policy no-malware";
    for (code, content_type, body) in [
        (403, "application/json", format!("{{\"errors\":[{{\"status\":403,\"message\":\"{why}\"}}]}}")),
        (404, "text/plain; charset=utf-8", why.to_owned()),
        (410, "application/problem+json", format!("{{\"title\":\"Gone\",\"detail\":\"{why}\"}}")),
        (500, "text/html", format!("<html><title>{why}</title></html>")),
        (403, "application/xml", format!("<Error><Code>AccessDenied</Code><Message>{why}</Message></Error>")),
        (503, "application/octet-stream", format!("{{\"error\":{{\"message\":\"{why}\"}}}}")),
    ] {
        let a = faulty(Endpoint::Info, reply(code, content_type, body));
        for end in ["", ",direct", "|direct", ",off"] {
            let error = fetch(&client(&format!("{}{end}", a.url())), Endpoint::Info).await.unwrap_err();
            assert_eq!(
                error.attempts()[0].server_response().map(|said| said.contains(why)),
                Some(true),
                "{end}"
            );
            if error.kind() != ErrorKind::Off {
                assert!(
                    error.server_response().is_some_and(|said| said.contains(why)),
                    "{code} {end}: {error:?}"
                );
                assert_eq!(error.status(), Some(code), "{end}");
            }
        }
    }
}

/// A verdict on a page says so first, and keeps its own words and kind.
#[tokio::test]
async fn a_page_is_called_one() {
    for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip] {
        let a = faulty(endpoint, Fault::html());
        let error = fetch(&client(&a.url()), endpoint).await.unwrap_err();
        assert!(
            error.is_page() && error.attempts()[0].outcome().starts_with("a web page in place of a"),
            "{error:?}"
        );
        assert!(error.server_response().is_some_and(|said| said.starts_with("web page")), "{error:?}");
    }
    let a = faulty(Endpoint::Mod, reply(200, "application/json", "{\"message\":\"no such module\"}"));
    let error = fetch(&client(&a.url()), Endpoint::Mod).await.unwrap_err();
    assert_eq!((error.is_page(), error.server_response()), (true, Some("no such module")));
    assert!(error.to_string().contains("JSON in place of a .mod file"), "{error}");
    // Where the server led to.
    let page = faulty(Endpoint::Zip, Fault::html());
    let location = format!("{}/{{path}}", page.url());
    let a = faulty(Endpoint::Zip, Fault::Redirect { code: 302, location });
    let error = fetch(&client(&a.url()), Endpoint::Zip).await.unwrap_err();
    assert!(
        error.is_page() && error.to_string().contains(&format!("redirected to {}", page.url())),
        "{error}"
    );
    // A list without a version, as for Go, which is no reason for silence.
    let a = faulty(Endpoint::List, Fault::html());
    let query = "v1".parse().unwrap();
    let found = client(&a.url()).resolve(&path(), &query, &QueryOptions::new(), |_, _| Ok(())).await;
    let error = found.unwrap_err();
    assert!(error.is_page(), "{error:?}");
    // What only looks like one is none.
    let error = fetch(&client(&good().url()), Endpoint::Zip).await;
    assert!(error.is_ok());
}

#[tokio::test]
async fn what_was_sent_is_said() {
    let a = faulty(Endpoint::Info, reply(401, "text/plain", "who are you?"));
    let host = a.url().replace("http://", "");
    let ask = async |credentials: Credentials| {
        let client = builder(&a.url()).credentials(credentials).build().unwrap();
        fetch(&client, Endpoint::Info).await.unwrap_err()
    };
    let error = ask(Credentials::new()).await;
    let sent = error.credentials().unwrap();
    assert!(matches!(sent, SentCredentials::None(NotSent::PlainHttp { entry: None, .. })), "{sent:?}");
    let error = ask(Credentials::new().basic(&host, "bob", "hush")).await;
    let sent = error.credentials().unwrap();
    assert!(
        !sent.is_sent() && sent.to_string().contains(&host) && !sent.to_string().contains("bob"),
        "{sent}"
    );
    // What is no question of credentials says nothing of them.
    let a = faulty(Endpoint::Info, Fault::status(500));
    assert_eq!(fetch(&client(&a.url()), Endpoint::Info).await.unwrap_err().credentials(), None);
}

/// A storage with signed URLs that refuses: it is named, it got nothing, and what the source got is said.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn it_is_said_that_the_storage_refused_and_what_was_sent_to_whom() {
    use gomod_proxy_client::transport::RootCertificates;
    use gomod_testkit::Certificate;

    let host = |proxy: &LoopbackProxy| proxy.url().replace("https://", "");
    for code in [401, 403] {
        let expired = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        let secure = || LoopbackProxy::builder(crate::sources::tree()).tls(Certificate::Good);
        let storage = secure().fault(Endpoint::Any, reply(code, "application/xml", expired)).start();
        let location = format!("{}/bucket/{{path}}?Signature=s1gned", storage.url());
        let a = secure().fault(Endpoint::Zip, Fault::Redirect { code: 302, location }).start();
        let pem = format!("{}{}", a.ca_pem().unwrap(), storage.ca_pem().unwrap());
        let (at, behind) = (host(&a), host(&storage));
        let netrc = Credentials::new().basic(&at, "bob", "hush").basic(&behind, "bob", "never");
        for (list, credentials, to_source) in [
            (format!("https://{at}"), netrc.clone(), format!("the credentials for {at} were sent")),
            (format!("https://bob:hush@{at}"), netrc, "the user info in the URL was sent".to_owned()),
            (
                format!("https://{at}"),
                Credentials::new(),
                format!("no credentials were sent: there are none for {at}"),
            ),
        ] {
            let certificates = RootCertificates::from_pem(pem.as_bytes()).unwrap();
            let client =
                builder(&list).credentials(credentials).root_certificates(certificates).build().unwrap();
            let error = fetch(&client, Endpoint::Zip).await.unwrap_err();
            assert_eq!((error.status(), error.attempts().len()), (Some(code), 1), "{error:?}");
            let to = format!("redirected to {}/bucket/", storage.url());
            assert!(error.to_string().contains(&to), "{error}");
            assert_eq!(error.server_response(), Some("AccessDenied: Request has expired"));
            let sent = error.credentials().unwrap();
            assert!(
                matches!(sent, SentCredentials::Redirected { host, .. } if *host == behind)
                    && !sent.is_sent(),
                "{sent:?}"
            );
            let text = sent.to_string();
            let wanted = [
                format!("no credentials were sent to {behind}, "),
                format!("to the source itself, {to_source}"),
            ];
            assert!(wanted.iter().all(|wanted| text.contains(wanted)), "{text}");
            assert!(
                !shown(&error).contains("s1gned") && !shown(&error).contains("hush"),
                "{}",
                shown(&error)
            );
        }
        assert!(storage.log().iter().all(|request| request.header("authorization").is_none()));
        let told = a.log().iter().filter(|request| request.header("authorization").is_some()).count();
        assert_eq!((a.hits(), told, storage.hits()), (3, 2, 3));
    }
}

const SECRET: &str = "p@ss/SECRET42";

/// Spellings that a server may choose; each has something that must not be seen.
const SPELLINGS: [(&str, &str); 7] = [
    ("p@ss/SECRET42", "SECRET42"),
    ("p%40ss%2fsecret42", "secret42"),
    ("%70%40%73%73%2F%53%45%43%52%45%54%34%32", "%53%45%43"),
    ("p&#64;ss&#x2f;SECRET42", "SECRET42"),
    ("P@SS/sECRET42", "sECRET42"),
    ("Ym9iOnBAc3MvU0VDUkVUNDI=", "U0VDUkVU"),
    ("7040 7373 2f53 4543 5245 5434 32", "4543 5245"),
];

async fn errors(a: &LoopbackProxy) -> Vec<Error> {
    let host = a.url().replace("http://", "");
    let credentials = Credentials::new().basic(&host, "bob", SECRET);
    let client: ProxyClient = builder(&a.url()).credentials(credentials).build().unwrap();
    let query = "latest".parse().unwrap();
    let resolved = client.resolve(&path(), &query, &QueryOptions::new(), |_, _| Ok(())).await;
    let mut errors: Vec<Error> = resolved.err().into_iter().collect();
    errors.extend(client.info(&module()).await.err());
    errors.extend(client.latest(&path()).await.err());
    for endpoint in [Endpoint::Mod, Endpoint::Zip] {
        errors.extend(fetch(&client, endpoint).await.err());
    }
    let versions = client.versions(&path()).await;
    match versions {
        Ok(versions) => assert!(!format!("{:?}", versions.value).contains("SECRET"), "{versions:?}"),
        Err(error) => errors.push(error),
    }
    errors
}

#[tokio::test]
async fn no_secret_comes_back() {
    for (spelt, seen) in SPELLINGS {
        let json = serde_json::to_string(spelt).unwrap();
        for fault in [
            reply(403, "text/plain", format!("bad: {spelt}")),
            reply(404, "application/json", format!("{{\"message\":{json}}}")),
            reply(500, "text/html", format!("<title>{spelt}</title>")),
            reply(200, "text/html", format!("<html><title>{spelt}</title>")),
            reply(200, "application/json", format!("{{\"Version\":{json}}}")),
            reply(200, "application/json", format!("{{\"Version\":\"v1.2.3\",\"Time\":{json}}}")),
            reply(
                200,
                "text/plain",
                format!("v1.0.0-{}\n", spelt.replace(['@', '/', '%', ' ', '&', '#', ';', '='], "-")),
            ),
            Fault::Redirect {
                code: 302,
                location: format!("http://127.0.0.1:1/{}", spelt.replace(' ', "%20")),
            },
            Fault::Redirect { code: 302, location: format!("gopher:{}", spelt.replace(' ', "+")) },
        ] {
            let name = format!("{fault:?}");
            let a = faulty(Endpoint::Any, fault);
            let errors = errors(&a).await;
            assert!(!errors.is_empty(), "{name}");
            for error in errors {
                let shown = shown(&error);
                assert!(!shown.contains(seen), "{name}: {shown}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_grows_with_what_servers_send() {
    let long = "\u{202e}\u{301}x\u{1b}".repeat(40_000);
    let json = serde_json::to_string(&long).unwrap();
    for fault in [
        reply(403, "text/plain", long.clone()),
        reply(500, "application/json", format!("{{\"message\":{json},\"errors\":[{json},{json}]}}")),
        reply(404, "text/html", format!("<title>{long}</title>")),
        reply(200, "application/json", format!("{{\"Version\":{json}}}")),
        reply(200, "application/json", format!("{{\"Version\":\"v1.2.3\",\"Time\":{json}}}")),
        Fault::Redirect { code: 302, location: format!("http://127.0.0.1:1/{}", "x".repeat(20_000)) },
        Fault::Redirect { code: 302, location: format!("gopher:{}", "x".repeat(20_000)) },
    ] {
        let name = format!("{fault:?}").chars().take(60).collect::<String>();
        let a = faulty(Endpoint::Info, fault);
        let error = fetch(&client(&a.url()), Endpoint::Info).await.unwrap_err();
        assert!(error.to_string().chars().count() < 3000, "{name}");
        let attempt = &error.attempts()[0];
        assert!(attempt.outcome().chars().count() <= 1000, "{name}: {}", attempt.outcome());
        assert!(attempt.outcome().chars().all(Printable::is_plain), "{name}: {}", attempt.outcome());
        let said = error.server_response().unwrap_or_default();
        assert!(
            said.chars().count() <= 700 && said.chars().all(|c| c == '\n' || Printable::is_plain(c)),
            "{name}: {said}"
        );
    }
}
