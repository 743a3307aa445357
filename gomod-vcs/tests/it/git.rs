//! What git runs with, what it may take, and what is left when it fails.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use gomod_module::{ModulePath, Version};
use gomod_testkit::GoCommand;
use gomod_vcs::{
    GitLimits, GitProgram, GitReason, LookupError, LookupReason, ModuleRepository, RepoError, RepoRoot,
    RepoUrl, Vcs,
};

use crate::vcs::repositories;
use crate::vcs_answer::chain;

fn environment(set: &[(&str, &Path)]) -> Vec<(OsString, OsString)> {
    let mut environment = vec![("PATH".into(), std::env::var_os("PATH").unwrap_or_default())];
    environment.extend(set.iter().map(|(name, value)| (OsString::from(name), value.as_os_str().to_owned())));
    environment
}

fn open(git: &GitProgram, cache: &Path, name: &str) -> Result<ModuleRepository, LookupError> {
    let url = RepoUrl::new(&format!("https://vcs.test/{name}"), false).expect("a URL");
    let root = format!("vcs.test/{name}.git");
    let path = ModulePath::new(root.clone()).expect("a path");
    ModuleRepository::open(git, cache, &RepoRoot::new(root, Vcs::Git, url), &path)
}

type Files = Vec<(Vec<u8>, bool, Vec<u8>)>;

fn files(git: &GitProgram, name: &str, version: &str) -> Files {
    let cache = tempfile::tempdir().expect("a directory");
    let mut module = open(git, cache.path(), name).expect("a repository");
    files_of(&mut module, version)
}

fn files_of(module: &mut ModuleRepository, version: &str) -> Files {
    let files = module.files(&Version::new(version).expect("a version")).expect("files");
    files.iter().map(|file| (file.name.to_vec(), file.is_symlink, file.content.to_vec())).collect()
}

fn git(set: &[(&str, &Path)]) -> GitProgram {
    GitProgram::find(environment(set)).expect("git")
}

#[test]
fn no_configuration_of_a_user_changes_a_module() {
    let Some(repositories) = repositories() else { return };
    let plain = repositories.join("gitconfig");
    let wanted = files(&git(&[("GIT_CONFIG_GLOBAL", &plain)]), "attrs", "v1.0.0");

    let home = tempfile::tempdir().expect("a directory");
    let attributes = home.path().join(".config/git/attributes");
    fs::create_dir_all(attributes.parent().expect("a directory")).expect("a directory");
    fs::write(&attributes, "* text eol=crlf ident\n*.lfs filter=lfs\n*.txt export-ignore\n").expect("a file");
    let config = home.path().join("gitconfig");
    let include = format!("[include]\n\tpath = {}\n", plain.display());
    let settings = format!(
        "{include}[core]\n\tautocrlf = true\n\teol = crlf\n\tattributesFile = {}\n[filter \"lfs\"]\n\tsmudge = echo\n\
         [tar]\n\tumask = 077\n[log]\n\tshowSignature = true\n\tdecorate = full\n[init]\n\tdefaultObjectFormat = sha256\n",
        attributes.display()
    );
    fs::write(&config, settings).expect("a file");
    let odd = git(&[
        ("GIT_CONFIG_GLOBAL", &config),
        ("HOME", home.path()),
        ("GIT_LITERAL_PATHSPECS", Path::new("0")),
    ]);
    assert_eq!(files(&odd, "attrs", "v1.0.0"), wanted);
    assert!(
        wanted
            .iter()
            .any(|(name, is_symlink, target)| name == b"link" && *is_symlink && target == b"plain.txt")
    );
}

#[test]
fn the_repository_of_a_hook_is_not_touched() {
    let Some(repositories) = repositories() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let other = dir.path().join("other.git");
    let config = repositories.join("gitconfig");
    let mut set: Vec<(&str, &Path)> = vec![("GIT_CONFIG_GLOBAL", &config)];
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
        set.push((name, &other));
    }
    assert_eq!(files(&git(&set), "basic", "v1.0.0").len(), 4);
    assert!(!other.exists());
}

#[cfg(unix)]
fn script(dir: &Path, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let path = dir.join("git");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    path
}

fn reason(result: Result<ModuleRepository, LookupError>) -> GitReason {
    match *result.expect_err("no repository").reason {
        LookupReason::Repo(RepoError::Git(e)) => e.reason,
        other => panic!("{other:?}"),
    }
}

