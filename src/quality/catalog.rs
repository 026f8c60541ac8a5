//! The checks there are: id, weight, what each looks for. Help, reports and rule files read this
//! one list.

use super::finding::Severity::{self, Error, Info, Warning};

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One row at a time.
    Row,
    /// All rows, or pairs of them.
    Set,
}

/// What a check needs besides the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Records,
    /// Duplicates found: skipped by `--skip duplicates`.
    Matching,
    /// `--activities`.
    Activities,
    /// `--model`.
    Model,
    /// `--previous`.
    Previous,
    /// A suppression list.
    Suppression,
    /// A setting in the rule file; without it the check has no opinion.
    Rule,
}

/// One check.
#[derive(Debug, Clone, Copy)]
pub struct CheckInfo {
    /// Its name everywhere.
    pub id: &'static str,
    /// Weight unless a rule says otherwise.
    pub severity: Severity,
    /// What it looks at.
    pub scope: Scope,
    /// What it needs.
    pub needs: Needs,
    /// Share of `of` from which it fires at its severity; below it is information. 0: at the first.
    pub max_rate: f64,
    /// When it fires.
    pub fires: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Finds a check by its id.
pub fn find(id: &str) -> Option<&'static CheckInfo> {
    CHECKS.iter().find(|check| check.id == id)
}

const fn row(
    id: &'static str,
    severity: Severity,
    fires: &'static str,
    remedy: &'static str,
) -> CheckInfo {
    CheckInfo {
        id,
        severity,
        scope: Scope::Row,
        needs: Needs::Records,
        max_rate: 0.0,
        fires,
        remedy,
    }
}

const fn set(
    id: &'static str,
    severity: Severity,
    fires: &'static str,
    remedy: &'static str,
) -> CheckInfo {
    CheckInfo { scope: Scope::Set, ..row(id, severity, fires, remedy) }
}

const fn needs(needs: Needs, check: CheckInfo) -> CheckInfo {
    CheckInfo { needs, ..check }
}

const fn above(max_rate: f64, check: CheckInfo) -> CheckInfo {
    CheckInfo { max_rate, ..check }
}

