use std::time::Instant;

use super::*;

fn programs(time: Duration) -> AuthPrograms {
    let path = std::env::var_os("PATH").unwrap();
    AuthPrograms::new([("PATH".into(), path), ("SET".into(), "here".into())]).time_limit(time)
}

fn sh(script: &str, stdin: &str, time: Duration) -> Result<String, String> {
    let words = ["sh", "-c", script].map(str::to_owned);
    let output = programs(time).run(&words, None, stdin.as_bytes(), &AtomicBool::new(false))?;
    Ok(String::from_utf8(output).unwrap())
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_environment_is_the_callers_and_the_input_is_given() {
    let said = sh("cat; echo $SET$HOME$GIT_TERMINAL_PROMPT", "in\n", LONG).unwrap();
    assert_eq!(said, "in\nhere0\n");
    assert_eq!(sh("echo no >&2; exit 3", "", LONG).unwrap_err(), "exit status: 3: no");
    assert_eq!(sh("exit 3", "never read", LONG).unwrap_err(), "exit status: 3");
}

/// What it has started ends with it.
#[test]
fn limits_end_the_whole_group() {
    let started = Instant::now();
    let said = sh("sleep 1000 & sleep 1000", "", Duration::from_millis(200)).unwrap_err();
    assert_eq!(said, "it did not end within 200ms");
    let said = sh("yes & yes", "", LONG).unwrap_err();
    assert_eq!(said, format!("it printed more than {MAX_OUTPUT} bytes"));
    assert!(started.elapsed() < LONG);
    // What stays behind with the pipes is not waited for.
    let left = sh("sleep 1000 & echo $!", "", LONG).unwrap();
    assert!(Command::new("kill").arg(left.trim()).status().unwrap().success());
    let cancelled = programs(LONG).run(&["sh".to_owned()], None, &[], &AtomicBool::new(true)).unwrap_err();
    assert!(cancelled.contains("ended with the request"), "{cancelled}");
}

#[test]
fn no_program_of_the_current_directory() {
    let mut programs = programs(LONG);
    programs.environment[0].1 = ".:src:".into();
    let said = programs.run(&["lib.rs".to_owned()], None, &[], &AtomicBool::new(false)).unwrap_err();
    assert_eq!(said, "there is no such program in PATH");
    assert!(programs.run(&[], None, &[], &AtomicBool::new(false)).is_err());
    assert!(programs.run(&[String::new()], None, &[], &AtomicBool::new(false)).is_err());
}
