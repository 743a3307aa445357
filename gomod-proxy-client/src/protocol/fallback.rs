use std::fmt;
use std::time::Duration;

use gomod_module::PrefixPatterns;

use crate::protocol::goproxy::{Entry, EntryKind, GoProxy, Separator};

/// The walk over a list of sources for one request: which source is asked, which answer ends the walk, and which
/// of several errors is reported. It does no I/O (`TryProxies` and `lookup` in cmd/go,
/// [Module proxies](https://go.dev/ref/mod#module-proxy)).
///
/// ```
/// use gomod_module::PrefixPatterns;
/// use gomod_proxy_client::GoProxy;
/// use gomod_proxy_client::protocol::{Answer, Fallback, Next, Step};
///
/// let list = GoProxy::parse("https://a.example,https://b.example|https://c.example")?;
/// let mut walk = Fallback::new(&list, &PrefixPatterns::parse(""), "example.com/m");
/// assert!(matches!(walk.step(), Some(Step::Ask(entry)) if entry.text() == "https://a.example"));
/// walk.answer(Answer::NotFound);
/// walk.answer(Answer::Error);
/// assert_eq!(walk.answer(Answer::NotFound), Next::EndOfList);
/// assert_eq!(walk.reported(), Some(1)); // b's error says more than c's "not found"
/// # Ok::<(), gomod_proxy_client::protocol::GoProxyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fallback {
    list: GoProxy,
    /// Whether `noproxy` stands before the list, which it does where GONOPROXY is set.
    noproxy: bool,
    /// Whether GONOPROXY matches the module path.
    matched: bool,
    position: usize,
    ended: bool,
    reported: Option<(usize, Rank)>,
}

/// A source of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source<'a> {
    /// Direct access for the paths that GONOPROXY matches; first, where GONOPROXY is set.
    NoProxy,
    /// An entry of the list.
    Entry(&'a Entry),
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step<'a> {
    /// Ask this proxy.
    Ask(&'a Entry),
    /// Ask the version control system.
    Direct,
    /// Ask no source and answer [`Answer::NotFound`].
    Skip(Skip),
}

/// Why a source is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// A proxy, and GONOPROXY matches the path.
    NoProxy,
    /// `noproxy`, and GONOPROXY does not match the path.
    UseProxy,
    /// `off`.
    Off,
}

/// What a source answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// What was asked for.
    Found,
    /// Status 404 or 410, or no such file.
    NotFound,
    /// Any other error.
    Error,
    /// Bytes whose hash is wrong. An error that is reported whatever else goes wrong.
    Mismatch,
}

/// Why a walk went on or ended after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Next {
    /// The source had what was asked for.
    Found,
    /// The source has more to say: the same question is put to it in another way.
    SameSource,
    /// "Not found" passes either separator.
    NotFoundPasses(Separator),
    /// An error passes `|`.
    ErrorPasses,
    /// An error does not pass `,`.
    ErrorStops,
    /// There is no other source.
    EndOfList,
    /// The same request is made again after this wait.
    Retry(Duration),
    /// Content that was rejected ends the walk, as the caller asked for.
    RejectionStops,
    /// The caller could not check the content, or not write it: no other source can help.
    CallerStops,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    NotFound,
    Proxy,
    Direct,
    Mismatch,
}

impl Fallback {
    /// The walk for a module path, at its first source.
    pub fn new(list: &GoProxy, gonoproxy: &PrefixPatterns, path: &str) -> Self {
        Self {
            list: list.clone(),
            noproxy: !gonoproxy.is_empty() && !list.is_only_direct(),
            matched: gonoproxy.matches(path),
            position: 0,
            ended: false,
            reported: None,
        }
    }

