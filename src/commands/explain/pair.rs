//! Why two records are, or are not, one person: the waterfall of a pair.

use super::frozen;
use super::run_folder::{Crossing, RunFolder, SourceReport, damaged, read_json};
use crate::cli::ExplainArgs;
use anyhow::Result;
use leadmend::compare::Pair;
use leadmend::config::Config;
use leadmend::error::{Error, Result as Checked};
use leadmend::matching::decide::Verdict;
use leadmend::matching::explain::{Flip, Step, StepKind, Waterfall, fits, waterfall};
use leadmend::matching::model::MatchingModel;
use leadmend::normalize::record::Records;
use leadmend::pipeline::{self, Job};
use leadmend::record::{RecordId, Table};
use leadmend::schema::{Role, UnitedSchema};
use leadmend::source::{Purpose, Source, fingerprint};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The roles whose values are shown, under what they are compared as.
const SHOWN: [(&str, &[Role]); 7] = [
    ("name", &[Role::FullName, Role::GivenName, Role::MiddleName, Role::FamilyName]),
    ("email", &[Role::Email]),
    ("phone", &[Role::Phone, Role::Mobile]),
    ("company", &[Role::Company]),
    ("place", &[Role::Street, Role::Postcode, Role::City, Role::Country]),
    ("title", &[Role::Title]),
    ("birth date", &[Role::BirthDate]),
];

/// A pair explained.
#[derive(Debug, Serialize)]
struct Explained {
    left: String,
    right: String,
    values: Vec<Values>,
    #[serde(flatten)]
    waterfall: Waterfall,
    /// Whether the run made one person of them.
    one_person: bool,
    /// The persons they went to.
    persons: [String; 2],
}

/// What the two sides say about one thing.
#[derive(Debug, Serialize)]
struct Values {
    name: &'static str,
    left: String,
    right: String,
}

/// Explains a pair.
pub fn explain(folder: &RunFolder, args: &ExplainArgs, right: &str) -> Result<()> {
    let (left, right) = (folder.record(&args.left)?, folder.record(right)?);
    if left == right {
        return Err(Error::usage("both names call the same record", "name two records").into());
    }
    let (table, schema, features, model) = match &folder.report.matching.frozen {
        Some(name) => frozen::read(folder, args, name)?,
        None => {
            let model: MatchingModel = read_json(&folder.path, "matching.json")?;
            let (table, schema, records) = read_again(folder, &args.inputs)?;
            (table, schema, records.features, model)
        }
    };
    if !fits(&features, &model) {
        let what = "does not fit the run's input";
        return Err(damaged("matching.json", what, "run `leadmend clean` again").into());
    }
    let (a, b) = (find(&table, &left)?, find(&table, &right)?);
    let pair = Pair::new(a.0, b.0);
    let explained = Explained {
        values: values(&table, &schema, a, b),
        waterfall: waterfall(&features, &model, pair),
        one_person: left.person_id == right.person_id,
        left: left.label,
        right: right.label,
        persons: [left.person_id, right.person_id],
    };
    let text = match (args.json, args.plain) {
        (true, _) => serde_json::to_string_pretty(&explained)? + "\n",
        (_, true) => plain(&explained),
        _ => full(&explained),
    };
    super::show(&text)
}

/// Reads the inputs of a run as the run read them.
fn read_again(folder: &RunFolder, given: &[PathBuf]) -> Checked<(Table, UnitedSchema, Records)> {
    let sources = &folder.report.sources;
    let paths: Vec<PathBuf> =
        sources.iter().map(|s| find_input(folder, s, given)).collect::<Checked<_>>()?;
    let mut config = Config { max_reject_rate: 1.0, ..Config::default() };
    for column in folder.report.columns.iter().filter(|c| c.why.starts_with("named by --")) {
        if let Ok(role) = column.role.parse() {
            config.columns.roles.push((role, column.header.clone()));
        }
    }
    // What was detected then is detected again; what was said on the command line is not recorded as
    // said, so ways to read are tried until the files look as they did.
    for (told, flexible) in [(false, false), (true, false), (true, true)] {
        let job = Job {
            config: config.clone(),
            inputs: sources.iter().zip(&paths).map(|(s, p)| input(s, p, told, flexible)).collect(),
            ..Job::default()
        };
        let read = pipeline::read(&job);
        if let Ok((table, ..)) = &read
            && table.sources.iter().zip(sources).all(|(now, then)| {
                now.records == then.records
                    && now.rejected == then.rejected
                    && now.delimiter == then.delimiter
                    && now.encoding == then.encoding
            })
        {
            return read;
        }
    }
    let file = sources.first().map_or_else(String::new, |s| s.file.clone());
    Err(damaged(&file, "is read differently than in the run", "run `leadmend clean` again"))
}

