//! `verify` against runs that are true and runs that somebody tampered with, consent end to end, and
//! what messages may never say.

mod consent;
mod containers;
mod folder;
mod honest;
mod privacy;
mod tamper;
