use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use thiserror::Error;

use crate::text::quote::quote;

const DAY: i64 = 24 * 60 * 60;
/// Days from 0000-03-01, where the leap day is the last day of the year, to 1970-01-01.
const EPOCH: i64 = 719_468;
/// Days in 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;

/// A time of RFC 3339 in the years 0 to 9999 with its offset from UTC, as Go reads and writes it in JSON.
///
/// Times order by instant, then by offset. The default is Go's zero time, `0001-01-01T00:00:00Z`.
///
/// ```
/// use gomod_module::Timestamp;
///
/// let time: Timestamp = "2024-01-23T20:54:04.50+02:00".parse()?;
/// assert_eq!(time.to_string(), "2024-01-23T20:54:04.5+02:00");
/// assert_eq!(time.unix_seconds(), 1_706_036_044);
/// assert_eq!(Timestamp::default().to_string(), "0001-01-01T00:00:00Z");
/// # Ok::<(), gomod_module::InvalidTimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
    offset_minutes: i16,
}

/// A text that is no time of RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} is not a time of RFC 3339", quote(text.as_bytes()))]
#[non_exhaustive]
pub struct InvalidTimestampError {
    /// The text as given.
    pub text: String,
}

impl Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z, negative before it.
    pub const fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`unix_seconds`](Self::unix_seconds), less than 1,000,000,000.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// The same instant for the standard library, or `None` where the system's clock cannot hold it.
    pub fn to_system_time(self) -> Option<SystemTime> {
        let seconds = Duration::from_secs(self.seconds.unsigned_abs());
        let whole =
            if self.seconds < 0 { UNIX_EPOCH.checked_sub(seconds) } else { UNIX_EPOCH.checked_add(seconds) };
        whole?.checked_add(Duration::from_nanos(u64::from(self.nanos)))
    }

    /// The instant in UTC, or `None` outside the years 0 to 9999.
    pub fn from_system_time(time: SystemTime) -> Option<Self> {
        let (seconds, nanos) = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => (i64::try_from(after.as_secs()).ok()?, after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                let seconds = -i64::try_from(before.as_secs()).ok()?;
                match before.subsec_nanos() {
                    0 => (seconds, 0),
                    nanos => (seconds - 1, 1_000_000_000 - nanos),
                }
            }
        };
        let time = Self { seconds, nanos, offset_minutes: 0 };
        (0..=9999).contains(&Calendar::of(seconds).year).then_some(time)
    }

    /// `yyyymmddhhmmss` in UTC, as pseudo-versions hold it.
    pub(crate) fn compact(self) -> String {
        let Calendar { year, month, day, hour, minute, second } = Calendar::of(self.seconds);
        // An offset can carry the years 0 and 9999 over their ends.
        let sign = if year < 0 { "-" } else { "" };
        let year = year.abs();
        format!("{sign}{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
    }

    /// Reads `yyyymmddhhmmss` in UTC.
    pub(crate) fn from_compact(text: &str) -> Option<Self> {
        let mut digits = Digits(text.as_bytes());
        let [year, month, day, hour, minute, second] = [
            digits.number(4)?,
            digits.number(2)?,
            digits.number(2)?,
            digits.number(2)?,
            digits.number(2)?,
            digits.number(2)?,
        ];
        let calendar = Calendar { year, month, day, hour, minute, second };
        let seconds = calendar.seconds().filter(|_| digits.0.is_empty())?;
        Some(Self { seconds, nanos: 0, offset_minutes: 0 })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut digits = Digits(text.as_bytes());
        let year = digits.number(4)?;
        let month = digits.after(b'-')?.number(2)?;
        let day = digits.after(b'-')?.number(2)?;
        let hour = digits.after(b'T')?.number(2)?;
        let minute = digits.after(b':')?.number(2)?;
        let second = digits.after(b':')?.number(2)?;
        let local = Calendar { year, month, day, hour, minute, second }.seconds()?;
        let nanos = digits.fraction()?;
        let offset_minutes = digits.offset()?;
        let seconds = local - i64::from(offset_minutes) * 60;
        Some(Self { seconds, nanos, offset_minutes })
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        let year = 1;
        let seconds = Calendar { year, month: 1, day: 1, hour: 0, minute: 0, second: 0 }.seconds();
        Self { seconds: seconds.unwrap_or_default(), nanos: 0, offset_minutes: 0 }
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestampError;

    fn from_str(text: &str) -> Result<Self, InvalidTimestampError> {
        Self::parse(text).ok_or_else(|| InvalidTimestampError { text: text.into() })
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestampError;

    fn try_from(text: String) -> Result<Self, InvalidTimestampError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

impl Display for Timestamp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let local = self.seconds + i64::from(self.offset_minutes) * 60;
        let Calendar { year, month, day, hour, minute, second } = Calendar::of(local);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nanos != 0 {
            let (mut fraction, mut width) = (self.nanos, 9);
            while fraction % 10 == 0 {
                fraction /= 10;
                width -= 1;
            }
            write!(f, ".{fraction:0width$}")?;
        }
        match self.offset_minutes {
            0 => f.write_str("Z"),
            minutes => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

/// What is left to read of a text.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    /// A number of exactly `width` digits.
    fn number(&mut self, width: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    }

    fn after(&mut self, separator: u8) -> Option<&mut Self> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        (*first == separator).then_some(self)
    }

    /// Nanoseconds; further digits are dropped.
    fn fraction(&mut self) -> Option<u32> {
        let Some(rest) = self.0.strip_prefix(b".") else { return Some(0) };
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = rest.split_at(count);
        self.0 = rest;
        let nanos = digits.iter().map(|digit| u32::from(digit - b'0'));
        let zeros = std::iter::repeat(0);
        let nanos = nanos.chain(zeros).take(9).fold(0, |nanos, digit| nanos * 10 + digit);
        (count > 0).then_some(nanos)
    }

    /// `Z` or `+hh:mm`, at the end.
    fn offset(&mut self) -> Option<i16> {
        let sign = match self.0 {
            b"Z" => return Some(0),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return None,
        };
        self.0 = self.0.get(1..)?;
        let hours = self.number(2).filter(|hours| *hours < 24)?;
        let minutes = self.after(b':')?.number(2).filter(|minutes| *minutes < 60)?;
        i16::try_from(sign * (hours * 60 + minutes)).ok().filter(|_| self.0.is_empty())
    }
}

/// A date and time of the Gregorian calendar, extended to all years.
struct Calendar {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Calendar {
    /// Seconds since 1970, or `None` if there is no such day or time of day.
    fn seconds(&self) -> Option<i64> {
        let Self { year, month, day, hour, minute, second } = *self;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last_day = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let valid = (1..=12).contains(&month)
            && (1..=last_day).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second);
        // Years that begin in March.
        let year = if month > 2 { year } else { year - 1 };
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let year_of_era = year.rem_euclid(400);
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = year.div_euclid(400) * ERA + day_of_era - EPOCH;
        valid.then_some(days * DAY + hour * 3600 + minute * 60 + second)
    }

    /// The inverse of [`seconds`](Self::seconds).
    fn of(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY) + EPOCH;
        let time = seconds.rem_euclid(DAY);
        let day_of_era = days.rem_euclid(ERA);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = days.div_euclid(ERA) * 400 + year_of_era + i64::from(month <= 2);
        Self { year, month, day, hour: time / 3600, minute: time / 60 % 60, second: time % 60 }
    }
}
