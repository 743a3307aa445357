//! Going on with a file where an answer broke off (RFC 9110, sections 13.1.5 and 14).

use std::fmt;
use std::str::FromStr;

use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_RANGE, DATE, ETAG, HeaderMap, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE,
};

use crate::transport::http_date::header_seconds;

/// How much older than the answer a file must be for its date to tell it from a later one, in seconds.
const MIN_AGE: u64 = 60;
const HEAD: &str = "gomod partial 1";
const MAX_TEXT: usize = 16 << 10;

/// The beginning of a file that its caller has, and what its server said that lets it be completed: from
/// [`ZipFetch::partial`](crate::ZipFetch::partial) to [`ProxyClient::zip_from`](crate::ProxyClient::zip_from), in the
/// same process or, as text beside the bytes, in a later one.
///
/// It is used at the same URL alone, and only as long as the server says that the file has not changed. The text holds
/// the URL redacted and no secrets.
///
/// ```
/// use gomod_proxy_client::transport::Partial;
///
/// let text = "gomod partial 1\nhttps://a.example/m/@v/v1.0.0.zip\n\"5f3c\"\n70000\n";
/// let partial: Partial = text.parse()?;
/// assert_eq!((partial.size(), partial.to_string().as_str()), (70_000, text));
/// assert!("something else".parse::<Partial>().is_err());
/// # Ok::<(), gomod_proxy_client::transport::MalformedPartialError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Partial {
    url: String,
    validator: Validator,
    size: u64,
    have: u64,
}

/// That a text is not one that [`Partial`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the record of a partial download")]
#[non_exhaustive]
pub struct MalformedPartialError;

/// What tells a file from any later one at the same URL: a strong `ETag`, or a `Last-Modified` that is old enough.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Validator(HeaderValue);

impl Validator {
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        if let Some(etag) = headers.get(ETAG) {
            return Self::strong(etag);
        }
        let modified = header_seconds(headers, &LAST_MODIFIED)?;
        let dated = header_seconds(headers, &DATE)?;
        let value = headers.get(LAST_MODIFIED)?.clone();
        (dated.checked_sub(modified)? >= MIN_AGE).then_some(Self(value))
    }

    fn strong(etag: &HeaderValue) -> Option<Self> {
        let quoted = etag.to_str().ok()?;
        (quoted.len() >= 2 && quoted.starts_with('"') && quoted.ends_with('"')).then(|| Self(etag.clone()))
    }
}

impl Partial {
    pub(crate) fn new(url: String, validator: Validator, size: u64) -> Self {
        Self { url, validator, size, have: 0 }
    }

    /// Sets how many bytes of the file's beginning there are.
    #[must_use]
    pub fn have(mut self, bytes: u64) -> Self {
        self.have = bytes;
        self
    }

    /// The size of the whole file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether something is there and something is missing.
    pub(crate) fn is_useful(&self) -> bool {
        0 < self.have && self.have < self.size
    }

    pub(crate) fn validator(&self) -> &Validator {
        &self.validator
    }

    pub(crate) fn is_at(&self, url: &str) -> bool {
        self.url == url
    }

    /// Where the rest begins.
    pub(crate) fn start(&self) -> u64 {
        self.have
    }

    /// The headers that ask for the rest, or for all if the file has changed.
    pub(crate) fn ask(&self, headers: &mut HeaderMap) {
        if let Ok(range) = HeaderValue::try_from(format!("bytes={}-", self.have)) {
            headers.insert(RANGE, range);
            headers.insert(IF_RANGE, self.validator.0.clone());
        }
    }

    /// That an answer of status 206 is the rest of this file, and what it is instead.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), String> {
        let text = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let wrong =
            || format!("Content-Range {text:?} is not the rest of {} bytes from {}", self.size, self.have);
        let (start, end, size) = content_range(text).ok_or_else(wrong)?;
        if start != self.have || size != self.size || end < start || end >= size {
            return Err(wrong());
        }
        match headers.get(ETAG) {
            // Where the validator is a date there was none.
            Some(etag) if *etag != self.validator.0 => Err("the ETag is another one".to_owned()),
            _ => Ok(()),
        }
    }
}

/// Asks for the bytes of a file as they are: the offsets of a compressed answer would be others.
pub(crate) fn ask_for_plain(headers: &mut HeaderMap) {
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, size) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    Some((number(start)?, number(end)?, number(size)?))
}

