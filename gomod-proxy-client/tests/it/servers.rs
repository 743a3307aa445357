//! The table of servers that fail in every way Go was watched to meet, alone, before a comma and before a pipe: Go's choice
//! beside this client's, with and without retries.

use std::sync::Arc;
use std::time::Duration;

use gomod_proxy_client::policy::{BreakerPolicy, RetryPolicy, Timeouts};
use gomod_proxy_client::protocol::Next;
use gomod_proxy_client::{ErrorKind, ProxyClient};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Reply};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::sources::{builder, faulty, fetch, good, quick_retries, tree};

/// What comes of `A`, `A,B` and `A|B`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// A's answer is taken; B is never asked.
    Used,
    /// "Not found": B is asked behind either separator.
    Passes,
    /// An error: B is asked behind `|` alone.
    Stops,
    /// An error for which B is asked behind neither.
    StopsAlways,
    /// For ever.
    Hangs,
}

use Choice::{Hangs, Passes, Stops, StopsAlways, Used};

pub(crate) const FILES: [Endpoint; 3] = [Endpoint::Info, Endpoint::Mod, Endpoint::Zip];

/// How long a silent server is waited for. Others may take as long as a machine under load needs.
const STALL: Duration = Duration::from_secs(2);

/// What a server does wrong, and what comes of it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) fault: Fault,
    pub(crate) endpoint: Endpoint,
    pub(crate) go: Choice,
    ours: Choice,
    /// Of our error.
    kind: Option<ErrorKind>,
    /// Why the choices differ.
    why: &'static str,
}

impl Row {
    fn new(fault: Fault, endpoint: Endpoint, ours: Choice, kind: Option<ErrorKind>) -> Self {
        Self { fault, endpoint, go: ours, ours, kind, why: "" }
    }

    fn used(fault: Fault, endpoint: Endpoint) -> Self {
        Self::new(fault, endpoint, Used, None)
    }

    fn passes(fault: Fault, endpoint: Endpoint) -> Self {
        Self::new(fault, endpoint, Passes, Some(ErrorKind::NotFound))
    }

    fn stops(fault: Fault, endpoint: Endpoint, kind: ErrorKind) -> Self {
        Self::new(fault, endpoint, Stops, Some(kind))
    }

    /// Go's choice is another one, and this is why.
    fn but_go(self, go: Choice, why: &'static str) -> Self {
        Self { go, why, ..self }
    }

    pub(crate) fn name(&self) -> String {
        let fault = format!("{:?}", self.fault);
        let fault = fault.chars().take(90).collect::<String>();
        format!("{:?} {fault}", self.endpoint)
    }

    /// The faulty server.
    pub(crate) fn server(&self) -> LoopbackProxy {
        LoopbackProxy::builder(tree()).fault(self.endpoint, self.fault.clone()).start()
    }
}

fn client(list: &str, row: &Row, retries: RetryPolicy) -> ProxyClient {
    let stall = if row.go == Hangs { STALL } else { Duration::from_secs(20) };
    let builder = builder(list).timeouts(Timeouts::new().stall(stall)).retries(retries);
    builder.breaker(BreakerPolicy::new()).build().unwrap()
}

