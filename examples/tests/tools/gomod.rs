//! The `gomod` program: every tool under one name.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::download::world::{ALPHA, World, database};
use crate::tool::{Run, tool};
use gomod_testkit::{LoopbackProxy, ModuleTree};
use serde_json::{Value, json};

const HASH: &str = "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=";

const TOOLS: [&str; 8] = ["download", "verify", "sumdb", "hash", "zip", "versions", "flaky", "conformance"];

fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(tool(program));
    command.env_clear().args(args).stdin(Stdio::null());
    command
}

fn gomod(args: &[&str]) -> Run {
    Run::of(command("gomod", args))
}

/// The subcommands that a help text lists.
fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The command line of every tool, and of every subcommand of one.
fn command_lines() -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for name in subcommands(&gomod(&["--help"]).expect(0).stdout) {
        if name == "help" {
            continue;
        }
        let help = gomod(&[&name, "--help"]).expect(0).stdout;
        all.extend(subcommands(&help).into_iter().map(|inner| vec![name.clone(), inner]));
        all.push(vec![name]);
    }
    all
}

#[test]
fn every_tool_is_a_subcommand_under_its_name() {
    let found = subcommands(&gomod(&["--help"]).expect(0).stdout);
    for name in TOOLS.iter().chain(&["completions", "help"]) {
        assert!(found.iter().any(|found| found == name), "no {name} in {found:?}");
    }
    for line in command_lines() {
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let called = format!("gomod {}", line.join(" "));
        let help = gomod(&[&line[..], &["--help"]].concat()).expect(0).stdout;
        assert!(help.contains(&format!("Usage: {called} ")), "{help}");
        assert!(help.contains("--json"), "{called}: {help}");
        assert_eq!(gomod(&[&["help"], &line[..]].concat()).expect(0).stdout, help, "{called}");
        for shell in help.lines().filter(|line| line.trim_start().starts_with("$ ")) {
            assert!(shell.contains("gomod "), "{shell}");
        }
        for tool in TOOLS {
            assert!(!help.contains(&format!("`{tool} ")), "{called}: {help}");
        }
        let wrong = gomod(&[&line[..], &["--no-such-flag"]].concat()).expect(2);
        assert!(wrong.stderr.contains(&format!("Usage: {called}")), "{}", wrong.stderr);
    }
    // Alone, each is called by its own name.
    for name in TOOLS {
        let help = Run::of(command(name, &["--help"])).expect(0).stdout;
        assert!(help.contains(&format!("Usage: {name} ")) && help.contains("Exit status:"), "{help}");
        let shell: Vec<_> = help.lines().filter(|line| line.trim_start().starts_with("$ ")).collect();
        assert!(!shell.is_empty() && shell.iter().all(|line| line.contains(&format!("{name} "))), "{help}");
        assert!(!help.contains("gomod hash") && !help.contains("gomod zip"), "{help}");
    }
}

#[test]
fn the_version_is_that_of_the_workspace() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(gomod(&["--version"]).expect(0).stdout, format!("gomod {version}\n"));
    for name in TOOLS {
        assert_eq!(Run::of(command(name, &["--version"])).expect(0).stdout, format!("{name} {version}\n"));
        assert!(gomod(&[name, "--version"]).expect(0).stdout.ends_with(&format!("{name} {version}\n")));
    }
}

#[test]
fn a_subcommand_does_what_the_tool_does() {
    let dir = tempfile::tempdir().unwrap();
    let go_mod = dir.path().join("go.mod");
    fs::write(&go_mod, "module x.y/m\n").unwrap();
    let go_mod = go_mod.to_str().unwrap();
    let alone = Run::of(command("hash", &["mod", go_mod])).expect(0).stdout;
    assert!(alone.starts_with("h1:"));
    assert_eq!(gomod(&["hash", "mod", go_mod]).expect(0).stdout, alone);
    assert_eq!(gomod(&["hash", "mod", "absent"]).expect(1).error().find("absent"), Some("error: ".len()));
    // What clap does not find by itself is wrong usage all the same, and of the right program.
    let wrong = gomod(&["hash", "--sample", "mod", go_mod]).expect(2);
    wrong.says(&["cannot be used with", "Usage: gomod hash"]);
}

