//! Joint probabilities: how likely each class makes a pattern, in logarithms.
//!
//! What learning and deciding share: the E step weighs classes by them, a verdict compares them. In
//! logarithms, because products of a dozen level shares leave the range of floating-point numbers.

use super::model::MatchingModel;
use super::namesake;
use crate::compare::level::{LEVELS, level_of};

/// Natural logarithms of a model's probabilities, by comparison and level.
pub struct Logs {
    /// Share of the classes: same, related, unrelated.
    pub class: [f64; 3],
    /// Per comparison and level: same, related, unrelated; zero for level 0.
    pub level: Vec<[[f64; 3]; LEVELS]>,
    /// Of namesakes in one firm: share, and per comparison and level.
    namesakes: Option<(f64, Vec<[f64; LEVELS]>)>,
}

impl Logs {
    /// The logarithms of a model.
    pub fn of(model: &MatchingModel) -> Self {
        let unrelated = (1.0 - model.same_share - model.related_share).max(1e-12);
        let level = model
            .comparisons
            .iter()
            .map(|c| {
                let mut logs = [[0.0; 3]; LEVELS];
                for (slot, l) in logs[1..].iter_mut().zip(&c.levels) {
                    *slot = [l.same_prob.ln(), l.related_prob.ln(), l.unrelated_prob.ln()];
                }
                logs
            })
            .collect();
        let namesakes = model.namesakes.as_ref().map(|n| {
            let logs = n.levels.iter().map(|levels| {
                let mut logs = [0.0; LEVELS];
                for (slot, share) in logs[1..].iter_mut().zip(levels) {
                    *slot = share.ln();
                }
                logs
            });
            (n.share.ln(), logs.collect())
        });
        let class = [model.same_share.ln(), model.related_share.ln(), unrelated.ln()];
        Self { class, level, namesakes }
    }

    /// Log joint probability of class and pattern, for each class; namesakes in one firm count
    /// among the related.
    pub fn joint(&self, pattern: u64) -> [f64; 3] {
        let [same, related, unrelated] = self.classes(pattern);
        match self.namesake(pattern) {
            None => [same, related, unrelated],
            Some(namesake) => {
                let high = related.max(namesake);
                let sum = (related - high).exp() + (namesake - high).exp();
                [same, high + sum.ln(), unrelated]
            }
        }
    }

    /// Log joint probability of the pattern and being namesakes, where that is asked.
    pub(super) fn namesake(&self, pattern: u64) -> Option<f64> {
        let (share, levels) = self.namesakes.as_ref()?;
        namesake::are_asked(pattern).then(|| {
            let of = |(c, logs): (usize, &[f64; LEVELS])| logs[level_of(pattern, c) as usize];
            share + levels.iter().enumerate().map(of).sum::<f64>()
        })
    }

    /// Log joint probabilities of the three classes, namesakes left out.
    pub(super) fn classes(&self, pattern: u64) -> [f64; 3] {
        let mut joint = self.class;
        for (c, logs) in self.level.iter().enumerate() {
            let log = &logs[level_of(pattern, c) as usize];
            joint[0] += log[0];
            joint[1] += log[1];
            joint[2] += log[2];
        }
        joint
    }
}

/// Posterior probabilities of the classes from their log joint probabilities.
pub fn posterior(joint: [f64; 3]) -> [f64; 3] {
    let max = joint[0].max(joint[1]).max(joint[2]);
    let e = joint.map(|x| (x - max).exp());
    let sum = e[0] + e[1] + e[2];
    e.map(|x| x / sum)
}
