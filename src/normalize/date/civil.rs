//! Days of the Gregorian calendar to and from a day number, without a library call.

/// Microseconds of a day.
pub(super) const DAY_MICROS: i64 = 86_400_000_000;

/// Days since 1970-01-01 of an existing day.
pub(super) fn checked_days(year: i32, month: u8, day: u8) -> Option<i64> {
    let exists = (1..=12).contains(&month) && day >= 1 && day <= month_length(year, month);
    exists.then(|| to_days(year, month, day))
}

fn month_length(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Counting years from March puts the leap day at their end, which makes months a linear formula.
fn to_days(year: i32, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month, day of a day number.
pub(super) fn from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_run_without_gaps_both_ways() {
        for days in -200_000..200_000 {
            let (year, month, day) = from_days(days);
            let back = checked_days(year as i32, month as u8, day as u8);
            assert_eq!(back, Some(days), "{year}-{month}-{day}");
        }
        assert_eq!(from_days(0), (1970, 1, 1));
        assert_eq!(checked_days(2026, 2, 30), None);
        assert!(checked_days(2024, 2, 29).is_some() && checked_days(1900, 2, 29).is_none());
    }
}
