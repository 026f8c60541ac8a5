//! Job titles: one canonical title for the spellings of a job, its seniority and function.
//!
//! Read by scoring (`title.normalized`, `title.seniority`) and by the title comparison. Why ambiguous
//! abbreviations stay: CSO is a security, sales or strategy officer, and a score must not guess.

mod canon;
mod words;

use super::Normalized;
use super::text;

/// A job title.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Title {
    /// The title as written, cleaned.
    pub display: String,
    /// Folded, abbreviations spelled out, words in one order, in English where known.
    pub canonical: String,
    /// Rank, when the title says it.
    pub seniority: Option<Seniority>,
    /// Field of work, when the title says it.
    pub function: Option<Function>,
    /// Not a title: `test`, `other`, `job title`.
    pub placeholder: bool,
}

/// Rank of a job, highest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seniority {
    /// Chief officers, presidents and managing directors.
    CLevel,
    /// Owners, founders and partners.
    Owner,
    /// Vice presidents.
    Vp,
    /// Directors.
    Director,
    /// Heads of a department.
    Head,
    /// Managers and team leads.
    Manager,
    /// Senior and principal staff.
    Senior,
    /// Staff.
    Staff,
    /// Juniors, assistants and trainees.
    Junior,
    /// Interns.
    Intern,
    /// Students.
    Student,
    /// Retired people.
    Retired,
}

impl Seniority {
    /// The name that models and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::CLevel => "c-level",
            Self::Owner => "owner",
            Self::Vp => "vp",
            Self::Director => "director",
            Self::Head => "head",
            Self::Manager => "manager",
            Self::Senior => "senior",
            Self::Staff => "staff",
            Self::Junior => "junior",
            Self::Intern => "intern",
            Self::Student => "student",
            Self::Retired => "retired",
        }
    }
}

/// Field of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Function {
    /// General management.
    Management,
    /// Engineering and software development.
    Engineering,
    /// Information technology.
    It,
    /// Security, physical or of information.
    Security,
    /// Data and analytics.
    Data,
    /// Product management.
    Product,
    /// Marketing and communication.
    Marketing,
    /// Sales and business development.
    Sales,
    /// Customer success and support.
    Customer,
    /// Finance and accounting.
    Finance,
    /// Legal and compliance.
    Legal,
    /// Human resources.
    HumanResources,
    /// Operations, production and logistics.
    Operations,
    /// Purchasing.
    Purchasing,
    /// Office and assistance.
    Administration,
    /// Design and creation.
    Design,
    /// Research and science.
    Research,
    /// Teaching.
    Education,
    /// Medicine and care.
    Health,
    /// Consulting.
    Consulting,
    /// Projects and programs.
    Project,
}

impl Function {
    /// The name that models and reports use.
    pub fn name(self) -> &'static str {
        words::FUNCTIONS.iter().find(|(_, f)| *f == self).map_or("", |(name, _)| name)
    }
}

/// Reads a title cell.
///
/// ```
/// use leadmend::normalize::title::{self, Seniority};
/// let title = title::parse("Dir. of Engineering").value.unwrap();
/// assert_eq!(title.canonical, "director of engineering");
/// assert_eq!(title.seniority, Some(Seniority::Director));
/// assert_eq!(title::parse("CSO").value.unwrap().canonical, "cso");
/// ```
pub fn parse(raw: &str) -> Normalized<Title> {
    let cleaned = text::clean(raw);
    if text::is_null_word(&cleaned) {
        return Normalized::missing(if cleaned.is_empty() { "" } else { "null-word" });
    }
    if let Some(reason) = refuse(&cleaned) {
        return Normalized::invalid(reason);
    }
    let canonical = canon::canonical(&cleaned);
    if canonical.is_empty() {
        return Normalized::invalid("no-letters");
    }
    let placeholder = words::is_placeholder(&canonical);
    let (seniority, function) = if placeholder {
        (None, None)
    } else {
        (words::seniority(&canonical), words::function(&canonical))
    };
    let title = Title { display: cleaned.to_string(), canonical, seniority, function, placeholder };
    match text::clean_reason(raw, &cleaned) {
        "" => Normalized::ok(title),
        reason => Normalized::repaired(title, reason),
    }
}

/// The canonical form alone: what a model's `title.normalized` values are put through, so that
/// "VP of Marketing" in a model meets "Vice President Marketing" in the data.
pub fn canonical(title: &str) -> String {
    canon::canonical(&text::clean(title))
}

fn refuse(cell: &str) -> Option<&'static str> {
    if text::is_formula(cell) {
        Some("formula")
    } else if text::is_template(cell) {
        Some("template")
    } else if cell.contains('@') && cell.contains('.') && !cell.contains(' ') {
        Some("email-in-title")
    } else if cell.contains("://") || cell.to_ascii_lowercase().starts_with("www.") {
        Some("url-in-title")
    } else if !cell.chars().any(char::is_alphabetic) {
        Some("no-letters")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
