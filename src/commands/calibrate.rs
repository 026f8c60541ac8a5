//! `leadmend calibrate --model M --outcomes won.csv`: what won and lost leads say about the weights.

use super::failure::{Mistakes, Verdict};
use super::progress::Progress;
use super::{model, score, settings};
use crate::cli::CalibrateArgs;
use anyhow::Result;
use leadmend::error::Error;
use leadmend::normalize::flag;
use leadmend::pipeline::alone::{self, Alone};
use leadmend::record::{Column, RecordId};
use leadmend::schema::{self, Role, SchemaOverrides};
use leadmend::score::calibrate::{self, Calibration, Options, RuleFit};
use leadmend::source::{self, RawTable, Source};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Headers of the column that says won or lost, the surest first.
const OUTCOME_HEADERS: &[&str] = &[
    "won",
    "outcome",
    "converted",
    "is won",
    "result",
    "customer",
    "is converted",
    "purchased",
    "status",
    "stage",
    "ganado",
    "resultado",
    "gewonnen",
];
/// Words for won that are no yes.
const WON: &[&str] = &[
    "won",
    "closed won",
    "customer",
    "converted",
    "purchased",
    "sold",
    "win",
    "ganado",
    "gewonnen",
];
/// Words for lost that are no no.
const LOST: &[&str] =
    &["lost", "closed lost", "not converted", "unconverted", "lose", "loss", "perdido", "verloren"];

/// Runs the command.
pub fn run(args: &CalibrateArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    settings::use_threads(&args.read, &mut mistakes);
    let text = mistakes.take(model::read_text(&args.model));
    // Read once more only where it can be read: one mistake is told once.
    let parsed = text.as_ref().and_then(|_| mistakes.take(model::read(&args.model)));
    let models: Vec<_> = parsed.into_iter().collect();
    let leads: Vec<PathBuf> =
        if args.on.is_empty() { vec![args.outcomes.clone()] } else { args.on.clone() };
    let job = score::job(&leads, &args.activities, models, &args.read, &mut mistakes);
    if !args.on.is_empty() {
        settings::check_files(std::iter::once(&Source::new(&args.outcomes)), &mut mistakes);
    }
    if !(args.ridge.is_finite() && args.ridge >= 0.0) {
        mistakes.usage(format!("--ridge {} is no strength", args.ridge), "give 0 or more, e.g. 1");
    }
    if let Some(path) = &args.output {
        score::refuse_existing(path, args.force, &mut mistakes);
    }
    mistakes.check()?;
    let outcomes = read_outcomes(args)?;
    let progress = Progress::start(args.read.quiet || args.read.json);
    let scored = alone::run(&job, &|stage| progress.stage(stage))?;
    drop(progress);
    let (won, unknown) = assign(&scored, &outcomes);
    let options = Options { ridge: args.ridge, events_per_rule: args.events_per_rule };
    let (model, scores) = (&scored.models[0], &scored.scored.models[0]);
    let found = calibrate::calibrate(model, scores, &won, &scored.table.digest, options)
        .map_err(|refusal| Verdict(vec![format!("no calibration: {refusal}")]))?;
    if let Some(path) = &args.output {
        let suggested = text.as_deref().and_then(|text| calibrate::suggest(text, model, &found));
        let suggested = suggested.ok_or_else(|| Error::Config {
            file: settings::name_of(&args.model),
            mistakes: vec!["its rules cannot be rewritten".into()],
            remedy: "write each rule as [[rule]]".into(),
        })?;
        score::write(path, |out| out.write_all(suggested.as_bytes()))?;
    }
    if args.read.json {
        return Ok(super::say(&(serde_json::to_string_pretty(&found)? + "\n"))?);
    }
    if args.read.quiet {
        return Ok(());
    }
    Ok(super::say(&to_text(&found, &outcomes, unknown, args))?)
}

/// Who was won and who was lost, by id; the last row of an id counts only when all agree.
struct Outcomes {
    by_id: BTreeMap<String, Option<bool>>,
    /// The file lists won leads only.
    only_won: bool,
    /// Rows that say neither.
    neither: usize,
    /// Ids that were won in one row and lost in another.
    contradicting: usize,
}

