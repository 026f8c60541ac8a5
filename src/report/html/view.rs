//! What a page is made of: sections of text, pictures, tables and pairs.
//!
//! Between the run and the template. Texts are final here (numbers formatted, values masked), so
//! that the template lays out and decides nothing. Whatever is about persons carries their ids in
//! `of`: `forget` finds it by them.

use super::shown::{percent, shown};
use serde::Serialize;

/// A part of the page with a heading of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Section {
    /// Anchor.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What it shows, in order.
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section of these blocks.
    pub fn new(id: &'static str, title: &'static str, blocks: Vec<Block>) -> Self {
        Self { id, title, blocks }
    }
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Block {
    /// A paragraph; `of` names the persons it tells of.
    Text { text: String, of: String },
    /// A command to copy.
    Command { text: String },
    /// A picture with its numbers.
    Chart(Chart),
    /// A table.
    Table(Table),
    /// Pairs of records side by side.
    Pairs { title: &'static str, about: &'static str, pairs: Vec<PairCard> },
}

/// A paragraph about nobody in particular.
pub(super) fn text(text: impl Into<String>) -> Block {
    Block::Text { text: text.into(), of: String::new() }
}

/// A picture, what it shows in words, and the numbers behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Chart {
    /// Heading.
    pub title: String,
    /// What is to be seen.
    pub about: String,
    /// The picture; made by `svg`, which escapes its texts.
    pub svg: String,
    /// The numbers.
    pub table: Table,
}

/// A table with a caption.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Table {
    /// What it lists.
    pub caption: String,
    /// Headers.
    pub head: Vec<Head>,
    /// Rows.
    pub rows: Vec<Row>,
    /// What was left out, and where it is.
    pub more: String,
}

/// A header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Head {
    pub text: &'static str,
    /// Numbers stand on the right.
    pub number: bool,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Row {
    /// Ids of the persons it is about, separated by spaces.
    pub of: String,
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Cell {
    pub text: String,
    /// A bar of so many percent in front of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bar: Option<u8>,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { text: shown(text), bar: None }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self { text: crate::report::summary::group(number), bar: None }
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::from(number as usize)
    }
}

impl Cell {
    /// A share with a bar.
    pub fn share(part: usize, of: usize) -> Self {
        let bar = (part * 100).checked_div(of).unwrap_or(0).min(100) as u8;
        Self { text: percent(part, of), bar: Some(bar) }
    }
}

impl Table {
    /// A table without rows; a header that begins with `#` is one of numbers.
    pub fn new(caption: impl Into<String>, head: &[&'static str]) -> Self {
        let head = head
            .iter()
            .map(|text| Head { text: text.trim_start_matches('#'), number: text.starts_with('#') });
        Self { caption: caption.into(), head: head.collect(), ..Self::default() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row { of: String::new(), cells });
    }

    /// Adds a row about persons.
    pub fn row_of(&mut self, of: String, cells: Vec<Cell>) {
        self.rows.push(Row { of, cells });
    }

    /// Keeps the first rows and says that there are more.
    pub fn cut(&mut self, limit: usize, file: &str) {
        self.of_total(self.rows.len(), limit, file);
    }

    /// As [`Table::cut`], where only some rows were made at all.
    pub fn of_total(&mut self, total: usize, limit: usize, file: &str) {
        self.rows.truncate(limit);
        let more = total - self.rows.len().min(total);
        if more > 0 {
            let where_to = if file.is_empty() { String::new() } else { format!(" in {file}") };
            self.more = format!("and {} more{where_to}", crate::report::summary::group(more));
        }
    }
}

/// Two records side by side.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct PairCard {
    /// Ids of their persons.
    pub of: String,
    /// What the records are called.
    pub left: String,
    pub right: String,
    /// How sure it is that they are one person.
    pub probability: String,
    /// Why.
    pub reason: String,
    /// Their cells.
    pub fields: Vec<Field>,
}

/// A cell of both records.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Field {
    pub name: String,
    pub left: String,
    pub right: String,
    /// How they compare, since masked values hide it.
    pub verdict: &'static str,
}
