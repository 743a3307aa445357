//! Laws: where GOPROXY says `direct`, and for private modules, the tools read git repositories as the go command does, with the
//! cache that the go command uses.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, GoCommand, LoopbackProxy, ModuleTree, Reply, skip};

use crate::download::world::World;
use crate::tool::Run;

const BASIC: &str = "vcs.test/basic.git@v1.0.1";
/// One for which no page is asked.
const HUB: &str = "github.com/user/basic@v1.0.1";

/// The repositories of `make-repos.sh`, made once; `None` without git or sh.
fn repositories() -> Option<&'static Path> {
    static MADE: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gomod-vcs/tests/make-repos.sh");
        let repositories = dir.path().join("repositories");
        let has_git = Command::new("git").arg("--version").output().is_ok();
        let Some(made) =
            has_git.then(|| Command::new("sh").arg(script).arg(&repositories).output().ok()).flatten()
        else {
            skip("no git or no sh on this machine: nothing is read directly");
            return None;
        };
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some((dir, repositories))
    });
    made.as_ref().map(|(_, repositories)| repositories.as_path())
}

/// A tool that finds git, and by git's configuration the repositories.
fn tool(world: &World, name: &str, proxy: &str, args: &[&str], repositories: &Path) -> Command {
    let mut command = world.tool(name, proxy, args);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GIT_CONFIG_GLOBAL", repositories.join("gitconfig")).env("GOSUMDB", "off");
    command
}

