//! Cleaning and folding: once is enough.

#![no_main]

use leadmend::normalize::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let cleaned = text::clean(data);
    assert_eq!(text::clean(&cleaned), cleaned, "{data:?}");
    let folded = text::fold(data);
    assert_eq!(text::fold(&folded), folded, "{data:?}");
    let _ = (text::fold_german(data), text::phonetic_text(text::phonetic(data)), text::proper_case(data));
    let _ = (text::is_formula(data), text::is_template(data), text::is_null_word(data));
});
