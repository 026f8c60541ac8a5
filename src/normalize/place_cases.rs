//! The case tables of `fixtures/normalize/`: rows of input and expected outcome that anyone can add
//! to. Every display form must also be read back as itself.

use super::country::Country;
use super::date::{DateOrder, Reading};
use super::{Normalized, Status, address, consent, country, date, flag, phone, region, url};
use std::fmt::Write;

/// One row of a table, its columns by name.
struct Row {
    headers: csv::StringRecord,
    cells: csv::StringRecord,
}

impl Row {
    fn get(&self, column: &str) -> &str {
        let at = self.headers.iter().position(|header| header == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or("")
    }

    fn country(&self) -> Option<Country> {
        Country::from_code(self.get("country"))
    }
}

/// Runs `read` over a table; it gives status, reason and the value in the table's spelling.
fn check(table: &str, minimum: usize, read: impl Fn(&Row) -> (Status, &'static str, String)) {
    let path = format!("{}/fixtures/normalize/{table}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(&path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let mut failures = String::new();
    let mut rows = 0;
    for cells in reader.records() {
        let row = Row { headers: headers.clone(), cells: cells.unwrap() };
        rows += 1;
        let (status, reason, value) = read(&row);
        let status = serde_json::to_string(&status).unwrap();
        let found = (status.trim_matches('"'), reason, value.as_str());
        let wanted = (row.get("status"), row.get("reason"), row.get("value"));
        if found != wanted {
            let line = row.cells.position().map_or(0, csv::Position::line);
            writeln!(
                failures,
                "line {line} {:?}\n  want {wanted:?}\n  have {found:?}",
                row.get("raw")
            )
            .unwrap();
        }
    }
    assert!(failures.is_empty(), "{table}.csv\n{failures}");
    assert!(rows >= minimum, "{table}.csv has only {rows} rows");
}

fn outcome<T>(read: Normalized<T>, show: impl Fn(&T) -> String) -> (Status, &'static str, String) {
    let shown = read.value.as_ref().map(show).unwrap_or_default();
    (read.status, read.reason, shown)
}

/// `MonthFirst` of `month`, and so on.
fn order(word: &str) -> DateOrder {
    match word {
        "day" => DateOrder::DayFirst,
        "month" => DateOrder::MonthFirst,
        "year" => DateOrder::YearFirst,
        "mixed" => DateOrder::Mixed,
        _ => DateOrder::Ambiguous,
    }
}

#[test]
fn phones() {
    check("phone", 60, |row| {
        let read = phone::parse(row.get("raw"), row.country());
        if let Some(phone) = read.value {
            let again = phone::parse(&phone.display(), None).value;
            assert_eq!(again.map(|p| p.display()), Some(phone.display()), "display is stable");
        }
        outcome(read, |phone| {
            let certainty = serde_json::to_string(&phone.certainty).unwrap();
            format!("{} {}", phone.display(), certainty.trim_matches('"'))
        })
    });
}

#[test]
fn countries() {
    check("country", 60, |row| {
        let read = country::parse(row.get("raw"));
        // Namibia's code is read as "not available".
        if let Some(country) = read.value.filter(|country| country.as_str() != "NA") {
            assert_eq!(country::parse(country.as_str()), Normalized::ok(country));
        }
        outcome(read, Country::to_string)
    });
}

#[test]
fn regions() {
    check("region", 60, |row| {
        let read = region::parse(row.get("raw"), row.country());
        if let Some(region) = read.value {
            assert_eq!(region::parse(region.as_str(), None), Normalized::ok(region));
        }
        outcome(read, |region| region.as_str().to_owned())
    });
}

#[test]
fn addresses() {
    check("address", 60, |row| {
        let (raw, country) = (row.get("raw"), row.country());
        match row.get("kind") {
            "street" => outcome(address::street(raw, country), |street| {
                let again = address::street(&street.display, country).value;
                assert_eq!(again.as_ref(), Some(street), "display is stable");
                let number = street.number.as_deref().unwrap_or("");
                let mut shown = format!("{number} | {}", street.name);
                if let Some(unit) = &street.unit {
                    write!(shown, " | {unit}").unwrap();
                }
                if let Some(po_box) = &street.po_box {
                    write!(shown, " | box {po_box}").unwrap();
                }
                shown
            }),
            "postcode" => outcome(address::postcode(raw, country), |postcode| {
                let again = address::postcode(&postcode.display(), country);
                assert_eq!(again, Normalized::ok(postcode.clone()), "display is stable");
                postcode.display()
            }),
            "city" => outcome(address::city(raw), |city| {
                assert_eq!(address::city(&city.display), Normalized::ok(city.clone()));
                city.key.clone()
            }),
            "formatted" => outcome(address::formatted(raw, country), |address| {
                let street = address.street.as_ref().map(address::Street::key).unwrap_or_default();
                let city = address.city.as_ref().map_or("", |city| &city.key);
                let region = address.region.map_or("", region::Region::as_str);
                let code = address.postcode.as_ref().map_or("", |postcode| &postcode.code);
                let country = address.country.map(|c| c.to_string()).unwrap_or_default();
                format!("{street} | {city} | {region} | {code} | {country}")
            }),
            kind => panic!("unknown kind {kind:?}"),
        }
    });
}

#[test]
fn dates() {
    check("date", 60, |row| {
        let raw = row.get("raw");
        let order = order(row.get("order"));
        if row.get("kind") == "birth" {
            let read = date::birth(raw, order);
            if let Some(birth) = read.value {
                let again = date::birth(&birth.display(), DateOrder::Ambiguous);
                assert_eq!(again, Normalized::ok(birth), "display is stable");
            }
            return outcome(read, date::BirthDate::display);
        }
        let zone_minutes = row.get("zone").parse().unwrap_or(0);
        let reading = Reading { order, zone_minutes, serials: row.get("kind") == "serial" };
        let read = date::parse(raw, reading);
        if let Some(time) = read.value {
            let again = date::parse(&time.display(), DateOrder::Ambiguous).value.unwrap();
            assert_eq!((again.micros, again.precision), (time.micros, time.precision), "{raw}");
        }
        outcome(read, date::DateTime::display)
    });
}

#[test]
fn urls() {
    check("url", 60, |row| {
        let read = url::parse(row.get("raw"));
        if let Some(website) = &read.value {
            assert_eq!(url::parse(&website.display()), Normalized::ok(website.clone()));
        }
        outcome(read, |website| format!("{} {}", website.registrable, website.display()))
    });
}

#[test]
fn flags() {
    check("flag", 60, |row| outcome(flag::parse(row.get("raw")), bool::to_string));
}

#[test]
fn consents() {
    check("consent", 60, |row| {
        outcome(consent::parse_word(row.get("raw")), |word| {
            serde_json::to_string(word).unwrap().trim_matches('"').to_owned()
        })
    });
}

mod never_panics {
    //! Any text at all gets an answer, and a display form is read back as itself.
    use super::*;
    use proptest::prelude::*;

    /// Any string, or one made of the characters that mean something to the readers.
    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[0-9+() ./,;:xXeE#=-]{0,24}",
            "[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ,][0-9]{1,4}[ T]?[0-9:.]{0,12} ?[A-Za-z+-]{0,4}[0-9:]{0,5}",
            "[a-zA-Zäßéñ0-9#/º. ,-]{0,30}",
            "[a-zA-Z]{0,6}:?/{0,2}[a-z0-9.@:-]{0,20}[/?#]?[a-z=&]{0,8}",
        ]
    }

    fn some_country() -> impl Strategy<Value = Option<Country>> {
        prop_oneof![
            Just(None),
            Just(Some(Country::US)),
            Just(Some(Country::MX)),
            Just(Some(Country::DE)),
            Just(Some(Country::GB)),
            Just(Some(Country::FR)),
            Just(Some(Country::BR)),
            Just(Some(Country::IT)),
            Just(Some(Country::JP)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn phone(raw in cell(), country in some_country()) {
            for part in phone::split(&raw) {
                phone::parse(part, country);
            }
            if let Some(read) = phone::parse(&raw, country).value {
                let again = phone::parse(&read.display(), None).value;
                prop_assert_eq!(again.map(|p| p.key()), Some(read.key()), "{} as {}", raw, read.display());
            }
            phone::column_country([raw.as_str()].into_iter());
        }

        #[test]
        fn place(raw in cell(), country in some_country()) {
            country::parse(&raw);
            region::parse(&raw, country);
            address::formatted(&raw, country);
            if let Some(street) = address::street(&raw, country).value {
                let again = address::street(&street.display, country).value;
                prop_assert_eq!(again.as_ref(), Some(&street));
            }
            if let Some(city) = address::city(&raw).value {
                prop_assert_eq!(address::city(&city.display), Normalized::ok(city));
            }
            if let Some(code) = address::postcode(&raw, country).value {
                prop_assert_eq!(address::postcode(&code.display(), country), Normalized::ok(code));
            }
        }

        #[test]
        fn time(raw in cell(), word in 0..5usize) {
            let order = order(["day", "month", "year", "mixed", ""][word]);
            date::ColumnOrder::decide([raw.as_str()].into_iter());
            if let Some(birth) = date::birth(&raw, order).value {
                prop_assert_eq!(date::birth(&birth.display(), order), Normalized::ok(birth));
            }
            let reading = Reading { order, zone_minutes: -360, serials: true };
            if let Some(time) = date::parse(&raw, reading).value {
                let again = date::parse(&time.display(), order).value.map(|t| t.micros);
                prop_assert_eq!(again, Some(time.micros), "{} as {}", raw, time.display());
            }
        }

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80), country in some_country()) {
            use crate::normalize::{company, email, name, text, title};
            let raw = String::from_utf8_lossy(&bytes);
            let parts = name::NameParts { full: &raw, given: &raw, ..Default::default() };
            let _ = (name::parse(&parts), company::parse(&raw), title::parse(&raw));
            let _ = (email::parse(&raw), email::split(&raw), text::clean(&raw), text::fold(&raw));
            let _ = (phone::parse(&raw, country), phone::split(&raw), country::parse(&raw));
            let _ = (region::parse(&raw, country), address::formatted(&raw, country));
            let _ = (address::postcode(&raw, country), address::city(&raw), url::parse(&raw));
            let _ = (date::parse(&raw, DateOrder::DayFirst), date::birth(&raw, DateOrder::Mixed));
            let _ = (flag::parse(&raw), consent::parse_word(&raw));
        }

        #[test]
        fn what_is_read_was_in_the_cell(raw in "[0-9+() .-]{0,20}|[A-Za-z0-9 -]{0,10}|[A-Za-z0-9./:-]{0,24}", country in some_country()) {
            let within = |part: &str, whole: &str| {
                let mut whole = whole.chars();
                part.chars().all(|c| whole.any(|w| w == c))
            };
            let letters = raw.bytes().any(|b| b.is_ascii_alphabetic());
            if let Some(read) = phone::parse(&raw, country).value.filter(|_| !letters) {
                prop_assert!(within(&read.national.to_string(), &raw), "{} of {}", read.display(), raw);
            }
            if let Some(code) = address::postcode(&raw, country).value {
                let key = code.key();
                // A leading zero may have been lost to a spreadsheet.
                let upper = raw.to_ascii_uppercase();
                prop_assert!(within(key.trim_start_matches('0'), &upper), "{} of {}", key, raw);
            }
            if let Some(site) = url::parse(&raw).value {
                prop_assert!(within(&site.host, &raw.to_lowercase()), "{} of {}", site.host, raw);
            }
        }

        #[test]
        fn words(raw in cell()) {
            if let Some(yes) = flag::parse(&raw).value {
                prop_assert_eq!(flag::parse(&yes.to_string()), Normalized::ok(yes));
            }
            consent::parse_word(&raw);
            if let Some(website) = url::parse(&raw).value {
                prop_assert_eq!(url::parse(&website.display()), Normalized::ok(website));
            }
        }
    }
}
