//! What a caller's verdict on content does to the walk.

use std::error::Error as _;
use std::time::Duration;

use gomod_proxy_client::{ErrorKind, Event, Rejection};
use gomod_testkit::{Endpoint, Fault};

use crate::sources::{GO_MOD, builder, client, faulty, good, module, read, zip_bytes};

#[derive(Debug, thiserror::Error)]
#[error("checksum mismatch")]
struct ChecksumMismatch;

#[tokio::test]
async fn a_mismatch_stops_a_comma_and_passes_a_pipe() {
    let (a, b) = (faulty(Endpoint::Zip, Fault::FlipByte { offset: 99 }), good());
    for (list, passes) in [
        (a.url(), false),
        (format!("{},{}", a.url(), b.url()), false),
        (format!("{}|{}", a.url(), b.url()), true),
    ] {
        let mut zip = client(&list).zip(&module()).await.unwrap();
        assert_ne!(read(&mut zip).await.unwrap(), zip_bytes());
        assert!(zip.next().await.unwrap().is_none());
        let verdict = zip.reject(Rejection::mismatch(ChecksumMismatch));
        if !passes {
            let error = verdict.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Mismatch);
            assert!(error.source().unwrap().is::<ChecksumMismatch>());
            assert!(!error.is_transient());
            let again = zip.next().await.unwrap_err();
            assert_eq!(again.kind(), ErrorKind::Mismatch);
            continue;
        }
        verdict.unwrap();
        assert_eq!(zip.next().await.unwrap(), Some(Event::Restart));
        assert_eq!(read(&mut zip).await.unwrap(), zip_bytes());
        let trace = zip.accept();
        assert_eq!(trace.source(), Some(b.url().as_str()));
        assert_eq!(trace.attempts()[0].kind(), Some(ErrorKind::Mismatch));
        assert!(trace.attempts()[0].outcome().ends_with("checksum mismatch"));
        assert_eq!(trace.attempts()[0].next().as_str(), "error_passes");
    }
}

#[tokio::test]
async fn a_source_with_a_mismatch_is_not_asked_for_that_file_again() {
    let a = faulty(Endpoint::Zip, Fault::FlipByte { offset: 99 });
    let client = client(&a.url());
    for round in 0..3 {
        let error = match client.zip(&module()).await {
            Ok(mut zip) => {
                read(&mut zip).await.unwrap();
                zip.reject(Rejection::mismatch(ChecksumMismatch)).unwrap_err()
            }
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::Mismatch, "round {round}");
        assert_eq!(error.source().unwrap().to_string(), "checksum mismatch");
        assert_eq!(a.hits(), 1);
    }
    // Other files of that source are.
    client.info(&module()).await.unwrap();
    // Nor is it asked under the same name further down the list.
    let twice = crate::sources::client(&format!("{0}|{0}", a.url()));
    let mut zip = twice.zip(&module()).await.unwrap();
    read(&mut zip).await.unwrap();
    zip.reject(Rejection::mismatch(ChecksumMismatch)).unwrap();
    let error = zip.next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(a.hits(), 3);
}

/// A program that lives long asks once more after ten minutes, when the source may have been mended; a wrong answer counts for
/// ten minutes again, whether it was asked about meanwhile or not.
#[tokio::test]
async fn a_mismatch_is_forgotten_after_ten_minutes() {
    let pass = async |seconds| {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
    };
    let a = faulty(Endpoint::Zip, Fault::FlipByte { offset: 99 });
    let client = client(&a.url());
    for asked in 1..=2 {
        let mut zip = client.zip(&module()).await.unwrap();
        assert_ne!(read(&mut zip).await.unwrap(), zip_bytes());
        zip.reject(Rejection::mismatch(ChecksumMismatch)).unwrap_err();
        for seconds in [0, 300, 240] {
            pass(seconds).await;
            assert_eq!(client.zip(&module()).await.unwrap_err().kind(), ErrorKind::Mismatch);
        }
        assert_eq!(a.hits(), asked);
        pass(60).await;
    }
    a.recover();
    let mut zip = client.zip(&module()).await.unwrap();
    assert_eq!(read(&mut zip).await.unwrap(), zip_bytes());
    zip.accept();
}

