//! What a record says, as numbers that are the same in every audit.
//!
//! By them a record is known again when its source or its id has another name. Only columns of a
//! known role enter, under the role and not the header: a column that was added, renamed or moved
//! changes nothing. A distinct value is hashed once; a record is the sum of its cells.

use crate::normalize::text::{fold_into, tokens};
use crate::record::{RecordId, Table};
use crate::schema::{Role, UnitedSchema};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Signatures of all records of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signatures {
    /// Everything a record says; 0 for nothing.
    pub content: Vec<u64>,
    /// Name and first e-mail address, else first phone number; 0 where one is missing. What stays
    /// when the rest of a row changes.
    pub core: Vec<u64>,
    /// Per column that enters: its role and the hash of every distinct value.
    cells: Vec<(usize, Role, Vec<u64>)>,
}

impl Signatures {
    /// Computes them.
    pub(crate) fn of(table: &Table, schema: &UnitedSchema) -> Self {
        let roles = schema.columns.iter().map(|c| c.role).enumerate();
        let entering: Vec<(usize, Role)> = roles.filter(|(_, role)| enters(*role)).collect();
        let cells = entering
            .into_par_iter()
            .map(|(column, role)| (column, role, hash_values(table, column, role)))
            .collect();
        let mut signatures = Self { cells, ..Self::default() };
        signatures.content = sum(table, signatures.cells.iter());
        signatures.core = cores(table, schema);
        signatures
    }

    /// The roles that enter, as the state notes them.
    pub(crate) fn roles(&self) -> String {
        let roles: BTreeSet<String> = self.cells.iter().map(|c| c.1.to_string()).collect();
        roles.into_iter().collect::<Vec<_>>().join(",")
    }

    /// What the records say in columns of these roles alone.
    pub(crate) fn content_in(&self, table: &Table, roles: &str) -> Vec<u64> {
        let roles: BTreeSet<&str> = roles.split(',').collect();
        let within = |cell: &&(usize, Role, Vec<u64>)| roles.contains(cell.1.to_string().as_str());
        sum(table, self.cells.iter().filter(within))
    }
}

/// Roles by which a record says who it is. Left out are ids, prose, what has no meaning, and what
/// changes without the person: times of the last change and computed points.
fn enters(role: Role) -> bool {
    !matches!(
        role,
        Role::RecordId
            | Role::MergedIds
            | Role::Generic
            | Role::Ignored
            | Role::FreeText
            | Role::Updated
            | Role::LastActivity
            | Role::Score
            | Role::Grade
    )
}

fn hash_values(table: &Table, column: usize, role: Role) -> Vec<u64> {
    let role = role.to_string();
    let dictionary = &table.columns[column].dictionary;
    let hash = |i: usize| {
        let value = dictionary.get(crate::record::ValueId(i as u32)).trim();
        if value.is_empty() { 0 } else { hash64(&[role.as_bytes(), value.as_bytes()]) }
    };
    (0..dictionary.len()).into_par_iter().with_min_len(512).map(hash).collect()
}

fn sum<'a>(table: &Table, cells: impl Iterator<Item = &'a (usize, Role, Vec<u64>)>) -> Vec<u64> {
    let mut content = vec![0u64; table.len()];
    for (column, _, hashes) in cells {
        let ids = &table.columns[*column].ids;
        content.par_iter_mut().zip(ids).with_min_len(4096).for_each(|(sum, id)| {
            *sum = sum.wrapping_add(hashes[id.index()]);
        });
    }
    content
}

/// The first 64 bits (big endian) of the SHA-256 over the parts with zero bytes between them.
fn hash64(parts: &[&[u8]]) -> u64 {
    let mut hasher = Sha256::new();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            hasher.update([0]);
        }
        hasher.update(part);
    }
    hasher.finalize().iter().take(8).fold(0, |bits, &byte| bits << 8 | u64::from(byte))
}

struct CoreColumns {
    names: Vec<usize>,
    companies: Vec<usize>,
    emails: Vec<usize>,
    phones: Vec<usize>,
}

fn cores(table: &Table, schema: &UnitedSchema) -> Vec<u64> {
    let all = |roles: &[Role]| roles.iter().flat_map(|&role| schema.all(role)).collect();
    let columns = CoreColumns {
        names: all(&[Role::FullName, Role::GivenName, Role::FamilyName]),
        companies: all(&[Role::Company]),
        emails: all(&[Role::Email]),
        phones: all(&[Role::Phone, Role::Mobile]),
    };
    (0..table.len() as u32)
        .into_par_iter()
        .with_min_len(1024)
        .map_init(Default::default, |room: &mut (String, String), record| {
            core(table, &columns, RecordId(record), room)
        })
        .collect()
}

