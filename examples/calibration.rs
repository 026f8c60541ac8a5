//! What printed probabilities are worth: predicted against true shares of same persons.
//!
//! ```text
//! cargo run --release --example calibration -- [--merge-at P] [--patterns N] [--dump FILE] GROUP@SET ...
//! ```
//!
//! A set is `LEADS.csv=TRUTH.csv` (the first two columns of the truth are record id and person), or a
//! file with a `true_cluster` column, which is taken out before anything else reads it. Sets of one
//! group are pooled. Per bin of the printed probability: pairs, mean probability, share that is one
//! person, and the standard error of that share, which goes by groups of connected pairs, because the
//! pairs of one person are right or wrong together. `--patterns` shows what is behind each bin's
//! difference; `--dump` writes every candidate pair, and the patterns of others.

use anyhow::{Context, Result, bail};
use leadmend::cluster::resolve::Constraints;
use leadmend::compare::Pair;
use leadmend::compare::level::{at, level_of};
use leadmend::config::Config;
use leadmend::matching::decide::{Decider, Verdict};
use leadmend::matching::evidence::Evidence;
use leadmend::matching::model::MatchingModel;
use leadmend::pipeline::{self, Job};
use leadmend::source::Source;
use leadmend::{blocking, compare, evaluate};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

mod sets;

/// Lower ends of the bins; below the last one pairs are not shown to anybody as likely ones.
const BINS: [(f64, &str); 6] = [
    (0.97, ".97-1"),
    (0.9, ".9-.97"),
    (0.8, ".8-.9"),
    (0.7, ".7-.8"),
    (0.5, ".5-.7"),
    (0.2, ".2-.5"),
];

/// A pair with what was said of it.
struct Judged {
    /// Pairs of one number are right or wrong together; unique over all sets.
    group: (usize, u32),
    prob: f64,
    same: bool,
    pattern: u64,
}

/// What a group of sets gave.
#[derive(Default)]
struct Pool {
    sets: usize,
    pairs: Vec<Judged>,
    /// Expected and true wrong links, and expected and true wrong pairs of one person.
    expected_wrong: f64,
    wrong: u64,
    links: u64,
    wrong_pairs: u64,
    quality: Vec<evaluate::Evaluation>,
    labels: Vec<Vec<String>>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut shown, mut merge_at, mut dump, mut order) = (0, None, None, Vec::new());
    let mut pools: BTreeMap<String, Pool> = BTreeMap::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--merge-at" => merge_at = Some(arguments.next().context("--merge-at P")?.parse()?),
            "--patterns" => shown = arguments.next().context("--patterns N")?.parse()?,
            "--dump" => {
                let path = arguments.next().context("--dump FILE")?;
                dump = Some(std::io::BufWriter::new(std::fs::File::create(path)?));
            }
            set => {
                let Some((group, set)) = set.split_once('@') else {
                    bail!("name a group: GROUP@{set}");
                };
                if !pools.contains_key(group) {
                    order.push(group.to_string());
                }
                let pool = pools.entry(group.to_string()).or_default();
                measure(set, merge_at, pool, dump.as_mut())
                    .with_context(|| format!("set {set}"))?;
            }
        }
    }
    println!("| set | bin | pairs | predicted | true | standard error | difference |");
    println!("|---|---|--:|--:|--:|--:|--:|");
    for group in &order {
        bins(group, &pools[group], shown);
    }
    println!();
    println!(
        "| set | links | wrong, expected | wrong, true | wrong pairs | P | R | F1 | sd of F1 |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for group in &order {
        summary(group, &pools[group]);
    }
    Ok(())
}

/// Matches a set as the product does and holds its pairs against the truth.
fn measure(
    set: &str,
    merge_at: Option<f64>,
    pool: &mut Pool,
    dump: Option<&mut impl Write>,
) -> Result<()> {
    let files = sets::find(set)?;
    let inputs = vec![Source::new(files.read.clone())];
    let (table, _, records) = pipeline::read(&Job { inputs, ..Job::default() })?;
    let f = &records.features;
    let found = blocking::candidates(f);
    let mut config = Config::default();
    config.merge_at = merge_at.unwrap_or(config.merge_at);
    let matched = pipeline::match_pairs(f, found, Constraints::default(), None, &config);
    let persons: HashMap<&str, &str> =
        files.truth.iter().map(|(r, p)| (r.as_str(), p.as_str())).collect();
    let person: Vec<Option<&str>> =
        table.records().map(|r| persons.get(table.id.get(r)).copied()).collect();
    let same = |p: Pair| {
        let (x, y) = (person[p.a as usize], person[p.b as usize]);
        x.is_some() && x == y
    };
    let decider = Decider::new(f, &matched.model);
    let linked = groups(f.len(), matched.decisions.iter().map(|d| d.pair));
    let joined = |p: Pair| {
        matched.clusters.person_of[p.a as usize] == matched.clusters.person_of[p.b as usize]
    };
    for decision in &matched.decisions {
        let pair = decision.pair;
        let pattern = compare::pattern(f, pair);
        let prob = matched.model.calibration.prob(decision.log_odds);
        let group = (pool.quality.len(), linked[pair.a as usize]);
        pool.pairs.push(Judged { group, prob, same: same(pair), pattern });
        if decision.verdict == Verdict::Merge && joined(pair) {
            pool.links += 1;
            pool.expected_wrong += 1.0 - prob;
            pool.wrong += u64::from(!same(pair));
        }
    }
    if let Some(file) = dump {
        let found = &matched.candidates;
        let patterns = compare::patterns(f, &found.pairs);
        let evidence = Evidence::gather(f, found, &patterns);
        let model = &matched.model;
        let (given, family) = (model.given_agreement_prob, model.family_agreement_prob);
        writeln!(file, "S\t{set}\t{}\t{given}\t{family}", f.len())?;
        for other in &evidence.others {
            writeln!(file, "O\t{}\t{}", other.pattern, other.pairs)?;
        }
        for (&pair, &pattern) in found.pairs.iter().zip(&patterns) {
            let bits = decider.frequencies.adjust(f, pair, pattern);
            let [a, b] = [pair.a, pair.b].map(|r| table.id.get(leadmend::record::RecordId(r)));
            let (other, same, joined) = (bits.total() - bits.name, same(pair), joined(pair));
            let [same, joined] = [same, joined].map(u8::from);
            let odds = decider.log_odds(pair, pattern);
            writeln!(
                file,
                "P\t{a}\t{b}\t{pattern}\t{same}\t{joined}\t{:.4}\t{other:.4}\t{odds:.4}",
                bits.name
            )?;
        }
    }
    let names: Vec<String> = matched.clusters.person_of.iter().map(ToString::to_string).collect();
    let result = table.records().map(|r| (table.id.get(r), names[r.index()].as_str()));
    let truth = files.truth.iter().map(|(record, person)| (record.as_str(), person.as_str()));
    let quality = evaluate::evaluate(result, truth);
    pool.wrong_pairs += quality.predicted_pairs - quality.right_pairs;
    pool.quality.push(quality);
    pool.sets += 1;
    pool.labels = labels(&matched.model);
    Ok(())
}

