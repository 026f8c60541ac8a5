//! What records and leads are called in files: one way to write an id, one way to name someone.

use crate::merge::field::MergedFields;
use crate::record::{RecordId, Table};
use crate::schema::{Kind, Role, UnitedSchema};

/// How records are called wherever an id is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Labels<'a> {
    table: &'a Table,
    qualified: bool,
}

impl<'a> Labels<'a> {
    /// Plain ids where they are unique, else `source:id`, with `#occurrence` where an id repeats.
    pub fn new(table: &'a Table) -> Self {
        let qualified = table.sources.len() > 1 || table.occurrence.iter().any(|&o| o > 1);
        Self { table, qualified }
    }

    /// Appends the label of a record.
    pub fn push(&self, record: RecordId, text: &mut String) {
        if self.qualified {
            let key = self.table.key(record);
            push_key(key.source, key.id, key.occurrence, text);
        } else {
            text.push_str(self.table.id.get(record));
        }
    }
}

fn push_key(source: &str, id: &str, occurrence: u32, text: &mut String) {
    text.push_str(source);
    text.push(':');
    text.push_str(id);
    if occurrence > 1 {
        text.push('#');
        text.push_str(&occurrence.to_string());
    }
}

/// What a record is called: its plain id where ids are unique in the run, else `source:id`, with
/// `#occurrence` where the id repeats in its source.
pub fn record_label(table: &Table, record: RecordId) -> String {
    let mut text = String::new();
    Labels::new(table).push(record, &mut text);
    text
}

/// The columns that name a person to a human.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contact {
    name: Vec<usize>,
    /// First e-mail column.
    pub email: Option<usize>,
    phone: Vec<usize>,
    company: Vec<usize>,
    /// Organizations are called by their company name.
    organizations: bool,
}

impl Contact {
    /// Finds them.
    pub fn new(schema: &UnitedSchema) -> Self {
        let full: Vec<usize> = schema.all(Role::FullName).take(1).collect();
        let parts = schema.first(Role::GivenName).into_iter().chain(schema.first(Role::FamilyName));
        Self {
            name: if full.is_empty() { parts.collect() } else { full },
            email: schema.first(Role::Email),
            phone: schema.all(Role::Phone).chain(schema.all(Role::Mobile)).collect(),
            company: schema.first(Role::Company).into_iter().collect(),
            organizations: schema.kind == Kind::Organizations,
        }
    }

    /// Name, e-mail, phone and company of a record.
    pub fn of_record<'a>(&self, table: &'a Table, record: RecordId) -> [Cells<'a>; 4] {
        let cell = |&c: &usize| table.columns[c].get(record);
        let first = |columns: &[usize]| {
            Cells::one(columns.iter().map(cell).find(|c| !c.is_empty()).unwrap_or_default())
        };
        [
            Cells::name(self.name.iter().map(cell)),
            first(self.email.as_slice()),
            first(&self.phone),
            first(&self.company),
        ]
    }

    /// The name a merged lead shows, never an address in its place; for organizations without one
    /// the company's.
    pub fn name_of_lead(&self, table: &Table, fields: &MergedFields, person: u32) -> String {
        let cell = |&c: &usize| fields.text(table, c, person);
        let name = Cells::name(self.name.iter().map(cell));
        let company = self.company.iter().filter(|_| self.organizations).map(cell);
        let mut texts = std::iter::once(name).chain(company.map(Cells::one)).map(Cells::to_text);
        texts.find(|text| !text.is_empty() && !text.contains('@')).unwrap_or_default()
    }

    /// The name a merged lead shows; its e-mail when it has none; empty without either.
    pub fn of_lead(&self, table: &Table, fields: &MergedFields, person: u32) -> String {
        let cell = |&c: &usize| fields.text(table, c, person);
        let name = Cells::name(self.name.iter().map(cell));
        let company = self.company.iter().filter(|_| self.organizations).map(cell);
        let others = company.chain(self.email.iter().map(cell)).map(Cells::one);
        let mut texts = std::iter::once(name).chain(others).map(Cells::to_text);
        texts.find(|text| !text.is_empty()).unwrap_or_default()
    }
}

/// Up to two cells shown as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cells<'a> {
    parts: [&'a str; 2],
}

impl<'a> Cells<'a> {
    fn one(cell: &'a str) -> Self {
        Self { parts: [cell.trim(), ""] }
    }

    fn name(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut parts = [""; 2];
        for (part, cell) in parts.iter_mut().zip(cells) {
            *part = cell.trim();
        }
        Self { parts }
    }

    /// The cells with a space between them.
    pub fn to_text(self) -> String {
        match self.parts {
            ["", one] | [one, ""] => one.to_string(),
            [first, second] => format!("{first} {second}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Column, DictionaryBuilder, SourceInfo};

    fn table(sources: &[&str], rows: &[(u16, &str, u32)]) -> Table {
        let mut ids = DictionaryBuilder::default();
        let column: Vec<_> = rows.iter().map(|r| ids.intern(r.1).unwrap()).collect();
        Table {
            sources: sources
                .iter()
                .map(|s| SourceInfo { name: s.to_string(), ..SourceInfo::default() })
                .collect(),
            source: rows.iter().map(|r| r.0).collect(),
            occurrence: rows.iter().map(|r| r.2).collect(),
            id: Column { header: "id".into(), dictionary: ids.finish(), ids: column },
            ..Table::default()
        }
    }

    #[test]
    fn ids_are_as_short_as_they_may_be() {
        let one = table(&["crm"], &[(0, "7", 1), (0, "8", 1)]);
        assert_eq!(record_label(&one, RecordId(1)), "8", "unique in one source");
        let two = table(&["crm", "import"], &[(0, "7", 1), (1, "8", 1)]);
        assert_eq!(record_label(&two, RecordId(1)), "import:8", "several sources");
        let repeated = table(&["crm"], &[(0, "7", 1), (0, "7", 2), (0, "8", 1)]);
        assert_eq!(record_label(&repeated, RecordId(1)), "crm:7#2", "the id repeats");
        for record in repeated.records() {
            let label = record_label(&repeated, record);
            assert_eq!(label, repeated.key(record).to_string(), "as keys are shown elsewhere");
        }
    }
}
