//! States and provinces, with and without a country.

#![no_main]

use leadmend::normalize::country::Country;
use leadmend::normalize::region;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    for country in [None, Some(Country::US), Country::from_code("MX"), Country::from_code("AU")] {
        let parsed = region::parse(data, country);
        sound(&parsed);
        if let Some(read) = parsed.value {
            assert_eq!(region::Region::from_id(read.id()), Some(read));
        }
        let _ = country.and_then(|country| region::of_city(data, country));
    }
});
