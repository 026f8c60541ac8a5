//! Scoring models: parsed or refused; what is parsed can be shown and checked.

#![no_main]

use leadmend::score::lint::{lint, lint_model};
use leadmend::score::model::parse;
use leadmend::score::show::{html, markdown, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let found = lint(data, "f.toml");
    match parse(data, "f.toml") {
        Ok(model) => {
            let _ = (markdown(&model), html(&model), text(&model));
            let _ = (lint_model(&model), model.needed_fields(), model.needed_kinds());
        }
        Err(mistakes) => assert!(!mistakes.is_empty() && !found.is_empty()),
    }
});