    /// All sources of the walk, in order.
    pub fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        let noproxy = self.noproxy.then_some(Source::NoProxy);
        noproxy.into_iter().chain(self.list.entries().iter().map(Source::Entry))
    }

    /// The source to ask, or `None` behind the last one.
    pub fn source(&self) -> Option<Source<'_>> {
        self.sources().nth(self.position)
    }

    /// The index of the source to ask, among [`Fallback::sources`].
    pub fn position(&self) -> usize {
        self.position
    }

    /// What to do at this source, or `None` where the walk has ended. Asking again gives the same step until
    /// [`Fallback::answer`].
    pub fn step(&self) -> Option<Step<'_>> {
        if self.ended {
            return None;
        }
        Some(match self.source()? {
            Source::NoProxy if self.matched => Step::Direct,
            Source::NoProxy => Step::Skip(Skip::UseProxy),
            Source::Entry(entry) => match entry.kind() {
                EntryKind::Direct => Step::Direct,
                EntryKind::Off => Step::Skip(Skip::Off),
                EntryKind::Url if self.matched && self.noproxy => Step::Skip(Skip::NoProxy),
                EntryKind::Url => Step::Ask(entry),
            },
        })
    }

    /// Whether an error of this source lets another proxy be asked: it ends in `|`, and what follows is neither `direct`
    /// nor `off`.
    pub fn has_another(&self) -> bool {
        let pipe = |source| matches!(source, Source::Entry(entry) if entry.separator() == Separator::Pipe);
        let proxy = |source| matches!(source, Source::Entry(entry) if entry.kind() == EntryKind::Url);
        let followed = self.sources().nth(self.position + 1).is_some_and(proxy);
        matches!(self.step(), Some(Step::Ask(_))) && self.source().is_some_and(pipe) && followed
    }

    /// Takes an answer of this source that ends the walk whatever stands behind it.
    pub fn stop(&mut self, answer: Answer) -> Next {
        let next = self.answer(answer);
        self.ended = true;
        match next {
            Next::ErrorPasses | Next::NotFoundPasses(_) => Next::RejectionStops,
            other => other,
        }
    }

    /// Takes the answer of this source and goes to the next one, or ends. A skipped source answers
    /// [`Answer::NotFound`] whatever is passed.
    pub fn answer(&mut self, answer: Answer) -> Next {
        let (answer, rank) = match self.step() {
            None => return Next::EndOfList,
            Some(Step::Skip(_)) => (Answer::NotFound, Rank::NotFound),
            Some(Step::Direct) if answer != Answer::Mismatch => (answer, Rank::Direct),
            Some(_) => match answer {
                Answer::Found | Answer::NotFound => (answer, Rank::NotFound),
                Answer::Error => (answer, Rank::Proxy),
                Answer::Mismatch => (answer, Rank::Mismatch),
            },
        };
        if answer == Answer::Found {
            self.ended = true;
            return Next::Found;
        }
        if self.reported.is_none_or(|(_, best)| rank >= best) {
            self.reported = Some((self.position, rank));
        }
        let separator = match self.source() {
            Some(Source::Entry(entry)) => entry.separator(),
            _ => Separator::Comma,
        };
        self.position += 1;
        let next = match (answer, separator) {
            _ if self.position >= self.sources().count() => Next::EndOfList,
            (Answer::NotFound, separator) => Next::NotFoundPasses(separator),
            (_, Separator::Pipe) => Next::ErrorPasses,
            (_, Separator::Comma) => Next::ErrorStops,
        };
        self.ended = matches!(next, Next::EndOfList | Next::ErrorStops);
        next
    }

    /// The index, among [`Fallback::sources`], of the source whose error is to be reported: the last mismatch; else
    /// that of direct access; else the last error that is not "not found"; else the last "not found".
    pub fn reported(&self) -> Option<usize> {
        self.reported.map(|(index, _)| index)
    }
}

impl Answer {
    /// The answer that an HTTP status is: found with 200, not found with 404 and 410, and an error with any other
    /// ([GOPROXY protocol](https://go.dev/ref/mod#goproxy-protocol)). Redirects have been followed before.
    ///
    /// ```
    /// use gomod_proxy_client::protocol::Answer;
    ///
    /// assert_eq!([200, 404, 410].map(Answer::of_status), [Answer::Found, Answer::NotFound, Answer::NotFound]);
    /// assert_eq!([204, 403, 500].map(Answer::of_status), [Answer::Error; 3]);
    /// ```
    pub fn of_status(status: u16) -> Self {
        match status {
            200 => Self::Found,
            404 | 410 => Self::NotFound,
            _ => Self::Error,
        }
    }
}

impl Next {
    /// A stable name in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::SameSource => "same_source",
            Self::NotFoundPasses(_) => "not_found_passes",
            Self::ErrorPasses => "error_passes",
            Self::ErrorStops => "error_stops",
            Self::EndOfList => "end_of_list",
            Self::Retry(_) => "retry",
            Self::RejectionStops => "rejection_stops",
            Self::CallerStops => "caller_stops",
        }
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found => f.write_str("found"),
            Self::SameSource => f.write_str("asks the same source again"),
            Self::NotFoundPasses(separator) => write!(f, "not found passes `{separator}`"),
            Self::ErrorPasses => f.write_str("error passes `|`"),
            Self::ErrorStops => f.write_str("error stops `,`"),
            Self::EndOfList => f.write_str("end of list"),
            Self::Retry(wait) => write!(f, "asked again after {:.3}s", wait.as_secs_f64()),
            Self::RejectionStops => f.write_str("rejected content stops the list"),
            Self::CallerStops => f.write_str("not the source's fault: the list ends"),
        }
    }
}
