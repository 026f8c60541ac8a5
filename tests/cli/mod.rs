//! The command line: what is printed, what is written, which exit code.

mod audit;
mod bad_input;
mod calibrate;
mod check;
mod containers;
mod explain;
mod gate;
mod happy;
mod hygiene;
mod init;
mod interrupt;
mod known;
mod matching;
mod model;
mod policy;
mod products;
mod same_bytes;
mod score;
pub mod workdir;
