//! Whole runs against the only source of a list, in virtual time: what it does is a function of how many requests there
//! were and of the time.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gomod_module::ModuleVersion;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::*;
use crate::client::proxy_client::ProxyClient;
use crate::client::shared::failed;
use crate::report::kind::ErrorKind;

const SECOND: Duration = Duration::from_secs(1);
const RUNS: u64 = 30;

/// How the request of this number fails that ends after so long, if it does.
type Fate = dyn Fn(u64, Duration) -> Option<ErrorKind> + Send + Sync;

struct Server {
    started: Instant,
    asked: AtomicU64,
    busy: AtomicU64,
    fate: Box<Fate>,
}

impl Server {
    fn new(fate: impl Fn(u64, Duration) -> Option<ErrorKind> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            asked: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            fate: Box::new(fate),
        })
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    async fn answer(
        &self,
        shared: &Shared,
        attempt: &SourceAttempt,
        endpoint: &Endpoint,
    ) -> Result<(PendingAttempt, ()), Failed> {
        let base = attempt.url.as_ref().unwrap();
        let admitted = shared.admit(attempt, base, endpoint).await;
        let (permit, slot) = admitted
            .map_err(|failure| Box::new((PendingAttempt::new(attempt.to_string(), None), failure)))?;
        let mut pending = PendingAttempt::new(attempt.to_string(), Some("u".to_owned()));
        (pending.permit, pending.slot) = (permit, slot);
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let busy = self.busy.fetch_add(1, Ordering::Relaxed);
        assert!(busy < 8, "{busy} other requests in flight");
        sleep(Duration::from_millis(20)).await;
        self.busy.fetch_sub(1, Ordering::Relaxed);
        match (self.fate)(number, self.started.elapsed()) {
            None => {
                pending.end();
                Ok((pending, ()))
            }
            Some(kind) => {
                let source = "so it was to be".into();
                Err(failed(pending, Failure::Get { url: "u".to_owned(), kind, at: None, source }))
            }
        }
    }
}

fn client(jobs: usize) -> ProxyClient {
    let list = GoProxy::parse("http://proxy.example").unwrap();
    ProxyClient::builder(list).max_in_flight(NonZeroUsize::new(jobs)).build().unwrap()
}

async fn fetch(client: &ProxyClient, server: &Server) -> Result<(), Error> {
    let module = ModuleVersion::parse("example.com/m", "v1.0.0").unwrap();
    let endpoint = Endpoint::info(&module);
    let mut walk = Walk::of_module(&client.shared, "example.com/m", module.to_string());
    loop {
        let attempt = walk.source().await?;
        let answer = server.answer(&client.shared, &attempt, &endpoint).await;
        if walk.take(answer)?.is_some() {
            return Ok(());
        }
    }
}

/// The errors of a run that wants the three files of so many modules, all modules at once.
async fn run(client: &ProxyClient, server: &Arc<Server>, modules: usize) -> Vec<Error> {
    let mut tasks = JoinSet::new();
    for _ in 0..modules {
        let (client, server) = (client.clone(), Arc::clone(server));
        tasks.spawn(async move {
            for _ in 0..3 {
                fetch(&client, &server).await?;
            }
            Ok(())
        });
    }
    tasks.join_all().await.into_iter().filter_map(Result::err).collect()
}

/// Away from one request on, for a time.
fn away(after: u64, length: Duration) -> impl Fn(u64, Duration) -> Option<ErrorKind> {
    let since = Mutex::new(None);
    move |number, now| {
        let mut since = since.lock().unwrap_or_else(PoisonError::into_inner);
        if number >= after && since.is_none() {
            *since = Some(now);
        }
        since.is_some_and(|since| now < since + length).then_some(ErrorKind::Reset)
    }
}

