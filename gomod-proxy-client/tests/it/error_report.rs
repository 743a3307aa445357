//! An error as people read it: the cause at the end, who was asked, what to do; short, and without secrets or tricks.

use std::fmt;

use gomod_proxy_client::Rejection;
use gomod_proxy_client::report::ErrorReport;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Reply, Rule};

use crate::sources::{builder, client, faulty, good, module, persistent, quick_retries, tree};

fn lines(report: &ErrorReport<'_>) -> Vec<String> {
    report.to_string().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn it_has_the_words_of_the_server_who_was_asked_and_what_to_do() {
    let refusal =
        Fault::Reply(Reply::new(403).header("Content-Type", "text/plain").body("this module is blocked\n"));
    let a = faulty(Endpoint::Info, refusal);
    let error = client(&a.url()).info(&module()).await.unwrap_err();
    let lines = lines(&error.report());
    assert!(lines[0].contains(&a.url()) && lines[0].ends_with("403 Forbidden"), "{lines:?}");
    assert_eq!(lines[1], "    server: this module is blocked");
    assert!(lines[2].starts_with("      sent: no credentials"), "{lines:?}");
    let asked = format!("     asked: {}/", a.url());
    assert!(lines[3].starts_with(&asked) && lines[3].contains(".info: 403 Forbidden ("), "{lines:?}");
    assert!(lines.last().unwrap().starts_with("      next: "), "{lines:?}");
}

/// Six tries at a server that is not there are one matter.
#[tokio::test]
async fn equal_requests_are_folded_and_different_ones_are_not() {
    let refused = LoopbackProxy::refused_url();
    let retries = quick_retries().retries(5);
    let error = builder(&refused).retries(retries).build().unwrap().info(&module()).await.unwrap_err();
    assert_eq!(error.attempts().len(), 6);
    let report = lines(&error.report());
    let asked: Vec<_> = report.iter().filter(|line| line.contains("asked: ")).collect();
    assert_eq!(asked.len(), 2, "{report:?}");
    assert!(report.iter().any(|line| line.contains("     asked: the same 5 times more (")), "{report:?}");
    assert!(report[0].contains("Connection refused") || report[0].contains("connect"), "{report:?}");

    let rules = [500, 502].map(|status| Rule::new(Endpoint::Info, Fault::Status(status)).times(2));
    let [first, second] = rules;
    let a = LoopbackProxy::builder(tree())
        .rule(first)
        .rule(second)
        .fault(Endpoint::Info, Fault::Status(404))
        .start();
    let error = persistent(&a.url()).info(&module()).await.unwrap_err();
    let report = lines(&error.report());
    let asked = report.iter().filter(|line| line.contains("asked: ")).count();
    // Each status, the same once more, and the last.
    assert_eq!(asked, 5, "{report:?}");
}

#[derive(Debug)]
struct Hostile;

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\u{1b}[31m\u{202e}{}", "x".repeat(100_000))
    }
}

impl std::error::Error for Hostile {}

#[tokio::test]
async fn it_is_short_and_cannot_steer_a_terminal() {
    let sources: Vec<_> = (0..30).map(|_| good()).collect();
    let list: Vec<_> = sources.iter().map(LoopbackProxy::url).collect();
    let refuse = |_: &[u8]| Err(Rejection::malformed(Hostile));
    let error = client(&list.join("|")).go_mod_checked(&module(), refuse).await.unwrap_err();
    assert_eq!(error.attempts().len(), 30);
    let report = error.report().to_string();
    assert!(report.chars().count() < 4000 + 21 * 1500, "{}", report.len());
    assert!(!report.contains(['\u{1b}', '\u{202e}']), "{report}");
    assert_eq!(report.matches("     asked: ").count(), 21, "{report}");
    assert!(report.contains("     asked: 10 requests more"), "{report}");
}

#[tokio::test]
async fn secrets_stay_out_of_it() {
    let quoting =
        Fault::Reply(Reply::new(404).header("Content-Type", "text/plain").body("no such user ci:s3cr3t"));
    let a = faulty(Endpoint::Any, quoting);
    // Credentials of another source of the same list.
    let list = format!("{},https://ci:s3cr3t@127.0.0.1:9", a.url());
    let error = client(&list).info(&module()).await.unwrap_err();
    let report = error.report().to_string();
    assert!(!report.contains("s3cr3t"), "{report}");
}

#[tokio::test]
async fn an_error_of_others_has_the_details_of_the_one_that_led_to_it() {
    #[derive(Debug, thiserror::Error)]
    #[error("update the project")]
    struct Outer(#[source] gomod_proxy_client::Error);

    let error = client("off").info(&module()).await.unwrap_err();
    let (headline, details) = (error.report().headline(), error.report().details());
    let outer = Outer(error);
    let report = ErrorReport::of(&outer);
    assert_eq!(report.headline(), format!("update the project: {headline}"));
    assert_eq!(report.details(), details);
    assert!(report.to_string().ends_with("name a proxy in GOPROXY"));
    let alone = std::io::Error::other("disk");
    assert_eq!(ErrorReport::of(&alone).to_string(), "disk");
}
