//! Seconds since 1970 as a date.

const SECS_PER_DAY: u64 = 24 * 60 * 60;
/// Days in the months of a year that is no leap year.
const MONTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// Later dates are shown as this year's.
const LAST_YEAR: u64 = 9999;

/// `2026-11-21`, in UTC.
pub(super) fn date(secs: u64) -> String {
    let (mut days, mut year) = (secs / SECS_PER_DAY, 1970);
    while days >= days_of_year(year) && year < LAST_YEAR {
        days -= days_of_year(year);
        year += 1;
    }
    let mut month = 0;
    while month < 11 && days >= days_of_month(year, month) {
        days -= days_of_month(year, month);
        month += 1;
    }
    let day = days.min(30) + 1;
    format!("{year}-{:02}-{day:02}", month + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: u64, month: usize) -> u64 {
    MONTHS[month] + u64::from(month == 1 && is_leap(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (secs, expected) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_735_689_599, "2024-12-31"),
            (1_735_689_600, "2025-01-01"),
            (4_107_542_400, "2100-03-01"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(date(secs), expected, "{secs}");
        }
    }
}
