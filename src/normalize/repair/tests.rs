//! Repairs of whole columns, as a run makes them.

use super::*;
use crate::normalize::record::records;
use crate::schema::{self, Role, SchemaOverrides};
use crate::source::{Source, read_bytes};
use proptest::prelude::*;

/// A table of one source whose columns have these roles.
fn table(columns: &[(Role, Vec<&str>)]) -> (Table, UnitedSchema) {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = |i: usize| format!("column {i}");
    let headers: Vec<String> = (0..=columns.len()).map(header).collect();
    writer.write_record(&headers).unwrap();
    for row in 0..columns[0].1.len() {
        // A last column that is never empty, so that no row is a blank line.
        let cells = columns.iter().map(|(_, cells)| cells[row]).chain(["x"]);
        writer.write_record(cells).unwrap();
    }
    let bytes = writer.into_inner().unwrap();
    let raw = read_bytes(&Source::new("t.csv"), bytes).unwrap();
    let overrides = SchemaOverrides {
        roles: columns.iter().enumerate().map(|(i, (role, _))| (*role, header(i))).collect(),
        preset: Some("none".into()),
        ..SchemaOverrides::default()
    };
    let schema = schema::detect(&raw, &overrides);
    schema::unite(vec![(raw, schema)]).unwrap()
}

/// The cells of the first column, repaired.
fn repaired(columns: &[(Role, Vec<&str>)], policy: &RepairPolicy) -> Vec<String> {
    let (table, schema) = table(columns);
    let all = repairs(&table, &schema, &records(&table, &schema), policy);
    let column = &table.columns[0];
    let text = |value: &ValueId| {
        let fixed = all.column(0).and_then(|c| c.get(*value));
        fixed.map_or(column.dictionary.get(*value), |f| &f.text).to_string()
    };
    let mut rows: Vec<(u32, String)> =
        table.row.iter().zip(&column.ids).map(|(row, value)| (*row, text(value))).collect();
    rows.sort();
    rows.into_iter().map(|(_, text)| text).collect()
}

fn level(level: RepairLevel) -> RepairPolicy {
    RepairPolicy { level, ..RepairPolicy::default() }
}

/// Checks raw cells against what they are repaired to.
fn check(role: Role, policy: &RepairPolicy, cells: &[(&str, &str)], why: &str) {
    let (raw, wanted): (Vec<&str>, Vec<&str>) = cells.iter().copied().unzip();
    assert_eq!(repaired(&[(role, raw)], policy), wanted, "{why}");
}

#[test]
fn a_column_keeps_the_form_most_of_its_phones_have() {
    let cells = [
        ("(212) 736-5000", "(212) 736-5000"),
        ("(415) 555-2671", "(415) 555-2671"),
        ("(646) 555-0199", "(646) 555-0199"),
        ("(312) 726-1234", "(312) 726-1234"),
        ("212.736.5001", "(212) 736-5001"),
        ("+1 212 736 5002", "(212) 736-5002"),
        ("+52 55 5555 0101", "+52 55 5555 0101"),
        ("1-800-FLOWERS", "1-800-FLOWERS"),
        ("12345", "12345"),
        ("  call me ", "  call me "),
    ];
    check(Role::Phone, &RepairPolicy::default(), &cells, "national, as most");
    let own = [
        ("212-736-5000", "212-736-5000"),
        ("415-555-2671", "415-555-2671"),
        ("312-726-1234", "312-726-1234"),
        ("(646) 555-0199", "646-555-0199"),
        ("+442070313000", "+442070313000"),
    ];
    check(Role::Phone, &RepairPolicy::default(), &own, "the column's own grouping");
    let mixed = [("212-736-5000", "212-736-5000"), ("(415) 555-2671", "(415) 555-2671")];
    check(Role::Phone, &RepairPolicy::default(), &mixed, "no form has most: all stay");
}