fn input(report: &SourceReport, path: &Path, told: bool, flexible: bool) -> Source {
    let delimiter = report.delimiter.and_then(|d| u8::try_from(d).ok());
    let Source { path, server, .. } = at(path);
    Source {
        path,
        server,
        table: report.table.clone(),
        name: Some(report.name.clone()),
        preset: Some(report.preset.clone().unwrap_or_else(|| "none".into())),
        encoding: told.then(|| report.encoding.clone()),
        delimiter: if told { delimiter } else { None },
        flexible,
        ..Source::default()
    }
}

/// An input at a path, or on the server a URL names.
fn at(path: &Path) -> Source {
    let on_server = Source::parse(path, Purpose::Leads).ok().filter(|s| s.server.is_some());
    on_server.unwrap_or_else(|| Source::new(path))
}

/// Where an input of the run is now: given, beside the folder, or here; and still the same.
fn find_input(folder: &RunFolder, source: &SourceReport, given: &[PathBuf]) -> Checked<PathBuf> {
    let alone = given.len() == 1 && folder.report.sources.len() == 1;
    let named = given.iter().filter(|path| alone || at(path).file_name() == source.file).cloned();
    let beside = folder.path.parent().unwrap_or(Path::new("")).join(&source.file);
    let places: Vec<PathBuf> = named
        .chain([beside, PathBuf::from(&source.file)])
        .filter(|path| path.is_file() || at(path).server.is_some())
        .collect();
    for path in &places {
        let input = Source { table: source.table.clone(), ..at(path) };
        if fingerprint::of_file(&input)? == source.fingerprint {
            return Ok(path.clone());
        }
    }
    Err(match places.is_empty() {
        true => damaged(
            &source.file,
            "this input of the run is neither beside its folder nor here",
            "give it with --input FILE",
        ),
        false => damaged(
            &source.file,
            "has changed since the run",
            "give the file as it was with --input FILE, or run `leadmend clean` again",
        ),
    })
}

fn find(table: &Table, crossing: &Crossing) -> Checked<RecordId> {
    let is = |record: &RecordId| {
        let key = table.key(*record);
        key.id == crossing.record_id
            && key.source == crossing.source
            && key.occurrence == crossing.occurrence
    };
    table.records().find(is).ok_or_else(|| {
        let what = format!("does not hold the record {}", crossing.key());
        damaged("crosswalk.csv", &what, "run `leadmend clean` again")
    })
}

fn values(table: &Table, schema: &UnitedSchema, a: RecordId, b: RecordId) -> Vec<Values> {
    SHOWN
        .iter()
        .map(|(name, roles)| {
            let cells = |record: RecordId| {
                let columns = roles.iter().flat_map(|&role| schema.all(role));
                let cells = columns.map(|c| table.columns[c].get(record).trim());
                cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
            };
            Values { name, left: cells(a), right: cells(b) }
        })
        .filter(|v| !v.left.is_empty() || !v.right.is_empty())
        .collect()
}

/// The headline: what was decided and what the run made of it.
fn headline(e: &Explained) -> String {
    let verdict = match e.waterfall.verdict {
        Verdict::Merge => "one person",
        Verdict::Review => "perhaps one person: somebody should look",
        Verdict::Related => "two people who have something in common",
        Verdict::Distinct => "two different people",
    };
    format!("{} and {}: {verdict}", e.left, e.right)
}

/// What clustering made of the pair, where that is not what the pair alone says.
fn outcome(e: &Explained) -> String {
    let [left, right] = &e.persons;
    match (e.one_person, e.waterfall.verdict) {
        (true, Verdict::Merge) => format!("The run merged them into {left}."),
        (true, _) => format!(
            "The run merged them into {left} all the same: other records link the two, or the file \
             says that they are one."
        ),
        (false, Verdict::Merge) => format!(
            "The run kept them apart ({left}, {right}): merging them would have joined records \
             that contradict each other."
        ),
        (false, Verdict::Review) => {
            format!("The run kept them apart ({left}, {right}); the pair is in review.csv.")
        }
        (false, _) => format!("The run kept them apart ({left}, {right})."),
    }
}

