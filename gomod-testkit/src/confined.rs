//! What stands in the way of a process: full and read-only disks, limits, and permissions, which mean nothing to root.

use std::process::Command;

use crate::skip::skip;

/// The module cache as a disk on which not even root can write.
pub const READ_ONLY_CACHE: &str = "mount --bind \"$GOMODCACHE\" \"$GOMODCACHE\" && \
    mount -o remount,bind,ro \"$GOMODCACHE\" && exec \"$@\"";

/// The command after what the script does in a mount namespace of its own, as `"$@"`; `None`, and a line that says so, where
/// this machine has no such namespaces.
pub fn in_own_mounts(script: &str, inner: &Command) -> Option<Command> {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]);
        command
    };
    if !unshare().arg("true").status().is_ok_and(|status| status.success()) {
        skip("no mounts in a user namespace on this machine: full and read-only disks are not tested");
        return None;
    }
    let mut command = unshare();
    command.args(["sh", "-c", script, "sh"]);
    Some(around(command, inner))
}

/// The command as somebody to whom permissions mean something: nobody. `None`, and a line that says so, where that cannot be.
pub fn as_nobody(inner: &Command) -> Option<Command> {
    let nobody = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command
    };
    let can_run = nobody().arg(inner.get_program()).arg("--help").output();
    if !can_run.is_ok_and(|output| output.status.success()) {
        skip("nobody cannot run the tools on this machine: permissions are not tested");
        return None;
    }
    Some(around(nobody(), inner))
}

/// The command with files of which none may get a byte: `ulimit -f 0`.
pub fn with_files_of_no_size(inner: &Command) -> Command {
    with_files_of(0, inner)
}

/// The command with files of which none may get more than so many blocks: `ulimit -f`, in units of 512 bytes or of 1024, as the
/// shell has it.
pub fn with_files_of(blocks: u32, inner: &Command) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -f {blocks} && exec \"$@\""), "sh"]);
    around(command, inner)
}

fn around(mut command: Command, inner: &Command) -> Command {
    command.arg(inner.get_program()).args(inner.get_args()).env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    if let Some(dir) = inner.get_current_dir() {
        command.current_dir(dir);
    }
    command
}
