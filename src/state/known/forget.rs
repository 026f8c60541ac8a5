//! Taking known records out of the tables that hold several in a row.

use super::{meaning, pack};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// Takes records out of all tables of known records; rows or entries that are gone, per table.
pub(in crate::state) fn erase(
    db: &Connection,
    records: &BTreeSet<i64>,
) -> rusqlite::Result<Vec<(&'static str, usize)>> {
    let mut gone = vec![
        ("known_meaning", meaning::remove(db, records)?),
        ("known_keys", from_keys(db, records)?),
        ("known_party", from_parties(db, records)?),
    ];
    for (table, column) in [("known_refusal", "record"), ("known_record", "no")] {
        let mut delete = db.prepare(&format!("DELETE FROM {table} WHERE {column} = ?1"))?;
        let mut count = 0;
        for record in records {
            count += delete.execute([record])?;
        }
        gone.push((table, count));
        if table == "known_record" {
            let sql = "UPDATE meta SET value = value - ?2 WHERE key = ?1";
            db.execute(sql, params![super::COUNT, count as i64])?;
        }
    }
    Ok(gone)
}

/// All buckets are looked at: which keys a record was filed under is written nowhere else.
fn from_keys(db: &Connection, records: &BTreeSet<i64>) -> rusqlite::Result<usize> {
    let mut statement = db.prepare("SELECT bucket, entries FROM known_keys")?;
    let mut rows = statement.query([])?;
    let mut changed: Vec<(i64, Vec<u8>)> = Vec::new();
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(1)?.as_blob()?;
        let (kept, gone) = pack::without(bytes, records);
        if gone > 0 {
            changed.push((row.get(0)?, kept));
            count += gone;
        }
    }
    drop(rows);
    let mut put = db.prepare("UPDATE known_keys SET entries = ?2 WHERE bucket = ?1")?;
    for (bucket, entries) in changed {
        put.execute(params![bucket, entries])?;
    }
    Ok(count)
}

/// Those who stay keep their party: whoever meets one of them looks at all, as before.
fn from_parties(db: &Connection, records: &BTreeSet<i64>) -> rusqlite::Result<usize> {
    let sql = "SELECT party FROM known_record WHERE no = ?1 AND party IS NOT NULL";
    let mut of_record = db.prepare(sql)?;
    let mut parties: BTreeSet<i64> = BTreeSet::new();
    for record in records {
        let found = of_record.query_map([record], |row| row.get(0))?;
        parties.extend(found.collect::<rusqlite::Result<Vec<i64>>>()?);
    }
    let mut read = db.prepare("SELECT records FROM known_party WHERE party = ?1")?;
    let mut put = db.prepare("UPDATE known_party SET records = ?2 WHERE party = ?1")?;
    let mut count = 0;
    for party in parties {
        let mut rows = read.query([party])?;
        let Some(row) = rows.next()? else { continue };
        let all: Vec<i64> = pack::ascending(row.get_ref(0)?.as_blob()?).collect();
        drop(rows);
        let kept: Vec<i64> = all.iter().copied().filter(|no| !records.contains(no)).collect();
        count += all.len() - kept.len();
        put.execute(params![party, pack::pack_ascending(kept.into_iter())])?;
    }
    Ok(count)
}