/// All checks, by subject.
#[rustfmt::skip]
pub const CHECKS: &[CheckInfo] = &[
    // Identity and duplicates
    above(0.02, needs(Needs::Matching, set("duplicate-rate", Error, "more records than people: (records - people) / records", "run clean, and look at review.csv first"))),
    needs(Needs::Matching, set("duplicate-review", Warning, "pairs that may be one person and wait for a decision", "run clean and fill the decision column of review.csv")),
    set("duplicate-email", Error, "one e-mail address on more than one record", "merge the records, or correct the address of one"),
    set("duplicate-phone", Warning, "one phone number on records of different names", "find out whose number it is; a switchboard is no direct line"),
    set("duplicate-id", Error, "a record id that repeats, or a 15 and an 18 character Salesforce id of one record", "remove the second row"),
    set("shared-email", Warning, "one e-mail address, clearly different people", "ask for an address of their own"),
    set("known-merge-undone", Error, "a record that another record lists as merged into it is alive again", "delete it, or remove it from the list of merged ids"),
    row("id-format", Warning, "a record id that is not shaped like the product's or the column's ids", "correct the id"),
    // E-mail
    above(0.01, row("email-invalid", Error, "no e-mail address: syntax, a word, two signs, spaces, look-alike letters", "correct or empty the cell")),
    row("email-typo-domain", Warning, "a mail domain one slip away from a frequent one", "correct the domain"),
    row("email-role", Warning, "a mailbox of a role (info, sales, noreply), not of a person", "ask for a personal address"),
    row("email-disposable", Warning, "a mailbox that is made to be thrown away", "ask for another address"),
    row("email-free-mail", Info, "a free mail address on a lead with a company", "ask for a work address"),
    row("email-name-mismatch", Info, "an address that names another person", "check whose address it is"),
    row("email-bounced-active", Warning, "an address that bounced and may still be mailed", "take it off the mailing list"),
    row("email-missing", Warning, "no e-mail address", "ask for one"),
    row("no-channel", Error, "neither e-mail nor phone: nobody can reach this lead", "complete or remove the lead"),
    // Phone, address, company
    above(0.01, row("phone-invalid", Warning, "no phone number of its country, or one that a spreadsheet damaged", "correct or empty the cell")),
    row("phone-country-mismatch", Warning, "a phone number of another country than the lead's", "check number and country"),
    row("phone-repeated-digits", Warning, "a phone number of repeated or counted digits", "empty the cell"),
    row("country-unknown", Warning, "no country", "write its name or ISO code"),
    row("state-country-mismatch", Warning, "a region that its country does not have", "correct region or country"),
    row("postcode-invalid", Info, "a postcode that is not shaped like its country's", "correct it; a spreadsheet may have lost a leading zero"),
    row("address-incomplete", Info, "a street without a city or postcode", "complete the address"),
    row("address-invalid", Info, "no postal address", "correct or empty the cell"),
    row("company-placeholder", Warning, "a word that stands for no company", "empty the cell or name the company"),
    row("domain-company-mismatch", Info, "a work e-mail of another domain than the web site", "check the company"),
    row("title-missing", Info, "no job title", "ask for it"),
    row("title-placeholder", Info, "a word that stands for no job title", "empty the cell"),
    // Names and columns
    row("name-in-wrong-column", Warning, "a company as a first name, given and family name swapped, or a whole name in one of them", "move the name where it belongs"),
    row("name-email-in-field", Error, "an e-mail address or phone number in a name column", "move it where it belongs"),
    row("column-shift", Error, "several cells of a row hold what belongs in the column beside them", "find the missing or doubled delimiter of the row"),
    row("test-record", Warning, "a test record: keyboard walks, test, example.com", "remove it"),
    row("placeholder-value", Warning, "a word or template that stands for nothing", "empty the cell; mend the form that sent the template"),
    row("case-anomaly", Info, "all capitals or all small letters", "clean --repair full sets them right"),
    row("mojibake", Error, "letters that were read in the wrong encoding", "export as UTF-8; clean repairs what can be known"),
    row("control-chars", Warning, "invisible characters", "clean removes them"),
    row("look-alike", Warning, "letters of another script that look like Latin ones", "retype the value"),
    row("formula-injection", Error, "a cell that a spreadsheet would run as a formula", "remove the leading sign"),
    row("html-in-field", Warning, "tags or script in a cell", "remove them; the form should refuse them"),
    set("truncated", Info, "many values of exactly one maximal length", "a system on the way cuts the column; widen it"),
    set("mixed-date-order", Error, "day and month in both orders in one column", "export the column as ISO dates"),
    // Time
    row("future-date", Error, "created or active after the day of the check", "correct the date or the clock of the source"),
    row("impossible-date", Error, "a date that does not exist or is before 1990", "correct or empty the cell"),
    row("created-after-activity", Warning, "active before it was created", "check both dates"),
    needs(Needs::Rule, set("stale", Warning, "leads without activity for longer than the rule allows", "renew or retire them")),
    row("never-active", Info, "no activity at all", "nurture or retire the lead"),
    // Consent
    needs(Needs::Rule, row("consent-missing", Error, "may be mailed without a basis or a date of consent", "find the consent or stop mailing")),
    set("consent-conflict", Error, "one address opted in here and opted out there", "the opt-out holds; correct the other record"),
    needs(Needs::Suppression, row("suppressed-present", Error, "on the suppression list and not marked as such", "mark it as opted out or remove it")),
    needs(Needs::Rule, row("retention-exceeded", Warning, "older than the policy allows, without activity", "delete it, or renew the consent")),
    set("special-category", Warning, "a column of a special category: health, religion, ethnicity", "remove the column unless the law allows it"),
    // Ownership and process
    row("owner-missing", Warning, "no owner", "assign one"),
    needs(Needs::Rule, row("owner-inactive", Warning, "an owner who is not on the list of active ones", "assign another")),
    needs(Needs::Previous, row("lifecycle-regression", Warning, "a stage further back than before", "check which system overwrote it")),
    needs(Needs::Rule, row("status-invalid", Warning, "a status outside the allowed list", "use an allowed one")),
    row("lead-source-missing", Info, "no lead source", "set it at import"),
    // Activities
    needs(Needs::Activities, row("orphan-activity", Error, "an activity of a lead that is not here", "import the lead, or drop the activity")),
    needs(Needs::Activities, set("duplicate-activity", Warning, "one event logged twice", "clean counts it once; mend the double tracking")),
    needs(Needs::Activities, set("activity-burst", Info, "more events in a minute than a person makes", "a mail scanner opens links; do not score it")),
    // Scores
    needs(Needs::Model, set("score-drift", Warning, "scores differ from the stored ones, or bands from the previous data", "rescore, and find out who changed the model")),
    needs(Needs::Model, row("score-weaker-than-part", Warning, "a merged lead is worth less than its best record", "read drops.csv of a clean run")),
    needs(Needs::Model, row("score-out-of-range", Error, "a stored score outside the model's range", "rescore")),
    needs(Needs::Model, row("score-missing", Info, "no stored score", "rescore")),
    // Shape
    needs(Needs::Previous, set("schema-drift", Error, "a column is gone, renamed, new, or of another kind", "agree on the columns with the sender")),
    needs(Needs::Previous, set("row-count-change", Warning, "many more or fewer rows than before", "find out whether the export was complete")),
    needs(Needs::Previous, set("null-rate-change", Warning, "a column is filled more or less often than before", "find out what changed at the source")),
    needs(Needs::Previous, set("duplicate-new", Error, "duplicates that were not there before", "look at the import that brought them")),
    set("ragged-row", Error, "rows with too many or too few cells", "quote cells with delimiters; see the line"),
    set("encoding", Warning, "bytes that do not fit the file's encoding", "export as UTF-8"),
    set("bom", Info, "a byte order mark", "harmless here; some programs read it as a letter"),
    // Learned from the column itself
    row("rare-shape", Warning, "values shaped unlike nearly all others of the column", "correct the value"),
    row("rare-length", Info, "values of another length than nearly all others", "a digit is missing, or one too many"),
    row("rare-value", Info, "a value hardly ever seen in a column of few values", "a slip of the pen, or a new category"),
    row("rarely-empty", Warning, "empty where the column is otherwise always filled", "complete the cell"),
    row("rarely-negative", Warning, "a negative number in a column that is never negative", "correct the sign"),
    row("rarely-double", Warning, "a repeated value in a column that is otherwise unique", "one of the rows is wrong"),
    row("checksum", Warning, "a check digit that does not fit, where those of the column do", "retype the number"),
    row("outlier", Info, "a number far outside the bell of the others", "check the unit and the decimal point"),
    row("order-of-columns", Warning, "a pair of dates or amounts in the reverse of the usual order", "check both"),
    row("dependency", Warning, "a value that contradicts what nearly all rows with the same other value have", "one of the two is wrong"),
    set("new-category", Info, "values that appear only towards the end of the file", "check whether the sender changed the list"),
    row("lost-zero", Warning, "one digit fewer than the others, which begin with 0", "a spreadsheet removed the leading zero"),
    row("neighbor-column", Warning, "a value that belongs in the column beside it", "move it"),
    row("not-null", Error, "empty where a rule asks for a value", "complete the cell"),
    row("custom", Warning, "a condition of the rule file holds", "see the rule"),
    set("wrong-column", Info, "so many cells fail that the column is probably something else", "say what the column is with --column ROLE=HEADER"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_words_with_a_remedy() {
        for (at, check) in CHECKS.iter().enumerate() {
            assert!(check.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", check.id);
            assert!(!check.fires.is_empty() && !check.remedy.is_empty(), "{}", check.id);
            assert!(CHECKS[..at].iter().all(|other| other.id != check.id), "{}", check.id);
        }
        assert_eq!(find("duplicate-rate").map(|c| c.max_rate), Some(0.02));
        assert!(find("no-such-check").is_none());
    }
}
