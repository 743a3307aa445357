//! Laws: a server reads what a client may ask for, and nothing that could lead out of its directory.

use gomod_proxy_client::protocol::{Endpoint, InvalidEndpointError, Target};

fn target(path: &str) -> Target {
    Endpoint::parse(path).unwrap_or_else(|e| panic!("{path}: {e}")).target().clone()
}

#[test]
fn what_is_asked_for() {
    assert!(
        matches!(target("example.com/!m/@v/list"), Target::List { module, .. } if module.as_str() == "example.com/M")
    );
    assert!(matches!(target("example.com/m/@latest"), Target::Latest { .. }));
    assert!(
        matches!(target("example.com/m/@v/v1.0.0-!r!c.info"), Target::Info { revision, .. } if revision == "v1.0.0-RC")
    );
    assert!(
        matches!(target("example.com/m/@v/v1.0.0.mod"), Target::GoMod { revision, .. } if revision == "v1.0.0")
    );
    // As in Go, only what is a file name is asked of a revision.
    assert!(
        matches!(target("example.com/m/@v/a b%.zip"), Target::Zip { revision, .. } if revision == "a b%")
    );
    assert!(matches!(target("sumdb/sum.golang.org/tile/8/0/x001/234"), Target::SumDb { name, file, .. }
        if name == "sum.golang.org" && file == "tile/8/0/x001/234"));
    assert_eq!(target("sumdb/a/supported").module(), None);
}

#[test]
fn what_no_proxy_is_asked_for() {
    for path in [
        "",
        "/example.com/m/@v/list",
        "example.com/m",
        "example.com/m/@v/",
        "example.com/m/@v/v1.0.0",
        "example.com/m/@v/v1.0.0.ziphash",
        "example.com/m/@v/.info",
        "example.com/m/@v/../../x.info",
        "example.com/m/@v/...mod",
        "example.com/m/@v/v1.0.0/x.zip",
        "example.com/M/@v/list",
        "example.com/m/@v/v1.0.0-RC.info",
        "example.com/../m/@v/list",
        "example.com/m/@latest/x",
        "m/@latest",
        "/@latest",
        "@v/list",
        "sumdb/sum.golang.org",
        "sumdb/sum.golang.org/other",
        "sumdb//supported",
        "sumdb/../supported",
        "sumdb/a/lookup/",
        "sumdb/a/tile/../../x",
    ] {
        assert!(Endpoint::parse(path).is_err(), "{path}");
    }
    assert!(matches!(Endpoint::parse_wire("/a.b/%zz/@v/list"), Err(InvalidEndpointError::Url(_))));
    assert_eq!(Endpoint::parse_wire("/a.b/%ff/@v/list"), Err(InvalidEndpointError::Utf8));
    assert!(Endpoint::parse_wire("/a.b/c%2f..%2fd/@v/list").is_err());
    assert!(Endpoint::parse_wire("//a.b/c/@v/list").is_err());
}
