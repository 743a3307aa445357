//! A proxy that breaks off one answer in three, anywhere in the body.

use gomod_module::ModuleVersion;
use gomod_proxy_client::Event;
use gomod_proxy_client::report::Attempt;
use gomod_testkit::{LoopbackProxy, ModuleTree, source_text};

use crate::sources::{client, persistent};

const MODULES: u64 = 100;

fn tree() -> ModuleTree {
    (0..MODULES).fold(ModuleTree::new(), |tree, n| {
        // From a hundred bytes to a quarter of a mebibyte.
        let source = source_text(n, 100 << (n % 12));
        tree.module(&format!("example.com/m{n}"), "v1.0.0", &[("m.go", source.as_ref())])
    })
}

#[tokio::test]
async fn a_hundred_modules_come_through_with_hardly_a_byte_too_many() {
    let tree = tree();
    let proxy = LoopbackProxy::builder(tree.clone()).ranges(true).flapping(3, 6).start();
    let client = persistent(&proxy.url());
    let (mut needed, mut fetched, mut requests, mut failed) = (0, 0, 0, 0);
    let mut count = |attempts: &[Attempt]| {
        fetched += attempts.iter().map(Attempt::bytes).sum::<u64>();
        requests += attempts.len();
        failed += attempts.iter().filter(|attempt| attempt.kind().is_some()).count();
    };
    for n in 0..MODULES {
        let module = ModuleVersion::parse(&format!("example.com/m{n}"), "v1.0.0").unwrap();
        count(client.info(&module).await.unwrap().trace.attempts());
        count(client.go_mod(&module).await.unwrap().trace.attempts());
        let mut zip = client.zip(&module).await.unwrap();
        let mut content = Vec::new();
        while let Some(event) = zip.next().await.unwrap() {
            match event {
                Event::Restart => content.clear(),
                Event::Chunk(chunk) => content.extend_from_slice(&chunk),
                _ => {}
            }
        }
        count(zip.accept().attempts());
        let wire = |suffix| tree.get(&format!("example.com/m{n}/@v/v1.0.0.{suffix}")).unwrap();
        assert!(content == wire("zip"), "{module}");
        needed += ["info", "mod", "zip"].map(|suffix| wire(suffix).len() as u64).iter().sum::<u64>();
    }
    eprintln!("{needed} bytes needed, {fetched} fetched; {failed} of {requests} requests failed");
    assert!(failed * 4 > requests && failed * 5 < requests * 2, "about one in three: {failed} of {requests}");
    assert!(fetched * 10 <= needed * 13, "{fetched} bytes for {needed}");

    // Go's way: every file once.
    let proxy = LoopbackProxy::builder(tree).ranges(true).flapping(3, 6).start();
    let client = crate::flapping::client(&proxy.url());
    let mut broken = 0;
    for n in 0..MODULES {
        let module = ModuleVersion::parse(&format!("example.com/m{n}"), "v1.0.0").unwrap();
        broken += usize::from(client.info(&module).await.is_err());
    }
    assert!(broken > 20, "{broken}");
}

/// The live project of the reports: 74 zips, as many `.info` files, and 532 small go.mod files, each answer cut with a
/// chance of one in three. By one file alone, six cuts in a row are met about once in such a run. `GOMOD_RUNS` says how
/// often; 3, unless set.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_680_files_comes_through_an_alive_source() {
    let runs = std::env::var("GOMOD_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(3);
    let tree = (0..532).fold(ModuleTree::new(), |tree, n| {
        tree.module(&format!("example.com/m{n}"), "v1.0.0", &[("m.go", source_text(n, 2000).as_ref())])
    });
    for seed in 0..runs {
        let proxy = LoopbackProxy::builder(tree.clone()).ranges(true).flapping(3, seed).start();
        let client = persistent(&proxy.url());
        let tasks: Vec<_> = (0..8)
            .map(|lane| {
                let client = client.clone();
                tokio::spawn(async move {
                    for n in (lane..532).step_by(8) {
                        let module = ModuleVersion::parse(&format!("example.com/m{n}"), "v1.0.0").unwrap();
                        client.go_mod(&module).await?;
                        if n < 74 {
                            client.info(&module).await?;
                            let mut zip = client.zip(&module).await?;
                            while zip.next().await?.is_some() {}
                            zip.accept();
                        }
                    }
                    Ok::<_, gomod_proxy_client::Error>(())
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
        }
        let hits = proxy.hits();
        eprintln!("seed {seed}: {hits} requests for 680 files");
        assert!(hits * 10 <= 680 * 16, "seed {seed}: {hits} requests");
    }
}
