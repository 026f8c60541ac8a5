//! Evaluation: a result against the truth.
//!
//! Pairwise and B-cubed precision, recall and F1, from the contingency cells of predicted and true
//! clusters only, so that a million records take a moment.

use rustc_hash::FxHashMap;
use serde::Serialize;

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quality {
    /// Of what was joined, the share that belongs together.
    pub precision: f64,
    /// Of what belongs together, the share that was joined.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

impl Quality {
    fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        let f1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
        Self { precision, recall, f1 }
    }
}

/// How well a clustering fits the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Records compared (those of the truth).
    pub records: usize,
    /// Records of the truth that the result does not name; counted as alone.
    pub missing: usize,
    /// True persons.
    pub true_clusters: usize,
    /// Predicted persons.
    pub predicted_clusters: usize,
    /// Pairs of records that belong together.
    pub true_pairs: u64,
    /// Pairs of records that were joined.
    pub predicted_pairs: u64,
    /// Pairs rightly joined.
    pub right_pairs: u64,
    /// Over pairs of records.
    pub pairwise: Quality,
    /// Over records (Bagga & Baldwin 1998).
    pub b_cubed: Quality,
    /// Records of the largest true person.
    pub largest_true: usize,
    /// Records of the largest predicted person.
    pub largest_predicted: usize,
}

fn pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// Compares `(record, cluster)` lists. Records the result does not name count as alone; records
/// the truth does not name are left out. The first mention of a record counts.
pub fn evaluate<'a>(
    result: impl IntoIterator<Item = (&'a str, &'a str)>,
    truth: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Evaluation {
    let mut predicted: FxHashMap<&str, &str> = FxHashMap::default();
    for (record, cluster) in result {
        predicted.entry(record).or_insert(cluster);
    }
    let mut seen: FxHashMap<&str, ()> = FxHashMap::default();
    let mut true_ids: FxHashMap<&str, u32> = FxHashMap::default();
    let mut result_ids: FxHashMap<&str, u32> = FxHashMap::default();
    let mut cells: FxHashMap<(u32, u32), u64> = FxHashMap::default();
    let (mut true_size, mut result_size): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
    let (mut records, mut missing) = (0, 0);
    for (record, cluster) in truth {
        if seen.insert(record, ()).is_some() {
            continue;
        }
        records += 1;
        let t = *true_ids.entry(cluster).or_insert_with(|| grow(&mut true_size));
        let p = match predicted.get(record) {
            Some(cluster) => *result_ids.entry(cluster).or_insert_with(|| grow(&mut result_size)),
            None => {
                missing += 1;
                grow(&mut result_size)
            }
        };
        true_size[t as usize] += 1;
        result_size[p as usize] += 1;
        *cells.entry((p, t)).or_default() += 1;
    }
    let right_pairs = cells.values().map(|&c| pairs(c)).sum();
    let true_pairs = true_size.iter().map(|&c| pairs(c)).sum();
    let predicted_pairs = result_size.iter().map(|&c| pairs(c)).sum();
    let share = |part: u64, whole: u64| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    let mut sorted: Vec<_> = cells.into_iter().collect();
    sorted.sort_unstable();
    let (mut b_precision, mut b_recall) = (0.0, 0.0);
    for ((p, t), count) in sorted {
        let square = (count * count) as f64;
        b_precision += square / result_size[p as usize] as f64;
        b_recall += square / true_size[t as usize] as f64;
    }
    let n = (records as f64).max(1.0);
    Evaluation {
        records,
        missing,
        true_clusters: true_size.len(),
        predicted_clusters: result_size.len(),
        true_pairs,
        predicted_pairs,
        right_pairs,
        pairwise: Quality::new(share(right_pairs, predicted_pairs), share(right_pairs, true_pairs)),
        b_cubed: Quality::new(b_precision / n, b_recall / n),
        largest_true: true_size.iter().max().copied().unwrap_or(0) as usize,
        largest_predicted: result_size.iter().max().copied().unwrap_or(0) as usize,
    }
}

fn grow(sizes: &mut Vec<u64>) -> u32 {
    sizes.push(0);
    (sizes.len() - 1) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worked_example() {
        // Truth {a b c} {d}; result {a b} {c d}: one of two joined pairs is right, one of three found.
        let truth = [("a", "1"), ("b", "1"), ("c", "1"), ("d", "2")];
        let result = [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y")];
        let e = evaluate(result, truth);
        assert_eq!((e.true_pairs, e.predicted_pairs, e.right_pairs), (3, 2, 1));
        assert!((e.pairwise.precision - 0.5).abs() < 1e-12);
        assert!((e.pairwise.recall - 1.0 / 3.0).abs() < 1e-12);
        // B-cubed precision (1 + 1 + .5 + .5) / 4, recall (2/3 + 2/3 + 1/3 + 1) / 4.
        assert!((e.b_cubed.precision - 0.75).abs() < 1e-12);
        assert!((e.b_cubed.recall - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn records_the_result_does_not_name_stand_alone() {
        let e = evaluate([("a", "x")], [("a", "1"), ("b", "1")]);
        assert_eq!((e.missing, e.predicted_clusters, e.right_pairs), (1, 2, 0));
        assert_eq!(e.pairwise.recall, 0.0);
    }
}
