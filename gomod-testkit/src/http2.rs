//! A proxy that offers HTTP/2 over TLS, whose bodies break off as streams do.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::task::Poll;

use bytes::Bytes;
use h2::server::{Connection, SendResponse};
use h2::{Reason, SendStream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::fault::Fault;
use crate::http::{Reply, Request, percent_decode};
use crate::tls::Tls;

type Stream = TlsStream<tokio::net::TcpStream>;

/// A connection on which the client wants to speak HTTP/1.1, with blocking reads and writes.
pub(crate) struct Blocking {
    runtime: Runtime,
    stream: Stream,
}

/// Answers the requests of a connection that speaks HTTP/2; gives it back where it speaks HTTP/1.1.
pub(crate) fn meet(
    tls: &Tls,
    stream: &TcpStream,
    answer: impl FnMut(&Request) -> (Option<Fault>, Reply),
) -> io::Result<Option<Blocking>> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let stream = stream.try_clone()?;
    stream.set_nonblocking(true)?;
    let stream = runtime.block_on(async {
        let stream = tokio::net::TcpStream::from_std(stream)?;
        let stream = TlsAcceptor::from(tls.offering(&[b"h2", b"http/1.1"])).accept(stream).await?;
        if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return Ok(Some(stream));
        }
        serve(stream, answer).await.map(|()| None).map_err(io::Error::other)
    })?;
    Ok(stream.map(|stream| Blocking { runtime, stream }))
}

async fn serve(
    stream: Stream,
    mut answer: impl FnMut(&Request) -> (Option<Fault>, Reply),
) -> Result<(), h2::Error> {
    let mut connection: Connection<_, Bytes> = h2::server::handshake(stream).await?;
    let (mut cut, mut silent) = (Vec::new(), Vec::new());
    loop {
        let next = poll_fn(|cx| match connection.poll_accept(cx) {
            // All that could be sent is sent.
            Poll::Pending if !cut.is_empty() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
            Poll::Ready(next) => Poll::Ready(Some(next)),
        });
        match next.await {
            None => cut.drain(..).for_each(|mut stream: SendStream<Bytes>| {
                stream.send_reset(Reason::INTERNAL_ERROR);
            }),
            Some(None) => return Ok(()),
            Some(Some(accepted)) => {
                let (request, respond) = accepted?;
                let (fault, reply) = answer(&heard(&request));
                match fault {
                    Some(Fault::StallBeforeFirstByte) => silent.push(respond),
                    Some(Fault::GoAway) => connection.abrupt_shutdown(Reason::NO_ERROR),
                    fault => cut.extend(send(fault.as_ref(), reply, respond)?),
                }
            }
        }
    }
}

/// Answers, and returns a stream that is to break off. Faults that only HTTP/1.1 can have break it off at once; a
/// server that would close the connection wants HTTP/1.1.
fn send(
    fault: Option<&Fault>,
    good: Reply,
    mut respond: SendResponse<Bytes>,
) -> Result<Option<SendStream<Bytes>>, h2::Error> {
    let (reply, sent) = match fault {
        None | Some(Fault::EmptyFrames) => (good, None),
        Some(Fault::Reply(reply)) => (reply.clone(), None),
        Some(Fault::Status(code)) => (Reply::new(*code), None),
        Some(Fault::CutBody { after, .. }) => (good, Some(*after)),
        Some(Fault::CloseBeforeFirstByte) => {
            respond.send_reset(Reason::HTTP_1_1_REQUIRED);
            return Ok(None);
        }
        Some(_) => {
            respond.send_reset(Reason::INTERNAL_ERROR);
            return Ok(None);
        }
    };
    let mut head = http::Response::builder().status(reply.code).header("content-length", reply.body.len());
    for (name, value) in &reply.headers {
        head = head.header(name, value);
    }
    let mut stream = respond.send_response(head.body(()).expect("headers that HTTP knows"), false)?;
    if fault == Some(&Fault::EmptyFrames) {
        for piece in reply.body.chunks(1000) {
            stream.send_data(Bytes::new(), false)?;
            stream.send_data(Bytes::copy_from_slice(piece), false)?;
        }
        stream.send_data(Bytes::new(), true)?;
        return Ok(None);
    }
    let length = sent.unwrap_or(reply.body.len()).min(reply.body.len());
    stream.send_data(Bytes::from(reply.body).slice(..length), sent.is_none())?;
    Ok(sent.map(|_| stream))
}

fn heard(request: &http::Request<h2::RecvStream>) -> Request {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let path = percent_decode(request.uri().path().trim_start_matches('/'));
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
    Request { method: request.method().to_string(), target, path, headers: headers.collect(), http2: true }
}

impl Read for Blocking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.runtime.block_on(self.stream.read(buffer))
    }
}

impl Write for Blocking {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.runtime.block_on(self.stream.write(data))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.runtime.block_on(self.stream.flush())
    }
}

impl Drop for Blocking {
    fn drop(&mut self) {
        let _ = self.runtime.block_on(self.stream.shutdown());
    }
}
