//! A profile as text for the terminal.

use super::{ColumnProfile, FORMULA, Profile, Share};
use crate::report::summary::{count, printable, tell_repairs};
use std::fmt::Write;

/// Longest header or value that is shown.
const WIDTH: usize = 28;

impl Profile {
    /// One line a column, with what is worth knowing below it.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let records = count(self.records, "record", "records");
        let columns = count(self.columns.len(), "column", "columns");
        push(&mut text, &format!("{records}, {columns}, hygiene {:.1} of 100", self.hygiene));
        for source in &self.sources {
            let rows = count(source.records as usize, "row", "rows");
            push(&mut text, &format!("  {}: {rows}", printable(&source.file)));
        }
        if self.rejects > 0 {
            let rows = count(self.rejects, "row", "rows");
            push(&mut text, &format!("  {rows} could not be read"));
        }
        push(&mut text, "");
        let header = self.columns.iter().map(|c| cut(&c.header).chars().count());
        let wide = header.max().unwrap_or(6).max(6);
        let head = "role                  filled   valid  distinct  unique  hygiene";
        push(&mut text, &format!("{:wide$}  {head}", "column"));
        for column in &self.columns {
            column.push_line(wide, &mut text);
            column.push_details(&mut text);
        }
        push(&mut text, "");
        let repairs = tell_repairs(&self.repairs);
        push(
            &mut text,
            &repairs
                .map_or("Nothing to repair".into(), |r| r.replacen(" repaired:", " to repair:", 1)),
        );
        push(&mut text, &format!("Hygiene of a {FORMULA}"));
        text
    }
}

impl ColumnProfile {
    fn push_line(&self, wide: usize, text: &mut String) {
        let percent = |share: f64| format!("{:.1}%", share * 100.0);
        let valid = self.validity.as_ref().filter(|_| self.filled > 0);
        let valid = valid.map_or("-".to_string(), |v| percent(v.valid as f64 / self.filled as f64));
        let hygiene = self.hygiene.map_or("-".to_string(), |h| format!("{h:.1}"));
        let line = format!(
            "{:wide$}  {:20} {:>7} {valid:>7} {:>9} {:>7} {hygiene:>8}",
            cut(&self.header),
            self.role.to_string(),
            percent(self.completeness),
            self.distinct,
            percent(self.uniqueness),
        );
        push(text, line.trim_end());
    }

    fn push_details(&self, text: &mut String) {
        push(text, &format!("    why: {}", printable(&self.why)));
        if let Some(validity) = &self.validity {
            let mut reasons: Vec<_> = validity.reasons.iter().collect();
            reasons.sort_by_key(|(reason, cells)| (std::cmp::Reverse(**cells), **reason));
            let told: Vec<String> =
                reasons.iter().take(super::SHOWN).map(|(r, n)| format!("{r} {n}")).collect();
            if !told.is_empty() {
                push(text, &format!("    not valid: {}", told.join(", ")));
            }
        }
        push_shares("formats", &self.formats, text);
        push_shares("values", &self.top, text);
        if let Some(repairs) = tell_repairs(&self.repairs) {
            let form = self.form.as_ref().map(|form| format!(" (form: {form})"));
            let repairs = repairs.replacen(" repaired:", " to repair:", 1);
            push(text, &format!("    {repairs}{}", form.unwrap_or_default()));
        }
    }
}

fn push_shares(what: &str, shares: &[Share], text: &mut String) {
    let told = |s: &Share| format!("{} {:.1}%", cut(&s.text), s.share * 100.0);
    // Five different ids tell nothing.
    if shares.first().is_some_and(|first| first.cells > 1) {
        let all: Vec<String> = shares.iter().take(3).map(told).collect();
        push(text, &format!("    {what}: {}", all.join(" | ")));
    }
}

/// A text as a narrow column may show it.
fn cut(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn push(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
