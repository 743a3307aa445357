//! Killing a tool at moments that are spread over a whole run.

use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The moments, each with words for a failed assertion. Whenever they really come, what is asserted must hold.
///
/// `GOMOD_KILLS` says how many, else it is 20.
pub(crate) fn moments(whole: Duration) -> impl Iterator<Item = (Duration, String)> {
    let kills = env::var("GOMOD_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20_u32);
    (0..kills).map(move |kill| {
        let moment = whole * kill / kills + Duration::from_micros(u64::from(kill) * 137 % 1000);
        (moment, format!("killed at {kill}/{kills} of {whole:?}"))
    })
}

/// Starts a tool and kills it then, if it has not ended.
pub(crate) fn kill_at(moment: Duration, mut command: Command) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + moment;
    while Instant::now() < end && child.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
}
