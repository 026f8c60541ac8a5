//! Column roles: what each column of an input means, and why we think so.
//!
//! Second stage of a run. A role comes from the user, else from the product's preset, else from the
//! header, and is then held against the content: headers lie, and a wrong role costs more than none.
//! [`unite`] makes one table of several inputs by these roles.

mod activity;
mod content;
mod decide;
pub mod earlier;
pub mod header;
pub mod preset;
pub mod role;
mod unite;

pub use preset::DateOrder;
pub use role::{Channel, ConsentRole, Polarity, Role};
pub use unite::{Digests, UnitedSchema, record_digest, unite, unite_with};

use crate::error::{Error, Result};
use crate::source::RawTable;
use content::Content;
pub(crate) use header::key;
use rayon::prelude::*;

/// What the rows of an input are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One person a row.
    #[default]
    People,
    /// One organization a row.
    Organizations,
    /// One event a row.
    Activities,
}

/// What one column means.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ColumnSchema {
    /// The header as spelled.
    pub header: String,
    /// Its role.
    pub role: Role,
    /// Which of several of the role: `work`, `home`, `billing`, `mailing`, `other`; empty for the
    /// only or main one.
    pub slot: String,
    /// What separates several values in one cell, where that happens.
    pub separator: Option<String>,
    /// Consent columns: whether `false` is a decision of the person rather than unknown.
    pub false_decides: bool,
    /// How sure we are, from 0 to 1.
    pub confidence: f32,
    /// The reason, as a sentence.
    pub why: String,
}

/// What an input is, column by column.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Schema {
    /// What the rows are.
    pub kind: Kind,
    /// Name of the preset, when one fits.
    pub preset: Option<String>,
    /// Product of the preset: activities bind to leads of the same product.
    pub product: Option<String>,
    /// `HubSpot contacts export (17 of 18 columns known)`.
    pub read_as: Option<String>,
    /// Day and month order of the product.
    pub date_order: DateOrder,
    /// Words that mean empty in this product's exports.
    pub null_words: Vec<String>,
    /// Activities: the kind of every row that names none itself.
    pub file_kind: Option<String>,
    /// What being in this file says about every person in it.
    pub file_consent: Option<ConsentRole>,
    /// One per column of the input.
    pub columns: Vec<ColumnSchema>,
}

impl Schema {
    /// Index of the first column of a role.
    pub fn first(&self, role: Role) -> Option<usize> {
        self.all(role).next()
    }

    /// Indexes of all columns of a role.
    pub fn all(&self, role: Role) -> impl Iterator<Item = usize> {
        self.columns.iter().enumerate().filter(move |(_, c)| c.role == role).map(|(i, _)| i)
    }

    /// Whether a column has the role.
    pub fn has(&self, role: Role) -> bool {
        self.first(role).is_some()
    }
}

/// What the user says about columns.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct SchemaOverrides {
    /// `--column ROLE=HEADER`.
    pub roles: Vec<(Role, String)>,
    /// `--ignore-column HEADER`.
    pub ignore: Vec<String>,
    /// `--id-column HEADER`.
    pub id_column: Option<String>,
    /// `--preset NAME`; `none` for no preset.
    pub preset: Option<String>,
    /// The input was given as activities: its rows are events whatever they look like.
    pub activities: bool,
    /// What columns meant when their records were first read; the user's own words come before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<(Role, String)>,
}

impl SchemaOverrides {
    /// The role the user gave a header.
    fn role(&self, header: &str) -> Option<(Role, String)> {
        let is = |name: &String| name == header || key(name) == key(header);
        if self.id_column.as_ref().is_some_and(is) {
            return Some((Role::RecordId, "named by --id-column".into()));
        }
        if self.ignore.iter().any(is) {
            return Some((Role::Ignored, "named by --ignore-column".into()));
        }
        if let Some((role, _)) = self.roles.iter().find(|(_, name)| is(name)) {
            return Some((*role, format!("named by --column {role}={header}")));
        }
        let (role, _) = self.known.iter().find(|(_, name)| is(name))?;
        Some((*role, "as in the known records".into()))
    }

    /// Checks that every header named is in one of the inputs, and that the preset exists.
    pub fn check(&self, inputs: &[&RawTable]) -> Result<()> {
        preset::choose(self.preset.as_deref(), &[])?;
        let named = self.roles.iter().map(|(_, header)| header).chain(&self.ignore);
        for name in named.chain(&self.id_column) {
            let headers = || inputs.iter().flat_map(|raw| &raw.columns).map(|c| &c.header);
            if !headers().any(|header| header == name || key(header) == key(name)) {
                let near = headers().max_by(|a, b| {
                    let like = |h: &String| strsim::jaro_winkler(&key(h), &key(name));
                    like(a).total_cmp(&like(b))
                });
                let near = near.map_or(String::new(), |h| format!("; the nearest is «{h}»"));
                let what = format!("no input has a column «{name}»{near}");
                return Err(Error::usage(what, "check the spelling of --column or --id-column"));
            }
        }
        Ok(())
    }
}

/// Finds what every column of an input means.
pub fn detect(raw: &RawTable, overrides: &SchemaOverrides) -> Schema {
    let headers: Vec<String> = raw.columns.iter().map(|c| c.header.clone()).collect();
    let preset = match overrides.preset.as_deref() {
        Some(name) => preset::by_name(name),
        None => raw.info.preset.as_deref().and_then(preset::by_name),
    };
    let contents: Vec<Content> = raw.columns.par_iter().map(Content::of).collect();
    let activities = match preset {
        _ if overrides.activities => true,
        Some(preset) => preset.kind == Kind::Activities,
        None => activity::is_activity(&headers, &contents),
    };
    let mut columns: Vec<ColumnSchema> = headers
        .iter()
        .zip(&contents)
        .map(|(header, content)| match overrides.role(header) {
            Some((role, why)) => decide::column(header, role, 1.0, why),
            None if earlier::is_earlier(header) => {
                decide::column(header, Role::Ignored, 1.0, "added by an earlier run".into())
            }
            None if activities => activity::decide(header, content, preset),
            None => decide::decide(header, content, preset),
        })
        .collect();
    let forced: Vec<bool> = headers.iter().map(|h| overrides.role(h).is_some()).collect();
    let kind = if activities {
        activity::settle(&mut columns, &contents, &forced);
        Kind::Activities
    } else {
        let kind = decide::settle(&mut columns, &contents, &forced);
        preset.map_or(kind, |preset| preset.kind)
    };
    for column in &mut columns {
        if let Some(preset) = preset {
            let separator = preset.column(&column.header).and_then(|(_, separator)| separator);
            column.separator = separator.map(str::to_string);
            column.false_decides = preset.false_decides(&column.header);
        }
    }
    let read_as = preset.map(|preset| {
        let known = preset.known(&headers);
        format!("{} ({known} of {} columns known)", preset.title, headers.len())
    });
    Schema {
        kind,
        preset: preset.map(|p| p.name.clone()),
        product: preset.map(|p| p.product.clone()),
        read_as,
        date_order: preset.map_or(DateOrder::Locale, |p| p.date_order),
        null_words: preset.map_or_else(Vec::new, |p| p.null_words.clone()),
        file_kind: preset.and_then(|p| p.file_kind.clone()),
        file_consent: preset.and_then(|p| p.file_consent),
        columns,
    }
}

#[cfg(test)]
mod tests;
