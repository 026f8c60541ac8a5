//! `merge_plan/`: the merges as each product's own merge takes them. Files only; nothing is called.
//!
//! Within one source and product, because a product merges only its own records. The record that
//! stays is the lead's survivor where it is of the source, else the source's first. Records of other
//! sources are in the generic `merges.csv`. Why chains keep one master: every step then names records
//! that still exist, whatever product deletes the losers.

use super::folder::OutputFolder;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::error::{Error, Result};
use crate::merge::bind;
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::schema::Role;
use rayon::prelude::*;

/// Merges HubSpot allows a record in all.
const HUBSPOT_MERGES: usize = 250;
/// Losing ids a request to Marketo may name.
const MARKETO_IDS: usize = 25;

/// A product whose merge has a form of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Product {
    Salesforce,
    Pardot,
    Hubspot,
    Marketo,
    Dynamics,
}

use Product::{Dynamics, Hubspot, Marketo, Pardot, Salesforce};

const PRODUCTS: [(Product, &str, &[&str]); 5] = [
    (Salesforce, "salesforce", &["master_id", "merge_id_1", "merge_id_2"]),
    (Pardot, "pardot", &["master_id", "merge_id_1", "merge_id_2"]),
    (Hubspot, "hubspot", &["primaryObjectId", "objectIdToMerge"]),
    (Marketo, "marketo", &["winner_id", "lead_ids", "request"]),
    (Dynamics, "dynamics", &["target_id", "subordinate_id"]),
];

/// Columns that every file ends with.
const LAST: [&str; 3] = ["step", "person_id", "source"];

/// Records of one source that become one.
struct Group<'a> {
    person: u32,
    source: &'a str,
    master: String,
    losers: Vec<String>,
    /// Losers that the product will not merge, with the reason.
    excluded: Vec<(String, &'static str)>,
}

/// Writes the files that have a row.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let plan = Plan::new(outcome);
    if plan.merged.is_empty() {
        return Ok(());
    }
    let made = std::fs::create_dir(folder.staging().join("merge_plan"));
    made.map_err(|cause| Error::Write { file: "merge_plan".into(), cause })?;
    for (product, name, columns) in PRODUCTS {
        let persons: Vec<u32> =
            plan.merged.par_iter().copied().filter(|&p| plan.has(p, product)).collect();
        if persons.is_empty() {
            continue;
        }
        let head = Lines::head(COMMA, columns.iter().copied().chain(LAST));
        let file = format!("merge_plan/{name}.csv");
        write_rows(folder, &file, COMMA, head, persons.len(), |rows, lines| {
            for &person in &persons[rows] {
                for group in plan.groups(person, product) {
                    plan.push(product, &group, lines);
                }
            }
        })?;
        plan.write_excluded(product, name, &persons, folder)?;
    }
    plan.write_generic(folder)
}

struct Plan<'a> {
    outcome: &'a Outcome,
    labels: Labels<'a>,
    /// Per source.
    product: Vec<Option<Product>>,
    /// Persons of several records.
    merged: Vec<u32>,
    merged_ids: Option<usize>,
}

impl<'a> Plan<'a> {
    fn new(outcome: &'a Outcome) -> Self {
        let product = |schema: &crate::schema::Schema| {
            let named =
                |(_, name, _): &&(Product, &str, _)| schema.product.as_deref() == Some(name);
            // Row numbers are no ids of a product.
            let product = PRODUCTS.iter().find(named).filter(|_| schema.has(Role::RecordId));
            product.map(|p| p.0)
        };
        let clusters = &outcome.matched.clusters;
        Self {
            outcome,
            labels: Labels::new(&outcome.table),
            product: outcome.schema.inputs.iter().map(product).collect(),
            merged: (0..clusters.len() as u32).filter(|&p| clusters.members(p).len() > 1).collect(),
            merged_ids: outcome.schema.first(Role::MergedIds),
        }
    }

    fn product_of(&self, record: RecordId) -> Option<Product> {
        let source = self.outcome.table.source[record.index()] as usize;
        self.product.get(source).copied().flatten()
    }

    fn has(&self, person: u32, product: Product) -> bool {
        self.groups(person, product).next().is_some()
    }