/// Four lines: what this is, the URL, the validator, the size. [`Partial::have`] is not written: the length of the file
/// beside it says that.
impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let validator = self.validator.0.to_str().unwrap_or_default();
        write!(f, "{HEAD}\n{}\n{validator}\n{}\n", self.url, self.size)
    }
}

impl FromStr for Partial {
    type Err = MalformedPartialError;

    fn from_str(text: &str) -> Result<Self, MalformedPartialError> {
        if text.len() > MAX_TEXT {
            return Err(MalformedPartialError);
        }
        let lines: Vec<_> = text.split('\n').collect();
        let [HEAD, url, validator, size, ""] = lines[..] else { return Err(MalformedPartialError) };
        let value = HeaderValue::from_str(validator).map_err(|_| MalformedPartialError)?;
        let validator = match Validator::strong(&value) {
            Some(validator) => validator,
            None if validator.ends_with(" GMT") => Validator(value),
            None => return Err(MalformedPartialError),
        };
        let size = size.parse().map_err(|_| MalformedPartialError)?;
        Ok(Self { url: url.to_owned(), validator, size, have: 0 })
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn validators() {
        let date = (DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        let of = |pairs: &[_]| Validator::of(&headers(pairs)).is_some();
        assert!(of(&[(ETAG, "\"x\"")]));
        assert!(of(&[(LAST_MODIFIED, "Sun, 06 Nov 1994 08:48:37 GMT"), date.clone()]));
        for weak in [
            &[(ETAG, "W/\"x\"")][..],
            &[(ETAG, "x")],
            &[(ETAG, "\"")],
            &[(ETAG, "W/\"x\""), (LAST_MODIFIED, "Sun, 06 Nov 1994 08:48:37 GMT"), date.clone()],
            &[(LAST_MODIFIED, "Sun, 06 Nov 1994 08:48:37 GMT")],
            &[(LAST_MODIFIED, "Sun, 06 Nov 1994 08:48:38 GMT"), date.clone()],
            &[(LAST_MODIFIED, "Sun, 06 Nov 1994 08:50:38 GMT"), date.clone()],
            &[(LAST_MODIFIED, "yesterday"), date],
            &[],
        ] {
            assert!(!of(weak), "{weak:?}");
        }
    }

    #[test]
    fn the_rest_of_a_file_is_that_and_nothing_else() {
        let validator = Validator::of(&headers(&[(ETAG, "\"x\"")])).unwrap();
        let partial = Partial::new("u".into(), validator, 100).have(40);
        let mut asked = HeaderMap::new();
        partial.ask(&mut asked);
        assert_eq!(asked, headers(&[(RANGE, "bytes=40-"), (IF_RANGE, "\"x\"")]));
        let check = |pairs: &[_]| partial.check(&headers(pairs)).is_ok();
        assert!(check(&[(CONTENT_RANGE, "bytes 40-99/100")]));
        assert!(check(&[(CONTENT_RANGE, "bytes 40-50/100"), (ETAG, "\"x\"")]));
        assert!(!check(&[(CONTENT_RANGE, "bytes 40-99/100"), (ETAG, "\"y\"")]));
        for wrong in [
            "bytes 41-99/100",
            "bytes 0-99/100",
            "bytes 40-99/101",
            "bytes 40-100/100",
            "bytes 40-39/100",
            "bytes 40-99/*",
            "bytes */100",
            "bytes +40-99/100",
            "items 40-99/100",
            "bytes 40-99999999999999999999/100",
            "",
        ] {
            assert!(!check(&[(CONTENT_RANGE, wrong)]), "{wrong}");
        }
        assert!(!check(&[]));
    }

    #[test]
    fn texts() {
        for text in [
            "gomod partial 1\nhttps://a/x\n\"e\"\n0\n",
            "gomod partial 1\n\nSun, 06 Nov 1994 08:48:37 GMT\n18446744073709551615\n",
        ] {
            assert_eq!(text.parse::<Partial>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "gomod partial 2\nhttps://a/x\n\"e\"\n0\n",
            "gomod partial 1\nhttps://a/x\nW/\"e\"\n0\n",
            "gomod partial 1\nhttps://a/x\n\"e\u{1}\"\n0\n",
            "gomod partial 1\nhttps://a/x\n\"e\"\n-1\n",
            "gomod partial 1\nhttps://a/x\n\"e\"\n0",
            "gomod partial 1\nhttps://a/x\n\"e\"\n0\nmore\n",
        ] {
            assert_eq!(text.parse::<Partial>(), Err(MalformedPartialError), "{text:?}");
        }
    }
}
