//! Wrong usage and broken files end in one clear sentence and the right status, before anything is fetched.

use std::fs;

use gomod_testkit::LoopbackProxy;

use super::world::{Run, World, tree};

/// The one error of `--project project`, which asks no proxy.
fn error(world: &World, status: i32) -> String {
    let proxy = LoopbackProxy::serve(tree());
    let error = world.download(&proxy.url()).expect(status).error().to_owned();
    assert_eq!(proxy.hits(), 0);
    error
}

#[test]
fn a_malformed_go_sum_names_file_and_line() {
    let world = World::new();
    world.write("go.sum", "example.com/alpha v1.0.0 h1:x=\n\nexample.com/alpha v1.0.0\n");
    assert!(error(&world, 1).ends_with("go.sum:3: malformed go.sum: wrong number of fields 2"));
}

#[test]
fn a_malformed_go_mod_names_file_and_line() {
    let world = World::new();
    world.write("go.mod", "module example.com/main\n\ngo 1.22\n\nrequire example.com/alpha latest\n");
    let error = error(&world, 1);
    assert!(error.contains("go.mod:5: require example.com/alpha: version \"latest\" invalid"), "{error}");
}

#[test]
fn a_project_that_is_not_there_is_wrong_usage() {
    let world = World::new();
    for (dir, text) in [
        ("nowhere", "project directory nowhere: "),
        ("project/go.mod", "project directory project/go.mod: "),
        (".", "there is no go.mod in . or in a directory above it"),
    ] {
        let run = world.run("off", &["--project", dir]).expect(2);
        assert!(run.error().contains(text), "{}", run.stderr);
    }
}

#[test]
fn a_project_is_found_from_below() {
    let world = World::new();
    fs::create_dir_all(world.project().join("cmd/x")).unwrap();
    let proxy = LoopbackProxy::serve(tree());
    world.run(&proxy.url(), &["--project", "project/cmd/x"]).expect(0);
}

#[test]
fn an_unknown_scheme_in_goproxy_is_one_sentence() {
    let run = World::new().download("ftp://user:secret@a.example").expect(1);
    let setting = "GOPROXY=\"ftp://xxxxx@a.example\" (set in the environment): invalid proxy URL scheme";
    assert!(run.error().contains(setting), "{}", run.stderr);
    assert!(!run.stderr.contains("secret"));
    let run = World::new().download("/srv/proxy").expect(1);
    let setting =
        "GOPROXY=\"/srv/proxy\" (set in the environment): invalid proxy URL missing scheme: /srv/proxy";
    assert!(run.error().contains(setting), "{}", run.stderr);
    // By the file that `go env -w` writes; and what is no setting at all.
    let world = World::new();
    let file = world.dir().join("env");
    fs::write(&file, "GOPROXY=ftp://b.example\n").unwrap();
    let mut command = world.command("", &["--project", "project"]);
    command.env("GOENV", &file).env_remove("GOPROXY");
    let run = Run::of(command).expect(1);
    let setting = format!("GOPROXY=\"ftp://b.example\" (set by `go env -w` in {})", file.display());
    assert!(run.error().contains(&setting), "{}", run.stderr);
    let args = ["--project", "project", "--repair", "--from", "ftp://c.example"];
    let run = Run::of(world.tool("verify", "off", &args)).expect(1);
    assert!(run.error().contains("--from: invalid proxy URL scheme"), "{}", run.stderr);
}

/// A file where the cache should be, because permissions mean nothing to root.
#[test]
fn a_cache_that_is_no_directory_is_one_sentence() {
    let world = World::new();
    fs::write(world.cache(), b"in the way").unwrap();
    for cache in [world.cache(), world.cache().join("below")] {
        let mut command = world.command("off", &["--project", "project"]);
        command.env("GOMODCACHE", &cache);
        let run = Run::of(command).expect(1);
        let text = format!("error: module cache {}: not a directory", cache.display());
        assert!(run.error().to_lowercase().starts_with(&text.to_lowercase()), "{}", run.stderr);
    }
    fs::remove_file(world.cache()).unwrap();
}

/// Where not even root can create a directory.
#[cfg(target_os = "linux")]
#[test]
fn an_unwritable_cache_is_one_sentence() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    let mut command = world.command(&proxy.url(), &["--project", "project"]);
    command.env("GOMODCACHE", "/proc/gomod-cache");
    let run = Run::of(command).expect(1);
    assert!(run.error().contains("module cache: create directory /proc/gomod-cache/"), "{}", run.stderr);
    run.says(&["make the module cache writable"]);
}

