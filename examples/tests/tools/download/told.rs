//! What is told of failures: with the server's words, once for each cause; and patterns that match nothing are warned of.

use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Reply};

use super::world::{World, tree};
use crate::tool::Run;

fn refusing(code: u16, content_type: &str, body: &str) -> LoopbackProxy {
    let fault = Fault::Reply(Reply::new(code).content_type(content_type).body(body));
    LoopbackProxy::builder(tree()).fault(Endpoint::Any, fault).start()
}

#[test]
fn patterns_that_match_nothing_are_warned_of() {
    let a = LoopbackProxy::serve(tree());
    for (value, meant) in [
        ("example.org, git.corp.test", "\"git.corp.test\" is perhaps meant"),
        ("https://git.corp.test", "\"git.corp.test\" is perhaps meant"),
        ("\"git.corp.test\"", "\"git.corp.test\" is perhaps meant"),
        ("git.corp.test;example.org", "\"git.corp.test,example.org\" is perhaps meant"),
        ("git@git.corp.test:22", "\"git.corp.test\" is perhaps meant"),
        ("Git.Corp.test", "\"git.corp.test\" is perhaps meant"),
    ] {
        for name in ["GOPRIVATE", "GONOPROXY", "GONOSUMDB"] {
            let world = World::new();
            let mut command = world.command(&a.url(), &["--project", "project", "--json"]);
            command.env(name, value);
            let run = Run::of(command);
            let warnings: Vec<_> =
                run.stderr.lines().filter(|line| line.starts_with("warning: GO")).collect();
            let [warning] = warnings[..] else { panic!("{value}: {}", run.stderr) };
            assert!(
                warning.starts_with(&format!("warning: {name}: ")) && warning.contains(meant),
                "{warning}"
            );
        }
    }
}

/// The proxy only redirected: it is not its credentials that are wrong, nor this machine's.
#[test]
fn a_storage_that_refuses_is_told_from_the_proxy_before_it() {
    for code in [401, 403] {
        let storage = refusing(
            code,
            "application/xml",
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
        );
        let location = format!("{}/{{path}}?Signature=s1gned", storage.url());
        let proxy = LoopbackProxy::builder(tree());
        let proxy = proxy.fault(Endpoint::Zip, Fault::Redirect { code: 302, location }).start();
        let run = World::new().run(&proxy.url(), &["--project", "project"]).expect(1);
        let host = storage.address().to_string();
        run.says(&[
            &format!("(redirected to http://{host}/example.com/"),
            "    server: AccessDenied: Request has expired\n",
            &format!("      sent: no credentials were sent to {host}, to which a redirect had led"),
            "to the source itself, no credentials were sent: over plain http there never are any",
            &format!("next: it was {host} that refused, to which the proxy had redirected"),
        ]);
        assert!(!run.stderr.contains("s1gned"), "{}", run.stderr);
    }
}

/// Forty modules that one server refuses for one reason: three are told, ten are named, and the advice stands once.
#[test]
fn many_failures_of_one_cause_are_told_once() {
    let a =
        refusing(403, "application/json", "{\"errors\":[{\"message\":\"blocked by policy no-malware\"}]}");
    let world = World::new();
    let requires =
        (0..40).fold(String::new(), |text, i| text + &format!("require example.com/m{i:02} v1.0.0\n"));
    world.write("go.mod", &format!("module example.org/app\n\ngo 1.16\n\n{requires}"));
    let mut command = world.command(&a.url(), &["--project", "project", "--write-sum", "--json"]);
    command.env("GOSUMDB", "off");
    let run = Run::of(command).expect(1);
    let count = |what: &str| run.stderr.matches(what).count();
    assert_eq!((count("\nerror: ") + usize::from(run.stderr.starts_with("error: "))), 4, "{}", run.stderr);
    assert_eq!((count("and 37 more for the same reason"), count("next: ")), (1, 1), "{}", run.stderr);
    assert!(count("blocked by policy no-malware") == 3 && run.stderr.len() < 4000, "{}", run.stderr);
    // Programs are told of each.
    assert_eq!(run.records().len(), 40);
    let record = run.record("example.com/m39@v1.0.0");
    assert_eq!(record["Attempts"][0]["Response"], "blocked by policy no-malware", "{record}");
}

#[test]
fn a_page_is_told_before_any_word_of_checksums() {
    for (code, content_type, body, said) in [
        (200, "text/html", "<!DOCTYPE html><title>Sign in</title>", "web page: Sign in"),
        (200, "application/json", "{\"message\":\"no such module\"}", "no such module"),
    ] {
        let a = refusing(code, content_type, body);
        let world = World::new();
        let run = world.download(&a.url()).expect(1);
        run.says(&[said, "next: ask the source directly what it answers"]);
        assert!(!run.stderr.contains("the line of go.sum is wrong"), "{}", run.stderr);
        let first = run.stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
        let page = first.find(" in place of ").unwrap_or(usize::MAX);
        assert!(page < first.find("checksum").unwrap_or(usize::MAX), "{first}");
    }
}

#[test]
fn words_and_advice_survive_direct() {
    let a = refusing(404, "text/plain", "not found: fetch timed out\n");
    let world = World::new();
    let run = world.download(&format!("{},direct", a.url())).expect(1);
    run.says(&["server: not found: fetch timed out", "next: install git, or name its directory"]);
    let a = refusing(401, "text/plain", "who are you?\n");
    let run = World::new().download(&format!("{}|direct", a.url())).expect(1);
    run.says(&[
        "server: who are you?",
        "sent: no credentials were sent: over plain http",
        "write the proxy's URL",
    ]);
}
