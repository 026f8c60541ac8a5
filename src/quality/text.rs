//! The report of `check` for people, and what they can ask about the checks.

use super::catalog::{CHECKS, CheckInfo, Needs, Scope};
use super::finding::{Checked, Finding, Severity, Verdict};
use super::output::escape::is_hidden;
use std::fmt::Write;

/// Places shown of a finding; the other reports have all that were kept.
const SHOWN: usize = 3;

/// The report as text.
pub fn report(checked: &Checked) -> String {
    let mut text = String::new();
    for finding in &checked.findings {
        push(finding, &mut text);
    }
    if !checked.findings.is_empty() {
        text.push('\n');
    }
    let count = |severity| checked.findings.iter().filter(|f| f.severity == severity).count();
    let word = match checked.verdict {
        Verdict::Pass if count(Severity::Error) > 0 => "Not judged",
        Verdict::Pass => "Passed",
        Verdict::Fail => "Failed",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{word}: {} records, {} errors, {} warnings, {} notices",
        grouped(checked.records),
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Info),
    );
    for note in &checked.notes {
        let _ = writeln!(text, "{note}");
    }
    text
}

fn push(finding: &Finding, text: &mut String) {
    let place = match &finding.column {
        Some(column) => format!("{} \u{ab}{}\u{bb}", finding.check, printable(column)),
        None => finding.check.clone(),
    };
    let _ = write!(text, "{:<7} {place}: ", finding.severity.word());
    let _ = if finding.of > 0 {
        let percent = percent(finding.count, finding.of);
        writeln!(text, "{} of {} ({percent})", grouped(finding.count), grouped(finding.of))
    } else {
        writeln!(text, "{}", grouped(finding.count))
    };
    let _ = writeln!(text, "        {}", finding.message);
    for sample in finding.samples.iter().take(SHOWN) {
        let mut parts = vec![printable(&sample.record)];
        if sample.line > 0 {
            parts.push(format!("line {}", sample.line));
        }
        if !sample.value.is_empty() {
            parts.push(printable(&sample.value));
        }
        parts.retain(|part| !part.is_empty());
        let _ = writeln!(text, "          {}", parts.join("  "));
    }
    let told = finding.samples.len().min(SHOWN) as u64;
    if told > 0 && finding.count > told {
        let _ = writeln!(text, "          and {} more", grouped(finding.count - told));
    }
}

/// A share in percent, with as many digits as small ones need.
fn percent(count: u64, of: u64) -> String {
    let share = count as f64 * 100.0 / of as f64;
    match share {
        s if s > 0.0 && s < 0.01 => "< 0.01 %".into(),
        s if s < 1.0 => format!("{s:.2} %"),
        s => format!("{s:.1} %"),
    }
}

/// Headers and cells may hold anything; a line of the report is one line.
fn printable(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// A number with separators of thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// All checks, a line each.
pub fn list() -> String {
    let mut text = String::new();
    for check in CHECKS {
        let needs = needs(check.needs).map_or_else(String::new, |n| format!(" [{n}]"));
        let severity = check.severity.word();
        let _ = writeln!(text, "{:<24} {severity:<7} {}{needs}", check.id, check.fires);
    }
    text
}

/// What a check looks for and what to do about it.
pub fn explain(check: &CheckInfo) -> String {
    let mut text = format!("{} ({})\n", check.id, check.severity.word());
    let _ = writeln!(text, "  Fires for: {}", check.fires);
    let _ = writeln!(text, "  Remedy: {}", check.remedy);
    let looks = match check.scope {
        Scope::Row => "each row",
        Scope::Set => "all rows together",
    };
    let _ = writeln!(text, "  Looks at: {looks}");
    if check.max_rate > 0.0 {
        let limit = check.max_rate * 100.0;
        let _ = writeln!(text, "  Limit: above {limit} %; up to it the finding is information");
    }
    if let Some(needs) = needs(check.needs) {
        let _ = writeln!(text, "  Needs: {needs}");
    }
    text
}

fn needs(needs: Needs) -> Option<&'static str> {
    match needs {
        Needs::Records => None,
        Needs::Matching => Some("matching; left out by --skip duplicates"),
        Needs::Activities => Some("--activities"),
        Needs::Model => Some("--model"),
        Needs::Previous => Some("--previous"),
        Needs::Suppression => Some("a suppression list"),
        Needs::Rule => Some("a setting in the rule file"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::finding::Sample;

    #[test]
    fn a_report_names_check_column_count_and_places() {
        let sample =
            |n: u32| Sample { record: format!("crm:{n}"), line: n + 1, value: "n\u{7}".into() };
        let finding = Finding {
            check: "email-invalid".into(),
            severity: Severity::Error,
            column: Some("Email".into()),
            file: "leads.csv".into(),
            count: 1234,
            of: 10_420,
            rate: 0.1184,
            message: "no e-mail address; correct it".into(),
            samples: (1..=5).map(sample).collect(),
        };
        let checked = Checked {
            verdict: Verdict::Fail,
            records: 20_000,
            findings: vec![finding],
            notes: Vec::new(),
        };
        let wanted = "error   email-invalid \u{ab}Email\u{bb}: 1,234 of 10,420 (11.8 %)\n        \
            no e-mail address; correct it\n          \
            crm:1  line 2  n\u{fffd}\n          \
            crm:2  line 3  n\u{fffd}\n          \
            crm:3  line 4  n\u{fffd}\n          \
            and 1,231 more\n\n\
            Failed: 20,000 records, 1 errors, 0 warnings, 0 notices\n";
        assert_eq!(report(&checked), wanted);
    }

    #[test]
    fn every_check_can_be_explained() {
        for check in CHECKS {
            let text = explain(check);
            assert!(text.contains(check.remedy) && list().contains(check.id), "{}", check.id);
        }
        assert!(explain(&CHECKS[0]).contains("above 2 %"));
        assert_eq!(
            [percent(1, 1_000_000), percent(1, 200), percent(1, 2)],
            ["< 0.01 %", "0.50 %", "50.0 %"]
        );
    }
}