/// What is in the place of the repositories.
fn left(cache: &Path) -> Vec<String> {
    let entries = fs::read_dir(cache.join("cache/vcs")).expect("a directory");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

fn only_a_lock(cache: &Path) -> bool {
    matches!(&left(cache)[..], [name] if Path::new(name).extension().is_some_and(|end| end == "lock"))
}

#[test]
#[cfg(unix)]
fn a_git_that_never_ends_is_ended_with_what_it_started() {
    let dir = tempfile::tempdir().expect("a directory");
    let pid = dir.path().join("pid");
    let program = script(dir.path(), &format!("tail -f /dev/null & echo $! >{}; wait", pid.display()));
    let limits = GitLimits::default().time(Duration::from_millis(500));
    let git = GitProgram::new(&program, environment(&[])).limits(limits);
    assert!(matches!(reason(open(&git, dir.path(), "x")), GitReason::Time(_)));
    let started = fs::read_to_string(pid).expect("it was started");
    // It was told to end, and does so when it gets its turn; nobody may wait for it then.
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let status = fs::read_to_string(format!("/proc/{}/stat", started.trim())).unwrap_or_default();
        let state = status.rsplit(") ").next().unwrap_or_default();
        if state.is_empty() || state.starts_with(['Z', 'X']) {
            break;
        }
        assert!(Instant::now() < deadline, "{status}");
        thread::yield_now();
    }
    // No repository is left that does not know its server.
    assert!(only_a_lock(dir.path()), "{:?}", left(dir.path()));
}

#[test]
#[cfg(unix)]
fn output_and_cancellation_end_it_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let program = script(dir.path(), "yes");
    let limits = GitLimits::default().output(1 << 20);
    let git = GitProgram::new(&program, environment(&[])).limits(limits);
    assert!(matches!(reason(open(&git, dir.path(), "x")), GitReason::Output(_)));
    let git = git.cancelled_by(Arc::new(AtomicBool::new(true)));
    assert!(matches!(reason(open(&git, dir.path(), "x")), GitReason::Cancelled));
}

#[test]
fn a_missing_git_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    assert!(GitProgram::find([(OsString::from("PATH"), OsString::from(".:bin"))]).is_none());
    let git = GitProgram::new(dir.path().join("none"), environment(&[]));
    assert!(matches!(reason(open(&git, dir.path(), "x")), GitReason::Start(_)));
}

