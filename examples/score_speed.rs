//! How fast and how large scoring is: a million leads, 4.5 million activities, thirty rules.
//!
//! ```text
//! cargo run --release --example score_speed -- 1000000 4500000
//! ```
//!
//! The facts are made here and not read from files, so that nothing but the stage is measured. A
//! tenth of the people are split over two or three records; every event hangs on one of them. The
//! scores are checked: every ledger adds up, and one thread gives what all of them give.

use leadmend::record::RecordId;
use leadmend::score::facts::{Events, FactValue, Facts, FieldColumn};
use leadmend::score::ledger::Entry;
use leadmend::score::model::{ScoringModel, parse};
use leadmend::score::{Cause, Drop, ModelScores, Rise, Scored, leads};
use std::fmt::Write;
use std::time::Instant;

/// 2026-06-30.
const AS_OF: i64 = 1_782_777_600_000_000;
const DAY: i64 = 86_400_000_000;
const KINDS: [&str; 10] = [
    "page.view",
    "email.open",
    "email.click",
    "form.submit",
    "asset.download",
    "webinar.attend",
    "demo.request",
    "pricing.view",
    "email.sent",
    "email.unsubscribe",
];
const COUNTRIES: [&str; 8] = ["MX", "US", "ES", "DE", "FR", "BR", "GB", "IN"];
const LEVELS: [&str; 5] = ["c-level", "vp", "director", "manager", "student"];

