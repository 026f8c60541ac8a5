//! Writes decisions back into the original consent columns.

use super::gather::state_of_cell;
use super::{ColumnCell, ColumnMeaning, Consent, ConsentColumn, State};
use crate::cluster::Clusters;
use crate::merge::field::{MergedFields, Override, Value};
use crate::record::Table;
use crate::schema::{Channel, Polarity, Role, UnitedSchema};
use rayon::prelude::*;

/// Gives every consent column of the merged leads the merged state, also for persons of one record:
/// an unsubscribe activity must reach the column a CRM reads.
pub fn write_states(
    table: &Table,
    schema: &UnitedSchema,
    clusters: &Clusters,
    consent: &Consent,
    fields: &mut MergedFields,
) {
    let mut overrides = fields.take_overrides();
    for (index, column) in schema.columns.iter().enumerate() {
        let Role::Consent(role) = column.role else { continue };
        let meaning = match role.polarity {
            Polarity::OptIn => ColumnMeaning::OptIn,
            Polarity::OptOut | Polarity::DoNotContact => ColumnMeaning::OptOut,
            Polarity::Status => ColumnMeaning::Status,
            _ => continue,
        };
        let cells = &table.columns[index];
        let states: Vec<State> = cells
            .dictionary
            .iter()
            .map(|c| state_of_cell(c, role.polarity, column.false_decides).unwrap_or_default())
            .collect();
        let consent_column = ConsentColumn::new(cells, &states, meaning);
        let decisions = match role.channel {
            Channel::Phone | Channel::Sms => &consent.phone,
            _ => &consent.email,
        };
        let choice = &*fields;
        let written: Vec<Override> = (0..clusters.len() as u32)
            .into_par_iter()
            .with_min_len(4096)
            .filter_map(|person| {
                let chosen = choice.choice(index, person);
                let decision = &decisions[person as usize];
                let cell = consent_column.merged(decision, clusters.members(person), chosen);
                let value = match cell {
                    ColumnCell::Record(record) if record == chosen => return None,
                    ColumnCell::Record(record) => Value::Cell { column: index as u32, record },
                    ColumnCell::Text(text) => Value::Text(text),
                };
                Some(Override { person, column: index as u32, value })
            })
            .collect();
        overrides.retain(|o| o.column as usize != index);
        overrides.extend(written);
    }
    fields.put_overrides(overrides);
}
