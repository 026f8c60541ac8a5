//! Generates a messy B2B lead database of any size, with activities and the truth about both.
//!
//! ```text
//! cargo run --release --example synth -- --records 1000000 --seed 1 --out /tmp/million
//! ```
//!
//! writes `leads.csv`, `truth.csv` (lead_id, person_id; `J...` is nobody), `activities.csv` sorted
//! by time, and `events_truth.csv` (row of `activities.csv`, event it tells). Standard library
//! only: `rustc -O --edition 2024 examples/synth/main.rs` builds it too.
//!
//! Every fact is a function of the seed and a number, so nothing is held in memory but a plan (one
//! sum per 64 persons) and one span of activities; rows are shuffled by a keyed permutation. The
//! same seed and options give the same bytes for any number of threads.
//!
//! # What is planted
//!
//! | what | how often |
//! |---|---|
//! | persons with 1, 2, 3, 4, 5 records | 79.8, 12.7, 4.6, 2.0, 1.0 % of persons |
//! | a record that copies an earlier one of the person | 8 % of later records |
//! | a second job at another firm | 23.5 % of persons; half of their records each |
//! | work, private, role address (`info@`, `sales@`) | 68, 29, 2.4 % of e-mails |
//! | e-mail: typed wrong, capitals, blank before, `mailto:`, `+tag`, filler | 2.5, 10, 1.3, 0.3, 0.2, 0.2 % |
//! | telephone: switchboard, direct line, home, mobile in the wrong column | 62, 12, 12, 14 % of phones |
//! | telephone: extension; filler (`000-000-0000`, `unknown`) | 9 % of office lines; 2.3 % |
//! | nickname, where there is one; initial only; middle initial; title | 33, 1.8, 2.2, 1.3 % |
//! | typing error in first name, last name, company, street | 3.4, 6, 3.2, 3 % |
//! | accents lost (`Müller`, `Mueller`, `Muller`) | 22 % of names that have any |
//! | one of two family names dropped | 16 % of double names |
//! | capitals; small letters, in names | 5.9 %; 8.7 % |
//! | first and last name swapped; whole name in the first column | 1.4 %; 0.4 % |
//! | first, last name missing | 2, 1.1 % |
//! | `Jr.`, `III` (on a third of the records); `, PhD`, `(old)`, `- do not call` | 1.2 % of persons; 0.35 % |
//! | company without legal form, other spelling, city or region, `The`, domain as name | 31, 14, 1.8, 1.5, 0.5 % |
//! | home instead of office address | 16 % of addresses |
//! | couples under one roof with one landline | 1 % of pairs of neighbors in the list |
//! | father and son of one name and home (`Sr.`, `Jr.`) | 0.4 % |
//! | namesakes in one firm; in two firms | 1.55 %; 3.65 % |
//! | nobody: `Test Test`, `asdf`, letters at random | 0.47 % of persons, one record each |
//! | an event told again under another record of the person, once or more | 4.8 % of their events, 60 % with the same id |
//!
//! More conflicts come by themselves and grow with the number of records: namesakes (frequent names
//! follow a flattened Zipf law, rare ones are composed from syllables), colleagues on one
//! switchboard and at one address (firm sizes follow a flattened power law), namesake firms. What
//! hardly happens by chance: two persons with one private address or one private number.

mod activity;
mod clock;
mod countries;
mod firm;
mod junk;
mod name_lists;
mod names;
mod nicknames;
mod person;
mod phone;
mod places;
mod plan;
mod random;
mod record;
mod text;
mod titles;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use activity::{Activities, discard_spans};
use clock::{record_times, write_time};
use junk::write_junk;
use person::People;
use plan::{Plan, Slot};
use random::{Rng, Stream};
use record::{Row, SOURCES, draw_source, write_row};

const HELP: &str = "\
Generates a messy B2B lead database with activities and the truth about both.

Usage: synth --records N --seed S --out DIR [--activities-per-record 4.5] [--no-activities]

  --records N                number of leads, 1 to 10000000
  --seed S                   any whole number; same seed and options, same bytes
  --out DIR                  folder for leads.csv, truth.csv, activities.csv, events_truth.csv;
                             files of these names are replaced
  --activities-per-record A  mean number of activities of a lead, 0 to 30 [default: 4.5]
  --no-activities            write leads.csv and truth.csv only
  --help                     this text
";

const HEADER: &str = "lead_id,first_name,last_name,email,phone,mobile,company,website,job_title,\
street,city,state,postal_code,country,lead_source,created_at,updated_at,owner,opt_in\n";

