//! The whole run on one screen.

use crate::blocking::{self, Candidates};
use crate::cluster::Clusters;
use crate::cluster::relation::{self, Relation};
use crate::cluster::resolve::{self, Constraints};
use crate::compare;
use crate::matching::decide::{Decider, Decision};
use crate::matching::em::{self, Evidence};
use crate::matching::model::MatchingModel;
use crate::normalize::record::{Records, records};
use crate::record::Table;
use crate::schema::UnitedSchema;

/// Who is who: the result of matching.
#[derive(Debug)]
pub struct Matched {
    /// Candidate pairs and what blocking did.
    pub candidates: Candidates,
    /// The fitted model.
    pub model: MatchingModel,
    /// Pairs that are not plainly distinct.
    pub decisions: Vec<Decision>,
    /// The persons.
    pub clusters: Clusters,
    /// Persons that are connected without being one.
    pub relations: Vec<Relation>,
}

/// Normalizes and matches.
pub fn match_records(table: &Table, schema: &UnitedSchema) -> (Records, Matched) {
    let timing = std::env::var("LM_T").is_ok();
    let mut t = std::time::Instant::now();
    let mut lap = |name: &str| {
        if timing {
            eprintln!("{name:12} {:.3}", t.elapsed().as_secs_f64());
            t = std::time::Instant::now();
        }
    };
    let records = records(table, schema);
    lap("normalize");
    let features = &records.features;
    let candidates = blocking::candidates(features);
    lap("blocking");
    let patterns = compare::patterns(features, &candidates.pairs);
    lap("compare");
    let evidence = Evidence::gather(features, &candidates, &patterns);
    lap("evidence");
    let model = em::fit(features, &compare::specs(features), &evidence);
    lap("em");
    let decider = Decider::new(features, &model);
    let decisions = decider.decide_all(&candidates.pairs, &patterns);
    lap("decide");
    let clusters = resolve::resolve(&decider, &decisions, &Constraints::default());
    lap("cluster");
    let relations = relation::find(features, &clusters);
    lap("relations");
    (records, Matched { candidates, model, decisions, clusters, relations })
}
