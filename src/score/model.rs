//! The scoring model: what the TOML file says, as types.
//!
//! Built by [`parse`], read by the engine, the linter and the printers. It holds no facts and no
//! floats: the same model and the same facts always give the same thousandths.

pub use super::band::{Band, Channel, Matrix, Temperature};
pub use super::component::{Component, ComponentKind, Group, Persona, Rounding, Trait};
pub use super::condition::{ComponentTest, Condition, FieldTest, Literal, Test};
pub use super::decay::Decay;
pub use super::parse::{ModelMistake, nearest, parse};
pub use super::rule::{Effect, EventMatch, Over, Rule, ScaleOf, Times};

/// Line and column (from 1) in the model file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// How the score of a merged lead comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnMerge {
    /// The model applied to the united facts.
    #[default]
    Recompute,
    /// Sum of the parts' scores (reproduces CRMs that add).
    Sum,
    /// The largest of the parts' scores.
    Max,
    /// The score of the surviving record alone.
    Survivor,
}

/// What happens to a lead whose recomputed score is below its best part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NeverWeaker {
    /// Nothing.
    Off,
    /// It is listed with the causes.
    #[default]
    Report,
    /// It keeps the best part's score and is marked.
    Floor,
    /// It is listed and the run fails.
    Fail,
}

/// The `[merge]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRules {
    /// How merged scores come about.
    pub on_merge: OnMerge,
    /// What to do with weaker leads.
    pub never_weaker: NeverWeaker,
    /// Which of `type`, `object`, `at` make two events the same.
    pub event_identity: Vec<String>,
    /// Microseconds two loggings of one event may lie apart.
    pub event_window: i64,
}

impl Default for MergeRules {
    fn default() -> Self {
        Self {
            on_merge: OnMerge::default(),
            never_weaker: NeverWeaker::default(),
            event_identity: ["type", "object", "at"].map(String::from).to_vec(),
            event_window: 2 * super::quantity::SECOND,
        }
    }
}

/// The `[exclude]` table: leads that get no score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclude {
    /// Who is excluded.
    pub condition: Condition,
    /// Which values of a merged lead decide.
    pub over: Over,
    /// The reason as the model words it; else the fact that decided is shown.
    pub reason: Option<String>,
}

/// A `[[stage]]`: a named condition over components and fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Id.
    pub id: String,
    /// When the lead is in it.
    pub condition: Condition,
}

/// A scoring model, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoringModel {
    /// The text it was parsed from: what a run's certificate keeps, so that its scores can be
    /// recomputed.
    pub text: String,
    /// Name; the file's stem when the file gives none.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Index of the component that is the lead's score.
    pub primary: usize,
    /// `scale = "1-100"`: every importance is from 1 to 100.
    pub scale_1_100: bool,
    /// The clock the model fixes, microseconds since 1970; `None` is the run's own.
    pub as_of: Option<i64>,
    /// IANA name; decides where a day begins for `per-day` and local dates.
    pub timezone: String,
    /// Merging.
    pub merge: MergeRules,
    /// Who gets no score.
    pub exclude: Option<Exclude>,
    /// Numbers and ladders, in file order.
    pub components: Vec<Component>,
    /// Rules in file order.
    pub rules: Vec<Rule>,
    /// Bands in file order.
    pub bands: Vec<Band>,
    /// Letter and number ratings.
    pub matrices: Vec<Matrix>,
    /// Ideal customer profiles.
    pub personas: Vec<Persona>,
    /// Stages in file order.
    pub stages: Vec<Stage>,
}

/// Names a model can count on when the input has the facts; any input header is a name too.
pub const STANDARD_FIELDS: &[&str] = &[
    "country",
    "region",
    "city",
    "postcode",
    "company",
    "industry",
    "employees",
    "revenue",
    "source",
    "interests",
    "language",
    "customer",
    "title",
    "title.normalized",
    "title.seniority",
    "title.department",
    "email",
    "email.domain",
    "email.valid",
    "email.role",
    "email.free_mail",
    "phone",
    "phone.valid",
    "phone.kind",
    "consent.marketing",
    "consent.email",
    "consent.phone",
    "created",
    "updated",
];

impl ScoringModel {
    /// Names of the fields that conditions and components read, sorted, each once.
    pub fn needed_fields(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit_conditions(&mut |condition| {
            if let Condition::Field(test) = condition {
                names.push(test.field.as_str());
            }
        });
        for component in &self.components {
            if let ComponentKind::Field { field, .. } = &component.kind {
                names.push(field);
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Canonical event kinds that rules count, sorted, each once. A model with a `ledger`
    /// component or an `inactive` condition reads events of every kind ([`Self::needs_all_events`]).
    pub fn needed_kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = Vec::new();
        for on in self.rules.iter().filter_map(|rule| rule.on.as_ref()) {
            kinds.extend(on.kinds.iter().map(String::as_str));
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// True when events of kinds no rule names matter too.
    pub fn needs_all_events(&self) -> bool {
        let mut inactive = false;
        self.visit_conditions(&mut |c| inactive |= matches!(c, Condition::Inactive(_)));
        inactive || self.components.iter().any(|c| matches!(c.kind, ComponentKind::Ledger { .. }))
    }

    /// Mistakes for every field that is not among `available`, with the nearest name that is.
    pub fn check_fields(&self, available: &[&str], file_name: &str) -> Vec<ModelMistake> {
        let mut mistakes = Vec::new();
        self.visit_conditions(&mut |condition| {
            let Condition::Field(test) = condition else { return };
            // What the file does not write (the implied exclusion) it need not find either.
            if test.place.line > 0 && !available.contains(&test.field.as_str()) {
                let what = format!("no field \"{}\" in the input", test.field);
                let nearest = super::parse::nearest(&test.field, available);
                mistakes.push(ModelMistake::new(file_name, test.place, what, nearest));
            }
        });
        mistakes.sort();
        mistakes.dedup();
        mistakes
    }

    /// Calls `visit` with every node of every condition.
    pub fn visit_conditions<'a>(&'a self, visit: &mut dyn FnMut(&'a Condition)) {
        let rules = self.rules.iter().filter_map(|rule| rule.condition.as_ref());
        let traits = self.personas.iter().flat_map(|p| &p.traits).map(|t| &t.condition);
        let stages = self.stages.iter().map(|stage| &stage.condition);
        let exclude = self.exclude.iter().map(|exclude| &exclude.condition);
        for condition in exclude.chain(rules).chain(traits).chain(stages) {
            condition.visit(visit);
        }
    }

    /// The component that is the lead's score.
    pub fn primary_component(&self) -> &Component {
        &self.components[self.primary]
    }
}

/// The model that is used when none is given: needs no configuration and copes with few columns.
pub fn builtin() -> ScoringModel {
    match parse(include_str!("../../data/models/default.toml"), "default.toml") {
        Ok(model) => model,
        // The file is compiled in and a test parses it, so this cannot be reached.
        Err(mistakes) => unreachable!("built-in model: {mistakes:?}"),
    }
}