const OWNERS: [&str; 11] = [
    "d.patel",
    "marketing-queue",
    "g.kim",
    "c.meyer",
    "b.chen",
    "h.dubois",
    "j.silva",
    "e.brown",
    "f.rossi",
    "i.novak",
    "a.lopez",
];

const OPT_INS: [(&str, u32); 7] =
    [("true", 405), ("false", 247), ("", 203), ("yes", 58), ("no", 39), ("1", 29), ("0", 19)];

/// Rows made by one thread before it hands them over.
const CHUNK: u64 = 8192;

struct Options {
    records: u64,
    seed: u64,
    out: PathBuf,
    activities: f64,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            say(HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("synth: {message}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(summary) => {
            say(&summary);
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("synth: {message}");
            ExitCode::from(4)
        }
    }
}

/// Prints a result; whoever stopped reading does not want it.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let (mut records, mut seed, mut out, mut activities) = (None, None, None, 4.5);
    while let Some(arg) = args.next() {
        let (flag, inline) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_string(), Some(value.to_string())),
            None => (arg, None),
        };
        let mut value =
            || inline.clone().or_else(|| args.next()).ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--help" | "-h" => return Ok(None),
            "--records" => records = Some(number(&flag, &value()?)?),
            "--seed" => seed = Some(number(&flag, &value()?)?),
            "--out" => out = Some(PathBuf::from(value()?)),
            "--activities-per-record" => activities = number(&flag, &value()?)?,
            "--no-activities" => activities = 0.0,
            _ => return Err(format!("unknown argument {flag}")),
        }
    }
    let records: u64 = records.ok_or("--records is required")?;
    if !(1..=10_000_000).contains(&records) {
        return Err(format!("--records must be 1 to 10000000, not {records}"));
    }
    if !(0.0..=30.0).contains(&activities) {
        return Err(format!("--activities-per-record must be 0 to 30, not {activities}"));
    }
    let seed = seed.ok_or("--seed is required")?;
    let out = out.ok_or("--out is required")?;
    Ok(Some(Options { records, seed, out, activities }))
}

fn number<T: std::str::FromStr>(flag: &str, value: &str) -> Result<T, String> {
    value.replace('_', "").parse().map_err(|_| format!("{flag}: {value:?} is not a number"))
}

fn run(options: &Options) -> Result<String, String> {
    let out = &options.out;
    let failed = |error: std::io::Error| format!("cannot write to {}: {error}", out.display());
    std::fs::create_dir_all(out).map_err(failed)?;
    let plan = Plan::new(options.seed, options.records);
    let people = People::new(options.seed, plan.persons);
    write_leads(options, &plan, &people, out).map_err(failed)?;
    let mut activities = 0;
    if options.activities > 0.0 {
        activities = write_activities(options, &plan, out)
            .inspect_err(|_| discard_spans(out))
            .map_err(failed)?;
    }
    Ok(format!(
        "{} leads of {} people, {activities} activities in {}",
        plan.records,
        plan.persons,
        out.display()
    ))
}

fn write_activities(options: &Options, plan: &Plan, out: &Path) -> std::io::Result<u64> {
    let mut activities = Activities::new(out, options.seed, options.records, options.activities)?;
    let (mut rows, mut created) = (Vec::new(), Vec::new());
    plan.each_person(|person, first| {
        rows.clear();
        created.clear();
        for record in 0..plan.size(person) {
            rows.push(plan.row(first + record) as u32 + 1);
            created.push(record_times(options.seed, person, record).0);
        }
        activities.add_person(person, &rows, &created)
    })?;
    activities.finish(out)
}

