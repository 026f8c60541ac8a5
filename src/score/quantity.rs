//! Exact numbers of models: points in thousandths, shares in millionths, spans and instants.
//!
//! Everything a model file or a ledger says in digits passes here. Why no floats: 90 x 0.7 is
//! 62.99999999999999 in binary, and a lead would fall through the edge of a band.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Thousandths in one point.
pub const POINT: i64 = 1000;
/// Millionths in a whole, the unit of shares (`scale = -0.30`).
pub const WHOLE: i64 = 1_000_000;
/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub const DAY: i64 = 86_400 * SECOND;

/// Parses a decimal number exactly into units of 10^-`decimals`; the error says what is wrong.
pub fn parse_decimal(text: &str, decimals: u32) -> Result<i64, &'static str> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() {
        return Err("not a number");
    }
    let mut value: i64 = 0;
    let mut places = 0;
    for (part, is_fraction) in [(whole, false), (fraction, true)] {
        for byte in part.bytes() {
            match byte {
                b'_' => continue,
                b'0'..=b'9' => {}
                b'e' | b'E' => return Err("a number with an exponent; write it out"),
                _ => return Err("not a number"),
            }
            if is_fraction && places == decimals {
                if byte == b'0' {
                    continue;
                }
                return Err("a number with too many decimals");
            }
            value = value
                .checked_mul(10)
                .and_then(|v| v.checked_add(i64::from(byte - b'0')))
                .ok_or("a number too large")?;
            places += u32::from(is_fraction);
        }
    }
    let value = value.checked_mul(10_i64.pow(decimals - places)).ok_or("a number too large")?;
    Ok(if negative { -value } else { value })
}

/// Thousandths as people write points: `42.5`, `-27`, `100`.
pub fn format_points(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let value = thousandths.unsigned_abs();
    let (whole, rest) = (value / 1000, value % 1000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{rest:03}").trim_end_matches('0').to_string()
}

/// `value * numerator / denominator`, rounded half away from zero, saturating.
pub fn multiply_ratio(value: i64, numerator: i128, denominator: i128) -> i64 {
    if denominator <= 0 {
        return 0;
    }
    let Some(product) = i128::from(value).checked_mul(numerator) else {
        return if (value < 0) == (numerator < 0) { i64::MAX } else { i64::MIN };
    };
    saturate(divide_rounded(product, denominator))
}

/// Division rounded half away from zero.
pub fn divide_rounded(value: i128, denominator: i128) -> i128 {
    let half = denominator / 2;
    if value < 0 { -((half - value) / denominator) } else { (value + half) / denominator }
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// Parses a span of time: a whole number and `s`, `min`, `h`, `d`, `w`, `mo` (30 days) or `y`
/// (365 days), as microseconds. Months are 30 days so that a span means the same on every date.
pub fn parse_span(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count: i64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "s" => SECOND,
        "min" => 60 * SECOND,
        "h" => 3600 * SECOND,
        "d" => DAY,
        "w" => 7 * DAY,
        "mo" => 30 * DAY,
        "y" => 365 * DAY,
        _ => return None,
    };
    count.checked_mul(unit)
}

/// Microseconds as the largest unit that divides them: `90d`, `2s`.
pub fn format_span(micros: i64) -> String {
    for (unit, name) in [(DAY, "d"), (3600 * SECOND, "h"), (60 * SECOND, "min")] {
        if micros >= unit && micros % unit == 0 {
            return format!("{}{name}", micros / unit);
        }
    }
    format!("{}s", micros / SECOND)
}

/// Parses an instant (`2026-06-30T00:00:00Z`) or a date or local time, read in `zone`.
pub fn parse_instant(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_microsecond());
    }
    // A date alone must not be read as midnight of a longer, broken text: both parsers are strict.
    let local = text
        .parse::<Date>()
        .map(|date| date.to_datetime(jiff::civil::Time::midnight()))
        .or_else(|_| text.parse::<DateTime>())
        .ok()?;
    Some(zone.to_timestamp(local).ok()?.as_microsecond())
}

/// The UTC date of an instant, `2026-05-14`; empty when the instant is out of the calendar.
pub fn format_date(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros)
        .map(|instant| TimeZone::UTC.to_datetime(instant).date().to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, decimals, expected) in [
            ("-0.30", 6, Ok(-300_000)),
            ("90", 3, Ok(90_000)),
            ("0.1", 3, Ok(100)),
            ("1_000.5", 3, Ok(1_000_500)),
            ("1.2340", 3, Ok(1234)),
            ("1.2345", 3, Err("a number with too many decimals")),
            ("1e3", 3, Err("a number with an exponent; write it out")),
            ("nan", 3, Err("not a number")),
            ("9223372036854775807", 3, Err("a number too large")),
        ] {
            assert_eq!(parse_decimal(text, decimals), expected, "{text}");
        }
    }

    #[test]
    fn points_are_written_without_needless_digits() {
        for (value, text) in [(42_500, "42.5"), (-27_000, "-27"), (0, "0"), (-50, "-0.05")] {
            assert_eq!(format_points(value), text);
        }
    }

    #[test]
    fn ratios_round_half_away_from_zero() {
        assert_eq!(multiply_ratio(90_000, -300_000, i128::from(WHOLE)), -27_000);
        assert_eq!(multiply_ratio(5, 1, 2), 3);
        assert_eq!(multiply_ratio(-5, 1, 2), -3);
        assert_eq!(multiply_ratio(i64::MAX, i128::MAX, 1), i64::MAX);
    }

    #[test]
    fn spans_and_instants() {
        for (text, span) in [
            ("90d", Some(90 * DAY)),
            ("1mo", Some(30 * DAY)),
            ("2s", Some(2 * SECOND)),
            ("5", None),
            ("d", None),
        ] {
            assert_eq!(parse_span(text), span, "{text}");
        }
        assert_eq!(format_span(90 * DAY), "90d");
        assert_eq!(parse_instant("1970-01-02", &TimeZone::UTC), Some(DAY));
        assert_eq!(parse_instant("1970-01-02T00:00:00Z", &TimeZone::UTC), Some(DAY));
        assert_eq!(parse_instant("yesterday", &TimeZone::UTC), None);
    }
}
