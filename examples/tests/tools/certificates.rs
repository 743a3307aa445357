//! Whom a tool trusts, what it shows of itself, and the programs that say who asks.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use gomod_testkit::{Certificate, Endpoint, Fault, LoopbackProxy, Rule};

use crate::download::world::{ALPHA, World, tree};
use crate::network::tools;
use crate::tool::Run;

fn secure() -> LoopbackProxy {
    LoopbackProxy::builder(tree()).tls(Certificate::Good).start()
}

fn written(world: &World, name: &str, content: &str) -> PathBuf {
    let path = world.dir().join(name);
    fs::write(&path, content).unwrap();
    path
}

/// An authority that the machine does not know is named with the flag for it, and trusted with the flag, in every tool.
#[test]
fn a_private_authority_is_trusted_where_a_flag_says_so() {
    for index in 0..tools(&World::new(), "off").len() {
        let (world, server) = (World::new(), secure());
        let command = || {
            let mut command = tools(&world, &server.url()).swap_remove(index);
            command.args(["--retries", "none"]);
            command
        };
        let run = Run::of(command()).expect(1);
        run.says(&["next: if the server is the right one", "--ca FILE"]);
        assert_eq!(server.hits(), 0, "{run:?}");
        let ca = written(&world, "ca.pem", server.ca_pem().unwrap());
        let mut trusting = command();
        let run = Run::of_mut(trusting.arg("--ca").arg(&ca));
        assert!(server.hits() > 0 && !run.stderr.contains("--ca FILE"), "{trusting:?} {run:?}");
    }
}

#[test]
fn a_client_certificate_is_shown_to_a_server_that_asks_for_it() {
    let server = LoopbackProxy::builder(tree()).mutual_tls().start();
    let world = World::new();
    let pem = server.client_pem().unwrap();
    let (certificate, key) = pem.split_at(pem.find("-----BEGIN PRIVATE KEY-----").unwrap());
    let ca = written(&world, "ca.pem", server.ca_pem().unwrap());
    let both = written(&world, "both.pem", pem);
    let (certificate, key) = (written(&world, "c.pem", certificate), written(&world, "k.pem", key));
    let download = |arguments: &[(&str, &PathBuf)]| {
        let mut command = world.command(&server.url(), &["--project", "project", "--retries", "none"]);
        for (flag, file) in arguments {
            command.arg(flag).arg(file);
        }
        Run::of(command)
    };
    download(&[("--ca", &ca)]).expect(1);
    assert!(server.log().is_empty());
    download(&[("--ca", &ca), ("--client-cert", &certificate)])
        .expect(1)
        .says(&["c.pem: no private key in PEM"]);
    download(&[("--ca", &ca), ("--client-key", &key)]).expect(2).says(&["--client-cert"]);
    download(&[("--ca", &ca), ("--client-cert", &certificate), ("--client-key", &key)]).expect(0);
    let hits = server.hits();
    assert!(hits > 0);
    fs::remove_dir_all(world.cache()).unwrap();
    download(&[("--ca", &ca), ("--client-cert", &both)]).expect(0);
    assert!(server.hits() > hits);
}

#[test]
fn a_file_that_is_none_is_named_with_the_reason() {
    let world = World::new();
    let broken = "text\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let good = secure().ca_pem().unwrap().to_owned();
    let at = good.lines().count() + 2;
    let encrypted =
        format!("{good}-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    for (flag, content, reason) in [
        ("--ca", "no certificate", "file.pem: no certificates of authorities in PEM".to_owned()),
        ("--ca", broken, "file.pem: line 2: the certificate that begins here is malformed: ".to_owned()),
        (
            "--ca",
            &format!("{good}{broken}"),
            format!("file.pem: line {at}: the certificate that begins here"),
        ),
        ("--client-cert", "", "file.pem: no certificate in PEM".to_owned()),
        ("--client-cert", &good, "file.pem: no private key in PEM".to_owned()),
        (
            "--client-cert",
            &encrypted,
            "file.pem: an encrypted private key, which cannot be used, in PEM".to_owned(),
        ),
    ] {
        let file = written(&world, "file.pem", content);
        let mut command = world.command("https://proxy.example", &["--project", "project"]);
        let run = Run::of_mut(command.arg(flag).arg(&file)).expect(1);
        run.says(&[&format!("error: {flag} "), &reason]);
    }
    let mut command =
        world.command("https://proxy.example", &["--project", "project", "--ca", "missing.pem"]);
    Run::of_mut(&mut command).expect(1).says(&["error: --ca missing.pem: No such file"]);
}

/// A program of GOAUTH is asked as by the go command, and the records say that it was, and not what it said.
#[cfg(unix)]
#[test]
fn a_program_says_who_asks() {
    let rule = Rule::new(Endpoint::Any, Fault::status(401)).times(1);
    let server = LoopbackProxy::builder(tree()).tls(Certificate::Good).rule(rule).start();
    let world = World::new();
    let ca = written(&world, "ca.pem", server.ca_pem().unwrap());
    let script = format!(
        "test -z \"$1\" || printf '{}\\n\\nAuthorization: Bearer s3cr3t-token\\n\\n'\n",
        server.url()
    );
    let program = written(&world, "helper.sh", &script);
    let mut command: Command = world.command(
        &server.url(),
        &["--project", "project", "--json", "--verbose", "--retries", "none", "--jobs", "1"],
    );
    command.env("GOAUTH", format!("sh {}", program.display())).env("PATH", std::env::var_os("PATH").unwrap());
    let run = Run::of_mut(command.arg("--ca").arg(&ca)).expect(0);
    let authorized = server.log().iter().filter(|request| request.header("authorization").is_some()).count();
    assert_eq!(authorized, server.hits() - 1);
    let place = server.url().replace("https://", "");
    let sent = format!("the credentials for {place} from the GOAUTH command \"sh\" were sent");
    let record = run.record(ALPHA);
    let attempts = record["Attempts"].as_array().unwrap();
    assert!(attempts.iter().any(|attempt| attempt["Credentials"] == *sent), "{record}");
    assert!(!format!("{run:?}").contains("s3cr3t"), "{run:?}");
}
