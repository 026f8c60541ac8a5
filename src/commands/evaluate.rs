//! `leadmend evaluate RESULT TRUTH`.

use crate::cli::EvaluateArgs;
use anyhow::Result;
use leadmend::error::Error;
use leadmend::evaluate::{Evaluation, Quality, evaluate};
use leadmend::record::{Column, RecordId};
use leadmend::source::{self, RawTable, Source};

/// Headers that name a record, best first.
const ID_HEADERS: [&str; 4] = ["record_id", "id", "lead_id", "unique_id"];
/// Headers that name a predicted person, best first.
const RESULT_HEADERS: [&str; 4] = ["person_id", "cluster_id", "cluster", "pred_cluster"];
/// Headers that name a true person, best first; else the last column.
const TRUTH_HEADERS: [&str; 4] = ["true_cluster", "person_id", "entity", "cluster"];

/// Runs the command.
pub fn run(args: &EvaluateArgs) -> Result<()> {
    let folder = args.result.is_dir();
    let result_file = if folder { args.result.join("crosswalk.csv") } else { args.result.clone() };
    let result = source::read(&Source::new(result_file))?;
    let truth = source::read(&Source::new(&args.truth))?;
    let evaluation = evaluate(
        pairs(&result, None, None, &RESULT_HEADERS)?,
        pairs(&truth, args.id.as_deref(), args.cluster.as_deref(), &TRUTH_HEADERS)?,
    );
    let text = if args.json {
        serde_json::to_string_pretty(&evaluation)? + "\n"
    } else {
        to_text(&evaluation)
    };
    Ok(super::say(&text)?)
}

fn pairs<'a>(
    table: &'a RawTable,
    id: Option<&str>,
    cluster: Option<&str>,
    headers: &[&str],
) -> Result<impl Iterator<Item = (&'a str, &'a str)>, Error> {
    let named = |header: &str| {
        table.columns.iter().find(|c| c.header == header).ok_or_else(|| {
            Error::usage(
                format!("{} has no column {header:?}", table.info.file),
                format!("its columns are {}", headers_of(table)),
            )
        })
    };
    let first =
        |wanted: &[&str]| wanted.iter().find_map(|h| table.columns.iter().find(|c| c.header == *h));
    let none = || {
        Error::usage(
            format!("{} needs two columns: record and person", table.info.file),
            "give a CSV with a header".to_string(),
        )
    };
    let ids: &Column = match id {
        Some(header) => named(header)?,
        None => first(&ID_HEADERS).or(table.columns.first()).ok_or_else(none)?,
    };
    let clusters: &Column = match cluster {
        Some(header) => named(header)?,
        None => first(headers).or(table.columns.last()).ok_or_else(none)?,
    };
    if std::ptr::eq(ids, clusters) {
        return Err(none());
    }
    let records = (0..table.row_count as u32).map(RecordId);
    Ok(records.map(move |r| (ids.get(r), clusters.get(r))))
}

fn headers_of(table: &RawTable) -> String {
    table.columns.iter().map(|c| c.header.as_str()).collect::<Vec<_>>().join(", ")
}

fn to_text(e: &Evaluation) -> String {
    let line = |name: &str, q: Quality| {
        let Quality { precision, recall, f1 } = q;
        format!("{name:9} precision {precision:.4}  recall {recall:.4}  F1 {f1:.4}")
    };
    let mut lines = vec![
        format!(
            "records {}  true persons {}  predicted persons {}",
            e.records, e.true_clusters, e.predicted_clusters
        ),
        line("pairwise", e.pairwise),
        line("B-cubed", e.b_cubed),
        format!(
            "pairs: {} right of {} joined, {} true",
            e.right_pairs, e.predicted_pairs, e.true_pairs
        ),
        format!("largest person: {} records, true {}", e.largest_predicted, e.largest_true),
    ];
    if e.missing > 0 {
        let missing = e.missing;
        lines.push(format!(
            "{missing} records of the truth are not in the result; counted as alone"
        ));
    }
    lines.join("\n") + "\n"
}