/// Our choice, which must be that of the row; with retries it must be the same.
async fn choose(row: &Row, retries: RetryPolicy) {
    let name = row.name();
    let (a, b) = (row.server(), good());
    let (url_a, url_b) = (a.url(), b.url());
    let once = retries == RetryPolicy::none();
    let alone = fetch(&client(&url_a, row, retries), row.endpoint).await;
    let comma = fetch(&client(&format!("{url_a},{url_b}"), row, retries), row.endpoint).await;
    let asked_by_comma = b.hits();
    let pipe = fetch(&client(&format!("{url_a}|{url_b}"), row, retries), row.endpoint).await;
    let asked_by_pipe = b.hits() - asked_by_comma;
    if row.ours == Used {
        for trace in [alone, comma, pipe] {
            let trace = trace.unwrap_or_else(|e| panic!("{name}: {e:?}"));
            assert_eq!(trace.source(), Some(url_a.as_str()), "{name}");
            assert_eq!(trace.attempts().last().unwrap().next(), Next::Found, "{name}");
        }
        assert_eq!(b.hits(), 0, "{name}");
        return;
    }
    let alone = alone.expect_err(&name);
    assert_eq!(Some(alone.kind()), row.kind, "{name}: {alone:?}");
    let last = alone.attempts().last().unwrap();
    assert_eq!((last.next(), last.kind()), (Next::EndOfList, row.kind), "{name}");
    assert_eq!(alone.is_not_found(), row.ours == Passes, "{name}");
    let repeated = alone.attempts().len() > 1;
    assert_eq!(repeated, !once && alone.is_transient(), "{name}: {alone:?}");
    if row.ours == Passes {
        let trace = comma.unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert_eq!(trace.source(), Some(url_b.as_str()), "{name}");
        assert_eq!(trace.attempts().len(), 2, "{name}");
        assert_eq!(trace.attempts()[0].next().to_string(), "not found passes `,`", "{name}");
    } else {
        let stopped = comma.expect_err(&name);
        assert_eq!(Some(stopped.kind()), row.kind, "{name}: {stopped:?}");
        assert_eq!(asked_by_comma, 0, "{name}");
        assert_eq!(stopped.attempts().last().unwrap().next(), Next::ErrorStops, "{name}");
    }
    let trace = pipe.unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_eq!(trace.source(), Some(url_b.as_str()), "{name}");
    // Silence is not waited for twice where somebody else can be asked.
    let again = repeated && row.go != Hangs;
    assert_eq!(trace.attempts().len(), if again { 3 } else { 2 }, "{name}: {trace:?}");
    assert_eq!(asked_by_pipe, 1, "{name}");
}

