//! Laws: over another HTTP stack everything above it holds: the list, redirects and where credentials may go, retries, limits,
//! announced lengths, and what may be shown.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use gomod_proxy_client::policy::Limits;
use gomod_proxy_client::transport::{HttpFuture, HttpTransport, ResponseBody, TransportError};
use gomod_proxy_client::{Credentials, ErrorKind, ProxyClientBuilder};
use http::{HeaderMap, HeaderValue, Request, Response};

use crate::sources::{GO_MOD, builder, module, zip_bytes};

type Answer = Box<dyn Fn(&Request<()>) -> Result<Response<ResponseBody>, TransportError> + Send + Sync>;

/// Answers from memory, and keeps what it was asked.
#[derive(Clone)]
struct Stack {
    answer: Arc<Answer>,
    asked: Arc<Mutex<Vec<Request<()>>>>,
}

impl Stack {
    fn new(
        answer: impl Fn(&Request<()>) -> Result<Response<ResponseBody>, TransportError> + Send + Sync + 'static,
    ) -> Self {
        Self { answer: Arc::new(Box::new(answer)), asked: Arc::default() }
    }

    fn urls(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| request.uri().to_string()).collect()
    }

    fn header(&self, index: usize, name: &str) -> Option<String> {
        let asked = self.asked.lock().unwrap();
        asked[index].headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    }
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stack")
    }
}

impl HttpTransport for Stack {
    fn send(&self, request: Request<()>) -> HttpFuture<'_> {
        Box::pin(async move {
            let answer = (self.answer)(&request);
            self.asked.lock().unwrap().push(request);
            answer
        })
    }
}

/// A page is whatever the server answers, and it is told nothing that is for others.
#[tokio::test]
async fn a_page_is_one_answer() {
    let stack = Stack::new(|request| match request.uri().path() {
        "/moved" => Ok(Response::builder()
            .status(302)
            .header("location", "/x")
            .body(ResponseBody::from(Bytes::new()))
            .unwrap()),
        "/gone" => Err(TransportError::new(ErrorKind::Reset, "gone")),
        _ => Ok(status(404, b"0123456789")),
    });
    let credentials = Credentials::new().basic("pages.example", "me", "s3cr3t");
    let headers = HeaderMap::from_iter([("x-team".parse().unwrap(), HeaderValue::from_static("core"))]);
    let client = builder("https://goproxy.example").credentials(credentials).default_headers(headers);
    let client = client.http_transport(stack.clone()).build().unwrap();
    let page = client.web_page("https://u:p@pages.example/m?go-get=1", 4, true).await.unwrap();
    assert_eq!((page.status, &page.body[..]), (404, &b"01234"[..]), "the limit and one more");
    assert_eq!(stack.header(0, "authorization").as_deref(), Some("Basic bWU6czNjcjN0"));
    assert_eq!(stack.header(0, "x-team"), None);
    client.web_page("http://pages.example/m", 4, true).await.unwrap();
    assert_eq!(stack.header(1, "authorization"), None);
    // Another server has led there.
    client.web_page("https://pages.example/m", 4, false).await.unwrap();
    assert_eq!(stack.header(2, "authorization"), None);
    let page = client.web_page("https://other.example/moved", 4, true).await.unwrap();
    assert_eq!((page.status, page.location.as_deref()), (302, Some("/x")));
    assert_eq!(stack.header(3, "authorization"), None);
    assert_eq!(
        stack.urls(),
        [
            "https://pages.example/m?go-get=1",
            "http://pages.example/m",
            "https://pages.example/m",
            "https://other.example/moved"
        ]
    );
    let error = client.web_page("https://u:s3cr3t@pages.example/gone?token=x", 4, true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Reset);
    assert_eq!(error.to_string(), "pages.example: get \"https://pages.example/gone\" (no answer)");
    assert_eq!(
        client.web_page("file:///etc/passwd", 4, true).await.unwrap_err().kind(),
        ErrorKind::InvalidUrl
    );
}

fn status(code: u16, body: &'static [u8]) -> Response<ResponseBody> {
    let body = ResponseBody::from(Bytes::from_static(body));
    Response::builder().status(code).body(body).unwrap()
}

fn over(stack: &Stack, list: &str) -> ProxyClientBuilder {
    builder(list).http_transport(stack.clone())
}

