//! Law: a server hears the name that the go command would tell it, or none; nobody else hears it, and nothing shows it.
#![cfg(all(feature = "rustls", target_os = "linux"))]

use gomod_testkit::{Certificate, Endpoint, Fault, GoCommand, LoopbackProxy, Reply};

use crate::sources::{PATH, VERSION, tree};
use crate::tls::{NETRC, TOKEN, ask_with, secure};

fn heard(proxy: &LoopbackProxy) -> Vec<Option<String>> {
    proxy.log().iter().map(|request| request.header("authorization").map(str::to_owned)).collect()
}

#[test]
fn netrc_as_the_go_command_reads_it() {
    let Some(go) = GoCommand::find("credentials of the go command") else { return };
    let a = secure(Certificate::Good);
    let dir = tempfile::tempdir().unwrap();
    let certificates = dir.path().join("ca.pem");
    std::fs::write(&certificates, a.ca_pem().unwrap()).unwrap();
    let port = a.address().port();
    let netrcs = [
        "machine 127.0.0.1:PORT login u password p",
        "machine 127.0.0.1 login u password p",
        "machine https://127.0.0.1:PORT/ login u password p",
        "machine 127.0.0.1:PORT login a password b\nmachine 127.0.0.1:PORT login u password p",
        "machine 127.0.0.1:PORT/sub login a password b\nmachine 127.0.0.1:PORT login u password p",
        "machine 127.0.0.1:PORT/example.com login a password b\nmachine 127.0.0.1:PORT login u password p",
        "machine 127.0.0.1:PORT/su login a password b",
        "default login u password p",
        "machine h login a password b\ndefault\nlogin u\npassword p\nmachine 127.0.0.1:PORT login u password p",
        "machine 127.0.0.1:PORT login \"u\" password \"p w\"",
        "machine 127.0.0.1:PORT\nlogin ü\npassword p:p\u{a0}x",
        "macdef x\nmachine 127.0.0.1:PORT login a password b\n\nmachine 127.0.0.1:PORT login u password p",
        "machine 127.0.0.1:PORT login u password",
    ];
    let bases = [
        "https://127.0.0.1:PORT",
        "https://127.0.0.1:PORT/sub/",
        "https://x:y@127.0.0.1:PORT",
        "https://x@127.0.0.1:PORT",
    ];
    let mut sent = 0;
    for (netrc, base) in netrcs.iter().flat_map(|netrc| bases.iter().map(move |base| (netrc, base))) {
        // User info comes before all files, so that one is enough.
        if base.contains('@') && netrc != &netrcs[0] {
            continue;
        }
        let place = |text: &str| text.replace("PORT", &port.to_string());
        let (netrc, base) = (place(netrc), place(base));
        let file = dir.path().join("netrc");
        std::fs::write(&file, &netrc).unwrap();
        let before = a.hits();
        go.command(&["list", "-m", "-json", &format!("{PATH}@{VERSION}")], dir.path())
            .proxy(&base)
            .mod_cache(dir.path().join(format!("cache{before}")))
            .env("NETRC", &file)
            .env("SSL_CERT_FILE", &certificates)
            .env("GOAUTH", "netrc")
            .run();
        let theirs = heard(&a)[before].clone();
        let before = a.hits();
        ask_with(&[&a], &base, &[(NETRC, &netrc)]);
        assert_eq!(heard(&a)[before], theirs, "{netrc:?} {base}");
        sent += usize::from(theirs.is_some());
    }
    assert!(sent > 10, "{sent}");
}

#[test]
fn tokens_go_to_their_place_alone() {
    let a = secure(Certificate::Good);
    let b = LoopbackProxy::builder(tree())
        .tls(Certificate::Good)
        .fault(Endpoint::Any, Fault::Redirect { code: 302, location: format!("{}/{{path}}", a.url()) })
        .start();
    let place = |proxy: &LoopbackProxy| proxy.url().replace("https://", "");
    let token = format!("{} t0k3n", place(&a));
    let netrc = format!("machine {} login u password p", place(&a));
    let more = [(TOKEN, token.as_str()), (NETRC, &netrc)];
    let [said] = &ask_with(&[&a], &a.url(), &more)[..] else { panic!("one attempt") };
    assert_eq!(said.kind, "", "{said:?}");
    assert_eq!(heard(&a), [Some("Bearer t0k3n".to_owned())]);
    // What a redirect leads to is another's word, even where there is a name for it.
    ask_with(&[&a, &b], &b.url(), &more);
    assert_eq!(heard(&b), [None]);
    assert_eq!(heard(&a)[1..], [None]);
}

#[test]
fn a_server_that_repeats_the_request_shows_nothing() {
    for (body, is_shown) in
        [("no s3cr3t", false), ("Basic dTpzM2NyM3Q= is wrong", false), ("who are you?", true)]
    {
        let status = Fault::Reply(Reply::new(403).content_type("text/plain").body(body));
        let a = LoopbackProxy::builder(tree()).tls(Certificate::Good).fault(Endpoint::Any, status).start();
        let netrc = format!("machine {} login u password s3cr3t", a.url().replace("https://", ""));
        let [said] = &ask_with(&[&a], &a.url(), &[(NETRC, &netrc)])[..] else { panic!("one attempt") };
        assert_eq!(said.kind, "status", "{said:?}");
        assert_eq!(said.response.as_deref() == Some(body), is_shown, "{said:?}");
        assert!(!format!("{said:?}").contains("s3cr3t"), "{said:?}");
    }
}
