//! Checking a finished run without the code that made it.

pub mod certificate;
