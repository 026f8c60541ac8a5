//! Calibration: what won and lost leads say about the weights of a model.
//!
//! Beside scoring: it reads the ledger of scored leads and who of them was won, and says how many
//! points each rule would deserve. It never changes a model; a suggestion is a text that someone has
//! to look at. Why it refuses small samples: weights fitted on a dozen customers describe these
//! dozen customers.

mod measure;
pub mod newton;
mod sample;
mod suggest;
#[cfg(test)]
mod tests;

pub use measure::{BandResult, Tenth};
pub use suggest::suggest;

use super::leads::ModelScores;
use super::model::ScoringModel;
use super::quantity::POINT;
use newton::Fit;
use sample::Sample;
use serde::Serialize;

/// Standard deviations of a 95 % interval.
const NORMAL_95: f64 = 1.959_964;
/// Parts of the cross-validation.
const FOLDS: u64 = 5;

/// How to calibrate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Strength of the ridge on standardized rules.
    pub ridge: f64,
    /// Won (or lost, whichever are fewer) leads that every fitted rule needs.
    pub events_per_rule: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { ridge: 1.0, events_per_rule: 10 }
    }
}

/// Why there is no calibration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No lead has an outcome.
    NoOutcomes,
    /// All outcomes are the same.
    OneSided {
        /// Whether all were won.
        won: bool,
        /// How many.
        leads: usize,
    },
    /// No rule can be fitted.
    NoRules,
    /// Too few outcomes for so many rules.
    TooFew {
        /// Leads won.
        won: usize,
        /// Leads lost.
        lost: usize,
        /// Rules that would be fitted.
        rules: usize,
        /// Outcomes of the rarer kind that they need.
        needed: usize,
    },
    /// The solver found no solution.
    NotSolvable,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoOutcomes => {
                f.write_str("no lead has an outcome; check the ids of the outcomes file")
            }
            Self::OneSided { won: true, leads } => {
                write!(f, "all {leads} leads with an outcome were won; lost ones are needed too")
            }
            Self::OneSided { won: false, leads } => {
                write!(f, "none of {leads} leads with an outcome was won")
            }
            Self::NoRules => f.write_str(
                "no rule can be fitted: each fires for nobody, for everybody or too rarely",
            ),
            Self::TooFew { won, lost, rules, needed } => write!(
                f,
                "too few outcomes: {won} won and {lost} lost; {rules} rules need {needed} of each; \
                 collect more outcomes or calibrate a model with fewer rules"
            ),
            Self::NotSolvable => f.write_str("the weights cannot be solved for; raise --ridge"),
        }
    }
}

/// What the outcomes say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Name of the model.
    pub model: String,
    /// Leads with an outcome and a score.
    pub leads: usize,
    /// How many of them were won.
    pub won: usize,
    /// Leads with an outcome that the model excludes from scoring.
    pub excluded: usize,
    /// Points that one unit of log-odds is worth in this model.
    pub points_per_log_odds: f64,
    /// What each fitted rule deserves, in the order of the model.
    pub rules: Vec<RuleFit>,
    /// Rules that were not fitted, and why.
    pub left_out: Vec<LeftOut>,
    /// Chance that a won lead stands above a lost one by the score as it is (0.5: by luck).
    pub ranking_now: f64,
    /// The same by fitted weights, on leads they were not fitted on.
    pub ranking_fitted: f64,
    /// Won leads per band of the model as it is.
    pub bands: Vec<BandResult>,
    /// Leads by tenths of their fitted chance, the best first, on leads the weights were not fitted
    /// on: expected and observed share won, and lift.
    pub tenths: Vec<Tenth>,
}

/// What a rule deserves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleFit {
    /// Index of the rule in the model.
    #[serde(skip)]
    pub index: usize,
    /// Id.
    pub rule: String,
    /// Name for people.
    pub title: String,
    /// Leads it fired for.
    pub leads: usize,
    /// Share of them that was won.
    pub share_won: f64,
    /// Log-odds that one firing adds, other rules being equal.
    pub log_odds: f64,
    /// Its 95 % interval.
    pub log_odds_interval: [f64; 2],
    /// Points it gives now.
    pub points: f64,
    /// Points that the outcomes speak for.
    pub fitted_points: f64,
    /// Their 95 % interval.
    pub fitted_interval: [f64; 2],
    /// Points that are suggested: those of now where the outcomes do not contradict them.
    pub suggested_points: f64,
    /// In words.
    pub says: &'static str,
}

/// A rule that was not fitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Id.
    pub rule: String,
    /// Why.
    pub why: &'static str,
}

