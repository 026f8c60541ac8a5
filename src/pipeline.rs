//! The whole run on one screen.

use crate::blocking::{self, Candidates};
use crate::cluster::Clusters;
use crate::cluster::relation::{self, Relation};
use crate::cluster::resolve::{self, Constraints};
use crate::compare;
use crate::compare::feature::Features;
use crate::config::Config;
use crate::error::Result;
use crate::matching::budget;
use crate::matching::decide::{Decider, Decision};
use crate::matching::em;
use crate::matching::evidence::Evidence;
use crate::matching::frozen::{self, Frozen, Verdicts};
use crate::matching::model::MatchingModel;
use crate::merge::consent::{self, Consent, ConsentFact, ConsentPolicy};
use crate::merge::field::MergedFields;
use crate::merge::history::{self, EventIdentity, History};
use crate::merge::lead;
use crate::merge::person_id::{self, PersonIds};
use crate::merge::policy::MergeRules;
use crate::merge::suppress::Suppression;
use crate::normalize::activity::ActivityLog;
use crate::normalize::record::{Records, records, records_as};
use crate::normalize::repair::{self, Repairs};
use crate::record::Table;
use crate::report::Digest;
use crate::report::format::TableFormat;
use crate::schema::{Role, UnitedSchema};
use crate::score::facts::Facts;
use crate::score::model::ScoringModel;
use crate::score::{self, Scored, gather};
use crate::source::original::Original;
use crate::source::{Reject, Snapshot, Source};
use crate::state::audit::Audit;
use crate::state::{Memory, Past};
use std::sync::{Arc, OnceLock};

pub mod alone;
pub(crate) mod input;
mod prescribed;
pub mod survey;

pub use prescribed::Prescribed;

/// Who is who: the result of matching.
#[derive(Debug)]
pub struct Matched {
    /// Candidate pairs and what blocking did. Under [`Job::lean`] the pairs are gone.
    pub candidates: Candidates,
    /// How many pairs were compared.
    pub compared: usize,
    /// Pairs of one person that blocking likely missed.
    pub missed: f64,
    /// The fitted model.
    pub model: MatchingModel,
    /// Pairs that are not plainly distinct, in the order of the pairs.
    pub decisions: Vec<Decision>,
    /// What was known or decided beforehand.
    pub constraints: Constraints,
    /// The persons.
    pub clusters: Clusters,
    /// Persons that are connected without being one.
    pub relations: Vec<Relation>,
    /// The frozen model that decided, if one did.
    pub frozen: Option<Frozen>,
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
    /// The rules they were chosen by.
    pub rules: MergeRules,
    /// How cells are written where they are not written as they were read.
    pub repairs: Repairs,
    /// The activities, all inputs united, in canonical order.
    pub activities: ActivityLog,
    /// Which of them are one event, and whose.
    pub history: History,
    /// Every statement about contacting someone.
    pub consent_facts: Vec<ConsentFact>,
    /// Who may be contacted.
    pub consent: Consent,
    /// By which settings.
    pub consent_policy: ConsentPolicy,
    /// The scoring models, the first one is the lead's.
    pub models: Vec<ScoringModel>,
    /// What the models read.
    pub facts: Facts,
    /// The scores.
    pub scored: Scored,
    /// Rows that could not be read, with the name of their source.
    pub rejects: Vec<(String, Reject)>,
    /// Decisions that name records which are not here.
    pub unknown_decisions: usize,
    /// The clock of the run, microseconds since 1970-01-01T00:00:00Z.
    pub as_of: i64,
    /// What the run worked on.
    pub job: Job,
    /// The bytes of its inputs: the lead files, then the activity files.
    pub originals: Vec<Original>,
    /// How leads and activities are written.
    pub format: TableFormat,
    /// What several output files tell, once it was asked for.
    pub(crate) digest: OnceLock<Digest>,
    /// The audits before this run, where it is one.
    pub past: Option<Past>,
    /// What an audit found besides; the audit puts it in before it writes.
    pub audit: Option<Audit>,
}

impl Outcome {
    /// What several output files tell, worked out at the first call.
    pub(crate) fn digest(&self) -> &Digest {
        self.digest.get_or_init(|| Digest::of(self))
    }
}

/// What a run works on.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// Settings.
    pub config: Config,
    /// Lead files.
    pub inputs: Vec<Source>,
    /// Activity files.
    pub activities: Vec<Source>,
    /// Scoring models; none: the built-in one.
    pub models: Vec<ScoringModel>,
    /// What people decided about pairs: hard constraints.
    pub decisions: Vec<UserDecision>,
    /// Addresses that nobody may use.
    pub suppression: Suppression,
    /// A matching model to match by, instead of fitting one.
    pub matching: Option<MatchingModel>,
    /// A model and counts frozen earlier, to match by instead of learning.
    pub frozen: Option<Frozen>,
    /// Learn, freeze what was learned, and then decide by the frozen model: the first run of a
    /// database whose people are to stay the same.
    pub freeze: bool,
    /// Persons that are given instead of found.
    pub prescribed: Option<Prescribed>,
    /// What audits before this one knew; none: the run is no audit.
    pub memory: Option<Arc<Memory>>,
    /// Key of the journal's salts; none: derived from the inputs.
    pub key: Option<Vec<u8>>,
    /// The databases that are open while the inputs are read.
    pub snapshot: Snapshot,
    /// What was compared is not asked for: the pairs go once they are decided.
    pub lean: bool,
}