fn core(
    table: &Table,
    columns: &CoreColumns,
    record: RecordId,
    (name, contact): &mut (String, String),
) -> u64 {
    let first = |columns: &[usize]| {
        let cells = columns.iter().map(|&c| table.columns[c].get(record).trim());
        cells.into_iter().find(|cell| !cell.is_empty())
    };
    name.clear();
    for &column in &columns.names {
        fold_into(table.columns[column].get(record), name);
        name.push(' ');
    }
    if name.trim().is_empty() {
        fold_into(first(&columns.companies).unwrap_or_default(), name);
    }
    contact.clear();
    if let Some(email) = first(&columns.emails) {
        contact.extend(email.chars().flat_map(char::to_lowercase));
    } else if let Some(phone) = first(&columns.phones) {
        contact.extend(phone.chars().filter(char::is_ascii_digit));
    }
    // An export may write a whole name where another had its parts.
    let mut words: Vec<&str> = tokens(name).collect();
    if words.is_empty() || contact.is_empty() {
        return 0;
    }
    words.sort_unstable();
    hash64(&[words.join(" ").as_bytes(), contact.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{self, Job};
    use crate::source::Source;
    use std::sync::Arc;

    fn signatures(csv: &str) -> Signatures {
        let content = Some(Arc::new(csv.as_bytes().to_vec()));
        let inputs = vec![Source { content, ..Source::new("leads.csv") }];
        let job = Job { inputs, ..Job::default() };
        let (table, schema, _) = pipeline::read(&job).unwrap();
        Signatures::of(&table, &schema)
    }

    #[test]
    fn what_a_record_says_is_the_same_however_it_is_laid_out() {
        let plain = signatures("id,name,email\n1,Ana Ruiz,ana@x.example\n2,Bo Li,bo@x.example\n");
        let cases = [
            ("id,email,name\n1,ana@x.example,Ana Ruiz\n2,bo@x.example,Bo Li\n", "columns moved"),
            (
                "id,name,email,foo\n1,Ana Ruiz,ana@x.example,7\n2,Bo Li,bo@x.example,8\n",
                "a new one",
            ),
            ("id,Full Name,E-Mail\n1,Ana Ruiz,ana@x.example\n2,Bo Li,bo@x.example\n", "renamed"),
            ("id,name,email\n8,Ana Ruiz, ana@x.example\n9,Bo Li,bo@x.example\n", "other ids"),
        ];
        for (csv, why) in cases {
            let other = signatures(csv);
            assert_eq!(other.content, plain.content, "{why}");
            assert_eq!(other.core, plain.core, "{why}");
        }
    }

    #[test]
    fn the_core_stays_when_the_rest_changes() {
        let plain =
            signatures("id,name,email,city\n1,Ana Ruiz,ana@x.example,Lima\n2,B,b@x.io,Rom\n");
        let moved = signatures(
            "id,first name,last name,email,city\n1,Ana,Ruiz,ANA@x.example,Quito\n2,B,C,b@x.io,Rom\n",
        );
        assert_ne!(plain.content[0], moved.content[0]);
        assert_eq!(plain.core[0], moved.core[0], "name in parts, another case, another city");
        assert_ne!(plain.core[1], moved.core[1], "another name");
        let bare = signatures("id,name,email\n1,Ana Ruiz,\n2,,bo@x.example\n");
        assert_eq!(
            bare.core,
            [0, 0],
            "a name alone is nobody's, an address alone may be an office's"
        );
    }

    #[test]
    fn a_column_of_a_new_meaning_is_left_out_of_the_comparison() {
        let before = signatures("name,email\nAna Ruiz,ana@x.example\nBo Li,bo@x.example\n");
        let csv = "name,email,city\nAna Ruiz,ana@x.example,Lima\nBo Li,bo@x.example,Rom\n";
        let content = Some(Arc::new(csv.as_bytes().to_vec()));
        let inputs = vec![Source { content, ..Source::new("leads.csv") }];
        let job = Job { inputs, ..Job::default() };
        let (table, schema, _) = pipeline::read(&job).unwrap();
        let now = Signatures::of(&table, &schema);
        assert_ne!(now.content, before.content);
        assert_eq!(now.content_in(&table, &before.roles()), before.content);
    }
}
