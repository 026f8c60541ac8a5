//! The speed of scoring a million leads, by hand:
//! `cargo test --release --lib score::tests::speed -- --ignored --nocapture`.

use crate::record::RecordId;
use crate::score::facts::{Events, FactValue, Facts, FieldColumn};
use crate::score::leads;
use crate::score::model::builtin;
use crate::score::quantity::DAY;

const RECORDS: u32 = 1_000_000;
const EVENTS: u32 = 4_500_000;

/// A fixed sequence that looks random: the measurement must not depend on the day.
fn mix(value: u32) -> u32 {
    let value = (value ^ (value >> 16)).wrapping_mul(0x7feb_352d);
    let value = (value ^ (value >> 15)).wrapping_mul(0x846c_a68b);
    value ^ (value >> 16)
}

fn million() -> Facts {
    // Every fifth person has two records.
    let mut member_start = vec![0_u32];
    while member_start[member_start.len() - 1] < RECORDS {
        let start = member_start[member_start.len() - 1];
        let size = if member_start.len() % 5 == 0 { 2 } else { 1 };
        member_start.push((start + size).min(RECORDS));
    }
    let persons = member_start.len() - 1;
    let model = builtin();
    let fields = model.needed_fields();
    let fields = fields.iter().enumerate().map(|(i, name)| {
        let values: Vec<FactValue> = match *name {
            "email.valid" | "email.role" | "email.free_mail" | "phone.valid" => {
                vec![FactValue::Missing, FactValue::Flag(true), FactValue::Flag(false)]
            }
            "title.seniority" => {
                let words = ["c-level", "vp", "manager", "student", "senior"];
                let words = words.iter().map(|w| FactValue::Text((*w).into()));
                std::iter::once(FactValue::Missing).chain(words).collect()
            }
            _ => (0..50_000)
                .map(|v| {
                    if v == 0 { FactValue::Missing } else { FactValue::Text(format!("value {v}")) }
                })
                .collect(),
        };
        let of_record: Vec<u32> =
            (0..RECORDS).map(|r| mix(r + i as u32 * 7919) % values.len() as u32).collect();
        let of_person = (0..persons).map(|p| of_record[member_start[p] as usize]).collect();
        let from_record = (0..persons).map(|p| RecordId(member_start[p])).collect();
        FieldColumn { name: (*name).to_string(), values, of_record, of_person, from_record }
    });
    let fields = fields.collect();
    Facts {
        fields,
        events: events(&member_start),
        members: (0..RECORDS).map(RecordId).collect(),
        member_start,
        record_count: RECORDS,
        survivor: vec![],
    }
}

fn events(member_start: &[u32]) -> Events {
    let kinds: Vec<String> = crate::score::kind::all().map(String::from).collect();
    let mut events = Events {
        start: vec![0],
        objects: (0..5000)
            .map(|o| if o == 0 { String::new() } else { format!("page {o}") })
            .collect(),
        ..Events::default()
    };
    for (person, members) in member_start.windows(2).enumerate() {
        let upto = (u64::from(EVENTS) * u64::from(members[1]) / u64::from(RECORDS)) as u32;
        let count = upto - events.at.len() as u32;
        for i in 0..count {
            let seed = mix(person as u32 * 31 + i);
            events.at.push(i64::from(i + 1) * 40 * DAY + i64::from(seed % 1000));
            events.kind.push((seed % kinds.len() as u32) as u16);
            events.object.push(seed % 5000);
            events.record.push(RecordId(members[0] + seed % (members[1] - members[0])));
            events.activity.push(events.activity.len() as u32);
            events.in_union.push(!seed.is_multiple_of(10));
            events.in_part.push(true);
        }
        events.start.push(events.at.len() as u32);
    }
    events.kinds = kinds;
    events
}

#[test]
#[ignore = "a measurement, not a check"]
fn a_million_leads() {
    let facts = million();
    let model = [builtin()];
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let scored = leads(&model, &facts, 400 * DAY);
        let took = start.elapsed();
        let scores = &scored.models[0];
        println!(
            "{} leads, {} events, {} rules: {took:?}; {} ledger lines, {} drops",
            scores.len(),
            facts.events.at.len(),
            model[0].rules.len(),
            scores.entries.len(),
            scores.drops.len()
        );
        assert_eq!(scores.entry_start.len(), scores.len() + 1);
    }
}
