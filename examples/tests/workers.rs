//! Never more work than the processor has threads, and begun work is waited for.
#![expect(clippy::expect_used, reason = "a broken fixture should stop the test")]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use support::workers::Workers;

fn workers(jobs: usize) -> Workers {
    Workers::new(NonZeroUsize::new(jobs).expect("not zero"))
}

#[tokio::test(flavor = "multi_thread")]
async fn work_never_takes_more_threads_than_there_are() {
    let workers = workers(1);
    let limit = available_parallelism().map_or(1, NonZeroUsize::get);
    let busy = Arc::new(AtomicUsize::new(0));
    let jobs = (0..50).map(|_| {
        let busy = Arc::clone(&busy);
        workers.compute(move |threads| {
            let now = busy.fetch_add(threads.count().get(), Ordering::SeqCst) + threads.count().get();
            std::thread::yield_now();
            busy.fetch_sub(threads.count().get(), Ordering::SeqCst);
            now
        })
    });
    let most = join_all(jobs).await.into_iter().max();
    assert!(most <= Some(limit), "{most:?} threads of {limit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_nobody_waits_for_any_more_is_settled() {
    let workers = workers(1);
    let (started, has_begun) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let done = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&done);
    let mut work = Box::pin(workers.compute(move |_| {
        started.send(()).expect("the test waits");
        ended.recv().expect("the test lets go");
        counter.fetch_add(1, Ordering::SeqCst);
    }));
    assert!(work.as_mut().now_or_never().is_none());
    has_begun.recv().expect("the work has begun");
    drop(work);
    assert!(workers.settle().now_or_never().is_none(), "it is still at work");
    end.send(()).expect("the work waits");
    workers.settle().await;
    assert_eq!(done.load(Ordering::SeqCst), 1);
}