#[test]
fn phones_take_the_form_asked_for_where_they_are_understood() {
    let columns = |country| {
        let cells = vec!["55 5555 0101", "+1 (212) 736-5000 x12", "0000000", "n/a"];
        [(Role::Phone, cells), (Role::Country, vec![country; 4])]
    };
    let e164 = RepairPolicy { phone: Some(PhoneForm::E164), ..RepairPolicy::default() };
    let wanted = ["+525555550101", "+12127365000 ext. 12", "0000000", "n/a"];
    assert_eq!(repaired(&columns("México"), &e164), wanted);
    assert_eq!(repaired(&columns("")[..], &e164)[0], "55 5555 0101", "of no country");
    let national = RepairPolicy { phone: Some(PhoneForm::National), ..RepairPolicy::default() };
    let columns =
        [(Role::Phone, vec!["+525555550101", "+493055501880"]), (Role::Country, vec!["MX", "MX"])];
    let wanted = ["55 5555 0101", "+493055501880"];
    assert_eq!(repaired(&columns, &national), wanted, "a foreign number keeps its code");
}

#[test]
fn a_value_of_two_countries_is_repaired_only_when_both_read_it_alike() {
    let e164 = RepairPolicy { phone: Some(PhoneForm::E164), ..RepairPolicy::default() };
    let columns = [
        (Role::Phone, vec!["030 901820", "030 901820", "+49 30 901821", "+49 30 901821"]),
        (Role::Country, vec!["DE", "AT", "DE", "AT"]),
    ];
    let wanted = ["030 901820", "030 901820", "+4930901821", "+4930901821"];
    assert_eq!(repaired(&columns, &e164), wanted);
}

#[test]
fn emails_are_written_small_and_nothing_else_is_thrown_away() {
    let cells = [
        ("Ana.Lopez@Acme.COM", "ana.lopez@acme.com"),
        (" ana@acme.com\u{200b}", "ana@acme.com"),
        ("ana @ acme.com", "ana@acme.com"),
        ("A@acme.com; B@acme.com", "a@acme.com; b@acme.com"),
        ("Ana <Ana@acme.com>", "Ana <Ana@acme.com>"),
        ("mailto:Ana@acme.com", "mailto:Ana@acme.com"),
        ("Not An E-Mail ", "Not An E-Mail "),
        ("ana@@Acme.com", "ana@@Acme.com"),
        ("ana@gmial.com", "ana@gmial.com"),
    ];
    check(Role::Email, &RepairPolicy::default(), &cells, "e-mail");
}

#[test]
fn dates_take_the_columns_form_and_the_open_ones_stay() {
    let safe = RepairPolicy::default();
    let cells = [
        ("14/05/2026", "14/05/2026"),
        ("03/02/2025", "03/02/2025"),
        ("28/02/2025", "28/02/2025"),
        ("2026-03-12", "12/03/2026"),
        ("3 Feb 2024", "03/02/2024"),
        ("31/02/2025", "31/02/2025"),
        ("soon", "soon"),
    ];
    check(Role::Created, &safe, &cells, "day first, as most");
    let times = [
        ("2026-05-14T18:40:00Z", "2026-05-14T18:40:00Z"),
        ("2026-05-15T18:40:00Z", "2026-05-15T18:40:00Z"),
        ("2026-05-16 18:40:00 UTC", "2026-05-16T18:40:00Z"),
        ("2026-05-17 18:40:00", "2026-05-17 18:40:00"),
        ("2026-05-17T18:40:00+02:00", "2026-05-17T18:40:00+02:00"),
    ];
    check(Role::Created, &safe, &times, "a zone is neither made up nor written away");
    let mixed = [
        ("14/05/2026", "14/05/2026"),
        ("11/20/2024", "11/20/2024"),
        ("3/2/2025", "3/2/2025"),
        ("2025-01-02", "2025-01-02"),
    ];
    let iso = RepairPolicy { date: Some(DateForm::Iso), ..safe.clone() };
    check(Role::Created, &iso, &mixed, "both orders: nothing is sure");
    let open = [("3/2/2025", "3/2/2025"), ("4/5/2025", "4/5/2025"), ("2025-01-02", "2025-01-02")];
    check(Role::Created, &iso, &open, "day or month: nobody knows");
}

