//! Streets, cities, postcodes, whole addresses.

#![no_main]

use leadmend::normalize::address;
use leadmend::normalize::country::Country;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    sound(&address::city(data));
    for country in [None, Some(Country::US), Country::from_code("GB"), Country::from_code("MX")] {
        sound(&address::street(data, country));
        sound(&address::formatted(data, country));
        let postcode = address::postcode(data, country);
        sound(&postcode);
        if let Some(read) = postcode.value {
            let again = address::postcode(&read.display(), country).value.map(|p| p.key());
            assert_eq!(again, Some(read.key()), "{data:?}");
        }
    }
});
