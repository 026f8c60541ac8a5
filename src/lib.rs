//! leadmend makes a lead database true: one profile per person, every activity on it, and a score
//! that is neither too low nor too high.
//!
//! A run is a chain of functions between named types; [`pipeline::run`] shows it on one screen.
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`source`] | files | [`source::RawTable`]: rows of raw cells, and rejects |
//! | [`schema`] | raw tables | [`record::Table`] and [`schema::UnitedSchema`]: what each column means |
//! | [`normalize`] | the table | [`normalize::record::Records`]: what each value means, as integers |
//! | [`blocking`] | features of records | [`blocking::Candidates`]: pairs worth comparing |
//! | [`compare`] | pairs | patterns: one nibble per comparison |
//! | [`matching`] | patterns | [`matching::model::MatchingModel`] and decisions |
//! | [`cluster`] | decisions | [`cluster::Clusters`]: who is one person; relations that are not identity |
//! | [`merge`] | clusters | ids, merged fields, one history, consent |
//! | [`score`] | merged facts, scoring models | [`score::Scored`]: scores, bands, ledger, drops |
//! | [`quality`] | all of the above | findings: what is wrong with the data |
//! | [`journal`] | the outcome | everything it was made of: undoing, plans |
//! | [`report`] | the [`pipeline::Outcome`] | an output folder that is complete or absent |
//! | [`state`] | persons of one audit | their ids in the next: lineage, decisions, history |
//! | [`verify`] | an output folder and its inputs | what in it is not so; shares no code with `merge` |
//!
//! ```
//! use leadmend::pipeline::{self, Job};
//! use leadmend::source::Source;
//!
//! let job = Job { inputs: vec![Source::new("fixtures/ana/leads.csv")], ..Job::default() };
//! let outcome = pipeline::run(&job, &|_| ())?;
//! assert_eq!(outcome.table.len(), 6);
//! assert_eq!(outcome.matched.clusters.len(), 5, "Ana was there twice");
//! # Ok::<(), leadmend::error::Error>(())
//! ```

#![deny(missing_docs)]

pub mod blocking;
pub mod cluster;
pub mod compare;
pub mod config;
pub mod error;
pub mod evaluate;
pub mod forget;
pub mod journal;
pub mod known;
pub mod lists;
pub mod matching;
pub mod memory;
pub mod merge;
pub mod normalize;
pub mod pipeline;
pub mod profile;
pub mod quality;
pub mod record;
pub mod report;
pub mod schema;
pub mod score;
pub mod source;
pub mod state;
pub mod verify;
pub mod writeback;
