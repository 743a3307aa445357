//! Law: the commands of GOAUTH are run with what the go command gives them, and what they say goes where it sends it; nothing
//! shows it.
#![cfg(all(feature = "rustls", unix))]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gomod_proxy_client::auth::{AuthPrograms, GoAuth, Netrc};
use gomod_proxy_client::report::{CredentialOrigin, NotSent, Phase, SentCredentials};
use gomod_proxy_client::transport::RootCertificates;
use gomod_proxy_client::{Credentials, Error, ErrorKind, ProxyClientBuilder};
use gomod_testkit::{Certificate, Endpoint, Fault, GoCommand, LoopbackProxy, Reply, Request, Rule};

use crate::sources::{PATH, VERSION, builder, fetch, tree};

/// A directory with programs that say what a test wants.
struct Helpers {
    dir: tempfile::TempDir,
}

impl Helpers {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A program that notes its arguments and its input, and prints what `script` prints. The URL is in `$1`.
    fn script(&self, name: &str, script: &str) -> String {
        let (file, log) = (self.path(name), self.path(&format!("{name}.log")));
        let log = log.display();
        let input = format!("echo \"run: $*\" >>{log}; sed 's/^/in: /' >>{log}");
        fs::write(&file, format!("{input}\n{script}\n")).unwrap();
        format!("sh {}", file.display())
    }

    /// What it noted, and forgets it.
    fn noted(&self, name: &str) -> Vec<String> {
        let log = self.path(&format!("{name}.log"));
        let noted = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(log);
        let mut lines: Vec<String> = noted.lines().map(str::to_owned).collect();
        // The go command writes the headers in an order of its own.
        if let Some(at) = lines.iter().position(|line| line.starts_with("in: ")) {
            lines[at..].sort();
        }
        lines
    }
}

fn place(proxy: &LoopbackProxy) -> String {
    proxy.url().replace("https://", "")
}

/// What prints credentials.
fn prints(sets: &[(&str, &str)]) -> String {
    let sets = sets.iter().map(|(urls, headers)| {
        let line = |line: &str| format!("{}\\n", line.replace('_', " ").replace('%', "%%"));
        let lines = |text: &str| text.split_whitespace().map(line).collect::<String>();
        format!("{}\\n{}\\n", lines(urls), lines(headers))
    });
    format!("printf '{}'", sets.collect::<String>())
}

/// The header for a token.
fn bearer(token: &str) -> String {
    format!("Authorization:_Bearer_{token}")
}

/// Refuses the first requests for `.info`.
fn refusing(times: usize) -> LoopbackProxy {
    let reply = Reply::new(401).content_type("text/plain").body("who are you?");
    let rule = Rule::new(Endpoint::Info, Fault::Reply(reply)).times(times);
    LoopbackProxy::builder(tree()).tls(Certificate::Good).rule(rule).start()
}

fn trusting(proxy: &LoopbackProxy, goauth: &str) -> ProxyClientBuilder {
    let certificates = RootCertificates::from_pem(proxy.ca_pem().unwrap().as_bytes()).unwrap();
    let programs = AuthPrograms::new(std::env::vars_os());
    builder(&proxy.url())
        .root_certificates(certificates)
        .goauth(GoAuth::parse(goauth).unwrap())
        .auth_programs(programs)
}

async fn info(builder: ProxyClientBuilder) -> Result<(), Error> {
    fetch(&builder.build().unwrap(), Endpoint::Info).await.map(drop)
}

fn heard(proxy: &LoopbackProxy, before: usize) -> Vec<[Option<String>; 2]> {
    let headers = |name: &str, request: &Request| request.header(name).map(str::to_owned);
    proxy.log()[before..]
        .iter()
        .map(|request| [headers("authorization", request), headers("x-key", request)])
        .collect()
}

