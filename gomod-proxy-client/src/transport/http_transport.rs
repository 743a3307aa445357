//! HTTP by another stack than this crate's.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};

use crate::report::cause::BoxError;
use crate::report::kind::ErrorKind;

/// The future that [`HttpTransport::send`] returns.
pub type HttpFuture<'a> =
    Pin<Box<dyn Future<Output = Result<hyper::Response<ResponseBody>, TransportError>> + Send + 'a>>;

/// What sends one HTTP request and returns its answer, in place of this crate's own HTTP: for a stack with middleware, with
/// another TLS library, or for tests ([`ProxyClientBuilder::http_transport`](crate::ProxyClientBuilder::http_transport)).
///
/// It is called once a request: an answer with a redirect must come back as it is, and what failed must not be made again. All
/// else is done above it: the fallback list, credentials and where they may go, redirects, retries, time limits and sizes,
/// `Range`, gzip, and what of an answer may be shown. Dropping the future must end the request.
///
/// ```
/// use bytes::Bytes;
/// use gomod_module::ModuleVersion;
/// use gomod_proxy_client::transport::{HttpFuture, HttpTransport, ResponseBody};
/// use gomod_proxy_client::{GoProxy, ProxyClient};
///
/// /// A proxy in memory.
/// #[derive(Debug)]
/// struct Fixed;
///
/// impl HttpTransport for Fixed {
///     fn send(&self, request: http::Request<()>) -> HttpFuture<'_> {
///         Box::pin(async move {
///             let found = request.uri().path() == "/example.com/m/@v/v1.0.0.info";
///             let (status, body) = if found { (200, &b"{\"Version\":\"v1.0.0\"}"[..]) } else { (404, &b""[..]) };
///             let mut response = http::Response::new(ResponseBody::from(Bytes::from_static(body)));
///             *response.status_mut() = status.try_into().unwrap_or_default();
///             Ok(response)
///         })
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let list = GoProxy::parse("https://goproxy.example")?;
/// let client = ProxyClient::builder(list).http_transport(Fixed).build()?;
/// let m = ModuleVersion::parse("example.com/m", "v1.0.0")?;
/// assert_eq!(client.info(&m).await?.value.version, "v1.0.0");
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait HttpTransport: fmt::Debug + Send + Sync + 'static {
    /// Sends a GET and returns its answer as soon as status and headers are there. The URL is absolute, `http` or `https`, and
    /// holds no credentials; `Authorization` is among the headers where the server is to be told who asks.
    ///
    /// # Errors
    /// [`TransportError`] where no answer came.
    fn send(&self, request: hyper::Request<()>) -> HttpFuture<'_>;
}

/// A request without an answer, or a body that broke off.
#[derive(Debug)]
pub struct TransportError {
    kind: ErrorKind,
    source: BoxError,
}

/// The content of an answer of an [`HttpTransport`].
pub struct ResponseBody {
    inner: Pin<Box<dyn Body<Data = Bytes, Error = TransportError> + Send + Sync>>,
    /// What the answer says of its length.
    announced: Option<u64>,
}

impl TransportError {
    /// The error of this kind. The kind says whether the request is made again: [`Dns`](ErrorKind::Dns),
    /// [`Connect`](ErrorKind::Connect), [`Timeout`](ErrorKind::Timeout), [`Reset`](ErrorKind::Reset) and, of a body,
    /// [`IncompleteBody`](ErrorKind::IncompleteBody) may pass; [`Tls`](ErrorKind::Tls) and [`Protocol`](ErrorKind::Protocol) do
    /// not. Its text, and those of its causes, are shown: they must hold no secrets.
    pub fn new(kind: ErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, source: source.into() }
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn into_source(self) -> BoxError {
        self.source
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

impl ResponseBody {
    /// The content that `body` gives. An error of it that is no [`TransportError`] counts as
    /// [`IncompleteBody`](ErrorKind::IncompleteBody).
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + Sync + 'static,
        B::Error: Into<BoxError>,
    {
        Self { inner: Box::pin(Mapped { body: Box::pin(body) }), announced: None }
    }

    /// The same for an answer with these headers: what they say of the length counts, not what the body says.
    pub(crate) fn of(self, headers: &HeaderMap) -> Self {
        let length = headers.get(CONTENT_LENGTH).filter(|_| !headers.contains_key(TRANSFER_ENCODING));
        let announced = length.and_then(|length| length.to_str().ok()?.parse().ok());
        Self { announced, ..self }
    }
}

impl From<Bytes> for ResponseBody {
    fn from(content: Bytes) -> Self {
        Self { inner: Box::pin(Whole(Some(content))), announced: None }
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        self.inner.as_mut().poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map_or_else(|| self.inner.size_hint(), SizeHint::with_exact)
    }
}

struct Whole(Option<Bytes>);

impl Body for Whole {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        Poll::Ready(self.0.take().map(|content| Ok(Frame::data(content))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |content| content.len() as u64))
    }
}

struct Mapped<B> {
    body: Pin<Box<B>>,
}

impl<B> Body for Mapped<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let mapped = |e: B::Error| match e.into().downcast::<TransportError>() {
            Ok(error) => *error,
            Err(source) => TransportError::new(ErrorKind::IncompleteBody, source),
        };
        self.body.as_mut().poll_frame(cx).map_err(mapped)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
