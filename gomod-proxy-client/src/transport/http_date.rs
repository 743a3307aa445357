//! Dates as servers write them, and what they say about waiting.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The seconds since 1970 of a date in a header, for example `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
pub(crate) fn header_seconds(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    seconds(headers.get(name)?.to_str().ok()?)
}

/// How long the server asks to be left alone, by its own clock (RFC 9110, section 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let until = seconds(text)?;
    let now = header_seconds(headers, &DATE)
        .or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|now| now.as_secs()))?;
    Some(Duration::from_secs(until.saturating_sub(now)))
}

fn seconds(text: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn waits() {
        let ask = |value: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_str(date).unwrap());
            }
            retry_after(&headers)
        };
        assert_eq!(ask("120", None), Some(Duration::from_secs(120)));
        assert_eq!(ask("0", None), Some(Duration::ZERO));
        assert_eq!(ask("99999999999999999999999", None), Some(Duration::MAX));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(ask("Sun, 06 Nov 1994 08:50:00 GMT", Some(date)), Some(Duration::from_secs(23)));
        assert_eq!(ask("Sun, 06 Nov 1994 08:00:00 GMT", Some(date)), Some(Duration::ZERO));
        for obsolete in ["Sunday, 06-Nov-94 08:50:00 GMT", "Sun Nov  6 08:50:00 1994"] {
            assert_eq!(ask(obsolete, Some(date)), Some(Duration::from_secs(23)), "{obsolete}");
        }
        assert_eq!(ask(date, None), Some(Duration::ZERO));
        for odd in ["", "-1", "1.5", "soon", "Wed, 29 Feb 2023 12:00:00 GMT", "Sun, 06 Nov 1994 08:50:00 UTC"]
        {
            assert_eq!(ask(odd, None), None, "{odd}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
