//! Whom a run waits for: said while it lasts, and when the run is ended.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gomod_proxy_client::ProxyClient;
use gomod_proxy_client::report::Pending;
use tokio::time::sleep;

use crate::progress::Progress;

/// Shorter waits are not worth a line.
const FIRST: Duration = Duration::from_secs(10);
/// Between two lines about one request.
const AGAIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_secs(1);
/// At most so many requests are named at a time.
const NAMED: usize = 3;

/// The clients of this process, and where it is said. Like signals, that is the business of the whole process.
static CLIENTS: Mutex<Vec<(ProxyClient, Progress)>> = Mutex::new(Vec::new());

/// From now on it is said for whom this client waits.
pub(crate) fn watch(client: &ProxyClient, progress: &Progress) {
    clients().push((client.clone(), progress.clone()));
}

/// Says, again and again, which requests are waited for for long.
pub(crate) async fn remind() {
    let mut said = HashMap::new();
    loop {
        sleep(POLL).await;
        for (client, progress) in clients().iter() {
            let long = client
                .pending()
                .into_iter()
                .filter(|pending| is_due(pending.url(), pending.waited(), &mut said));
            say(long, |line| progress.say(line));
        }
    }
}

/// Says which requests are waited for now, because the run ends.
pub(crate) fn say_all() {
    for (client, progress) in clients().iter() {
        say(client.pending().into_iter(), |line| progress.warn(line));
    }
}

/// `said` has, by URL, when the next line is due.
fn is_due(url: &str, waited: Duration, said: &mut HashMap<String, Duration>) -> bool {
    let due = said.get(url).copied().unwrap_or(FIRST);
    // A wait that is shorter than the last one that was told is another one.
    let due = if waited + AGAIN < due { FIRST } else { due };
    let is_due = waited >= due;
    said.insert(url.to_owned(), if is_due { waited + AGAIN } else { due });
    is_due
}

fn say(mut pending: impl Iterator<Item = Pending>, say: impl Fn(String)) {
    pending.by_ref().take(NAMED).for_each(|pending| say(format!("waiting for {pending}")));
    match pending.count() {
        0 => {}
        more => say(format!("waiting for {more} more requests")),
    }
}

fn clients() -> MutexGuard<'static, Vec<(ProxyClient, Progress)>> {
    CLIENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_wait_is_told_after_ten_seconds_and_then_each_minute() {
        let mut said = HashMap::new();
        let mut told = |until: u64| -> Vec<u64> {
            (1..until).filter(|waited| is_due("u", Duration::from_secs(*waited), &mut said)).collect()
        };
        assert_eq!(told(200), [10, 70, 130, 190]);
        // The next requests for the same URL.
        assert!(told(9).is_empty());
        assert_eq!(told(80), [10, 70]);
        assert!(!is_due("v", FIRST.saturating_sub(POLL), &mut said));
    }
}
