//! Nothing is taken without a hash that proves it, unless the environment says that nothing need.

use gomod_testkit::LoopbackProxy;

use super::world::{ALPHA, BETA, Run, World, go_sum, sum_lines, tree};

#[test]
fn a_missing_line_is_named_and_nothing_is_fetched_for_it() {
    let proxy = LoopbackProxy::serve(tree());
    for (gone, missing) in [(2, "example.com/alpha v1.0.0"), (3, "example.com/alpha v1.0.0/go.mod")] {
        let world = World::new();
        let lines: Vec<_> =
            go_sum().lines().enumerate().filter(|(i, _)| *i != gone).map(|(_, l)| l.to_owned()).collect();
        world.write("go.sum", &(lines.join("\n") + "\n"));
        let mut command = world.command(&proxy.url(), &["--project", "project"]);
        let run = Run::of({
            command.env("GOSUMDB", "off");
            command
        });
        let run = run.expect(1);
        assert!(run.error().ends_with(&format!("missing go.sum entry: {missing}")), "{}", run.stderr);
        world.assert_without_zip(ALPHA);
    }
    let asked = proxy.requests();
    assert_eq!(asked.iter().find(|path| path.contains("alpha") && !path.ends_with(".mod")), None);
    // No go.sum at all is the same as an empty one.
    let world = World::new();
    std::fs::remove_file(world.project().join("go.sum")).unwrap();
    world.download(&proxy.url()).expect(1).says(&["missing go.sum entry: example.com/Beta/v2 v2.1.0/go.mod"]);
}

#[test]
fn a_single_module_needs_a_sum() {
    let proxy = LoopbackProxy::serve(tree());
    let world = World::new();
    let run = world.run(&proxy.url(), &[ALPHA]).expect(1);
    // There is no go.sum to speak of.
    run.says(&["example.com/alpha@v1.0.0: nothing proves it", "--sum"]);
    assert!(!run.error().contains("go.sum"), "{}", run.stderr);

    let lines = sum_lines(&tree(), ALPHA);
    let sums: Vec<_> = lines.lines().flat_map(|line| ["--sum", line]).collect();
    let args: Vec<_> = [ALPHA, "--json"].into_iter().chain(sums).collect();
    let run = world.run(&proxy.url(), &args).expect(0);
    assert_eq!(run.records().len(), 1);
    assert!(run.record(ALPHA)["Dir"].as_str().is_some_and(|dir| dir.ends_with("example.com/alpha@v1.0.0")));

    // From the project's go.sum.
    World::new().run(&proxy.url(), &[BETA, "--project", "project"]).expect(0);
}

#[test]
fn without_a_database_to_ask_nothing_need_be_proven_and_that_is_said() {
    let proxy = LoopbackProxy::serve(tree());
    for (name, value, reason) in [
        ("GOSUMDB", "off", "GOSUMDB=off"),
        ("GONOSUMDB", "example.com/*", "GONOSUMDB"),
        ("GOPRIVATE", "*.com", "GONOSUMDB"),
    ] {
        let world = World::new();
        let mut command = world.command(&proxy.url(), &[ALPHA]);
        command.env(name, value).env("GONOPROXY", "none");
        let run = Run::of(command).expect(0);
        run.says(&["warning: example.com/alpha@v1.0.0: nothing proves h1:", reason]);

        // A project's go.sum must have every line all the same.
        world.write("go.sum", "");
        let mut command = world.command(&proxy.url(), &["--project", "project"]);
        command.env(name, value).env("GONOPROXY", "none");
        Run::of(command).expect(1).says(&["missing go.sum entry"]);
    }
    let world = World::new();
    let mut command = world.command(&proxy.url(), &[ALPHA]);
    command.env("GONOSUMDB", "other.example");
    Run::of(command).expect(1).says(&["example.com/alpha@v1.0.0: nothing proves it"]);
}

/// As in the go command, which downloads itself so.
#[test]
fn a_toolchain_is_proven_or_refused() {
    let world = World::new();
    let mut command = world.command("off", &["golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64"]);
    command.env("GOSUMDB", "off").env("GONOSUMDB", "golang.org/*");
    Run::of(command)
        .expect(1)
        .says(&["golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64: nothing proves it", "GOSUMDB=\"off\""]);
}

#[test]
fn all_takes_every_line_of_go_sum() {
    let tree = tree().module("example.com/gamma", "v0.1.0", &[("gamma.go", b"package gamma\n")]).module(
        "example.com/delta",
        "v0.1.0",
        &[("delta.go", b"package delta\n")],
    );
    let world = World::new();
    let delta = sum_lines(&tree, "example.com/delta@v0.1.0");
    let delta_mod = delta.lines().nth(1).unwrap();
    world.write(
        "go.sum",
        &format!("{}{}{delta_mod}\n", go_sum(), sum_lines(&tree, "example.com/gamma@v0.1.0")),
    );
    let proxy = LoopbackProxy::serve(tree);
    let run = world.run(&proxy.url(), &["--project", "project", "--all", "--json"]).expect(0);
    assert_eq!(run.records().len(), 4);
    assert!(world.entry("example.com/gamma@v0.1.0").state().unwrap().is_extracted());
    let delta = run.record("example.com/delta@v0.1.0");
    assert!(delta["GoMod"].is_string() && delta["Zip"].is_null() && delta["Info"].is_null(), "{delta}");

    world.write("go.sum", &format!("{}Not/A/Module v1 h1:x=\n", go_sum()));
    let run = world.run(&proxy.url(), &["--project", "project", "--all"]).expect(1);
    assert!(run.error().contains("go.sum:5"), "{}", run.stderr);
}
