//! Writing the known records of an audit.

use super::meaning;
use super::pack::{self, Entry};
use super::rebuild::{Form, FormColumn, refusal};
use super::{BITS, COUNT, Keep, MATCHING, addresses, keys, seconds};
use crate::cluster::union::Union;
use crate::matching::decide::Verdict;
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::schema::Role;
use crate::schema::earlier::is_earlier;
use rayon::prelude::*;
use rusqlite::{Connection, params};

/// What is written anew by every audit.
const TABLES: [&str; 6] =
    ["known_source", "known_record", "known_party", "known_keys", "known_refusal", "known_meaning"];

/// Puts the records of a run in place of those the state knew. `numbers` are those of the table
/// `record`, per record of the run; `audit` is the audit's. Nothing is known after a run that no
/// frozen model decided.
pub(crate) fn store(
    connection: &Connection,
    outcome: &Outcome,
    keep: Keep,
    numbers: &[i64],
    audit: i64,
) -> rusqlite::Result<()> {
    for table in TABLES {
        connection.execute(&format!("DELETE FROM {table}"), [])?;
    }
    connection.execute("DELETE FROM meta WHERE key = ?1", [COUNT])?;
    let Some(frozen) = &outcome.matched.frozen else { return Ok(()) };
    connection.execute(
        "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
        params![COUNT, numbers.len() as i64],
    )?;
    connection.execute(
        "INSERT OR REPLACE INTO frozen (part, audit, bytes) VALUES (?1, ?2, ?3)",
        params![MATCHING, audit, frozen.to_bytes()],
    )?;
    let prepared = frozen.prepare(&outcome.records);
    let blocks = &frozen.snapshot.blocks;
    let mut entries: Vec<Entry> = (0..outcome.table.len())
        .into_par_iter()
        .with_min_len(2048)
        .flat_map_iter(|r| {
            let own = seconds(&prepared, r);
            let record = numbers[r];
            keys(&prepared, blocks, r).into_iter().map(move |key| Entry {
                key,
                record,
                seconds: blocks.large.contains(&key).then_some(own),
            })
        })
        .collect();
    entries.par_sort_unstable_by_key(pack::order);
    write_keys(connection, &entries)?;
    drop(entries);
    write_refusals(connection, outcome, numbers, |r| addresses(&prepared, r))?;
    let mut order: Vec<u32> = (0..outcome.table.len() as u32).collect();
    order.par_sort_unstable_by_key(|&r| numbers[r as usize]);
    meaning::store(connection, &prepared.features, numbers, &order)?;
    drop(prepared);
    let parties = write_parties(connection, outcome, numbers)?;
    write_records(connection, outcome, keep, numbers, &order, &parties)
}

fn write_keys(connection: &Connection, entries: &[Entry]) -> rusqlite::Result<()> {
    let bits = pack::bucket_bits(entries.len());
    let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)";
    connection.execute(sql, params![BITS, bits])?;
    let mut insert =
        connection.prepare("INSERT INTO known_keys (bucket, entries) VALUES (?1, ?2)")?;
    let bucket = |e: &Entry| pack::bucket_of(e.key, bits);
    for of_bucket in entries.chunk_by(|x, y| bucket(x) == bucket(y)) {
        insert.execute(params![bucket(&of_bucket[0]), pack::pack_bucket(of_bucket)])?;
    }
    Ok(())
}

/// Whether a person refuses contact by e-mail or phone.
fn refuses(outcome: &Outcome, record: usize) -> bool {
    let person = outcome.matched.clusters.person_of[record] as usize;
    let consent = &outcome.consent;
    [&consent.email, &consent.phone]
        .iter()
        .any(|channel| channel.get(person).is_some_and(|d| d.state.is_refusal()))
}

fn write_refusals(
    connection: &Connection,
    outcome: &Outcome,
    numbers: &[i64],
    addresses: impl Fn(usize) -> Vec<u64>,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO known_refusal (address, record) VALUES (?1, ?2)";
    let mut insert = connection.prepare(sql)?;
    let refusing = (0..outcome.table.len()).filter(|&r| refuses(outcome, r));
    let mut all: Vec<(i64, i64)> = refusing
        .flat_map(|r| addresses(r).into_iter().map(move |a| (a as i64, r)))
        .map(|(address, r)| (address, numbers[r]))
        .collect();
    all.sort_unstable();
    for (address, record) in all {
        insert.execute([address, record])?;
    }
    Ok(())
}

