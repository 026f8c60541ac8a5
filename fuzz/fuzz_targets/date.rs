//! Dates: what was read, written in ISO 8601, is read as the same instant.

#![no_main]

use leadmend::normalize::date::{self, DateOrder, Reading};
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    use DateOrder::{Ambiguous, DayFirst, Mixed, MonthFirst, YearFirst};
    for order in [DayFirst, MonthFirst, YearFirst, Mixed, Ambiguous] {
        for serials in [false, true] {
            let reading = Reading { order, zone_minutes: -330, serials };
            let parsed = date::parse(data, reading);
            sound(&parsed);
            if let Some(read) = parsed.value {
                let again = date::parse(&read.display(), YearFirst).value.map(|d| d.micros);
                assert_eq!(again, Some(read.micros), "{data:?} {order:?}");
            }
        }
        let born = date::birth(data, order);
        sound(&born);
        if let Some(read) = born.value {
            let again = date::birth(&read.display(), YearFirst).value.map(|d| d.key());
            assert_eq!(again, Some(read.key()), "{data:?} {order:?}");
        }
    }
});
