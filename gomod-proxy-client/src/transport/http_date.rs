//! Dates as servers write them, and what they say about waiting.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The seconds since 1970 of a date in a header, for example `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
/// The two obsolete forms are not read.
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
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (_, text) = text.trim().split_once(", ")?;
    let text = text.strip_suffix(" GMT")?;
    let mut fields = text.splitn(4, ' ');
    let day: u64 = number(fields.next()?, 2)?;
    let month = fields.next().and_then(|name| MONTHS.iter().position(|month| *month == name))?;
    let year = number(fields.next()?, 4)?;
    let mut time = fields.next()?.splitn(3, ':').map(|field| number(field, 2));
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = |index: usize, days: u64| if index == 1 && leap(year) { days + 1 } else { days };
    let longest = DAYS.get(month).map(|days| length(month, *days))?;
    if year < 1970 || day < 1 || day > longest || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let years: u64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: u64 = DAYS.iter().enumerate().take(month).map(|(index, days)| length(index, *days)).sum();
    Some((((years + months + day - 1) * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(text: &str, digits: usize) -> Option<u64> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn dates() {
        for (text, wanted) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 29 Feb 2024 12:00:00 GMT", Some(1_709_208_000)),
            ("Fri, 31 Dec 2100 23:59:59 GMT", Some(4_133_980_799)),
            ("Wed, 29 Feb 2023 12:00:00 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 UTC", None),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun, 6 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1969 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 24:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), wanted, "{text:?}");
        }
    }

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
        assert_eq!(ask(date, None), Some(Duration::ZERO));
        for odd in ["", "-1", "1.5", "soon"] {
            assert_eq!(ask(odd, None), None, "{odd}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