#[tokio::test]
async fn the_list_is_walked_as_ever() {
    let stack = Stack::new(|request| match request.uri().host() {
        Some("a.example") => Ok(status(404, b"no")),
        Some("b.example") => Err(TransportError::new(ErrorKind::Connect, "refused")),
        _ => Ok(status(200, GO_MOD)),
    });
    let client = over(&stack, "https://a.example,https://b.example|https://c.example/x").build().unwrap();
    let fetched = client.go_mod(&module()).await.unwrap();
    assert_eq!(fetched.value, GO_MOD);
    let outcomes: Vec<_> =
        fetched.trace.attempts().iter().map(|a| (a.outcome().to_owned(), a.kind())).collect();
    assert_eq!(
        outcomes,
        [
            ("404 Not Found".to_owned(), Some(ErrorKind::NotFound)),
            ("refused (no answer)".to_owned(), Some(ErrorKind::Connect)),
            ("200 OK".to_owned(), None)
        ]
    );
    assert_eq!(stack.urls()[2], "https://c.example/x/example.com/%21upper/m/@v/v1.2.3.mod");
    assert_eq!(stack.header(2, "accept-encoding").as_deref(), Some("gzip"));
    assert!(stack.header(2, "user-agent").unwrap().starts_with("gomod-proxy-client/"));
}

#[tokio::test]
async fn credentials_and_headers_stay_behind_at_a_redirect() {
    let stack = Stack::new(|request| {
        if request.uri().host() == Some("storage.example") {
            return Ok(status(200, GO_MOD));
        }
        let mut response = status(302, b"");
        let to = HeaderValue::from_static("https://storage.example/signed?secret");
        response.headers_mut().insert("location", to);
        Ok(response)
    });
    let headers = HeaderMap::from_iter([("x-team".parse().unwrap(), HeaderValue::from_static("blue"))]);
    let credentials = Credentials::new().bearer("a.example", "t0k3n").unwrap();
    let client = over(&stack, "https://a.example").credentials(credentials).default_headers(headers);
    let fetched = client.user_agent("me/1").build().unwrap().go_mod(&module()).await.unwrap();
    assert_eq!(fetched.trace.attempts()[0].redirected_to(), Some("https://storage.example/signed"));
    assert_eq!(stack.header(0, "authorization").as_deref(), Some("Bearer t0k3n"));
    assert_eq!(stack.header(0, "x-team").as_deref(), Some("blue"));
    assert_eq!((stack.header(1, "authorization"), stack.header(1, "x-team")), (None, None));
    assert_eq!(stack.header(1, "user-agent").as_deref(), Some("me/1"));
    // From https to anything else none is followed.
    let stack = Stack::new(|_| {
        let mut response = status(302, b"");
        response.headers_mut().insert("location", HeaderValue::from_static("http://a.example/"));
        Ok(response)
    });
    let error = over(&stack, "https://a.example").build().unwrap().info(&module()).await.unwrap_err();
    assert_eq!((error.kind(), stack.urls().len()), (ErrorKind::Redirect, 1));
}

#[tokio::test]
async fn what_may_pass_is_asked_again_and_what_was_announced_must_come() {
    let (a, calls) = (zip_bytes(), Arc::new(Mutex::new(0)));
    let whole = a.clone();
    let stack = Stack::new(move |request| {
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        let response = Response::builder().header("etag", "\"1\"");
        match *calls {
            1 => Err(TransportError::new(ErrorKind::Reset, "gone")),
            // Half of it, without an error.
            2 => Ok(response
                .header("content-length", whole.len())
                .body(ResponseBody::from(Bytes::copy_from_slice(&whole[..1000])))
                .unwrap()),
            _ => {
                assert_eq!(request.headers()["range"], "bytes=1000-");
                let range = format!("bytes 1000-{}/{}", whole.len() - 1, whole.len());
                Ok(response
                    .status(206)
                    .header("content-range", range)
                    .body(ResponseBody::from(Bytes::copy_from_slice(&whole[1000..])))
                    .unwrap())
            }
        }
    });
    let client = over(&stack, "https://a.example").retries(crate::sources::quick_retries()).build().unwrap();
    let mut zip = client.zip(&module()).await.unwrap();
    assert!(crate::sources::read(&mut zip).await.unwrap() == a, "the whole zip");
    let kinds: Vec<_> =
        zip.accept().attempts().iter().map(gomod_proxy_client::report::Attempt::kind).collect();
    assert_eq!(kinds, [Some(ErrorKind::Reset), Some(ErrorKind::IncompleteBody), None]);
}

#[tokio::test]
async fn limits_hold() {
    let stack = Stack::new(|_| Ok(status(200, &[b'x'; 100])));
    let client = over(&stack, "https://a.example").limits(Limits::new().go_mod(99)).build().unwrap();
    let error = client.go_mod(&module()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}
