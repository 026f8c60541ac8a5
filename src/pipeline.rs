//! The whole run on one screen.

use crate::blocking::{self, Candidates};
use crate::cluster::Clusters;
use crate::cluster::relation::{self, Relation};
use crate::cluster::resolve::{self, Constraints};
use crate::compare;
use crate::matching::decide::{Decider, Decision};
use crate::matching::em::{self, Evidence};
use crate::matching::model::MatchingModel;
use crate::merge::consent::{Consent, ConsentFact};
use crate::merge::field::MergedFields;
use crate::merge::history::History;
use crate::merge::person_id::PersonIds;
use crate::normalize::activity::ActivityLog;
use crate::normalize::record::{Records, records};
use crate::record::Table;
use crate::schema::UnitedSchema;
use crate::score::Scored;
use crate::score::facts::Facts;
use crate::score::model::ScoringModel;
use crate::source::Reject;

/// Who is who: the result of matching.
#[derive(Debug)]
pub struct Matched {
    /// Candidate pairs and what blocking did.
    pub candidates: Candidates,
    /// The fitted model.
    pub model: MatchingModel,
    /// Pairs that are not plainly distinct, in the order of the pairs.
    pub decisions: Vec<Decision>,
    /// The persons.
    pub clusters: Clusters,
    /// Persons that are connected without being one.
    pub relations: Vec<Relation>,
}

/// Everything a run found out; what the output files are written from.
#[derive(Debug)]
pub struct Outcome {
    /// The lead records, all inputs united, in canonical order.
    pub table: Table,
    /// What their columns mean.
    pub schema: UnitedSchema,
    /// The records normalized.
    pub records: Records,
    /// Who is who.
    pub matched: Matched,
    /// The persons' ids.
    pub person_ids: PersonIds,
    /// The merged leads, as choices of cells.
    pub fields: MergedFields,
    /// The activities, all inputs united, in canonical order.
    pub activities: ActivityLog,
    /// Which of them are one event, and whose.
    pub history: History,
    /// Every statement about contacting someone.
    pub consent_facts: Vec<ConsentFact>,
    /// The addresses consent facts speak of, by number; 0 is none.
    pub addresses: Vec<String>,
    /// Who may be contacted.
    pub consent: Consent,
    /// The scoring models, the first one is the lead's.
    pub models: Vec<ScoringModel>,
    /// What the models read.
    pub facts: Facts,
    /// The scores.
    pub scored: Scored,
    /// Rows that could not be read, with the name of their source.
    pub rejects: Vec<(String, Reject)>,
    /// The clock of the run, microseconds since 1970-01-01T00:00:00Z.
    pub as_of: i64,
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
