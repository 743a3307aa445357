//! Which version a query leads to, and what is said of names and credentials before anything is asked.

use std::fs;

use gomod_testkit::LoopbackProxy;

use super::world::{ALPHA, World, tree};

#[test]
fn a_query_downloads_what_it_leads_to() {
    let later: [(&str, &[u8]); 1] = [("go.mod", b"module example.com/alpha\n\ngo 1.20\nretract v1.1.0\n")];
    let proxy = LoopbackProxy::serve(tree().module("example.com/alpha", "v1.1.0", &later));
    for query in ["latest", "v1", "<v1.1.0", "v1.0", "upgrade"] {
        let world = World::new();
        let asked = format!("example.com/alpha@{query}");
        let run = world.run(&proxy.url(), &["--project", "project", "--json", &asked]).expect(0);
        run.says(&[&format!("{asked} is {ALPHA}")]);
        assert!(world.entry(ALPHA).state().unwrap().is_extracted(), "{}", run.stderr);
        let record = run.record(ALPHA);
        let attempts = record["Attempts"].as_array().unwrap();
        assert!(attempts[0]["URL"].as_str().unwrap().ends_with("/@v/list"), "{record}");
    }
    let world = World::new();
    let run = world.run(&proxy.url(), &["--project", "project", "example.com/alpha@v7"]).expect(1);
    run.says(&["no matching versions for query \"v7\"", "next: "]);
    let run = world.run(&proxy.url(), &["--project", "project", "example.com/alpha@feature/x"]).expect(1);
    run.says(&["disallowed version string"]);
}

#[test]
fn goauth_is_heeded() {
    let proxy = LoopbackProxy::serve(tree());
    let world = World::new();
    let goauth = |value: &str| {
        let mut command = world.command(&proxy.url(), &["--project", "project"]);
        command.env("GOAUTH", value);
        super::world::Run::of(command)
    };
    // Nothing is run for a source without TLS.
    assert!(!goauth("netrc; git /s3cr3t").expect(0).stderr.contains("s3cr3t"));
    goauth("netrc;").expect(1).says(&["GOAUTH encountered an empty command"]);
    goauth("netrc;off").expect(1).says(&["GOAUTH=off cannot be combined"]);

    // A netrc file that cannot be read is no reason to stop, as in Go; one that is not there is none at all.
    assert!(!goauth("netrc").expect(0).stderr.contains("warning"));
    fs::create_dir(world.dir().join(".netrc")).unwrap();
    goauth("netrc").expect(0).says(&[".netrc cannot be read"]);
    assert!(!goauth("off").expect(0).stderr.contains("warning"));
    fs::remove_dir(world.dir().join(".netrc")).unwrap();
    fs::write(world.dir().join(".netrc"), "machine s3cr3t login s3cr3t\ndefault login a password s3cr3t\n")
        .unwrap();
    let mut command = world.command(&proxy.url(), &["--project", "project", "--verbose"]);
    command.env_remove("GOAUTH");
    let run = super::world::Run::of(command).expect(0);
    run.says(&[".netrc: line 1: a machine without login", ".netrc: line 2: a default entry"]);
    assert!(!run.stderr.contains("s3cr3t"));
}

#[test]
fn a_private_path_and_a_public_source_are_warned_of_once() {
    let world = World::new();
    // A cache that is a file ends the run before any request.
    fs::write(world.cache(), "").unwrap();
    let modules = ["git.corp.internal/a@v1.0.0", "git.corp.internal/b@latest", "example.com/c@v1.0.0"];
    let run = world.run("https://goproxy.example.net", &modules).expect(1);
    assert_eq!(
        run.stderr.matches("module paths below git.corp.internal are told to").count(),
        1,
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.matches("warning").count(), 1, "{}", run.stderr);
    for variable in ["GOPRIVATE", "GONOPROXY"] {
        let mut command = world.command("https://goproxy.example.net", &modules);
        command.env(variable, "*.internal");
        assert!(!super::world::Run::of(command).expect(1).stderr.contains("warning"));
    }
}