/// What a person decided about two records.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UserDecision {
    /// A record, as `review.csv` names it: id, `source:id` or `source:id#occurrence`.
    pub left: String,
    /// The other record.
    pub right: String,
    /// One person, or two.
    pub same: bool,
}

/// The stages of a run, as progress reports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading files.
    Read,
    /// Normalizing values.
    Normalize,
    /// Finding candidate pairs.
    Block,
    /// Comparing them and fitting the model.
    Match,
    /// Uniting fields, histories and consent.
    Merge,
    /// Scoring.
    Score,
}

impl Stage {
    /// What is going on, for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Read => "Reading",
            Self::Normalize => "Normalizing",
            Self::Block => "Finding pairs",
            Self::Match => "Matching",
            Self::Merge => "Merging",
            Self::Score => "Scoring",
        }
    }
}

/// The main job, from files to everything that can be said about them. Nothing is written.
///
/// # Errors
/// Inputs that cannot be read, activities that cannot be bound, and models that ask for fields that
/// are nowhere.
pub fn run(job: &Job, progress: &dyn Fn(Stage)) -> Result<Outcome> {
    progress(Stage::Read);
    let (table, schema, mut rejects, mut originals) = input::leads(job)?;
    let (mut log, more, of_activities) = input::activities(job)?;
    rejects.extend(more);
    originals.extend(of_activities);
    let models = input::models(job, &schema)?;

    progress(Stage::Normalize);
    let records = records_as(&table, &schema, job.frozen.as_ref().map(|f| &f.snapshot.reading));
    progress(Stage::Block);
    let mut constraints = input::known_merges(&table, &schema);
    let pairs = input::decided(&table, &job.decisions);
    let unknown_decisions = pairs.iter().filter(|pair| pair.is_none()).count();
    let remembered = |memory| Past::new(memory, &table, &schema, &job.decisions, pairs.clone());
    let mut past = job.memory.as_ref().map(remembered);
    match &past {
        Some(past) => input::constrain(&past.decisions, &past.pairs, &mut constraints),
        None => input::constrain(&job.decisions, &pairs, &mut constraints),
    }
    let mut matched = matched(job, &table, &records, constraints, progress)?;

    if job.lean {
        (matched.candidates.pairs, matched.candidates.passes) = (Vec::new(), Vec::new());
    }
    if let Some(persons) = &job.prescribed {
        prescribed::prescribe(&mut matched, persons, &table, &records.features)?;
    }

    progress(Stage::Merge);
    let clusters = &matched.clusters;
    input::bind_activities(&mut log, &table, &schema, &records, clusters)?;
    let window = EventIdentity { window_micros: models[0].merge.event_window };
    let history = history::unite(&log.activities, clusters, window);
    let per_record = history::activities_per_record(&log.activities, table.len());
    let rules = lead::rules(&job.config.merge, &table, &schema)?;
    let mut fields = lead::merge(&table, &schema, &records, clusters, &per_record, &rules);
    let mut said = consent::gather::gather(&table, &schema, &records, &log);
    said.suppress(&table, &records, &job.suppression);
    let policy = ConsentPolicy {
        contact_unknown: job.config.contact_unknown,
        scope: job.config.consent_scope,
    };
    let consent = said.decide(clusters, &fields, &records, &schema, &table, policy);
    consent::write::write_states(&table, &schema, clusters, &consent, &mut fields);
    let mut repairs = repair::repairs(&table, &schema, &records, &job.config.repair);
    repairs.count_leads(&table, &records, &fields, clusters.len());
    let has_id: Vec<bool> = schema.inputs.iter().map(|s| s.has(Role::RecordId)).collect();
    let mut person_ids = person_id::name_persons(&table, clusters, &records.created, &has_id);
    if let Some(persons) = &job.prescribed {
        person_ids = persons.name(&table, clusters, person_ids);
    }
    if let Some(past) = &mut past {
        person_ids = past.name(clusters, person_ids, &records.created);
    }

    progress(Stage::Score);
    let needed = gather::needed(&models);
    let consent_of_record = match gather::asks_for_consent(&needed) {
        true => said.states_of_records(&table, policy),
        false => Vec::new(),
    };
    let facts = gather::gather(
        &gather::Merged {
            table: &table,
            schema: &schema,
            records: &records,
            clusters,
            fields: &fields,
            consent: &consent,
            consent_of_record: &consent_of_record,
            log: &log,
            history: &history,
        },
        &needed,
    );
    let scored = score::leads(&models, &facts, job.config.as_of);
    let format = TableFormat::of(job.config.format, &table);
    Ok(Outcome {
        table,
        schema,
        records,
        matched,
        person_ids,
        fields,
        rules,
        repairs,
        activities: log,
        history,
        consent_facts: said.facts,
        consent,
        consent_policy: policy,
        models,
        facts,
        scored,
        rejects,
        unknown_decisions,
        as_of: job.config.as_of,
        job: match &past {
            Some(past) => Job { decisions: past.decisions.clone(), ..job.clone() },
            None => job.clone(),
        },
        originals,
        format,
        digest: OnceLock::new(),
        past,
        audit: None,
    })
}