/// Every script is asked by the go command and by this client; both get the same, and send the same.
#[tokio::test]
async fn programs_as_the_go_command_runs_them() {
    let Some(go) = GoCommand::find("the commands of GOAUTH") else { return };
    let helpers = Helpers::new();
    let certificates = helpers.path("ca.pem");
    let netrc = helpers.path("netrc");
    let scripts: [(&str, &str); 14] = [
        ("a", "https://P {a}"),
        ("a", "HTTPS://P/ {a} X-Key:_k"),
        ("a;b", "https://P {a} | https://P {b}"),
        ("a;b", "https://other.example {a} | https://P/example.com {b}"),
        ("a;b", "https://P/example.com/!upper {a} | https://P/example.com/%21upper/m/@v {b}"),
        ("a;netrc", "https://P {a}"),
        ("netrc;a", "https://P {a}"),
        ("netrc;a", "https://P/example.com {a}"),
        ("a;netrc", "https://P "),
        ("netrc;a", "https://P "),
        ("a", "P {a}"),
        ("a", "http://P {a}"),
        ("a;b", "https://P {a} broken | https://P {b}"),
        ("a", "https://u@P {a}"),
    ];
    let mut sent = 0;
    for (index, (commands, outputs)) in scripts.into_iter().enumerate() {
        let proxy = refusing(1);
        fs::write(&certificates, proxy.ca_pem().unwrap()).unwrap();
        let entry = format!("machine {} login u password n", place(&proxy));
        fs::write(&netrc, &entry).unwrap();
        let mut goauth = commands.to_owned();
        for (name, output) in ["a", "b"].iter().zip(outputs.split('|')) {
            let output = output.trim_start().replace('P', &place(&proxy));
            let (url, headers) = output.split_once(' ').unwrap();
            // Another header with every run.
            let again = headers.replace("{a}", &bearer("a2")).replace("{b}", &bearer("b2"));
            let first = headers.replace("{a}", &bearer("a")).replace("{b}", &bearer("b"));
            let (first, again) = (prints(&[(url, &first)]), prints(&[(url, &again)]));
            let command = helpers.script(name, &format!("if [ -z \"$1\" ]; then {first}; else {again}; fi"));
            goauth = goauth
                .split(';')
                .map(|word| if word == *name { &command } else { word })
                .collect::<Vec<_>>()
                .join(";");
        }
        go.command(&["list", "-m", "-json", &format!("{PATH}@{VERSION}")], helpers.dir.path())
            .proxy(&proxy.url())
            .mod_cache(helpers.path(&format!("cache{index}")))
            .env("NETRC", &netrc)
            .env("SSL_CERT_FILE", &certificates)
            .env("GOAUTH", &goauth)
            .run();
        let theirs = heard(&proxy, 0)[..2].to_vec();
        let noted = ["a", "b"].map(|name| helpers.noted(name));
        let before = proxy.hits();
        proxy.add_rule(Rule::new(Endpoint::Info, Fault::status(401)).times(1));
        let entry = if commands.contains("netrc") { entry.as_bytes() } else { b"" };
        let credentials = Credentials::new().netrc(Netrc::parse(entry));
        let _ = info(trusting(&proxy, &goauth).credentials(credentials)).await;
        let ours = heard(&proxy, before);
        assert_eq!(ours[0], theirs[0], "{commands} {outputs}");
        // What would be refused again is not sent again.
        let again = ours.get(1).unwrap_or(&ours[0]);
        assert_eq!(again, &theirs[1], "{commands} {outputs}");
        assert_eq!(ours.len(), if theirs[0] == theirs[1] { 1 } else { 2 }, "{commands} {outputs}");
        for (name, theirs) in ["a", "b"].iter().zip(noted) {
            let ours = helpers.noted(name);
            // Status, date and lengths differ with the answers of the two rules.
            let runs = |lines: &[String]| {
                lines.iter().filter(|line| !line.starts_with("in: ")).cloned().collect::<Vec<_>>()
            };
            assert_eq!(runs(&ours), runs(&theirs), "{commands} {outputs}");
            assert_eq!(
                ours.contains(&"in: HTTP/1.1 401 Unauthorized".to_owned()),
                theirs.contains(&"in: HTTP/1.1 401 Unauthorized".to_owned())
            );
        }
        sent += usize::from(theirs[1][0].is_some());
    }
    assert!(sent >= 9, "{sent}");
}