fn draw(seed: u64, number: u64) -> u64 {
    let mut z =
        seed.wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn one_in_three_is_cut(seed: u64, number: u64) -> Option<ErrorKind> {
    draw(seed, number).is_multiple_of(3).then_some(ErrorKind::IncompleteBody)
}

#[tokio::test(start_paused = true)]
async fn a_moment_away_is_waited_out() {
    for jobs in [1, 8] {
        for after in [0, 1, 20, 60, 100] {
            for _ in 0..RUNS {
                let server = Server::new(away(after, SECOND * 3));
                let errors = run(&client(jobs), &server, 40).await;
                assert!(errors.is_empty(), "{jobs} jobs, after {after}: {:#?}", errors[0]);
                assert!(server.asked() < 120 + 40, "{} requests", server.asked());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sixteen_requests_that_are_lost_in_a_row_lose_no_module() {
    for jobs in [1, 8] {
        for first in [0, 1, 20, 100] {
            for _ in 0..RUNS {
                let lost = first..first + 16;
                let server = Server::new(move |number, _| lost.contains(&number).then_some(ErrorKind::Reset));
                let errors = run(&client(jobs), &server, 40).await;
                // Before any answer there is no more than patience.
                if first > 0 || jobs > 1 {
                    assert!(errors.is_empty(), "{jobs} jobs, from {first}: {:#?}", errors[0]);
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_gone_for_good_ends_the_run() {
    for jobs in [1, 8] {
        for after in [0, 60] {
            let server = Server::new(away(after, Duration::MAX / 2));
            let errors = run(&client(jobs), &server, 40).await;
            assert!(errors.len() >= 20);
            assert!(
                errors.iter().all(|error| error.kind() == ErrorKind::Reset && !error.attempts().is_empty())
            );
            let (elapsed, asked) = (server.started.elapsed(), server.asked());
            assert!(elapsed < SECOND * 90 && asked < after + 150, "{elapsed:?}, {asked} requests");
        }
    }
}

/// What one file alone would not outlast: six cuts in a row are met about once in a run of this size.
#[tokio::test(start_paused = true)]
async fn a_source_that_answers_two_requests_of_three_is_alive() {
    for seed in 0..20 {
        let server = Server::new(move |number, _| one_in_three_is_cut(seed, number));
        let client = client(8);
        let mut errors = run(&client, &server, 226).await;
        for _ in 0..2 {
            errors.extend(fetch(&client, &server).await.err());
        }
        assert!(errors.is_empty(), "seed {seed}: {:#?}", errors[0]);
        assert!(server.asked() * 10 <= 680 * 16, "seed {seed}: {} requests", server.asked());
    }
}

/// Ten thousand calls of a program that runs for eight hours, one every three seconds, at a server that breaks one answer in
/// three for a while, restarts, and goes away for a minute, every ten minutes.
#[tokio::test(start_paused = true)]
async fn ten_thousand_calls_over_a_server_that_fails_and_recovers() {
    let phase = |at: Duration| at.as_millis() % 600_000;
    let server = Server::new(move |number, now| match phase(now) {
        400_000..500_000 => one_in_three_is_cut(1, number),
        500_000..503_000 | 540_000..600_000 => Some(ErrorKind::Connect),
        _ => None,
    });
    let client = client(8);
    let mut tasks = JoinSet::new();
    for call in 0..10_000 {
        let (client, server) = (client.clone(), Arc::clone(&server));
        tasks.spawn(async move {
            let begun = SECOND * 3 * call;
            sleep_until(server.started + begun).await;
            (begun, fetch(&client, &server).await)
        });
    }
    let mut failed = 0;
    for (begun, result) in tasks.join_all().await {
        if let Err(error) = result {
            failed += 1;
            assert!(phase(begun) >= 540_000, "begun after {begun:?}, when the server was there: {error:#?}");
        }
    }
    // Twenty calls are begun in each of fifty minutes without a server, the last of which have no time to wait.
    assert!((1..=1000).contains(&failed), "{failed}");
    assert!(server.asked() < 13_000, "{}", server.asked());
}

/// Eight modules whose server asks for patience stop no other.
#[tokio::test(start_paused = true)]
async fn a_request_that_waits_to_be_made_again_is_not_in_flight() {
    let client = client(1);
    let server = Server::new(|number, _| (number < 8).then_some(ErrorKind::IncompleteBody));
    let ill: Vec<_> = (0..8)
        .map(|_| {
            let (client, server) = (client.clone(), Arc::clone(&server));
            tokio::spawn(async move { fetch(&client, &server).await })
        })
        .collect();
    sleep(Duration::from_millis(200)).await;
    assert_eq!(server.asked(), 8, "all of them wait");
    let before = Instant::now();
    fetch(&client, &server).await.unwrap();
    assert_eq!(before.elapsed(), Duration::from_millis(20));
    for call in ill {
        call.await.unwrap().unwrap();
    }
}