fn main() {
    let mut sizes = std::env::args().skip(1).filter_map(|arg| arg.parse::<usize>().ok());
    let people = sizes.next().unwrap_or(1_000_000);
    let events = sizes.next().unwrap_or(people * 9 / 2);
    let model = model();
    let rules = model.rules.len();
    let facts = facts(people, events);
    let records = facts.record_count;
    println!("{people} leads of {records} records, {events} activities, {rules} rules");
    let models = [model];
    let mut all = None;
    for threads in [1, std::thread::available_parallelism().map_or(1, usize::from)] {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else {
            eprintln!("no threads");
            return;
        };
        let mut times = Vec::new();
        let mut scored = Scored::default();
        for _ in 0..3 {
            let start = Instant::now();
            scored = pool.install(|| leads(&models, &facts, AS_OF));
            times.push(start.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        let million = times[1] / (events as f64 / 1e6);
        println!("{threads} threads: {:.2?} s, median {million:.3} s a million activities", times);
        assert!(all.as_ref().is_none_or(|before| *before == scored), "threads change the scores");
        all = Some(scored);
    }
    let Some(scored) = all else { return };
    check(&scored.models[0]);
    tell_memory(&facts, &scored.models[0]);
}

/// Thirty rules: ten about who it is, twenty about what they did, in groups, faded and counted.
fn model() -> ScoringModel {
    let mut text = String::from(
        "[[component]]\nid = \"score\"\nrange = { min = 0, max = 100 }\nround = \"half-up\"\n\
         [[component.group]]\nid = \"web\"\nmax = 40\n\
         [[band]]\nid = \"phone\"\nmin = 60\naction = \"phone call\"\n\
         [[band]]\nid = \"mail\"\nbelow = 60\naction = \"newsletter\"\n",
    );
    for i in 0..10 {
        let condition = match i {
            0..5 => format!("{{ field = \"country\", is = \"{}\" }}", COUNTRIES[i]),
            _ => format!("{{ field = \"title.seniority\", is = \"{}\" }}", LEVELS[i - 5]),
        };
        let over = ["survivor", "any", "newest"][i % 3];
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "[[rule]]\nid = \"p{i}\"\nif = {condition}\nadd = {}\nover = \"{over}\"\n",
            i as i64 * 5 - 10
        );
    }
    for i in 0..20 {
        let times = ["\"each\"", "\"once\"", "\"per-object\"", "\"per-day\"", "{ max = 5 }"][i % 5];
        let age = [
            "",
            "within = \"90d\"\n",
            "decay = { kind = \"half-life\", half_life = \"90d\" }\n",
            "decay = { kind = \"linear\", percent = 10, every = \"30d\" }\n",
        ][i % 4];
        let group = ["", "group = \"web\"\n"][i % 2];
        let _ = write!(
            text,
            "[[rule]]\nid = \"e{i}\"\n{group}on = {{ event = \"{}\" }}\nadd = {}\ntimes = {times}\n{age}",
            KINDS[i % 10],
            1 + i % 7
        );
    }
    match parse(&text, "thirty rules") {
        Ok(model) => model,
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}

/// Numbers that look random and are the same every time (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

fn facts(people: usize, events: usize) -> Facts {
    let mut numbers = Numbers(1);
    let mut facts = Facts { member_start: vec![0], ..Facts::default() };
    for _ in 0..people {
        let records = if numbers.below(10) == 0 { 2 + numbers.below(2) } else { 1 };
        for _ in 0..records {
            facts.members.push(RecordId(facts.record_count));
            facts.record_count += 1;
        }
        facts.member_start.push(facts.record_count);
    }
    facts.fields = [("country", &COUNTRIES[..]), ("title.seniority", &LEVELS[..])]
        .map(|(name, words)| field(name, words, &facts, &mut numbers))
        .to_vec();
    facts.events = history(people, events, &facts, &mut numbers);
    facts
}

fn field(name: &str, words: &[&str], facts: &Facts, numbers: &mut Numbers) -> FieldColumn {
    let values = std::iter::once(FactValue::Missing)
        .chain(words.iter().map(|word| FactValue::Text(word.to_string())))
        .collect();
    let of_record: Vec<u32> =
        (0..facts.record_count).map(|_| numbers.below(words.len() + 1) as u32).collect();
    let newest = |p: usize| facts.members[facts.member_start[p] as usize];
    let from_record: Vec<RecordId> = (0..facts.person_count()).map(newest).collect();
    let of_person = from_record.iter().map(|r| of_record[r.index()]).collect();
    FieldColumn { name: name.into(), values, of_record, of_person, from_record }
}

fn history(people: usize, count: usize, facts: &Facts, numbers: &mut Numbers) -> Events {
    let mut per_person = vec![0u32; people + 1];
    for _ in 0..count {
        per_person[numbers.below(people) + 1] += 1;
    }
    for p in 0..people {
        per_person[p + 1] += per_person[p];
    }
    let mut events = Events {
        kinds: KINDS.map(String::from).to_vec(),
        objects: (0..200)
            .map(|i| if i == 0 { String::new() } else { format!("object {i}") })
            .collect(),
        ..Events::default()
    };
    for p in 0..people {
        let mut times: Vec<i64> = (per_person[p]..per_person[p + 1])
            .map(|_| {
                AS_OF - numbers.below(720) as i64 * DAY - numbers.below(86_400) as i64 * 1_000_000
            })
            .collect();
        times.sort_unstable();
        let members = facts.members_of(p as u32);
        for at in times {
            events.at.push(at);
            events.kind.push(numbers.below(KINDS.len()) as u16);
            events.object.push(numbers.below(200) as u32);
            events.record.push(members[numbers.below(members.len())]);
            // One event in fifty was logged twice.
            events.in_union.push(numbers.below(50) > 0);
        }
    }
    events.activity = (0..count as u32).collect();
    events.in_part = vec![true; count];
    events.start = per_person;
    events
}

fn check(scores: &ModelScores) {
    for person in 0..scores.len() {
        let sum: i64 = scores.ledger_of(person).iter().map(|line| line.points).sum();
        assert_eq!(sum, scores.score[person], "the ledger of person {person} does not add up");
    }
    println!("every ledger adds up; {} drops, {} rises", scores.drops.len(), scores.rises.len());
}

/// What the facts and the scores hold, counted from their columns.
fn tell_memory(facts: &Facts, scores: &ModelScores) {
    let (people, records) = (facts.person_count() as f64, f64::from(facts.record_count));
    let fields = facts.fields.len() as f64 * (4.0 * records + 8.0 * people);
    let events = facts.events.at.len() as f64 * (8 + 2 + 4 + 4 + 4 + 1 + 1) as f64;
    let columns = people * (6 * 8 + 2 * 2 + 4 + 12 + 8 + 4 + 8 + 8 * scores.width) as f64;
    let lines = (scores.entries.capacity() * size_of::<Entry>()) as f64;
    let drops: usize = scores.drops.iter().map(|d| d.causes.capacity()).sum();
    let rises: usize = scores.rises.iter().map(|r| r.causes.capacity()).sum();
    let changes = (drops + rises) * size_of::<Cause>()
        + scores.drops.capacity() * size_of::<Drop>()
        + scores.rises.capacity() * size_of::<Rise>();
    println!(
        "bytes a lead: facts {:.0} (fields {:.0}, events {:.0}); scores {:.0}, ledger {:.0} \
         ({:.1} lines of {} bytes), drops and rises {:.0}",
        (fields + events) / people,
        fields / people,
        events / people,
        columns / people,
        lines / people,
        scores.entries.len() as f64 / people,
        size_of::<Entry>(),
        changes as f64 / people,
    );
    let peak = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = peak.lines().find(|line| line.starts_with("VmHWM")) {
        println!("the whole program at its most:{}", line.trim_start_matches("VmHWM:"));
    }
}