#[test]
fn what_is_not_known_is_wrong_usage_with_a_suggestion() {
    let empty = tempfile::tempdir().unwrap();
    for (args, text) in [
        (&["downlod"][..], "'download'"),
        (&["hsh", "zip", "a.zip"], "'hash'"),
        (&["--json", "verfy"], "'verify'"),
        (&["hash", "zap", "a.zip"], "'zip'"),
        (&["sumdb", "look", "a"], "'lookup'"),
        (&["something-else"], "unrecognized subcommand 'something-else'"),
        (&["help", "downlod"], "downlod"),
        (&[], "Usage: gomod"),
        (&["--json"], "Usage: gomod"),
    ] {
        let mut command = command("gomod", args);
        command.env("PATH", empty.path());
        Run::of(command).expect(2).says(&[text]);
    }
}

#[cfg(unix)]
mod external {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn script(path: &Path, says: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = path.with_extension("txt");
        fs::write(&text, format!("#!/bin/sh\necho {says} \"$@\"\nexit 7\n")).unwrap();
        fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).unwrap();
        place(&text, path);
    }

    /// Another process writes it: a test beside this one that starts a program just then would inherit the open file, which
    /// could not be run as long as that one has it.
    fn place(from: &Path, to: &Path) {
        assert!(Command::new("cp").arg("-p").args([from, to]).status().unwrap().success());
    }

    #[test]
    fn a_program_beside_it_comes_before_one_on_path() {
        let dir = tempfile::tempdir().unwrap();
        let (own, path, here) = (dir.path().join("own"), dir.path().join("path"), dir.path().join("here"));
        script(&path.join("gomod-extra"), "path");
        script(&path.join("gomod-hash"), "not asked");
        script(&here.join("gomod-local"), "not asked");
        script(&here.join("x/gomod-local"), "not asked");
        fs::create_dir(&own).unwrap();
        fs::write(path.join("gomod-text"), "#!/bin/sh\n").unwrap();
        fs::create_dir(path.join("gomod-dir")).unwrap();
        let program = own.join("gomod");
        place(&tool("gomod"), &program);
        let run = |args: &[&str]| {
            let mut command = Command::new(&program);
            // An empty entry is the working directory.
            let entries = format!(":.:x:{}:/usr/bin:/bin", path.display());
            Run::of_mut(command.env_clear().env("PATH", entries).current_dir(&here).args(args))
        };
        assert_eq!(run(&["extra", "a b", "--flag", "-x"]).expect(7).stdout, "path a b --flag -x\n");
        assert_eq!(run(&["--json", "extra", "a"]).expect(7).stdout, "path --json a\n");
        script(&own.join("gomod-extra"), "own");
        assert_eq!(run(&["extra"]).expect(7).stdout, "own\n");
        // What is built in stays, and nothing comes from the working directory or from where a name leads.
        assert!(run(&["hash", "--help"]).expect(0).stdout.contains("gomod hash"));
        for name in ["local", "../here/local", "/bin/sh", "x/../local", "text", "dir", "absent", ""] {
            run(&[name]).expect(2).says(&["unrecognized subcommand"]);
        }
    }
}

#[test]
fn completions_name_every_subcommand() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = gomod(&["completions", shell]).expect(0).stdout;
        for line in command_lines() {
            let name = line.last().unwrap();
            assert!(script.contains(name.as_str()), "{shell}: no {name}");
        }
        let check = Command::new(shell).args(["-n", "-c", &script]).output();
        match check {
            Ok(output) => assert!(output.status.success(), "{shell}: {output:?}"),
            Err(_) => {
                gomod_testkit::skip("this shell is not here: the syntax of its completions is not tested");
            }
        }
    }
    let object = gomod(&["--json", "completions", "bash"]).expect(0).records();
    assert!(object[0]["script"].as_str().unwrap().contains("_gomod"));
    gomod(&["completions", "tcsh"]).expect(2);
    gomod(&["completions"]).expect(2);
}

