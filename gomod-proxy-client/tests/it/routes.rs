//! GONOPROXY, and lists that end where no proxy is left.

use gomod_module::PrefixPatterns;
use gomod_proxy_client::ErrorKind;
use gomod_testkit::{Endpoint, Fault};

use crate::sources::{builder, client, faulty, fetch, good};

#[tokio::test]
async fn gonoproxy_sends_matching_paths_to_nobody() {
    let a = good();
    for list in [a.url(), "off".to_owned(), format!("{}|direct", a.url())] {
        let client = builder(&list).gonoproxy(PrefixPatterns::parse("*.com/Upper")).build().unwrap();
        let error = fetch(&client, Endpoint::Info).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DirectUnsupported);
        let wanted =
            "example.com/Upper/m@v1.2.3: GONOPROXY matches the path, and direct access is not supported";
        assert_eq!(error.to_string(), wanted);
        assert_eq!(error.attempts().len(), 1);
        assert_eq!(error.attempts()[0].source(), "direct");
        assert_eq!(error.attempts()[0].url(), None);
    }
    assert_eq!(a.hits(), 0);
    for patterns in ["none", "example.com/other", ","] {
        let client = builder(&a.url()).gonoproxy(PrefixPatterns::parse(patterns)).build().unwrap();
        fetch(&client, Endpoint::Info).await.unwrap();
    }
    let not_found = faulty(Endpoint::Any, Fault::status(404));
    let client = builder(&not_found.url()).gonoproxy(PrefixPatterns::parse("none")).build().unwrap();
    let error = fetch(&client, Endpoint::Info).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.attempts().len(), 1);
}

#[tokio::test]
async fn direct_names_the_last_source_and_what_it_said() {
    let a = faulty(Endpoint::Any, Fault::status(404));
    let error = fetch(&client(&format!("{},direct", a.url())), Endpoint::Zip).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DirectUnsupported);
    let wanted = format!(
        "example.com/Upper/m@v1.2.3: the GOPROXY list ends at \"direct\", which is not supported; {} answered 404 Not Found",
        a.url()
    );
    assert_eq!(error.to_string(), wanted);
    let next: Vec<_> = error.attempts().iter().map(|attempt| attempt.next().as_str()).collect();
    assert_eq!(next, ["not_found_passes", "end_of_list"]);
    assert_eq!(error.attempts()[1].source(), "direct");

    let error = fetch(&client("direct"), Endpoint::Zip).await.unwrap_err();
    let wanted = "example.com/Upper/m@v1.2.3: the GOPROXY list ends at \"direct\", which is not supported";
    assert_eq!(error.to_string(), wanted);
}
