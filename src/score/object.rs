//! What an activity is about, as models name it: by number, by name, or by both.
//!
//! Used when a rule's `where = { object = ... }` is made ready. Products write the same asset as
//! `12`, as `Whitepaper` or as `12: Whitepaper`; a model that names one of them means all three,
//! so that nobody has to know how an export spells it.

use super::condition::{ReadyTest, Truth};
use super::facts::FactValue;
use super::model::Test;

/// Stands between the cells of several object columns.
const JOINT: &str = " | ";

/// Decides a test for one object: some reading of it must pass, and for `is_not` every one.
pub(crate) fn decide(test: &Test, ready: &ReadyTest<'_>, object: &str) -> Truth {
    let every = matches!(test, Test::NotIn(_));
    let mut truth = Truth::from(every);
    for reading in readings(object) {
        let one = ready.decide(&FactValue::Text(reading.to_string()));
        if (one == Truth::True) != every {
            truth = Truth::from(!every);
        }
    }
    truth
}

/// All that an object may be called: as it stands, its parts where several columns name it, and of
/// `12: Whitepaper` the number and the name.
pub(crate) fn readings(object: &str) -> Vec<&str> {
    let mut all = vec![object];
    let parts: Vec<&str> = object.split(JOINT).collect();
    if parts.len() > 1 {
        all.extend(&parts);
    }
    all.extend(parts.iter().filter_map(|part| number_and_name(part)).flatten());
    all
}

/// Number and name of `12: Whitepaper`. Only a number stands before the colon: in
/// `https://a.example` and `Webinar: part 2` it belongs to the name.
fn number_and_name(part: &str) -> Option<[&str; 2]> {
    let (number, name) = part.split_once(':')?;
    let (number, name) = (number.trim(), name.trim());
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (is_number && !name.is_empty()).then_some([number, name])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::model::Literal;

    fn text(raw: &str) -> Literal {
        Literal::text(raw, None)
    }

    #[test]
    fn number_name_and_both_mean_one_object() {
        let is = |raw: &str| Test::In(vec![text(raw)]);
        for (test, object, expected, why) in [
            (is("12"), "12: Whitepaper", true, "by its number"),
            (is("whitepaper"), "12: Whitepaper", true, "by its name"),
            (is("12: Whitepaper"), "12: Whitepaper", true, "as it stands"),
            (is("12"), "12", true, "a bare number"),
            (Test::In(vec![Literal::Number(12_000)]), "12: Whitepaper", true, "number in a model"),
            (is("12"), "112: Whitepaper", false, "another number"),
            (is("2"), "12: Whitepaper", false, "part of a number"),
            (is("paper"), "12: Whitepaper", false, "part of a name"),
            (is("whitepaper"), "12 | Whitepaper", true, "two columns"),
            (is("12"), "12 | Whitepaper", true, "two columns, by number"),
            (is("//a.example"), "https://a.example", false, "an address is not taken apart"),
            (is("part 2"), "Webinar: part 2", false, "nor a title"),
            (Test::NotIn(vec![text("12")]), "12: Whitepaper", false, "is_not means all readings"),
            (Test::NotIn(vec![text("13")]), "12: Whitepaper", true, "is_not of another"),
            (Test::Starts(vec!["white".into()]), "12: Whitepaper", true, "starts, by name"),
            (Test::Matches("^whitepaper$".into()), "12: Whitepaper", true, "whole name"),
        ] {
            let found = decide(&test, &ReadyTest::new(&test), object) == Truth::True;
            assert_eq!(found, expected, "{why}: {test:?} of {object}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_object_has_itself_as_a_reading(object in "\\PC{0,40}") {
            proptest::prop_assert_eq!(readings(&object)[0], object.as_str());
        }
    }
}
