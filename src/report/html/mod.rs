//! `report.html`: a run for people, in one file.
//!
//! Beside `report.json` at the end of a run; `check` and `audit` make the same page with what they
//! have. Everything is in the file: no script, no font, nothing from a network, so that it can be
//! passed on, printed and kept. Values are masked, because a page that is passed on is read by
//! others. A picture never stands alone: its numbers are in a table behind it.
//!
//! What is about persons stands between the comments `of` (with their ids) and `/of`; `forget` takes
//! it out by them. The template lays out what `view` holds and decides nothing.

mod activity;
mod audit;
mod data;
mod finding;
mod headline;
mod matching;
mod pair;
mod people;
mod repeat;
mod score;
mod shown;
mod svg;
mod view;

use super::folder::OutputFolder;
use super::json::show_instant;
use super::summary::count;
use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::quality::Material;
use crate::quality::finding::Checked;
use headline::Figure;
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;
use std::io::Write;
use view::Section;

/// Name of the file.
pub const FILE: &str = "report.html";
/// Before something that is about persons; their ids follow, separated by spaces, up to `-->`.
pub(crate) const OF: &str = "<!--of ";
/// After it.
pub(crate) const END_OF: &str = "<!--/of-->";

const TEMPLATE: &str = include_str!("template/page.html");
const PART: &str = include_str!("template/part.html");
const STYLE: &str = include_str!("template/style.css");

/// A page before it is laid out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    title: String,
    as_of: String,
    version: &'static str,
    figures: Vec<Figure>,
    sections: Vec<Section>,
}

impl Page {
    /// The page of a whole run.
    pub fn of_run(outcome: &Outcome) -> Self {
        let (records, people) = (outcome.table.len(), outcome.matched.clusters.len());
        let actions = outcome.digest().plan.counts(outcome);
        let log = &outcome.activities;
        let activities = (!log.table.sources.is_empty()).then_some((&log.table, &log.schema));
        let future = outcome.scored.future_events;
        let sections = [
            Some(headline::section(outcome, actions.as_ref())),
            score::section(outcome),
            Some(matching::section(outcome)),
            Some(pair::section(outcome)),
            Some(people::relations(outcome)),
            Some(people::consent(outcome)),
            activity::section(log, &outcome.history, future),
            Some(data::hygiene(
                &outcome.table,
                &outcome.schema,
                &outcome.records,
                Some(&outcome.repairs),
            )),
            Some(data::reading((&outcome.table, &outcome.schema), activities, &outcome.rejects)),
            Some(repeat::section(outcome)),
        ];
        let mut sections: Vec<Section> = sections.into_iter().flatten().collect();
        let mut figures = headline::figures(outcome);
        if let Some(audit) = &outcome.audit {
            figures.extend(audit::figures(audit));
            // Who audits every week wants to know what is new; the rest is that of any run.
            sections.insert(1, audit::findings(audit));
            sections.splice(0..0, audit::over_time(audit));
        }
        Self {
            title: format!(
                "{} are {}",
                count(records, "record", "records"),
                count(people, "person", "people")
            ),
            as_of: show_instant(outcome.as_of),
            version: env!("CARGO_PKG_VERSION"),
            figures,
            sections,
        }
    }

    /// The page of what was read and not merged; of the whole run where there was one.
    pub fn of_material(material: &Material) -> Self {
        if let Some(outcome) = material.outcome {
            return Self::of_run(outcome);
        }
        let leads = (material.table, material.schema);
        let activities = material.activities.map(|(log, _)| (&log.table, &log.schema));
        let sections = [
            material.activities.and_then(|(log, history)| activity::section(log, history, 0)),
            Some(data::hygiene(material.table, material.schema, material.records, None)),
            Some(data::reading(leads, activities, material.rejects)),
        ];
        Self {
            title: format!("The quality of {}", count(material.table.len(), "record", "records")),
            as_of: show_instant(material.as_of),
            version: env!("CARGO_PKG_VERSION"),
            figures: vec![Figure::new(material.table.len(), "record", "records")],
            sections: sections.into_iter().flatten().collect(),
        }
    }

    /// Puts what a check found on top.
    pub fn with_findings(mut self, checked: &Checked) -> Self {
        self.figures.extend(finding::figures(checked));
        self.sections.insert(0, finding::section(checked));
        self
    }

    /// Puts what a check found on top, and its verdict above all.
    pub fn with_verdict(self, checked: &Checked) -> Self {
        let records = count(checked.records as usize, "record", "records");
        let title = format!("{records}: {}", checked.verdict_words());
        Self { title, ..self.with_findings(checked) }
    }

    /// Lays the page out.
    ///
    /// # Errors
    /// [`Error::Write`] when the template does not fit the page: a defect of this program.
    pub fn to_html(&self) -> Result<String> {
        // What a template engine says may repeat values of the page.
        let failed = |_: minijinja::Error| Error::Write {
            file: FILE.into(),
            cause: std::io::Error::other("its template does not fit"),
        };
        let mut templates = Environment::new();
        // Every cell is hostile: all that a template shows is escaped but for our own pictures.
        templates.set_auto_escape_callback(|_| AutoEscape::Html);
        templates.set_trim_blocks(true);
        templates.set_lstrip_blocks(true);
        templates.add_template("part.html", PART).map_err(failed)?;
        templates.add_template("page.html", TEMPLATE).map_err(failed)?;
        let page = templates.get_template("page.html").map_err(failed)?;
        page.render(context! { page => self, style => STYLE }).map_err(failed)
    }
}

/// Writes `report.html`.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let html = Page::of_run(outcome).to_html()?;
    let failed = |cause| Error::Write { file: FILE.into(), cause };
    let mut file = folder.create(FILE)?;
    file.write_all(html.as_bytes()).and_then(|()| file.flush()).map_err(failed)
}

#[cfg(test)]
mod tests;