#[test]
fn dates_take_the_form_asked_for() {
    let of =
        |text: &str| RepairPolicy { date: Some(text.parse().unwrap()), ..RepairPolicy::default() };
    let cells = [("14/05/2026", "2026-05-14"), ("03/02/2025", "2025-02-03")];
    check(Role::Created, &of("iso"), &cells, "ISO");
    let cells = [
        ("2026-05-14 09:30:00", "14.05.2026 09:30:00"),
        ("2026-05-14", "14.05.2026"),
        ("2026-05-14T09:30:00+02:00", "2026-05-14T09:30:00+02:00"),
    ];
    check(Role::Created, &of("%d.%m.%Y"), &cells, "times stand behind");
    let cells = [("02.09.1946", "1946-09-02"), ("2.9.46", "2.9.46"), ("--09-02", "--09-02")];
    check(Role::BirthDate, &of("iso"), &cells, "a year is not completed");
    for wrong in ["%d/%m", "%y-%m-%d", "tomorrow", "%Q %Y %m %d", ""] {
        assert!(wrong.parse::<DateForm>().is_err(), "{wrong}");
    }
}

#[test]
fn countries_follow_the_column_and_keep_its_own_names() {
    let safe = RepairPolicy::default();
    let names = [
        ("México", "México"),
        ("México", "México"),
        ("Mexico", "Mexico"),
        ("MX", "México"),
        ("de", "Germany"),
        ("Atlantis", "Atlantis"),
        ("NA", "NA"),
    ];
    check(Role::Country, &safe, &names, "names");
    let codes = [("MX", "MX"), ("DE", "DE"), ("us", "US"), ("Germany", "DE"), ("UK", "GB")];
    check(Role::Country, &safe, &codes, "codes");
    let alpha3 = RepairPolicy { country: Some(CountryForm::Alpha3), ..safe.clone() };
    check(Role::Country, &alpha3, &[("México", "MEX"), ("UK", "GBR")], "as asked");
    let name = RepairPolicy { country: Some(CountryForm::Name), ..safe };
    check(Role::Country, &name, &[("México", "Mexico"), ("UK", "United Kingdom")], "in English");
}

#[test]
fn postcodes_change_only_when_asked_and_in_a_known_country() {
    let columns = |country| {
        let cells = vec!["94105-1420", "2139", "941051420"];
        [(Role::Postcode, cells), (Role::Country, vec![country; 3])]
    };
    let raw = ["94105-1420", "2139", "941051420"];
    assert_eq!(repaired(&columns("US"), &RepairPolicy::default()), raw);
    assert_eq!(repaired(&columns(""), &level(RepairLevel::Full)), raw);
    let wanted = ["94105-1420", "02139", "94105-1420"];
    assert_eq!(repaired(&columns("US"), &level(RepairLevel::Full)), wanted);
    let short = RepairPolicy { postcode: Some(PostcodeForm::Short), ..RepairPolicy::default() };
    assert_eq!(repaired(&columns("US"), &short), ["94105", "02139", "94105"]);
}

#[test]
fn text_is_cleaned_in_every_column_but_ids_consent_and_scores() {
    let safe = RepairPolicy::default();
    let cells = [
        ("  María\u{a0} López ", "María López"),
        ("MarÃ\u{AD}a", "María"),
        ("Zoë\u{200b}", "Zoë"),
        ("MARIA LOPEZ", "MARIA LOPEZ"),
    ];
    check(Role::FullName, &safe, &cells, "names");
    check(Role::Generic, &safe, &cells, "columns without a role");
    let lines = [("two  words\r\n\r\n next ", "two words\r\n\r\nnext")];
    check(Role::FreeText, &safe, &lines, "paragraphs stay");
    let joined = [("می\u{200c}خواهم", "می\u{200c}خواهم"), ("👩\u{200d}💻 ", "👩\u{200d}💻 ")];
    check(Role::Generic, &safe, &joined, "joiners are content in some scripts");
    for role in [Role::RecordId, Role::ExternalId, Role::MergedIds, Role::Score, Role::Grade] {
        check(role, &level(RepairLevel::Full), &[(" a  b ", " a  b ")], "never touched");
    }
    let consent: Role = "consent:email:status".parse().unwrap();
    check(consent, &level(RepairLevel::Full), &[(" Subscribed ", " Subscribed ")], "consent");
    check(Role::FullName, &level(RepairLevel::None), &[(" a  b ", " a  b ")], "none");
}

