//! Integration tests: the program as a user runs it. One binary, so that it links once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cli;
mod end_to_end;
mod shapes;
mod verify;
