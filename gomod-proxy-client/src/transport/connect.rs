//! CONNECT, asked of an HTTP proxy for its answer.
//!
//! Of a request by this method the HTTP library leaves out the port where it is 80. So it only makes the connection, with the
//! TLS of the proxy and its time limits; what is asked over it is asked here, and its answer ends the making of the connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::client::conn::http1::handshake;
use hyper::header::{HOST, PROXY_AUTHORIZATION, USER_AGENT};
use hyper::rt::{Read, Write};
use reqwest::header::HeaderValue;
use reqwest::{Body, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::report::cause::BoxError;

/// The question, and its answer.
#[derive(Clone)]
pub(crate) struct Connect {
    /// Host and port of the server.
    authority: Arc<str>,
    authorization: Option<HeaderValue>,
    user_agent: HeaderValue,
    answer: Arc<Mutex<Option<Response>>>,
}

/// Why there is no connection for anything else.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP proxy answered")]
struct Answered;

impl Connect {
    pub(crate) fn new(authority: &str, authorization: Option<HeaderValue>, user_agent: HeaderValue) -> Self {
        Self { authority: authority.into(), authorization, user_agent, answer: Arc::default() }
    }

    /// The answer, once.
    pub(crate) fn take(&self) -> Option<Response> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn ask<C>(self, connection: C) -> BoxError
    where
        C: Read + Write + Unpin + Send + 'static,
    {
        match self.answer_over(connection).await {
            Ok(response) => {
                *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
                Box::new(Answered)
            }
            Err(error) => error,
        }
    }

    async fn answer_over<C>(&self, connection: C) -> Result<Response, BoxError>
    where
        C: Read + Write + Unpin + Send + 'static,
    {
        let mut request = hyper::Request::connect(&*self.authority)
            .header(HOST, &*self.authority)
            .header(USER_AGENT, &self.user_agent);
        if let Some(authorization) = &self.authorization {
            request = request.header(PROXY_AUTHORIZATION, authorization);
        }
        let request = request.body(String::new())?;
        let (mut sender, connection) = handshake(connection).await?;
        // It ends with the answer, which may not be read to its end.
        tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        Ok(Response::from(response.map(Body::wrap)))
    }
}

#[derive(Clone)]
pub(crate) struct Connecting<S> {
    inner: S,
    connect: Connect,
}

impl<S> Layer<S> for Connect {
    type Service = Connecting<S>;

    fn layer(&self, inner: S) -> Connecting<S> {
        Connecting { inner, connect: self.clone() }
    }
}

impl<S, R> Service<R> for Connecting<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: Read + Write + Unpin + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (connecting, connect) = (self.inner.call(request), self.connect.clone());
        Box::pin(async move {
            let connection = connecting.await?;
            Err(connect.ask(connection).await)
        })
    }
}
