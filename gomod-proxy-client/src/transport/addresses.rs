//! The addresses of names: in which order they are tried, by what became of them before.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::Instant;

/// How long an address that failed comes after the others.
const FAILED_FOR: Duration = Duration::from_secs(60);
/// Names may lead to ever new addresses.
const MAX_FAILED: usize = 1000;

/// What is known of addresses, from one request to the next.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    /// Those that are not looked up, by name.
    fixed: HashMap<String, Vec<SocketAddr>>,
    failed: Mutex<HashMap<SocketAddr, Instant>>,
    /// By server, the address of its last connection.
    last: Mutex<HashMap<String, SocketAddr>>,
}

impl Addresses {
    pub(crate) fn new(fixed: HashMap<String, Vec<SocketAddr>>) -> Self {
        Self { fixed, ..Self::default() }
    }

    /// Those that failed lately come last; apart from that IPv6 and IPv4 take turns, in the order of the system.
    fn ordered(&self, addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        let (v6, v4): (Vec<_>, Vec<_>) = addresses.partition(SocketAddr::is_ipv6);
        let (mut first, mut second) = (v6.into_iter(), v4.into_iter());
        let mut mixed = Vec::new();
        loop {
            let before = mixed.len();
            mixed.extend(first.next());
            mixed.extend(second.next());
            if mixed.len() == before {
                break;
            }
        }
        let failed = lock(&self.failed);
        // The one whose failure is longest ago first.
        let lately =
            |address: &SocketAddr| failed.get(address).filter(|at| at.elapsed() < FAILED_FOR).copied();
        mixed.sort_by_key(lately);
        mixed
    }

    pub(crate) fn failed(&self, address: SocketAddr) {
        let mut failed = lock(&self.failed);
        if failed.len() >= MAX_FAILED {
            failed.clear();
        }
        failed.insert(address, Instant::now());
    }

    pub(crate) fn connected(&self, server: &str, address: SocketAddr) {
        lock(&self.failed).remove(&address);
        let mut last = lock(&self.last);
        if last.len() >= MAX_FAILED {
            last.clear();
        }
        last.insert(server.to_owned(), address);
    }

    pub(crate) fn last(&self, server: &str) -> Option<SocketAddr> {
        lock(&self.last).get(server).copied()
    }

    /// All addresses of a name, in the order in which they are tried. A port of 0 stands for this one.
    pub(crate) async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        if let Some(fixed) = self.fixed.get(host) {
            let with_port = |address: &SocketAddr| {
                let port = if address.port() == 0 { port } else { address.port() };
                SocketAddr::new(address.ip(), port)
            };
            return Ok(self.ordered(fixed.iter().map(with_port)));
        }
        let found = lookup_host((host, port)).await?;
        Ok(self.ordered(found))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(addresses: &Addresses, list: &[&str]) -> Vec<String> {
        let list = list.iter().map(|text| text.parse().unwrap());
        addresses.ordered(list).iter().map(ToString::to_string).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn families_take_turns_and_what_failed_comes_last() {
        let addresses = Addresses::default();
        let list =
            ["[2001:db8::1]:443", "[2001:db8::2]:443", "192.0.2.1:443", "192.0.2.2:443", "192.0.2.3:443"];
        let [six_a, six_b, four_a, four_b, four_c] = list;
        assert_eq!(ordered(&addresses, &list), [six_a, four_a, six_b, four_b, four_c]);
        addresses.failed(six_a.parse().unwrap());
        tokio::time::advance(Duration::from_secs(1)).await;
        addresses.failed(four_a.parse().unwrap());
        assert_eq!(ordered(&addresses, &list), [six_b, four_b, four_c, six_a, four_a]);
        tokio::time::advance(FAILED_FOR.saturating_sub(Duration::from_secs(1))).await;
        assert_eq!(
            ordered(&addresses, &list),
            [six_a, six_b, four_b, four_c, four_a],
            "after a while the first one gets its place back"
        );
        addresses.connected("s", four_a.parse().unwrap());
        assert_eq!(ordered(&addresses, &list), [six_a, four_a, six_b, four_b, four_c]);
    }
}