/// Before and behind the subcommand, alone and within `gomod`: the same objects and the same status.
#[test]
fn json_stands_anywhere() {
    let world = World::new();
    let proxy = LoopbackProxy::builder(ModuleTree::new()).proxied_database(&database()).start();
    let run = |program: &str, args: &[&str]| {
        let mut command = world.tool(program, &proxy.url(), args);
        command.env("GOSUMDB", database().key());
        Run::of(command)
    };
    let (m, zip) = ("example.com/m@v1.0.0", "m.zip");
    fs::create_dir(world.dir().join("m")).unwrap();
    fs::write(world.dir().join("m/go.mod"), "module example.com/m\n").unwrap();
    run("zip", &["create", "m", m, zip]).expect(0);
    let index = json!({"file": zip, "path": "example.com/m", "version": "v1.0.0"});
    fs::write(world.dir().join("index.jsonl"), format!("{index}\n")).unwrap();
    run("sumdb", &["prove", "--project", "project", "--save", "proofs"]).expect(0);
    for (name, job, args) in [
        ("hash", "zip", &[zip][..]),
        ("hash", "zip", &["absent"]),
        ("hash", "dir", &["m", m]),
        ("hash", "mod", &["m/go.mod"]),
        ("zip", "check", &[zip, m]),
        ("zip", "check-dir", &["m"]),
        ("zip", "diff", &[zip, zip]),
        ("zip", "unzip", &[zip, m, "out"]),
        ("zip", "create", &["m", m, "new.zip"]),
        ("sumdb", "lookup", &[ALPHA]),
        ("sumdb", "prove", &["--project", "project"]),
        ("sumdb", "check", &["proofs"]),
        ("verify", "", &["--project", "project"]),
        ("download", "", &["--retries", "none", ALPHA]),
        ("conformance", "--list", &[]),
        ("conformance", "zips", &["index.jsonl"]),
        ("completions", "bash", &[]),
        ("zip", "fetch", &["off", m, HASH, "none.zip"]),
        ("versions", "", &["off", "example.com/m"]),
    ] {
        let job: &[&str] = if job.is_empty() { &[] } else { &[job] };
        let mut seen = None;
        let orders = |name: &[&'static str]| {
            let mut orders = vec![
                [name, &["--json"], job, args].concat(),
                [name, job, &["--json"], args].concat(),
                [name, job, args, &["--json"]].concat(),
            ];
            if !name.is_empty() {
                orders.push([&["--json"], name, job, args].concat());
            }
            orders
        };
        let within = orders(&[name]).into_iter().map(|args| ("gomod", args));
        let alone = orders(&[]).into_iter().map(|args| (name, args));
        let alone = alone.filter(|(name, _)| *name != "completions");
        for (program, args) in within.chain(alone) {
            let _ = fs::remove_dir_all(world.dir().join("out"));
            let _ = fs::remove_file(world.dir().join("new.zip"));
            let run = run(program, &args);
            let objects: Vec<_> = run.records().into_iter().map(without_times).collect();
            assert!(!objects.is_empty(), "{program} {args:?}: {}", run.stderr);
            let now = (run.code, objects);
            assert_eq!(*seen.get_or_insert_with(|| now.clone()), now, "{program} {args:?}");
        }
    }
}

fn without_times(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !name.to_lowercase().ends_with("seconds"));
        object.values_mut().for_each(|value| *value = without_times(value.take()));
    } else if let Some(values) = value.as_array_mut() {
        for value in values {
            *value = without_times(value.take());
        }
    }
    value
}

/// An advice that names a tool can be typed as it stands.
#[test]
fn advice_calls_tools_as_this_program_is_called() {
    let world = World::new();
    let sums = fs::read_to_string(world.project().join("go.sum")).unwrap();
    let contradiction = format!("{sums}example.com/alpha v1.0.0 {HASH}\n");
    fs::write(world.project().join("go.sum"), contradiction).unwrap();
    let project = ["--project", "project"];
    let own = Run::of(world.tool("verify", "off", &project)).expect(1);
    own.says(&["find out with `sumdb prove`", "or fill this one with `download`"]);
    let args = [&["verify"][..], &project].concat();
    let within = Run::of(world.tool("gomod", "off", &args)).expect(1);
    within.says(&["find out with `gomod sumdb prove`", "or fill this one with `gomod download`"]);
}
