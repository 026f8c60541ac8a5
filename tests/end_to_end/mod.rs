//! Whole runs on the fixtures that the product's story is told with.

mod ana;
mod kill;
mod kill_audit;
mod undo;
