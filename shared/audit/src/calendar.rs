//! Dates in UTC, in the Gregorian calendar, from 1970 on.

use std::fmt;

const SECS_PER_DAY: u64 = 24 * 60 * 60;
/// From 1 March of the year 0 to 1 January 1970. Years that begin in March have their leap day at the end.
const DAYS_BEFORE_1970: u64 = 719_468;
const DAYS_PER_ERA: u64 = 146_097;
const YEARS_PER_ERA: u64 = 400;

/// A month of a year, as in `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u64,
    /// From 1 to 12.
    month: u64,
}

impl Month {
    /// The month of a time in seconds since 1970.
    pub fn of_secs(secs: u64) -> Self {
        let (year, month, _) = date(secs / SECS_PER_DAY);
        Self { year, month }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.month == 1 {
            Self { year: self.year.saturating_sub(1), month: 12 }
        } else {
            Self { month: self.month - 1, ..self }
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A time in seconds since 1970 as in `2026-11-05T06:07:08.000Z`, which is how Harbor writes it.
pub fn rfc3339(secs: u64) -> String {
    rfc3339_ms(secs.saturating_mul(1000))
}

/// The same for a time in milliseconds.
pub fn rfc3339_ms(ms: u64) -> String {
    let secs = ms / 1000;
    let (year, month, day) = date(secs / SECS_PER_DAY);
    let second_of_day = secs % SECS_PER_DAY;
    let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
}

/// A time in UTC, as in `2026-11-05T06:07:08`, with a space for the `T`, and with fractions and a `Z` that are passed over; in
/// seconds since 1970.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let text = text.split_once('.').map_or(text, |(whole, _)| whole);
    let (date, time) = text.split_once(['T', ' '])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let is_time = hour < 24 && minute < 60 && second < 60;
    let days = days(year, month, day)?;
    is_time.then(|| days * SECS_PER_DAY + hour * 3600 + minute * 60 + second)
}

/// Three numbers of so many digits.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.split(separator);
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        *number = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(numbers)
}

/// Year, month and day of the day that is so many days after 1 January 1970.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + DAYS_BEFORE_1970;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - days_before(year_of_era);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - days_before_month(march_month) + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * YEARS_PER_ERA + year_of_era + u64::from(month <= 2), month, day)
}

/// How many days after 1 January 1970; `None` for a day that is none, or before.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let march_year = if month <= 2 { year.checked_sub(1)? } else { year };
    let march_month = (month + 9) % 12;
    let (era, year_of_era) = (march_year / YEARS_PER_ERA, march_year % YEARS_PER_ERA);
    let day_of_era = days_before(year_of_era) + days_before_month(march_month) + day.checked_sub(1)?;
    let days = (era * DAYS_PER_ERA + day_of_era).checked_sub(DAYS_BEFORE_1970)?;
    (date(days) == (year, month, day)).then_some(days)
}

fn days_before(year_of_era: u64) -> u64 {
    365 * year_of_era + year_of_era / 4 - year_of_era / 100
}

/// Of the months since March.
fn days_before_month(march_month: u64) -> u64 {
    (153 * march_month + 2) / 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_others_write_them() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (1_709_251_200, "2024-03-01T00:00:00.000Z"),
            (1_767_225_599, "2025-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(secs), text);
            assert_eq!(parse(text), Some(secs), "{text}");
        }
        assert_eq!(rfc3339_ms(1234), "1970-01-01T00:00:01.234Z");
        assert_eq!(parse("2024-02-29 01:02:03"), Some(1_709_168_523));
    }

    #[test]
    fn every_day_has_its_own_date() {
        // Two centuries, among them one that begins without a leap day.
        for day in 0..73_100 {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), Some(day));
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "2024-02-29",
            "2023-02-29T00:00:00",
            "2024-13-01T00:00:00",
            "2024-00-01T00:00:00",
            "2024-01-00T00:00:00",
            "2024-01-01T24:00:00",
            "2024-01-01T00:60:00",
            "1969-12-31T23:59:59",
            "0000-01-01T00:00:00",
            "+024-01-01T00:00:00",
            "2024-01-01T00:00:00+02:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_go_back_over_the_year() {
        let month = Month::of_secs(1_709_164_800);
        assert_eq!(month.to_string(), "2024-02");
        assert_eq!(month.previous().previous().to_string(), "2023-12");
        assert!(month.previous() < month);
    }
}