/// What a run of git was, by the words that matter, in the attempts of a record.
fn steps(run: &Run, module: &str) -> Vec<String> {
    let record = run.record(module);
    let attempts = record["Attempts"].as_array().cloned().unwrap_or_default();
    attempts.iter().map(|attempt| attempt["URL"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn modules_come_from_their_repositories_and_go_takes_them_for_its_own() {
    let Some(repositories) = repositories() else { return };
    let world = World::new();
    let modules = [BASIC, "vcs.test/multi.git/sub@latest"];
    let download = |proxy: &str| {
        Run::of(tool(&world, "download", proxy, &[&["--json"][..], &modules].concat(), repositories))
    };
    let run = download("direct").expect(0);
    let record = run.record(BASIC);
    assert_eq!(record["Source"], "direct");
    assert_eq!(record["Sum"], "h1:Y4JQAYUdIVAMB5F662C/y3jJgmCQ2bQGAI/QNaPgX0E=", "that of Go's vectors");
    assert_eq!(record["Origin"]["URL"], "https://vcs.test/basic", "{record}");
    let steps = steps(&run, BASIC);
    assert!(steps.iter().any(|step| step.starts_with("git ls-remote -q --end-of-options https://vcs.test/")));
    let asked = steps.iter().filter(|step| step.starts_with("git ls-remote")).count();
    assert_eq!(asked, 2, "once to see whether it answers, and once for its references: {steps:?}");
    assert!(steps.iter().any(|step| step == "direct:vcs.test/basic.git/@v/v1.0.1.zip"), "{steps:?}");
    // All is there, and a second run needs nothing.
    Run::of(tool(&world, "download", "off", &[BASIC], repositories)).expect(0);

    let Some(go) = GoCommand::find("go takes what came directly") else { return };
    world.write("go.mod", "module example.com/main\n\ngo 1.22\n\nrequire vcs.test/basic.git v1.0.1\n");
    world.write("main.go", "package main\n\nimport _ \"vcs.test/basic.git\"\n\nfunc main() {}\n");
    world.write("go.sum", "");
    let go = |proxy: &str, args: &[&str]| {
        let run = go.command(args, world.dir()).mod_cache(world.cache()).current_dir(world.project());
        let run = run.env("GOFLAGS", "-mod=mod -modcacherw").env("GOPROXY", proxy).env("GOSUMDB", "off");
        let run = run.env("GOVCS", "*:all").env("PATH", std::env::var_os("PATH").unwrap_or_default());
        run.env("GIT_CONFIG_GLOBAL", repositories.join("gitconfig")).run().expect_success()
    };
    go("off", &["mod", "download"]);
    assert_eq!(go("off", &["mod", "verify"]).stdout, "all modules verified\n");
    go("off", &["build", "./..."]);
    // Go goes on in the repository that we made, and we in that of go.
    go("direct", &["mod", "download", "vcs.test/basic.git@v1.1.0"]);
    assert_eq!(vcs_dirs(&world).len(), 2, "{:?}", vcs_dirs(&world));
    let run = tool(&world, "download", "direct", &["--json", "vcs.test/basic.git@v0.1.0"], repositories);
    let run = Run::of(run).expect(0);
    assert_eq!(run.record("vcs.test/basic.git@v0.1.0")["Source"], "direct");
    assert_eq!(vcs_dirs(&world).len(), 2);
}

#[test]
fn versions_and_repairs_come_from_there_too() {
    let Some(repositories) = repositories() else { return };
    let world = World::new();
    let run =
        Run::of(tool(&world, "versions", "", &["direct", "vcs.test/basic.git"], repositories)).expect(0);
    assert!(run.stdout.ends_with("vcs.test/basic.git@v1.3.0-dev\n"), "{}", run.stdout);
    Run::of(tool(&world, "download", "direct", &[BASIC], repositories)).expect(0);
    let zip = world.entry(BASIC).path(CacheFile::Zip);
    fs::File::options().write(true).open(&zip).unwrap().set_len(99).unwrap();
    let run = Run::of(tool(&world, "verify", "direct", &["--repair"], repositories)).expect(0);
    run.says(&["1 broken, 1 repaired"]);
    Run::of(tool(&world, "verify", "off", &[], repositories)).expect(0).says(&["1 checked, 0 broken"]);
}

/// The repositories in the cache.
fn vcs_dirs(world: &World) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(world.cache().join("cache/vcs")) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

/// A proxy is not told of a private module, and a public one comes from it.
#[test]
fn private_modules_go_past_the_proxy() {
    let Some(repositories) = repositories() else { return };
    let (world, proxy) = (World::new(), LoopbackProxy::serve(ModuleTree::new()));
    let mut command = tool(&world, "download", &proxy.url(), &["--json", BASIC], repositories);
    command.env("GOPRIVATE", "vcs.test").env_remove("GOSUMDB");
    let run = Run::of(command).expect(0);
    assert_eq!(run.record(BASIC)["Source"], "direct");
    assert_eq!(proxy.hits(), 0);
    // "Not found" leads to `direct`, another error does not.
    let list = format!("{},direct", proxy.url());
    let world = World::new();
    Run::of(tool(&world, "download", &list, &["--json", BASIC], repositories)).expect(0);
    let ill = LoopbackProxy::builder(ModuleTree::new()).fault(Endpoint::Any, Fault::status(500)).start();
    let list = format!("{},direct", ill.url());
    let args = ["--retries", "none", BASIC];
    let run = Run::of(tool(&World::new(), "download", &list, &args, repositories)).expect(1);
    assert!(!run.stderr.contains("git ls-remote"), "{}", run.stderr);
}

#[test]
fn what_fails_is_told_with_what_to_do_and_nothing_is_half_there() {
    let Some(repositories) = repositories() else { return };
    let failing = |module: &str, change: &dyn Fn(&mut Command)| {
        let world = World::new();
        let mut command = tool(&world, "download", "direct", &[module, "--total", "20"], repositories);
        change(&mut command);
        let run = Run::within(command).expect(1);
        run.says(&["next: "]);
        assert!(!world.names().iter().any(|name| name.contains("/@v/") && !name.ends_with(".lock")));
        run
    };
    let none = |_: &mut Command| {};
    failing("vcs.test/basic.git@v1.7.7", &none).says(&[
        "direct access failed: unknown revision v1.7.7",
        "git ls-remote https://vcs.test/basic` names the tags",
    ]);
    failing(BASIC, &|command| _ = command.env("PATH", "")).says(&["there is no git", "install git"]);
    failing("vcs.test/none.git@v1.0.0", &none).says(&["no secure protocol found", "check the module path"]);
    failing("vcs.test/basic.hg@v1.0.0", &|command| _ = command.env("GOVCS", "*:git"))
        .says(&["GOVCS disallows using hg", "GOVCS=vcs.test/basic.hg:hg"]);
    // A server that asks who is there.
    let reply = Reply::new(401).header("WWW-Authenticate", "Basic realm=\"git\"").body("no");
    let server = LoopbackProxy::builder(ModuleTree::new()).fault(Endpoint::Any, Fault::Reply(reply)).start();
    let config = instead(&server.url());
    failing(HUB, &|command| _ = command.env("GIT_CONFIG_GLOBAL", &*config)).says(&[
        "could not read Username",
        "give git credentials for that server",
        "asked: git ls-remote",
    ]);
}

/// A git configuration that leads from github.com to a server.
fn instead(url: &str) -> tempfile::TempPath {
    let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&file, format!("[url \"{url}/\"]\n\tinsteadOf = https://github.com/user/\n")).unwrap();
    file
}

/// A git server that takes a connection and says nothing is given up.
#[test]
fn a_silent_server_is_given_up() {
    let Some(repositories) = repositories() else { return };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = instead(&format!("http://{}", silent.local_addr().unwrap()));
    let world = World::new();
    let mut command = tool(&world, "download", "direct", &["--total", "2", HUB], repositories);
    command.env("GIT_CONFIG_GLOBAL", &*config);
    let run = Run::within(command).expect(1);
    run.says(&["not complete after 2s (the limit of --total)", "asked: git ls-remote", "given up"]);
    assert!(vcs_dirs(&world).is_empty(), "{:?}", vcs_dirs(&world));
    // A server that sends too little for too long is git's to give up.
    let mut command = tool(&world, "download", "direct", &["--stall", "1", HUB], repositories);
    command.env("GIT_CONFIG_GLOBAL", &*config);
    Run::within(command).expect(1).says(&[
        "asked: git ls-remote",
        "too slow",
        "next: see what git says above",
    ]);
    drop(silent);
}