/// The answer of the server as a program reads it, and the request that it is made again with.
#[tokio::test]
async fn a_refusal_is_shown_to_the_program_and_the_trace_has_both_requests() {
    let helpers = Helpers::new();
    let proxy = refusing(1);
    let sets = prints(&[(&proxy.url(), &bearer("s3cr3t-p"))]);
    let command = helpers.script("a", &format!("test -z \"$1\" || {sets}"));
    let client = trusting(&proxy, &command).build().unwrap();
    let trace = fetch(&client, Endpoint::Info).await.unwrap();
    let url = trace.attempts()[0].url().unwrap().to_owned();
    let noted = helpers.noted("a");
    assert_eq!(noted[..2], ["run: ".to_owned(), format!("run: {url}")]);
    for line in ["in: ", "in: Content-Type: text/plain", "in: HTTP/1.1 401 Unauthorized"] {
        assert!(noted.iter().any(|noted| noted == line), "{line}: {noted:?}");
    }
    let [refused, found] = trace.attempts() else { panic!("two requests: {trace:?}") };
    assert_eq!((refused.status(), found.status()), (Some(401), Some(200)));
    assert_eq!(refused.server_response(), Some("who are you?"));
    assert!(matches!(refused.credentials(), Some(SentCredentials::None(NotSent::NoEntry { .. }))));
    let origin = CredentialOrigin::GoAuth("sh".to_owned());
    assert!(
        matches!(found.credentials(), Some(SentCredentials::Entry { origin: from, .. }) if *from == origin)
    );
    let said = format!("credentials for {} from the GOAUTH command \"sh\"", place(&proxy));
    assert!(found.to_string().contains(&said), "{found}");
    // It is known now, and no text shows it.
    fetch(&client, Endpoint::Mod).await.unwrap();
    assert!(helpers.noted("a").is_empty());
    assert_eq!(client.redacted("it is s3cr3t-p"), "it is xxxxx");
    assert!(!format!("{client:?}{trace:?}").contains("s3cr3t"));
}

#[tokio::test]
async fn what_goes_wrong_is_told_where_the_server_refuses() {
    let helpers = Helpers::new();
    for (script, said) in [
        (
            "echo no ticket for s3cr3t-arg >&2; exit 3",
            "GOAUTH command \"sh\": exit status: 3: no ticket for xxxxx",
        ),
        ("echo s3cr3t; echo", "GOAUTH command \"sh\": line 1 of the output: could not parse URL"),
        ("sleep 1000", "GOAUTH command \"sh\": it did not end within 300ms"),
    ] {
        let proxy = refusing(9);
        let command = format!("{} s3cr3t-arg", helpers.script("a", script));
        let programs = AuthPrograms::new(std::env::vars_os()).time_limit(Duration::from_millis(300));
        let error = info(trusting(&proxy, &command).auth_programs(programs)).await.unwrap_err();
        assert_eq!((error.kind(), proxy.hits()), (ErrorKind::Status, 1));
        let report = error.report().to_string();
        assert!(report.contains(said), "{report}");
        assert!(!format!("{report}{error:?}").contains("s3cr3t"), "{report}");
    }
    let proxy = refusing(9);
    let error = info(trusting(&proxy, "no-such-program-here x")).await.unwrap_err();
    let report = error.report().to_string();
    assert!(
        report.contains("GOAUTH command \"no-such-program-here\": there is no such program in PATH"),
        "{report}"
    );
}

/// One command fails; what another one says counts, and no text tells it.
#[tokio::test]
async fn one_command_fails_and_another_does_not() {
    let helpers = Helpers::new();
    let proxy = refusing(9);
    let good = helpers.script("a", &prints(&[(&proxy.url(), &bearer("s3cr3t-token"))]));
    let bad = helpers.script("b", "echo s3cr3t-token is stale >&2; exit 1");
    let error = info(trusting(&proxy, &format!("{bad}; {good}"))).await.unwrap_err();
    assert!(matches!(error.credentials(), Some(SentCredentials::Entry { .. })), "{error:?}");
    assert_eq!(heard(&proxy, 0), [[Some("Bearer s3cr3t-token".to_owned()), None]]);
    let elsewhere = prints(&[("https://other.example", &bearer("s3cr3t-token"))]);
    let error =
        info(trusting(&proxy, &format!("{bad}; {}", helpers.script("a", &elsewhere)))).await.unwrap_err();
    let report = error.report().to_string();
    assert!(report.contains("exit status: 1: xxxxx is stale"), "{report}");
    assert!(!format!("{report}{error:?}").contains("s3cr3t"), "{report}");
}

/// No program is run by a client that was not allowed to, nor for what is not asked over https.
#[tokio::test]
async fn programs_are_run_where_that_is_allowed_and_of_use() {
    let helpers = Helpers::new();
    let command = helpers.script("a", "true");
    let proxy = refusing(9);
    let certificates = RootCertificates::from_pem(proxy.ca_pem().unwrap().as_bytes()).unwrap();
    let not_allowed =
        builder(&proxy.url()).root_certificates(certificates).goauth(GoAuth::parse(&command).unwrap());
    let report = info(not_allowed).await.unwrap_err().report().to_string();
    assert!(report.contains("the programs that GOAUTH names are not run"), "{report}");
    let plain = LoopbackProxy::serve(tree());
    let programs = AuthPrograms::new(Vec::<(OsString, OsString)>::new());
    info(builder(&plain.url()).goauth(GoAuth::parse(&command).unwrap()).auth_programs(programs))
        .await
        .unwrap();
    assert!(!Path::new(&helpers.path("a.log")).exists());
    info(trusting(&proxy, &command)).await.unwrap_err();
    assert_eq!(helpers.noted("a").iter().filter(|line| line.starts_with("run: ")).count(), 2);
}

