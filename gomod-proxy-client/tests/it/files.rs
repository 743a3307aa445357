//! `file://` sources.

use std::fs;
use std::path::Path;

use gomod_proxy_client::{ErrorKind, Event};
use gomod_testkit::{Endpoint, Fault};

use crate::sources::{self, PATH, VERSION, WIRE, builder, client, faulty, fetch, good, tree, zip_bytes};

fn url(dir: &Path) -> String {
    format!("file://{}", dir.display())
}

#[tokio::test]
async fn a_directory_is_a_proxy() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("with space%");
    tree().latest(PATH, VERSION).write_to(&base);
    let list = url(&dir.path().join("with space%25"));
    let client = client(&list);
    for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip, Endpoint::List, Endpoint::Latest] {
        let trace = fetch(&client, endpoint).await.unwrap();
        let attempt = &trace.attempts()[0];
        assert_eq!(attempt.status(), None);
        assert_eq!(attempt.outcome(), "read");
        assert!(attempt.url().unwrap().starts_with("file:///"), "{attempt}");
    }
    assert_eq!(client.versions(&sources::path()).await.unwrap().value, [VERSION]);
}

#[tokio::test]
async fn a_missing_file_is_not_found_and_nothing_else_is() {
    let dir = tempfile::tempdir().unwrap();
    let b = good();
    let empty = url(dir.path());
    let error = fetch(&client(&empty), Endpoint::Info).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        format!("example.com/Upper/m@v1.2.3: reading {empty}/example.com/%21upper/m/@v/v1.2.3.info")
    );
    fetch(&client(&format!("{empty},{}", b.url())), Endpoint::Info).await.unwrap();

    // A base that runs through a file.
    fs::write(dir.path().join("file"), "").unwrap();
    // A directory where the file should be.
    let directory = dir.path().join("tree");
    fs::create_dir_all(directory.join(format!("{WIRE}.info"))).unwrap();
    for base in [dir.path().join("file"), directory] {
        for (list, stops) in [
            (url(&base), true),
            (format!("{},{}", url(&base), b.url()), true),
            (format!("{}|{}", url(&base), b.url()), false),
        ] {
            match fetch(&client(&list), Endpoint::Info).await {
                Err(error) if stops => assert_eq!(error.kind(), ErrorKind::Io, "{error:?}"),
                Ok(_) if !stops => {}
                other => panic!("{list}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_file_behind_a_comma() {
    let dir = tempfile::tempdir().unwrap();
    tree().write_to(dir.path());
    let b = url(dir.path());
    for (fault, comma) in [
        (Fault::status(404), true),
        (Fault::status(410), true),
        (Fault::status(403), false),
        (Fault::status(500), false),
        (Fault::CutBody { after: 5, reset: false }, false),
        (Fault::Body(b"junk".to_vec()), false),
    ] {
        for endpoint in [Endpoint::Info, Endpoint::Zip] {
            let a = faulty(endpoint, fault.clone());
            let list = format!("{},{b}", a.url());
            assert_eq!(fetch(&client(&list), endpoint).await.is_ok(), comma, "{fault:?}");
            fetch(&client(&format!("{}|{b}", a.url())), endpoint).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_large_zip_comes_in_pieces_and_empty_files_in_none() {
    let dir = tempfile::tempdir().unwrap();
    let zip_file = dir.path().join(format!("{WIRE}.zip"));
    let client = client(&url(dir.path()));
    for size in [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (5 << 20) + 12345] {
        let content: Vec<u8> = (0..=250).cycle().take(size).collect();
        tree().file(&format!("{WIRE}.zip"), content.clone()).write_to(dir.path());
        let mut zip = client.zip(&sources::module()).await.unwrap();
        assert_eq!(zip.size(), Some(size as u64));
        assert!(sources::read(&mut zip).await.unwrap() == content, "{size}");
        let trace = zip.accept();
        assert_eq!(trace.attempts()[0].bytes(), size as u64);
    }
    // A wait that is given up loses nothing.
    let content = fs::read(&zip_file).unwrap();
    let mut zip = client.zip(&sources::module()).await.unwrap();
    let mut seen = Vec::new();
    loop {
        drop(tokio::time::timeout(std::time::Duration::ZERO, std::future::pending::<()>()).await);
        let next = std::pin::pin!(zip.next());
        let given_up = tokio::select! {
            biased;
            event = next => Some(event),
            () = std::future::ready(()) => None,
        };
        match given_up {
            Some(event) => match event.unwrap() {
                Some(Event::Chunk(chunk)) => seen.extend_from_slice(&chunk),
                Some(other) => panic!("{other:?}"),
                None => break,
            },
            None => tokio::task::yield_now().await,
        }
    }
    assert!(seen == content);
}

#[tokio::test]
async fn limits_hold_for_files_too() {
    let dir = tempfile::tempdir().unwrap();
    tree().write_to(dir.path());
    let limits = gomod_proxy_client::policy::Limits::new().zip(100).go_mod(5).info(5).list(3);
    for list in [url(dir.path()), good().url()] {
        let b = good();
        let keep = good();
        let list = if list.starts_with("http") { keep.url() } else { list };
        for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip, Endpoint::List] {
            let client = builder(&format!("{list},{}", b.url())).limits(limits).build().unwrap();
            let error = fetch(&client, endpoint).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}");
        }
        assert_eq!(b.hits(), 0);
    }
    // Also where the length is not known beforehand.
    let a = faulty(Endpoint::Zip, Fault::Gzip);
    let client = builder(&a.url()).limits(limits).build().unwrap();
    let error = fetch(&client, Endpoint::Zip).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.to_string().contains("downloaded zip file too large"), "{error}");
    assert!(zip_bytes().len() > 100);
}