#[test]
fn the_case_of_a_column_is_that_of_its_clean_names() {
    // What was read wrongly is in capitals, what it stands for is not.
    let cells = [("ruiz", "Ruiz"), ("M\u{c3}\u{a1}", "M\u{e1}"), ("Gil", "Gil")];
    check(Role::FamilyName, &level(RepairLevel::Full), &cells, "mixed case once it is clean");
}

#[test]
fn full_adds_the_case_of_names_and_the_majority_spelling() {
    let full = level(RepairLevel::Full);
    let cells = [
        ("MARIA", "Maria"),
        ("jean-pierre", "Jean-Pierre"),
        ("JP", "JP"),
        ("deVries", "deVries"),
        ("Ana", "Ana"),
        ("Bo", "Bo"),
        ("Eva", "Eva"),
        ("Zoë", "Zoë"),
    ];
    check(Role::GivenName, &full, &cells, "mixed case is the habit");
    let capitals = [("MARIA", "MARIA"), ("ANA", "ANA"), ("Eva", "Eva")];
    check(Role::GivenName, &full, &capitals, "capitals are the habit");
    let spellings = [
        ("Acme Inc.", "Acme Inc."),
        ("Acme Inc.", "Acme Inc."),
        ("ACME, INC", "Acme Inc."),
        ("Acme", "Acme"),
        ("Águila", "Águila"),
        ("Aguila", "Aguila"),
    ];
    check(Role::Company, &full, &spellings, "a tie has no majority");
}

#[test]
fn repairs_are_counted_by_kind() {
    let cells = vec![" A@acme.com", "b@acme.com ", "c@acme.com"];
    let (table, schema) = table(&[(Role::Email, cells)]);
    let records = records(&table, &schema);
    let mut all = repairs(&table, &schema, &records, &RepairPolicy::default());
    all.count_records(&table);
    assert_eq!(all.counts.cells, 2);
    let kinds: Vec<_> = all.counts.kinds.iter().map(|(k, n)| (*k, *n)).collect();
    assert_eq!(kinds, [("email-case", 1), ("white-space", 2)]);
}

/// Cells that are values of a role, nearly, or not at all.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,10}",
        "[ \u{200b}]{0,2}[A-Za-zäé. ]{0,8}@[A-Za-z.]{1,8}\\.(com|COM|de)[ ;]{0,2}",
        "\\+?[0-9() .-]{7,16}",
        "(\\(212\\) |212-|\\+1 212 |\\+1212)[2-9][0-9]{2}[ -][0-9]{4}",
        "[0-3]?[0-9]/[0-3]?[0-9]/(2025|99)",
        "20(24|25)-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9])?(Z|\\+02:00)?)?",
        "(MX|mx|México|Mexico|MEX|DE|Germany|deutschland|US|usa|UK|NA|GB)",
        "(94105|2139|94105-1420|ls1 4wt|LS14WT)",
        "(ACME|Acme|acme|Ácme) ?(Inc|inc\\.|GmbH)?",
        "[MarÃ\u{AD}\u{A9}a\u{a0}\n ]{0,8}",
    ]
}