/// Numbers records so that those connected by pairs have the same.
fn groups(count: usize, pairs: impl Iterator<Item = Pair>) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..count as u32).collect();
    fn root(parent: &mut [u32], mut record: u32) -> u32 {
        while parent[record as usize] != record {
            parent[record as usize] = parent[parent[record as usize] as usize];
            record = parent[record as usize];
        }
        record
    }
    for pair in pairs {
        let (a, b) = (root(&mut parent, pair.a), root(&mut parent, pair.b));
        parent[a.max(b) as usize] = a.min(b);
    }
    (0..count as u32).map(|record| root(&mut parent, record)).collect()
}

fn bins(group: &str, pool: &Pool, shown: usize) {
    let mut below = f64::INFINITY;
    for (from, label) in BINS {
        let pairs: Vec<&Judged> =
            pool.pairs.iter().filter(|p| p.prob >= from && p.prob < below).collect();
        below = from;
        if pairs.is_empty() {
            continue;
        }
        let n = pairs.len() as f64;
        let predicted = pairs.iter().map(|p| p.prob).sum::<f64>() / n;
        let share = pairs.iter().filter(|p| p.same).count() as f64 / n;
        let mut rest: HashMap<(usize, u32), f64> = HashMap::new();
        for pair in &pairs {
            *rest.entry(pair.group).or_default() += f64::from(u8::from(pair.same)) - share;
        }
        let error = rest.values().map(|x| x * x).sum::<f64>().sqrt() / n;
        let difference = predicted - share;
        println!(
            "| {group} | {label} | {n} | {predicted:.3} | {share:.3} | {error:.3} | {difference:+.3} |"
        );
        causes(&pairs, &pool.labels, shown);
    }
}

/// The patterns that a bin's difference comes from.
fn causes(pairs: &[&Judged], labels: &[Vec<String>], shown: usize) {
    let mut by_pattern: BTreeMap<u64, (f64, f64, f64)> = BTreeMap::new();
    for pair in pairs {
        let slot = by_pattern.entry(pair.pattern).or_default();
        slot.0 += 1.0;
        slot.1 += pair.prob;
        slot.2 += f64::from(u8::from(pair.same));
    }
    let mut all: Vec<_> = by_pattern.into_iter().collect();
    all.sort_by(|x, y| (y.1.1 - y.1.2).abs().total_cmp(&(x.1.1 - x.1.2).abs()));
    for (pattern, (n, predicted, same)) in all.into_iter().take(shown) {
        let said: Vec<&str> = (0..at::LIMIT.min(labels.len()))
            .filter(|&i| level_of(pattern, i) != 0)
            .map(|i| labels[i][usize::from(level_of(pattern, i)) - 1].as_str())
            .collect();
        println!("    {n:4} predicted {predicted:6.1} true {same:4}  {}", said.join(" + "));
    }
}

fn labels(model: &MatchingModel) -> Vec<Vec<String>> {
    let of = |c: &leadmend::matching::model::ComparisonModel| {
        c.levels.iter().map(|l| l.label.clone()).collect()
    };
    model.comparisons.iter().map(of).collect()
}

fn summary(group: &str, pool: &Pool) {
    let mean = |of: &dyn Fn(&evaluate::Evaluation) -> f64| {
        pool.quality.iter().map(of).sum::<f64>() / pool.sets as f64
    };
    let f1 = mean(&|q| q.pairwise.f1);
    let spread = mean(&|q| (q.pairwise.f1 - f1).powi(2)).sqrt();
    println!(
        "| {group} ({}) | {} | {:.1} | {} | {} | {:.4} | {:.4} | {f1:.4} | {spread:.4} |",
        pool.sets,
        pool.links,
        pool.expected_wrong,
        pool.wrong,
        pool.wrong_pairs,
        mean(&|q| q.pairwise.precision),
        mean(&|q| q.pairwise.recall),
    );
}