/// The party of every record: the smallest number among those it is linked with; none for a record
/// without links.
fn write_parties(
    connection: &Connection,
    outcome: &Outcome,
    numbers: &[i64],
) -> rusqlite::Result<Vec<Option<i64>>> {
    let mut groups = Union::new(outcome.table.len());
    let matched = &outcome.matched;
    let links = matched.decisions.iter().filter(|d| d.verdict == Verdict::Merge).map(|d| d.pair);
    for pair in links.chain(matched.constraints.same.iter().copied()) {
        groups.join(pair.a, pair.b);
    }
    let mut members: Vec<(i64, i64)> = (0..numbers.len() as u32)
        .map(|r| (numbers[groups.root(r) as usize], numbers[r as usize]))
        .collect();
    members.sort_unstable();
    let mut of_number: Vec<(i64, i64)> = Vec::new();
    let mut insert =
        connection.prepare("INSERT INTO known_party (party, records) VALUES (?1, ?2)")?;
    for party in members.chunk_by(|x, y| x.0 == y.0).filter(|party| party.len() > 1) {
        let no = party[0].0;
        insert.execute(params![no, pack::pack_ascending(party.iter().map(|m| m.1))])?;
        of_number.extend(party.iter().map(|m| (m.1, no)));
    }
    of_number.sort_unstable();
    let party = |number: &i64| {
        let at = of_number.binary_search_by_key(number, |m| m.0).ok()?;
        Some(of_number[at].1)
    };
    Ok(numbers.iter().map(party).collect())
}

fn write_records(
    connection: &Connection,
    outcome: &Outcome,
    keep: Keep,
    numbers: &[i64],
    order: &[u32],
    parties: &[Option<i64>],
) -> rusqlite::Result<()> {
    let (table, schema) = (&outcome.table, &outcome.schema);
    let mut of_source: Vec<(i64, Vec<usize>)> = Vec::new();
    let mut insert =
        connection.prepare("INSERT INTO known_source (source, form) VALUES (?1, ?2)")?;
    for (source, (info, input)) in table.sources.iter().zip(&schema.inputs).enumerate() {
        let placed = schema.placed.get(source).map_or(&[][..], Vec::as_slice);
        let kept = |role: Role, header: &str| {
            let useful = !matches!(role, Role::Ignored | Role::RecordId);
            !is_earlier(header) && (keep == Keep::All || useful || role == Role::RecordId)
        };
        let columns: Vec<(usize, FormColumn)> = placed
            .iter()
            .zip(&input.columns)
            .filter(|(_, column)| kept(column.role, &column.header))
            .map(|(&c, column)| {
                let (header, role) = (column.header.clone(), column.role);
                (c, FormColumn { header, role })
            })
            .collect();
        let (at, columns) = columns.into_iter().unzip();
        let form = Form { preset: input.preset.clone(), columns };
        let no: i64 =
            connection.query_row("SELECT no FROM source WHERE name = ?1", [&info.name], |row| {
                row.get(0)
            })?;
        // Text and lists of text always have a JSON form.
        insert.execute(params![no, serde_json::to_string(&form).unwrap_or_default()])?;
        of_source.push((no, at));
    }
    let sql = "INSERT INTO known_record (no, source, party, refused, cells)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = connection.prepare(sql)?;
    let mut cells = Vec::new();
    for r in order.iter().map(|&r| r as usize) {
        let (source, columns) = &of_source[usize::from(table.source[r])];
        cells.clear();
        let mut filled = 0;
        for &c in columns {
            let cell = table.columns[c].get(RecordId(r as u32));
            pack::push(cell.len() as u64, &mut cells);
            cells.extend(cell.as_bytes());
            filled = if cell.is_empty() { filled } else { cells.len() };
        }
        // Empty cells at the end say nothing.
        cells.truncate(filled);
        let refused = refuses(outcome, r).then(|| refusal(outcome, r));
        insert.execute(params![numbers[r], source, parties[r], refused, cells])?;
    }
    Ok(())
}

/// Makes a state of one run, for known records that have none: the tables an audit writes, as far as
/// look-ups need them. The records are numbered from 1 in canonical order.
pub(crate) fn fill(connection: &Connection, outcome: &Outcome, keep: Keep) -> rusqlite::Result<()> {
    let (table, clusters) = (&outcome.table, &outcome.matched.clusters);
    for (no, source) in (1i64..).zip(&table.sources) {
        let sql = "INSERT INTO source (no, name) VALUES (?1, ?2)";
        connection.execute(sql, params![no, source.name])?;
    }
    let mut insert = connection.prepare("INSERT INTO person (no, id, since) VALUES (?1, ?2, 1)")?;
    for person in 0..clusters.len() as u32 {
        insert.execute(params![i64::from(person) + 1, outcome.person_ids.get(person)])?;
    }
    let sql = "INSERT INTO record (no, source, id, occurrence, content, person)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare(sql)?;
    for record in table.records() {
        let r = record.index();
        insert.execute(params![
            r as i64 + 1,
            i64::from(table.source[r]) + 1,
            table.id.get(record),
            table.occurrence[r],
            table.digest[r] as i64,
            i64::from(clusters.person_of[r]) + 1,
        ])?;
    }
    let numbers: Vec<i64> = (1..=table.len() as i64).collect();
    store(connection, outcome, keep, &numbers, 1)
}