fn read_outcomes(args: &CalibrateArgs) -> Result<Outcomes, Error> {
    let table = source::read(&Source::new(&args.outcomes))?;
    let outcome = outcome_column(&table, args)?;
    let id = id_column(&table, args, outcome)?;
    let mut outcomes = Outcomes {
        by_id: BTreeMap::new(),
        only_won: outcome.is_none(),
        neither: 0,
        contradicting: 0,
    };
    for row in (0..table.row_count as u32).map(RecordId) {
        let won = match outcome {
            None => Some(true),
            Some(column) => read_outcome(column.get(row)),
        };
        let Some(won) = won else {
            outcomes.neither += 1;
            continue;
        };
        let name = match id {
            Some(column) => column.get(row).trim().to_string(),
            // Without an id column records are called by their row, here as everywhere.
            None => format!("{}", row.0 + 1),
        };
        if name.is_empty() {
            outcomes.neither += 1;
            continue;
        }
        match outcomes.by_id.get_mut(&name) {
            None => {
                outcomes.by_id.insert(name, Some(won));
            }
            Some(known) if *known == Some(won) || known.is_none() => {}
            Some(known) => {
                *known = None;
                outcomes.contradicting += 1;
            }
        }
    }
    Ok(outcomes)
}

fn read_outcome(cell: &str) -> Option<bool> {
    let word: String = cell
        .trim()
        .to_lowercase()
        .chars()
        .map(|c| if matches!(c, '_' | '-') { ' ' } else { c })
        .collect();
    match word.as_str() {
        word if WON.contains(&word) => Some(true),
        word if LOST.contains(&word) => Some(false),
        _ => flag::parse(cell).value,
    }
}

/// The column that says won or lost; none when the file has but ids.
fn outcome_column<'t>(
    table: &'t RawTable,
    args: &CalibrateArgs,
) -> Result<Option<&'t Column>, Error> {
    let folded = |column: &Column| column.header.trim().to_lowercase().replace(['_', '-'], " ");
    if let Some(header) = &args.outcome {
        return named(table, header).map(Some);
    }
    let found = OUTCOME_HEADERS
        .iter()
        .find_map(|wanted| table.columns.iter().find(|c| folded(c) == *wanted));
    if found.is_none() && (table.columns.len() > 1 || args.on.is_empty()) {
        return Err(Error::usage(
            format!("{}: no column says who was won", table.info.file),
            "name it with --outcome HEADER, or give a file of the won leads' ids alone",
        ));
    }
    Ok(found)
}

fn id_column<'t>(
    table: &'t RawTable,
    args: &CalibrateArgs,
    outcome: Option<&'t Column>,
) -> Result<Option<&'t Column>, Error> {
    if let Some(header) = &args.outcome_id {
        return named(table, header).map(Some);
    }
    if let Some(header) = args.read.id_column.as_ref().filter(|_| args.on.is_empty()) {
        return named(table, header).map(Some);
    }
    let schema = schema::detect(table, &SchemaOverrides::default());
    let by_role = schema.columns.iter().position(|c| c.role == Role::RecordId);
    let is_outcome = |c: &Column| outcome.is_some_and(|o| std::ptr::eq(o, c));
    let by_role = by_role.and_then(|c| table.columns.get(c)).filter(|c| !is_outcome(c));
    if by_role.is_some() || args.on.is_empty() {
        return Ok(by_role);
    }
    let first = table.columns.iter().find(|c| !is_outcome(c));
    first.map(Some).ok_or_else(|| {
        Error::usage(
            format!("{}: no column names the leads", table.info.file),
            "name it with --outcome-id HEADER",
        )
    })
}

fn named<'t>(table: &'t RawTable, header: &str) -> Result<&'t Column, Error> {
    table.columns.iter().find(|c| c.header == header).ok_or_else(|| {
        let all: Vec<&str> = table.columns.iter().map(|c| c.header.as_str()).collect();
        Error::usage(
            format!("{} has no column {header:?}", table.info.file),
            format!("its columns are {}", all.join(", ")),
        )
    })
}

