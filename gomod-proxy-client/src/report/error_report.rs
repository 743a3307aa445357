use std::error::Error as StdError;
use std::fmt;

use gomod_module::ErrorChain;

use crate::report::error::Error;
use crate::report::trace::Attempt;

/// So many requests are shown: the first ones, and the last.
const MAX_ASKED: usize = 20;

/// An error as people need it: what happened, with the cause at its end; the server's words; which credentials it got; who was
/// asked; what to do. From [`Error::report`].
///
/// ```
/// # use gomod_proxy_client::{GoProxy, ProxyClient};
/// # let dir = tempfile::tempdir()?;
/// # let base = format!("file://{}", dir.path().display());
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let client = ProxyClient::builder(GoProxy::parse(&format!("{base},off"))?).build()?;
/// let error = client.info(&"example.com/m@v1.0.0".parse()?).await.unwrap_err();
/// let report = error.report().to_string();
/// let lines: Vec<_> = report.lines().collect();
/// assert_eq!(lines[0], "example.com/m@v1.0.0: module lookup disabled by GOPROXY=off");
/// assert!(lines[1].starts_with("     asked: file://") && lines[1].contains("No such file"));
/// assert_eq!(lines[2], "      next: GOPROXY=off forbids downloads: name a proxy in GOPROXY");
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is bounded: at most 4,000 characters for the error, 8 lines for the words of a server, and 20 requests. Secrets of
/// the client are redacted, and nothing in it can steer a terminal.
#[derive(Debug, Clone, Copy)]
pub struct ErrorReport<'a> {
    /// What is told first: the error itself, or what it led to.
    head: Option<&'a (dyn StdError + 'static)>,
    error: Option<&'a Error>,
    attempts: &'a [Attempt],
    has_next_step: bool,
}

impl Error {
    /// What happened and what to do about it, for people: several lines.
    pub fn report(&self) -> ErrorReport<'_> {
        ErrorReport { head: Some(self), error: Some(self), attempts: self.attempts(), has_next_step: true }
    }
}

impl<'a> ErrorReport<'a> {
    /// Any error: with these details, if it is one of this client or has one among its causes; else alone, with its causes.
    pub fn of(error: &'a (dyn StdError + 'static)) -> Self {
        let ours = ErrorChain::new(error).causes().find_map(|cause| cause.downcast_ref::<Error>());
        let attempts = ours.map(Error::attempts).unwrap_or_default();
        Self { head: Some(error), error: ours, attempts, has_next_step: true }
    }

    /// Requests whose error is told elsewhere, or that had none.
    pub fn of_attempts(attempts: &'a [Attempt]) -> Self {
        Self { head: None, error: None, attempts, has_next_step: true }
    }

    /// The same with more requests than those of the error: all that were made for a module, for instance.
    #[must_use]
    pub fn with_attempts(self, attempts: &'a [Attempt]) -> Self {
        Self { attempts, ..self }
    }

    /// The same without what to do: where another report says it that knows more.
    #[must_use]
    pub fn without_next_step(self) -> Self {
        Self { has_next_step: false, ..self }
    }

    /// The first line: the error and its causes.
    pub fn headline(&self) -> String {
        self.head.map_or_else(String::new, |error| ErrorChain::new(error).to_string())
    }

    /// The lines below it, but for the last: the server's words, the credentials, the requests. Of equal requests that follow each
    /// other, the first is shown.
    pub fn details(&self) -> Vec<String> {
        let reported = self.error.and_then(Error::server_response).unwrap_or_default();
        let mut lines: Vec<_> = reported.lines().map(|line| format!("    server: {line}")).collect();
        if let Some(sent) = self.error.and_then(Error::credentials) {
            lines.push(format!("      sent: {sent}"));
        }
        // Where nothing was asked, the error has said it all.
        let asked: Vec<_> = self.attempts.iter().filter(|attempt| attempt.url().is_some()).collect();
        let groups: Vec<_> = asked.chunk_by(|a, b| a.is_like(b)).collect();
        let mut said = reported;
        for (index, group) in groups.iter().enumerate() {
            if index + 1 == MAX_ASKED && groups.len() > MAX_ASKED {
                let hidden = groups.get(index..groups.len() - 1).unwrap_or_default();
                let hidden: usize = hidden.iter().map(|group| group.len()).sum();
                lines.push(format!("     asked: {hidden} requests more"));
            }
            if index + 1 < MAX_ASKED || index + 1 == groups.len() {
                said = asked_once(group, said, &mut lines);
            }
        }
        lines
    }
}

/// The lines of requests that had one outcome; returns what a server said last.
fn asked_once<'a>(group: &[&'a Attempt], mut said: &'a str, lines: &mut Vec<String>) -> &'a str {
    let [first, again @ ..] = group else { return said };
    lines.push(format!("     asked: {first}"));
    if let Some(response) = first.server_response().filter(|response| *response != said) {
        lines.extend(response.lines().map(|line| format!("            {line}")));
        said = response;
    }
    if let Some(last) = again.last() {
        let (times, seconds) =
            (again.len(), again.iter().map(|attempt| attempt.elapsed().as_secs_f64()).sum::<f64>());
        let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
        lines.push(format!("     asked: the same {times} more ({seconds:.3}s; {})", last.next()));
    }
    said
}

impl Attempt {
    /// Whether another request says the same: it asked for the same and had the same outcome.
    fn is_like(&self, other: &Self) -> bool {
        let key = |attempt: &Self| (attempt.offset(), attempt.status(), attempt.kind());
        let texts = |attempt: &Self| {
            let texts =
                [attempt.url(), attempt.redirected_to(), attempt.server_response(), Some(attempt.outcome())];
            texts.map(|text| text.map(str::to_owned))
        };
        self.kind().is_some() && key(self) == key(other) && texts(self) == texts(other)
    }
}

impl fmt::Display for ErrorReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        for line in self.details() {
            write!(f, "\n{line}")?;
        }
        match self.error.filter(|_| self.has_next_step).and_then(Error::next_step) {
            Some(step) => write!(f, "\n      next: {step}"),
            None => Ok(()),
        }
    }
}
