//! Addresses: street lines, postcodes, cities and whole addresses in one cell.
//!
//! Streets are compared, not geocoded: two spellings of one door (`1875 MAIN ST, SUITE 106`,
//! `1875 Main Street Ste 106`) must give one key, whatever the words mean. Conventions of the United
//! States, the United Kingdom, Germany, France, Spain, Mexico and Brazil are understood without being
//! told the country; the country settles the few words they share.

mod city;
mod formatted;
mod name;
mod postcode;
mod street;
#[cfg(test)]
mod tests;
mod words;

pub use city::{City, city};
pub use formatted::{Address, formatted};
pub use postcode::{Postcode, postcode};
pub use street::{Street, street};