#[test]
fn no_password_is_shown_or_kept() {
    let Some(repositories) = repositories() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let git = git(&[("GIT_ALLOW_PROTOCOL", Path::new("file"))]);
    let url = RepoUrl::new("https://user:s3cret@vcs.test/basic", false).expect("a URL");
    let path = ModulePath::new("vcs.test/basic.git").expect("a path");
    let root = RepoRoot::new("vcs.test/basic.git", Vcs::Git, url);
    let error = ModuleRepository::open(&git, dir.path(), &root, &path).expect_err("not allowed");
    let shown = format!("{} {error:?}", chain(&error));
    assert!(!shown.contains("s3cret") && shown.contains("vcs.test"), "{shown}");
    assert!(only_a_lock(dir.path()), "{:?}", left(dir.path()));

    // With an answer, too.
    let config = dir.path().join("gitconfig");
    let lines = format!(
        "[url \"file://{}/\"]\n\tinsteadOf = https://user:s3cret@vcs.test/\n[protocol \"file\"]\n\tallow = always\n",
        repositories.display()
    );
    fs::write(&config, lines).expect("a file");
    let git = self::git(&[("GIT_CONFIG_GLOBAL", &config)]);
    let mut module = ModuleRepository::open(&git, dir.path(), &root, &path).expect("a repository");
    let resolved = module.stat("v1.1.0").expect("a version");
    assert_eq!(resolved.origin.expect("an origin").url, "https://vcs.test/basic");
    let cache = dir.path().join("cache/vcs");
    let kept = walk(&cache).into_iter().filter(|file| fs::read(file).is_ok_and(|text| has(&text, b"s3cret")));
    assert_eq!(kept.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_repository_is_of_one_url_and_of_one_process_at_a_time() {
    let Some(repositories) = repositories() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let config = repositories.join("gitconfig");
    let git = git(&[("GIT_CONFIG_GLOBAL", &config)]);
    open(&git, dir.path(), "basic").expect("a repository");
    let names = left(dir.path());
    let path = |end: &str| {
        let name = names.iter().find(|name| name.ends_with(end) && name.contains('.')).expect("it is there");
        dir.path().join("cache/vcs").join(name)
    };
    let (note, lock) = (path(".info"), path(".lock"));
    assert_eq!(fs::read_to_string(&note).expect("a note"), "git3:https://vcs.test/basic");

    let held = fs::File::open(&lock).expect("the lock");
    held.lock().expect("the lock");
    let hasty = git.clone().limits(GitLimits::default().time(Duration::ZERO));
    let error = open(&hasty, dir.path(), "basic").expect_err("it is locked");
    assert!(matches!(*error.reason, LookupReason::Repo(RepoError::Locked { .. })), "{error:?}");
    held.unlock().expect("the lock");

    fs::write(&note, "git3:https://vcs.test/other").expect("a file");
    let error = open(&git, dir.path(), "basic").expect_err("another repository");
    assert!(matches!(*error.reason, LookupReason::Repo(RepoError::WrongInfo { .. })), "{error:?}");
    // What has no note is made anew.
    fs::remove_file(&note).expect("a file");
    open(&git, dir.path(), "basic").expect("a repository").stat("v1.0.0").expect("a version");
}

#[test]
fn other_systems_are_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = RepoUrl::new("https://vcs.test/x", false).expect("a URL");
    let path = ModulePath::new("vcs.test/x").expect("a path");
    let git = GitProgram::new("git", environment(&[]));
    let root = RepoRoot::new("vcs.test/x", Vcs::Hg, url);
    let error = ModuleRepository::open(&git, dir.path(), &root, &path).expect_err("not read");
    assert!(
        chain(&error).ends_with("modules in hg repositories are not read, only those in git repositories")
    );
}

#[test]
fn no_branch_poses_as_a_commit() {
    let Some(repositories) = repositories() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let copy = dir.path().join("basic.git");
    let hash = "0123456789012345678901234567890123456789";
    let run = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
        assert!(output.expect("git").status.success(), "{arguments:?}");
    };
    let (from, to) = (repositories.join("basic.git"), copy.to_string_lossy().into_owned());
    run(&["clone", "-q", "--bare", &from.to_string_lossy(), &to]);
    run(&["-C", &to, "update-ref", &format!("refs/heads/{hash}"), "refs/heads/main"]);
    let config = dir.path().join("gitconfig");
    let lines = format!(
        "[url \"file://{}/\"]\n\tinsteadOf = https://vcs.test/\n[protocol \"file\"]\n\tallow = always\n",
        dir.path().display()
    );
    fs::write(&config, lines).expect("a file");
    let mut module =
        open(&git(&[("GIT_CONFIG_GLOBAL", &config)]), dir.path(), "basic").expect("a repository");
    let error = module.stat(hash).expect_err("no such commit");
    assert!(
        matches!(&*error.reason, LookupReason::Repo(RepoError::NamedLikeCommit(name)) if name == hash),
        "{error:?}"
    );
    module.stat("main").expect("a branch");
}

#[test]
#[cfg(unix)]
fn git_asks_no_questions_unless_it_is_told_to() {
    let dir = tempfile::tempdir().expect("a directory");
    let seen = dir.path().join("seen");
    let url = RepoUrl::new("ssh://git@vcs.test/x", false).expect("a URL");
    for (configured, variables, wanted, unwanted) in [
        (
            1,
            &[][..],
            &["GIT_SSH_COMMAND=ssh -o BatchMode=yes", "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never"][..],
            "GIT_DIR=",
        ),
        (0, &[], &["GIT_TERMINAL_PROMPT=0"], "GIT_SSH_COMMAND="),
        (1, &[("GIT_SSH", "plink")], &["GIT_SSH=plink"], "GIT_SSH_COMMAND="),
        (
            1,
            &[("GIT_SSH_COMMAND", "ssh -v"), ("GIT_TERMINAL_PROMPT", "1")],
            &["GIT_SSH_COMMAND=ssh -v", "GIT_TERMINAL_PROMPT=1"],
            "BatchMode",
        ),
        (
            1,
            &[("GIT_DIR", "/x"), ("GIT_INDEX_FILE", "/x"), ("GIT_CONFIG_COUNT", "0")],
            &["GIT_CONFIG_COUNT=0"],
            "GIT_INDEX_FILE",
        ),
    ] {
        let program = script(
            dir.path(),
            &format!("[ \"$1\" != config ] || exit {configured}\nenv >{}", seen.display()),
        );
        let set: Vec<_> = variables.iter().map(|(name, value)| (*name, Path::new(value))).collect();
        let git = GitProgram::new(program, environment(&set));
        assert!(git.answers(&url, dir.path()).expect("it was asked"));
        let seen = fs::read_to_string(&seen).expect("what it saw");
        for wanted in wanted {
            assert!(seen.lines().any(|line| line == *wanted), "{wanted} in {seen}");
        }
        assert!(!seen.contains(unwanted), "{unwanted} in {seen}");
    }
    let program = script(dir.path(), "exit 128");
    assert!(!GitProgram::new(program, environment(&[])).answers(&url, dir.path()).expect("it was asked"));
}

