//! A zip that is written where the caller wants it: whole, from one source, whatever came before; and who is to blame where not.

use std::fs::File;
use std::io::{self, Cursor, Write};

use gomod_proxy_client::client::{Progress, ZipWriter};
use gomod_proxy_client::{ErrorKind, Rejection};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Rule};

use crate::sources::{builder, client, faulty, good, module, persistent, tree, zip_bytes};

fn expect(zip: &mut Vec<u8>) -> Result<usize, Rejection> {
    if *zip == zip_bytes() { Ok(zip.len()) } else { Err(Rejection::mismatch("another hash")) }
}

#[tokio::test]
async fn what_is_written_is_the_zip_of_the_source_that_was_accepted() {
    // Longer than what follows, shorter, and broken off.
    let mut longer = zip_bytes();
    longer.extend_from_slice(&[0; 1000]);
    let faults =
        [Fault::Body(longer), Fault::Body(b"PK".to_vec()), Fault::CutBody { after: 500, reset: false }];
    for fault in faults {
        let (a, b) = (faulty(Endpoint::Zip, fault.clone()), good());
        let client = client(&format!("{}|{}", a.url(), b.url()));
        let mut zip = b"what was there before".to_vec();
        let fetched = client.zip_to(&module(), &mut zip, expect).await.unwrap();
        assert_eq!((fetched.value, fetched.trace.source()), (zip_bytes().len(), Some(&*b.url())), "{fault}");
        assert_eq!(zip, zip_bytes());
    }
}

#[tokio::test]
async fn files_and_cursors_are_emptied_too() {
    let mut longer = zip_bytes();
    longer.extend_from_slice(&[0; 1000]);
    let (a, b) = (faulty(Endpoint::Zip, Fault::Body(longer)), good());
    let list = format!("{}|{}", a.url(), b.url());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.zip");
    let verdict = |bytes: Vec<u8>| (bytes == zip_bytes()).then_some(()).ok_or(Rejection::mismatch("no"));
    let mut file = File::create(&path).unwrap();
    let check = |_: &mut File| verdict(std::fs::read(&path).unwrap());
    client(&list).zip_to(&module(), &mut file, check).await.unwrap();
    let check = |_: &mut &File| verdict(std::fs::read(&path).unwrap());
    client(&list).zip_to(&module(), &mut &file, check).await.unwrap();
    let mut cursor = Cursor::new(vec![1; 10]);
    let check = |cursor: &mut Cursor<Vec<u8>>| verdict(cursor.get_ref().clone());
    client(&list).zip_to(&module(), &mut cursor, check).await.unwrap();
}

/// It falls back where a source begins anew, goes on where the rest comes, and ends at the size.
#[tokio::test]
async fn progress_is_that_of_the_bytes_that_count() {
    let size = zip_bytes().len() as u64;
    let cut = |times| Rule::new(Endpoint::Zip, Fault::CutBody { after: 500, reset: false }).times(times);
    for (ranges, falls) in [(true, false), (false, true)] {
        let a = LoopbackProxy::builder(tree()).ranges(ranges).rule(cut(1)).start();
        let mut seen: Vec<Progress> = Vec::new();
        let zip = persistent(&a.url()).zip(&module()).await.unwrap();
        let mut content = Vec::new();
        zip.write_to(&mut content, |progress| seen.push(progress), expect).await.unwrap();
        let received: Vec<_> = seen.iter().map(|progress| progress.received).collect();
        assert_eq!(received.contains(&0), falls, "{received:?}");
        assert_eq!(received.windows(2).any(|two| two[1] < two[0]), falls, "{received:?}");
        assert!(received.contains(&500), "{received:?}");
        let last = seen.last().unwrap();
        assert_eq!((last.received, last.total), (size, Some(size)));
    }
}

#[tokio::test]
async fn it_goes_on_with_what_an_earlier_fetch_left() {
    let a = LoopbackProxy::builder(tree()).ranges(true).start();
    let client = client(&a.url());
    let mut content = Vec::new();
    let mut zip = client.zip(&module()).await.unwrap();
    while content.is_empty() {
        if let Some(gomod_proxy_client::Event::Chunk(chunk)) = zip.next().await.unwrap() {
            content.extend_from_slice(&chunk[..100]);
        }
    }
    let partial = zip.partial().unwrap().have(100);
    drop(zip);
    let zip = client.zip_from(&module(), partial).await.unwrap();
    let fetched = zip.write_to(&mut content, |_| {}, expect).await.unwrap();
    assert_eq!(fetched.trace.attempts()[0].offset(), 100);
    // The file has changed since: what was there is thrown away.
    let other = LoopbackProxy::builder(tree()).start();
    let mut content = vec![7; 100];
    let partial = format!("{}", client_partial(&a).await).replace(&a.url(), &other.url()).parse();
    let zip = crate::sources::client(&other.url()).zip_from(&module(), partial.unwrap()).await.unwrap();
    zip.write_to(&mut content, |_| {}, expect).await.unwrap();
}

async fn client_partial(a: &LoopbackProxy) -> gomod_proxy_client::transport::Partial {
    let zip = client(&a.url()).zip(&module()).await.unwrap();
    zip.partial().unwrap().have(100)
}

/// A disk that takes only so much.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(data.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ZipWriter for Full {
    fn restart(&mut self) -> io::Result<()> {
        if self.0 == 0 { Err(io::ErrorKind::ReadOnlyFilesystem.into()) } else { Ok(()) }
    }
}

/// A full disk, and a check that cannot be made, are not the source's fault: the other one is not asked, and the same one is
/// asked again the next time.
#[tokio::test]
async fn what_is_the_callers_own_ends_the_call_and_blames_nobody() {
    let (a, b) = (good(), good());
    let client = client(&format!("{}|{}", a.url(), b.url()));
    for room in [0, 10] {
        let error = client.zip_to(&module(), &mut Full(room), |_| Ok(())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Write);
        assert!(std::error::Error::source(&error).unwrap().is::<io::Error>());
        assert_eq!(error.attempts().last().unwrap().next().as_str(), "caller_stops");
    }
    let undecided = |_: &mut Vec<u8>| Err::<(), _>(Rejection::undecided("the database does not answer"));
    let error = client.zip_to(&module(), &mut Vec::new(), undecided).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecided);
    assert!(!error.is_transient());
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the database does not answer");
    let undecided = |_: &[u8]| Err(Rejection::undecided("the database does not answer"));
    let error = client.go_mod_checked(&module(), undecided).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecided);
    assert_eq!(b.hits(), 0);
    client.zip_to(&module(), &mut Vec::new(), expect).await.unwrap();
    client.go_mod_checked(&module(), |_| Ok(())).await.unwrap();
}

/// An earlier verdict on another source does not hide it.
#[tokio::test]
async fn a_full_disk_is_told_after_a_mismatch() {
    let (a, b) = (faulty(Endpoint::Zip, Fault::Truncate { len: 5 }), good());
    let client = builder(&format!("{}|{}", a.url(), b.url())).build().unwrap();
    let no = |_: &mut Full| Err::<(), _>(Rejection::mismatch("another hash"));
    let error = client.zip_to(&module(), &mut Full(9), no).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Write, "{error:?}");
}