/// Calibrates a model on scored leads: `won` says of each person whether it was won; `None` leaves
/// it out. `key` is any number that belongs to the lead's content: it says in which part of the
/// cross-validation it falls, so that the order of leads changes nothing.
///
/// # Errors
/// The reason why the outcomes do not suffice.
pub fn calibrate(
    model: &ScoringModel,
    scores: &ModelScores,
    won: &[Option<bool>],
    key: &[u64],
    options: Options,
) -> Result<Calibration, Refusal> {
    let known = |p: &usize| won.get(*p).copied().flatten().is_some();
    let with_outcome = (0..scores.len()).filter(known).count();
    let sample = Sample::gather(model, scores, won, key);
    check(&sample, options)?;
    let fit = sample.fit(options.ridge, None).ok_or(Refusal::NotSolvable)?;
    let predicted = cross_validate(&sample, options.ridge)?;
    let scale = points_per_log_odds(model, &sample, &fit);
    let rules = (0..sample.rules.len()).map(|at| rule_fit(model, &sample, &fit, at, scale));
    let current: Vec<f64> = sample.persons.iter().map(|&p| scores.score[p] as f64).collect();
    Ok(Calibration {
        model: model.name.clone(),
        leads: sample.persons.len(),
        won: sample.won_count(),
        excluded: with_outcome - sample.persons.len(),
        points_per_log_odds: rounded(scale / POINT as f64),
        rules: rules.collect(),
        left_out: sample.left_out.clone(),
        ranking_now: rounded(measure::ranking(&current, &sample.won)),
        ranking_fitted: rounded(measure::ranking(&predicted, &sample.won)),
        bands: measure::bands(model, scores, &sample),
        tenths: measure::tenths(&predicted, &sample.won),
    })
}

fn check(sample: &Sample, options: Options) -> Result<(), Refusal> {
    let leads = sample.persons.len();
    let won = sample.won_count();
    let lost = leads - won;
    if leads == 0 {
        return Err(Refusal::NoOutcomes);
    }
    if won == 0 || lost == 0 {
        return Err(Refusal::OneSided { won: lost == 0, leads });
    }
    let rules = sample.rules.len();
    if rules == 0 {
        return Err(Refusal::NoRules);
    }
    let needed = rules.saturating_mul(options.events_per_rule as usize);
    if won.min(lost) < needed {
        return Err(Refusal::TooFew { won, lost, rules, needed });
    }
    Ok(())
}

/// The chance of every lead by weights that were fitted without its part.
fn cross_validate(sample: &Sample, ridge: f64) -> Result<Vec<f64>, Refusal> {
    let mut predicted = vec![0.0; sample.persons.len()];
    for fold in 0..FOLDS {
        let fit = sample.fit(ridge, Some(fold)).ok_or(Refusal::NotSolvable)?;
        for (at, chance) in predicted.iter_mut().enumerate() {
            if sample.fold(at) == fold {
                *chance = quantized(fit.predict(sample.row(at)));
            }
        }
    }
    Ok(predicted)
}

/// What a unit of log-odds is worth in the points of this model: the median over the rules whose
/// direction agrees, each weighing as much as it is certain. A median, because the one weight that is
/// wrong must not shift all others.
fn points_per_log_odds(model: &ScoringModel, sample: &Sample, fit: &Fit) -> f64 {
    let each = || {
        sample.rules.iter().enumerate().map(|(at, &rule)| {
            let points = sample::points_of(model, rule) as f64;
            (points, fit.weights[at], fit.weights[at].abs() / fit.error(at).max(f64::MIN_POSITIVE))
        })
    };
    let mut ratios: Vec<(f64, f64)> = each()
        .filter(|(points, weight, _)| points * weight > 0.0)
        .map(|(points, weight, certain)| (points / weight, certain))
        .collect();
    ratios.sort_by(|x, y| x.0.total_cmp(&y.0));
    let half: f64 = ratios.iter().map(|r| r.1).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    for (ratio, certain) in &ratios {
        sum += certain;
        if sum >= half {
            return *ratio;
        }
    }
    // Every rule points the wrong way: keep the points of all together.
    let size = each().map(|(points, ..)| points.abs()).sum::<f64>();
    size / each().map(|(_, weight, _)| weight.abs()).sum::<f64>().max(1e-9)
}

fn rule_fit(model: &ScoringModel, sample: &Sample, fit: &Fit, at: usize, scale: f64) -> RuleFit {
    let index = sample.rules[at];
    let rule = &model.rules[index];
    let (weight, wide) = (fit.weights[at], NORMAL_95 * fit.error(at));
    let (low, high) = (weight - wide, weight + wide);
    let points = sample::points_of(model, index) as f64;
    let agrees = (low * scale..=high * scale).contains(&points);
    let suggested =
        if agrees { points } else { (weight * scale / POINT as f64).round() * POINT as f64 };
    let says = match () {
        () if agrees && low <= 0.0 && high >= 0.0 => "undecided: kept",
        () if agrees => "confirmed",
        () if high < 0.0 && points > 0.0 || low > 0.0 && points < 0.0 => "points the wrong way",
        () if low <= 0.0 && high >= 0.0 => "makes no difference",
        () if weight.abs() * scale > points.abs() => "deserves more",
        () => "deserves less",
    };
    let (fired, won) = sample.fired(at);
    let in_points = |log_odds: f64| rounded(log_odds * scale / POINT as f64);
    RuleFit {
        index,
        rule: rule.id.clone(),
        title: rule.title().to_string(),
        leads: fired,
        share_won: rounded(won as f64 / fired.max(1) as f64),
        log_odds: rounded(weight),
        log_odds_interval: [rounded(low), rounded(high)],
        points: points / POINT as f64,
        fitted_points: in_points(weight),
        fitted_interval: [in_points(low), in_points(high)],
        suggested_points: suggested / POINT as f64,
        says,
    }
}

/// Four decimals: what is told is told alike on every machine.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// A chance held to millionths before leads are put in order by it.
fn quantized(chance: f64) -> f64 {
    (chance * 1e6).round() / 1e6
}