/// Reads and normalizes a job's leads: the part of a run that explaining a pair needs again.
///
/// # Errors
/// Inputs that cannot be read.
pub fn read(job: &Job) -> Result<(Table, UnitedSchema, Records)> {
    let (table, schema, ..) = input::leads(job)?;
    let records = records_as(&table, &schema, job.frozen.as_ref().map(|f| &f.snapshot.reading));
    Ok((table, schema, records))
}

/// Leads that were read and repaired, and nothing more.
#[derive(Debug)]
pub struct NormalizedLeads {
    /// The lead records, all inputs united, in canonical order.
    pub table: Table,
    /// What their columns mean.
    pub schema: UnitedSchema,
    /// The records normalized.
    pub records: Records,
    /// How cells are written where they are not written as they were read.
    pub repairs: Repairs,
    /// Rows that could not be read, with the name of their source.
    pub rejects: Vec<(String, Reject)>,
    /// The clock of the run, microseconds since 1970-01-01T00:00:00Z.
    pub as_of: i64,
}

/// Reads, normalizes and repairs a job's leads; merges nothing.
///
/// # Errors
/// Inputs that cannot be read.
pub fn normalize(job: &Job, progress: &dyn Fn(Stage)) -> Result<NormalizedLeads> {
    progress(Stage::Read);
    let (table, schema, rejects, _) = input::leads(job)?;
    progress(Stage::Normalize);
    let records = records(&table, &schema);
    let mut repairs = repair::repairs(&table, &schema, &records, &job.config.repair);
    repairs.count_records(&table);
    Ok(NormalizedLeads { table, schema, records, repairs, rejects, as_of: job.config.as_of })
}

/// Matching as the job asks for it: learning, by a frozen model, or both in turn.
fn matched(
    job: &Job,
    table: &Table,
    records: &Records,
    constraints: Constraints,
    progress: &dyn Fn(Stage),
) -> Result<Matched> {
    if let Some(frozen) = &job.frozen {
        input::check_frozen(frozen, records.features.entity)?;
        progress(Stage::Match);
        return Ok(match_frozen(frozen.clone(), table, records, constraints));
    }
    let candidates = blocking::candidates(&records.features);
    progress(Stage::Match);
    let saved = input::saved_model(job, &records.features)?;
    let learned = match_pairs(&records.features, candidates, constraints, saved, &job.config);
    if !job.freeze {
        return Ok(learned);
    }
    let frozen = Frozen::of(records, &learned.model);
    Ok(match_frozen(frozen, table, records, learned.constraints))
}

/// Matching by a frozen model.
fn match_frozen(
    frozen: Frozen,
    table: &Table,
    records: &Records,
    constraints: Constraints,
) -> Matched {
    let Verdicts { candidates, decisions, clusters } =
        frozen.decide(records, &frozen::stable_order(table), &constraints);
    let relations = relation::find(&records.features, &clusters);
    Matched {
        compared: candidates.pairs.len(),
        missed: budget::estimate_missed(&candidates, &decisions),
        candidates,
        model: frozen.model.clone(),
        decisions,
        constraints,
        clusters,
        relations,
        frozen: Some(frozen),
    }
}

/// Matching alone: from candidate pairs to persons.
pub fn match_pairs(
    features: &Features,
    candidates: Candidates,
    constraints: Constraints,
    saved: Option<MatchingModel>,
    config: &Config,
) -> Matched {
    let patterns = compare::patterns(features, &candidates.pairs);
    let mut model = saved.unwrap_or_else(|| {
        let evidence = Evidence::gather(features, &candidates, &patterns);
        em::fit(features, &compare::specs(features), &evidence)
    });
    model.merge_at = config.merge_at;
    model.review_at = config.review_at;
    let mut decisions = Decider::new(features, &model).decide_all(&candidates.pairs, &patterns);
    if let Some(budget) = config.max_wrong_merges {
        budget::hold(budget, &mut model, &mut decisions);
    }
    let decider = Decider::new(features, &model);
    let clusters = resolve::resolve(&decider, &decisions, &constraints);
    let relations = relation::find(features, &clusters);
    Matched {
        compared: candidates.pairs.len(),
        missed: budget::estimate_missed(&candidates, &decisions),
        candidates,
        model,
        decisions,
        constraints,
        clusters,
        relations,
        frozen: None,
    }
}
