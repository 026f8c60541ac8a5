//! What each column of the table is to merging, and the merged leads made of it.
//!
//! Joins the schema's roles, the normalized values and the rules of the configuration into the
//! [`Field`]s that [`super::field`] chooses by.

use super::field::{Field, FieldClass, MergedFields, count_filled, merge_fields};
use super::policy::{BlankFill, FieldRule, MergeConfig, MergeRules, Take};
use super::survivor::{Evidence, choose_survivors};
use crate::cluster::Clusters;
use crate::error::{Error, Result};
use crate::normalize::record::Records;
use crate::record::{Column, Table};
use crate::schema::earlier::is_earlier;
use crate::schema::{ColumnSchema, Kind, Role, UnitedSchema};

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
    let mut fields: Vec<Field> = (0..table.columns.len())
        .map(|c| field_of(&table.columns[c], &schema.columns[c], c, records, rules))
        .collect();
    if schema.kind == Kind::Organizations {
        // Its name is what an organization is, not where it works.
        let companies = fields.iter_mut().filter(|f| f.class == FieldClass::Company);
        companies.for_each(|f| f.class = FieldClass::Plain);
    }
    share_rules(table, schema, rules, &mut fields);
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

/// Columns that move together go by one rule: that of the first one the configuration names.
fn share_rules(table: &Table, schema: &UnitedSchema, rules: &MergeRules, fields: &mut [Field]) {
    for c in 0..fields.len() {
        let class = fields[c].class.clone();
        if moves_together(&class) && is_named(table, schema, rules, c) {
            let rule = fields[c].rule.clone();
            let earlier =
                (0..c).any(|d| fields[d].class == class && is_named(table, schema, rules, d));
            let together = fields.iter_mut().filter(|f| !earlier && f.class == class);
            together.for_each(|f| f.rule = rule.clone());
        }
    }
}

fn moves_together(class: &FieldClass) -> bool {
    matches!(class, FieldClass::Block(_) | FieldClass::Name)
}

fn is_named(table: &Table, schema: &UnitedSchema, rules: &MergeRules, column: usize) -> bool {
    let role = schema.columns[column].role.to_string();
    rules.is_named(&table.columns[column].header, Some(&role))
}

/// The rules of a configuration for these columns.
///
/// # Errors
/// [`Error::Config`] with everything that cannot be meant: rules for columns that are not here, for
/// fields whose rule is fixed, and for parts of what moves as a whole.
pub fn rules(config: &MergeConfig, table: &Table, schema: &UnitedSchema) -> Result<MergeRules> {
    let rules = config.rules();
    let roles: Vec<String> = (schema.columns.iter().map(|c| c.role))
        .chain(Role::plain())
        .map(|role| role.to_string())
        .collect();
    let headers = table.columns.iter().map(|c| c.header.as_str());
    let mut mistakes = config.mistakes(headers.chain(roles.iter().map(String::as_str)));
    let mut together: Vec<(FieldClass, &str, Take)> = Vec::new();
    for (c, column) in schema.columns.iter().enumerate() {
        if !is_named(table, schema, &rules, c) {
            continue;
        }
        let (header, role) = (table.columns[c].header.as_str(), column.role.to_string());
        let take = rules.of_column(header, Some(&role)).take;
        let class = class_of(column);
        let fixed = match (&class, column.role) {
            (FieldClass::Created, _) if take != Take::Min => "the earliest",
            (FieldClass::LastActivity, _) if take != Take::Max => "the latest",
            (FieldClass::Consent, _) if take != Take::MostRestrictive => "the most restrictive",
            (_, Role::RecordId) if take != Take::Survivor => "the survivor's",
            _ => "",
        };
        if !fixed.is_empty() {
            mistakes.push(format!("fields: {header:?} is {role}, which is always {fixed}"));
        }
        if !moves_together(&class) {
            continue;
        }
        if !take.fits_block() {
            mistakes.push(format!(
                "fields: {header:?} moves together with its neighbors; take one of survivor, \
                 newest, oldest, most-complete and review"
            ));
        } else if let Some((_, other, _)) =
            together.iter().find(|(of, _, other)| *of == class && *other != take)
        {
            mistakes.push(format!(
                "fields: {header:?} and {other:?} move together, but have different rules"
            ));
        }
        together.push((class, header, take));
    }
    if mistakes.is_empty() {
        return Ok(rules);
    }
    Err(Error::Config {
        file: "[merge]".into(),
        mistakes,
        remedy: "correct the section; a field is a header of the input or a role".into(),
    })
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
    let own = known && rules.has_own(&column.header, Some(role.as_str()));
    let class = match class_of(schema) {
        FieldClass::List(separator) if own && rule.take == Take::Union => {
            FieldClass::List(separator)
        }
        FieldClass::List(_) | FieldClass::FirstTouch if own => FieldClass::Plain,
        class => class,
    };
    Field {
        class,
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
        Role::Company => FieldClass::Company,
        Role::Title => FieldClass::Title,
        Role::Ignored if is_earlier(&schema.header) => FieldClass::EarlierRun,
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