/// Each row, by its choice.
#[expect(clippy::print_stderr, reason = "the table is part of what the tests show")]
async fn choose_all(rows: Vec<Row>) {
    // Some rows are nothing but waiting.
    let at_a_time = Arc::new(Semaphore::new(12));
    let mut running = JoinSet::new();
    for row in rows {
        let said = if row.why.is_empty() { String::new() } else { format!("  ({})", row.why) };
        eprintln!("{:100} go: {:12} here: {:?}{said}", row.name(), format!("{:?}", row.go), row.ours);
        assert_eq!(row.go != row.ours, !row.why.is_empty(), "a difference has a reason");
        let at_a_time = Arc::clone(&at_a_time);
        running.spawn(async move {
            let _turn = at_a_time.acquire().await.unwrap();
            for retries in [RetryPolicy::none(), quick_retries()] {
                // Six times the limit says nothing that twice does not.
                let retries = if row.go == Hangs { retries.retries(retries.retries.min(1)) } else { retries };
                choose(&row, retries).await;
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
}

/// A test for each group of rows, which run side by side, and the table of all of them.
macro_rules! table {
    ($($group:ident)*) => {
        /// Every row.
        pub(crate) fn rows() -> Vec<Row> {
            [$($group()),*].concat()
        }

        mod rows_of {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $group() {
                    super::choose_all(super::$group()).await;
                }
            )*
        }
    };
}

table!(statuses redirects connections silence unusual contents infos lists);

fn statuses() -> Vec<Row> {
    let mut rows = Vec::new();
    for code in [404, 410] {
        for endpoint in [FILES.as_slice(), &[Endpoint::List]].concat() {
            rows.push(Row::passes(Fault::status(code), endpoint));
        }
    }
    for code in [
        300, 305, 400, 401, 403, 405, 406, 407, 409, 418, 422, 429, 451, 499, 500, 501, 502, 503, 504, 599,
        201, 203, 204, 206, 304,
    ] {
        rows.push(Row::stops(Fault::status(code), Endpoint::Info, ErrorKind::Status));
    }
    for endpoint in [Endpoint::Mod, Endpoint::Zip, Endpoint::List] {
        for code in [403, 500] {
            rows.push(Row::stops(Fault::status(code), endpoint, ErrorKind::Status));
        }
    }
    let html = |code| Fault::Reply(Reply::new(code).content_type("text/html").body("<h1>no</h1>"));
    rows.push(Row::passes(html(404), Endpoint::Info));
    rows.push(Row::stops(html(500), Endpoint::Info, ErrorKind::Status));
    rows.push(Row::stops(Fault::Reply(Reply::new(500)), Endpoint::Info, ErrorKind::Status));
    rows
}

fn redirects() -> Vec<Row> {
    let to = |location: &str| Fault::Redirect { code: 302, location: location.to_owned() };
    let mut rows = Vec::new();
    for endpoint in FILES {
        let stops = |fault| Row::stops(fault, endpoint, ErrorKind::Redirect);
        rows.push(Row::used(Fault::RedirectHops(9), endpoint));
        rows.push(stops(Fault::RedirectHops(10)));
        rows.push(stops(Fault::RedirectToSelf));
        rows.push(stops(Fault::RedirectForever));
        rows.push(stops(to("ftp://127.0.0.1/x")));
        rows.push(stops(to("file:///{path}")));
        rows.push(Row::stops(Fault::Reply(Reply::new(302)), endpoint, ErrorKind::Status));
    }
    rows
}

/// Redirects that need a second server.
#[tokio::test]
async fn redirects_to_other_servers() {
    for code in [301, 302, 303, 307, 308] {
        let good = good();
        let location = format!("{}/{{path}}", good.url());
        choose(&Row::used(Fault::Redirect { code, location }, Endpoint::Info), RetryPolicy::none()).await;
    }
    let nothing = LoopbackProxy::serve(ModuleTree::new());
    for endpoint in FILES {
        let location = format!("{}/gone", nothing.url());
        choose(&Row::passes(Fault::Redirect { code: 302, location }, endpoint), RetryPolicy::none()).await;
    }
}

fn connections() -> Vec<Row> {
    let mut rows = Vec::new();
    for endpoint in FILES {
        for fault in [Fault::CloseBeforeFirstByte, Fault::ResetBeforeFirstByte, Fault::HalfHeader] {
            rows.push(Row::stops(fault, endpoint, ErrorKind::Reset));
        }
        for fault in [
            Fault::CutBody { after: 10, reset: false },
            Fault::CutBody { after: 10, reset: true },
            Fault::CutChunked { after: 10 },
            Fault::NoFinalChunk,
            Fault::GzipTruncated,
        ] {
            rows.push(Row::stops(fault, endpoint, ErrorKind::IncompleteBody));
        }
        for fault in [
            Fault::BadChunkSize,
            Fault::TwoLengths,
            Fault::NotHttp,
            Fault::BadStatusLine,
            Fault::HugeHeader,
            Fault::GzipBadCrc,
            Fault::ContentEncoding("gzip".into()),
        ] {
            rows.push(Row::stops(fault, endpoint, ErrorKind::Protocol));
        }
    }
    rows.push(Row::stops(
        Fault::CutBody { after: 3, reset: false },
        Endpoint::List,
        ErrorKind::IncompleteBody,
    ));
    rows
}

fn silence() -> Vec<Row> {
    let mut rows = Vec::new();
    for endpoint in [Endpoint::Info, Endpoint::Zip] {
        for fault in [Fault::StallBeforeFirstByte, Fault::StallAfter(20)] {
            let row = Row::stops(fault, endpoint, ErrorKind::Stalled);
            rows.push(row.but_go(Hangs, "time limits"));
        }
    }
    rows
}

/// Answers that are unusual and right.
fn unusual() -> Vec<Row> {
    let mut rows = Vec::new();
    for endpoint in FILES {
        for fault in [
            Fault::Chunked,
            Fault::NoLength,
            Fault::Http10,
            Fault::Continue100,
            Fault::Gzip,
            Fault::GzipNoLength,
            Fault::CloseAfter { reset: false },
            Fault::CloseAfter { reset: true },
            Fault::Trickle { piece: 20_000, pause: Duration::from_millis(1) },
            Fault::Delay(Duration::from_millis(20)),
        ] {
            rows.push(Row::used(fault, endpoint));
        }
    }
    rows
}

/// Without a length nothing shows that a body is cut; other encodings are passed through as they are. What is wrong with
/// a zip or a go.mod file the caller says, here the one of these tests.
fn contents() -> Vec<Row> {
    let mut rows = Vec::new();
    for fault in [
        Fault::NoLengthCut { after: 10 },
        Fault::ShortLength { by: 3 },
        Fault::Body(Vec::new()),
        Fault::html(),
        Fault::Body(vec![0, 1, 2, 255]),
        Fault::Truncate { len: 9 },
    ] {
        rows.push(Row::stops(fault.clone(), Endpoint::Info, ErrorKind::Malformed));
        let zip = Row::stops(fault.clone(), Endpoint::Zip, ErrorKind::Rejected);
        rows.push(zip.but_go(StopsAlways, "a rejected zip passes `|`"));
        let go_mod = Row::stops(fault, Endpoint::Mod, ErrorKind::Rejected);
        rows.push(go_mod.but_go(Used, "the caller rejects the file; Go looks at it later"));
    }
    let flip = Row::stops(Fault::FlipByte { offset: 1000 }, Endpoint::Zip, ErrorKind::Rejected);
    rows.push(flip.but_go(StopsAlways, "a rejected zip passes `|`"));
    rows
}

/// An encoding that was not asked for is named where the content is in it, and no matter where it is not, as in Go.
#[tokio::test]
async fn encodings_that_were_not_asked_for() {
    for endpoint in FILES {
        let row = Row::used(Fault::ContentEncoding("deflate".into()), endpoint);
        choose(&row, RetryPolicy::none()).await;
    }
    let brotli = Reply::new(200).header("Content-Encoding", "BR").body(&b"\x8b\x04\x80{}\x03"[..]);
    let a = faulty(Endpoint::Info, Fault::Reply(brotli));
    let error = fetch(&builder(&a.url()).build().unwrap(), Endpoint::Info).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("in the encoding \"br\""), "{error}");
}

/// Case does not matter, as in Go.
#[tokio::test]
async fn gzip_in_capitals() {
    let gzip = [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..],
        // One stored block.
        &[1, 20, 0, 235, 255],
        b"{\"Version\":\"v1.2.3\"}",
        // Its CRC-32 and length.
        &[26, 25, 76, 88, 20, 0, 0, 0],
    ];
    let info = Reply::new(200).header("Content-Encoding", "GZIP").body(gzip.concat());
    let a = faulty(Endpoint::Info, Fault::Reply(info));
    fetch(&builder(&a.url()).build().unwrap(), Endpoint::Info).await.unwrap();
}

fn infos() -> Vec<Row> {
    let wrong = [
        "\u{feff}{\"Version\":\"v1.2.3\"}",
        "[]",
        "{\"Version\":\"v1.2.3\"} {}",
        "{\"Version\":\"v1.2.3\",\"Time\":\"yesterday\"}",
        "{\"Version\":\"v1.2.4\"}",
        "{\"Version\":\"v1.2.4-0.20190411231829-aaaaaaaaaaaa\"}",
        "{\"Time\":\"2024-01-02T03:04:05Z\"}",
        "null",
        "{}",
    ];
    let right = [
        "{\"Version\":\"v1.2.3\",\"Time\":\"1999-01-02T03:04:05+02:00\"}",
        "{\"Version\":\"v1.2.3\"}",
        "{\"version\":\"v1.2.3\",\"time\":\"2024-01-02T03:04:05Z\"}",
        "{\"Version\":\"v1.2.3\",\"Name\":\"x\",\"Origin\":{\"VCS\":\"git\"}}",
    ];
    let wrong = wrong.map(|body| Row::stops(Fault::Body(body.into()), Endpoint::Info, ErrorKind::Malformed));
    let right = right.map(|body| Row::used(Fault::Body(body.into()), Endpoint::Info));
    wrong.into_iter().chain(right).collect()
}

fn lists() -> Vec<Row> {
    let lists = [Fault::html(), Fault::Body(Vec::new()), Fault::NoLengthCut { after: 3 }];
    lists.map(|fault| Row::used(fault, Endpoint::List)).into()
}