    /// The groups of a person in one product: by source and, for Salesforce, by kind of object.
    fn groups(&self, person: u32, product: Product) -> impl Iterator<Item = Group<'a>> {
        let table = &self.outcome.table;
        let survivor = self.outcome.fields.survivor[person as usize];
        let members = self.outcome.matched.clusters.members(person);
        let mut ids: Vec<(u16, &str, String, RecordId)> = members
            .iter()
            .filter(|&&m| self.product_of(m) == Some(product))
            .map(|&m| {
                let id = table.id.get(m).trim();
                let (kind, id) = match product {
                    Salesforce => (&id[..id.floor_char_boundary(3)], bind::salesforce_18(id)),
                    _ => ("", id.to_string()),
                };
                (table.source[m.index()], kind, id, m)
            })
            .collect();
        ids.sort_by(|a, b| (a.0, a.1, a.3).cmp(&(b.0, b.1, b.3)));
        let groups: Vec<Group<'a>> = ids
            .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
            .filter_map(|of| {
                let master = of.iter().find(|m| m.3 == survivor).or(of.first())?;
                let mut losers: Vec<(&str, RecordId)> = Vec::new();
                for (_, _, id, record) in of {
                    // An id that repeats in the file is one record there.
                    if *id != master.2 && !losers.iter().any(|l| l.0 == id) {
                        losers.push((id, *record));
                    }
                }
                let source = table.sources[master.0 as usize].name.as_str();
                self.limit(
                    product,
                    Group {
                        person,
                        source,
                        master: master.2.clone(),
                        losers: Vec::new(),
                        excluded: Vec::new(),
                    },
                    &losers,
                    master.3,
                )
            })
            .collect();
        groups.into_iter()
    }

    /// Sorts out what the product would refuse.
    fn limit(
        &self,
        product: Product,
        mut group: Group<'a>,
        losers: &[(&str, RecordId)],
        master: RecordId,
    ) -> Option<Group<'a>> {
        let mut merges = self.merges_before(master);
        for &(id, record) in losers {
            let after = merges + 1 + self.merges_before(record);
            if product == Hubspot && after > HUBSPOT_MERGES {
                group.excluded.push((id.to_string(), "more than 250 merges of one record"));
            } else {
                merges = after;
                group.losers.push(id.to_string());
            }
        }
        (!losers.is_empty()).then_some(group)
    }

    /// Merges that a record went through already, as its export tells.
    fn merges_before(&self, record: RecordId) -> usize {
        let cell = self.merged_ids.map_or("", |c| self.outcome.table.columns[c].get(record));
        cell.split([';', ',', '|']).filter(|id| !id.trim().is_empty()).count()
    }

    fn push(&self, product: Product, group: &Group, lines: &mut Lines) {
        let size = match product {
            Salesforce | Pardot => 2,
            Hubspot | Dynamics => 1,
            Marketo => MARKETO_IDS,
        };
        for (step, losers) in (1..).zip(group.losers.chunks(size)) {
            lines.cell(&group.master);
            match product {
                Salesforce | Pardot => {
                    lines.cell(&losers[0]);
                    lines.cell(losers.get(1).map_or("", String::as_str));
                }
                Hubspot | Dynamics => lines.cell(&losers[0]),
                Marketo => {
                    let ids = losers.join(",");
                    lines.cell(&ids);
                    let winner = &group.master;
                    lines.cell(&format!("/rest/v1/leads/{winner}/merge.json?leadIds={ids}"));
                }
            }
            lines.number(step);
            lines.plain(self.outcome.person_ids.get(group.person));
            lines.cell(group.source);
            lines.end();
        }
    }

    /// What the product will not merge, with the reason.
    fn write_excluded(
        &self,
        product: Product,
        name: &str,
        persons: &[u32],
        folder: &OutputFolder,
    ) -> Result<()> {
        let groups = persons.iter().flat_map(|&p| self.groups(p, product));
        let groups: Vec<Group> = groups.filter(|g| !g.excluded.is_empty()).collect();
        if groups.is_empty() {
            return Ok(());
        }
        let headers = ["survivor_id", "record_id", "reason", "person_id", "source"];
        let (head, file) = (Lines::head(COMMA, headers), format!("merge_plan/{name}_excluded.csv"));
        write_rows(folder, &file, COMMA, head, groups.len(), |rows, lines| {
            for group in &groups[rows] {
                for (id, reason) in &group.excluded {
                    lines.cell(&group.master);
                    lines.cell(id);
                    lines.cell(reason);
                    lines.plain(self.outcome.person_ids.get(group.person));
                    lines.cell(group.source);
                    lines.end();
                }
            }
        })
    }

    /// The records of sources without a form of their own.
    fn write_generic(&self, folder: &OutputFolder) -> Result<()> {
        let of = |person: u32| {
            let survivor = self.outcome.fields.survivor[person as usize];
            let members = self.outcome.matched.clusters.members(person).iter().copied();
            members.filter(move |&m| m != survivor && self.product_of(m).is_none())
        };
        let persons: Vec<u32> =
            self.merged.iter().copied().filter(|&p| of(p).next().is_some()).collect();
        if persons.is_empty() {
            return Ok(());
        }
        let head = Lines::head(COMMA, ["survivor_id", "merged_id", "step", "person_id"]);
        write_rows(folder, "merge_plan/merges.csv", COMMA, head, persons.len(), |rows, lines| {
            for &person in &persons[rows] {
                let survivor = self.outcome.fields.survivor[person as usize];
                for (step, record) in (1..).zip(of(person)) {
                    lines.joined(|text| self.labels.push(survivor, text));
                    lines.joined(|text| self.labels.push(record, text));
                    lines.number(step);
                    lines.plain(self.outcome.person_ids.get(person));
                    lines.end();
                }
            }
        })
    }
}
