//! How long each normalizer takes for a million distinct values, and which share of a whole run
//! normalizing and repairing are.
//!
//! `cargo run --release --example normalizers -- leads.csv`: the values of the file are repeated with
//! changing digits, so that none is worked on twice; one thread for the normalizers.

use leadmend::normalize::country::Country;
use leadmend::normalize::date::{self, DateOrder};
use leadmend::normalize::name::{self, NameParts};
use leadmend::normalize::{address, company, email, phone, region, text, title, url};
use leadmend::pipeline::{self, Job, Stage};
use leadmend::record::Table;
use leadmend::schema::{Role, UnitedSchema};
use leadmend::source::Source;
use std::hint::black_box;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Values a normalizer is timed on.
const VALUES: usize = 200_000;

/// A role and what is called for its values.
type Timed = (Role, &'static str, fn(&str));

fn main() -> leadmend::error::Result<()> {
    let input = std::env::args().nth(1).unwrap_or_else(|| "fixtures/ana/leads.csv".into());
    let job = Job { inputs: vec![Source::new(&input)], ..Job::default() };
    let start = Instant::now();
    let leads = pipeline::normalize(&job, &|_| ())?;
    println!("read, normalize and repair {} records: {:?}", leads.table.len(), start.elapsed());
    let timed: [Timed; 11] = [
        (Role::Email, "email", |v| {
            black_box(email::parse(v));
        }),
        (Role::Phone, "phone", |v| {
            black_box(phone::parse(v, Some(Country::US)));
        }),
        (Role::GivenName, "name", |v| {
            let parts = NameParts { given: v, family: "Garcia", ..NameParts::default() };
            black_box(name::parse(&parts));
        }),
        (Role::Company, "company", |v| {
            black_box(company::parse(v));
        }),
        (Role::Title, "title", |v| {
            black_box(title::parse(v));
        }),
        (Role::Street, "street", |v| {
            black_box(address::street(v, Some(Country::US)));
        }),
        (Role::City, "city", |v| {
            black_box(address::city(v));
        }),
        (Role::Region, "region", |v| {
            black_box(region::parse(v, Some(Country::US)));
        }),
        (Role::Website, "url", |v| {
            black_box(url::parse(v));
        }),
        (Role::Created, "date", |v| {
            black_box(date::parse(v, DateOrder::YearFirst));
        }),
        (Role::Company, "text::clean", |v| {
            black_box(text::clean(v));
        }),
    ];
    for (role, name, call) in timed {
        let values = values(&leads.table, &leads.schema, role);
        if values.is_empty() {
            continue;
        }
        let start = Instant::now();
        values.iter().for_each(|value| call(value));
        let million = start.elapsed().as_secs_f64() * 1e6 / values.len() as f64;
        println!("{name:12} {million:.2} s per million distinct values");
    }
    share(&job)
}

/// Distinct values of a role: those of the file, over and over with other digits.
fn values(table: &Table, schema: &UnitedSchema, role: Role) -> Vec<String> {
    let Some(column) = schema.first(role) else { return Vec::new() };
    let known: Vec<&str> = table.columns[column].dictionary.iter().skip(1).collect();
    let turned = |value: &str, round: usize| {
        let turn = |c: char| match c.to_digit(10) {
            Some(digit) => char::from_digit((digit + round as u32) % 10, 10).unwrap_or(c),
            None => c,
        };
        value.chars().map(turn).collect::<String>()
    };
    let rounds = if known.is_empty() { 0 } else { VALUES.div_ceil(known.len()) };
    let all = (0..rounds).flat_map(|round| known.iter().map(move |value| turned(value, round)));
    all.take(VALUES).collect()
}

/// The share of the stage in a whole run.
fn share(job: &Job) -> leadmend::error::Result<()> {
    let seen: Mutex<Vec<(Stage, Instant)>> = Mutex::new(Vec::new());
    let start = Instant::now();
    pipeline::run(job, &|stage| {
        if let Ok(mut seen) = seen.lock() {
            seen.push((stage, Instant::now()));
        }
    })?;
    let whole = start.elapsed();
    let seen = seen.into_inner().unwrap_or_default();
    let at = |wanted: Stage| seen.iter().find(|(stage, _)| *stage == wanted).map(|(_, at)| *at);
    if let (Some(from), Some(to)) = (at(Stage::Normalize), at(Stage::Block)) {
        let share = (to - from).max(Duration::ZERO).as_secs_f64() / whole.as_secs_f64();
        println!("normalizing is {:.1}% of a run of {whole:?}", share * 100.0);
    }
    Ok(())
}
