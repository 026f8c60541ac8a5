//! What each column of the table is to merging, and the merged leads made of it.
//!
//! Joins the schema's roles, the normalized values and the rules of the configuration into the
//! [`Field`]s that [`super::field`] chooses by.

use super::field::{Field, FieldClass, MergedFields, count_filled, merge_fields};
use super::policy::{BlankFill, FieldRule, MergeRules, Take};
use super::survivor::{Evidence, choose_survivors};
use crate::cluster::Clusters;
use crate::normalize::record::Records;
use crate::record::{Column, Table};
use crate::schema::{ColumnSchema, Role, UnitedSchema};

/// Block of the birth date in parts.
const BIRTH_BLOCK: u8 = 201;

/// Merges the cells of every person.
pub fn merge(
    table: &Table,
    schema: &UnitedSchema,
    records: &Records,
    clusters: &Clusters,
    activities: &[u32],
    rules: &MergeRules,
) -> MergedFields {
    let fields: Vec<Field> = (0..table.columns.len())
        .map(|c| field_of(&table.columns[c], &schema.columns[c], c, records, rules))
        .collect();
    let filled = count_filled(table, &fields);
    let evidence = Evidence {
        table,
        created: &records.created,
        updated: &records.updated,
        filled: &filled,
        activities,
        known: &[],
    };
    let survivor = choose_survivors(clusters, &evidence, rules.survivor, &rules.source_order);
    merge_fields(clusters, &evidence, survivor, &fields)
}

fn field_of<'a>(
    column: &Column,
    schema: &ColumnSchema,
    index: usize,
    records: &'a Records,
    rules: &MergeRules,
) -> Field<'a> {
    let role = schema.role.to_string();
    let known = !matches!(schema.role, Role::Generic | Role::Ignored | Role::FreeText);
    let rule = match schema.role {
        Role::RecordId => {
            FieldRule { take: Take::Survivor, blank_fill: BlankFill::No, ..FieldRule::default() }
        }
        _ => rules.of_column(&column.header, known.then_some(role.as_str())).clone(),
    };
    Field {
        class: class_of(schema),
        rule,
        quality: &records.quality[index],
        key: &records.keys[index],
        measure: &records.times[index],
    }
}

fn class_of(schema: &ColumnSchema) -> FieldClass {
    use Role::{
        BirthDay, BirthMonth, BirthYear, City, Country, Created, Email, FamilyName,
        FormattedAddress, GivenName, HouseNumber, Interests, LastActivity, MergedIds, MiddleName,
        Mobile, NamePrefix, NameSuffix, Phone, Postcode, Region, Street, Unit,
    };
    match schema.role {
        Street | HouseNumber | Unit | City | Region | Postcode | Country | FormattedAddress => {
            FieldClass::Block(address_block(&schema.slot))
        }
        NamePrefix | GivenName | MiddleName | FamilyName | NameSuffix => FieldClass::Name,
        BirthYear | BirthMonth | BirthDay => FieldClass::Block(BIRTH_BLOCK),
        Email => FieldClass::Email,
        Phone | Mobile => FieldClass::Phone,
        Created => FieldClass::Created,
        LastActivity => FieldClass::LastActivity,
        Role::LeadSource => FieldClass::FirstTouch,
        Interests | MergedIds => {
            FieldClass::List(schema.separator.clone().unwrap_or_else(|| ";".into()))
        }
        Role::Consent(_) => FieldClass::Consent,
        _ => FieldClass::Plain,
    }
}

/// A block per address of the record: the main one, home, work, billing, ...
fn address_block(slot: &str) -> u8 {
    match slot {
        "" | "main" => 0,
        "home" => 1,
        "work" | "business" => 2,
        "billing" => 3,
        "mailing" => 4,
        "shipping" => 5,
        "other" => 6,
        // Addresses of further names share a block each by the sum of their letters.
        name => 7 + (name.bytes().map(u32::from).sum::<u32>() % 100) as u8,
    }
}