/// git is asked after a refusal, told what the server made of its answer, and asked nothing at a terminal.
#[tokio::test]
async fn git_keeps_what_a_server_takes_and_forgets_the_rest() {
    if Command::new("git").arg("--version").output().is_err() {
        gomod_testkit::skip("GOAUTH=git: no git on this machine");
        return;
    }
    let go = GoCommand::find("git as a command of GOAUTH");
    let helpers = Helpers::new();
    let helper = "!f() { echo \"$1\" >>\"$NOTES\"; test \"$1\" = get && echo username=u && echo password=p; true; }; f";
    let config = helpers.path("gitconfig");
    let set = Command::new("git")
        .args(["config", "--file"])
        .arg(&config)
        .args(["credential.helper", helper])
        .status();
    assert!(set.unwrap().success());
    let environment = |notes: &Path| {
        [
            ("PATH".into(), std::env::var_os("PATH").unwrap()),
            ("GIT_CONFIG_GLOBAL".into(), config.clone().into_os_string()),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
            ("NOTES".into(), notes.into()),
        ]
    };
    let goauth = format!("git {}", helpers.dir.path().display());
    for (refusals, words) in [(1, "get\nstore\n"), (2, "get\nerase\n")] {
        let proxy = refusing(refusals);
        let notes = helpers.path(&format!("notes{refusals}"));
        let got = info(trusting(&proxy, &goauth).auth_programs(AuthPrograms::new(environment(&notes)))).await;
        assert_eq!(got.is_ok(), refusals == 1, "{got:?}");
        let ours = heard(&proxy, 0);
        assert_eq!(ours, [[None, None], [Some("Basic dTpw".to_owned()), None]]);
        assert_eq!(fs::read_to_string(&notes).unwrap(), words);

        let Some(go) = &go else { continue };
        let proxy = refusing(refusals);
        let certificates = helpers.path("ca.pem");
        fs::write(&certificates, proxy.ca_pem().unwrap()).unwrap();
        let run = go
            .command(&["list", "-m", "-json", &format!("{PATH}@{VERSION}")], helpers.dir.path())
            .proxy(&proxy.url())
            .mod_cache(helpers.path(&format!("cache{refusals}")))
            .env("SSL_CERT_FILE", &certificates)
            .env("GOAUTH", &goauth);
        // Its HEAD request, and what it tells git then, come when they come.
        environment(&helpers.path("theirs"))
            .iter()
            .fold(run, |run, (name, value)| run.env(name, value))
            .run();
        let log = proxy.log();
        let gets = log.iter().filter(|request| request.method == "GET");
        let theirs: Vec<_> = gets.map(|request| request.header("authorization")).take(2).collect();
        assert_eq!(theirs, [None, Some("Basic dTpw")]);
    }
}

/// A request that is given up ends the program that it waits for, which is named as what is waited for.
#[tokio::test]
async fn a_dropped_request_ends_its_program() {
    let helpers = Helpers::new();
    let proxy = refusing(9);
    let started = helpers.path("started");
    let script = format!("echo $$ >{0}.new; mv {0}.new {0}; exec sleep 1000", started.display());
    let client = trusting(&proxy, &helpers.script("a", &script)).build().unwrap();
    let waiting = async {
        while !started.exists() {
            tokio::task::yield_now().await;
        }
        client.pending()
    };
    let pending = tokio::select! {
        got = fetch(&client, Endpoint::Info) => panic!("{got:?}"),
        pending = waiting => pending,
    };
    assert_eq!(pending[0].phase(), Phase::Credentials);
    assert!(pending[0].to_string().contains("no credentials from the commands of GOAUTH"), "{pending:?}");
    let pid = fs::read_to_string(&started).unwrap();
    let is_there = || {
        let kill = Command::new("kill").args(["-0", pid.trim()]).output();
        kill.unwrap().status.success()
    };
    while is_there() {
        tokio::task::yield_now().await;
    }
    assert_eq!(proxy.hits(), 0);
}
