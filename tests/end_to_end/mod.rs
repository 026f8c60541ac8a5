//! Whole runs on the fixtures that the product's story is told with.

mod ana;
mod apply;
mod crm;
mod kill;
mod kill_audit;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod server;
mod undo;