fn flip_text(flip: Option<&Flip>, verdict: Verdict) -> String {
    let Some(flip) = flip else {
        return "No change of a single value would turn this.".into();
    };
    let side = |label: &str| match label {
        "" => "missing".to_string(),
        label => format!("\"{label}\""),
    };
    let turned = match flip.verdict {
        Verdict::Merge => "they would be merged",
        Verdict::Review => "they would be put up for review",
        Verdict::Related => "they would count as related only",
        Verdict::Distinct => "they would count as different people",
    };
    let word = if verdict == Verdict::Merge { "What would stop it" } else { "What it would take" };
    format!(
        "{word}: if {} were {} instead of {} ({:+.1} bits), {turned}.",
        flip.name,
        side(&flip.to),
        side(&flip.from),
        flip.bits
    )
}

fn full(e: &Explained) -> String {
    let mut text = headline(e) + "\n\n";
    push_values(&e.values, &mut text);
    text +=
        "\nEvidence in bits: each bit doubles the odds that they are one person, or halves them\n";
    push_steps(&e.waterfall, &mut text);
    let c = e.waterfall.classes;
    let w = &e.waterfall;
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\nOne person {}, related {}, strangers {}; merging starts at {}, review at {}.\n\
         Calibrated probability, as in crosswalk.csv and review.csv: {}\n{}\n{}\n",
        percent(c.same),
        percent(c.related),
        percent(c.unrelated),
        percent(w.merge_at),
        percent(w.review_at),
        percent(w.calibrated_prob),
        outcome(e),
        flip_text(w.flip.as_ref(), w.verdict),
    );
    text
}

fn push_values(values: &[Values], text: &mut String) {
    let wide = values.iter().map(|v| v.left.chars().count()).max().unwrap_or(0).min(40);
    for v in values {
        let show = |side: &str| if side.is_empty() { "-".to_string() } else { clean(side) };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:<11} {:<wide$}  {}", v.name, show(&v.left), show(&v.right));
    }
}

/// A cell on one line.
fn clean(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The steps with one decimal, rounded so that what is printed adds up.
fn push_steps(w: &Waterfall, text: &mut String) {
    let tenths = |bits: f64| (bits * 10.0).round() / 10.0;
    let (mut sum, mut printed) = (0.0, 0.0);
    for step in w.steps.iter().filter(|s| s.kind != StepKind::Missing) {
        sum += step.bits;
        let bits = tenths(sum) - printed;
        printed = tenths(sum);
        if step.kind == StepKind::Related && tenths(bits) == 0.0 {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:<11} {:>+6.1}  {}", name_of_step(step), bits + 0.0, told(step));
    }
    let _ = writeln!(text, "  {:<11} {:>+6.1}", "total", tenths(w.total_bits));
    let missing: Vec<&str> = missing(w).collect();
    if !missing.is_empty() {
        let _ = writeln!(
            text,
            "  says nothing, missing on a side or counted elsewhere: {}",
            missing.join(", ")
        );
    }
}

fn missing(w: &Waterfall) -> impl Iterator<Item = &str> {
    w.steps.iter().filter(|s| s.kind == StepKind::Missing).map(|s| s.name.as_str())
}

fn name_of_step(step: &Step) -> &str {
    if step.kind == StepKind::Prior { "at first" } else { &step.name }
}

fn told(step: &Step) -> String {
    match &step.note {
        Some(note) => format!("{}; {note}", step.label),
        None => step.label.clone(),
    }
}

fn percent(prob: f64) -> String {
    // What is nearly certain is not shown as certain.
    match prob {
        p if p > 0.0 && p < 0.0005 => "under 0.1 %".into(),
        p if p < 1.0 && p > 0.9995 => "over 99.9 %".into(),
        p => format!("{:.1} %", p * 100.0),
    }
}

/// At most six lines.
fn plain(e: &Explained) -> String {
    let w = &e.waterfall;
    let told = |most: &dyn Fn(&Step) -> f64| {
        let mut steps: Vec<&Step> =
            w.steps.iter().filter(|s| s.kind == StepKind::Comparison && most(s) >= 0.5).collect();
        steps.sort_by(|x, y| most(y).total_cmp(&most(x)));
        steps.iter().take(3).map(|s| told(s)).collect::<Vec<_>>().join("; ")
    };
    let mut lines = vec![headline(e) + "."];
    let (speaks_for, against) = (told(&|s| s.bits), told(&|s| -s.bits));
    if !speaks_for.is_empty() {
        lines.push(format!("For it: {speaks_for}."));
    }
    if !against.is_empty() {
        lines.push(format!("Against it: {against}."));
    }
    let unknown: Vec<&str> = missing(w).collect();
    if !unknown.is_empty() {
        lines.push(format!("Not known on both sides: {}.", unknown.join(", ")));
    }
    lines.push(outcome(e));
    lines.push(flip_text(w.flip.as_ref(), w.verdict));
    lines.join("\n") + "\n"
}
