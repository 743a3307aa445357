//! Law: an answer of any size and depth ends in an error of its kind, and little more than its limit is held.

use gomod_module::ModulePath;
use gomod_proxy_client::ErrorKind;
use gomod_proxy_client::policy::Limits;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy};

use crate::sources::{PATH, WIRE, builder, client, fetch, tree};

#[tokio::test]
async fn nested_json() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        for depth in [100, 9_000, 11_000, 100_000] {
            let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for info in
                [value.clone(), format!("{{\"Version\":\"v1.2.3\",\"X\":{value}}}"), open.repeat(depth)]
            {
                let proxy = LoopbackProxy::serve(tree().file(&format!("{WIRE}.info"), info));
                // Go reads up to 10,000 levels of what it does not know.
                match fetch(&client(&proxy.url()), Endpoint::Info).await {
                    Ok(_) => assert!(depth < 10_000),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Malformed, "{error}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn files_over_http_end_at_their_limit() {
    const LIMIT: u64 = 10_000;
    let list = "v1.0.0\n".repeat(1_000_000);
    let limits = Limits::new().list(LIMIT).info(LIMIT).go_mod(LIMIT).zip(LIMIT);
    for fault in [Fault::Gzip, Fault::GzipNoLength, Fault::Chunked, Fault::NoLength, Fault::Http10] {
        let endpoints = [Endpoint::List, Endpoint::Info, Endpoint::Mod, Endpoint::Zip];
        let files = [".info", ".mod", ".zip"].map(|end| format!("{WIRE}{end}"));
        let tree = files.iter().fold(tree(), |tree, file| tree.file(file, &*list));
        let tree = tree.file(&WIRE.replace("v1.2.3", "list"), &*list);
        let proxy = LoopbackProxy::builder(tree).fault(Endpoint::Any, fault.clone()).start();
        let client = builder(&proxy.url()).limits(limits).build().unwrap();
        for endpoint in endpoints {
            let error = fetch(&client, endpoint).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{fault:?} {endpoint:?}");
            let bytes = error.attempts()[0].bytes();
            assert!(bytes < LIMIT + (1 << 20), "{fault:?} {endpoint:?}: {bytes} bytes");
        }
    }
}

#[tokio::test]
async fn a_list_of_nothing_is_no_version() {
    for line in ["\n", " \r\n", "v\n", "v1.0.0x\n", "\u{0}\n", "v0.0.0-20200102030405-aaaaaaaaaaaa\n"] {
        let list = line.repeat((1 << 20) / line.len());
        let proxy = LoopbackProxy::serve(tree().file(&WIRE.replace("v1.2.3", "list"), list));
        let versions = client(&proxy.url()).versions(&ModulePath::new(PATH).unwrap()).await.unwrap();
        assert!(versions.value.is_empty(), "{line:?}");
    }
}