fn some_policy() -> impl Strategy<Value = RepairPolicy> {
    let forms = (
        prop::option::of(prop::sample::select(vec![
            PhoneForm::E164,
            PhoneForm::International,
            PhoneForm::National,
        ])),
        prop::option::of(prop::sample::select(vec!["iso", "%d/%m/%Y", "%m/%d/%Y", "%d %b %Y"])),
        prop::option::of(prop::sample::select(vec![PostcodeForm::Short, PostcodeForm::Extended])),
        prop::option::of(prop::sample::select(vec![
            CountryForm::Name,
            CountryForm::Alpha2,
            CountryForm::Alpha3,
        ])),
    );
    (any::<bool>(), forms).prop_map(|(full, (phone, date, postcode, country))| RepairPolicy {
        level: if full { RepairLevel::Full } else { RepairLevel::Safe },
        phone,
        date: date.map(|text| text.parse().unwrap()),
        postcode,
        country,
    })
}

/// Whether everything a repaired cell says was said by the raw one.
fn derivable(role: Role, raw: &str, fixed: &str) -> bool {
    use crate::normalize::date::{self, DateOrder};
    use crate::normalize::{country, text};
    const ORDERS: [DateOrder; 3] =
        [DateOrder::DayFirst, DateOrder::MonthFirst, DateOrder::YearFirst];
    let signs =
        |cell: &str| text::fold(&text::clean(cell)).replace(|c: char| !c.is_alphanumeric(), "");
    let (a, b) = (signs(raw), signs(fixed));
    match role {
        Role::FullName | Role::GivenName | Role::Company | Role::City | Role::Email => a == b,
        Role::Phone => {
            // A country code, or the zero in its place, comes or goes; digits are never changed.
            let number = |signs: &str| {
                let digits = signs.replace(|c: char| !c.is_ascii_digit(), "");
                digits.trim_start_matches('0').to_string()
            };
            let (a, b) = (number(&a), number(&b));
            a.ends_with(&b) || b.ends_with(&a)
        }
        Role::Postcode => {
            let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            a.starts_with(b) || b.starts_with(a)
        }
        Role::Country => country::parse(raw).value == country::parse(fixed).value,
        Role::Created => {
            let read = |cell, order| date::parse(cell, order).value.map(|d| d.micros);
            ORDERS.iter().any(|o| ORDERS.iter().any(|p| read(raw, *o) == read(fixed, *p)))
        }
        Role::BirthDate => {
            let read = |cell, order| date::birth(cell, order).value;
            ORDERS.iter().any(|o| ORDERS.iter().any(|p| read(raw, *o) == read(fixed, *p)))
        }
        // Free text and columns without a role: white space and damaged letters.
        _ => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn repairing_twice_is_repairing_once_and_rows_do_not_matter(
        cells in prop::collection::vec(cell(), 1..8),
        policy in some_policy(),
        role in 0..12usize,
        country in prop::sample::select(vec!["", "US", "MX", "DE"]),
    ) {
        let role = [
            Role::Email, Role::Phone, Role::Created, Role::BirthDate, Role::Country, Role::Postcode,
            Role::FullName, Role::GivenName, Role::Company, Role::City, Role::FreeText,
            Role::Generic,
        ][role];
        let countries = vec![country; cells.len()];
        let run = |cells: &[String]| {
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            let mut columns = vec![(role, cells)];
            if role != Role::Country {
                columns.push((Role::Country, countries.clone()));
            }
            repaired(&columns, &policy)
        };
        let once = run(&cells);
        // Where another order of day and month is asked for, the column shows it only after the first
        // repair; a cell that could have been misread before is then safe to write.
        let turns = matches!(policy.date, Some(DateForm::Pattern(_)));
        let settled = match role {
            Role::Created | Role::BirthDate if turns => run(&once),
            _ => once.clone(),
        };
        prop_assert_eq!(&run(&settled), &settled, "{:?} {:?}", role, &cells);
        let mut turned = cells.clone();
        turned.reverse();
        let mut back = run(&turned);
        back.reverse();
        prop_assert_eq!(&back, &once);
        for (raw, fixed) in cells.iter().zip(&once).filter(|(raw, fixed)| raw != fixed) {
            prop_assert!(derivable(role, raw, fixed), "{role:?} {raw:?} {fixed:?}");
        }
    }
}
