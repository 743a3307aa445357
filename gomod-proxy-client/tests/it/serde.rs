//! What is reported, as programs read it.

use std::time::Duration;

use gomod_proxy_client::client::Progress;
use gomod_proxy_client::protocol::Next;
use gomod_proxy_client::report::{ErrorKind, Limit, MinThroughput, RejectionKind};
use gomod_testkit::{Endpoint, Fault, ModuleTree};
use serde_json::{json, to_value};

use crate::sources::{client, faulty, good, module};

#[tokio::test]
async fn attempts_and_errors() {
    let (a, b) = (faulty(Endpoint::Info, Fault::Status(404)), good());
    let fetched = client(&format!("{},{}", a.url(), b.url())).info(&module()).await.unwrap();
    let trace = to_value(&fetched.trace).unwrap();
    assert_eq!(trace[0]["source"], a.url());
    assert_eq!((&trace[0]["status"], &trace[0]["kind"]), (&json!(404), &json!("not_found")));
    assert_eq!((&trace[0]["next"], &trace[1]["next"]), (&json!("not_found_passes"), &json!("found")));
    assert!(trace[1]["kind"].is_null() && trace[1]["elapsed_seconds"].is_f64(), "{trace}");
    let keys: Vec<_> = trace[0].as_object().unwrap().keys().map(String::as_str).collect();
    let want = "bytes credentials elapsed_seconds kind limit next offset outcome redirected_to server_response source status \
                url waited_seconds";
    assert_eq!(keys.join(" "), want);

    let error = client(&a.url()).info(&module()).await.unwrap_err();
    let value = to_value(&error).unwrap();
    assert_eq!((&value["module"], &value["kind"]), (&json!(module().to_string()), &json!("not_found")));
    assert_eq!(value["error"], error.report().headline());
    assert_eq!(value["attempts"], to_value(error.attempts()).unwrap());
}

/// The names are those of `as_str`.
#[test]
fn kinds_and_limits() {
    for kind in [ErrorKind::NoTrustRoots, ErrorKind::Dns, ErrorKind::Undecided, ErrorKind::Io] {
        assert_eq!(to_value(kind).unwrap(), kind.as_str());
    }
    assert_eq!(to_value(RejectionKind::Mismatch).unwrap(), RejectionKind::Mismatch.as_str());
    assert_eq!(to_value(Next::Retry(Duration::from_secs(1))).unwrap(), "retry");
    assert_eq!(to_value(Limit::Stall(Duration::from_millis(1500))).unwrap(), json!({"stall": 1.5}));
    let speed = MinThroughput { bytes_per_second: 1024, window: Duration::from_secs(60) };
    let want = json!({"min_throughput": {"bytes_per_second": 1024, "window_seconds": 60.0}});
    assert_eq!(to_value(Limit::MinThroughput(speed)).unwrap(), want);
    assert_eq!(to_value(Progress::default()).unwrap(), json!({"received": 0, "total": null}));
}

#[tokio::test]
async fn updates() {
    let dir = tempfile::tempdir().unwrap();
    let go_mod = |tail: &str| format!("// Deprecated: use n\nmodule example.com/m\n{tail}");
    let old = go_mod("");
    let new = go_mod("retract v1.0.0 // lost data\n");
    ModuleTree::new()
        .module("example.com/m", "v1.0.0", &[("go.mod", old.as_bytes())])
        .module("example.com/m", "v1.1.0", &[("go.mod", new.as_bytes())])
        .write_to(dir.path());
    let client = client(&format!("file://{}", dir.path().display()));
    let module = "example.com/m@v1.0.0".parse().unwrap();
    let update = to_value(client.update(&module, &[], |_, _| Ok(())).await.unwrap().value).unwrap();
    assert_eq!(update["newer"]["module"], "example.com/m@v1.1.0");
    assert_eq!(update["newer"]["info"]["Version"], "v1.1.0");
    assert_eq!(update["retracted"], json!([{"low": "v1.0.0", "high": "v1.0.0", "rationale": "lost data"}]));
    assert_eq!(update["deprecated"], "use n");
}
