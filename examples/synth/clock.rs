//! Time: seconds since 2021-01-01, when records were made and changed, ISO 8601.

use crate::random::{Rng, Stream};

/// The last second of 2025.
pub const END: u32 = 1826 * DAY - 1;
const DAY: u32 = 86_400;
/// Records that would be younger are stamped with the export's midnight.
const EXPORT: u32 = 1825 * DAY;

/// When the `record`-th record of a person was created, and updated.
pub fn record_times(seed: u64, person: u64, record: u64) -> (u32, u32) {
    let mut base = Rng::keyed(seed, Stream::Clock, person * 8 + 7);
    let mut created = base.unit() * 1625.0 * f64::from(DAY);
    let mut rng = Rng::keyed(seed, Stream::Clock, person * 8 + record);
    if record > 0 {
        created += rng.exponential(185.0 * f64::from(DAY));
    }
    let created = (created as u32).min(EXPORT);
    if rng.chance(0.3) {
        return (created, created);
    }
    let left = f64::from(END - created);
    (created, created + (left * rng.unit().powf(2.05)) as u32)
}

/// Appends `YYYY-MM-DDThh:mm:ssZ`.
pub fn write_time(line: &mut Vec<u8>, seconds: u32) {
    let days = seconds / DAY;
    let (mut year, mut day) = (2021, days);
    loop {
        let length = if year % 4 == 0 { 366 } else { 365 };
        if day < length {
            break;
        }
        day -= length;
        year += 1;
    }
    let february = if year % 4 == 0 { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let time = seconds % DAY;
    let parts = [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day + 1, 2, b'T'),
        (time / 3600, 2, b':'),
        (time / 60 % 60, 2, b':'),
        (time % 60, 2, b'Z'),
    ];
    for (value, width, after) in parts {
        for place in (0..width).rev() {
            line.push(b'0' + (value / 10u32.pow(place) % 10) as u8);
        }
        line.push(after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_leap_and_common_years_are_named() {
        for (seconds, expected) in [
            (0, "2021-01-01T00:00:00Z"),
            (END, "2025-12-31T23:59:59Z"),
            ((365 * 3 + 59) * DAY, "2024-02-29T00:00:00Z"),
        ] {
            let mut line = Vec::new();
            write_time(&mut line, seconds);
            assert_eq!(String::from_utf8_lossy(&line), expected);
        }
    }
}
