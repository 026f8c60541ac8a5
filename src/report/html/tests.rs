use super::*;
use crate::report::tests::run_all;

#[test]
fn the_page_is_there() {
    let leads = "Id,First Name,Last Name,Email\n1,Ana,Lopez,ana@x.example\n";
    let (_, files) = run_all(&[("leads.csv", leads)], &[]);
    assert!(files[FILE].starts_with("<!doctype html>"));
}