#[test]
fn a_relative_cache_and_broken_flags_are_one_sentence() {
    let world = World::new();
    for (name, value, text) in [
        ("GOMODCACHE", "cache", "GOMODCACHE entry is relative"),
        ("GOFLAGS", "x", "GOFLAGS"),
        ("GOFLAGS", "-modfile=other", "-modfile=other: file does not have .mod extension"),
        ("GOFLAGS", "-modfile=other.mod", "other.mod"),
        ("GOFLAGS", "-overlay=o.json", "GOFLAGS says -overlay, which is not supported"),
        ("GO111MODULE", "off", "modules are disabled by GO111MODULE=off"),
        ("GOTOOLCHAIN", "nonsense", "invalid GOTOOLCHAIN"),
    ] {
        let mut command = world.command("off", &["--project", "project"]);
        command.env(name, value);
        let run = Run::of(command).expect(1);
        assert!(run.error().contains(text), "{}", run.stderr);
    }
}

#[test]
fn what_is_wrong_with_a_workspace_is_one_sentence() {
    let world = World::new();
    let error = |go_work: &str, flags: &str| {
        fs::write(world.dir().join("go.work"), format!("go 1.22\n\n{go_work}")).unwrap();
        let mut command = world.command("off", &["--project", "project"]);
        command.env_remove("GOWORK").env("GOFLAGS", flags);
        Run::of(command).expect(1).error().to_owned()
    };
    assert!(
        error("use ./project\n", "-modfile=go.mod").contains("-modfile cannot be used in workspace mode")
    );
    assert!(error("use ./nowhere\n", "").contains("go.work lists modules that cannot be loaded:"));
    assert!(error("use ./project\nuse ./project/\n", "").contains("appears multiple times in workspace"));
    assert!(error("", "").contains("no modules were found in the workspace"));
    assert!(error("use\n", "").contains("go.work:3: usage: use local/dir"));
    // GOWORK=off, as everywhere else in these tests, takes the module alone.
    let proxy = LoopbackProxy::serve(tree());
    world.download(&proxy.url()).expect(0);
}

#[test]
fn wrong_flags_are_wrong_usage() {
    let world = World::new();
    for args in [
        &["--no-such-flag"][..],
        &["--all"],
        &["--jobs", "0", "--project", "project"],
        &["--stall", "-1", "--project", "project"],
        &["--retries", "forever", "--project", "project"],
        &["example.com/alpha"],
        &["example.com/alpha@<main"],
        &["example.com/alpha@v2.0.0"],
        &["../alpha@v1.0.0"],
        &["--sum", "example.com/alpha v1.0.0 h1:x="],
        &["example.com/alpha@v1.0.0", "--sum", "example.com/alpha h1:x="],
        &["--sample", "--project", "project"],
    ] {
        let run = world.run("off", args).expect(2);
        assert!(run.stderr.starts_with("error: ") && run.stdout.is_empty(), "{args:?}: {}", run.stderr);
    }
    let help = world.run("off", &["--help"]).expect(0);
    assert!(help.stdout.contains("Examples:") && help.stdout.contains("Exit status:"));
}

/// The go command would ask a proxy which version that is.
#[test]
fn a_version_in_a_short_form_names_file_and_line() {
    let world = World::new();
    world.write("go.mod", "module example.com/main\n\ngo 1.22\n\nrequire example.com/alpha v1.0\n");
    assert!(error(&world, 1).contains("go.mod:5: a version is not in its canonical form"));
}

#[test]
fn conflicting_replacements_name_file_and_line() {
    let world = World::new();
    let replace = "replace example.com/alpha => ./a\nreplace example.com/alpha => ./b\n";
    world.write("go.mod", &format!("module example.com/main\n\ngo 1.22\n\n{replace}"));
    let error = error(&world, 1);
    assert!(error.ends_with("go.mod: line 6: conflicting replacements for example.com/alpha"), "{error}");
}

#[test]
fn a_project_without_requirements_has_nothing_to_download() {
    let world = World::new();
    world.write("go.mod", "module example.com/main\n\ngo 1.22\n");
    world.download("off").expect(0).says(&["no module dependencies to download", "0 modules: "]);
}

/// What a dependency's go.mod must not say ends the run with its name.
#[test]
fn a_dependency_with_a_malformed_go_mod_is_named() {
    let go_mod: &[u8] = b"module example.com/alpha\nrequire nothing\n";
    let tree = tree().module("example.com/alpha", "v1.0.0", &[("go.mod", go_mod)]);
    let world = World::new();
    let sums = [super::world::BETA, super::world::ALPHA].map(|module| super::world::sum_lines(&tree, module));
    world.write("go.sum", &sums.concat());
    let run = world.download(&LoopbackProxy::serve(tree).url()).expect(1);
    let error = run.error();
    assert!(
        error.contains("example.com/alpha@v1.0.0: parsing go.mod") && error.contains("line 2"),
        "{error}"
    );
}