/// A git that writes down what it is asked.
#[cfg(unix)]
fn logging(dir: &Path) -> PathBuf {
    let real = GitProgram::find(environment(&[])).map(|_| std::env::var_os("PATH").unwrap_or_default());
    let real =
        std::env::split_paths(&real.expect("git")).map(|dir| dir.join("git")).find(|git| git.is_file());
    let log = dir.join("log");
    script(dir, &format!("echo \"$*\" >>{}\nexec {} \"$@\"", log.display(), real.expect("git").display()));
    log
}

#[test]
#[cfg(unix)]
fn either_goes_on_where_the_other_stopped() {
    let Some(repositories) = repositories() else { return };
    let Some(go) = GoCommand::find("either_goes_on_where_the_other_stopped") else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let config = repositories.join("gitconfig");
    let log = logging(dir.path());
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap_or_default());
    let git = || {
        let set = [("PATH", Path::new(&path)), ("GIT_CONFIG_GLOBAL", &config)];
        GitProgram::new(
            dir.path().join("git"),
            set.map(|(name, value)| (name.into(), value.as_os_str().to_owned())),
        )
    };
    let logged = || {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(&log);
        text
    };
    let home = tempfile::tempdir().expect("a directory");
    let cache = gomod_testkit::mod_cache(home.path());
    let ask_go = |query: &str| {
        let run = go.command(&["mod", "download", "-json", query], home.path());
        let run =
            run.proxy("direct").env("PATH", &path).env("GIT_CONFIG_GLOBAL", &config).env("GOVCS", "*:git");
        run.run().expect_success().stdout
    };
    let has_step = |log: &str, step: &str| log.lines().any(|line| line.split(' ').any(|word| word == step));

    // Go begins.
    let json = ask_go("vcs.test/basic.git@v1.1.0");
    assert!(has_step(&logged(), "init"));
    let mut module = open(&git(), &cache, "basic").expect("a repository");
    let resolved = module.stat("v1.1.0").expect("a version");
    let names: Vec<_> = files_of(&mut module, "v1.1.0").into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, [&b"LICENSE"[..], b"README", b"a.go", b"go.mod"]);
    let hash = resolved.origin.expect("an origin").hash;
    assert!(json.contains(&hash), "{json}");
    let steps = logged();
    assert!(!has_step(&steps, "init"), "{steps}");
    // The highest version, which may retract others, is v1.1.0 itself: nothing is missing.
    assert!(!has_step(&steps, "fetch"), "{steps}");
    // Another version costs that version.
    module.stat("v0.1.0").expect("a version");
    let steps = logged();
    assert!(has_step(&steps, "--depth=1") && !has_step(&steps, "--unshallow"), "{steps}");

    // Go finds what came here.
    ask_go("vcs.test/basic.git@v0.1.0");
    let steps = logged();
    assert!(!has_step(&steps, "init") && !has_step(&steps, "fetch"), "{steps}");

    // We begin.
    let mut module = open(&git(), &cache, "retract").expect("a repository");
    module.stat("main").expect("a version");
    files_of(&mut module, "v1.3.0");
    logged();
    ask_go("vcs.test/retract.git@v1.3.0");
    let steps = logged();
    assert!(!has_step(&steps, "init") && !has_step(&steps, "fetch"), "{steps}");
}