/// Threads make chunks of rows side by side; chunks are written in order.
fn write_leads(options: &Options, plan: &Plan, people: &People, out: &Path) -> std::io::Result<()> {
    let mut leads = BufWriter::new(File::create(out.join("leads.csv"))?);
    let mut truth = BufWriter::new(File::create(out.join("truth.csv"))?);
    leads.write_all(HEADER.as_bytes())?;
    truth.write_all(b"lead_id,person_id\n")?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let mut start = 0;
    while start < plan.records {
        let chunks: Vec<u64> =
            (0..threads).map(|at| start + at * CHUNK).filter(|at| *at < plan.records).collect();
        let written: Vec<(Vec<u8>, Vec<u8>)> = std::thread::scope(|scope| {
            let work: Vec<_> = chunks
                .iter()
                .map(|at| scope.spawn(move || write_chunk(options.seed, plan, people, *at)))
                .collect();
            // A chunk only computes: a panic in it is a bug, passed on rather than losing rows.
            work.into_iter()
                .map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        for (lead_rows, truth_rows) in &written {
            leads.write_all(lead_rows)?;
            truth.write_all(truth_rows)?;
        }
        start += threads * CHUNK;
    }
    leads.flush()?;
    truth.flush()
}

fn write_chunk(seed: u64, plan: &Plan, people: &People, start: u64) -> (Vec<u8>, Vec<u8>) {
    let (mut leads, mut truth) = (Vec::new(), Vec::new());
    for row in start..(start + CHUNK).min(plan.records) {
        let slot = plan.slot(row);
        write_lead(seed, plan, people, row + 1, &slot, &mut leads);
        let kind = if plan.is_junk(slot.person) { 'J' } else { 'P' };
        truth.extend_from_slice(format!("L{:08},{kind}{}\n", row + 1, slot.person).as_bytes());
    }
    (leads, truth)
}

fn write_lead(seed: u64, plan: &Plan, people: &People, lead: u64, slot: &Slot, line: &mut Vec<u8>) {
    let Slot { person, record } = *slot;
    let mut rng = Rng::keyed(seed, Stream::Record, person * 8 + record + (1 << 40));
    let mut source = draw_source(&mut rng);
    let row = if plan.is_junk(person) {
        source = 0;
        write_junk(&mut rng)
    } else {
        make_row(seed, &people.make(person), record, source)
    };
    let (created, updated) = record_times(seed, person, record);
    line.extend_from_slice(format!("L{lead:08}").as_bytes());
    for cell in &row {
        line.push(b',');
        write_cell(line, cell);
    }
    line.push(b',');
    line.extend_from_slice(SOURCES[source].0.as_bytes());
    line.push(b',');
    write_time(line, created);
    line.push(b',');
    write_time(line, updated);
    line.push(b',');
    if rng.chance(0.917) {
        line.extend_from_slice(rng.pick(&OWNERS).as_bytes());
    }
    line.push(b',');
    line.extend_from_slice(OPT_INS[rng.weighted(&OPT_INS.map(|(_, weight)| weight))].0.as_bytes());
    line.push(b'\n');
}

/// The person's columns of a record: written anew, or now and then a copy of an earlier record.
fn make_row(seed: u64, person: &person::Person, record: u64, source: usize) -> Row {
    let mut rng = Rng::keyed(seed, Stream::Record, person.number * 8 + record);
    if record > 0 && rng.chance(0.08) {
        let earlier = rng.below(record as usize) as u64;
        let mut first = Rng::keyed(seed, Stream::Record, person.number * 8 + earlier + (1 << 40));
        return make_row(seed, person, earlier, draw_source(&mut first));
    }
    write_row(&mut rng, person, source)
}

fn write_cell(line: &mut Vec<u8>, cell: &str) {
    if cell.contains([',', '"', '\n']) {
        line.push(b'"');
        line.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(cell.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Result<Option<Options>, String> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn wrong_arguments_say_what_is_wrong() {
        for (line, expected) in [
            ("--seed 1 --out x", "--records is required"),
            ("--records ten --seed 1 --out x", "--records: \"ten\" is not a number"),
            ("--records 0 --seed 1 --out x", "--records must be 1 to 10000000, not 0"),
            ("--records 5 --seed", "--seed needs a value"),
            ("--records 5 --seed 1 --out x --activities-per-record NaN", "not NaN"),
            ("--rows 5", "unknown argument --rows"),
        ] {
            let message = args(line).err().unwrap_or_default();
            assert!(message.contains(expected), "{line}: {message:?}");
        }
        assert!(matches!(args("--help"), Ok(None)));
        assert!(matches!(args("--records=5 --seed=1 --out=x"), Ok(Some(_))));
    }

    #[test]
    fn a_row_has_nineteen_cells_and_is_the_same_when_made_again() {
        let plan = Plan::new(3, 400);
        let people = People::new(3, plan.persons);
        let make = |row: u64| {
            let mut line = Vec::new();
            write_lead(3, &plan, &people, row + 1, &plan.slot(row), &mut line);
            String::from_utf8(line).expect("UTF-8")
        };
        for row in 0..400 {
            let line = make(row);
            let outside_quotes: String = line.split('"').step_by(2).collect();
            assert_eq!(outside_quotes.matches(',').count(), 18, "{line}");
            assert_eq!(line, make(row));
        }
    }
}
