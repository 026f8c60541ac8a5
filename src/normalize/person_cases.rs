//! The case tables in `fixtures/normalize/`: one row, one promise.
//!
//! A case is added by adding a row; no Rust is needed. Each table's header names its columns; the
//! column `why` is shown when a case fails.

use super::name::{self, NameParts, PersonName};
use super::{Normalized, Status, company, email, title};

/// Reads a table and compares each row; `actual` gives a column's value for a row's inputs.
fn check(table: &str, text: &str, actual: impl Fn(&dyn Fn(&str) -> String, &str) -> String) {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut rows = 0;
    let mut wrong = Vec::new();
    for row in reader.records() {
        let row = row.unwrap();
        rows += 1;
        let cell = |column: &str| {
            let at = header.iter().position(|name| name == column);
            at.map_or(String::new(), |at| {
                row[at].replace("\\u200b", "\u{200b}").replace("\\u202e", "\u{202e}")
            })
        };
        for (at, column) in header.iter().enumerate() {
            if column.starts_with("in_") || column == "why" {
                continue;
            }
            let got = actual(&cell, column);
            if got != row[at] {
                let line = rows + 1;
                wrong.push(format!(
                    "{table}:{line} {column}: {got:?}, not {:?} ({})",
                    &row[at],
                    cell("why")
                ));
            }
        }
    }
    assert!(rows >= 60, "{table} has {rows} cases");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn status<T>(read: &Normalized<T>) -> String {
    match read.status {
        Status::Ok => "ok",
        Status::Repaired => "repaired",
        Status::Invalid => "invalid",
        Status::Missing => "missing",
    }
    .to_string()
}

fn flags(pairs: &[(&str, bool)]) -> String {
    pairs.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

#[test]
fn names() {
    check("name.csv", include_str!("../../fixtures/normalize/name.csv"), |cell, column| {
        let (prefix, given, family, suffix, full) = (
            cell("in_prefix"),
            cell("in_given"),
            cell("in_family"),
            cell("in_suffix"),
            cell("in_full"),
        );
        let read = name::parse(&NameParts {
            prefix: &prefix,
            given: &given,
            family: &family,
            suffix: &suffix,
            full: &full,
            ..NameParts::default()
        });
        let of =
            |get: &dyn Fn(&PersonName) -> String| read.value.as_ref().map(get).unwrap_or_default();
        match column {
            "given" => of(&|n| n.given.join("|")),
            "family" => of(&|n| n.family.join("|")),
            "generation" => of(&|n| n.generation.map_or(String::new(), |g| g.name().to_string())),
            "nickname" => of(&|n| n.nickname.clone().unwrap_or_default()),
            "extra" => of(&|n| {
                let note = n.note.iter().cloned();
                n.prefix
                    .iter()
                    .cloned()
                    .chain(n.credentials.iter().cloned())
                    .chain(note)
                    .collect::<Vec<_>>()
                    .join("|")
            }),
            "flags" => {
                of(&|n| flags(&[("swap", n.swap_likely), ("initial", n.given_is_initial())]))
            }
            "status" => status(&read),
            "reason" => read.reason.to_string(),
            _ => panic!("name.csv has no column {column}"),
        }
    });
}

#[test]
fn emails() {
    check("email.csv", include_str!("../../fixtures/normalize/email.csv"), |cell, column| {
        let read = email::parse(&cell("in_email"));
        let of = |get: &dyn Fn(&email::Email) -> String| {
            read.value.as_ref().map(get).unwrap_or_default()
        };
        match column {
            "address" => of(&email::Email::address),
            "identity_key" => of(&email::Email::identity_key),
            "registrable" => of(&|e| e.registrable.clone()),
            "flags" => of(&|e| {
                flags(&[
                    ("role", e.role),
                    ("free", e.free),
                    ("disposable", e.disposable),
                    ("placeholder", e.placeholder),
                ])
            }),
            "suggestion" => of(&|e| e.suggestion.clone().unwrap_or_default()),
            "status" => status(&read),
            "reason" => read.reason.to_string(),
            _ => panic!("email.csv has no column {column}"),
        }
    });
}

#[test]
fn companies() {
    check("company.csv", include_str!("../../fixtures/normalize/company.csv"), |cell, column| {
        let read = company::parse(&cell("in_company"));
        let of = |get: &dyn Fn(&company::Company) -> String| {
            read.value.as_ref().map(get).unwrap_or_default()
        };
        match column {
            "core" => of(&|c| c.core.clone()),
            "legal_form" => of(&|c| c.legal_form.unwrap_or_default().to_string()),
            "branch" => of(&|c| c.branch.clone().unwrap_or_default()),
            "trading_as" => of(&|c| c.trading_as.clone().unwrap_or_default()),
            "flags" => {
                of(&|c| flags(&[("placeholder", c.placeholder), ("care-of", c.care_of.is_some())]))
            }
            "status" => status(&read),
            "reason" => read.reason.to_string(),
            _ => panic!("company.csv has no column {column}"),
        }
    });
}

#[test]
fn titles() {
    check("title.csv", include_str!("../../fixtures/normalize/title.csv"), |cell, column| {
        let read = title::parse(&cell("in_title"));
        let of = |get: &dyn Fn(&title::Title) -> String| {
            read.value.as_ref().map(get).unwrap_or_default()
        };
        match column {
            "canonical" => of(&|t| t.canonical.clone()),
            "seniority" => of(&|t| t.seniority.map_or(String::new(), |s| s.name().to_string())),
            "function" => of(&|t| t.function.map_or(String::new(), |f| f.name().to_string())),
            "flags" => of(&|t| flags(&[("placeholder", t.placeholder)])),
            "status" => status(&read),
            "reason" => read.reason.to_string(),
            _ => panic!("title.csv has no column {column}"),
        }
    });
}
