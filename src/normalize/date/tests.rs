//! The decision of a column; single cells are in the case table.

use super::*;

fn order(cells: &[&str]) -> DateOrder {
    ColumnOrder::decide(cells.iter().copied()).order
}

#[test]
fn one_cell_that_can_be_read_one_way_decides_the_column() {
    assert_eq!(order(&["3/2/2025", "14/05/2026"]), DateOrder::DayFirst);
    assert_eq!(order(&["02/03/2025 09:12:00", "05/14/2026 18:40:00", ""]), DateOrder::MonthFirst);
    assert_eq!(order(&["3-2-25", "n/a", "28-2-25"]), DateOrder::DayFirst);
    assert_eq!(order(&["2025-03-12", "2025-04-30"]), DateOrder::YearFirst);
    assert_eq!(order(&["89-12-31", "01-02-03"]), DateOrder::YearFirst);
}

#[test]
fn without_evidence_the_column_is_ambiguous_and_with_both_kinds_mixed() {
    assert_eq!(order(&["3/2/2025", "5/6/2025"]), DateOrder::Ambiguous);
    assert_eq!(order(&[]), DateOrder::Ambiguous);
    assert_eq!(order(&["3/2/2025", "14/05/2026", "11/20/2024"]), DateOrder::Mixed);
}

#[test]
fn a_single_slip_does_not_make_a_column_mixed_but_is_counted() {
    let mut cells = vec!["12/31/2025"; 60];
    cells.push("31/12/2025");
    let decided = ColumnOrder::decide(cells.into_iter());
    assert_eq!(decided.order, DateOrder::MonthFirst);
    assert_eq!((decided.month_first, decided.day_first), (60, 1));
}

#[test]
fn the_decision_does_not_depend_on_the_order_of_rows() {
    let cells = ["3/2/2025", "14/05/2026", "11/20/2024", "2025-03-12", "45678", "1.2.2025"];
    let forward = ColumnOrder::decide(cells.iter().copied());
    assert_eq!(forward, ColumnOrder::decide(cells.iter().rev().copied()));
    assert_eq!((forward.either, forward.year_first, forward.serials), (1, 1, 1));
}

#[test]
fn serials_are_seen_only_where_they_are_the_column() {
    assert!(ColumnOrder::decide(["45678", "45679.5"].into_iter()).has_serials());
    assert!(!ColumnOrder::decide(["45678", "2025-03-12", "2025-03-13"].into_iter()).has_serials());
    assert!(!ColumnOrder::decide(["1412640000000"].into_iter()).has_serials());
}

#[test]
fn birthdays_have_comparable_keys() {
    let key = |raw| birth(raw, DateOrder::DayFirst).value.unwrap().key();
    assert_eq!(key("19460902"), 19_460_902);
    assert_eq!(key("2/9/1946"), 19_460_902);
    assert_eq!(key("--0307"), 307);
}
