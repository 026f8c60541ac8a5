//! JUnit XML, as test reports of every CI product read it: a test case per check.
//!
//! A check whose findings fail is a failure with its counts and first places; one that found less
//! passes and says what it found in its output; one that found nothing passes.

use super::Context;
use super::entry;
use super::escape::{thousands, visible};
use crate::quality::catalog;
use crate::quality::finding::{Checked, Finding};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// Places that are listed of each finding.
const PLACES: usize = 20;

/// Writes the findings.
pub fn write(checked: &Checked, context: &Context) -> String {
    let mut suite = TestSuite::new("leadmend check");
    for id in cases(checked, context) {
        let found: Vec<&Finding> = checked.findings.iter().filter(|f| f.check == id).collect();
        suite.add_test_case(case(id, &found, context));
    }
    if !checked.notes.is_empty() {
        let notes: Vec<String> = checked.notes.iter().map(|note| visible(note)).collect();
        suite.set_system_out(notes.join("\n"));
    }
    let mut report = Report::new("leadmend");
    report.add_test_suite(suite);
    // Writing into memory cannot fail. The published schemas know no `disabled`; the suite's own is
    // the first, since what comes before it is ours.
    report.to_string().unwrap_or_default().replacen(" disabled=\"0\"", "", 1)
}

/// Ids of the checks that ran or found something: the catalog's first in its order, then own ones.
fn cases<'a>(checked: &'a Checked, context: &'a Context) -> Vec<&'a str> {
    let place = |id: &str| {
        catalog::CHECKS.iter().position(|check| check.id == id).unwrap_or(catalog::CHECKS.len())
    };
    let found = checked.findings.iter().map(|finding| finding.check.as_str());
    let mut ids: Vec<&str> = context.ran.iter().map(String::as_str).chain(found).collect();
    ids.sort_unstable_by_key(|id| (place(id), *id));
    ids.dedup();
    ids
}

fn case(id: &str, found: &[&Finding], context: &Context) -> TestCase {
    let failing: Vec<&&Finding> = found.iter().filter(|f| context.fails(f.severity)).collect();
    let text = found.iter().map(|finding| paragraph(finding)).collect::<Vec<_>>().join("\n\n");
    let mut case = match failing.first() {
        None => TestCase::new(id, TestCaseStatus::success()),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let more = failing.len() - 1;
            let and = if more > 0 { format!(", and {more} more columns") } else { String::new() };
            status.set_message(format!("{}{and}", entry::sentence(first)));
            status.set_type(first.severity.word());
            status.set_description(text.clone());
            TestCase::new(id, status)
        }
    };
    case.set_classname("leadmend.check");
    if failing.is_empty() && !found.is_empty() {
        case.set_system_out(text);
    }
    case
}

fn paragraph(finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.severity.word(), entry::sentence(finding));
    for sample in finding.samples.iter().take(PLACES) {
        text = format!("{text}\n  {}", entry::place(sample));
    }
    let listed = finding.samples.len().min(PLACES) as u64;
    if listed > 0 && finding.count > listed {
        text = format!("{text}\n  and {} more", thousands(finding.count - listed));
    }
    text
}
