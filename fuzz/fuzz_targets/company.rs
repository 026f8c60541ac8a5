//! Companies and their legal forms.

#![no_main]

use leadmend::normalize::company;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    sound(&company::parse(data));
    let _ = company::is_placeholder(data);
    let _ = company::legal_form_of(data);
});