#[tokio::test]
async fn a_mismatch_outranks_every_other_error() {
    let bad = faulty(Endpoint::Zip, Fault::FlipByte { offset: 99 });
    let busy = faulty(Endpoint::Any, Fault::status(502));
    for list in [
        format!("{}|{}", bad.url(), busy.url()),
        format!("{}|{}", busy.url(), bad.url()),
        format!("{}|{}|direct", bad.url(), busy.url()),
        format!("{}|off", bad.url()),
    ] {
        let mut zip = client(&list).zip(&module()).await.unwrap();
        read(&mut zip).await.unwrap();
        let error = match zip.reject(Rejection::mismatch(ChecksumMismatch)) {
            Ok(()) => zip.next().await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{list}");
        assert!(error.source().unwrap().is::<ChecksumMismatch>());
        assert!(error.attempts().len() >= 2);
    }
    // A malformed zip does not.
    let list = format!("{}|{}", bad.url(), busy.url());
    let mut zip = client(&list).zip(&module()).await.unwrap();
    zip.reject(Rejection::malformed("not a zip")).unwrap();
    assert_eq!(zip.next().await.unwrap_err().kind(), ErrorKind::Status);
}

#[tokio::test]
async fn a_cut_zip_starts_again_at_the_next_source() {
    let a = faulty(Endpoint::Zip, Fault::CutBody { after: 500, reset: false });
    let b = good();
    let mut zip = client(&format!("{}|{}", a.url(), b.url())).zip(&module()).await.unwrap();
    assert_eq!(zip.size(), Some(zip_bytes().len() as u64));
    let (mut restarts, mut before) = (0, 0);
    while let Some(event) = zip.next().await.unwrap() {
        match event {
            Event::Restart => restarts += 1,
            Event::Chunk(chunk) if restarts == 0 => before += chunk.len(),
            _ => {}
        }
    }
    assert_eq!(restarts, 1);
    let trace = zip.accept();
    assert_eq!(trace.attempts()[0].bytes(), before as u64);
    assert_eq!(trace.attempts()[0].kind(), Some(ErrorKind::IncompleteBody));
    assert_eq!(trace.attempts()[1].bytes(), zip_bytes().len() as u64);
}

#[tokio::test]
async fn the_check_of_a_go_mod_file_is_a_verdict_too() {
    let (a, b) = (faulty(Endpoint::Mod, Fault::FlipByte { offset: 3 }), good());
    let check = |data: &[u8]| match data {
        GO_MOD => Ok(()),
        _ => Err(Rejection::mismatch(ChecksumMismatch)),
    };
    let comma = client(&format!("{},{}", a.url(), b.url()));
    for _ in 0..2 {
        let error = comma.go_mod_checked(&module(), check).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        assert_eq!((a.hits(), b.hits()), (1, 0));
    }
    let pipe = client(&format!("{}|{}", a.url(), b.url()));
    let fetched = pipe.go_mod_checked(&module(), check).await.unwrap();
    assert_eq!(fetched.value, GO_MOD);
    assert_eq!(fetched.trace.attempts()[0].kind(), Some(ErrorKind::Mismatch));
}

#[tokio::test]
async fn a_dropped_fetch_leaves_nothing_behind() {
    let a = faulty(Endpoint::Zip, Fault::StallAfter(500));
    let mut zip = client(&a.url()).zip(&module()).await.unwrap();
    assert!(matches!(zip.next().await.unwrap(), Some(Event::Chunk(_))));
    drop(zip);
    // The server ends when the client has gone away; its drop waits for that.
    drop(a);
}

/// As in the go command, if that is wanted.
#[tokio::test]
async fn rejections_stop_every_list_where_they_may_not_pass() {
    let (a, b) = (faulty(Endpoint::Any, Fault::FlipByte { offset: 3 }), good());
    let list = format!("{}|{}", a.url(), b.url());
    let strict = || builder(&list).rejections_pass(false).build().unwrap();
    for rejection in [Rejection::mismatch(ChecksumMismatch), Rejection::malformed("not a zip")] {
        let mut zip = strict().zip(&module()).await.unwrap();
        read(&mut zip).await.unwrap();
        let error = zip.reject(rejection).unwrap_err();
        assert_eq!(error.attempts().last().unwrap().next().as_str(), "rejection_stops");
    }
    let refuse = |_: &[u8]| Err(Rejection::malformed("no"));
    assert_eq!(strict().go_mod_checked(&module(), refuse).await.unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!(b.hits(), 0);
    // What the source itself gets wrong passes as ever.
    let gone = faulty(Endpoint::Any, Fault::status(502));
    let list = format!("{}|{}", gone.url(), b.url());
    let client = builder(&list).rejections_pass(false).build().unwrap();
    client.info(&module()).await.unwrap();
}
