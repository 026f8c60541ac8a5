//! Phone numbers of several countries: E.164 is read as the same number.

#![no_main]

use leadmend::normalize::country::Country;
use leadmend::normalize::phone::{self, Phone};
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    for region in [None, Some(Country::US), Country::from_code("DE"), Country::from_code("MX")] {
        let parsed = phone::parse(data, region);
        sound(&parsed);
        if let Some(number) = parsed.value {
            let _ = (number.display(), number.tail_key());
            assert_eq!(Phone::e164_of_key(number.key()), number.e164(), "{data:?}");
        }
    }
    for piece in phone::split(data) {
        sound(&phone::parse(piece, None));
    }
});