/// The outcome of every record, and how many outcomes name nobody here.
fn assign(scored: &Alone, outcomes: &Outcomes) -> (Vec<Option<bool>>, usize) {
    let table = &scored.table;
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let won = table
        .records()
        .map(|record| {
            let key = table.key(record);
            let qualified = format!("{}:{}", key.source, key.id);
            let known = outcomes
                .by_id
                .get_key_value(key.id)
                .or_else(|| outcomes.by_id.get_key_value(qualified.as_str()));
            match known {
                Some((name, won)) => {
                    *used.entry(name).or_default() += 1;
                    *won
                }
                None => outcomes.only_won.then_some(false),
            }
        })
        .collect();
    (won, outcomes.by_id.len() - used.len())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn signed(points: f64) -> String {
    let whole = if (points.abs() - points.abs().round()).abs() < 0.05 { 0 } else { 1 };
    let text = format!("{points:+.whole$}");
    if matches!(text.as_str(), "-0" | "+0" | "-0.0" | "+0.0") { "0".into() } else { text }
}

fn to_text(
    found: &Calibration,
    outcomes: &Outcomes,
    unknown: usize,
    args: &CalibrateArgs,
) -> String {
    let mut text = format!(
        "Model {}: {} leads with an outcome, {} won ({})\n",
        found.model,
        found.leads,
        found.won,
        percent(found.won as f64 / found.leads as f64)
    );
    // Writing to a String cannot fail, here and below.
    for (count, what) in [
        (unknown, "outcomes name nobody in the leads"),
        (outcomes.neither, "rows say neither won nor lost"),
        (outcomes.contradicting, "leads are both won and lost: left out"),
        (found.excluded, "leads have no score by [exclude]: left out"),
    ] {
        if count > 0 {
            let _ = writeln!(text, "  {count} {what}");
        }
    }
    let _ = writeln!(
        text,
        "A won lead stands above a lost one in {} of pairs by the score as it is, in {} by fitted weights",
        percent(found.ranking_now),
        percent(found.ranking_fitted)
    );
    text += "\nRules        leads      won     now  outcomes say (95 %)    suggested\n";
    for rule in &found.rules {
        push_rule(rule, &mut text);
    }
    for left in &found.left_out {
        let _ = writeln!(text, "  {}: not fitted, {}", left.rule, left.why);
    }
    text += "\nBands        leads      won    share     lift\n";
    for band in &found.bands {
        let name = if band.band.is_empty() { "no band" } else { &band.band };
        let _ = writeln!(
            text,
            "{:>18} {:>8} {:>8} {:>8.2}   {name}",
            band.leads,
            band.won,
            percent(band.share),
            band.lift
        );
    }
    text += "\nFitted tenths, on leads they were not fitted on\n";
    text += "             leads      won expected observed (95 %)             lift\n";
    for tenth in &found.tenths {
        let interval =
            format!("({} to {})", percent(tenth.interval[0]), percent(tenth.interval[1]));
        let _ = writeln!(
            text,
            "{:>9} {:>8} {:>8} {:>8} {:>8} {interval:<20} {:>5.2}",
            tenth.tenth,
            tenth.leads,
            tenth.won,
            percent(tenth.expected),
            percent(tenth.observed),
            tenth.lift
        );
    }
    match &args.output {
        Some(path) => {
            let _ = writeln!(
                text,
                "\nThe suggested model is in {}; nothing uses it until you name it",
                path.display()
            );
        }
        None => text += "\nNothing was changed; -o FILE writes a suggested model\n",
    }
    text.chars().filter(|&c| c == '\n' || !c.is_control()).collect()
}

fn push_rule(rule: &RuleFit, text: &mut String) {
    let interval = format!(
        "{} ({} to {})",
        signed(rule.fitted_points),
        signed(rule.fitted_interval[0]),
        signed(rule.fitted_interval[1])
    );
    let _ = writeln!(
        text,
        "{:>18} {:>8} {:>7}  {interval:<21} {:>10}   {}: {}",
        rule.leads,
        percent(rule.share_won),
        signed(rule.points),
        signed(rule.suggested_points),
        rule.title,
        rule.says
    );
}
